//! `descale config`: what holds, and who said so.

use std::io::Write as _;

use anyhow::Result;
use clap::{ArgMatches, Args};
use serde_json::{Value, json};

use super::key::{self, Key, Kind};
use super::{Settings, Source, schema};
use crate::cli::console::Console;
use crate::cli::exit::Exit;

const EXAMPLES: &str = "\
Examples:
  descale config --show                    every value, and where it came from
  descale config --show --skip ads -j 4    the same, as these flags would have it
  descale config --schema > descale.schema.json

The nearest descale.toml, .descale.toml or pyproject.toml with a [tool.descale] counts, upwards from the current folder; nothing is merged.
A flag goes before its variable (--input-format: DESCALE_INPUT_FORMAT), that before the file, that before the default.";

/// Show the standing choices and where each came from
///
/// Takes every flag that a file can set, and shows what it would come to.
#[derive(Args, Debug)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct ConfigArgs {
    /// Every value with its source, as TOML (the default)
    #[arg(long)]
    show: bool,
    /// The same as JSON
    #[arg(long)]
    json: bool,
    /// The JSON Schema of the file, for editors
    #[arg(long, conflicts_with_all = ["show", "json"])]
    schema: bool,
}

/// Runs the subcommand.
pub(crate) fn run(
    args: &ConfigArgs,
    settings: &Settings,
    matches: &ArgMatches,
    console: &Console,
) -> Result<Exit> {
    let keys = key::all(&crate::cli::command());
    // Only this subcommand asks clap for its values by name: it has no field for each of them.
    let matches = matches.subcommand_matches("config").unwrap_or(matches);
    let mut out = console.out();
    if args.schema {
        writeln!(out, "{:#}", schema::schema(&keys))?;
    } else if args.json {
        writeln!(out, "{:#}", as_json(&keys, settings, matches))?;
    } else {
        out.write_all(as_toml(&keys, settings, matches).as_bytes())?;
    }
    out.flush()?;
    Ok(Exit::Success)
}

/// The values of a key as they hold.
fn values(key: &Key, matches: &ArgMatches) -> Vec<String> {
    let values = matches.try_get_raw(key.id()).ok().flatten();
    values.map_or_else(Vec::new, |values| {
        values
            .map(|value| value.to_string_lossy().into_owned())
            .collect()
    })
}

/// The value of a key as JSON; null when there is none.
fn value(key: &Key, matches: &ArgMatches) -> Value {
    let values = values(key, matches);
    let first = values.first();
    match key.kind() {
        Kind::List => json!(values),
        Kind::Flag => json!(matches.get_flag(key.id())),
        Kind::Number => first.and_then(|value| value.parse::<u64>().ok()).into(),
        Kind::Text => first.map(String::as_str).into(),
    }
}

fn as_toml(keys: &[Key], settings: &Settings, matches: &ArgMatches) -> String {
    let file = settings.file.as_ref();
    let mut text = file.map_or_else(
        || "# no file\n".to_owned(),
        |path| format!("# file: {}\n", path.display()),
    );
    let rows: Vec<(String, String)> = keys
        .iter()
        .map(|key| {
            let value = value(key, matches);
            let shown = match &value {
                // Strings and lists of JSON are those of TOML, but for characters that TOML escapes otherwise.
                Value::Null => format!("# {} is not set", key.name),
                value => format!("{} = {}", key.name, toml_value(value)),
            };
            let source = match settings.source(key, matches) {
                Source::Flag => "flag".to_owned(),
                Source::Env(name) => name,
                Source::File { path, line } => format!("{}:{line}", path.display()),
                Source::Default => "default".to_owned(),
            };
            (shown, source)
        })
        .collect();
    let width = rows
        .iter()
        .map(|(shown, _)| shown.chars().count())
        .filter(|width| *width <= 40)
        .max()
        .unwrap_or(0);
    for (shown, source) in rows {
        text.push_str(&format!("{shown:width$}  # {source}\n"));
    }
    text
}

fn toml_value(value: &Value) -> String {
    match value {
        Value::String(text) => toml_edit::Value::from(text).to_string(),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(toml_value).collect();
            format!("[{}]", items.join(", "))
        }
        other => other.to_string(),
    }
}

fn as_json(keys: &[Key], settings: &Settings, matches: &ArgMatches) -> Value {
    let list: Vec<Value> = keys
        .iter()
        .map(|key| {
            let mut row = json!({"key": key.name, "value": value(key, matches)});
            match settings.source(key, matches) {
                Source::Flag => row["source"] = json!("flag"),
                Source::Env(name) => {
                    row["source"] = json!("env");
                    row["variable"] = json!(name);
                }
                Source::File { path, line } => {
                    row["source"] = json!("file");
                    row["path"] = json!(path.display().to_string());
                    row["line"] = json!(line);
                }
                Source::Default => row["source"] = json!("default"),
            }
            row
        })
        .collect();
    json!({"file": settings.file.as_ref().map(|path| path.display().to_string()), "settings": list})
}
