//! The looks that make a cleaning: insertions first, then broken fragments, again until nothing acts any more.

use std::borrow::Cow;

use super::{Cleaned, Cleaner, FragmentMode, plan, zones};
use crate::fragment;
use crate::model::{Category, Document, Edit, Finding, Kept, Span, Stage, Watch};
use crate::scan::{Options, ScanCounts, Scanned, Scanner};

/// How often a text is cleaned anew when cleaning brought new findings together. Two are the rule where anything was found; more need a text
/// made for it.
const ROUNDS: usize = 12;

/// What is asked of a look.
#[derive(Clone, Copy)]
pub(super) struct Request<'a> {
    /// One rule alone, by its place in the database.
    pub(super) only: Option<u32>,
    /// Whether a finding may be acted on.
    pub(super) may_act: &'a dyn Fn(&Finding) -> bool,
}

impl Request<'_> {
    /// Everything, of one rule or of all.
    pub(super) fn of(only: Option<u32>) -> Self {
        Self {
            only,
            may_act: &|_| true,
        }
    }

    /// Marks what may not be acted on.
    pub(super) fn suppress(self, findings: &mut [Finding]) {
        for finding in findings {
            if !(self.may_act)(finding) {
                finding.kept = Some(Kept::Suppressed);
            }
        }
    }
}

impl Cleaner {
    /// Insertions go first, then broken fragments are looked for in what is left, once in most texts. A removal may bring a new finding about: two halves
    /// of a marker meet, a share limit is met no more. What is found in the cleaned text is done in the same call, so that a second call finds nothing
    /// left to do.
    pub(super) fn clean_all<'t>(
        &self,
        document: Document<'t>,
        request: Request<'_>,
        watch: &mut impl Watch,
    ) -> Cleaned<'t> {
        let mut cleaned = Cleaned {
            original: document.text,
            text: Cow::Borrowed(document.text),
            findings: Vec::new(),
            edits: Vec::new(),
        };
        let detects = self.detects(document, request);
        let mut left = Left {
            everywhere: !self.scanner.looks_locally(),
            zones: None,
            far: Vec::new(),
            detects,
            seen: Vec::new(),
        };
        let mut rounds = 0;
        let mut task = Task {
            first: true,
            ..Task::of(Look::Insertions)
        };
        while rounds < ROUNDS
            && self.clean_once(document, request, &task, &mut left, &mut cleaned, watch)
        {
            task = Task::of(Look::Insertions);
            rounds += 1;
        }
        // What was found out about the text still serves: it was left as it is.
        task.look = Look::Fragments;
        task.first = true;
        if detects && self.clean_once(document, request, &task, &mut left, &mut cleaned, watch) {
            while rounds < ROUNDS
                && self.clean_once(
                    document,
                    request,
                    &Task::of(Look::All),
                    &mut left,
                    &mut cleaned,
                    watch,
                )
            {
                rounds += 1;
            }
        }
        sort_findings(&mut cleaned.findings, &mut cleaned.edits);
        cleaned
    }

    /// Looks at the text as it was cleaned so far, and does what there is to do. Whether anything was.
    fn clean_once(
        &self,
        document: Document<'_>,
        request: Request<'_>,
        task: &Task,
        left: &mut Left,
        cleaned: &mut Cleaned<'_>,
        watch: &mut impl Watch,
    ) -> bool {
        let zones = left.zones.as_deref().filter(|zones| {
            // Most of a text is looked at no quicker than all of it.
            let bytes: usize = zones.iter().map(|zone| zone.len()).sum();
            !left.everywhere && bytes <= cleaned.text.len() / 2
        });
        if !left.detects && zones.is_some_and(<[Span]>::is_empty) {
            return false;
        }
        // From the text as it was cleaned so far to the original.
        let way_back = plan::Back::new(&cleaned.edits);
        let back = |finding: &mut Finding| {
            let mapped = |span: Span| {
                let start = way_back.start(span.start);
                Span::new(start, way_back.end(span.end).max(start))
            };
            finding.span = mapped(finding.span);
            finding.cut = mapped(finding.cut);
            finding.evidence = finding.evidence.iter().map(|&span| mapped(span)).collect();
        };
        let may_act = |finding: &Finding| {
            let mut finding = finding.clone();
            back(&mut finding);
            (request.may_act)(&finding)
        };
        let here = Request {
            may_act: &may_act,
            ..request
        };
        let Looked {
            findings: mut found,
            edits: mut more,
            far,
            everywhere,
            seen,
        } = self.look(
            Document {
                text: &cleaned.text,
                ..document
            },
            if cleaned.edits.is_empty() {
                request
            } else {
                here
            },
            task,
            zones.map(|zones| Again {
                zones,
                seen: &left.seen,
            }),
            watch,
        );
        left.everywhere |= everywhere;
        let shift = cleaned.findings.len();
        if !task.first {
            let mut places = Vec::with_capacity(found.len());
            let mut kept = 0;
            for finding in &found {
                places.push(kept);
                kept += usize::from(finding.applies());
            }
            for index in more.iter_mut().flat_map(|edit| &mut edit.findings) {
                *index = places[*index];
            }
            found.retain(Finding::applies);
        }
        if !cleaned.edits.is_empty() {
            found.iter_mut().for_each(back);
        }
        if cleaned.findings.is_empty() {
            cleaned.findings = found;
        } else {
            cleaned.findings.append(&mut found);
        }
        if task.look == Look::Fragments {
            left.far.extend(far);
        } else {
            (left.far, left.seen) = (far, seen);
        }
        if more.is_empty() {
            return false;
        }
        if left.detects {
            left.seen = zones::carried(std::mem::take(&mut left.seen), &more);
        }
        let text = plan::apply(&cleaned.text, &more).into_owned();
        left.zones = Some(if left.everywhere {
            Vec::new()
        } else {
            zones::around(&cleaned.text, &text, &more, &left.far)
        });
        cleaned.edits = plan::compose(
            &cleaned.text,
            std::mem::take(&mut cleaned.edits),
            more,
            shift,
        );
        cleaned.text = Cow::Owned(text);
        watch.stage(Stage::Plan);
        true
    }

    /// Whether detectors are asked about a text.
    fn detects(&self, document: Document<'_>, request: Request<'_>) -> bool {
        self.fragments != FragmentMode::Off
            && request.only.is_none()
            && !fragment::is_whole(document.text)
    }

    /// One look: the findings and the edits they lead to. Detectors judge by the whole text; the scanner looks only where it must look `again`, if that is
    /// given.
    pub(super) fn look(
        &self,
        document: Document<'_>,
        request: Request<'_>,
        task: &Task,
        again: Option<Again<'_>>,
        watch: &mut impl Watch,
    ) -> Looked {
        let text = document.text;
        let Scanned {
            mut findings,
            mut far,
        } = match (task.look, again) {
            (Look::Fragments, _) | (_, Some(Again { zones: [], .. })) => Scanned::default(),
            _ => self.scanner.scan_watched(
                document,
                Options {
                    apply: self.apply,
                    only: request.only,
                    zones: again.map(|again| again.zones),
                },
                &mut ScanCounts::default(),
                watch,
            ),
        };
        request.suppress(&mut findings);
        let mut seen = Vec::new();
        if self.detects(document, request) {
            if let Some(again) = again.filter(|_| task.look != Look::Fragments) {
                again.add_seen(&mut findings);
            }
            // What acts is gone afterwards.
            seen.extend(
                findings
                    .iter()
                    .filter(|finding| !finding.applies())
                    .cloned(),
            );
            self.detect(document, request, task, &mut findings);
            watch.stage(Stage::Fragments);
        }
        let edits = plan::plan(text, &mut findings, self.fragments);
        watch.stage(Stage::Plan);
        let mut everywhere = false;
        for finding in &findings {
            match finding.kept {
                Some(Kept::Overlap) => far.push(finding.span),
                // It takes its place from others in each look, and so it must be seen in each.
                Some(Kept::Suppressed) => everywhere = true,
                _ => {}
            }
        }
        Looked {
            findings,
            edits,
            far,
            everywhere,
            seen,
        }
    }

    /// Adds the broken fragments.
    fn detect(
        &self,
        document: Document<'_>,
        request: Request<'_>,
        task: &Task,
        findings: &mut Vec<Finding>,
    ) {
        let removed: Vec<Span> = findings
            .iter()
            .filter(|finding| finding.applies())
            .map(|finding| finding.cut)
            .collect();
        let input = fragment::Input {
            text: document.text,
            removed: &removed,
            found: findings,
            labels: Some(&self.scanner),
            title: document.title,
            lang: document.lang,
            facts: &task.facts,
        };
        let mut fragments = Vec::new();
        for detector in &self.detectors {
            if task.look.asks(detector.category()) {
                detector.detect(input, &mut fragments);
            }
        }
        for finding in &mut fragments {
            if finding.safety < self.apply || self.fragments == FragmentMode::Report {
                finding.kept = finding.kept.or(Some(Kept::Tier));
            }
        }
        request.suppress(&mut fragments);
        // What the scanner removes needs no mending, and what touches it is the seam's business. Of fragments that overlap the first acts.
        fragments.retain(|finding| {
            let reach = finding.cut.cover(finding.span);
            let first = removed.partition_point(|removed| removed.end < reach.start);
            let near = removed[first..]
                .iter()
                .take_while(|removed| removed.start <= reach.end);
            let touches = |removed: &Span| {
                removed.start <= finding.cut.end && finding.cut.start <= removed.end
            };
            !near
                .into_iter()
                .any(|removed| touches(removed) || removed.overlaps(finding.span))
        });
        if fragments.is_empty() {
            return;
        }
        fragments.sort_by_key(|finding| {
            (
                finding.cut.start,
                !finding.applies(),
                std::cmp::Reverse(finding.cut.end),
            )
        });
        let mut taken = 0;
        for finding in &mut fragments {
            if finding.applies() {
                if finding.cut.start < taken {
                    finding.kept = Some(Kept::Overlap);
                } else {
                    taken = finding.cut.end;
                }
            }
        }
        findings.extend(fragments);
        findings.sort_by_key(|finding| (finding.cut.start, finding.cut.end));
    }
}

impl fragment::Labels for Scanner {
    fn may_begin(&self, text: &str, at: usize) -> bool {
        Self::may_begin(self, text, at)
    }

    fn cut_short(&self, line: &str) -> Option<&str> {
        Self::cut_short(self, line)
    }
}

/// What one look answers.
pub(super) struct Looked {
    pub(super) findings: Vec<Finding>,
    edits: Vec<Edit>,
    /// Matches that may be judged otherwise when text changes that is far from them.
    far: Vec<Span>,
    /// Whether a change anywhere may bring something new about anywhere.
    everywhere: bool,
    /// What the scanner found and left to people; only where there are detectors, which judge by it.
    seen: Vec<Finding>,
}

/// Where the scanner must look again, and what it saw elsewhere.
#[derive(Clone, Copy)]
pub(super) struct Again<'a> {
    /// Whole lines, sorted and disjoint.
    zones: &'a [Span],
    /// What the last look left to people, in bytes of the text.
    seen: &'a [Finding],
}

impl Again<'_> {
    /// Adds to what was found in the zones what stands outside.
    fn add_seen(self, findings: &mut Vec<Finding>) {
        let outside = |finding: &&Finding| {
            let place = self
                .zones
                .partition_point(|zone| zone.end < finding.span.end);
            self.zones
                .get(place)
                .is_none_or(|zone| finding.span.start < zone.start)
        };
        findings.extend(self.seen.iter().filter(outside).cloned());
        findings.sort_by_key(|finding| (finding.cut.start, finding.cut.end));
    }
}

/// What is left to look at.
struct Left {
    /// Whether a change anywhere may bring something new about anywhere.
    everywhere: bool,
    /// The lines around the last edits, and those whose verdict hung on more than their surroundings; `None` before there are any.
    zones: Option<Vec<Span>>,
    /// Matches of the scanner's last look that may be judged otherwise when text changes that is far from them.
    far: Vec<Span>,
    /// Whether there are detectors.
    detects: bool,
    /// For them: what the scanner found in the last look and left to people.
    seen: Vec<Finding>,
}

/// What a text is looked through for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// What a page added to the article.
    Insertions,
    /// What a tool broke.
    Fragments,
    /// Both.
    All,
}

/// One look at a text.
#[derive(Debug)]
pub(super) struct Task {
    look: Look,
    /// Whether it is the first of its kind. All that it finds is noted then, later only what acts: the rest was seen before.
    first: bool,
    /// What was found out about the text. Serves as long as the text stays.
    facts: fragment::Facts,
}

impl Task {
    /// A look that is not the first.
    pub(super) fn of(look: Look) -> Self {
        Self {
            look,
            first: false,
            facts: fragment::Facts::default(),
        }
    }
}

impl Look {
    /// Whether it looks for what detectors of this category find.
    fn asks(self, category: Category) -> bool {
        match self {
            Self::Insertions => category != Category::Fragment,
            Self::Fragments => category == Category::Fragment,
            Self::All => true,
        }
    }
}

/// Sorts findings by place and tells the edits where they went.
pub(super) fn sort_findings(findings: &mut Vec<Finding>, edits: &mut [Edit]) {
    if findings.is_sorted_by_key(|finding| (finding.cut.start, finding.cut.end)) {
        return;
    }
    let mut order: Vec<usize> = (0..findings.len()).collect();
    order.sort_by_key(|&index| (findings[index].cut.start, findings[index].cut.end));
    let mut places = vec![0; findings.len()];
    for (place, &index) in order.iter().enumerate() {
        places[index] = place;
    }
    let mut taken: Vec<Option<Finding>> = std::mem::take(findings).into_iter().map(Some).collect();
    findings.extend(order.iter().filter_map(|&index| taken[index].take()));
    for index in edits.iter_mut().flat_map(|edit| &mut edit.findings) {
        *index = places[*index];
    }
}
