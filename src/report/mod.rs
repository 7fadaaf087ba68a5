//! What people and tools see of a run: findings as text or JSON, changes as diffs, and the summary by rule.
//!
//! A report is pure: it writes into the writer it is given and opens nothing, asks no terminal, finds nothing and edits nothing. Each
//! document is rendered by itself ([`Report::document`]), so documents may be rendered on many threads and put together in order.
//!
//! A new report is one file here, one variant of [`ReportFormat`] and one arm of [`ReportFormat::report`].
//!
//! ```
//! use descale::report::{Origin, ReportFormat, Styles, Subject, Summary};
//!
//! let cleaner = descale::Cleaner::builder().builtin(false).pattern("Foo bar baz").build()?;
//! let cleaned = cleaner.clean("One.\n\nFoo bar baz\n\nTwo.\n");
//! let subject = Subject::new(Origin::file("a.txt"), cleaned.original, &cleaned.findings, &cleaned.edits);
//!
//! let mut out = Vec::new();
//! ReportFormat::Diff.write(&[subject], &Styles::plain(), &mut out)?;
//! assert_eq!(
//!     String::from_utf8(out)?,
//!     "--- a.txt\n+++ a.txt\n@@ -1,5 +1,3 @@\n One.\n \n-Foo bar baz\n-\n Two.\n",
//! );
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod compare;
mod diff;
mod fingerprint;
mod json;
mod jsonl;
mod lines;
mod style;
mod summary;
mod text;
mod words;

use std::fmt;
use std::io::{self, Write};

pub use compare::compare;
pub use fingerprint::{BaselineEntry, fingerprint};
pub use lines::{LineIndex, Position};
pub use style::Styles;
pub use summary::{RuleCount, Summary};

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
        text::visible(self.path, f)?;
        if let Some(record) = self.record {
            write!(f, ":{}:", record.line)?;
            text::visible(record.field, f)?;
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

    /// The same document with findings that are not reported.
    #[must_use]
    pub fn with_suppressed(self, suppressed: &'a [Suppressed]) -> Self {
        Self { suppressed, ..self }
    }
}

/// One way to show documents.
///
/// The caller writes [`begin`](Self::begin), the documents in order with [`between`](Self::between) wherever both sides wrote something,
/// and [`end`](Self::end). [`ReportFormat::write`] does so for documents that are all at hand.
pub trait Report: Send + Sync {
    /// What stands before the first document.
    ///
    /// # Errors
    /// Those of `out`.
    fn begin(&self, out: &mut dyn Write) -> io::Result<()> {
        let _ = out;
        Ok(())
    }

    /// One document's share. Writes nothing when there is nothing to say of it.
    ///
    /// # Errors
    /// Those of `out`.
    fn document(&self, subject: &Subject<'_>, out: &mut dyn Write) -> io::Result<()>;

    /// What stands between the shares of two documents.
    ///
    /// # Errors
    /// Those of `out`.
    fn between(&self, out: &mut dyn Write) -> io::Result<()> {
        let _ = out;
        Ok(())
    }

    /// What stands behind the last document.
    ///
    /// # Errors
    /// Those of `out`.
    fn end(&self, summary: &Summary, out: &mut dyn Write) -> io::Result<()> {
        let _ = (summary, out);
        Ok(())
    }
}

/// Every way to show documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ReportFormat {
    /// Findings for people: file, line, column, the line with the span marked, why, and what `clean` would do.
    Text,
    /// Changes as a unified diff.
    Diff,
    /// Changes with the removed and inserted words marked inside the line.
    Words,
    /// Findings and changes as one JSON value.
    Json,
    /// Findings and changes as JSON Lines, one a line.
    Jsonl,
}

impl ReportFormat {
    /// Every format, in the order of the documentation.
    pub const ALL: &'static [Self] =
        &[Self::Text, Self::Diff, Self::Words, Self::Json, Self::Jsonl];

    /// Its spelling on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Diff => "diff",
            Self::Words => "words",
            Self::Json => "json",
            Self::Jsonl => "jsonl",
        }
    }

    /// What it shows, as one line of help.
    #[must_use]
    pub fn about(self) -> &'static str {
        match self {
            Self::Text => {
                "findings for people: place, line with the span marked, why, what clean would do"
            }
            Self::Diff => "changes as a unified diff",
            Self::Words => "changes with removed and inserted words marked inside the line",
            Self::Json => "findings and changes as one JSON value",
            Self::Jsonl => "findings and changes as JSON Lines",
        }
    }

    /// The format of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|format| format.name() == name)
    }

    /// Whether it shows changes only, so that a document without edits has no share in it.
    #[must_use]
    pub fn shows_edits_only(self) -> bool {
        matches!(self, Self::Diff | Self::Words)
    }

    /// The report of this format. Formats for tools pay no heed to `styles`.
    #[must_use]
    pub fn report(self, styles: &Styles) -> Box<dyn Report> {
        match self {
            Self::Text => Box::new(text::Text::new(*styles)),
            Self::Diff => Box::new(diff::Diff::new(*styles)),
            Self::Words => Box::new(words::Words::new(*styles)),
            Self::Json => Box::new(json::Json),
            Self::Jsonl => Box::new(jsonl::Jsonl),
        }
    }

    /// Writes the whole report of documents that are all at hand.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write(
        self,
        subjects: &[Subject<'_>],
        styles: &Styles,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let report = self.report(styles);
        let mut summary = Summary::default();
        report.begin(out)?;
        let mut share = Vec::new();
        let mut first = true;
        for subject in subjects {
            summary.add(subject);
            share.clear();
            report.document(subject, &mut share)?;
            if share.is_empty() {
                continue;
            }
            if !std::mem::take(&mut first) {
                report.between(out)?;
            }
            out.write_all(&share)?;
        }
        report.end(&summary, out)
    }
}

impl fmt::Display for ReportFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
mod sample {
    //! The document that the tests of all reports share.

    use std::sync::Arc;

    use crate::model::{Action, Category, Edit, Finding, Kept, Place, RuleInfo, Safety, Span};

    /// Two cuts, one repair and one mention.
    pub(super) const TEXT: &str = "Mr. Lindqvistberg spoke.\n\nStory continues below advertisement\n\nMr. Lindq’s office said “Advertisement” is banned.\n";

    /// The span of the first `needle`.
    pub(super) fn span(text: &str, needle: &str) -> Span {
        let start = text.find(needle).expect("the sample holds the needle");
        Span::new(start, start + needle.len())
    }

    pub(super) fn rule(name: &str, category: Category) -> Arc<RuleInfo> {
        Arc::new(RuleInfo {
            name: name.into(),
            version: "1.0.0".into(),
            category,
            why: category.why().into(),
        })
    }

    pub(super) fn findings() -> Vec<Finding> {
        let ad = span(TEXT, "Story continues below advertisement");
        let clipped = span(TEXT, "Lindq’s");
        let clipped = Span::new(clipped.start, clipped.start + "Lindq".len());
        let mention = span(TEXT, "Advertisement”");
        let mention = Span::new(mention.start, mention.start + "Advertisement".len());
        vec![
            Finding {
                rule: rule("en/ads/continues-below", Category::AdMarker),
                span: ad,
                cut: ad,
                place: Some(Place::Line),
                safety: Safety::Safe,
                action: Action::Remove,
                kept: None,
                evidence: Vec::new(),
            },
            Finding {
                rule: rule("fragment/clipped-name", Category::Fragment),
                span: clipped,
                cut: clipped,
                place: None,
                safety: Safety::Safe,
                action: Action::Replace("Lindqvistberg".into()),
                kept: None,
                evidence: vec![span(TEXT, "Lindqvistberg")],
            },
            Finding {
                rule: rule("en/ads/label", Category::AdMarker),
                span: mention,
                cut: mention,
                place: Some(Place::Inline),
                safety: Safety::Safe,
                action: Action::Remove,
                kept: Some(Kept::Mention),
                evidence: Vec::new(),
            },
        ]
    }

    pub(super) fn edits() -> Vec<Edit> {
        let seam = span(TEXT, "\n\nStory continues below advertisement\n\n");
        let clipped = findings()[1].cut;
        vec![
            Edit {
                span: seam,
                replacement: "\n\n".into(),
                findings: vec![0],
            },
            Edit {
                span: clipped,
                replacement: "Lindqvistberg".into(),
                findings: vec![1],
            },
        ]
    }

    /// The sample in one format.
    pub(super) fn render(format: super::ReportFormat, styles: &super::Styles) -> String {
        let (findings, edits) = (findings(), edits());
        let subject = super::Subject::new(super::Origin::file("a.txt"), TEXT, &findings, &edits);
        let mut out = Vec::new();
        format
            .write(&[subject], styles, &mut out)
            .expect("a vector takes all bytes");
        String::from_utf8(out).expect("reports of valid text are valid text")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back() {
        for &format in ReportFormat::ALL {
            assert_eq!(ReportFormat::parse(format.name()), Some(format));
        }
        assert_eq!(ReportFormat::parse("Text"), None);
    }

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

    #[test]
    fn a_document_without_a_share_leaves_no_separator() {
        let empty = Subject::new(Origin::file("empty.txt"), "", &[], &[]);
        for &format in ReportFormat::ALL {
            let mut out = Vec::new();
            format
                .write(&[empty, empty], &Styles::plain(), &mut out)
                .unwrap();
            let text = String::from_utf8(out).unwrap();
            assert!(!text.contains("empty.txt"), "{format}: {text}");
        }
    }
}
