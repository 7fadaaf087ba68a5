//! What the words around a name say of it.

use super::context::{After, Before};
use crate::model::Span;

/// Abbreviations of two letters that a dot follows wherever they stand: states, ranks, streets.
const DOTTED: [&str; 26] = [
    "Av", "Bd", "Ca", "Ch", "Co", "Ct", "Dr", "Fl", "Ft", "Ga", "Jr", "Ky", "La", "Lt", "Md", "Me",
    "Mo", "Mt", "No", "Pa", "Rd", "Sq", "Sr", "St", "Va", "Vt",
];

/// Words that say whose a thing is.
const OWNERS: [&str; 7] = ["my", "your", "his", "her", "its", "our", "their"];

/// Nouns that given names follow.
const RELATIVES: [&str; 26] = [
    "aunt",
    "baby",
    "boy",
    "brother",
    "called",
    "cat",
    "child",
    "cousin",
    "daughter",
    "dog",
    "father",
    "friend",
    "girl",
    "girlfriend",
    "granddaughter",
    "grandson",
    "husband",
    "mother",
    "named",
    "nephew",
    "niece",
    "sister",
    "son",
    "teen",
    "uncle",
    "wife",
];

/// What stands on both sides of a word.
#[derive(Clone, Copy, Debug)]
pub struct Neighbours<'t> {
    /// Before it.
    pub before: Before<'t>,
    /// Behind it.
    pub after: After<'t>,
}

impl<'t> Neighbours<'t> {
    /// Looks around `span`.
    pub fn of(text: &'t str, span: Span) -> Self {
        Self {
            before: Before::at(text, span.start),
            after: After::at(text, span.end),
        }
    }

    /// Whether the word is written so on purpose, or is a part of something else.
    pub fn speaks_against(&self, text: &str) -> bool {
        self.after.tied || self.before.tied || self.after.has_sic(text)
    }

    /// Whether the word is given as what somebody is called.
    pub fn shows_nickname(&self, text: &str) -> bool {
        let called = match self.before.word {
            Some("as") => Before::at(text, self.before.start).word == Some("known"),
            word => matches!(word, Some("nicknamed" | "dubbed" | "aka")),
        };
        called || (self.before.quoted && self.after.quoted)
    }

    /// Whether the word says or owns something, is told something, or bears a title.
    pub fn acts(&self) -> bool {
        self.speaks() || self.told() || self.after.possessive || self.before.honorific()
    }

    /// Whether two `letters` may stand for something longer on purpose: a dot, hyphen or colon behind them, quotation marks around them.
    pub fn may_be_an_abbreviation(&self, text: &str, letters: &str) -> bool {
        let rest = &text[self.after.end..];
        // What is no usual abbreviation may end a sentence.
        let dotted = rest.strip_prefix('.').is_some_and(|rest| {
            let ends = rest.is_empty() || rest.starts_with([' ', '\n', '"', '\u{201d}']);
            !ends || self.after.dotted || DOTTED.contains(&letters)
        });
        dotted
            || self.after.joined
            || self.before.joined
            || (self.before.quoted && self.after.quoted)
            || rest.starts_with(['/', ')'])
            || (rest.starts_with(':') && self.before.opens)
    }

    /// Whether the word says something, as only persons do.
    pub fn speaks(&self) -> bool {
        self.after.word.is_some_and(is_speech)
    }

    /// Whether a verb of saying stands right before the word ("said Moreauville", "told Moreauville").
    fn told(&self) -> bool {
        self.before.word.is_some_and(is_speech)
    }

    /// Whether the word stands where a family name does that needs no introduction: by itself, and saying, owning or doing something. At the beginning of
    /// a sentence any word does something ("Math dropped").
    pub fn stands_for_a_person(&self) -> bool {
        self.before.capitalised().is_none()
            && self.after.capitalised().is_none()
            && !self.before.quoted
            && !self.after_article()
            && (self.speaks()
                || self.told()
                || self.after.possessive
                || self.after.who
                || (!self.before.opens && self.does()))
    }

    /// Whether the word could be a family name by itself: no part of a longer name, no thing with an article, and nothing ties it to other words. A title may
    /// stand before it.
    pub fn stands_alone(&self) -> bool {
        (self.before.capitalised().is_none() || self.before.honorific())
            && self.after.capitalised().is_none()
            && !self.before.quoted
            && !self.before.joined
            && !self.after.quoted
            && !self.after.nickname
            && !self.after.joined
            && !self.after.dash
            && !self.after.dotted
            && !self.after_article()
            && !self.before.word.is_some_and(|word| OWNERS.contains(&word))
    }

    /// Whether the word may be what a relative or friend is called: "his son Ben", "their dog, Rex".
    pub fn may_be_family(&self) -> bool {
        let apposed = self.before.word.is_none() && !self.before.opens && self.after.word.is_none();
        apposed
            || self
                .before
                .word
                .is_some_and(|word| RELATIVES.contains(&word))
    }

    /// Whether a verb follows, as after the subject of a sentence.
    pub fn does(&self) -> bool {
        const VERBS: [&str; 14] = [
            "is", "was", "has", "had", "will", "would", "did", "does", "could", "can", "may",
            "might", "also", "who",
        ];
        self.after
            .word
            .is_some_and(|word| VERBS.contains(&word) || (word.len() > 4 && word.ends_with("ed")))
    }

    /// Whether a small article stands before the word: it is a thing or one of many.
    pub fn after_small_article(&self) -> bool {
        matches!(self.before.word, Some("the" | "a" | "an"))
    }

    /// Whether an article stands before the word, as it does not before a person's name.
    pub fn after_article(&self) -> bool {
        matches!(
            self.before.word,
            Some("the" | "The" | "a" | "A" | "an" | "An")
        )
    }
}

/// Whether a word is a verb of saying.
fn is_speech(word: &str) -> bool {
    const SPEECH: [&str; 28] = [
        "said",
        "says",
        "told",
        "tells",
        "wrote",
        "writes",
        "added",
        "adds",
        "noted",
        "notes",
        "asked",
        "argued",
        "argues",
        "believes",
        "claimed",
        "claims",
        "concluded",
        "continued",
        "explained",
        "replied",
        "responded",
        "tweeted",
        "insisted",
        "declined",
        "testified",
        "recalled",
        "suggested",
        "warned",
    ];
    SPEECH.contains(&word)
}
