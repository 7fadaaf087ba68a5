//! What a page shows of a document, as data, and what the index wants to know of it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::super::{LineIndex, Subject, fingerprint};
use crate::model::{Action, Edit, Finding, RuleInfo, Span};

/// Texts above this size (bytes) are shown only around what was found: a page that holds them whole would not open.
const WHOLE: usize = 4 << 20;

/// How much of such a text is shown on each side, in bytes.
const AROUND: usize = 400;

/// How many changes of a document are shown at most.
const CHANGES: usize = 20_000;

/// How many characters the index shows on each side of an example.
const BESIDE: usize = 48;

/// How many characters of an example's own text the index shows.
const SHOWN: usize = 160;

/// How many examples of a rule a document offers to the index.
const OFFERED: usize = 3;

/// A document.
#[derive(Serialize)]
pub(super) struct Document<'a> {
    /// Its name.
    doc: String,
    /// The file it came from, for the name of the download.
    path: &'a str,
    /// Whether all of its text stands in `text`.
    whole: bool,
    /// Whether bytes that are not UTF-8 were masked in it.
    masked: bool,
    /// How many changes are not shown.
    unshown: usize,
    rules: Vec<RuleShape<'a>>,
    findings: Vec<FindingShape<'a>>,
    text: Vec<Piece<'a>>,
}

#[derive(Serialize)]
struct RuleShape<'a> {
    name: &'a str,
    version: &'a str,
    category: &'static str,
    why: &'a str,
}

impl<'a> RuleShape<'a> {
    fn of(rule: &'a RuleInfo) -> Self {
        Self {
            name: &rule.name,
            version: &rule.version,
            category: rule.category.name(),
            why: &rule.why,
        }
    }
}

#[derive(Serialize)]
struct FindingShape<'a> {
    /// Place among the document's rules.
    rule: usize,
    fingerprint: String,
    r#match: &'a str,
    /// Its line, from 1.
    line: usize,
    /// Why it stays.
    #[serde(skip_serializing_if = "Option::is_none")]
    kept: Option<&'static str>,
}

/// A piece of a text. Put together, with `new` for each change, the pieces are the cleaned text; with `old`, the original.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
enum Piece<'a> {
    Same(&'a str),
    Change {
        old: &'a str,
        new: &'a str,
        /// Places of the findings behind it.
        by: Vec<usize>,
    },
    /// A finding that was left in the text.
    Kept {
        text: &'a str,
        by: usize,
    },
    /// Bytes that are not shown.
    Gap {
        gap: usize,
    },
}

impl<'a> Document<'a> {
    pub(super) fn of(subject: &Subject<'a>) -> Self {
        let mut shown = Shown::of(subject);
        let text = shown.pieces();
        Self {
            doc: subject.origin.to_string(),
            path: subject.origin.path,
            whole: shown.whole,
            masked: subject.original.contains('\u{1a}'),
            unshown: subject.edits.len().saturating_sub(CHANGES),
            rules: shown.rules,
            findings: shown.findings,
            text,
        }
    }
}

/// Collects the pieces of a document with the findings and rules they name.
struct Shown<'s, 'a> {
    subject: &'s Subject<'a>,
    lines: LineIndex<'a>,
    whole: bool,
    /// Place of each rule already named, by its full name.
    known: BTreeMap<&'a str, usize>,
    rules: Vec<RuleShape<'a>>,
    findings: Vec<FindingShape<'a>>,
}

impl<'s, 'a> Shown<'s, 'a> {
    fn of(subject: &'s Subject<'a>) -> Self {
        Self {
            subject,
            lines: LineIndex::new(subject.original),
            whole: subject.original.len() <= WHOLE && subject.edits.len() <= CHANGES,
            known: BTreeMap::new(),
            rules: Vec::new(),
            findings: Vec::new(),
        }
    }

    fn pieces(&mut self) -> Vec<Piece<'a>> {
        let (text, edits) = (self.subject.original, self.subject.edits);
        let mut pieces = Vec::new();
        // What stays and may be marked: in the order of the text, none touching another.
        let mut kept: Vec<&Finding> = self
            .subject
            .findings
            .iter()
            .filter(|finding| !finding.applies() && !finding.span.is_empty())
            .take(CHANGES)
            .collect();
        kept.sort_by_key(|finding| (finding.span.start, finding.span.end));
        let mut kept = kept.into_iter().peekable();
        let mut at = 0;
        for edit in edits.iter().take(CHANGES) {
            let (span, new) = core(text, edit);
            self.unchanged(Span::new(at, span.start), &mut kept, &mut pieces);
            at = span.end;
            if span.is_empty() && new.is_empty() {
                continue;
            }
            let findings = self.subject.findings;
            let by = edit
                .findings
                .iter()
                .filter_map(|index| findings.get(*index));
            let by = by.map(|finding| self.finding(finding)).collect();
            pieces.push(Piece::Change {
                old: &text[span.range()],
                new,
                by,
            });
        }
        self.unchanged(Span::new(at, text.len()), &mut kept, &mut pieces);
        pieces
    }

    /// Adds a stretch without changes, with the findings in it that stay.
    fn unchanged(
        &mut self,
        stretch: Span,
        kept: &mut std::iter::Peekable<impl Iterator<Item = &'a Finding>>,
        pieces: &mut Vec<Piece<'a>>,
    ) {
        let mut at = stretch.start;
        while let Some(finding) = kept.next_if(|finding| finding.span.start < stretch.end) {
            // What a change touches is told by the change.
            if finding.span.start < at || finding.span.end > stretch.end {
                continue;
            }
            self.same(Span::new(at, finding.span.start), pieces);
            pieces.push(Piece::Kept {
                text: &self.subject.original[finding.span.range()],
                by: self.finding(finding),
            });
            at = finding.span.end;
        }
        self.same(Span::new(at, stretch.end), pieces);
    }

    /// Adds text as it is; of a text that is too long to be shown whole, its two ends.
    fn same(&self, span: Span, pieces: &mut Vec<Piece<'a>>) {
        let text = &self.subject.original[span.range()];
        if text.is_empty() {
            return;
        }
        if self.whole || text.len() <= 3 * AROUND {
            pieces.push(Piece::Same(text));
            return;
        }
        let (mut head, mut tail) = (AROUND, text.len() - AROUND);
        while !text.is_char_boundary(head) {
            head -= 1;
        }
        while !text.is_char_boundary(tail) {
            tail += 1;
        }
        pieces.push(Piece::Same(&text[..head]));
        pieces.push(Piece::Gap { gap: tail - head });
        pieces.push(Piece::Same(&text[tail..]));
    }

    /// Names a finding; answers its place.
    fn finding(&mut self, finding: &'a Finding) -> usize {
        let rules = &mut self.rules;
        let rule = *self.known.entry(&finding.rule.name).or_insert_with(|| {
            rules.push(RuleShape::of(&finding.rule));
            rules.len() - 1
        });
        self.findings.push(FindingShape {
            rule,
            fingerprint: fingerprint(self.subject.original, finding),
            r#match: &self.subject.original[finding.span.range()],
            line: self.lines.position(finding.span.start).line,
            kept: why_kept(finding),
        });
        self.findings.len() - 1
    }
}

fn why_kept(finding: &Finding) -> Option<&'static str> {
    match (finding.kept, &finding.action) {
        (Some(kept), _) => Some(kept.name()),
        (None, Action::Report) => Some("report"),
        (None, _) => None,
    }
}

/// A change without the white space that both of its sides begin or end with, which the seam took along and gave back.
fn core<'a>(text: &'a str, edit: &'a Edit) -> (Span, &'a str) {
    let (old, new) = (&text[edit.span.range()], edit.replacement.as_str());
    let lead = common(old.chars(), new.chars());
    let (old, new) = (&old[lead..], &new[lead..]);
    let tail = common(old.chars().rev(), new.chars().rev());
    let span = Span::new(edit.span.start + lead, edit.span.end - tail);
    (span, &new[..new.len() - tail])
}

/// How many bytes of white space two sides share.
fn common(one: impl Iterator<Item = char>, other: impl Iterator<Item = char>) -> usize {
    one.zip(other)
        .take_while(|(one, other)| one == other && one.is_whitespace())
        .map(|(c, _)| c.len_utf8())
        .sum()
}

/// What a page shows besides its documents.
#[derive(Serialize)]
pub(super) struct Nav<'a> {
    /// The index above it.
    pub(super) index: Option<&'a str>,
    /// Its number, from 1; 0 when it is the only one.
    pub(super) page: usize,
    pub(super) before: Option<String>,
    pub(super) after: Option<String>,
}

impl Nav<'_> {
    /// The only page of a report.
    pub(super) fn alone() -> Self {
        Self {
            index: None,
            page: 0,
            before: None,
            after: None,
        }
    }
}

/// What the index wants to know of a document.
#[derive(Serialize, Deserialize)]
pub(super) struct Facts<'a> {
    /// Its name.
    #[serde(borrow)]
    pub(super) doc: Cow<'a, str>,
    pub(super) edits: usize,
    pub(super) bytes_in: usize,
    /// By how many bytes its changes shorten it; those that lengthen it are not set off against them.
    pub(super) removed: usize,
    pub(super) examples: Vec<Example>,
}

/// A change as the index shows it.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Example {
    pub(super) rule: String,
    pub(super) before: String,
    pub(super) text: String,
    pub(super) after: String,
    /// What came in its place.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(super) new: Option<String>,
}

impl<'a> Facts<'a> {
    pub(super) fn of(subject: &Subject<'a>) -> Self {
        let text = subject.original;
        let mut offered: BTreeMap<&str, usize> = BTreeMap::new();
        let mut examples = Vec::new();
        for finding in subject.findings.iter().filter(|finding| finding.applies()) {
            let count = offered.entry(&finding.rule.name).or_default();
            if *count == OFFERED {
                continue;
            }
            *count += 1;
            let (start, end) = (finding.cut.start, finding.cut.end);
            let before: Vec<char> = text[..start].chars().rev().take(BESIDE).collect();
            examples.push(Example {
                rule: finding.rule.name.clone(),
                before: before.iter().rev().collect(),
                text: shortened(&text[start..end]),
                after: text[end..].chars().take(BESIDE).collect(),
                new: match &finding.action {
                    Action::Replace(new) => Some(shortened(new)),
                    _ => None,
                },
            });
        }
        Self {
            doc: subject.origin.to_string().into(),
            edits: subject.edits.len(),
            bytes_in: text.len(),
            removed: subject
                .edits
                .iter()
                .map(|edit| edit.span.len().saturating_sub(edit.replacement.len()))
                .sum(),
            examples,
        }
    }
}

/// The beginning and the end of a text.
fn shortened(text: &str) -> String {
    if text.chars().nth(SHOWN).is_none() {
        return text.to_owned();
    }
    let head: String = text.chars().take(SHOWN * 2 / 3).collect();
    let tail: Vec<char> = text.chars().rev().take(SHOWN / 3).collect();
    format!("{head}…{}", tail.iter().rev().collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::super::super::Origin;
    use super::super::super::sample::{TEXT, edits, findings};
    use super::*;

    /// The text that the pieces make, with the changes of these places undone.
    fn text(pieces: &[Piece<'_>], undone: impl Fn(usize) -> bool) -> String {
        let mut changes = 0..;
        pieces
            .iter()
            .map(|piece| match piece {
                Piece::Same(text) | Piece::Kept { text, .. } => *text,
                Piece::Change { old, new, .. } if undone(changes.next().unwrap()) => {
                    let _ = new;
                    old
                }
                Piece::Change { new, .. } => new,
                Piece::Gap { .. } => panic!("a short text is shown whole"),
            })
            .collect()
    }

    #[test]
    fn the_pieces_are_both_texts_and_all_between() {
        let (findings, edits) = (findings(), edits());
        let subject = Subject::new(Origin::file("a.txt"), TEXT, &findings, &edits);
        let document = Document::of(&subject);
        let pieces = &document.text;
        assert!(document.whole && !document.masked);
        assert_eq!(text(pieces, |_| true), TEXT);
        let cleaned = "Mr. Lindqvistberg spoke.\n\nMr. Lindqvistberg’s office said “Advertisement” is banned.\n";
        assert_eq!(text(pieces, |_| false), cleaned);
        assert_eq!(
            text(pieces, |change| change == 1),
            cleaned.replace("Lindqvistberg’s", "Lindq’s")
        );
        assert_eq!(
            text(pieces, |change| change == 0),
            TEXT.replace("Lindq’s", "Lindqvistberg’s")
        );
    }

    #[test]
    fn white_space_of_the_seam_is_no_change() {
        let (findings, edits) = (findings(), edits());
        let subject = Subject::new(Origin::file("a.txt"), TEXT, &findings, &edits);
        let document = Document::of(&subject);
        assert_eq!(
            document.text[1],
            Piece::Change {
                old: "Story continues below advertisement\n\n",
                new: "",
                by: vec![0]
            }
        );
        assert!(document.text.contains(&Piece::Kept {
            text: "Advertisement",
            by: 2
        }));
        assert_eq!(document.findings[2].kept, Some("mention"));
        assert_eq!((document.findings[1].line, document.rules.len()), (5, 3));
    }

    #[test]
    fn a_text_too_long_is_shown_around_its_changes() {
        let before = "é".repeat(WHOLE);
        let text = format!("{before}cut{before}");
        let edits = [Edit {
            span: Span::new(before.len(), before.len() + 3),
            replacement: String::new(),
            findings: vec![],
        }];
        let subject = Subject::new(Origin::file("a.txt"), &text, &[], &edits);
        let document = Document::of(&subject);
        assert!(!document.whole);
        let shown: usize = document
            .text
            .iter()
            .map(|piece| match piece {
                Piece::Gap { gap } => *gap,
                Piece::Same(text) | Piece::Kept { text, .. } => {
                    assert!(text.len() <= AROUND);
                    text.len()
                }
                Piece::Change { old, .. } => old.len(),
            })
            .sum();
        assert_eq!(shown, text.len(), "gaps count what they leave out");
        assert_eq!(document.text.len(), 7);
    }

    #[test]
    fn long_examples_lose_their_middle() {
        assert_eq!(shortened("short"), "short");
        let long = shortened(&"é".repeat(1000));
        assert_eq!(long.chars().count(), SHOWN * 2 / 3 + 1 + SHOWN / 3);
    }
}
