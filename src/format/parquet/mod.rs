//! Parquet: tables by column, of which some hold text.
//!
//! A table is read batch by batch and written anew behind: only chunks of text columns in which something changed are decoded and packed again;
//! all others are copied as they stand, with their statistics and indexes. Schema, metadata, packing and the sizes of row groups stay.

mod batch;
mod columns;
mod guard;
mod read;
mod rewrite;

use std::fmt;
use std::sync::Arc;

use parquet::errors::ParquetError;
use parquet::file::metadata::{PageIndexPolicy, ParquetMetaData, ParquetMetaDataReader};
use parquet::file::reader::ChunkReader;

use super::InputFormat;
use super::record::Names;
use columns::Columns;

pub use batch::Batch;
pub use read::Batches;

/// A table whose end was read: where its columns stand, and which of them matter.
///
/// ```no_run
/// use descale::format::parquet::Table;
/// use descale::format::record::Names;
/// let names = Names { texts: vec!["text".into()], ..Names::default() };
/// let table = Table::open(std::fs::File::open("articles.parquet")?, &names)?;
/// let mut batches = table.batches();
/// let changed = table.rewrite(std::fs::File::create("cleaned.parquet")?, || batches.next().transpose())?;
/// assert!(!changed, "nothing was done to the batches, so nothing was written");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Table<R> {
    source: Arc<R>,
    metadata: Arc<ParquetMetaData>,
    columns: Arc<Columns>,
}

impl<R> Clone for Table<R> {
    fn clone(&self) -> Self {
        Self {
            source: Arc::clone(&self.source),
            metadata: Arc::clone(&self.metadata),
            columns: Arc::clone(&self.columns),
        }
    }
}

impl<R: ChunkReader + 'static> Table<R> {
    /// Reads the end of a file and finds the columns. Names are dotted paths; the layers that the format puts between a list and its elements may
    /// be left out.
    ///
    /// # Errors
    /// When this is no Parquet file, its end is damaged, or there is no column of a name that was asked for.
    pub fn open(source: R, names: &Names) -> Result<Self, TableError> {
        let length = source.len();
        let at_end = |error: ParquetError| match error {
            ParquetError::General(message) if message.contains("encrypted") => TableError::new(
                "",
                "the file is encrypted",
                "decrypt it first; keys are not known here",
            ),
            error => TableError::of(format!("in its last bytes, of {length}"), error),
        };
        if length < 12 || source.get_bytes(0, 4).map_err(at_end)? != InputFormat::PARQUET_MAGIC {
            return Err(TableError::new(
                "byte 0",
                "this is no Parquet file: it does not begin with `PAR1`",
                "name its true format with --input-format",
            ));
        }
        let end = source.get_bytes(length - 4, 4).map_err(at_end)?;
        if end != InputFormat::PARQUET_MAGIC {
            return Err(TableError::new(
                format!("byte {}", length - 4),
                "the file does not end with `PAR1`: it was cut off, or was never finished",
                "get the file anew",
            ));
        }
        // Indexes of pages help readers, but nothing depends on them: damaged ones are left out.
        let metadata = guard::caught(|| {
            ParquetMetaDataReader::new()
                .with_page_index_policy(PageIndexPolicy::Optional)
                .parse_and_finish(&source)
                .or_else(|_| ParquetMetaDataReader::new().parse_and_finish(&source))
        })
        .map_err(at_end)?;
        guard::check_places(&metadata, length)?;
        let columns = Columns::find(metadata.file_metadata().schema_descr(), names)?;
        Ok(Self {
            source: Arc::new(source),
            metadata: Arc::new(metadata),
            columns: Arc::new(columns),
        })
    }

    /// Reads the texts, row group by row group, in each column by column.
    #[must_use]
    pub fn batches(&self) -> Batches<R> {
        Batches::new(self.clone())
    }

    /// How many rows it has.
    #[must_use]
    pub fn rows(&self) -> u64 {
        u64::try_from(self.metadata.file_metadata().num_rows()).unwrap_or(0)
    }

    /// The file.
    #[must_use]
    pub fn source(&self) -> &R {
        &self.source
    }

    /// Where a chunk stands, for messages.
    fn place(&self, group: usize, column: usize) -> String {
        let name = self.metadata.file_metadata().schema_descr().column(column);
        format!(
            "row group {} of {}, column `{}`",
            group + 1,
            self.metadata.num_row_groups(),
            name.path().string()
        )
    }
}

/// Why a table could not be read or written.
#[derive(Debug)]
pub struct TableError {
    /// Where it went wrong; empty when it is about the table as a whole.
    pub place: String,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: &'static str,
    /// The error of the system or of whoever was written to, if it was one.
    pub source: Option<std::io::Error>,
}

impl TableError {
    fn new(place: impl Into<String>, message: impl Into<String>, help: &'static str) -> Self {
        Self {
            place: place.into(),
            message: message.into(),
            help,
            source: None,
        }
    }

    /// An error of the reader or writer at a place of the file.
    fn of(place: impl Into<String>, error: ParquetError) -> Self {
        let error = match error {
            ParquetError::External(error) => match error.downcast::<std::io::Error>() {
                Ok(error) if error.kind() != std::io::ErrorKind::UnexpectedEof => {
                    return Self {
                        source: Some(*error),
                        ..Self::new(place, "it could not be read or written", "")
                    };
                }
                Ok(error) => error.to_string(),
                Err(error) => error.to_string(),
            },
            ParquetError::General(message)
            | ParquetError::EOF(message)
            | ParquetError::NYI(message) => message,
            error => error.to_string(),
        };
        let message = format!("the table is damaged, or of a kind that is not known: {error}");
        Self::new(
            place,
            message,
            "get the file anew, or write it with another tool",
        )
    }
}

impl fmt::Display for TableError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.place.is_empty() {
            write!(f, "{}: ", self.place)?;
        }
        match &self.source {
            Some(error) => write!(f, "{error}"),
            None => write!(f, "{}; {}", self.message, self.help),
        }
    }
}

impl std::error::Error for TableError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_ref().map(|error| error as _)
    }
}

#[cfg(test)]
mod tests;
