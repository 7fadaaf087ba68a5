//! The longer names of a text that a word could have been, and what the text shows of them.

use crate::text::lexicon;

use super::context::is_honorific;

/// A longer name that could be what was cut, and what the text shows of it.
#[derive(Clone, Copy, Debug)]
pub struct Candidate<'t> {
    /// Its place among the spellings.
    pub spelling: usize,
    /// The name.
    pub name: &'t str,
    /// How often it is met.
    pub count: usize,
    /// Whether a title or something like a given name stands before it somewhere.
    pub person: bool,
    /// The same, and the given name is known as one.
    pub certain: bool,
    /// Whether something like a given name stands before it somewhere.
    pub given: bool,
    /// Whether another capitalised word always follows, as after a given name.
    pub first: bool,
    /// Whether it is a name and not a word at the beginning of a sentence.
    pub named: bool,
    /// Whether it stands by itself somewhere where a person does.
    pub acts: bool,
    /// Whether an article or a number of things stands before it somewhere ("the Americans", "many Republicans").
    pub thing: bool,
}

impl<'t> Candidate<'t> {
    /// A name of which nothing has been seen.
    pub fn new(spelling: usize, name: &'t str) -> Self {
        Self {
            spelling,
            name,
            count: 0,
            person: false,
            certain: false,
            given: false,
            first: false,
            named: false,
            acts: false,
            thing: false,
        }
    }

    /// Whether it is made of a name: an inflected form ("Clintons"), or anything that begins with a person's name that is met more often ("Trumpism",
    /// "CottonMore").
    pub fn is_form_of(&self, base: &Self) -> bool {
        self.name.strip_prefix(base.name).is_some_and(|ending| {
            !ending.is_empty()
                && (is_ending(base.name, ending)
                    || ending.contains(char::is_uppercase)
                    || (base.certain && base.count > self.count))
        })
    }

    /// Whether the text speaks of this person all the time.
    pub fn well_known(&self) -> bool {
        self.person && self.count >= 3
    }
}

/// What a word before a name shows of it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Forename {
    /// It is, or could well be, a given name: a capitalised word that is no other word.
    pub given: bool,
    /// It is known as one.
    pub certain: bool,
    /// It can stand before a family name: a given name or the second half of a double one.
    pub person: bool,
}

impl Forename {
    /// Reads the word. Asking the lexicon is dear, and nearly every word is written small.
    pub fn of(word: &str) -> Self {
        if word.len() <= 2 || !word.starts_with(char::is_uppercase) {
            return Self::default();
        }
        let kinds = lexicon::name_kinds(word);
        let given = kinds.given()
            || (!kinds.proper()
                && !kinds.abbreviation()
                && !lexicon::is_word(word)
                && !is_honorific(word));
        Self {
            given,
            certain: kinds.given(),
            person: given || (kinds.family() && !lexicon::is_common_word(word)),
        }
    }
}

/// Whether `word` is, or could well be, a given name.
pub fn is_given(word: &str) -> bool {
    Forename::of(word).given
}

/// Whether `ending` makes another form of the word or name `stem`.
pub fn is_ending(stem: &str, ending: &str) -> bool {
    is_name_ending(stem, ending)
        || match ending {
            "r" | "rs" | "d" | "st" => stem.ends_with('e'),
            "er" | "ers" | "ed" | "ing" | "ings" | "est" | "ly" | "y" | "ies" | "al" | "ally"
            | "ful" | "ness" | "less" | "ment" | "man" | "men" => true,
            _ => false,
        }
}

/// Whether `ending` makes another form of the name `stem`: a plural, a people, a creed, a country.
pub fn is_name_ending(stem: &str, ending: &str) -> bool {
    match ending {
        "n" | "ns" => stem.ends_with('a'),
        "s" | "es" | "an" | "ans" | "ian" | "ians" | "ean" | "i" | "is" | "ish" | "ese" | "ism"
        | "ist" | "ists" | "ite" | "ites" | "ic" | "land" | "stan" | "ia" => true,
        _ => false,
    }
}

/// Whether two family names of the text begin with the clipped word, so that no neighbour can say for certain which is meant. What is made of a name
/// ("Clintons") is no name of its own.
pub fn has_rivals(candidates: &[Candidate<'_>]) -> bool {
    let surnames = || candidates.iter().filter(|long| long.named && !long.first);
    surnames().any(|long| {
        surnames().any(|other| {
            other.name != long.name && !long.is_form_of(other) && !other.is_form_of(long)
        })
    })
}

/// The only candidate that is a name, or the one that the others are made of ("Clinton" beside "Clintons").
pub fn only_candidate(candidates: &[Candidate<'_>]) -> Option<usize> {
    // "Chri" is sooner a cut "Christie" than a cut "Chris".
    let surnames = candidates.iter().any(|long| long.named && !long.first);
    let named = || {
        candidates
            .iter()
            .filter(|long| long.named && !(surnames && long.first))
    };
    let base = named().min_by_key(|long| long.name.len())?;
    named()
        .all(|long| long.name == base.name || long.is_form_of(base))
        .then_some(base.spelling)
}

/// The only candidate that is a person. Who speaks or owns something is one.
pub fn only_person(candidates: &[Candidate<'_>]) -> Option<usize> {
    let persons = || candidates.iter().filter(|long| long.certain && !long.first);
    let base = persons().min_by_key(|long| long.name.len())?;
    persons()
        .all(|other| other.name.starts_with(base.name))
        .then_some(base.spelling)
}
