//! `descale diff`: what changed between any two texts.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use clap::Args;
use descale::report::{Origin, ReportFormat, Subject, compare};

use super::args::report_format;
use super::console::Console;
use super::exit::Exit;
use super::inputs::cause;

/// The formats that show changes.
const FORMATS: &[ReportFormat] = &[
    ReportFormat::Diff,
    ReportFormat::Words,
    ReportFormat::Json,
    ReportFormat::Jsonl,
    ReportFormat::Html,
];

const EXAMPLES: &str = "\
Examples:
  descale diff scraped.txt cleaned.txt --format words
  other-cleaner < article.txt | descale diff article.txt -
  descale diff scraped.txt cleaned.txt --format html > changes.html

Exit codes: 0 the texts are equal; 1 they differ; 2 one could not be read.";

/// Show what changed between two texts, whoever changed them
#[derive(Args, Debug)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct DiffArgs {
    /// The text before, or `-` for the standard input
    before: PathBuf,
    /// The text after, or `-` for the standard input
    after: PathBuf,
    /// How to show the changes
    #[arg(long, value_name = "FORMAT", value_parser = report_format(FORMATS), default_value = "diff", help_heading = "Output")]
    format: ReportFormat,
    /// Exit with 0 also when the texts differ
    #[arg(long, help_heading = "Output")]
    exit_zero: bool,
}

/// Runs the subcommand.
pub(crate) fn run(args: &DiffArgs, console: &Console) -> Result<Exit> {
    if args.before.as_os_str() == "-" && args.after.as_os_str() == "-" {
        bail!("`-` was named twice; the standard input can be read only once");
    }
    let (before_name, before) = read(&args.before, console)?;
    let (after_name, after) = read(&args.after, console)?;
    let edits = compare(&before, &after);
    let origin = Origin {
        after: Some(&after_name),
        ..Origin::file(&before_name)
    };
    let mut out = console.out();
    args.format.write(
        &[Subject::new(origin, &before, &[], &edits)],
        &console.out_styles(),
        &mut out,
    )?;
    io::Write::flush(&mut out)?;
    Ok(Exit::found(!edits.is_empty() && !args.exit_zero))
}

/// A text and its name.
fn read(path: &Path, console: &Console) -> Result<(String, String)> {
    if path.is_dir() {
        bail!("{}: this is a folder; name two files", path.display());
    }
    let (name, bytes) = if path.as_os_str() == "-" {
        let mut bytes = Vec::new();
        (
            "<stdin>".to_owned(),
            io::stdin().lock().read_to_end(&mut bytes).map(|_| bytes),
        )
    } else {
        (path.display().to_string(), fs::read(path))
    };
    match bytes.map(String::from_utf8) {
        Ok(Ok(text)) => Ok((name, text)),
        Ok(Err(error)) => {
            let at = error.utf8_error().valid_up_to();
            console.warning(&format!(
                "{name}: byte {at} is not UTF-8; bytes that are not are shown as \u{fffd}"
            ));
            Ok((name, String::from_utf8_lossy(error.as_bytes()).into_owned()))
        }
        Err(error) => bail!("{name}: {}", cause(&error)),
    }
}
