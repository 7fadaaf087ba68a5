//! Folders of packed files: threads unpack them, and those that unpack to more than they let expect are read piece by piece. None of that shows.

use std::collections::BTreeMap;

use descale::format::codec::{Codec, gzip_member};

use super::formats::{AD, Home, pack, unpack};

/// A text of so many bytes at least, no two paragraphs alike.
fn text(seed: usize, bytes: usize) -> String {
    let mut text = String::new();
    let mut number = seed;
    while text.len() < bytes {
        number = number.wrapping_mul(1_103_515_245).wrapping_add(12_345) % 2_147_483_648;
        text += &format!(
            "Ship {number} came in from {}, and left.\n\n",
            number % 9_973
        );
        if number.is_multiple_of(50) {
            text += &format!("{AD}\n\n");
        }
    }
    text
}

fn records(texts: &str) -> String {
    let records = texts.split_inclusive("\n\n").collect::<Vec<_>>();
    let records = records.chunks(8).map(|texts| {
        let record = serde_json::json!({ "text": texts.concat() });
        format!("{record}\n")
    });
    records.collect()
}

fn archive(count: usize) -> Vec<u8> {
    let records = (0..count).map(|number| {
        let text = text(number, 600);
        let length = text.len();
        format!(
            "WARC/1.0\r\nWARC-Type: conversion\r\nContent-Length: {length}\r\n\r\n{text}\r\n\r\n"
        )
    });
    records
        .flat_map(|record| gzip_member(record.as_bytes()))
        .collect()
}

/// Files by name, and their content.
fn folder() -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut add = |name: &str, bytes: Vec<u8>| files.insert(name.to_owned(), bytes);
    for number in 0..60 {
        let text = text(number, 4_000 + number * 500);
        add(
            &format!("in/{number:02}.txt.gz"),
            gzip_member(text.as_bytes()),
        );
        add(
            &format!("in/{number:02}.jsonl.zst"),
            pack(Codec::Zstd, records(&text).as_bytes()),
        );
        let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let utf16: Vec<u8> = utf16(&format!("\u{feff}{text}"));
        add(&format!("in/{number:02}.md"), utf16.clone());
        add(&format!("in/{number:02}.csv.zst"), {
            pack(
                Codec::Zstd,
                format!("id,text\n{number},\"{text}\"\n").as_bytes(),
            )
        });
    }
    // Its last member is all that the end speaks of.
    let members = (0..40).map(|number| gzip_member(text(number, 300_000).as_bytes()));
    add("in/members.txt.gz", members.collect::<Vec<_>>().concat());
    add(
        "in/short-end.txt.gz",
        [
            gzip_member(&b"He slept.\n\n".repeat(400_000)),
            gzip_member(b"End.\n"),
        ]
        .concat(),
    );
    add(
        "in/bomb.jsonl.zst",
        pack(
            Codec::Zstd,
            &[b"{\"text\": \"", &b"a"[..].repeat(40 << 20)[..], b"\"}\n"].concat(),
        ),
    );
    add("in/nothing.txt.gz", gzip_member(b""));
    // Their names do not say what they are, so they are asked for.
    add("archive.gz", archive(300));
    add("page.gz", gzip_member(text(7, 9_000).as_bytes()));
    files
}

#[test]
fn threads_do_not_show_in_folders_of_packed_files() {
    let files = folder();
    let mut outputs = Vec::new();
    for (jobs, target) in [("1", "one"), ("8", "eight")] {
        let home = Home::new();
        for (name, bytes) in &files {
            home.write(name, bytes);
        }
        let (status, _, words) =
            home.clean(&["in", "archive.gz", "page.gz", "-o", target, "-j", jobs]);
        assert_eq!((status, &*words), (2, &*words), "a record is too long");
        assert!(
            words.contains("bomb.jsonl.zst:1:1: this record has more than 32 MiB"),
            "{words}"
        );
        assert_eq!(
            words
                .lines()
                .filter(|line| line.starts_with("error"))
                .count(),
            1,
            "{words}"
        );
        let (status, _, _) = home.clean(&["-w", "in", "archive.gz", "page.gz", "-j", jobs]);
        assert_eq!(status, 2);
        let mut output = BTreeMap::new();
        for name in files.keys() {
            let copy = home.read(&format!("{target}/{}", name.trim_start_matches("in/")));
            let own = home.read(name);
            let changed = unpack(&own) != unpack(&files[name]);
            assert!(
                !changed || own == copy,
                "{name}: in place it is another file"
            );
            assert!(
                changed || own == files[name],
                "{name} has no change, and was written"
            );
            output.insert(name.clone(), copy);
        }
        outputs.push(output);
    }
    for (name, before) in &files {
        let after = &outputs[0][name];
        assert!(
            *after == outputs[1][name],
            "{name} is another file with eight threads"
        );
        assert_eq!(
            Codec::of_content(after),
            Codec::of_content(before),
            "{name}"
        );
        let (before, after) = (unpack(before), unpack(after));
        let without = |bytes: &[u8]| {
            let text = String::from_utf8_lossy(bytes).into_owned();
            text.replace(&format!("{AD}\n\n"), "")
                .replace(&format!("{AD}\\n\\n"), "")
        };
        if name.contains(".txt") || name.contains("page") {
            assert!(
                String::from_utf8(after).unwrap() == without(&before),
                "{name}"
            );
        } else if name.contains(".jsonl") && !name.contains("bomb") {
            assert!(!String::from_utf8(after).unwrap().contains(AD), "{name}");
        }
    }
    let members = outputs[0]["archive.gz"]
        .windows(3)
        .filter(|bytes| bytes == b"\x1f\x8b\x08");
    assert!(members.count() >= 300, "each record is still a member");
}

/// One output of many packed files: they are unpacked by many threads, and stand in it in order.
#[test]
fn packed_files_come_out_in_order() {
    let files = folder();
    let home = Home::new();
    let names: Vec<&str> = files
        .keys()
        .map(String::as_str)
        .filter(|name| name.ends_with(".txt.gz"))
        .collect();
    for name in &names {
        home.write(name, &files[*name]);
    }
    let expected: Vec<u8> = names
        .iter()
        .flat_map(|name| {
            let text = String::from_utf8(unpack(&files[*name])).unwrap();
            text.replace(&format!("{AD}\n\n"), "").into_bytes()
        })
        .collect();
    for jobs in ["1", "8"] {
        let (status, output, words) = home.clean(&[&names[..], &["-j", jobs]].concat());
        assert_eq!((status, &*words), (0, ""));
        assert!(unpack(&output) == expected, "{jobs} threads");
    }
}

/// Speed is measured on what files hold, with the work of unpacking, decoding and packing in its place.
#[test]
fn packed_files_can_be_measured_with() {
    let home = Home::new();
    let texts = text(3, 30_000);
    let count = texts.matches(AD).count();
    home.write("a.jsonl.zst", pack(Codec::Zstd, records(&texts).as_bytes()));
    home.write("a.txt.gz", gzip_member(texts.as_bytes()));
    let utf16 = format!("\u{feff}{texts}")
        .encode_utf16()
        .collect::<Vec<_>>();
    home.write(
        "b.txt",
        utf16
            .iter()
            .copied()
            .flat_map(u16::to_le_bytes)
            .collect::<Vec<u8>>(),
    );
    home.write("archive.warc.wet.gz", archive(40));
    let bench = |paths: &[&str]| {
        let args = [
            "bench",
            "--rounds",
            "1",
            "--json",
            "--no-builtin",
            "--pattern",
            AD,
        ];
        let (status, output, words) = home.pipe(&[&args[..], paths].concat(), b"");
        assert_eq!(status, 0, "{words}");
        serde_json::from_slice::<serde_json::Value>(&output).unwrap()
    };
    for path in ["a.jsonl.zst", "a.txt.gz", "b.txt"] {
        let figures = bench(&[path]);
        assert_eq!(figures["counts"]["findings"], count, "{path}: {figures}");
        assert_eq!(
            figures["bytes"],
            texts.len() + if path == "b.txt" { 3 } else { 0 },
            "{path}"
        );
    }
    assert_eq!(bench(&["archive.warc.wet.gz"])["texts"], 40);
}
