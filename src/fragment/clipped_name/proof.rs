//! What it takes to call a word a clipped name.
//!
//! Most words that begin like a longer one are whole: "Iran" beside "Iranian", "Rob" beside "Robert", "Democrat" beside "Democrats". So a
//! repair needs proof, and the more a word could be whole by itself, the more proof.

use crate::text::lexicon;

use super::candidate::{Candidate, is_ending, is_name_ending};
use super::context::is_honorific;
use super::known::{DATES, FAMILIAR, Known, NO_NAMES};
use super::neighbours::Neighbours;

/// The most bytes a clipped word may lack. Longer remainders are nicknames as a rule ("Cerno", "Siraj").
pub const MOST_LOST: usize = 4;

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
            && !(introduced && (near.stands_for_a_person() || proof == Proof::Person))
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
        // "The Ben Shapiro Show", "the Trump Organization": a name that others are made of.
        let made_of = self.known <= Known::RareSurname
            && long.certain
            && !long.first
            && match proof {
                Proof::Person => !near.before.honorific(),
                _ => near.after_article() && long.well_known() && self.known == Known::Nothing,
            };
        let prefix = near.before.joined && near.before.word.is_some_and(|word| word.len() < 3);
        (follows && !surname && !made_of && *proof != Proof::Neighbour)
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
            || proof == Proof::Contradiction
            || !near.stands_alone()
            || DATES.contains(&name)
            || NO_NAMES.contains(&name)
        {
            return false;
        }
        let kinds = lexicon::name_kinds(name);
        let person = near.stands_for_a_person() || near.before.personal_title();
        // Who is met only once more was introduced there. Without that, the word may be another family's name.
        if long.count < 2 && (kinds.family() || !person) {
            return false;
        }
        if lexicon::is_basic_word(name) && !person {
            return false;
        }
        // Many things have such endings, and stand where a person may.
        if is_name_ending(name, lost) && (long.thing || !long.acts) {
            return false;
        }
        if kinds.given() && near.may_be_family() {
            return false;
        }
        // Friends are called by given names: "Jack" and "Peter" need not be Jackson and Peterson. "Steven" may be Stevens, where nobody is called so.
        if kinds.given() && kinds.proper() {
            let friend = name.len() < 5 || lost.len() > 2 || FAMILIAR.contains(&name);
            if friend || !person || near.before.given_title() {
                return false;
            }
        }
        // At the beginning of a sentence any word may do something: "Math dropped".
        known != Known::Word || !near.before.opens || person || !lexicon::is_common_word(name)
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
