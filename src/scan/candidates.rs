//! Places of the text where a form may stand.
//!
//! Four roads lead to a candidate, and a unit takes the cheapest that its links allow: the first bytes of a line, its last bytes, a rare window
//! inside it, or the automaton. The filter may say yes too often, never no wrongly: with the automaton alone the findings are the same.

use super::grams::{self, GramCounts, Grams};
use super::line_keys::{self, LineKeys};
use super::matcher::Matcher;
use super::units::Unit;
use super::verify::{match_form, word_starts_before};
use crate::db::Database;
use crate::model::{Place, PlaceSet};
use crate::text::fold::{FoldBuffer, match_literal};
use crate::text::lines::{begins_line, content_end, floor_boundary, is_end_decoration, line_end, line_start, skip_decoration};

/// Bytes of the text that are folded at a time: small enough for the first cache.
const CHUNK: usize = 8 * 1024;
/// Bytes of the text by which stretches overlap, so that an anchor on a border is seen whole. An anchor has at most 48 folded bytes; only a marker
/// blown up by a hundred invisible characters could be longer in the text, and is then not seen across a border.
const OVERLAP: usize = 384;
/// How far before its anchor, or before its line's end, a form may begin.
const REACH: usize = 320;
/// How many lines before its anchor's line a whole-line form may begin.
const LINES_BACK: usize = 3;

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
    line_ends: LineKeys,
    grams: Grams,
    gram_units: Vec<Vec<(u32, PlaceSet)>>,
    automaton: Matcher,
    automaton_units: Vec<Vec<(u32, PlaceSet)>>,
}

/// What the filter let through on a text, for measurements and for the guard against regressions: counts do not depend on a clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    /// Lines looked at.
    pub(crate) lines: u64,
    /// The gram filter's counts.
    pub(crate) grams: GramCounts,
    /// Candidates handed to verification.
    pub(crate) candidates: u64,
}

impl Candidates {
    pub(super) fn new(database: &Database, prefilter: bool) -> Self {
        let units = Unit::all(database);
        let mut routes = Routes::default();
        for (index, unit) in units.iter().enumerate() {
            routes.add(database, unit, index as u32, prefilter);
        }
        let line_starts = LineKeys::new(&routes.starts, false);
        let line_ends = LineKeys::new(&routes.ends, true);
        let (anchors, gram_units) = by_anchor(routes.grams);
        let grams = Grams::new(&anchors);
        let (anchors, automaton_units) = by_anchor(routes.automaton);
        let automaton = Matcher::new(&anchors);
        Self { line_starts, line_ends, grams, gram_units, automaton, automaton_units, units }
    }

    /// The unit of a candidate.
    pub(super) fn unit(&self, candidate: Candidate) -> &Unit {
        &self.units[candidate.unit as usize]
    }

    /// All candidates of the text, sorted, each once.
    pub(super) fn find(&self, database: &Database, text: &str, counts: &mut Counts) -> Vec<Candidate> {
        let mut found = Vec::new();
        if !self.line_starts.is_empty() || !self.line_ends.is_empty() {
            self.find_by_lines(database, text, counts, &mut found);
        }
        if !self.gram_units.is_empty() || !self.automaton_units.is_empty() {
            self.find_by_anchors(database, text, counts, &mut found);
        }
        found.sort_unstable();
        found.dedup();
        counts.candidates += found.len() as u64;
        found
    }

    fn find_by_lines(&self, database: &Database, text: &str, counts: &mut Counts, found: &mut Vec<Candidate>) {
        let mut line = 0;
        for end in memchr::memchr_iter(b'\n', text.as_bytes()).chain(std::iter::once(text.len())) {
            if end > line {
                counts.lines += 1;
                let content = skip_decoration(text, line);
                self.line_starts.at_start(text, content, &mut |unit| {
                    let places = self.units[unit as usize].places;
                    for place in [Place::Line, Place::LineStart, Place::Tail] {
                        if places.has(place) {
                            found.push(Candidate { start: content, unit, place });
                        }
                    }
                });
                if !self.line_ends.is_empty() {
                    let content = content_end(text, line, end);
                    self.line_ends.at_end(text, content, &mut |unit| self.starts(database, text, unit, END_PLACES, content, true, found));
                }
            }
            line = end + 1;
        }
    }

    fn find_by_anchors(&self, database: &Database, text: &str, counts: &mut Counts, found: &mut Vec<Candidate>) {
        let mut buffer = FoldBuffer::default();
        let mut start = 0;
        while start < text.len() {
            let end = floor_boundary(text, (start + CHUNK).min(text.len()));
            buffer.fold(text, start, end);
            self.grams.find(&buffer.bytes, &mut counts.grams, |anchor, at| {
                let at = buffer.original(at);
                for &(unit, places) in &self.gram_units[anchor as usize] {
                    self.starts(database, text, unit, places, at, false, found);
                }
            });
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
    #[allow(clippy::too_many_arguments, reason = "the two roads differ in one flag; a struct for one call site would hide it")]
    fn starts(&self, database: &Database, text: &str, unit: u32, places: PlaceSet, at: usize, at_end: bool, found: &mut Vec<Candidate>) {
        let Unit { anchor_piece, places: own, .. } = self.units[unit as usize];
        let leads = anchor_piece == 0 && !at_end;
        for place in places.iter().filter(|&place| own.has(place)) {
            match place {
                Place::Line | Place::LineStart | Place::Tail if leads => {
                    if begins_line(text, at) {
                        found.push(Candidate { start: at, unit, place });
                    }
                }
                Place::Line | Place::LineStart | Place::Tail => lines_before(text, at, |start| found.push(Candidate { start, unit, place })),
                Place::LineEnd => self.start_from_end(database, text, unit, at, found),
                Place::Inline if leads => found.push(Candidate { start: at, unit, place }),
                Place::Inline => {
                    let nearest = self.nearest_start(database, text, unit, place, at).filter(|&(_, end)| end > at);
                    found.extend(nearest.map(|(start, _)| Candidate { start, unit, place }));
                }
            }
        }
    }

    /// Line-end forms begin at the nearest place before the end of the line, or of one of the next lines if a template's blank may be a line break.
    fn start_from_end(&self, database: &Database, text: &str, unit: u32, at: usize, found: &mut Vec<Candidate>) {
        let mut end = line_end(text, at);
        for _ in 0..=LINES_BACK {
            let from = floor_boundary(text, end.saturating_sub(2 * REACH));
            let content = content_end(text, from, end);
            let nearest = self.nearest_start(database, text, unit, Place::LineEnd, content).filter(|&(_, reached)| reached >= content);
            found.extend(nearest.map(|(start, _)| Candidate { start, unit, place: Place::LineEnd }));
            if end >= text.len() || text.as_bytes().get(end + 1).is_none_or(|&b| b == b'\n') {
                break;
            }
            end = line_end(text, end + 1);
        }
    }

    /// The nearest place before `at` from which the unit matches, with the match's end. Farther ones would swallow text between.
    fn nearest_start(&self, database: &Database, text: &str, unit: u32, place: Place, at: usize) -> Option<(usize, usize)> {
        let unit = &self.units[unit as usize];
        let rule = &database.rules[unit.rule as usize];
        let (pieces, head) = (unit.pieces(database), unit.head(database));
        word_starts_before(text, at, REACH).find_map(|start| {
            if head.is_some_and(|head| match_literal(text, start, head).is_none()) {
                return None;
            }
            match_form(text, pieces, place, rule.case, start).map(|end| (start, end))
        })
    }
}

/// The places that line ends lead to.
const END_PLACES: PlaceSet = PlaceSet::EMPTY.with(Place::Line).with(Place::LineEnd).with(Place::Tail).with(Place::LineStart);

/// Beginnings of the content of the line that holds `at` and of the lines before it in the same block.
fn lines_before(text: &str, at: usize, mut found: impl FnMut(usize)) {
    let mut line = line_start(text, at);
    for _ in 0..=LINES_BACK {
        found(skip_decoration(text, line));
        // A blank line is a border.
        if line == 0 || text.as_bytes()[..line - 1].last().is_none_or(|&b| b == b'\n') {
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
    grams: Vec<(&'d [u8], u32, PlaceSet)>,
    automaton: Vec<(&'d [u8], u32, PlaceSet)>,
}

impl<'d> Routes<'d> {
    fn add(&mut self, database: &'d Database, unit: &'d Unit, index: u32, prefilter: bool) {
        let anchor = unit.anchor(database);
        if !prefilter {
            self.automaton.push((anchor, index, unit.places));
            return;
        }
        let mut inside = PlaceSet::EMPTY;
        let (mut by_start, mut by_end) = (false, false);
        let head = unit.head(database).filter(|head| head.len() >= line_keys::SHORTEST);
        let tail = unit.tail(database).map(trim_end_decoration).filter(|tail| tail.len() >= line_keys::SHORTEST);
        for place in unit.places.iter() {
            match place {
                Place::Line | Place::LineStart | Place::Tail if head.is_some() => by_start = true,
                Place::Line | Place::LineEnd | Place::Tail if tail.is_some() => by_end = true,
                _ => inside = inside.with(place),
            }
        }
        if let Some(head) = head.filter(|_| by_start) {
            self.starts.push((index, head));
        }
        if let Some(tail) = tail.filter(|_| by_end) {
            self.ends.push((index, tail));
        }
        if !inside.is_empty() {
            let road = if anchor.len() >= grams::SHORTEST { &mut self.grams } else { &mut self.automaton };
            road.push((anchor, index, inside));
        }
    }
}

/// A line's end is compared without its decoration; so is a literal that a form ends with.
fn trim_end_decoration(literal: &[u8]) -> &[u8] {
    let text = std::str::from_utf8(literal).unwrap_or_default();
    text.trim_end_matches(|c| c == ' ' || is_end_decoration(c)).as_bytes()
}

/// Gathers the units that share an anchor.
fn by_anchor(mut routes: Vec<(&[u8], u32, PlaceSet)>) -> (Vec<&[u8]>, Vec<Vec<(u32, PlaceSet)>>) {
    routes.sort_unstable_by_key(|&(anchor, unit, _)| (anchor, unit));
    let groups = routes.chunk_by(|a, b| a.0 == b.0);
    groups.map(|group| (group[0].0, group.iter().map(|&(_, unit, places)| (unit, places)).collect())).unzip()
}
