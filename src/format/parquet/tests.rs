use std::sync::{Arc, Mutex};

use bytes::Bytes;
use parquet::basic::Compression;
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int64Type};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::file::writer::SerializedFileWriter;
use parquet::record::Row;
use parquet::schema::parser::parse_message_type;
use proptest::prelude::*;

use super::*;

const SCHEMA: &str = "message articles {
    required int64 id;
    optional binary url (UTF8);
    optional binary text (UTF8);
    optional group paragraphs (LIST) { repeated group list { optional binary element (UTF8); } }
    optional group meta { required binary summary (UTF8); }
    required double score;
}";

fn names() -> Names {
    Names {
        texts: vec!["text".into(), "paragraphs".into(), "meta.summary".into()],
        site: Some("url".into()),
        id: Some("id".into()),
        ..Names::default()
    }
}

/// A table of so many rows in each row group. Every third text is missing, every fifth row has no list.
fn table(groups: &[usize], properties: WriterProperties) -> Bytes {
    let schema = Arc::new(parse_message_type(SCHEMA).unwrap());
    let mut out = Vec::new();
    let mut writer = SerializedFileWriter::new(&mut out, schema, Arc::new(properties)).unwrap();
    let strings = |values: Vec<String>| -> Vec<ByteArray> {
        values.iter().map(|value| value.as_str().into()).collect()
    };
    let mut before = 0;
    for &rows in groups {
        let ids: Vec<usize> = (before..before + rows).collect();
        before += rows;
        let mut group = writer.next_row_group().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        let numbers: Vec<i64> = ids.iter().map(|id| *id as i64).collect();
        column
            .typed::<Int64Type>()
            .write_batch(&numbers, None, None)
            .unwrap();
        column.close().unwrap();

        let mut column = group.next_column().unwrap().unwrap();
        let urls = ids.iter().map(|id| format!("https://www.example.com/{id}"));
        let levels = vec![1; rows];
        column
            .typed::<ByteArrayType>()
            .write_batch(&strings(urls.collect()), Some(&levels), None)
            .unwrap();
        column.close().unwrap();

        let mut column = group.next_column().unwrap().unwrap();
        let levels: Vec<i16> = ids.iter().map(|id| i16::from(id % 3 != 0)).collect();
        let texts = ids.iter().filter(|id| *id % 3 != 0);
        let texts = texts.map(|id| format!("Text {id}. Cut. End."));
        column
            .typed::<ByteArrayType>()
            .write_batch(&strings(texts.collect()), Some(&levels), None)
            .unwrap();
        column.close().unwrap();

        let mut column = group.next_column().unwrap().unwrap();
        let (mut definition, mut repetition, mut values) = (vec![], vec![], vec![]);
        for id in &ids {
            if id % 5 == 0 {
                definition.push(0);
                repetition.push(0);
                continue;
            }
            for place in 0..3 {
                // The second paragraph is missing.
                definition.push(if place == 1 { 2 } else { 3 });
                repetition.push(i16::from(place > 0));
                if place != 1 {
                    values.push(format!("Paragraph {place} of {id}. Cut."));
                }
            }
        }
        column
            .typed::<ByteArrayType>()
            .write_batch(&strings(values), Some(&definition), Some(&repetition))
            .unwrap();
        column.close().unwrap();

        let mut column = group.next_column().unwrap().unwrap();
        let levels = vec![1; rows];
        let summaries = ids.iter().map(|id| format!("Summary {}.", id % 2));
        column
            .typed::<ByteArrayType>()
            .write_batch(&strings(summaries.collect()), Some(&levels), None)
            .unwrap();
        column.close().unwrap();

        let mut column = group.next_column().unwrap().unwrap();
        let scores: Vec<f64> = ids.iter().map(|id| *id as f64 / 7.0).collect();
        column
            .typed::<DoubleType>()
            .write_batch(&scores, None, None)
            .unwrap();
        column.close().unwrap();
        group.close().unwrap();
    }
    writer.close().unwrap();
    out.into()
}

/// A sink whose bytes can be looked at afterwards.
#[derive(Clone, Default)]
struct Sink(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// The table with each `cut` taken out of the texts of the rows that `wanted` answers to; `None` when nothing was.
fn rewrite(
    file: &Bytes,
    names: &Names,
    cut: &str,
    wanted: impl Fn(u64) -> bool,
) -> Result<Option<Bytes>, TableError> {
    let table = Table::open(file.clone(), names)?;
    let mut batches = table.batches();
    let sink = Sink::default();
    let changed = table.rewrite(sink.clone(), || {
        let Some(mut batch) = batches.next().transpose()? else {
            return Ok::<_, TableError>(None);
        };
        for row in 0..batch.len() {
            let Ok(record) = batch.read(row) else {
                continue;
            };
            let changes: Vec<Changes<'_>> = record
                .texts
                .iter()
                .map(|text| match text.text.find(cut) {
                    Some(at) if wanted(batch.first_row() + row as u64) => {
                        vec![(at..at + cut.len(), "")]
                    }
                    _ => Vec::new(),
                })
                .collect();
            let new = batch.changed(row, &changes);
            batch.replace(new);
        }
        Ok(Some(batch))
    })?;
    let bytes = sink.0.lock().unwrap().clone();
    assert_eq!(changed, !bytes.is_empty());
    Ok(changed.then(|| bytes.into()))
}

fn rows(file: &Bytes) -> Vec<Row> {
    let reader = SerializedFileReader::new(file.clone()).unwrap();
    reader
        .get_row_iter(None)
        .unwrap()
        .map(Result::unwrap)
        .collect()
}

/// What the rows show as, with `cut` taken out.
fn shown(file: &Bytes, cut: &str) -> Vec<String> {
    let shown = rows(file).into_iter();
    shown.map(|row| row.to_string().replace(cut, "")).collect()
}

use crate::format::record::Changes;

#[test]
fn texts_change_and_all_else_stays() {
    for codec in [
        Compression::UNCOMPRESSED,
        Compression::SNAPPY,
        Compression::ZSTD(Default::default()),
        Compression::GZIP(Default::default()),
        Compression::BROTLI(Default::default()),
        Compression::LZ4_RAW,
    ] {
        for dictionary in [true, false] {
            let properties = WriterProperties::builder()
                .set_compression(codec)
                .set_dictionary_enabled(dictionary)
                .set_statistics_enabled(EnabledStatistics::Page)
                .set_column_bloom_filter_enabled("id".into(), true)
                .set_data_page_size_limit(2000)
                .set_write_batch_size(64)
                .set_key_value_metadata(Some(vec![KeyValue::new("key".into(), "value".to_owned())]))
                .build();
            let file = table(&[700, 1, 300], properties);
            let new = rewrite(&file, &names(), " Cut.", |_| true)
                .unwrap()
                .unwrap();
            assert_eq!(shown(&new, "\u{0}"), shown(&file, " Cut."));

            let (old, new) = (
                SerializedFileReader::new(file.clone()).unwrap(),
                SerializedFileReader::new(new).unwrap(),
            );
            let (old, new) = (old.metadata(), new.metadata());
            assert_eq!(
                new.file_metadata().key_value_metadata(),
                old.file_metadata().key_value_metadata()
            );
            assert_eq!(new.file_metadata().schema(), old.file_metadata().schema());
            assert_eq!(new.num_row_groups(), 3);
            for (new, old) in new.row_groups().iter().zip(old.row_groups()) {
                assert_eq!(new.num_rows(), old.num_rows());
                for (new, old) in new.columns().iter().zip(old.columns()) {
                    assert_eq!(new.compression(), old.compression());
                    assert_eq!(
                        new.dictionary_page_offset().is_some(),
                        old.dictionary_page_offset().is_some()
                    );
                    assert_eq!(new.statistics().is_some(), old.statistics().is_some());
                    assert_eq!(
                        new.column_index_offset().is_some(),
                        old.column_index_offset().is_some()
                    );
                    assert_eq!(
                        new.bloom_filter_offset().is_some(),
                        old.bloom_filter_offset().is_some()
                    );
                }
            }
        }
    }
}

#[test]
fn chunks_without_a_change_are_copied_as_they_stand() {
    let file = table(&[300, 300], WriterProperties::builder().build());
    let new = rewrite(&file, &names(), " Cut.", |row| row == 302)
        .unwrap()
        .unwrap();
    let chunk = |file: &Bytes, group: usize, column: usize| {
        let reader = SerializedFileReader::new(file.clone()).unwrap();
        let (start, length) = reader
            .metadata()
            .row_group(group)
            .column(column)
            .byte_range();
        file.slice(start as usize..(start + length) as usize)
    };
    for group in 0..2 {
        for column in 0..6 {
            let is_changed = group == 1 && [2, 3].contains(&column);
            assert_eq!(
                chunk(&new, group, column) == chunk(&file, group, column),
                !is_changed,
                "{group} {column}"
            );
        }
    }
}

#[test]
fn changes_far_inside_a_chunk_keep_what_stands_before_them() {
    let file = table(&[20_000], WriterProperties::builder().build());
    for changed in [1, 4096, 4097, 19_999] {
        let new = rewrite(&file, &names(), " Cut.", |row| row == changed + 1)
            .unwrap()
            .unwrap();
        let (new, old) = (shown(&new, "\u{0}"), shown(&file, "\u{0}"));
        assert_eq!(new.len(), old.len());
        for (row, (new, old)) in new.iter().zip(&old).enumerate() {
            if row as u64 == changed {
                assert_eq!(*new, old.replace(" Cut.", ""));
            } else {
                assert_eq!(new, old);
            }
        }
    }
}

#[test]
fn without_changes_nothing_is_written() {
    let file = table(&[10], WriterProperties::builder().build());
    assert_eq!(
        rewrite(&file, &names(), "no such text", |_| true).unwrap(),
        None
    );
    let empty = table(&[], WriterProperties::builder().build());
    assert_eq!(rewrite(&empty, &names(), " Cut.", |_| true).unwrap(), None);
}

#[test]
fn rows_are_numbered_and_know_what_other_columns_say() {
    let file = table(&[5, 5], WriterProperties::builder().build());
    let table = Table::open(file, &names()).unwrap();
    assert_eq!(table.rows(), 10);
    let batches: Vec<Batch> = table.batches().map(Result::unwrap).collect();
    assert_eq!(batches.len(), 6, "two row groups of three columns");
    assert_eq!((batches[3].first_row(), batches[3].len()), (6, 5));
    let record = batches[3].read(2).unwrap();
    assert_eq!(record.texts[0].text, "Text 7. Cut. End.");
    assert_eq!(
        (record.site.as_deref(), record.id.as_deref()),
        (Some("example.com"), Some("7"))
    );
    assert_eq!(batches[3].read(1).unwrap().texts, [], "a null is no text");
    let list = batches[4].read(1).unwrap();
    let texts: Vec<_> = list
        .texts
        .iter()
        .map(|text| (&*text.text, text.field))
        .collect();
    assert_eq!(
        texts,
        [("Paragraph 0 of 6. Cut.", 1), ("Paragraph 2 of 6. Cut.", 1)]
    );
}

#[test]
fn wrong_names_are_told_with_those_there_are() {
    let file = table(&[3], WriterProperties::builder().build());
    for (name, expected) in [
        (
            "txt",
            "no column `txt`; the columns are `id`, `url`, `text`, `paragraphs`, `meta.summary`, `score`",
        ),
        ("meta", "`meta` is a group of columns: `meta.summary`"),
        ("id", "type INT64, and holds no text"),
    ] {
        let names = Names {
            texts: vec![name.into()],
            ..Names::default()
        };
        let error = Table::open(file.clone(), &names).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
    let full = Names {
        texts: vec!["paragraphs.list.element".into(), "paragraphs[]".into()],
        ..Names::default()
    };
    assert!(Table::open(file.clone(), &full).is_ok());
    let score = Names {
        site: Some("score".into()),
        ..names()
    };
    let error = Table::open(file, &score).unwrap_err().to_string();
    assert!(error.contains("DOUBLE, and holds no names"), "{error}");
}

#[test]
fn what_is_no_whole_table_is_told_apart() {
    let file = table(&[50], WriterProperties::builder().build());
    let error = |bytes: Bytes| Table::open(bytes, &names()).unwrap_err().to_string();
    assert!(error(Bytes::new()).contains("no Parquet file"));
    assert!(error("PK\u{3}\u{4} and so on and so on".into()).contains("no Parquet file"));
    for end in 12..file.len() {
        let error = error(file.slice(..end));
        assert!(error.contains("cut off"), "{end}: {error}");
    }
    let mut hidden = file.to_vec();
    let length = hidden.len();
    hidden[length - 8..length - 4].copy_from_slice(&u32::MAX.to_le_bytes());
    assert!(error(hidden.into()).contains("damaged"));
}

#[test]
fn a_page_that_unpacks_to_too_much_is_refused() {
    // The text column of one row group, whose one value is larger than a page may be.
    let schema =
        Arc::new(parse_message_type("message m { required binary text (UTF8); }").unwrap());
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(Default::default()))
        .set_dictionary_enabled(false)
        .build();
    let mut out = Vec::new();
    let mut writer = SerializedFileWriter::new(&mut out, schema, Arc::new(properties)).unwrap();
    let mut group = writer.next_row_group().unwrap();
    let mut column = group.next_column().unwrap().unwrap();
    let bomb = ByteArray::from(vec![b'a'; (256 << 20) + 1]);
    column
        .typed::<ByteArrayType>()
        .write_batch(&[bomb], None, None)
        .unwrap();
    column.close().unwrap();
    group.close().unwrap();
    writer.close().unwrap();
    assert!(out.len() < 1 << 20);
    let names = Names {
        texts: vec!["text".into()],
        ..Names::default()
    };
    let error = rewrite(&out.into(), &names, "a", |_| true)
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("row group 1 of 1, column `text`") && error.contains("256 MiB"),
        "{error}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    /// Flipped bits are errors or other values, never a panic that gets out, and never a table that cannot be read where the first one could.
    #[test]
    fn flipped_bits_never_panic(
        flips in prop::collection::vec((any::<prop::sample::Index>(), 0..8u8), 1..4),
        at_end in any::<bool>(),
        dictionary in any::<bool>(),
    ) {
        let properties = WriterProperties::builder()
            .set_dictionary_enabled(dictionary)
            .set_compression(Compression::SNAPPY)
            .set_statistics_enabled(EnabledStatistics::Page)
            .build();
        let file = table(&[20, 20], properties);
        let mut bytes = file.to_vec();
        let footer = u32::from_le_bytes(bytes[bytes.len() - 8..bytes.len() - 4].try_into().unwrap());
        let from = if at_end { bytes.len() - 8 - footer as usize } else { 0 };
        for (at, bit) in flips {
            let at = from + at.index(bytes.len() - from);
            bytes[at] ^= 1 << bit;
        }
        if let Err(error) = rewrite(&bytes.into(), &names(), " Cut.", |_| true) {
            prop_assert!(!error.to_string().is_empty());
        }
    }
}
