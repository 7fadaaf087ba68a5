//! Words that a line break of another layout left in pieces: "govern-\nment", "con- tinues", and soft hyphens.

use super::evidence::places;
use super::{Detector, Input, finding};
use crate::model::{Action, Finding, Kept, Safety, Span};
use crate::text::lexicon;

/// The most characters of a word that are read.
const LONGEST: usize = 60;

const SOFT_HYPHEN: char = '\u{ad}';

/// Words that follow a hyphen of their own: "first- and second-hand".
const SUSPENDED: &[&str] = &[
    "and", "or", "nor", "to", "but", "versus", "through", "than", "the", "as",
];

/// Finds hyphenated words and joins them.
#[derive(Debug)]
pub struct Hyphenation;

impl Detector for Hyphenation {
    fn name(&self) -> &'static str {
        "hyphenation"
    }

    fn why(&self) -> &'static str {
        "is one word, broken by the hyphen of another layout"
    }

    /// Soft hyphens in every language, since they mean the same in all; hard ones in English only.
    fn detect(&self, input: Input<'_>, findings: &mut Vec<Finding>) {
        let before = findings.len();
        self.soft(input, findings);
        if input.may_be_english() {
            self.hard(input, findings);
        }
        findings[before..].sort_unstable_by_key(|finding| finding.span);
    }
}

impl Hyphenation {
    /// A soft hyphen shows only where a line breaks. Inside a word it is nothing; before a line break it is a hard one.
    fn soft(&self, input: Input<'_>, findings: &mut Vec<Finding>) {
        let text = input.text;
        let mut rule = None;
        let mut free = 0;
        for &at in &input.sketch().soft_hyphens {
            if at < free {
                continue;
            }
            let word = Span::new(
                at - before(text, at, is_soft_letter),
                at + behind(text, at, is_soft_letter),
            );
            let (start, end) = trimmed(text, word);
            free = word.end;
            if !(start < at && at < end) {
                continue;
            }
            let pieces = &text[start..end];
            let joined: String = pieces
                .chars()
                .filter(|letter| *letter != SOFT_HYPHEN)
                .collect();
            // "well<soft>known" may have been "well-known": both halves are words, and together they are none.
            let halves = pieces.split(SOFT_HYPHEN);
            let compound = halves.clone().count() == 2
                && halves
                    .clone()
                    .all(|half| half.len() > 2 && lexicon::is_common_word(half));
            // So may have been "A<soft>B".
            let capital = pieces
                .split(SOFT_HYPHEN)
                .skip(1)
                .any(|piece| piece.starts_with(char::is_uppercase));
            let doubtful =
                capital || (compound && !is_known(&joined) && !stands_alone(text, &joined, at));
            let rule = rule.get_or_insert_with(|| self.rule()).clone();
            let kept = doubtful.then_some(Kept::Ambiguous);
            findings.push(finding(
                rule,
                Span::new(start, end),
                Action::Replace(joined),
                Safety::Safe,
                kept,
            ));
        }
    }

    /// A hyphen and a blank or line break inside a word.
    fn hard(&self, input: Input<'_>, findings: &mut Vec<Finding>) {
        let text = input.text;
        let bytes = text.as_bytes();
        let mut rule = None;
        for &at in &input.sketch().loose_hyphens {
            let gap = match bytes.get(at + 1) {
                Some(b' ' | b'\n') => 1,
                Some(b'\r') if bytes.get(at + 2) == Some(&b'\n') => 2,
                _ => continue,
            };
            let broken_line = bytes[at + gap] == b'\n';
            let left_start = at - before(text, at, char::is_alphabetic);
            let right_start = at + 1 + gap;
            let right_end = right_start + behind(text, right_start, char::is_alphabetic);
            let (left, right) = (&text[left_start..at], &text[right_start..right_end]);
            if left.len() < 2
                || right.len() < 2
                || !right.starts_with(char::is_lowercase)
                || SUSPENDED.contains(&right)
            {
                continue;
            }
            let tied = |c: char| {
                matches!(c, '-' | '\'' | '\u{2019}' | '/' | '@' | '_') || c.is_alphanumeric()
            };
            if text[..left_start].ends_with(tied)
                || text[right_end..].starts_with(['-', '@', '/', '_'])
            {
                continue;
            }
            let span = Span::new(left_start, right_end);
            let Some(joined) = join(text, left, right, at, broken_line) else {
                continue;
            };
            if rule.is_none() && !input.reads_english() {
                return;
            }
            let rule = rule.get_or_insert_with(|| self.rule()).clone();
            let evidence = places(text, &joined, at, ties).take(2).collect();
            findings.push(Finding {
                evidence,
                ..finding(rule, span, Action::Replace(joined), Safety::Safe, None)
            });
        }
    }
}

/// The whole word that two pieces make, if it is proven by the lexicon or by another place of the text.
fn join(text: &str, left: &str, right: &str, at: usize, broken_line: bool) -> Option<String> {
    let joined = format!("{left}{right}");
    // "the plan- the best one" is a dash; two whole words are joined only where a line ended between them.
    let whole = |word: &str| lexicon::is_common_word(word);
    let dash = !broken_line && whole(left) && whole(right);
    if !dash && (is_known(&joined) || stands_alone(text, &joined, at)) {
        return Some(joined);
    }
    let hyphenated = format!("{left}-{right}");
    (broken_line && stands_alone(text, &hyphenated, at)).then_some(hyphenated)
}

fn is_known(word: &str) -> bool {
    lexicon::is_word(word) || (word.starts_with(char::is_uppercase) && lexicon::is_name(word))
}

/// Whether the text holds the word by itself near `at`.
fn stands_alone(text: &str, word: &str, at: usize) -> bool {
    places(text, word, at, ties).next().is_some()
}

fn ties(c: char) -> bool {
    c.is_alphanumeric() || c == '-' || c == SOFT_HYPHEN
}

fn is_soft_letter(letter: char) -> bool {
    letter.is_alphabetic() || letter == SOFT_HYPHEN
}

/// The stretch without soft hyphens at its ends.
fn trimmed(text: &str, span: Span) -> (usize, usize) {
    let word = &text[span.range()];
    let start = span.start + word.len() - word.trim_start_matches(SOFT_HYPHEN).len();
    (start, span.start + word.trim_end_matches(SOFT_HYPHEN).len())
}

/// How many bytes of such characters stand before `at`.
fn before(text: &str, at: usize, is_part: impl Fn(char) -> bool) -> usize {
    text[..at]
        .chars()
        .rev()
        .take(LONGEST)
        .take_while(|letter| is_part(*letter))
        .map(char::len_utf8)
        .sum()
}

/// How many bytes of such characters stand behind `at`.
fn behind(text: &str, at: usize, is_part: impl Fn(char) -> bool) -> usize {
    text[at..]
        .chars()
        .take(LONGEST)
        .take_while(|letter| is_part(*letter))
        .map(char::len_utf8)
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str, lang: Option<&str>) -> Vec<Finding> {
        let mut findings = Vec::new();
        Hyphenation.detect(
            Input {
                text,
                removed: &[],
                found: &[],
                title: None,
                lang,
                labels: None,
                facts: &Default::default(),
            },
            &mut findings,
        );
        findings
    }

    fn mended(text: &str) -> String {
        let mut mended = text.to_owned();
        for finding in found(text, None)
            .iter()
            .rev()
            .filter(|finding| finding.applies())
        {
            let Action::Replace(replacement) = &finding.action else {
                panic!("{finding:?}")
            };
            mended.replace_range(finding.cut.range(), replacement);
        }
        assert!(
            !found(&mended, None).iter().any(Finding::applies),
            "not settled: {mended}"
        );
        mended
    }

    #[test]
    fn soft_hyphens_go() {
        assert_eq!(
            mended("The gov\u{ad}ern\u{ad}ment of Malinow\u{ad}ski."),
            "The government of Malinowski."
        );
        assert_eq!(found("des\u{ad}de la Fuer\u{ad}za", Some("es")).len(), 2);
        // Not inside a word, or nothing is left.
        for text in ["end\u{ad} of", "\u{ad}\u{ad}", "a \u{ad}b", "x\u{ad}"] {
            assert_eq!(mended(text), text);
        }
    }

    #[test]
    fn the_text_itself_is_proof() {
        assert_eq!(
            mended("The Kowal-\nczyks left. All Kowalczyks left."),
            "The Kowalczyks left. All Kowalczyks left."
        );
        assert_eq!(
            mended("A long-\nterm plan, a long-term goal."),
            "A long-term plan, a long-term goal."
        );
    }

    #[cfg(feature = "lexicon")]
    #[test]
    fn known_words_are_joined() {
        assert_eq!(
            mended("The govern-\nment con- tinues its gastro- intestinal work."),
            "The government continues its gastrointestinal work."
        );
        assert_eq!(
            found("a well\u{ad}known man", None)[0].kept,
            Some(Kept::Ambiguous)
        );
    }

    #[test]
    fn other_hyphens_stay() {
        for text in [
            "first- and second-hand, pre- or postwar, two- to three-day",
            "the plan- the best one- was in- side",
            "Firs- years said so; a dash - like this; man- made",
            "well-known, long-\nterm, X- ray, A-\nB, x--\ny",
            "- item one\n- item two\n-\nthree",
        ] {
            assert_eq!(mended(text), text);
        }
    }
}
