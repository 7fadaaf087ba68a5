//! One file of all that is read (`-o FILE`): killed at any moment it is there whole or not at all, and `--resume` goes on in its middle.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

use descale::format::codec::gzip_member;

use super::{MARKER, Random, descale, kill_after, kills, run, stderr};

/// So many records are more than a file may have that is read at once (16 MiB), and make some marks in the journal.
const RECORDS: usize = 9000;

fn text(number: usize) -> String {
    let mut text = format!("The lock at Wehr {number}\n\n");
    for paragraph in 0..16 {
        text += &format!(
            "On day {paragraph} the keeper counted {} barges, and wrote their names into his book. ",
            number * 31 + paragraph * 7
        );
        text += "None of them paid, and he let all of them through.\n\n";
        if (paragraph + number).is_multiple_of(11) {
            text += &format!("{MARKER}\n\n");
        }
    }
    text
}

/// Records of which six have no text.
fn jsonl() -> String {
    let records = (0..RECORDS).map(|number| match number % 1500 {
        1499 => "{\"id\": 1, \"text\": 7}\n".to_owned(),
        _ => format!(
            "{}\n",
            serde_json::json!({"id": number, "text": text(number)})
        ),
    });
    records.collect()
}

fn csv() -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["id", "text"]).unwrap();
    for number in 0..RECORDS {
        writer
            .write_record([number.to_string(), text(number)])
            .unwrap();
    }
    writer.into_inner().unwrap()
}

/// An archive with a member for each record, as Common Crawl packs it.
fn archive() -> Vec<u8> {
    let records = (0..RECORDS).map(|number| {
        let text = text(number);
        let length = text.len();
        let record = format!(
            "WARC/1.0\r\nWARC-Type: conversion\r\nContent-Type: text/plain\r\nContent-Length: {length}\r\n\r\n{text}\r\n\r\n"
        );
        gzip_member(record.as_bytes())
    });
    records.collect::<Vec<_>>().concat()
}

fn utf16(text: &str) -> Vec<u8> {
    let units = std::iter::once(0xfeff).chain(text.encode_utf16());
    units.flat_map(u16::to_le_bytes).collect()
}

/// A text so large that it is read in windows, with characters that UTF-16 writes in four bytes.
fn book() -> String {
    let chapters = (0..9_000).map(|number| format!("{}\n𝄞 {number}\n\n", text(number)));
    chapters.collect()
}

/// What a run leaves: the output, the ledger without times, and the faults.
type Results = (Option<Vec<u8>>, Vec<String>, String);

fn results(folder: &Path, output: &str) -> Results {
    let ledger = fs::read_to_string(folder.join("ledger.jsonl")).unwrap_or_default();
    let ledger = ledger.lines().map(|line| {
        let mut line: serde_json::Value = serde_json::from_str(line).unwrap();
        // The time it took, and the sum over it.
        if line["type"] == "summary" {
            line["seconds"].take();
            line["sum"].take();
        }
        line.to_string()
    });
    (
        fs::read(folder.join(output)).ok(),
        ledger.collect(),
        fs::read_to_string(folder.join("errors.jsonl")).unwrap_or_default(),
    )
}

fn assert_same(found: &Results, expected: &Results, context: &str, words: &str) {
    assert!(found.0 == expected.0, "{context}: the output\n{words}");
    for (line, (found, expected)) in found.1.iter().zip(&expected.1).enumerate() {
        assert_eq!(
            found, expected,
            "{context}: line {line} of the ledger\n{words}"
        );
    }
    assert_eq!(
        found.1.len(),
        expected.1.len(),
        "{context}: the ledger\n{words}"
    );
    assert_eq!(found.2, expected.2, "{context}: the faults\n{words}");
}

/// Names below a folder that the run was not asked for.
fn litter(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap();
    let names = names.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
    names.filter(|name| name.starts_with('.')).collect()
}

/// Kills runs that read `input` and write `output` at random moments until so many were hit, each gone on with by the next, on one thread or eight.
/// `ledger` is left out for texts that a ledger would make a single piece of. Answers how often a run went on in the middle.
fn killed(input: (&str, &[u8]), output: &str, ledger: bool, kills: usize) -> usize {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    fs::write(folder.join(input.0), input.1).unwrap();
    let mut args = vec!["clean", input.0, "-o", output, "--errors", "errors.jsonl"];
    if ledger {
        args.extend(["--ledger", "ledger.jsonl"]);
    }
    let begun = Instant::now();
    run(&[&args[..], &["-j", "2"]].concat(), folder);
    let took = begun.elapsed();
    let expected = results(folder, output);
    let whole = expected.0.clone().expect("an output");
    assert!(!expected.2.is_empty() || !input.0.contains("jsonl"));

    let seed = u64::from(std::process::id()) * 6151 + input.1.len() as u64;
    let mut random = Random(seed);
    let (mut hit, mut went_on, mut ends) = (0, 0, 0);
    while hit < kills || ends == 0 {
        let context = format!("{} to {output}, seed {seed}, kill {hit}", input.0);
        let jobs = if random.below(2) == 0 { "1" } else { "8" };
        let mut child = descale(&[&args[..], &["--resume", "-j", jobs]].concat(), folder);
        if ends == 0 {
            // Nothing of the first run is left.
            for name in [output, "errors.jsonl", "ledger.jsonl"] {
                let _ = fs::remove_file(folder.join(name));
            }
            ends = 1;
        }
        let words = fs::File::create(folder.join("words")).unwrap();
        let child = child.stderr(words).spawn().unwrap();
        let ended = kill_after(
            child,
            Duration::from_micros(random.below(took.as_micros() as u64)),
        );
        let words = fs::read_to_string(folder.join("words")).unwrap();
        went_on += usize::from(words.contains("going on: "));
        if ended {
            assert_same(&results(folder, output), &expected, &context, &words);
            assert_eq!(litter(folder), [""; 0], "{context}");
            for name in [output, "errors.jsonl", "ledger.jsonl"] {
                let _ = fs::remove_file(folder.join(name));
            }
        } else {
            hit += 1;
            if let Ok(bytes) = fs::read(folder.join(output)) {
                // It was killed between the last step and its end.
                assert!(bytes == whole, "{context}: the output is not whole");
                fs::remove_file(folder.join(output)).unwrap();
            }
        }
    }
    // The last one goes to its end.
    let end = run(&[&args[..], &["--resume"]].concat(), folder);
    let context = format!("{} to {output}, the last one", input.0);
    assert_same(&results(folder, output), &expected, &context, &stderr(&end));
    assert_eq!(litter(folder), [""; 0]);
    went_on
}

#[cfg(unix)]
#[test]
fn a_killed_run_to_one_file_goes_on_in_its_middle() {
    let jsonl = jsonl();
    let packed = gzip_member(jsonl.as_bytes());
    let book = utf16(&book());
    let inputs: [(&str, &[u8], &str, bool); 7] = [
        ("in.jsonl", jsonl.as_bytes(), "out.jsonl", true),
        ("in.jsonl.gz", &packed, "out.jsonl.gz", true),
        ("in.jsonl", jsonl.as_bytes(), "out.jsonl.zst", true),
        ("in.csv", &csv(), "out.csv", true),
        ("in.warc.wet.gz", &archive(), "out.warc.wet.gz", true),
        ("in.jsonl", &utf16(&jsonl), "out.jsonl.zst", true),
        ("book.txt", &book, "out.txt", false),
    ];
    let each = kills().div_ceil(2 * inputs.len());
    for (name, bytes, output, ledger) in inputs {
        let went_on = killed((name, bytes), output, ledger, each);
        assert!(each < 10 || went_on > 0, "{name} to {output} never went on");
    }
}

/// Waits until the journal has so many marks, and stops the run there.
#[cfg(unix)]
fn stopped(args: &[&str], folder: &Path, signal: &str) -> String {
    let child = descale(args, folder).spawn().unwrap();
    let begun = Instant::now();
    let marks = || {
        let journal = fs::read_to_string(folder.join(".out.jsonl.descale-journal"));
        journal.map_or(0, |journal| journal.lines().count())
    };
    while marks() < 3 {
        assert!(begun.elapsed() < Duration::from_secs(60), "no marks");
        sleep(Duration::from_millis(1));
    }
    let kill = Command::new("kill")
        .args([signal, &child.id().to_string()])
        .status();
    assert!(kill.unwrap().success());
    stderr(&child.wait_with_output().unwrap())
}

/// A folder with records enough that a run cannot end before it is stopped.
#[cfg(unix)]
fn home() -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("in.jsonl"), jsonl().repeat(2)).unwrap();
    home
}

#[cfg(unix)]
const ARGS: &[&str] = &[
    "clean",
    "in.jsonl",
    "-o",
    "out.jsonl",
    "-j",
    "1",
    "--resume",
];

#[cfg(unix)]
#[test]
fn a_signal_keeps_what_is_written_and_tells_how_to_go_on() {
    let home = home();
    let words = stopped(ARGS, home.path(), "-INT");
    assert!(
        words.contains("ended by SIGINT") && words.contains("--resume goes on from here"),
        "{words}"
    );
    assert!(!home.path().join("out.jsonl").exists());
    let output = run(ARGS, home.path());
    let words = stderr(&output);
    assert!(
        words.contains("bytes of the output were written before"),
        "{words}"
    );
    assert_eq!(
        output.status.code(),
        Some(2),
        "faults of the whole run count"
    );
    assert!(words.contains("12 faults, "), "{words}");
    assert!(words.contains("in 17988 documents"), "{words}");
    assert_eq!(litter(home.path()), [""; 0]);
}

#[cfg(unix)]
#[test]
fn a_run_to_one_file_is_not_gone_on_with_when_something_changed() {
    let reference = home();
    run(&ARGS[..6], reference.path());
    let expected = fs::read(reference.path().join("out.jsonl")).unwrap();
    let part = ".out.jsonl.descale-part";

    type Change = fn(&Path);
    let changes: [(Change, &str); 4] = [
        (
            |folder| {
                let path = folder.join("in.jsonl");
                let text = fs::read(&path).unwrap();
                fs::write(path, text).unwrap();
            },
            "what is read has changed since; all is done anew",
        ),
        (
            |folder| fs::remove_file(folder.join(".out.jsonl.descale-part")).unwrap(),
            "is not there any more",
        ),
        (
            |folder| {
                let path = folder.join(".out.jsonl.descale-part");
                let mut bytes = fs::read(&path).unwrap();
                bytes[10] ^= 1;
                fs::write(path, bytes).unwrap();
            },
            "is not what the journal names; all is done anew",
        ),
        (
            |folder| fs::write(folder.join(".out.jsonl.descale-journal"), "{").unwrap(),
            "this is no journal",
        ),
    ];
    for (change, word) in changes {
        let home = home();
        stopped(ARGS, home.path(), "-KILL");
        change(home.path());
        let words = stderr(&run(ARGS, home.path()));
        assert!(words.contains(word), "{word}: {words}");
        assert!(!words.contains("going on"), "{word}: {words}");
        assert!(fs::read(home.path().join("out.jsonl")).unwrap() == expected);
        assert_eq!(litter(home.path()), [""; 0]);
    }

    // Half of what was written is lost, as after a power cut: an earlier mark is still true.
    let home = home();
    stopped(ARGS, home.path(), "-KILL");
    let path = home.path().join(part);
    let length = fs::metadata(&path).unwrap().len();
    let file = fs::File::options().write(true).open(path).unwrap();
    file.set_len(length * 3 / 4).unwrap();
    let words = stderr(&run(ARGS, home.path()));
    assert!(words.contains("going on: "), "{words}");
    assert!(fs::read(home.path().join("out.jsonl")).unwrap() == expected);
}
