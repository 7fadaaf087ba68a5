//! The filter for rules that act on whole lines and on line beginnings: no windows, only the first bytes of each line. For line ends: [`super::line_ends`].

use std::ops::Range;

use super::forms::{Forms, Root, Tree};
use super::table::{Filter, Table};
use super::units::Unit;
use super::vector;
use crate::db::Database;
use crate::model::PlaceSet;
use crate::text::fold::{Folded, SIXTEEN, fold_prefix, fold_sixteen, fold_word, match_literal};

/// Bytes of folded text that a line is compared by.
pub(super) const COMPARED: usize = 32;

/// The most bytes of a literal by which it is told from most lines.
pub(super) const LONGEST: usize = 8;
/// A literal of fewer bytes has no key.
pub(super) const SHORTEST: usize = 2;
/// Bytes of a key of two words: a literal that has them is told by them once its first word was met.
const DOUBLE: usize = 2 * LONGEST;

/// Literals at one end of a line, found by the word of eight bytes there, or by as many of its bytes as a short literal has.
#[derive(Debug, Default)]
pub(super) struct Keys {
    /// Whether a word has any of the keys, or its first word. Most lines begin and end like no literal.
    pub(super) filter: Filter,
    /// Keys of all lengths.
    table: Table,
    /// Whether there are keys of two words.
    doubles: bool,
    /// Whether a literal has a quotation mark at that end, by kind. A line of speech has one, and hardly a literal does.
    double_quotes: bool,
    single_quotes: bool,
}

impl Keys {
    /// Keys of the beginnings of literals in their order; each has at least [`SHORTEST`] bytes.
    fn of_starts<'d>(literals: impl Iterator<Item = &'d [u8]>) -> Self {
        let mut keys = Self::default();
        let (mut words, mut entries) = (Vec::new(), Vec::new());
        for (literal, index) in literals.zip(0..) {
            keys.see_quote(literal[0]);
            let length = literal.len().min(LONGEST);
            let outer = vector::prefix(word_of(&literal[..length]), length);
            words.push(outer);
            if let Some(double) = literal.first_chunk::<DOUBLE>() {
                keys.doubles = true;
                entries.push((join(words_of(*double)), index));
            } else {
                entries.push((outer, index));
            }
        }
        keys.fill(words, entries);
        keys
    }

    /// Keys of the ends of literals in their order. They are few, and have no keys of two words.
    pub(super) fn of_ends<'d>(literals: impl Iterator<Item = &'d [u8]>) -> Self {
        let mut keys = Self::default();
        let (mut words, mut entries) = (Vec::new(), Vec::new());
        for (literal, index) in literals.zip(0..) {
            keys.see_quote(literal[literal.len() - 1]);
            let length = literal.len().min(LONGEST);
            let mut word = [0; LONGEST];
            word[LONGEST - length..].copy_from_slice(&literal[literal.len() - length..]);
            let key = vector::suffix(u64::from_le_bytes(word), length);
            words.push(key);
            entries.push((key, index));
        }
        keys.fill(words, entries);
        keys
    }

    /// Whether no literal has such a quotation mark at its end.
    #[inline]
    pub(super) fn excludes(&self, mark: Option<Quotes>) -> bool {
        match mark {
            Some(Quotes::Double) => !self.double_quotes,
            Some(Quotes::Single) => !self.single_quotes,
            None => false,
        }
    }

    fn see_quote(&mut self, outermost: u8) {
        self.double_quotes |= outermost == b'"';
        self.single_quotes |= outermost == b'\'';
    }

    fn fill(&mut self, mut words: Vec<u64>, entries: Vec<(u64, u32)>) {
        words.sort_unstable();
        words.dedup();
        self.filter = Filter::new(words.into_iter());
        self.table = Table::new(entries);
    }

    /// The literals with a key, and once in thousands of millions some with another.
    #[inline]
    pub(super) fn get(&self, key: u64) -> &[u32] {
        self.table.get(key)
    }
}

/// Kinds of quotation marks, straight or curly.
#[derive(Clone, Copy)]
pub(super) enum Quotes {
    Double,
    Single,
}

/// The quotation mark that a text begins with.
#[inline]
fn mark_at(text: &[u8]) -> Option<Quotes> {
    match text {
        [b'"', ..] | [0xe2, 0x80, 0x9c..=0x9f, ..] => Some(Quotes::Double),
        [b'\'', ..] | [0xe2, 0x80, 0x98..=0x9b, ..] => Some(Quotes::Single),
        _ => None,
    }
}

/// The lengths in a mask, as [`vector::prefixes`] answers it.
pub(super) fn lengths(mut mask: u8) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let length = (mask != 0).then(|| mask.trailing_zeros() as usize + 1);
        mask &= mask.wrapping_sub(1);
        length
    })
}

/// The beginnings of a set of units: their first literals, and what comes behind them.
#[derive(Debug, Default)]
pub(super) struct LineStarts {
    keys: Keys,
    /// Sorted by what is compared.
    heads: Vec<Head>,
    /// The literals of heads in their order; the first one of each stands in the head itself.
    literals: Vec<First>,
    bytes: Vec<u8>,
    tree: Tree,
}

/// First literals that are equal as far as they are compared.
#[derive(Debug)]
struct Head {
    /// Their first [`COMPARED`] bytes.
    compared: Compared,
    /// The longest other head that this one begins with, or [`NONE`].
    shorter: u32,
    /// The first of its literals. Most have no more.
    first: First,
    /// The others, in [`LineStarts::literals`].
    more: Range<u32>,
}

/// No head.
const NONE: u32 = u32::MAX;

/// A first literal.
#[derive(Clone, Debug)]
struct First {
    /// A range of [`LineStarts::bytes`].
    literal: Range<u32>,
    /// What comes behind it.
    behind: Root,
}

/// Up to [`COMPARED`] bytes, filled up with zeros. In the order of the bytes; no pointer leads to them, because a search among them is all that most
/// lines cost that begin like a literal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Compared {
    /// The first byte highest.
    halves: [u128; 2],
    len: u8,
}

impl Compared {
    /// The first [`COMPARED`] of some bytes.
    fn new(bytes: &[u8]) -> Self {
        let mut both = [0; COMPARED];
        let len = bytes.len().min(COMPARED);
        both[..len].copy_from_slice(&bytes[..len]);
        let (halves, _) = both.as_chunks();
        Self {
            halves: [
                u128::from_be_bytes(halves[0]),
                u128::from_be_bytes(halves[1]),
            ],
            len: len as u8,
        }
    }

    /// Of the first `len` bytes of some words, of which the first byte is the lowest; what is behind them is zeros.
    #[inline]
    fn of_words(words: [u64; COMPARED / LONGEST], len: usize) -> Self {
        let [first, second, third, fourth] = words.map(u64::swap_bytes).map(u128::from);
        Self {
            halves: [first << 64 | second, third << 64 | fourth],
            len: len as u8,
        }
    }

    fn len(&self) -> usize {
        usize::from(self.len)
    }

    fn starts_with(&self, other: &Self) -> bool {
        let differs = [0, 1].map(|half| self.halves[half] ^ other.halves[half]);
        let same = match differs {
            [0, second] => u128::BITS + second.leading_zeros(),
            [first, _] => first.leading_zeros(),
        };
        same >= 8 * u32::from(other.len)
    }
}

impl LineStarts {
    /// Beginnings for (unit, first literal) pairs; each literal has at least [`SHORTEST`] bytes.
    pub(super) fn new(database: &Database, units: &[Unit], starts: &[(u32, &[u8])]) -> Self {
        let mut starts = starts.to_vec();
        starts.sort_unstable_by_key(|&(unit, literal)| (literal, unit));
        let groups = || starts.chunk_by(|a, b| a.1 == b.1);
        let mut made = Self {
            keys: Keys::of_starts(
                // Those that are equal as far as they are compared have one head.
                groups()
                    .map(|group| &group[0].1[..group[0].1.len().min(COMPARED)])
                    .collect::<Vec<_>>()
                    .chunk_by(|a, b| a == b)
                    .map(|same| same[0]),
            ),
            ..Self::default()
        };
        for group in groups() {
            let literal = group[0].1;
            let mut forms = Forms::default();
            for &(unit, _) in group {
                forms.add(database, unit, &units[unit as usize], 1);
            }
            let byte = made.bytes.len() as u32;
            made.bytes.extend_from_slice(literal);
            let first = First {
                literal: byte..made.bytes.len() as u32,
                behind: made.tree.plant(&forms),
            };
            let compared = Compared::new(literal);
            match made.heads.last_mut() {
                Some(last) if last.compared == compared => {
                    made.literals.push(first);
                    last.more.end += 1;
                }
                _ => made.add_head(compared, first),
            }
        }
        made
    }

    fn add_head(&mut self, compared: Compared, first: First) {
        // Heads that this one begins with form a chain that ends at its neighbour.
        let mut shorter = match self.heads.len() {
            0 => NONE,
            count => count as u32 - 1,
        };
        while let Some(head) = self.heads.get(shorter as usize) {
            if compared.starts_with(&head.compared) {
                break;
            }
            shorter = head.shorter;
        }
        let more = self.literals.len() as u32;
        self.heads.push(Head {
            compared,
            shorter,
            first,
            more: more..more,
        });
    }

    pub(super) fn is_empty(&self) -> bool {
        self.heads.is_empty()
    }

    /// Calls `found` with each unit that the line may begin with, at which places, and where its first literal ends. `at` is the beginning of the line's content,
    /// and no blank.
    pub(super) fn at(&self, text: &str, at: usize, found: &mut impl FnMut(u32, PlaceSet, usize)) {
        let spoken = self.keys.excludes(mark_at(&text.as_bytes()[at..]));
        if !spoken && let Some(opening) = self.opening(text, at) {
            self.meet(text, at, opening, found);
        }
    }

    /// Whether a line whose content is `line` begins with a quotation mark, and no literal does.
    #[inline]
    pub(super) fn exclude(&self, line: &[u8]) -> bool {
        self.keys.excludes(mark_at(line))
    }

    /// The opening of the line whose content begins at `at`, if any literal may begin so.
    #[inline]
    pub(super) fn opening(&self, text: &str, at: usize) -> Option<Opening> {
        let opening = Opening::of(text, at);
        let mask = vector::prefixes(self.keys.filter.words(), opening.words[0]) & !opening.inside;
        (mask != 0).then_some(Opening { mask, ..opening })
    }

    /// As [`LineStarts::at`], for an opening of which it is known that a literal may begin so.
    pub(super) fn meet(
        &self,
        text: &str,
        at: usize,
        opening: Opening,
        found: &mut impl FnMut(u32, PlaceSet, usize),
    ) {
        let folded = opening.compared();
        for length in lengths(opening.mask) {
            let heads = self.keys.get(vector::prefix(opening.words[0], length));
            if length == LONGEST {
                self.meet_long(text, at, opening, heads, found);
                continue;
            }
            for &head in heads {
                let head = &self.heads[head as usize];
                if folded.starts_with(&head.compared) {
                    self.walk(head, text, at, opening.plain, found);
                }
            }
        }
    }

    /// As [`LineStarts::meet`] for those of at least a word.
    fn meet_long(
        &self,
        text: &str,
        at: usize,
        opening: Opening,
        heads: &[u32],
        found: &mut impl FnMut(u32, PlaceSet, usize),
    ) {
        if heads.is_empty() && !self.keys.doubles {
            return;
        }
        let opening = if opening.both {
            opening
        } else {
            opening.refolded(text, at)
        };
        let folded = opening.compared();
        for &head in heads {
            let head = &self.heads[head as usize];
            if folded.starts_with(&head.compared) {
                self.walk(head, text, at, opening.plain, found);
            }
        }
        if self.keys.doubles {
            let heads = self.keys.get(join(opening.words));
            if !heads.is_empty() {
                self.compare_long(text, at, opening, heads, found);
            }
        }
    }

    /// Goes on behind those of `heads`, neighbours with the same key, that the text begins with.
    ///
    /// The last head that does not come behind the text in the order of bytes is one that the text begins with, or it begins with the longest such head;
    /// the chain of shorter ones leads to all others.
    #[inline(never)]
    fn compare_long(
        &self,
        text: &str,
        at: usize,
        opening: Opening,
        heads: &[u32],
        found: &mut impl FnMut(u32, PlaceSet, usize),
    ) {
        let (folded, plain) = opening.long(text, at);
        let next = heads.partition_point(|&head| self.heads[head as usize].compared <= folded);
        let mut next = next.checked_sub(1).map_or(NONE, |last| heads[last]);
        while let Some(head) = self.heads.get(next as usize) {
            if head.compared.len() < DOUBLE {
                break;
            }
            if folded.starts_with(&head.compared) {
                self.walk(head, text, at, plain, found);
            }
            next = head.shorter;
        }
    }

    /// Goes on behind the literals of a head that stand at `at`. The text begins there with what is compared of them, and its first `plain` bytes fold one by
    /// one.
    fn walk(
        &self,
        head: &Head,
        text: &str,
        at: usize,
        plain: usize,
        found: &mut impl FnMut(u32, PlaceSet, usize),
    ) {
        let bytes = text.as_bytes();
        let more = &self.literals[head.more.start as usize..head.more.end as usize];
        for First { literal, behind } in std::iter::once(&head.first).chain(more) {
            let len = literal.len();
            let known = plain.min(len);
            let end = if known == len && bytes.get(at + len).is_none_or(u8::is_ascii) {
                Some(at + len)
            } else {
                // Behind the last letter its marks may stand.
                let known = known.min(len - 1);
                let literal = &self.bytes[literal.start as usize..literal.end as usize];
                match_literal(text, at + known, &literal[known..])
            };
            if let Some(end) = end.filter(|&end| !goes_on(bytes, end)) {
                let found = &mut |unit, places| found(unit, places, end);
                self.tree.walk(*behind, text, end, found);
            }
        }
    }
}

/// How a line begins.
#[derive(Clone, Copy)]
pub(super) struct Opening {
    /// Its first two words, folded. Behind the line's block there is nothing: zeros.
    words: [u64; 2],
    /// Whether the second word is known.
    both: bool,
    /// How many of its first bytes fold one by one, as far as that was looked at.
    plain: usize,
    /// The lengths at which a short literal would end inside a word, in front of a small letter, as [`vector::prefixes`] answers lengths: no form does.
    inside: u8,
    /// The lengths at which it may be a literal's beginning.
    mask: u8,
}

impl Opening {
    /// The opening of the line whose content begins at `at`.
    #[inline]
    fn of(text: &str, at: usize) -> Self {
        let Some((folded, chunk)) = sixteen(text, at) else {
            return Self::folded(text, at);
        };
        let mut words = folded.words;
        let plain = folded.plain();
        if plain < LONGEST {
            // A short line, the last of its block.
            if chunk[plain] != b'\n' || chunk[plain + 1] != b'\n' {
                return Self::folded(text, at);
            }
            words = [words[0] & !(u64::MAX << (8 * plain)), 0];
        }
        Self {
            words,
            both: plain < LONGEST || plain == DOUBLE,
            plain,
            // A whole word may be the beginning of a longer literal.
            inside: folded.inside as u8 & !(1 << (LONGEST - 1)),
            mask: u8::MAX,
        }
    }

    /// As [`Opening::of`] for any text.
    #[cold]
    fn folded(text: &str, at: usize) -> Self {
        Self {
            words: folded_words(text, at),
            both: true,
            plain: 0,
            inside: 0,
            mask: u8::MAX,
        }
    }

    /// The same with its second word.
    #[cold]
    fn refolded(self, text: &str, at: usize) -> Self {
        Self {
            words: folded_words(text, at),
            both: true,
            ..self
        }
    }

    /// What of it is known at once.
    fn compared(&self) -> Compared {
        let [first, second] = self.words;
        Compared::of_words([first, second, 0, 0], DOUBLE)
    }

    /// The first [`COMPARED`] bytes, and how many of them fold one by one.
    fn long(&self, text: &str, at: usize) -> (Compared, usize) {
        let mut plain = self.plain;
        if plain == DOUBLE
            && let Some((more, _)) = sixteen(text, at + DOUBLE)
        {
            plain += more.plain();
            if plain == COMPARED {
                let [first, second] = self.words;
                let words = [first, second, more.words[0], more.words[1]];
                return (Compared::of_words(words, COMPARED), plain);
            }
        }
        let mut bytes = [0; COMPARED];
        let len = fold_prefix(text, at, &mut bytes);
        (Compared::new(&bytes[..len]), plain)
    }
}

/// The sixteen bytes at `at` folded, and they and the one behind them as they are.
#[inline]
fn sixteen(text: &str, at: usize) -> Option<(Folded, &[u8; SIXTEEN + 1])> {
    let chunk: &[u8; SIXTEEN + 1] = text.as_bytes()[at..].first_chunk()?;
    let [first @ .., next] = *chunk;
    Some((fold_sixteen(&first, next), chunk))
}

/// The first eight bytes of a set of literals: whether a line may begin like one of them.
#[derive(Debug, Default)]
pub(super) struct Beginnings {
    filter: Filter,
    /// Sorted.
    words: Vec<u64>,
}

impl Beginnings {
    /// Literals of fewer than eight bytes are left out.
    pub(super) fn new<'d>(literals: impl Iterator<Item = &'d [u8]>) -> Self {
        let long = literals.filter(|literal| literal.len() >= LONGEST);
        let mut words: Vec<u64> = long.map(|literal| word_of(&literal[..LONGEST])).collect();
        words.sort_unstable();
        words.dedup();
        Self {
            filter: Filter::new(words.iter().copied()),
            words,
        }
    }

    /// Whether the text at `at` begins like one of the literals. Only plain text does; `false` for all other.
    pub(super) fn know(&self, text: &str, at: usize) -> bool {
        plain_word(text.as_bytes(), at).is_some_and(|word| {
            self.filter.may_hold(word) && self.words.binary_search(&word).is_ok()
        })
    }
}

/// One key of two words.
#[inline]
fn join(words: [u64; 2]) -> u64 {
    words[0] ^ words[1].wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29)
}

/// The two words of sixteen bytes.
#[inline]
fn words_of(both: [u8; DOUBLE]) -> [u64; 2] {
    let both = u128::from_le_bytes(both);
    [both as u64, (both >> 64) as u64]
}

/// Up to eight bytes as a word, the first one lowest.
fn word_of(part: &[u8]) -> u64 {
    part.iter()
        .rev()
        .fold(0, |word, &byte| word << 8 | u64::from(byte))
}

/// The first two words of the text at `at`, folded.
fn folded_words(text: &str, at: usize) -> [u64; 2] {
    let mut both = [0; DOUBLE];
    fold_prefix(text, at, &mut both);
    words_of(both)
}

/// Whether a word of small letters goes on at `at`: no form has a link that ends there.
#[inline]
fn goes_on(bytes: &[u8], at: usize) -> bool {
    let small = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_lowercase);
    small(at) && small(at - 1)
}

/// Eight bytes folded, if they are ASCII and no blank stands beside another.
#[inline]
fn plain_word(bytes: &[u8], at: usize) -> Option<u64> {
    let word = bytes.get(at..)?.first_chunk::<8>()?;
    let (folded, stop) = fold_word(
        u64::from_le_bytes(*word),
        bytes.get(at + 8).copied().unwrap_or(b' '),
    );
    (stop == 0).then_some(folded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_met_by_their_beginnings() {
        let (pack, _) = crate::Pack::from_list(
            "strings.txt",
            "Ad\nStory continues below\nShare\nContinues below\n",
        )
        .unwrap();
        let database = crate::compile(&[pack]).unwrap();
        let units = Unit::all(&database);
        let literals: Vec<(u32, &[u8])> = (0..)
            .zip(&units)
            .filter_map(|(index, unit)| Some((index, unit.head(&database)?)))
            .collect();
        let name = |unit: u32| String::from_utf8_lossy(units[unit as usize].anchor(&database));
        let starts = LineStarts::new(&database, &units, &literals);
        let begun = |text: &str| {
            let mut found = Vec::new();
            starts.at(text, 0, &mut |unit, _, _| found.push(name(unit)));
            found.dedup();
            found
        };
        assert_eq!(
            begun("STORY\u{a0}con\u{ad}tinues\nbelow"),
            ["story continues below"]
        );
        assert_eq!(begun("Share"), ["share"]);
        assert_eq!(begun("Share\n\nA paragraph stands below."), ["share"]);
        assert_eq!(begun("Share it\n\nA paragraph stands below."), [""; 0]);
        assert_eq!(begun("AD ."), ["ad"]);
        // Neither a word that goes on nor a line that goes on.
        assert_eq!(begun("add"), [""; 0]);
        assert_eq!(begun("Ad men"), [""; 0]);
    }
}
