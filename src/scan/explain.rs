//! Why a rule acts at a place of a text, or does not: every form is tried anew, slowly, and the first thing that stands against it is named.
//!
//! The judgements are those of `Scanner::verify`, in the same order; nothing here is on a text's usual road.

use std::sync::Arc;

use super::units::Unit;
use super::{Closings, Options, Scanner, cut, excepted, guard, verify};
use crate::db::{CompiledPiece, CompiledRule};
use crate::model::{Document, Kept, Place, RuleInfo, Safety, Span, Take};
use crate::scan::guard::Verdict;
use crate::text::edges::is_start_edge;
use crate::text::fold::match_literal;
use crate::text::lines::{begins_line, floor_boundary};

/// How far before the place a form may begin.
const REACH: usize = 400;

/// Of a form that is met only in part, at least so many bytes must be there to be worth a word.
const PART: usize = 8;

/// What a rule asks of a place, in the order in which it asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Check {
    /// Whether one of its forms stands there.
    Form,
    /// Whether the letters have the case it asks for.
    Case,
    /// Whether it stands where the rule looks: a whole line, a line's end, …
    Place,
    /// Whether the text comes from one of the rule's sites.
    Site,
    /// Whether the text is in the rule's language.
    Language,
    /// Whether it is broken over few enough lines.
    Breaks,
    /// Whether it is the article's own words.
    Prose,
    /// Whether one of the rule's exceptions stands in the line.
    Unless,
    /// Whether the second half of a pair follows.
    Pair,
    /// Whether the text speaks of the words instead of using them.
    Mention,
    /// Whether enough text stands before it.
    Position,
    /// Whether it takes no more than the rule may.
    Limit,
    /// Whether its tier is applied.
    Tier,
    /// Whether the place is free.
    Overlap,
}

impl Check {
    /// Its spelling in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Form => "form",
            Self::Case => "case",
            Self::Place => "place",
            Self::Site => "site",
            Self::Language => "language",
            Self::Breaks => "breaks",
            Self::Prose => "prose",
            Self::Unless => "unless",
            Self::Pair => "pair",
            Self::Mention => "mention",
            Self::Position => "position",
            Self::Limit => "limit",
            Self::Tier => "tier",
            Self::Overlap => "overlap",
        }
    }
}

/// What a rule makes of a place.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Trace {
    /// The rule.
    pub rule: Arc<RuleInfo>,
    /// What it met, in bytes of the text; empty at the place asked for when it met nothing.
    pub span: Span,
    /// Where it took the match to stand, as far as it came to that.
    pub at: Option<Place>,
    /// The first thing that stands against it; none if it acts.
    pub failed: Option<Check>,
    /// What was asked and what was found, as a sentence without its full stop.
    pub why: String,
}

impl Scanner {
    /// What each rule makes of the place `at`, those that came furthest first, one trace a rule. Rules that met nothing there are left out, unless
    /// `only` names one. Overlaps are not settled here.
    pub(crate) fn explain(
        &self,
        document: Document<'_>,
        options: Options,
        at: usize,
    ) -> Vec<Trace> {
        let text = document.text;
        let starts = starts(text, at);
        let mut best: Vec<Option<Trace>> = vec![None; self.database.rules.len()];
        for unit in Unit::all(&self.database) {
            let index = unit.rule as usize;
            if options.only.is_some_and(|only| only != unit.rule) {
                continue;
            }
            let rule = &self.database.rules[index];
            for &start in &starts {
                let Some(trace) = self.trace(document, options, &unit, rule, start, at) else {
                    continue;
                };
                let slot = &mut best[index];
                if slot.as_ref().is_none_or(|best| rank(best) < rank(&trace)) {
                    *slot = Some(trace);
                }
            }
        }
        if let Some(only) = options.only {
            let slot = &mut best[only as usize];
            slot.get_or_insert_with(|| Trace {
                rule: self.database.rules[only as usize].info.clone(),
                span: Span::new(at, at),
                at: None,
                failed: Some(Check::Form),
                why: "no beginning of its forms stands here".to_owned(),
            });
        }
        let mut traces: Vec<Trace> = best.into_iter().flatten().collect();
        traces.sort_by(|a, b| {
            rank(b)
                .cmp(&rank(a))
                .then_with(|| a.rule.name.cmp(&b.rule.name))
        });
        traces
    }

    /// What a unit makes of a beginning; `None` when it meets nothing that reaches to `at`.
    fn trace(
        &self,
        document: Document<'_>,
        options: Options,
        unit: &Unit,
        rule: &CompiledRule,
        start: usize,
        at: usize,
    ) -> Option<Trace> {
        let text = document.text;
        let pieces = unit.pieces(&self.database);
        if let Some(CompiledPiece::Literal(first)) = pieces.first() {
            match_literal(text, start, &first.folded[..1.min(first.folded.len())])?;
        }
        let trace = |span: Span, place: Option<Place>, failed: Option<Check>, why: String| Trace {
            rule: rule.info.clone(),
            span,
            at: place,
            failed,
            why,
        };
        // The places first: in one of them all may be well.
        let mut placed: Vec<Trace> = Vec::new();
        for place in unit.places.iter() {
            let whole = matches!(place, Place::Line | Place::LineStart | Place::Tail);
            if whole && !begins_line(text, start) {
                continue;
            }
            if let Some(end) =
                verify::match_form(text, pieces, place, rule.case, start, 0).filter(|&end| end > at)
            {
                let (failed, why) =
                    self.judge(document, options, unit, rule, place, Span::new(start, end));
                placed.push(trace(Span::new(start, end), Some(place), failed, why));
            }
        }
        if let Some(best) = placed.into_iter().max_by_key(rank) {
            return Some(best);
        }
        if let Some(end) =
            verify::match_pieces(text, pieces, rule.case, start).filter(|&end| end > at)
        {
            let places: Vec<&str> = unit.places.iter().map(Place::name).collect();
            let edge = if is_start_edge(text, start) {
                ""
            } else {
                ", and it begins inside a word"
            };
            let why = format!(
                "the rule looks at: {}; this stands elsewhere{edge}",
                places.join(", ")
            );
            return Some(trace(Span::new(start, end), None, Some(Check::Place), why));
        }
        if let Some(end) = verify::match_pieces(text, pieces, crate::model::Case::Fold, start)
            .filter(|&end| end > at)
        {
            let why = format!(
                "the rule asks for letter case `{}`, and this has another",
                rule.case.name()
            );
            return Some(trace(Span::new(start, end), None, Some(Check::Case), why));
        }
        let (end, links) = part(text, pieces, start)?;
        (end > at || options.only.is_some()).then(|| {
            let why = format!(
                "only the beginning of a form is here, {links} of its {} links whole",
                pieces.len()
            );
            trace(
                Span::new(start, end.max(start)),
                None,
                Some(Check::Form),
                why,
            )
        })
    }

    /// What stands against a match at a place, as `verify` asks it.
    fn judge(
        &self,
        document: Document<'_>,
        options: Options,
        unit: &Unit,
        rule: &CompiledRule,
        place: Place,
        span: Span,
    ) -> (Option<Check>, String) {
        let text = document.text;
        let no = |check: Check, why: String| (Some(check), why);
        if !rule.fits_site(document.site) {
            let site = document.site.map_or("no site is known".to_owned(), |site| {
                format!("the text comes from {site}")
            });
            return no(
                Check::Site,
                format!("the rule is for {}; {site}", rule.sites.join(", ")),
            );
        }
        if self.by_language && !rule.fits_lang(document.lang) {
            let lang = document.lang.unwrap_or_default();
            let why = format!("the rule is for {}; the text is in {lang}", rule.lang);
            return no(Check::Language, why);
        }
        let (breaks, most) = (
            text[span.range()].matches('\n').count(),
            unit.line_breaks(&self.database, place),
        );
        if breaks > most {
            return no(
                Check::Breaks,
                format!(
                    "it is broken over {} lines, and {} are the most",
                    breaks + 1,
                    most + 1
                ),
            );
        }
        let mention = match guard::judge_context(text, place, span) {
            Verdict::Insertion => None,
            Verdict::Kept(kept) => Some(kept),
            Verdict::Prose => {
                return no(
                    Check::Prose,
                    "the words before or behind it say that a sentence goes on".to_owned(),
                );
            }
        };
        if !rule.unless.is_empty() && excepted(text, rule, span) {
            return no(
                Check::Unless,
                "one of the rule's exceptions stands in the same line".to_owned(),
            );
        }
        let take = rule.take_at(place);
        let closing = |from| Closings::default().find(text, unit.rule, rule, from);
        let Some(cut) = cut(text, take, place, span, closing) else {
            return no(
                Check::Pair,
                format!(
                    "the second half of the pair does not follow within {} bytes",
                    rule.within
                ),
            );
        };
        let safety = rule.safety_at(place);
        let size = || guard::judge_size(text, rule, take, place, cut);
        match mention.or_else(size) {
            Some(Kept::Position) => no(
                Check::Position,
                "too little text stands before it".to_owned(),
            ),
            Some(Kept::LimitChars) => no(
                Check::Limit,
                format!(
                    "it would take {} characters, and the rule may take {}",
                    text[cut.range()].chars().count(),
                    rule.limit.chars
                ),
            ),
            Some(Kept::LimitShare) => no(
                Check::Limit,
                format!(
                    "it would take {} of {} bytes, which is more than the rule's share",
                    cut.len(),
                    text.len()
                ),
            ),
            Some(_) => no(
                Check::Mention,
                "the text speaks of the words: they are quoted, announced, or inside a sentence"
                    .to_owned(),
            ),
            None if safety < options.apply || safety == Safety::Report => no(
                Check::Tier,
                format!(
                    "its tier here is `{}`, and `{}` and above is applied",
                    safety.name(),
                    options.apply.name()
                ),
            ),
            None => (
                None,
                format!(
                    "it takes bytes {} to {} out{}",
                    cut.start,
                    cut.end,
                    taken(take)
                ),
            ),
        }
    }
}

fn taken(take: Take) -> String {
    format!(" (takes the {})", take.name())
}

/// How far a rule came, and how much it met on the way.
fn rank(trace: &Trace) -> (bool, Option<Check>, usize) {
    (trace.failed.is_none(), trace.failed, trace.span.len())
}

/// Where a form that reaches to `at` may begin: everywhere before it that is near and not in another block, nearest last.
fn starts(text: &str, at: usize) -> Vec<usize> {
    let at = floor_boundary(text, at.min(text.len()));
    let mut from = floor_boundary(text, at.saturating_sub(REACH));
    if let Some(border) = text[from..at].rfind("\n\n") {
        from += border + 2;
    }
    text[from..]
        .char_indices()
        .map(|(offset, _)| from + offset)
        .take_while(|start| *start <= at)
        .collect()
}

/// How much of a form stands at `start`: where it ends, and how many links are whole. `None` if it is not worth a word.
fn part(text: &str, pieces: &[CompiledPiece], start: usize) -> Option<(usize, usize)> {
    let met = |count: usize| {
        verify::match_pieces(text, &pieces[..count], crate::model::Case::Fold, start)
    };
    let whole = (1..pieces.len())
        .rev()
        .find_map(|count| Some((met(count)?, count)));
    // A slot takes nearly anything: what counts is how much of the rule's own words was met.
    let own = |count: usize| -> usize {
        let words = pieces[..count].iter().map(|piece| match piece {
            CompiledPiece::Literal(literal) => literal.folded.len(),
            _ => 0,
        });
        words.sum()
    };
    if let Some((end, links)) = whole
        && own(links) >= PART
    {
        return Some((end, links));
    }
    let Some(CompiledPiece::Literal(first)) = pieces.first() else {
        return None;
    };
    // A prefix of what is met is met: the longest is found by halving.
    let (mut low, mut high) = (1, first.folded.len());
    while low < high {
        let middle = (low + high).div_ceil(2);
        if match_literal(text, start, &first.folded[..middle]).is_some() {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    let end = match_literal(text, start, &first.folded[..low])?;
    (low >= PART && is_start_edge(text, start)).then_some((floor_boundary(text, end), 0))
}
