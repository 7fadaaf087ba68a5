//! What goes wrong around a run: killed processes, full disks, records that cannot be read. Nothing may be lost or half done.
//!
//! `DESCALE_KILLS=200 cargo test faults` kills so many processes; the usual number keeps the test short.

mod disk;
mod files;
mod stream;

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use files::{Files, archives, articles, content, read, write};

/// The marker that the runs take out.
const MARKER: &str = "Foo bar baz";

fn descale(args: &[&str], folder: &Path) -> Command {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("descale"));
    command.current_dir(folder).args(args);
    command.args(["--no-builtin", "--pattern", MARKER, "--no-config"]);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn run(args: &[&str], folder: &Path) -> Output {
    descale(args, folder).output().unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// What a run that nobody kills makes of the files, and how long it takes.
fn cleaned(original: &Files) -> (Files, Duration) {
    let home = tempfile::tempdir().unwrap();
    write(original, &home.path().join("in"));
    let begun = Instant::now();
    let output = run(&["clean", "-q", "-w", "in", "-j", "2"], home.path());
    let took = begun.elapsed();
    assert_eq!(output.status.code(), Some(2), "two records hold no text");
    let files = read(&home.path().join("in"));
    assert_eq!(
        files.keys().collect::<Vec<_>>(),
        original.keys().collect::<Vec<_>>(),
        "neither journal nor temporary files are left"
    );
    assert!(files != *original);
    (files, took)
}

/// Numbers that look random; the same from the same seed, which the messages of the tests name.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit.max(1)
    }
}

fn kills() -> usize {
    std::env::var("DESCALE_KILLS")
        .ok()
        .and_then(|number| number.parse().ok())
        .unwrap_or(40)
}

/// Lets a process run for a while, then kills it. Whether it had ended before.
fn kill_after(mut child: Child, time: Duration) -> bool {
    let end = Instant::now() + time;
    while Instant::now() < end {
        if child.try_wait().unwrap().is_some() {
            return true;
        }
        sleep(Duration::from_micros(300));
    }
    // SIGKILL: nothing in the process hears of it.
    child.kill().unwrap();
    let status = child.wait().unwrap();
    status.code().is_some()
}

/// Whether a name is one that a killed process may leave.
fn is_litter(name: &Path) -> bool {
    let name = name.file_name().unwrap().to_string_lossy();
    name == ".descale-journal" || name.starts_with(".descale-") && name.ends_with(".tmp")
}

#[cfg(unix)]
#[test]
fn killed_runs_in_place_leave_every_file_whole_and_can_be_gone_on_with() {
    let original = archives(120);
    let (cleaned, took) = cleaned(&original);
    let seed = u64::from(std::process::id()) * 7919 + 1;
    let mut random = Random(seed);
    let (mut killed, mut rounds) = (0, 0);
    while killed < kills() / 2 {
        rounds += 1;
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("in");
        write(&original, &folder);
        let mut ended = false;
        while !ended {
            let jobs = if random.below(2) == 0 { "1" } else { "8" };
            let child = descale(
                &[
                    "clean",
                    "-q",
                    "-w",
                    "in",
                    "-j",
                    jobs,
                    "--resume",
                    "--ledger",
                    "ledger.jsonl",
                    "--errors",
                    "errors.jsonl",
                ],
                home.path(),
            )
            .spawn()
            .unwrap();
            let time = Duration::from_micros(random.below(took.as_micros() as u64));
            ended = kill_after(child, time);
            killed += usize::from(!ended);
            let context = format!("seed {seed}, round {rounds}, kill {killed}");
            for (name, bytes) in read(&folder) {
                assert!(
                    is_litter(&name) || bytes == original[&name] || bytes == cleaned[&name],
                    "{context}: {} is neither the original nor the cleaned file",
                    name.display()
                );
            }
            // Only now and then to the end, so that many kills hit a run that goes on with another.
            if !ended && random.below(4) == 0 {
                let output = run(
                    &[
                        "clean",
                        "-w",
                        "in",
                        "--resume",
                        "--ledger",
                        "ledger.jsonl",
                        "--errors",
                        "errors.jsonl",
                    ],
                    home.path(),
                );
                assert_eq!(
                    output.status.code(),
                    Some(2),
                    "{context}: {}",
                    stderr(&output)
                );
                ended = true;
            }
        }
        let context = format!("seed {seed}, round {rounds}");
        assert!(
            read(&folder) == cleaned,
            "{context}: the files are not those of a run that nobody killed"
        );
        let errors = fs::read_to_string(home.path().join("errors.jsonl")).unwrap();
        assert_eq!(
            errors.lines().count(),
            3,
            "{context}: each fault once\n{errors}"
        );
        let output = Command::new(assert_cmd::cargo::cargo_bin!("descale"))
            .args(["undo", "-q", "-w", "in", "--ledger", "ledger.jsonl"])
            .current_dir(home.path())
            .output()
            .unwrap();
        let words = stderr(&output);
        for (name, bytes) in read(&folder) {
            assert!(
                content(&name, &bytes) == content(&name, &original[&name]),
                "{context}: the ledger does not lead {} back\n{words}",
                name.display()
            );
        }
    }
    assert!(rounds > 0);
}

#[cfg(unix)]
#[test]
fn killed_runs_to_a_folder_leave_whole_files_and_can_be_gone_on_with() {
    let original = archives(120);
    let (cleaned, took) = cleaned(&original);
    let seed = u64::from(std::process::id()) * 104_729 + 1;
    let mut random = Random(seed);
    let mut killed = 0;
    while killed < kills() / 2 {
        let home = tempfile::tempdir().unwrap();
        write(&original, &home.path().join("in"));
        let out = home.path().join("out");
        let mut ended = false;
        while !ended {
            let jobs = if random.below(2) == 0 { "1" } else { "8" };
            let args = ["clean", "-q", "in", "-o", "out", "-j", jobs, "--resume"];
            let child = descale(&args, home.path()).spawn().unwrap();
            let time = Duration::from_micros(random.below(took.as_micros() as u64));
            ended = kill_after(child, time);
            killed += usize::from(!ended);
            for (name, bytes) in read(&out) {
                assert!(
                    is_litter(&name) || bytes == cleaned[&name],
                    "seed {seed}, kill {killed}: {} is not whole",
                    name.display()
                );
            }
        }
        assert!(read(&out) == cleaned, "seed {seed}, kill {killed}");
        assert!(read(&home.path().join("in")) == original);
    }
}

#[cfg(unix)]
#[test]
fn what_is_done_is_not_done_again_unless_it_changed() {
    let original = articles(30);
    let (cleaned, _) = cleaned(&original);
    let home = tempfile::tempdir().unwrap();
    let (folder, out) = (home.path().join("in"), home.path().join("out"));
    write(&original, &folder);
    // A file that cannot be written keeps the journal.
    fs::create_dir_all(out.join("2/0002.txt")).unwrap();
    let output = run(&["clean", "in", "-o", "out"], home.path());
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("1 file is not done"),
        "{}",
        stderr(&output)
    );
    fs::remove_dir(out.join("2/0002.txt")).unwrap();

    // Two of the files that are done change: one source, one copy.
    fs::write(
        folder.join("0/0003.txt"),
        format!("New.\n\n{MARKER}\n\nEnd.\n"),
    )
    .unwrap();
    fs::write(out.join("0/0006.txt"), "spoilt").unwrap();
    let before = fs::metadata(out.join("0/0009.txt"))
        .unwrap()
        .modified()
        .unwrap();
    let output = run(&["clean", "in", "-o", "out", "--resume"], home.path());
    let words = stderr(&output);
    assert!(
        words.contains("going on: 28 of 31 files were done before"),
        "{words}"
    );
    assert!(
        words.contains("3 faults in the files that were done before"),
        "{words}"
    );
    assert!(words.contains("in 3027 documents"), "{words}");
    assert_eq!(
        output.status.code(),
        Some(2),
        "faults of the whole run count"
    );
    let mut expected = cleaned;
    expected.insert("0/0003.txt".into(), b"New.\n\nEnd.\n".to_vec());
    assert!(read(&out) == expected);
    let after = fs::metadata(out.join("0/0009.txt"))
        .unwrap()
        .modified()
        .unwrap();
    assert_eq!(before, after, "what is done is left alone");
}

#[cfg(unix)]
#[test]
fn a_journal_of_another_run_is_not_gone_on_with() {
    let original = articles(10);
    let home = tempfile::tempdir().unwrap();
    write(&original, &home.path().join("in"));
    fs::create_dir_all(home.path().join("out/0/0003.txt")).unwrap();
    run(&["clean", "in", "-o", "out"], home.path());
    assert!(home.path().join("out/.descale-journal").exists());

    let output = run(
        &["clean", "in", "-o", "out", "--resume", "--skip", "misc"],
        home.path(),
    );
    let words = stderr(&output);
    assert!(words.contains("written with other options"), "{words}");
    assert!(!words.contains("going on"), "{words}");

    let output = run(
        &[
            "clean", "in", "-o", "out", "--resume", "--skip", "misc", "--ledger", "l.jsonl",
        ],
        home.path(),
    );
    assert!(
        stderr(&output).contains("the run that was interrupted kept no ledger"),
        "{}",
        stderr(&output)
    );

    let output = run(&["clean", "in", "-o", "out", "--skip", "misc"], home.path());
    assert!(
        stderr(&output).contains("an earlier run did not end; this one begins anew"),
        "{}",
        stderr(&output)
    );

    fs::write(home.path().join("out/.descale-journal"), "{\"type\":\"des").unwrap();
    let output = run(&["clean", "in", "-o", "out", "--resume"], home.path());
    assert!(
        stderr(&output).contains("this is no journal"),
        "{}",
        stderr(&output)
    );

    let output = run(&["clean", "in/0/0003.txt", "--resume"], home.path());
    assert!(
        stderr(&output).contains("--resume goes on with runs that write files"),
        "{}",
        stderr(&output)
    );
}

/// Signals that ask a process to end.
#[cfg(target_os = "linux")]
#[test]
fn a_signal_leaves_no_trace_and_tells_how_to_go_on() {
    let original = articles(400);
    let (cleaned, _) = cleaned(&original);
    for (signal, code) in [("INT", 130), ("TERM", 143)] {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("in");
        write(&original, &folder);
        let child = descale(&["clean", "-w", "in", "-j", "1"], home.path())
            .spawn()
            .unwrap();
        // The first cleaned file shows that the run is on its way.
        let first = folder.join("0/0003.txt");
        let begun = Instant::now();
        while fs::read(&first).unwrap() == original[Path::new("0/0003.txt")] {
            assert!(begun.elapsed() < Duration::from_secs(60), "nothing happens");
            sleep(Duration::from_millis(1));
        }
        let kill = Command::new("kill")
            .args([&format!("-{signal}"), &child.id().to_string()])
            .status();
        assert!(kill.unwrap().success());
        let output = child.wait_with_output().unwrap();
        let words = stderr(&output);
        assert_eq!(output.status.code(), Some(code), "{words}");
        assert!(
            words.contains(&format!("ended by SIG{signal}")) && words.contains("--resume"),
            "{words}"
        );
        for (name, bytes) in read(&folder) {
            assert!(
                !name.to_string_lossy().ends_with(".tmp"),
                "{} is left",
                name.display()
            );
            assert!(is_litter(&name) || bytes == original[&name] || bytes == cleaned[&name]);
        }
        let output = run(&["clean", "-w", "in", "--resume"], home.path());
        assert!(
            stderr(&output).contains("going on: "),
            "{}",
            stderr(&output)
        );
        assert!(read(&folder) == cleaned);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn what_a_killed_run_left_is_removed_with_a_word() {
    let home = tempfile::tempdir().unwrap();
    fs::write(
        home.path().join("a.txt"),
        format!("One.\n\n{MARKER}\n\nTwo.\n"),
    )
    .unwrap();
    // The largest number there can be is that of no process.
    let left = home.path().join(".descale-2147483647-x1.tmp");
    fs::write(&left, "One.").unwrap();
    let output = run(&["clean", "-w", "a.txt"], home.path());
    assert!(
        stderr(&output).contains("1 temporary file of a run that was killed"),
        "{}",
        stderr(&output)
    );
    assert!(!left.exists());
}

#[test]
fn what_the_linter_cannot_write_is_shown_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let text = format!("The mill closed.\n\n{MARKER}\n\nIt opened again.\n");
    for name in ["a.txt", "b.txt"] {
        fs::write(folder.path().join(name), &text).unwrap();
    }
    let stuck = folder.path().join("a.txt");
    let mut permissions = fs::metadata(&stuck).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&stuck, permissions).unwrap();

    let output = run(&["lint", "--fix", "a.txt", "b.txt"], folder.path());
    let (said, shown) = (stderr(&output), String::from_utf8_lossy(&output.stdout));
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("a.txt: not written"), "{said}");
    assert!(said.contains("mended 1 place in 1 file"), "{said}");
    assert!(
        said.contains("1 finding (1 error) in 2 documents\n"),
        "{said}"
    );
    assert!(shown.contains("a.txt:3:1"), "{shown}");
    assert!(!shown.contains("b.txt"), "{shown}");
    assert_eq!(fs::read_to_string(&stuck).unwrap(), text);
}
