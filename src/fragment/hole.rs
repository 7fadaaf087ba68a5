//! `hole`: what a removed link or element leaves behind: "sending an email to .", "the Dow Jones ( ) rose", "“ ”".
//!
//! What stood there is not known, so holes are only reported. English and Spanish function words are looked at; texts that set a blank
//! before every full stop are passed over, but for words that never end a sentence.

use std::sync::{Arc, LazyLock};

use super::{Detector, Input, context};
use crate::model::{Finding, RuleInfo, Span};

/// Finds places where a link or element was taken out of a sentence.
#[derive(Clone, Copy, Debug)]
pub struct Hole;

static RULE: LazyLock<Arc<RuleInfo>> = LazyLock::new(|| Hole.rule());

/// What an address that a page hides from robots becomes.
const PROTECTED: &[&str] = &["[email\u{a0}protected]", "[email protected]"];

/// Words that never end a sentence.
const NEVER_LAST: &[&str] = &[
    "a", "an", "and", "because", "between", "his", "into", "my", "of", "or", "our", "than", "the",
    "their", "your", "el", "la", "los", "las", "del", "de", "y",
];

/// Words that may end one, but seldom do.
const SELDOM_LAST: &[&str] = &[
    "as", "at", "by", "con", "en", "for", "from", "on", "por", "to", "via", "with",
];

/// Words that an address follows.
const CONTACT: &[&str] = &[
    "contact",
    "contacted",
    "email",
    "e-mail",
    "emailed",
    "follow",
    "followed",
    "ideas",
    "letters",
    "mail",
    "me",
    "note",
    "questions",
    "reach",
    "reached",
    "tips",
    "us",
    "write",
];

impl Detector for Hole {
    fn name(&self) -> &'static str {
        "hole"
    }

    fn why(&self) -> &'static str {
        "has a hole where a link or element was taken out"
    }

    fn detect(&self, input: Input<'_>, findings: &mut Vec<Finding>) {
        let text = input.text;
        let mut spans = Vec::new();
        let sketch = input.sketch();
        stops(text, &sketch.loose_blanks, &mut spans);
        brackets(text, &sketch.brackets, &mut spans);
        quotes(text, &sketch.empty_quotes, &mut spans);
        for &at in &sketch.at_ands {
            if CONTACT.contains(&last_word(&text[..at]).1) {
                spans.push(Span::new(at + 1, at + " at".len()));
            }
        }
        if spans.is_empty() || context::shows_code(text) {
            return;
        }
        spans.sort_unstable();
        let mut end = 0;
        for span in spans {
            if span.start >= end
                && !context::absent(input.removed, span)
                && !context::set_apart(text, span)
            {
                end = span.end;
                findings.push(context::report(&RULE, span));
            }
        }
    }
}

/// The last word of `head` and where it begins.
fn last_word(head: &str) -> (usize, &str) {
    let start = head
        .rfind(|c: char| !(c.is_alphanumeric() || c == '-'))
        .map_or(0, |at| {
            at + head[at..].chars().next().map_or(1, char::len_utf8)
        });
    (start, &head[start..])
}

/// Function words before a full stop or comma that a blank keeps apart.
fn stops(text: &str, blanks: &[usize], spans: &mut Vec<Span>) {
    let mut maybe = Vec::new();
    // Other words before such a full stop: the text's own way of setting it, or a linked word whose blank was kept.
    let mut spaced = 0;
    for &at in blanks {
        let stop = text.as_bytes()[at + 1] == b'.';
        // "and ...", "and . . .", ".NET", ",5"
        if text[at + 2..]
            .trim_start_matches([' ', '\u{a0}'])
            .starts_with('.')
            || text[at + 2..].starts_with(char::is_alphanumeric)
        {
            continue;
        }
        let (start, word) = last_word(&text[..at]);
        if word.is_empty() {
            continue;
        }
        let span = Span::new(start, at + 2);
        let (before, previous) = last_word(text[..start].trim_end_matches(' '));
        // A capital makes it a name or a title: "The Who's Of ."
        if NEVER_LAST.contains(&word) {
            spans.push(span);
        } else if SELDOM_LAST.contains(&word) {
            let asked = CONTACT.contains(&previous)
                || CONTACT.contains(&last_word(text[..before].trim_end_matches(' ')).1);
            if asked {
                spans.push(span)
            } else if stop || word == "to" {
                maybe.push(span)
            } else {
                spaced += 1
            }
        } else {
            spaced += 1;
        }
    }
    if spaced == 0 {
        spans.append(&mut maybe);
    }
}

/// Brackets with nothing in them, apart from those of code, and hidden addresses.
fn brackets(text: &str, places: &[usize], spans: &mut Vec<Span>) {
    for &at in places {
        if let Some(hidden) = PROTECTED
            .iter()
            .find(|hidden| text[at..].starts_with(**hidden))
        {
            spans.push(Span::new(at, at + hidden.len()));
        }
        if text.as_bytes()[at] == b'[' {
            continue;
        }
        let Some(len) = text[at + 1..].bytes().take(4).position(|byte| byte == b')') else {
            continue;
        };
        let inner = &text[at + 1..at + 1 + len];
        let apart = context::before(text, at).is_some_and(|c| c == ' ');
        if apart && inner.bytes().all(|byte| matches!(byte, b' ' | b',' | b';')) {
            spans.push(Span::new(at, at + len + 2));
        }
    }
}

/// Quotation marks with nothing between them, of which the ends are known.
fn quotes(text: &str, ends: &[usize], spans: &mut Vec<Span>) {
    let opening = |&end: &usize| Some(Span::new(text[..end].rfind('“')?, end));
    spans.extend(ends.iter().filter_map(opening));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fragment::check::{found, keeps};

    #[test]
    fn finds_holes() {
        for (text, expected) in [
            ("or by sending an email to . Follow us", "to ."),
            ("He can be reached at and on twitter", "at"),
            ("The latest measure of , the one they prefer, fell", "of ,"),
            ("the index ( ) rose, the party ( ,) noted", "( )"),
            ("the president.\n\n“ ” I am here", "“ ”"),
            ("instead of on the . \"other side\"", "the ."),
            ("She can be emailed at .", "at ."),
            (
                "write to [email\u{a0}protected] or",
                "[email\u{a0}protected]",
            ),
        ] {
            assert_eq!(found(&Hole, text)[0], expected, "{text}");
            keeps(&Hole, text, true);
        }
    }

    #[test]
    fn leaves_sound_text() {
        for text in [
            "What is he looking at? At this. And ... more and . . . more",
            "call f() and g ( x )",
            "After a long losing streak . They dug in . Then left .",
            "the 9 mm .45 and the .NET of , well",
            "“Yes,” he said (again).",
        ] {
            keeps(&Hole, text, text.contains("of ,"));
        }
    }
}
