//! Formats through the command: whatever a file is, all bytes but those of changed texts come out as they went in, and `undo` brings back the rest.

use std::fs;
use std::path::PathBuf;

use assert_cmd::Command;

/// What is taken out.
const AD: &str = "Foo / bar baz";

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
