//! Places of the text where a form may stand.
//!
//! Six roads lead to a candidate, and a unit takes the cheapest that its links allow: the first bytes of a line, its last bytes, a digit at its beginning,
//! an `@` in it, a rare window inside it, or the automaton. The filter may say yes too often, never no wrongly: with the automaton alone the findings are the same.

use super::forms::{Forms, Root, Tree};
use super::found::Found;
use super::grams::Grams;
use super::line_keys::{self, Beginnings};
use super::line_roads::{LineRoads, last_bracket};
use super::matcher::Matcher;
use super::routes::{Routes, by_key};
use super::units::Unit;
use super::verify::{match_form, word_starts_before};
use crate::db::{CompiledPiece, Database};
use crate::model::{Place, PlaceSet, Safety, Span};
use crate::text::blocks;
use crate::text::fold::{FoldBuffer, back_up, match_literal, may_begin};
use crate::text::lines::{
    begins_line, content_end, floor_boundary, line_end, line_start, skip_decoration,
};

/// Bytes of the text that are folded at a time: small enough for the first cache.
const CHUNK: usize = 8 * 1024;
/// Bytes of the text by which stretches overlap, so that an anchor on a border is seen whole. An anchor has at most 48 folded bytes; only a marker
/// blown up by a hundred invisible characters could be longer in the text, and is then not seen across a border.
const OVERLAP: usize = 384;
/// How far before its anchor, or before its line's end, a form may begin.
const REACH: usize = 320;

/// A place where a form may stand.
#[derive(Clone, Copy, Debug)]
pub(super) struct Candidate {
    /// Where it would begin, in bytes of the text.
    pub(super) start: usize,
    /// The unit.
    pub(super) unit: u32,
    /// At which of its places.
    pub(super) place: Place,
    /// How many bytes of the text its first link takes, which is a literal; 0 if that is not known.
    pub(super) first: u32,
}

impl Candidate {
    /// One of which no more is known than its place.
    pub(super) fn new(start: usize, unit: u32, place: Place) -> Self {
        Self {
            start,
            unit,
            place,
            first: 0,
        }
    }

    /// What tells one from another, and their order.
    pub(super) fn key(&self) -> (usize, u32, Place) {
        (self.start, self.unit, self.place)
    }
}

/// Finds candidates.
#[derive(Debug)]
pub(super) struct Candidates {
    units: Vec<Unit>,
    /// What safe whole-line forms begin with, whatever road they take.
    beginnings: Beginnings,
    lines: LineRoads,
    grams: Grams,
    /// For each stretch: what it stands for.
    gram_units: Vec<GramForms>,
    /// The forms in them.
    gram_forms: Tree,
    automaton: Matcher,
    automaton_units: Vec<Vec<(u32, PlaceSet)>>,
}

/// A unit behind a stretch: the unit, the places it is looked for at, and how many folded bytes of its anchor stand before the stretch.
pub(super) type GramUnit = (u32, PlaceSet, u32);

/// The units behind a stretch.
#[derive(Debug, Default)]
struct GramForms {
    /// Forms that begin with the anchor, by how many folded bytes of it stand before the stretch.
    leading: Vec<(u32, Root)>,
    /// All others.
    inner: Vec<GramUnit>,
}

impl GramForms {
    fn new(database: &Database, units: &[Unit], behind: Vec<GramUnit>, tree: &mut Tree) -> Self {
        let mut forms = Self::default();
        let mut leading: Vec<(u32, Forms)> = Vec::new();
        for (index, places, before) in behind {
            let unit = &units[index as usize];
            // Where a form ends a line, its beginning is looked for from there.
            if unit.anchor_piece > 0 || places.has(Place::LineEnd) {
                forms.inner.push((index, places, before));
                continue;
            }
            let at = match leading.iter().position(|(held, _)| *held == before) {
                Some(at) => at,
                None => {
                    leading.push((before, Forms::default()));
                    leading.len() - 1
                }
            };
            leading[at].1.add_at(database, index, unit, 0, places);
        }
        let planted = leading
            .iter()
            .map(|(before, led)| (*before, tree.plant(led)));
        forms.leading = planted.collect();
        forms
    }
}

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
        let lines = LineRoads::new(database, &units, &routes);
        let (stretches, gram_units) = by_key(routes.grams);
        let grams = Grams::new(&stretches);
        let mut gram_forms = Tree::default();
        let gram_units = gram_units
            .into_iter()
            .map(|behind| GramForms::new(database, &units, behind, &mut gram_forms))
            .collect();
        let (anchors, automaton_units) = by_key(routes.automaton);
        let automaton = Matcher::new(&anchors);
        Self {
            beginnings,
            lines,
            grams,
            gram_units,
            gram_forms,
            automaton,
            automaton_units,
            units,
        }
    }

    /// The links of a unit.
    pub(super) fn pieces<'d>(&'d self, database: &'d Database, unit: u32) -> &'d [CompiledPiece] {
        self.units[unit as usize].pieces(database)
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

    /// All candidates of the text, or of some of its lines, sorted, each once.
    pub(super) fn find(
        &self,
        database: &Database,
        text: &str,
        zones: Option<&[Span]>,
        counts: &mut ScanCounts,
    ) -> Vec<Candidate> {
        let (mut found, mut inside) = (Found::default(), Found::default());
        let whole = [Span::new(0, text.len())];
        // The automaton needs no lines, and folds over their borders.
        let zones = zones.filter(|_| self.automaton_units.is_empty());
        for &zone in zones.unwrap_or(&whole) {
            self.find_in(database, text, zone, counts, [&mut found, &mut inside]);
        }
        if !self.automaton_units.is_empty() {
            self.find_by_automaton(database, text, &mut inside);
        }
        let found = found.merge(inside);
        counts.candidates += found.len() as u64;
        found
    }

    /// Adds the candidates of some lines: those of their ends to the first list, those that windows inside of them lead to to the second.
    fn find_in(
        &self,
        database: &Database,
        text: &str,
        zone: Span,
        counts: &mut ScanCounts,
        [found, inside]: [&mut Found; 2],
    ) {
        if self.lines.is_empty() && self.grams.is_empty() {
            return;
        }
        let mut lines = self.lines.read(self, database, text, zone);
        let mut grams = self.grams.search(&text[zone.range()]);
        let mut meet = |stretch, at: usize, inner| {
            self.meet(database, text, stretch, zone.start + at, inner, inside);
        };
        blocks::for_each_stretch(&text.as_bytes()[zone.range()], |base, marks| {
            lines.lines(zone.start + base, marks, found);
            grams.exceptions(base, marks, &mut meet);
        });
        lines.end(counts, found);
        grams.end(counts, &mut meet);
    }

    /// Adds the candidates behind a stretch that was met at `at`, of which a character holds `inner` bytes before it.
    fn meet(
        &self,
        database: &Database,
        text: &str,
        stretch: u32,
        at: usize,
        inner: usize,
        found: &mut Found,
    ) {
        let forms = &self.gram_units[stretch as usize];
        let begins = |before: u32| {
            let before = (before as usize).checked_sub(inner)?;
            back_up(text, at, before)
        };
        for &(before, root) in &forms.leading {
            if let Some(at) = begins(before) {
                self.gram_forms.walk(root, text, at, &mut |unit, places| {
                    self.starts(database, text, unit, places, at, false, found);
                });
            }
        }
        for &(unit, places, before) in &forms.inner {
            if let Some(at) = begins(before) {
                self.starts(database, text, unit, places, at, false, found);
            }
        }
    }

    fn find_by_automaton(&self, database: &Database, text: &str, found: &mut Found) {
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
    pub(super) fn starts(
        &self,
        database: &Database,
        text: &str,
        unit: u32,
        places: PlaceSet,
        at: usize,
        at_end: bool,
        found: &mut Found,
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
                        found.push(Candidate::new(at, unit, place));
                    }
                }
                Place::Line | Place::LineStart | Place::Tail => {
                    let (breaks, head) = (
                        self.units[unit as usize].line_breaks(database, place),
                        self.units[unit as usize].head(database),
                    );
                    lines_before(text, at, breaks, |start| {
                        if head.is_none_or(|head| may_begin(text, start, head)) {
                            found.push(Candidate::new(start, unit, place));
                        }
                    });
                }
                Place::LineEnd => self.start_from_end(database, text, unit, at, found),
                Place::Inline if leads => found.push(Candidate::new(at, unit, place)),
                Place::Inline => {
                    let nearest = self
                        .nearest_start(database, text, unit, place, at)
                        .filter(|&(_, end)| end > at);
                    if let Some((start, _)) = nearest {
                        found.push(Candidate::new(start, unit, place));
                    }
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
        found: &mut Found,
    ) {
        let mut end = line_end(text, at);
        if self.units[unit as usize]
            .head(database)
            .is_some_and(|head| head[0] == b'(' && head.len() >= line_keys::SHORTEST)
        {
            let from = line_start(text, at);
            found.extend(
                last_bracket(text, from, content_end(text, from, end), end)
                    .map(|start| Candidate::new(start, unit, Place::LineEnd)),
            );
            return;
        }
        for _ in 0..=self.units[unit as usize].line_breaks(database, Place::LineEnd) {
            let from = floor_boundary(text, end.saturating_sub(2 * REACH));
            let content = content_end(text, from, end);
            let nearest = self
                .nearest_start(database, text, unit, Place::LineEnd, content)
                .filter(|&(_, reached)| reached >= content);
            found.extend(nearest.map(|(start, _)| Candidate::new(start, unit, Place::LineEnd)));
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
            match_form(text, pieces, place, rule.case, start, 0).map(|end| (start, end))
        })
    }
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
