//! What it takes to call a word a clipped name.
//!
//! Most words that begin like a longer one are whole: "Iran" beside "Iranian", "Rob" beside "Robert", "Democrat" beside "Democrats". So a
//! repair needs proof, and the more a word could be whole by itself, the more proof.

use crate::text::lexicon;

use super::context::is_honorific;
use super::neighbours::Neighbours;

/// The most bytes a clipped word may lack. Longer remainders are nicknames as a rule ("Cerno", "Siraj").
pub const MOST_LOST: usize = 4;

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

/// How sure it is that one word at one place is another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Proof {
    /// Another given name stands before it than before the longer name: somebody else is meant.
    Contradiction,
    /// The letters alone.
    Letters,
    /// A capitalised neighbour stands beside the longer name, too.
    Neighbour,
    /// A title stands before it, and the longer name is a person's.
    Role,
    /// The same title or given name stands before both.
    Person,
}

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
    fn well_known(&self) -> bool {
        self.person && self.count >= 3
    }
}

/// One word, one longer name, and all that was found out.
#[derive(Clone, Copy, Debug)]
pub struct Case<'c, 't> {
    /// The word.
    pub name: &'t str,
    /// What it could be by itself.
    pub known: Known,
    /// How often it is met.
    pub count: usize,
    /// What stands around it.
    pub near: Neighbours<'t>,
    /// The longer name.
    pub long: &'c Candidate<'t>,
    /// How its neighbours fit.
    pub proof: Proof,
    /// Whether no other name of the text begins with the word.
    pub only: bool,
}

impl Case<'_, '_> {
    /// Whether the word is the longer name, cut short. The thresholds were set on nine million words of news: each clause that lets a word
    /// pass mends names that were cut on purpose, and met at most a handful of whole ones there.
    pub fn is_proven(&self) -> bool {
        let Self {
            name,
            known,
            count,
            near,
            long,
            proof,
            ..
        } = *self;
        let lost = &long.name[name.len()..];
        // "Arte mis" is not cut, but split.
        if near.after.word.is_some_and(|word| lost.starts_with(word)) {
            return false;
        }
        if lost.len() > MOST_LOST
            || self.stands_in_another_name()
            || (near.after.dotted && proof < Proof::Role)
        {
            return false;
        }
        // Families share their name, so another given name does not count where the letters say enough.
        let family = known == Known::Nothing
            && name.len() >= 4
            && lost.len() < 4
            && long.certain
            && long.count >= 2;
        if proof == Proof::Contradiction && !family {
            return false;
        }
        // "Clinto" is not cut from "Clintons" that are met once.
        let introduced = long.certain && count == 1;
        if matches!(lost, "s" | "es")
            && long.count <= count
            && !(introduced && near.stands_for_a_person())
        {
            return false;
        }
        // "Zelensky" and "Zelenskyy" are one name in two alphabets' spellings.
        match (name.chars().next_back(), lost) {
            (Some('y' | 'i'), "y" | "i") => return false,
            (Some('a' | 'e' | 'o' | 'u'), "h") if !introduced => return false,
            _ => {}
        }
        // Where the longer name is a given name, the shorter one is what friends say.
        let given = (!long.person && lexicon::name_kinds(long.name).given())
            || (long.first && proof == Proof::Letters);
        if given && lost.len() > 1 {
            return false;
        }
        if self.is_nobody_else(lost) {
            return true;
        }
        match known {
            Known::Nothing | Known::RareSurname => self.is_proven_for_no_word(lost),
            Known::Surname | Known::Word => self.is_proven_for_word(lost),
            Known::Name => count == 1 && self.is_proven_for_name(lost),
        }
    }

    /// Whether the word is one part of a name of several words that the longer name does not belong to: "Demi Lovato" is not "Demitri".
    fn stands_in_another_name(&self) -> bool {
        let Self {
            near, long, proof, ..
        } = self;
        let follows = !near.after.possessive
            && near
                .after
                .capitalised()
                .is_some_and(|word| !is_honorific(word));
        let surname = self.known == Known::Nothing
            && self.name.len() >= 5
            && long.well_known()
            && !long.first;
        let prefix = near.before.joined && near.before.word.is_some_and(|word| word.len() < 3);
        (follows && !surname && *proof != Proof::Neighbour)
            || (near.after.joined && *proof < Proof::Neighbour)
            || ((near.before.joined || near.after.dash) && !long.person)
            || prefix
    }

    /// Whether nobody but the person of the longer name can be meant: who was introduced and is met again, while no other name of the text begins so. The
    /// word, met once, stands by itself as a family name does.
    fn is_nobody_else(&self, lost: &str) -> bool {
        let Self {
            name,
            known,
            count,
            near,
            long,
            proof,
            only,
        } = *self;
        if !lexicon::AVAILABLE
            || !only
            || count != 1
            || !long.certain
            || long.first
            || long.count < 2
        {
            return false;
        }
        if proof == Proof::Contradiction
            || !near.stands_alone()
            || lexicon::is_basic_word(name)
            || DATES.contains(&name)
        {
            return false;
        }
        // Many things have such endings, and stand where a person may.
        if is_name_ending(name, lost) && (long.thing || !long.acts) {
            return false;
        }
        // Friends are called by given names, and the short ones are what friends say: "Jack" need not be Jackson.
        let kinds = lexicon::name_kinds(name);
        if kinds.given() && kinds.proper() {
            let friend = name.len() < 5 || FAMILIAR.contains(&name);
            let longer = lost.len() > 1 && lexicon::name_kinds(long.name).given();
            if friend || longer || near.before.given_title() {
                return false;
            }
        }
        // At the beginning of a sentence any word may do something: "Math dropped".
        known != Known::Word || !near.before.opens || near.stands_for_a_person()
    }

    /// For a word that is nothing by itself.
    fn is_proven_for_no_word(&self, lost: &str) -> bool {
        let Self {
            name,
            known,
            count,
            near,
            long,
            proof,
            ..
        } = *self;
        let ending = is_name_ending(name, lost);
        if ending && !long.certain {
            return false;
        }
        if proof >= Proof::Role || (proof == Proof::Neighbour && known == Known::Nothing) {
            return true;
        }
        let rare = known == Known::RareSurname && (name.len() < 6 || lexicon::is_word(long.name));
        long.named
            && (long.count > count || long.person)
            && (!(rare || ending) || (long.person && count == 1))
            && (!near.after_article() || long.well_known() || long.certain)
            && (name.len() > 3 || (count == 1 && long.person && (long.count >= 2 || long.certain)))
    }

    /// For a word that could be whole, but is not usual where it stands.
    fn is_proven_for_word(&self, lost: &str) -> bool {
        let Self {
            name,
            known,
            count,
            near,
            long,
            proof,
            ..
        } = *self;
        let basic = lexicon::is_basic_word(name);
        // Who is met once, by the family name alone, was introduced by a longer one.
        let introduced = long.certain && near.stands_for_a_person() && !NO_NAMES.contains(&name);
        let ending = match known {
            Known::Surname => matches!(lost, "s" | "es"),
            _ => is_ending(name, lost),
        };
        if count > 1 || (ending && proof < Proof::Role && !(introduced && long.count >= 2)) {
            return false;
        }
        if proof >= Proof::Role {
            return !ending || near.before.personal_title() || (long.acts && !long.thing);
        }
        if proof != Proof::Letters || near.before.capitalised().is_some() || near.after_article() {
            return false;
        }
        let inside = !near.before.opens
            && !ending
            && (long.well_known() || (long.certain && (!basic || long.count >= 2)));
        // "Florid" with its capital in mid-sentence, where Florida is spoken of.
        let place = !near.before.opens
            && !ending
            && !basic
            && long.named
            && long.count >= 2
            && lexicon::name_kinds(long.name).proper()
            && near.after.capitalised().is_none();
        let subject = long.well_known()
            && !ending
            && (known == Known::Surname || (!basic && (near.acts() || near.does())));
        inside || place || subject || introduced
    }

    /// For a word that is a name by itself: a title before it shows that it is another, or that it stands, met once and by itself, where a person does
    /// who was introduced before.
    fn is_proven_for_name(&self, lost: &str) -> bool {
        let Self {
            name,
            near,
            long,
            proof,
            ..
        } = *self;
        let ending = is_ending(name, lost);
        match proof {
            Proof::Person => !ending || near.before.personal_title() || (long.acts && !long.thing),
            Proof::Role => !ending && (long.well_known() || long.certain) && !near.after.quoted,
            Proof::Letters => {
                // Friends are called by given names: "Jack" need not be Jackson.
                let given = lexicon::name_kinds(name).given();
                let least = if ending { 4 } else { 2 };
                lexicon::AVAILABLE
                    && !given
                    && long.certain
                    && long.count >= least
                    && near.stands_for_a_person()
            }
            Proof::Neighbour | Proof::Contradiction => false,
        }
    }
}

/// Months and days as dates have them.
const DATES: [&str; 19] = [
    "April", "Apr", "Aug", "August", "Dec", "Feb", "Fri", "Jan", "July", "June", "Mar", "March",
    "May", "Mon", "Nov", "Oct", "Sat", "Sept", "Sun",
];

/// Given names of five letters and more that are short for longer ones.
const FAMILIAR: [&str; 12] = [
    "Chris", "Danny", "Frank", "Harry", "Jimmy", "Johnny", "Larry", "Sandy", "Steve", "Terry",
    "Tommy", "Willy",
];

/// Words that say things without being names. Sorted.
const NO_NAMES: [&str; 22] = [
    "All", "Any", "Anyone", "Both", "Each", "Either", "Few", "Man", "Many", "Men", "More", "Most",
    "None", "One", "Others", "She", "Some", "That", "They", "This", "Who", "You",
];

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
fn is_name_ending(stem: &str, ending: &str) -> bool {
    match ending {
        "n" | "ns" => stem.ends_with('a'),
        "s" | "es" | "an" | "ans" | "ian" | "ians" | "ean" | "i" | "is" | "ish" | "ese" | "ism"
        | "ist" | "ists" | "ite" | "ites" | "ic" | "land" | "stan" | "ia" => true,
        _ => false,
    }
}

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
