//! The bytes of one file or of some lines of it: clean the texts in them, render their share of each report, put the texts back.

use std::ops::Range;

use descale::format::InputFormat;
use descale::format::jsonl;
use descale::format::plain::{self, Masked};
use descale::ledger::{Facts, Name, lines, record};
use descale::report::{Origin, Record, Report, Subject, Summary};
use descale::{Cleaner, Document, Edit, Finding};

use super::fault::Fault;
use super::inputs::Known;
use super::restore::Restorer;

/// What is done with every document.
#[derive(Clone, Copy)]
pub(crate) enum Task<'a> {
    /// It is cleaned.
    Clean(&'a Cleaner),
    /// It is only looked at.
    Scan(&'a Cleaner),
    /// It gets back what a ledger says was taken.
    Restore(&'a Restorer),
}

/// What is done, with what, and for whom.
pub(crate) struct Work<'a> {
    /// What is done with every document.
    pub(crate) task: Task<'a>,
    /// What is known of all documents.
    pub(crate) known: &'a Known,
    /// Who wants to see the documents.
    pub(crate) reports: Vec<&'a dyn Report>,
    /// Whether the documents' lines of a ledger are wanted.
    pub(crate) ledger: bool,
}

/// Where some bytes begin in their source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// The number of the line, from 1.
    pub(crate) line: usize,
    /// How many bytes stand before them.
    pub(crate) offset: u64,
}

impl Place {
    /// The beginning of a source.
    pub(crate) const START: Self = Self { line: 1, offset: 0 };
}

/// What came of some bytes.
#[derive(Debug, Default)]
pub(crate) struct Done {
    /// The bytes with the texts in them cleaned.
    pub(crate) output: Vec<u8>,
    /// How many bytes were read.
    pub(crate) read: usize,
    /// Whether they differ from what was read.
    pub(crate) changed: bool,
    /// What each report has to say.
    pub(crate) shares: Vec<Vec<u8>>,
    /// The documents' lines of the ledger.
    pub(crate) ledger: Vec<u8>,
    /// Counts.
    pub(crate) summary: Summary,
    /// Records that could not be read; they are in the output as they were.
    pub(crate) faults: Vec<Fault>,
    /// What is odd but was dealt with.
    pub(crate) warnings: Vec<String>,
    /// Whether the bytes could not be read to the end, so that the output must not stand for the file.
    pub(crate) broken: bool,
}

impl Work<'_> {
    /// Works on a whole file, or on whole lines of it that begin at `first`.
    pub(crate) fn bytes(
        &self,
        name: &str,
        format: InputFormat,
        first: Place,
        bytes: Vec<u8>,
    ) -> Done {
        let mut done = Done {
            shares: self.reports.iter().map(|_| Vec::new()).collect(),
            read: bytes.len(),
            ..Done::default()
        };
        match format {
            InputFormat::Jsonl => self.lines(name, first, bytes, &mut done),
            _ => self.text(name, bytes, &mut done),
        }
        done
    }

    fn text(&self, name: &str, bytes: Vec<u8>, done: &mut Done) {
        let masked = Masked::new(&bytes);
        let known = Document {
            text: &masked.text,
            site: self.known.site.as_deref(),
            title: self.known.title.as_deref(),
            lang: self.known.lang.as_deref(),
        };
        let document = Name::text(name);
        let mut looked = self.look(known, &document, &bytes, done);
        if let Some((count, first)) = masked.invalid() {
            done.warnings.push(format!(
                "{name}: not UTF-8 in {count} place{}, the first at byte {first}; these bytes are left as they are, and nothing beside them is changed",
                if count == 1 { "" } else { "s" }
            ));
            looked.keep(|range| !masked.near_invalid(range));
        }
        let subject = Subject::new(
            Origin::file(name),
            &masked.text,
            &looked.findings,
            &looked.edits,
        );
        self.show(subject, &document, &bytes, &[], done);
        if looked.edits.is_empty() {
            drop(masked);
            done.output = bytes;
            return;
        }
        done.changed = true;
        done.output.reserve(bytes.len());
        plain::splice(&bytes, looked.changes(), &mut done.output);
    }

    fn lines(&self, name: &str, first: Place, bytes: Vec<u8>, done: &mut Done) {
        // Everything before `copied` is in the output already: lines without a change are copied many at a time.
        let (mut copied, mut at) = (0, 0);
        for (number, line) in (first.line..).zip(bytes.split_inclusive(|byte| *byte == b'\n')) {
            let start = at;
            at += line.len();
            if line.trim_ascii().is_empty() {
                continue;
            }
            let record = match self.known.fields.read(line) {
                Ok(record) => record,
                Err(error) => {
                    let offset = first.offset + (start + error.column - 1) as u64;
                    done.faults.push(
                        Fault::new(name, error.message, error.help)
                            .at(number, Some(error.column), Some(offset))
                            .of_record(line),
                    );
                    continue;
                }
            };
            let looked: Vec<Looked> = (0..record.texts.len())
                .map(|text| self.record(name, (number, line), &record, text, done))
                .collect();
            if looked.iter().all(|looked| looked.edits.is_empty()) {
                continue;
            }
            done.changed = true;
            done.output.extend_from_slice(&bytes[copied..start]);
            copied = at;
            if matches!(self.task, Task::Restore(_)) {
                let spelled: Vec<_> = looked.iter().map(Looked::spelled).collect();
                let changes: Vec<Vec<_>> = looked
                    .iter()
                    .zip(&spelled)
                    .map(|(looked, spelled)| {
                        looked
                            .places()
                            .zip(spelled.iter().map(|old| &**old))
                            .collect()
                    })
                    .collect();
                jsonl::write_spelled(line, &record, &changes, &mut done.output);
                continue;
            }
            let changes: Vec<Vec<_>> = looked
                .iter()
                .map(|looked| looked.changes().collect())
                .collect();
            jsonl::write(line, &record, &changes, &mut done.output);
        }
        if copied == 0 {
            done.output = bytes;
        } else {
            done.output.extend_from_slice(&bytes[copied..]);
        }
    }

    /// Looks at one text of a record, which stands in a line with a number.
    fn record(
        &self,
        name: &str,
        (number, line): (usize, &[u8]),
        record: &jsonl::Record<'_>,
        text: usize,
        done: &mut Done,
    ) -> Looked {
        let several = record.texts.len() > 1;
        let place = Name {
            path: name,
            line: Some(number),
            field: Some(self.known.fields.name(record.texts[text].field)),
            id: record.id.as_deref(),
            text: several.then_some(text),
        };
        let text = &record.texts[text];
        let document = Document {
            text: &text.text,
            site: record.site.as_deref().or(self.known.site.as_deref()),
            title: record.title.as_deref().or(self.known.title.as_deref()),
            lang: record.lang.as_deref().or(self.known.lang.as_deref()),
        };
        let looked = self.look(document, &place, text.text.as_bytes(), done);
        let raw = if self.ledger && !looked.edits.is_empty() {
            jsonl::odd_spellings(line, text, looked.places())
        } else {
            Vec::new()
        };
        let origin = Record {
            line: number,
            field: place.field.unwrap_or_default(),
            id: place.id,
        };
        let subject = Subject::new(
            Origin::record(name, origin),
            &text.text,
            &looked.findings,
            &looked.edits,
        );
        self.show(subject, &place, text.text.as_bytes(), &raw, done);
        looked
    }

    /// Looks at a text. `bytes` is the text with what is not UTF-8 as it came.
    fn look(
        &self,
        document: Document<'_>,
        name: &Name<'_>,
        bytes: &[u8],
        done: &mut Done,
    ) -> Looked {
        match self.task {
            Task::Clean(cleaner) => {
                let cleaned = cleaner.clean_document(document);
                Looked {
                    findings: cleaned.findings,
                    edits: cleaned.edits,
                    raw: Vec::new(),
                }
            }
            Task::Scan(cleaner) => Looked {
                findings: cleaner.scan_document(document),
                ..Looked::default()
            },
            Task::Restore(restorer) => match restorer.restore(name, document.text, bytes) {
                Ok(back) => Looked {
                    edits: back.edits,
                    raw: back.raw,
                    ..Looked::default()
                },
                Err(fault) => {
                    done.faults.push(*fault);
                    done.broken = true;
                    Looked::default()
                }
            },
        }
    }

    /// Counts a document, and adds its share to each report and to the ledger. `bytes` is the text with what is not UTF-8 as it came, `raw` how the
    /// file spells what edits take.
    fn show(
        &self,
        subject: Subject<'_>,
        name: &Name<'_>,
        bytes: &[u8],
        raw: &[Option<&str>],
        done: &mut Done,
    ) {
        if self.ledger {
            let facts = Facts {
                bytes,
                raw,
                ..Facts::new(subject.original, subject.findings, subject.edits)
            };
            lines(&record(name, &facts), &mut done.ledger);
        }
        done.summary.add(&subject);
        let mut share = Vec::new();
        for (report, shares) in self.reports.iter().zip(&mut done.shares) {
            share.clear();
            // A vector takes every byte, so there is no error to see here.
            let _ = report.document(&subject, &mut share);
            if share.is_empty() {
                continue;
            }
            if !shares.is_empty() {
                let _ = report.between(shares);
            }
            shares.extend_from_slice(&share);
        }
    }
}

/// What was found in a text and what is changed.
#[derive(Default)]
struct Looked {
    findings: Vec<Finding>,
    edits: Vec<Edit>,
    /// How the file spelled what the edits bring back, where that is not the plain spelling.
    raw: Vec<Option<String>>,
}

impl Looked {
    /// What the edits take.
    fn places(&self) -> impl Iterator<Item = Range<usize>> {
        self.edits.iter().map(|edit| edit.span.range())
    }

    /// What the edits bring back, as the inside of a JSON string.
    fn spelled(&self) -> Vec<String> {
        let raw = self.raw.iter().cloned().chain(std::iter::repeat(None));
        self.edits
            .iter()
            .zip(raw)
            .map(|(edit, raw)| raw.unwrap_or_else(|| jsonl::spell(&edit.replacement)))
            .collect()
    }

    /// The changes as formats take them.
    fn changes(&self) -> impl Iterator<Item = (Range<usize>, &str)> {
        self.edits
            .iter()
            .map(|edit| (edit.span.range(), edit.replacement.as_str()))
    }

    /// Leaves out the findings that touch a place they must not, and the edits that they or others caused there.
    fn keep(&mut self, may: impl Fn(Range<usize>) -> bool) {
        let sound: Vec<bool> = self
            .findings
            .iter()
            .map(|finding| {
                [finding.span, finding.cut]
                    .iter()
                    .chain(&finding.evidence)
                    .all(|span| may(span.range()))
            })
            .collect();
        self.edits.retain(|edit| {
            may(edit.span.range())
                && edit
                    .findings
                    .iter()
                    .all(|index| sound.get(*index) != Some(&false))
        });
        let mut places = Vec::with_capacity(sound.len());
        let mut next = 0;
        for sound in &sound {
            places.push(next);
            next += usize::from(*sound);
        }
        for index in self.edits.iter_mut().flat_map(|edit| &mut edit.findings) {
            *index = places.get(*index).copied().unwrap_or(*index);
        }
        let mut sound = sound.into_iter();
        self.findings.retain(|_| sound.next().unwrap_or(true));
    }
}
