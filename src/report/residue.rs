//! What still looks like a marker after cleaning: your next rules.
//!
//! Three kinds of leftovers, summed over the documents of a run: findings that were kept, lines that recur over documents, and lines shaped like a
//! label. Memory is bounded: of lines that are too many the rare ones are forgotten.

use std::collections::{BTreeMap, HashMap};
use std::io::{self, Write};

use serde::{Deserialize, Serialize};

use super::text::{Visible, first_columns};
use super::{Binder, Files, LineIndex, Report, Subject, Summary};
use crate::model::Span;

/// A longer line is a paragraph, even if it recurs.
const LONGEST: usize = 160;

/// A label has at most so many words, and characters.
const LABEL: (usize, usize) = (8, 60);

/// So many different lines are remembered.
const REMEMBERED: usize = 100_000;

/// So many places are shown of each.
const EXAMPLES: usize = 3;

/// So many of each kind are shown.
const SHOWN: usize = 200;

/// A line that stands in so many documents recurs.
const RECURS: usize = 2;

/// `  37 documents  Share this article` and where.
pub(super) struct Residue;

/// One leftover of a document, on its way from the thread that saw it to the sum.
#[derive(Serialize, Deserialize)]
struct Leftover<'a> {
    /// The rule and why it was kept, for a finding; none for a line.
    rule: Option<String>,
    /// Whether a line is shaped like a label.
    label: bool,
    text: std::borrow::Cow<'a, str>,
    place: String,
}

/// What was seen so far.
#[derive(Debug, Default)]
struct Seen {
    lines: HashMap<String, Group>,
    kept: BTreeMap<String, Group>,
    /// A line met for the first time may have been met and forgotten so often before.
    forgotten: usize,
}

/// Leftovers that are the same but for letter case, blanks and numbers.
#[derive(Debug, Default)]
struct Group {
    count: usize,
    /// By how many the count may be too low.
    missed: usize,
    label: bool,
    examples: Vec<(String, String)>,
}

impl Group {
    /// Counts one, and keeps it as an example if its spelling or at least its place is new.
    fn add(&mut self, text: &str, place: &str) {
        self.count += 1;
        let new_text = self.examples.iter().all(|(known, _)| known != text);
        if self.examples.len() < EXAMPLES {
            self.examples.push((text.to_owned(), place.to_owned()));
        } else if new_text {
            // Another spelling says more than another place of one that is known.
            let doubled = (1..EXAMPLES).find(|&index| {
                self.examples[..index]
                    .iter()
                    .any(|(text, _)| *text == self.examples[index].0)
            });
            if let Some(index) = doubled {
                self.examples[index] = (text.to_owned(), place.to_owned());
            }
        }
    }
}

impl Seen {
    fn add(&mut self, leftover: Leftover<'_>) {
        let Leftover {
            rule,
            label,
            text,
            place,
        } = leftover;
        if let Some(rule) = rule {
            self.kept.entry(rule).or_default().add(&text, &place);
            return;
        }
        let forgotten = self.forgotten;
        let group = self.lines.entry(key(&text)).or_insert_with(|| Group {
            missed: forgotten,
            ..Group::default()
        });
        group.label |= label;
        group.add(&text, &place);
        // Lossy counting: what is rarer than was forgotten so far can never be among the frequent ones.
        while self.lines.len() > REMEMBERED {
            self.forgotten += 1;
            let least = self.forgotten;
            self.lines
                .retain(|_, group| group.count + group.missed > least);
        }
    }

    fn write(&self, documents: usize, out: &mut dyn Write) -> io::Result<()> {
        writeln!(
            out,
            "# What still looks like a marker in {documents} document{}: candidates for rules, to be judged by a person.",
            plural(documents)
        )?;
        let recurs = |group: &&Group| group.count + group.missed >= RECURS;
        let recurring: Vec<&Group> = self.lines.values().filter(recurs).collect();
        section(
            "Lines that recur, with the number of documents",
            recurring,
            out,
        )?;
        let labels: Vec<&Group> = self
            .lines
            .values()
            .filter(|group| group.label && !recurs(group))
            .collect();
        section("Lines shaped like a label, met once", labels, out)?;
        if self.forgotten > 0 {
            writeln!(
                out,
                "\n# Rare lines were forgotten on the way: counts may be too low by {}.",
                self.forgotten
            )?;
        }
        writeln!(out, "\n## Findings that were kept, by rule and reason")?;
        for (rule, group) in &self.kept {
            writeln!(out, "{:>7}  {}", group.count, Visible(rule))?;
            examples(group, true, out)?;
        }
        Ok(())
    }
}

fn section(title: &str, mut groups: Vec<&Group>, out: &mut dyn Write) -> io::Result<()> {
    groups.sort_by(|a, b| {
        b.count
            .cmp(&a.count)
            .then(b.label.cmp(&a.label))
            .then(a.examples.cmp(&b.examples))
    });
    writeln!(out, "\n## {title}")?;
    for group in groups.iter().take(SHOWN) {
        let text = group.examples.first().map_or("", |(text, _)| text.as_str());
        writeln!(out, "{:>7}  {}", group.count, first_columns(text, 100).0)?;
        examples(group, false, out)?;
    }
    if groups.len() > SHOWN {
        writeln!(out, "… and {} more", groups.len() - SHOWN)?;
    }
    Ok(())
}

/// Where a group was met; with the words if they are not in the headline.
fn examples(group: &Group, all: bool, out: &mut dyn Write) -> io::Result<()> {
    let first = group.examples.first().map_or("", |(text, _)| text.as_str());
    for (text, place) in &group.examples {
        write!(out, "         {}", Visible(place))?;
        if all || text != first {
            write!(out, "  {}", first_columns(text, 100).0)?;
        }
        writeln!(out)?;
    }
    Ok(())
}

fn plural(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}

impl Report for Residue {
    fn document(&self, subject: &Subject<'_>, out: &mut dyn Write) -> io::Result<()> {
        let lines = LineIndex::new(subject.original);
        let mut put =
            |rule: Option<String>, label: bool, text: &str, place: String| -> io::Result<()> {
                serde_json::to_writer(
                    &mut *out,
                    &Leftover {
                        rule,
                        label,
                        text: text.into(),
                        place,
                    },
                )?;
                out.write_all(b"\n")
            };
        for finding in subject.findings {
            if let Some(kept) = finding.kept {
                let rule = format!(
                    "{} ({}, {})",
                    finding.rule.name,
                    finding.safety.name(),
                    kept.name()
                );
                let place = format!(
                    "{}:{}",
                    subject.origin,
                    lines.position(finding.span.start).line
                );
                put(
                    Some(rule),
                    false,
                    &subject.original[finding.span.range()],
                    place,
                )?;
            }
        }
        // What was cut, or would be by `clean`.
        let cuts = subject.findings.iter().filter(|finding| finding.applies());
        let mut cuts: Vec<Span> = cuts
            .map(|finding| finding.cut)
            .chain(subject.edits.iter().map(|edit| edit.span))
            .collect();
        cuts.sort_unstable();
        let (mut start, mut cuts) = (0, cuts.into_iter().peekable());
        let mut known = std::collections::HashSet::new();
        for (number, line) in (1..).zip(subject.original.split_inclusive('\n')) {
            let span = Span::new(start, start + line.len());
            start = span.end;
            while cuts.next_if(|cut| cut.end <= span.start).is_some() {}
            let line = line.trim();
            if line.len() > 4 * LONGEST || cuts.peek().is_some_and(|cut| cut.overlaps(span)) {
                continue;
            }
            let label = is_label(line);
            let has_letters = line.chars().any(char::is_alphabetic);
            if has_letters && line.chars().count() <= LONGEST && known.insert(key(line)) {
                put(None, label, line, format!("{}:{number}", subject.origin))?;
            }
        }
        Ok(())
    }

    fn binder(&self) -> Option<Box<dyn Binder>> {
        Some(Box::new(Seen::default()))
    }
}

impl Binder for Seen {
    fn take(
        &mut self,
        share: &[u8],
        _: &mut dyn Write,
        _: Option<&mut dyn Files>,
    ) -> io::Result<()> {
        let lines = share.split(|byte| *byte == b'\n');
        for line in lines.filter(|line| !line.is_empty()) {
            self.add(serde_json::from_slice(line)?);
        }
        Ok(())
    }

    fn end(
        &mut self,
        summary: &Summary,
        out: &mut dyn Write,
        _: Option<&mut dyn Files>,
    ) -> io::Result<()> {
        if summary.documents == 0 {
            return Ok(());
        }
        self.write(summary.documents, out)
    }
}

/// Lines with one key are one leftover: `5 shares` and `12 Shares`.
fn key(line: &str) -> String {
    let mut key = String::with_capacity(line.len());
    for c in line.chars().flat_map(char::to_lowercase) {
        let c = match c {
            c if c.is_numeric() => '0',
            c if c.is_whitespace() => ' ',
            c => c,
        };
        if !(matches!(c, '0' | ' ') && key.ends_with(c)) {
            key.push(c);
        }
    }
    key
}

/// Whether a line is shaped like a label: short, and no sentence.
fn is_label(line: &str) -> bool {
    let (words, chars) = LABEL;
    let short = line.split_whitespace().count() <= words && line.chars().count() <= chars;
    let sentence = line
        .trim_end_matches(['"', '”', '’', '»', ')'])
        .ends_with(['.', '!', '?', '。', '！', '？', ',', ';']);
    short && !sentence && line.chars().any(char::is_alphabetic)
}

#[cfg(test)]
mod tests {
    use super::super::{Origin, ReportFormat, Styles};
    use super::*;

    fn residue(texts: &[(&str, &str)]) -> String {
        let subjects: Vec<Subject<'_>> = texts
            .iter()
            .map(|(path, text)| Subject::new(Origin::file(path), text, &[], &[]))
            .collect();
        let mut out = Vec::new();
        ReportFormat::Residue
            .write(&subjects, &Styles::plain(), &mut out)
            .unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn what_recurs_comes_first_and_prose_not_at_all() {
        let got = residue(&[
            ("a", "Once only, a sentence.\n\n5 shares\n\nRead next\n"),
            ("b", "Another sentence, quite other.\n\n12 Shares\n"),
            ("c", "12 Shares\n12 shares\n"),
        ]);
        assert!(
            got.contains("the number of documents\n      3  5 shares\n         a:3\n         b:3  12 Shares\n         c:1  12 Shares\n"),
            "{got}"
        );
        assert!(
            got.contains("met once\n      1  Read next\n         a:5\n"),
            "{got}"
        );
        assert!(!got.contains("sentence"), "{got}");
    }

    #[test]
    fn the_sample_names_what_was_kept() {
        let got = super::super::sample::render(ReportFormat::Residue, &Styles::plain());
        assert!(
            got.contains(
                "      1  en/ads/label (safe, mention)\n         a.txt:5  Advertisement\n"
            ),
            "{got}"
        );
        assert!(
            !got.contains("Story continues"),
            "what was cut is no residue: {got}"
        );
    }

    #[test]
    fn memory_is_bounded_and_the_frequent_stay() {
        let mut seen = Seen::default();
        let line = |text: &str| Leftover {
            rule: None,
            label: false,
            text: text.to_owned().into(),
            place: "a:1".into(),
        };
        for number in 0..2 * REMEMBERED {
            let letters: String = number
                .to_string()
                .bytes()
                .map(|digit| char::from(digit - b'0' + b'a'))
                .collect();
            seen.add(line(&letters));
            if number % 1000 == 0 {
                seen.add(line("Share this"));
            }
            assert!(seen.lines.len() <= REMEMBERED);
        }
        assert!(seen.lines[&key("Share this")].count >= 190);
        assert!(seen.forgotten > 0);
    }
}
