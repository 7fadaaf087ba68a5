//! `descale undo`: the original texts, from the cleaned ones and the ledger.

use std::collections::HashSet;
use std::io;
use std::path::PathBuf;
use std::sync::atomic::Ordering;

use anyhow::{Context, Result, anyhow, bail};
use clap::Args;

use super::args::{AutoFormat, InputArgs, input_format};
use super::console::Console;
use super::document::{Task, Work};
use super::exit::Exit;
use super::form::{Charset, Packing};
use super::inputs::{Inputs, cause};
use super::output::{Files, One, Output};
use super::progress::Progress;
use super::restore::{Index, Restorer, Trust};
use super::{help_of, inputs, pipeline, targets};

const EXAMPLES: &str = "\
Examples:
  descale clean -w articles/ --ledger ledger.jsonl
  descale undo -w articles/ --ledger ledger.jsonl
  descale undo cleaned.jsonl --ledger ledger.jsonl -o original.jsonl

The ledger is checked from its first line to its last, and each file as a whole, before anything is written. A text that was edited since it was
cleaned is refused, and so is its file; the other files are restored. Compressed files get back their content; how it is packed may differ.

Exit codes: 0 the original texts are back; 2 something was refused or failed.";

/// Bring back the original texts from cleaned ones, byte for byte
///
/// Needs the ledger that `clean --ledger` wrote. A file is found in it by its path, by the end of its path, or by its text.
#[derive(Args, Debug)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct UndoArgs {
    /// Cleaned files, folders of them, or `-` for the standard input
    #[arg(value_name = "CLEANED")]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    ledger: LedgerArgs,
    /// Write to a file, or to a folder with one file for each that is read
    #[arg(short, long, value_name = "FILE|DIR", conflicts_with = "write_changes")]
    output: Option<PathBuf>,
    /// Restore the files in place, each in one step that cannot be half done
    #[arg(
        short = 'w',
        long,
        visible_short_alias = 'i',
        visible_alias = "in-place"
    )]
    write_changes: bool,
    /// In folders, only files whose path matches (`*.txt`, `!draft*`); may be given several times
    #[arg(long, value_name = "GLOB")]
    glob: Vec<String>,
    /// What the files are; `auto` goes by the ending, else by the first line
    #[arg(long, value_name = "FORMAT", value_parser = input_format(), default_value = "auto")]
    input_format: AutoFormat,
    /// How the texts are written; without it, what the ledger says
    #[arg(long, value_name = "LABEL", value_parser = Charset::parse)]
    encoding: Option<Charset>,
    /// Threads; 0 means one a core. The output is the same whatever their number
    #[arg(short, long, value_name = "N", default_value_t = 0)]
    jobs: usize,
}

/// A ledger and how far it is trusted.
#[derive(Args, Debug)]
pub(crate) struct LedgerArgs {
    /// The ledger that `clean` wrote
    #[arg(long, value_name = "FILE")]
    pub(crate) ledger: PathBuf,
    /// Also take a ledger that another version of descale wrote; the hashes of the texts are checked all the same
    #[arg(long)]
    any_engine: bool,
    /// Also take the ledger of a run that was interrupted; what stands in it whole is used
    #[arg(long)]
    unfinished: bool,
}

impl LedgerArgs {
    /// How far the ledger is trusted.
    pub(crate) fn trust(&self) -> Trust {
        Trust {
            any_engine: self.any_engine,
            unfinished: self.unfinished,
        }
    }
}

/// Runs the subcommand.
pub(crate) fn run(args: &UndoArgs, console: &Console) -> Result<Exit> {
    if let Some(output) = &args.output {
        targets::outside("-o", output, std::slice::from_ref(&args.ledger.ledger))?;
    }
    let mut index = Index::open(&args.ledger.ledger, args.ledger.trust())?;
    let mut input = InputArgs {
        paths: args.paths.clone(),
        glob: args.glob.clone(),
        input_format: args.input_format,
        id_field: index.id_field.take(),
        encoding: match (args.encoding, &index.encoding) {
            (None, Some(label)) => Charset::parse(label).ok(),
            (encoding, _) => encoding,
        },
        jobs: args.jobs,
        ..InputArgs::default()
    };
    input.field = std::mem::take(&mut index.fields);
    if inputs::nothing_to_read(&input) {
        return Ok(help_of("undo", console));
    }
    let mut inputs = inputs::resolve(&input, &[], console)?;
    if args.write_changes && inputs.sources.iter().any(|source| source.path.is_none()) {
        bail!(
            "-w restores files in place, and the standard input is none; leave out -w, or name files"
        );
    }
    // What is checked before it is written is read twice.
    let _spooled = spool(&mut inputs)?;
    let mut restorer = Restorer::new(index);
    let mut refused = HashSet::new();
    let alone = inputs.sources.len() == 1;
    for source in &inputs.sources {
        restorer.find(source, inputs.known.charset, alone);
    }
    check(&inputs, &restorer, args.jobs, &mut refused, console)?;

    let one_output = !args.write_changes && !inputs.has_folder;
    let outcome = if !refused.is_empty() && one_output && !is_folder(args) {
        "nothing was written"
    } else {
        let all = inputs.sources.len();
        inputs
            .sources
            .retain(|source| !refused.contains(&source.name));
        if !inputs.sources.is_empty() || all == 0 {
            write(args, &inputs, &restorer, console)?;
        }
        if inputs.sources.is_empty() {
            "nothing was written"
        } else {
            "the others are restored"
        }
    };
    say(&restorer, &inputs, console);
    if !refused.is_empty() {
        let files = refused.len();
        let left = if files == 1 {
            "1 file was refused and left as it is".to_owned()
        } else {
            format!("{files} files were refused and left as they are")
        };
        console.error(&format!("{left}; {outcome}"));
        return Ok(Exit::Failed);
    }
    Ok(if console.faults() > 0 {
        Exit::Failed
    } else {
        Exit::Success
    })
}

fn is_folder(args: &UndoArgs) -> bool {
    args.output.as_deref().is_some_and(|target| {
        target.is_dir() || target.as_os_str().to_string_lossy().ends_with('/')
    })
}

/// Puts the standard input into a file that goes with the value answered.
fn spool(inputs: &mut Inputs) -> Result<Option<tempfile::NamedTempFile>> {
    let Some(source) = inputs
        .sources
        .iter_mut()
        .find(|source| source.path.is_none())
    else {
        return Ok(None);
    };
    let mut file =
        tempfile::NamedTempFile::new().context("could not set the standard input aside")?;
    io::copy(&mut io::stdin().lock(), &mut file)
        .map_err(|error| anyhow!("<stdin>: {}", cause(&error)))?;
    source.path = Some(file.path().to_path_buf());
    Ok(Some(file))
}

/// Restores all documents without writing anything, and adds the files in which one cannot be to `refused`.
fn check(
    inputs: &Inputs,
    restorer: &Restorer,
    jobs: usize,
    refused: &mut HashSet<String>,
    console: &Console,
) -> Result<()> {
    let mut progress = Progress::new(&inputs.sources, console);
    let known: Vec<_> = inputs
        .sources
        .iter()
        .filter(|source| !refused.contains(&source.name))
        .cloned()
        .collect();
    pipeline::run(
        &known,
        &work(inputs, restorer, Packing::Nothing, Files::None),
        jobs,
        |part| {
            progress.take(&part, console);
            let name = &part.source.name;
            if part.done.broken {
                refused.insert(name.clone());
            }
            if part.last
                && !refused.contains(name)
                && let Some(fault) = restorer.missing(name)
            {
                console.fault(&fault);
                refused.insert(name.clone());
            }
            Ok(())
        },
    )?;
    progress.finish();
    Ok(())
}

/// Restores all documents, and writes them.
fn write(args: &UndoArgs, inputs: &Inputs, restorer: &Restorer, console: &Console) -> Result<()> {
    restorer.restored.store(0, Ordering::Relaxed);
    restorer.already.store(0, Ordering::Relaxed);
    let mut output = match &args.output {
        _ if args.write_changes => Output::InPlace(Default::default()),
        Some(target) if target.as_os_str() != "-" => Output::to(target, inputs)?,
        _ => Output::Stdout(One::Fresh(console.out())),
    };
    let (packing, files) = (output.packing(&inputs.sources), output.files());
    pipeline::run(
        &inputs.sources,
        &work(inputs, restorer, packing, files),
        args.jobs,
        |part| {
            if part.done.broken {
                // It was whole a moment ago.
                part.done
                    .faults
                    .iter()
                    .for_each(|fault| console.fault(fault));
                bail!(
                    "{}: the file changed while it was restored; it was left as it is",
                    part.source.name
                );
            }
            output.take(&part, None, console).map(|_| ())
        },
    )?;
    output.finish()
}

fn work<'a>(
    inputs: &'a Inputs,
    restorer: &'a Restorer,
    packing: Packing,
    files: Files,
) -> Work<'a> {
    Work {
        task: Task::Restore(restorer),
        known: &inputs.known,
        reports: Vec::new(),
        ledger: false,
        lint: None,
        packing,
        files,
    }
}

fn say(restorer: &Restorer, inputs: &Inputs, console: &Console) {
    if console.is_quiet() || inputs.sources.is_empty() {
        return;
    }
    let count = |number: usize, what: &str| {
        format!("{number} {what}{}", if number == 1 { "" } else { "s" })
    };
    let restored = restorer.restored.load(Ordering::Relaxed);
    let mut line = format!(
        "{} restored in {}",
        count(restored, "document"),
        count(inputs.sources.len(), "file")
    );
    let already = restorer.already.load(Ordering::Relaxed);
    if already > 0 {
        line += &format!("; {} as it came already", count(already, "document"));
    }
    console.raw(&format!("{line}\n"));
}
