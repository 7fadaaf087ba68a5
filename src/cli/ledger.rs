//! The ledger of a run on its way to its file.

use std::fs::{self, File};
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result, anyhow};
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
        let writer =
            Writer::begin(BufWriter::with_capacity(1 << 16, file), header).map_err(failed)?;
        Ok(Self {
            name,
            writer,
            careful,
            begun: Instant::now(),
        })
    }

    /// Adds the lines of a part. Call it before the part is written.
    pub(crate) fn take(&mut self, lines: &[u8]) -> Result<()> {
        if lines.is_empty() {
            return Ok(());
        }
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
