//! The file of a journal: a line that says which run it is of, then lines that are added one by one.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use anyhow::{Error, Result, anyhow, bail};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::super::atomic::is_held;
use super::super::console::Console;
use super::super::inputs::cause;
use super::entry::{Header, SCHEMA};
use super::key;

/// Which run a journal is of.
pub(crate) struct Which<'a> {
    /// The journal's file.
    pub(crate) path: &'a Path,
    /// A fingerprint of the packs and of all options that have a say in what is written.
    pub(crate) options: String,
    /// The ledger of the run.
    pub(crate) ledger: Option<&'a Path>,
    /// Whether an earlier run is to be gone on with.
    pub(crate) resume: bool,
    /// Where to say what becomes of an earlier run's journal.
    pub(crate) console: &'a Console,
}

impl Which<'_> {
    /// An error of the journal's file.
    pub(super) fn failed(&self, error: &io::Error) -> Error {
        anyhow!("--journal {}: {}", self.path.display(), cause(error))
    }

    fn header(&self) -> Header {
        Header {
            kind: "descale-journal".to_owned(),
            schema: SCHEMA,
            engine: concat!("descale ", env!("CARGO_PKG_VERSION")).to_owned(),
            options: self.options.clone(),
            ledger: self.ledger.map(key),
        }
    }

    /// Whether another run is writing this journal.
    pub(crate) fn is_busy(&self) -> bool {
        File::open(self.path).is_ok_and(|file| is_held(&file))
    }
}

/// A journal's file, which no other run writes to meanwhile.
#[derive(Debug)]
pub(super) struct Lines {
    path: PathBuf,
    file: File,
    /// Where the first line behind the header begins.
    head: u64,
    /// Whether there is anything to go on with.
    begun: bool,
}

impl Lines {
    /// Opens a journal, and answers what stands in it behind its first line; `None` if it is begun anew, and then what was there is gone.
    pub(super) fn open(which: &Which<'_>) -> Result<(Self, Option<String>)> {
        let (path, shown) = (which.path, which.path.display());
        let mut file = File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .map_err(|error| which.failed(&error))?;
        if is_held(&file) {
            // Both would write the same files, and each would take the other's for its own.
            bail!("{shown}: another run is writing to these files; wait for it to end");
        }
        let mut text = String::new();
        // What is not UTF-8 is no journal of ours.
        let readable = file.read_to_string(&mut text).is_ok();
        let header = which.header();
        let mut kept = None;
        let console = which.console;
        match (which.resume, text.is_empty() && readable) {
            (true, true) => console.warning(&format!(
                "nothing to go on with: there was no journal at {shown}; all is done"
            )),
            (false, true) => {}
            (false, false) => console.warning(&format!(
                "{shown}: an earlier run did not end; this one begins anew (--resume would go on with it)"
            )),
            (true, false) => match first_line(&text, &header) {
                Ok(length) if readable => kept = Some(length),
                Ok(_) => console.warning(&format!(
                    "{shown}: this is no journal; all is done anew"
                )),
                Err(Unlike::Ledger(ledger)) => bail!(
                    "{shown}: the run that was interrupted {}; do the same, or begin anew without --resume",
                    ledger.map_or_else(
                        || "kept no ledger".to_owned(),
                        |path| format!("kept its ledger with --ledger {path}")
                    )
                ),
                Err(Unlike::Run(why)) => {
                    console.warning(&format!("{shown}: {why}; all is done anew"));
                }
            },
        }
        let mut lines = Self {
            path: path.to_path_buf(),
            file,
            head: kept.unwrap_or_default() as u64,
            begun: false,
        };
        let Some(kept) = kept else {
            lines.cut(0).map_err(|error| which.failed(&error))?;
            lines.add(&header).map_err(|error| which.failed(&error))?;
            lines.head = lines
                .file
                .stream_position()
                .map_err(|error| which.failed(&error))?;
            return Ok((lines, None));
        };
        Ok((lines, Some(text.split_off(kept))))
    }

    /// Where the first line behind the header begins.
    pub(super) fn head(&self) -> u64 {
        self.head
    }

    /// Its file.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// From now on there is something to go on with: the file stays when the run ends too soon.
    pub(super) fn begin(&mut self) {
        self.begun = true;
    }

    /// Whether there is something to go on with.
    pub(super) fn is_begun(&self) -> bool {
        self.begun
    }

    /// Drops what stands behind the first `length` bytes.
    pub(super) fn cut(&mut self, length: u64) -> io::Result<()> {
        self.file.set_len(length)?;
        self.file.seek(SeekFrom::End(0)).map(|_| ())
    }

    /// Adds a line. One write each, so that a killed process leaves whole lines and at most the beginning of one.
    pub(super) fn add(&mut self, value: &impl Serialize) -> io::Result<()> {
        let mut line = serde_json::to_vec(value)?;
        line.push(b'\n');
        self.file.write_all(&line)
    }

    /// Removes it.
    pub(super) fn remove(self) -> io::Result<()> {
        fs::remove_file(&self.path)
    }
}

impl Drop for Lines {
    /// A run that ends before it did anything leaves nothing to go on with.
    fn drop(&mut self) {
        if !self.begun {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// What a whole line says; nothing of one that was being written when the process was killed.
pub(super) fn read<T: DeserializeOwned>(line: &str) -> Option<T> {
    serde_json::from_str(line.strip_suffix('\n')?).ok()
}

/// Why a journal cannot be gone on with.
enum Unlike {
    /// It is of another run.
    Run(String),
    /// It is of a run with this ledger: going on without it, or with another, would lose the way back.
    Ledger(Option<String>),
}

/// How long the first line is, if it is that of the same run.
fn first_line(text: &str, header: &Header) -> Result<usize, Unlike> {
    let first = text.split_inclusive('\n').next().unwrap_or_default();
    let found: Header = read(first)
        .ok_or_else(|| Unlike::Run("this is no journal, or its beginning is lost".to_owned()))?;
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
    Ok(first.len())
}
