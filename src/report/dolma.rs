//! Findings as attributes for the Dolma toolkit: spans of characters with a score, one line a document.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;

use super::{LineIndex, Report, Subject};
use crate::model::{Finding, Severity};

/// `{"id":"a1","attributes":{"descale__ad_marker":[[18,55,1.0]]}}`
///
/// The mixer goes through documents and attributes side by side, so a document without findings has its line too.
pub(super) struct Dolma;

#[derive(Serialize)]
struct Line<'a> {
    id: &'a str,
    attributes: BTreeMap<String, Vec<(usize, usize, f32)>>,
}

impl Report for Dolma {
    fn document(&self, subject: &Subject<'_>, out: &mut dyn Write) -> io::Result<()> {
        let lines = LineIndex::new(subject.original);
        let mut attributes: BTreeMap<String, Vec<_>> = BTreeMap::new();
        for finding in subject.findings {
            // Attributes are named in paths of the mixer's configuration, where a hyphen would need quotes.
            let category = finding.rule.category.name().replace('-', "_");
            let spans = attributes
                .entry(format!("descale__{category}"))
                .or_default();
            let start = lines.characters(finding.cut.start);
            let end = lines.characters(finding.cut.end);
            spans.push((start, end, score(finding)));
        }
        let origin = subject.origin.to_string();
        let id = subject.origin.record.and_then(|record| record.id);
        let line = Line {
            id: id.unwrap_or(&origin),
            attributes,
        };
        serde_json::to_writer(&mut *out, &line)?;
        out.write_all(b"\n")
    }
}

/// How sure it is that the span is no part of the text: what `clean` acts on, what `clean --review` acts on, what both leave.
fn score(finding: &Finding) -> f32 {
    match finding.severity() {
        Severity::Error => 1.0,
        Severity::Warning => 0.5,
        Severity::Note => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{TEXT, findings};
    use super::super::{Origin, Record, ReportFormat, Styles};
    use super::*;

    #[test]
    fn spans_count_characters_and_every_document_has_a_line() {
        let findings = findings();
        let record = |id| Record {
            line: 1,
            field: "text",
            id,
        };
        let found = Subject::new(
            Origin::record("in.jsonl", record(Some("a1"))),
            TEXT,
            &findings,
            &[],
        );
        let quiet = Subject::new(Origin::record("in.jsonl", record(None)), "One.", &[], &[]);
        let mut out = Vec::new();
        ReportFormat::Dolma
            .write(&[found, quiet], &Styles::plain(), &mut out)
            .unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "{\"id\":\"a1\",\"attributes\":{\"descale__ad_marker\":[[26,61,1.0],[88,101,0.0]],\"descale__fragment\":[[67,72,1.0]]}}\n\
             {\"id\":\"in.jsonl:1:text\",\"attributes\":{}}\n"
        );
        let mention: String = TEXT.chars().skip(88).take(101 - 88).collect();
        assert_eq!(mention, "Advertisement");
    }
}
