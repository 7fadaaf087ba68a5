//! `descale patterns`: look at packs, try them, and keep them tidy.

mod fmt;
mod import;
mod list;
mod show;
mod test;

use anyhow::Result;
use clap::{Args, Subcommand};

use super::args::PackArgs;
use super::console::Console;
use super::exit::Exit;
use super::rules::{self, PackFile};

/// Look at packs, try their examples, and keep them tidy
#[derive(Args, Debug)]
pub(crate) struct PatternsArgs {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    List(list::ListArgs),
    Show(show::ShowArgs),
    Test(test::TestArgs),
    Fmt(fmt::FmtArgs),
    Import(import::ImportArgs),
}

/// Runs the subcommand.
pub(crate) fn run(args: &PatternsArgs, console: &Console) -> Result<Exit> {
    match &args.command {
        Command::List(args) => list::run(args, console),
        Command::Show(args) => show::run(args, console),
        Command::Test(args) => test::run(args, console),
        Command::Fmt(args) => fmt::run(args, console),
        Command::Import(args) => import::run(args, console),
    }
}

/// The packs that would take part in a run with these arguments, built-in ones first. Compiled databases hold no packs to look at.
fn packs(args: &PackArgs, console: &Console) -> Result<Vec<PackFile>> {
    let mut packs = Vec::new();
    if !args.no_builtin {
        rules::check_languages(&args.lang)?;
        packs = rules::builtin(&args.lang).packs;
    }
    let loaded = rules::load(&args.patterns)?;
    loaded.complain(console.is_verbose(), console)?;
    if !loaded.databases.is_empty() {
        console.warning(
            "a compiled database holds no packs to look at; name the packs it was compiled from",
        );
    }
    packs.extend(loaded.packs);
    Ok(packs)
}
