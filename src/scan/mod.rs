//! Text and database in, findings out: candidates are gathered freely, verified, judged, and only then overlaps are settled.

mod backward;
mod candidates;
mod closings;
mod explain;
mod forms;
mod found;
mod frequency;
mod grams;
mod guard;
mod line_ends;
mod line_keys;
mod line_opening;
mod line_roads;
mod line_starts;
mod matcher;
mod repeats;
mod routes;
mod settle;
mod table;
mod units;
mod vector;
mod verify;

use std::sync::OnceLock;

use crate::db::{CompiledPiece, CompiledRule, Database};
use crate::model::{
    Action, Document, Finding, Kept, Place, Safety, Span, Stage, Take, Unwatched, Watch,
};
use crate::text::fold::{fold, may_begin};
use crate::text::lines::{line_end, line_start, next_line, trim_blank_end};
use crate::text::sentences::sentence_around;

pub use candidates::ScanCounts;
use candidates::{Candidate, Candidates};
use closings::Closings;
pub use explain::{Check, Trace};
pub use frequency::window_table;
use guard::Verdict;
pub use matcher::BareAutomaton;
use repeats::{Reach, Repeat};
use settle::{Match, Matches};
pub(crate) use units::MOST_BREAKS;

/// The most characters of a line that passes for a title below a label.
const TITLE_CHARS: usize = 160;

/// A database made ready for searching. Immutable; may be shared between threads.
#[derive(Debug)]
pub(crate) struct Scanner {
    database: Database,
    candidates: Candidates,
    /// How far a form may reach.
    longest_form: Reach,
    /// Whether rules act only on documents in their language.
    by_language: bool,
    /// Folded beginnings of whole-line texts with their rules, sorted; made when first needed.
    heads: OnceLock<Vec<(Box<[u8]>, u32)>>,
}

/// How to scan.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Options<'z> {
    /// The lowest tier that counts as applied when overlaps are settled.
    pub(crate) apply: Safety,
    /// Only this rule, as a place in the database: for running a rule's examples.
    pub(crate) only: Option<u32>,
    /// Only these stretches, whole lines of the text: at least those findings that have to do with them, and perhaps others.
    pub(crate) zones: Option<&'z [Span]>,
}

/// What one look at a text found.
#[derive(Debug, Default)]
pub(crate) struct Scanned {
    /// Findings, sorted by place.
    pub(crate) findings: Vec<Finding>,
    /// Matches on which the verdict hung on text that may be far from them: a limit, a pair that is not closed, an overlap. A change anywhere may bring
    /// something new about there.
    pub(crate) far: Vec<Span>,
}

/// What a candidate turned out to be.
#[derive(Clone, Copy)]
enum Verified {
    /// A match.
    Match(Match),
    /// A match that is held back by a limit, which hangs on all of the text.
    Limited(Match),
    /// The first half of a pair that is not closed.
    Open(Span),
}

impl Scanner {
    /// Makes the database ready. Without the prefilter, the automaton sees all of the text.
    pub(crate) fn new(database: Database, prefilter: bool) -> Self {
        let candidates = Candidates::new(&database, prefilter);
        Self {
            longest_form: repeats::longest(&database),
            database,
            candidates,
            by_language: false,
            heads: OnceLock::new(),
        }
    }

    /// Whether rules act only on documents in their language, where it is known.
    pub(crate) fn by_language(mut self, by_language: bool) -> Self {
        self.by_language = by_language;
        self
    }

    /// Whether the rule is for documents like this one, whatever stands in it.
    fn is_for(&self, rule: &CompiledRule, document: Document<'_>) -> bool {
        rule.fits_site(document.site) && (!self.by_language || rule.fits_lang(document.lang))
    }

    pub(crate) fn database(&self) -> &Database {
        &self.database
    }

    /// Rules that make every text pass through the automaton, as places in the database. Slow: a pack should have none.
    pub(crate) fn unfiltered(&self) -> impl Iterator<Item = u32> + '_ {
        self.candidates.unfiltered()
    }

    /// Whether a look at some lines of a text costs less than a look at all of it: not if the automaton must see it all anyway.
    pub(crate) fn looks_locally(&self) -> bool {
        self.candidates.unfiltered().next().is_none()
    }

    /// All findings of the document, sorted by place, none of those that `clean` acts on overlapping another. Counts what the filter let through.
    pub(crate) fn scan_counting(
        &self,
        document: Document<'_>,
        options: Options<'_>,
        counts: &mut ScanCounts,
    ) -> Scanned {
        self.scan_watched(document, options, counts, &mut Unwatched)
    }

    /// As [`Scanner::scan_counting`], with somebody looking on.
    pub(crate) fn scan_watched(
        &self,
        document: Document<'_>,
        options: Options<'_>,
        counts: &mut ScanCounts,
        watch: &mut impl Watch,
    ) -> Scanned {
        let text = document.text;
        let repeats = if options.zones.is_none() && self.looks_locally() {
            repeats::find(text, self.longest_form)
        } else {
            Vec::new()
        };
        let zones = (!repeats.is_empty()).then(|| repeats::zones(text, &repeats));
        let zones = zones.as_deref().or(options.zones);
        let candidates = self.candidates.find(&self.database, text, zones, counts);
        watch.stage(Stage::Prefilter);
        let mut look = Look {
            scanner: self,
            document,
            options,
            counts,
            closings: Closings::default(),
            matches: Matches::default(),
            far: Vec::new(),
        };
        let mut repeats = repeats.into_iter().peekable();
        let mut model = Vec::new();
        for candidate in candidates {
            while let Some(repeat) = repeats.next_if(|repeat| repeat.end <= candidate.start) {
                look.repeat(repeat, &mut model);
            }
            let repeat = repeats.peek();
            if repeat.is_some_and(|repeat| repeat.model.end <= candidate.start) {
                continue;
            }
            let before = look.counts.matches;
            let verified = look.verify(candidate);
            if repeat.is_some_and(|repeat| repeat.model.start <= candidate.start) {
                model.push((candidate, verified));
            }
            let rule = self.candidates.unit(candidate).rule as usize;
            let matched = look.counts.matches > before;
            watch.verified(&self.database.rules[rule].info, matched);
        }
        for repeat in repeats {
            look.repeat(repeat, &mut model);
        }
        let Look {
            matches, mut far, ..
        } = look;
        let settled = matches.settle(&mut far);
        let findings = settled.into_iter().map(|found| self.finding(found));
        let findings = findings.collect();
        watch.stage(Stage::Verification);
        Scanned { findings, far }
    }

    /// What everybody else hears of a match.
    fn finding(&self, found: Match) -> Finding {
        let action = if found.safety == Safety::Report {
            Action::Report
        } else {
            Action::Remove
        };
        Finding {
            rule: self.database.rules[found.rule as usize].info.clone(),
            span: found.span,
            cut: found.cut,
            place: Some(found.place),
            safety: found.safety,
            action,
            kept: found.kept,
            evidence: Vec::new(),
        }
    }

    /// What a candidate turns out to be; `None` if it is nothing.
    fn verify(
        &self,
        document: Document<'_>,
        options: Options<'_>,
        candidate: Candidate,
        counts: &mut ScanCounts,
        closings: &mut Closings,
    ) -> Option<Verified> {
        let unit = self.candidates.unit(candidate);
        if options.only.is_some_and(|only| only != unit.rule) {
            return None;
        }
        let (text, start, place) = (document.text, candidate.start, candidate.place);
        // Most candidates are single literals, and those of which that is known are judged before their rules are fetched.
        let known = (unit.plain && candidate.first > 0)
            .then(|| verify::match_known(text, place, start, start + candidate.first as usize));
        if known == Some(None) {
            return None;
        }
        let rule = &self.database.rules[unit.rule as usize];
        if !self.is_for(rule, document) {
            return None;
        }
        let end = known.unwrap_or_else(|| {
            verify::match_form(
                text,
                unit.pieces(&self.database),
                place,
                rule.case,
                start,
                candidate.first as usize,
            )
        })?;
        counts.matches += 1;
        let span = Span::new(start, end);
        // Some roads come from a form's end and look no further back: with this bound all roads find the same.
        let breaks = memchr::memchr_iter(b'\n', text[span.range()].as_bytes()).count();
        if breaks > 0 && breaks > unit.line_breaks(&self.database, place) {
            return None;
        }
        let mut kept = match guard::judge_context(text, place, span) {
            Verdict::Insertion => None,
            Verdict::Kept(kept) => Some(kept),
            Verdict::Prose => return None,
        };
        if !rule.unless.is_empty() && excepted(text, rule, span) {
            return None;
        }
        let take = rule.take_at(place);
        let closing = |from: usize| closings.find(text, unit.rule, rule, from);
        let Some(cut) = cut(text, take, place, span, closing) else {
            return Some(Verified::Open(span));
        };
        let safety = rule.safety_at(place);
        let size = guard::judge_size(text, rule, take, place, cut);
        kept = kept
            .or(size)
            .or((safety < options.apply).then_some(Kept::Tier));
        let found = Match {
            rule: unit.rule,
            span,
            cut,
            place,
            safety,
            kept,
        };
        Some(match size {
            Some(_) => Verified::Limited(found),
            None => Verified::Match(found),
        })
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

/// A look at the candidates of a text.
struct Look<'s, 'd> {
    scanner: &'s Scanner,
    document: Document<'d>,
    options: Options<'s>,
    counts: &'s mut ScanCounts,
    closings: Closings,
    matches: Matches,
    /// As in [`Scanned`].
    far: Vec<Span>,
}

impl Look<'_, '_> {
    /// Verifies a candidate and notes what it turns out to be.
    fn verify(&mut self, candidate: Candidate) -> Option<Verified> {
        let verified = self.scanner.verify(
            self.document,
            self.options,
            candidate,
            self.counts,
            &mut self.closings,
        );
        self.note(verified);
        verified
    }

    fn note(&mut self, verified: Option<Verified>) {
        match verified {
            Some(Verified::Match(found)) => self.matches.add(found),
            Some(Verified::Limited(found)) => {
                self.far.push(found.span);
                self.matches.add(found);
            }
            Some(Verified::Open(span)) => self.far.push(span),
            None => {}
        }
    }

    /// Notes for all turns of a repetition what was found in one of them.
    fn repeat(&mut self, repeat: Repeat, model: &mut Vec<(Candidate, Option<Verified>)>) {
        // What several rules say alike of a turn is settled once for all of them.
        let (mut matches, mut far) = (Matches::default(), Vec::new());
        // What hangs on text up to some place: the same as long as that lies in the repetition.
        let mut hanging = Vec::new();
        for (candidate, verified) in model.drain(..) {
            let Some(verified) = verified else {
                continue;
            };
            let unit = self.scanner.candidates.unit(candidate);
            let rule = &self.scanner.database.rules[unit.rule as usize];
            match (rule.take_at(candidate.place), verified) {
                (Take::ToEnd, _) => hanging.push((candidate, verified, usize::MAX)),
                (Take::Until, _) => {
                    let reach = verified.span().end + rule.within as usize;
                    hanging.push((candidate, verified, reach));
                }
                (_, Verified::Match(found)) => matches.add(found),
                (_, Verified::Limited(found)) => {
                    far.push(found.span);
                    matches.add(found);
                }
                (_, Verified::Open(span)) => far.push(span),
            }
        }
        for shift in repeat.shifts() {
            for &(candidate, verified, reach) in &hanging {
                if reach.saturating_add(shift) <= repeat.end {
                    self.note(Some(verified.moved(shift)));
                } else {
                    let start = candidate.start + shift;
                    self.verify(Candidate { start, ..candidate });
                }
            }
            for found in matches.held() {
                self.matches.add(found.moved(shift));
            }
            self.far.extend(far.iter().map(|span| span.moved(shift)));
        }
    }
}

impl Verified {
    /// What was recognised.
    fn span(self) -> Span {
        match self {
            Self::Match(found) | Self::Limited(found) => found.span,
            Self::Open(span) => span,
        }
    }

    /// The same, so many bytes on.
    fn moved(self, by: usize) -> Self {
        match self {
            Self::Match(found) => Self::Match(found.moved(by)),
            Self::Limited(found) => Self::Limited(found.moved(by)),
            Self::Open(span) => Self::Open(span.moved(by)),
        }
    }
}

/// Whether the lines of the match hold one of the rule's exceptions.
fn excepted(text: &str, rule: &CompiledRule, span: Span) -> bool {
    let (from, to) = (line_start(text, span.start), line_end(text, span.end));
    rule.unless.iter().any(|pieces| {
        let head = match pieces.first() {
            Some(CompiledPiece::Literal(literal)) => Some(&*literal.folded),
            _ => None,
        };
        text[from..to].char_indices().any(|(offset, _)| {
            let start = from + offset;
            // Most places do not begin with the literal.
            head.is_none_or(|head| may_begin(text, start, head))
                && crate::text::edges::is_start_edge(text, start)
                && verify::match_pieces(text, pieces, rule.case, start).is_some_and(|end| {
                    end <= to && crate::text::edges::is_end_edge(text, start, end)
                })
        })
    })
}

/// What goes: the matched characters and what the rule takes with them. `None` if a pair is not closed; `closing` answers where one is.
fn cut(
    text: &str,
    take: Take,
    place: Place,
    span: Span,
    closing: impl FnOnce(usize) -> Option<usize>,
) -> Option<Span> {
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
            Span::new(from, closing(span.end)?)
        }
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
