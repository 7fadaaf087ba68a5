//! What the index of a corpus shows: totals, rules with examples, the documents that lost most, and the pages.

use std::collections::BTreeMap;

use serde::Serialize;

use super::super::json::{ENGINE, SummaryShape};
use super::super::{Files, Summary};
use super::data::{Example, Facts};
use super::page_name;

/// Examples of a rule.
const EXAMPLES: usize = 6;

/// Examples of a rule that say the same as one before them, in another document.
const ALIKE: usize = 2;

/// Documents of which most was removed.
const MOST: usize = 20;

/// What is kept of the documents that went by; its size does not grow with their number beyond the list of pages.
#[derive(Default)]
pub(super) struct Index {
    examples: BTreeMap<String, Vec<Shown>>,
    /// Sorted, the greatest share first.
    most: Vec<Most>,
    pages: Vec<PageShape>,
    passed_over: usize,
}

#[derive(Clone, Serialize)]
struct Shown {
    #[serde(flatten)]
    example: Example,
    #[serde(flatten)]
    place: Place,
    /// Whether an earlier example has the same text.
    #[serde(skip)]
    alike: bool,
}

/// Where a document is shown.
#[derive(Clone, Serialize)]
struct Place {
    doc: String,
    page: usize,
    /// Its place on the page, from 1.
    at: usize,
}

#[derive(Serialize)]
struct Most {
    #[serde(flatten)]
    place: Place,
    edits: usize,
    removed: usize,
    bytes_in: usize,
}

impl Most {
    /// The removed share, as a number that sorts.
    fn share(&self) -> u128 {
        (self.removed as u128) * 1_000_000_000 / (self.bytes_in.max(1) as u128)
    }
}

#[derive(Serialize)]
struct PageShape {
    name: String,
    first: String,
    last: String,
    documents: usize,
    edits: usize,
}

/// The data of the index page.
#[derive(Serialize)]
pub(super) struct IndexShape<'a> {
    engine: &'static str,
    folder: &'a str,
    totals: SummaryShape<'a>,
    /// Why each rule finds what it finds, in the order of the totals' rules.
    why: Vec<&'a str>,
    versions: Vec<&'a str>,
    examples: &'a BTreeMap<String, Vec<Shown>>,
    most: &'a [Most],
    pages: &'a [PageShape],
    passed_over: usize,
}

impl Index {
    /// How many pages were begun.
    pub(super) fn pages(&self) -> usize {
        self.pages.len()
    }

    /// Counts a document that is shown on no page.
    pub(super) fn pass_over(&mut self) {
        self.passed_over += 1;
    }

    /// Notes a document that follows `before` others on its page.
    pub(super) fn add(&mut self, facts: Facts<'_>, before: usize) {
        if before == 0 {
            self.pages.push(PageShape {
                name: page_name(self.pages.len() + 1),
                first: facts.doc.clone().into_owned(),
                last: String::new(),
                documents: 0,
                edits: 0,
            });
        }
        let place = Place {
            doc: facts.doc.into_owned(),
            page: self.pages.len(),
            at: before + 1,
        };
        if let Some(page) = self.pages.last_mut() {
            page.last.clone_from(&place.doc);
            page.documents += 1;
            page.edits += facts.edits;
        }
        for example in facts.examples {
            self.offer(example, &place);
        }
        let most = Most {
            place,
            edits: facts.edits,
            removed: facts.removed,
            bytes_in: facts.bytes_in,
        };
        let at = self
            .most
            .partition_point(|other| other.share() >= most.share());
        if at < MOST && most.removed > 0 {
            self.most.insert(at, most);
            self.most.truncate(MOST);
        }
    }

    /// Takes an example if it shows something new: another text, or at least another document. A new text takes the place of one that was alike.
    fn offer(&mut self, example: Example, place: &Place) {
        let list = self.examples.entry(example.rule.clone()).or_default();
        let folded = crate::text::fold::fold(&example.text);
        let alike = list
            .iter()
            .any(|shown| crate::text::fold::fold(&shown.example.text) == folded);
        let repeated = list.iter().filter(|shown| shown.alike).count();
        if alike {
            let here = list.iter().any(|shown| shown.place.doc == place.doc);
            if here || repeated == ALIKE || list.len() == EXAMPLES {
                return;
            }
        } else if list.len() == EXAMPLES {
            let Some(at) = list.iter().rposition(|shown| shown.alike) else {
                return;
            };
            list.remove(at);
        }
        list.push(Shown {
            example,
            place: place.clone(),
            alike,
        });
    }

    /// The data of the page.
    pub(super) fn shape<'a>(
        &'a self,
        summary: &'a Summary,
        files: &'a dyn Files,
    ) -> IndexShape<'a> {
        IndexShape {
            engine: ENGINE,
            folder: files.folder(),
            totals: SummaryShape::of(summary),
            why: summary
                .rules
                .values()
                .map(|count| count.rule.why.as_str())
                .collect(),
            versions: summary
                .rules
                .values()
                .map(|count| count.rule.version.as_str())
                .collect(),
            examples: &self.examples,
            most: &self.most,
            pages: &self.pages,
            passed_over: self.passed_over,
        }
    }
}
