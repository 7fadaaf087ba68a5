//! The journal of a run that writes many files: which of them are done, so that a run that was killed can be gone on with.
//!
//! A file's line is written *before* the file takes its place, and says what will stand there. So a line without its file means that the file
//! is to be done again, and never the other way round. Where the ledger and the list of faults end with that file stands in the same line.

mod entry;
mod lines;
mod stream;

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::Result;
use descale::report::Summary;
use xxhash_rust::xxh3::Xxh3;

use entry::{Counts, Entry};
use lines::Lines;

pub(crate) use entry::Identity;
pub(crate) use lines::Which;
pub(crate) use stream::{Begun, Stream};

use super::document::Done;
use super::inputs::Source;

/// The name of a journal, unless `--journal` says otherwise.
pub(crate) const NAME: &str = ".descale-journal";

/// A journal that is being written.
#[derive(Debug)]
pub(crate) struct Journal {
    lines: Lines,
    began: SystemTime,
    before: Before,
    /// What is known of the source whose parts are coming in.
    current: Current,
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
    /// Begins a journal, or goes on with the one that is there.
    pub(crate) fn open(which: &Which<'_>) -> Result<Self> {
        let (mut lines, text) = Lines::open(which)?;
        let (before, kept) = Before::read(&text.unwrap_or_default(), lines.head());
        lines.cut(kept).map_err(|error| which.failed(&error))?;
        if !before.is_empty() {
            lines.begin();
        }
        Ok(Self {
            lines,
            began: SystemTime::now(),
            before,
            current: Current::default(),
        })
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
            self.lines.cut(line)?;
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
        self.lines.begin();
        self.lines.add(&entry)
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
        self.lines.path()
    }

    /// Removes the journal of a run that did all there was to do.
    pub(crate) fn remove(self) -> io::Result<()> {
        self.lines.remove()
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

    /// Reads the lines of a journal, of which the first begins at the byte `head`: what they say, and where the last whole one ends.
    fn read(text: &str, head: u64) -> (Self, u64) {
        let mut before = Self::default();
        let mut length = head;
        for line in text.split_inclusive('\n') {
            // A line that was being written when the process was killed is the last one.
            let Some(entry) = lines::read::<Entry>(line) else {
                break;
            };
            before.last = Some((entry.path.clone(), length));
            length += line.len() as u64;
            before.lengths[1] = before.lengths[0];
            before.lengths[0] = Lengths {
                ledger: entry.ledger,
                errors: entry.errors,
            };
            before.done.insert(entry.path.clone(), entry);
        }
        (before, length)
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
