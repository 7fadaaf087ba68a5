//! `descale patterns list`

use std::io::Write;

use anyhow::Result;
use clap::{Args, ValueEnum};
use descale::Place;

use crate::cli::args::PackArgs;
use crate::cli::console::Console;
use crate::cli::exit::Exit;

/// List rules: name, category, places, safety, and what they look for
#[derive(Args, Debug)]
#[command(
    after_long_help = "Examples:\n  descale patterns list en/ads\n  descale patterns list --format json | jq -r '.[].rule'"
)]
pub(crate) struct ListArgs {
    /// Only rules whose name or category begins so (`en/ads`, `newsletter`)
    #[arg(value_name = "NAME")]
    names: Vec<String>,
    #[command(flatten)]
    packs: PackArgs,
    /// How to show the list
    #[arg(long, value_enum, default_value_t = Format::Text, help_heading = "Output")]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A line for each rule.
    Text,
    /// A JSON array.
    Json,
}

#[derive(serde::Serialize)]
struct Row {
    rule: String,
    version: String,
    lang: String,
    category: &'static str,
    at: Vec<&'static str>,
    safety: Vec<&'static str>,
    sites: Vec<String>,
    text: Vec<String>,
}

/// Runs the subcommand.
pub(crate) fn run(args: &ListArgs, console: &Console) -> Result<Exit> {
    let wanted = |row: &Row| {
        args.names.is_empty()
            || args
                .names
                .iter()
                .any(|name| row.rule.starts_with(name) || row.category == name)
    };
    let rows: Vec<Row> = super::packs(&args.packs, console)?
        .iter()
        .flat_map(|file| &file.pack.entries)
        .map(|entry| row(&entry.rule))
        .filter(wanted)
        .collect();
    let mut out = console.out();
    match args.format {
        Format::Json => {
            serde_json::to_writer_pretty(&mut out, &rows)?;
            writeln!(out)?;
        }
        Format::Text => {
            let width = rows.iter().map(|row| row.rule.len()).max().unwrap_or(0);
            for row in &rows {
                let (at, safety) = (row.at.join(","), row.safety.join(","));
                let text = row.text.first().map_or("", String::as_str);
                let more = if row.text.len() > 1 {
                    format!(" (+{})", row.text.len() - 1)
                } else {
                    String::new()
                };
                writeln!(
                    out,
                    "{:width$}  {:16} {:12} {:8} {text}{more}",
                    row.rule, row.category, at, safety
                )?;
            }
        }
    }
    out.flush()?;
    if rows.is_empty() {
        console.warning(
            "no rule has such a name or category; `descale patterns list` without a name shows all",
        );
    }
    Ok(Exit::Success)
}

fn row(rule: &descale::Rule) -> Row {
    let places: Vec<Place> = rule.places.iter().collect();
    let mut safety: Vec<&'static str> = places
        .iter()
        .map(|place| rule.safety.at(*place).name())
        .collect();
    // One word when it is the same at every place.
    if safety.iter().all(|word| Some(word) == safety.first()) {
        safety.truncate(1);
    }
    Row {
        rule: rule.name.clone(),
        version: rule.version.clone(),
        lang: rule.lang.clone(),
        category: rule.category.name(),
        at: places.into_iter().map(Place::name).collect(),
        safety,
        sites: rule.sites.clone(),
        text: rule
            .text
            .iter()
            .map(|template| template.source.clone())
            .collect(),
    }
}
