//! Writing a table anew behind the batches that were read from it.

use std::io::Write;
use std::sync::Arc;

use parquet::basic::Encoding;
use parquet::bloom_filter::Sbbf;
use parquet::column::writer::{ColumnCloseResult, ColumnWriter};
use parquet::errors::ParquetError;
use parquet::file::metadata::{ColumnChunkMetaData, RowGroupMetaData};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::reader::ChunkReader;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};

use super::batch::{Batch, Values};
use super::guard::caught;
use super::read::rows_of;
use super::{Table, TableError};

impl<R: ChunkReader + 'static> Table<R> {
    /// Writes the table with the batches that `next` hands over: those of [`batches`](Self::batches), all of them in order, with or without
    /// replaced values. Answers whether anything was replaced; if not, nothing was written, and the file is as good as its copy.
    ///
    /// Beyond a batch at a time, what is held is what a writer of the format must hold: the pages of one chunk while it has a dictionary.
    ///
    /// # Errors
    /// What `next` answers, and when the table cannot be read or written. What was written until then is no table.
    pub fn rewrite<W: Write + Send, E: From<TableError>>(
        &self,
        out: W,
        next: impl FnMut() -> Result<Option<Batch>, E>,
    ) -> Result<bool, E> {
        let mut queue = Queue { next, batch: None };
        let Some(first) = queue.changed()? else {
            return Ok(false);
        };
        queue.batch = Some(first);
        let wrong = |error| TableError::of("", error);
        let schema = self.metadata.file_metadata().schema_descr();
        let properties = Arc::new(self.properties());
        let mut writer =
            SerializedFileWriter::new(out, schema.root_schema_ptr(), properties).map_err(wrong)?;
        for (number, group) in self.metadata.row_groups().iter().enumerate() {
            let mut row_group = writer.next_row_group().map_err(wrong)?;
            for column in 0..group.num_columns() {
                match queue.changed_of((number, column))? {
                    Some(batch) => self.write_text(&mut row_group, batch, &mut queue)?,
                    None => self
                        .copy(&mut row_group, number, column)
                        .map_err(|error| TableError::of(self.place(number, column), error))?,
                }
            }
            row_group.close().map_err(wrong)?;
        }
        writer.close().map_err(wrong)?;
        Ok(true)
    }

    /// How chunks are written: as those of the file are, as far as it tells.
    fn properties(&self) -> WriterProperties {
        let file = self.metadata.file_metadata();
        let mut builder = WriterProperties::builder()
            .set_key_value_metadata(file.key_value_metadata().cloned())
            .set_statistics_enabled(EnabledStatistics::None)
            .set_offset_index_disabled(true);
        let Some(group) = self.metadata.row_groups().first() else {
            return builder.build();
        };
        builder = builder.set_sorting_columns(group.sorting_columns().cloned());
        let index = self.metadata.page_index_for_row_group(0);
        for (column, _) in &self.columns.texts {
            let chunk = group.column(*column);
            let path = chunk.column_path().clone();
            let has_dictionary = chunk.encodings().any(|encoding| {
                matches!(
                    encoding,
                    Encoding::RLE_DICTIONARY | Encoding::PLAIN_DICTIONARY
                )
            });
            let statistics = match (index.column_index(*column), chunk.statistics()) {
                (Some(_), _) => EnabledStatistics::Page,
                (None, Some(_)) => EnabledStatistics::Chunk,
                (None, None) => EnabledStatistics::None,
            };
            if index.offset_index(*column).is_some() {
                builder = builder.set_offset_index_disabled(false);
            }
            builder = builder
                .set_column_compression(path.clone(), chunk.compression())
                .set_column_dictionary_enabled(path.clone(), has_dictionary)
                .set_column_bloom_filter_enabled(
                    path.clone(),
                    chunk.bloom_filter_offset().is_some(),
                )
                .set_column_statistics_enabled(path, statistics);
        }
        builder.build()
    }

    /// Writes a chunk of text from its first changed batch on. What stands before that batch is read a second time.
    fn write_text<W: Write + Send, E: From<TableError>>(
        &self,
        row_group: &mut SerializedRowGroupWriter<'_, W>,
        first: Batch,
        queue: &mut Queue<impl FnMut() -> Result<Option<Batch>, E>>,
    ) -> Result<(), E> {
        let (group, column) = first.at;
        let wrong = |error| TableError::of(self.place(group, column), error);
        let Some(mut writer) = row_group.next_column().map_err(wrong)? else {
            return Err(wrong(ParquetError::General("there is no such column".to_owned())).into());
        };
        let mut before = self.text_reader(group, column)?;
        let mut missing = first.before_in_group;
        while missing > 0 {
            let count = before.step.min(missing);
            let values = before.read(count).map_err(wrong)?;
            write(writer.untyped(), &values).map_err(wrong)?;
            missing -= count;
        }
        drop(before);
        let mut batch = Some(first);
        while let Some(this) = batch {
            write(writer.untyped(), &this.values).map_err(wrong)?;
            batch = queue.next_of((group, column))?;
        }
        caught(|| writer.close()).map_err(wrong)?;
        Ok(())
    }

    /// Copies a chunk as it stands.
    fn copy<W: Write + Send>(
        &self,
        row_group: &mut SerializedRowGroupWriter<'_, W>,
        group: usize,
        column: usize,
    ) -> Result<(), ParquetError> {
        let of_group: &RowGroupMetaData = self.metadata.row_group(group);
        let chunk: &ColumnChunkMetaData = of_group.column(column);
        let index = self.metadata.page_index_for_row_group(group);
        let close = ColumnCloseResult {
            bytes_written: u64::try_from(chunk.compressed_size()).unwrap_or(0),
            rows_written: rows_of(of_group) as u64,
            metadata: chunk.clone(),
            // A filter only saves readers time, so that a damaged one may go.
            bloom_filter: caught(|| Sbbf::read_from_column_chunk(chunk, &*self.source))
                .unwrap_or(None),
            column_index: index.column_index(column).cloned(),
            offset_index: index.offset_index(column).cloned(),
        };
        row_group.append_column(&*self.source, close)
    }
}

/// Writes values with their levels.
fn write(writer: &mut ColumnWriter<'_>, values: &Values) -> Result<(), ParquetError> {
    let ColumnWriter::ByteArrayColumnWriter(writer) = writer else {
        return Err(ParquetError::General("the column holds no text".to_owned()));
    };
    let levels = |levels: &Vec<i16>| (!levels.is_empty()).then(|| levels.clone());
    let (definition, repetition) = (levels(&values.definition), levels(&values.repetition));
    caught(|| {
        writer
            .write_batch(&values.values, definition.as_deref(), repetition.as_deref())
            .map(|_| ())
    })
}

/// The batches that come, with one held back.
struct Queue<F> {
    next: F,
    batch: Option<Batch>,
}

impl<E, F: FnMut() -> Result<Option<Batch>, E>> Queue<F> {
    /// The next batch that was changed, wherever it belongs.
    fn changed(&mut self) -> Result<Option<Batch>, E> {
        loop {
            match self.take()? {
                Some(batch) if batch.is_changed() => return Ok(Some(batch)),
                Some(_) => {}
                None => return Ok(None),
            }
        }
    }

    /// The next batch of this chunk, changed or not.
    fn next_of(&mut self, chunk: (usize, usize)) -> Result<Option<Batch>, E> {
        let batch = self.take()?;
        match batch {
            Some(batch) if batch.at == chunk => Ok(Some(batch)),
            other => {
                self.batch = other;
                Ok(None)
            }
        }
    }

    /// The next batch of this chunk that was changed. Those that were not are passed over.
    fn changed_of(&mut self, chunk: (usize, usize)) -> Result<Option<Batch>, E> {
        while let Some(batch) = self.next_of(chunk)? {
            if batch.is_changed() {
                return Ok(Some(batch));
            }
        }
        Ok(None)
    }

    fn take(&mut self) -> Result<Option<Batch>, E> {
        match self.batch.take() {
            Some(batch) => Ok(Some(batch)),
            None => (self.next)(),
        }
    }
}
