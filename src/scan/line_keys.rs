//! Keys of literals that begin or end a line: no windows, only the bytes at either end of each line. Used by [`super::line_starts`] and
//! [`super::line_ends`].

use super::table::{Filter, Table};
use super::vector;
use crate::text::fold::fold_word;

/// Bytes of folded text that a line is compared by.
pub(super) const COMPARED: usize = 32;

/// The most bytes of a literal by which it is told from most lines.
pub(super) const LONGEST: usize = 8;
/// A literal of fewer bytes has no key.
pub(super) const SHORTEST: usize = 2;
/// Bytes of a key of two words: a literal that has them is told by them once its first word was met.
pub(super) const DOUBLE: usize = 2 * LONGEST;

/// Literals at one end of a line, found by the word of eight bytes there, or by as many of its bytes as a short literal has.
#[derive(Debug, Default)]
pub(super) struct Keys {
    /// Whether a word has any of the keys, or its first word. Most lines begin and end like no literal.
    pub(super) filter: Filter,
    /// Keys of all lengths.
    table: Table,
    /// Whether there are keys of two words.
    pub(super) doubles: bool,
    /// Whether a literal has a quotation mark at that end, by kind. A line of speech has one, and hardly a literal does.
    double_quotes: bool,
    single_quotes: bool,
}

impl Keys {
    /// Keys of the beginnings of literals in their order; each has at least [`SHORTEST`] bytes.
    pub(super) fn of_starts<'d>(literals: impl Iterator<Item = &'d [u8]>) -> Self {
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
pub(super) fn mark_at(text: &[u8]) -> Option<Quotes> {
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
pub(super) fn join(words: [u64; 2]) -> u64 {
    words[0] ^ words[1].wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29)
}

/// Up to eight bytes as a word, the first one lowest.
fn word_of(part: &[u8]) -> u64 {
    part.iter()
        .rev()
        .fold(0, |word, &byte| word << 8 | u64::from(byte))
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

/// The two words of sixteen bytes.
#[inline]
pub(super) fn words_of(both: [u8; DOUBLE]) -> [u64; 2] {
    let both = u128::from_le_bytes(both);
    [both as u64, (both >> 64) as u64]
}
