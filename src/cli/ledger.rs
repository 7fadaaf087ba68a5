//! The ledger of a run on its way to its file.

use std::fs::{self, File};
use std::io::{BufWriter, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result, anyhow, bail};
use descale::ledger::{Header, Totals, Writer};
use descale::report::Summary;

use super::console::Console;
use super::inputs::cause;

/// A ledger that is being written.
pub(crate) struct LedgerFile {
    name: String,
    writer: Writer<BufWriter<File>>,
    /// Whether lines must be in the file before the texts are changed: in place, the ledger is the only way back.
    careful: bool,
    /// How long the file is with all lines so far.
    length: u64,
    begun: Instant,
}

impl LedgerFile {
    /// Begins the ledger. With `careful`, a ledger of an earlier run is moved aside, not written over.
    pub(crate) fn create(
        path: &Path,
        header: &Header<'_>,
        careful: bool,
        console: &Console,
    ) -> Result<Self> {
        let name = path.display().to_string();
        let failed = |error: std::io::Error| anyhow!("--ledger {name}: {}", cause(&error));
        if careful && fs::metadata(path).is_ok_and(|data| data.is_file() && data.len() > 0) {
            let aside = free_name(path);
            fs::rename(path, &aside).map_err(failed)?;
            console.warning(&format!(
                "{name}: this was there; it is now {}, because it may be the only way back from an earlier run",
                aside.display()
            ));
        }
        let file = File::create(path).map_err(failed)?;
        let mut writer =
            Writer::begin(BufWriter::with_capacity(1 << 16, file), header).map_err(failed)?;
        writer.flush().map_err(failed)?;
        let length = fs::metadata(path).map_err(failed)?.len();
        Ok(Self {
            name,
            writer,
            careful,
            length,
            begun: Instant::now(),
        })
    }

    /// Goes on with the ledger of a run that was interrupted: its first `length` bytes are whole and true, the rest is dropped.
    pub(crate) fn resume(path: &Path, length: u64) -> Result<Self> {
        let name = path.display().to_string();
        let failed = |error: std::io::Error| anyhow!("--ledger {name}: {}", cause(&error));
        let mut file = File::options()
            .read(true)
            .write(true)
            .open(path)
            .map_err(failed)?;
        if file.metadata().map_err(failed)?.len() < length {
            bail!(
                "--ledger {name}: it is shorter than the journal says; name the ledger of the run that was interrupted, or begin anew without --resume"
            );
        }
        file.set_len(length).map_err(failed)?;
        let before = file.try_clone().map_err(failed)?;
        file.seek(SeekFrom::Start(0)).map_err(failed)?;
        let writer = Writer::resume(BufWriter::with_capacity(1 << 16, file), before.take(length))
            .map_err(failed)?;
        Ok(Self {
            name,
            writer,
            careful: true,
            length,
            begun: Instant::now(),
        })
    }

    /// From now on, lines are in the file before the texts are changed.
    pub(crate) fn be_careful(&mut self) {
        self.careful = true;
    }

    /// How long the file is with all lines so far.
    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    /// Adds the lines of a part. Call it before the part is written.
    pub(crate) fn take(&mut self, lines: &[u8]) -> Result<()> {
        if lines.is_empty() {
            return Ok(());
        }
        self.length += lines.len() as u64;
        self.writer
            .documents(lines)
            .and_then(|()| {
                if self.careful {
                    self.writer.flush()
                } else {
                    Ok(())
                }
            })
            .with_context(|| self.name.clone())
    }

    /// Ends the ledger.
    pub(crate) fn finish(self, summary: &Summary) -> Result<()> {
        let applied = summary.rules.iter().filter(|(_, count)| count.applied > 0);
        let totals = Totals {
            docs: summary.documents,
            changed: summary.changed,
            edits: summary.edits,
            rules: applied
                .map(|(name, count)| (name.as_str().into(), count.applied))
                .collect(),
            bytes_in: summary.bytes_in,
            bytes_out: summary.bytes_out,
            seconds: (self.begun.elapsed().as_secs_f64() * 1e3).round() / 1e3,
        };
        let out = self
            .writer
            .finish(totals)
            .with_context(|| self.name.clone())?;
        let file = out
            .into_inner()
            .map_err(|error| error.into_error())
            .with_context(|| self.name.clone())?;
        if self.careful {
            file.sync_all().with_context(|| self.name.clone())?;
        }
        Ok(())
    }
}

/// `ledger.jsonl.1`, or the first such name that is free.
fn free_name(path: &Path) -> PathBuf {
    (1..)
        .map(|number: u32| {
            let mut name = path.as_os_str().to_owned();
            name.push(format!(".{number}"));
            PathBuf::from(name)
        })
        .find(|path| !path.exists())
        .unwrap_or_else(|| path.with_extension("old"))
}
