//! `descale eval`: how much nearer cleaning brings texts to what a person made of the same pages.

use std::collections::{BTreeMap, HashMap};
use std::io::{self, Write};
use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Args;
use descale::eval::{Compared, Evaluation, Score, wrong_words};
use descale::format::jsonl::Fields;
use descale::report::{Origin, ReportFormat, Subject, compare};
use descale::{Cleaned, Span};
use rayon::prelude::*;
use serde_json::{Value, json};

use super::args::RuleArgs;
use super::console::Console;
use super::corpus::{self, Text};
use super::exit::Exit;
use super::rules;

/// How many rules are listed; `--json` has all.
const RULES_SHOWN: usize = 20;

const EXAMPLES: &str = "\
Examples:
  descale eval gold.jsonl extracted.jsonl --title-field title
  descale eval gold.jsonl extracted.jsonl --worst 5      word diffs of the documents where most is still wrong
  descale eval gold.jsonl before.jsonl --after theirs.jsonl   score another cleaner
  descale eval gold.jsonl --field gold                    clean the gold texts themselves: nothing should go

A word counts as wrongly removed when the gold text has it at that place. Harm is the number of documents that have less of their gold text than
before, lost the mean share that is gone.

Exit codes: 0 scored; 2 something could not be read.";

/// Score the cleaning of texts against gold texts
///
/// F1, precision and recall over shingles of four words, and the share of texts whose words are exactly those of the gold text, before and after
/// cleaning; then what was removed wrongly, by category and by rule.
#[derive(Args, Debug)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct EvalArgs {
    /// JSON Lines with the gold texts
    gold: PathBuf,
    /// JSON Lines with the texts to clean, matched by their names; the gold file without it
    texts: Option<PathBuf>,
    /// The field of GOLD that holds the gold text
    #[arg(
        long,
        value_name = "PATH",
        default_value = "gold",
        help_heading = "Input"
    )]
    gold_field: String,
    /// The field of TEXTS that holds the text
    #[arg(
        long,
        value_name = "PATH",
        default_value = "text",
        help_heading = "Input"
    )]
    field: String,
    /// The field that names a record in both files
    #[arg(
        long,
        value_name = "PATH",
        default_value = "id",
        help_heading = "Input"
    )]
    id_field: String,
    /// The field that holds the site, as a host or a URL
    #[arg(long, value_name = "PATH", help_heading = "Input")]
    site_field: Option<String>,
    /// The field that holds the title
    #[arg(long, value_name = "PATH", help_heading = "Input")]
    title_field: Option<String>,
    /// The field that holds the language
    #[arg(long, value_name = "PATH", help_heading = "Input")]
    lang_field: Option<String>,
    /// Score these texts instead of cleaning TEXTS
    #[arg(long, value_name = "FILE", help_heading = "Input")]
    after: Option<PathBuf>,
    /// Also show the documents where most is still wrong, as word diffs towards the gold text
    #[arg(long, value_name = "N", default_value_t = 0, help_heading = "Output")]
    worst: usize,
    /// All figures as one JSON object
    #[arg(long, help_heading = "Output")]
    json: bool,
    #[command(flatten)]
    rules: RuleArgs,
}

/// Runs the subcommand.
pub(crate) fn run(args: &EvalArgs, console: &Console) -> Result<Exit> {
    let gold = corpus::read(
        &args.gold,
        &Fields::texts([&args.gold_field]).id(&args.id_field),
    )?;
    let texts = corpus::read(args.texts.as_ref().unwrap_or(&args.gold), &fields(args))?;
    let after = match &args.after {
        Some(path) => Some(corpus::read(path, &fields(args))?),
        None => None,
    };
    let cleaned: Vec<Cleaned<'_>> = match &after {
        Some(_) => Vec::new(),
        None => {
            let cleaner = rules::cleaner(&args.rules, console)?;
            texts.par_iter().map(|text| text.clean(&cleaner)).collect()
        }
    };
    let gold = by_id(&gold)?;
    let after = match &after {
        Some(after) => Some(by_id(after)?),
        None => None,
    };

    let mut result = Scored::default();
    for (place, text) in texts.iter().enumerate() {
        let Some(gold) = gold.get(text.id.as_str()) else {
            console.warning(&format!(
                "{}: no gold text of that name; passed over",
                text.id
            ));
            continue;
        };
        let document = match &after {
            Some(after) => match after.get(text.id.as_str()) {
                Some(after) => Scorable {
                    gold,
                    text,
                    after: &after.text,
                    cleaned: None,
                },
                None => bail!("{}: not among the texts of --after", text.id),
            },
            None => Scorable {
                gold,
                text,
                after: &cleaned[place].text,
                cleaned: Some(&cleaned[place]),
            },
        };
        result.add(document);
    }
    if result.figures.documents == 0 {
        bail!("no text has a gold text; the two files must name their records alike (--id-field)");
    }
    result.worst.sort_by_key(|(_, compared)| {
        std::cmp::Reverse(compared.after.extra + compared.after.missing)
    });
    let mut out = console.out();
    if args.json {
        serde_json::to_writer_pretty(&mut out, &result.json(args.worst))?;
        writeln!(out)?;
    } else {
        result.write(&mut out)?;
        result.write_worst(args.worst, console, &mut out)?;
    }
    out.flush()?;
    Ok(Exit::Success)
}

fn fields(args: &EvalArgs) -> Fields {
    let mut fields = Fields::texts([&args.field]).id(&args.id_field);
    if let Some(path) = &args.site_field {
        fields = fields.site(path);
    }
    if let Some(path) = &args.title_field {
        fields = fields.title(path);
    }
    if let Some(path) = &args.lang_field {
        fields = fields.lang(path);
    }
    fields
}

/// Texts by their names, which must differ.
fn by_id(texts: &[Text]) -> Result<HashMap<&str, &Text>> {
    let mut by_id = HashMap::with_capacity(texts.len());
    for text in texts {
        if by_id.insert(text.id.as_str(), text).is_some() {
            bail!("{}: two records of that name in one file", text.id);
        }
    }
    Ok(by_id)
}

/// A document with all its texts.
#[derive(Clone, Copy)]
struct Scorable<'a> {
    gold: &'a Text,
    text: &'a Text,
    after: &'a str,
    cleaned: Option<&'a Cleaned<'a>>,
}

/// What a rule or category removed.
#[derive(Clone, Copy, Debug, Default)]
struct Removed {
    words: usize,
    wrong: usize,
    documents: usize,
    last: usize,
}

impl Removed {
    fn add(&mut self, (words, wrong): (usize, usize), document: usize) {
        self.words += words;
        self.wrong += wrong;
        self.documents += usize::from(self.last != document);
        self.last = document;
    }

    fn json(&self, kind: &str, name: &str) -> Value {
        json!({ kind: name, "words": self.words, "wrong": self.wrong, "documents": self.documents })
    }
}

/// All figures.
#[derive(Default)]
struct Scored<'a> {
    figures: Evaluation,
    rules: BTreeMap<&'a str, Removed>,
    categories: BTreeMap<&'static str, Removed>,
    worst: Vec<(Scorable<'a>, Compared)>,
}

impl<'a> Scored<'a> {
    fn add(&mut self, document: Scorable<'a>) {
        let Scorable {
            gold,
            text,
            after,
            cleaned,
        } = document;
        let compared = self.figures.add(&gold.text, &text.text, after);
        self.worst.push((document, compared));
        let Some(cleaned) = cleaned else { return };
        let applied: Vec<_> = cleaned
            .findings
            .iter()
            .filter(|finding| finding.applies())
            .collect();
        let cuts: Vec<Span> = applied.iter().map(|finding| finding.cut).collect();
        let number = self.figures.documents;
        for (finding, words) in applied
            .into_iter()
            .zip(wrong_words(&gold.text, &text.text, &cuts))
        {
            self.rules
                .entry(&finding.rule.name)
                .or_default()
                .add(words, number);
            self.categories
                .entry(finding.rule.category.name())
                .or_default()
                .add(words, number);
        }
    }

    /// Rules or categories, those with most wrong words first.
    fn sorted<'m>(map: &'m BTreeMap<&str, Removed>) -> Vec<(&'m str, &'m Removed)> {
        let mut rows: Vec<_> = map.iter().map(|(name, removed)| (*name, removed)).collect();
        rows.sort_by_key(|(_, removed)| std::cmp::Reverse((removed.wrong, removed.words)));
        rows
    }

    fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let figures = &self.figures;
        writeln!(
            out,
            "{:10} {:>8} {:>10} {:>8} {:>9}",
            "", "F1", "precision", "recall", "accuracy"
        )?;
        for (
            name,
            Score {
                f1,
                precision,
                recall,
                accuracy,
            },
        ) in [("before", figures.before()), ("after", figures.after())]
        {
            writeln!(
                out,
                "{name:10} {f1:8.4} {precision:10.4} {recall:8.4} {accuracy:9.4}"
            )?;
        }
        let share = figures.removed as f64 / figures.words.max(1) as f64;
        writeln!(
            out,
            "words {} removed {} share {share:.5}",
            figures.words, figures.removed
        )?;
        writeln!(
            out,
            "documents {} harm {} lost {:.5}",
            figures.documents,
            figures.harm,
            figures.lost()
        )?;
        for (kind, map, most) in [
            ("category", &self.categories, usize::MAX),
            (
                "rule",
                &self
                    .rules
                    .iter()
                    .map(|(name, removed)| (*name, *removed))
                    .collect(),
                RULES_SHOWN,
            ),
        ] {
            let rows = Self::sorted(map);
            if rows.is_empty() {
                continue;
            }
            writeln!(
                out,
                "\n{:>8} {:>8} {:>10}  {kind}",
                "wrong", "removed", "documents"
            )?;
            for (name, removed) in rows.iter().take(most) {
                writeln!(
                    out,
                    "{:8} {:8} {:10}  {name}",
                    removed.wrong, removed.words, removed.documents
                )?;
            }
            if rows.len() > most {
                writeln!(out, "… and {} more", rows.len() - most)?;
            }
        }
        Ok(())
    }

    fn write_worst(&self, count: usize, console: &Console, out: &mut impl Write) -> Result<()> {
        for (document, compared) in self.worst.iter().take(count) {
            writeln!(
                out,
                "\n{}: {} shingles too many, {} wanting; what should go, and what should be there:",
                document.text.id, compared.after.extra, compared.after.missing
            )?;
            let edits = compare(document.after, &document.gold.text);
            let subject =
                Subject::new(Origin::file(&document.text.id), document.after, &[], &edits);
            ReportFormat::Words.write(&[subject], &console.out_styles(), out)?;
        }
        Ok(())
    }

    fn json(&self, worst: usize) -> Value {
        let figures = &self.figures;
        let score = |Score {
                         f1,
                         precision,
                         recall,
                         accuracy,
                     }: Score| json!({ "f1": f1, "precision": precision, "recall": recall, "accuracy": accuracy });
        let rules: Vec<Value> = Self::sorted(&self.rules)
            .into_iter()
            .map(|(name, removed)| removed.json("rule", name))
            .collect();
        let categories: BTreeMap<&str, Removed> = self
            .categories
            .iter()
            .map(|(name, removed)| (*name, *removed))
            .collect();
        let categories: Vec<Value> = Self::sorted(&categories)
            .into_iter()
            .map(|(name, removed)| removed.json("category", name))
            .collect();
        let worst: Vec<Value> = self
            .worst
            .iter()
            .take(worst)
            .map(|(document, compared)| json!({ "id": document.text.id, "extra": compared.after.extra, "missing": compared.after.missing }))
            .collect();
        json!({
            "schema": 1,
            "documents": figures.documents,
            "before": score(figures.before()),
            "after": score(figures.after()),
            "words": figures.words,
            "removed": figures.removed,
            "harm": figures.harm,
            "lost": figures.lost(),
            "categories": categories,
            "rules": rules,
            "worst": worst,
        })
    }
}
