//! Changes with the words marked inside the line: an article has a paragraph a line, and a unified diff shows each twice for one word.

use std::io::{self, Write};

use super::diff::{header, hunks, touched};
use super::text::{Visible, first_columns, last_columns};
use super::{Report, Styles, Subject};
use crate::model::{Edit, Span};

/// Unchanged lines shown around a change. Articles put a blank line between paragraphs, so two lines show the neighbour.
const CONTEXT: usize = 2;

/// How many columns of unchanged text are shown on either side of a mark.
const BESIDE: usize = 60;

/// How many columns of an unchanged line are shown.
const WHOLE: usize = 100;

/// A word that an edit reaches into is marked whole if it has at most so many bytes on that side. In scripts without blanks a "word"
/// may be a sentence.
const WORD: usize = 60;

/// `[-removed-]{+inserted+}`, or colours instead of the brackets.
pub(super) struct Words {
    styles: Styles,
}

impl Words {
    pub(super) fn new(styles: Styles) -> Self {
        Self { styles }
    }

    /// Writes one hunk: `marks` are those that lie in it.
    fn hunk(
        &self,
        text: &str,
        bytes: std::ops::Range<usize>,
        marks: &[Edit],
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let mut at = bytes.start;
        for (index, mark) in marks.iter().enumerate() {
            let behind_mark = index > 0 && !text[..at].ends_with('\n');
            unchanged(&text[at..mark.span.start], behind_mark, true, out)?;
            self.mark(&text[mark.span.range()], &mark.replacement, out)?;
            at = mark.span.end;
        }
        let behind_mark = !marks.is_empty() && !text[..at].ends_with('\n');
        unchanged(&text[at..bytes.end], behind_mark, false, out)?;
        if !text[at..bytes.end].ends_with('\n') {
            writeln!(out)?;
        }
        Ok(())
    }

    fn mark(&self, old: &str, new: &str, out: &mut dyn Write) -> io::Result<()> {
        self.side(old, self.styles.removed, ["[-", "-]"], out)?;
        self.side(new, self.styles.inserted, ["{+", "+}"], out)
    }

    /// One side of a change. Its lines stay lines, each marked by itself; line breaks alone are shown as signs.
    fn side(
        &self,
        text: &str,
        style: anstyle::Style,
        brackets: [&str; 2],
        out: &mut dyn Write,
    ) -> io::Result<()> {
        if text.trim().is_empty() {
            // Colour alone does not show on blanks in every terminal.
            let style = if self.styles.is_plain() {
                style
            } else {
                style.invert()
            };
            return self.piece(
                &text.replace("\r\n", "⏎").replace('\n', "⏎"),
                style,
                brackets,
                out,
            );
        }
        for (index, line) in text.split('\n').enumerate() {
            if index > 0 {
                writeln!(out)?;
            }
            self.piece(
                line.strip_suffix('\r').unwrap_or(line),
                style,
                brackets,
                out,
            )?;
        }
        Ok(())
    }

    fn piece(
        &self,
        text: &str,
        style: anstyle::Style,
        [open, close]: [&str; 2],
        out: &mut dyn Write,
    ) -> io::Result<()> {
        match text {
            "" => Ok(()),
            _ if self.styles.is_plain() => write!(out, "{open}{}{close}", Visible(text)),
            _ => write!(out, "{style}{}{style:#}", Visible(text)),
        }
    }
}

impl Report for Words {
    fn document(&self, subject: &Subject<'_>, out: &mut dyn Write) -> io::Result<()> {
        let text = subject.original;
        let marks = marks(text, subject.edits);
        if marks.is_empty() {
            return Ok(());
        }
        header(&subject.origin, &self.styles, out)?;
        let mut rest = marks.as_slice();
        hunks(text, &touched(text, &marks), CONTEXT, |hunk| {
            let style = self.styles.hunk;
            writeln!(out, "{style}{}{style:#}", hunk.head())?;
            let end = hunk
                .blocks
                .last()
                .map_or(hunk.bytes.end, |block| block.old.end);
            // An edit behind the last line feed belongs to the last hunk, whose blocks end there.
            let count = rest
                .iter()
                .take_while(|mark| mark.span.start < end || end == text.len())
                .count();
            let (these, others) = rest.split_at(count);
            rest = others;
            self.hunk(text, hunk.bytes, these, out)
        })
    }
}

/// The edits with what both sides share taken off, except that a word is replaced as a whole.
fn marks(text: &str, edits: &[Edit]) -> Vec<Edit> {
    // Stretches to mark, each with the narrow edits in it: two edits in one word widen to the same word and make one mark.
    let mut stretches: Vec<(Span, Vec<Edit>)> = Vec::with_capacity(edits.len());
    for edit in edits {
        let Some(narrow) = narrow(text, edit) else {
            continue;
        };
        let replaces_words = has_word(&text[edit.span.range()]) && has_word(&edit.replacement);
        let span = if replaces_words {
            widen(text, &narrow)
        } else {
            narrow.span
        };
        match stretches.last_mut() {
            Some((last, narrows)) if span.start < last.end => {
                *last = last.cover(span);
                narrows.push(narrow);
            }
            _ => stretches.push((span, vec![narrow])),
        }
    }
    stretches
        .into_iter()
        .map(|(span, narrows)| mark(text, span, &narrows))
        .collect()
}

/// One mark over `span`, which holds the narrow edits.
fn mark(text: &str, span: Span, narrows: &[Edit]) -> Edit {
    let (mut new, mut at) = (String::new(), span.start);
    for narrow in narrows {
        new.push_str(&text[at..narrow.span.start]);
        new.push_str(&narrow.replacement);
        at = narrow.span.end;
    }
    new.push_str(&text[at..span.end]);
    Edit {
        span,
        replacement: new,
        findings: Vec::new(),
    }
}

/// The edit without what both sides begin and end with; `None` when they are equal.
fn narrow(text: &str, edit: &Edit) -> Option<Edit> {
    let (old, new) = (&text[edit.span.range()], edit.replacement.as_str());
    let lead: usize = old
        .chars()
        .zip(new.chars())
        .take_while(|(old, new)| old == new)
        .map(|(c, _)| c.len_utf8())
        .sum();
    let (old, new) = (&old[lead..], &new[lead..]);
    let tail: usize = old
        .chars()
        .rev()
        .zip(new.chars().rev())
        .take_while(|(old, new)| old == new)
        .map(|(c, _)| c.len_utf8())
        .sum();
    let span = Span::new(edit.span.start + lead, edit.span.end - tail);
    let new = &new[..new.len() - tail];
    (!span.is_empty() || !new.is_empty()).then(|| Edit {
        span,
        replacement: new.to_owned(),
        findings: Vec::new(),
    })
}

/// The span of an edit, grown over the words that it begins or ends in the middle of.
fn widen(text: &str, edit: &Edit) -> Span {
    let (span, old) = (edit.span, &text[edit.span.range()]);
    let starts_in_word = [old, &edit.replacement]
        .iter()
        .any(|side| side.starts_with(char::is_alphanumeric));
    let ends_in_word = [old, &edit.replacement]
        .iter()
        .any(|side| side.ends_with(char::is_alphanumeric));
    // A "word" that is longer than any is not followed to its end.
    let letters = |chars: &mut dyn Iterator<Item = char>| -> usize {
        let word = chars
            .take_while(|c| c.is_alphanumeric())
            .map(char::len_utf8);
        word.take(WORD + 1).sum()
    };
    let head = if starts_in_word {
        letters(&mut text[..span.start].chars().rev())
    } else {
        0
    };
    let tail = if ends_in_word {
        letters(&mut text[span.end..].chars())
    } else {
        0
    };
    if head > WORD || tail > WORD {
        return span;
    }
    Span::new(span.start - head, span.end + tail)
}

fn has_word(text: &str) -> bool {
    text.contains(char::is_alphanumeric)
}

/// Writes unchanged text, every line of it cut to what stands near a mark.
fn unchanged(
    text: &str,
    mark_before: bool,
    mark_behind: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut lines = text.split('\n').enumerate().peekable();
    while let Some((index, line)) = lines.next() {
        if index > 0 {
            writeln!(out)?;
        }
        let line = line.strip_suffix('\r').unwrap_or(line);
        let (before, behind) = (
            mark_before && index == 0,
            mark_behind && lines.peek().is_none(),
        );
        let shown = match (before, behind) {
            (false, false) => first_columns(line, WHOLE).0,
            (true, false) => first_columns(line, BESIDE).0,
            (false, true) => last_columns(line, BESIDE).0,
            (true, true) if first_columns(line, 2 * BESIDE).0.ends_with('…') => {
                format!(
                    "{}{}",
                    first_columns(line, BESIDE).0,
                    last_columns(line, BESIDE).0.trim_start_matches('…')
                )
            }
            (true, true) => first_columns(line, 2 * BESIDE).0,
        };
        write!(out, "{shown}")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::sample::render;
    use super::super::{Origin, ReportFormat};
    use super::*;

    fn words(text: &str, edits: &[(usize, usize, &str)]) -> String {
        let edits: Vec<Edit> = edits
            .iter()
            .map(|(start, end, new)| Edit {
                span: Span::new(*start, *end),
                replacement: (*new).into(),
                findings: vec![],
            })
            .collect();
        let mut out = Vec::new();
        let subject = Subject::new(Origin::file("a"), text, &[], &edits);
        Words::new(Styles::plain())
            .document(&subject, &mut out)
            .unwrap();
        String::from_utf8(out).unwrap()
    }

    /// The lines behind the head of the only hunk.
    fn body(text: &str, edits: &[(usize, usize, &str)]) -> String {
        let words = words(text, edits);
        let lines: Vec<&str> = words.lines().skip(3).collect();
        lines.join("\n")
    }

    #[test]
    fn the_sample() {
        assert_eq!(
            render(ReportFormat::Words, &Styles::plain()),
            "\
--- a.txt
+++ a.txt
@@ -1,5 +1,3 @@
Mr. Lindqvistberg spoke.

[-Story continues below advertisement-]

Mr. [-Lindq-]{+Lindqvistberg+}’s office said “Advertisement” is banned.
"
        );
    }

    #[test]
    fn a_word_is_marked_whole() {
        assert_eq!(
            body("Mr. Lindq spoke", &[(9, 9, "vist")]),
            "Mr. Lindq{+vist+} spoke"
        );
        assert_eq!(
            body("Mr. Lindq spoke", &[(4, 9, "Lindqvist")]),
            "Mr. [-Lindq-]{+Lindqvist+} spoke"
        );
        assert_eq!(body("nationel", &[(6, 7, "a")]), "[-nationel-]{+national+}");
    }

    #[test]
    fn two_edits_in_one_word_are_one_mark() {
        assert_eq!(
            body("a nutionel b", &[(3, 4, "a"), (8, 9, "a")]),
            "a [-nutionel-]{+national+} b"
        );
    }

    #[test]
    fn a_cut_out_of_glued_text_does_not_drag_the_neighbour_along() {
        assert_eq!(
            body("concededContinue reading", &[(8, 24, "")]),
            "conceded[-Continue reading-]"
        );
    }

    #[test]
    fn joined_paragraphs_show_the_lost_break() {
        assert_eq!(body("one\n\ntwo", &[(3, 5, " ")]), "one[-⏎⏎-]{+ +}two");
    }

    #[test]
    fn long_stretches_are_left_out() {
        let text = format!("{0} CUT {0} CUT {0}", "word ".repeat(40).trim());
        let (first, second) = (text.find("CUT").unwrap(), text.rfind("CUT").unwrap());
        let got = body(&text, &[(first, first + 3, ""), (second, second + 3, "")]);
        assert_eq!(got.matches('…').count(), 3, "{got}");
        assert_eq!(got.matches("[-CUT-]").count(), 2, "{got}");
        assert!(got.chars().count() < 5 * BESIDE, "{got}");
    }

    #[test]
    fn an_insertion_at_the_very_end_is_shown() {
        assert_eq!(body("a\n", &[(2, 2, "b")]), "a\n{+b+}");
    }

    #[test]
    fn equal_sides_are_no_change() {
        assert_eq!(words("abc", &[(1, 2, "b")]), "");
    }
}
