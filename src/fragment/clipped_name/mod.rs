//! Names that were cut short: "Mr. Champag’s office" in an article about Francois-Philippe Champagne.
//!
//! The work is done in two steps of very different cost. [`words`] walks over every text, collects the capitalised words and notes where one
//! begins like a longer one; "They" and "The" do that in every article. [`judge`] then looks at those few pairs: what the words are, what
//! stands around them, and whether anything else could be meant.

mod candidate;
mod context;
mod judge;
mod known;
mod neighbours;
mod proof;
#[cfg(test)]
mod tests;
mod words;

use crate::model::{Action, Finding, Kept, Safety, Span};

use super::{Detector, Input, finding};
use judge::{Judge, Verdict};
use words::Words;

/// Finds clipped names and mends those whose completion is proven.
#[derive(Debug)]
pub struct ClippedName;

impl Detector for ClippedName {
    fn name(&self) -> &'static str {
        "clipped-name"
    }

    fn why(&self) -> &'static str {
        "is the beginning of a longer name in the same text, cut short"
    }

    /// English only: elsewhere nouns have capitals and endings, and the lexicon knows none of them.
    fn detect(&self, input: Input<'_>, findings: &mut Vec<Finding>) {
        if !input.may_be_english() {
            return;
        }
        let sketch = input.sketch();
        if sketch.capitals.len() + sketch.stems.len() < 2 {
            // A cut name is known by another that begins like it.
            return;
        }
        let words = Words::collect(input.text, sketch, input.removed);
        if words.pairs.is_empty() || words.crowded {
            return;
        }
        let verdicts = Judge::new(input, words).verdicts();
        if verdicts.is_empty() {
            return;
        }
        let rule = self.rule();
        findings.extend(verdicts.into_iter().map(
            |Verdict {
                 span,
                 completion,
                 evidence,
             }| {
                let (action, kept) = match completion {
                    Some(name) => (Action::Replace(name.to_owned()), None),
                    None => (Action::Report, Some(Kept::Ambiguous)),
                };
                Finding {
                    evidence,
                    ..finding(rule.clone(), span, action, Safety::Safe, kept)
                }
            },
        ));
    }

    fn removal(&self, text: &str, finding: &Finding) -> Option<Span> {
        Some(context::with_company(text, finding.cut))
    }
}
