//! A name for a finding that outlives moved lines: what was found and what stands beside it, not where.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::Xxh3;

use super::Subject;
use crate::model::Finding;
use crate::text::fold::fold;

/// How many words on each side count.
const WORDS: usize = 3;

/// How many bytes on each side are looked at for them at most: scripts without blanks have words without end.
const REACH: usize = 240;

/// The context fingerprint of a finding in `text`, the text it was found in: 16 hexadecimal digits over the rule's name, the folded match, and
/// three words on each side.
///
/// It stays when lines move, when blanks or letter case change and when the rule gets a new version. It changes when the match itself or its
/// neighbours do. Two findings of one rule between the same words share it: whoever accepts the one accepts the other.
///
/// ```
/// use descale::report::fingerprint;
///
/// let cleaner = descale::Cleaner::builder().builtin(false).pattern("Foo bar baz").build()?;
/// let before = "He left at noon.\n\nFoo bar baz\n\nShe stayed there.";
/// let after = "A new first line.\n\nHe left\nat noon.\nFoo bar baz\nShe stayed there.";
/// let (found, moved) = (cleaner.scan(before), cleaner.scan(after));
/// assert_eq!(fingerprint(before, &found[0]).len(), 16);
/// assert_eq!(fingerprint(before, &found[0]), fingerprint(after, &moved[0]));
/// # Ok::<(), descale::BuildError>(())
/// ```
#[must_use]
pub fn fingerprint(text: &str, finding: &Finding) -> String {
    let span = finding.span;
    let mut hash = Xxh3::new();
    let mut part = |bytes: &[u8]| {
        // The length goes first, so that no two lists of parts read alike.
        hash.update(&(bytes.len() as u64).to_le_bytes());
        hash.update(bytes);
    };
    part(finding.rule.name.as_bytes());
    part(fold(&text[span.range()]).as_bytes());
    let before = tail(&text[..span.start]);
    for word in words(before).rev().take(WORDS) {
        part(fold(word).as_bytes());
    }
    // Tells words before from words behind.
    part(b"|");
    for word in words(head(&text[span.end..])).take(WORDS) {
        part(fold(word).as_bytes());
    }
    format!("{:016x}", hash.digest())
}

/// Runs of letters and digits.
fn words(text: &str) -> impl DoubleEndedIterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
}

/// The first bytes of a text, at most [`REACH`].
fn head(text: &str) -> &str {
    let mut end = text.len().min(REACH);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// The last bytes of a text, at most [`REACH`].
fn tail(text: &str) -> &str {
    let mut start = text.len().saturating_sub(REACH);
    while !text.is_char_boundary(start) {
        start += 1;
    }
    &text[start..]
}

/// One line of a baseline: a finding that someone has looked at and wants to hear no more of.
///
/// Only `fingerprint` and `rule` decide; `match` and `doc` are there for the person who reads the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BaselineEntry<'a> {
    /// The finding's [`fingerprint`].
    pub fingerprint: Cow<'a, str>,
    /// The rule's full name.
    pub rule: Cow<'a, str>,
    /// What was found.
    pub r#match: Cow<'a, str>,
    /// The document it stood in, as reports name it.
    #[serde(default)]
    pub doc: Cow<'a, str>,
}

impl<'a> BaselineEntry<'a> {
    /// The entry of a finding of a document.
    #[must_use]
    pub fn of(subject: &Subject<'a>, finding: &'a Finding) -> Self {
        Self {
            fingerprint: fingerprint(subject.original, finding).into(),
            rule: finding.rule.name.as_str().into(),
            r#match: subject.original[finding.span.range()].into(),
            doc: subject.origin.to_string().into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{TEXT, findings, span};
    use super::super::{Origin, Subject};
    use super::*;

    /// The fingerprint of `needle` in `text` under the sample's first rule.
    fn of(text: &str, needle: &str) -> String {
        let mut finding = findings().remove(0);
        finding.span = span(text, needle);
        fingerprint(text, &finding)
    }

    #[test]
    fn moved_lines_and_other_blanks_change_nothing() {
        let before = "Zero one two three.\n\nRead more\n\nFour five six seven.";
        let after =
            "A new beginning.\n\nZero one two\nthree.\n\n\nREAD  MORE\nfour five\n\nsix eight.";
        assert_eq!(of(before, "Read more"), of(after, "READ  MORE"));
    }

    #[test]
    fn rule_match_and_each_neighbour_count() {
        let base = of("one two three Ad four five six", "Ad");
        for (text, needle) in [
            ("one two three Ads four five six", "Ads"),
            ("uno two three Ad four five six", "Ad"),
            ("one two three Ad four five seis", "Ad"),
            ("two three Ad four five six", "Ad"),
            ("one two three four Ad five six", "Ad"),
        ] {
            assert_ne!(of(text, needle), base, "{text}");
        }
        let mut other = findings().remove(1);
        other.span = span("one two three Ad four five six", "Ad");
        assert_ne!(fingerprint("one two three Ad four five six", &other), base);
    }

    #[test]
    fn what_stands_far_away_does_not_count() {
        let long = "漢字".repeat(500);
        assert_eq!(
            of(&format!("{long}。Ad。{long}"), "Ad"),
            of(&format!("x{long}。Ad。{long}y"), "Ad")
        );
    }

    /// Baselines lie in people's repositories: a change of this value makes all of them void.
    #[test]
    fn the_value_stays_from_version_to_version() {
        assert_eq!(fingerprint(TEXT, &findings()[0]), "174601fb99cd693e");
    }

    #[test]
    fn an_entry_reads_back() {
        let findings = findings();
        let subject = Subject::new(Origin::file("a.txt"), TEXT, &findings, &[]);
        let entry = BaselineEntry::of(&subject, &findings[1]);
        let line = serde_json::to_string(&entry).unwrap();
        assert_eq!(
            line,
            format!(
                r#"{{"fingerprint":"{}","rule":"fragment/clipped-name","match":"Lindq","doc":"a.txt"}}"#,
                entry.fingerprint
            )
        );
        assert_eq!(
            serde_json::from_str::<BaselineEntry<'_>>(&line).unwrap(),
            entry
        );
    }
}
