//! Text that a tool broke: a family of detectors, one file each, and the one list of them.
//!
//! A detector sees the original text and the insertions the scanner found (so that it can look past them), and answers with findings.
//! It never cuts: the planner does.

mod capital_headline;
mod capitals;
mod clipped_marker;
mod clipped_name;
mod context;
mod cut_sentence;
mod end_matter;
mod entity;
mod escape;
mod evidence;
mod glued_header;
mod header_date;
mod hole;
mod hover_card;
mod hyphenation;
mod markup;
mod mojibake;
mod outline;
mod repeated_block;
mod repeated_title;
mod run_on;
mod settled;
mod sketch;
mod split_word;

#[cfg(test)]
mod check;

use std::cell::OnceCell;
use std::sync::Arc;

use sketch::Sketch;

use crate::model::{Action, Category, Finding, Kept, RuleInfo, Safety, Span};
use crate::text::blocks::{BLOCK, line_feeds};

/// Every detector, in the order in which they look at a text. A new one is a file and a line here.
pub(crate) static DETECTORS: &[&dyn Detector] = &[
    &clipped_name::ClippedName,
    &clipped_marker::ClippedMarker,
    &split_word::SplitWord,
    &cut_sentence::CutSentence,
    &hyphenation::Hyphenation,
    &run_on::RunOn,
    &entity::Entity,
    &escape::Escape,
    &glued_header::GluedHeader,
    &hole::Hole,
    &hover_card::HoverCard,
    &markup::Markup,
    &mojibake::Mojibake,
    &repeated_block::RepeatedBlock,
    &repeated_title::RepeatedTitle,
    &header_date::HeaderDate,
    &capital_headline::CapitalHeadline,
    &end_matter::EndMatter,
];

/// What a detector looks at.
#[derive(Clone, Copy, Debug)]
pub struct Input<'t> {
    /// The original text.
    pub text: &'t str,
    /// What the scanner's applied findings take out: sorted, disjoint, in bytes of `text`. A detector treats these stretches as absent.
    pub removed: &'t [Span],
    /// All that the scanner found, sorted by place. What it leaves to people is a weak sign to a detector that needs several.
    pub found: &'t [Finding],
    /// The document's title, when known.
    pub title: Option<&'t str>,
    /// The document's language (BCP 47), when known.
    pub lang: Option<&'t str>,
    /// The texts of the rules that act on whole lines, for finding their beginnings; `None` where no rules are at hand.
    pub labels: Option<&'t dyn Labels>,
    /// What several detectors ask about the text, found out once.
    pub facts: &'t Facts,
}

/// The texts of rules, as far as detectors need them. The scanner's compiler knows them; detectors know no rules.
pub trait Labels: std::fmt::Debug {
    /// Whether a line that begins at byte `at` of `text` may begin like one of the texts. `false` is certain and comes fast.
    fn may_begin(&self, text: &str, at: usize) -> bool;

    /// The rule whose text, cut in mid-word, is this line; the line is compared folded. `None` if there is none.
    fn cut_short(&self, line: &str) -> Option<&str>;
}

/// What several detectors ask about one text. Each fact is found out when it is first asked for; never reuse them for another text.
#[derive(Debug, Default)]
pub struct Facts {
    lines: OnceCell<Vec<(usize, usize)>>,
    sketch: OnceCell<Sketch>,
    english: OnceCell<bool>,
}

/// Where each line of `bytes` that holds anything begins and ends. Every other line of a text is empty.
fn solid_lines(bytes: &[u8]) -> Vec<(usize, usize)> {
    /// How many blocks are marked in one go.
    const BATCH: usize = 32;
    let mut lines = Vec::with_capacity(bytes.len() / 96 + 1);
    let (blocks, rest) = bytes.as_chunks::<BLOCK>();
    let mut last = [0; BLOCK];
    last[..rest.len()].copy_from_slice(rest);
    let mut feeds = [0; BATCH];
    let (mut start, mut base) = (0, 0);
    for batch in blocks.chunks(BATCH).chain([[last].as_slice()]) {
        line_feeds(batch, &mut feeds);
        for &(mut ends) in &feeds[..batch.len()] {
            while ends != 0 {
                let end = base + ends.trailing_zeros() as usize;
                if start < end {
                    lines.push((start, end));
                }
                start = end + 1;
                ends &= ends - 1;
            }
            base += BLOCK;
        }
    }
    if start < bytes.len() {
        lines.push((start, bytes.len()));
    }
    lines
}

impl<'t> Input<'t> {
    /// Where each line that holds anything begins and ends, its line feed left out.
    fn lines(&self) -> &'t [(usize, usize)] {
        self.facts
            .lines
            .get_or_init(|| solid_lines(self.text.as_bytes()))
    }

    /// The places that several detectors begin at.
    fn sketch(&self) -> &'t Sketch {
        self.facts
            .sketch
            .get_or_init(|| Sketch::of(self.text, self.may_be_english()))
    }

    /// A text of which nothing else is known.
    #[cfg(test)]
    fn of(text: &'t str) -> Self {
        Self {
            text,
            removed: &[],
            found: &[],
            labels: None,
            title: None,
            lang: None,
            facts: Box::leak(Box::default()),
        }
    }

    /// Whether the text holds any of the signs that references, escapes and most of markup begin with. Most texts hold none, and three detectors have
    /// nothing to look for.
    fn has_signs(&self) -> bool {
        self.sketch().signs
    }

    /// Whether the document may be English: it is said to be, or nothing is said.
    fn may_be_english(&self) -> bool {
        self.lang.is_none_or(|lang| {
            let primary = lang.split(['-', '_']).next().unwrap_or_default();
            primary.is_empty()
                || primary.eq_ignore_ascii_case("en")
                || primary.eq_ignore_ascii_case("und")
        })
    }

    /// Whether the document is English: it is said to be, or its beginning has so many of the little words as no other language has. A few words may
    /// always be. Ask it only when something was found.
    fn reads_english(&self) -> bool {
        *self.facts.english.get_or_init(|| self.count_little_words())
    }

    fn count_little_words(&self) -> bool {
        /// A text with fewer words says nothing.
        const FEW: usize = 40;
        /// More words say no more.
        const ENOUGH: usize = 500;
        /// One in so many words has to be a little one.
        const SHARE: usize = 25;
        if !self.may_be_english() {
            return false;
        }
        if self
            .lang
            .is_some_and(|lang| !lang.is_empty() && !lang.starts_with("und"))
        {
            return true;
        }
        /// So many little words are enough, whatever follows.
        const MANY: usize = ENOUGH / SHARE;
        let (mut all, mut little) = (0_usize, 0_usize);
        for word in self.text.split_ascii_whitespace().take(ENOUGH) {
            all += 1;
            little += usize::from(matches!(
                word.as_bytes(),
                b"the"
                    | b"of"
                    | b"and"
                    | b"to"
                    | b"that"
                    | b"is"
                    | b"was"
                    | b"for"
                    | b"with"
                    | b"The"
            ));
            if little >= MANY {
                return true;
            }
        }
        // Running English has one in five; headlines and live blogs have few.
        all < FEW || little * SHARE >= all
    }
}

/// A detector of one kind of breakage.
pub trait Detector: Send + Sync {
    /// The name behind `fragment/`, in kebab-case.
    fn name(&self) -> &'static str;

    /// What is broken, as the end of a sentence that begins with the found text.
    fn why(&self) -> &'static str;

    /// What kind of text it finds: broken text, unless a detector says otherwise.
    fn category(&self) -> Category {
        Category::Fragment
    }

    /// Adds what it finds in `input` to `findings`, in the order of the text, each with its evidence. Spans on character boundaries.
    fn detect(&self, input: Input<'_>, findings: &mut Vec<Finding>);

    /// What goes when fragments are removed instead of mended, in bytes of `text`. `None`, as for most: cutting it out would break more than it mends.
    fn removal(&self, _text: &str, _finding: &Finding) -> Option<Span> {
        None
    }

    /// The rule that its findings name.
    fn rule(&self) -> Arc<RuleInfo> {
        Arc::new(RuleInfo {
            name: format!("fragment/{}", self.name()),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            category: self.category(),
            why: self.why().to_owned(),
        })
    }
}

/// What goes when fragments are removed instead of mended, in bytes of `text`: for a clipped name also its honorific and its possessive. `None` when
/// such a fragment is mended all the same.
#[must_use]
pub(crate) fn removal_span(text: &str, finding: &Finding) -> Option<Span> {
    let name = finding.rule.name.strip_prefix("fragment/")?;
    DETECTORS
        .iter()
        .find(|detector| detector.name() == name)?
        .removal(text, finding)
}

/// Whether a text is too short to be broken: nothing, or one letter or digit. Records without a text are common, and there are millions of them.
#[must_use]
pub(crate) fn is_whole(text: &str) -> bool {
    match text.as_bytes() {
        [] => true,
        [byte] => byte.is_ascii_alphanumeric(),
        _ => false,
    }
}

/// The last character boundary at or before `at`, which lies in the text.
fn floor(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// A finding of a detector on the stretch that its edit takes, before evidence and doubts are added.
fn finding(
    rule: Arc<RuleInfo>,
    span: Span,
    action: Action,
    safety: Safety,
    kept: Option<Kept>,
) -> Finding {
    Finding {
        rule,
        span,
        cut: span,
        place: None,
        safety,
        action,
        kept,
        evidence: Vec::new(),
    }
}

impl std::fmt::Debug for dyn Detector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_whole_holds_no_finding() {
        let letters: Vec<String> = (0..128).map(|byte| char::from(byte).to_string()).collect();
        for text in letters.iter().map(String::as_str).chain([""]) {
            if !is_whole(text) {
                continue;
            }
            for title in [None, Some(text), Some("Another")] {
                let input = Input {
                    title,
                    ..Input::of(text)
                };
                let mut findings = Vec::new();
                for detector in DETECTORS {
                    detector.detect(input, &mut findings);
                }
                assert!(findings.is_empty(), "{text:?}: {findings:?}");
            }
        }
        assert!(is_whole("a") && is_whole("") && !is_whole("ab") && !is_whole("\u{7}"));
    }

    #[test]
    fn lines_that_hold_anything() {
        let lines = |text: &'static str| Input::of(text).lines().to_vec();
        assert_eq!(lines("One.\n\nTwo"), [(0, 4), (6, 9)]);
        assert_eq!(lines("\n\n \n"), [(2, 3)]);
        assert!(lines("").is_empty() && lines("\n").is_empty());
    }

    #[test]
    fn signs_are_seen_wherever_they_stand() {
        let may_hold = |text: String| Input::of(text.leak()).has_signs();
        for sign in r"&\<>{}=".chars() {
            for place in 0..100 {
                let text = format!("{}{sign}{}", "a".repeat(place), "b[".repeat(100 - place));
                assert!(may_hold(text), "{sign} at {place}");
            }
        }
        assert!(!may_hold("The end (of [it]); no: 1/2 + é”.\n".repeat(20)));
        assert!(!may_hold(String::new()));
    }
}
