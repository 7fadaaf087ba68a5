//! What keeps damaged and hostile files from doing harm: places are checked before anything is read there, sizes before anything is unpacked.

use std::panic::{AssertUnwindSafe, catch_unwind};

use parquet::errors::ParquetError;
use parquet::file::metadata::{ColumnChunkMetaData, ParquetMetaData};
use parquet::file::reader::ChunkReader;

use super::TableError;

/// A page that unpacks to more than this is refused. Writers aim at one megabyte, and go over it by the size of one text.
const LARGEST_PAGE: i64 = 256 << 20;

/// A page's header of more bytes than this is a damaged one.
const LARGEST_HEADER: u64 = 16 << 20;

/// Structures inside structures are followed so deep; headers of pages have two.
const DEPTH: usize = 8;

/// Runs a reader that is not ours and may give up on damaged bytes with a panic; that is an error like another here.
pub(super) fn caught<T>(read: impl FnOnce() -> Result<T, ParquetError>) -> Result<T, ParquetError> {
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_| {
        Err(ParquetError::General(
            "the bytes are not those of any known encoding".to_owned(),
        ))
    })
}

/// Whether all chunks lie in the file, and counts are none below zero.
pub(super) fn check_places(metadata: &ParquetMetaData, length: u64) -> Result<(), TableError> {
    const HELP: &str = "get the file anew";
    for (number, group) in metadata.row_groups().iter().enumerate() {
        let place = |column: &ColumnChunkMetaData| {
            format!(
                "row group {} of {}, column `{}`",
                number + 1,
                metadata.num_row_groups(),
                column.column_path().string()
            )
        };
        if group.num_rows() < 0 {
            let message = "the row group claims fewer than no rows";
            return Err(TableError::new(
                format!("row group {}", number + 1),
                message,
                HELP,
            ));
        }
        for column in group.columns() {
            if column.file_path().is_some() {
                return Err(TableError::new(
                    place(column),
                    "the column stands in another file",
                    "write the table as one file",
                ));
            }
            let start = column
                .dictionary_page_offset()
                .unwrap_or(column.data_page_offset());
            let end = start.checked_add(column.compressed_size());
            let is_inside = start >= 4
                && column.data_page_offset() >= start
                && column.compressed_size() >= 0
                && column.uncompressed_size() >= 0
                && column.num_values() >= 0
                && end.is_some_and(|end| end as u64 <= length);
            if !is_inside {
                let message =
                    format!("the column's bytes do not lie in the file, which has {length}");
                return Err(TableError::new(place(column), message, HELP));
            }
        }
    }
    Ok(())
}

/// Whether the pages of a chunk lie in it, and none unpacks to more than is sensible. Reads their headers only.
pub(super) fn check_pages<R: ChunkReader>(
    source: &R,
    chunk: &ColumnChunkMetaData,
) -> Result<(), ParquetError> {
    let (start, length) = chunk.byte_range();
    let end = start.saturating_add(length);
    let mut at = start;
    while at < end {
        let damaged =
            || ParquetError::General(format!("the page at byte {at} has a damaged header"));
        let mut window = 512.min(end - at);
        let (header, sizes) = loop {
            let count = usize::try_from(window).map_err(|_| damaged())?;
            let bytes = source.get_bytes(at, count)?;
            let mut thrift = Thrift::new(&bytes);
            match thrift.page_sizes() {
                Some(sizes) => break (thrift.at as u64, sizes),
                None if window < (end - at).min(LARGEST_HEADER) => {
                    window = (window * 8).min(end - at);
                }
                None => return Err(damaged()),
            }
        };
        let (unpacked, packed) = sizes;
        if unpacked > LARGEST_PAGE {
            return Err(ParquetError::General(format!(
                "the page at byte {at} unpacks to {} MiB, more than {} MiB",
                unpacked >> 20,
                LARGEST_PAGE >> 20
            )));
        }
        let packed = u64::try_from(packed).map_err(|_| damaged())?;
        if unpacked < 0 || header == 0 {
            return Err(damaged());
        }
        at = at.saturating_add(header).saturating_add(packed);
        if at > end {
            return Err(ParquetError::General(format!(
                "the page that ends at byte {at} goes on behind its column, which ends at byte {end}"
            )));
        }
    }
    Ok(())
}

/// Reads just so much of Thrift's compact form as tells the size of a page.
struct Thrift<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl<'b> Thrift<'b> {
    fn new(bytes: &'b [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// The sizes of the page whose header this is: unpacked and packed. `None` if it is none, or does not end here.
    fn page_sizes(&mut self) -> Option<(i64, i64)> {
        let (mut unpacked, mut packed) = (None, None);
        let mut id = 0;
        while let Some(kind) = self.field(&mut id)? {
            match (id, kind) {
                (2, 5) => unpacked = Some(self.number()?),
                (3, 5) => packed = Some(self.number()?),
                _ => self.skip(kind, DEPTH)?,
            }
        }
        Some((unpacked?, packed?))
    }

    /// The kind of the next field; the inner `None` at the end of the structure.
    fn field(&mut self, id: &mut i64) -> Option<Option<u8>> {
        let head = self.byte()?;
        if head == 0 {
            return Some(None);
        }
        match head >> 4 {
            0 => *id = self.number()?,
            step => *id += i64::from(step),
        }
        Some(Some(head & 0xf))
    }

    fn skip(&mut self, kind: u8, depth: usize) -> Option<()> {
        let depth = depth.checked_sub(1)?;
        match kind {
            // The two truths stand in the kind itself.
            1 | 2 => {}
            3 => self.pass(1)?,
            4..=6 => {
                self.number()?;
            }
            7 => self.pass(8)?,
            8 => {
                let length = self.varint()?;
                self.pass(usize::try_from(length).ok()?)?;
            }
            9 | 10 => {
                let head = self.byte()?;
                let count = match head >> 4 {
                    15 => self.varint()?,
                    count => u64::from(count),
                };
                for _ in 0..count {
                    // In lists, each truth has a byte.
                    match head & 0xf {
                        1 | 2 => self.pass(1)?,
                        kind => self.skip(kind, depth)?,
                    }
                }
            }
            12 => {
                let mut id = 0;
                while let Some(kind) = self.field(&mut id)? {
                    self.skip(kind, depth)?;
                }
            }
            _ => return None,
        }
        Some(())
    }

    fn byte(&mut self) -> Option<u8> {
        let byte = *self.bytes.get(self.at)?;
        self.at += 1;
        Some(byte)
    }

    fn pass(&mut self, count: usize) -> Option<()> {
        let end = self.at.checked_add(count)?;
        (end <= self.bytes.len()).then(|| self.at = end)
    }

    fn varint(&mut self) -> Option<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(value);
            }
        }
        None
    }

    /// A signed number, in zigzag.
    fn number(&mut self) -> Option<i64> {
        let value = self.varint()?;
        Some((value >> 1) as i64 ^ -((value & 1) as i64))
    }
}
