//! From two texts to the edits that lead from one to the other, for texts that were changed elsewhere.

use imara_diff::{Algorithm, Diff, InternedInput, TokenSource};

use crate::model::{Edit, Span};

/// Changed lines whose words agree by less than this share are replaced as a whole: marks on every second word help no one.
const LEAST_AGREEMENT: f64 = 0.3;

/// The edits that make `after` of `before`: lines are compared first, then the words of the lines that differ.
///
/// Edits made here come from no finding, so their list of findings is empty. For texts that `descale` itself changed, the edits are
/// already known: they are exact and cost nothing.
///
/// ```
/// let edits = descale::report::compare("One.\nAd\nTwo words.\n", "One.\nTwo more words.\n");
/// assert_eq!(edits.len(), 2);
/// assert_eq!((edits[0].span.range(), edits[0].replacement.as_str()), (5..8, ""));
/// assert_eq!((edits[1].span.range(), edits[1].replacement.as_str()), (12..12, "more "));
/// ```
#[must_use]
pub fn compare(before: &str, after: &str) -> Vec<Edit> {
    let mut edits = Vec::new();
    let input = InternedInput::new(Lines(before), Lines(after));
    let mut diff = Diff::compute(Algorithm::Histogram, &input);
    diff.postprocess_no_heuristic(&input);
    let (old, new) = (Offsets::of(Lines(before)), Offsets::of(Lines(after)));
    for hunk in diff.hunks() {
        let (old, new) = (old.bytes(&hunk.before), new.bytes(&hunk.after));
        words(before, old, &after[new.range()], &mut edits);
    }
    edits
}

/// Adds the edits between the words of a stretch of `before` and those of `new`.
fn words(before: &str, old: Span, new: &str, edits: &mut Vec<Edit>) {
    let text = &before[old.range()];
    let whole = Edit {
        span: old,
        replacement: new.to_owned(),
        findings: Vec::new(),
    };
    if text.is_empty() || new.is_empty() {
        edits.push(whole);
        return;
    }
    let input = InternedInput::new(Words(text), Words(new));
    let mut diff = Diff::compute(Algorithm::Histogram, &input);
    diff.postprocess_no_heuristic(&input);
    let (old_words, new_words) = (Offsets::of(Words(text)), Offsets::of(Words(new)));
    let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).count();
    let same: usize = (0u32..)
        .zip(&input.before)
        .filter(|(index, _)| !diff.is_removed(*index))
        .map(|(_, token)| letters(input.interner[*token]))
        .sum();
    if (same as f64) < LEAST_AGREEMENT * letters(text).max(letters(new)) as f64 {
        edits.push(whole);
        return;
    }
    for hunk in diff.hunks() {
        let (from, to) = (old_words.bytes(&hunk.before), new_words.bytes(&hunk.after));
        edits.push(Edit {
            span: Span::new(old.start + from.start, old.start + from.end),
            replacement: new[to.range()].to_owned(),
            findings: Vec::new(),
        });
    }
}

/// Where each token of a side begins, and where the last one ends.
struct Offsets(Vec<usize>);

impl Offsets {
    fn of<'t>(source: impl TokenSource<Token = &'t str>) -> Self {
        let mut offsets = vec![0];
        let mut at = 0;
        offsets.extend(source.tokenize().map(|token| {
            at += token.len();
            at
        }));
        Self(offsets)
    }

    fn bytes(&self, tokens: &std::ops::Range<u32>) -> Span {
        Span::new(self.0[tokens.start as usize], self.0[tokens.end as usize])
    }
}

/// A text as lines, each with its end.
#[derive(Clone, Copy)]
struct Lines<'t>(&'t str);

impl<'t> TokenSource for Lines<'t> {
    type Token = &'t str;
    type Tokenizer = std::str::SplitInclusive<'t, char>;

    fn tokenize(&self) -> Self::Tokenizer {
        self.0.split_inclusive('\n')
    }

    fn estimate_tokens(&self) -> u32 {
        u32::try_from(self.0.len() / 80).unwrap_or(u32::MAX)
    }
}

/// A text as runs of letters and digits, runs of blanks, and single other characters.
#[derive(Clone, Copy)]
struct Words<'t>(&'t str);

impl<'t> TokenSource for Words<'t> {
    type Token = &'t str;
    type Tokenizer = WordIter<'t>;

    fn tokenize(&self) -> Self::Tokenizer {
        WordIter(self.0)
    }

    fn estimate_tokens(&self) -> u32 {
        u32::try_from(self.0.len() / 4).unwrap_or(u32::MAX)
    }
}

struct WordIter<'t>(&'t str);

impl<'t> Iterator for WordIter<'t> {
    type Item = &'t str;

    fn next(&mut self) -> Option<&'t str> {
        let first = self.0.chars().next()?;
        let end = if first.is_alphanumeric() {
            self.0.find(|c: char| !c.is_alphanumeric())
        } else if first == ' ' || first == '\t' {
            self.0.find(|c| c != ' ' && c != '\t')
        } else {
            Some(first.len_utf8())
        };
        let (word, rest) = self.0.split_at(end.unwrap_or(self.0.len()));
        self.0 = rest;
        Some(word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn apply(before: &str, edits: &[Edit]) -> String {
        let (mut out, mut at) = (String::new(), 0);
        for edit in edits {
            assert!(at <= edit.span.start, "edits are sorted and disjoint");
            out.push_str(&before[at..edit.span.start]);
            out.push_str(&edit.replacement);
            at = edit.span.end;
        }
        out + &before[at..]
    }

    #[test]
    fn equal_texts_have_no_edits() {
        assert_eq!(compare("a\nb", "a\nb"), []);
        assert_eq!(compare("", ""), []);
    }

    #[test]
    fn a_word_is_the_smallest_thing_compared() {
        let edits = compare("Mr. Lindq’s dog\n", "Mr. Lindqvist’s dog\n");
        assert_eq!(
            edits,
            [Edit {
                span: Span::new(4, 9),
                replacement: "Lindqvist".into(),
                findings: vec![]
            }]
        );
    }

    #[test]
    fn lines_with_little_in_common_are_replaced_whole() {
        let edits = compare("alpha beta gamma delta\n", "un deux trois quatre cinq\n");
        assert_eq!(edits.len(), 1);
    }

    proptest::proptest! {
        #[test]
        fn the_edits_lead_from_one_text_to_the_other(before in "([abé .]{0,4}\n?){0,12}", after in "([abé .]{0,4}\n?){0,12}") {
            let edits = compare(&before, &after);
            proptest::prop_assert_eq!(apply(&before, &edits), after);
        }
    }
}
