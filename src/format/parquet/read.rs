//! Reading the texts of a table batch by batch.

use std::sync::Arc;

use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::{ByteArray, ByteArrayType, DataType, Int32Type, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::metadata::RowGroupMetaData;
use parquet::file::properties::ReaderProperties;
use parquet::file::reader::{ChunkReader, RowGroupReader};
use parquet::file::serialized_reader::SerializedRowGroupReader;

use super::batch::{self, Batch, Values};
use super::columns::Side;
use super::guard::{self, caught};
use super::{Table, TableError};

/// How many bytes of text a batch has, about; never less than a row.
const BYTES: u64 = 1 << 20;

/// The most rows of a batch.
const ROWS: u64 = 1 << 12;

/// The batches of a table: row group by row group, in each column by column. Behind an error there is nothing more.
pub struct Batches<R> {
    table: Table<R>,
    /// The row group, and the place among the text columns, that come next.
    next: (usize, usize),
    open: Option<Open>,
    /// How many rows stand before the row group.
    before: u64,
    failed: bool,
}

/// A chunk that is being read.
struct Open {
    at: (usize, usize),
    field: usize,
    /// Which of the text columns it is, and of how many.
    column: (usize, usize),
    text: TextReader,
    /// With the definition level of a value that is there.
    sides: Vec<(Side, ColumnReader, i16)>,
    rows: usize,
    read: usize,
}

impl<R: ChunkReader + 'static> Batches<R> {
    pub(super) fn new(table: Table<R>) -> Self {
        Self {
            table,
            next: (0, 0),
            open: None,
            before: 0,
            failed: false,
        }
    }

    fn read(&mut self) -> Result<Option<Batch>, TableError> {
        loop {
            if let Some(open) = &mut self.open {
                let (group, column) = open.at;
                if open.read < open.rows {
                    let batch = open.batch(self.before);
                    return batch
                        .map(Some)
                        .map_err(|error| TableError::of(self.table.place(group, column), error));
                }
                self.open = None;
            }
            let (group, text) = self.next;
            let Some(of_group) = self.table.metadata.row_groups().get(group) else {
                return Ok(None);
            };
            let Some((column, field)) = self.table.columns.texts.get(text).copied() else {
                self.next = (group + 1, 0);
                self.before += rows_of(of_group) as u64;
                continue;
            };
            self.next.1 += 1;
            let sides = self.table.columns.sides.iter();
            let sides = sides
                .map(|(side, place)| {
                    let full = of_group.column(*place).column_descr().max_def_level();
                    Ok((*side, self.table.column_reader(group, *place)?, full))
                })
                .collect::<Result<_, TableError>>()?;
            self.open = Some(Open {
                at: (group, column),
                field,
                column: (text, self.table.columns.texts.len()),
                text: self.table.text_reader(group, column)?,
                sides,
                rows: rows_of(of_group),
                read: 0,
            });
        }
    }
}

impl<R: ChunkReader + 'static> Iterator for Batches<R> {
    type Item = Result<Batch, TableError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let batch = self.read();
        self.failed = batch.is_err();
        batch.transpose()
    }
}

impl Open {
    fn batch(&mut self, before_group: u64) -> Result<Batch, ParquetError> {
        let count = self.text.step.min(self.rows - self.read);
        let values = self.text.read(count)?;
        let rows = values.rows(self.text.full);
        if rows.len() != count {
            return Err(ParquetError::General(format!(
                "{count} rows were to come, and {} came",
                rows.len()
            )));
        }
        let mut sides = Vec::with_capacity(self.sides.len());
        for (side, reader, full) in &mut self.sides {
            sides.push((*side, caught(|| side_values(reader, count, *full))?));
        }
        let batch = Batch {
            at: self.at,
            field: self.field,
            column: self.column,
            before: before_group + self.read as u64,
            before_in_group: self.read,
            values,
            sides,
            rows,
            changed: false,
        };
        self.read += count;
        Ok(batch)
    }
}

impl<R: ChunkReader + 'static> Table<R> {
    /// Reads a chunk of text.
    pub(super) fn text_reader(
        &self,
        group: usize,
        column: usize,
    ) -> Result<TextReader, TableError> {
        let chunk = self.metadata.row_group(group).column(column);
        let rows = self.metadata.row_group(group).num_rows().max(1);
        let bytes = u64::try_from(chunk.uncompressed_size() / rows).unwrap_or(1);
        let ColumnReader::ByteArrayColumnReader(reader) = self.column_reader(group, column)? else {
            return Err(TableError::new(
                self.place(group, column),
                "the column holds no text",
                "name a column of strings",
            ));
        };
        Ok(TextReader {
            reader,
            full: chunk.column_descr().max_def_level(),
            repeats: chunk.column_descr().max_rep_level() > 0,
            step: (BYTES / bytes.max(1)).clamp(1, ROWS) as usize,
        })
    }

    fn column_reader(&self, group: usize, column: usize) -> Result<ColumnReader, TableError> {
        guard::check_pages(&*self.source, self.metadata.row_group(group).column(column))
            .map_err(|error| TableError::of(self.place(group, column), error))?;
        caught(|| {
            let reader = SerializedRowGroupReader::new(
                Arc::clone(&self.source),
                self.metadata.row_group(group),
                self.metadata.page_index_for_row_group(group),
                Arc::new(ReaderProperties::builder().build()),
            )?;
            reader.get_column_reader(column)
        })
        .map_err(|error| TableError::of(self.place(group, column), error))
    }
}

/// How many rows a row group has.
pub(super) fn rows_of(group: &RowGroupMetaData) -> usize {
    usize::try_from(group.num_rows()).unwrap_or(0)
}

/// Reads a chunk of text.
pub(super) struct TextReader {
    reader: ColumnReaderImpl<ByteArrayType>,
    /// The definition level of a value that is there.
    full: i16,
    repeats: bool,
    /// How many rows are about [`BYTES`].
    pub(super) step: usize,
}

impl TextReader {
    /// Reads so many rows.
    pub(super) fn read(&mut self, rows: usize) -> Result<Values, ParquetError> {
        let mut values = Values::default();
        caught(|| {
            self.reader.read_records(
                rows,
                (self.full > 0).then_some(&mut values.definition),
                self.repeats.then_some(&mut values.repetition),
                &mut values.values,
            )
        })?;
        Ok(values)
    }
}

/// What a column says of so many rows: the first value of each.
fn side_values(
    reader: &mut ColumnReader,
    rows: usize,
    full: i16,
) -> Result<Vec<Option<ByteArray>>, ParquetError> {
    let number = |number: String| ByteArray::from(number.into_bytes());
    match reader {
        ColumnReader::ByteArrayColumnReader(reader) => {
            first_values::<ByteArrayType>(reader, rows, full, Clone::clone)
        }
        ColumnReader::Int32ColumnReader(reader) => {
            first_values::<Int32Type>(reader, rows, full, |value| number(value.to_string()))
        }
        ColumnReader::Int64ColumnReader(reader) => {
            first_values::<Int64Type>(reader, rows, full, |value| number(value.to_string()))
        }
        _ => Ok(vec![None; rows]),
    }
}

fn first_values<T: DataType>(
    reader: &mut ColumnReaderImpl<T>,
    count: usize,
    full: i16,
    show: impl Fn(&T::T) -> ByteArray,
) -> Result<Vec<Option<ByteArray>>, ParquetError> {
    let (mut definition, mut repetition, mut values) = (Vec::new(), Vec::new(), Vec::new());
    reader.read_records(
        count,
        Some(&mut definition),
        Some(&mut repetition),
        &mut values,
    )?;
    let rows = batch::rows(&definition, &repetition, values.len(), full);
    Ok(rows
        .into_iter()
        .map(|row| values[row].first().map(&show))
        .collect())
}
