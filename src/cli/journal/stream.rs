//! The journal of a run that writes one file of all it reads: how far it came, again and again, so that a run that was killed can be gone on with.
//!
//! Each line is a mark: so much was read, and so much of the file was handed to the system before the line was written. After a power cut a mark may
//! be there without its part of the file; therefore it counts only if the file's bytes are those that it names.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow};
use descale::format::codec::{Border, Codec};
use descale::format::encoding::Encoding;
use descale::report::Summary;
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::Xxh3;

use super::super::atomic::{AtomicFile, Kept, left_of};
use super::super::console::Console;
use super::super::document::Done;
use super::super::form::{Form, Formed};
use super::super::inputs::{Source, cause};
use super::super::position::Position;
use super::entry::{Counts, Identity};
use super::lines::{self, Lines, Which};
use super::{Lengths, digits};

/// So many bytes are read and worked on between two marks, at least.
const APART: u64 = 4 << 20;

/// How many bytes are packed again at a time.
const PIECE: usize = 256 << 10;

/// How far a run came.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Mark {
    /// A fingerprint of what is read, by names, sizes and times.
    sources: String,
    /// How far it was read.
    position: Position,
    /// How many bytes of files that is.
    read: u64,
    /// How many bytes were written.
    written: u64,
    /// XXH3 of them.
    hash: String,
    /// What they are packed with.
    codec: String,
    /// Their encoding.
    encoding: String,
    /// What else must be known to go on with them.
    border: Border,
    /// Length of the ledger.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ledger: Option<u64>,
    /// Length of the list of faults.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    errors: Option<u64>,
    /// Faults since the mark before.
    faults: usize,
    /// Counts since the mark before.
    counts: Counts,
}

impl Mark {
    fn form(&self) -> Option<Form> {
        let codecs = [Codec::Plain, Codec::Gzip, Codec::Zstd];
        Some(Form {
            codec: codecs
                .into_iter()
                .find(|codec| codec.to_string() == self.codec)?,
            encoding: Encoding::of_label(&self.encoding)?,
        })
    }
}

/// The journal of a run with one output.
#[derive(Debug)]
pub(crate) struct Stream {
    lines: Lines,
    target: PathBuf,
    sources: String,
    /// What an earlier run noted, each with the place behind its line.
    marks: Vec<(Mark, u64)>,
    /// Whether there is an earlier run to be gone on with.
    goes_on: bool,
    /// What is taken over of it.
    begun: Begun,
    /// What came since the last mark.
    since: Since,
    /// How many bytes of files were read in all.
    read: u64,
}

/// What is taken over from an earlier run.
#[derive(Clone, Debug, Default)]
pub(crate) struct Begun {
    /// Where it is gone on from; at the beginning without it.
    pub(crate) position: Option<Position>,
    /// How many bytes of files stand before that.
    pub(crate) read: u64,
    /// How many bytes were written.
    pub(crate) written: u64,
    /// How long the ledger and the list of faults were.
    pub(crate) lengths: Lengths,
    /// Records and files that failed.
    pub(crate) faults: usize,
    /// Counts.
    pub(crate) summary: Summary,
}

#[derive(Debug, Default)]
struct Since {
    bytes: u64,
    faults: usize,
    summary: Summary,
    lengths: Lengths,
}

impl Stream {
    /// Begins the journal of a run that writes `target`, or goes on with the one that is there.
    pub(crate) fn open(which: &Which<'_>, target: &Path) -> Result<Self> {
        let (lines, text) = Lines::open(which)?;
        let mut end = lines.head();
        let goes_on = text.is_some();
        let text = text.unwrap_or_default();
        let marks = text.split_inclusive('\n').map_while(|line| {
            let mark = lines::read::<Mark>(line)?;
            end += line.len() as u64;
            Some((mark, end))
        });
        Ok(Self {
            marks: marks.collect(),
            goes_on,
            lines,
            target: target.to_path_buf(),
            sources: String::new(),
            begun: Begun::default(),
            since: Since::default(),
            read: 0,
        })
    }

    /// Whether an earlier run noted anything.
    pub(crate) fn has_marks(&self) -> bool {
        !self.marks.is_empty()
    }

    /// What is taken over from an earlier run.
    pub(crate) fn begun(&self) -> &Begun {
        &self.begun
    }

    /// Whether there is something to go on with.
    pub(crate) fn is_begun(&self) -> bool {
        self.lines.is_begun()
    }

    /// Its file.
    pub(crate) fn path(&self) -> &Path {
        self.lines.path()
    }

    /// Begins the output, or what is left of it by the run that is gone on with: then it comes in the form of its parts. `there` says how long the
    /// ledger and the list of faults are now.
    pub(crate) fn begin(
        &mut self,
        sources: &[Source],
        there: Lengths,
        console: &Console,
    ) -> Result<Result<Formed<AtomicFile>, AtomicFile>> {
        self.sources = fingerprint(sources);
        let failed = |error: &io::Error| anyhow!("{}: {}", self.target.display(), cause(error));
        let found = match self.marks.first() {
            None => Err(self
                .goes_on
                .then(|| "the run that was interrupted had noted nothing yet".to_owned())),
            Some((mark, _)) if mark.sources != self.sources => {
                Err(Some("what is read has changed since".to_owned()))
            }
            Some(_) => self.last_true(there).map_err(Some),
        };
        let (index, hasher) = match found {
            Ok(found) => found,
            Err(why) => {
                if let Some(why) = why {
                    let shown = self.lines.path().display();
                    console.warning(&format!("{shown}: {why}; all is done anew"));
                }
                self.marks.clear();
                self.lines
                    .cut(self.lines.head())
                    .map_err(|error| failed(&error))?;
                let file = AtomicFile::create_kept(&self.target);
                return file.map(Err).map_err(|error| failed(&error));
            }
        };
        let file = self.reopen(index, hasher).map_err(|error| failed(&error))?;
        self.lines
            .cut(self.marks[index].1)
            .map_err(|error| failed(&error))?;
        self.lines.begin();
        self.marks.truncate(index + 1);
        for (mark, _) in std::mem::take(&mut self.marks) {
            self.begun.summary.merge(&(&mark.counts).into());
            self.begun.faults += mark.faults;
            self.begun.read = mark.read;
            self.begun.written = mark.written;
            self.begun.lengths = Lengths {
                ledger: mark.ledger,
                errors: mark.errors,
            };
            self.begun.position = Some(mark.position);
        }
        self.read = self.begun.read;
        Ok(Ok(file))
    }

    /// The last mark that is true, with what has heard of the bytes before it; else why none is.
    fn last_true(&self, there: Lengths) -> Result<(usize, Xxh3), String> {
        let gone = |error: io::Error| {
            format!(
                "what was written of {} is not there any more ({})",
                self.target.display(),
                cause(&error)
            )
        };
        let mut file = left_of(&self.target).map_err(gone)?;
        let mut hasher = Xxh3::new();
        let mut at = 0;
        let mut last = None;
        let mut buffer = vec![0; PIECE];
        for (index, (mark, _)) in self.marks.iter().enumerate() {
            let is_longer = |mark: Option<u64>, there: Option<u64>| {
                mark.is_some_and(|mark| there.is_some_and(|there| mark > there))
            };
            if is_longer(mark.ledger, there.ledger) || is_longer(mark.errors, there.errors) {
                break;
            }
            let mut missing = (&mut file).take(mark.written.saturating_sub(at));
            loop {
                match missing.read(&mut buffer) {
                    Ok(0) => break,
                    Ok(count) => hasher.update(&buffer[..count]),
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(error) => return Err(gone(error)),
                }
            }
            at = mark.written;
            if digits(&hasher) != mark.hash || mark.form().is_none() {
                break;
            }
            last = Some((index, hasher.clone()));
        }
        let none = || {
            format!(
                "what was written of {} is not what the journal names",
                self.target.display()
            )
        };
        let (index, hasher) = last.ok_or_else(none)?;
        if self.marks[index].0.border.content() == 0 {
            return Ok((index, hasher));
        }
        // What the encoder held back when the process was killed cannot be unpacked from the file.
        let mut content = self.content().map_err(gone)?;
        let mut held = 0;
        // The data ends in the middle, which is no news.
        while let Ok(count @ 1..) = content.read(&mut buffer) {
            held += count as u64;
        }
        let whole = |(mark, _): &(Mark, u64)| mark.border.content() <= held;
        let index = self.marks[..=index]
            .iter()
            .rposition(whole)
            .ok_or_else(none)?;
        Ok((index, hasher))
    }

    /// The content of what an earlier run left, unpacked.
    fn content(&self) -> io::Result<Box<dyn Read + Send>> {
        let file: File = left_of(&self.target)?;
        Codec::Zstd.reader(BufReader::with_capacity(PIECE, file))
    }

    /// Opens what an earlier run left, as it was at a mark.
    fn reopen(&self, index: usize, hasher: Xxh3) -> io::Result<Formed<AtomicFile>> {
        let mark = &self.marks[index].0;
        let form = mark.form().unwrap_or_default();
        let mut missing = mark.border.content();
        let file = AtomicFile::reopen(&self.target, mark.written, hasher, missing > 0)?;
        let mut formed = Formed::resume(form, file, mark.border)?;
        if missing > 0 {
            let mut content = self.content()?;
            while missing > 0 {
                let mut piece = Vec::new();
                let most = missing.min(PIECE as u64);
                (&mut content).take(most).read_to_end(&mut piece)?;
                missing -= piece.len() as u64;
                formed.repeat(piece)?;
            }
            formed.get_mut().go_on()?;
        }
        Ok(formed)
    }

    /// Counts a part, and hears how long the ledger and the list of faults are with it.
    pub(crate) fn count(&mut self, done: &Done, lengths: Lengths) {
        self.read += done.read;
        self.since.bytes += done.read + done.summary.bytes_in as u64;
        self.since.faults += done.faults.len();
        self.since.summary.merge(&done.summary);
        self.since.lengths = lengths;
    }

    /// Whether it is time for a mark.
    pub(crate) fn is_due(&self) -> bool {
        self.since.bytes >= APART
    }

    /// Notes how far the run came; what was written was handed to the system before.
    pub(crate) fn note(
        &mut self,
        position: Position,
        kept: Kept,
        form: Form,
        border: Border,
    ) -> io::Result<()> {
        let since = std::mem::take(&mut self.since);
        let mark = Mark {
            sources: self.sources.clone(),
            position,
            read: self.read,
            written: kept.length,
            hash: kept.hash,
            codec: form.codec.to_string(),
            encoding: form.encoding.to_string(),
            border,
            ledger: since.lengths.ledger,
            errors: since.lengths.errors,
            faults: since.faults,
            counts: Counts::from(&since.summary),
        };
        self.lines.begin();
        self.lines.add(&mark)
    }

    /// Removes the journal of a run that did all there was to do.
    pub(crate) fn remove(self) -> io::Result<()> {
        self.lines.remove()
    }
}

/// What the system says of all that is read.
fn fingerprint(sources: &[Source]) -> String {
    let mut hasher = Xxh3::new();
    for source in sources {
        let file = source.path.as_deref().map(|path| {
            let data = path.metadata().ok().filter(std::fs::Metadata::is_file);
            (
                super::key(path),
                data.map(|data| Identity::of_source(&data)),
            )
        });
        hasher.update(format!("{file:?}\n").as_bytes());
    }
    digits(&hasher)
}
