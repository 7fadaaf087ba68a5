//! Findings as SARIF 2.1.0, for code scanning and other tools that collect results.
//!
//! Lines and columns count characters (Unicode code points) from 1. Offsets from 0 are given in characters and in bytes. A record of a file has
//! only the line of the file as its place, and its offsets, which count in the record's text, among the properties.

use std::fmt::Write as _;
use std::io::{self, Write};

use serde::Serialize;

use super::json::ENGINE;
use super::text::sentence;
use super::{LineIndex, Report, Subject, Summary, Suppressed, Suppression, fingerprint};
use crate::model::{Edit, Finding, Severity, Span};

/// One run with a result for each finding.
pub(super) struct Sarif;

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

impl Report for Sarif {
    fn begin(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(
            out,
            "{{\n\"$schema\": \"{SCHEMA}\",\n\"version\": \"2.1.0\",\n\"runs\": [{{\n\"columnKind\": \"unicodeCodePoints\",\n\"results\": ["
        )
    }

    fn document(&self, subject: &Subject<'_>, out: &mut dyn Write) -> io::Result<()> {
        let lines = LineIndex::new(subject.original);
        let reported = subject.findings.iter().zip(subject.edits_by_finding());
        let reported =
            reported.map(|(finding, edit)| SarifResult::of(subject, &lines, finding, edit, None));
        let suppressed = subject.suppressed.iter().map(|suppressed| {
            SarifResult::of(subject, &lines, &suppressed.finding, None, Some(suppressed))
        });
        for (index, result) in reported.chain(suppressed).enumerate() {
            if index > 0 {
                self.between(out)?;
            }
            serde_json::to_writer(&mut *out, &result)?;
        }
        Ok(())
    }

    fn between(&self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(b",\n")
    }

    /// The rules stand behind the results: only now is it known which took part.
    fn end(&self, summary: &Summary, out: &mut dyn Write) -> io::Result<()> {
        let rules = summary.rules.values();
        let driver = Driver {
            name: "descale",
            full_name: ENGINE,
            semantic_version: env!("CARGO_PKG_VERSION"),
            rules: rules.map(|count| Rule::of(&count.rule)).collect(),
        };
        out.write_all(b"\n],\n\"tool\": {\"driver\": ")?;
        serde_json::to_writer(&mut *out, &driver)?;
        out.write_all(b"}\n}]\n}\n")
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver<'a> {
    name: &'static str,
    full_name: &'static str,
    semantic_version: &'static str,
    rules: Vec<Rule<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Rule<'a> {
    id: &'a str,
    short_description: Text,
    properties: RuleProperties<'a>,
}

#[derive(Serialize)]
struct RuleProperties<'a> {
    pack: &'a str,
    version: &'a str,
    category: &'static str,
    tags: [&'static str; 1],
}

impl<'a> Rule<'a> {
    fn of(rule: &'a crate::model::RuleInfo) -> Self {
        let category = rule.category.name();
        Self {
            id: &rule.name,
            short_description: Text {
                text: format!("Text that {}.", rule.why),
            },
            properties: RuleProperties {
                pack: rule.name.rsplit_once('/').map_or("", |(pack, _)| pack),
                version: &rule.version,
                category,
                tags: [category],
            },
        }
    }
}

#[derive(Serialize)]
struct Text {
    text: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifResult<'a> {
    rule_id: &'a str,
    level: &'static str,
    message: Text,
    locations: [Location<'a>; 1],
    partial_fingerprints: Fingerprints,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fixes: Vec<Fix<'a>>,
    /// Present in every result, empty in most: so the standard wants it, or in none.
    suppressions: Vec<SuppressionShape<'a>>,
    properties: Properties<'a>,
}

#[derive(Serialize)]
struct Fingerprints {
    #[serde(rename = "contextHash/v1")]
    context: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location<'a> {
    physical_location: PhysicalLocation,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    logical_locations: Vec<LogicalLocation<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation {
    artifact_location: Artifact,
    region: Region,
}

/// A record of a file.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LogicalLocation<'a> {
    name: &'a str,
    fully_qualified_name: String,
    kind: &'static str,
}

#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Artifact {
    uri: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    uri_base_id: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: usize,
    #[serde(flatten)]
    within: Option<Within>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Within {
    start_column: usize,
    end_line: usize,
    end_column: usize,
    char_offset: usize,
    char_length: usize,
    byte_offset: usize,
    byte_length: usize,
}

impl Region {
    fn of(lines: &LineIndex<'_>, span: Span) -> Self {
        let (from, to) = (lines.position(span.start), lines.position(span.end));
        let (start, end) = (lines.characters(span.start), lines.characters(span.end));
        Self {
            start_line: from.line,
            within: Some(Within {
                start_column: from.column,
                end_line: to.line,
                end_column: to.column,
                char_offset: start,
                char_length: end - start,
                byte_offset: span.start,
                byte_length: span.len(),
            }),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Fix<'a> {
    description: Text,
    artifact_changes: [ArtifactChange<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ArtifactChange<'a> {
    artifact_location: Artifact,
    replacements: [Replacement<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Replacement<'a> {
    deleted_region: Region,
    inserted_content: Inserted<'a>,
}

#[derive(Serialize)]
struct Inserted<'a> {
    text: &'a str,
}

#[derive(Serialize)]
struct SuppressionShape<'a> {
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    justification: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Properties<'a> {
    pack_version: &'a str,
    category: &'static str,
    safety: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    kept: Option<&'static str>,
    /// The offsets in the text of a record, whose place in the file has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    region_of_text: Option<Region>,
}

impl<'a> SarifResult<'a> {
    fn of(
        subject: &Subject<'a>,
        lines: &LineIndex<'_>,
        finding: &'a Finding,
        edit: Option<&'a Edit>,
        suppressed: Option<&'a Suppressed>,
    ) -> Self {
        let artifact = Artifact::of(subject.origin.path);
        let record = subject.origin.record;
        let region = Region::of(lines, finding.span);
        let (region, region_of_text) = match record {
            None => (region, None),
            Some(record) => (
                Region {
                    start_line: record.line,
                    within: None,
                },
                Some(region),
            ),
        };
        // In a file of records a change would have to be written as that file writes strings.
        let fix = edit.filter(|_| record.is_none()).map(|edit| Fix {
            description: Text {
                text: "What clean makes of it".to_owned(),
            },
            artifact_changes: [ArtifactChange {
                artifact_location: artifact.clone(),
                replacements: [Replacement {
                    deleted_region: Region::of(lines, edit.span),
                    inserted_content: Inserted {
                        text: &edit.replacement,
                    },
                }],
            }],
        });
        Self {
            rule_id: &finding.rule.name,
            level: match finding.severity() {
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Note => "note",
            },
            message: Text {
                text: sentence(subject.original, finding),
            },
            locations: [Location {
                physical_location: PhysicalLocation {
                    artifact_location: artifact,
                    region,
                },
                logical_locations: record
                    .map(|record| LogicalLocation {
                        name: record.id.unwrap_or(record.field),
                        fully_qualified_name: subject.origin.to_string(),
                        kind: "member",
                    })
                    .into_iter()
                    .collect(),
            }],
            partial_fingerprints: Fingerprints {
                context: fingerprint(subject.original, finding),
            },
            fixes: fix.into_iter().collect(),
            suppressions: suppressed
                .map(|suppressed| SuppressionShape {
                    kind: match suppressed.by {
                        Suppression::Comment => "inSource",
                        Suppression::Baseline => "external",
                    },
                    justification: suppressed.reason.as_deref(),
                })
                .into_iter()
                .collect(),
            properties: Properties {
                pack_version: &finding.rule.version,
                category: finding.rule.category.name(),
                safety: finding.safety.name(),
                kept: finding.kept.map(crate::model::Kept::name),
                region_of_text,
            },
        }
    }
}

impl Artifact {
    /// A path as a reference. Relative ones are relative to the root of the sources, which the reader of the report knows.
    fn of(path: &str) -> Self {
        let has_drive = matches!(path.as_bytes(), [letter, b':', b'/' | b'\\', ..] if letter.is_ascii_alphabetic());
        // Elsewhere a backslash is a character of the name.
        let path = if has_drive || std::path::MAIN_SEPARATOR == '\\' {
            path.replace('\\', "/")
        } else {
            path.to_owned()
        };
        let path = path.strip_prefix("./").unwrap_or(&path);
        let mut uri = String::with_capacity(path.len());
        let absolute = path.starts_with('/') || has_drive;
        if absolute {
            uri.push_str(if has_drive { "file:///" } else { "file://" });
        }
        for byte in path.bytes() {
            if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
                uri.push(char::from(byte));
            } else {
                let _ = write!(uri, "%{byte:02X}");
            }
        }
        Self {
            uri,
            uri_base_id: (!absolute).then_some("%SRCROOT%"),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::sample::{TEXT, edits, findings, render};
    use super::super::{Origin, Record, ReportFormat, Styles};
    use super::*;

    fn written(subject: Subject<'_>) -> Value {
        let mut out = Vec::new();
        ReportFormat::Sarif
            .write(&[subject, subject], &Styles::plain(), &mut out)
            .unwrap();
        serde_json::from_slice(&out).unwrap()
    }

    #[test]
    fn the_sample() {
        let log: Value =
            serde_json::from_str(&render(ReportFormat::Sarif, &Styles::coloured())).unwrap();
        assert_eq!(log["version"], "2.1.0");
        let run = &log["runs"][0];
        let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
        assert_eq!(rules.len(), 3);
        assert_eq!(rules[0]["properties"]["pack"], "en/ads");
        assert_eq!(rules[0]["properties"]["version"], "1.0.0");
        let results = run["results"].as_array().unwrap();
        let levels: Vec<_> = results.iter().map(|result| &result["level"]).collect();
        assert_eq!(levels, ["error", "error", "note"]);
        for result in results {
            let rule = &result["ruleId"];
            assert!(rules.iter().any(|other| other["id"] == *rule), "{rule}");
            assert_eq!(result["suppressions"], json!([]));
        }
        let location = &results[2]["locations"][0]["physicalLocation"];
        assert_eq!(
            location["artifactLocation"],
            json!({"uri": "a.txt", "uriBaseId": "%SRCROOT%"})
        );
        assert_eq!(
            location["region"],
            json!({"startLine": 5, "startColumn": 26, "endLine": 5, "endColumn": 39, "charOffset": 88, "charLength": 13, "byteOffset": 92, "byteLength": 13})
        );
        assert_eq!(results[2].get("fixes"), None, "what stays has no fix");
    }

    #[test]
    fn a_fix_is_the_edit() {
        let (findings, edits) = (findings(), edits());
        let log = written(Subject::new(Origin::file("a.txt"), TEXT, &findings, &edits));
        let fix = &log["runs"][0]["results"][0]["fixes"][0]["artifactChanges"][0];
        let replacement = &fix["replacements"][0];
        let region = &replacement["deletedRegion"];
        let start = region["byteOffset"].as_u64().unwrap() as usize;
        let end = start + region["byteLength"].as_u64().unwrap() as usize;
        assert_eq!((start, end), (edits[0].span.start, edits[0].span.end));
        assert_eq!(replacement["insertedContent"]["text"], "\n\n");
    }

    #[test]
    fn a_suppressed_finding_says_by_whom() {
        let suppressed = [Suppressed {
            finding: findings().remove(0),
            by: Suppression::Comment,
            reason: Some("an exhibit".into()),
        }];
        let subject =
            Subject::new(Origin::file("a.txt"), TEXT, &[], &[]).with_suppressed(&suppressed);
        let log = written(subject);
        assert_eq!(
            log["runs"][0]["results"][1]["suppressions"],
            json!([{"kind": "inSource", "justification": "an exhibit"}])
        );
    }

    #[test]
    fn a_record_has_a_line_and_no_fix() {
        let (findings, edits) = (findings(), edits());
        let record = Record {
            line: 7,
            field: "text",
            id: Some("a1"),
        };
        let log = written(Subject::new(
            Origin::record("in.jsonl", record),
            TEXT,
            &findings,
            &edits,
        ));
        let result = &log["runs"][0]["results"][0];
        let location = &result["locations"][0];
        assert_eq!(
            location["physicalLocation"]["region"],
            json!({"startLine": 7})
        );
        assert_eq!(
            location["logicalLocations"][0]["fullyQualifiedName"],
            "in.jsonl:7:text"
        );
        assert_eq!(result["properties"]["regionOfText"]["byteOffset"], 26);
        assert_eq!(result.get("fixes"), None);
    }

    #[test]
    fn paths_become_references() {
        for (path, uri, relative) in [
            ("in/a b#1%.txt", "in/a%20b%231%25.txt", true),
            ("./a:b.txt", "a%3Ab.txt", true),
            ("/tmp/é.txt", "file:///tmp/%C3%A9.txt", false),
            ("C:\\texts\\a.txt", "file:///C%3A/texts/a.txt", false),
        ] {
            let artifact = Artifact::of(path);
            assert_eq!(
                (artifact.uri.as_str(), artifact.uri_base_id.is_some()),
                (uri, relative)
            );
        }
    }
}
