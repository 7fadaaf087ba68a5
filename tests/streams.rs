//! Sources too large to be held: what comes of them is what comes of them whole, and memory stays bounded.

use std::fs;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use descale::format::codec::{Codec, Packer};
use descale::{Cleaner, FragmentMode};

use super::counts::inputs::{Input, many_insertions, one_huge_line};

/// Above the size at which a text is cut into windows (16 MiB).
const LARGE: usize = 22_000_000;

/// A text far above it is the same as if it had been cleaned whole, with borders between its paragraphs and without any.
#[test]
fn a_text_in_windows_is_cleaned_as_it_is_whole() {
    let cleaner = Cleaner::builder().fragments(FragmentMode::Off).build();
    let cleaner = cleaner.expect("the built-in packs");
    for input in [many_insertions(LARGE), one_huge_line(LARGE)] {
        let Input { name, text, .. } = input;
        let whole = cleaner.clean(&text);
        let output = run(text.as_bytes(), &["--input-format", "text"]);
        assert!(output == whole.text.as_bytes(), "{name}");
        assert!(whole.edits.len() > 1_000, "{name}");
    }
}

fn clean(arguments: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_descale"))
        .args(["clean", "-q", "-j", "2", "--fragments", "off"])
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command starts")
}

fn run(text: &[u8], arguments: &[&str]) -> Vec<u8> {
    let mut child = clean(arguments);
    let mut stdin = child.stdin.take().expect("a pipe");
    let mut stdout = child.stdout.take().expect("a pipe");
    let mut output = Vec::new();
    std::thread::scope(|scope| {
        scope.spawn(move || stdin.write_all(text).expect("the command reads"));
        stdout.read_to_end(&mut output).expect("the command writes");
    });
    assert!(child.wait().expect("the command ends").success());
    output
}

/// The most memory that the command needs while it reads a stream of `megabytes`, each as `next` makes it: asked of the system when all is read but
/// the stream has not ended.
#[cfg(target_os = "linux")]
fn peak(
    arguments: &[&str],
    megabytes: usize,
    least: u64,
    mut next: impl FnMut(usize) -> Vec<u8>,
) -> usize {
    let mut child = clean(arguments);
    let mut stdin = child.stdin.take().expect("a pipe");
    let mut stdout = child.stdout.take().expect("a pipe");
    let drain = std::thread::spawn(move || {
        std::io::copy(&mut stdout, &mut std::io::sink()).expect("the command writes")
    });
    for number in 0..megabytes {
        stdin.write_all(&next(number)).expect("the command reads");
    }
    let peak = most_so_far(&child).expect("a running process");
    drop(stdin);
    let written = drain.join().expect("no panic");
    assert!(written > least, "{written}");
    child.wait().expect("the command ends");
    peak
}

/// The most memory that a running process needed so far, in bytes.
#[cfg(target_os = "linux")]
fn most_so_far(child: &Child) -> Option<usize> {
    let status = Path::new("/proc")
        .join(child.id().to_string())
        .join("status");
    let status = fs::read_to_string(status).ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: usize = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kilobytes * 1024)
}

/// The most memory that the command needs for a file, and how much it writes. What it needs in its last moment may be missed.
#[cfg(target_os = "linux")]
fn peak_of_file(arguments: &[&str], name: &str, content: &[u8]) -> (usize, u64) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(name);
    fs::write(&path, content).expect("a file");
    let mut child = clean(&[arguments, &[path.to_str().expect("a name")]].concat());
    let mut stdout = child.stdout.take().expect("a pipe");
    let drain = std::thread::spawn(move || {
        std::io::copy(&mut stdout, &mut std::io::sink()).expect("the command writes")
    });
    let mut peak = 0;
    while child.try_wait().expect("a child").is_none() {
        peak = most_so_far(&child).map_or(peak, |now| peak.max(now));
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    (peak, drain.join().expect("no panic"))
}

const MB: usize = 1_000_000;

/// What memory stays under, as docs/usage.md says.
#[cfg(target_os = "linux")]
const MOST: usize = 180 * MB;

/// A text as records.
fn records(text: &str) -> String {
    let record = |text: &str| format!("{}\n", serde_json::json!({ "text": text }));
    let pieces = text.as_bytes().chunks(8_000);
    pieces
        .map(|piece| record(&String::from_utf8_lossy(piece)))
        .collect()
}

/// The bound of docs/usage.md, on streams several times as long: paragraphs, one line, records, and a record without an end, of a format that is named or not.
#[cfg(target_os = "linux")]
#[test]
fn memory_does_not_grow_with_the_source() {
    let paragraphs = many_insertions(MB).text;
    let line = one_huge_line(MB).text;
    let jsonl = records(&paragraphs);
    let text = &["--input-format", "text"][..];
    let lines = &["--input-format", "jsonl"][..];
    let opened = format!("{{\"text\": \"{line}");
    for (name, arguments, first, megabyte) in [
        ("paragraphs", text, &paragraphs, &paragraphs),
        ("one line", text, &line, &line),
        ("records", lines, &jsonl, &jsonl),
        ("one record", lines, &line, &line),
        // What it is has to be found out.
        ("one line of no known format", &[], &line, &line),
        ("one record of no known format", &[], &opened, &line),
    ] {
        let peak = peak(arguments, 250, 250 * 900_000, |number| {
            let megabyte = if number == 0 { first } else { megabyte };
            megabyte.clone().into_bytes()
        });
        assert!(peak < MOST, "{name}: {} MB", peak / MB);
    }
}

/// The same of what is packed, in another encoding, or a table of rows.
#[cfg(target_os = "linux")]
#[test]
fn memory_does_not_grow_with_what_is_packed_or_encoded() {
    let text = many_insertions(MB).text;
    let jsonl = records(&text);
    let packed = |codec: Codec, content: &[u8]| {
        let mut packer = Packer::new(codec, Vec::new()).unwrap();
        packer.write(&codec.pack(content.to_vec())).unwrap();
        packer.finish().unwrap()
    };
    let utf16 =
        |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(u16::to_le_bytes).collect() };
    let row = |text: &str| format!("{},\"{}\"\n", text.len(), text.replace('"', "\"\""));
    let table: String = text
        .as_bytes()
        .chunks(8_000)
        .map(|piece| row(&String::from_utf8_lossy(piece)))
        .collect();
    let lines = &["--input-format", "jsonl"][..];
    // Members and frames that follow one another are one content. Each piece stands for a megabyte or more.
    type Case<'c> = (&'c str, &'c [&'c str], Vec<u8>, Vec<u8>, usize);
    let cases: [Case<'_>; 5] = [
        (
            "gzip",
            lines,
            packed(Codec::Gzip, jsonl.as_bytes()),
            packed(Codec::Gzip, jsonl.as_bytes()),
            150,
        ),
        (
            "zstd",
            lines,
            packed(Codec::Zstd, jsonl.as_bytes()),
            packed(Codec::Zstd, jsonl.as_bytes()),
            150,
        ),
        (
            "UTF-16",
            lines,
            utf16(&format!("\u{feff}{jsonl}")),
            utf16(&jsonl),
            150,
        ),
        (
            "a text in UTF-16",
            &["--input-format", "text"],
            utf16(&format!("\u{feff}{text}")),
            utf16(&text),
            150,
        ),
        (
            "a table",
            &["--input-format", "csv"],
            format!("n,text\n{table}").into_bytes(),
            table.clone().into_bytes(),
            200,
        ),
    ];
    for (name, arguments, first, next, count) in cases {
        // The same megabyte again packs to next to nothing.
        let is_packed = Codec::of_content(&first) != Codec::Plain;
        let least = if is_packed {
            10_000
        } else {
            (count * next.len() / 3) as u64
        };
        let peak = peak(arguments, count, least, |number| {
            if number == 0 {
                first.clone()
            } else {
                next.clone()
            }
        });
        assert!(peak < MOST, "{name}: {} MB", peak / MB);
    }
}

/// The same of small files that unpack to a thousand times their size: one record, many, or one text.
#[cfg(target_os = "linux")]
#[test]
fn memory_does_not_grow_with_what_a_bomb_unpacks_to() {
    let record = records("The tide was low.\n\n").repeat(2 * MB / 40);
    let blank = vec![b' '; 4 * MB];
    for codec in [Codec::Gzip, Codec::Zstd] {
        for (name, begin, piece) in [
            ("bomb.jsonl", &b"{\"text\": \""[..], &blank),
            ("records.jsonl", b"", &record.clone().into_bytes()),
            ("bomb.txt", b"Once", &blank),
        ] {
            let mut packer = Packer::new(codec, Vec::new()).unwrap();
            packer.write(&codec.pack(begin.to_vec())).unwrap();
            let piece_size = piece.len();
            for _ in 0..120 * MB / piece_size {
                packer.write(&codec.pack(piece.clone())).unwrap();
            }
            let file = packer.finish().unwrap();
            assert!(file.len() < 2 * MB, "{name} in {codec}: {}", file.len());
            let (peak, written) = peak_of_file(&[], name, &file);
            assert!(written > 1_000, "{name} in {codec}: {written}");
            assert!(peak < MOST, "{name} in {codec}: {} MB", peak / MB);
        }
    }
}

/// The bound of docs/pipelines.md: a table whose column of texts is one chunk of 100 MB, packed to a tenth of that.
#[cfg(all(target_os = "linux", feature = "parquet"))]
#[test]
fn memory_does_not_grow_with_a_table() {
    let rows = |number: usize| {
        let text = format!(
            "Row {number}. {}",
            "The tide was low, and the boats lay dry. ".repeat(24)
        );
        (number as i64, text)
    };
    let (small, large) = (
        super::tables::table(4, 1_000, rows),
        super::tables::table(1, 100_000, rows),
    );
    let (before, _) = peak_of_file(&["-o", "/dev/null"], "small.parquet", &small);
    let (peak, _) = peak_of_file(&["-o", "/dev/null"], "large.parquet", &large);
    assert!(
        before > 0 && peak < MOST,
        "{} MB, and {} MB of a small one",
        peak / MB,
        before / MB
    );
}
