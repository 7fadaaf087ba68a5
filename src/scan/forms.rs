//! Forms laid out as a tree by their links: one walk over the text tells which of them may stand at a place.
//!
//! Many forms begin alike ("Copyright {number} {name}", "Copyright {number} by {title}"), and short beginnings are met often. In the tree what they share is looked
//! at once. The walk lets through too much, never too little: it knows nothing of letter case, of words that must not be cut, and of what a single
//! form may cost; [`super::verify`] judges what it lets through.

use super::units::Unit;
use super::verify::gap;
use crate::db::{CompiledPiece, Database};
use crate::model::{Place, PlaceSet, Slot};
use crate::text::fold::{fold_ascii, match_literal};
use crate::text::lines::line_end;
use crate::text::slots::{self, TITLE_CHARS};

/// How many links one walk looks at before it lets through all that is left.
const STEPS: u32 = 400;

/// Forms, or what is left of them behind the links that they share.
#[derive(Debug, Default)]
pub(super) struct Forms {
    /// Units whose forms end here, with their places.
    ends: Vec<(u32, PlaceSet)>,
    /// The literals that come next, in the order of their first bytes.
    literals: Vec<(Box<[u8]>, Forms)>,
    /// With which bytes they begin, one bit for each ASCII byte.
    first_bytes: u128,
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
        if let first @ 0..0x80 = folded[0] {
            self.first_bytes |= 1 << first;
        }
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

    pub(super) fn is_empty(&self) -> bool {
        self.ends.is_empty() && self.literals.is_empty() && self.slots.is_empty()
    }

    /// Calls `found` with the units whose links may go on at `at`, behind a literal that ended there, each with the places at which they may. A unit may be
    /// named more than once.
    pub(super) fn walk(&self, text: &str, at: usize, found: &mut impl FnMut(u32, PlaceSet)) {
        let steps = STEPS;
        Walk { text, steps, found }.behind(self, at);
    }

    fn all(&self, found: &mut impl FnMut(u32, PlaceSet)) {
        self.ends
            .iter()
            .for_each(|&(unit, places)| found(unit, places));
        let below = self.literals.iter().map(|(_, forms)| forms);
        for forms in below.chain(self.slots.iter().map(|(_, forms)| forms)) {
            forms.all(found);
        }
    }
}

struct Walk<'t, 'f, F> {
    text: &'t str,
    steps: u32,
    found: &'f mut F,
}

impl<F: FnMut(u32, PlaceSet)> Walk<'_, '_, F> {
    /// Goes on with all that may come at `at`.
    fn behind(&mut self, forms: &Forms, at: usize) {
        let Some(steps) = self.steps.checked_sub(1) else {
            return forms.all(self.found);
        };
        self.steps = steps;
        if !forms.ends.is_empty() {
            let possible = places_that_end(self.text, at);
            for &(unit, places) in &forms.ends {
                let places = places.and(possible);
                if !places.is_empty() {
                    (self.found)(unit, places);
                }
            }
        }
        if !forms.literals.is_empty()
            && let Some(begin) = gap(self.text, at, 1)
        {
            self.literals(forms, begin);
        }
        for (slot, below) in &forms.slots {
            // As many line breaks as verification passes over before these slots.
            let breaks = usize::from(!matches!(slot, Slot::Words | Slot::Title));
            let Some(begin) = gap(self.text, at, breaks) else {
                continue;
            };
            if *slot == Slot::Title {
                self.title(below, begin);
            } else {
                for end in slots::ends(*slot, self.text, begin).iter() {
                    self.behind(below, end);
                }
            }
        }
    }

    /// Goes on behind the literals that stand at `begin`.
    fn literals(&mut self, forms: &Forms, begin: usize) {
        let literals = match self.text.as_bytes().get(begin) {
            None => return,
            Some(&byte @ 0..0x80) => {
                let first = fold_ascii(byte);
                if forms.first_bytes >> first & 1 == 0 {
                    return;
                }
                let from = forms
                    .literals
                    .partition_point(|(literal, _)| literal[0] < first);
                let same =
                    forms.literals[from..].partition_point(|(literal, _)| literal[0] == first);
                &forms.literals[from..from + same]
            }
            Some(_) => &forms.literals[..],
        };
        for (literal, below) in literals {
            if let Some(end) = match_literal(self.text, begin, literal) {
                self.behind(below, end);
            }
        }
    }

    /// Goes on behind a title that begins at `begin`.
    fn title(&mut self, below: &Forms, begin: usize) {
        let stop = line_end(self.text, begin);
        // A title may be all the rest of the line, and a slot may follow it anywhere.
        below
            .ends
            .iter()
            .for_each(|&(unit, places)| (self.found)(unit, places));
        for (_, forms) in &below.slots {
            forms.all(self.found);
        }
        if below.literals.is_empty() {
            return;
        }
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
                    below.first_bytes >> fold_ascii(byte) & 1 == 1
                        && !(byte.is_ascii_lowercase() && before.is_ascii_alphabetic())
                }
                _ => byte >= 0xc0,
            };
            before = byte;
            if wanted && offset > 0 {
                self.literals(below, begin + offset);
            }
        }
        if let Some(next) = gap(self.text, stop, 1) {
            self.literals(below, next);
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
