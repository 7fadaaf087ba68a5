//! Texts with their edits as one Arrow column: `struct<text, edits: list<struct<…>>, error>`.

use std::sync::Arc;

use arrow_array::builder::{Int64Builder, StringBuilder};
use arrow_array::{Array, ArrayRef, ListArray, StructArray};
use arrow_buffer::OffsetBuffer;
use arrow_data::ArrayData;
use arrow_schema::{ArrowError, DataType, Field, Fields};

use descale::ledger::Unit;

use crate::arrow::Row;
use crate::cleaned::{self, Edit};

/// A field of an edit: its name, and how it is read.
type Number = (&'static str, fn(&Edit) -> usize);
type Word = (&'static str, fn(&Edit) -> &str);

/// Numbers of an edit, by the names that Python's `Edit` has for them.
const NUMBERS: [Number; 4] = [
    ("start", |edit| edit.start),
    ("end", |edit| edit.end),
    ("new_start", |edit| edit.new_start),
    ("new_end", |edit| edit.new_end),
];

/// Words of an edit, likewise.
const WORDS: [Word; 6] = [
    ("old", |edit| &edit.old),
    ("new", |edit| &edit.new),
    ("rule", |edit| &edit.rule),
    ("version", |edit| &edit.version),
    ("category", |edit| edit.category),
    ("safety", |edit| edit.safety),
];

/// Puts the edits of each row, and what went wrong with it, beside its text. Offsets are in `unit`.
pub(crate) fn with_edits<'a>(
    text: ArrayRef,
    rows: &[Row],
    original: impl Fn(usize) -> &'a str,
    unit: Unit,
) -> Result<ArrayData, ArrowError> {
    let mut numbers: [Int64Builder; NUMBERS.len()] = Default::default();
    let mut words: [StringBuilder; WORDS.len()] = Default::default();
    let mut counts = Vec::with_capacity(rows.len());
    let mut errors = StringBuilder::new();
    for (index, row) in rows.iter().enumerate() {
        let edits = match row {
            Some(Ok(outcome)) if !outcome.edits.is_empty() => {
                let original = original(index);
                let text = outcome.text.as_deref().unwrap_or(original);
                cleaned::edits(original, text, unit, outcome)
            }
            _ => Vec::new(),
        };
        for edit in &edits {
            for (builder, (_, number)) in numbers.iter_mut().zip(NUMBERS) {
                builder.append_value(i64::try_from(number(edit)).unwrap_or(i64::MAX));
            }
            for (builder, (_, word)) in words.iter_mut().zip(WORDS) {
                builder.append_value(word(edit));
            }
        }
        counts.push(edits.len());
        match row {
            Some(Err(error)) => errors.append_value(error),
            _ => errors.append_null(),
        }
    }
    let number_fields = NUMBERS.map(|(name, _)| Field::new(name, DataType::Int64, false));
    let word_fields = WORDS.map(|(name, _)| Field::new(name, DataType::Utf8, false));
    let fields: Fields = number_fields.into_iter().chain(word_fields).collect();
    let columns = numbers
        .iter_mut()
        .map(|builder| Arc::new(builder.finish()) as ArrayRef)
        .chain(
            words
                .iter_mut()
                .map(|builder| Arc::new(builder.finish()) as ArrayRef),
        )
        .collect();
    let edits = StructArray::try_new(fields, columns, None)?;
    let edits = ListArray::try_new(
        Arc::new(Field::new("item", edits.data_type().clone(), false)),
        OffsetBuffer::from_lengths(counts),
        Arc::new(edits),
        None,
    )?;
    let errors: ArrayRef = Arc::new(errors.finish());
    let fields = Fields::from(vec![
        Field::new("text", text.data_type().clone(), true),
        Field::new("edits", edits.data_type().clone(), false),
        Field::new("error", DataType::Utf8, true),
    ]);
    let columns = StructArray::try_new(fields, vec![text, Arc::new(edits), errors], None)?;
    Ok(columns.into_data())
}
