//! Reports on their way to files and to the standard output.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result, anyhow};
use descale::report::{Files, Report, ReportFormat, Stream, Styles, Summary};

use super::args::ReportArg;
use super::console::Console;
use super::fault::Fault;
use super::inputs::{cause, cause_and_cure};

/// The reports of a run.
#[derive(Default)]
pub(crate) struct Reports {
    list: Vec<Target>,
    /// Whether one of them shows what is changed.
    pub(crate) needs_edits: bool,
    /// Whether one of them shows nothing but changes.
    pub(crate) shows_edits: bool,
}

/// One report and where it goes.
struct Target {
    name: String,
    report: Box<dyn Report>,
    out: Box<dyn Write + Send>,
    /// Whether it goes to a file, so that the run can go on without it.
    is_file: bool,
    /// Where its further files go; the standard output and pipes have no such place.
    beside: Option<Beside>,
}

impl Reports {
    /// The reports that go to files.
    pub(crate) fn to_files(args: &[ReportArg]) -> Result<Self> {
        let mut reports = Self::default();
        for ReportArg { format, path } in args {
            let name = path.display().to_string();
            let file = File::create(path)
                .map_err(|error| anyhow!("--report {format}={name}: {}", cause(&error)))?;
            let report = reports.report(*format, &Styles::plain());
            reports.list.push(Target {
                name,
                report,
                out: Box::new(BufWriter::new(file)),
                is_file: true,
                beside: Beside::of(path),
            });
        }
        Ok(reports)
    }

    /// Adds a report to the standard output.
    pub(crate) fn add_stdout(&mut self, format: ReportFormat, console: &Console) {
        let report = self.report(format, &console.out_styles());
        self.list.push(Target {
            name: "standard output".to_owned(),
            report,
            out: Box::new(console.out()),
            is_file: false,
            beside: None,
        });
    }

    /// Adds a report that is none of the formats.
    pub(crate) fn add_report(
        &mut self,
        name: String,
        report: Box<dyn Report>,
        out: Box<dyn Write + Send>,
    ) {
        self.list.push(Target {
            name,
            report,
            out,
            is_file: false,
            beside: None,
        });
    }

    /// A report of that format, noted as one that needs edits if it does.
    fn report(&mut self, format: ReportFormat, styles: &Styles) -> Box<dyn Report> {
        self.needs_edits |= format.needs_edits();
        self.shows_edits |= matches!(format, ReportFormat::Diff | ReportFormat::Words);
        format.report(styles)
    }

    /// Begins all reports, and answers what renders their shares, in the same order, and what writes them.
    pub(crate) fn begin(&mut self) -> Result<(Vec<&dyn Report>, Writers<'_>)> {
        let (mut reports, mut writers) = (Vec::new(), Vec::new());
        for target in &mut self.list {
            let Target {
                name,
                report,
                out,
                is_file,
                beside,
            } = target;
            let stream = Stream::begin(&**report, out).with_context(|| name.clone())?;
            reports.push(&**report);
            writers.push(Writer {
                name,
                stream: Some(stream),
                out,
                is_file: *is_file,
                beside,
                failed: false,
            });
        }
        Ok((reports, Writers(writers)))
    }
}

/// The writing side of the reports of a run.
pub(crate) struct Writers<'r>(Vec<Writer<'r>>);

struct Writer<'r> {
    name: &'r str,
    /// None once it has ended.
    stream: Option<Stream<'r>>,
    out: &'r mut Box<dyn Write + Send>,
    is_file: bool,
    beside: &'r mut Option<Beside>,
    /// Whether it could not be written any further.
    failed: bool,
}

impl Writers<'_> {
    /// Writes the shares of a part. A report file that cannot be written is a fault, and the texts go on without it.
    pub(crate) fn take(&mut self, shares: &[Vec<u8>], console: &Console) -> Result<()> {
        for (writer, share) in self.0.iter_mut().zip(shares) {
            if writer.failed {
                continue;
            }
            let written = writer.take(share);
            writer.check(written, console)?;
        }
        Ok(())
    }

    /// Ends all reports.
    pub(crate) fn finish(self, summary: &Summary, console: &Console) -> Result<()> {
        for mut writer in self.0 {
            if writer.failed {
                continue;
            }
            let end = writer.end(summary);
            writer.check(end, console)?;
        }
        Ok(())
    }
}

impl Writer<'_> {
    fn take(&mut self, share: &[u8]) -> io::Result<()> {
        match &mut self.stream {
            Some(stream) => stream.take(share, &mut *self.out, files(self.beside)),
            None => Ok(()),
        }
    }

    fn end(&mut self, summary: &Summary) -> io::Result<()> {
        if let Some(stream) = self.stream.take() {
            stream.end(summary, &mut *self.out, files(self.beside))?;
        }
        self.out.flush()
    }

    fn check(&mut self, written: io::Result<()>, console: &Console) -> Result<()> {
        match written {
            Err(error) if self.is_file => {
                self.failed = true;
                let (cause, cure) = cause_and_cure(&error);
                let cause = format!("the report is not whole: {cause}");
                console.fault(&Fault::new(self.name, cause, cure));
                Ok(())
            }
            other => other.with_context(|| self.name.to_owned()),
        }
    }
}

fn files(beside: &mut Option<Beside>) -> Option<&mut dyn Files> {
    beside.as_mut().map(|beside| beside as &mut dyn Files)
}

/// The folder for the further files of a report: `r_files` beside `r.html`, as browsers name what belongs to a page they save.
struct Beside {
    /// The report's own file.
    own: String,
    folder: PathBuf,
    name: String,
}

impl Beside {
    /// The folder beside `path`; none if `path` is no regular file, such as a pipe, or has no name that a link can hold.
    fn of(path: &Path) -> Option<Self> {
        if path.metadata().is_ok_and(|data| !data.is_file()) {
            return None;
        }
        let name = format!("{}_files", path.file_stem()?.to_str()?);
        Some(Self {
            own: path.file_name()?.to_str()?.to_owned(),
            folder: path.with_file_name(&name),
            name,
        })
    }
}

impl Files for Beside {
    fn own(&self) -> &str {
        &self.own
    }

    fn folder(&self) -> &str {
        &self.name
    }

    fn write(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let path = self.folder.join(name);
        let wrote = fs::create_dir_all(&self.folder).and_then(|()| fs::write(&path, bytes));
        wrote.map_err(|error| {
            let message = format!("{}: {}", path.display(), cause(&error));
            io::Error::new(error.kind(), message)
        })
    }
}

/// Bytes that one writes and another takes when all are there.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shared(Arc<Mutex<Vec<u8>>>);

impl Shared {
    /// What was written so far.
    pub(crate) fn take(&self) -> Vec<u8> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
