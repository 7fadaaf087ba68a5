//! Tables for the tests of the command: Parquet files of numbered texts.

use std::sync::Arc;

use parquet::basic::Compression;
use parquet::data_type::{ByteArray, ByteArrayType, Int64Type};
use parquet::file::properties::WriterProperties;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;

/// A table of so many row groups with so many rows each: an `id` and a `text`, as `row` says for each number.
pub fn table(groups: usize, rows: usize, row: impl Fn(usize) -> (i64, String)) -> Vec<u8> {
    let schema = "message rows { required int64 id; required binary text (UTF8); }";
    let schema = Arc::new(parse_message_type(schema).unwrap());
    let properties = WriterProperties::builder().set_compression(Compression::SNAPPY);
    let mut out = Vec::new();
    let mut writer =
        SerializedFileWriter::new(&mut out, schema, Arc::new(properties.build())).unwrap();
    for group in 0..groups {
        let (ids, texts): (Vec<i64>, Vec<String>) =
            (group * rows..(group + 1) * rows).map(&row).unzip();
        let texts: Vec<ByteArray> = texts.iter().map(|text| text.as_str().into()).collect();
        let mut group = writer.next_row_group().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        let written = column.typed::<Int64Type>().write_batch(&ids, None, None);
        written.unwrap();
        column.close().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        let written = column
            .typed::<ByteArrayType>()
            .write_batch(&texts, None, None);
        written.unwrap();
        column.close().unwrap();
        group.close().unwrap();
    }
    writer.close().unwrap();
    out
}

/// The rows of a table, as text.
pub fn rows(table: Vec<u8>) -> Vec<String> {
    let reader = SerializedFileReader::new(bytes::Bytes::from(table)).unwrap();
    let rows = reader.get_row_iter(None).unwrap();
    rows.map(|row| row.unwrap().to_string()).collect()
}
