//! `descale patterns test`

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use descale::eval::words;
use descale::format::jsonl::Fields;
use descale::{BuildError, Cleaned, Cleaner, Safety};
use rayon::prelude::*;

use crate::cli::console::Console;
use crate::cli::exit::Exit;
use crate::cli::{corpus, diagnostics, rules};

const EXAMPLES: &str = "\
Examples:
  descale patterns test mine.toml
  descale patterns test patterns/     several packs together
  descale patterns test               the built-in packs
  descale patterns test mine.toml --clean articles/ --max-hits 5

Exit codes: 0 all is well (warnings may remain); 2 something is wrong.";

/// Check packs: run every example of every rule, and look for rules in each other's way
#[derive(Args, Debug)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct TestArgs {
    /// Packs, plain lists, or folders of them; the built-in packs without one
    #[arg(value_name = "PACK")]
    packs: Vec<PathBuf>,
    /// Also clean texts in which nothing should be found, and print false hits per million words by rule
    #[arg(long, value_name = "FILE|DIR")]
    clean: Option<PathBuf>,
    /// The field of JSON Lines that holds the clean text
    #[arg(long, value_name = "PATH", default_value = "text", requires = "clean")]
    field: String,
    /// More false hits per million words than this are an error
    #[arg(long, value_name = "HITS", requires = "clean")]
    max_hits: Option<f64>,
    /// Count what `clean --review` would do
    #[arg(long, requires = "clean")]
    review: bool,
}

/// Runs the subcommand.
pub(crate) fn run(args: &TestArgs, console: &Console) -> Result<Exit> {
    let loaded = if args.packs.is_empty() {
        let mut loaded = rules::builtin(&[]);
        loaded.check();
        loaded
    } else {
        rules::load(&args.packs)?
    };
    let errors = diagnostics::print(&loaded.diagnostics, !console.is_quiet(), console);
    let warnings = loaded.diagnostics.len() - errors;
    if !console.is_quiet() {
        let entries = || loaded.packs.iter().flat_map(|file| &file.pack.entries);
        let examples: usize = entries()
            .map(|entry| entry.finds.len() + entry.ignores.len() + entry.fixes.len())
            .sum();
        console.raw(&format!(
            "{} packs, {} rules, {examples} examples: {errors} errors, {warnings} warnings\n",
            loaded.packs.len(),
            entries().count()
        ));
    }
    if errors > 0 {
        return Ok(Exit::Failed);
    }
    let Some(path) = &args.clean else {
        return Ok(Exit::Success);
    };
    let texts = corpus::read(path, &Fields::texts([&args.field]))?;
    let cleaner = Cleaner::builder()
        .builtin(false)
        .packs(loaded.packs())
        .apply(if args.review {
            Safety::Review
        } else {
            Safety::Safe
        })
        .build()
        .map_err(|error: BuildError| anyhow::anyhow!("{error}"))?;
    let cleaned: Vec<Cleaned<'_>> = texts.par_iter().map(|text| text.clean(&cleaner)).collect();
    let mut hits = FalseHits::default();
    cleaned.iter().for_each(|cleaned| hits.add(cleaned));
    let mut out = console.out();
    hits.write(&mut out)?;
    out.flush()?;
    let rate = hits.rate(hits.count());
    Ok(match args.max_hits {
        Some(most) if rate > most => {
            console.error(&format!(
                "{rate:.1} false hits per million words; at most {most} are allowed"
            ));
            Exit::Failed
        }
        _ => Exit::Success,
    })
}

/// What was found in texts in which nothing should be.
#[derive(Default)]
struct FalseHits<'a> {
    texts: usize,
    touched: usize,
    words: usize,
    /// By rule: hits, and the words they would cost.
    rules: BTreeMap<&'a str, (usize, usize)>,
}

impl<'a> FalseHits<'a> {
    fn add(&mut self, cleaned: &'a Cleaned<'_>) {
        self.texts += 1;
        self.touched += usize::from(cleaned.changed());
        self.words += words(cleaned.original).count();
        for finding in cleaned.findings.iter().filter(|finding| finding.applies()) {
            let (hits, cost) = self.rules.entry(&finding.rule.name).or_default();
            *hits += 1;
            *cost += words(&cleaned.original[finding.cut.range()]).count();
        }
    }

    fn count(&self) -> usize {
        self.rules.values().map(|(hits, _)| hits).sum()
    }

    /// Hits per million words.
    fn rate(&self, hits: usize) -> f64 {
        hits as f64 * 1e6 / self.words.max(1) as f64
    }

    fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let Self {
            texts,
            touched,
            words,
            ..
        } = self;
        let count = self.count();
        writeln!(
            out,
            "{texts} clean texts, {touched} touched, {words} words, {count} false hits, {:.1} per million words",
            self.rate(count)
        )?;
        let mut rows: Vec<_> = self.rules.iter().collect();
        rows.sort_by_key(|(_, counts)| std::cmp::Reverse(**counts));
        if !rows.is_empty() {
            writeln!(
                out,
                "{:>6} {:>6} {:>12}  rule",
                "hits", "words", "per million"
            )?;
        }
        for (name, (hits, cost)) in rows {
            writeln!(out, "{hits:6} {cost:6} {:12.1}  {name}", self.rate(*hits))?;
        }
        Ok(())
    }
}
