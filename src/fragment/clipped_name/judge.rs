//! Weighs the few words of a text that begin like a longer one.

use std::collections::{HashMap, HashSet};

use crate::model::Span;
use crate::text::lexicon;

use super::super::Input;
use super::candidate::{
    Candidate, Forename, has_rivals, is_ending, is_given, only_candidate, only_person,
};
use super::context::{Before, is_honorific, is_short_form};
use super::known::Known;
use super::neighbours::Neighbours;
use super::proof::{Case, MOST_LOST, Proof};
use super::words::{Spelling, Words};

/// The most places of the longer name that go into a finding.
const MOST_EVIDENCE: usize = 4;
/// How many letters are left at least.
const STEM: usize = 2;
/// Who is met so often is whom the text is about.
const MANY: usize = 3;
/// Who is met so many times as often as another is meant sooner.
const SOONER: usize = 5;
/// A word that is met more often is no accident.
const MOST_CUTS: u32 = 2;

/// What persons are called in two letters.
const SHORTEST_NAMES: [&str; 11] = [
    "Al", "Bo", "Cy", "Ed", "Jo", "Lu", "Ma", "Mo", "Pa", "Ty", "Vi",
];

/// Words before more than one of a kind.
const QUANTITIES: [&str; 10] = [
    "all", "few", "many", "more", "most", "other", "several", "some", "these", "those",
];

/// How often the words are gone through anew after one was mended. Two is the rule; more need a text made for it.
const PASSES: usize = 8;

/// What is thought of one word.
#[derive(Debug)]
pub struct Verdict<'t> {
    /// The word, without its possessive.
    pub span: Span,
    /// The whole name, if it is proven.
    pub completion: Option<&'t str>,
    /// Where the name, or the names it could be, stand.
    pub evidence: Vec<Span>,
}

/// A spelling that could be cut short, and the longer ones that begin with it.
#[derive(Debug)]
struct Group {
    short: usize,
    longs: Vec<usize>,
    /// What the spelling could be if it were whole.
    known: Known,
}

/// All that is known of a text while its words are weighed.
pub struct Judge<'t> {
    input: Input<'t>,
    text: &'t str,
    words: Words,
    /// Words that were mended, by the spelling that they have now.
    mended: HashMap<usize, Vec<Span>>,
    /// Where they begin.
    gone: HashSet<usize>,
}

impl<'t> Judge<'t> {
    /// Prepares to weigh the pairs of `words`.
    pub fn new(input: Input<'t>, words: Words) -> Self {
        Self {
            input,
            text: input.text,
            words,
            mended: HashMap::new(),
            gone: HashSet::new(),
        }
    }

    /// What there is to say, in the order of the text.
    pub fn verdicts(mut self) -> Vec<Verdict<'t>> {
        let groups = self.groups();
        let mut verdicts = Vec::new();
        if groups.is_empty() {
            return verdicts;
        }
        // A mended name is evidence for others, and would be in the next run; so go on until nothing more is mended.
        for _ in 0..PASSES {
            let before = verdicts.len();
            for group in &groups {
                self.mend(group, &mut verdicts);
            }
            if verdicts.len() == before {
                break;
            }
        }
        for group in &groups {
            self.doubt(group, &mut verdicts);
        }
        if !verdicts.is_empty() && !self.input.reads_english() {
            verdicts.clear();
        }
        verdicts.sort_unstable_by_key(|verdict| verdict.span);
        verdicts
    }

    /// The pairs that are worth a look at their places, by their shorter spelling. Few texts have any.
    fn groups(&mut self) -> Vec<Group> {
        let mut pairs = std::mem::take(&mut self.words.pairs);
        pairs.retain(|&(short, long)| {
            self.words.spellings[short].count <= MOST_CUTS && self.may_complete(short, long)
        });
        pairs.sort_unstable();
        pairs.dedup();
        let group = |pairs: &[(usize, usize)]| {
            let short = pairs.first()?.0;
            let name = self.name(short);
            let Spelling { count, .. } = self.words.spellings[short];
            // What cannot be mended and is not reported either goes here: most pairs of most texts are "American" beside "Americans".
            let known = if name.len() == STEM {
                Known::of_stem(name)
            } else {
                Known::of(name)
            };
            // Two letters are met too often to be an accident when they are met again.
            let hopeless = (name.len() == STEM && count != 1)
                || known >= Known::Surname && {
                    let ends = |&(_, long): &(usize, usize)| {
                        is_ending(name, &self.name(long)[name.len()..])
                    };
                    // What is a word or name by itself and met again is no accident.
                    count != 1 || {
                        let near = Neighbours::of(self.text, self.words.spellings[short].span());
                        is_hopeless(name, known, near, pairs.iter().all(ends))
                    }
                };
            let whole = hopeless || is_short_form(name) || is_honorific(name);
            (!whole).then(|| Group {
                short,
                longs: pairs.iter().map(|&(_, long)| long).collect(),
                known,
            })
        };
        pairs
            .chunk_by(|one, other| one.0 == other.0)
            .filter_map(group)
            .collect()
    }

    fn name(&self, spelling: usize) -> &'t str {
        self.words.text(self.text, spelling)
    }

    /// Where a spelling stands, mended words included.
    fn places(&self, spelling: usize) -> impl Iterator<Item = Span> {
        let written = self
            .words
            .places(spelling)
            .filter(|span| !self.gone.contains(&span.start));
        written.chain(self.mended.get(&spelling).into_iter().flatten().copied())
    }

    /// Whether the letters allow that `short` is `long` cut short. Cheap: it is asked of every pair of every text.
    fn may_complete(&self, short: usize, long: usize) -> bool {
        let (short, long) = (self.name(short), self.name(long));
        let lost = &long[short.len()..];
        // "Market" is a part of "MarketWatch", "SmithOn" is two words, and "Thanksgivin" is how some speak.
        !lost.contains(char::is_uppercase) && (lost != "g" || !short.ends_with("in"))
    }

    /// What the text shows of a longer name.
    fn candidate(&self, spelling: usize) -> Candidate<'t> {
        let name = self.name(spelling);
        let mut long = Candidate {
            first: true,
            ..Candidate::new(spelling, name)
        };
        let mut last = "";
        for span in self.places(spelling) {
            long.count += 1;
            // Nothing more to learn.
            if long.named && long.given && long.certain && !long.first && long.acts && long.thing {
                continue;
            }
            let near = Neighbours::of(self.text, span);
            long.acts |= near.stands_for_a_person();
            long.thing |= near.after_article()
                || near
                    .before
                    .word
                    .is_some_and(|word| QUANTITIES.contains(&word));
            // "Sen. Carl Trask", whatever is thought of "Carl".
            let titled = near.before.honorific()
                || (!long.certain
                    && near.before.capitalised().is_some()
                    && Before::at(self.text, near.before.start).personal_title());
            long.named |= !near.before.opens;
            long.certain |= titled;
            long.person |= titled;
            long.first &= near.after.capitalised().is_some();
            // The same word stands before most of them.
            let before = self.forename(near).unwrap_or_default();
            if before != last {
                last = before;
                let forename = Forename::of(before);
                long.given |= forename.given;
                long.certain |= forename.certain;
                long.person |= forename.person;
            }
        }
        if lexicon::AVAILABLE && !long.person {
            let kinds = lexicon::name_kinds(name);
            long.named &=
                kinds.surname() || kinds.proper() || kinds.given() || !lexicon::is_word(name);
        }
        long
    }

    /// The word before a name that could be a given name; an initial between them is passed over ("John F. Kennedy").
    fn forename(&self, near: Neighbours<'t>) -> Option<&'t str> {
        let word = near.before.word?;
        if word.len() == 1 && word.starts_with(char::is_uppercase) {
            Before::at(self.text, near.before.start).word
        } else {
            Some(word)
        }
    }

    /// Mends the words of one group where they are proven.
    fn mend(&mut self, group: &Group, verdicts: &mut Vec<Verdict<'t>>) {
        let (short, known) = (group.short, group.known);
        let name = self.name(short);
        let places: Vec<Span> = self.places(short).collect();
        if places.is_empty() {
            return;
        }
        if places
            .iter()
            .any(|&span| Neighbours::of(self.text, span).shows_nickname(self.text))
        {
            return;
        }
        let candidates: Vec<Candidate<'t>> = group
            .longs
            .iter()
            .map(|&long| self.candidate(long))
            .collect();
        if name.len() == STEM {
            if let [span] = places[..]
                && let Some(long) = self.completes_stem(known, span, &candidates)
            {
                self.accept(span, long, verdicts);
            }
            return;
        }
        let only = only_candidate(&candidates);
        let person = only_person(&candidates);
        let several = has_rivals(&candidates);
        for &span in &places {
            let near = Neighbours::of(self.text, span);
            if near.speaks_against(self.text) {
                continue;
            }
            let meant = only.or_else(|| person.filter(|_| near.acts()));
            let proofs: Vec<Proof> = candidates
                .iter()
                .map(|long| self.proof(known, near, long))
                .collect();
            // The same given name or title stands before one of them alone.
            let settled = proofs
                .iter()
                .filter(|&&proof| proof == Proof::Person)
                .count()
                == 1;
            let proven = candidates.iter().zip(&proofs).filter_map(|(long, &proof)| {
                // Where there are others, a neighbour must point at this one.
                let pointed_at = proof >= Proof::Person
                    || (proof >= Proof::Neighbour && known == Known::Nothing);
                let clear = !several || (settled && proof == Proof::Person);
                (clear
                    && (meant == Some(long.spelling) || pointed_at)
                    && Case {
                        name,
                        known,
                        count: places.len(),
                        near,
                        long,
                        proof,
                        only: only == Some(long.spelling) && only == person,
                    }
                    .is_proven())
                .then_some((proof, long))
            });
            if let Some(long) = best_proven(proven) {
                self.accept(span, long, verdicts);
            }
        }
    }

    /// Takes down that the word at `span` is `long`, cut short.
    fn accept(&mut self, span: Span, long: &Candidate<'t>, verdicts: &mut Vec<Verdict<'t>>) {
        verdicts.push(Verdict {
            span,
            completion: Some(long.name),
            evidence: self.evidence(&[long.spelling]),
        });
        self.mended.entry(long.spelling).or_default().push(span);
        self.gone.insert(span.start);
    }

    /// The name of which only two letters are left at `span`, where nothing else can be meant.
    fn completes_stem<'c>(
        &self,
        known: Known,
        span: Span,
        candidates: &'c [Candidate<'t>],
    ) -> Option<&'c Candidate<'t>> {
        let near = Neighbours::of(self.text, span);
        if near.speaks_against(self.text)
            || near.may_be_an_abbreviation(self.text, &self.text[span.range()])
        {
            return None;
        }
        let fits = |long: &&Candidate<'t>| {
            long.name.len() <= span.len() + MOST_LOST && long.certain && !long.first
        };
        if let Some(word) = near.before.capitalised() {
            // The same title or given name stands before both.
            let person = |long: &&Candidate<'t>| self.proof(known, near, long) == Proof::Person;
            let mut alike = candidates.iter().filter(person);
            if let Some(long) = alike.next() {
                let alone = alike.all(|other| other.is_form_of(long));
                return Some(long).filter(|long| alone && fits(long));
            }
            if !is_honorific(word) {
                return None;
            }
        }
        if near.after.capitalised().is_some() {
            return None;
        }
        let only = only_person(candidates)?;
        let long = candidates.iter().find(|long| long.spelling == only)?;
        let rivals = candidates.iter().any(|other| {
            let outdone = !other.certain && other.count * SOONER <= long.count;
            other.named && other.spelling != only && !other.is_form_of(long) && !outdone
        });
        let named = near.before.honorific() || near.stands_for_a_person();
        let sure = match (rivals, known) {
            (true, known) => near.before.honorific() || (named && known == Known::Nothing),
            // Whom the text speaks of all the time is meant wherever the letters stand.
            (false, Known::Nothing) => {
                named
                    || near.does()
                    || long.count >= MANY
                    || (!near.before.opens && !near.after_article())
            }
            (false, Known::Name) => {
                let name = &self.text[span.range()];
                named && long.count >= 2 && !SHORTEST_NAMES.contains(&name)
            }
            (false, _) => named,
        };
        (sure && fits(&long)).then_some(long)
    }

    /// Reports the words of one group that are no known word and no name, but not proven to be another.
    fn doubt(&self, group: &Group, verdicts: &mut Vec<Verdict<'t>>) {
        let name = self.name(group.short);
        let ends = |&long: &usize| is_ending(name, &self.name(long)[name.len()..]);
        if name.len() < 4 || group.known > Known::Nothing || group.longs.iter().all(ends) {
            return;
        }
        for span in self.places(group.short) {
            if !Neighbours::of(self.text, span).speaks_against(self.text) {
                verdicts.push(Verdict {
                    span,
                    completion: None,
                    evidence: self.evidence(&group.longs),
                });
            }
        }
    }

    /// Places where the candidates stand as they are, the first ones first.
    fn evidence(&self, longs: &[usize]) -> Vec<Span> {
        let mut places: Vec<Span> = longs
            .iter()
            .flat_map(|&long| self.words.places(long).take(MOST_EVIDENCE))
            .collect();
        places.sort_unstable();
        places.truncate(MOST_EVIDENCE);
        places
    }

    /// How well the neighbours of a word fit those of `long`.
    fn proof(&self, known: Known, near: Neighbours<'t>, long: &Candidate<'t>) -> Proof {
        let given = near.before.word.is_some_and(is_given);
        let mut proof = Proof::Letters;
        for span in self.places(long.spelling) {
            let other = Neighbours::of(self.text, span);
            if let (Some(one), Some(two)) = (near.before.capitalised(), other.before.capitalised())
                && one == two
            {
                // "George W." stands before both.
                let initialled = one.len() == 1
                    && self.forename(near).is_some_and(|forename| {
                        is_given(forename) && self.forename(other) == Some(forename)
                    });
                proof = proof.max(if given || initialled || is_honorific(one) {
                    Proof::Person
                } else {
                    Proof::Neighbour
                });
            }
            // "Shep Smith" is no broken "Shepard Smith".
            if let (Some(one), Some(two)) = (near.after.capitalised(), other.after.capitalised())
                && one == two
                && near.after.possessive == other.after.possessive
                && near.after.joined == other.after.joined
                && !lexicon::name_kinds(long.name).given()
            {
                proof = proof.max(Proof::Neighbour);
            }
        }
        if proof == Proof::Letters && given && long.given {
            return Proof::Contradiction;
        }
        if proof < Proof::Role
            && near.before.honorific()
            && (long.person || known <= Known::RareSurname)
        {
            return Proof::Role;
        }
        proof
    }
}

/// The longer name that is proven, if one is; of several, the one that stands behind the same title or given name.
fn best_proven<'c, 't>(
    proven: impl Iterator<Item = (Proof, &'c Candidate<'t>)>,
) -> Option<&'c Candidate<'t>> {
    let mut proven: Vec<_> = proven.collect();
    if proven.len() > 1 {
        proven.retain(|(proof, _)| *proof == Proof::Person);
    }
    match proven[..] {
        [(_, long)] => Some(long),
        _ => None,
    }
}

/// Whether nothing could prove a word that is met once to be cut short, it being a word or name by itself; `inflected` says whether all that begins
/// with it could be forms of it. Such words are the rule, and candidates are dear to look at.
fn is_hopeless(name: &str, known: Known, near: Neighbours<'_>, inflected: bool) -> bool {
    if near.after_small_article() {
        return true;
    }
    let person = near.stands_for_a_person();
    let named = near
        .before
        .capitalised()
        .is_some_and(|word| is_honorific(word) || is_given(word));
    match known {
        Known::Name
            if Known::is_everyday(name) || (inflected && !lexicon::name_kinds(name).given()) =>
        {
            // A name by itself is doubted only behind another name or a title, or where it speaks.
            !person && (inflected || !named && !near.does())
        }
        Known::Name => !named && !person && !near.does() && !near.stands_alone(),
        Known::Word => inflected && !person && !named,
        _ => false,
    }
}
