//! `descale completions`: what shells need to complete arguments.

use std::io::Write;

use anyhow::Result;
use clap::Args;
use clap_complete::Shell;

use super::console::Console;
use super::exit::Exit;

/// Print the completions for a shell
#[derive(Args, Debug)]
#[command(
    after_long_help = "Example:\n  descale completions bash > ~/.local/share/bash-completion/completions/descale"
)]
pub(crate) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

/// Runs the subcommand.
pub(crate) fn run(args: &CompletionsArgs, console: &Console) -> Result<Exit> {
    // Generated into memory: the generator panics when its writer fails, and a pipe may close.
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut super::command(), "descale", &mut text);
    let mut out = console.out();
    out.write_all(&text)?;
    out.flush()?;
    Ok(Exit::Success)
}
