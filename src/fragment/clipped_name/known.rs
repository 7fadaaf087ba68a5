//! What a word could be by itself, if it were whole.

use crate::text::lexicon;

/// What a word could be if it were whole, from least to most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Known {
    /// Nothing that the lexicon knows.
    Nothing,
    /// A family name that hardly anyone bears.
    RareSurname,
    /// A family name.
    Surname,
    /// A word that is written small.
    Word,
    /// A given name, a place, a people, a firm. So is everything when there is no lexicon.
    Name,
}

impl Known {
    /// What `name` is known as.
    pub fn of(name: &str) -> Self {
        if Self::is_everyday(name) {
            return Self::Name;
        }
        let kinds = lexicon::name_kinds(name);
        if !lexicon::AVAILABLE || kinds.given() || kinds.proper() || kinds.abbreviation() {
            Self::Name
        } else if lexicon::is_word(name) {
            Self::Word
        } else if kinds.surname() {
            Self::Surname
        } else if kinds.only_rare_surname() {
            Self::RareSurname
        } else {
            Self::Nothing
        }
    }
}

impl Known {
    /// Whether `name` is one that news text has in every other article.
    pub fn is_everyday(name: &str) -> bool {
        EVERYDAY.binary_search(&name).is_ok()
    }

    /// What two letters are known as. Nearly all are an abbreviation of something, but then a dot follows, or none of what shows a person.
    pub fn of_stem(letters: &str) -> Self {
        let kinds = lexicon::name_kinds(letters);
        if !lexicon::AVAILABLE || kinds.given() || lexicon::is_basic_word(letters) {
            Self::Name
        } else if kinds.surname() || lexicon::is_common_word(letters) {
            Self::Word
        } else {
            Self::Nothing
        }
    }
}

/// Names that news text has in every other article beside longer words. The lexicon knows them; this list only spares asking it. Sorted.
const EVERYDAY: [&str; 50] = [
    "Act",
    "African",
    "America",
    "American",
    "Arab",
    "Aug",
    "Ben",
    "Chris",
    "Christ",
    "Clinton",
    "Congress",
    "Dec",
    "Democrat",
    "Don",
    "East",
    "Europe",
    "Hill",
    "Hispanic",
    "Iran",
    "Islam",
    "Israel",
    "Jan",
    "Japan",
    "John",
    "Jon",
    "Ken",
    "Korea",
    "Latino",
    "May",
    "Mike",
    "Mitch",
    "Muslim",
    "Nation",
    "New",
    "North",
    "Nov",
    "Obama",
    "Oct",
    "Republican",
    "Rob",
    "Ron",
    "Russia",
    "South",
    "Syria",
    "Tim",
    "Tom",
    "Trump",
    "West",
    "Will",
    "York",
];

/// Months and days as dates have them.
pub const DATES: [&str; 19] = [
    "April", "Apr", "Aug", "August", "Dec", "Feb", "Fri", "Jan", "July", "June", "Mar", "March",
    "May", "Mon", "Nov", "Oct", "Sat", "Sept", "Sun",
];

/// Given names of five letters and more that are short for longer ones.
pub const FAMILIAR: [&str; 12] = [
    "Chris", "Danny", "Frank", "Harry", "Jimmy", "Johnny", "Larry", "Sandy", "Steve", "Terry",
    "Tommy", "Willy",
];

/// Words that say things without being names. Sorted.
pub const NO_NAMES: [&str; 28] = [
    "All", "Any", "Anyone", "Both", "Each", "Either", "Few", "He", "Her", "His", "It", "Man",
    "Many", "Men", "More", "Most", "None", "One", "Others", "She", "Some", "That", "They", "This",
    "We", "Who", "Why", "You",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everyday_names_are_known_to_the_lexicon() {
        assert!(EVERYDAY.is_sorted());
        for name in EVERYDAY {
            let kinds = lexicon::name_kinds(name);
            assert!(
                !lexicon::AVAILABLE || kinds.given() || kinds.proper() || kinds.abbreviation(),
                "{name}"
            );
        }
    }
}
