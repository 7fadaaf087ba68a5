//! The filter for rules that act on line ends, and for whole-line rules of which the end is told sooner than the beginning: only the last bytes of each line.

use std::ops::Range;

use super::line_keys::{COMPARED, Keys, LONGEST, Quotes, lengths};
use super::table::part;
use super::vector;
use crate::text::fold::{
    FoldBuffer, SIXTEEN, fold_ascii, fold_back, fold_prefix, fold_sixteen, is_blank_byte,
};
use crate::text::lines::floor_boundary;

/// The ends of a set of units: their last literals. What belongs to one end stands beside what belongs to its neighbours.
#[derive(Debug, Default)]
pub(super) struct LineEnds {
    keys: Keys,
    tails: Vec<Tail>,
    bytes: Vec<u8>,
    units: Vec<u32>,
}

/// What a line must end with.
#[derive(Debug)]
struct Tail {
    /// Up to [`COMPARED`] bytes of [`LineEnds::bytes`].
    literal: Range<u32>,
    /// Those of [`LineEnds::units`] that end so.
    units: Range<u32>,
}

impl LineEnds {
    /// Ends for (unit, last literal) pairs; each literal has at least [`super::line_keys::SHORTEST`] bytes.
    pub(super) fn new(ends: &[(u32, &[u8])]) -> Self {
        let mut ends: Vec<_> = ends
            .iter()
            .map(|&(unit, literal)| (&literal[literal.len().saturating_sub(COMPARED)..], unit))
            .collect();
        ends.sort_unstable();
        let groups = || ends.chunk_by(|a, b| a.0 == b.0);
        let mut made = Self {
            keys: Keys::of_ends(groups().map(|group| group[0].0)),
            ..Self::default()
        };
        for group in groups() {
            let (byte, unit) = (made.bytes.len() as u32, made.units.len() as u32);
            made.bytes.extend_from_slice(group[0].0);
            made.units.extend(group.iter().map(|end| end.1));
            made.tails.push(Tail {
                literal: byte..made.bytes.len() as u32,
                units: unit..made.units.len() as u32,
            });
        }
        made
    }

    pub(super) fn is_empty(&self) -> bool {
        self.tails.is_empty()
    }

    /// Calls `found` with each unit whose last literal the text before `end`, where a line's content ends, may end with.
    pub(super) fn at(&self, text: &str, end: usize, found: &mut impl FnMut(u32)) {
        let spoken = self.exclude(&text.as_bytes()[..end]);
        if !spoken && let Some(closing) = self.closing(text, end) {
            self.meet(text, end, closing, found);
        }
    }

    /// Whether a text ends with a quotation mark, and no literal does.
    #[inline]
    pub(super) fn exclude(&self, text: &[u8]) -> bool {
        self.keys.excludes(match text {
            [.., b'"'] | [.., 0xe2, 0x80, 0x9c..=0x9f] => Some(Quotes::Double),
            [.., b'\''] | [.., 0xe2, 0x80, 0x98..=0x9b] => Some(Quotes::Single),
            _ => None,
        })
    }

    /// How the text before `end` ends, if any literal may end so.
    #[inline]
    pub(super) fn closing(&self, text: &str, end: usize) -> Option<Closing> {
        let word = word_before(text.as_bytes(), end).unwrap_or_else(|| folded_word(text, end));
        let mask = vector::suffixes(self.keys.filter.words(), word);
        (mask != 0).then_some(Closing { word, mask })
    }

    /// As [`LineEnds::at`], for an end of which it is known that a literal may end so.
    pub(super) fn meet(
        &self,
        text: &str,
        end: usize,
        closing: Closing,
        found: &mut impl FnMut(u32),
    ) {
        for length in lengths(closing.mask) {
            for &tail in self.keys.get(vector::suffix(closing.word, length)) {
                let Tail { literal, units } = &self.tails[tail as usize];
                let literal = part(&self.bytes, literal);
                let same = match literal.len() {
                    LONGEST.. => ends_with(text, end, literal),
                    _ => closing.word.to_le_bytes().ends_with(literal),
                };
                if same {
                    let units = part(&self.units, units).iter();
                    units.copied().for_each(&mut *found);
                }
            }
        }
    }
}

/// How a line ends.
#[derive(Clone, Copy)]
pub(super) struct Closing {
    /// Its last word, folded.
    word: u64,
    /// The lengths at which it may be a literal's end.
    mask: u8,
}

/// Whether the text before `end` folds to a text that ends with `literal`.
fn ends_with(text: &str, end: usize, literal: &[u8]) -> bool {
    // Plain text is told byte by byte; what stands around a run of blanks or another character is folded.
    let plain = |byte: u8| byte < 0x80 && !is_blank_byte(byte);
    let mut bytes = text.as_bytes()[..end].iter().rev().copied().peekable();
    let mut wanted = literal.iter().rev();
    let told = loop {
        let Some(&wanted) = wanted.next() else {
            break true;
        };
        let Some(byte) = bytes.next() else {
            return false;
        };
        let before_plain = byte == b' ' && bytes.peek().is_some_and(|&byte| plain(byte));
        if !(plain(byte) || before_plain) {
            break false;
        }
        if fold_ascii(byte) != wanted {
            return false;
        }
    };
    if told {
        return true;
    }
    let mut folded = [0; COMPARED];
    fold_suffix(text, end, &mut folded);
    folded.ends_with(literal)
}

/// The last eight bytes before `end`, folded, if they fold one by one. A blank before them must not go on in them.
#[inline]
fn word_before(bytes: &[u8], end: usize) -> Option<u64> {
    const MIDDLE: u16 = 1 << (SIXTEEN - LONGEST - 1);
    let folded = fold_sixteen(bytes[..end].last_chunk()?, b' ');
    let goes_on = folded.blanks & folded.blanks >> 1 & MIDDLE;
    (folded.stops / (2 * MIDDLE) == 0 && goes_on == 0).then_some(folded.words[1])
}

/// As [`word_before`] for any text.
#[cold]
fn folded_word(text: &str, end: usize) -> u64 {
    let mut bytes = [0; LONGEST];
    fold_suffix(text, end, &mut bytes);
    u64::from_le_bytes(bytes)
}

/// Folds the text before `end` into the end of `out` and answers how many bytes were made: back to a border or until `out` is full.
fn fold_suffix(text: &str, end: usize, out: &mut [u8]) -> usize {
    if let Some(count) = fold_back(text, end, out) {
        return count;
    }
    let start = floor_boundary(text, end.saturating_sub(out.len() * 3));
    let mut bytes = [0; COMPARED * 4];
    let mut buffer = FoldBuffer::default();
    // Within a line, what some characters fold to has room here.
    let count = match memchr::memchr(b'\n', &text.as_bytes()[start..end]) {
        None => fold_prefix(&text[..end], start, &mut bytes),
        Some(_) => bytes.len(),
    };
    let folded = if (out.len()..bytes.len()).contains(&count) {
        &bytes[..count]
    } else {
        let start = floor_boundary(text, end.saturating_sub(COMPARED * 3));
        buffer.fold(text, start, end);
        &buffer.bytes
    };
    let (count, room) = (folded.len().min(out.len()), out.len());
    out[room - count..].copy_from_slice(&folded[folded.len() - count..]);
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_met_by_their_ends() {
        let literals = ["ad", "story continues below", "share", "continues below"];
        let pairs: Vec<(u32, &[u8])> = (0..).zip(literals.map(str::as_bytes)).collect();
        let ends = LineEnds::new(&pairs);
        let ended = |text: &str| {
            let mut found = Vec::new();
            ends.at(text, text.len(), &mut |unit| {
                found.push(literals[unit as usize])
            });
            found.sort_unstable();
            found
        };
        assert_eq!(
            ended("The story continues  below"),
            ["continues below", "story continues below"]
        );
        assert_eq!(ended("Please share"), ["share"]);
        assert_eq!(ended("ＳＨＡＲＥ"), ["share"]);
        assert_eq!(ended("Somebody would never share"), ["share"]);
        assert_eq!(ended("Somebody would never stare"), [""; 0]);
    }
}
