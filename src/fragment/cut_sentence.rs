//! Sentences that stop without an end: a preview was cut at so many characters, or a link swallowed the rest.

use super::{Detector, Input, finding};
use crate::model::{Action, Finding, Safety, Span};
use crate::text::lexicon;

/// A shorter line is a heading, a label or a list item for all one knows, and those end as they please.
const SHORTEST: usize = 80;
/// The fewest lines by which one may judge how a text ends its lines.
const FEWEST_LINES: usize = 3;
/// Of ten lines so many must be ended.
const ENDED_OF_TEN: usize = 8;

/// Finds sentences that stop short.
#[derive(Debug)]
pub struct CutSentence;

impl Detector for CutSentence {
    fn name(&self) -> &'static str {
        "cut-sentence"
    }

    fn why(&self) -> &'static str {
        "stops in the middle of a sentence"
    }

    /// English only: the end in mid-word is known from the lexicon, and other writing systems end sentences with other marks.
    fn detect(&self, input: Input<'_>, findings: &mut Vec<Finding>) {
        if !input.may_be_english() {
            return;
        }
        // In most texts no long line is open, and no more needs to be known.
        let bytes = input.text.as_bytes();
        let open = |&(start, end): &(usize, usize)| {
            end - start >= SHORTEST
                && !is_ended(&bytes[start..end])
                && is_open(&input.text[start..end])
        };
        if !input.lines().iter().any(open) {
            return;
        }
        let lines = read_lines(input);
        let ended = lines
            .iter()
            .filter(|line| line.end == End::Sentence)
            .count();
        if ended == lines.len() {
            return;
        }
        let habit = lines.len() >= FEWEST_LINES && ended * 10 >= lines.len() * ENDED_OF_TEN;
        let mut rule = None;
        for (place, line) in lines
            .iter()
            .enumerate()
            .filter(|(_, line)| line.end == End::Letter)
        {
            let last = is_last(input.text, line.span.end);
            let expected = habit && among_prose(input.text, &lines, place);
            if !last && !expected {
                continue;
            }
            let text = &input.text[line.span.range()];
            let is_title = input.title.is_some_and(|title| title.trim() == text.trim());
            let Some(word) = cut_word(text).filter(|_| !is_title) else {
                continue;
            };
            // Only the text's very end is dropped, and only on request.
            let drop = last && (expected || is_cut_in_word(input.text, word));
            if !drop && !expected {
                continue;
            }
            if rule.is_none() && !input.reads_english() {
                return;
            }
            let span = Span::new(line.span.start + sentence_start(text), line.span.end);
            let (action, safety) = if drop {
                (Action::Remove, Safety::Review)
            } else {
                (Action::Report, Safety::Report)
            };
            let rule = rule.get_or_insert_with(|| self.rule()).clone();
            findings.push(finding(rule, span, action, safety, None));
        }
    }
}

/// A long line of the text.
struct Line {
    /// Where it stands, without blanks behind.
    span: Span,
    end: End,
}

/// How a line ends.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    /// With a mark of any kind.
    Sentence,
    /// In the open.
    Letter,
}

/// The long lines of a text that are not removed.
fn read_lines(input: Input<'_>) -> Vec<Line> {
    let mut lines = Vec::with_capacity(input.lines().len());
    let mut removed = input.removed;
    for &(start, end) in input.lines() {
        let line = Span::new(start, end);
        if line.len() < SHORTEST {
            continue;
        }
        let text = input.text[line.range()].trim_end();
        while removed
            .first()
            .is_some_and(|removed| removed.end <= line.start)
        {
            removed = &removed[1..];
        }
        if text.len() < SHORTEST
            || removed
                .first()
                .is_some_and(|removed| removed.overlaps(line))
        {
            continue;
        }
        let open = is_open(text);
        let span = Span::new(line.start, line.start + text.len());
        lines.push(Line {
            span,
            end: if open { End::Letter } else { End::Sentence },
        });
    }
    lines
}

/// Whether a line ends with a mark, as nearly every line does; the others are looked at closely.
fn is_ended(line: &[u8]) -> bool {
    matches!(
        line,
        [.., b'.' | b'!' | b'?' | b'"'] | [.., 0xE2, 0x80, 0x99 | 0x9D | 0xA6]
    )
}

/// Whether a line ends in a letter, a digit or a comma.
fn is_open(line: &str) -> bool {
    match line.as_bytes() {
        line if is_ended(line) => false,
        [.., last] if last.is_ascii_alphanumeric() => true,
        _ => line
            .trim_end()
            .ends_with(|last: char| last.is_alphanumeric() || last == ','),
    }
}

/// Whether a line stands in the running text: whole sentences before it, and behind it, too, unless it is the last. Summaries and captions that
/// stand above or between the paragraphs end without a mark as a rule.
fn among_prose(text: &str, lines: &[Line], place: usize) -> bool {
    let near = |from: usize, to: usize| text[from..to].trim().is_empty();
    let line = &lines[place];
    let after = place.checked_sub(1).is_some_and(|before| {
        let before = &lines[before];
        place >= 2 && before.end == End::Sentence && near(before.span.end, line.span.start)
    });
    let before = match lines.get(place + 1) {
        Some(next) => {
            let whole = text[next.span.range()].starts_with(|first: char| !first.is_lowercase());
            next.end == End::Sentence && whole && near(line.span.end, next.span.start)
        }
        None => is_last(text, line.span.end),
    };
    after && before
}

/// The last word of a line that is prose and stops short; `None` for captions, credits, lists and headings.
fn cut_word(line: &str) -> Option<&str> {
    let words = line.split_ascii_whitespace().count();
    let small = line
        .split_ascii_whitespace()
        .filter(|word| word.starts_with(char::is_lowercase))
        .count();
    // Addresses, handles and numbers end lines of their own kind.
    let word = line
        .rsplit(char::is_whitespace)
        .next()?
        .trim_start_matches(['(', '"', '\u{201c}', '\u{2018}', '\'']);
    let solid = !word.is_empty()
        && word
            .chars()
            .all(|c| c.is_alphabetic() || matches!(c, '-' | '\'' | '\u{2019}'));
    let begins = line.trim_start().starts_with(|first: char| {
        first.is_uppercase() || matches!(first, '"' | '\u{201c}' | '\u{2018}' | '\'')
    });
    // Three words of four are small in prose; names end captions and credits, and whole headings.
    let captioned = line.contains(" caption ") || line.contains("Caption ");
    let prose = begins
        && solid
        && !captioned
        && words >= 12
        && small * 4 >= words * 3
        && !line.contains(['|', '©', '•'])
        && !line.contains("http");
    (prose && word.starts_with(char::is_lowercase)).then_some(word)
}

/// Where the last sentence of a line begins, in bytes of it.
fn sentence_start(line: &str) -> usize {
    let end = line.char_indices().rfind(|(at, mark)| {
        let behind =
            line[at + mark.len_utf8()..].trim_start_matches(['"', '\u{201d}', '\u{2019}', ')']);
        let mut rest = behind.chars();
        matches!(mark, '.' | '!' | '?')
            && rest.next() == Some(' ')
            && rest.next().is_some_and(|next| !next.is_lowercase())
    });
    let Some((end, _)) = end else {
        return line.len() - line.trim_start().len();
    };
    line[end..].find(' ').map_or(0, |blank| end + blank + 1)
}

/// Whether nothing follows but white space.
fn is_last(text: &str, end: usize) -> bool {
    text[end..].trim().is_empty()
}

/// Whether a word is none, but the beginning of one in the same text.
fn is_cut_in_word(text: &str, word: &str) -> bool {
    let begins = |longer: &str| longer.len() > word.len() && longer.starts_with(word);
    lexicon::AVAILABLE
        && !lexicon::is_word(word)
        && (lexicon::begins_word(word) || text.split(|c: char| !c.is_alphabetic()).any(begins))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: &str = "The minister said on Monday that the country would stand by its word and that nobody had to fear for the harvest.";

    fn found(last: &str) -> Vec<(String, Action)> {
        let text = format!("{LONG}\n\n{LONG}\n\n{LONG}\n\n{LONG}\n\n{last}");
        let mut findings = Vec::new();
        CutSentence.detect(
            Input {
                text: &text,
                removed: &[],
                found: &[],
                title: None,
                lang: None,
                labels: None,
                facts: &Default::default(),
            },
            &mut findings,
        );
        findings
            .into_iter()
            .map(|finding| (text[finding.cut.range()].to_owned(), finding.action))
            .collect()
    }

    #[test]
    fn reports_a_paragraph_that_stops() {
        let cut = "He came. The government offered no sign that it would change its course and told the crowd to wait for the next";
        let sentence = cut.strip_prefix("He came. ").unwrap();
        assert_eq!(
            found(&format!("{cut}\n\n{LONG}")),
            [(sentence.to_owned(), Action::Report)]
        );
        assert_eq!(found(cut), [(sentence.to_owned(), Action::Remove)]);
    }

    #[cfg(feature = "lexicon")]
    #[test]
    fn an_end_in_mid_word_can_be_dropped() {
        let cut = "He came. The government offered no sign that it would change its course and told the crowd that repre";
        assert_eq!(
            found(cut),
            [(
                cut.strip_prefix("He came. ").unwrap().to_owned(),
                Action::Remove
            )]
        );
        assert_eq!(found(&format!("{cut}\n\n{LONG}"))[0].1, Action::Report);
    }

    #[test]
    fn other_lines_end_as_they_please() {
        for line in [
            "A short line that stops",
            "The President And The People Of The Great And Small Towns Along The River Met On Monday Once More at last",
            "The president met the people of the great and small towns along the river on Monday, and with him was Bob Smith",
            "The president met the people of the great and small towns along the river | more on the story of the day and night",
            LONG,
        ] {
            assert_eq!(found(line), [], "{line}");
        }
    }

    #[test]
    fn a_text_that_never_ends_its_lines_is_left_alone() {
        let line = LONG.trim_end_matches('.');
        let text = format!("{line}\n{line}\n{LONG}\n{line}\n");
        let mut findings = Vec::new();
        CutSentence.detect(
            Input {
                text: &text,
                removed: &[],
                found: &[],
                title: None,
                lang: None,
                labels: None,
                facts: &Default::default(),
            },
            &mut findings,
        );
        assert!(findings.is_empty());
    }
}
