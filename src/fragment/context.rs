//! What several detectors ask about the surroundings of a suspicious place.

use std::sync::Arc;

use crate::model::{Action, Finding, Kept, RuleInfo, Safety, Span};

/// A finding whose cut is its span.
pub(super) fn finding(rule: &Arc<RuleInfo>, span: Span, action: Action, safety: Safety) -> Finding {
    Finding {
        rule: Arc::clone(rule),
        span,
        cut: span,
        place: None,
        safety,
        action,
        kept: None,
        evidence: Vec::new(),
    }
}

/// A finding that is only shown.
pub(super) fn report(rule: &Arc<RuleInfo>, span: Span) -> Finding {
    finding(rule, span, Action::Report, Safety::Report)
}

/// The same finding, kept because the text speaks of the characters and does not use them.
pub(super) fn mention(mut finding: Finding) -> Finding {
    finding.kept = Some(Kept::Mention);
    finding.safety = Safety::Report;
    finding
}

/// Whether an insertion that will be removed touches `span`.
pub(super) fn absent(removed: &[Span], span: Span) -> bool {
    let next = removed.partition_point(|gone| gone.end <= span.start);
    removed.get(next).is_some_and(|gone| gone.start < span.end)
}

/// How far a line is looked at to each side of a place, so that a text without line ends costs no more than another.
const SIDE: usize = 600;

/// The line that holds the byte `at`, without its line end, at most [`SIDE`] bytes to each side.
pub(super) fn line(text: &str, at: usize) -> Span {
    line_within(text, at, SIDE)
}

/// The line that holds the byte `at`, without its line end, at most `side` bytes to each side.
pub(super) fn line_within(text: &str, at: usize, side: usize) -> Span {
    let head = last_bytes(&text[..at], side);
    let tail = first_bytes(&text[at..], side);
    let start = memchr::memrchr(b'\n', head.as_bytes()).map_or(0, |end| end + 1);
    let end = memchr::memchr(b'\n', tail.as_bytes()).unwrap_or(tail.len());
    Span::new(at - (head.len() - start), at + end)
}

/// Whether nothing but blanks stands between `at` and the beginning of its line.
pub(super) fn begins_line(text: &str, at: usize) -> bool {
    text[..at]
        .trim_end_matches([' ', '\t', '\u{A0}'])
        .chars()
        .next_back()
        .is_none_or(|c| c == '\n')
}

/// Whether nothing but blanks stands between `at` and the end of its line.
pub(super) fn ends_line(text: &str, at: usize) -> bool {
    text[at..]
        .trim_start_matches([' ', '\t', '\u{A0}', '\r'])
        .chars()
        .next()
        .is_none_or(|c| c == '\n')
}

/// The character before the byte `at`.
pub(super) fn before(text: &str, at: usize) -> Option<char> {
    text[..at].chars().next_back()
}

/// The character that begins at the byte `at`.
pub(super) fn after(text: &str, at: usize) -> Option<char> {
    text[at..].chars().next()
}

/// Whether nothing but `span` stands between two quotation marks, backticks or brackets: the way a text shows characters it speaks of.
pub(super) fn set_apart(text: &str, span: Span) -> bool {
    const PAIRS: &[(char, &str)] = &[
        ('"', "\""),
        ('\'', "'"),
        ('`', "`"),
        ('(', ")"),
        ('“', "”"),
        ('‘', "’"),
        ('«', "»"),
        ('„', "“”"),
        ('‹', "›"),
    ];
    let (Some(open), Some(close)) = (before(text, span.start), after(text, span.end)) else {
        return false;
    };
    PAIRS
        .iter()
        .any(|(left, right)| *left == open && right.contains(close))
}

/// Words that make a line one about markup and encodings wherever they stand in it. Compared as whole words, case included: `HTML` in
/// an address is written small.
const TECHNICAL: &[&str] = &[
    "HTML",
    "XHTML",
    "HTML5",
    "XML",
    "CSS",
    "JSON",
    "PHP",
    "Unicode",
    "UTF",
    "ASCII",
    "LaTeX",
    "Markdown",
    "mojibake",
    "Mojibake",
    "regex",
    "Regex",
    "ampersand",
    "ampersands",
    "backslash",
    "newline",
    "markup",
    "shortcode",
    "shortcodes",
];

/// Words that make it one when they stand right beside the place.
const NEAR: &[&str] = &[
    "attribute",
    "attributes",
    "code",
    "codes",
    "element",
    "elements",
    "encode",
    "encoded",
    "entities",
    "entity",
    "escape",
    "escaped",
    "escapes",
    "literal",
    "literally",
    "operator",
    "placeholder",
    "sequence",
    "sequences",
    "string",
    "strings",
    "symbol",
    "syntax",
    "tag",
    "tags",
    "template",
    "type",
    "typed",
    "typing",
    "variable",
    "write",
    "writing",
    "written",
];

/// How many bytes to each side of the place [`NEAR`] is looked for.
const NEAR_BYTES: usize = 28;

/// Words behind a sign that stands by itself and is spoken of: "`\\n` stands for a line break".
const SAID_OF: &[&str] = &[
    "adds",
    "becomes",
    "denotes",
    "displays",
    "encodes",
    "gives",
    "inserts",
    "marks",
    "means",
    "prints",
    "produces",
    "renders",
    "represents",
    "stands",
    "yields",
];

/// Words before a sign that is used, if one of [`PURPOSE`] stands behind it: "Use `&nbsp;` for a hard blank".
const USED: &[&str] = &[
    "add", "call", "called", "enter", "insert", "named", "put", "type", "typing", "use", "used",
    "using", "with",
];

/// Words behind a sign that is used.
const PURPOSE: &[&str] = &[
    "as", "between", "for", "if", "in", "instead", "to", "when", "where", "whenever",
];

/// Whether a place that blanks or marks set apart is spoken of, by the words right before and behind it.
fn spoken_of(text: &str, span: Span) -> bool {
    let (head, tail) = (&text[..span.start], &text[span.end..]);
    let apart =
        head.ends_with([' ', '\u{a0}', '\n']) && tail.starts_with([' ', ',', '.', ';', ':', '\n']);
    if !apart {
        return false;
    }
    let is_in = |list: &[&str], word: Option<&str>| {
        word.is_some_and(|word| list.iter().any(|one| one.eq_ignore_ascii_case(word)))
    };
    let before = words(last_bytes(head, NEAR_BYTES)).last();
    let behind = words(first_bytes(tail, NEAR_BYTES)).next();
    is_in(SAID_OF, behind) || (is_in(USED, before) && is_in(PURPOSE, behind))
}

/// Whether the text around `span` speaks of markup, escapes or code, so that `span` is its subject and not its breakage. Errs towards
/// yes: a missed repair is cheaper than a tutorial with holes.
pub(super) fn technical(text: &str, span: Span) -> bool {
    if set_apart(text, span) || spoken_of(text, span) {
        return true;
    }
    let line = line(text, span.start);
    let head = &text[line.start..span.start];
    let tail = &text[span.end.min(line.end)..line.end];
    [head, tail]
        .iter()
        .any(|part| part.contains('`') || words(part).any(is_technical))
        || words(last_bytes(head, NEAR_BYTES))
            .chain(words(first_bytes(tail, NEAR_BYTES)))
            .any(is_near)
}

fn is_technical(word: &str) -> bool {
    word.len() > 2 && TECHNICAL.contains(&word)
}

fn is_near(word: &str) -> bool {
    NEAR.iter().any(|near| near.eq_ignore_ascii_case(word))
}

/// Whether the document shows code: a fence, the tags HTML has for it, the beginning of a page or a program of a page.
pub(super) fn shows_code(text: &str) -> bool {
    [
        "```",
        "<code",
        "<pre",
        "<!DOCTYPE",
        "<!doctype",
        "<?php",
        "<?xml",
        "{%",
    ]
    .iter()
    .any(|sign| memchr::memmem::find(text.as_bytes(), sign.as_bytes()).is_some())
}

/// The words of a line: letters and digits of ASCII.
fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
}

/// At most `count` bytes from the end, on a character boundary.
pub(super) fn last_bytes(text: &str, count: usize) -> &str {
    let mut start = text.len().saturating_sub(count);
    while !text.is_char_boundary(start) {
        start += 1;
    }
    &text[start..]
}

/// At most `count` bytes from the beginning, on a character boundary.
pub(super) fn first_bytes(text: &str, count: usize) -> &str {
    let mut end = text.len().min(count);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span_of(text: &str, part: &str) -> Span {
        let start = text.find(part).unwrap();
        Span::new(start, start + part.len())
    }

    #[test]
    fn technical_lines() {
        for (text, part, expected) in [
            ("Johnson &amp; Johnson paid.", "&amp;", false),
            ("Write &amp; for the sign.", "&amp;", true),
            (
                "In HTML a blank that holds words together, long before it was common to write so, is &nbsp; and",
                "&nbsp;",
                true,
            ),
            ("He wrote “&amp;” instead.", "&amp;", true),
            ("HTML is old.\nJohnson &amp; Johnson paid.", "&amp;", false),
            ("see http://a.example/html/x?a=1&amp;b=2", "&amp;", false),
        ] {
            assert_eq!(technical(text, span_of(text, part)), expected, "{text}");
        }
    }

    #[test]
    fn absent_spans() {
        let removed = [Span::new(2, 4), Span::new(8, 9)];
        for (start, end, expected) in [
            (0, 2, false),
            (0, 3, true),
            (3, 4, true),
            (4, 8, false),
            (8, 9, true),
            (9, 12, false),
        ] {
            assert_eq!(
                absent(&removed, Span::new(start, end)),
                expected,
                "{start}..{end}"
            );
        }
    }
}
