//! The files that a run writes beside its texts: none of them may be one that it reads, or one that it writes elsewhere.

use std::path::{Path, PathBuf};
use std::{env, fs};

use anyhow::{Result, bail};

use super::args::ReportArg;
use super::config;
use super::inputs::Source;

/// The files of `--report`, with their flags.
pub(crate) fn of_reports(reports: &[ReportArg]) -> impl Iterator<Item = (String, &Path)> {
    reports
        .iter()
        .map(|report| (format!("--report {}", report.format), report.path.as_path()))
}

/// Refuses targets that a source or another target stands for as well, before one of them is opened: opening empties a file. Each target comes with
/// the flag that named it. What is no regular file (`/dev/stdout`, a pipe) may be named as often as one likes.
pub(crate) fn distinct(targets: &[(String, &Path)], sources: &[Source]) -> Result<()> {
    let places: Vec<_> = targets.iter().map(|(_, path)| place(path)).collect();
    for (index, (flag, path)) in targets.iter().enumerate() {
        let Some(here) = &places[index] else { continue };
        let shown = path.display();
        if let Some(other) = places[..index]
            .iter()
            .position(|other| other.as_ref() == Some(here))
        {
            bail!(
                "{flag} {shown}: {} writes to this file as well; name another one",
                targets[other].0
            );
        }
        let reads = |source: &Source| source.path.as_deref().and_then(place).as_ref() == Some(here);
        // `Output` refuses -o itself, and names -w as the cure.
        if flag != "-o" && here.exists() && sources.iter().any(reads) {
            bail!("{flag} {shown}: this file is read as well, and would be lost; name another one");
        }
    }
    Ok(())
}

/// Refuses targets that are, or lie below, what the run reads beside its texts (packs, a baseline, a ledger), and files of standing choices.
pub(crate) fn spare<'p>(
    targets: &[(String, &Path)],
    read: impl IntoIterator<Item = &'p Path> + Clone,
) -> Result<()> {
    for (flag, path) in targets {
        let Some(here) = place(path).filter(|here| here.exists()) else {
            continue;
        };
        let reads = |path: &Path| fs::canonicalize(path).is_ok_and(|read| here.starts_with(read));
        let is_config = path
            .file_name()
            .is_some_and(|name| config::NAMES.iter().any(|known| name == *known));
        if is_config || read.clone().into_iter().any(reads) {
            bail!(
                "{flag} {}: this file is read as well, and would be lost; name another one",
                path.display()
            );
        }
    }
    Ok(())
}

/// Refuses a target that is opened before the paths are followed, when it is one of them or lies below one.
pub(crate) fn outside(flag: &str, target: &Path, paths: &[PathBuf]) -> Result<()> {
    spare(
        &[(flag.to_owned(), target)],
        paths.iter().map(PathBuf::as_path),
    )
}

/// Where a path leads, links followed; `None` when to no regular file. A file that does not exist yet is known by its folder.
fn place(path: &Path) -> Option<PathBuf> {
    if let Ok(here) = fs::canonicalize(path) {
        return here.is_file().then_some(here);
    }
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder
        .map_or_else(env::current_dir, fs::canonicalize)
        .ok()?;
    Some(folder.join(path.file_name()?))
}
