//! From what a cleaning did to the messages of its document.

use std::borrow::Cow;

use super::{Also, Change, Doc, End, KeptBack, Message, Stamp, Unit};
use crate::model::{Edit, Finding, Span};

/// What a ledger calls a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Name<'a> {
    /// The file it stands in.
    pub path: &'a str,
    /// The record's line, from 1; none for a file that is one text.
    pub line: Option<usize>,
    /// The record's field, as a dotted path.
    pub field: Option<&'a str>,
    /// The record's own name.
    pub id: Option<&'a str>,
    /// Which text of the record it is, from 0; none when it is the only one.
    pub text: Option<usize>,
}

impl<'a> Name<'a> {
    /// A file that is one text.
    #[must_use]
    pub fn text(path: &'a str) -> Self {
        Self {
            path,
            line: None,
            field: None,
            id: None,
            text: None,
        }
    }

    /// The name as one string: the record's own, or `path`, `path:line:field`. A text that is not the only one of its record has its number, from 0,
    /// behind it.
    ///
    /// ```
    /// use descale::ledger::Name;
    /// assert_eq!(Name::text("a.txt").key(), "a.txt");
    /// let record = Name { line: Some(3), field: Some("text"), ..Name::text("in.jsonl") };
    /// assert_eq!(record.key(), "in.jsonl:3:text");
    /// assert_eq!(Name { id: Some("a1"), ..record }.key(), "a1");
    /// assert_eq!(Name { id: Some("a1"), text: Some(0), ..record }.key(), "a1#0");
    /// ```
    #[must_use]
    pub fn key(&self) -> Cow<'a, str> {
        let base = match (self.id, self.line) {
            (Some(id), _) => Cow::Borrowed(id),
            (None, None) => Cow::Borrowed(self.path),
            (None, Some(line)) => Cow::Owned(format!(
                "{}:{line}:{}",
                self.path,
                self.field.unwrap_or_default()
            )),
        };
        match self.text {
            None => base,
            Some(number) => Cow::Owned(format!("{base}#{number}")),
        }
    }
}

/// What is recorded of a document.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// The text as it came.
    pub original: &'a str,
    /// Its bytes, where they differ from those of `original`: what is not UTF-8 is masked there. Of the same length.
    pub bytes: &'a [u8],
    /// What was found, in the order of the text.
    pub findings: &'a [Finding],
    /// What was changed: sorted, disjoint.
    pub edits: &'a [Edit],
    /// How the file spells what each edit takes, where a plain spelling would not give the same bytes. Empty, or one for each edit.
    pub raw: &'a [Option<&'a str>],
}

impl<'a> Facts<'a> {
    /// A text, what was found in it and what was changed.
    #[must_use]
    pub fn new(original: &'a str, findings: &'a [Finding], edits: &'a [Edit]) -> Self {
        Self {
            original,
            bytes: original.as_bytes(),
            findings,
            edits,
            raw: &[],
        }
    }
}

/// The messages of one document: its `doc`, and if anything was found an `edit` for each change, a `kept` for each finding that stayed, and its `end`.
#[must_use]
pub fn record<'a>(name: &Name<'a>, facts: &Facts<'a>) -> Vec<Message<'a>> {
    let key = name.key();
    let kept = facts
        .findings
        .iter()
        .filter(|finding| !finding.applies())
        .count();
    let quiet = facts.edits.is_empty() && kept == 0;
    let mut messages = Vec::with_capacity(facts.edits.len() + kept + 2);
    messages.push(Message::Doc(Doc {
        doc: key.clone(),
        path: name.path.into(),
        line: name.line,
        field: name.field.map(Cow::Borrowed),
        text: name.text,
        r#in: Stamp::of(facts.bytes),
        out: (!facts.edits.is_empty()).then(|| Stamp::with_edits(facts.bytes, facts.edits)),
        lines: if quiet {
            0
        } else {
            facts.edits.len() + kept + 1
        },
    }));
    if quiet {
        return messages;
    }
    messages.extend(changes_of(key.clone(), facts).map(Message::Edit));
    messages.extend(
        facts
            .findings
            .iter()
            .filter(|finding| !finding.applies())
            .map(|finding| {
                Message::Kept(KeptBack {
                    doc: key.clone(),
                    rule: finding.rule.versioned().into(),
                    s: finding.span.start,
                    e: finding.span.end,
                    safety: finding.safety.name().into(),
                    why: finding
                        .kept
                        .map_or("report", crate::model::Kept::name)
                        .into(),
                })
            }),
    );
    messages.push(Message::End(End {
        doc: key,
        edits: facts.edits.len(),
        kept,
        removed: facts.edits.iter().map(|edit| edit.span.len()).sum(),
        inserted: facts.edits.iter().map(|edit| edit.replacement.len()).sum(),
    }));
    messages
}

/// The changes of one document alone, in the order of the text. `doc` names it.
#[must_use]
pub fn changes<'a>(doc: &'a str, facts: &Facts<'a>) -> Vec<Change<'a>> {
    changes_of(Cow::Borrowed(doc), facts).collect()
}

fn changes_of<'a>(doc: Cow<'a, str>, facts: &Facts<'a>) -> impl Iterator<Item = Change<'a>> {
    let Facts {
        original,
        findings,
        edits,
        raw,
        ..
    } = *facts;
    // Up to `counted` the original has so many characters and UTF-16 units.
    let (mut counted, mut chars, mut units) = (0, 0, 0);
    let mut growth = 0isize;
    edits.iter().enumerate().map(move |(index, edit)| {
        let Span { start, end } = edit.span;
        let between = &original[counted..start];
        counted = start;
        if between.is_ascii() {
            (chars, units) = (chars + between.len(), units + between.len());
        } else {
            chars += Unit::Char.len(between);
            units += Unit::Utf16.len(between);
        }
        let os = start.saturating_add_signed(growth);
        growth += edit.growth();
        let mut causes = edit
            .findings
            .iter()
            .filter_map(|cause| findings.get(*cause));
        let first = causes.next();
        Change {
            doc: doc.clone(),
            rule: first.map_or(Cow::Borrowed(""), |first| first.rule.versioned().into()),
            s: start,
            e: end,
            os,
            oe: os + edit.replacement.len(),
            char: (chars != start).then_some(chars),
            utf16: (units != start).then_some(units),
            old: original[edit.span.range()].into(),
            new: edit.replacement.as_str().into(),
            raw: raw.get(index).copied().flatten().map(Cow::Borrowed),
            safety: first.map_or("", |first| first.safety.name()).into(),
            evidence: first.map_or(Vec::new(), evidence),
            also: causes
                .map(|finding| Also {
                    rule: finding.rule.versioned().into(),
                    s: finding.span.start,
                    e: finding.span.end,
                    safety: finding.safety.name().into(),
                    evidence: evidence(finding),
                })
                .collect(),
        }
    })
}

fn evidence(finding: &Finding) -> Vec<[usize; 2]> {
    finding
        .evidence
        .iter()
        .map(|span| [span.start, span.end])
        .collect()
}
