//! Formats through the command: whatever a file is, all bytes but those of changed texts come out as they went in, and `undo` brings back the rest.

use std::fs;
use std::io::{Read, Write};
use std::path::PathBuf;

use assert_cmd::Command;
use descale::format::codec::{Codec, Packer};

/// What is taken out.
pub const AD: &str = "Foo / bar baz";

pub struct Home(tempfile::TempDir);

impl Home {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    pub fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap()
    }

    /// Runs the command with what comes in by the standard input; answers its status, standard output and standard error.
    pub fn pipe(&self, args: &[&str], stdin: &[u8]) -> (i32, Vec<u8>, String) {
        let output = Command::new(assert_cmd::cargo::cargo_bin!("descale"))
            .current_dir(self.0.path())
            .args(args)
            .write_stdin(stdin)
            .output()
            .unwrap();
        (
            output.status.code().unwrap(),
            output.stdout,
            String::from_utf8(output.stderr).unwrap(),
        )
    }

    /// `clean` with one rule, and what else is wanted.
    pub fn clean(&self, more: &[&str]) -> (i32, Vec<u8>, String) {
        let args = ["clean", "-q", "--no-builtin", "--pattern", AD];
        self.pipe(&[&args[..], more].concat(), b"")
    }
}

/// Rows with every kind of quoting and line end.
fn table(row_end: &str) -> String {
    [
        "\u{feff}id,text,\"n\"",
        "a,\"One, \"\"so\"\".\n\nFoo / bar baz\n\nTwo.\", 1.50",
        "b,Foo / bar baz,\"\"",
        "c,\"Say \"\"\r\rFoo / bar baz\",\"x\"y",
        "",
        "d,5\" nails Foo / bar baz,",
        "e,,Foo / bar baz",
        "f,Nothing here.,\u{e9}",
    ]
    .join(row_end)
}

#[test]
fn tables_are_cleaned_by_field_and_come_back() {
    for (name, row_end) in [("a.csv", "\n"), ("b.csv", "\r\n"), ("c.csv", "\r")] {
        for last in ["", row_end] {
            let home = Home::new();
            let before = table(row_end) + last;
            home.write(name, &before);
            let ledger = ["--ledger", "l.jsonl", "--id-field", "id"];
            let (status, _, words) = home.clean(&[&["-w", name][..], &ledger].concat());
            assert_eq!((status, &*words), (0, ""), "{name}");
            let after = String::from_utf8(home.read(name)).unwrap();
            assert_eq!(
                after.matches(AD).count(),
                1,
                "only the column of the texts: {after}"
            );
            for piece in [
                "One, \"\"so\"\".\n\nTwo.\", 1.50",
                "f,Nothing here.,\u{e9}",
                "\"x\"y",
                "5\" nails",
            ] {
                assert!(after.contains(piece), "{after}");
            }
            let (status, _, words) =
                home.pipe(&["undo", "-q", "-w", name, "--ledger", "l.jsonl"], b"");
            assert_eq!((status, &*words), (0, ""));
            assert_eq!(String::from_utf8(home.read(name)).unwrap(), before);
        }
    }
}

/// A table of many pieces: one thread and eight give the same bytes, and all rows are there.
#[test]
fn threads_do_not_show_in_tables() {
    let home = Home::new();
    let mut table = String::from("id,text\r\n");
    for row in 0..60_000 {
        table += &format!(
            "{row},\"The boats lay dry, row {row}.\r\n\r\nFoo / bar baz\r\n\r\n\"\"Yes\"\", he said.\"\r\n"
        );
    }
    let expected = table.replace("Foo / bar baz\r\n\r\n", "");
    assert!(table.len() > 3 << 20, "{}", table.len());
    for jobs in ["1", "8"] {
        let args = [
            "clean",
            "-q",
            "--no-builtin",
            "--pattern",
            AD,
            "--input-format",
            "csv",
            "-j",
            jobs,
        ];
        let (status, output, words) = home.pipe(&args, table.as_bytes());
        assert_eq!((status, &*words), (0, ""));
        assert!(String::from_utf8(output).unwrap() == expected);
    }
}

/// A file's content as one member or frame.
pub fn pack(codec: Codec, content: &[u8]) -> Vec<u8> {
    let mut packer = Packer::new(codec, Vec::new()).unwrap();
    packer.write(&codec.pack(content.to_vec())).unwrap();
    packer.finish().unwrap()
}

pub fn unpack(file: &[u8]) -> Vec<u8> {
    let mut content = Vec::new();
    let mut reader = Codec::of_content(file).reader(file).unwrap();
    reader.read_to_end(&mut content).unwrap();
    content
}

const PACKED: [Codec; 2] = [Codec::Gzip, Codec::Zstd];

/// In each format: what a file holds, and what is left of it.
const CONTENTS: [(&str, &str, &str); 3] = [
    ("txt", "One.\n\nFoo / bar baz\n\nTwo.\n", "One.\n\nTwo.\n"),
    (
        "jsonl",
        "{\"text\":\"One.\\n\\nFoo / bar baz\"}\n{\"text\":\"Two.\"}\n",
        "{\"text\":\"One.\"}\n{\"text\":\"Two.\"}\n",
    ),
    (
        "csv",
        "text,n\n\"One.\n\nFoo / bar baz\",1.50\nTwo.,\n",
        "text,n\n\"One.\",1.50\nTwo.,\n",
    ),
];

#[test]
fn packed_files_stay_packed_in_every_format() {
    for codec in PACKED {
        let ending = if codec == Codec::Gzip { "gz" } else { "zst" };
        for (format, before, after) in CONTENTS {
            // Cut in the middle of a line, in two members.
            let (first, second) = before.split_at(before.len() / 2);
            let file = [
                pack(codec, first.as_bytes()),
                pack(codec, second.as_bytes()),
            ]
            .concat();
            let home = Home::new();
            let name = format!("in/a.{format}.{ending}");
            home.write(&name, &file);
            let input = [
                "--input-format",
                if format == "txt" { "text" } else { format },
            ];

            let (status, output, words) = home.clean(&[&name]);
            assert_eq!((status, &*words), (0, ""), "{name}");
            assert_eq!(Codec::of_content(&output), codec, "the standard output");
            assert_eq!(unpack(&output), after.as_bytes(), "{name}");
            let args = ["clean", "-q", "--no-builtin", "--pattern", AD];
            let (_, piped, _) = home.pipe(&[&args[..], &input].concat(), &file);
            assert_eq!(piped, output, "by content, from a pipe");

            assert_eq!(home.clean(&["in", "-o", "out/"]).0, 0);
            let copy = home.read(&name.replace("in/", "out/"));
            assert_eq!(
                (Codec::of_content(&copy), unpack(&copy)),
                (codec, after.into())
            );
            for (target, expected) in [
                ("b", Codec::Plain),
                ("b.gz", Codec::Gzip),
                ("b.zst", Codec::Zstd),
            ] {
                assert_eq!(home.clean(&[&name, "-o", target]).0, 0);
                let output = home.read(target);
                assert_eq!(
                    (Codec::of_content(&output), unpack(&output)),
                    (expected, after.into())
                );
            }

            assert_eq!(home.clean(&["-w", "in", "--ledger", "l.jsonl"]).0, 0);
            assert_eq!(unpack(&home.read(&name)), after.as_bytes());
            let (status, _, words) =
                home.pipe(&["undo", "-q", "-w", "in", "--ledger", "l.jsonl"], b"");
            assert_eq!((status, &*words), (0, ""));
            let back = home.read(&name);
            assert_eq!(
                (Codec::of_content(&back), unpack(&back)),
                (codec, before.into())
            );
        }
    }
}

#[test]
fn nothing_packed_is_nothing_packed() {
    for codec in PACKED {
        let home = Home::new();
        home.write("a.txt", pack(codec, b""));
        let (status, output, words) = home.clean(&["a.txt"]);
        assert_eq!((status, &*words), (0, ""));
        assert_eq!(
            (Codec::of_content(&output), unpack(&output)),
            (codec, Vec::new())
        );
    }
}

/// A file that was cut off: in place it stays, elsewhere what could be read comes out cleaned.
#[test]
fn a_packed_file_that_was_cut_off_is_named() {
    let record = |number: usize| {
        let noise = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        format!("{{\"id\":\"{noise:x}\",\"text\":\"Row {number}.\\n\\nFoo / bar baz\"}}\n")
    };
    let content: String = (0..20_000).map(record).collect();
    for (codec, ending) in [(Codec::Gzip, "gz"), (Codec::Zstd, "zst")] {
        let mut file = pack(codec, content.as_bytes());
        file.truncate(file.len() * 2 / 3);
        let home = Home::new();
        let name = format!("in/a.jsonl.{ending}");
        home.write(&name, &file);
        home.write("in/b.txt", AD);
        let (status, output, words) = home.clean(&[&name]);
        assert_eq!(status, 2);
        let error = format!(
            "error: {name}: the {codec} data ends too soon; the file was cut off, get it anew\n"
        );
        assert_eq!(words, error, "one fault, for half a record is none");
        let read = String::from_utf8(unpack(&output)).unwrap();
        assert!(
            read.len() > content.len() / 4,
            "{} of {}",
            read.len(),
            content.len()
        );
        let whole = read.rfind('\n').unwrap() + 1;
        assert!(
            content
                .replace("\\n\\nFoo / bar baz", "")
                .starts_with(&read[..whole])
        );
        let (status, _, words) = home.clean(&["-w", "in"]);
        assert_eq!(
            (status, words.contains(error.trim_end())),
            (2, true),
            "{words}"
        );
        assert!(home.read(&name) == file, "the original is untouched");
        assert_eq!(home.read("in/b.txt"), b"", "the others are done");

        // Garbage behind the magic number.
        home.write(
            "c.txt",
            [&file[..4], b"no packed data at all, only text"].concat(),
        );
        let (status, _, words) = home.clean(&["-w", "c.txt"]);
        assert_eq!(status, 2);
        assert!(
            words.contains(&format!("c.txt: the {codec} data is broken")),
            "{words}"
        );
    }
}

#[test]
fn a_window_that_is_too_large_is_refused() {
    let mut encoder = zstd::Encoder::new(Vec::new(), 1).unwrap();
    encoder.window_log(28).unwrap();
    encoder.write_all(&vec![b'a'; 1 << 20]).unwrap();
    let home = Home::new();
    home.write("a.txt", encoder.finish().unwrap());
    let (status, _, words) = home.clean(&["a.txt"]);
    assert_eq!(status, 2);
    assert!(
        words.contains("a.txt: the zstd data wants a window of more than 128 MiB"),
        "{words}"
    );
}

fn utf16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(bytes).collect()
}

/// Small and large, plain and packed, in every format.
#[test]
fn other_encodings_come_back_in_theirs() {
    for (format, before, after) in CONTENTS {
        for times in [1, 3_000] {
            let long = |content: &str| {
                let (head, rows) = content.split_at(content.find('\n').unwrap() + 1);
                let content = format!("{head}{}", rows.repeat(times));
                format!("\u{feff}{content}").replace("One", "Café “One” ")
            };
            let (before, after) = (long(before), long(after));
            let name = format!("a.{format}");
            for bytes in [u16::to_le_bytes, u16::to_be_bytes] {
                for codec in [Codec::Plain, Codec::Gzip] {
                    let home = Home::new();
                    let file = pack(codec, &utf16(&before, bytes));
                    home.write(&name, &file);
                    let (status, output, words) = home.clean(&[&name, "--ledger", "l.jsonl"]);
                    assert_eq!((status, &*words), (0, ""), "{name}");
                    assert!(unpack(&output) == utf16(&after, bytes), "{name}");
                    home.write(&name, &output);
                    let (status, _, words) =
                        home.pipe(&["undo", "-q", "-w", &name, "--ledger", "l.jsonl"], b"");
                    assert_eq!((status, &*words), (0, ""), "{name}");
                    assert!(unpack(&home.read(&name)) == utf16(&before, bytes), "{name}");
                }
            }
            let latin = |text: &str| {
                let text = text.trim_start_matches('\u{feff}');
                text.chars()
                    .map(|c| match c {
                        '“' => 0x93,
                        '”' => 0x94,
                        c => u8::try_from(u32::from(c)).unwrap(),
                    })
                    .collect::<Vec<_>>()
            };
            let home = Home::new();
            home.write(&name, latin(&before));
            for label in ["latin1", "auto"] {
                let (status, output, words) =
                    home.clean(&[&name, "--encoding", label, "--ledger", "l.jsonl"]);
                assert_eq!((status, &*words), (0, ""), "{name}");
                assert!(output == latin(&after), "{name}");
                home.write("b", &output);
                let undo = [
                    "undo",
                    "-q",
                    "b",
                    "--input-format",
                    if format == "txt" { "text" } else { format },
                    "--ledger",
                    "l.jsonl",
                ];
                let (status, output, words) = home.pipe(&undo, b"");
                assert_eq!((status, &*words), (0, ""), "{name}");
                assert!(output == latin(&before), "{name}");
            }
        }
    }
}

/// What means nothing in an encoding stays, is named, and nothing beside it is touched.
#[test]
fn bytes_that_mean_nothing_stay() {
    let home = Home::new();
    let mut file = b"\xff\xfe".to_vec();
    file.extend(utf16("One.\n\nFoo / bar baz\n\nTwo", u16::to_le_bytes));
    file.extend(b"\0\xd8!\0"); // half a pair
    file.push(b'x'); // half a unit
    home.write("a.txt", &file);
    let (status, output, words) = home.clean(&["a.txt"]);
    assert_eq!(status, 2);
    assert!(
        words.contains("a.txt: in 2 places") || words.contains("a.txt: in "),
        "{words}"
    );
    assert!(words.contains("mean nothing in UTF-16LE"), "{words}");
    let mut expected = b"\xff\xfe".to_vec();
    expected.extend(utf16("One.\n\nTwo", u16::to_le_bytes));
    expected.extend(b"\0\xd8!\0x");
    assert_eq!(output, expected);

    let (status, _, words) = home.clean(&["a.txt", "--encoding", "klingon"]);
    assert_eq!(status, 2);
    assert!(
        words.contains("no encoding that files can be written back in"),
        "{words}"
    );
}

/// What would come in has no letter in the file's encoding: it is left out, and said.
#[test]
fn what_cannot_be_written_is_left_out() {
    let home = Home::new();
    // Cyrillic that was misread once and is mended where it can be written.
    let text = "Ship ahoy &#1046; they said.\n\nFoo / bar baz\n\nTwo.";
    home.write("a.txt", text);
    let (_, utf8, _) = home.clean(&["a.txt", "--fragments", "repair"]);
    let (_, latin, words) = home.clean(&["a.txt", "--encoding", "latin1"]);
    assert!(String::from_utf8_lossy(&utf8).contains('Ж'), "{utf8:?}");
    assert_eq!(
        String::from_utf8(latin).unwrap(),
        text.replace("Foo / bar baz\n\n", ""),
        "{words}"
    );
}

#[test]
fn one_output_has_one_form() {
    let home = Home::new();
    home.write("a.txt", AD);
    home.write("b.txt.gz", pack(Codec::Gzip, b"One."));
    let (status, _, words) = home.clean(&["a.txt", "b.txt.gz"]);
    assert_eq!(status, 2);
    assert!(
        words.contains("the next file is gzip in UTF-8, and those before it are plain"),
        "{words}"
    );
    assert_eq!(home.clean(&["a.txt", "b.txt.gz", "-o", "c.txt.zst"]).0, 0);
    assert_eq!(unpack(&home.read("c.txt.zst")), b"One.");
}
