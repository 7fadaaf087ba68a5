//! Holds the table of floors in `docs/architecture.md` against the code's imports. A module may import only what its row names; a test inside a
//! file may import what it likes.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Each module below `src/` with the modules it may import, as the page says. Rows whose third cell names no module may import none: `cli` and
/// `main` are another crate to the compiler and see the library's public names.
fn floors() -> BTreeMap<String, Vec<String>> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/architecture.md");
    let page = fs::read_to_string(page).expect("docs/architecture.md");
    let rows = page
        .lines()
        .skip_while(|line| !line.starts_with("| floor |"))
        .skip(2);
    let named = |cell: &str| -> Vec<String> {
        cell.split('`')
            .skip(1)
            .step_by(2)
            .map(str::to_owned)
            .collect()
    };
    let floors: BTreeMap<_, _> = rows
        .map_while(|row| row.strip_prefix('|'))
        .map(|row| {
            let cells: Vec<_> = row.split('|').collect();
            let [module] = named(cells[1]).try_into().expect("one module a row");
            (module, named(cells[2]))
        })
        .collect();
    assert!(floors.len() > 10, "{floors:?}");
    floors
}

/// What only certain files may name: a word, and where it may stand (a prefix of the path below `src/`).
const RESERVED: &[(&str, &[&str])] = &[
    ("aho_corasick", &["scan/matcher.rs"]),
    ("std::fs", &["cli/"]),
    ("std::env", &["cli/", "main.rs"]),
    ("std::thread", &["cli/"]),
    ("std::net", &[]),
    (
        "unsafe ",
        &["scan/vector.rs", "text/blocks.rs", "text/fold/words.rs"],
    ),
    ("println!", &[]),
    ("eprintln!", &[]),
    ("process::exit", &["cli/signals.rs"]),
    // Of the packs' form only `pack` knows, and the command's formatter.
    ("toml::", &["pack/", "cli/config/"]),
    ("toml_edit::", &["cli/"]),
    ("clap::", &["cli/"]),
    ("anyhow::", &["cli/"]),
];

/// A line of code with its place: tests and comments left out.
struct Line {
    /// Path below `src/`, with `/`.
    path: String,
    number: usize,
    code: String,
}

fn lines() -> Vec<Line> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = Vec::new();
    collect(&root, &mut paths);
    assert!(paths.len() > 50, "{paths:?}");
    let mut lines = Vec::new();
    for path in paths {
        let source = fs::read_to_string(&path).expect("a readable file");
        let path = path.strip_prefix(&root).expect("below src");
        let path = path.to_string_lossy().replace('\\', "/");
        // Inline tests stand last in a file.
        let code = source.lines().take_while(|line| *line != "#[cfg(test)]");
        for (index, line) in code.enumerate() {
            if !line.trim_start().starts_with("//") {
                lines.push(Line {
                    path: path.clone(),
                    number: index + 1,
                    code: line.to_owned(),
                });
            }
        }
    }
    lines
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            collect(&path, paths);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            paths.push(path);
        }
    }
}

/// The modules of ours that a line names from the crate's root, by `crate::` or by climbing up to it.
fn imports(line: &Line) -> Vec<String> {
    let parts: Vec<_> = line.path.trim_end_matches(".rs").split('/').collect();
    let depth = parts.len() - usize::from(parts.last() == Some(&"mod"));
    let climb = "super::".repeat(depth);
    let roots = ["crate::", climb.as_str()];
    let mut found = Vec::new();
    for root in roots {
        for (at, _) in line.code.match_indices(root) {
            let rest = &line.code[at + root.len()..];
            let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_');
            found.push(rest[..end.unwrap_or(rest.len())].to_owned());
        }
    }
    found
}

#[test]
fn no_module_imports_from_a_floor_above() {
    let floors = floors();
    let mut faults = Vec::new();
    for line in lines().iter().filter(|line| line.path != "lib.rs") {
        let own = line.path.split(['/', '.']).next().unwrap_or_default();
        let Some(allowed) = floors.get(own) else {
            faults.push(format!("{}: `{own}` stands on no floor", line.path));
            continue;
        };
        for import in imports(line) {
            if import != own && !allowed.contains(&import) {
                faults.push(format!(
                    "src/{}:{}: `{own}` may not import `{import}`",
                    line.path, line.number
                ));
            }
        }
    }
    faults.dedup();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn what_is_reserved_stays_in_its_place() {
    let mut faults = Vec::new();
    for line in lines() {
        for (word, places) in RESERVED {
            let allowed = places.iter().any(|place| line.path.starts_with(place));
            if line.code.contains(word) && !allowed {
                faults.push(format!("src/{}:{}: {word}", line.path, line.number));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// The table itself is a ladder: nobody imports from a floor above.
#[test]
fn the_floors_have_no_circle() {
    let mut left = floors();
    while !left.is_empty() {
        let before = left.len();
        let standing: Vec<_> = left.keys().cloned().collect();
        left.retain(|_, allowed| allowed.iter().any(|module| standing.contains(module)));
        assert!(left.len() < before, "a circle among {standing:?}");
    }
}

#[test]
fn an_import_is_seen_however_it_is_written() {
    let line = |path: &str, code: &str| Line {
        path: path.to_owned(),
        number: 1,
        code: code.to_owned(),
    };
    assert_eq!(
        imports(&line("scan/mod.rs", "use crate::pack::Pack;")),
        ["pack"]
    );
    assert_eq!(
        imports(&line("scan/mod.rs", "use super::pack::Pack;")),
        ["pack"]
    );
    assert_eq!(
        imports(&line("scan/verify.rs", "use super::super::pack;")),
        ["pack"]
    );
    assert_eq!(
        imports(&line("scan/verify.rs", "use super::units::Unit;")),
        [""; 0]
    );
}
