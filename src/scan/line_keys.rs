//! The filter for rules that act on whole lines, line beginnings and line ends: no windows, only the first or last bytes of each line.

use std::collections::BTreeSet;

use super::table::{Table, spread};
use crate::text::fold::{fold_ascii, fold_prefix, fold_word, is_blank_byte};
use crate::text::lines::floor_boundary;

/// Bytes of folded text that a line is compared by.
const COMPARED: usize = 32;

/// The folded beginnings (or ends) of a set of units.
#[derive(Debug, Default)]
pub(super) struct LineKeys {
    /// Keys of all lengths.
    table: Table,
    /// The key lengths in use, longest first, each with the mask that cuts a key to it.
    lengths: Vec<usize>,
    /// The first bytes of all literals, and their last ones.
    first_bytes: Vec<u8>,
    last_bytes: Vec<u8>,
    /// For each unit: what the line must begin (or end) with, up to [`COMPARED`] bytes.
    literals: Vec<(u32, Box<[u8]>)>,
}

/// Key lengths in bytes, longest first.
const LENGTHS: [usize; 4] = [8, 5, 3, 2];
/// The most bytes of a literal that a key holds.
pub(super) const LONGEST: usize = LENGTHS[0];
/// A literal of fewer bytes has no key.
pub(super) const SHORTEST: usize = LENGTHS[3];

impl LineKeys {
    /// Keys for (unit, literal) pairs; each literal has at least [`SHORTEST`] bytes. `from_end` says which end of it counts.
    pub(super) fn new(units: &[(u32, &[u8])], from_end: bool) -> Self {
        let mut pairs = Vec::with_capacity(units.len());
        let mut literals = Vec::with_capacity(units.len());
        let mut lengths = Vec::new();
        let distinct = |bytes: &mut dyn Iterator<Item = u8>| -> Vec<u8> {
            bytes.collect::<BTreeSet<_>>().into_iter().collect()
        };
        let first_bytes = distinct(
            &mut units
                .iter()
                .filter_map(|(_, literal)| literal.first().copied()),
        );
        let last_bytes = distinct(
            &mut units
                .iter()
                .filter_map(|(_, literal)| literal.last().copied()),
        );
        for &(unit, literal) in units {
            let length = LENGTHS
                .into_iter()
                .find(|&length| length <= literal.len())
                .unwrap_or(SHORTEST)
                .min(literal.len());
            let part = if from_end {
                &literal[literal.len() - length..]
            } else {
                &literal[..length]
            };
            pairs.push((tag(key(part), length), literals.len() as u32));
            if !lengths.contains(&length) {
                lengths.push(length);
            }
            let compared = literal.len().min(COMPARED);
            literals.push((
                unit,
                if from_end {
                    &literal[literal.len() - compared..]
                } else {
                    &literal[..compared]
                }
                .into(),
            ));
        }
        Self {
            table: Table::new(pairs),
            lengths,
            first_bytes,
            last_bytes,
            literals,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.literals.is_empty()
    }

    /// Calls `found` with each unit whose literal the line may begin with. `at` is the beginning of the line's content.
    #[inline]
    pub(super) fn at_start(&self, text: &str, at: usize, found: &mut impl FnMut(u32)) {
        // A line of speech begins with a quotation mark, and hardly a literal does.
        let quote = match text.as_bytes()[at..] {
            [b'"', ..] | [0xe2, 0x80, 0x9c..=0x9f, ..] => b'"',
            [b'\'', ..] | [0xe2, 0x80, 0x98..=0x9b, ..] => b'\'',
            _ => 0,
        };
        if quote != 0 && !self.first_bytes.contains(&quote) {
            return;
        }
        let head = plain_word(text.as_bytes(), at).unwrap_or_else(|| {
            let mut bytes = [0; 8];
            fold_prefix(text, at, &mut bytes);
            u64::from_le_bytes(bytes)
        });
        for &length in &self.lengths {
            self.probe(
                tag(head & (u64::MAX >> (64 - 8 * length)), length),
                found,
                |bytes| fold_prefix(text, at, bytes),
                |folded, literal| folded.starts_with(literal),
            );
        }
    }

    /// Calls `found` with each unit whose literal the text before `end` may end with.
    #[inline]
    pub(super) fn at_end(&self, text: &str, end: usize, found: &mut impl FnMut(u32)) {
        // A line of speech ends with a quotation mark, and hardly a literal does.
        let quote = match text.as_bytes()[..end] {
            [.., b'"'] | [.., 0xe2, 0x80, 0x9c..=0x9f] => b'"',
            [.., 0xe2, 0x80, 0x98..=0x9b] => b'\'',
            _ => 0,
        };
        if self.is_empty() || (quote != 0 && !self.last_bytes.contains(&quote)) {
            return;
        }
        // The byte before the eight must not be a blank that goes on in them.
        let plain = end
            .checked_sub(9)
            .filter(|&start| !is_blank_byte(text.as_bytes()[start]))
            .and_then(|start| plain_word(text.as_bytes(), start + 1));
        let tail = plain.unwrap_or_else(|| {
            let mut bytes = [0; COMPARED];
            let len = fold_suffix(text, end, &mut bytes);
            let mut last = [0; 8];
            let count = len.min(8);
            last[8 - count..].copy_from_slice(&bytes[len - count..len]);
            u64::from_le_bytes(last)
        });
        for &length in &self.lengths {
            self.probe(
                tag(tail >> (64 - 8 * length), length),
                found,
                |bytes| fold_suffix(text, end, bytes),
                |folded, literal| folded.ends_with(literal),
            );
        }
    }

    #[inline]
    fn probe(
        &self,
        key: u64,
        found: &mut impl FnMut(u32),
        fold: impl FnOnce(&mut [u8; COMPARED]) -> usize,
        fits: impl Fn(&[u8], &[u8]) -> bool,
    ) {
        let hash = spread(key);
        if !self.table.may_hold(hash) {
            return;
        }
        let items = self.table.get(key, hash);
        if items.is_empty() {
            return;
        }
        let mut bytes = [0; COMPARED];
        let len = fold(&mut bytes);
        for &item in items {
            let (unit, literal) = &self.literals[item as usize];
            if fits(&bytes[..len], literal) {
                found(*unit);
            }
        }
    }
}

/// The first eight bytes of a set of literals: whether a line may begin like one of them.
#[derive(Debug, Default)]
pub(super) struct Beginnings(Table);

impl Beginnings {
    /// Literals of fewer than eight bytes are left out.
    pub(super) fn new<'d>(literals: impl Iterator<Item = &'d [u8]>) -> Self {
        let long = literals.filter(|literal| literal.len() >= LONGEST);
        Self(Table::new(
            long.map(|literal| (key(&literal[..LONGEST]), 0)).collect(),
        ))
    }

    /// Whether the text at `at` begins like one of the literals. Only plain text does; `false` for all other.
    pub(super) fn know(&self, text: &str, at: usize) -> bool {
        let Some(key) = plain_word(text.as_bytes(), at) else {
            return false;
        };
        let hash = spread(key);
        !self.0.is_empty() && self.0.may_hold(hash) && !self.0.get(key, hash).is_empty()
    }
}

/// Tells keys of different lengths apart in one table.
#[inline]
fn tag(key: u64, length: usize) -> u64 {
    key ^ (length as u64).wrapping_mul(0xff51_afd7_ed55_8ccd)
}

fn key(part: &[u8]) -> u64 {
    part.iter()
        .rev()
        .fold(0, |key, &byte| key << 8 | u64::from(byte))
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

/// Folds the text before `end` into `out` and answers how many bytes were made: the last ones, back to a border or until `out` is full.
fn fold_suffix(text: &str, end: usize, out: &mut [u8; COMPARED]) -> usize {
    // Plain text folds byte by byte.
    if let Some(plain) = end
        .checked_sub(COMPARED + 1)
        .map(|start| &text.as_bytes()[start..end])
    {
        let mut before = plain[0];
        let mut odd = before >= 0x80;
        for (to, &b) in out.iter_mut().zip(&plain[1..]) {
            odd |= b >= 0x80 || (is_blank_byte(b) && is_blank_byte(before));
            *to = if is_blank_byte(b) {
                b' '
            } else {
                fold_ascii(b)
            };
            before = b;
        }
        if !odd {
            return COMPARED;
        }
    }
    let start = floor_boundary(text, end.saturating_sub(COMPARED * 3));
    let mut buffer = crate::text::fold::FoldBuffer::default();
    buffer.fold(text, start, end);
    let count = buffer.bytes.len().min(COMPARED);
    out[..count].copy_from_slice(&buffer.bytes[buffer.bytes.len() - count..]);
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(keys: &LineKeys, text: &str, from_end: bool) -> Vec<u32> {
        let mut found = Vec::new();
        if from_end {
            keys.at_end(text, text.len(), &mut |unit| found.push(unit));
        } else {
            keys.at_start(text, 0, &mut |unit| found.push(unit));
        }
        found.sort_unstable();
        found
    }

    #[test]
    fn lines_are_met_by_their_beginnings_and_ends() {
        let units: [(u32, &[u8]); 4] = [
            (7, b"ad"),
            (8, b"story continues below"),
            (9, b"share"),
            (10, b"continues below"),
        ];
        let starts = LineKeys::new(&units, false);
        assert_eq!(
            found(&starts, "STORY\u{a0}con\u{ad}tinues\nbelow", false),
            [8]
        );
        assert_eq!(found(&starts, "Share", false), [9]);
        assert_eq!(found(&starts, "AD", false), [7]);
        assert_eq!(found(&starts, "add", false), [7]);
        assert_eq!(found(&starts, "Nothing at all", false), [] as [u32; 0]);
        let ends = LineKeys::new(&units, true);
        assert_eq!(found(&ends, "The story continues  below", true), [8, 10]);
        assert_eq!(found(&ends, "Please share", true), [9]);
        assert_eq!(found(&ends, "ＳＨＡＲＥ", true), [9]);
    }
}
