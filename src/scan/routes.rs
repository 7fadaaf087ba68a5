//! Which road each unit takes: the cheapest that its links allow.

use super::backward::trim_end_decoration;
use super::candidates::GramUnit;
use super::grams;
use super::line_keys;
use super::units::Unit;
use crate::db::{CompiledPiece, Database};
use crate::model::{Place, PlaceSet, Slot};

/// Which road each unit takes.
#[derive(Default)]
pub(super) struct Routes<'d> {
    pub(super) starts: Vec<(u32, &'d [u8])>,
    pub(super) ends: Vec<(u32, &'d [u8])>,
    pub(super) digits: Vec<u32>,
    pub(super) end_digits: Vec<u32>,
    pub(super) at_signs: Vec<u32>,
    pub(super) brackets: Vec<(u32, &'d [u8])>,
    pub(super) grams: Vec<(&'d [u8], GramUnit)>,
    pub(super) automaton: Vec<(&'d [u8], (u32, PlaceSet))>,
}

impl<'d> Routes<'d> {
    /// Chooses the roads of a unit.
    pub(super) fn add(
        &mut self,
        database: &'d Database,
        unit: &'d Unit,
        index: u32,
        prefilter: bool,
    ) {
        let anchor = unit.anchor(database);
        if !prefilter {
            self.automaton.push((anchor, (index, unit.places)));
            return;
        }
        let mut inside = PlaceSet::EMPTY;
        let (mut by_start, mut by_end, mut by_digit, mut by_end_digit, mut by_at_sign) =
            (false, false, false, false, false);
        let head = unit
            .head(database)
            .filter(|head| head.len() >= line_keys::SHORTEST);
        let tail = unit
            .tail(database)
            .map(trim_end_decoration)
            .filter(|tail| tail.len() >= line_keys::SHORTEST);
        let pieces = unit.pieces(database);
        let digits = matches!(
            pieces.first(),
            Some(CompiledPiece::Slot(Slot::Number | Slot::Time))
        );
        let end_digits = match pieces {
            [
                ..,
                CompiledPiece::Literal(literal),
                CompiledPiece::Slot(Slot::Number),
            ] => literal.folded.last().is_some_and(u8::is_ascii_alphabetic),
            _ => false,
        };
        let at_sign = pieces
            .iter()
            .any(|piece| matches!(piece, CompiledPiece::Slot(Slot::Email | Slot::Handle)));
        // The more bytes a road goes by, the fewer lines it stops at for nothing.
        let weight = |literal: Option<&[u8]>| {
            literal.map_or(0, |literal| literal.len().min(line_keys::LONGEST))
        };
        // Looking for a stretch is dear, and most forms go by their first or last bytes.
        let told =
            weight(head).max(weight(tail)) == line_keys::LONGEST && !unit.places.has(Place::Inline);
        let stretch = if told { None } else { grams::stretch(anchor) };
        let (at_start, at_end, within) = (
            weight(head),
            weight(tail),
            stretch.map_or(0, |(_, length)| {
                if length == grams::LONGEST {
                    line_keys::LONGEST - 1
                } else {
                    1
                }
            }),
        );
        for place in unit.places.iter() {
            let whole = matches!(place, Place::Line | Place::Tail);
            match place {
                Place::LineEnd if head.is_some_and(|head| head[0] == b'(') => {
                    self.brackets.extend(head.map(|head| (index, head)))
                }
                _ if whole && at_start > 0 && at_start >= at_end.max(within) => by_start = true,
                _ if whole && at_end > 0 && at_end >= within => by_end = true,
                Place::LineStart if at_start > 0 => by_start = true,
                Place::LineEnd if at_end > 0 => by_end = true,
                _ if whole && within <= 1 && at_sign => by_at_sign = true,
                Place::Line | Place::Tail | Place::LineStart if within <= 1 && digits => {
                    by_digit = true
                }
                _ if whole && within <= 1 && end_digits => by_end_digit = true,
                _ => inside = inside.with(place),
            }
        }
        if by_digit {
            self.digits.push(index);
        }
        if by_end_digit {
            self.end_digits.push(index);
        }
        if by_at_sign {
            self.at_signs.push(index);
        }
        if let Some(head) = head.filter(|_| by_start) {
            self.starts.push((index, head));
        }
        if let Some(tail) = tail.filter(|_| by_end) {
            self.ends.push((index, tail));
        }
        if !inside.is_empty() {
            match stretch.or_else(|| grams::stretch(anchor)) {
                Some((first, length)) => self.grams.push((
                    &anchor[first..first + length],
                    (index, inside, first as u32),
                )),
                None => self.automaton.push((anchor, (index, inside))),
            }
        }
    }
}

/// Gathers what shares a key.
pub(super) fn by_key<T: Copy + Ord>(mut pairs: Vec<(&[u8], T)>) -> (Vec<&[u8]>, Vec<Vec<T>>) {
    pairs.sort_unstable();
    let groups = pairs.chunk_by(|a, b| a.0 == b.0);
    groups
        .map(|group| (group[0].0, group.iter().map(|pair| pair.1).collect()))
        .unzip()
}
