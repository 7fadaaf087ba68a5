//! `descale man`: manual pages, made of the help.

use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;
use clap_mangen::Man;

use super::console::Console;
use super::exit::Exit;

/// Print the manual page, or write the pages of all subcommands to a folder
#[derive(Args, Debug)]
#[command(
    after_long_help = "Examples:\n  descale man | man -l -\n  descale man --dir ~/.local/share/man/man1"
)]
pub(crate) struct ManArgs {
    /// Write descale.1, descale-clean.1 and so on to this folder
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

/// Runs the subcommand.
pub(crate) fn run(args: &ManArgs, console: &Console) -> Result<Exit> {
    let command = super::command();
    match &args.dir {
        None => {
            let mut page = Vec::new();
            Man::new(command).render(&mut page)?;
            let mut out = console.out();
            out.write_all(&page)?;
            out.flush()?;
        }
        Some(dir) => {
            std::fs::create_dir_all(dir)
                .and_then(|()| clap_mangen::generate_to(command, dir))
                .with_context(|| dir.display().to_string())?;
        }
    }
    Ok(Exit::Success)
}
