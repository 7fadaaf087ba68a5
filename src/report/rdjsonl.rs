//! Findings in the Reviewdog Diagnostic Format, one JSON value a line.

use std::io::{self, Write};

use serde::Serialize;

use super::text::sentence;
use super::{LineIndex, Report, Subject};
use crate::model::{Severity, Span};

/// `{"message":…,"location":{"path":…,"range":…},"severity":…,"code":…,"suggestions":[…]}`
pub(super) struct Rdjsonl;

#[derive(Serialize)]
struct Diagnostic<'a> {
    message: String,
    location: Location<'a>,
    severity: &'static str,
    source: Source,
    code: Code<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    suggestions: Vec<Suggestion<'a>>,
}

#[derive(Serialize)]
struct Location<'a> {
    path: &'a str,
    range: Range,
}

#[derive(Serialize)]
struct Source {
    name: &'static str,
}

#[derive(Serialize)]
struct Code<'a> {
    value: &'a str,
}

#[derive(Serialize)]
struct Suggestion<'a> {
    range: Range,
    text: &'a str,
}

/// From a place up to, not including, another.
#[derive(Serialize)]
struct Range {
    start: Place,
    #[serde(skip_serializing_if = "Option::is_none")]
    end: Option<Place>,
}

/// Both from 1; the column in bytes, as the format has it.
#[derive(Serialize)]
struct Place {
    line: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<usize>,
}

impl Place {
    fn of(lines: &LineIndex<'_>, offset: usize) -> Self {
        let line = lines.position(offset).line;
        Self {
            line,
            column: Some(offset - lines.start(line) + 1),
        }
    }
}

impl Range {
    fn of(lines: &LineIndex<'_>, span: Span) -> Self {
        Self {
            start: Place::of(lines, span.start),
            end: Some(Place::of(lines, span.end)),
        }
    }
}

impl Report for Rdjsonl {
    fn document(&self, subject: &Subject<'_>, out: &mut dyn Write) -> io::Result<()> {
        let lines = LineIndex::new(subject.original);
        for (finding, edit) in subject.findings.iter().zip(subject.edits_by_finding()) {
            // A record's text is no stretch of its file: only its line can be named, and nothing be suggested.
            let (range, suggestions) = match subject.origin.record {
                Some(record) => {
                    let start = Place {
                        line: record.line,
                        column: None,
                    };
                    (Range { start, end: None }, Vec::new())
                }
                None => {
                    let suggestion = edit.map(|edit| Suggestion {
                        range: Range::of(&lines, edit.span),
                        text: &edit.replacement,
                    });
                    (
                        Range::of(&lines, finding.span),
                        suggestion.into_iter().collect(),
                    )
                }
            };
            let diagnostic = Diagnostic {
                message: sentence(subject.original, finding),
                location: Location {
                    path: subject.origin.path,
                    range,
                },
                severity: match finding.severity() {
                    Severity::Error => "ERROR",
                    Severity::Warning => "WARNING",
                    Severity::Note => "INFO",
                },
                source: Source { name: "descale" },
                code: Code {
                    value: &finding.rule.name,
                },
                suggestions,
            };
            serde_json::to_writer(&mut *out, &diagnostic)?;
            out.write_all(b"\n")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::sample::render;
    use super::super::{ReportFormat, Styles};

    #[test]
    fn the_sample() {
        let text = render(ReportFormat::Rdjsonl, &Styles::plain());
        let lines: Vec<Value> = text
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(lines.len(), 3);
        assert_eq!(lines[0]["code"]["value"], "en/ads/continues-below");
        assert_eq!(lines[0]["severity"], "ERROR");
        assert_eq!(
            lines[0]["suggestions"],
            json!([{"range": {"start": {"line": 1, "column": 25}, "end": {"line": 5, "column": 1}}, "text": "\n\n"}])
        );
        // The columns of the mention count the bytes of the signs before it.
        assert_eq!(
            lines[2]["location"],
            json!({"path": "a.txt", "range": {"start": {"line": 5, "column": 30}, "end": {"line": 5, "column": 43}}})
        );
        assert_eq!(lines[2].get("suggestions"), None);
    }
}
