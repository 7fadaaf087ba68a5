//! `hover-card`: the card that thehill.com shows over a linked name and that extractors read as text: "President Trump `Donald John
//! TrumpHarris calls for a vote Pence to visit Iowa MORE` said".
//!
//! The card begins with the full name, so the surname stands twice, the second time glued to the first headline; it ends with "MORE".

use std::sync::{Arc, LazyLock};

use super::settled::is_settled;
use super::{Detector, Input, context};
use crate::model::{Action, Finding, RuleInfo, Safety, Span};

/// Finds cards over linked names.
#[derive(Clone, Copy, Debug)]
pub struct HoverCard;

static RULE: LazyLock<Arc<RuleInfo>> = LazyLock::new(|| HoverCard.rule());

/// The longest card, in bytes. The longest met had 820.
const MAX_CARD: usize = 1200;

/// The most words of a full name before the surname that is glued.
const MAX_NAME_WORDS: usize = 6;

impl Detector for HoverCard {
    fn name(&self) -> &'static str {
        "hover-card"
    }

    fn why(&self) -> &'static str {
        "is the card shown over a linked name"
    }

    fn detect(&self, input: Input<'_>, findings: &mut Vec<Finding>) {
        let text = input.text;
        let mut done = 0;
        for &at in &input.sketch().mores {
            let end = at + "MORE".len();
            if !text[at..].starts_with("MORE") || !ends_card(text, at, end) {
                continue;
            }
            let line = context::line_within(text, at, MAX_CARD);
            let from = line.start.max(done);
            // No card reaches over the end of another, found or not.
            done = end;
            let Some(card) = start_of_card(&text[from..end]) else {
                continue;
            };
            let span = Span::new(from + card.start, end);
            let headlines = &text[from + card.headlines..at];
            if !context::absent(input.removed, span) {
                findings.push(judge(text, span, from, &card, headlines));
            }
        }
    }
}

/// A card found in the text before its end. Offsets are bytes of that text.
struct Card {
    /// The surname as the article has it, which proves the card.
    shown: Span,
    /// Behind that name.
    start: usize,
    /// Where the full name ends and the headlines begin.
    headlines: usize,
}

fn judge(text: &str, span: Span, from: usize, card: &Card, headlines: &str) -> Finding {
    // "MORE ." and "MORE , who": the link took its blank along.
    let rest = text[span.end..].trim_start_matches(' ');
    let end = if rest.starts_with(['.', ',', ';', ':', '!', '?', ')']) {
        text.len() - rest.len()
    } else {
        span.end
    };
    let cut = Span::new(span.start, end);
    // A blank stays a blank; "MORE's" goes back to its name.
    let action = if text[end..].starts_with([' ', '\n']) || end == text.len() {
        Action::Remove
    } else {
        Action::Replace(String::new())
    };
    let certain = !holds_sentence(headlines) && is_settled(text, cut, "");
    let mut finding = context::finding(
        &RULE,
        span,
        action,
        if certain {
            Safety::Safe
        } else {
            Safety::Review
        },
    );
    finding.cut = cut;
    finding
        .evidence
        .push(Span::new(from + card.shown.start, from + card.shown.end));
    finding
}

/// Whether "MORE" closes something here: no heading such as "READ MORE:", no word in capitals.
fn ends_card(text: &str, at: usize, end: usize) -> bool {
    let before = context::before(text, at);
    let behind = context::after(text, end);
    before.is_some_and(|c| {
        c == ' '
            || c.is_lowercase()
            || c.is_ascii_digit()
            || matches!(
                c,
                '\'' | '’' | '"' | '”' | '.' | '?' | '!' | '…' | ')' | ']'
            )
    }) && behind.is_none_or(|c| !c.is_alphanumeric() && c != ':')
}

/// Whether prose stands where headlines should: a full stop behind a long word, and a capital behind it. Headlines have none.
fn holds_sentence(headlines: &str) -> bool {
    memchr::memmem::find_iter(headlines.as_bytes(), ". ").any(|at| {
        let word = headlines[..at]
            .rsplit(|c: char| !c.is_alphabetic())
            .next()
            .unwrap_or("");
        word.chars().count() > 4
            && word.chars().all(char::is_lowercase)
            && headlines[at + 2..].starts_with(char::is_uppercase)
    })
}

/// The last card that begins in `text`, which ends with "MORE".
fn start_of_card(text: &str) -> Option<Card> {
    let words: Vec<Span> = words(text).collect();
    // From the right: the end belongs to the nearest beginning.
    (1..words.len())
        .rev()
        .find_map(|place| glued(text, &words, place).or_else(|| spaced(text, &words, place)))
}

fn words(text: &str) -> impl Iterator<Item = Span> + '_ {
    let mut at = 0;
    text.split(' ').filter_map(move |word| {
        let start = at;
        at += word.len() + 1;
        (!word.is_empty()).then(|| Span::new(start, start + word.len()))
    })
}

/// A card whose full name is glued to the first headline: the word at `place` begins with the surname that stands a few words before it.
fn glued(text: &str, words: &[Span], place: usize) -> Option<Card> {
    let word = &text[words[place].range()];
    if !word.starts_with(char::is_uppercase) || !may_be_glued(word) {
        return None;
    }
    borders(word).find_map(|border| {
        let surname = &word[..border];
        for back in 1..=MAX_NAME_WORDS.min(place) {
            let earlier = words[place - back];
            let between = &words[place - back + 1..place];
            let found = &text[earlier.range()];
            let headlines = words[place].start + border;
            if found == surname && !between.is_empty() {
                let suffix = usize::from(is_suffix(&text[between[0].range()]));
                let (start, names) = if suffix == 1 {
                    (between[0].end, &between[1..])
                } else {
                    (earlier.end, between)
                };
                if !names.is_empty() && names.iter().all(|name| is_name(&text[name.range()])) {
                    return Some(Card {
                        shown: earlier,
                        start,
                        headlines,
                    });
                }
            }
            // "TrumpDonald John TrumpTrump slashes": the first blank is lost too.
            if let Some(first) = found.strip_prefix(surname)
                && first.len() > 1
                && first.starts_with(char::is_uppercase)
                && is_name(first)
                && between.iter().all(|name| is_name(&text[name.range()]))
            {
                let start = earlier.end - first.len();
                return Some(Card {
                    shown: Span::new(earlier.start, start),
                    start,
                    headlines,
                });
            }
            if !is_name(found) {
                break;
            }
        }
        None
    })
}

/// Whether anything but a small letter follows a small letter, a full stop or a letter beyond ASCII inside the word. Few words pass, and it costs little.
fn may_be_glued(word: &str) -> bool {
    word.as_bytes().windows(2).any(|pair| {
        !pair[1].is_ascii_lowercase()
            && (pair[0].is_ascii_lowercase() || matches!(pair[0], b'.' | 0x80..))
    })
}

/// A card whose blanks were put back: "Nancy Pelosi Nancy Patricia Pelosi Two more women". The first name must stand twice as well.
fn spaced(text: &str, words: &[Span], place: usize) -> Option<Card> {
    let word = |place: usize| &text[words[place].range()];
    let surname = word(place);
    if !surname.starts_with(char::is_uppercase) {
        return None;
    }
    (3..=MAX_NAME_WORDS.min(place)).find_map(|back| {
        let (first, shown) = (place - back, place - back + 1);
        // Nearly every look ends here.
        if shown + 1 >= place || words[shown].len() != words[place].len() {
            return None;
        }
        if word(shown) != surname || word(first) != word(shown + 1) {
            return None;
        }
        let named = (first..=place).all(|place| is_name(word(place)));
        let headlined = words
            .get(place + 1)
            .is_some_and(|next| !text[next.range()].starts_with(char::is_lowercase));
        (named && headlined && surname.chars().count() >= 3).then(|| Card {
            shown: words[shown],
            start: words[shown].end,
            headlines: words[place].end,
        })
    })
}

/// Where a word of two glued ones may be cut: a small letter, then a capital, a digit or an opening quotation mark.
fn borders(word: &str) -> impl Iterator<Item = usize> + '_ {
    word.char_indices()
        .zip(word.chars().skip(1))
        .filter_map(|((at, c), next)| {
            let opens = next.is_uppercase()
                || next.is_ascii_digit()
                || matches!(next, '\'' | '‘' | '"' | '“' | '[' | '\u{a0}');
            let border = at + c.len_utf8();
            ((c.is_lowercase() || c == '.') && opens && border > 2).then_some(border)
        })
}

/// A word of a full name: "Donald", "(Joe)", "D'Alesandro", "H.", "de".
fn is_name(word: &str) -> bool {
    let inner = word
        .trim_start_matches(['(', '"', '“'])
        .trim_end_matches([')', '"', '”', '.', ',']);
    let named = inner.starts_with(char::is_uppercase)
        && inner
            .chars()
            .all(|c| c.is_alphabetic() || matches!(c, '\'' | '’' | '-' | '.'));
    named
        || [
            "de", "del", "van", "von", "der", "la", "al", "bin", "el", "da", "di",
        ]
        .contains(&word)
}

fn is_suffix(word: &str) -> bool {
    ["Jr.", "Jr", "Sr.", "Sr", "II", "III", "IV"].contains(&word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fragment::check::{applied, find, keeps, mends};

    #[test]
    fn removes_cards() {
        for (broken, sound) in [
            (
                "President Trump Donald John TrumpHarris calls for a vote Pence to visit Iowa: report MORE in 2017 signed it.",
                "President Trump in 2017 signed it.",
            ),
            (
                "and Adam Reed Adam Bennett ReedGraham: 'must be heard' Reed says so MORE (D-Calif.) sent",
                "and Adam Reed (D-Calif.) sent",
            ),
            (
                "in-law Laura Trump Laura Lea TrumpTrump campaign asks report MORE's friend",
                "in-law Laura Trump's friend",
            ),
            (
                "aides, Paul Manor Paul John Manor2020 hopefuls meet others MORE, among them",
                "aides, Paul Manor, among them",
            ),
            (
                "Senator Joe Donner Joseph (Joe) Simon Donner'All good,' he says MORE .",
                "Senator Joe Donner.",
            ),
            (
                "Donald Trump Jr. Donald John TrumpBiden plans MORE left",
                "Donald Trump Jr. left",
            ),
            (
                "chief John Kelly John Francis KellyMORE told him",
                "chief John Kelly told him",
            ),
            (
                "President TrumpDonald John TrumpTrump slashes aid MORE should",
                "President Trump should",
            ),
            (
                "Speaker Nancy Poll Nancy Patricia D'Arco Poll Two more women accuse him MORE (D-Calif.) has",
                "Speaker Nancy Poll (D-Calif.) has",
            ),
            (
                "Mitch McConnell Addison (Mitch) Mitchell McConnellOvernight Health Care: a vote MORE said",
                "Mitch McConnell said",
            ),
        ] {
            // The planner settles the blank before a full stop; nothing else is left to it here.
            mends(&HoverCard, broken, sound);
        }
    }

    #[test]
    fn two_in_a_row() {
        let text = "President Trump Donald John TrumpOne calls MORE's aide Eric Trump Eric Frederick TrumpLaura Trump: yes MORE left.";
        assert_eq!(
            applied(&HoverCard, text, Safety::Safe),
            "President Trump's aide Eric Trump left."
        );
    }

    #[test]
    fn evidence_is_the_shown_name() {
        let text = "President Trump Donald John TrumpOne calls MORE said.";
        assert_eq!(
            &text[find(&HoverCard, text)[0].evidence[0].range()],
            "Trump"
        );
    }

    #[test]
    fn leaves_prose() {
        for text in [
            "READ MORE: Trump and Donald Trump speak",
            "He wants MORE of it, said Trump. Donald John Trump went on.",
            "McDonald met Ronald McDonald MORE than once",
            "FAR MORE shameful is that",
            "Donald Trump met Donald Trump Jr. and asked for MORE",
        ] {
            keeps(&HoverCard, text, false);
        }
    }

    #[test]
    fn prose_inside_is_for_review() {
        let text = "So Trump Donald TrumpThe vote was lost again. Then they went home and asked for MORE now.";
        assert_eq!(find(&HoverCard, text)[0].safety, Safety::Review);
    }
}
