//! The journal of a run that writes many files: which of them are done, so that a run that was killed can be gone on with.
//!
//! A file's line is written *before* the file takes its place, and says what will stand there. So a line without its file means that the file
//! is to be done again, and never the other way round. Where the ledger and the list of faults end with that file stands in the same line.

mod entry;

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Result, anyhow, bail};
use descale::report::Summary;
use xxhash_rust::xxh3::Xxh3;

use entry::{Counts, Entry, Header, SCHEMA};

pub(crate) use entry::Identity;

use super::console::Console;
use super::document::Done;
use super::inputs::{Source, cause};

/// The name of a journal, unless `--journal` says otherwise.
pub(crate) const NAME: &str = ".descale-journal";

/// A journal that is being written.
#[derive(Debug)]
pub(crate) struct Journal {
    path: PathBuf,
    file: File,
    began: SystemTime,
    before: Before,
    /// What is known of the source whose parts are coming in.
    current: Current,
    /// Whether it says anything yet.
    begun: bool,
}

#[derive(Debug, Default)]
struct Current {
    summary: Summary,
    faults: usize,
    lengths: Lengths,
}

/// How long the files are that a run adds to, document by document.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Lengths {
    /// The ledger.
    pub(crate) ledger: Option<u64>,
    /// The list of faults.
    pub(crate) errors: Option<u64>,
}

/// What an earlier run did.
#[derive(Debug, Default)]
pub(crate) struct Before {
    done: HashMap<String, Entry>,
    /// The last line's path, and where the line begins: its file may not have taken its place.
    last: Option<(String, u64)>,
    /// Lengths with all files, and without the last one.
    lengths: [Lengths; 2],
    /// Records and files that failed.
    pub(crate) faults: usize,
    /// Counts.
    pub(crate) summary: Summary,
}

impl Journal {
    /// Begins a journal; with `resume`, goes on with the one that is there, if it is of a run with the same `options`.
    pub(crate) fn open(
        path: &Path,
        options: &str,
        ledger: Option<&Path>,
        resume: bool,
        console: &Console,
    ) -> Result<Self> {
        let shown = path.display();
        let failed = |error: io::Error| anyhow!("--journal {shown}: {}", cause(&error));
        let mut file = File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .map_err(failed)?;
        if is_held(&file) {
            // Both would write the same files, and each would take the other's for its own.
            bail!("{shown}: another run is writing to these files; wait for it to end");
        }
        let mut text = String::new();
        // What is not UTF-8 is no journal of ours.
        let readable = file.read_to_string(&mut text).is_ok();
        let header = Header {
            kind: "descale-journal".to_owned(),
            schema: SCHEMA,
            engine: concat!("descale ", env!("CARGO_PKG_VERSION")).to_owned(),
            options: options.to_owned(),
            ledger: ledger.map(key),
        };
        let mut before = Before::default();
        let mut kept = 0;
        match (resume, text.is_empty()) {
            (true, true) => console.warning(&format!(
                "nothing to go on with: there was no journal at {shown}; all files are done"
            )),
            (false, true) => {}
            (false, false) => console.warning(&format!(
                "{shown}: an earlier run did not end; this one begins anew (--resume would go on with it)"
            )),
            (true, false) => match Before::read(&text, &header) {
                Ok((read, length)) if readable => (before, kept) = (read, length),
                Ok(_) => console.warning(&format!(
                    "{shown}: this is no journal; all files are done anew"
                )),
                Err(Unlike::Ledger(ledger)) => bail!(
                    "{shown}: the run that was interrupted {}; do the same, or begin anew without --resume",
                    ledger.map_or_else(
                        || "kept no ledger".to_owned(),
                        |path| format!("kept its ledger with --ledger {path}")
                    )
                ),
                Err(Unlike::Run(why)) => {
                    console.warning(&format!("{shown}: {why}; all files are done anew"));
                }
            },
        }
        file.set_len(kept as u64).map_err(failed)?;
        file.seek(SeekFrom::End(0)).map_err(failed)?;
        let mut journal = Self {
            path: path.to_path_buf(),
            file,
            began: SystemTime::now(),
            begun: !before.is_empty(),
            before,
            current: Current::default(),
        };
        if kept == 0 {
            journal.line(&header).map_err(failed)?;
        }
        Ok(journal)
    }

    /// Whether another run is writing this journal.
    pub(crate) fn is_busy(path: &Path) -> bool {
        File::open(path).is_ok_and(|file| is_held(&file))
    }

    /// Leaves out of `sources` what an earlier run did, if it is still as that run left it; `target` says which file is written for a source.
    /// Answers how many are left out.
    pub(crate) fn skip_done(
        &mut self,
        sources: &mut Vec<Source>,
        target: impl Fn(&Source) -> Option<PathBuf>,
    ) -> io::Result<usize> {
        let count = sources.len();
        let mut untrue = None;
        sources.retain(|source| {
            let (Some(path), Some(target)) = (&source.path, target(source)) else {
                return true;
            };
            let key = key(path);
            let Some(entry) = self.before.done.get(&key) else {
                return true;
            };
            if is_done(entry, path, &target) {
                return false;
            }
            // It is done again, and counted then.
            self.before.done.remove(&key);
            if let Some((_, line)) = self.before.last.take_if(|(last, _)| *last == key) {
                self.before.lengths[0] = self.before.lengths[1];
                untrue = Some(line);
            }
            true
        });
        // A line that did not come true is taken back: were this run killed at the same place, the next one would count what it says as done.
        if let Some(line) = untrue {
            self.file.set_len(line)?;
            self.file.seek(SeekFrom::End(0))?;
        }
        for entry in self.before.done.values() {
            self.before.summary.merge(&(&entry.counts).into());
            self.before.faults += entry.faults;
        }
        Ok(count - sources.len())
    }

    /// What an earlier run did.
    pub(crate) fn before(&self) -> &Before {
        &self.before
    }

    /// Counts a part of a source, and hears how long the ledger and the list of faults are with it.
    pub(crate) fn count(&mut self, done: &Done, lengths: Lengths) {
        self.current.summary.merge(&done.summary);
        self.current.faults += done.faults.len();
        self.current.lengths = lengths;
    }

    /// Sets down a file that is about to take the place of its source.
    pub(crate) fn note_in_place(&mut self, source: &Path, written: Identity) -> io::Result<()> {
        self.note(source, None, written)
    }

    /// Sets a file down, just before it takes its place. `read` is what its source was, if another file is written.
    fn note(&mut self, source: &Path, read: Option<Identity>, written: Identity) -> io::Result<()> {
        let current = &self.current;
        let entry = Entry {
            path: key(source),
            source: read,
            written,
            ledger: current.lengths.ledger,
            errors: current.lengths.errors,
            faults: current.faults,
            counts: Counts::from(&current.summary),
        };
        self.begun = true;
        self.line(&entry)
    }

    /// Sets down a copy. One whose source changed since this run began is left out: what was read of it may be old.
    pub(crate) fn note_copy(&mut self, source: &Path, written: Identity) -> io::Result<()> {
        let data = source.metadata()?;
        if data.modified().is_ok_and(|time| time < self.began) {
            self.note(source, Some(Identity::of_source(&data)), written)?;
        }
        Ok(())
    }

    /// Sets down a file that stays as it is. One that changed since this run began is left out: what was read of it may be old.
    pub(crate) fn note_unchanged(&mut self, source: &Path) -> io::Result<()> {
        let data = source.metadata()?;
        if data.modified().is_ok_and(|time| time < self.began) {
            self.note(source, None, Identity::of(&data))?;
        }
        Ok(())
    }

    /// Ends the source whose parts came in.
    pub(crate) fn next(&mut self) {
        self.current = Current::default();
    }

    /// Its file.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Removes the journal of a run that did all there was to do.
    pub(crate) fn remove(self) -> io::Result<()> {
        fs::remove_file(&self.path)
    }

    /// One write a line, so that a killed process leaves whole lines and at most the beginning of one.
    fn line(&mut self, value: &impl serde::Serialize) -> io::Result<()> {
        let mut line = serde_json::to_vec(value)?;
        line.push(b'\n');
        self.file.write_all(&line)
    }
}

/// Why a journal cannot be gone on with.
enum Unlike {
    /// It is of another run.
    Run(String),
    /// It is of a run with this ledger: going on without it, or with another, would lose the way back.
    Ledger(Option<String>),
}

impl Drop for Journal {
    /// A run that ends before its first file leaves nothing to go on with.
    fn drop(&mut self) {
        if !self.begun {
            let _ = fs::remove_file(&self.path);
        }
    }
}

impl Before {
    /// Whether it did anything.
    pub(crate) fn is_empty(&self) -> bool {
        self.done.is_empty()
    }

    /// How long the ledger and the list of faults are with all that is done; nothing when nothing is.
    pub(crate) fn lengths(&self) -> Lengths {
        self.lengths[0]
    }

    /// Reads a journal: what it says, and how many of its bytes do.
    fn read(text: &str, header: &Header) -> Result<(Self, usize), Unlike> {
        let mut lines = text.split_inclusive('\n');
        let first = lines.next().unwrap_or_default();
        let found: Header = serde_json::from_str(first)
            .map_err(|_| Unlike::Run("this is no journal, or its beginning is lost".to_owned()))?;
        if found.schema != header.schema || found.engine != header.engine {
            return Err(Unlike::Run(format!("written by {}", found.engine)));
        }
        if found.options != header.options {
            return Err(Unlike::Run(
                "written with other options, packs or settings".to_owned(),
            ));
        }
        if found.ledger != header.ledger {
            return Err(Unlike::Ledger(found.ledger));
        }
        let mut before = Self::default();
        let mut length = first.len();
        for line in lines {
            // A line that was being written when the process was killed is the last one.
            let Ok(entry) = serde_json::from_str::<Entry>(line) else {
                break;
            };
            if !line.ends_with('\n') {
                break;
            }
            before.last = Some((entry.path.clone(), length as u64));
            length += line.len();
            before.lengths[1] = before.lengths[0];
            before.lengths[0] = Lengths {
                ledger: entry.ledger,
                errors: entry.errors,
            };
            before.done.insert(entry.path.clone(), entry);
        }
        Ok((before, length))
    }
}

/// Whether a file is as its line says it will be.
fn is_done(entry: &Entry, source: &Path, target: &Path) -> bool {
    if let Some(read) = &entry.source {
        let now = source.metadata().map(|data| Identity::of_source(&data));
        if now.ok().as_ref() != Some(read) {
            return false;
        }
    }
    let Ok(data) = target.metadata() else {
        return false;
    };
    let now = Identity::of(&data);
    let written = &entry.written;
    if now.size != written.size {
        return false;
    }
    // A copied or restored folder has other times and the same bytes.
    now.mtime == written.mtime
        || written.hash.is_some() && hash_of(target).ok().as_ref() == written.hash.as_ref()
}

fn hash_of(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let mut hasher = Xxh3::new();
    let mut buffer = vec![0; 256 << 10];
    loop {
        let count = file.read(&mut buffer)?;
        if count == 0 {
            return Ok(digits(&hasher));
        }
        hasher.update(&buffer[..count]);
    }
}

/// A hash as the journal writes it.
pub(crate) fn digits(hasher: &Xxh3) -> String {
    format!("{:032x}", hasher.digest128())
}

/// A source's name in the journal, wherever the command is started from.
fn key(path: &Path) -> String {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    path.to_string_lossy().into_owned()
}

/// Whether another process writes the journal; if not, this one does from now on.
#[cfg(unix)]
fn is_held(file: &File) -> bool {
    use rustix::fs::{FlockOperation, flock};
    flock(file, FlockOperation::NonBlockingLockExclusive) == Err(rustix::io::Errno::WOULDBLOCK)
}

#[cfg(not(unix))]
fn is_held(_: &File) -> bool {
    false
}
