//! Quality on hand-written articles, with the built-in packs.
//!
//! `tests/articles/*.toml` are articles as extractors leave them (`text`), each beside what a careful editor would keep (`gold`); the figures may not
//! fall below `tests/articles/floor.toml`. `tests/clean/<lang>.txt` are articles without insertions but full of the words that insertions are made of;
//! nothing may be taken from them.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use descale::eval::{Evaluation, words};
use descale::{Cleaner, Document, Kept, Safety};
use serde::Deserialize;
use xxhash_rust::xxh3::Xxh3;

/// How many review-tier findings a clean article may have.
const REVIEW: usize = 1;

/// An article.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Article {
    title: Option<String>,
    site: Option<String>,
    lang: Option<String>,
    text: String,
    gold: String,
}

/// The lowest figures allowed, and the set they were measured on.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Floor {
    fingerprint: String,
    f1: f64,
    precision: f64,
    recall: f64,
    accuracy: f64,
}

/// The files of a folder below `tests/` with that ending, sorted: stem and content.
fn files(folder: &str, ending: &str) -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests")
        .join(folder);
    let mut paths: Vec<PathBuf> = fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.expect("an entry of the folder").path())
        .filter(|path| path.extension().is_some_and(|found| found == ending))
        .collect();
    paths.sort();
    paths
        .into_iter()
        .map(|path| {
            let stem = path.file_stem().expect("a name").to_string_lossy();
            let text = fs::read_to_string(&path).expect("a readable file");
            (stem.into_owned(), text)
        })
        .collect()
}

fn cleaner() -> Cleaner {
    Cleaner::builder()
        .build()
        .expect("the built-in packs compile")
}

/// The words of the gold text that the text had and has no more. By count and not by place: a label before a sentence that begins with the same word
/// has no place of its own.
fn words_lost<'g>(gold: &'g str, before: &str, after: &str) -> Vec<&'g str> {
    let count = |text: &str, word| words(text).filter(|other| *other == word).count();
    let mut wanted = BTreeMap::new();
    for word in words(gold) {
        *wanted.entry(word).or_insert(0_usize) += 1;
    }
    wanted
        .into_iter()
        .filter(|&(word, wanted)| count(after, word) < wanted.min(count(before, word)))
        .map(|(word, _)| word)
        .collect()
}

#[test]
fn quality_does_not_fall() {
    let mut floor = None;
    let mut print = Xxh3::new();
    let mut evaluation = Evaluation::default();
    let mut notes = Vec::new();
    let mut wrong = 0;
    let cleaner = cleaner();
    for (name, source) in files("articles", "toml") {
        if name == "floor" {
            floor = Some(
                toml::from_str::<Floor>(&source).unwrap_or_else(|error| panic!("{name}: {error}")),
            );
            continue;
        }
        for part in [&name, &source] {
            print.update(part.as_bytes());
            print.update(&[0]);
        }
        let article: Article =
            toml::from_str(&source).unwrap_or_else(|error| panic!("{name}: {error}"));
        let cleaned = cleaner.clean_document(Document {
            text: &article.text,
            site: article.site.as_deref(),
            title: article.title.as_deref(),
            lang: article.lang.as_deref(),
        });
        let lost = words_lost(&article.gold, &article.text, &cleaned.text);
        if !lost.is_empty() {
            notes.push(format!("{name}: took {lost:?}"));
            wrong += lost.len();
        }
        let compared = evaluation.add(&article.gold, &article.text, &cleaned.text);
        let after = compared.after;
        if after.extra + after.missing > 0 {
            // What a reader of a failure wants first: the lines that only one of the two has.
            let only = |of: &str, not: &str, sign: char| {
                of.lines()
                    .filter(|line| !not.lines().any(|other| other == *line))
                    .map(|line| format!("\n  {sign} {line}"))
                    .collect::<String>()
            };
            notes.push(format!(
                "{name}: not as the gold text{}{}",
                only(&article.gold, &cleaned.text, '-'),
                only(&cleaned.text, &article.gold, '+')
            ));
        }
    }
    let notes = notes.join("\n");
    assert!(evaluation.documents >= 16, "the gold set is gone");
    assert_eq!(
        (wrong, evaluation.harm),
        (0, 0),
        "words of the articles themselves were removed\n{notes}"
    );

    let floor = floor.expect("tests/articles/floor.toml");
    let print = format!("{:016x}", print.digest());
    let score = evaluation.after();
    assert_eq!(
        print, floor.fingerprint,
        "the gold files changed: measure anew ({score:?}); only a person may lower the floor\n{notes}"
    );
    // Without its word lists the engine is more timid, and the floor is that of the default features.
    if cfg!(not(all(feature = "lexicon", feature = "encoding"))) {
        return;
    }
    for (what, is, lowest) in [
        ("F1", score.f1, floor.f1),
        ("precision", score.precision, floor.precision),
        ("recall", score.recall, floor.recall),
        ("accuracy", score.accuracy, floor.accuracy),
    ] {
        assert!(
            is >= lowest,
            "{what} fell to {is:.4} from {lowest}: only a person may lower the floor\n{notes}"
        );
    }
}

#[test]
fn clean_articles_stay_as_they_are() {
    let cleaner = cleaner();
    let articles = files("clean", "txt");
    assert!(articles.len() >= 10, "the clean articles are gone");
    let mut complaints = Vec::new();
    for (name, text) in &articles {
        // Whether the language is known or not, nothing goes.
        for lang in [None, Some(name.as_str())] {
            let cleaned = cleaner.clean_document(Document {
                lang,
                ..Document::new(text)
            });
            for edit in &cleaned.edits {
                let old = &text[edit.span.range()];
                let by = &cleaned.findings[edit.findings[0]].rule.name;
                complaints.push(format!(
                    "{name}: {by} made {old:?} into {:?}",
                    edit.replacement
                ));
            }
            assert!(!cleaned.edits.is_empty() || cleaned.text == *text, "{name}");
            let review: Vec<_> = cleaned
                .findings
                .iter()
                .filter(|f| f.safety == Safety::Review && f.kept == Some(Kept::Tier))
                .map(|f| format!("  {} found {:?}", f.rule.name, &text[f.cut.range()]))
                .collect();
            if review.len() > REVIEW {
                let review = review.join("\n");
                complaints.push(format!(
                    "{name}: more than {REVIEW} findings to review\n{review}"
                ));
            }
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}
