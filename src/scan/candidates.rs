//! Places of the text where a form may stand.
//!
//! Six roads lead to a candidate, and a unit takes the cheapest that its links allow: the first bytes of a line, its last bytes, a digit at its beginning,
//! an `@` in it, a rare window inside it, or the automaton. The filter may say yes too often, never no wrongly: with the automaton alone the findings are the same.

use super::grams::{self, Grams};
use super::line_keys::{self, Beginnings, LineKeys};
use super::matcher::Matcher;
use super::units::Unit;
use super::verify::{match_form, word_starts_before};
use crate::db::{CompiledPiece, Database};
use crate::model::{Place, PlaceSet, Safety, Slot};
use crate::text::fold::{FoldBuffer, back_up, fold_ascii, match_literal, may_begin};
use crate::text::lines::{
    LINE_REACH, begins_line, content_end, floor_boundary, is_end_decoration, line_end, line_start,
    skip_decoration,
};

/// Bytes of the text that are folded at a time: small enough for the first cache.
const CHUNK: usize = 8 * 1024;
/// Bytes of the text by which stretches overlap, so that an anchor on a border is seen whole. An anchor has at most 48 folded bytes; only a marker
/// blown up by a hundred invisible characters could be longer in the text, and is then not seen across a border.
const OVERLAP: usize = 384;
/// How far before its anchor, or before its line's end, a form may begin.
const REACH: usize = 320;
/// A place where a form may stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Candidate {
    /// Where it would begin, in bytes of the text.
    pub(super) start: usize,
    /// The unit.
    pub(super) unit: u32,
    /// At which of its places.
    pub(super) place: Place,
}

/// Finds candidates.
#[derive(Debug)]
pub(super) struct Candidates {
    units: Vec<Unit>,
    line_starts: LineKeys,
    /// What safe whole-line forms begin with, whatever road they take.
    beginnings: Beginnings,
    line_ends: LineKeys,
    /// Units that begin with digits, those that end with digits (with the last byte of the literal before them), and those that hold an address or handle.
    digits: Vec<u32>,
    end_digits: Vec<(u32, u8)>,
    at_signs: Vec<u32>,
    /// Units that end a line and begin with a bracket: "(Photo: {name})".
    brackets: LineKeys,
    grams: Grams,
    /// For each stretch: the units it stands for, with their places and how many folded bytes of the literal stand before it.
    gram_units: Vec<Vec<GramUnit>>,
    automaton: Matcher,
    automaton_units: Vec<Vec<(u32, PlaceSet)>>,
}

/// A unit behind a stretch: the unit, the places it is looked for at, and how many folded bytes of its anchor stand before the stretch.
type GramUnit = (u32, PlaceSet, u32);

/// What the filter let through on a text, for measurements and for the guard against regressions: counts do not depend on a clock. Divided by the
/// text's megabytes they tell what a set of rules costs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ScanCounts {
    /// Lines looked at.
    pub lines: u64,
    /// Windows inside lines that passed the bit filter.
    pub windows: u64,
    /// Bytes of text that did not fold byte by byte and were looked at folded.
    pub regions: u64,
    /// Stretches compared behind such windows.
    pub compared: u64,
    /// Stretches met.
    pub anchors: u64,
    /// Candidates handed to verification.
    pub candidates: u64,
    /// Candidates that were verified as matches, before the guards.
    pub matches: u64,
}

impl Candidates {
    pub(super) fn new(database: &Database, prefilter: bool) -> Self {
        let units = Unit::all(database);
        let mut routes = Routes::default();
        for (index, unit) in units.iter().enumerate() {
            routes.add(database, unit, index as u32, prefilter);
        }
        let beginnings = Beginnings::new(safe_lines(&units, database).map(|(head, _)| head));
        let line_starts = LineKeys::new(&routes.starts, false);
        let line_ends = LineKeys::new(&routes.ends, true);
        let brackets = LineKeys::new(&routes.brackets, false);
        let (digits, end_digits, at_signs) = (routes.digits, routes.end_digits, routes.at_signs);
        let (stretches, gram_units) = by_key(routes.grams);
        let grams = Grams::new(&stretches);
        let (anchors, automaton_units) = by_key(routes.automaton);
        let automaton = Matcher::new(&anchors);
        Self {
            line_starts,
            beginnings,
            line_ends,
            digits,
            end_digits,
            at_signs,
            brackets,
            grams,
            gram_units,
            automaton,
            automaton_units,
            units,
        }
    }

    /// The unit of a candidate.
    pub(super) fn unit(&self, candidate: Candidate) -> &Unit {
        &self.units[candidate.unit as usize]
    }

    /// The rules, as places in the database, of which a form takes the automaton's road, because no end of a line and no window tells it.
    pub(super) fn unfiltered(&self) -> impl Iterator<Item = u32> + '_ {
        self.automaton_units
            .iter()
            .flatten()
            .map(|&(unit, _)| self.units[unit as usize].rule)
    }

    /// The folded words that safe whole-line forms begin with, sorted, with their rules.
    pub(super) fn safe_heads(&self, database: &Database) -> Vec<(Box<[u8]>, u32)> {
        let mut heads: Vec<_> = safe_lines(&self.units, database)
            .map(|(head, rule)| (head.into(), rule))
            .collect();
        heads.sort_unstable();
        heads
    }

    /// Whether a line whose content begins at `at` may begin like a whole-line form.
    pub(super) fn may_begin(&self, text: &str, at: usize) -> bool {
        self.beginnings.know(text, at)
    }

    /// All candidates of the text, sorted, each once.
    pub(super) fn find(
        &self,
        database: &Database,
        text: &str,
        counts: &mut ScanCounts,
    ) -> Vec<Candidate> {
        let mut found = Vec::new();
        if self.looks_at_lines() {
            self.find_by_lines(database, text, counts, &mut found);
        }
        self.grams.find(text, counts, |stretch, at, inner| {
            for &(unit, places, before) in &self.gram_units[stretch as usize] {
                if let Some(at) = (before as usize)
                    .checked_sub(inner)
                    .and_then(|before| back_up(text, at, before))
                {
                    self.starts(database, text, unit, places, at, false, &mut found);
                }
            }
        });
        if !self.automaton_units.is_empty() {
            self.find_by_automaton(database, text, &mut found);
        }
        found.sort_unstable();
        found.dedup();
        counts.candidates += found.len() as u64;
        found
    }

    fn looks_at_lines(&self) -> bool {
        let keys =
            !self.line_starts.is_empty() || !self.line_ends.is_empty() || !self.brackets.is_empty();
        keys || !self.digits.is_empty() || !self.end_digits.is_empty() || !self.at_signs.is_empty()
    }

    fn find_by_lines(
        &self,
        database: &Database,
        text: &str,
        counts: &mut ScanCounts,
        found: &mut Vec<Candidate>,
    ) {
        let mut line = 0;
        for end in memchr::memchr_iter(b'\n', text.as_bytes()).chain(std::iter::once(text.len())) {
            if end > line {
                counts.lines += 1;
                let content = skip_decoration(text, line);
                let mut start_here = |unit: u32| {
                    let places = self.units[unit as usize].places;
                    for place in [Place::Line, Place::LineStart, Place::Tail] {
                        if places.has(place) {
                            found.push(Candidate {
                                start: content,
                                unit,
                                place,
                            });
                        }
                    }
                };
                if !self.line_starts.is_empty() {
                    self.line_starts.at_start(text, content, &mut start_here);
                }
                match text.as_bytes().get(content) {
                    Some(b'0'..=b'9' | b'-' | b'+') => {
                        self.digits.iter().copied().for_each(&mut start_here)
                    }
                    Some(0x80..)
                        if text[content..].starts_with(|c: char| c.is_numeric() || c == '−') =>
                    {
                        self.digits.iter().copied().for_each(&mut start_here)
                    }
                    _ => {}
                }
                if !self.at_signs.is_empty()
                    && let Some(at) = memchr::memchr(b'@', &text.as_bytes()[line..end])
                        .filter(|_| end - line <= LINE_REACH)
                {
                    for &unit in &self.at_signs {
                        self.starts(database, text, unit, WHOLE_PLACES, line + at, true, found);
                    }
                }
                if !self.brackets.is_empty()
                    && let Some(start) = last_bracket(text, line, end)
                {
                    self.brackets.at_start(text, start, &mut |unit| {
                        found.push(Candidate {
                            start,
                            unit,
                            place: Place::LineEnd,
                        })
                    });
                }
                if !self.line_ends.is_empty() || !self.end_digits.is_empty() {
                    let content = content_end(text, line, end);
                    if !self.end_digits.is_empty()
                        && content > line
                        && may_end_number(text.as_bytes()[content - 1])
                    {
                        let before = before_number(text, line, content);
                        for &(unit, last) in &self.end_digits {
                            if before.is_none_or(|before| before == last) {
                                self.starts(
                                    database,
                                    text,
                                    unit,
                                    WHOLE_PLACES,
                                    content,
                                    true,
                                    found,
                                );
                            }
                        }
                    }
                    self.line_ends.at_end(text, content, &mut |unit| {
                        self.starts(database, text, unit, END_PLACES, content, true, found)
                    });
                }
            }
            line = end + 1;
        }
    }

    fn find_by_automaton(&self, database: &Database, text: &str, found: &mut Vec<Candidate>) {
        let mut buffer = FoldBuffer::default();
        let mut start = 0;
        while start < text.len() {
            let end = floor_boundary(text, (start + CHUNK).min(text.len()));
            buffer.fold(text, start, end);
            self.automaton.find(&buffer.bytes, |anchor, at| {
                let at = buffer.original(at);
                for &(unit, places) in &self.automaton_units[anchor as usize] {
                    self.starts(database, text, unit, places, at, false, found);
                }
            });
            if end == text.len() {
                break;
            }
            start = floor_boundary(text, end - OVERLAP);
        }
    }

    /// Adds the starts of `unit` at `places` when its anchor stands at `at`, or, if `at_end`, its last literal ends there.
    #[allow(
        clippy::too_many_arguments,
        reason = "the two roads differ in one flag; a struct for one call site would hide it"
    )]
    fn starts(
        &self,
        database: &Database,
        text: &str,
        unit: u32,
        places: PlaceSet,
        at: usize,
        at_end: bool,
        found: &mut Vec<Candidate>,
    ) {
        let Unit {
            anchor_piece,
            places: own,
            ..
        } = self.units[unit as usize];
        let leads = anchor_piece == 0 && !at_end;
        for place in places.iter().filter(|&place| own.has(place)) {
            match place {
                Place::Line | Place::LineStart | Place::Tail if leads => {
                    if begins_line(text, at) {
                        found.push(Candidate {
                            start: at,
                            unit,
                            place,
                        });
                    }
                }
                Place::Line | Place::LineStart | Place::Tail => {
                    let (breaks, head) = (
                        self.units[unit as usize].line_breaks(database, place),
                        self.units[unit as usize].head(database),
                    );
                    lines_before(text, at, breaks, |start| {
                        if head.is_none_or(|head| may_begin(text, start, head)) {
                            found.push(Candidate { start, unit, place });
                        }
                    });
                }
                Place::LineEnd => self.start_from_end(database, text, unit, at, found),
                Place::Inline if leads => found.push(Candidate {
                    start: at,
                    unit,
                    place,
                }),
                Place::Inline => {
                    let nearest = self
                        .nearest_start(database, text, unit, place, at)
                        .filter(|&(_, end)| end > at);
                    found.extend(nearest.map(|(start, _)| Candidate { start, unit, place }));
                }
            }
        }
    }

    /// Line-end forms begin at the nearest place before the end of the line, or of one of the next lines if a template's blank may be a line break.
    fn start_from_end(
        &self,
        database: &Database,
        text: &str,
        unit: u32,
        at: usize,
        found: &mut Vec<Candidate>,
    ) {
        let mut end = line_end(text, at);
        if self.units[unit as usize]
            .head(database)
            .is_some_and(|head| head[0] == b'(' && head.len() >= line_keys::SHORTEST)
        {
            found.extend(
                last_bracket(text, line_start(text, at), end).map(|start| Candidate {
                    start,
                    unit,
                    place: Place::LineEnd,
                }),
            );
            return;
        }
        for _ in 0..=self.units[unit as usize].line_breaks(database, Place::LineEnd) {
            let from = floor_boundary(text, end.saturating_sub(2 * REACH));
            let content = content_end(text, from, end);
            let nearest = self
                .nearest_start(database, text, unit, Place::LineEnd, content)
                .filter(|&(_, reached)| reached >= content);
            found.extend(nearest.map(|(start, _)| Candidate {
                start,
                unit,
                place: Place::LineEnd,
            }));
            if end >= text.len() || text.as_bytes().get(end + 1).is_none_or(|&b| b == b'\n') {
                break;
            }
            end = line_end(text, end + 1);
        }
    }

    /// The nearest place before `at` from which the unit matches, with the match's end. Farther ones would swallow text between.
    fn nearest_start(
        &self,
        database: &Database,
        text: &str,
        unit: u32,
        place: Place,
        at: usize,
    ) -> Option<(usize, usize)> {
        let unit = &self.units[unit as usize];
        let rule = &database.rules[unit.rule as usize];
        let (pieces, head) = (unit.pieces(database), unit.head(database));
        word_starts_before(text, at, REACH).find_map(|start| {
            if head.is_some_and(|head| {
                !may_begin(text, start, head) || match_literal(text, start, head).is_none()
            }) {
                return None;
            }
            match_form(text, pieces, place, rule.case, start).map(|end| (start, end))
        })
    }
}

/// The last opening bracket of a line that ends with a closing one, not far from its end.
fn last_bracket(text: &str, line: usize, end: usize) -> Option<usize> {
    let from = line.max(floor_boundary(text, end.saturating_sub(REACH)));
    let content = content_end(text, from, end);
    if !text.as_bytes()[content..end].contains(&b')') {
        return None;
    }
    memchr::memrchr(b'(', &text.as_bytes()[from..end]).map(|at| from + at)
}

/// Whether a number may end with this byte.
fn may_end_number(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'k' | b'K' | b'm' | b'M' | b'%' | 0x80..)
}

/// The letter before the number that ends `line..end`, folded; `None` if it is not ASCII or a line break comes between.
fn before_number(text: &str, line: usize, end: usize) -> Option<u8> {
    let passed = |byte: u8| {
        byte.is_ascii_digit()
            || matches!(byte, b'.' | b',' | b':' | b'/' | b'%' | b' ' | b'-' | b'+')
    };
    let unit = |byte: u8| matches!(byte, b'k' | b'K' | b'm' | b'M');
    let bytes = &text.as_bytes()[line..end];
    // "1.2K": the letter belongs to the number if a digit stands before it.
    let bytes = match bytes {
        [rest @ .., digit, last] if unit(*last) && digit.is_ascii_digit() => &rest[..rest.len()],
        _ => bytes,
    };
    bytes
        .iter()
        .rev()
        .find(|&&byte| !passed(byte))
        .filter(|byte| **byte < 0x80)
        .map(|&byte| fold_ascii(byte))
}

/// What the safe forms for whole lines begin with, and their rules.
fn safe_lines<'d>(
    units: &'d [Unit],
    database: &'d Database,
) -> impl Iterator<Item = (&'d [u8], u32)> {
    let safe = |unit: &&Unit| {
        unit.places.has(Place::Line)
            && database.rules[unit.rule as usize].safety_at(Place::Line) == Safety::Safe
    };
    units
        .iter()
        .filter(safe)
        .filter_map(|unit| Some((unit.head(database)?, unit.rule)))
}

/// The places of whole lines.
const WHOLE_PLACES: PlaceSet = PlaceSet::EMPTY.with(Place::Line).with(Place::Tail);

/// The places that line ends lead to.
const END_PLACES: PlaceSet = PlaceSet::EMPTY
    .with(Place::Line)
    .with(Place::LineEnd)
    .with(Place::Tail)
    .with(Place::LineStart);

/// Beginnings of the content of the line that holds `at` and of `count` lines before it in the same block.
fn lines_before(text: &str, at: usize, count: usize, mut found: impl FnMut(usize)) {
    let mut line = line_start(text, at);
    for _ in 0..=count {
        found(skip_decoration(text, line));
        // A blank line is a border.
        if line == 0
            || text.as_bytes()[..line - 1]
                .last()
                .is_none_or(|&b| b == b'\n')
        {
            break;
        }
        line = line_start(text, line - 1);
    }
}

/// Which road each unit takes.
#[derive(Default)]
struct Routes<'d> {
    starts: Vec<(u32, &'d [u8])>,
    ends: Vec<(u32, &'d [u8])>,
    digits: Vec<u32>,
    end_digits: Vec<(u32, u8)>,
    at_signs: Vec<u32>,
    brackets: Vec<(u32, &'d [u8])>,
    grams: Vec<(&'d [u8], GramUnit)>,
    automaton: Vec<(&'d [u8], (u32, PlaceSet))>,
}

impl<'d> Routes<'d> {
    fn add(&mut self, database: &'d Database, unit: &'d Unit, index: u32, prefilter: bool) {
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
        let end_digits = match pieces.as_slice() {
            [
                ..,
                CompiledPiece::Literal(literal),
                CompiledPiece::Slot(Slot::Number),
            ] => literal
                .folded
                .last()
                .copied()
                .filter(u8::is_ascii_alphabetic),
            _ => None,
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
                _ if whole && within <= 1 && end_digits.is_some() => by_end_digit = true,
                _ => inside = inside.with(place),
            }
        }
        if by_digit {
            self.digits.push(index);
        }
        if let Some(last) = end_digits.filter(|_| by_end_digit) {
            self.end_digits.push((index, last));
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

/// A line's end is compared without its decoration; so is a literal that a form ends with.
fn trim_end_decoration(literal: &[u8]) -> &[u8] {
    let text = std::str::from_utf8(literal).unwrap_or_default();
    text.trim_end_matches(|c| c == ' ' || is_end_decoration(c))
        .as_bytes()
}

/// Gathers what shares a key.
fn by_key<T: Copy + Ord>(mut pairs: Vec<(&[u8], T)>) -> (Vec<&[u8]>, Vec<Vec<T>>) {
    pairs.sort_unstable();
    let groups = pairs.chunk_by(|a, b| a.0 == b.0);
    groups
        .map(|group| (group[0].0, group.iter().map(|pair| pair.1).collect()))
        .unzip()
}
