//! Compiles the packs below `patterns/` into the database that the library embeds, and lists their texts for embedding beside it.
//!
//! The work is done by the library's own modules, so that there is one reader of packs and one writer of databases; `src/builtin.rs` loads what
//! is made here, which takes a fiftieth of the time that reading the packs takes. `patterns/` stays the only source, and nothing generated is
//! committed.

// The library uses all of these modules; a build needs a part of each.
#![allow(dead_code, unused_imports)]

#[path = "src/db/mod.rs"]
mod db;
#[path = "src/model/mod.rs"]
mod model;
#[path = "src/pack/mod.rs"]
mod pack;
#[path = "src/text"]
mod text {
    pub(crate) mod fold;
}

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs, io};

fn main() -> io::Result<ExitCode> {
    let root =
        PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default()).join("patterns");
    println!("cargo::rerun-if-changed={}", root.display());
    let mut paths = Vec::new();
    collect(&root, &mut paths)?;
    paths.sort();

    let mut list = String::from("static BUILTIN: &[(&str, &str)] = &[\n");
    let mut packs = Vec::new();
    let mut faults = 0;
    for path in paths {
        println!("cargo::rerun-if-changed={}", path.display());
        let name = path
            .strip_prefix(&root)
            .unwrap_or(&path)
            .to_string_lossy()
            .replace('\\', "/");
        let _ = writeln!(
            list,
            "    ({name:?}, include_str!({:?})),",
            path.display().to_string()
        );
        let (pack, diagnostics) = pack::Pack::parse_all(&name, &fs::read_to_string(&path)?);
        let errors = diagnostics
            .iter()
            .filter(|diagnostic| diagnostic.level == model::Level::Error);
        for error in errors {
            faults += 1;
            // Cargo shows one line of a message.
            println!(
                "cargo::error=patterns/{}",
                error.to_string().replace('\n', " ")
            );
        }
        packs.push(pack);
    }
    list.push_str("];\n");
    if faults > 0 {
        return Ok(ExitCode::FAILURE);
    }
    let database = db::Database::compile(
        packs.iter().map(|pack| pack.info.clone()).collect(),
        packs
            .iter()
            .flat_map(|pack| &pack.entries)
            .map(|entry| &entry.rule),
    );
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    fs::write(out.join("builtin.rs"), list)?;
    fs::write(out.join("builtin.descale"), database.to_bytes())?;
    Ok(ExitCode::SUCCESS)
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) -> io::Result<()> {
    if !folder.is_dir() {
        return Ok(());
    }
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            println!("cargo::rerun-if-changed={}", path.display());
            collect(&path, paths)?;
        } else if path
            .extension()
            .is_some_and(|extension| extension == "toml")
        {
            paths.push(path);
        }
    }
    Ok(())
}
