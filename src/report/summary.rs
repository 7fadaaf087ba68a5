//! What a run found, counted by rule.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::Arc;

use super::text::Visible;
use super::{Styles, Subject};
use crate::model::{RuleInfo, Severity};

/// What one rule found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleCount {
    /// The rule.
    pub rule: Arc<RuleInfo>,
    /// How many findings.
    pub findings: usize,
    /// How many of them `clean` acts on.
    pub applied: usize,
}

/// What a run found and changed, summed over documents. Sums of parts can be put together in any order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Documents looked at.
    pub documents: usize,
    /// Documents with at least one edit.
    pub changed: usize,
    /// Findings of severity error.
    pub errors: usize,
    /// Findings of severity warning.
    pub warnings: usize,
    /// Findings of severity note.
    pub notes: usize,
    /// Changes made.
    pub edits: usize,
    /// Bytes of all documents before.
    pub bytes_in: usize,
    /// Bytes of all documents after.
    pub bytes_out: usize,
    /// Counts by the rule's full name.
    pub rules: BTreeMap<String, RuleCount>,
}

impl Summary {
    /// Counts one document.
    pub fn add(&mut self, subject: &Subject<'_>) {
        self.documents += 1;
        self.changed += usize::from(!subject.edits.is_empty());
        self.edits += subject.edits.len();
        self.bytes_in += subject.original.len();
        let growth: isize = subject.edits.iter().map(crate::model::Edit::growth).sum();
        self.bytes_out += subject.original.len().saturating_add_signed(growth);
        for finding in subject.findings {
            match finding.severity() {
                Severity::Error => self.errors += 1,
                Severity::Warning => self.warnings += 1,
                Severity::Note => self.notes += 1,
            }
            // Looked up before inserted: the name is copied once a rule, not once a finding.
            let applied = usize::from(finding.applies());
            if let Some(count) = self.rules.get_mut(&finding.rule.name) {
                count.findings += 1;
                count.applied += applied;
            } else {
                let count = RuleCount {
                    rule: Arc::clone(&finding.rule),
                    findings: 1,
                    applied,
                };
                self.rules.insert(finding.rule.name.clone(), count);
            }
        }
    }

    /// Counts the documents of another sum.
    pub fn merge(&mut self, other: &Self) {
        self.documents += other.documents;
        self.changed += other.changed;
        self.errors += other.errors;
        self.warnings += other.warnings;
        self.notes += other.notes;
        self.edits += other.edits;
        self.bytes_in += other.bytes_in;
        self.bytes_out += other.bytes_out;
        for (name, count) in &other.rules {
            let mine = self.rules.entry(name.clone()).or_insert_with(|| RuleCount {
                rule: Arc::clone(&count.rule),
                findings: 0,
                applied: 0,
            });
            mine.findings += count.findings;
            mine.applied += count.applied;
        }
    }

    /// Counts documents as unchanged: for a run that planned edits and made none.
    pub fn forget_edits(&mut self) {
        self.changed = 0;
        self.edits = 0;
        self.bytes_out = self.bytes_in;
    }

    /// How many findings there are in all.
    #[must_use]
    pub fn findings(&self) -> usize {
        self.errors + self.warnings + self.notes
    }

    /// Writes the table by rule, most frequent first and at most `rows` of them, and the totals. Nothing when no document was looked at.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write(&self, styles: &Styles, rows: usize, out: &mut dyn Write) -> io::Result<()> {
        let Styles { strong, dim, .. } = styles;
        let mut rules: Vec<(&String, &RuleCount)> = self.rules.iter().collect();
        rules.sort_by_key(|(name, count)| (std::cmp::Reverse(count.findings), *name));
        let more = rules.len().saturating_sub(rows);
        rules.truncate(rows);
        let width = rules
            .first()
            .map_or(0, |(_, count)| count.findings.to_string().len());
        let name_width = rules
            .iter()
            .map(|(name, _)| name.chars().count())
            .max()
            .unwrap_or(0);
        for (name, count) in rules {
            let kept = match count.findings - count.applied {
                0 => String::new(),
                kept => format!(", {kept} kept"),
            };
            writeln!(
                out,
                "  {:width$}  {:name_width$}  {dim}{}{kept}{dim:#}",
                count.findings,
                Visible(name).to_string(),
                count.rule.category
            )?;
        }
        if more > 0 {
            writeln!(out, "  {dim}… and {}{dim:#}", counted(more, "more rule"))?;
        }
        if self.documents == 0 {
            return Ok(());
        }
        write!(
            out,
            "{strong}{}{strong:#}",
            counted(self.findings(), "finding")
        )?;
        if self.findings() > 0 {
            let parts = [
                (self.errors, "error"),
                (self.warnings, "warning"),
                (self.notes, "note"),
            ];
            let parts: Vec<String> = parts
                .iter()
                .filter(|(count, _)| *count > 0)
                .map(|(count, what)| counted(*count, what))
                .collect();
            write!(out, " ({})", parts.join(", "))?;
        }
        write!(out, " in {}", counted(self.documents, "document"))?;
        if self.edits > 0 {
            write!(
                out,
                "; {} in {}",
                counted(self.edits, "change"),
                counted(self.changed, "document")
            )?;
            write!(out, ", {} → {} bytes", self.bytes_in, self.bytes_out)?;
        }
        writeln!(out)
    }
}

/// `1 finding`, `2 findings`.
fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::super::Origin;
    use super::super::sample::{TEXT, edits, findings};
    use super::*;

    fn sample() -> Summary {
        let (findings, edits) = (findings(), edits());
        let mut summary = Summary::default();
        summary.add(&Subject::new(
            Origin::file("a.txt"),
            TEXT,
            &findings,
            &edits,
        ));
        summary.add(&Subject::new(Origin::file("b.txt"), "Nothing.\n", &[], &[]));
        summary
    }

    #[test]
    fn the_sample() {
        let mut out = Vec::new();
        sample().write(&Styles::plain(), 9, &mut out).unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "  1  en/ads/continues-below  ad-marker
  1  en/ads/label            ad-marker, 1 kept
  1  fragment/clipped-name   fragment
3 findings (2 errors, 1 note) in 2 documents; 2 changes in 1 document, 129 → 100 bytes
"
        );
    }

    #[test]
    fn a_long_table_is_cut() {
        let mut out = Vec::new();
        sample().write(&Styles::plain(), 1, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(
            text.starts_with("  1  en/ads/continues-below  ad-marker\n  … and 2 more rules\n"),
            "{text}"
        );
    }

    #[test]
    fn parts_sum_up_to_the_whole() {
        let mut twice = sample();
        twice.merge(&sample());
        assert_eq!(
            (
                twice.documents,
                twice.changed,
                twice.findings(),
                twice.edits
            ),
            (4, 2, 6, 4)
        );
        let label = &twice.rules["en/ads/label"];
        assert_eq!((label.findings, label.applied), (2, 0));
    }
}
