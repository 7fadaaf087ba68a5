use super::*;
use crate::format::jsonl;

fn table(header: &str, texts: &[&str]) -> Table {
    let fields = jsonl::Fields::texts(texts.iter().copied());
    Table::new(
        header.as_bytes(),
        delimiter_of(header.as_bytes()),
        fields.names(),
    )
    .unwrap()
}

/// Puts `new` in the place of every `old` in the texts of the record.
fn replace(table: &Table, record: &str, old: &str, new: &str) -> Result<String, RecordError> {
    let read = table.read(record.as_bytes())?;
    let changes: Vec<Changes<'_>> = read
        .texts
        .iter()
        .map(|text| {
            text.text
                .match_indices(old)
                .map(|(at, _)| (at..at + old.len(), new))
                .collect()
        })
        .collect();
    let mut out = Vec::new();
    table.write(record.as_bytes(), &read, &changes, &mut out)?;
    Ok(String::from_utf8(out).unwrap())
}

#[test]
fn only_the_changed_field_is_written_anew() {
    let table = table("id,text,\"n\"\r\n", &["text"]);
    for (record, expected) in [
        ("1,an ad here,\"x\"\r\n", "1,a word here,\"x\"\r\n"),
        ("1,\"an ad\", \"y\n", "1,\"a word\", \"y\n"),
        ("1,\"an ad\",\"y\"z\n", "1,\"a word\",\"y\"z\n"),
        (
            "\"1\",\"an ad, \"\"so\"\"\n\",",
            "\"1\",\"a word, \"\"so\"\"\n\",",
        ),
        ("1,nothing,\"\"\r", "1,nothing,\"\"\r"),
        ("\u{feff}1,an ad,", "\u{feff}1,a word,"),
        ("1,an ad,", "1,a word,"),
        ("1,5\" an ad,2\n", "1,5\" a word,2\n"),
    ] {
        assert_eq!(
            replace(&table, record, "an ad", "a word").unwrap(),
            expected,
            "{record:?}"
        );
    }
}

#[test]
fn a_field_is_quoted_when_it_must_be() {
    let table = table("id;text\n", &["text"]);
    for (new, expected) in [
        ("a", "1;a\n"),
        ("a;b", "1;\"a;b\"\n"),
        ("a\nb", "1;\"a\nb\"\n"),
        ("a\"b", "1;\"a\"\"b\"\n"),
        ("a,b", "1;a,b\n"),
        ("", "1;\n"),
    ] {
        assert_eq!(replace(&table, "1;old\n", "old", new).unwrap(), expected);
    }
    let single = super::tests::table("text\n", &["text"]);
    assert_eq!(replace(&single, "old\n", "old", "").unwrap(), "\"\"\n");
}

#[test]
fn columns_by_name_and_by_place() {
    let by_place = table("id,text\n", &["2"]);
    assert!(!by_place.has_header());
    assert_eq!(by_place.read(b"1,One.\n").unwrap().texts[0].text, "One.");
    let by_name = table("\u{feff}text,2\n", &["text", "2"]);
    assert!(by_name.has_header());
    let texts = by_name.read(b"a,b\n").unwrap().texts;
    assert_eq!((texts[0].field, &*texts[0].text), (0, "a"));
    assert_eq!((texts[1].field, &*texts[1].text), (1, "b"));

    let fields = jsonl::Fields::texts(["body"]);
    let error = Table::new(b"id,text\n", b',', fields.names()).unwrap_err();
    assert!(
        error.message.contains("no column `body`") && error.message.contains("`text`"),
        "{error}"
    );
}

#[test]
fn what_cannot_be_read_is_named() {
    let table = table("id,text\n", &["text"]);
    for (row, column, message) in [
        (&b"1\n"[..], 1, "the row has 1 field, the first row 2"),
        (b"1,a,b\n", 1, "the row has 3 fields, the first row 2"),
        (b"1,caf\xe9\n", 6, "not UTF-8"),
        (b"1,\"an ad\"x\n", 3, "not regular"),
        (b"1,\"an ad\"\"\n", 3, "never closed"),
        (b"\"1,ad\n", 1, "never closed"),
    ] {
        let error = table.read(row).unwrap_err();
        assert!(error.message.contains(message), "{row:?}: {error}");
        assert_eq!(error.column, column, "{error}");
    }
    assert_eq!(table.read(b"\r\n").unwrap(), Record::default());
}

#[test]
fn the_first_row_is_no_record_if_it_names_columns() {
    for (file, preamble) in [
        ("id,text\r\n1,a\r\n", 9),
        ("\r\n\nid,text\n1,a\n", 11),
        ("\u{feff}id,text\r1,a", 11),
        ("\u{feff}\nid,text\r1,a", 12),
        ("id,text", 7),
        ("\"id\",\"text\"", 11),
    ] {
        assert_eq!(table(file, &["text"]).preamble(file.as_bytes()), preamble);
    }
    assert_eq!(table("1,a\n2,b\n", &["2"]).preamble(b"1,a\n2,b\n"), 0);
}

#[test]
fn line_ends_of_all_kinds_count_once() {
    let table = table("text\n", &["text"]);
    assert_eq!(table.line_ends(b"a\r\nb\rc\n\"\r\n\"\r"), 5);
}

/// The records as the well-known reader sees them.
fn oracle(bytes: &[u8], delimiter: u8) -> Vec<Vec<Vec<u8>>> {
    ::csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(bytes)
        .byte_records()
        .map(|record| record.unwrap().iter().map(<[u8]>::to_vec).collect())
        .collect()
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { failure_persistence: None, ..proptest::prelude::ProptestConfig::with_cases(4000) })]

    /// Rows end where other readers see them end, fields read the same, and every field stands where it is said to stand.
    #[test]
    fn rows_and_fields_are_those_of_other_readers(text in "[ab,;\"\r\n]{0,40}") {
        let bytes = text.as_bytes();
        let mut read = Vec::new();
        let mut at = 0;
        while at < bytes.len() {
            let end = at + Splitter::new(b',').first_end(&bytes[at..]).unwrap_or(bytes.len() - at);
            let row = &bytes[std::mem::replace(&mut at, end)..end];
            if row.iter().all(is_break) {
                continue;
            }
            let seen = Row::irregular(row, b',');
            match Row::of(row, b',') {
                Ok(found) => proptest::prop_assert_eq!(&found, &seen, "{:?}", text),
                // Only the last row can be without an end.
                Err(_) => proptest::prop_assert_eq!(end, bytes.len()),
            }
            let theirs = oracle(row, b',').pop().unwrap_or_default();
            proptest::prop_assert_eq!(seen.fields.len(), theirs.len());
            for (field, theirs) in seen.fields.iter().zip(&theirs) {
                if let Some(value) = value(&row[field.clone()]) {
                    proptest::prop_assert_eq!(value.as_bytes(), theirs.as_slice());
                }
            }
            read.push(theirs);
        }
        proptest::prop_assert_eq!(read, oracle(bytes, b','));
    }

    /// In pieces or at once, rows end at the same places.
    #[test]
    fn pieces_do_not_matter(text in "[a,\"\r\n]{0,40}", cut in 0_usize..40) {
        let bytes = text.as_bytes();
        let cut = cut.min(bytes.len());
        let whole = Splitter::new(b',').last_end(bytes, 0);
        let mut splitter = Splitter::new(b',');
        let first = splitter.last_end(&bytes[..cut], 0);
        let second = splitter.last_end(bytes, cut);
        proptest::prop_assert_eq!(second.or(first), whole);
        let first = Splitter::new(b',').end_of_long(bytes);
        let mut splitter = Splitter::new(b',');
        let early = splitter.end_of_long(&bytes[..cut]);
        let late = || splitter.end_of_long(&bytes[cut..]).map(|end| cut + end);
        proptest::prop_assert_eq!(early.or_else(late), first);
    }

    /// A row that was changed and put back has the bytes it had.
    #[test]
    fn what_was_taken_comes_back(text in "[ab\"\n,]{0,9}", new in "[a\"\n,]{0,3}", quoted: bool, cut in 0_usize..9, single: bool) {
        let cut = cut.min(text.len());
        let mut row = Vec::new();
        if quoted {
            quote(text.as_bytes(), &mut row);
        } else {
            row.extend_from_slice(text.as_bytes());
        }
        if !single {
            row.extend_from_slice(b",x");
        }
        let table = table(if single { "text" } else { "text,n" }, &["text"]);
        let Ok(read) = table.read(&row) else { return Ok(()) };
        let Some(old) = read.texts.first() else { return Ok(()) };
        let cut = cut.min(old.text.len());
        let changes = vec![(cut..old.text.len(), new.as_str())];
        let spellings = table.spellings(&row, old, &changes);
        let mut out = Vec::new();
        table.write(&row, &read, std::slice::from_ref(&changes), &mut out).unwrap();
        let cleaned = table.read(&out).unwrap();
        // A row that was one field and is one empty field now is written so that it stays a row.
        let after = cleaned.texts.first().map(|text| text.text.clone()).unwrap_or_default();
        proptest::prop_assert_eq!(&*after, format!("{}{new}", &old.text[..cut]));
        let back = vec![(cut..cut + new.len(), &old.text[cut..])];
        let mut original = Vec::new();
        table.restore(&out, &cleaned, &[back], &[spellings], &mut original).unwrap();
        proptest::prop_assert_eq!(original, row);
    }

    /// What is put in reads back, and nothing else changes.
    #[test]
    fn a_changed_field_reads_back(old in "[ab,\"\n]{0,12}", new in "[ab,\"\n]{0,12}", other in "[ab,\"\n]{0,12}") {
        let mut row = Vec::new();
        for field in [&other, &old, &other] {
            quote(field.as_bytes(), &mut row);
            row.push(b',');
        }
        row.pop();
        row.push(b'\n');
        let table = table("a,text,c\n", &["text"]);
        let read = table.read(&row).unwrap();
        let mut out = Vec::new();
        table.write(&row, &read, &[vec![(0..old.len(), new.as_str())]], &mut out).unwrap();
        let expected: Vec<Vec<u8>> = [&other, &new, &other].iter().map(|field| field.as_bytes().to_vec()).collect();
        proptest::prop_assert_eq!(oracle(&out, b','), vec![expected]);
    }
}
