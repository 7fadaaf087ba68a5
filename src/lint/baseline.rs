//! Findings that were looked at before and do not count any more.

use std::collections::HashMap;
use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::model::{Finding, Severity};
use crate::report::{BaselineEntry, Report, Subject, fingerprint};

/// The longest line that is read, in bytes. Entries hold a match, and no match is nearly that long.
const LINE: usize = 1 << 20;

/// Findings that were looked at before: a set of context fingerprints, which outlive moved lines.
///
/// ```
/// use descale::lint::Baseline;
/// use descale::report::{BaselineEntry, Origin, Subject};
/// let cleaner = descale::Cleaner::builder().builtin(false).pattern("Foo bar baz").build()?;
/// let text = "One.\n\nFoo bar baz\n\nTwo.";
/// let findings = cleaner.scan(text);
/// let entry = BaselineEntry::of(&Subject::new(Origin::file("a.txt"), text, &findings, &[]), &findings[0]);
///
/// let baseline = Baseline::parse(&serde_json::to_string(&entry)?)?;
/// let moved = "A new line.\n\nOne.\n\nFoo bar baz\n\nTwo.";
/// assert!(!baseline.has(moved, &cleaner.scan(moved)[0]), "three words before it count");
/// assert!(baseline.has(text, &findings[0]));
/// assert_eq!(baseline.stale().count(), 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Default)]
pub struct Baseline {
    entries: Vec<Entry>,
    /// Places in `entries` by fingerprint.
    places: HashMap<String, usize>,
}

#[derive(Debug)]
struct Entry {
    line: usize,
    rule: String,
    doc: String,
    met: AtomicBool,
}

/// What is wrong with a baseline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaselineError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong with it and what to do.
    pub message: String,
}

impl std::fmt::Display for BaselineError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.line, self.message)
    }
}

impl std::error::Error for BaselineError {}

impl Baseline {
    /// Reads a baseline: JSON Lines of [`BaselineEntry`]. Blank lines count for nothing.
    ///
    /// # Errors
    /// The first line that is none.
    pub fn parse(text: &str) -> Result<Self, BaselineError> {
        let mut baseline = Self::default();
        for (number, line) in (1..).zip(text.lines()) {
            let line = line.trim_start_matches('\u{feff}').trim();
            if line.is_empty() {
                continue;
            }
            let wrong = |cause: String| BaselineError {
                line: number,
                message: format!(
                    "{cause}; write the file anew with --write-baseline, or take the line out"
                ),
            };
            if line.len() > LINE {
                return Err(wrong(format!(
                    "a line of {} bytes is no finding",
                    line.len()
                )));
            }
            let entry: BaselineEntry<'_> =
                serde_json::from_str(line).map_err(|error| wrong(error.to_string()))?;
            if entry.fingerprint.len() != 16
                || !entry
                    .fingerprint
                    .bytes()
                    .all(|byte| byte.is_ascii_hexdigit())
            {
                return Err(wrong(format!(
                    "`{}` is no fingerprint of 16 hexadecimal digits",
                    entry.fingerprint
                )));
            }
            baseline
                .places
                .entry(entry.fingerprint.to_ascii_lowercase())
                .or_insert_with(|| {
                    baseline.entries.push(Entry {
                        line: number,
                        rule: entry.rule.into_owned(),
                        doc: entry.doc.into_owned(),
                        met: AtomicBool::new(false),
                    });
                    baseline.entries.len() - 1
                });
        }
        Ok(baseline)
    }

    /// Whether a finding in `text` was looked at before. It is remembered as met.
    #[must_use]
    pub fn has(&self, text: &str, finding: &Finding) -> bool {
        let place = (!self.places.is_empty())
            .then(|| self.places.get(&fingerprint(text, finding)))
            .flatten();
        if let Some(&place) = place {
            self.entries[place].met.store(true, Ordering::Relaxed);
        }
        place.is_some()
    }

    /// The entries that no finding asked about had: line, rule and document of each. After a run over all texts they can be taken out.
    pub fn stale(&self) -> impl Iterator<Item = (usize, &str, &str)> {
        self.entries
            .iter()
            .filter(|entry| !entry.met.load(Ordering::Relaxed))
            .map(|entry| (entry.line, entry.rule.as_str(), entry.doc.as_str()))
    }
}

/// Writes a baseline: a line for each finding that counts, errors and warnings.
#[derive(Clone, Copy, Debug, Default)]
pub struct BaselineReport;

impl Report for BaselineReport {
    fn document(&self, subject: &Subject<'_>, out: &mut dyn Write) -> io::Result<()> {
        for finding in subject.findings {
            if finding.severity() > Severity::Note {
                serde_json::to_writer(&mut *out, &BaselineEntry::of(subject, finding))?;
                out.write_all(b"\n")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str =
        r#"{"fingerprint":"0123456789abcdef","rule":"en/ads/label","match":"Ad","doc":"a.txt"}"#;

    #[test]
    fn entries_are_read_once() {
        let baseline = Baseline::parse(&format!("\u{feff}{LINE}\r\n\n{LINE}\n")).unwrap();
        let stale: Vec<_> = baseline.stale().collect();
        assert_eq!(stale, [(1, "en/ads/label", "a.txt")]);
    }

    #[test]
    fn a_bad_line_is_named() {
        for (bad, cause) in [
            ("{", "2: EOF while parsing"),
            ("{}", "2: missing field `fingerprint`"),
            (
                r#"{"fingerprint":"xyz","rule":"a","match":"b"}"#,
                "2: `xyz` is no fingerprint",
            ),
        ] {
            let error = Baseline::parse(&format!("{LINE}\n{bad}\n")).unwrap_err();
            assert!(error.to_string().starts_with(cause), "{error}");
            assert!(error.to_string().contains("--write-baseline"));
        }
    }
}
