//! What there is to look for: each form with the places that share its links, and the anchor by which the automaton meets it.

use crate::db::{CompiledPiece, Database, Pieces};
use crate::model::{Place, PlaceSet};

/// The most bytes of a literal that serve as an anchor.
const ANCHOR_BYTES: usize = 48;

/// A form at the places where the same links count.
#[derive(Clone, Debug)]
pub(super) struct Unit {
    /// Its form, as a place in the database.
    pub(super) form: u32,
    /// Its rule, as a place in the database.
    pub(super) rule: u32,
    /// Where it may stand.
    pub(super) places: PlaceSet,
    /// Whether the links are those without decoration.
    bare: bool,
    /// Which link holds the anchor.
    pub(super) anchor_piece: usize,
}

impl Unit {
    /// All units of a database.
    pub(super) fn all(database: &Database) -> Vec<Self> {
        let mut units = Vec::with_capacity(database.forms.len());
        for (form_index, form) in database.forms.iter().enumerate() {
            let rule = &database.rules[form.rule as usize];
            let (mut plain, mut bare) = (PlaceSet::EMPTY, PlaceSet::EMPTY);
            for place in rule.places.iter() {
                if place == Place::Inline || form.bare.is_none() {
                    plain = plain.with(place);
                } else {
                    bare = bare.with(place);
                }
            }
            for (places, is_bare) in [(plain, false), (bare, true)] {
                if places.is_empty() {
                    continue;
                }
                let mut unit = Self { form: form_index as u32, rule: form.rule, places, bare: is_bare, anchor_piece: 0 };
                let Some(anchor_piece) = anchor_piece(unit.pieces(database)) else { continue };
                unit.anchor_piece = anchor_piece;
                units.push(unit);
            }
        }
        units
    }

    /// Its links.
    pub(super) fn pieces<'d>(&self, database: &'d Database) -> &'d Pieces {
        let form = &database.forms[self.form as usize];
        match (&form.bare, self.bare) {
            (Some(bare), true) => bare,
            _ => &form.pieces,
        }
    }

    /// The anchor: the beginning of its longest literal.
    pub(super) fn anchor<'d>(&self, database: &'d Database) -> &'d [u8] {
        match &self.pieces(database)[self.anchor_piece] {
            CompiledPiece::Literal(literal) => &literal.folded[..literal.folded.len().min(ANCHOR_BYTES)],
            CompiledPiece::Slot(_) => &[],
        }
    }
}

/// The longest literal; the first of equals.
fn anchor_piece(pieces: &Pieces) -> Option<usize> {
    let length = |piece: &CompiledPiece| match piece {
        CompiledPiece::Literal(literal) => literal.folded.len().min(ANCHOR_BYTES),
        CompiledPiece::Slot(_) => 0,
    };
    let longest = pieces.iter().map(length).max().filter(|&length| length > 0)?;
    pieces.iter().position(|piece| length(piece) == longest)
}
