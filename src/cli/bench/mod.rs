//! `descale bench`: how fast cleaning is on the user's own texts, stage by stage, and beside what a machine can do at best.

mod generated;
mod measure;
mod sample;
mod show;

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Args;
use descale::format::jsonl::Fields;
use descale::{Cleaner, Pack};

use super::args::RuleArgs;
use super::console::Console;
use super::exit::Exit;
use super::rules;
use measure::Measured;
use sample::Sample;

const EXAMPLES: &str = "\
Examples:
  descale bench                              the built-in sample
  descale bench articles/ crawl.jsonl        your own texts
  descale bench crawl.jsonl --field body --fragments off --json
  descale bench --generated 20000            how speed falls with the number of rules
  descale bench --density 700                and with the number of markers

Everything is measured in one run and by turns, so that a busy machine slows all alike: trust the ratios more than the figures. GB/s are bytes of
text, in thousand millions, by the CPU time of one thread; each figure is the median of the rounds. `prefilter` goes from the text to places where
something may stand, `close look` from there to findings, `plan` to edits and the new text, `write` to the bytes that would go out. The rows
below measure the same texts with other tools: `aho-corasick` is that automaton alone, over the longest literal of each form of the same rules.";

/// Measure the speed on your own texts
///
/// Reads texts, cleans them several times and shows how much each stage takes, what the rules cost, and how that compares with copying the
/// text, with looking for one byte, and with the automaton that most programs would use. Writes nothing.
#[derive(Args, Debug)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct BenchArgs {
    /// Files or folders of texts and records (JSON Lines, CSV, TSV, WET), packed or not; a built-in sample when none is named
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Records: the field that holds the text, as a dotted path, or a column's name; may be given several times
    #[arg(
        long,
        value_name = "PATH",
        default_value = "text",
        help_heading = "Input"
    )]
    field: Vec<String>,
    /// The most megabytes that are read
    #[arg(long, value_name = "MB", default_value_t = 16, value_parser = clap::value_parser!(u64).range(1..=4096), help_heading = "Input")]
    limit: u64,
    /// Markers in a megabyte of the built-in sample
    #[arg(long, value_name = "N", default_value_t = 90, value_parser = clap::value_parser!(u64).range(0..=5000), conflicts_with = "paths", help_heading = "Input")]
    density: u64,
    /// How often everything is measured
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=1000))]
    rounds: u64,
    /// So many generated strings as the only rules
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=1_000_000), conflicts_with_all = ["patterns", "no_builtin", "lang", "pattern", "only", "skip"], help_heading = "Rules")]
    generated: Option<u64>,
    /// All figures as one JSON object
    #[arg(long, help_heading = "Output")]
    json: bool,
    #[command(flatten)]
    rules: RuleArgs,
}

/// Runs the subcommand.
pub(crate) fn run(args: &BenchArgs, console: &Console) -> Result<Exit> {
    let limit = args.limit as usize * 1_000_000;
    let sample = if args.paths.is_empty() {
        Sample::built_in(args.density as usize, limit.min(sample::BUILT_IN))
    } else {
        Sample::read(&args.paths, Fields::texts(&args.field), limit)?
    };
    if sample.bytes == 0 {
        bail!("there is no text to measure with; name files that hold some");
    }
    let (cleaner, build) = measure::timed(|| cleaner(args, console));
    let measured = Measured::new(&cleaner?, build, &sample, args.rounds as usize)?;
    let mut out = console.out();
    if args.json {
        show::json(&measured, &mut out)?;
    } else {
        show::table(&measured, &mut out)?;
    }
    Ok(Exit::Success)
}

fn cleaner(args: &BenchArgs, console: &Console) -> Result<Cleaner> {
    let Some(count) = args.generated else {
        return rules::cleaner(&args.rules, console);
    };
    let list = generated::strings(count as usize).join("\n");
    let pack = match Pack::from_list("generated.txt", &list) {
        Ok((pack, _)) => pack,
        Err(errors) => bail!("the generated rules are no pack: {}", errors[0]),
    };
    let builder = Cleaner::builder()
        .builtin(false)
        .packs([pack])
        .fragments(args.rules.fragments);
    Ok(builder.build()?)
}
