//! The fields of one row: where they stand, and what they read as.
//!
//! A quick walk knows rows that keep the rules. For the others there is a reader that sees what most programs see in them, so that an odd
//! field in one column does not keep the text in another from being read.

use std::borrow::Cow;
use std::ops::Range;

use csv_core::{ReadFieldResult, ReaderBuilder};

use crate::format::BOM;
use crate::format::record::RecordError;

/// A row of more fields than this is a broken one, not a table of articles.
const FIELDS: usize = 1 << 16;

/// Whether a byte ends lines.
pub(super) fn is_break(byte: &u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

/// Where the fields of a row stand, quotation marks included.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Row {
    /// In bytes of the row, in order.
    pub(super) fields: Vec<Range<usize>>,
}

impl Row {
    /// Finds the fields of a row, given with or without its line end.
    ///
    /// # Errors
    /// When a quotation mark is opened and never closed, or there are too many fields.
    pub(super) fn of(row: &[u8], delimiter: u8) -> Result<Self, RecordError> {
        let regular = Self::regular(row, delimiter)?;
        let fields = match regular {
            Some(row) => row,
            None => Self::irregular(row, delimiter),
        };
        if fields.fields.len() > FIELDS {
            return Err(RecordError {
                column: 1,
                message: format!("the row has more than {FIELDS} fields"),
                help: "a table of articles has fewer; check that the file is one",
            });
        }
        Ok(fields)
    }

    /// The fields of a row in which quotation marks stand around whole fields, or in the middle of bare ones; nothing of another one.
    fn regular(row: &[u8], delimiter: u8) -> Result<Option<Self>, RecordError> {
        let mut fields = Vec::new();
        let mut at = row.len() - row.strip_prefix(BOM).unwrap_or(row).len();
        loop {
            let start = at;
            if row.get(at) == Some(&b'"') {
                loop {
                    at += 1;
                    let Some(quote) = memchr::memchr(b'"', &row[at..]) else {
                        return Err(unclosed(start));
                    };
                    at += quote + 1;
                    if row.get(at) != Some(&b'"') {
                        break;
                    }
                }
            } else {
                let rest = &row[at..];
                at += memchr::memchr3(delimiter, b'\n', b'\r', rest).unwrap_or(rest.len());
            }
            fields.push(start..at);
            match row.get(at) {
                Some(byte) if *byte == delimiter => at += 1,
                None | Some(b'\n' | b'\r') => return Ok(Some(Self { fields })),
                Some(_) => return Ok(None),
            }
        }
    }

    /// The fields as most programs see them.
    pub(super) fn irregular(row: &[u8], delimiter: u8) -> Self {
        let mut reader = ReaderBuilder::new().delimiter(delimiter).build();
        let mut at = row.len() - row.strip_prefix(BOM).unwrap_or(row).len();
        // A value is never longer than what it is read from.
        let mut value = vec![0; row.len()];
        let mut fields = Vec::new();
        loop {
            let (result, read, _) = reader.read_field(&row[at..], &mut value);
            let start = at;
            at += read;
            match result {
                ReadFieldResult::Field { record_end: false } => fields.push(start..at - 1),
                ReadFieldResult::Field { record_end: true } => {
                    fields.push(start..start + without_break(&row[start..at]));
                    return Self { fields };
                }
                // The end of the row is the end of the input: asked again with nothing, the reader closes the field.
                ReadFieldResult::InputEmpty => {
                    let (result, _, _) = reader.read_field(&[], &mut value);
                    if matches!(result, ReadFieldResult::Field { .. }) {
                        fields.push(start..at);
                    }
                    return Self { fields };
                }
                ReadFieldResult::OutputFull | ReadFieldResult::End => return Self { fields },
            }
        }
    }

    /// What all fields read as, for a row of names.
    pub(super) fn values<'r>(&self, row: &'r [u8]) -> Vec<Cow<'r, str>> {
        let value = |raw: &Range<usize>| {
            let raw = &row[raw.clone()];
            value(raw).unwrap_or_else(|| String::from_utf8_lossy(raw))
        };
        self.fields.iter().map(value).collect()
    }
}

fn unclosed(start: usize) -> RecordError {
    RecordError {
        column: start + 1,
        message: "a quotation mark opens here and is never closed".to_owned(),
        help: "close it, or double it if it is meant as it stands; the rows behind it belong to this one until then",
    }
}

fn without_break(bytes: &[u8]) -> usize {
    let breaks = bytes.iter().rev().take_while(|byte| is_break(byte)).count();
    bytes.len() - breaks
}

/// Whether a field stands in quotation marks.
pub(super) fn is_quoted(raw: &[u8]) -> bool {
    raw.first() == Some(&b'"')
}

/// What a field reads as; nothing if it is not UTF-8, or its quotation marks are not regular.
pub(super) fn value(raw: &[u8]) -> Option<Cow<'_, str>> {
    let text = std::str::from_utf8(raw).ok()?;
    if !is_quoted(raw) {
        return Some(Cow::Borrowed(text));
    }
    let inside = text.get(1..)?.strip_suffix('"')?;
    let mut rest = inside;
    let mut value = String::new();
    while let Some(quote) = memchr::memchr(b'"', rest.as_bytes()) {
        let (before, behind) = rest.split_at(quote + 1);
        value.push_str(before);
        rest = behind.strip_prefix('"')?;
    }
    if value.is_empty() {
        return Some(Cow::Borrowed(inside));
    }
    value.push_str(rest);
    Some(Cow::Owned(value))
}

/// Writes a value in quotation marks.
pub(super) fn quote(value: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    let mut at = 0;
    for quote in memchr::memchr_iter(b'"', value) {
        out.extend_from_slice(&value[at..=quote]);
        at = quote;
    }
    out.extend_from_slice(&value[at..]);
    out.push(b'"');
}
