//! Capitalised words with a blank in them: "Bradl ey Carlson". A link or a drop cap covered a part of the word, and the extractor put a blank
//! at its border.

use super::capitals::small_letters_behind_blank;
use super::evidence::places;
use super::{Detector, Input, finding};
use crate::model::{Action, Finding, Kept, Safety, Span};
use crate::text::lexicon;

/// Finds split words and joins them.
#[derive(Debug)]
pub struct SplitWord;

impl Detector for SplitWord {
    fn name(&self) -> &'static str {
        "clipped-word-split"
    }

    fn why(&self) -> &'static str {
        "is one word with a blank in it"
    }

    /// English only: that neither piece is a word is known from the lexicon.
    fn detect(&self, input: Input<'_>, findings: &mut Vec<Finding>) {
        if !input.may_be_english() || !lexicon::AVAILABLE {
            return;
        }
        let text = input.text;
        let bytes = text.as_bytes();
        let mut rule = None;
        let capitals = &input.sketch().capitals;
        // The second piece is the sign by which a split word is noticed, and only short words can be known without a search.
        for &place in &input.sketch().before_pieces {
            let first = capitals[place as usize].span();
            let start = first.end + 1;
            let end = start + small_letters_behind_blank(bytes, first.end);
            if lexicon::is_short_word(&bytes[start..end]) {
                continue;
            }
            let span = Span::new(first.start, end);
            let Some(joined) = join(text, first, span) else {
                continue;
            };
            if !input.reads_english() {
                return;
            }
            let rule = rule.get_or_insert_with(|| self.rule()).clone();
            let evidence = places(text, &joined, span.start, char::is_alphanumeric)
                .take(2)
                .collect();
            let kept = is_shredded(&text[end..]).then_some(Kept::Ambiguous);
            findings.push(Finding {
                evidence,
                ..finding(rule, span, Action::Replace(joined), Safety::Safe, kept)
            });
        }
    }
}

/// Whether a single letter that is no word stands behind ("Arte mis m oon"): the text is broken in more places than can be mended, and is left as it is.
fn is_shredded(behind: &str) -> bool {
    matches!(behind.as_bytes(), [b' ', b'b'..=b'z', b' ', ..])
}

/// The whole word, if both pieces are none and together they are one that the text holds, or that everybody knows.
fn join(text: &str, first: Span, span: Span) -> Option<String> {
    let is_letter_or_joint =
        |c: char| c.is_alphanumeric() || matches!(c, '\'' | '\u{2019}' | '-' | '@' | '/' | '_');
    if text[span.end..]
        .starts_with(|c: char| is_letter_or_joint(c) && !matches!(c, '\'' | '\u{2019}'))
    {
        return None;
    }
    if text[..first.start].ends_with(is_letter_or_joint) {
        return None;
    }
    let head = &text[first.range()];
    if lexicon::is_word(head)
        || (lexicon::is_name(head) && !lexicon::name_kinds(head).only_rare_surname())
    {
        return None;
    }
    let joined = format!("{head}{}", &text[first.end + 1..span.end]);
    let kinds = lexicon::name_kinds(&joined);
    let known =
        kinds.given() || kinds.proper() || kinds.surname() || lexicon::is_common_word(&joined);
    (known
        || places(text, &joined, span.start, char::is_alphanumeric)
            .next()
            .is_some())
    .then_some(joined)
}

#[cfg(all(test, feature = "lexicon"))]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<Finding> {
        let mut findings = Vec::new();
        SplitWord.detect(
            Input {
                text,
                removed: &[],
                found: &[],
                title: None,
                lang: None,
                labels: None,
                facts: &Default::default(),
            },
            &mut findings,
        );
        findings
    }

    fn mended(text: &str) -> String {
        let mut mended = text.to_owned();
        for finding in found(text).iter().rev() {
            let Action::Replace(replacement) = &finding.action else {
                panic!("{finding:?}")
            };
            mended.replace_range(finding.cut.range(), replacement);
        }
        assert!(found(&mended).is_empty(), "not settled: {mended}");
        mended
    }

    #[test]
    fn joins_the_pieces() {
        assert_eq!(mended("It was Bradl ey’s idea."), "It was Bradley’s idea.");
        assert_eq!(
            mended("She wore Gues s (in Europ e)."),
            "She wore Guess (in Europe)."
        );
        assert_eq!(
            mended("Moreauvil le came. Moreauville went."),
            "Moreauvil le came. Moreauville went."
        );
        assert_eq!(
            mended("Moreauvi lle came. Moreauville went."),
            "Moreauville came. Moreauville went."
        );
        assert_eq!(
            found("Moreauvi lle came. Moreauville went.")[0].evidence,
            [Span::new(19, 30)]
        );
    }

    #[test]
    fn what_is_broken_all_over_is_reported() {
        let findings = found("The Arte mis m oon program.");
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].kept, Some(Kept::Ambiguous));
    }

    #[test]
    fn whole_words_stay() {
        for text in [
            "Plan b was Vitamin c and Section d.",
            "Ortega y Gasset met Jan van der Berg in Aix en Provence.",
            "Team s won; Group e lost; iPhone s sold.",
            "Moreauvi lle came.",
            "The Champ s-class, the Champ lle@example.org.",
            "José e Maria, Ahmad al Din, Rue de la Paix.",
        ] {
            assert_eq!(mended(text), text);
        }
    }
}
