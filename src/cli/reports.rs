//! Reports on their way to files and to the standard output.

use std::fs::File;
use std::io::{self, BufWriter, Write};

use anyhow::{Context, Result, anyhow};
use descale::report::{Report, ReportFormat, Styles, Summary};

use super::args::ReportArg;
use super::console::Console;
use super::fault::Fault;
use super::inputs::{cause, cause_and_cure};

/// The reports of a run.
#[derive(Default)]
pub(crate) struct Reports {
    list: Vec<Stream>,
    /// Whether one of them shows what is changed.
    pub(crate) shows_edits: bool,
}

/// One report and where it goes.
struct Stream {
    name: String,
    report: Box<dyn Report>,
    out: Box<dyn Write + Send>,
    /// Whether it goes to a file, so that the run can go on without it.
    is_file: bool,
    /// Whether a document has had something to say.
    begun: bool,
}

impl Reports {
    /// The reports that go to files.
    pub(crate) fn to_files(args: &[ReportArg]) -> Result<Self> {
        let mut reports = Self::default();
        for ReportArg { format, path } in args {
            let name = path.display().to_string();
            let file = File::create(path)
                .map_err(|error| anyhow!("--report {format}={name}: {}", cause(&error)))?;
            reports.add(
                name,
                *format,
                &Styles::plain(),
                Box::new(BufWriter::new(file)),
                true,
            );
        }
        Ok(reports)
    }

    /// Adds a report to the standard output.
    pub(crate) fn add_stdout(&mut self, format: ReportFormat, console: &Console) {
        self.add(
            "standard output".to_owned(),
            format,
            &console.out_styles(),
            Box::new(console.out()),
            false,
        );
    }

    fn add(
        &mut self,
        name: String,
        format: ReportFormat,
        styles: &Styles,
        out: Box<dyn Write + Send>,
        is_file: bool,
    ) {
        self.shows_edits |= format.shows_edits_only();
        self.list.push(Stream {
            name,
            report: format.report(styles),
            out,
            is_file,
            begun: false,
        });
    }

    /// Begins all reports, and answers what renders their shares, in the same order, and what writes them.
    pub(crate) fn begin(&mut self) -> Result<(Vec<&dyn Report>, Writers<'_>)> {
        let (mut reports, mut writers) = (Vec::new(), Vec::new());
        for stream in &mut self.list {
            let Stream {
                name,
                report,
                out,
                is_file,
                begun,
            } = stream;
            report.begin(out).with_context(|| name.clone())?;
            reports.push(&**report);
            writers.push(Writer {
                name,
                report: &**report,
                out,
                is_file: *is_file,
                begun,
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
    report: &'r dyn Report,
    out: &'r mut Box<dyn Write + Send>,
    is_file: bool,
    begun: &'r mut bool,
    /// Whether it could not be written any further.
    failed: bool,
}

impl Writers<'_> {
    /// Writes the shares of a part. A report file that cannot be written is a fault, and the texts go on without it.
    pub(crate) fn take(&mut self, shares: &[Vec<u8>], console: &Console) -> Result<()> {
        for (writer, share) in self.0.iter_mut().zip(shares) {
            if share.is_empty() || writer.failed {
                continue;
            }
            let begun = std::mem::replace(writer.begun, true);
            let between = if begun {
                writer.report.between(&mut *writer.out)
            } else {
                Ok(())
            };
            let written = between.and_then(|()| writer.out.write_all(share));
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
            let end = writer.report.end(summary, &mut *writer.out);
            let end = end.and_then(|()| writer.out.flush());
            writer.check(end, console)?;
        }
        Ok(())
    }
}

impl Writer<'_> {
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
