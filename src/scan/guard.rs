//! Judgement on a match: is it an insertion, a mention, or the article's own words? Is it within its rule's limits?

use crate::db::CompiledRule;
use crate::model::{Kept, Place, Span, Take};
use crate::text::edges::{
    char_before, char_behind, is_close_quote, is_open_quote, is_sentence_end, solid_before,
    solid_behind,
};
use crate::text::fold::{fold, is_blank};
use crate::text::lines::lines_before;

/// Words that announce a mention when they stand right before a match. They judge contexts; what is looked for stays in the packs.
const CUES: &[&str] = &[
    "word",
    "words",
    "phrase",
    "phrases",
    "label",
    "labels",
    "labeled",
    "labelled",
    "term",
    "terms",
    "heading",
    "caption",
    "sign",
    "text",
    "message",
    "marker",
    "slogan",
    "button",
    "link",
    "reads",
    "read",
    "reading",
    "says",
    "say",
    "said",
    "saying",
    "titled",
    "called",
    "named",
    "entitled",
    "mot",
    "mots",
    "wort",
    "worte",
    "palabras",
    "palabra",
    "parole",
    "слова",
    "слово",
];

/// How many lines must stand before a tail marker.
const LINES_BEFORE_TAIL: usize = 3;

/// The greatest share of a text that a rule may cut to the end when it does not say.
const TO_END_SHARE: f32 = 0.4;

/// What the guards say of a match.
pub(super) enum Verdict {
    /// It is an insertion.
    Insertion,
    /// It stays, and is shown with the reason.
    Kept(Kept),
    /// It is ordinary text.
    Prose,
}

/// Judges the match `span` by what stands around it.
pub(super) fn judge_context(text: &str, place: Place, span: Span) -> Verdict {
    if is_quoted(text, span) {
        return Verdict::Kept(Kept::Mention);
    }
    match place {
        Place::Line | Place::Tail => Verdict::Insertion,
        Place::LineStart => {
            if ends_lettered(text, span)
                && solid_behind(text, span.end).is_some_and(char::is_lowercase)
            {
                return Verdict::Prose;
            }
            Verdict::Insertion
        }
        Place::LineEnd => {
            if begins_small(text, span) && inside_sentence(text, span.start) {
                return Verdict::Prose;
            }
            cue(text, span)
        }
        Place::Inline => {
            let inside = inside_sentence(text, span.start);
            if begins_small(text, span) && inside {
                return Verdict::Kept(Kept::Mention);
            }
            // "… after this advertisement, and he came back": the sentence goes on.
            if ends_in_letter(text, span)
                && char_behind(text, span.end).is_some_and(|c| matches!(c, ',' | ';' | ':'))
            {
                return Verdict::Prose;
            }
            let glued = char_before(text, span.start).is_some_and(char::is_alphanumeric);
            if !inside
                && !glued
                && ends_lettered(text, span)
                && solid_behind(text, span.end).is_some_and(char::is_lowercase)
            {
                return Verdict::Prose;
            }
            cue(text, span)
        }
    }
}

/// Whether the match stands in quotation marks of its own.
fn is_quoted(text: &str, span: Span) -> bool {
    // Most matches stand at a line's beginning.
    if span.start == 0 || text.as_bytes()[span.start - 1] == b'\n' {
        return false;
    }
    // French sets blanks inside its quotation marks.
    let spaced = solid_before(text, span.start) == Some('«');
    if !spaced && !char_before(text, span.start).is_some_and(is_open_quote) {
        return false;
    }
    let mut behind = text[span.end..].chars().skip_while(|&c| {
        matches!(c, '.' | ',' | ';' | ':' | '!' | '?' | '…') || (spaced && is_blank(c) && c != '\n')
    });
    behind.next().is_some_and(is_close_quote)
}

fn begins_small(text: &str, span: Span) -> bool {
    text[span.range()]
        .chars()
        .find(|c| c.is_alphabetic())
        .is_some_and(char::is_lowercase)
}

fn ends_in_letter(text: &str, span: Span) -> bool {
    char_before(text, span.end).is_some_and(char::is_alphanumeric)
}

fn ends_lettered(text: &str, span: Span) -> bool {
    ends_in_letter(text, span) && char_behind(text, span.end).is_some_and(is_blank)
}

/// Whether a sentence is under way at `at`: something stands before it on the line that does not end a sentence.
fn inside_sentence(text: &str, at: usize) -> bool {
    solid_before(text, at).is_some_and(|c| {
        !is_sentence_end(c) && !is_close_quote(c) && !matches!(c, ')' | ']' | '|' | '*' | '•')
    })
}

/// A mention announced by a word: "the phrase Story continues below".
fn cue(text: &str, span: Span) -> Verdict {
    let before = text[..span.start]
        .trim_end_matches(|c: char| is_blank(c) || matches!(c, ':' | ',' | '-' | '–' | '—'));
    // Glued to the word, or a sentence ended in between: no mention.
    if before.len() == span.start {
        return Verdict::Insertion;
    }
    let word = before
        .rsplit(|c: char| !c.is_alphanumeric())
        .next()
        .unwrap_or_default();
    if word.is_empty()
        || text[before.len()..span.start].contains('\n')
        || !CUES.contains(&fold(word).as_str()) && !CUES.contains(&word)
    {
        return Verdict::Insertion;
    }
    Verdict::Kept(Kept::Mention)
}

/// Whether `cut` stays within what the rule may take, and far enough back for a rule that cuts the rest.
pub(super) fn judge_size(
    text: &str,
    rule: &CompiledRule,
    take: Take,
    place: Place,
    cut: Span,
) -> Option<Kept> {
    if (place == Place::Tail || take == Take::ToEnd)
        && !lines_before(text, cut.start, LINES_BEFORE_TAIL)
    {
        return Some(Kept::Position);
    }
    if cut.len() > rule.limit.chars as usize
        && text[cut.range()].chars().count() > rule.limit.chars as usize
    {
        return Some(Kept::LimitChars);
    }
    // Whoever cuts the rest of a text without saying how much that may be, may take less than half of it.
    let share = if take == Take::ToEnd {
        rule.limit.share.min(if rule.limit.share < 1.0 {
            1.0
        } else {
            TO_END_SHARE
        })
    } else {
        rule.limit.share
    };
    if cut.len() as f64 > f64::from(share) * text.len() as f64 {
        return Some(Kept::LimitShare);
    }
    None
}
