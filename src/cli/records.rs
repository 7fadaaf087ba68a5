//! The bytes of some records: clean the texts in them, render their share of each report, put the texts back. What a record is, its format says.

use descale::Document;
use descale::format::InputFormat;
use descale::format::codec::gzip_member;
use descale::format::encoding::Encoding;
use descale::format::plain::Masked;
use descale::format::record::{self, Changes, RecordError, Records};
use descale::ledger::Name;
use descale::report::{Origin, Record};

use super::document::{At, Done, Task, Work};
use super::fault::Fault;
use super::feed::Member;
use super::look::{Looked, Text};

/// A record with its place.
struct Here<'r> {
    source: &'r At<'r>,
    /// The number of its first line.
    line: usize,
    /// Its own number, by which the ledger knows it: that of its line may change with the records before it.
    number: usize,
    bytes: &'r [u8],
    records: &'r dyn Records,
    record: record::Record<'r>,
}

/// One text of a record, or of the row of a table.
pub(super) struct OneText<'r, 'n> {
    /// The record.
    pub(super) record: &'r record::Record<'r>,
    /// Which of its texts, from 0.
    pub(super) text: usize,
    /// Which of the texts of its field, if there are several.
    pub(super) number: Option<usize>,
    /// What the ledger calls it.
    pub(super) place: Name<'n>,
    /// The line or row that reports name.
    pub(super) line: usize,
    /// How its file writes text.
    pub(super) encoding: Encoding,
}

impl Work<'_> {
    /// Works on whole records.
    pub(crate) fn records(&self, here: &At<'_>, records: &dyn Records, bytes: Vec<u8>) -> Done {
        let mut done = self.nothing();
        let new = self.new_records(here, records, &bytes, &mut done);
        done.output = new.unwrap_or(bytes);
        done
    }

    /// Works on records of which each is packed by itself; their places are those of what they unpack to. Only changed ones are packed anew.
    pub(crate) fn members(
        &self,
        here: &At<'_>,
        records: &dyn Records,
        members: Vec<Member>,
    ) -> Done {
        let mut done = Done {
            packed: true,
            ..self.nothing()
        };
        let mut first = here.first;
        for Member { packed, plain } in members {
            let at = At { first, ..*here };
            match self.new_records(&at, records, &plain, &mut done) {
                Some(new) if new != plain => done.output.extend(gzip_member(&new)),
                _ => done.output.extend(packed),
            }
            first = first.behind(records, &plain);
        }
        done
    }

    /// The bytes of some records with what was changed in them; `None` if nothing was.
    fn new_records(
        &self,
        here: &At<'_>,
        records: &dyn Records,
        bytes: &[u8],
        done: &mut Done,
    ) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        let At { name, first, .. } = *here;
        let source = here;
        // Everything before `copied` is in the output already: records without a change are copied many at a time.
        let mut copied = 0;
        let mut looked = Vec::new();
        let counted = (first.line, first.record);
        for place in record::split(records, bytes, counted, first.offset == 0) {
            let (start, at) = (place.range.start, place.range.end);
            let here = &bytes[start..at];
            let fault = |error: RecordError| {
                let offset = first.offset + (start + error.column.saturating_sub(1)) as u64;
                Fault::new(name, error.message, error.help)
                    .at(place.line, Some(error.column.max(1)), Some(offset))
                    .of_record(here)
            };
            let record = match records.read(here) {
                Ok(record) => record,
                Err(error) => {
                    done.faults.push(fault(error));
                    continue;
                }
            };
            if record.texts.is_empty() {
                continue;
            }
            let here = Here {
                source,
                line: place.line,
                number: place.number,
                bytes: here,
                records,
                record,
            };
            let numbers = here.record.numbers();
            looked.clear();
            for text in 0..here.record.texts.len() {
                let number = numbers.get(text).copied().flatten();
                looked.push(self.record(&here, (text, number), done));
            }
            if looked.iter().all(|looked| looked.edits.is_empty()) {
                continue;
            }
            if copied == 0 {
                // Cleaning makes texts shorter, hardly ever longer.
                out.reserve(bytes.len());
            }
            out.extend_from_slice(&bytes[copied..start]);
            copied = start;
            match self.write(&here, &looked, &mut out) {
                Ok(()) => {
                    done.changed = true;
                    copied = at;
                }
                Err(error) => done.faults.push(fault(error)),
            }
        }
        if copied == 0 {
            return None;
        }
        out.extend_from_slice(&bytes[copied..]);
        Some(out)
    }

    /// Writes a record with what was changed in its texts.
    fn write(
        &self,
        here: &Here<'_>,
        looked: &[Looked],
        out: &mut Vec<u8>,
    ) -> Result<(), RecordError> {
        let changes: Vec<Changes<'_>> = looked
            .iter()
            .map(|looked| looked.changes().collect())
            .collect();
        if !matches!(self.task, Task::Restore(_)) {
            return here.records.write(here.bytes, &here.record, &changes, out);
        }
        let spellings: Vec<Vec<Option<&str>>> = looked
            .iter()
            .map(|looked| looked.raw.iter().map(Option::as_deref).collect())
            .collect();
        here.records
            .restore(here.bytes, &here.record, &changes, &spellings, out)
    }

    /// Looks at one text of a record: its place among the record's texts, and its number among those of its field.
    fn record(
        &self,
        here: &Here<'_>,
        (text, number): (usize, Option<usize>),
        done: &mut Done,
    ) -> Looked {
        let record = &here.record;
        let field = &record.texts[text];
        let several = record.texts.len() > 1;
        let place = Name {
            path: here.source.name,
            line: Some(here.number),
            field: Some(here.records.field(field.field)),
            id: record.id.as_deref(),
            text: several.then_some(text),
        };
        let one = OneText {
            record,
            text,
            number,
            place,
            line: here.line,
            encoding: here.source.encoding,
        };
        self.one_text(&one, done, |looked| {
            if !self.ledger || looked.edits.is_empty() {
                return Vec::new();
            }
            let changes = looked.changes().collect();
            here.records.spellings(here.bytes, field, &changes)
        })
    }

    /// Looks at one text of a record or of a row, and reports what was found. `spellings` says how the file spells what the edits take.
    pub(super) fn one_text<'b>(
        &self,
        one: &OneText<'_, '_>,
        done: &mut Done,
        spellings: impl FnOnce(&Looked) -> Vec<Option<&'b str>>,
    ) -> Looked {
        let OneText { record, place, .. } = one;
        let field = &record.texts[one.text];
        let masked = Masked::valid(&field.text);
        let text = Text {
            document: Document {
                text: &field.text,
                site: record.site.as_deref().or(self.known.site.as_deref()),
                title: record.title.as_deref().or(self.known.title.as_deref()),
                lang: record.lang.as_deref().or(self.known.lang.as_deref()),
            },
            bytes: field.text.as_bytes(),
            masked: &masked,
            format: InputFormat::Text,
            is_record: true,
            encoding: one.encoding,
        };
        let looked = self.look(&text, place, done);
        let raw = spellings(&looked);
        let shown = record::place(place.field.unwrap_or_default(), one.number);
        let origin = Record {
            line: one.line,
            field: &shown,
            id: place.id,
        };
        let origin = Origin::record(place.path, origin);
        self.report(&text, origin, &looked, (place, &raw), done);
        looked
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use descale::Cleaner;
    use descale::format::jsonl::Fields;

    use super::super::document::Place;
    use super::super::form::{Charset, Form, Packing};
    use super::super::inputs::Known;
    use super::*;

    /// What is clean is neither copied nor written anew: the bytes that were read are those that go out.
    #[test]
    fn clean_records_go_out_as_they_came_in() {
        let cleaner = Cleaner::builder().build().unwrap();
        let fields = Arc::new(Fields::texts(["text"]));
        let known = Known {
            site: None,
            title: None,
            lang: None,
            detect_lang: false,
            max_doc_bytes: None,
            fields: fields.clone(),
            charset: Charset::default(),
        };
        let work = Work {
            task: Task::Clean(&cleaner),
            known: &known,
            reports: Vec::new(),
            ledger: false,
            lint: None,
            packing: Packing::AsRead,
            files: crate::cli::output::Files::None,
        };
        let here = At::new("a.jsonl", Place::START, Form::default());
        let clean = r#"{"text": "\u201cHe left\u201d at \/ noon.\n\nNobody saw him go."}"#;
        let marked =
            r#"{"text": "He left.\n\nStory continues below advertisement\n\nShe stayed."}"#;

        let bytes = format!("{clean}\n").repeat(100).into_bytes();
        let place = bytes.as_ptr();
        let done = work.records(&here, &*fields, bytes);
        assert!(!done.changed);
        assert_eq!(done.output.as_ptr(), place);

        let bytes = format!("{clean}\n{marked}\n{clean}\n").into_bytes();
        let room = bytes.len();
        let done = work.records(&here, &*fields, bytes);
        assert!(done.changed);
        assert_eq!(done.output.capacity(), room, "room is made once");
        let cut = r#"{"text": "He left.\n\nShe stayed."}"#;
        assert_eq!(
            String::from_utf8(done.output).unwrap(),
            format!("{clean}\n{cut}\n{clean}\n")
        );
    }
}
