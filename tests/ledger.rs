//! The ledger through the command: what was taken comes back byte for byte, spans find their place, and a ledger that cannot be trusted changes nothing.

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use serde_json::Value;

/// Two records with every kind of spelling that JSON allows, one that is no JSON, and one in which nothing is found.
const RECORDS: &str = concat!(
    r#"{ "text" : "One\u2019s.\n\nFoo \/ bar\u0020baz\n\nTwo \/ 😀 Lund.", "id":"a","n":1.50 }"#,
    "\r\n",
    r#"{"id":"b","text":["x\u0009y Foo \/ bar baz","Foo / bar baz\ud83d\ude00 Foo / bar baz","z"]}"#,
    "\n\n",
    r#"{"text":"Nothing here.","id":"c"}"#,
    "\n",
    r#"{"text":"Again.\n\nFoo / bar baz","id":"a"}"#,
);

const TEXT: &[u8] =
    b"\xef\xbb\xbfOne.\r\n\r\nFoo / bar baz\r\n\r\n\xff Two \xe9 three.\n\nFoo / bar baz";

struct Home(tempfile::TempDir);

impl Home {
    fn new() -> Self {
        let home = Self(tempfile::tempdir().unwrap());
        fs::create_dir(home.path("in")).unwrap();
        fs::write(home.path("in/a.jsonl"), RECORDS).unwrap();
        fs::write(home.path("in/b.txt"), TEXT).unwrap();
        fs::write(home.path("in/c.txt"), "Nothing here.").unwrap();
        home
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.0.path().join(name)
    }

    fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap()
    }

    /// Runs the command; answers its status, standard output and standard error.
    fn run(&self, args: &[&str]) -> (i32, String, String) {
        let output = Command::new(assert_cmd::cargo::cargo_bin!("descale"))
            .current_dir(self.0.path())
            .args(args)
            .output()
            .unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (
            output.status.code().unwrap(),
            text(&output.stdout),
            text(&output.stderr),
        )
    }

    fn clean(&self, more: &[&str]) {
        let args = [
            "clean",
            "-q",
            "--no-builtin",
            "--pattern",
            "Foo / bar baz",
            "--id-field",
            "id",
            "--ledger",
            "l.jsonl",
            "in",
        ];
        let (status, _, words) = self.run(&[&args[..], more].concat());
        assert_eq!((status, words.as_str()), (0, ""));
    }

    fn undo(&self, more: &[&str]) -> (i32, String) {
        let (status, _, words) = self.run(&[&["undo", "-q", "--ledger", "l.jsonl"], more].concat());
        (status, words)
    }

    fn assert_original(&self, folder: &str) {
        assert_eq!(
            String::from_utf8_lossy(&self.read(&format!("{folder}/a.jsonl"))),
            RECORDS
        );
        assert!(self.read(&format!("{folder}/b.txt")) == TEXT);
        assert_eq!(self.read(&format!("{folder}/c.txt")), b"Nothing here.");
    }
}

#[test]
fn what_was_taken_comes_back_byte_for_byte() {
    let home = Home::new();
    home.clean(&["-o", "out/"]);
    let cleaned = home.read("out/a.jsonl");
    assert!(!String::from_utf8_lossy(&cleaned).contains("bar"));
    for args in [&["out", "-o", "back/"][..], &["-w", "out"]] {
        assert_eq!(home.undo(args), (0, String::new()));
        home.assert_original(if args[0] == "-w" { "out" } else { "back" });
    }
    // A second time there is nothing to do, and nothing is done.
    assert_eq!(home.undo(&["-w", "out"]).0, 0);
    home.assert_original("out");
}

#[test]
fn a_file_alone_is_found_by_its_name_or_by_its_text() {
    let home = Home::new();
    home.clean(&["-o", "out/"]);
    fs::copy(home.path("out/b.txt"), home.path("renamed")).unwrap();
    for path in ["out/b.txt", "renamed"] {
        assert_eq!(home.undo(&[path, "-o", "back"]).0, 0, "{path}");
        assert!(home.read("back") == TEXT);
    }
    fs::write(home.path("stranger"), "Another text.").unwrap();
    let (status, words) = home.undo(&["stranger", "-o", "back"]);
    assert_eq!(status, 2);
    assert!(
        words.contains("stranger: the ledger knows no file of this name"),
        "{words}"
    );
}

#[test]
fn a_text_that_was_edited_since_is_refused_with_its_file() {
    let home = Home::new();
    home.clean(&["-w"]);
    let cleaned = String::from_utf8(home.read("in/a.jsonl")).unwrap();
    for (edited, document) in [
        (
            cleaned.replace("Nothing here", "Nothing there"),
            "document c: the text was edited",
        ),
        (
            cleaned.replace("Again.", "Again?"),
            "document a: the text was edited",
        ),
        (
            cleaned.lines().skip(1).collect::<Vec<_>>().join("\n"),
            "document a is not there any more",
        ),
        (
            format!("{cleaned}\n{{\"text\":\"New.\",\"id\":\"n\"}}\n"),
            "document n: the ledger does not know it",
        ),
    ] {
        fs::write(home.path("in/a.jsonl"), &edited).unwrap();
        let before = home.read("in/b.txt");
        let (status, words) = home.undo(&["-w", "in/a.jsonl"]);
        assert_eq!(status, 2);
        assert!(words.contains(document), "{words}");
        assert_eq!(String::from_utf8(home.read("in/a.jsonl")).unwrap(), edited);
        assert!(home.read("in/b.txt") == before);
    }
    // The other files of a folder are restored all the same.
    let (status, words) = home.undo(&["-w", "in"]);
    assert_eq!(status, 2, "{words}");
    assert!(home.read("in/b.txt") == TEXT);
}

/// One byte changed, at every place of the ledger; the ledger cut short after every line and in it; a line taken out, doubled or moved.
#[test]
fn a_ledger_that_was_changed_is_refused() {
    let home = Home::new();
    home.clean(&["-w"]);
    let ledger = home.read("l.jsonl");
    let lines: Vec<&[u8]> = ledger.split_inclusive(|byte| *byte == b'\n').collect();
    let mut damaged: Vec<(usize, Vec<u8>)> = Vec::new();
    let mut start = 0;
    for (number, line) in (1..).zip(&lines) {
        for at in [
            0,
            9,
            line.len() / 3,
            line.len() / 2,
            line.len() - 20,
            line.len() - 4,
            line.len() - 1,
        ] {
            let mut bytes = ledger.clone();
            bytes[start + at] ^= 1;
            damaged.push((number, bytes));
        }
        damaged.push((number, ledger[..start].to_vec()));
        damaged.push((number, ledger[..start + line.len() / 2].to_vec()));
        damaged.push((number, ledger[..start + line.len() - 1].to_vec()));
        start += line.len();
        let mut less = lines.clone();
        less.remove(number - 1);
        damaged.push((number, less.concat()));
        let mut twice = lines.clone();
        twice.insert(number, line);
        damaged.push((number, twice.concat()));
    }
    let before = home.read("in/a.jsonl");
    assert!(damaged.len() > 100, "{}", damaged.len());
    for (number, bytes) in damaged {
        fs::write(home.path("l.jsonl"), &bytes).unwrap();
        let (status, words) = home.undo(&["-w", "in"]);
        assert_eq!(status, 2, "line {number}");
        let line: usize = words
            .strip_prefix("error: l.jsonl:")
            .and_then(|rest| rest.split(':').next()?.parse().ok())
            .unwrap_or_else(|| panic!("no line is named: {words}"));
        // What is taken out shows at the line behind, or at the summary.
        assert!(
            line >= number && line <= lines.len() + 1,
            "{number}: {words}"
        );
        assert!(words.len() > "error: l.jsonl:1: ".len() + 30, "{words}");
        assert!(home.read("in/a.jsonl") == before);
    }
}

#[test]
fn a_ledger_of_another_version_is_refused_unless_wanted() {
    let home = Home::new();
    home.clean(&["-w"]);
    let ledger = String::from_utf8(home.read("l.jsonl")).unwrap();
    let old = concat!("descale ", env!("CARGO_PKG_VERSION"));
    // As that version would have written it, and with the name alone changed.
    let header = ledger.lines().next().unwrap();
    let body = header
        .rsplit_once(",\"sum\"")
        .unwrap()
        .0
        .replace(old, "descale 0.0.1");
    let sum = xxhash_rust::xxh3::xxh3_64(body.as_bytes());
    let true_one = ledger.replace(header, &format!("{body},\"sum\":\"{sum:016x}\"}}"));
    fs::write(home.path("l.jsonl"), true_one).unwrap();
    let (status, words) = home.undo(&["-w", "in"]);
    assert_eq!(status, 2);
    assert!(
        words.starts_with("error: l.jsonl:1: the ledger was written by \"descale 0.0.1\""),
        "{words}"
    );
    // The flag takes another version, not a line that was changed; here the summary covers the header too.
    let words = home.undo(&["-w", "in", "--any-engine"]).1;
    assert!(
        words.contains("the summary does not agree with the lines before it"),
        "{words}"
    );
    fs::write(home.path("l.jsonl"), ledger.replace(old, "descale 0.0.1")).unwrap();
    for flags in [&["-w", "in"][..], &["-w", "in", "--any-engine"]] {
        let (status, words) = home.undo(flags);
        assert_eq!(status, 2);
        assert!(
            words.starts_with("error: l.jsonl:1: ")
                && words.contains("the line does not agree with its checksum"),
            "{words}"
        );
    }
    fs::write(
        home.path("l.jsonl"),
        ledger.replace("\"schema\":1", "\"schema\":9"),
    )
    .unwrap();
    assert!(
        home.undo(&["-w", "in"])
            .1
            .starts_with("error: l.jsonl:1: the ledger has form 9")
    );
}

#[test]
fn what_an_interrupted_run_did_can_be_undone() {
    let home = Home::new();
    home.clean(&["-w"]);
    let ledger = home.read("l.jsonl");
    fs::write(home.path("l.jsonl"), &ledger[..ledger.len() - 40]).unwrap();
    assert_eq!(home.undo(&["-w", "in"]).0, 2);
    assert_eq!(home.undo(&["-w", "in", "--unfinished"]).0, 0);
    home.assert_original("in");
}

#[test]
fn in_place_an_earlier_ledger_is_moved_aside() {
    let home = Home::new();
    home.clean(&["-w"]);
    let first = home.read("l.jsonl");
    let (status, _, words) = home.run(&["clean", "-w", "--ledger", "l.jsonl", "in/b.txt"]);
    assert_eq!(status, 0);
    assert!(words.contains("it is now l.jsonl.1"), "{words}");
    assert!(home.read("l.jsonl.1") == first);
}

/// Every stretch of three characters of a text goes there and, if no edit touches it, back.
#[test]
fn spans_go_there_and_back() {
    let home = Home::new();
    home.clean(&["-o", "out/"]);
    let text = "Again.\n\nFoo / bar baz";
    for unit in ["byte", "char", "utf16"] {
        let spans: String = (0..text.len() - 2)
            .map(|at| {
                format!(
                    "{{\"doc\":\"in/a.jsonl:5:text\",\"x\":[1.50],\"start\":{at},\"end\": {} }}\n",
                    at + 3
                )
            })
            .collect();
        fs::write(home.path("s.jsonl"), &spans).unwrap();
        let (status, moved, words) = home.run(&[
            "remap",
            "s.jsonl",
            "--ledger",
            "l.jsonl",
            "--unit",
            unit,
            "--lost",
            "lost.jsonl",
        ]);
        assert_eq!(status, 0, "{words}");
        // "Again." is six characters; the seam and the marker behind it went.
        let whole: Vec<&str> = moved
            .lines()
            .filter(|line| !line.contains("touched"))
            .collect();
        assert_eq!(whole.len(), 4, "{moved}");
        fs::write(home.path("m.jsonl"), whole.join("\n")).unwrap();
        let (_, back, _) = home.run(&[
            "remap", "m.jsonl", "--ledger", "l.jsonl", "--unit", unit, "--to", "original",
        ]);
        assert_eq!(
            back,
            spans
                .lines()
                .take(4)
                .map(|line| format!("{line}\n"))
                .collect::<String>()
        );
        let lost = String::from_utf8(home.read("lost.jsonl")).unwrap();
        assert_eq!(
            lost.lines().count() + moved.lines().count(),
            spans.lines().count()
        );
        let first: Value = serde_json::from_str(lost.lines().next().unwrap()).unwrap();
        assert_eq!(first["lost"], "cut");
        assert!(
            words.contains("fell into a cut, listed in lost.jsonl"),
            "{words}"
        );
    }
}

#[test]
fn units_mean_the_same_characters() {
    let home = Home::new();
    home.clean(&["-o", "out/"]);
    // "Lund" of the first record, behind a cut and beyond characters of three and four bytes.
    let text = "One’s.\n\nFoo / bar baz\n\nTwo / 😀 Lund.";
    let cleaned = "One’s.\n\nTwo / 😀 Lund.";
    let count = |unit: &str, text: &str| match unit {
        "byte" => text.len(),
        "char" => text.chars().count(),
        _ => text.encode_utf16().count(),
    };
    for unit in ["byte", "char", "utf16"] {
        let place = |text: &str| {
            let at = text.find("Lund").unwrap();
            format!(
                "\"start\":{},\"end\":{}",
                count(unit, &text[..at]),
                count(unit, &text[..at]) + 4
            )
        };
        // Two records share the id, so the line tells which is meant.
        fs::write(
            home.path("s.jsonl"),
            format!("{{\"doc\":\"a\",\"line\":1,{}}}\n", place(text)),
        )
        .unwrap();
        let (status, moved, words) =
            home.run(&["remap", "s.jsonl", "--ledger", "l.jsonl", "--unit", unit]);
        assert_eq!(
            (status, moved),
            (
                0,
                format!("{{\"doc\":\"a\",\"line\":1,{}}}\n", place(cleaned))
            ),
            "{words}"
        );
    }
}

#[test]
fn spans_that_mean_nothing_are_named_with_their_line() {
    let home = Home::new();
    home.clean(&["-o", "out/"]);
    for (line, cause) in [
        (
            "{\"doc\":\"a\",\"start\":0,\"end\":1}",
            "2 documents are called \"a\"",
        ),
        (
            "{\"doc\":\"q\",\"start\":0,\"end\":1}",
            "the ledger knows no document \"q\"",
        ),
        (
            "{\"doc\":\"c\",\"start\":0,\"end\":99}",
            "the span ends at 99, and the text has 13 bytes",
        ),
        (
            "{\"doc\":\"c\",\"start\":2,\"end\":1}",
            "the span ends (1) before it starts (2)",
        ),
        (
            "{\"doc\":\"c\",\"start\":-2,\"end\":1}",
            "`start` is -2, and must be a number from 0",
        ),
        ("{\"doc\":\"c\",\"end\":1}", "missing field `start`"),
        ("nothing", "expected"),
    ] {
        let good = "{\"doc\":\"c\",\"start\":0,\"end\":7}\n";
        fs::write(home.path("s.jsonl"), format!("{good}{line}\n{good}")).unwrap();
        let (status, moved, words) = home.run(&["remap", "-q", "s.jsonl", "--ledger", "l.jsonl"]);
        assert_eq!(status, 2);
        assert_eq!(moved, format!("{good}{good}"));
        assert!(
            words.starts_with("error: s.jsonl:2: ") && words.contains(cause),
            "{words}"
        );
    }
}

/// The same bytes, whatever the number of threads; but for the time the run took, which stands in the last line.
#[test]
fn threads_do_not_change_the_ledger() {
    let home = Home::new();
    let body = |path: &Path| {
        let ledger = String::from_utf8(fs::read(path).unwrap()).unwrap();
        let end = ledger.rfind("\"seconds\"").unwrap();
        ledger[..end].to_owned()
    };
    let [one, many] = ["1", "7"].map(|jobs| {
        home.clean(&["-o", "out/", "-j", jobs]);
        body(&home.path("l.jsonl"))
    });
    assert!(one == many);
    // Four records, of which one has three texts, and two files.
    let documents = one
        .lines()
        .filter(|line| line.starts_with("{\"type\":\"doc\""))
        .count();
    assert_eq!(documents, 8);
}

#[test]
fn a_file_without_texts_is_no_fault() {
    let home = Home::new();
    fs::write(home.path("in/empty.jsonl"), "\n").unwrap();
    fs::write(home.path("in/empty.txt"), "").unwrap();
    let before = home.read("in/b.txt");
    home.clean(&["-w"]);
    assert!(home.read("in/b.txt") != before);
    let (status, words) = home.undo(&["-w", "in"]);
    assert_eq!((status, words.contains("error")), (0, false), "{words}");
    assert!(home.read("in/b.txt") == before);
}

#[test]
fn no_output_takes_the_place_of_the_ledger() {
    let home = Home::new();
    home.clean(&["-w"]);
    let ledger = home.read("l.jsonl");
    let spans = "{\"doc\":\"in/c.txt\",\"start\":0,\"end\":3}\n";
    fs::write(home.path("s.jsonl"), spans).unwrap();
    for (flag, file) in [
        ("-o", "l.jsonl"),
        ("--lost", "l.jsonl"),
        ("-o", "s.jsonl"),
        ("--lost", "s.jsonl"),
    ] {
        let (status, _, words) = home.run(&["remap", "s.jsonl", "--ledger", "l.jsonl", flag, file]);
        assert_eq!(status, 2, "{flag} {file}");
        assert!(words.contains("this file is read as well"), "{words}");
    }
    assert!(home.read("l.jsonl") == ledger);
    assert_eq!(home.read("s.jsonl"), spans.as_bytes());
}
