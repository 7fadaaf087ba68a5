//! `descale lint`: what was found, and nothing changed.

use anyhow::Result;
use clap::Args;
use descale::report::{ReportFormat, Summary};

use super::args::{InputArgs, ReportArg, RuleArgs, report_arg, report_format, report_help};
use super::console::Console;
use super::document::{Task, Work};
use super::exit::Exit;
use super::progress::Progress;
use super::reports::Reports;
use super::{help_of, inputs, pipeline, rules};

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

Exit codes: 0 no errors or warnings; 1 some were found; 2 something could not be read. An error is what `clean` acts on, a warning what
`clean --review` acts on. Notes, such as a text that only speaks of the words, do not count.";

/// Show what would be cut or mended, and why; change nothing
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
}

/// Runs the subcommand.
pub(crate) fn run(args: &LintArgs, console: &Console) -> Result<Exit> {
    if inputs::nothing_to_read(&args.input) {
        return Ok(help_of("lint", console));
    }
    let cleaner = rules::cleaner(&args.rules, console)?;
    let inputs = inputs::resolve(&args.input, &args.rules.packs.lang, console)?;
    let mut reports = Reports::to_files(&args.output.report)?;
    reports.add_stdout(args.output.format, console);
    let edits = reports.needs_edits;

    let (list, mut writers) = reports.begin()?;
    let work = Work {
        task: if edits {
            Task::Clean(&cleaner)
        } else {
            Task::Scan(&cleaner)
        },
        known: &inputs.known,
        reports: list,
        ledger: false,
    };
    let mut summary = Summary::default();
    let mut progress = Progress::new(&inputs.sources, console);
    pipeline::run(&inputs.sources, &work, args.input.jobs, |part| {
        progress.take(&part, console);
        summary.merge(&part.done.summary);
        writers.take(&part.done.shares, console)
    })?;
    progress.finish();
    writers.finish(&summary, console)?;
    console.summary(&summary);
    let found = Exit::found(summary.errors + summary.warnings > 0 && !args.output.exit_zero);
    Ok(if console.faults() > 0 {
        found.and(Exit::Failed)
    } else {
        found
    })
}
