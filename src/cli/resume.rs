//! `--resume` and `--journal`: whether a run keeps a journal, where, and what it takes over from an earlier one.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use clap::Args;
use descale::Cleaner;
use descale::report::Summary;
use xxhash_rust::xxh3::xxh3_128;

use super::args::{InputArgs, RuleArgs};
use super::console::Console;
use super::document::Done;
use super::inputs::{self, Inputs};
use super::journal::{self, Begun, Journal, Lengths, Stream, Which};
use super::output::Output;
use super::position::Position;
use super::{atomic, signals};

/// How a run that was interrupted is gone on with.
#[derive(Args, Debug)]
pub(crate) struct ResumeArgs {
    /// Go on with a run that was interrupted (-w or -o): what it did is not done again
    ///
    /// A run that writes many files keeps a journal while it lasts, .descale-journal in the folder that is written to. So does one that writes a single
    /// FILE of 64 MiB or more, or with --resume or --journal: .FILE.descale-journal beside it, and .FILE.descale-part for what is written so far. What
    /// changed since is done again; all is when options or packs differ. --ledger and --errors go on where the last part that was done ends.
    #[arg(long, conflicts_with_all = ["diff", "check"])]
    resume: bool,
    /// Keep the journal in this file
    #[arg(long, value_name = "FILE", conflicts_with_all = ["diff", "check"])]
    journal: Option<PathBuf>,
}

/// So many bytes are worth a journal for a single output: less is done again as soon as it is gone on with.
const LARGE: u64 = 64 << 20;

/// The end of the name of a single output's journal.
const SUFFIX: &str = ".descale-journal";

impl ResumeArgs {
    /// Begins the journal of a run, or goes on with the one that is there. There is none for a single small file, unless one was asked for.
    pub(crate) fn begin(
        &self,
        run: &Run<'_>,
        input: &InputArgs,
        console: &Console,
    ) -> Result<Journals> {
        let asked = self.resume || self.journal.is_some();
        let Some(place) = run.place(input) else {
            if asked {
                bail!(
                    "--resume goes on with runs that write files; use it with -w, or with -o and a file or folder"
                );
            }
            return Ok(Journals::Nothing);
        };
        let path = self.journal.clone().unwrap_or_else(|| match &place {
            Place::Folder(folder) => folder.join(journal::NAME),
            Place::File(target) => atomic::kept_beside(target, SUFFIX),
        });
        let is_worth_it = match &place {
            Place::Folder(_) => {
                input.paths.len() > 1 || input.paths.iter().any(|path| path.is_dir())
            }
            // A journal that is there is of a run that did not end.
            Place::File(_) => size(&input.paths) >= LARGE || path.exists(),
        };
        if !asked && !is_worth_it {
            return Ok(Journals::Nothing);
        }
        if let (Place::Folder(folder), Some(_), None) = (&place, run.output, &self.journal)
            && let Err(error) = std::fs::create_dir_all(folder)
        {
            bail!("-o {}: {}", folder.display(), inputs::cause(&error));
        }
        let which = Which {
            path: &path,
            options: run.options(input),
            ledger: run.ledger,
            resume: self.resume,
            console,
        };
        let opened = match &place {
            Place::Folder(_) => Journal::open(&which).map(Journals::Files),
            Place::File(target) => Stream::open(&which, target).map(Journals::Stream),
        };
        let kept = match opened {
            Ok(kept) => kept,
            Err(error) if asked || which.is_busy() => return Err(error),
            // The texts matter more; whoever may not write here hears of it for each of them.
            Err(error) => {
                console.note(&format!(
                    "{error}; the run cannot be gone on with if it is killed"
                ));
                return Ok(Journals::Nothing);
            }
        };
        signals::set_hint(Some("; --resume goes on from here".to_owned()));
        let goes_on = match &kept {
            Journals::Nothing => false,
            Journals::Files(journal) => !journal.before().is_empty(),
            Journals::Stream(stream) => stream.has_marks(),
        };
        inputs::keep_faults(input, goes_on, console)?;
        Ok(kept)
    }
}

/// How large the files are that are named.
fn size(paths: &[PathBuf]) -> u64 {
    let data = paths.iter().filter_map(|path| path.metadata().ok());
    data.filter(std::fs::Metadata::is_file)
        .map(|data| data.len())
        .sum()
}

/// Where a run writes, as far as its journal is concerned.
enum Place {
    /// A file for each that is read, in this folder or below it.
    Folder(PathBuf),
    /// One file of all that is read.
    File(PathBuf),
}

/// What is kept to go on with a run that is interrupted.
pub(crate) enum Journals {
    /// Nothing.
    Nothing,
    /// Which of many files are done.
    Files(Journal),
    /// How far the one file is written.
    Stream(Stream),
}

impl Journals {
    /// The journal of files.
    pub(crate) fn files(&mut self) -> Option<&mut Journal> {
        match self {
            Self::Files(journal) => Some(journal),
            _ => None,
        }
    }

    /// The journal of one file.
    pub(crate) fn stream(&mut self) -> Option<&mut Stream> {
        match self {
            Self::Stream(stream) => Some(stream),
            _ => None,
        }
    }

    /// Whether anything is kept.
    pub(crate) fn is_some(&self) -> bool {
        !matches!(self, Self::Nothing)
    }

    /// How long the ledger and the list of faults are with all that was done before; nothing when nothing was.
    pub(crate) fn lengths(&self) -> Lengths {
        match self {
            Self::Nothing => Lengths::default(),
            Self::Files(journal) => journal.before().lengths(),
            Self::Stream(stream) => stream.begun().lengths,
        }
    }

    /// What was counted before.
    pub(crate) fn summary(&self) -> Summary {
        match self {
            Self::Nothing => Summary::default(),
            Self::Files(journal) => journal.before().summary.clone(),
            Self::Stream(stream) => stream.begun().summary.clone(),
        }
    }

    /// Where what is read is gone on with.
    pub(crate) fn begun(&self) -> Begun {
        match self {
            Self::Stream(stream) => stream.begun().clone(),
            _ => Begun::default(),
        }
    }

    /// Counts a part, and hears how long the ledger and the list of faults are with it.
    pub(crate) fn count(&mut self, done: &Done, lengths: Lengths) {
        match self {
            Self::Nothing => {}
            Self::Files(journal) => journal.count(done, lengths),
            Self::Stream(stream) => stream.count(done, lengths),
        }
    }

    /// Notes what became of a part that was written.
    pub(crate) fn note(
        &mut self,
        output: &mut Output,
        position: Option<Position>,
        is_last: bool,
    ) -> Result<()> {
        match self {
            Self::Files(journal) if is_last => journal.next(),
            Self::Stream(stream) if stream.is_due() => {
                if let Some(position) = position
                    && let Some((kept, form, border)) = output.keep()?
                    && let Err(error) = stream.note(position, kept, form, border)
                {
                    bail!("{}: {}", stream.path().display(), inputs::cause(&error));
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Says that a run which fails can be gone on with.
    pub(crate) fn fail(&self, console: &Console) {
        if let Self::Stream(stream) = self
            && stream.is_begun()
        {
            console.warning(
                "what was written so far is kept; when the cause is mended, --resume goes on from there",
            );
        }
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
    /// Where the run writes, unless it goes to the standard output or into a pipe.
    fn place(&self, input: &InputArgs) -> Option<Place> {
        if let Some(target) = self.output {
            let reads_folder = input.paths.iter().any(|path| path.is_dir());
            if super::output::is_folder(target, reads_folder) {
                return Some(Place::Folder(target.to_path_buf()));
            }
            let is_file = target.metadata().map_or(true, |data| data.is_file());
            return is_file.then(|| Place::File(target.to_path_buf()));
        }
        let first = input.paths.first().filter(|_| self.in_place)?;
        if first.is_dir() {
            return Some(Place::Folder(first.clone()));
        }
        let folder = first
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        Some(Place::Folder(
            folder.unwrap_or(Path::new(".")).to_path_buf(),
        ))
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
    kept: &mut Journals,
    inputs: &mut Inputs,
    output: &Output,
    console: &Console,
) -> Result<()> {
    let all = inputs.sources.len();
    let (going_on, faults, errors) = match kept {
        Journals::Nothing => return Ok(()),
        Journals::Files(journal) => {
            let skipped =
                match journal.skip_done(&mut inputs.sources, |source| output.target(source)) {
                    Ok(skipped) => skipped,
                    Err(error) => bail!("{}: {}", journal.path().display(), inputs::cause(&error)),
                };
            let before = journal.before();
            let going_on = format!("{skipped} of {all} files were done before");
            let going_on = (skipped > 0).then_some(going_on);
            (going_on, before.faults, before.lengths().errors)
        }
        Journals::Stream(stream) => {
            let begun = stream.begun();
            let going_on = begun
                .position
                .as_ref()
                .map(|_| format!("{} bytes of the output were written before", begun.written));
            // Without a mark that counts, what the earlier run met is met again.
            let errors = begun
                .lengths
                .errors
                .or(Some(0).filter(|_| begun.position.is_none()));
            (going_on, begun.faults, errors)
        }
    };
    if let Some(length) = errors
        && let Err(error) = console.cut_faults(length)
    {
        bail!("--errors: {}", inputs::cause(&error));
    }
    if let Some(going_on) = going_on
        && !console.is_quiet()
    {
        console.raw(&format!("going on: {going_on}\n"));
    }
    if faults > 0 {
        console.earlier_faults(faults);
        let plural = if faults == 1 { "" } else { "s" };
        let place = match kept {
            Journals::Stream(_) => "what",
            _ => "the files that",
        };
        let verb = if matches!(kept, Journals::Stream(_)) {
            "was"
        } else {
            "were"
        };
        console.warning(&format!(
            "{faults} fault{plural} in {place} {verb} done before"
        ));
    }
    Ok(())
}

/// Ends the journal: it is removed, unless files are left to do.
pub(crate) fn end(kept: Journals, undone: usize, console: &Console) {
    signals::set_hint(None);
    let (path, removed) = match kept {
        Journals::Nothing => return,
        Journals::Files(_) if undone > 0 => {
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
        Journals::Files(journal) => (journal.path().to_path_buf(), journal.remove()),
        // The one file is in its place, so there is nothing left to go on with.
        Journals::Stream(stream) => (stream.path().to_path_buf(), stream.remove()),
    };
    if let Err(error) = removed {
        console.warning(&format!(
            "{}: the journal could not be removed: {}",
            path.display(),
            inputs::cause(&error)
        ));
    }
}
