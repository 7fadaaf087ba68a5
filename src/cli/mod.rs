//! The command line: the only code that opens files, starts threads and talks to terminals. One file a subcommand.
//!
//! Arguments have two stages. What the user typed is a struct of clap's, next to its subcommand or in [`args`]; it can touch nothing. What it
//! means is made of it by [`inputs`], [`rules`], [`output`] and [`reports`], and may fail.

mod args;
mod atomic;
mod bench;
mod clean;
mod compile;
mod completions;
mod config;
mod console;
mod corpus;
mod diagnostics;
mod diff;
mod document;
mod eval;
mod exit;
mod explain;
mod fault;
mod feed;
mod form;
mod inputs;
mod journal;
mod ledger;
mod lint;
mod look;
mod lsp;
mod man;
mod output;
mod patterns;
mod pipeline;
mod position;
mod progress;
mod records;
mod remap;
mod reports;
mod restore;
mod resume;
mod rules;
mod signals;
mod tables;
mod targets;
mod undo;
mod windows;

use std::ffi::OsString;
use std::io;
use std::process::ExitCode;

use clap::{ArgMatches, CommandFactory, FromArgMatches, Parser, Subcommand};

use config::Settings;
use console::Console;
use exit::Exit;

const LONG_ABOUT: &str = "\
Takes the boilerplate off article text that a scraper or an HTML extractor left in it (\"Story continues below advertisement\"), mends \
what careless tools broke (\"Mr. Champag’s office\" in a story about Mr. Champagne), and shows every change it makes.";

const EXAMPLES: &str = "\
Examples:
  descale clean article.txt                    the cleaned text, on the standard output
  descale clean --diff article.txt             what would change
  descale clean -w articles/                   clean a folder of texts in place
  descale clean in.jsonl --field text -o out.jsonl
  descale clean --pattern 'Paid post by Acme' article.txt
  descale lint articles/                       what was found, and why; exit code 1 if anything was
  descale diff before.txt after.txt            what another tool changed
  descale clean -w articles/ --ledger l.jsonl  … and write down how to get back
  descale undo -w articles/ --ledger l.jsonl   the original bytes

Exit codes: 0 nothing found or all done; 1 something found (lint) or to be changed (clean --check); 2 an error.";

/// What the user typed.
#[derive(Debug, Parser)]
#[command(name = "descale", version, about = "Removes publisher boilerplate from article text and mends broken fragments", long_about = LONG_ABOUT, after_long_help = EXAMPLES, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    console: args::ConsoleArgs,
    #[command(flatten)]
    config: config::ConfigFileArgs,
}

#[derive(Debug, Subcommand)]
enum Command {
    Clean(clean::CleanArgs),
    Lint(lint::LintArgs),
    Diff(diff::DiffArgs),
    Undo(undo::UndoArgs),
    Remap(remap::RemapArgs),
    Explain(explain::ExplainArgs),
    Eval(eval::EvalArgs),
    Bench(bench::BenchArgs),
    Compile(compile::CompileArgs),
    Patterns(patterns::PatternsArgs),
    Config(config::ConfigArgs),
    Lsp(lsp::LspArgs),
    Completions(completions::CompletionsArgs),
    Man(man::ManArgs),
}

/// The command line as it is declared.
fn command() -> clap::Command {
    config::with_flags(Cli::command())
}

/// Runs the command line given, program name first.
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let args: Vec<OsString> = args.into_iter().collect();
    let (cli, matches, settings, console) = match parse(&args) {
        Ok(parsed) => parsed,
        Err(exit) => return exit.into(),
    };
    let result = match cli.command {
        Command::Clean(args) => clean::run(&args, &console),
        Command::Lint(args) => lint::run(&args, &console),
        Command::Diff(args) => diff::run(&args, &console),
        Command::Undo(args) => undo::run(&args, &console),
        Command::Remap(args) => remap::run(&args, &console),
        Command::Explain(args) => explain::run(&args, &console),
        Command::Eval(args) => eval::run(&args, &console),
        Command::Bench(args) => bench::run(&args, &console),
        Command::Compile(args) => compile::run(&args, &console),
        Command::Patterns(args) => patterns::run(&args, &console),
        Command::Config(args) => config::run(&args, &settings, &matches, &console),
        Command::Lsp(args) => lsp::run(&args, &console),
        Command::Completions(args) => completions::run(&args, &console),
        Command::Man(args) => man::run(&args, &console),
    };
    match result {
        Ok(exit) => exit.into(),
        // Whoever reads our output has seen enough, as `head` does. Nothing failed.
        Err(error) if is_broken_pipe(&error) => Exit::Success.into(),
        Err(error) => {
            console.error(&explained(&error));
            Exit::Failed.into()
        }
    }
}

/// An error with its causes; the last one, if the system named it, in our words and with its cure.
fn explained(error: &anyhow::Error) -> String {
    let words = error.chain().map(|cause| {
        let cause = cause.downcast_ref::<io::Error>();
        cause.map(inputs::cause)
    });
    let words: Vec<String> = words
        .zip(error.chain())
        .map(|(known, cause)| known.unwrap_or_else(|| cause.to_string()))
        .collect();
    words.join(": ")
}

/// Reads the command line twice at most: as it stands, and, if the environment or a file sets something, with that in the place of defaults.
/// What is wrong has been said when it fails.
fn parse(args: &[OsString]) -> Result<(Cli, ArgMatches, Settings, Console), Exit> {
    let read = |command: clap::Command| {
        let matches = command.try_get_matches_from(args)?;
        let cli = Cli::from_arg_matches(&matches)?;
        Ok((cli, matches))
    };
    let complain = |error: clap::Error| {
        // Help and version go to the standard output, mistakes to the standard error. If neither can be written, nobody is left to tell.
        let _ = error.print();
        if error.use_stderr() {
            Exit::Failed
        } else {
            Exit::Success
        }
    };
    let command = command();
    let (cli, matches) = read(command.clone()).map_err(complain)?;
    let console = Console::new(&cli.console);
    let settings = Settings::load(&command, &matches, &cli.config, &console).map_err(|error| {
        console.error(&format!("{error:#}"));
        Exit::Failed
    })?;
    if settings.list.is_empty() {
        return Ok((cli, matches, settings, console));
    }
    let (cli, matches) = read(settings.apply(command, &matches)).map_err(complain)?;
    let console = Console::new(&cli.console);
    Ok((cli, matches, settings, console))
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause
            .downcast_ref::<io::Error>()
            .is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
    })
}

/// Prints the help of a subcommand that was called with nothing to work on, as clap does for missing arguments.
fn help_of(subcommand: &str, console: &Console) -> Exit {
    let mut command = command();
    command.build();
    if let Some(subcommand) = command.find_subcommand_mut(subcommand) {
        console.raw(&subcommand.render_help().to_string());
    }
    Exit::Failed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_declaration_of_arguments_is_sound() {
        command().debug_assert();
    }

    #[test]
    fn every_argument_has_help() {
        fn check(command: &clap::Command) {
            for argument in command.get_arguments() {
                assert!(
                    argument.get_help().is_some(),
                    "{} --{} has no help",
                    command.get_name(),
                    argument.get_id()
                );
            }
            command.get_subcommands().for_each(check);
        }
        check(&command());
    }
}
