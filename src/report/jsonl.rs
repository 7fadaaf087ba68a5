//! Findings and changes as JSON Lines: one message a line, `type` first, the summary last.

use std::io::{self, Write};

use serde::Serialize;

use super::json::{ENGINE, EditShape, FindingShape, OriginShape, SCHEMA, SummaryShape};
use super::{LineIndex, Report, Subject, Summary};

/// `{"type":"finding","path":…}`, `{"type":"edit",…}`, `{"type":"summary",…}`
pub(super) struct Jsonl;

#[derive(Serialize)]
struct Message<'a, T> {
    r#type: &'static str,
    #[serde(flatten)]
    origin: OriginShape<'a>,
    #[serde(flatten)]
    body: T,
}

#[derive(Serialize)]
struct Last<'a> {
    r#type: &'static str,
    schema: u32,
    engine: &'static str,
    #[serde(flatten)]
    totals: SummaryShape<'a>,
}

fn line(value: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer(&mut *out, value)?;
    out.write_all(b"\n")
}

impl Report for Jsonl {
    fn document(&self, subject: &Subject<'_>, out: &mut dyn Write) -> io::Result<()> {
        if subject.findings.is_empty() && subject.edits.is_empty() {
            return Ok(());
        }
        let lines = LineIndex::new(subject.original);
        for finding in subject.findings {
            let body = FindingShape::of(subject.original, &lines, finding);
            line(
                &Message {
                    r#type: "finding",
                    origin: OriginShape::of(subject),
                    body,
                },
                out,
            )?;
        }
        for edit in subject.edits {
            let body = EditShape::of(subject, &lines, edit);
            line(
                &Message {
                    r#type: "edit",
                    origin: OriginShape::of(subject),
                    body,
                },
                out,
            )?;
        }
        Ok(())
    }

    fn end(&self, summary: &Summary, out: &mut dyn Write) -> io::Result<()> {
        line(
            &Last {
                r#type: "summary",
                schema: SCHEMA,
                engine: ENGINE,
                totals: SummaryShape::of(summary),
            },
            out,
        )
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::super::sample::render;
    use super::super::{ReportFormat, Styles};

    #[test]
    fn the_sample() {
        let text = render(ReportFormat::Jsonl, &Styles::plain());
        let lines: Vec<Value> = text
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        let types: Vec<&str> = lines
            .iter()
            .map(|line| line["type"].as_str().unwrap())
            .collect();
        assert_eq!(
            types,
            ["finding", "finding", "finding", "edit", "edit", "summary"]
        );
        assert!(lines[..5].iter().all(|line| line["path"] == "a.txt"));
        assert_eq!(lines[5]["errors"], 2);
    }
}
