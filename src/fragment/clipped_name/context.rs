//! What stands around a capitalised word: the neighbours that tell a person's name from a place, a heading or an abbreviation.

use std::sync::LazyLock;

use super::super::floor;
use crate::model::Span;

/// The most letters of a neighbour that are read.
const LONGEST: usize = 40;
/// The hyphens that join two words.
const HYPHENS: [char; 3] = ['-', '\u{2010}', '\u{2011}'];

/// Reads an embedded list: one entry a line, sorted, `#` starts a comment.
fn list(text: &'static str) -> Vec<&'static str> {
    text.lines().filter(|line| !line.starts_with('#')).collect()
}

static HONORIFICS: LazyLock<Vec<&str>> =
    LazyLock::new(|| list(include_str!("../../../data/lexicon/honorifics.txt")));
static SHORT_FORMS: LazyLock<Vec<&str>> =
    LazyLock::new(|| list(include_str!("../../../data/lexicon/short-forms.txt")));

/// Whether `word`, written without its dot, stands before persons' names.
pub fn is_honorific(word: &str) -> bool {
    // Nearly every word is small, and none of these is.
    word.starts_with(|first: char| first.is_ascii_uppercase())
        && HONORIFICS.binary_search(&word).is_ok()
}

/// Whether `word` is a nickname, clipping or abbreviation that is complete as it is.
pub fn is_short_form(word: &str) -> bool {
    SHORT_FORMS.binary_search(&word).is_ok()
}

/// Words that begin sentences and clauses. With their capital they could be taken for a name before a name ("While Clinton spoke"). Sorted.
const OPENERS: [&str; 58] = [
    "About",
    "After",
    "Against",
    "Although",
    "And",
    "Are",
    "As",
    "At",
    "Because",
    "Before",
    "Both",
    "But",
    "By",
    "Can",
    "Could",
    "Did",
    "Do",
    "Does",
    "Even",
    "For",
    "From",
    "Had",
    "Has",
    "How",
    "If",
    "In",
    "Is",
    "Like",
    "Meanwhile",
    "Nor",
    "Of",
    "On",
    "Once",
    "Only",
    "Or",
    "Should",
    "Since",
    "So",
    "Still",
    "That",
    "Then",
    "Though",
    "Through",
    "To",
    "Under",
    "Unless",
    "Unlike",
    "Until",
    "Was",
    "What",
    "When",
    "Where",
    "Whether",
    "While",
    "Why",
    "With",
    "Would",
    "Yet",
];

/// What stands before a word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Before<'t> {
    /// The word before it, one blank away, without the dot of an abbreviation.
    pub word: Option<&'t str>,
    /// Where that word begins.
    pub start: usize,
    /// Whether the word begins a sentence, a line, a quotation or a bracket, so that its capital says nothing.
    pub opens: bool,
    /// Whether `#`, `@`, a digit or the like ties it to what is before.
    pub tied: bool,
    /// Whether a hyphen or an apostrophe joins it to the word before.
    pub joined: bool,
    /// Whether an opening quotation mark or bracket stands right before.
    pub quoted: bool,
}

impl<'t> Before<'t> {
    /// Looks before `at`.
    pub fn at(text: &'t str, at: usize) -> Self {
        let before = &text[..at];
        let Some(last) = before.chars().next_back() else {
            return Self {
                opens: true,
                ..Self::default()
            };
        };
        if matches!(last, '#' | '@' | '_' | '/' | '.' | '&') || last.is_numeric() {
            return Self {
                tied: true,
                ..Self::default()
            };
        }
        let stem = &before[..at - last.len_utf8()];
        if (HYPHENS.contains(&last) || matches!(last, '\'' | '\u{2019}'))
            && stem.ends_with(char::is_alphanumeric)
        {
            let word = last_word(stem);
            return Self {
                word: (!word.is_empty()).then_some(word),
                start: stem.len() - word.len(),
                joined: true,
                ..Self::default()
            };
        }
        if matches!(last, '"' | '\'' | '\u{201c}' | '\u{2018}' | '(' | '[' | '*') {
            return Self {
                opens: true,
                quoted: last != '[',
                ..Self::default()
            };
        }
        let Some(line) = before.strip_suffix([' ', '\u{a0}']) else {
            return Self {
                opens: true,
                ..Self::default()
            };
        };
        let stem = line.strip_suffix('.').unwrap_or(line);
        let word = last_word(stem);
        let start = stem.len() - word.len();
        let dotted = stem.len() < line.len();
        if word.is_empty() {
            let goes_on = line.ends_with(|last: char| {
                matches!(last, ',' | ';' | ')' | '&' | '-' | '\u{2013}' | '\u{2014}')
                    || last.is_numeric()
            });
            return Self {
                opens: !goes_on,
                ..Self::default()
            };
        }
        // "Mr. Smith" and "J. Smith" go on; "the end. Smith" does not.
        let opens = dotted
            && !is_honorific(word)
            && !(word.len() <= 2 && word.starts_with(char::is_uppercase));
        Self {
            word: (!opens).then_some(word),
            start,
            opens,
            ..Self::default()
        }
    }

    /// The word before, if it is capitalised as a part of a name is: not for beginning a sentence.
    pub fn capitalised(&self) -> Option<&'t str> {
        self.word.filter(|word| {
            word.starts_with(char::is_uppercase) && OPENERS.binary_search(word).is_err()
        })
    }

    /// Whether an honorific stands before.
    pub fn honorific(&self) -> bool {
        self.word.is_some_and(is_honorific)
    }

    /// Whether a title stands before that is a person's and nothing else's: no "Justice Department", no "Secretary".
    pub fn personal_title(&self) -> bool {
        matches!(
            self.word,
            Some("Mr" | "Mrs" | "Ms" | "Dr" | "Sen" | "Senator" | "Rep" | "Gov" | "Prof")
        )
    }

    /// Whether an honorific stands before that given names follow.
    pub fn given_title(&self) -> bool {
        self.word.is_some_and(|word| OF_GIVEN.contains(&word))
    }
}

/// Titles that given names follow: "Prince William", "Sister Mary". Sorted.
const OF_GIVEN: [&str; 18] = [
    "Brother", "Father", "Imam", "King", "Lady", "Lord", "Madame", "Miss", "Mullah", "Pope",
    "Prince", "Princess", "Queen", "Rabbi", "Sheik", "Sheikh", "Sir", "Sister",
];

/// What stands after a word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct After<'t> {
    /// Behind its possessive, or behind the word when it has none.
    pub end: usize,
    /// Whether it has a possessive.
    pub possessive: bool,
    /// The word after it, one blank away.
    pub word: Option<&'t str>,
    /// Whether a dot follows that ends no sentence, as after an abbreviation.
    pub dotted: bool,
    /// Whether an apostrophe, a digit or the like ties it to what follows.
    pub tied: bool,
    /// Whether a hyphen joins it to the word after.
    pub joined: bool,
    /// Whether a closing quotation mark or bracket stands right behind.
    pub quoted: bool,
    /// Whether a word in quotation marks follows, as between a given name and a family name.
    pub nickname: bool,
    /// Whether a dash follows, as where a speaker breaks off.
    pub dash: bool,
    /// Whether a clause of its own tells who that is: ", who led".
    pub who: bool,
}

impl<'t> After<'t> {
    /// Looks after `at`.
    pub fn at(text: &'t str, at: usize) -> Self {
        let rest = &text[at..];
        let possessive = ["\u{2019}s", "'s"]
            .into_iter()
            .find(|mark| {
                rest.starts_with(mark) && !rest[mark.len()..].starts_with(char::is_alphanumeric)
            })
            .map_or(0, str::len);
        let end = at + possessive;
        let rest = &text[end..];
        let joined = rest.starts_with(HYPHENS);
        let word = rest
            .strip_prefix([' ', '\u{a0}', HYPHENS[0], HYPHENS[1], HYPHENS[2]])
            .and_then(|rest| {
                let letters = rest
                    .chars()
                    .take(LONGEST)
                    .take_while(|letter| letter.is_alphabetic());
                let end = letters.map(char::len_utf8).sum();
                (end > 0).then(|| &rest[..end])
            });
        let dotted = rest
            .strip_prefix('.')
            .is_some_and(|rest| match rest.strip_prefix(' ') {
                Some(rest) => {
                    rest.starts_with(|next: char| next.is_lowercase() || next.is_numeric())
                }
                None => rest.starts_with(|next: char| next == ',' || next.is_alphanumeric()),
            });
        let mut next = rest.chars();
        let tied = match next.next() {
            Some('\u{ad}' | '_' | '@') => true,
            Some('\'' | '\u{2019}') => next.next().is_some_and(char::is_alphabetic),
            Some(other) => other.is_numeric(),
            None => false,
        };
        let quoted = rest.starts_with(['"', '\'', '\u{201d}', '\u{2019}', ')', ']', '*']);
        let dash = ["\u{2014}", "\u{2013}", " \u{2014}", " \u{2013}", " -"]
            .into_iter()
            .any(|mark| rest.starts_with(mark));
        Self {
            end,
            possessive: possessive > 0,
            word,
            dotted,
            tied,
            joined,
            quoted,
            nickname: has_nickname(rest),
            dash,
            who: rest.starts_with(", who ") || rest.starts_with(", whose "),
        }
    }

    /// Whether "`[sic]`" or "(sic)" follows soon; up to a few words may stand between.
    pub fn has_sic(&self, text: &str) -> bool {
        let rest = &text[self.end..floor(text, text.len().min(self.end + 40))];
        ["[sic", "(sic", "[Sic", "(Sic"]
            .into_iter()
            .any(|mark| rest.contains(mark))
    }

    /// The word after, if it is capitalised.
    pub fn capitalised(&self) -> Option<&'t str> {
        self.word
            .filter(|word| word.starts_with(char::is_uppercase))
    }
}

/// Whether a capitalised word in quotation marks comes first in `rest`.
fn has_nickname(rest: &str) -> bool {
    [
        (" \"", '"'),
        (" \u{201c}", '\u{201d}'),
        (" \u{2018}", '\u{2019}'),
    ]
    .into_iter()
    .filter_map(|(open, close)| Some((rest.strip_prefix(open)?, close)))
    .any(|(word, close)| {
        word.starts_with(char::is_uppercase)
            && word
                .trim_start_matches(char::is_alphabetic)
                .starts_with(close)
    })
}

/// What goes with the word at `cut` when it is removed: its honorifics before and its possessive behind.
pub fn with_company(text: &str, cut: Span) -> Span {
    let mut start = cut.start;
    loop {
        let before = Before::at(text, start);
        if !before.honorific() {
            return Span::new(start, After::at(text, cut.end).end);
        }
        start = before.start;
    }
}

/// The letters at the end of `text`.
fn last_word(text: &str) -> &str {
    let letters = text
        .char_indices()
        .rev()
        .take_while(|(_, letter)| letter.is_alphabetic())
        .take(LONGEST);
    letters.last().map_or("", |(start, _)| &text[start..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_sorted() {
        assert!(HONORIFICS.is_sorted() && SHORT_FORMS.is_sorted() && OPENERS.is_sorted());
        assert!(is_honorific("Mr") && is_short_form("Calif") && !is_honorific("Smith"));
    }
}
