//! Findings and changes as one JSON value, and the shapes that all JSON reports share.
//!
//! The shapes are types of their own, apart from the working types, so that a renamed field inside does not change what others read.

use std::io::{self, Write};

use serde::Serialize;

use super::{LineIndex, Report, Subject, Summary};
use crate::model::{Action, Edit, Finding, Span};

/// Version of the shapes below. A new field leaves it; a field that goes or changes its meaning raises it.
pub(super) const SCHEMA: u32 = 1;

/// The program that wrote the report.
pub(super) const ENGINE: &str = concat!("descale ", env!("CARGO_PKG_VERSION"));

/// `{"schema":1,"engine":…,"documents":[…],"summary":{…}}`
pub(super) struct Json;

impl Report for Json {
    fn begin(&self, out: &mut dyn Write) -> io::Result<()> {
        write!(
            out,
            "{{\n\"schema\": {SCHEMA},\n\"engine\": \"{ENGINE}\",\n\"documents\": [\n"
        )
    }

    fn document(&self, subject: &Subject<'_>, out: &mut dyn Write) -> io::Result<()> {
        if subject.findings.is_empty() && subject.edits.is_empty() {
            return Ok(());
        }
        let lines = LineIndex::new(subject.original);
        let document = DocumentShape {
            origin: OriginShape::of(subject),
            findings: subject
                .findings
                .iter()
                .map(|finding| FindingShape::of(subject.original, &lines, finding))
                .collect(),
            edits: subject
                .edits
                .iter()
                .map(|edit| EditShape::of(subject, &lines, edit))
                .collect(),
        };
        serde_json::to_writer(&mut *out, &document).map_err(io::Error::from)
    }

    fn between(&self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(b",\n")
    }

    fn end(&self, summary: &Summary, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(b"\n],\n\"summary\": ")?;
        serde_json::to_writer(&mut *out, &SummaryShape::of(summary))?;
        out.write_all(b"\n}\n")
    }
}

/// Where a document came from.
#[derive(Serialize)]
pub(super) struct OriginShape<'a> {
    path: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    record: Option<RecordShape<'a>>,
}

#[derive(Serialize)]
struct RecordShape<'a> {
    line: usize,
    field: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
}

impl<'a> OriginShape<'a> {
    pub(super) fn of(subject: &Subject<'a>) -> Self {
        let origin = subject.origin;
        let record = origin.record.map(|record| RecordShape {
            line: record.line,
            field: record.field,
            id: record.id,
        });
        Self {
            path: origin.path,
            after: origin.after,
            record,
        }
    }
}

#[derive(Serialize)]
struct DocumentShape<'a> {
    #[serde(flatten)]
    origin: OriginShape<'a>,
    findings: Vec<FindingShape<'a>>,
    edits: Vec<EditShape<'a>>,
}

/// A stretch: `start` and `end` in bytes of the original text; lines and columns from 1, columns in characters. `end` and the end position
/// stand behind the last character.
#[derive(Serialize)]
struct Place {
    start: usize,
    end: usize,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
}

impl Place {
    fn of(lines: &LineIndex<'_>, span: Span) -> Self {
        let (from, to) = (lines.position(span.start), lines.position(span.end));
        Self {
            start: span.start,
            end: span.end,
            line: from.line,
            column: from.column,
            end_line: to.line,
            end_column: to.column,
        }
    }
}

#[derive(Serialize)]
struct Bytes {
    start: usize,
    end: usize,
}

impl From<Span> for Bytes {
    fn from(span: Span) -> Self {
        Self {
            start: span.start,
            end: span.end,
        }
    }
}

/// One finding.
#[derive(Serialize)]
pub(super) struct FindingShape<'a> {
    rule: &'a str,
    version: &'a str,
    category: &'static str,
    severity: &'static str,
    safety: &'static str,
    at: Option<&'static str>,
    #[serde(flatten)]
    place: Place,
    text: &'a str,
    why: &'a str,
    action: &'static str,
    replacement: Option<&'a str>,
    cut: Bytes,
    kept: Option<&'static str>,
    evidence: Vec<Bytes>,
}

impl<'a> FindingShape<'a> {
    pub(super) fn of(text: &'a str, lines: &LineIndex<'_>, finding: &'a Finding) -> Self {
        let (action, replacement) = match &finding.action {
            Action::Remove => ("remove", None),
            Action::Replace(new) => ("replace", Some(new.as_str())),
            Action::Report => ("report", None),
        };
        Self {
            rule: &finding.rule.name,
            version: &finding.rule.version,
            category: finding.rule.category.name(),
            severity: finding.severity().name(),
            safety: finding.safety.name(),
            at: finding.place.map(crate::model::Place::name),
            place: Place::of(lines, finding.span),
            text: &text[finding.span.range()],
            why: &finding.rule.why,
            action,
            replacement,
            cut: finding.cut.into(),
            kept: finding.kept.map(crate::model::Kept::name),
            evidence: finding.evidence.iter().map(|span| (*span).into()).collect(),
        }
    }
}

/// One change.
#[derive(Serialize)]
pub(super) struct EditShape<'a> {
    #[serde(flatten)]
    place: Place,
    old: &'a str,
    new: &'a str,
    rules: Vec<&'a str>,
}

impl<'a> EditShape<'a> {
    pub(super) fn of(subject: &Subject<'a>, lines: &LineIndex<'_>, edit: &'a Edit) -> Self {
        let rules = edit
            .findings
            .iter()
            .filter_map(|index| Some(subject.findings.get(*index)?.rule.name.as_str()))
            .collect();
        Self {
            place: Place::of(lines, edit.span),
            old: &subject.original[edit.span.range()],
            new: &edit.replacement,
            rules,
        }
    }
}

/// The totals.
#[derive(Serialize)]
pub(super) struct SummaryShape<'a> {
    documents: usize,
    changed: usize,
    findings: usize,
    errors: usize,
    warnings: usize,
    notes: usize,
    edits: usize,
    bytes_in: usize,
    bytes_out: usize,
    rules: Vec<RuleShape<'a>>,
}

#[derive(Serialize)]
struct RuleShape<'a> {
    rule: &'a str,
    category: &'static str,
    findings: usize,
    applied: usize,
}

impl<'a> SummaryShape<'a> {
    pub(super) fn of(summary: &'a Summary) -> Self {
        let rules = summary.rules.iter();
        Self {
            documents: summary.documents,
            changed: summary.changed,
            findings: summary.findings(),
            errors: summary.errors,
            warnings: summary.warnings,
            notes: summary.notes,
            edits: summary.edits,
            bytes_in: summary.bytes_in,
            bytes_out: summary.bytes_out,
            rules: rules
                .map(|(rule, count)| RuleShape {
                    rule,
                    category: count.rule.category.name(),
                    findings: count.findings,
                    applied: count.applied,
                })
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::super::sample::{TEXT, render};
    use super::super::{Origin, ReportFormat, Styles};
    use super::*;

    #[test]
    fn the_sample() {
        let value: Value =
            serde_json::from_str(&render(ReportFormat::Json, &Styles::coloured())).unwrap();
        assert_eq!(value["schema"], 1);
        let document = &value["documents"][0];
        assert_eq!(document["path"], "a.txt");
        let finding = &document["findings"][1];
        assert_eq!(finding["rule"], "fragment/clipped-name");
        assert_eq!(
            (&finding["line"], &finding["column"], &finding["end_column"]),
            (&5.into(), &5.into(), &10.into())
        );
        assert_eq!(finding["replacement"], "Lindqvistberg");
        assert_eq!(document["findings"][2]["kept"], "mention");
        let edit = &document["edits"][0];
        let (start, end) = (
            edit["start"].as_u64().unwrap() as usize,
            edit["end"].as_u64().unwrap() as usize,
        );
        assert_eq!(edit["old"], TEXT[start..end]);
        assert_eq!(edit["rules"], serde_json::json!(["en/ads/continues-below"]));
        assert_eq!(value["summary"]["edits"], 2);
        assert_eq!(value["summary"]["rules"][1]["rule"], "en/ads/label");
    }

    #[test]
    fn many_documents_are_one_value() {
        let edits = [Edit {
            span: Span::new(0, 1),
            replacement: "b".into(),
            findings: vec![],
        }];
        let subject = Subject::new(Origin::file("a"), "a", &[], &edits);
        let quiet = Subject::new(Origin::file("b"), "a", &[], &[]);
        for subjects in [vec![], vec![quiet], vec![subject, quiet, subject]] {
            let mut out = Vec::new();
            ReportFormat::Json
                .write(&subjects, &Styles::plain(), &mut out)
                .unwrap();
            let value: Value = serde_json::from_slice(&out).unwrap();
            let loud = subjects
                .iter()
                .filter(|subject| !subject.edits.is_empty())
                .count();
            assert_eq!(value["documents"].as_array().unwrap().len(), loud);
        }
    }
}
