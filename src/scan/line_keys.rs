//! The filter for rules that act on whole lines, line beginnings and line ends: no windows, only the first or last bytes of each line.

use super::table::{Table, spread};
use crate::text::fold::{fold_ascii, fold_prefix, is_blank_byte};
use crate::text::lines::floor_boundary;

/// Bytes of folded text that a line is compared by.
const COMPARED: usize = 32;

/// The folded beginnings (or ends) of a set of units.
#[derive(Debug, Default)]
pub(super) struct LineKeys {
    /// By how many bytes the keys were cut: 8, 5, 3 and 2.
    tables: [Table; 4],
    /// For each unit: what the line must begin (or end) with, up to [`COMPARED`] bytes.
    literals: Vec<(u32, Box<[u8]>)>,
}

/// Key lengths, longest first.
const LENGTHS: [usize; 4] = [8, 5, 3, 2];
/// The most bytes of a literal that a key holds.
pub(super) const LONGEST: usize = LENGTHS[0];
/// A literal of fewer bytes has no key.
pub(super) const SHORTEST: usize = LENGTHS[3];

impl LineKeys {
    /// Keys for (unit, literal) pairs; each literal has at least [`SHORTEST`] bytes. `from_end` says which end of it counts.
    pub(super) fn new(units: &[(u32, &[u8])], from_end: bool) -> Self {
        let mut pairs: [Vec<(u64, u32)>; 4] = Default::default();
        let mut literals = Vec::with_capacity(units.len());
        for &(unit, literal) in units {
            let length = LENGTHS.iter().position(|&length| length <= literal.len()).unwrap_or(3);
            let take = LENGTHS[length].min(literal.len());
            let part = if from_end { &literal[literal.len() - take..] } else { &literal[..take] };
            pairs[length].push((key(part), literals.len() as u32));
            let compared = literal.len().min(COMPARED);
            literals.push((unit, if from_end { &literal[literal.len() - compared..] } else { &literal[..compared] }.into()));
        }
        Self { tables: pairs.map(Table::new), literals }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.literals.is_empty()
    }

    /// Calls `found` with each unit whose literal the line may begin with. `at` is the beginning of the line's content.
    #[inline]
    pub(super) fn at_start(&self, text: &str, at: usize, found: &mut impl FnMut(u32)) {
        let head = match plain_head(text.as_bytes(), at) {
            Some(head) => head,
            None => {
                let mut bytes = [0; 8];
                fold_prefix(text, at, &mut bytes);
                u64::from_le_bytes(bytes)
            }
        };
        for (table, length) in self.tables.iter().zip(LENGTHS) {
            let key = head & (u64::MAX >> (64 - 8 * length));
            let hash = spread(key);
            if !table.is_empty() && table.may_hold(hash) {
                let items = table.get(key, hash);
                if !items.is_empty() {
                    let mut bytes = [0; COMPARED];
                    let len = fold_prefix(text, at, &mut bytes);
                    for &item in items {
                        let (unit, literal) = &self.literals[item as usize];
                        if bytes[..len].starts_with(literal) {
                            found(*unit);
                        }
                    }
                }
            }
        }
    }

    /// Calls `found` with each unit whose literal the text before `end` may end with.
    pub(super) fn at_end(&self, text: &str, end: usize, found: &mut impl FnMut(u32)) {
        let mut bytes = [0; 8];
        if !plain_tail(text.as_bytes(), end, &mut bytes) {
            let tail = folded_tail(text, end);
            let len = tail.len().min(8);
            bytes = [0; 8];
            bytes[8 - len..].copy_from_slice(&tail[tail.len() - len..]);
        }
        let tail = u64::from_le_bytes(bytes);
        for (table, length) in self.tables.iter().zip(LENGTHS) {
            let key = tail >> (64 - 8 * length);
            let hash = spread(key);
            if !table.is_empty() && table.may_hold(hash) {
                let items = table.get(key, hash);
                if !items.is_empty() {
                    let tail = folded_tail(text, end);
                    for &item in items {
                        let (unit, literal) = &self.literals[item as usize];
                        if tail.ends_with(literal) {
                            found(*unit);
                        }
                    }
                }
            }
        }
    }
}

fn key(part: &[u8]) -> u64 {
    part.iter().rev().fold(0, |key, &byte| key << 8 | u64::from(byte))
}

/// The first eight bytes folded, if they are ASCII and no blank stands beside another.
#[inline]
fn plain_head(bytes: &[u8], at: usize) -> Option<u64> {
    let block = bytes.get(at..)?.first_chunk::<9>()?;
    let mut folded = [0; 8];
    let mut odd = 0;
    for i in 0..8 {
        let b = block[i];
        let blank = is_blank_byte(b);
        folded[i] = if blank { b' ' } else { fold_ascii(b) };
        odd |= (b & 0x80) | (u8::from(blank) & (u8::from(is_blank_byte(block[i + 1])) | block[i + 1] >> 7));
    }
    (odd == 0).then(|| u64::from_le_bytes(folded))
}

/// The last eight bytes before `end` folded, if they are ASCII and no blank stands beside another.
fn plain_tail(bytes: &[u8], end: usize, folded: &mut [u8; 8]) -> bool {
    let Some(block) = end.checked_sub(9).and_then(|start| bytes.get(start..end)) else { return false };
    let mut odd = 0;
    for i in 0..8 {
        let b = block[i + 1];
        let blank = is_blank_byte(b);
        folded[i] = if blank { b' ' } else { fold_ascii(b) };
        odd |= (b & 0x80) | (u8::from(blank) & (u8::from(is_blank_byte(block[i])) | block[i] >> 7));
    }
    odd == 0
}

/// The folded text before `end`, back to a border or a little farther than is ever compared.
fn folded_tail(text: &str, end: usize) -> Vec<u8> {
    let start = floor_boundary(text, end.saturating_sub(COMPARED * 6));
    let mut buffer = crate::text::fold::FoldBuffer::default();
    buffer.fold(text, start, end);
    buffer.bytes
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
        let units: [(u32, &[u8]); 4] = [(7, b"ad"), (8, b"story continues below"), (9, b"share"), (10, b"continues below")];
        let starts = LineKeys::new(&units, false);
        assert_eq!(found(&starts, "STORY\u{a0}con\u{ad}tinues\nbelow", false), [8]);
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
