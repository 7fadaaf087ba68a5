//! Text and database in, findings out: candidates are gathered freely, verified, judged, and only then overlaps are settled.

mod backward;
mod candidates;
mod explain;
mod forms;
mod frequency;
mod grams;
mod guard;
mod line_keys;
mod line_roads;
mod matcher;
mod odd;
mod routes;
mod settle;
mod table;
mod units;
mod verify;

use std::sync::OnceLock;

use crate::db::{CompiledRule, Database};
use crate::model::{
    Action, Document, Finding, Kept, Place, Safety, Span, Stage, Take, Unwatched, Watch,
};
use crate::text::fold::{fold, match_literal};
use crate::text::lines::{floor_boundary, line_end, line_start, next_line, trim_blank_end};
use crate::text::sentences::sentence_around;

pub use candidates::ScanCounts;
use candidates::{Candidate, Candidates};
pub use explain::{Check, Trace};
pub use frequency::window_table;
use guard::Verdict;
pub use matcher::BareAutomaton;

/// The most characters of a line that passes for a title below a label.
const TITLE_CHARS: usize = 160;

/// A database made ready for searching. Immutable; may be shared between threads.
#[derive(Debug)]
pub(crate) struct Scanner {
    database: Database,
    candidates: Candidates,
    /// Folded beginnings of whole-line texts with their rules, sorted; made when first needed.
    heads: OnceLock<Vec<(Box<[u8]>, u32)>>,
}

/// How to scan.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Options {
    /// The lowest tier that counts as applied when overlaps are settled.
    pub(crate) apply: Safety,
    /// Only this rule, as a place in the database: for running a rule's examples.
    pub(crate) only: Option<u32>,
}

impl Scanner {
    /// Makes the database ready. Without the prefilter, the automaton sees all of the text.
    pub(crate) fn new(database: Database, prefilter: bool) -> Self {
        let candidates = Candidates::new(&database, prefilter);
        Self {
            database,
            candidates,
            heads: OnceLock::new(),
        }
    }

    pub(crate) fn database(&self) -> &Database {
        &self.database
    }

    /// Rules that make every text pass through the automaton, as places in the database. Slow: a pack should have none.
    pub(crate) fn unfiltered(&self) -> impl Iterator<Item = u32> + '_ {
        self.candidates.unfiltered()
    }

    /// All findings of the document, sorted by place, none of those that `clean` acts on overlapping another. Counts what the filter let through.
    pub(crate) fn scan_counting(
        &self,
        document: Document<'_>,
        options: Options,
        counts: &mut ScanCounts,
    ) -> Vec<Finding> {
        self.scan_watched(document, options, counts, &mut Unwatched)
    }

    /// As [`Scanner::scan_counting`], with somebody looking on.
    pub(crate) fn scan_watched(
        &self,
        document: Document<'_>,
        options: Options,
        counts: &mut ScanCounts,
        watch: &mut impl Watch,
    ) -> Vec<Finding> {
        let mut findings = Vec::new();
        let candidates = self.candidates.find(&self.database, document.text, counts);
        watch.stage(Stage::Prefilter);
        for candidate in candidates {
            let before = counts.matches;
            self.verify(document, options, candidate, counts, &mut findings);
            let rule = self.candidates.unit(candidate).rule as usize;
            watch.verified(&self.database.rules[rule].info, counts.matches > before);
        }
        let findings = settle::settle(findings);
        watch.stage(Stage::Verification);
        findings
    }

    /// Adds what a candidate turns out to be.
    fn verify(
        &self,
        document: Document<'_>,
        options: Options,
        candidate: Candidate,
        counts: &mut ScanCounts,
        findings: &mut Vec<(u32, Finding)>,
    ) {
        let unit = self.candidates.unit(candidate);
        if options.only.is_some_and(|only| only != unit.rule) {
            return;
        }
        let rule = &self.database.rules[unit.rule as usize];
        if !rule.fits_site(document.site) {
            return;
        }
        let text = document.text;
        let place = candidate.place;
        let Some(end) = verify::match_form(
            text,
            unit.pieces(&self.database),
            place,
            rule.case,
            candidate.start,
        ) else {
            return;
        };
        counts.matches += 1;
        let span = Span::new(candidate.start, end);
        // Some roads come from a form's end and look no further back: with this bound all roads find the same.
        if text[span.range()].matches('\n').count() > unit.line_breaks(&self.database, place) {
            return;
        }
        let mut kept = match guard::judge_context(text, place, span) {
            Verdict::Insertion => None,
            Verdict::Kept(kept) => Some(kept),
            Verdict::Prose => return,
        };
        if !rule.unless.is_empty() && excepted(text, rule, span) {
            return;
        }
        let take = rule.take_at(place);
        let Some(cut) = cut(text, rule, take, place, span) else {
            return;
        };
        let safety = rule.safety_at(place);
        kept = kept
            .or_else(|| guard::judge_size(text, rule, take, place, cut))
            .or((safety < options.apply).then_some(Kept::Tier));
        let action = if safety == Safety::Report {
            Action::Report
        } else {
            Action::Remove
        };
        findings.push((
            unit.rule,
            Finding {
                rule: rule.info.clone(),
                span,
                cut,
                place: Some(place),
                safety,
                action,
                kept,
                evidence: Vec::new(),
            },
        ));
    }

    /// The rule of which `line` is the beginning, cut in the middle of a word. Only safe rules that act on whole lines, and texts that begin with words.
    pub(crate) fn cut_short(&self, line: &str) -> Option<&str> {
        let folded = fold(line);
        let heads = self
            .heads
            .get_or_init(|| self.candidates.safe_heads(&self.database));
        let next = heads.partition_point(|(head, _)| &**head <= folded.as_bytes());
        let (head, rule) = heads.get(next)?;
        let rest = head.strip_prefix(folded.as_bytes())?;
        rest.first()
            .is_some_and(|&byte| byte.is_ascii_alphanumeric() || byte >= 0x80)
            .then(|| self.database.rules[*rule as usize].info.name.as_str())
    }

    /// Whether the line that begins at `at` may begin like a whole-line rule.
    pub(crate) fn may_begin(&self, text: &str, at: usize) -> bool {
        self.candidates.may_begin(text, at)
    }
}

/// Whether the lines of the match hold one of the rule's exceptions.
fn excepted(text: &str, rule: &CompiledRule, span: Span) -> bool {
    let (from, to) = (line_start(text, span.start), line_end(text, span.end));
    rule.unless.iter().any(|pieces| {
        text[from..to].char_indices().any(|(offset, _)| {
            let start = from + offset;
            crate::text::edges::is_start_edge(text, start)
                && verify::match_pieces(text, pieces, rule.case, start).is_some_and(|end| {
                    end <= to && crate::text::edges::is_end_edge(text, start, end)
                })
        })
    })
}

/// What goes: the matched characters and what the rule takes with them. `None` if a pair is not closed.
fn cut(text: &str, rule: &CompiledRule, take: Take, place: Place, span: Span) -> Option<Span> {
    let line = |span: Span| {
        Span::new(
            line_start(text, span.start),
            trim_blank_end(text, span.end, line_end(text, span.end)),
        )
    };
    Some(match take {
        Take::Match => match place {
            Place::Line | Place::Tail => line(span),
            // Decoration before a label at the line's beginning goes with it, and behind one at its end.
            Place::LineStart => Span::new(line_start(text, span.start), span.end),
            Place::LineEnd => Span::new(
                span.start,
                trim_blank_end(text, span.end, line_end(text, span.end)),
            ),
            Place::Inline => span,
        },
        Take::Line => line(span),
        Take::Sentence => {
            let (from, to) = sentence_around(text, span.start, span.end);
            Span::new(from, to)
        }
        Take::LineAndTitle => {
            let own = line(span);
            match next_line(text, own.end).filter(|&(start, end)| is_title(&text[start..end])) {
                Some((_, end)) => Span::new(own.start, trim_blank_end(text, own.end, end)),
                None => own,
            }
        }
        Take::ToEnd => Span::new(
            line_start(text, span.start),
            trim_blank_end(text, span.end, text.len()),
        ),
        Take::Until => {
            let from = if matches!(place, Place::Line | Place::LineStart | Place::Tail) {
                line_start(text, span.start)
            } else {
                span.start
            };
            Span::new(from, closing(text, rule, span.end)?)
        }
    })
}

/// Where the second half of a pair ends, looking no further than the rule allows.
fn closing(text: &str, rule: &CompiledRule, from: usize) -> Option<usize> {
    let stop = floor_boundary(text, (from + rule.within as usize).min(text.len()));
    text[from..stop].char_indices().find_map(|(offset, _)| {
        let start = from + offset;
        rule.until.iter().find_map(|pieces| match pieces.first() {
            // Cheap refusal: most places do not begin with the literal.
            Some(crate::db::CompiledPiece::Literal(literal))
                if match_literal(text, start, &literal.folded[..1.min(literal.folded.len())])
                    .is_none()
                    && literal.folded[0] < 0x80 =>
            {
                None
            }
            _ => verify::match_pieces(text, pieces, rule.case, start),
        })
    })
}

/// Whether a line looks like a title: not long, and without a full stop at its end.
fn is_title(line: &str) -> bool {
    let line = line.trim();
    let mut chars = line.chars();
    let last = chars.next_back();
    !matches!(last, None | Some('.' | '。' | '।' | '۔'))
        && chars.take(TITLE_CHARS).count() < TITLE_CHARS
}
