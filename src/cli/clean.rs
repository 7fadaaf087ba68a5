//! `descale clean`: texts without insertions and broken fragments.

use std::mem::ManuallyDrop;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use clap::{Args, ValueEnum};
use descale::Cleaner;
use descale::ledger::Header;
use descale::report::ReportFormat;

use super::args::{InputArgs, ReportArg, RuleArgs, report_arg, report_help};
use super::console::Console;
use super::document::{Task, Work};
use super::exit::Exit;
use super::journal::Lengths;
use super::ledger::LedgerFile;
use super::output::{One, Output};
use super::pipeline::Part;
use super::progress::Progress;
use super::reports::Reports;
use super::resume::{Journals, ResumeArgs, Run};
use super::{help_of, inputs, pipeline, resume, rules, targets};

const EXAMPLES: &str = "\
Examples:
  descale clean article.txt                        the cleaned text, on the standard output
  curl -s https://… | html2text | descale clean    from a pipe
  descale clean --diff=words article.txt           what would change, word by word
  descale clean -w articles/ --glob '*.txt'        a folder, in place
  descale clean --check articles/                  only ask: exit code 1 if anything would change
  descale clean crawl.jsonl --field body.text --site-field url -o cleaned.jsonl
  descale clean export.csv --field body --title-field title -o cleaned.csv
  descale clean in/ -o out/ --report jsonl=changes.jsonl
  descale clean --patterns strings.txt --no-builtin article.txt

All that is not cut or mended comes out byte for byte as it came in, and cleaning twice equals cleaning once.
A record that cannot be read is passed through, named on the standard error, and makes the exit code 2.";

/// Take boilerplate out of texts and mend broken fragments
///
/// The cleaned texts go to the standard output, one after the other, unless -o or -w says otherwise. A summary by rule goes to the standard
/// error; -q silences it.
#[derive(Args, Debug)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct CleanArgs {
    #[command(flatten)]
    input: InputArgs,
    #[command(flatten)]
    output: OutputArgs,
    #[command(flatten)]
    rules: RuleArgs,
}

/// Where the texts go.
#[derive(Args, Debug)]
#[command(next_help_heading = "Output")]
struct OutputArgs {
    /// Write to a file, or to a folder with one file for each that is read
    #[arg(short, long, value_name = "FILE|DIR", conflicts_with_all = ["write_changes", "diff", "check"])]
    output: Option<PathBuf>,
    /// Clean the files in place, each in one step that cannot be half done
    #[arg(short = 'w', long, visible_short_alias = 'i', visible_alias = "in-place", conflicts_with_all = ["diff", "check"])]
    write_changes: bool,
    /// Write nothing; show what would change, as a unified diff, with the words marked, or side by side
    #[arg(long, value_name = "STYLE", value_enum, num_args = 0..=1, require_equals = true, default_missing_value = "unified")]
    diff: Option<DiffStyle>,
    /// Write nothing; name the files that would change, and exit with 1 if there are any
    #[arg(long)]
    check: bool,
    #[arg(long, value_name = "FORMAT=FILE", value_parser = report_arg, help = report_help())]
    report: Vec<ReportArg>,
    /// Also write down every change with the text it removed, for `undo` and `remap`
    ///
    /// With -w, a ledger that is there already is moved aside (FILE.1), because it may be the only way back from an earlier run.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["diff", "check"])]
    ledger: Option<PathBuf>,
    #[command(flatten)]
    resume: ResumeArgs,
}

/// How `--diff` shows changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum DiffStyle {
    /// Lines before and after, as `diff -u` shows them.
    Unified,
    /// Each line once, with removed and inserted words marked in it.
    Words,
    /// Before on the left, after on the right, as wide as the terminal.
    Side,
}

impl DiffStyle {
    /// The report that shows changes so.
    pub(crate) fn format(self) -> ReportFormat {
        match self {
            Self::Unified => ReportFormat::Diff,
            Self::Words => ReportFormat::Words,
            Self::Side => ReportFormat::Side,
        }
    }
}

/// Runs the subcommand.
pub(crate) fn run(args: &CleanArgs, console: &Console) -> Result<Exit> {
    if inputs::nothing_to_read(&args.input) {
        return Ok(help_of("clean", console));
    }
    targets::spare(
        &written(args),
        args.rules.packs.patterns.iter().map(PathBuf::as_path),
    )?;
    // Taking a cleaner apart takes a fifth of the time that a small file takes, and the process ends with it.
    let cleaner = ManuallyDrop::new(rules::cleaner_of(
        &args.rules,
        args.input.detect_lang,
        console,
    )?);
    let run = Run {
        cleaner: &cleaner,
        rules: &args.rules,
        output: args
            .output
            .output
            .as_deref()
            .filter(|target| target.as_os_str() != "-"),
        in_place: args.output.write_changes,
        ledger: args.output.ledger.as_deref(),
    };
    let mut journals = args.output.resume.begin(&run, &args.input, console)?;
    let mut inputs = inputs::resolve(&args.input, &args.rules.packs.lang, console)?;
    if inputs.sources.is_empty() && inputs.failed > 0 {
        // Each path was named already; an empty file at -o would pass for a cleaned text.
        return Ok(Exit::Failed);
    }
    targets::distinct(&written(args), &inputs.sources)?;
    let mut reports = Reports::to_files(&args.output.report)?;
    if let Some(style) = args.output.diff {
        reports.add_stdout(style.format(), console);
    }
    let mut output = output(&args.output, &inputs, &mut journals, console)?;
    output.remove_leftovers(&inputs, console);
    resume::skip_done(&mut journals, &mut inputs, &output, console)?;
    if args.output.ledger.is_some() {
        inputs.need_plain_names("--ledger")?;
    }
    let mut ledger = ledger(args, &cleaner, &journals, console)?;

    let (list, mut writers) = reports.begin()?;
    let work = Work {
        task: Task::Clean(&cleaner),
        known: &inputs.known,
        reports: list,
        ledger: ledger.is_some(),
        lint: None,
        packing: output.packing(&inputs.sources),
        files: output.files(),
    };
    let mut summary = journals.summary();
    let mut undone = 0;
    let begun = journals.begun();
    let tracked = journals.stream().is_some();
    let mut progress = Progress::new(&inputs.sources, console);
    progress.skip(begun.read);
    let mut would_change = Changed::default();
    let take = |mut part: Part<'_>| {
        progress.take(&part, console);
        if args.output.check {
            would_change.take(&part.source.name, part.done.changed, part.last, console);
        }
        summary.merge(&part.done.summary);
        // First what was taken, then the text without it: whatever stops the run, there is a way back.
        if let Some(ledger) = &mut ledger {
            ledger.take(&part.done.ledger)?;
        }
        writers.take(&part.done.shares, console)?;
        if journals.is_some() {
            let lengths = Lengths {
                ledger: ledger.as_ref().map(LedgerFile::length),
                errors: console.faults_length(),
            };
            journals.count(&part.done, lengths);
        }
        let went_well = output.take(&part, journals.files(), console)? && !part.done.broken;
        undone += usize::from(!went_well);
        journals.note(&mut output, part.position.take(), part.last)
    };
    let (sources, jobs) = (&inputs.sources, args.input.jobs);
    let ran = if tracked {
        pipeline::run_from(begun.position.as_ref(), sources, &work, jobs, take)
    } else {
        pipeline::run(sources, &work, jobs, take)
    };
    let ran = ran.and_then(|()| output.finish());
    if ran.is_err() {
        journals.fail(console);
    }
    ran?;
    progress.finish();
    if let Some(ledger) = ledger {
        ledger.finish(&summary)?;
    }
    writers.finish(&summary, console)?;
    resume::end(journals, undone, console);
    console.summary(&summary);
    let found = Exit::found(args.output.check && would_change.any);
    Ok(if console.faults() > 0 {
        found.and(Exit::Failed)
    } else {
        found
    })
}

fn ledger(
    args: &CleanArgs,
    cleaner: &Cleaner,
    journals: &Journals,
    console: &Console,
) -> Result<Option<LedgerFile>> {
    let Some(path) = &args.output.ledger else {
        return Ok(None);
    };
    if let Some(length) = journals.lengths().ledger {
        return LedgerFile::resume(path, length).map(Some);
    }
    let InputArgs {
        field,
        id_field,
        encoding,
        ..
    } = &args.input;
    let header = Header {
        fields: field.iter().map(|field| field.as_str().into()).collect(),
        id_field: id_field.as_deref().map(Into::into),
        encoding: encoding.map(|charset| charset.to_string().into()),
        ..Header::new(cleaner.database().packs())
    };
    let mut ledger = LedgerFile::create(path, &header, args.output.write_changes, console)?;
    if journals.is_some() {
        ledger.be_careful();
    }
    Ok(Some(ledger))
}

/// The files that the run writes, with their flags.
fn written(args: &CleanArgs) -> Vec<(String, &Path)> {
    let output = &args.output;
    let named = [
        ("-o", output.output.as_deref()),
        ("--ledger", output.ledger.as_deref()),
        ("--errors", args.input.errors.as_deref()),
    ];
    named
        .into_iter()
        .filter_map(|(flag, path)| Some((flag.to_owned(), path?)))
        .filter(|(_, path)| path.as_os_str() != "-")
        .chain(targets::of_reports(&output.report))
        .collect()
}

fn output(
    args: &OutputArgs,
    inputs: &inputs::Inputs,
    journals: &mut Journals,
    console: &Console,
) -> Result<Output> {
    if args.diff.is_some() || args.check {
        return Ok(Output::Nowhere);
    }
    if args.write_changes {
        if inputs.sources.iter().any(|source| source.path.is_none()) {
            bail!(
                "-w cleans files in place, and the standard input is none; leave out -w, or name files"
            );
        }
        if let Some(source) = inputs.sources.iter().find(|source| {
            let data = source.path.as_ref().and_then(|path| path.metadata().ok());
            data.is_some_and(|data| !data.is_file())
        }) {
            bail!(
                "{}: -w cleans files in place, and this is no regular file; leave out -w",
                source.name
            );
        }
        return Ok(Output::InPlace(Default::default()));
    }
    match &args.output {
        Some(target) if target.as_os_str() != "-" => match journals.stream() {
            None => Output::to(target, inputs),
            Some(stream) => {
                let length = |path: &PathBuf| path.metadata().map_or(0, |data| data.len());
                let there = Lengths {
                    ledger: args.ledger.as_ref().map(length),
                    errors: console.faults_length(),
                };
                Output::kept(target, inputs, stream, there, console)
            }
        },
        _ => Ok(Output::Stdout(One::Fresh(console.out()))),
    }
}

/// Which files would change. A large one comes in several parts and is named once.
#[derive(Default)]
struct Changed {
    any: bool,
    this: bool,
}

impl Changed {
    fn take(&mut self, name: &str, changed: bool, last: bool, console: &Console) {
        self.this |= changed;
        if last && std::mem::take(&mut self.this) {
            self.any = true;
            if !console.is_quiet() {
                console.raw(&format!("would change: {name}\n"));
            }
        }
    }
}
