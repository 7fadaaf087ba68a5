//! Places of the text where a form may stand.

use super::matcher::Matcher;
use super::units::Unit;
use super::verify::word_starts_before;
use crate::db::{CompiledPiece, Database};
use crate::model::Place;
use crate::text::fold::FoldBuffer;
use crate::text::lines::{line_start, skip_decoration};

/// Bytes of the text that are folded at a time: small enough for the first cache.
const CHUNK: usize = 16 * 1024;
/// Bytes of the text by which stretches overlap, so that an anchor on a border is seen whole. An anchor has at most 48 folded bytes; only a marker
/// blown up by hundreds of invisible characters could be longer in the text, and is then not seen across a border.
const OVERLAP: usize = 512;
/// How far before its anchor a form may begin.
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
    automaton: Anchors,
}

/// The automaton over the anchors of some units.
#[derive(Debug)]
struct Anchors {
    matcher: Matcher,
    /// For each anchor, the units that it stands for.
    units: Vec<Vec<u32>>,
}

impl Anchors {
    fn new(database: &Database, units: &[Unit], wanted: impl Iterator<Item = u32>) -> Self {
        let mut sorted: Vec<(&[u8], u32)> = wanted.map(|unit| (units[unit as usize].anchor(database), unit)).collect();
        sorted.sort_unstable();
        let mut anchors: Vec<&[u8]> = Vec::new();
        let mut by_anchor: Vec<Vec<u32>> = Vec::new();
        for (anchor, unit) in sorted {
            if anchors.last() == Some(&anchor) {
                by_anchor.last_mut().expect("every anchor has a list").push(unit);
            } else {
                anchors.push(anchor);
                by_anchor.push(vec![unit]);
            }
        }
        Self { matcher: Matcher::new(&anchors), units: by_anchor }
    }
}

impl Candidates {
    pub(super) fn new(database: &Database, _prefilter: bool) -> Self {
        let units = Unit::all(database);
        let automaton = Anchors::new(database, &units, 0..units.len() as u32);
        Self { units, automaton }
    }

    /// The unit of a candidate.
    pub(super) fn unit(&self, candidate: Candidate) -> &Unit {
        &self.units[candidate.unit as usize]
    }

    /// All candidates of the text, unsorted, some of them more than once.
    pub(super) fn find(&self, database: &Database, text: &str) -> Vec<Candidate> {
        let mut found = Vec::new();
        let mut buffer = FoldBuffer::default();
        let mut start = 0;
        while start < text.len() {
            let mut end = (start + CHUNK).min(text.len());
            while !text.is_char_boundary(end) {
                end += 1;
            }
            buffer.fold(text, start, end);
            self.automaton.matcher.find(&buffer.bytes, |anchor, at| {
                let at = buffer.original(at);
                for &unit in &self.automaton.units[anchor as usize] {
                    self.starts(database, text, unit, at, &mut found);
                }
            });
            if end == text.len() {
                break;
            }
            start = end - OVERLAP;
            while !text.is_char_boundary(start) {
                start -= 1;
            }
        }
        found
    }

    /// Adds the places where `unit` may begin when its anchor stands at `at`.
    fn starts(&self, database: &Database, text: &str, unit: u32, at: usize, found: &mut Vec<Candidate>) {
        let Unit { places, anchor_piece, .. } = self.units[unit as usize];
        let leads = anchor_piece == 0;
        for place in places.iter() {
            match place {
                Place::Line | Place::LineStart | Place::Tail => {
                    let mut line = line_start(text, at);
                    let content = skip_decoration(text, line);
                    if leads {
                        if content == at {
                            found.push(Candidate { start: at, unit, place });
                        }
                        continue;
                    }
                    for _ in 0..=LINES_BACK {
                        let content = skip_decoration(text, line);
                        found.push(Candidate { start: content, unit, place });
                        // A blank line is a border.
                        if line == 0 || text.as_bytes()[..line - 1].last().is_none_or(|&b| b == b'\n') {
                            break;
                        }
                        line = line_start(text, line - 1);
                    }
                }
                Place::Inline | Place::LineEnd => {
                    if leads {
                        found.push(Candidate { start: at, unit, place });
                    } else {
                        let rule = &database.rules[self.units[unit as usize].rule as usize];
                        let pieces = self.units[unit as usize].pieces(database);
                        let first = match pieces.first() {
                            Some(CompiledPiece::Literal(literal)) => Some(&literal.folded),
                            _ => None,
                        };
                        // The nearest beginning that fits; farther ones would swallow text between.
                        let nearest = word_starts_before(text, at, REACH).find(|&start| {
                            first.is_none_or(|first| crate::text::fold::match_literal(text, start, first).is_some())
                                && super::verify::match_form(text, pieces, place, rule.case, start).is_some_and(|end| end > at)
                        });
                        found.extend(nearest.map(|start| Candidate { start, unit, place }));
                    }
                }
            }
        }
    }
}
