//! Some rows of one text column, with what other columns say of them.

use std::borrow::Cow;
use std::ops::Range;

use parquet::data_type::ByteArray;

use super::columns::Side;
use crate::format::plain;
use crate::format::record::{Changes, Record, RecordError, Text, site};

/// Some rows of one text column.
#[derive(Clone, Debug)]
pub struct Batch {
    /// The row group and the column, by their places.
    pub(super) at: (usize, usize),
    /// The place of the column's name among the names.
    pub(super) field: usize,
    /// Which of the text columns it is, and of how many.
    pub(super) column: (usize, usize),
    /// How many rows of the file stand before it.
    pub(super) before: u64,
    /// How many of them are in its row group.
    pub(super) before_in_group: usize,
    pub(super) values: Values,
    pub(super) sides: Vec<(Side, Vec<Option<ByteArray>>)>,
    /// Which of the values belong to each row.
    pub(super) rows: Vec<Range<usize>>,
    pub(super) changed: bool,
}

/// Values of a column as the format has them: those that are no null, and levels that say where they stand.
#[derive(Clone, Debug, Default)]
pub(super) struct Values {
    pub(super) values: Vec<ByteArray>,
    pub(super) definition: Vec<i16>,
    pub(super) repetition: Vec<i16>,
}

impl Values {
    /// Which of the values belong to each row. `full` is the definition level of a value that is there.
    pub(super) fn rows(&self, full: i16) -> Vec<Range<usize>> {
        rows(&self.definition, &self.repetition, self.values.len(), full)
    }
}

/// Which of so many values belong to each row, by the levels that came with them. `full` is the definition level of a value that is there; columns
/// whose values are always there, or never more than one a row, have no such levels.
pub(super) fn rows(
    definition: &[i16],
    repetition: &[i16],
    values: usize,
    full: i16,
) -> Vec<Range<usize>> {
    let levels = if full == 0 { values } else { definition.len() };
    let mut rows: Vec<Range<usize>> = Vec::with_capacity(levels);
    let mut next = 0;
    for level in 0..levels {
        if repetition.get(level).is_none_or(|level| *level == 0) {
            rows.push(next..next);
        }
        if definition.get(level).is_none_or(|level| *level == full) {
            next += 1;
            if let Some(row) = rows.last_mut() {
                row.end = next;
            }
        }
    }
    rows
}

impl Batch {
    /// How many rows it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether it has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The number of its first row in the file, from 1.
    #[must_use]
    pub fn first_row(&self) -> u64 {
        self.before + 1
    }

    /// The number of one of the texts of a row among all that the row has in text columns, if there may be several. Numbers are not without gaps.
    #[must_use]
    pub fn number(&self, text: usize, texts: usize) -> Option<usize> {
        let (column, columns) = self.column;
        (texts > 1 || columns > 1).then_some(text * columns + column)
    }

    /// One row: its texts are the values of the column in it, of which a list has several, and a null none.
    ///
    /// # Errors
    /// When a value is not UTF-8.
    pub fn read(&self, row: usize) -> Result<Record<'_>, RecordError> {
        let mut record = Record::default();
        let range = self.rows.get(row).cloned().unwrap_or_default();
        for value in &self.values.values[range] {
            let text = std::str::from_utf8(value.data()).map_err(|error| RecordError {
                column: error.valid_up_to() + 1,
                message: "the text is not UTF-8".to_owned(),
                help: "write the table anew with strings that are",
            })?;
            record.texts.push(Text {
                field: self.field,
                text: Cow::Borrowed(text),
                raw: 0..text.len(),
            });
        }
        for (side, values) in &self.sides {
            let value = values.get(row).and_then(Option::as_ref);
            let value = value.and_then(|value| std::str::from_utf8(value.data()).ok());
            let Some(value) = value.filter(|value| !value.is_empty()).map(Cow::Borrowed) else {
                continue;
            };
            match side {
                Side::Site => record.site = site(value),
                Side::Title => record.title = Some(value),
                Side::Id => record.id = Some(value),
                Side::Lang => record.lang = Some(value),
            }
        }
        Ok(record)
    }

    /// The row's new values: for each text with a change its place, to be handed to [`replace`](Self::replace), and its new bytes.
    #[must_use]
    pub fn changed(&self, row: usize, changes: &[Changes<'_>]) -> Vec<(usize, Vec<u8>)> {
        let range = self.rows.get(row).cloned().unwrap_or_default();
        range
            .zip(changes)
            .filter(|(_, changes)| !changes.is_empty())
            .filter_map(|(place, changes)| {
                let old = self.values.values.get(place)?.data();
                let mut new = Vec::with_capacity(old.len());
                let changes = changes.iter().map(|(range, new)| (range.clone(), *new));
                plain::splice(old, changes, &mut new);
                Some((place, new))
            })
            .collect()
    }

    /// Takes new values. A text that became empty is an empty text, not a null.
    pub fn replace(&mut self, values: Vec<(usize, Vec<u8>)>) {
        for (place, new) in values {
            if let Some(value) = self.values.values.get_mut(place) {
                *value = ByteArray::from(new);
                self.changed = true;
            }
        }
    }

    /// Whether any value was replaced.
    #[must_use]
    pub fn is_changed(&self) -> bool {
        self.changed
    }
}
