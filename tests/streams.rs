//! Sources too large to be held: what comes of them is what comes of them whole, and memory stays bounded.

use std::fs;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};

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
fn peak(arguments: &[&str], megabytes: usize, mut next: impl FnMut(usize) -> Vec<u8>) -> usize {
    let mut child = clean(arguments);
    let mut stdin = child.stdin.take().expect("a pipe");
    let mut stdout = child.stdout.take().expect("a pipe");
    let drain = std::thread::spawn(move || {
        std::io::copy(&mut stdout, &mut std::io::sink()).expect("the command writes")
    });
    for number in 0..megabytes {
        stdin.write_all(&next(number)).expect("the command reads");
    }
    let status = Path::new("/proc")
        .join(child.id().to_string())
        .join("status");
    let status = fs::read_to_string(status).expect("a running process");
    let peak = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .and_then(|line| line.trim().strip_suffix(" kB")?.parse::<usize>().ok())
        .expect("the peak of the memory");
    drop(stdin);
    let written = drain.join().expect("no panic");
    assert!(written > megabytes as u64 * 900_000, "{written}");
    child.wait().expect("the command ends");
    peak * 1024
}

/// The bound of docs/usage.md, on streams several times as long: paragraphs, one line, records, and a record without an end, of a format that is named or not.
#[cfg(target_os = "linux")]
#[test]
fn memory_does_not_grow_with_the_source() {
    const MB: usize = 1_000_000;
    const MOST: usize = 180 * MB;
    let paragraphs = many_insertions(MB).text;
    let line = one_huge_line(MB).text;
    let records = |text: &str| {
        let record = |text: &str| format!("{}\n", serde_json::json!({ "text": text }));
        text.as_bytes()
            .chunks(8_000)
            .map(|chunk| record(&String::from_utf8_lossy(chunk)))
            .collect::<String>()
    };
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
        let peak = peak(arguments, 250, |number| {
            let megabyte = if number == 0 { first } else { megabyte };
            megabyte.clone().into_bytes()
        });
        assert!(peak < MOST, "{name}: {} MB", peak / MB);
    }
}
