//! Full disks, targets that cannot be written, and records that cannot be read.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Command;

use super::{MARKER, run, stderr};

/// A file system of one megabyte. It needs root, or `sudo` without a password.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    /// `None`, and a loud word, where it cannot be had. On a server that tests changes it must be.
    fn mount() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let args = ["mount", "-t", "tmpfs", "-o", "size=1m,mode=777", "tmpfs"];
        let has_mounted = privileged(&args, folder.path());
        if has_mounted {
            return Some(Self(folder));
        }
        let word = "SKIPPED faults::disk: a small file system cannot be mounted here; run as root, or with sudo that asks nothing";
        assert!(std::env::var_os("CI").is_none(), "{word}");
        // Not a print: the harness would swallow it.
        let mut stderr = std::io::stderr();
        writeln!(stderr, "{word}").unwrap();
        None
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// Leaves so many bytes free.
    fn fill(&self, free: usize) {
        let path = self.path().join("ballast");
        // The disk counts in pages.
        let used = (1 << 20) - free.next_multiple_of(4096);
        fs::write(path, vec![0; used]).unwrap();
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        privileged(&["umount"], self.path());
    }
}

fn privileged(args: &[&str], path: &Path) -> bool {
    [&[][..], &["sudo", "-n"]].iter().any(|before| {
        let words: Vec<&str> = before.iter().chain(args).copied().collect();
        Command::new(words[0])
            .args(&words[1..])
            .arg(path)
            .output()
            .is_ok_and(|output| output.status.success())
    })
}

/// A text of so many bytes at least, with the marker in it, and the same without.
fn text(bytes: usize) -> (String, String) {
    let body =
        "The ferry came back before the evening, and nobody was missing.\n".repeat(bytes / 64);
    (
        format!("{body}\n{MARKER}\n\nEnd.\n"),
        format!("{body}\nEnd.\n"),
    )
}

fn has_litter(folder: &Path) -> bool {
    fs::read_dir(folder).unwrap().any(|entry| {
        let name = entry.unwrap().file_name();
        name.to_string_lossy().ends_with(".tmp")
    })
}

const FULL: &str = "the disk is full; make room and run again";

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_leaves_originals_whole_and_the_others_go_on() {
    let Some(disk) = SmallDisk::mount() else {
        return;
    };
    let (large, _) = text(300 << 10);
    let (small, small_clean) = text(8 << 10);
    let folder = disk.path().join("in");
    fs::create_dir(&folder).unwrap();
    for name in ["a.txt", "c.txt"] {
        fs::write(folder.join(name), &large).unwrap();
    }
    fs::write(folder.join("b.txt"), &small).unwrap();
    disk.fill(2 * (300 << 10) + (120 << 10));
    let output = run(&["clean", "-w", "in"], disk.path());
    let words = stderr(&output);
    assert_eq!(output.status.code(), Some(2), "{words}");
    assert_eq!(words.matches(FULL).count(), 2, "{words}");
    assert!(words.contains("in/a.txt: not written") && words.contains("in/c.txt: not written"));
    assert!(
        words.contains("2 files are not done") && words.contains("--resume"),
        "{words}"
    );
    for name in ["a.txt", "c.txt"] {
        assert!(fs::read_to_string(folder.join(name)).unwrap() == large);
    }
    assert!(
        fs::read_to_string(folder.join("b.txt")).unwrap() == small_clean,
        "the small one fits"
    );
    assert!(!has_litter(&folder));

    // With room again, the rest is done.
    fs::remove_file(disk.path().join("ballast")).unwrap();
    let output = run(&["clean", "-w", "in", "--resume"], disk.path());
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(stderr(&output).contains("going on: 1 of 3 files"));
    assert_eq!(
        fs::read_to_string(folder.join("c.txt")).unwrap(),
        text(300 << 10).1
    );
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 3);
}

#[cfg(target_os = "linux")]
#[test]
fn every_target_on_a_full_disk_is_named_with_the_cure() {
    let Some(disk) = SmallDisk::mount() else {
        return;
    };
    let home = tempfile::tempdir().unwrap();
    let (dirty, clean) = text(200 << 10);
    disk.fill(0);
    let at = |name: &str| disk.path().join(name).display().to_string();
    for (option, target, texts_go_on) in [
        ("-o", at("out.txt"), false),
        ("--report", format!("diff={}", at("report")), true),
        ("--report", format!("jsonl={}", at("report")), true),
        ("--ledger", at("ledger.jsonl"), false),
        ("--errors", at("errors.jsonl"), true),
    ] {
        let path = home.path().join("a.txt");
        fs::write(&path, &dirty).unwrap();
        let mut args = vec!["clean", "a.txt", option, &target];
        match option {
            "-o" => {}
            // Something must fail for the list of faults to be written.
            "--errors" => args.extend(["none.txt", "-w"]),
            _ => args.push("-w"),
        }
        let output = run(&args, home.path());
        let words = stderr(&output);
        assert_eq!(output.status.code(), Some(2), "{option}: {words}");
        assert!(words.contains(FULL), "{option}: {words}");
        let now = fs::read_to_string(&path).unwrap();
        assert!(
            now == if texts_go_on { &*clean } else { &*dirty },
            "{option}"
        );
        assert!(
            !has_litter(home.path()) && !has_litter(disk.path()),
            "{option}"
        );
        assert!(!Path::new(&at("out.txt")).exists());
        for name in ["report", "ledger.jsonl", "errors.jsonl"] {
            let _ = fs::remove_file(disk.path().join(name));
        }
    }
}

#[cfg(unix)]
#[test]
fn links_and_folders_that_lead_nowhere_have_a_cause_and_a_cure() {
    use std::os::unix::fs::symlink;
    let home = tempfile::tempdir().unwrap();
    let path = |name: &str| home.path().join(name);
    symlink("b.txt", path("a.txt")).unwrap();
    symlink("a.txt", path("b.txt")).unwrap();
    symlink("nowhere", path("c.txt")).unwrap();
    fs::write(path("d.txt"), format!("One.\n\n{MARKER}\n\nTwo.\n")).unwrap();
    fs::create_dir(path("folder")).unwrap();
    symlink("..", path("folder/up")).unwrap();
    let output = run(&["clean", "-w", "."], home.path());
    let words = stderr(&output);
    assert_eq!(output.status.code(), Some(2), "{words}");
    assert!(
        words.contains("a.txt: the symbolic links go round in a circle; remove or mend the link"),
        "{words}"
    );
    assert!(
        words.contains("c.txt: the symbolic link leads nowhere"),
        "{words}"
    );
    assert_eq!(fs::read_to_string(path("d.txt")).unwrap(), "One.\n\nTwo.\n");

    let output = run(&["clean", "d.txt/x.txt", "d.txt"], home.path());
    assert!(
        stderr(&output).contains("a part of the path is a file, not a folder"),
        "{}",
        stderr(&output)
    );
    let output = run(&["clean", "-q", "d.txt", "-o", "none/out.txt"], home.path());
    assert!(
        stderr(&output).contains("does not exist; create it first"),
        "{}",
        stderr(&output)
    );
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn bad_records_pass_through_and_are_all_listed() {
    let home = tempfile::tempdir().unwrap();
    let bomb = format!(
        "{{\"text\":\"a\",\"x\":{}{}}}",
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    let text_bomb = format!(
        "{{\"text\":{}1{}}}",
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    let open_bomb = format!("{{\"text\":\"a\",\"x\":{}", "{\"a\":".repeat(100_000));
    let bad: Vec<Vec<u8>> = vec![
        text_bomb.into(),
        open_bomb.into(),
        b"{\"text\":\"cut".to_vec(),
        b"{\"text\":7}".to_vec(),
        b"[]".to_vec(),
        b"{\"text\":\"half \\ud83d of a pair\"}".to_vec(),
        b"{\"text\":\"not \xff UTF-8\"}".to_vec(),
        b"{\"other\":1}".to_vec(),
        b"\0\0\0\0".to_vec(),
    ];
    let good = |word: &str| format!("{{\"text\":\"One.\\n\\n{word}Two.\"}}\n").into_bytes();
    let file = |marker: &str| {
        // Nesting in a field that nobody asked for is read over, however deep.
        let mut bytes = [bomb.as_bytes(), b"\n"].concat();
        for record in &bad {
            bytes.extend(record.iter().chain(b"\n"));
            bytes.extend(good(marker));
        }
        bytes
    };
    let before = file(&format!("{MARKER}\\n\\n"));
    fs::write(home.path().join("in.jsonl"), &before).unwrap();
    let output = run(
        &["clean", "in.jsonl", "--errors", "errors.jsonl"],
        home.path(),
    );
    let words = stderr(&output);
    assert_eq!(output.status.code(), Some(2), "{words}");
    assert!(
        output.stdout == file(""),
        "bad records come out as they came in"
    );
    let list = fs::read_to_string(home.path().join("errors.jsonl")).unwrap();
    let list: Vec<serde_json::Value> = list
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(list.len(), bad.len(), "{words}");
    for (number, fault) in list.iter().enumerate() {
        assert_eq!(fault["line"], 2 * number + 2);
        assert!(
            !fault["cause"].as_str().unwrap().is_empty()
                && !fault["cure"].as_str().unwrap().is_empty(),
            "{fault}"
        );
        assert_eq!(fault["record_bytes"], bad[number].len());
        if let Some(record) = fault["record"].as_str() {
            assert_eq!(record.as_bytes(), bad[number]);
        } else {
            assert_eq!(number, 6, "all others are UTF-8");
            assert!(fault["record_base64"].is_string());
        }
        let offset = fault["byte_offset"].as_u64().unwrap() as usize;
        let line = before[..offset]
            .iter()
            .filter(|byte| **byte == b'\n')
            .count()
            + 1;
        assert!(
            fault["line"] == line || fault["line"] == line - 1,
            "{fault}"
        );
    }
}
