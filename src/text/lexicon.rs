//! Which English words and which names are known, for the fragment detectors.
//!
//! The lists are embedded as two `fst` maps (feature `lexicon`, 1.1 MB) that are searched where they lie: nothing is built or checked when
//! the program starts. Without the feature nothing is known, and [`AVAILABLE`] says so. Where the lists come from stands in
//! `data/lexicon/README.md`.
//!
//! All look-ups ignore letter case; whether a word stood with a capital is the caller's to judge. A possessive ("Smith's") is not a word:
//! ask for its base.

#[cfg_attr(feature = "lexicon", path = "lexicon/embedded.rs")]
#[cfg_attr(not(feature = "lexicon"), path = "lexicon/absent.rs")]
mod source;

pub use source::AVAILABLE;

/// Whether `word` is an English word written with a small letter, inflected forms included: 118,000, the British spellings too.
///
/// ```ignore
/// assert!(is_word("governments") && is_word("Florid"));
/// assert!(!is_word("govern-ment") && !is_word("Champag"));
/// ```
#[must_use]
pub fn is_word(word: &str) -> bool {
    lookup(word, source::word).is_some()
}

/// Whether `word` is an English word that most readers know.
#[must_use]
pub fn is_common_word(word: &str) -> bool {
    lookup(word, source::word).is_some_and(|value| value >= 1)
}

/// Whether `word` is one of the few thousand English words that most texts are made of.
#[must_use]
pub fn is_basic_word(word: &str) -> bool {
    lookup(word, source::word).is_some_and(|value| value >= 2)
}

/// Whether an English word begins with `start` and is longer.
#[must_use]
pub fn begins_word(start: &str) -> bool {
    source::begins_word(&start.to_lowercase())
}

/// Whether one to three small letters are an English word, or a small word inside names ("van"). Much cheaper than [`is_word`]. Everything is when
/// there is no lexicon, and so is everything that is not one to three small letters.
#[must_use]
#[inline]
pub fn is_short_word(word: &[u8]) -> bool {
    let small = |letter: u8| letter.is_ascii_lowercase();
    match *word {
        [a] if small(a) => source::short_word([a, 0, 0]),
        [a, b] if small(a) && small(b) => source::short_word([a, b, 0]),
        [a, b, c] if small(a) && small(b) && small(c) => source::short_word([a, b, c]),
        _ => true,
    }
}

/// Whether `name` is known as a name of any kind: given name, family name, place, people, firm, abbreviation.
///
/// ```ignore
/// assert!(is_name("Champagne") && is_name("SMITH"));
/// assert!(!is_name("Champag"));
/// ```
#[must_use]
pub fn is_name(name: &str) -> bool {
    name_kinds(name) != NameKinds::default()
}

/// What kinds of name `name` is known as; none when it is not known.
#[must_use]
pub fn name_kinds(name: &str) -> NameKinds {
    NameKinds(lookup(name, source::name).map_or(0, |value| value as u8))
}

/// The kinds of name that one spelling is known as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct NameKinds(u8);

impl NameKinds {
    /// A given name ("Robert").
    #[must_use]
    pub fn given(self) -> bool {
        self.0 & 1 != 0
    }

    /// A family name that at least one in 200,000 people of the United States bears ("Champagne").
    #[must_use]
    pub fn surname(self) -> bool {
        self.0 & 2 != 0
    }

    /// A family name, however rare.
    #[must_use]
    pub fn family(self) -> bool {
        self.0 & 6 != 0
    }

    /// Known only as a family name that hardly anyone bears ("Conyer"): worth little as proof that a word is whole.
    #[must_use]
    pub fn only_rare_surname(self) -> bool {
        self.0 == 4
    }

    /// A word that dictionaries write with a capital: places, peoples, firms, well-known persons ("Swazi").
    #[must_use]
    pub fn proper(self) -> bool {
        self.0 & 8 != 0
    }

    /// An abbreviation ("Calif").
    #[must_use]
    pub fn abbreviation(self) -> bool {
        self.0 & 16 != 0
    }
}

/// Asks for the lower-case form of `word`. The lists are ASCII, and no entry is longer than the buffer; a test holds them to it.
fn lookup(word: &str, ask: impl Fn(&[u8]) -> Option<u64>) -> Option<u64> {
    let mut buffer = [0; 48];
    let lower = buffer.get_mut(..word.len())?;
    lower.copy_from_slice(word.as_bytes());
    lower.make_ascii_lowercase();
    ask(lower)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(feature = "lexicon")]
    fn knows_words_and_names() {
        assert!(is_word("governments") && is_word("Florid") && is_common_word("THE"));
        assert!(is_basic_word("She") && !is_basic_word("florid"));
        assert!(!is_word("Champag") && !is_word("") && !is_word("govern-ment"));
        assert!(is_word("colour") && is_word("color"));
        assert!(
            name_kinds("Robert").given()
                && name_kinds("Champagne").surname()
                && name_kinds("Swazi").proper()
        );
        assert!(
            name_kinds("Conyer").only_rare_surname() && !name_kinds("Conyers").only_rare_surname()
        );
        assert!(name_kinds("Calif").abbreviation());
        for word in ["the", "van", "a", "ably"] {
            assert!(is_short_word(word.as_bytes()), "{word}");
        }
        for word in ["s", "ey", "lle"] {
            assert!(!is_short_word(word.as_bytes()), "{word}");
        }
        assert!(!is_name("Champag") && !is_name(&"a".repeat(500)));
    }

    #[test]
    #[cfg(feature = "lexicon")]
    fn no_entry_outgrows_the_buffer() {
        assert!(source::longest() <= 48);
    }

    #[test]
    #[cfg(not(feature = "lexicon"))]
    fn knows_nothing() {
        assert!(!AVAILABLE && !is_word("the") && !is_name("Smith"));
    }
}
