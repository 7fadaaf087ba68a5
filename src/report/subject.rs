//! What a report is about: a document, where it came from, what was found in it and what was changed.

use std::fmt;

use super::text::visible;
use crate::model::{Edit, Finding};

/// Where a document came from, as reports name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin<'a> {
    /// The file as the user named it; `<stdin>` for the standard input.
    pub path: &'a str,
    /// What the file is called after the change, when that is another file (`diff BEFORE AFTER`).
    pub after: Option<&'a str>,
    /// The record inside the file, for files that hold many documents.
    pub record: Option<Record<'a>>,
}

/// One document of a file that holds many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record<'a> {
    /// Its line in the file, from 1.
    pub line: usize,
    /// The field its text stands in, as a dotted path.
    pub field: &'a str,
    /// Its own name, when it has one.
    pub id: Option<&'a str>,
}

impl<'a> Origin<'a> {
    /// A file that is one document.
    #[must_use]
    pub fn file(path: &'a str) -> Self {
        Self {
            path,
            after: None,
            record: None,
        }
    }

    /// A field of a record of a file.
    #[must_use]
    pub fn record(path: &'a str, record: Record<'a>) -> Self {
        Self {
            path,
            after: None,
            record: Some(record),
        }
    }
}

/// `a.txt`, or `in.jsonl:12:text` for a record, with control characters made visible.
impl fmt::Display for Origin<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        visible(self.path, f)?;
        if let Some(record) = self.record {
            write!(f, ":{}:", record.line)?;
            visible(record.field, f)?;
        }
        Ok(())
    }
}

/// One document and all that is known of it.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// Where it came from.
    pub origin: Origin<'a>,
    /// The text before any change. All spans are bytes of it.
    pub original: &'a str,
    /// What was found, in the order of the text.
    pub findings: &'a [Finding],
    /// What was changed: sorted, disjoint. Empty when nothing was changed, or when the run does not change texts.
    pub edits: &'a [Edit],
    /// What was found but someone does not want to hear of. Only reports that can say so show it; none counts it.
    pub suppressed: &'a [Suppressed],
}

/// A finding that is not reported, and who said so. It does not stand in [`Subject::findings`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suppressed {
    /// The finding, in bytes of the original text like all others.
    pub finding: Finding,
    /// Who said so.
    pub by: Suppression,
    /// The reason given, if any.
    pub reason: Option<String>,
}

/// What keeps a finding from being reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Suppression {
    /// A comment in the text.
    Comment,
    /// A line of a baseline.
    Baseline,
}

impl<'a> Subject<'a> {
    /// A document with what was found in it and what was changed.
    #[must_use]
    pub fn new(
        origin: Origin<'a>,
        original: &'a str,
        findings: &'a [Finding],
        edits: &'a [Edit],
    ) -> Self {
        Self {
            origin,
            original,
            findings,
            edits,
            suppressed: &[],
        }
    }

    /// For each finding the change it caused, if any.
    pub(super) fn edits_by_finding(&self) -> Vec<Option<&'a Edit>> {
        let mut edits = vec![None; self.findings.len()];
        for edit in self.edits {
            for index in &edit.findings {
                if let Some(slot) = edits.get_mut(*index) {
                    *slot = Some(edit);
                }
            }
        }
        edits
    }

    /// The same document with findings that are not reported.
    #[must_use]
    pub fn with_suppressed(self, suppressed: &'a [Suppressed]) -> Self {
        Self { suppressed, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_shows_no_control_characters() {
        let record = Record {
            line: 3,
            field: "text",
            id: None,
        };
        assert_eq!(
            Origin::record("a\u{1b}[31m.jsonl", record).to_string(),
            "a␛[31m.jsonl:3:text"
        );
    }
}
