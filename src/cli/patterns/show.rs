//! `descale patterns show`

use std::io::Write;

use anyhow::{Result, bail};
use clap::Args;
use toml_edit::{DocumentMut, Item, Table};

use crate::cli::args::PackArgs;
use crate::cli::console::Console;
use crate::cli::exit::Exit;
use crate::cli::rules::PackFile;

/// Show rules as they stand in their packs, with examples and comments
#[derive(Args, Debug)]
#[command(after_long_help = "Example:\n  descale patterns show en/ads/continues-below")]
pub(crate) struct ShowArgs {
    /// Full names of rules, as lint prints them
    #[arg(value_name = "RULE", required = true)]
    rules: Vec<String>,
    #[command(flatten)]
    packs: PackArgs,
}

/// Runs the subcommand.
pub(crate) fn run(args: &ShowArgs, console: &Console) -> Result<Exit> {
    let packs = super::packs(&args.packs, console)?;
    let mut out = console.out();
    for (index, name) in args.rules.iter().enumerate() {
        let Some((file, text)) = packs
            .iter()
            .find_map(|file| Some((file, text_of(file, name)?)))
        else {
            bail!("{name}: no rule has this name{}", nearest(name, &packs));
        };
        if index > 0 {
            writeln!(out)?;
        }
        writeln!(
            out,
            "# {} {}, in {}",
            file.pack.info.id, file.pack.info.version, file.path
        )?;
        writeln!(out, "{}", text.trim())?;
    }
    out.flush()?;
    Ok(Exit::Success)
}

/// A rule as it stands in its pack.
fn text_of(file: &PackFile, name: &str) -> Option<String> {
    let place = file
        .pack
        .entries
        .iter()
        .position(|entry| entry.rule.name == name)?;
    let Ok(document) = file.source.parse::<DocumentMut>() else {
        // A plain list: the rule is its string.
        return Some(file.pack.entries[place].rule.text.first()?.source.clone());
    };
    let rules = document.get("rule").and_then(Item::as_array_of_tables);
    match rules.and_then(|rules| rules.get(place)) {
        Some(rule) => Some(print(rule)),
        None => Some(file.pack.entries[place].rule.text.first()?.source.clone()),
    }
}

fn print(rule: &Table) -> String {
    let mut document = DocumentMut::new();
    let mut rules = toml_edit::ArrayOfTables::new();
    rules.push(rule.clone());
    document.insert("rule", Item::ArrayOfTables(rules));
    document.to_string()
}

/// A hint at the name that was probably meant.
fn nearest(name: &str, packs: &[PackFile]) -> String {
    let names = packs
        .iter()
        .flat_map(|file| &file.pack.entries)
        .map(|entry| entry.rule.name.as_str());
    // A bare id is the commonest mistake, a misspelling the next.
    let last = |name: &str| name.rsplit('/').next().unwrap_or_default().to_owned();
    let best = names
        .map(|known| {
            (
                if last(known) == name {
                    0
                } else {
                    strsim::osa_distance(known, name)
                },
                known,
            )
        })
        .min();
    match best {
        Some((distance, known)) if distance <= 3 + name.len() / 4 => {
            format!("; did you mean {known}?")
        }
        _ => "; `descale patterns list` shows all".to_owned(),
    }
}
