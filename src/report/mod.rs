//! What people and tools see of a run: findings as text or JSON, changes as diffs, and the summary by rule.
//!
//! A report is pure: it writes into the writer it is given and opens nothing, asks no terminal, finds nothing and edits nothing. Each
//! document is rendered by itself ([`Report::document`]), so documents may be rendered on many threads and put together in order.
//!
//! A report that is more than its documents one behind the other (an index that counts them, pages beside it) hands out a [`Binder`].
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

mod binder;
mod compare;
mod concise;
mod diff;
mod dolma;
mod fingerprint;
mod github;
mod html;
mod json;
mod jsonl;
mod junit;
mod lines;
mod rdjsonl;
mod residue;
mod sarif;
mod side;
mod style;
mod subject;
mod summary;
mod text;
mod words;

use std::fmt;
use std::io::{self, Write};

pub use binder::{Binder, Files, Stream};
pub use compare::compare;
pub use fingerprint::{BaselineEntry, fingerprint};
pub use lines::{LineIndex, Position};
pub use style::Styles;
pub use subject::{Origin, Record, Subject, Suppressed, Suppression};
pub use summary::{RuleCount, Summary};
pub use text::what_clean_does;

/// One way to show documents.
///
/// The caller writes [`begin`](Self::begin), the documents in order with [`between`](Self::between) wherever both sides wrote something,
/// and [`end`](Self::end); or, if there is a [`binder`](Self::binder), gives the shares to it instead. [`ReportFormat::write`] does so for
/// documents that are all at hand.
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

    /// What puts the shares together where they cannot simply stand one behind the other. When there is one, nothing else writes.
    fn binder(&self) -> Option<Box<dyn Binder>> {
        None
    }
}

/// Every way to show documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ReportFormat {
    /// Findings for people: file, line, column, the line with the span marked, why, and what `clean` would do.
    Text,
    /// Findings for people and editors, one line each.
    Concise,
    /// Changes as a unified diff.
    Diff,
    /// Changes with the removed and inserted words marked inside the line.
    Words,
    /// Changes with the text before on the left and the text after on the right.
    Side,
    /// Findings and changes as one JSON value.
    Json,
    /// Findings and changes as JSON Lines, one a line.
    Jsonl,
    /// Findings as SARIF 2.1.0.
    Sarif,
    /// Findings as commands of a GitHub workflow.
    Github,
    /// Findings in the Reviewdog Diagnostic Format.
    Rdjsonl,
    /// Findings as failed tests in JUnit's XML.
    Junit,
    /// Findings as attributes for the Dolma toolkit.
    Dolma,
    /// Changes as a page to read and decide on.
    Html,
    /// What still looks like a marker, summed over all documents.
    Residue,
}

impl ReportFormat {
    /// Every format, in the order of the documentation.
    pub const ALL: &'static [Self] = &[
        Self::Text,
        Self::Concise,
        Self::Diff,
        Self::Words,
        Self::Side,
        Self::Json,
        Self::Jsonl,
        Self::Sarif,
        Self::Github,
        Self::Rdjsonl,
        Self::Junit,
        Self::Dolma,
        Self::Html,
        Self::Residue,
    ];

    /// Its spelling on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Concise => "concise",
            Self::Diff => "diff",
            Self::Words => "words",
            Self::Side => "side",
            Self::Json => "json",
            Self::Jsonl => "jsonl",
            Self::Sarif => "sarif",
            Self::Github => "github",
            Self::Rdjsonl => "rdjsonl",
            Self::Junit => "junit",
            Self::Dolma => "dolma",
            Self::Html => "html",
            Self::Residue => "residue",
        }
    }

    /// What it shows, as one line of help.
    #[must_use]
    pub fn about(self) -> &'static str {
        match self {
            Self::Text => {
                "findings for people: place, line with the span marked, why, what clean would do"
            }
            Self::Concise => "findings for people and editors, one line each",
            Self::Diff => "changes as a unified diff",
            Self::Words => "changes with removed and inserted words marked inside the line",
            Self::Side => "changes side by side, as wide as the terminal",
            Self::Json => "findings and changes as one JSON value",
            Self::Jsonl => "findings and changes as JSON Lines",
            Self::Sarif => "findings as SARIF 2.1.0, for code scanning",
            Self::Github => "findings as annotations of a GitHub workflow",
            Self::Rdjsonl => "findings in the Reviewdog Diagnostic Format",
            Self::Junit => "findings as failed tests in JUnit's XML",
            Self::Dolma => {
                "findings as attributes for the Dolma toolkit: spans with scores by document id"
            }
            Self::Html => "a page to read the changes on, accept and reject them",
            Self::Residue => {
                "what still looks like a marker: recurring lines, labels, findings that were kept"
            }
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

    /// Whether it shows changes, so that a run that would only look for findings has to make them too.
    #[must_use]
    pub fn needs_edits(self) -> bool {
        matches!(
            self,
            Self::Diff | Self::Words | Self::Side | Self::Sarif | Self::Rdjsonl | Self::Html
        )
    }

    /// The report of this format. Formats for tools pay no heed to `styles`.
    #[must_use]
    pub fn report(self, styles: &Styles) -> Box<dyn Report> {
        match self {
            Self::Text => Box::new(text::Text::new(*styles)),
            Self::Concise => Box::new(concise::Concise::new(*styles)),
            Self::Diff => Box::new(diff::Diff::new(*styles)),
            Self::Words => Box::new(words::Words::new(*styles)),
            Self::Side => Box::new(side::Side::new(*styles)),
            Self::Json => Box::new(json::Json),
            Self::Jsonl => Box::new(jsonl::Jsonl),
            Self::Sarif => Box::new(sarif::Sarif),
            Self::Github => Box::new(github::Github),
            Self::Rdjsonl => Box::new(rdjsonl::Rdjsonl),
            Self::Junit => Box::new(junit::Junit),
            Self::Dolma => Box::new(dolma::Dolma),
            Self::Html => Box::new(html::Html),
            Self::Residue => Box::new(residue::Residue),
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
        let mut stream = Stream::begin(report.as_ref(), out)?;
        let mut share = Vec::new();
        for subject in subjects {
            summary.add(subject);
            share.clear();
            report.document(subject, &mut share)?;
            stream.take(&share, out, None)?;
        }
        stream.end(&summary, out, None)
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
    fn a_document_without_a_share_leaves_no_separator() {
        let empty = Subject::new(Origin::file("empty.txt"), "", &[], &[]);
        // Dolma wants a line for every document.
        let formats = ReportFormat::ALL.iter();
        for format in formats.filter(|format| **format != ReportFormat::Dolma) {
            let mut out = Vec::new();
            format
                .write(&[empty, empty], &Styles::plain(), &mut out)
                .unwrap();
            let text = String::from_utf8(out).unwrap();
            assert!(!text.contains("empty.txt"), "{format}: {text}");
        }
    }
}
