//! The shape of a text's lines, as the detectors of furniture at its head and end read it: what is a paragraph, what is only a label.

use crate::model::Span;
use crate::text::edges::is_close_quote;
use crate::text::fold::{char_at, fold, is_blank, is_blank_byte, is_ignorable};

/// A non-blank line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line<'t> {
    /// Where it stands, blanks at both ends left out.
    pub(super) span: Span,
    /// Its text.
    pub(super) text: &'t str,
}

/// The fewest words of a paragraph.
const PARAGRAPH_WORDS: usize = 9;

/// A line of so many words is no label.
const LABEL_WORDS: usize = 30;

/// The longest line that is read; a longer one is a paragraph without being looked at.
const LONG: usize = 600;

impl<'t> Line<'t> {
    fn new(text: &'t str, start: usize, end: usize) -> Option<Self> {
        if start < end && is_solid(&text.as_bytes()[start..end]) {
            let span = Span::new(start, end);
            return Some(Self {
                span,
                text: &text[start..end],
            });
        }
        let blank = |c: char| is_blank(c) || is_ignorable(c);
        let line = &text[start..end];
        let from = start + (line.len() - line.trim_start_matches(blank).len());
        let to = start + line.trim_end_matches(blank).len();
        (from < to).then(|| Self {
            span: Span::new(from, to),
            text: &text[from..to],
        })
    }

    /// Whether it is a paragraph of the article: words enough, and the mark that ends a sentence.
    pub(super) fn is_paragraph(self) -> bool {
        self.text.len() > LONG
            || (self.ends_sentence() && self.count_words(PARAGRAPH_WORDS) == PARAGRAPH_WORDS)
    }

    /// Whether its last mark, closing quotation marks and brackets passed over, ends a sentence.
    pub(super) fn ends_sentence(self) -> bool {
        self.last_mark().is_some_and(|c| {
            matches!(
                c,
                '.' | '!' | '?' | '…' | '。' | '！' | '？' | '।' | '؟' | '۔' | ':' | ';' | ','
            )
        })
    }

    /// The last character but for closing quotation marks and brackets.
    pub(super) fn last_mark(self) -> Option<char> {
        self.text
            .chars()
            .rev()
            .find(|&c| !is_close_quote(c) && !matches!(c, ')' | ']'))
    }

    /// How many words it has, counting no further than needed to tell a paragraph.
    pub(super) fn words(self) -> usize {
        self.count_words(64)
    }

    /// How many words it has, counting to `most`. A word is what stands between blanks and holds a letter or digit.
    pub(super) fn count_words(self, most: usize) -> usize {
        // A word and the blank behind it are two bytes at least.
        if self.text.len() >= 2 * most - 1 && has_plain_words(self.text.as_bytes(), most) {
            return most;
        }
        let (mut words, mut counted) = (0, false);
        for (at, &byte) in self.text.as_bytes().iter().enumerate() {
            let wordy = match byte {
                b if is_blank_byte(b) => {
                    counted = false;
                    continue;
                }
                _ if counted && !matches!(byte, 0xc2 | 0xe1..=0xe3) => continue,
                0..0x80 => byte.is_ascii_alphanumeric(),
                // A character begins here, which may be a wide blank.
                0xc0.. => match char_at(self.text, at) {
                    c if is_blank(c) => {
                        counted = false;
                        continue;
                    }
                    c => c.is_alphanumeric(),
                },
                _ => false,
            };
            if wordy && !counted {
                counted = true;
                words += 1;
                if words == most {
                    break;
                }
            }
        }
        words
    }

    /// Whether it is short and ends no sentence: a heading, a label, a link, a cell of a table.
    pub(super) fn is_label(self) -> bool {
        self.text.len() <= LONG
            && !self.ends_sentence()
            && self.count_words(LABEL_WORDS) < LABEL_WORDS
    }
}

/// Whether at least `most` words begin with a letter or digit of ASCII behind a blank. Nearly all words do, and to count them so takes many bytes at once.
fn has_plain_words(line: &[u8], most: usize) -> bool {
    let mut words = 0;
    let mut before = b' ';
    line.chunks(64).any(|stretch| {
        let begins =
            |before: u8, byte: u8| u8::from(before == b' ' && byte.is_ascii_alphanumeric());
        let inside = stretch.iter().zip(&stretch[1..]);
        let begun: u8 = inside.map(|(&before, &byte)| begins(before, byte)).sum();
        words += usize::from(begun + begins(before, stretch[0]));
        before = stretch[stretch.len() - 1];
        words >= most
    })
}

/// Whether a line surely has no blanks around it: it begins and ends with ASCII or a curly quotation mark. Nearly every line that is not empty does.
#[inline]
pub(super) fn is_solid(line: &[u8]) -> bool {
    matches!(line, [b'!'..=b'~', ..] | [0xE2, 0x80, 0x98..=0x9F, ..])
        && matches!(line, [.., b'!'..=b'~'] | [.., 0xE2, 0x80, 0x98..=0x9F])
}

/// The non-blank lines of `text` from its beginning.
pub(super) fn lines(text: &str) -> impl Iterator<Item = Line<'_>> {
    let mut start = 0;
    let breaks = memchr::memchr_iter(b'\n', text.as_bytes()).chain(std::iter::once(text.len()));
    breaks.filter_map(move |end| Line::new(text, std::mem::replace(&mut start, end + 1), end))
}

/// The non-blank lines of `text` from its end.
pub(super) fn lines_from_end(text: &str) -> impl Iterator<Item = Line<'_>> {
    let mut end = text.len();
    let breaks = memchr::memrchr_iter(b'\n', text.as_bytes())
        .map(|at| at + 1)
        .chain(std::iter::once(0));
    breaks.filter_map(move |start| {
        Line::new(
            text,
            start,
            std::mem::replace(&mut end, start.saturating_sub(1)),
        )
    })
}

/// Whether `span` shares a byte with one of the sorted, disjoint `stretches`.
pub(super) fn overlaps(stretches: &[Span], span: Span) -> bool {
    let place = stretches.partition_point(|stretch| stretch.end <= span.start);
    stretches
        .get(place)
        .is_some_and(|stretch| stretch.start < span.end)
}

/// Its words folded, marks and decoration left out: what two lines must share to say the same.
pub(super) fn key(text: &str) -> Vec<String> {
    let folded = fold(text);
    folded
        .split(|c: char| !c.is_alphanumeric() && !is_word_mark(c))
        .map(|word| word.replace(is_word_mark, ""))
        .filter(|word| !word.is_empty())
        .collect()
}

/// Apostrophes stand inside words.
fn is_word_mark(c: char) -> bool {
    c == '\''
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_counted_as_a_reader_counts() {
        for text in [
            "",
            "One",
            "One two",
            "— One, two\u{a0}three … «four» — 5",
            "“Été”\u{2003}à  Paris ?",
            "日本 語",
            "- - -",
        ] {
            let line = Line {
                span: Span::default(),
                text,
            };
            let plain = text
                .split(is_blank)
                .filter(|word| word.chars().any(char::is_alphanumeric))
                .count();
            assert_eq!(line.words(), plain, "{text}");
            assert_eq!(line.count_words(2), plain.min(2), "{text}");
        }
    }

    #[test]
    fn lines_are_the_same_from_both_ends() {
        for text in [
            "",
            "\n",
            "one",
            "one\n",
            "\n one \n\n\ttwo\u{a0}\nthree",
            "a\nb\n\n",
        ] {
            let mut back: Vec<Span> = lines_from_end(text).map(|line| line.span).collect();
            back.reverse();
            assert_eq!(
                lines(text).map(|line| line.span).collect::<Vec<_>>(),
                back,
                "{text:?}"
            );
        }
        assert_eq!(
            lines("\n one \n\n\ttwo\u{a0}\n")
                .map(|line| line.text)
                .collect::<Vec<_>>(),
            ["one", "two"]
        );
    }

    #[test]
    fn a_paragraph_has_words_and_an_end() {
        let line = |text| Line::new(text, 0, str::len(text)).expect("not blank");
        assert!(
            line("The council met on Tuesday night and put the vote off again.").is_paragraph()
        );
        assert!(line("“The council met on Tuesday night, and put the vote off.”").is_paragraph());
        assert!(!line("Council puts vote off again after a long night of talks").is_paragraph());
        assert!(!line("It rained.").is_paragraph());
        assert!(line("Council puts vote off").is_label());
        assert!(!line("It rained.").is_label());
    }

    #[test]
    fn keys_leave_marks_out() {
        assert_eq!(
            key("‘We Got Her!’: Rescue’s end — Site"),
            ["we", "got", "her", "rescues", "end", "site"]
        );
    }
}
