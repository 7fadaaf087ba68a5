//! `descale patterns test`

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;

use crate::cli::console::Console;
use crate::cli::exit::Exit;
use crate::cli::{diagnostics, rules};

/// Check packs: run every example of every rule, and look for rules in each other's way
#[derive(Args, Debug)]
#[command(
    after_long_help = "Examples:\n  descale patterns test mine.toml\n  descale patterns test patterns/     several packs together\n  descale patterns test               the built-in packs\n\nExit codes: 0 all is well (warnings may remain); 2 something is wrong."
)]
pub(crate) struct TestArgs {
    /// Packs, plain lists, or folders of them; the built-in packs without one
    #[arg(value_name = "PACK")]
    packs: Vec<PathBuf>,
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
    Ok(if errors > 0 {
        Exit::Failed
    } else {
        Exit::Success
    })
}
