//! The filter for rules that act on whole lines and on line beginnings: the literals that a line may begin with, and what comes behind them.

use std::ops::Range;

use super::forms::{Forms, Root, Tree};
use super::line_keys::{COMPARED, DOUBLE, Keys, LONGEST, join, lengths, mark_at};
use super::line_opening::{Compared, Opening};
use super::table::part;
use super::units::Unit;
use super::vector;
use crate::db::Database;
use crate::model::PlaceSet;
use crate::text::fold::match_literal;

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
#[derive(Debug)]
struct First {
    /// A range of [`LineStarts::bytes`].
    literal: Range<u32>,
    /// What comes behind it.
    behind: Root,
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
        let more = part(&self.literals, &head.more);
        for First { literal, behind } in std::iter::once(&head.first).chain(more) {
            let len = literal.len();
            let known = plain.min(len);
            let end = if known == len && bytes.get(at + len).is_none_or(u8::is_ascii) {
                Some(at + len)
            } else {
                // Behind the last letter its marks may stand.
                let known = known.min(len - 1);
                match_literal(text, at + known, &part(&self.bytes, literal)[known..])
            };
            if let Some(end) = end.filter(|&end| !goes_on(bytes, end)) {
                let found = &mut |unit, places| found(unit, places, end);
                self.tree.walk(*behind, text, end, found);
            }
        }
    }
}

/// Whether a word of small letters goes on at `at`: no form has a link that ends there.
#[inline]
fn goes_on(bytes: &[u8], at: usize) -> bool {
    let small = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_lowercase);
    small(at) && small(at - 1)
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
