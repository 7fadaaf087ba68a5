//! Sentences that ran together when a line break was lost: "the end.Police said".

use super::{Detector, Input, finding, floor};
use crate::model::{Action, Finding, Kept, Safety, Span};
use crate::text::lexicon;

/// The most characters of a word that are read.
const LONGEST: usize = 40;
/// How far the line of a border is read, in bytes, to see which quotation marks are open.
const LINE_REACH: usize = 8 * 1024;
/// How far around a border the signs of an address or of code are looked for, in bytes.
const TOKEN_REACH: usize = 80;

/// A tool that loses line breaks loses several. One or two missing blanks are as likely the author's own, and are left to people.
const SEVERAL: usize = 3;

/// Words that begin a sentence and no file, firm or address.
const OPENERS: &[&str] = &[
    "A",
    "According",
    "After",
    "All",
    "Although",
    "An",
    "And",
    "As",
    "At",
    "Because",
    "Before",
    "Both",
    "But",
    "By",
    "Despite",
    "During",
    "For",
    "From",
    "Has",
    "Have",
    "He",
    "Her",
    "Here",
    "His",
    "How",
    "However",
    "I",
    "If",
    "In",
    "Instead",
    "Is",
    "It",
    "Its",
    "Last",
    "Like",
    "Many",
    "Meanwhile",
    "More",
    "Most",
    "My",
    "No",
    "Not",
    "Now",
    "On",
    "One",
    "Or",
    "Our",
    "She",
    "Since",
    "So",
    "Some",
    "Still",
    "That",
    "The",
    "Their",
    "Then",
    "There",
    "These",
    "They",
    "This",
    "Those",
    "Though",
    "To",
    "Under",
    "Until",
    "Was",
    "We",
    "What",
    "When",
    "Where",
    "While",
    "Who",
    "Why",
    "With",
    "Yet",
    "You",
    "Your",
];

/// Words that stand behind the dot of an address, a file or a version more often than at the beginning of a sentence.
const SUFFIXES: &[&str] = &[
    "App", "Biz", "Com", "Config", "Edu", "Gov", "Html", "Info", "Js", "Media", "Net", "News",
    "Org", "Tv", "Xml",
];

/// The words of two letters that end sentences; others are abbreviations as a rule.
const SHORT_ENDS: &[&str] = &[
    "be", "do", "go", "he", "in", "is", "it", "me", "of", "on", "so", "to", "up", "us",
];

/// Finds lost blanks between sentences and puts them back.
#[derive(Debug)]
pub struct RunOn;

impl Detector for RunOn {
    fn name(&self) -> &'static str {
        "run-on"
    }

    fn why(&self) -> &'static str {
        "ends a sentence, and the next one begins without a blank"
    }

    /// English only: what may stand on both sides of a border is known by its words.
    fn detect(&self, input: Input<'_>, findings: &mut Vec<Finding>) {
        if !input.may_be_english() {
            return;
        }
        let first = findings.len();
        let mut rule = None;
        for &next in &input.sketch().tight_capitals {
            let Some(at) = mark_before(input.text, next) else {
                continue;
            };
            let Some(border) = Border::at(input.text, at) else {
                continue;
            };
            if rule.is_none() && !input.reads_english() {
                return;
            }
            let (action, kept) = match border.blank {
                Some(blank) => {
                    let (left, right) =
                        input.text[border.marks.range()].split_at(blank - border.marks.start);
                    (Action::Replace(format!("{left} {right}")), None)
                }
                None => (Action::Report, Some(Kept::Ambiguous)),
            };
            let rule = rule.get_or_insert_with(|| self.rule());
            let found = finding(rule.clone(), border.marks, action, Safety::Safe, kept);
            findings.push(Finding {
                span: border.words,
                ..found
            });
        }
        let found = &mut findings[first..];
        if found.iter().filter(|finding| finding.applies()).count() < SEVERAL {
            for finding in found {
                finding.safety = Safety::Review;
            }
        }
    }
}

/// The mark that ends a sentence right before the byte `next`, quotation marks between them or not.
fn mark_before(text: &str, next: usize) -> Option<usize> {
    let head = text[..next].trim_end_matches(is_quote);
    let at = head.len().checked_sub(1)?;
    let is_mark = matches!(text.as_bytes()[at], b'.' | b'?' | b'!');
    // An apostrophe or a straight single quotation mark begins no sentence and ends none.
    (is_mark && text.as_bytes()[at + 1] != b'\'').then_some(at)
}

/// A place where one sentence ends and the next begins at once.
struct Border {
    /// The words on both sides.
    words: Span,
    /// The marks between them.
    marks: Span,
    /// Where the blank is missing; `None` when a quotation mark may belong to either side.
    blank: Option<usize>,
}

impl Border {
    /// Reads the border at the full stop, question or exclamation mark at `at`, if it is one.
    fn at(text: &str, at: usize) -> Option<Self> {
        let left = last_word(&text[..at]);
        let start = at - left.len();
        let before = text[..start].chars().next_back();
        let begins = before.is_none_or(|before| {
            before.is_whitespace() || is_quote(before) || matches!(before, '(' | '-' | '—' | '–')
        });
        let whole = left.len() > 2 || SHORT_ENDS.contains(&left);
        if !begins || !whole || !left.ends_with(char::is_lowercase) {
            return None;
        }
        let behind = &text[at + 1..];
        let marks = behind.len() - behind.trim_start_matches(is_quote).len();
        let quotes = &behind[..marks];
        let next = at + 1 + marks;
        let right = first_word(&text[next..]);
        let after = text[next + right.len()..].chars().next();
        let ends = after.is_none_or(|after| {
            matches!(after, ' ' | '\u{a0}' | '\n' | ',' | '\'' | '\u{2019}' | '-')
        });
        if !ends
            || !is_capitalised(right)
            || !belong_to_sentences(left, right)
            || !(OPENERS.contains(&right) || is_prose(text, start, next + right.len()))
            || is_code(text, start, next + right.len())
        {
            return None;
        }
        let blank = match quotes {
            "" => Some(next),
            "\u{201d}" | "\u{201d}\u{2019}" | "\u{2019}\u{201d}" => {
                closes(text, at + 1).then_some(next)
            }
            "\u{2019}" => Some(next),
            "\u{201c}" | "\u{2018}" | "\u{201c}\u{2018}" => Some(at + 1),
            "\u{201d}\u{201c}" => Some(at + 1 + '\u{201d}'.len_utf8()),
            "\"" => straight(text, at + 1),
            _ => return None,
        };
        Some(Self {
            words: Span::new(start, next + right.len()),
            marks: Span::new(at, next),
            blank,
        })
    }
}

/// What stands before and behind `at` on its line; `None` when the line is too long to be one.
fn around(text: &str, at: usize) -> Option<(&str, &str)> {
    let from = floor(text, at.saturating_sub(LINE_REACH));
    let to = floor(text, text.len().min(at + LINE_REACH));
    let (before, behind) = (&text[from..at], &text[at..to]);
    let start = before
        .rfind('\n')
        .map(|newline| newline + 1)
        .or((from == 0).then_some(0))?;
    let end = behind
        .find('\n')
        .or((to == text.len()).then_some(behind.len()))?;
    Some((&before[start..], &behind[..end]))
}

/// Whether the curly mark at `at` closes a quotation of its line, and is not one that was meant to open.
fn closes(text: &str, at: usize) -> bool {
    let last = around(text, at).and_then(|(line, _)| {
        line.chars()
            .rfind(|mark| matches!(mark, '\u{201c}' | '\u{201d}'))
    });
    last == Some('\u{201c}')
}

/// Where the blank belongs at the straight quotation mark at `at`: behind it if it closes, before it if it opens. Its line tells, if all
/// quotations of the line are closed.
fn straight(text: &str, at: usize) -> Option<usize> {
    let (before, behind) = around(text, at)?;
    let before = before.matches('"').count();
    let even = (before + behind.matches('"').count()).is_multiple_of(2);
    even.then_some(if before.is_multiple_of(2) { at } else { at + 1 })
}

/// Whether two words can be the end of one sentence and the beginning of another, and nothing else.
fn belong_to_sentences(left: &str, right: &str) -> bool {
    let opener = OPENERS.contains(&right);
    if SUFFIXES.contains(&right) {
        return false;
    }
    // "Clinton.The", but "Node.Js", "System.Out", "Mr.Smith".
    if left.starts_with(char::is_uppercase) {
        let kinds = lexicon::name_kinds(left);
        return opener
            && left.len() > 3
            && !kinds.abbreviation()
            && (!lexicon::AVAILABLE || lexicon::is_word(left) || lexicon::is_name(left));
    }
    if !lexicon::AVAILABLE {
        return opener;
    }
    lexicon::is_word(left) && (opener || lexicon::is_word(right) || lexicon::is_name(right))
}

/// Whether the stretch lies in an address, a handle, a path or a line of code.
fn is_code(text: &str, start: usize, end: usize) -> bool {
    let bytes = text.as_bytes();
    let before = bytes[start.saturating_sub(TOKEN_REACH)..start].iter().rev();
    let behind = bytes[end..text.len().min(end + TOKEN_REACH)].iter();
    let is_sign = |byte: &&u8| {
        matches!(
            **byte,
            b'/' | b'@' | b'_' | b'#' | b'=' | b'<' | b'>' | b'{' | b'}' | b'\\'
        )
    };
    let solid = |byte: &&u8| !byte.is_ascii_whitespace();
    before.take_while(solid).any(|byte| is_sign(&byte))
        || behind.take_while(solid).any(|byte| is_sign(&byte))
}

/// Whether a border stands in running text: words before it on its line, a word behind it, and no brackets as code has them.
fn is_prose(text: &str, start: usize, end: usize) -> bool {
    let bytes = text.as_bytes();
    let near = &bytes[start.saturating_sub(TOKEN_REACH)..start];
    let line = near
        .rsplit(|byte| *byte == b'\n')
        .next()
        .unwrap_or_default();
    let behind = &bytes[end..text.len().min(end + TOKEN_REACH)];
    let behind = behind
        .split(|byte| *byte == b'\n')
        .next()
        .unwrap_or_default();
    let code = |byte: &u8| matches!(byte, b'{' | b'}' | b';' | b'=' | b'<' | b'>' | b'(' | b'`');
    let word_follows = behind
        .iter()
        .skip_while(|byte| !byte.is_ascii_whitespace())
        .nth(1)
        .is_some_and(u8::is_ascii_alphanumeric);
    let words = line
        .split(u8::is_ascii_whitespace)
        .filter(|word| !word.is_empty())
        .count();
    words >= 3 && word_follows && !line.iter().chain(behind).any(code)
}

fn is_quote(mark: char) -> bool {
    matches!(
        mark,
        '"' | '\'' | '\u{2018}' | '\u{2019}' | '\u{201c}' | '\u{201d}'
    )
}

/// A capital and at least one small letter, or the words "I" and "A".
fn is_capitalised(word: &str) -> bool {
    let mut letters = word.chars();
    letters.next().is_some_and(char::is_uppercase)
        && (matches!(word, "I" | "A") || letters.next().is_some_and(char::is_lowercase))
}

fn last_word(text: &str) -> &str {
    let letters = text
        .char_indices()
        .rev()
        .take_while(|(_, letter)| letter.is_alphabetic())
        .take(LONGEST);
    letters.last().map_or("", |(start, _)| &text[start..])
}

fn first_word(text: &str) -> &str {
    let end = text
        .chars()
        .take(LONGEST)
        .take_while(|letter| letter.is_alphabetic())
        .map(char::len_utf8)
        .sum();
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<Finding> {
        let mut findings = Vec::new();
        RunOn.detect(
            Input {
                text,
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
    }

    fn mended(text: &str) -> String {
        let mut mended = text.to_owned();
        for finding in found(text).iter().rev().filter(|finding| finding.applies()) {
            let Action::Replace(replacement) = &finding.action else {
                panic!("{finding:?}")
            };
            mended.replace_range(finding.cut.range(), replacement);
        }
        assert!(
            !found(&mended).iter().any(Finding::applies),
            "not settled: {mended}"
        );
        mended
    }

    #[test]
    fn puts_the_blank_back() {
        for (broken, whole) in [
            (
                "It was the end.The crowd left.",
                "It was the end. The crowd left.",
            ),
            (
                "Who was it?It was him!They ran.",
                "Who was it? It was him! They ran.",
            ),
            (
                "He saw Robert.But she did not.",
                "He saw Robert. But she did not.",
            ),
            (
                "“It is over.”The crowd left.",
                "“It is over.” The crowd left.",
            ),
            (
                "It was over.“The crowd left,” he said.",
                "It was over. “The crowd left,” he said.",
            ),
            (
                "\"It is over.\"The crowd left.",
                "\"It is over.\" The crowd left.",
            ),
            (
                "It was over.\"The crowd left,\" he said.",
                "It was over. \"The crowd left,\" he said.",
            ),
        ] {
            assert_eq!(mended(broken), whole);
        }
    }

    #[cfg(feature = "lexicon")]
    #[test]
    fn knows_more_beginnings_with_the_lexicon() {
        assert_eq!(
            mended("It was the end.Police said so."),
            "It was the end. Police said so."
        );
        assert_eq!(
            mended("He saw the storm.Nebraska shook."),
            "He saw the storm. Nebraska shook."
        );
    }

    #[test]
    fn other_dots_stay() {
        for text in [
            "The U.S.A is big. The F.B.I said so.",
            "See example.Com, Booking.Com and www.example.The/x or mail.The@example.org.",
            "Node.Js and System.Out and Vue.Router are software.",
            "Version 2.The first one. Mr.Smith and Sen.The met St.Louis.",
            "Wait...The end. It was over. The crowd left.",
            "path/to.The file, my_name.The field, #tag.The end",
            "the end.the start, the end.THE START",
            "it reads (ctx context.Context, id string) and sets options.Level = 3",
            "options.Police\nheader.Police",
        ] {
            assert_eq!(mended(text), text);
        }
    }

    #[test]
    fn an_odd_quotation_mark_is_reported() {
        let findings = found("He said \"go and \"stay.\"The crowd \"left\".");
        assert_eq!(findings[0].kept, Some(Kept::Ambiguous));
        let findings = found("He said never.\u{201d}The crowd left,\u{201d} he said.");
        assert_eq!(findings[0].kept, Some(Kept::Ambiguous));
    }
}
