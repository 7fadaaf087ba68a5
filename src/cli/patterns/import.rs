//! `descale patterns import`

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use descale::{Category, Level, Pack, check_packs, fold};
use toml_edit::{Array, ArrayOfTables, DocumentMut, Item, Table, value};

use crate::cli::atomic;
use crate::cli::console::Console;
use crate::cli::exit::Exit;
use crate::cli::inputs::cause;

/// The largest file that is read, in bytes. A list to be reviewed by a person is never nearly as large.
const LARGEST: u64 = 64 << 20;

/// So many words of a string become its id.
const ID_WORDS: usize = 6;

/// The columns a table may have, each with its other names.
const COLUMNS: &[(&str, &[&str])] = &[
    ("text", &["segment", "string", "marker"]),
    ("template", &["pattern"]),
    ("lang", &["language"]),
    ("category", &["kind"]),
    ("at", &["position", "place"]),
    ("source", &["publishers", "publisher", "site", "sites"]),
];

const EXAMPLES: &str = "\
Examples:
  descale patterns import strings.txt --id en/mine --lang en -o mine.toml
  descale patterns import markers.tsv --lang de --category ad-marker > werbung.toml

A plain list has one string a line; a table has tabs between its columns and their names in the first line: `text` or `template`, and, if known, `lang`,
`category`, `at`, `source`. The rules come out with the safety `review`: look at them, add to each what it must not find (`ignores`), and only then make them
`safe`. What cannot be a rule is named with its line and left out, and makes the exit code 2.";

/// Make a pack, to be reviewed, of a plain list or a table of strings
#[derive(Args, Debug)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct ImportArgs {
    /// The list or table; `-` is the standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The pack's id, such as `en/mine`; without it made of --lang and the file's name
    #[arg(long, value_name = "ID")]
    id: Option<String>,
    /// The pack's language (BCP 47). Of a table with several languages only its rows are taken
    #[arg(long, value_name = "LANG")]
    lang: Option<String>,
    /// The category of strings that have none; of a table with categories only its rows are taken
    #[arg(long, value_name = "CATEGORY", value_parser = category())]
    category: Option<Category>,
    /// Write to a file instead of the standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

fn category() -> impl TypedValueParser<Value = Category> {
    let names = Category::ALL.iter().map(|category| category.name());
    PossibleValuesParser::new(names).map(|name| Category::parse(&name).unwrap_or(Category::Misc))
}

/// A string to make a rule of.
#[derive(Debug, Default)]
struct Row {
    line: u64,
    /// As it stands in texts, if known.
    text: String,
    /// As a template.
    template: String,
    lang: String,
    category: String,
    at: String,
    source: String,
}

/// Runs the subcommand.
pub(crate) fn run(args: &ImportArgs, console: &Console) -> Result<Exit> {
    let name = args.file.display().to_string();
    let source = read(&args.file)?;
    let rows = rows(&name, &source)?;
    let lang = lang(args, &name, &rows)?;
    let id = args.id.clone().unwrap_or_else(|| {
        let stem = args.file.file_stem().unwrap_or_default().to_string_lossy();
        let stem = Some(slug(&stem)).filter(|stem| !stem.is_empty());
        format!("{lang}/{}", stem.as_deref().unwrap_or("imported"))
    });
    let head = head(&id, &lang, &name);
    let (mut rules, mut left_out, mut twice) = (BTreeMap::new(), 0, 0);
    let mut seen = HashSet::new();
    for row in rows {
        let other_lang = !row.lang.is_empty() && row.lang != lang;
        let other_category = (args.category)
            .is_some_and(|category| !row.category.is_empty() && row.category != category.name());
        if other_lang || other_category {
            continue;
        }
        if !seen.insert(fold(&row.template)) {
            twice += 1;
            continue;
        }
        let id = free_id(&row, &rules);
        match with_example(&head, &rule(&id, &row, args.category), &row) {
            Ok(rule) => {
                rules.insert(id, rule);
            }
            Err(complaint) => {
                left_out += 1;
                console.error(&format!("{name}:{}: {complaint}; left out", row.line));
            }
        }
    }
    if rules.is_empty() {
        bail!("{name}: nothing in it became a rule; --lang and --category may have left all out");
    }
    let count = rules.len();
    let mut document = head;
    let mut tables = ArrayOfTables::new();
    for rule in rules.into_values() {
        tables.push(rule);
    }
    document.insert("rule", Item::ArrayOfTables(tables));
    let text = document.to_string();
    match &args.output {
        Some(path) => {
            if let Err(error) = atomic::write(path, text.as_bytes()) {
                bail!("{}: not written: {}", path.display(), cause(&error));
            }
        }
        None => {
            let mut out = console.out();
            out.write_all(text.as_bytes())?;
            out.flush()?;
        }
    }
    if !console.is_quiet() {
        console.raw(&format!(
            "{id}: {count} rules to review, {twice} strings there were twice, {left_out} left out\n"
        ));
    }
    Ok(if left_out > 0 {
        Exit::Failed
    } else {
        Exit::Success
    })
}

fn read(path: &Path) -> Result<String> {
    let name = path.display();
    let mut bytes = Vec::new();
    let read = if path.as_os_str() == "-" {
        io::stdin().lock().take(LARGEST + 1).read_to_end(&mut bytes)
    } else {
        fs::File::open(path).and_then(|file| file.take(LARGEST + 1).read_to_end(&mut bytes))
    };
    if let Err(error) = read {
        bail!("{name}: {}", cause(&error));
    }
    if bytes.len() as u64 > LARGEST {
        bail!("{name}: more than {LARGEST} bytes; split the list");
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok(text.strip_prefix('\u{feff}').unwrap_or(&text).to_owned()),
        Err(error) => bail!(
            "{name}: byte {} is not UTF-8; save the file as UTF-8",
            error.utf8_error().valid_up_to()
        ),
    }
}

/// The strings of a list, or of a table if the first line holds a tab.
fn rows(name: &str, source: &str) -> Result<Vec<Row>> {
    if source
        .lines()
        .next()
        .is_some_and(|line| line.contains('\t'))
    {
        return table(name, source);
    }
    let lines = (1..).zip(source.lines());
    let rows = lines.filter_map(|(line, text)| {
        let text = text.trim();
        let text = if text.starts_with('#') || text.is_empty() {
            return None;
        } else {
            text.strip_prefix("\\#").map_or(text, |_| &text[1..])
        };
        Some(Row {
            line,
            text: text.to_owned(),
            template: escape(text),
            ..Row::default()
        })
    });
    Ok(rows.collect())
}

fn table(name: &str, source: &str) -> Result<Vec<Row>> {
    // Such tables are written by hand and by scripts that do not quote: a quotation mark is part of the string.
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(b'\t')
        .quoting(false)
        .from_reader(source.as_bytes());
    let header = reader.headers()?.clone();
    let column = |wanted: &str| {
        let (own, others) = COLUMNS.iter().find(|(own, _)| *own == wanted)?;
        let named = |name: &&str| header.iter().position(|column| column.trim() == *name);
        named(own).or_else(|| others.iter().find_map(named))
    };
    let [text, template, lang, category, at, place] =
        ["text", "template", "lang", "category", "at", "source"].map(column);
    if text.or(template).is_none() {
        bail!(
            "{name}:1: no column `text` or `template`; the first line of a table names its columns"
        );
    }
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => bail!("{name}: {error}; every line has as many tabs as the first"),
        };
        let cell = |column: Option<usize>| {
            let cell = column.and_then(|column| record.get(column));
            cell.unwrap_or_default().trim().to_owned()
        };
        let mut row = Row {
            line: record.position().map_or(0, csv::Position::line),
            text: cell(text),
            template: cell(template),
            lang: cell(lang),
            category: cell(category),
            at: cell(at),
            source: cell(place),
        };
        if row.template.is_empty() {
            row.template = escape(&row.text);
        }
        if !row.template.is_empty() {
            rows.push(row);
        }
    }
    Ok(rows)
}

/// The language of the pack: the one asked for, or the only one there is.
fn lang(args: &ImportArgs, name: &str, rows: &[Row]) -> Result<String> {
    if let Some(lang) = &args.lang {
        return Ok(lang.clone());
    }
    let langs: std::collections::BTreeSet<&str> = rows
        .iter()
        .map(|row| row.lang.as_str())
        .filter(|lang| !lang.is_empty())
        .collect();
    match langs.into_iter().collect::<Vec<_>>().as_slice() {
        [] => Ok("und".to_owned()),
        [lang] => Ok((*lang).to_owned()),
        langs => bail!(
            "{name}: a pack has one language, and there are {}; choose with --lang",
            langs.join(", ")
        ),
    }
}

fn head(id: &str, lang: &str, name: &str) -> DocumentMut {
    let mut pack = Table::new();
    pack.insert("schema", value(1));
    pack.insert("id", value(id));
    pack.insert("version", value("0.1.0"));
    pack.insert(
        "title",
        value(format!("Imported from {name}, to be reviewed")),
    );
    pack.insert("license", value("LicenseRef-to-be-named"));
    pack.insert("lang", value(lang));
    let mut document = DocumentMut::new();
    document.insert("pack", Item::Table(pack));
    document
}

fn rule(id: &str, row: &Row, category: Option<Category>) -> Table {
    let mut rule = Table::new();
    let own = Category::parse(&row.category);
    let category = own.or(category).unwrap_or(Category::Misc);
    rule.insert("id", value(id));
    rule.insert("category", value(category.name()));
    rule.insert("text", value(Array::from_iter([row.template.as_str()])));
    if let Some(at) = place(&row.at) {
        rule.insert("at", value(at));
    }
    rule.insert("safety", value("review"));
    if !row.source.is_empty() && row.source != "*" && row.source != "-" {
        rule.insert("source", value(row.source.as_str()));
    }
    rule
}

/// A place by the names that lists of markers use.
fn place(name: &str) -> Option<&'static str> {
    match name {
        "line" | "whole-line" => Some("line"),
        "line-start" | "line-prefix" => Some("line-start"),
        "line-end" | "line-suffix" => Some("line-end"),
        "inline" | "inline-anywhere" => Some("inline"),
        "tail" | "tail-start" => Some("tail"),
        _ => None,
    }
}

/// The rule with the first text as an example in which it finds something. Else what speaks against the last one.
fn with_example(head: &DocumentMut, rule: &Table, row: &Row) -> Result<Table, String> {
    // A template without a string beside it is its own example, unless it has slots or choices.
    let text = if row.text.is_empty() {
        &row.template
    } else {
        &row.text
    };
    let before = "It was late, and the board had met.\n\nNobody had slept.\n\n".repeat(4);
    let mut complaint = String::new();
    for example in [
        text.clone(),
        format!("It was late.\n\n{text}\n\nThey went home."),
        format!("It was late.{text} They went home."),
        format!("{before}{text}\n\nOne\n\nTwo"),
    ] {
        let mut rule = rule.clone();
        rule.insert("finds", value(Array::from_iter([example])));
        match complaint_of(head, &rule) {
            None => return Ok(rule),
            Some(new) => complaint = new,
        }
    }
    Err(complaint)
}

/// What the pack's reader says against a rule, if anything, or against its example.
fn complaint_of(head: &DocumentMut, rule: &Table) -> Option<String> {
    let mut document = head.clone();
    let rules = ArrayOfTables::from_iter([rule.clone()]);
    document.insert("rule", Item::ArrayOfTables(rules));
    let errors = match Pack::parse("imported.toml", &document.to_string()) {
        Ok((pack, _)) => check_packs(&[pack]),
        Err(errors) => errors,
    };
    let first = errors
        .iter()
        .find(|diagnostic| diagnostic.level == Level::Error)?;
    Some(format!("{}; {}", first.message, first.help))
}

/// An id that no other rule has.
fn free_id(row: &Row, rules: &BTreeMap<String, Table>) -> String {
    let text = if row.text.is_empty() {
        &row.template
    } else {
        &row.text
    };
    let id = Some(slug(text)).filter(|id| id.starts_with(|c: char| c.is_ascii_lowercase()));
    let id = id.unwrap_or_else(|| format!("line-{}", row.line));
    if !rules.contains_key(&id) {
        return id;
    }
    // The line is a number that no other string has.
    format!("{id}-l{}", row.line)
}

/// The first words of a text in kebab-case; empty if none is of ASCII letters.
fn slug(text: &str) -> String {
    let folded = fold(text);
    let words = folded
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty());
    words.take(ID_WORDS).collect::<Vec<_>>().join("-")
}

/// A string as a template that means it.
fn escape(text: &str) -> String {
    let mut template = String::with_capacity(text.len());
    for c in text.chars() {
        if "()[]{}|\\".contains(c) {
            template.push('\\');
        }
        template.push(c);
    }
    template
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_become_templates_and_ids() {
        assert_eq!(escape("a (b) | c\\"), "a \\(b\\) \\| c\\\\");
        assert_eq!(
            slug("Read More: “The Harbour” & all the rest of it"),
            "read-more-the-harbour-all-the"
        );
        assert_eq!(slug("続きを読む"), "");
    }

    #[test]
    fn a_list_and_a_table_are_read() {
        let list = rows("a.txt", "# a comment\n\n  One [two]  \n\\#three\n").unwrap();
        let seen: Vec<_> = list
            .iter()
            .map(|row| (row.line, row.template.as_str()))
            .collect();
        assert_eq!(seen, [(3, "One \\[two\\]"), (4, "#three")]);
        let table = rows(
            "a.tsv",
            "text\ttemplate\tlanguage\tposition\nA \"b\" 1\tA \"b\" {number}\ten\twhole-line\n",
        )
        .unwrap();
        assert_eq!(
            (
                table[0].template.as_str(),
                table[0].lang.as_str(),
                place(&table[0].at)
            ),
            ("A \"b\" {number}", "en", Some("line"))
        );
        assert!(
            rows("a.tsv", "a\tb\n1\t2\n")
                .unwrap_err()
                .to_string()
                .contains("no column `text`")
        );
        assert!(rows("a.tsv", "text\tb\n1\n").is_err());
    }
}
