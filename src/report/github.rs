//! Findings as commands of a GitHub workflow, which shows them beside the lines they speak of.

use std::fmt::{self, Write as _};
use std::io::{self, Write};

use super::text::sentence;
use super::{LineIndex, Report, Subject};
use crate::model::Severity;

/// `::error file=a.txt,line=3,col=1,endLine=3,endColumn=36,title=en/ads/continues-below::…`
pub(super) struct Github;

impl Report for Github {
    fn document(&self, subject: &Subject<'_>, out: &mut dyn Write) -> io::Result<()> {
        let lines = LineIndex::new(subject.original);
        for finding in subject.findings {
            let command = match finding.severity() {
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Note => "notice",
            };
            write!(out, "::{command} file={}", Property(subject.origin.path))?;
            if let Some(record) = subject.origin.record {
                // Columns count in the record's text, which is no line of the file.
                write!(out, ",line={}", record.line)?;
            } else {
                let from = lines.position(finding.span.start);
                let to = lines.position(finding.span.end);
                // Columns are allowed only where both stand on one line.
                if from.line == to.line {
                    let (line, end_line) = (from.line, to.line);
                    let (column, end_column) = (from.column, to.column);
                    write!(
                        out,
                        ",line={line},col={column},endLine={end_line},endColumn={end_column}"
                    )?;
                } else {
                    write!(out, ",line={},endLine={}", from.line, to.line)?;
                }
            }
            let title = Property(&finding.rule.name);
            let message = sentence(subject.original, finding);
            writeln!(out, ",title={title}::{}", Message(&message))?;
        }
        Ok(())
    }
}

/// A value of a command, escaped as the runner reads it.
struct Property<'t>(&'t str);

impl fmt::Display for Property<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        escaped(self.0, &['%', '\r', '\n', ':', ','], f)
    }
}

/// What a command says, escaped as the runner reads it.
struct Message<'t>(&'t str);

impl fmt::Display for Message<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        escaped(self.0, &['%', '\r', '\n'], f)
    }
}

fn escaped(text: &str, active: &[char], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    text.chars().try_for_each(|c| {
        if active.contains(&c) {
            write!(f, "%{:02X}", u32::from(c))
        } else {
            f.write_char(c)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::super::sample::{findings, render};
    use super::super::{Origin, Record, ReportFormat, Styles};
    use super::*;
    use crate::model::Span;

    #[test]
    fn the_sample() {
        let text = render(ReportFormat::Github, &Styles::coloured());
        assert_eq!(
            text.lines().next().unwrap(),
            "::error file=a.txt,line=3,col=1,endLine=3,endColumn=36,title=en/ads/continues-below::“Story continues below advertisement” labels an advertisement that is not in the text; clean removes it"
        );
        assert!(
            text.lines().nth(2).unwrap().starts_with("::notice "),
            "{text}"
        );
    }

    /// The rules of `escapeData` and `escapeProperty` in `@actions/core`.
    #[test]
    fn nothing_in_a_text_can_be_taken_for_a_command() {
        let hostile = "100%\r\n::error::a:b,c%0A";
        assert_eq!(
            Message(hostile).to_string(),
            "100%25%0D%0A::error::a:b,c%250A"
        );
        assert_eq!(
            Property(hostile).to_string(),
            "100%25%0D%0A%3A%3Aerror%3A%3Aa%3Ab%2Cc%250A"
        );
    }

    fn line(origin: Origin<'_>, text: &str) -> String {
        let mut finding = findings().remove(0);
        finding.span = Span::new(0, text.len());
        finding.cut = finding.span;
        let findings = [finding];
        let mut out = Vec::new();
        Github
            .document(&Subject::new(origin, text, &findings, &[]), &mut out)
            .unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn columns_stand_only_where_they_mean_something() {
        let two_lines = line(Origin::file("a,b.txt"), "one\ntwo");
        assert!(
            two_lines.starts_with("::error file=a%2Cb.txt,line=1,endLine=2,title="),
            "{two_lines}"
        );
        assert_eq!(two_lines.lines().count(), 1);
        let record = Record {
            line: 7,
            field: "text",
            id: None,
        };
        let record = line(Origin::record("in.jsonl", record), "one");
        assert!(
            record.starts_with("::error file=in.jsonl,line=7,title="),
            "{record}"
        );
    }
}
