//! Findings as failed tests, for continuous integration that reads JUnit's XML.

use std::fmt::{self, Write as _};
use std::io::{self, Write};

use super::text::sentence;
use super::{LineIndex, Report, Subject, Summary};
use crate::model::Severity;

/// A suite a document, a test case a finding: errors and warnings fail, notes are skipped.
pub(super) struct Junit;

impl Report for Junit {
    fn begin(&self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(
            b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"descale\">\n",
        )
    }

    fn document(&self, subject: &Subject<'_>, out: &mut dyn Write) -> io::Result<()> {
        if subject.findings.is_empty() {
            return Ok(());
        }
        let name = subject.origin.to_string();
        let name = Escaped(&name);
        let tests = subject.findings.len();
        let notes = subject
            .findings
            .iter()
            .filter(|finding| finding.severity() == Severity::Note)
            .count();
        writeln!(
            out,
            "  <testsuite name=\"{name}\" tests=\"{tests}\" failures=\"{}\" errors=\"0\" skipped=\"{notes}\">",
            tests - notes
        )?;
        let lines = LineIndex::new(subject.original);
        for finding in subject.findings {
            let at = lines.position(finding.span.start);
            let rule = Escaped(&finding.rule.name);
            let sentence = sentence(subject.original, finding);
            let message = Escaped(&sentence);
            writeln!(
                out,
                "    <testcase name=\"{rule} at {}:{}\" classname=\"{name}\">",
                at.line, at.column
            )?;
            match finding.severity() {
                Severity::Note => writeln!(out, "      <skipped message=\"{message}\"/>")?,
                severity => writeln!(
                    out,
                    "      <failure type=\"{rule}\" message=\"{message}\">{}: {}</failure>",
                    severity.name(),
                    Escaped(&subject.original[finding.span.range()])
                )?,
            }
            out.write_all(b"    </testcase>\n")?;
        }
        out.write_all(b"  </testsuite>\n")
    }

    fn end(&self, summary: &Summary, out: &mut dyn Write) -> io::Result<()> {
        if summary.findings() == 0 {
            // A report without any test looks to many readers as if nothing had run.
            out.write_all(
                b"  <testsuite name=\"descale\" tests=\"1\" failures=\"0\" errors=\"0\" skipped=\"0\">\n    <testcase name=\"nothing found\" classname=\"descale\"/>\n  </testsuite>\n",
            )?;
        }
        out.write_all(b"</testsuites>\n")
    }
}

/// Text of an element or a value between double quotes. Characters that XML cannot hold, in whatever spelling, become U+FFFD.
struct Escaped<'t>(&'t str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|c| match c {
            '&' => f.write_str("&amp;"),
            '<' => f.write_str("&lt;"),
            '>' => f.write_str("&gt;"),
            '"' => f.write_str("&quot;"),
            '\t' | '\n' | '\r' => write!(f, "&#{};", u32::from(c)),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => f.write_char(char::REPLACEMENT_CHARACTER),
            _ => f.write_char(c),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::render;
    use super::super::{ReportFormat, Styles};
    use super::*;

    #[test]
    fn the_sample() {
        let text = render(ReportFormat::Junit, &Styles::plain());
        for part in [
            "<testsuite name=\"a.txt\" tests=\"3\" failures=\"2\" errors=\"0\" skipped=\"1\">",
            "<testcase name=\"en/ads/continues-below at 3:1\" classname=\"a.txt\">",
            "<failure type=\"fragment/clipped-name\" message=\"“Lindq” was broken by a tool; clean writes “Lindqvistberg” for “Lindq”\">error: Lindq</failure>",
            "<skipped message=\"“Advertisement” labels",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
        assert_eq!(
            text.matches("<testcase").count(),
            text.matches("</testcase>").count()
        );
    }

    #[test]
    fn no_character_breaks_the_xml() {
        assert_eq!(
            Escaped("</failure>\u{0}\u{8}\u{b}\u{1b}[31m ]]> \"&amp;\" \u{ffff}\n").to_string(),
            "&lt;/failure&gt;\u{fffd}\u{fffd}\u{fffd}\u{fffd}[31m ]]&gt; &quot;&amp;amp;&quot; \u{fffd}&#10;"
        );
    }

    #[test]
    fn a_run_without_findings_is_a_passed_test() {
        let mut out = Vec::new();
        ReportFormat::Junit
            .write(&[], &Styles::plain(), &mut out)
            .unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(text.contains("<testcase name=\"nothing found\""), "{text}");
        assert!(text.ends_with("</testsuites>\n"));
    }
}
