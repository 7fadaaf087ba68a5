//! `--resume` and `--journal`: whether a run keeps a journal, where, and what it takes over from an earlier one.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use clap::Args;
use descale::Cleaner;
use xxhash_rust::xxh3::xxh3_128;

use super::args::{InputArgs, RuleArgs};
use super::console::Console;
use super::inputs::{self, Inputs};
use super::journal::{self, Journal};
use super::output::Output;
use super::signals;

/// How a run that was interrupted is gone on with.
#[derive(Args, Debug)]
pub(crate) struct ResumeArgs {
    /// Go on with a run that was interrupted (-w, or -o with a folder): what it did is not done again
    ///
    /// Such a run keeps a journal while it lasts, .descale-journal in the folder that is written to. Files that changed since are done again; all
    /// are when options or packs differ. --ledger and --errors go on where the last file that was done ends.
    #[arg(long, conflicts_with_all = ["diff", "check"])]
    resume: bool,
    /// Keep the journal in this file
    #[arg(long, value_name = "FILE", conflicts_with_all = ["diff", "check"])]
    journal: Option<PathBuf>,
}

impl ResumeArgs {
    /// Begins the journal of a run, or goes on with the one that is there. There is none for a single file, unless one was asked for.
    pub(crate) fn begin(
        &self,
        run: &Run<'_>,
        input: &InputArgs,
        console: &Console,
    ) -> Result<Option<Journal>> {
        let asked = self.resume || self.journal.is_some();
        let is_folder = |path: &PathBuf| path.is_dir();
        let many = input.paths.len() > 1 || input.paths.iter().any(is_folder);
        let Some(place) = run.folder(input) else {
            if asked {
                bail!(
                    "--resume goes on with runs that write a file for each they read; use it with -w, or with -o and a folder"
                );
            }
            return Ok(None);
        };
        if !asked && !many {
            return Ok(None);
        }
        let path = self
            .journal
            .clone()
            .unwrap_or_else(|| place.join(journal::NAME));
        if run.output.is_some()
            && let Some(folder) = path.parent().filter(|_| self.journal.is_none())
            && let Err(error) = std::fs::create_dir_all(folder)
        {
            bail!("-o {}: {}", folder.display(), inputs::cause(&error));
        }
        let opened = Journal::open(&path, &run.options(input), run.ledger, self.resume, console);
        let journal = match opened {
            Ok(journal) => journal,
            Err(error) if asked || Journal::is_busy(&path) => return Err(error),
            // The texts matter more; whoever may not write here hears of it for each of them.
            Err(error) => {
                console.note(&format!(
                    "{error}; the run cannot be gone on with if it is killed"
                ));
                return Ok(None);
            }
        };
        signals::set_hint(Some("; --resume goes on from here".to_owned()));
        inputs::keep_faults(input, !journal.before().is_empty(), console)?;
        Ok(Some(journal))
    }
}

/// What tells one run from another.
pub(crate) struct Run<'a> {
    /// What finds and cleans.
    pub(crate) cleaner: &'a Cleaner,
    /// How it was asked for.
    pub(crate) rules: &'a RuleArgs,
    /// Where the texts go; in place without it.
    pub(crate) output: Option<&'a Path>,
    /// Whether they are written in place.
    pub(crate) in_place: bool,
    /// The ledger.
    pub(crate) ledger: Option<&'a Path>,
}

impl Run<'_> {
    /// The folder of the journal, if each source has a file of its own.
    fn folder(&self, input: &InputArgs) -> Option<PathBuf> {
        if let Some(target) = self.output {
            return super::output::is_folder(target, input.paths.iter().any(|path| path.is_dir()))
                .then(|| target.to_path_buf());
        }
        let first = input.paths.first().filter(|_| self.in_place)?;
        if first.is_dir() {
            return Some(first.clone());
        }
        let folder = first
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        Some(folder.unwrap_or(Path::new(".")).to_path_buf())
    }

    /// A fingerprint of the packs and of all options that have a say in what is written.
    fn options(&self, input: &InputArgs) -> String {
        let packs = self.cleaner.database().packs().iter();
        let packs: Vec<_> = packs.map(|pack| (&pack.id, &pack.hash)).collect();
        let target = self
            .output
            .map(|path| std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf()));
        let all = format!("{:?}", (packs, self.rules, input.options(), target));
        format!("{:032x}", xxh3_128(all.as_bytes()))
    }
}

/// Leaves out what an earlier run did, takes over its counts, and says so.
pub(crate) fn skip_done(
    journal: &mut Journal,
    inputs: &mut Inputs,
    output: &Output,
    console: &Console,
) -> Result<()> {
    let all = inputs.sources.len();
    let skipped = match journal.skip_done(&mut inputs.sources, |source| output.target(source)) {
        Ok(skipped) => skipped,
        Err(error) => bail!("{}: {}", journal.path().display(), inputs::cause(&error)),
    };
    if let Some(length) = journal.before().lengths().errors
        && let Err(error) = console.cut_faults(length)
    {
        bail!("--errors: {}", inputs::cause(&error));
    }
    if skipped > 0 && !console.is_quiet() {
        console.raw(&format!(
            "going on: {skipped} of {all} files were done before\n"
        ));
    }
    let faults = journal.before().faults;
    if faults > 0 {
        console.earlier_faults(faults);
        let plural = if faults == 1 { "" } else { "s" };
        console.warning(&format!(
            "{faults} fault{plural} in the files that were done before"
        ));
    }
    Ok(())
}

/// Ends the journal: it is removed, unless files are left to do.
pub(crate) fn end(journal: Option<Journal>, undone: usize, console: &Console) {
    signals::set_hint(None);
    let Some(journal) = journal else { return };
    if undone > 0 {
        let (count, it) = if undone == 1 {
            ("1 file is".to_owned(), "it")
        } else {
            (format!("{undone} files are"), "them")
        };
        console.warning(&format!(
            "{count} not done; when the cause is mended, --resume does {it} alone"
        ));
        return;
    }
    let path = journal.path().to_path_buf();
    if let Err(error) = journal.remove() {
        console.warning(&format!(
            "{}: the journal could not be removed: {}",
            path.display(),
            inputs::cause(&error)
        ));
    }
}
