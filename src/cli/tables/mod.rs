//! Tables (Parquet): not a stream of records, but columns that are found from the file's end. Each is worked on by itself, in batches of rows that all
//! threads share.

#[cfg(not(feature = "parquet"))]
mod disabled;
#[cfg(feature = "parquet")]
mod enabled;

use std::fs::File;
use std::io;

use anyhow::Result;
use rayon::ScopeFifo;

use super::document::Work;
use super::inputs::Source;
use super::pipeline::Part;

#[cfg(not(feature = "parquet"))]
use disabled as chosen;
#[cfg(feature = "parquet")]
use enabled as chosen;

/// A table that waits for its turn.
#[derive(Debug)]
pub(crate) struct Table<'s> {
    /// The source.
    pub(crate) source: &'s Source,
    /// Its file, which can be read at any place.
    pub(crate) file: File,
}

impl<'s> Table<'s> {
    /// Works on the table with the threads of `scope`, of which there are `threads`, and hands the parts to `take`, in order.
    pub(crate) fn run<'w: 's>(
        self,
        scope: &ScopeFifo<'s>,
        threads: usize,
        work: &'w Work<'_>,
        take: &mut (dyn FnMut(Part<'_>) -> Result<()> + Send),
    ) -> Result<()> {
        chosen::run(self, scope, threads, work, take)
    }
}

/// Puts a stream into a file, which goes when it is closed: the end of a table is needed before its beginning.
pub(crate) fn spool(head: &[u8], reader: &mut dyn io::Read) -> io::Result<File> {
    let mut file = tempfile::tempfile()?;
    io::Write::write_all(&mut file, head)?;
    io::copy(reader, &mut file)?;
    Ok(file)
}
