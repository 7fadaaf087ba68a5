//! The road by lines: their beginnings and ends, digits and signs in them.

use super::backward::{may_end_line, may_end_number, may_stand_before};
use super::candidates::{Candidate, Candidates, ScanCounts};
use super::forms::{Forms, Root, Tree};
use super::found::Found;
use super::line_ends::{Closing, LineEnds};
use super::line_opening::Opening;
use super::line_starts::LineStarts;
use super::routes::Routes;
use super::units::Unit;
use crate::db::{CompiledPiece, Database};
use crate::model::{Place, PlaceSet, Slot, Span};
use crate::text::blocks::{BLOCK, Marks};
use crate::text::fold::is_blank_byte;
use crate::text::lines::{LINE_REACH, content_end, floor_boundary, skip_decoration};

/// How far before a line's end its last bracket may open.
const REACH: usize = 320;

/// The places of whole lines.
const WHOLE_PLACES: PlaceSet = PlaceSet::EMPTY.with(Place::Line).with(Place::Tail);

/// The places that line beginnings lead to.
const START_PLACES: PlaceSet = WHOLE_PLACES.with(Place::LineStart);

/// The places that line ends lead to.
const END_PLACES: PlaceSet = START_PLACES.with(Place::LineEnd);

/// What lines are asked for.
#[derive(Debug, Default)]
pub(super) struct LineRoads {
    starts: LineStarts,
    ends: LineEnds,
    /// Units that begin with a number or a time, those that end with a number, and those that hold an address or handle (with the place of the first such
    /// slot among their links).
    digits: Option<(Tree, Root)>,
    end_digits: Vec<u32>,
    at_signs: Vec<(u32, usize)>,
    /// Units that end a line and begin with a bracket: "(Photo: {name})".
    brackets: LineStarts,
}

impl LineRoads {
    pub(super) fn new(database: &Database, units: &[Unit], routes: &Routes<'_>) -> Self {
        let mut forms = Forms::default();
        for &unit in &routes.digits {
            forms.add(database, unit, &units[unit as usize], 0);
        }
        let digits = (!routes.digits.is_empty()).then(|| {
            let mut tree = Tree::default();
            let root = tree.plant(&forms);
            (tree, root)
        });
        Self {
            starts: LineStarts::new(database, units, &routes.starts),
            ends: LineEnds::new(&routes.ends),
            digits,
            end_digits: routes.end_digits.clone(),
            at_signs: routes
                .at_signs
                .iter()
                .filter_map(|&unit| {
                    let pieces = units[unit as usize].pieces(database);
                    let slot = pieces.iter().position(is_address)?;
                    Some((unit, slot))
                })
                .collect(),
            brackets: LineStarts::new(database, units, &routes.brackets),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        let keys = self.starts.is_empty() && self.ends.is_empty() && self.brackets.is_empty();
        keys && self.digits.is_none() && self.end_digits.is_empty() && self.at_signs.is_empty()
    }

    /// Begins to read the lines of `zone`, whose ends stand at lines' ends or more than [`LINE_REACH`] bytes away from them.
    pub(super) fn read<'s>(
        &'s self,
        candidates: &'s Candidates,
        database: &'s Database,
        text: &'s str,
        zone: Span,
    ) -> Reader<'s> {
        let look = Look {
            roads: self,
            candidates,
            database,
            text,
        };
        let mut reader = Reader {
            look,
            line: zone.start,
            zone,
            sign: None,
            lines: 0,
        };
        if !self.at_signs.is_empty() {
            reader.sign = reader.next_sign(zone.start);
        }
        reader
    }
}

/// The lines of a text one by one, told of its line breaks stretch by stretch.
pub(super) struct Reader<'s> {
    look: Look<'s>,
    zone: Span,
    /// Where the line begins that is read.
    line: usize,
    /// The next `@`. Most texts hold hardly one: one search for the next instead of one in each line.
    sign: Option<usize>,
    lines: u64,
}

impl Reader<'_> {
    fn next_sign(&self, from: usize) -> Option<usize> {
        let bytes = &self.look.text.as_bytes()[from..self.zone.end];
        memchr::memchr(b'@', bytes).map(|at| from + at)
    }

    /// Adds the candidates of the lines that end in some marked blocks, which begin at `base`.
    #[inline]
    pub(super) fn lines(&mut self, base: usize, marks: &[Marks], found: &mut Found) {
        for (index, marks) in marks.iter().enumerate() {
            let mut newlines = marks.newlines;
            while newlines != 0 {
                let end = base + index * BLOCK + newlines.trailing_zeros() as usize;
                newlines &= newlines - 1;
                if end > self.line {
                    self.line(end, found);
                }
                self.line = end + 1;
            }
        }
    }

    /// Adds the candidates of the line that ends at `end` and is not empty.
    #[inline]
    fn line(&mut self, end: usize, found: &mut Found) {
        let (look, line) = (&self.look, self.line);
        self.lines += 1;
        // A line without end may be cut where it repeats.
        if line != self.zone.start || line == 0 || look.text.as_bytes()[line - 1] == b'\n' {
            look.start(line, end, found);
        }
        if end != self.zone.end || is_line_end(look.text, end) {
            look.end(line, end, found);
        }
        if let Some(at) = self.sign.filter(|&at| at < end) {
            look.sign(line, end, at, found);
            self.sign = self.next_sign(end);
        }
    }

    /// Adds the candidates of the last line, and ends the reading.
    pub(super) fn end(mut self, counts: &mut ScanCounts, found: &mut Found) {
        if self.zone.end > self.line {
            self.line(self.zone.end, found);
        }
        counts.lines += self.lines;
    }
}

fn is_line_end(text: &str, at: usize) -> bool {
    text.as_bytes().get(at).is_none_or(|&next| next == b'\n')
}

/// A look at the lines of a text.
struct Look<'s> {
    roads: &'s LineRoads,
    candidates: &'s Candidates,
    database: &'s Database,
    text: &'s str,
}

impl Look<'_> {
    /// What the line begins with.
    #[inline]
    fn start(&self, line: usize, end: usize, found: &mut Found) {
        // Nearly every line begins with a letter or with a quotation mark, and not like a literal.
        let bytes = &self.text.as_bytes()[line..end];
        if bytes[0].is_ascii_alphabetic() {
            if let Some(opening) = self.roads.starts.opening(self.text, line) {
                self.opening(line, opening, found);
            }
        } else if !self.roads.starts.exclude(bytes) {
            self.other_start(line, end, found);
        }
    }

    #[inline(never)]
    fn opening(&self, start: usize, opening: Opening, found: &mut Found) {
        let add = &mut add_starts(start, found);
        self.roads.starts.meet(self.text, start, opening, add);
    }

    /// What a line begins with of which the first byte is no letter.
    #[inline(never)]
    fn other_start(&self, line: usize, end: usize, found: &mut Found) {
        let start = skip_decoration(self.text, line);
        if start >= end {
            return;
        }
        let mut add = add_starts(start, found);
        self.roads.starts.at(self.text, start, &mut add);
        let numeric = match self.text.as_bytes()[start] {
            byte @ 0..0x80 => byte.is_ascii_digit(),
            _ => self.text[start..].starts_with(|c: char| c.is_numeric() || c == '−'),
        };
        if numeric && let Some((tree, root)) = &self.roads.digits {
            let walked = &mut |unit, places| add(unit, places, start);
            tree.walk(*root, self.text, start, walked);
        }
    }

    /// What the line ends with.
    #[inline]
    fn end(&self, line: usize, end: usize, found: &mut Found) {
        // Most lines end with a letter, with a full stop behind one, or with a quotation mark, and not like a literal. A letter may belong to a number: "12k".
        let content = match &self.text.as_bytes()[line..end] {
            [.., last] if is_plain_end(*last) => end,
            [.., last, b'.'] if is_plain_end(*last) => end - 1,
            bytes if self.roads.ends.exclude(bytes) => return,
            _ => return self.other_end(line, end, found),
        };
        if let Some(closing) = self.roads.ends.closing(self.text, content) {
            self.closing(content, closing, found);
        }
    }

    #[inline(never)]
    fn closing(&self, content: usize, closing: Closing, found: &mut Found) {
        let mut ends_here = |unit| self.ends_here(content, unit, END_PLACES, found);
        self.roads
            .ends
            .meet(self.text, content, closing, &mut ends_here);
    }

    /// What a line ends with that does not end as most do.
    #[inline(never)]
    fn other_end(&self, line: usize, end: usize, found: &mut Found) {
        let Self { roads, text, .. } = *self;
        let content = content_end(text, line, end);
        if !roads.brackets.is_empty()
            && let Some(start) = last_bracket(text, line, content, end)
        {
            roads.brackets.at(text, start, &mut |unit, places, _| {
                if places.has(Place::LineEnd) {
                    found.push(Candidate::new(start, unit, Place::LineEnd));
                }
            });
        }
        if content <= line {
            return;
        }
        if may_end_number(&text[..content]) {
            for &unit in &roads.end_digits {
                self.ends_here(content, unit, WHOLE_PLACES, found);
            }
        }
        let mut ends_here = |unit| self.ends_here(content, unit, END_PLACES, found);
        roads.ends.at(text, content, &mut ends_here);
    }

    /// Adds the places of a unit that may end where a line's content does.
    fn ends_here(&self, content: usize, unit: u32, places: PlaceSet, found: &mut Found) {
        let Self {
            candidates,
            database,
            text,
            ..
        } = *self;
        if may_end_line(text, content, candidates.pieces(database, unit)) {
            candidates.starts(database, text, unit, places, content, true, found);
        }
    }

    /// Signs of an address in the line, of which the first stands at `at`.
    fn sign(&self, line: usize, end: usize, at: usize, found: &mut Found) {
        if end - line > LINE_REACH {
            return;
        }
        let Self {
            roads,
            candidates,
            database,
            text,
        } = *self;
        for &(unit, slot) in &roads.at_signs {
            let before = &candidates.pieces(database, unit)[..slot];
            let handle =
                candidates.pieces(database, unit)[slot] == CompiledPiece::Slot(Slot::Handle);
            // A handle begins at its sign; where an address begins is not known, but for one behind a literal of another script.
            let may_begin = |sign: usize| {
                if handle {
                    may_stand_before(text, sign, before)
                } else {
                    !is_foreign(before) || stands_behind_foreign(text, sign)
                }
            };
            let signs = memchr::memchr_iter(b'@', &text.as_bytes()[at..end]);
            if signs
                .take(SIGNS)
                .enumerate()
                .any(|(count, sign)| count + 1 == SIGNS || may_begin(at + sign))
            {
                candidates.starts(database, text, unit, WHOLE_PLACES, at, true, found);
            }
        }
    }
}

/// Adds what the line whose content begins at `start` may begin with.
fn add_starts(start: usize, found: &mut Found) -> impl FnMut(u32, PlaceSet, usize) {
    move |unit, places, end| {
        let places = places.and(START_PLACES).iter();
        // No first link is so long that it does not fit.
        let first = (end - start) as u32;
        found.extend(places.map(|place| Candidate {
            first,
            ..Candidate::new(start, unit, place)
        }));
    }
}

/// Whether a byte is a letter that belongs to no number.
#[inline]
fn is_plain_end(byte: u8) -> bool {
    byte.is_ascii_alphabetic() && !matches!(byte, b'k' | b'K' | b'm' | b'M')
}

/// How many signs of a line are looked at singly.
const SIGNS: usize = 8;

fn is_address(piece: &CompiledPiece) -> bool {
    matches!(piece, CompiledPiece::Slot(Slot::Email | Slot::Handle))
}

/// Whether the last of the links is a literal that ends outside ASCII.
fn is_foreign(pieces: &[CompiledPiece]) -> bool {
    matches!(pieces, [.., CompiledPiece::Literal(literal)] if literal.folded.last().is_some_and(|&last| last >= 0x80))
}

/// Whether what stands before the address with the sign at `sign`, and before blanks, is outside ASCII. An address is ASCII.
fn stands_behind_foreign(text: &str, sign: usize) -> bool {
    let mut before = text.as_bytes()[..sign].iter().rev();
    before
        .find(|byte| !byte.is_ascii_graphic())
        .into_iter()
        .chain(before)
        .find(|byte| !is_blank_byte(**byte))
        .is_some_and(|&byte| byte >= 0x80)
}

/// The last opening bracket of a line that ends with a closing one, not far from its end. `content` is where the line's content ends.
pub(super) fn last_bracket(text: &str, line: usize, content: usize, end: usize) -> Option<usize> {
    if content == end {
        return None;
    }
    let from = line.max(floor_boundary(text, end.saturating_sub(REACH)));
    let content = content.max(from);
    if !text.as_bytes()[content..end].contains(&b')') {
        return None;
    }
    memchr::memrchr(b'(', &text.as_bytes()[from..end]).map(|at| from + at)
}
