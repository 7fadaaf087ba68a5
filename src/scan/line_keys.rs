//! The filter for rules that act on whole lines, line beginnings and line ends: no windows, only the first or last bytes of each line.

use super::forms::Forms;
use super::table::{Table, spread};
use super::units::Unit;
use crate::db::Database;
use crate::model::PlaceSet;
use crate::text::fold::{
    FoldBuffer, fold_back, fold_prefix, fold_word, is_blank_byte, match_literal,
};
use crate::text::lines::floor_boundary;

/// Bytes of folded text that a line is compared by.
const COMPARED: usize = 32;

/// Key lengths in bytes, longest first. Keys of two words are hashes; a shorter key is the bytes themselves.
const LENGTHS: [usize; 5] = [DOUBLE, LONGEST, 5, 3, SHORTEST];
const DOUBLE: usize = 16;
/// The most bytes of a literal by which it is told from most lines.
pub(super) const LONGEST: usize = 8;
/// A literal of fewer bytes has no key.
pub(super) const SHORTEST: usize = 2;

/// Literals at one end of a line, found by their first or last bytes.
#[derive(Debug, Default)]
struct Keys {
    /// For the hash of the two bytes nearest the line's end: which of [`LENGTHS`] are in use there, as bits. Most lines begin and end like no literal.
    pairs: Vec<u8>,
    /// Keys of all lengths.
    table: Table,
    /// Whether a literal has a quotation mark at that end, by kind. A line of speech has one, and hardly a literal does.
    double_quotes: bool,
    single_quotes: bool,
}

/// Places in [`Keys::pairs`].
const PAIRS: usize = 1 << 11;

#[inline]
fn pair(first: u8, second: u8) -> usize {
    (usize::from(first) << 5 ^ usize::from(second)) % PAIRS
}

impl Keys {
    /// Keys of literals in their order; each has at least [`SHORTEST`] bytes. `from_end` says which end of them counts. Ends are few, and have no keys of
    /// two words.
    fn new<'d>(literals: impl Iterator<Item = &'d [u8]>, from_end: bool) -> Self {
        let mut keys = Self {
            pairs: vec![0; PAIRS],
            ..Self::default()
        };
        let mut entries = Vec::new();
        for (index, literal) in literals.enumerate() {
            let (kind, length) = LENGTHS
                .into_iter()
                .enumerate()
                .skip(usize::from(from_end))
                .find(|&(_, length)| length <= literal.len())
                .unwrap_or((LENGTHS.len() - 1, literal.len()));
            let (part, outer) = if from_end {
                let part = &literal[literal.len() - length..];
                (part, part.iter().rev().copied().collect::<Vec<_>>())
            } else {
                (&literal[..length], literal[..length].to_vec())
            };
            keys.pairs[pair(outer[0], outer[1])] |= 1 << kind;
            keys.double_quotes |= outer[0] == b'"';
            keys.single_quotes |= outer[0] == b'\'';
            let key = match part.split_at_checked(LONGEST) {
                Some((head, tail)) if length == DOUBLE => join(key(head), key(tail)),
                _ => key(part),
            };
            entries.push((tag(key, length), index as u32));
        }
        keys.table = Table::new(entries);
        keys
    }

    /// Calls `met` with the literals of each key that is met, and the key's length. `part` makes the text's key of a length.
    #[inline]
    fn probe(&self, pair: usize, part: impl Fn(usize) -> u64, met: &mut impl FnMut(usize, &[u32])) {
        let mut kinds = self.pairs[pair];
        while kinds != 0 {
            let length = LENGTHS[kinds.trailing_zeros() as usize];
            kinds &= kinds - 1;
            let key = tag(part(length), length);
            let hash = spread(key);
            if self.table.may_hold(hash) {
                met(length, self.table.get(key, hash));
            }
        }
    }
}

/// The beginnings of a set of units: their first literals, and what comes behind them.
#[derive(Debug, Default)]
pub(super) struct LineStarts {
    keys: Keys,
    /// Sorted by what is compared.
    heads: Vec<Head>,
}

/// First literals that are equal as far as they are compared.
#[derive(Debug)]
struct Head {
    /// Their first [`COMPARED`] bytes.
    compared: Box<[u8]>,
    /// The longest other head that this one begins with.
    shorter: Option<u32>,
    literals: Vec<(Box<[u8]>, Forms)>,
}

impl LineStarts {
    /// Beginnings for (unit, first literal) pairs; each literal has at least [`SHORTEST`] bytes.
    pub(super) fn new(database: &Database, units: &[Unit], starts: &[(u32, &[u8])]) -> Self {
        let mut starts = starts.to_vec();
        starts.sort_unstable_by_key(|&(unit, literal)| (literal, unit));
        let mut heads: Vec<Head> = Vec::new();
        for group in starts.chunk_by(|a, b| a.1 == b.1) {
            let literal = group[0].1;
            let mut forms = Forms::default();
            for &(unit, _) in group {
                forms.add(database, unit, &units[unit as usize], 1);
            }
            let compared = &literal[..literal.len().min(COMPARED)];
            if heads.last().is_none_or(|last| *last.compared != *compared) {
                // Heads that this one begins with form a chain that ends at its neighbour.
                let mut shorter = heads.len().checked_sub(1);
                while let Some(at) =
                    shorter.filter(|&at| !compared.starts_with(&heads[at].compared))
                {
                    shorter = heads[at].shorter.map(|at| at as usize);
                }
                heads.push(Head {
                    compared: compared.into(),
                    shorter: shorter.map(|at| at as u32),
                    literals: Vec::new(),
                });
            }
            if let Some(head) = heads.last_mut() {
                head.literals.push((literal.into(), forms));
            }
        }
        Self {
            keys: Keys::new(heads.iter().map(|head| &*head.compared), false),
            heads,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.heads.is_empty()
    }

    /// Calls `found` with each unit that the line may begin with, and at which places. `at` is the beginning of the line's content, and no blank.
    #[inline]
    pub(super) fn at(&self, text: &str, at: usize, found: &mut impl FnMut(u32, PlaceSet)) {
        let skip = match text.as_bytes()[at..] {
            [b'"', ..] | [0xe2, 0x80, 0x9c..=0x9f, ..] => !self.keys.double_quotes,
            [b'\'', ..] | [0xe2, 0x80, 0x98..=0x9b, ..] => !self.keys.single_quotes,
            _ => self.is_empty(),
        };
        if skip {
            return;
        }
        let bytes = text.as_bytes();
        let first_word = plain_word(bytes, at);
        // The second word is seldom asked for.
        let both = || {
            let mut both = [0; DOUBLE];
            match first_word.zip(plain_word(bytes, at + LONGEST)) {
                Some((first, second)) => {
                    both[..LONGEST].copy_from_slice(&first.to_le_bytes());
                    both[LONGEST..].copy_from_slice(&second.to_le_bytes());
                }
                None => {
                    fold_prefix(text, at, &mut both);
                }
            }
            both
        };
        let head = first_word.unwrap_or_else(|| words(both())[0]);
        let [first, second, ..] = head.to_le_bytes();
        self.keys.probe(
            pair(first, second),
            |length| match length {
                DOUBLE => join(head, words(both())[1]),
                _ => head & (u64::MAX >> (64 - 8 * length)),
            },
            &mut |length, heads| {
                if heads.is_empty() {
                    return;
                }
                if length == DOUBLE {
                    return self.compare_long(text, at, heads, found);
                }
                let both = if length == LONGEST {
                    both()
                } else {
                    [0; DOUBLE]
                };
                let head = head.to_le_bytes();
                let folded = if length == LONGEST { &both[..] } else { &head };
                for &index in heads {
                    let literal = &self.heads[index as usize];
                    if folded.starts_with(&literal.compared) {
                        literal.walk(text, at, found);
                    }
                }
            },
        );
    }

    /// Goes on behind those of `heads`, neighbours with the same key, that the text begins with.
    ///
    /// The last head that does not come behind the text in the order of bytes is one that the text begins with, or it begins with the longest such head;
    /// the chain of shorter ones leads to all others.
    #[cold]
    fn compare_long(
        &self,
        text: &str,
        at: usize,
        heads: &[u32],
        found: &mut impl FnMut(u32, PlaceSet),
    ) {
        let mut bytes = [0; COMPARED];
        let len = fold_prefix(text, at, &mut bytes);
        let folded = &bytes[..len];
        let next = heads.partition_point(|&head| *self.heads[head as usize].compared <= *folded);
        let mut next = next.checked_sub(1).map(|last| heads[last]);
        while let Some(head) = next
            .map(|at| &self.heads[at as usize])
            .filter(|head| head.compared.len() >= DOUBLE)
        {
            if folded.starts_with(&head.compared) {
                head.walk(text, at, found);
            }
            next = head.shorter;
        }
    }
}

impl Head {
    /// Goes on behind the literals that stand at `at`.
    fn walk(&self, text: &str, at: usize, found: &mut impl FnMut(u32, PlaceSet)) {
        for (literal, forms) in &self.literals {
            if let Some(end) = match_literal(text, at, literal) {
                forms.walk(text, end, found);
            }
        }
    }
}

/// The ends of a set of units: their last literals.
#[derive(Debug, Default)]
pub(super) struct LineEnds {
    keys: Keys,
    /// What the line must end with, up to [`COMPARED`] bytes, and the units that end so.
    tails: Vec<(Box<[u8]>, Vec<u32>)>,
}

impl LineEnds {
    /// Ends for (unit, last literal) pairs; each literal has at least [`SHORTEST`] bytes.
    pub(super) fn new(ends: &[(u32, &[u8])]) -> Self {
        let mut ends: Vec<_> = ends
            .iter()
            .map(|&(unit, literal)| (&literal[literal.len().saturating_sub(COMPARED)..], unit))
            .collect();
        ends.sort_unstable();
        let tails: Vec<(Box<[u8]>, Vec<u32>)> = ends
            .chunk_by(|a, b| a.0 == b.0)
            .map(|group| (group[0].0.into(), group.iter().map(|end| end.1).collect()))
            .collect();
        Self {
            keys: Keys::new(tails.iter().map(|(tail, _)| &**tail), true),
            tails,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.tails.is_empty()
    }

    /// Calls `found` with each unit whose last literal the text before `end` may end with.
    #[inline]
    pub(super) fn at(&self, text: &str, end: usize, found: &mut impl FnMut(u32)) {
        let skip = match text.as_bytes()[..end] {
            [.., b'"'] | [.., 0xe2, 0x80, 0x9c..=0x9f] => !self.keys.double_quotes,
            [.., b'\''] | [.., 0xe2, 0x80, 0x98..=0x9b] => !self.keys.single_quotes,
            _ => self.is_empty(),
        };
        if skip {
            return;
        }
        // The byte before the eight must not be a blank that goes on in them.
        let plain = end
            .checked_sub(LONGEST + 1)
            .filter(|&start| !is_blank_byte(text.as_bytes()[start]))
            .and_then(|start| plain_word(text.as_bytes(), start + 1));
        let tail = plain.unwrap_or_else(|| {
            let mut bytes = [0; LONGEST];
            fold_suffix(text, end, &mut bytes);
            u64::from_le_bytes(bytes)
        });
        let [.., second, first] = tail.to_le_bytes();
        self.keys.probe(
            pair(first, second),
            |length| tail >> (64 - 8 * length),
            &mut |length, tails| {
                if tails.is_empty() {
                    return;
                }
                let mut folded = [0; COMPARED];
                if length == LONGEST {
                    fold_suffix(text, end, &mut folded);
                } else {
                    // Short literals are seen whole in the eight bytes.
                    folded[COMPARED - LONGEST..].copy_from_slice(&tail.to_le_bytes());
                }
                for &index in tails {
                    let (literal, units) = &self.tails[index as usize];
                    if folded.ends_with(literal) {
                        units.iter().copied().for_each(&mut *found);
                    }
                }
            },
        );
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

/// One key of two words.
#[inline]
fn join(outer: u64, inner: u64) -> u64 {
    outer ^ spread(inner).rotate_left(29)
}

/// The two words of sixteen bytes.
#[inline]
fn words(both: [u8; DOUBLE]) -> [u64; 2] {
    let both = u128::from_le_bytes(both);
    [both as u64, (both >> 64) as u64]
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

/// Folds the text before `end` into the end of `out` and answers how many bytes were made: back to a border or until `out` is full.
fn fold_suffix(text: &str, end: usize, out: &mut [u8]) -> usize {
    if let Some(count) = fold_back(text, end, out) {
        return count;
    }
    let start = floor_boundary(text, end.saturating_sub(COMPARED * 3));
    let mut buffer = FoldBuffer::default();
    buffer.fold(text, start, end);
    let (count, room) = (buffer.bytes.len().min(out.len()), out.len());
    out[room - count..].copy_from_slice(&buffer.bytes[buffer.bytes.len() - count..]);
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_met_by_their_beginnings_and_ends() {
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
            starts.at(text, 0, &mut |unit, _| found.push(name(unit)));
            found.dedup();
            found
        };
        assert_eq!(
            begun("STORY\u{a0}con\u{ad}tinues\nbelow"),
            ["story continues below"]
        );
        assert_eq!(begun("Share"), ["share"]);
        assert_eq!(begun("AD ."), ["ad"]);
        // Neither a word that goes on nor a line that goes on.
        assert_eq!(begun("add"), [""; 0]);
        assert_eq!(begun("Ad men"), [""; 0]);
        let ends = LineEnds::new(&literals);
        let ended = |text: &str| {
            let mut found = Vec::new();
            ends.at(text, text.len(), &mut |unit| found.push(name(unit)));
            found.sort();
            found.dedup();
            found
        };
        assert_eq!(
            ended("The story continues  below"),
            ["continues below", "story continues below"]
        );
        assert_eq!(ended("Please share"), ["share"]);
        assert_eq!(ended("ＳＨＡＲＥ"), ["share"]);
    }
}
