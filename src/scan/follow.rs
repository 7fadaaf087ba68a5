//! What must stand behind a form's first literal: a cheap look that spares most forms the full comparison.
//!
//! Many forms begin alike ("Copyright {number} {name}", "Copyright {number} by {title}"), and short beginnings are met often. What can follow is
//! looked at once for all of them: whether anything may follow at all, where the slot may end, and with which byte the literal behind the slot begins.

use super::units::Unit;
use super::verify::gap;
use crate::db::{CompiledPiece, Database};
use crate::model::{Place, PlaceSet, Slot};
use crate::text::fold::{fold_ascii, is_blank_byte};
use crate::text::slots;

/// Forms that begin with the same literal, or with none, by what comes next.
#[derive(Debug, Default)]
pub(super) struct Follows {
    groups: Vec<Group>,
}

/// Forms with the same link next.
#[derive(Debug)]
struct Group {
    next: Next,
    /// With which bytes the literals behind the slot begin, as bits of [`Behind`].
    behind: Behind,
    units: Vec<(u32, PlaceSet, Behind)>,
}

/// The link behind the first literal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    /// The form ends there.
    Nothing,
    /// A slot that has few ends.
    Slot(Slot),
    /// Anything else: not looked at.
    Any,
}

/// What stands at one or several places: the bit of an ASCII byte, [`Behind::END`] for what may end a line, [`Behind::ANY`] for what only the full
/// comparison can judge. ASCII control characters never begin a literal, so that their bits are free.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Behind(u128);

impl Behind {
    const ANY: Self = Self(1);
    const END: Self = Self(2);
    const ALL: Self = Self(u128::MAX);

    /// What the links at the head of `pieces` ask for.
    fn wanted(pieces: &[CompiledPiece], places: PlaceSet) -> Self {
        match pieces.first() {
            None if places.has(Place::LineStart) || places.has(Place::LineEnd) => Self::ALL,
            None => Self(Self::ANY.0 | Self::END.0),
            Some(CompiledPiece::Literal(literal)) => match literal.folded[0] {
                first @ b'!'..0x80 => Self(Self::ANY.0 | 1 << first),
                _ => Self::ALL,
            },
            Some(CompiledPiece::Slot(_)) => Self::ALL,
        }
    }

    /// What stands behind a slot that ends at `at`.
    fn found(text: &str, at: usize) -> Self {
        let bytes = text.as_bytes();
        let end = match bytes.get(at) {
            Some(b' ') => bytes.get(at + 1),
            other => other,
        };
        let mut found = if end.is_some_and(u8::is_ascii_alphanumeric) {
            0
        } else {
            Self::END.0
        };
        if let Some(begin) = gap(text, at, 1) {
            match bytes.get(begin) {
                Some(&byte) if byte >= 0x80 || is_blank_byte(byte) => found |= Self::ANY.0,
                Some(&byte) => found |= 1 << fold_ascii(byte),
                None => {}
            }
        }
        Self(found)
    }

    fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

impl Follows {
    /// Adds a unit whose links from `first` on are to be looked at.
    pub(super) fn add(&mut self, database: &Database, index: u32, unit: &Unit, first: usize) {
        let pieces = &unit.pieces(database)[first..];
        let (next, behind) = match pieces {
            [] => (Next::Nothing, Behind::default()),
            [CompiledPiece::Slot(Slot::Title), ..] | [CompiledPiece::Literal(_), ..] => {
                (Next::Any, Behind::default())
            }
            [CompiledPiece::Slot(slot), rest @ ..] => {
                (Next::Slot(*slot), Behind::wanted(rest, unit.places))
            }
        };
        let group = match self.groups.iter().position(|group| group.next == next) {
            Some(at) => &mut self.groups[at],
            None => {
                self.groups.push(Group {
                    next,
                    behind: Behind::default(),
                    units: Vec::new(),
                });
                let last = self.groups.len() - 1;
                &mut self.groups[last]
            }
        };
        group.behind.0 |= behind.0;
        group.units.push((index, unit.places, behind));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }

    /// Calls `found` with the units whose links may go on at `at`, where the first literal ended, each with the places at which they may.
    pub(super) fn at(&self, text: &str, at: usize, found: &mut impl FnMut(u32, PlaceSet)) {
        for group in &self.groups {
            match group.next {
                Next::Any => {
                    for &(unit, places, _) in &group.units {
                        found(unit, places);
                    }
                }
                Next::Nothing => {
                    let possible = places_that_end(text, at);
                    for &(unit, places, _) in &group.units {
                        let places = places.and(possible);
                        if !places.is_empty() {
                            found(unit, places);
                        }
                    }
                }
                Next::Slot(slot) => {
                    let Some(begin) = gap(text, at, usize::from(slot != Slot::Words)) else {
                        continue;
                    };
                    let behind = slots::ends(slot, text, begin)
                        .iter()
                        .fold(0, |behind, end| behind | Behind::found(text, end).0);
                    if !Behind(behind).meets(group.behind) {
                        continue;
                    }
                    for &(unit, places, wanted) in &group.units {
                        if wanted.meets(Behind(behind)) {
                            found(unit, places);
                        }
                    }
                }
            }
        }
    }
}

/// At which places a form may end with the literal that ends at `at`: no line ends before a letter, and no match inside a word.
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
        places = places.with(Place::LineStart);
    }
    places
}
