//! Forms laid out as a tree by their links: one walk over the text tells which of them may stand at a place.
//!
//! Many forms begin alike ("Copyright {number} {name}", "Copyright {number} by {title}"), and short beginnings are met often. In the tree what they share is looked
//! at once. The walk lets through too much, never too little: it knows nothing of letter case, of words that must not be cut, and of what a single
//! form may cost; [`super::verify`] judges what it lets through.

use std::ops::Range;

use super::table::part;
use super::units::Unit;
use super::verify::gap;
use crate::db::{CompiledPiece, Database};
use crate::model::{Place, PlaceSet, Slot};
use crate::text::fold::{fold_ascii, match_literal};
use crate::text::lines::line_end;
use crate::text::slots::{self, TITLE_CHARS};

/// How many links one walk looks at before it lets through all that is left.
const STEPS: u32 = 400;

/// Forms, or what is left of them behind the links that they share: how a [`Tree`] is put together.
#[derive(Debug, Default)]
pub(super) struct Forms {
    /// Units whose forms end here, with their places.
    ends: Vec<(u32, PlaceSet)>,
    /// The literals that come next, sorted.
    literals: Vec<(Box<[u8]>, Forms)>,
    /// The slots that come next.
    slots: Vec<(Slot, Forms)>,
}

impl Forms {
    /// Adds the links of a unit from `first` on, for all its places.
    pub(super) fn add(&mut self, database: &Database, index: u32, unit: &Unit, first: usize) {
        self.add_at(database, index, unit, first, unit.places);
    }

    /// Adds the links of a unit from `first` on, for some of its places.
    pub(super) fn add_at(
        &mut self,
        database: &Database,
        index: u32,
        unit: &Unit,
        first: usize,
        places: PlaceSet,
    ) {
        let mut forms = self;
        for piece in &unit.pieces(database)[first..] {
            forms = match piece {
                CompiledPiece::Literal(literal) => forms.behind_literal(&literal.folded),
                CompiledPiece::Slot(slot) => forms.behind_slot(*slot),
            };
        }
        forms.ends.push((index, places));
    }

    fn behind_literal(&mut self, folded: &[u8]) -> &mut Self {
        let at = match self
            .literals
            .binary_search_by(|(held, _)| (**held).cmp(folded))
        {
            Ok(at) => at,
            Err(at) => {
                self.literals.insert(at, (folded.into(), Self::default()));
                at
            }
        };
        &mut self.literals[at].1
    }

    fn behind_slot(&mut self, slot: Slot) -> &mut Self {
        let at = match self.slots.iter().position(|(held, _)| *held == slot) {
            Some(at) => at,
            None => {
                self.slots.push((slot, Self::default()));
                self.slots.len() - 1
            }
        };
        &mut self.slots[at].1
    }
}

/// Forms laid out for walks: in a few arrays, what belongs together side by side. Nearly all that a walk costs is to fetch what it looks at.
#[derive(Debug, Default)]
pub(super) struct Tree {
    nodes: Vec<Node>,
    ends: Vec<(u32, PlaceSet)>,
    literals: Vec<Branch>,
    slots: Vec<(Slot, Root)>,
    bytes: Vec<u8>,
}

/// Where a walk may begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Root(u32);

/// Says of a root that it is no node but the place of an end, with nothing beside it.
const END: u32 = 1 << 31;

/// What may come at a place: ranges of the tree's arrays.
#[derive(Clone, Debug)]
struct Node {
    ends: Range<u32>,
    literals: Range<u32>,
    slots: Range<u32>,
}

/// A literal and what comes behind it.
#[derive(Clone, Debug)]
struct Branch {
    /// Its first byte.
    first: u8,
    /// A range of the tree's bytes.
    literal: Range<u32>,
    behind: Root,
}

impl Tree {
    /// Lays out some forms.
    pub(super) fn plant(&mut self, forms: &Forms) -> Root {
        let first_end = self.ends.len() as u32;
        self.ends.extend_from_slice(&forms.ends);
        if forms.ends.len() == 1 && forms.literals.is_empty() && forms.slots.is_empty() {
            return Root(first_end | END);
        }
        let node = self.nodes.len();
        let (literals, slots) = (self.literals.len() as u32, self.slots.len() as u32);
        self.nodes.push(Node {
            ends: first_end..self.ends.len() as u32,
            literals: literals..literals + forms.literals.len() as u32,
            slots: slots..slots + forms.slots.len() as u32,
        });
        // Room first, so that what is behind one branch does not come between its neighbours.
        for (literal, _) in &forms.literals {
            let byte = self.bytes.len() as u32;
            self.bytes.extend_from_slice(literal);
            self.literals.push(Branch {
                first: literal[0],
                literal: byte..self.bytes.len() as u32,
                behind: Root(0),
            });
        }
        self.slots
            .extend(forms.slots.iter().map(|&(slot, _)| (slot, Root(0))));
        for (at, (_, below)) in (literals as usize..).zip(&forms.literals) {
            self.literals[at].behind = self.plant(below);
        }
        for (at, (_, below)) in (slots as usize..).zip(&forms.slots) {
            self.slots[at].1 = self.plant(below);
        }
        Root(node as u32)
    }

    /// Calls `found` with the units whose links may go on at `at`, behind a literal that ended there, each with the places at which they may. A unit may be
    /// named more than once.
    pub(super) fn walk(
        &self,
        root: Root,
        text: &str,
        at: usize,
        found: &mut impl FnMut(u32, PlaceSet),
    ) {
        let steps = STEPS;
        Walk {
            tree: self,
            text,
            steps,
            found,
        }
        .behind(root, at);
    }

    /// The units that end at a root, and what else may come there.
    fn at(&self, root: Root) -> (&[(u32, PlaceSet)], Option<&Node>) {
        match root.0 & END {
            0 => {
                let node = &self.nodes[root.0 as usize];
                (part(&self.ends, &node.ends), Some(node))
            }
            _ => (
                std::slice::from_ref(&self.ends[(root.0 & !END) as usize]),
                None,
            ),
        }
    }

    fn all(&self, root: Root, found: &mut impl FnMut(u32, PlaceSet)) {
        let (ends, node) = self.at(root);
        ends.iter().for_each(|&(unit, places)| found(unit, places));
        let Some(node) = node else {
            return;
        };
        for branch in part(&self.literals, &node.literals) {
            self.all(branch.behind, found);
        }
        for &(_, behind) in part(&self.slots, &node.slots) {
            self.all(behind, found);
        }
    }
}

struct Walk<'t, 'f, F> {
    tree: &'t Tree,
    text: &'t str,
    steps: u32,
    found: &'f mut F,
}

impl<F: FnMut(u32, PlaceSet)> Walk<'_, '_, F> {
    /// Goes on with all that may come at `at`.
    fn behind(&mut self, root: Root, at: usize) {
        let tree = self.tree;
        let Some(steps) = self.steps.checked_sub(1) else {
            return tree.all(root, self.found);
        };
        self.steps = steps;
        let (ends, node) = tree.at(root);
        if !ends.is_empty() {
            let possible = places_that_end(self.text, at);
            for &(unit, places) in ends {
                let places = places.and(possible);
                if !places.is_empty() {
                    (self.found)(unit, places);
                }
            }
        }
        let Some(node) = node else {
            return;
        };
        if !node.literals.is_empty()
            && let Some(begin) = gap(self.text, at, 1)
        {
            self.literals(part(&tree.literals, &node.literals), begin);
        }
        for &(slot, below) in part(&tree.slots, &node.slots) {
            // As many line breaks as verification passes over before these slots.
            let breaks = usize::from(!matches!(slot, Slot::Words | Slot::Title));
            let Some(begin) = gap(self.text, at, breaks) else {
                continue;
            };
            if slot == Slot::Title {
                self.title(below, begin);
            } else {
                for end in slots::ends(slot, self.text, begin).iter() {
                    self.behind(below, end);
                }
            }
        }
    }

    /// Goes on behind the literals of some branches that stand at `begin`.
    fn literals(&mut self, branches: &[Branch], begin: usize) {
        let branches = match self.text.as_bytes().get(begin) {
            None => return,
            Some(&byte @ 0..0x80) => {
                let first = fold_ascii(byte);
                let from = branches.partition_point(|branch| branch.first < first);
                let same = branches[from..].partition_point(|branch| branch.first == first);
                &branches[from..from + same]
            }
            Some(_) => branches,
        };
        for branch in branches {
            let literal = part(&self.tree.bytes, &branch.literal);
            if let Some(end) = match_literal(self.text, begin, literal) {
                self.behind(branch.behind, end);
            }
        }
    }

    /// Goes on behind a title that begins at `begin`.
    fn title(&mut self, below: Root, begin: usize) {
        let tree = self.tree;
        let stop = line_end(self.text, begin);
        // A title may be all the rest of the line, and a slot may follow it anywhere.
        let (ends, node) = tree.at(below);
        ends.iter()
            .for_each(|&(unit, places)| (self.found)(unit, places));
        let Some(node) = node else {
            return;
        };
        for &(_, behind) in part(&tree.slots, &node.slots) {
            tree.all(behind, self.found);
        }
        let branches = part(&tree.literals, &node.literals);
        if branches.is_empty() {
            return;
        }
        // The bytes that the literals begin with, one bit for each ASCII byte.
        let ascii = branches.iter().filter(|branch| branch.first < 0x80);
        let first_bytes = ascii.fold(0_u128, |set, branch| set | 1 << branch.first);
        let bytes = &self.text.as_bytes()[begin..stop];
        let most = match bytes.get(..=TITLE_CHARS) {
            Some(first) if first.is_ascii() => first.len(),
            // Room for a title of the longest characters. Shorter ones make the walk look further than it must, which it may.
            _ => bytes.len().min((TITLE_CHARS + 1) * 4),
        };
        let mut before = b' ';
        for (offset, &byte) in bytes[..most].iter().enumerate() {
            // Where a character begins, and no word goes on: a title does not end inside a word.
            let wanted = match byte {
                0..0x80 => {
                    !(byte.is_ascii_lowercase() && before.is_ascii_alphabetic())
                        && first_bytes >> fold_ascii(byte) & 1 == 1
                }
                _ => byte >= 0xc0,
            };
            before = byte;
            if wanted && offset > 0 {
                self.literals(branches, begin + offset);
            }
        }
        if let Some(next) = gap(self.text, stop, 1) {
            self.literals(branches, next);
        }
    }
}

/// At which places a form may end at `at`: no line ends before a letter, and no match inside a word.
fn places_that_end(text: &str, at: usize) -> PlaceSet {
    let bytes = text.as_bytes();
    let (next, second) = (bytes.get(at), bytes.get(at + 1));
    let solid = if next == Some(&b' ') { second } else { next };
    let mut places = PlaceSet::EMPTY;
    if !solid.is_some_and(u8::is_ascii_alphanumeric) {
        places = places
            .with(Place::Line)
            .with(Place::Tail)
            .with(Place::LineEnd);
    }
    let lettered = at > 0 && bytes[at - 1].is_ascii_alphanumeric();
    if !lettered || !next.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit()) {
        places = places.with(Place::LineStart).with(Place::Inline);
    }
    places
}
