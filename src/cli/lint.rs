//! `descale lint`: what was found, and nothing changed unless asked to mend it.

use std::fs;
use std::mem::ManuallyDrop;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use clap::Args;
use descale::lint::{Baseline, BaselineReport};
use descale::report::{ReportFormat, Summary};

use super::args::{InputArgs, ReportArg, RuleArgs, report_arg, report_format, report_help};
use super::clean::DiffStyle;
use super::console::Console;
use super::document::{Task, Work};
use super::exit::Exit;
use super::inputs::{Inputs, cause};
use super::look::Lint;
use super::output::Output;
use super::progress::Progress;
use super::reports::{Reports, Shared};
use super::{atomic, help_of, inputs, pipeline, rules, targets};

/// The formats that show findings.
const FORMATS: &[ReportFormat] = &[
    ReportFormat::Text,
    ReportFormat::Concise,
    ReportFormat::Json,
    ReportFormat::Jsonl,
    ReportFormat::Sarif,
    ReportFormat::Github,
    ReportFormat::Rdjsonl,
    ReportFormat::Junit,
    ReportFormat::Dolma,
    ReportFormat::Html,
];

const EXAMPLES: &str = "\
Examples:
  descale lint article.txt
  descale lint articles/ --only ad-marker,fragment
  descale lint crawl.jsonl --format jsonl --report text=findings.txt
  descale lint docs/ --fix                         mend what is sure, show what remains
  descale lint docs/ --fix --diff                  show what --fix would change
  descale lint docs/ --write-baseline known.jsonl  accept all there is today …
  descale lint docs/ --baseline known.jsonl        … and hear only of what is new

A comment leaves a finding alone, on its line or on the line above: `<!-- descale: ignore[en/ads] — reason -->` in Markdown,
`descale: ignore[en/ads] — reason` in plain text; `off[…]` and `on[…]` stand around longer stretches. `clean` does not heed them.

Exit codes: 0 no errors or warnings; 1 some were found; 2 something could not be read. An error is what `clean` acts on, a warning what
`clean --review` acts on. Notes, such as a text that only speaks of the words, do not count.";

/// Show what would be cut or mended, and why; change nothing unless --fix is given
///
/// Each finding comes with file, line and column, the line itself, the rule, and what `clean` would do.
#[derive(Args, Debug)]
#[command(visible_alias = "check", after_long_help = EXAMPLES)]
pub(crate) struct LintArgs {
    #[command(flatten)]
    input: InputArgs,
    #[command(flatten)]
    output: OutputArgs,
    #[command(flatten)]
    rules: RuleArgs,
}

/// How findings are shown.
#[derive(Args, Debug)]
#[command(next_help_heading = "Output")]
struct OutputArgs {
    /// How to show findings on the standard output
    #[arg(long, value_name = "FORMAT", value_parser = report_format(FORMATS), default_value = "text")]
    format: ReportFormat,
    #[arg(long, value_name = "FORMAT=FILE", value_parser = report_arg, help = report_help())]
    report: Vec<ReportArg>,
    /// Exit with 0 also when something was found
    #[arg(long)]
    exit_zero: bool,
    /// Mend the files in place as `clean -w` would, and show what remains
    #[arg(long)]
    fix: bool,
    /// With --fix: write nothing, show what would change
    #[arg(long, value_name = "STYLE", value_enum, num_args = 0..=1, require_equals = true, default_missing_value = "unified", requires = "fix")]
    diff: Option<DiffStyle>,
    /// Findings listed in this file do not count; lines may have moved since
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// List all errors and warnings in a file for --baseline, and show none of them
    #[arg(long, value_name = "FILE", conflicts_with_all = ["baseline", "fix"])]
    write_baseline: Option<PathBuf>,
}

/// Runs the subcommand.
pub(crate) fn run(args: &LintArgs, console: &Console) -> Result<Exit> {
    if inputs::nothing_to_read(&args.input) {
        return Ok(help_of("lint", console));
    }
    let OutputArgs { fix, diff, .. } = args.output;
    let mut written: Vec<_> = targets::of_reports(&args.output.report).collect();
    if let Some(path) = &args.input.errors {
        written.push(("--errors".to_owned(), path));
    }
    if let Some(path) = &args.output.write_baseline {
        written.push(("--write-baseline".to_owned(), path));
    }
    let patterns = args.rules.packs.patterns.iter();
    targets::spare(
        &written,
        patterns.chain(&args.output.baseline).map(PathBuf::as_path),
    )?;
    let baseline = read_baseline(args.output.baseline.as_deref())?;
    // Taking a cleaner apart takes a fifth of the time that a small file takes, and the process ends with it.
    let cleaner = ManuallyDrop::new(rules::cleaner_of(
        &args.rules,
        args.input.detect_lang,
        console,
    )?);
    let inputs = inputs::resolve(&args.input, &args.rules.packs.lang, console)?;
    targets::distinct(&written, &inputs.sources)?;
    let mut reports = Reports::to_files(&args.output.report)?;
    let mut output = output(&args.output, &inputs, &reports)?;
    output.remove_leftovers(&inputs, console);
    let known = Shared::default();
    if let Some(path) = &args.output.write_baseline {
        let name = path.display().to_string();
        let out = Box::new(known.clone());
        reports.add_report(name, Box::new(BaselineReport), out);
    } else {
        let format = diff.map_or(args.output.format, DiffStyle::format);
        reports.add_stdout(format, console);
    }
    let edits = fix || reports.needs_edits;

    let (list, mut writers) = reports.begin()?;
    // What cannot be written must not be shown as mended.
    let (mendable, stuck): (Vec<_>, Vec<_>) = inputs
        .sources
        .iter()
        .cloned()
        .partition(|source| !fix || output.can_write(source));
    let task = if edits {
        Task::Clean(&cleaner)
    } else {
        Task::Scan(&cleaner)
    };
    let mut summary = Summary::default();
    let (mut fixes, mut fixed) = (0, 0);
    let mut progress = Progress::new(&inputs.sources, console);
    for (sources, mend) in [(&mendable, fix && diff.is_none()), (&stuck, false)] {
        let work = Work {
            task,
            known: &inputs.known,
            reports: list.clone(),
            ledger: false,
            lint: Some(Lint {
                baseline: baseline.as_ref(),
                fix: mend,
            }),
            packing: output.packing(sources),
            files: output.files(),
        };
        pipeline::run(sources, &work, args.input.jobs, |part| {
            progress.take(&part, console);
            summary.merge(&part.done.summary);
            writers.take(&part.done.shares, console)?;
            if output.take(&part, None, console)? {
                fixes += part.done.fixed;
                fixed += usize::from(part.done.fixed > 0);
            }
            Ok(())
        })?;
    }
    progress.finish();
    output.finish()?;
    writers.finish(&summary, console)?;
    if let (Some(path), Some(baseline)) = (&args.output.baseline, &baseline) {
        for (line, rule, doc) in baseline.stale() {
            console.note(&format!(
                "{}:{line}: stale: this finding of {rule} in {doc} is not there any more; take the line out",
                path.display()
            ));
        }
    }
    if fixes > 0 && !console.is_quiet() {
        let plural = |count| if count == 1 { "" } else { "s" };
        console.raw(&format!(
            "mended {fixes} place{} in {fixed} file{}\n",
            plural(fixes),
            plural(fixed)
        ));
    }
    if diff.is_none() {
        // Edits were asked for by a report only, or are made and counted already.
        summary.forget_edits();
    }
    console.summary(&summary);
    let mut exit = Exit::found(summary.errors + summary.warnings > 0 && !args.output.exit_zero);
    if let Some(path) = &args.output.write_baseline {
        let count = write_baseline(path, &known)?;
        if !console.is_quiet() {
            let path = path.display();
            console.raw(&format!("{path}: {count} finding(s) to leave alone\n"));
        }
        exit = Exit::Success;
    }
    Ok(if console.faults() > 0 {
        exit.and(Exit::Failed)
    } else {
        exit
    })
}

/// Where mended files go.
fn output(args: &OutputArgs, inputs: &Inputs, reports: &Reports) -> Result<Output> {
    if !args.fix || args.diff.is_some() {
        return Ok(Output::Nowhere);
    }
    if inputs.sources.iter().any(|source| source.path.is_none()) {
        bail!(
            "--fix mends files in place, and the standard input is none; name files, or use `descale clean`"
        );
    }
    if let Some(source) = inputs.sources.iter().find(|source| {
        let data = source.path.as_ref().and_then(|path| path.metadata().ok());
        data.is_some_and(|data| !data.is_file())
    }) {
        bail!(
            "{}: --fix mends files in place, and this is no regular file",
            source.name
        );
    }
    if reports.shows_edits {
        bail!(
            "with --fix, reports show what remains, and a diff of that is empty; use --fix --diff to see the changes"
        );
    }
    Ok(Output::InPlace(Default::default()))
}

/// Reads a baseline, if one is named.
pub(crate) fn read_baseline(path: Option<&Path>) -> Result<Option<Baseline>> {
    let Some(path) = path else {
        return Ok(None);
    };
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) => bail!("--baseline {}: {}", path.display(), cause(&error)),
    };
    match Baseline::parse(&text) {
        Ok(baseline) => Ok(Some(baseline)),
        Err(error) => bail!("--baseline {}:{error}", path.display()),
    }
}

/// Writes a baseline, each line once; answers how many there are.
fn write_baseline(path: &Path, known: &Shared) -> Result<usize> {
    let text = known.take();
    let mut seen = std::collections::HashSet::new();
    let mut bytes = Vec::new();
    let mut count = 0;
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        if seen.insert(line) {
            count += 1;
            bytes.extend_from_slice(line);
        }
    }
    match atomic::write(path, &bytes) {
        Ok(()) => Ok(count),
        Err(error) => bail!("--write-baseline {}: {}", path.display(), cause(&error)),
    }
}
