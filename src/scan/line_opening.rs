//! How a line begins: its first bytes folded, in registers, to be compared with the beginnings of literals.

use super::line_keys::{COMPARED, DOUBLE, LONGEST, words_of};
use crate::text::fold::{Folded, SIXTEEN, fold_prefix, fold_sixteen};

/// How a line begins.
#[derive(Clone, Copy)]
pub(super) struct Opening {
    /// Its first two words, folded. Behind the line's block there is nothing: zeros.
    pub(super) words: [u64; 2],
    /// Whether the second word is known.
    pub(super) both: bool,
    /// How many of its first bytes fold one by one, as far as that was looked at.
    pub(super) plain: usize,
    /// The lengths at which a short literal would end inside a word, in front of a small letter, as [`vector::prefixes`] answers lengths: no form does.
    pub(super) inside: u8,
    /// The lengths at which it may be a literal's beginning.
    pub(super) mask: u8,
}

impl Opening {
    /// The opening of the line whose content begins at `at`.
    #[inline]
    pub(super) fn of(text: &str, at: usize) -> Self {
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
    pub(super) fn refolded(self, text: &str, at: usize) -> Self {
        Self {
            words: folded_words(text, at),
            both: true,
            ..self
        }
    }

    /// What of it is known at once.
    pub(super) fn compared(&self) -> Compared {
        let [first, second] = self.words;
        Compared::of_words([first, second, 0, 0], DOUBLE)
    }

    /// The first [`COMPARED`] bytes, and how many of them fold one by one.
    pub(super) fn long(&self, text: &str, at: usize) -> (Compared, usize) {
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

/// Up to [`COMPARED`] bytes, filled up with zeros. In the order of the bytes; no pointer leads to them, because a search among them is all that most
/// lines cost that begin like a literal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Compared {
    /// The first byte highest.
    halves: [u128; 2],
    len: u8,
}

impl Compared {
    /// The first [`COMPARED`] of some bytes.
    pub(super) fn new(bytes: &[u8]) -> Self {
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

    pub(super) fn len(&self) -> usize {
        usize::from(self.len)
    }

    pub(super) fn starts_with(&self, other: &Self) -> bool {
        let differs = [0, 1].map(|half| self.halves[half] ^ other.halves[half]);
        let same = match differs {
            [0, second] => u128::BITS + second.leading_zeros(),
            [first, _] => first.leading_zeros(),
        };
        same >= 8 * u32::from(other.len)
    }
}

/// The first two words of the text at `at`, folded.
fn folded_words(text: &str, at: usize) -> [u64; 2] {
    let mut both = [0; DOUBLE];
    fold_prefix(text, at, &mut both);
    words_of(both)
}
