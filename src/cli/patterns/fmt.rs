//! `descale patterns fmt`

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use clap::Args;
use descale::{Pack, RULE_FIELDS};
use ignore::WalkBuilder;
use toml_edit::{DocumentMut, Item, Table};

use crate::cli::console::Console;
use crate::cli::exit::Exit;
use crate::cli::inputs::cause;
use crate::cli::{atomic, diagnostics};

/// Tidy packs: rules sorted by id, fields in the order of the documentation; comments stay
#[derive(Args, Debug)]
#[command(
    after_long_help = "Examples:\n  descale patterns fmt patterns/\n  descale patterns fmt --check patterns/     only ask: exit code 1 if a pack is not tidy"
)]
pub(crate) struct FmtArgs {
    /// Packs in TOML, or folders of them
    #[arg(value_name = "PACK", required = true)]
    packs: Vec<PathBuf>,
    /// Write nothing; name the packs that are not tidy, and exit with 1 if there are any
    #[arg(long)]
    check: bool,
}

/// Runs the subcommand.
pub(crate) fn run(args: &FmtArgs, console: &Console) -> Result<Exit> {
    let mut exit = Exit::Success;
    for path in files(&args.packs)? {
        let name = path.display().to_string();
        let source = match fs::read_to_string(&path) {
            Ok(source) => source,
            Err(error) => bail!("{name}: {}", cause(&error)),
        };
        // Only what is a pack is rewritten: a misspelt key would be sorted to a place where nobody looks for it.
        if let Err(errors) = Pack::parse(&name, &source) {
            diagnostics::print(&errors, false, console);
            console.error(&format!("{name}: not tidied; correct it first"));
            exit = exit.and(Exit::Failed);
            continue;
        }
        let Some(tidy) = tidy(&source) else {
            bail!("{name}: could not be rewritten without loss; please report this pack")
        };
        if tidy == source {
            continue;
        }
        if args.check {
            console.raw(&format!("not tidy: {name}\n"));
            exit = exit.and(Exit::Found);
        } else if let Err(error) = atomic::write(&path, tidy.as_bytes()) {
            bail!("{name}: not written: {}", cause(&error));
        } else if !console.is_quiet() {
            console.raw(&format!("tidied: {name}\n"));
        }
    }
    Ok(exit)
}

fn files(paths: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in paths {
        if !path.is_dir() {
            files.push(path.clone());
            continue;
        }
        for entry in WalkBuilder::new(path)
            .require_git(false)
            .sort_by_file_path(Path::cmp)
            .build()
        {
            let file = entry?.into_path();
            if file.extension().is_some_and(|ending| ending == "toml") && file.is_file() {
                files.push(file);
            }
        }
    }
    Ok(files)
}

/// The pack with its rules and their fields in order; `None` if it cannot be read, or would not come out with the same rules.
fn tidy(source: &str) -> Option<String> {
    let mut document = source.parse::<DocumentMut>().ok()?;
    let rules = document.get_mut("rule")?.as_array_of_tables_mut()?;
    // Tables are printed by their position in the file, so the sorted rules share out the positions they had.
    let mut positions: Vec<_> = rules.iter().map(Table::position).collect();
    positions.sort_unstable();
    let mut sorted: Vec<Table> = rules.iter().cloned().collect();
    sorted.sort_by(|a, b| id(a).cmp(id(b)));
    rules.clear();
    for (mut rule, position) in sorted.into_iter().zip(positions) {
        rule.sort_values_by(|a, _, b, _| place(a.get()).cmp(&place(b.get())));
        rule.set_position(position);
        separate(&mut rule);
        rules.push(rule);
    }
    let tidy = document.to_string();
    (rules_of(source)? == rules_of(&tidy)?).then_some(tidy)
}

fn id(rule: &Table) -> &str {
    rule.get("id").and_then(Item::as_str).unwrap_or_default()
}

fn place(field: &str) -> usize {
    RULE_FIELDS
        .iter()
        .position(|known| *known == field)
        .unwrap_or(RULE_FIELDS.len())
}

/// One blank line before a rule, comments after it.
fn separate(rule: &mut Table) {
    let prefix = rule
        .decor()
        .prefix()
        .and_then(|prefix| prefix.as_str())
        .unwrap_or_default();
    let prefix = format!("\n{}", prefix.trim_start_matches(['\n', '\r', ' ', '\t']));
    rule.decor_mut().set_prefix(prefix);
}

/// All rules of a pack, sorted, without regard to the order of their fields.
fn rules_of(source: &str) -> Option<Vec<String>> {
    let (pack, _) = Pack::parse("pack.toml", source).ok()?;
    let mut rules: Vec<String> = pack
        .entries
        .iter()
        .map(|entry| format!("{:?} {:?}", entry.rule, texts(entry)))
        .collect();
    rules.sort_unstable();
    Some(rules)
}

/// The examples of a rule without the places where they stand.
fn texts(entry: &descale::Entry) -> Vec<&str> {
    let examples = entry
        .finds
        .iter()
        .chain(&entry.ignores)
        .map(|example| example.text.as_str());
    examples
        .chain(
            entry
                .fixes
                .iter()
                .flat_map(|fix| [fix.before.as_str(), fix.after.as_str()]),
        )
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "[pack]\nschema = 1\nid = \"en/x\"\nversion = \"1.0.0\"\ntitle = \"X\"\nlicense = \"MIT\"\nlang = \"en\"\n";

    #[test]
    fn rules_and_fields_are_sorted_and_comments_go_along() {
        let source = format!(
            "{HEAD}\n\n\n# About beta.\n[[rule]]\nfinds = [\n  \"Beta beta beta\", # why\n]\n# A remark on the id.\nid = \"beta\"\ntext = [\"Beta beta beta\"]\ncategory = \"misc\"\n[[rule]]\nid = \"alpha\"\ncategory = \"misc\"\ntext = [\"Alpha alpha alpha\"]\nfinds = [\"Alpha alpha alpha\"]\n"
        );
        let expected = format!(
            "{HEAD}\n[[rule]]\nid = \"alpha\"\ncategory = \"misc\"\ntext = [\"Alpha alpha alpha\"]\nfinds = [\"Alpha alpha alpha\"]\n\n# About beta.\n[[rule]]\n# A remark on the id.\nid = \"beta\"\ncategory = \"misc\"\ntext = [\"Beta beta beta\"]\nfinds = [\n  \"Beta beta beta\", # why\n]\n"
        );
        let tidied = tidy(&source).unwrap();
        assert_eq!(tidied, expected);
        assert_eq!(
            tidy(&tidied).unwrap(),
            tidied,
            "tidying twice equals tidying once"
        );
    }

    #[test]
    fn every_field_of_a_rule_has_its_place() {
        let mut fields = RULE_FIELDS.to_vec();
        fields.sort_unstable();
        fields.dedup();
        assert_eq!(fields.len(), RULE_FIELDS.len());
    }
}
