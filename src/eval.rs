//! How good a cleaned text is, held against the text a person made of the same page: shared shingles, exact words, and what was cut wrongly.
//!
//! The figures are those of the usual benchmarks of article extraction. Words are runs of letters, digits and underscores; a shingle is four words in
//! a row (fewer only when the whole text has fewer). Precision and recall are means over the documents, F1 is made of the two means.

use std::collections::HashMap;

use imara_diff::{Algorithm, Diff, InternedInput};
use unicode_normalization::char::is_combining_mark;

use crate::model::Span;

/// How many words a shingle has.
const SHINGLE: usize = 4;

/// By how much a document's recall must fall to count as harmed.
const HARM: f64 = 1e-9;

/// The words of a text, in its order.
///
/// ```
/// use descale::eval::words;
/// assert_eq!(words("“It’s over”, he said_so.").collect::<Vec<_>>(), ["It", "s", "over", "he", "said_so"]);
/// ```
pub fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !is_word(c))
        .filter(|word| !word.is_empty())
}

/// Letters, digits and underscores. Vowel signs and circled letters are letters to Rust, but not to the regular expressions that other scorers use.
fn is_word(c: char) -> bool {
    c == '_'
        || (c.is_alphanumeric()
            && !(c > '\u{2ff}'
                && (is_combining_mark(c)
                    || matches!(c, '\u{24b6}'..='\u{24e9}' | '\u{1f130}'..='\u{1f189}'))))
}

/// The shingles of a text and how often each stands in it.
type Shingles<'t> = HashMap<&'t [&'t str], usize>;

fn shingles<'t>(words: &'t [&'t str]) -> Shingles<'t> {
    let mut shingles = Shingles::new();
    let size = SHINGLE.min(words.len());
    if size > 0 {
        for shingle in words.windows(size) {
            *shingles.entry(shingle).or_default() += 1;
        }
    }
    shingles
}

/// The shingles that a text and its gold text share, and those that only one has.
///
/// ```
/// use descale::eval::Overlap;
/// let overlap = Overlap::new("one two three four five", "one two three four six");
/// assert_eq!((overlap.both, overlap.extra, overlap.missing), (1, 1, 1));
/// assert_eq!(overlap.recall(), 0.5);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Overlap {
    /// In both.
    pub both: usize,
    /// In the text alone: what should have gone.
    pub extra: usize,
    /// In the gold text alone: what should have stayed.
    pub missing: usize,
}

impl Overlap {
    /// Counts the shingles of both texts.
    #[must_use]
    pub fn new(gold: &str, text: &str) -> Self {
        let (gold, text): (Vec<_>, Vec<_>) = (words(gold).collect(), words(text).collect());
        let (gold, text) = (shingles(&gold), shingles(&text));
        let both = gold
            .iter()
            .map(|(shingle, &count)| count.min(text.get(shingle).copied().unwrap_or(0)))
            .sum();
        Self {
            both,
            extra: text.values().sum::<usize>() - both,
            missing: gold.values().sum::<usize>() - both,
        }
    }

    /// The share of the text that belongs to it; 1 when both texts are the same, or empty.
    #[must_use]
    pub fn precision(self) -> f64 {
        self.share(self.both + self.extra)
    }

    /// The share of the gold text that is there; 1 when both texts are the same, or empty.
    #[must_use]
    pub fn recall(self) -> f64 {
        self.share(self.both + self.missing)
    }

    fn share(self, of: usize) -> f64 {
        match (self.extra + self.missing, of) {
            (0, _) => 1.0,
            (_, 0) => 0.0,
            _ => self.both as f64 / of as f64,
        }
    }
}

/// The figures of a set of documents, between 0 and 1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Score {
    /// Harmonic mean of precision and recall.
    pub f1: f64,
    /// Mean precision.
    pub precision: f64,
    /// Mean recall.
    pub recall: f64,
    /// The share of the documents whose words are exactly those of the gold text.
    pub accuracy: f64,
}

/// Adds up documents to a [`Score`].
#[derive(Clone, Debug, Default)]
struct Sums {
    precision: (f64, usize),
    recall: (f64, usize),
    exact: usize,
}

impl Sums {
    fn add(&mut self, overlap: Overlap, exact: bool) {
        // A text without a word has no precision, a gold text without one no recall.
        if overlap.both + overlap.extra > 0 {
            self.precision.0 += overlap.precision();
            self.precision.1 += 1;
        }
        if overlap.both + overlap.missing > 0 {
            self.recall.0 += overlap.recall();
            self.recall.1 += 1;
        }
        self.exact += usize::from(exact);
    }

    fn score(&self, documents: usize) -> Score {
        let mean = |(sum, count): (f64, usize)| if count == 0 { 0.0 } else { sum / count as f64 };
        let (precision, recall) = (mean(self.precision), mean(self.recall));
        let f1 = if precision + recall == 0.0 {
            0.0
        } else {
            2.0 * precision * recall / (precision + recall)
        };
        Score {
            f1,
            precision,
            recall,
            accuracy: mean((self.exact as f64, documents)),
        }
    }
}

/// The comparison of one document: before and after cleaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Compared {
    /// Against the gold text before.
    pub before: Overlap,
    /// And after.
    pub after: Overlap,
}

/// Scores of a set of documents before and after cleaning.
///
/// ```
/// use descale::eval::Evaluation;
/// let mut evaluation = Evaluation::default();
/// evaluation.add("The mill burned down.", "The mill burned down.\n\nAdvertisement", "The mill burned down.");
/// assert!(evaluation.before().precision < 1.0);
/// assert_eq!(evaluation.after().f1, 1.0);
/// assert_eq!(evaluation.harm, 0);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Evaluation {
    /// Documents added.
    pub documents: usize,
    /// Words of all texts before cleaning.
    pub words: usize,
    /// How many words fewer there are after it.
    pub removed: isize,
    /// Documents whose recall fell.
    pub harm: usize,
    lost: f64,
    before: Sums,
    after: Sums,
}

impl Evaluation {
    /// Adds a document: its gold text, and its text before and after cleaning.
    pub fn add(&mut self, gold: &str, before: &str, after: &str) -> Compared {
        let compared = Compared {
            before: Overlap::new(gold, before),
            after: Overlap::new(gold, after),
        };
        let exact = |text| words(gold).eq(words(text));
        self.before.add(compared.before, exact(before));
        self.after.add(compared.after, exact(after));
        let lost = compared.before.recall() - compared.after.recall();
        let (were, are) = (words(before).count(), words(after).count());
        self.documents += 1;
        self.words += were;
        self.removed += were as isize - are as isize;
        self.harm += usize::from(lost > HARM);
        self.lost += lost;
        compared
    }

    /// The figures before cleaning.
    #[must_use]
    pub fn before(&self) -> Score {
        self.before.score(self.documents)
    }

    /// The figures after cleaning.
    #[must_use]
    pub fn after(&self) -> Score {
        self.after.score(self.documents)
    }

    /// The mean loss of recall; negative when cleaning gained some, as mending does.
    #[must_use]
    pub fn lost(&self) -> f64 {
        if self.documents == 0 {
            0.0
        } else {
            self.lost / self.documents as f64
        }
    }
}

/// How many words each of `cuts` (bytes of `before`, on character boundaries) took, and how many of them are wanting: the gold text has them at that
/// place, next to another word that it has there too. A lone "the" that both happen to hold says nothing.
#[must_use]
pub fn wrong_words(gold: &str, before: &str, cuts: &[Span]) -> Vec<(usize, usize)> {
    if cuts.is_empty() {
        return Vec::new();
    }
    let had: Vec<&str> = words(before).collect();
    let mut input = InternedInput::default();
    input.update_before(had.iter().copied());
    input.update_after(words(gold));
    let diff = Diff::compute(Algorithm::Histogram, &input);
    let kept: Vec<bool> = (0u32..)
        .take(had.len())
        .map(|word| !diff.is_removed(word))
        .collect();
    let wanting = |word: usize| {
        let beside = [word.checked_sub(1), Some(word + 1)];
        kept[word]
            && beside
                .into_iter()
                .flatten()
                .any(|word| kept.get(word) == Some(&true))
    };
    let start_of = |word: &str| word.as_ptr() as usize - before.as_ptr() as usize;
    let cut = |span: &Span| {
        let from = had.partition_point(|word| start_of(word) < span.start);
        let to = had
            .partition_point(|word| start_of(word) < span.end)
            .max(from);
        (to - from, (from..to).filter(|word| wanting(*word)).count())
    };
    cuts.iter().map(cut).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_letters_digits_and_underscores() {
        assert_eq!(
            words("a-b c_d 1,5 é\u{301}x Ⓐ").collect::<Vec<_>>(),
            ["a", "b", "c_d", "1", "5", "é", "x"]
        );
        assert_eq!(words(" \n").count(), 0);
    }

    #[test]
    fn shingles_count_as_often_as_they_stand() {
        let overlap = |gold, text| {
            let Overlap {
                both,
                extra,
                missing,
            } = Overlap::new(gold, text);
            (both, extra, missing)
        };
        assert_eq!(overlap("a b c d a b c d", "a b c d"), (1, 0, 4));
        assert_eq!(overlap("a b", "a b"), (1, 0, 0));
        assert_eq!(overlap("a b", "a b c"), (0, 1, 1));
        assert_eq!(overlap("", ""), (0, 0, 0));
        assert_eq!(overlap("", "a"), (0, 1, 0));
    }

    #[test]
    fn empty_texts_have_no_say() {
        assert_eq!(Overlap::new("", "").recall(), 1.0);
        assert_eq!(Overlap::new("a", "").recall(), 0.0);
        assert_eq!(Overlap::new("a", "").precision(), 0.0);
        let mut evaluation = Evaluation::default();
        evaluation.add("a b", "a b", "a b");
        evaluation.add("", "", "");
        assert_eq!(evaluation.after().f1, 1.0);
        assert_eq!(Evaluation::default().after(), Score::default());
    }

    #[test]
    fn harm_is_a_fall_of_recall() {
        let mut evaluation = Evaluation::default();
        evaluation.add("a b c d e", "a b c d e x", "a b c d e");
        assert_eq!((evaluation.harm, evaluation.removed), (0, 1));
        evaluation.add("a b c d e", "a b c d e x", "a b c d");
        assert_eq!((evaluation.harm, evaluation.removed), (1, 3));
        assert!((evaluation.lost() - 0.25).abs() < 1e-12);
        assert_eq!(evaluation.before().accuracy, 0.0);
        assert_eq!(evaluation.after().accuracy, 0.5);
    }

    #[test]
    fn wrong_words_are_those_of_the_gold_text() {
        let gold = "It rained all day long. Nobody came.";
        let before = "It rained all day long. Advertisement Nobody came.";
        let at = |part: &str| {
            let start = before.find(part).expect("in the text");
            Span::new(start, start + part.len())
        };
        let cuts = [at("Advertisement"), at("Nobody came")];
        assert_eq!(wrong_words(gold, before, &cuts), [(1, 0), (2, 2)]);
        assert_eq!(wrong_words("", before, &cuts), [(1, 0), (2, 0)]);
        assert_eq!(wrong_words(gold, before, &[]), []);
    }
}
