//! `descale compile`: packs to a database that loads faster.

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Args;
use descale::compile;

use super::console::Console;
use super::exit::Exit;
use super::inputs::cause;
use super::{atomic, rules};

const EXAMPLES: &str = "\
Examples:
  descale compile patterns/ -o rules.descale
  descale clean --no-builtin --patterns rules.descale article.txt

The compiled file is a cache: keep the packs. Another version of descale may refuse it and says so.";

/// Compile packs into a file that loads faster
///
/// All packs are checked first: every example of every rule is run. Mistakes are shown with file, line, column and the cure, all in one run.
#[derive(Args, Debug)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct CompileArgs {
    /// Packs in TOML, plain lists, or folders of them
    #[arg(value_name = "PACK", required = true)]
    packs: Vec<PathBuf>,
    /// The file to write
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
}

/// Runs the subcommand.
pub(crate) fn run(args: &CompileArgs, console: &Console) -> Result<Exit> {
    let loaded = rules::load(&args.packs)?;
    if !loaded.databases.is_empty() {
        bail!("one of the files is compiled already; compile takes packs in TOML and plain lists");
    }
    loaded.complain(!console.is_quiet(), console)?;
    let packs = loaded.packs();
    // What is wrong was said above, so this only fails if checking and compiling disagree.
    let Ok(database) = compile(&packs) else {
        bail!("the packs could not be compiled")
    };
    let bytes = database.to_bytes();
    if let Err(error) = atomic::write(&args.output, &bytes) {
        bail!("{}: not written: {}", args.output.display(), cause(&error));
    }
    if !console.is_quiet() {
        let rules = database.rules().count();
        console.raw(&format!(
            "{}: {rules} rules of {} packs, {} bytes\n",
            args.output.display(),
            packs.len(),
            bytes.len()
        ));
    }
    Ok(Exit::Success)
}
