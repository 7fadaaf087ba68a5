//! The documents of a ledger, found by the names that spans give them.

use std::borrow::Cow;
use std::collections::HashMap;

use descale::ledger::{Name, Stamp};

use super::super::restore::{Entry, Index};
use super::span_line::{Shape, SpanLine, Wrong};

/// The documents of a ledger by name: each by what the ledger calls it, and by its place.
pub(super) struct Documents<'i> {
    entries: Vec<&'i Entry>,
    /// Hash of a name to places in `entries`.
    names: HashMap<u64, Vec<u32>>,
    /// Whether the run that wrote the ledger was told which field names a record.
    has_ids: bool,
}

impl<'i> Documents<'i> {
    pub(super) fn of(index: &'i Index) -> Self {
        let mut documents = Self {
            entries: Vec::new(),
            names: HashMap::new(),
            has_ids: index.id_field.is_some(),
        };
        for entry in index.files.values().flatten() {
            let place = documents.entries.len() as u32;
            documents.entries.push(entry);
            let own = hash(&entry.doc.doc);
            let long = hash(&place_of(entry));
            documents.names.entry(own).or_default().push(place);
            if long != own {
                documents.names.entry(long).or_default().push(place);
            }
        }
        documents
    }

    /// The document a span means.
    pub(super) fn find(&self, span: &SpanLine<'_>) -> Result<&'i Entry, Wrong> {
        let places = self
            .names
            .get(&hash(&span.doc))
            .map_or(&[][..], Vec::as_slice);
        let Shape {
            path,
            line,
            field,
            text,
            ..
        } = &span.shape;
        let mut found = places
            .iter()
            .map(|place| self.entries[*place as usize])
            .filter(|entry| {
                let doc = &entry.doc;
                (doc.doc == span.doc || place_of(entry) == span.doc)
                    && path.as_ref().is_none_or(|path| *path == doc.path)
                    && line.is_none_or(|line| Some(line) == doc.line)
                    && field
                        .as_ref()
                        .is_none_or(|field| Some(field) == doc.field.as_ref())
                    && text.is_none_or(|text| Some(text) == doc.text)
            });
        let lost = |why: &str, cause: String, cure| Wrong {
            cause,
            cure,
            marked: Some(span.lost(why)),
        };
        let first = found.next().ok_or_else(|| {
            let cause = format!("the ledger knows no document {:?}", span.doc);
            let cure = if self.has_ids {
                "name it as the `doc` lines of the ledger do"
            } else {
                "name it as the `doc` lines of the ledger do; for records to be called by an id, `clean --ledger` must be told --id-field"
            };
            lost("unknown", cause, cure)
        })?;
        match found.count() {
            0 => Ok(first),
            more => {
                let cause = format!("{} documents are called {:?}", more + 1, span.doc);
                Err(lost(
                    "ambiguous",
                    cause,
                    "add `path`, `line`, `field` or `text` to the span, as the `doc` lines of the ledger have them",
                ))
            }
        }
    }
}

/// `FILE:LINE:FIELD`, whether or not the document has an id.
fn place_of(entry: &Entry) -> Cow<'_, str> {
    let doc = &entry.doc;
    let name = Name {
        line: doc.line,
        field: doc.field.as_deref(),
        text: doc.text,
        ..Name::text(&doc.path)
    };
    name.key()
}

fn hash(name: &str) -> u64 {
    Stamp::of(name.as_bytes()).hash
}
