//! Cleans the articles of `tests/gold/articles.jsonl` and holds the scores against the floor beside them.

use descale::eval::Evaluation;
use descale::{Cleaner, Document};
use serde::Deserialize;

#[derive(Deserialize)]
struct Article {
    id: String,
    title: String,
    text: String,
    gold: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Floor {
    articles: usize,
    f1: f64,
    precision: f64,
    recall: f64,
    accuracy: f64,
    harm: usize,
}

fn articles() -> Vec<Article> {
    include_str!("gold/articles.jsonl")
        .lines()
        .map(|line| serde_json::from_str(line).expect("a record"))
        .collect()
}

#[test]
fn cleaning_does_not_fall_below_the_floor() {
    let floor: Floor = toml::from_str(include_str!("gold/floor.toml")).expect("a floor");
    let cleaner = Cleaner::builder()
        .build()
        .expect("built-in packs are sound");
    let mut evaluation = Evaluation::default();
    let mut wrong = Vec::new();
    for article in articles() {
        let document = Document {
            title: Some(&article.title),
            ..Document::new(&article.text)
        };
        let cleaned = cleaner.clean_document(document);
        let compared = evaluation.add(&article.gold, &article.text, &cleaned.text);
        if compared.after.extra + compared.after.missing > 0 {
            wrong.push((article.id, cleaned.text.into_owned()));
        }
        let again = cleaner.clean_document(Document {
            text: &article.gold,
            ..document
        });
        assert_eq!(again.text, article.gold, "a gold text is not left alone");
    }
    let score = evaluation.after();
    assert_eq!(evaluation.documents, floor.articles);
    assert!(
        score.f1 >= floor.f1
            && score.precision >= floor.precision
            && score.recall >= floor.recall
            && score.accuracy >= floor.accuracy
            && evaluation.harm <= floor.harm,
        "{score:?}, harm {}: {wrong:#?}",
        evaluation.harm
    );
}
