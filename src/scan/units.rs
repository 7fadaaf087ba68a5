//! What there is to look for: each form with the places that share its links, and the anchor by which the automaton meets it.

use crate::db::{CompiledPiece, Database, Pieces};
use crate::model::{Case, Place, PlaceSet};
use crate::text::lines::{is_decoration, is_end_decoration};

/// The most bytes of a literal that serve as an anchor.
const ANCHOR_BYTES: usize = 48;

/// The most line breaks in a match.
pub(crate) const MOST_BREAKS: usize = 8;

/// A form at the places where the same links count.
#[derive(Clone, Debug)]
pub(super) struct Unit {
    /// Its rule, as a place in the database.
    pub(super) rule: u32,
    /// Where it may stand.
    pub(super) places: PlaceSet,
    /// Whether its only link is a literal that may be written in any letter case. Told here, because links are far away.
    pub(super) plain: bool,
    /// Its form, as a place in the database.
    form: u32,
    /// Its links where they differ from the form's: without decoration at the ends that touch a line's.
    bare: Option<Box<[CompiledPiece]>>,
    /// Which link holds the anchor.
    pub(super) anchor_piece: u32,
}

impl Unit {
    /// All units of a database.
    pub(super) fn all(database: &Database) -> Vec<Self> {
        let mut units = Vec::with_capacity(database.forms.len());
        for (index, form) in database.forms.iter().enumerate() {
            let mut groups: [(PlaceSet, Option<Pieces>); 4] = Default::default();
            for place in database.rules[form.rule as usize].places.iter() {
                let (front, back) = match place {
                    Place::Line | Place::Tail => (true, true),
                    Place::LineStart => (true, false),
                    Place::LineEnd => (false, true),
                    Place::Inline => (false, false),
                };
                let bare = bare(&form.pieces, front, back);
                let group = groups
                    .iter_mut()
                    .find(|(places, links)| places.is_empty() || *links == bare);
                if let Some(group) = group {
                    *group = (group.0.with(place), bare);
                }
            }
            for (places, bare) in groups.into_iter().filter(|(places, _)| !places.is_empty()) {
                let pieces = bare.as_ref().unwrap_or(&form.pieces);
                if let Some(anchor_piece) = anchor_piece(pieces) {
                    let literal = matches!(pieces.as_slice(), [CompiledPiece::Literal(_)]);
                    units.push(Self {
                        rule: form.rule,
                        places,
                        plain: literal && database.rules[form.rule as usize].case == Case::Fold,
                        form: index as u32,
                        bare: bare.map(Vec::into_boxed_slice),
                        anchor_piece: anchor_piece as u32,
                    });
                }
            }
        }
        units
    }

    /// Its links.
    pub(super) fn pieces<'d>(&'d self, database: &'d Database) -> &'d [CompiledPiece] {
        match &self.bare {
            Some(bare) => bare,
            None => &database.forms[self.form as usize].pieces,
        }
    }

    /// The anchor: the beginning of its longest literal.
    pub(super) fn anchor<'d>(&'d self, database: &'d Database) -> &'d [u8] {
        let folded =
            literal(self.pieces(database).get(self.anchor_piece as usize)).unwrap_or_default();
        &folded[..folded.len().min(ANCHOR_BYTES)]
    }

    /// The folded literal it begins with, if it begins with one.
    pub(super) fn head<'d>(&'d self, database: &'d Database) -> Option<&'d [u8]> {
        literal(self.pieces(database).first())
    }

    /// How many line breaks a match may hold: enough for a notice that a mail program broke into short lines, and few where each costs a search.
    pub(super) fn line_breaks(&self, database: &Database, place: Place) -> usize {
        match (self.head(database), place) {
            // Without a first literal, every line before the anchor's is a place to try.
            (None, _) => 1,
            (Some(_), Place::LineEnd) => 3,
            (Some(_), _) => MOST_BREAKS,
        }
    }

    /// The folded literal it ends with, if it ends with one.
    pub(super) fn tail<'d>(&'d self, database: &'d Database) -> Option<&'d [u8]> {
        literal(self.pieces(database).last())
    }
}

fn literal(piece: Option<&CompiledPiece>) -> Option<&[u8]> {
    match piece {
        Some(CompiledPiece::Literal(literal)) => Some(&literal.folded),
        _ => None,
    }
}

/// The longest literal; the first of equals.
fn anchor_piece(pieces: &Pieces) -> Option<usize> {
    let length = |piece: &CompiledPiece| {
        literal(Some(piece)).map_or(0, |folded| folded.len().min(ANCHOR_BYTES))
    };
    let longest = pieces
        .iter()
        .map(length)
        .max()
        .filter(|&length| length > 0)?;
    pieces.iter().position(|piece| length(piece) == longest)
}

/// The links without decoration at their front or back, because the text's decoration there is passed over too. `None` if there is none.
///
/// Folding turns decoration into decoration and nothing else into it, so that folded links can be trimmed.
fn bare(pieces: &Pieces, front: bool, back: bool) -> Option<Pieces> {
    let trimmed = |piece: Option<&CompiledPiece>, front: bool| -> Option<Box<[u8]>> {
        let folded = literal(piece)?;
        let text = std::str::from_utf8(folded).ok()?;
        let trimmed = if front {
            text.trim_start_matches(|c| c == ' ' || is_decoration(c))
        } else {
            text.trim_end_matches(|c| c == ' ' || is_end_decoration(c))
        };
        (trimmed.len() < text.len()).then(|| trimmed.as_bytes().into())
    };
    // Nearly all links are bare as they are, and there are many.
    let changed = |front, piece| trimmed(piece, front).is_some();
    if !(front && changed(true, pieces.first()) || back && changed(false, pieces.last())) {
        return None;
    }
    let mut bare = pieces.clone();
    let trim = |piece: Option<&mut CompiledPiece>, front: bool| {
        let text = trimmed(piece.as_deref(), front);
        if let (Some(CompiledPiece::Literal(literal)), Some(text)) = (piece, text) {
            literal.folded = text;
        }
    };
    if front {
        trim(bare.first_mut(), true);
    }
    if back {
        trim(bare.last_mut(), false);
    }
    bare.retain(|piece| literal(Some(piece)).is_none_or(|folded| !folded.is_empty()));
    (!bare.is_empty()).then_some(bare)
}
