use data_encoding::BASE32;
use proptest::prelude::*;
use sha1::{Digest, Sha1};

use super::*;

fn sha1(bytes: &[u8]) -> String {
    format!("sha1:{}", BASE32.encode(&Sha1::digest(bytes)))
}

/// A record as Common Crawl writes those of WET files.
fn conversion(text: &str) -> Vec<u8> {
    format!(
        "WARC/1.0\r\nWARC-Type: conversion\r\nWARC-Target-URI: https://www.example.com/a\r\nWARC-Date: 2026-01-02T03:04:05Z\r\n\
         WARC-Record-ID: <urn:uuid:0b3a5f4e-0000-4000-8000-000000000001>\r\nWARC-Refers-To: <urn:uuid:0b3a5f4e-0000-4000-8000-000000000002>\r\n\
         WARC-Block-Digest: {}\r\nWARC-Identified-Content-Language: eng,deu\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n\r\n{text}\r\n\r\n",
        sha1(text.as_bytes()),
        text.len()
    )
    .into_bytes()
}

fn warc() -> Warc {
    Warc::new(&Names::default())
}

/// The record with each `cut` taken out of its text.
fn without(record: &[u8], cut: &str) -> Result<Vec<u8>, RecordError> {
    let read = warc().read(record)?;
    let text = &read.texts[0].text;
    let at = text.find(cut).unwrap();
    let mut out = b"before".to_vec();
    let changes = vec![(at..at + cut.len(), "")];
    warc().write(record, &read, &[changes], &mut out)?;
    Ok(out.strip_prefix(b"before").unwrap().to_vec())
}

#[test]
fn a_changed_conversion_is_the_record_of_its_new_text() {
    let record = conversion("Öne.\nADVERTISEMENT\nTwo.\n");
    assert_eq!(
        without(&record, "ADVERTISEMENT\n").unwrap(),
        conversion("Öne.\nTwo.\n")
    );
}

#[test]
fn fields_of_the_header_are_those_that_were_named() {
    let names = Names {
        site: Some("warc-target-uri".into()),
        id: Some("WARC-Record-ID".into()),
        lang: Some("WARC-Identified-Content-Language".into()),
        title: Some("No-Such-Field".into()),
        ..Names::default()
    };
    let record = conversion("One.");
    let read = Warc::new(&names).read(&record).unwrap();
    assert_eq!(read.site.as_deref(), Some("example.com"));
    assert_eq!(
        read.id.as_deref(),
        Some("<urn:uuid:0b3a5f4e-0000-4000-8000-000000000001>")
    );
    assert_eq!(read.lang.as_deref(), Some("en"));
    assert_eq!(read.title, None);
    assert_eq!(warc().read(&record).unwrap().lang, None, "only when asked");
}

#[test]
fn other_digests_and_spellings_are_kept() {
    let record = String::from_utf8(conversion("One. Two.")).unwrap();
    let hex = |text: &[u8]| data_encoding::HEXLOWER.encode(&Sha1::digest(text));
    let spelled = record.replace(
        &format!("WARC-Block-Digest: {}", sha1(b"One. Two.")),
        &format!(
            "warc-block-digest:  sha1:{}\r\nWARC-Payload-Digest: {}\r\nX-Copy: {}",
            hex(b"One. Two."),
            sha1(b"One. Two."),
            sha1(b"One. Two."),
        ),
    );
    let new = String::from_utf8(without(spelled.as_bytes(), "One. ").unwrap()).unwrap();
    assert!(new.contains(&format!("warc-block-digest:  sha1:{}\r\n", hex(b"Two."))));
    assert!(new.contains(&format!("WARC-Payload-Digest: {}\r\n", sha1(b"Two."))));
    assert!(new.contains(&format!("X-Copy: {}\r\n", sha1(b"One. Two."))));

    let foreign = record.replace("WARC-Block-Digest: sha1:", "WARC-Payload-Digest: sha1:A");
    let foreign = foreign.replace(&sha1(b"One. Two.")[6..], &sha1(b"the page")[6..]);
    let error = without(foreign.as_bytes(), "One. ");
    assert!(error.is_err(), "no digest: {error:?}");
    let of_page = record.replace(
        &format!("WARC-Block-Digest: {}", sha1(b"One. Two.")),
        &format!("WARC-Payload-Digest: {}", sha1(b"the page")),
    );
    let new = String::from_utf8(without(of_page.as_bytes(), "One. ").unwrap()).unwrap();
    assert!(
        new.contains(&sha1(b"the page")),
        "the digest of something else stays"
    );

    let md5 = record.replace("sha1:", "md5:");
    let error = without(md5.as_bytes(), "One. ").unwrap_err();
    assert!(error.message.contains("no digest"), "{error}");
}

fn response(http: &str, body: &[u8]) -> Vec<u8> {
    let block = [http.as_bytes(), b"\r\n", body].concat();
    let head = format!(
        "WARC/1.1\r\nWARC-Type: response\r\nContent-Type: application/http; msgtype=response\r\nWARC-Block-Digest: {}\r\n\
         WARC-Payload-Digest: {}\r\nContent-Length: {}\r\n\r\n",
        sha1(&block),
        sha1(body),
        block.len()
    );
    [head.as_bytes(), &block, b"\r\n\r\n"].concat()
}

#[test]
fn responses_of_plain_text_get_both_lengths_and_both_digests() {
    let http = |length: usize| {
        format!(
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=UTF-8\r\nContent-Length: {length}\r\n"
        )
    };
    assert_eq!(
        without(&response(&http(9), b"One. Two."), "One. ").unwrap(),
        response(&http(4), b"Two.")
    );
}

#[test]
fn what_is_no_plain_text_is_no_text() {
    let texts = |record: &[u8]| warc().read(record).unwrap().texts.len();
    let http = |fields: &str| format!("HTTP/1.1 200 OK\r\n{fields}\r\n");
    for (fields, expected) in [
        ("Content-Type: text/plain", 1),
        ("Content-Type: text/html", 0),
        ("Content-Type: text/plain; charset=iso-8859-1", 0),
        ("Content-Type: text/plain\r\nContent-Encoding: gzip", 0),
        ("Content-Type: text/plain\r\nTransfer-Encoding: chunked", 0),
        ("Content-Type: text/plain\r\nContent-Length: 3", 0),
        ("Server: x", 0),
    ] {
        assert_eq!(
            texts(&response(&http(fields), b"One.")),
            expected,
            "{fields}"
        );
    }
    assert_eq!(
        texts(&response(&http("Content-Type: text/plain"), b"caf\xe9")),
        0
    );
    let record = String::from_utf8(conversion("One.")).unwrap();
    for (old, new, expected) in [
        ("conversion", "resource", 1),
        ("conversion", "metadata", 0),
        ("conversion", "warcinfo", 0),
        ("text/plain", "text/plain; charset=\"utf-8\"", 1),
        ("text/plain", "text/plain; charset=latin1", 0),
        ("text/plain", "text/html", 0),
        ("WARC-Date", "WARC-Segment-Number: 1\r\nWARC-Date", 0),
        ("Content-Type: text/plain\r\n", "", 1),
    ] {
        assert_eq!(
            texts(record.replace(old, new).as_bytes()),
            expected,
            "{new}"
        );
    }
    assert_eq!(texts(&conversion("")), 0);
    assert_eq!(texts(b"\r\n\r\n"), 0);
}

#[test]
fn damaged_records_are_errors_with_their_place() {
    let record = String::from_utf8(conversion("One.")).unwrap();
    let long = "X".repeat(HEADER);
    for (damaged, expected) in [
        (record.replace("WARC/1.0", "WARK/1.0"), "does not begin"),
        (
            record.replace("Content-Length: 4", "Content-Length: 5"),
            "no blank lines",
        ),
        (
            record.replace("Content-Length: 4", "Content-Length: 4000"),
            "ends after 8 of the 4000",
        ),
        (
            record.replace("Content-Length: 4", "Content-Length: x4"),
            "`x4` is no length",
        ),
        (
            record.replace("Content-Length: 4\r\n", ""),
            "no Content-Length",
        ),
        (record[..100].to_owned(), "has no end"),
        (
            record.replace("WARC/1.0\r\n", "WARC/1.0 is it\r\n"),
            "does not begin",
        ),
        (record.replace("WARC-Date: ", &long), "more than 1 MiB"),
    ] {
        let error = warc().read(damaged.as_bytes()).unwrap_err();
        assert!(error.message.contains(expected), "{error}");
    }
    let no_record = [b"\xff", &conversion("One.")[1..]].concat();
    assert_eq!(warc().read(&no_record).unwrap_err().column, 1);
    let mut bytes = conversion("One.");
    let at = bytes.len() - 6;
    bytes[at] = 0xff;
    let error = warc().read(&bytes).unwrap_err();
    assert_eq!(
        (error.column, error.message.contains("UTF-8")),
        (at + 1, true)
    );
}

/// Cuts a file as a stream is cut, with only so many bytes in sight at first.
fn cut_stream(file: &[u8], step: usize) -> Vec<&[u8]> {
    let (mut records, mut at, mut seen) = (Vec::new(), 0, 0);
    while at < file.len() {
        seen = (seen + step).min(file.len());
        while let Extent::Record(length) = extent(&file[at..seen], seen == file.len()) {
            if length == 0 {
                break;
            }
            records.push(&file[at..at + length]);
            at += length;
        }
    }
    records
}

#[test]
fn damage_ends_where_the_next_record_begins() {
    let good = conversion("One.\nWARC/1.0 is a format.\n");
    let text = String::from_utf8(good.clone()).unwrap();
    let length = text.len();
    for damaged in [
        text.replace("WARC/1.0\r", "Warc/1.0\r"),
        text.replace("Content-Length: 27", "Content-Length: 26"),
        text.replace("Content-Length: 27", "Content-Length: 127"),
        text.replace("Content-Length: 27", "Content-Length: -1"),
        text[..length - 10].to_owned() + "\r\n",
    ] {
        let file = [&good, damaged.as_bytes(), &good, &good].concat();
        for step in [1, 7, 10_000] {
            let records = cut_stream(&file, step);
            assert_eq!(records.concat(), file);
            let sound = records.iter().filter(|record| ***record == good).count();
            // The text itself holds what looks like a header, at a line's beginning.
            assert!(sound >= 3, "{damaged}: {records:?}");
            assert!(records.iter().any(|record| warc().read(record).is_err()));
        }
    }
}

proptest! {
    #[test]
    fn flipped_bits_never_panic_and_lose_nothing(
        flips in prop::collection::vec((any::<prop::sample::Index>(), 0..8u8), 1..6),
        step in 1..400usize,
    ) {
        let mut file = [
            conversion("One.\nTwo.\n"),
            response("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n", b"Two."),
            conversion("Three."),
        ]
        .concat();
        for (at, bit) in flips {
            let at = at.index(file.len());
            file[at] ^= 1 << bit;
        }
        let records = cut_stream(&file, step);
        prop_assert_eq!(records.concat(), file.clone());
        for record in records {
            let Ok(read) = warc().read(record) else { continue };
            let changes: Vec<Changes<'_>> = read.texts.iter().map(|text| {
                vec![(0..text.text.chars().next().map_or(0, char::len_utf8), "")]
            }).collect();
            let mut out = Vec::new();
            if warc().write(record, &read, &changes, &mut out).is_ok() && !read.texts.is_empty() {
                let again = warc().read(&out).unwrap();
                let rest: String = read.texts[0].text.chars().skip(1).collect();
                prop_assert_eq!(again.texts.first().map_or("", |text| &*text.text), rest);
            }
        }
    }
}
