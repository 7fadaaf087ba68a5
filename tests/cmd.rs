//! Runs the cases of `tests/cmd/*.toml`: each is a command line with its files, and what must come of it.
//!
//! `DESCALE_BLESS=1 cargo test cmd` writes the help snapshots anew.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use assert_cmd::Command;
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    /// Files that every case of this file finds in its folder.
    #[serde(default)]
    files: BTreeMap<String, String>,
    case: Vec<Case>,
}

/// One command line.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    args: Vec<String>,
    #[serde(default)]
    stdin: String,
    /// Standard input as hexadecimal bytes, for what is not UTF-8.
    stdin_hex: Option<String>,
    /// Files in the case's folder before the run. The names are below it.
    #[serde(default)]
    files: BTreeMap<String, String>,
    /// The folder the command is started in, below the case's own.
    #[serde(default)]
    folder: String,
    #[serde(default)]
    env: BTreeMap<String, String>,
    #[serde(default)]
    status: i32,
    /// The whole standard output.
    stdout: Option<String>,
    /// The whole standard output as hexadecimal bytes.
    stdout_hex: Option<String>,
    /// The file below `tests/cmd/` that holds the whole standard output.
    stdout_file: Option<String>,
    #[serde(default)]
    stdout_has: Vec<String>,
    #[serde(default)]
    stdout_lacks: Vec<String>,
    /// The whole standard error.
    stderr: Option<String>,
    #[serde(default)]
    stderr_has: Vec<String>,
    #[serde(default)]
    stderr_lacks: Vec<String>,
    /// Files after the run. What is not named here is not looked at.
    #[serde(default)]
    after: BTreeMap<String, String>,
    /// Files that must not be there after the run.
    #[serde(default)]
    absent: Vec<String>,
}

#[test]
fn cases() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cmd");
    let mut paths: Vec<_> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "toml"));
    paths.sort();
    // A file a thread: a case is mostly waiting for a process to start.
    let (count, complaints) = std::thread::scope(|scope| {
        let threads: Vec<_> = paths
            .iter()
            .map(|path| scope.spawn(|| run_file(path, &folder)))
            .collect();
        let files = threads.into_iter().map(|thread| thread.join().unwrap());
        files.fold((0, Vec::new()), |(count, mut all), (more, complaints)| {
            all.extend(complaints);
            (count + more, all)
        })
    });
    assert!(count > 40, "the cases were not found");
    assert!(
        complaints.is_empty(),
        "{} of {count} cases fail\n\n{}",
        complaints.len(),
        complaints.join("\n\n")
    );
}

/// Runs the cases of one file: how many there are, and what is wrong with them.
fn run_file(path: &Path, folder: &Path) -> (usize, Vec<String>) {
    let name = path.file_name().unwrap().to_str().unwrap();
    let file: File = toml::from_str(&fs::read_to_string(path).unwrap())
        .unwrap_or_else(|error| panic!("{name}: {error}"));
    let complaints = file.case.iter().filter_map(|case| {
        let wrong = run(case, &file.files, folder);
        (!wrong.is_empty()).then(|| format!("{name}: {}\n{}", case.name, wrong.join("\n")))
    });
    (file.case.len(), complaints.collect())
}

fn run(case: &Case, shared: &BTreeMap<String, String>, folder: &Path) -> Vec<String> {
    let home = tempfile::tempdir().unwrap();
    for (name, text) in shared.iter().chain(&case.files) {
        let path = home.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("descale"));
    command
        .current_dir(home.path().join(&case.folder))
        .args(&case.args);
    // The tests must not depend on the shell they were started from.
    for name in [
        "NO_COLOR",
        "FORCE_COLOR",
        "CLICOLOR",
        "CLICOLOR_FORCE",
        "COLUMNS",
        "TERM",
    ] {
        command.env_remove(name);
    }
    command.envs(&case.env);
    let stdin = case
        .stdin_hex
        .as_deref()
        .map_or_else(|| case.stdin.clone().into_bytes(), unhex);
    let output = command.write_stdin(stdin).output().unwrap();
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();

    let mut wrong = Vec::new();
    if output.status.code() != Some(case.status) {
        wrong.push(format!(
            "exit status {:?}, expected {}; stderr:\n{stderr}",
            output.status.code(),
            case.status
        ));
    }
    let mut same = |what: &str, got: &str, expected: &Option<String>| {
        if let Some(expected) = expected.as_ref().filter(|expected| *expected != got) {
            wrong.push(format!("{what} is\n{got}---- expected\n{expected}----"));
        }
    };
    same("stdout", &stdout, &case.stdout);
    same("stderr", &stderr, &case.stderr);
    if let Some(name) = &case.stdout_file {
        let path = folder.join(name);
        if std::env::var_os("DESCALE_BLESS").is_some() {
            fs::write(&path, &stdout).unwrap();
        }
        same(
            name,
            &stdout,
            &Some(fs::read_to_string(&path).unwrap_or_default()),
        );
    }
    if let Some(expected) = case
        .stdout_hex
        .as_deref()
        .map(unhex)
        .filter(|expected| *expected != output.stdout)
    {
        wrong.push(format!(
            "stdout is {:02x?}, expected {expected:02x?}",
            output.stdout
        ));
    }
    for (what, text, has, lacks) in [
        ("stdout", &stdout, &case.stdout_has, &case.stdout_lacks),
        ("stderr", &stderr, &case.stderr_has, &case.stderr_lacks),
    ] {
        wrong.extend(
            has.iter()
                .filter(|part| !text.contains(*part))
                .map(|part| format!("{what} lacks {part:?}:\n{text}")),
        );
        wrong.extend(
            lacks
                .iter()
                .filter(|part| text.contains(*part))
                .map(|part| format!("{what} has {part:?}:\n{text}")),
        );
    }
    for (name, expected) in &case.after {
        match fs::read_to_string(home.path().join(name)) {
            Ok(got) if got == *expected => {}
            Ok(got) => wrong.push(format!("{name} holds {got:?}, expected {expected:?}")),
            Err(error) => wrong.push(format!("{name}: {error}")),
        }
    }
    wrong.extend(
        case.absent
            .iter()
            .filter(|name| home.path().join(name).exists())
            .map(|name| format!("{name} is there")),
    );
    let litter: Vec<_> = walk(home.path())
        .into_iter()
        .filter(|name| name.contains(".descale-"))
        .collect();
    if !litter.is_empty() {
        wrong.push(format!("temporary files were left: {litter:?}"));
    }
    wrong
}

fn walk(folder: &Path) -> Vec<String> {
    fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .flat_map(|path| {
            if path.is_dir() {
                walk(&path)
            } else {
                vec![path.display().to_string()]
            }
        })
        .collect()
}

fn unhex(text: &str) -> Vec<u8> {
    text.split_whitespace()
        .map(|byte| u8::from_str_radix(byte, 16).unwrap())
        .collect()
}

#[cfg(target_os = "linux")]
mod pipes {
    use std::io::{BufRead, BufReader};
    use std::process::{Command, Stdio};

    /// A reader that has seen enough is no failure.
    #[test]
    fn a_broken_pipe_is_quiet_success() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("long.txt");
        std::fs::write(&path, "A line of an article.\n".repeat(200_000)).unwrap();
        let mut child = Command::new(assert_cmd::cargo::cargo_bin!("descale"))
            .args(["clean", "-q"])
            .arg(&path)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut reader = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        drop(reader);
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0));
        assert_eq!(String::from_utf8_lossy(&output.stderr), "");
        assert_eq!(line, "A line of an article.\n");
    }
}

/// The same bytes come out with one thread and with many.
#[test]
fn threads_do_not_change_the_output() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("in");
    fs::create_dir(&folder).unwrap();
    let mut lines = String::new();
    for number in 0..30_000 {
        let marker = if number % 3 == 0 {
            "\\n\\nFoo bar baz\\n\\n"
        } else {
            " "
        };
        lines += &format!(
            "{{\"id\": {number}, \"text\": \"Article {number} begins.{marker}It goes on for a while, and then it ends.\"}}\n"
        );
    }
    fs::write(folder.join("in.jsonl"), lines).unwrap();
    for number in 0..60 {
        fs::write(
            folder.join(format!("{number}.txt")),
            format!("Text {number}.\n\nFoo bar baz\n\nEnd.\n"),
        )
        .unwrap();
    }
    let run = |jobs: &str| {
        Command::new(assert_cmd::cargo::cargo_bin!("descale"))
            .args([
                "clean",
                "--no-builtin",
                "--pattern",
                "Foo bar baz",
                ".",
                "-j",
                jobs,
                "--report",
                &format!("jsonl=../{jobs}.report"),
            ])
            .current_dir(&folder)
            .output()
            .unwrap()
    };
    let (one, many) = (run("1"), run("7"));
    assert_eq!(one.status.code(), Some(0));
    assert!(one.stdout == many.stdout, "the outputs differ");
    assert_eq!(one.stderr, many.stderr);
    assert!(!String::from_utf8_lossy(&one.stdout).contains("Foo bar baz"));
    let report = |jobs: &str| fs::read(home.path().join(format!("{jobs}.report"))).unwrap();
    assert!(report("1") == report("7"), "the reports differ");
}
