//! Findings to edits to text: [`Cleaner`] and what it answers. Nothing here fails or reads or writes anything, once a cleaner is built.

mod builder;
mod carry;
mod check;
mod explain;
pub mod ledger;
mod names;
mod plan;
mod seam;

use std::borrow::Cow;
use std::sync::Arc;

use crate::db::Database;
use crate::fragment;
use crate::model::{
    Category, Document, Edit, Finding, Kept, RuleInfo, Safety, Span, Stage, Unwatched, Watch,
};
use crate::scan::{Options, ScanCounts, Scanner};

pub use builder::{BuildError, CleanerBuilder};
pub use carry::{Carrier, carry, take_out};
pub use check::{check_packs, compile};

/// How often a text is cleaned anew when cleaning brought new findings together. Two are the rule where anything was found; more need a text
/// made for it.
const ROUNDS: usize = 12;

/// What becomes of broken fragments that can be mended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum FragmentMode {
    /// They are mended.
    #[default]
    Repair,
    /// They are cut out, with their honorific and possessive.
    Remove,
    /// They are reported.
    Report,
    /// They are not looked for.
    Off,
}

impl FragmentMode {
    /// Every mode, in the order of the documentation.
    pub const ALL: [Self; 4] = [Self::Repair, Self::Remove, Self::Report, Self::Off];

    /// Its spelling on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Repair => "repair",
            Self::Remove => "remove",
            Self::Report => "report",
            Self::Off => "off",
        }
    }

    /// The mode with that spelling.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.name() == name)
    }
}

/// Finds insertions and broken fragments, and takes them out. Built once, used for many texts, shared between threads.
///
/// ```
/// let cleaner = descale::Cleaner::builder().build()?;
/// let cleaned = cleaner.clean("It was late.\n\nStory continues below advertisement\n\nThey went home.");
/// assert_eq!(cleaned.text, "It was late.\n\nThey went home.");
/// assert_eq!(cleaned.findings[0].rule.name, "en/ads/continues-below");
/// # Ok::<(), descale::BuildError>(())
/// ```
#[derive(Debug)]
pub struct Cleaner {
    scanner: Scanner,
    apply: Safety,
    fragments: FragmentMode,
    /// Whether a detector may act, by name.
    detectors: Vec<&'static dyn fragment::Detector>,
    /// The rules there were before the choice by name, so that a name left out is still known.
    names: Vec<Arc<RuleInfo>>,
}

/// What is asked of a look.
#[derive(Clone, Copy)]
struct Request<'a> {
    /// One rule alone, by its place in the database.
    only: Option<u32>,
    /// Whether a finding may be acted on.
    may_act: &'a dyn Fn(&Finding) -> bool,
}

impl Request<'_> {
    /// Everything, of one rule or of all.
    fn of(only: Option<u32>) -> Self {
        Self {
            only,
            may_act: &|_| true,
        }
    }

    /// Marks what may not be acted on.
    fn suppress(self, findings: &mut [Finding]) {
        for finding in findings {
            if !(self.may_act)(finding) {
                finding.kept = Some(Kept::Suppressed);
            }
        }
    }
}

/// What [`Cleaner::clean`] answers: the text, and everything that was found and done.
#[derive(Clone, Debug, PartialEq)]
pub struct Cleaned<'t> {
    /// The text as it came.
    pub original: &'t str,
    /// The cleaned text; borrowed when nothing changed.
    pub text: Cow<'t, str>,
    /// All findings, in bytes of the original text, sorted by place; those that stay say why.
    pub findings: Vec<Finding>,
    /// What was changed, in bytes of the original text: sorted and disjoint.
    pub edits: Vec<Edit>,
}

impl Cleaned<'_> {
    /// Whether the text differs from the original.
    #[must_use]
    pub fn changed(&self) -> bool {
        !self.edits.is_empty()
    }
}

impl Cleaner {
    /// Begins a cleaner: the built-in packs, the safe tier, fragments mended.
    #[must_use]
    pub fn builder() -> CleanerBuilder {
        CleanerBuilder::default()
    }

    /// All findings in a text, in bytes of it, sorted by place. Never fails, whatever the text.
    #[must_use]
    pub fn scan(&self, text: &str) -> Vec<Finding> {
        self.scan_document(Document::new(text))
    }

    /// Cleans a text. Never fails, whatever the text; cleaning the answer again changes nothing.
    #[must_use]
    pub fn clean<'t>(&self, text: &'t str) -> Cleaned<'t> {
        self.clean_document(Document::new(text))
    }

    /// As [`Cleaner::scan`], with what is known about the text.
    #[must_use]
    pub fn scan_document(&self, document: Document<'_>) -> Vec<Finding> {
        self.look(
            document,
            Request::of(None),
            &Task::of(Look::All),
            &mut Unwatched,
        )
        .0
    }

    /// As [`Cleaner::clean`], with what is known about the text.
    #[must_use]
    pub fn clean_document<'t>(&self, document: Document<'t>) -> Cleaned<'t> {
        self.clean_rule(document, None)
    }

    /// As [`Cleaner::scan_document`]; findings that `may_act` refuses are marked [`Kept::Suppressed`], and the text is read as if `clean` let them stand.
    #[must_use]
    pub fn scan_document_if(
        &self,
        document: Document<'_>,
        may_act: &dyn Fn(&Finding) -> bool,
    ) -> Vec<Finding> {
        let request = Request {
            only: None,
            may_act,
        };
        self.look(document, request, &Task::of(Look::All), &mut Unwatched)
            .0
    }

    /// As [`Cleaner::clean_document`], but findings that `may_act` refuses are left alone and marked [`Kept::Suppressed`]. It is asked with all spans
    /// in bytes of the document's text, and must answer the same for the same finding.
    ///
    /// ```
    /// let cleaner = descale::Cleaner::builder().builtin(false).pattern("Foo bar baz").build()?;
    /// let text = "One.\n\nFoo bar baz\n\nTwo.\n\nFoo bar baz\n\nThree.";
    /// let cleaned = cleaner.clean_document_if(descale::Document::new(text), &|finding| finding.span.start > 10);
    /// assert_eq!(cleaned.text, "One.\n\nFoo bar baz\n\nTwo.\n\nThree.");
    /// assert_eq!(cleaned.findings[0].kept, Some(descale::Kept::Suppressed));
    /// # Ok::<(), descale::BuildError>(())
    /// ```
    #[must_use]
    pub fn clean_document_if<'t>(
        &self,
        document: Document<'t>,
        may_act: &dyn Fn(&Finding) -> bool,
    ) -> Cleaned<'t> {
        let request = Request {
            only: None,
            may_act,
        };
        self.clean_all(document, request, &mut Unwatched)
    }

    /// As [`Cleaner::clean_document`], with somebody looking on. For `descale bench` alone.
    #[doc(hidden)]
    #[must_use]
    pub fn clean_watched<'t>(&self, document: Document<'t>, watch: &mut impl Watch) -> Cleaned<'t> {
        self.clean_all(document, Request::of(None), watch)
    }

    /// How much work scanning a text is, in counts that no clock enters: what the filter let through, and what came of it.
    ///
    /// ```
    /// let cleaner = descale::Cleaner::builder().build()?;
    /// let counts = cleaner.scan_counts("One.\n\nAdvertisement\n\nTwo.");
    /// assert_eq!(counts.lines, 3);
    /// assert!(counts.matches >= 1);
    /// # Ok::<(), descale::BuildError>(())
    /// ```
    #[must_use]
    pub fn scan_counts(&self, text: &str) -> ScanCounts {
        let mut counts = ScanCounts::default();
        let _ = self.scanner.scan_counting(
            Document::new(text),
            Options {
                apply: self.apply,
                only: None,
            },
            &mut counts,
        );
        counts
    }

    /// The compiled rules.
    #[must_use]
    pub fn database(&self) -> &Database {
        self.scanner.database()
    }

    /// Cleans with one rule alone, or with all.
    pub(crate) fn clean_rule<'t>(&self, document: Document<'t>, only: Option<u32>) -> Cleaned<'t> {
        self.clean_all(document, Request::of(only), &mut Unwatched)
    }

    /// Insertions go first, then broken fragments are looked for in what is left, once in most texts. A removal may bring a new finding about: two halves
    /// of a marker meet, a share limit is met no more. What is found in the cleaned text is done in the same call, so that a second call finds nothing
    /// left to do.
    fn clean_all<'t>(
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
        let mut rounds = 0;
        let mut task = Task {
            first: true,
            ..Task::of(Look::Insertions)
        };
        while rounds < ROUNDS && self.clean_once(document, request, &task, &mut cleaned, watch) {
            task = Task::of(Look::Insertions);
            rounds += 1;
        }
        // What was found out about the text still serves: it was left as it is.
        task.look = Look::Fragments;
        task.first = true;
        if request.only.is_none() && self.clean_once(document, request, &task, &mut cleaned, watch)
        {
            while rounds < ROUNDS
                && self.clean_once(document, request, &Task::of(Look::All), &mut cleaned, watch)
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
        cleaned: &mut Cleaned<'_>,
        watch: &mut impl Watch,
    ) -> bool {
        // From the text as it was cleaned so far to the original.
        let back = |finding: &mut Finding| {
            let edits = &cleaned.edits;
            let mapped = |span: Span| {
                let start = plan::back_start(edits, span.start);
                Span::new(start, plan::back_end(edits, span.end).max(start))
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
        let (mut found, more) = self.look(
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
            watch,
        );
        let shift = cleaned.findings.len();
        let mut places = vec![usize::MAX; found.len()];
        let mut kept = 0;
        for (place, finding) in places.iter_mut().zip(&found) {
            if task.first || finding.applies() {
                *place = kept;
                kept += 1;
            }
        }
        found.retain(|finding| task.first || finding.applies());
        if !cleaned.edits.is_empty() {
            found.iter_mut().for_each(back);
        }
        cleaned.findings.append(&mut found);
        if more.is_empty() {
            return false;
        }
        let more = more
            .into_iter()
            .map(|edit| Edit {
                findings: edit.findings.iter().map(|&index| places[index]).collect(),
                ..edit
            })
            .collect();
        cleaned.edits = plan::compose(
            &cleaned.text,
            std::mem::take(&mut cleaned.edits),
            more,
            shift,
        );
        cleaned.text = plan::apply(cleaned.original, &cleaned.edits);
        watch.stage(Stage::Plan);
        true
    }

    /// One look: the findings and the edits they lead to.
    fn look(
        &self,
        document: Document<'_>,
        request: Request<'_>,
        task: &Task,
        watch: &mut impl Watch,
    ) -> (Vec<Finding>, Vec<Edit>) {
        let text = document.text;
        let mut findings = match task.look {
            Look::Fragments => Vec::new(),
            Look::Insertions | Look::All => self.scanner.scan_watched(
                document,
                Options {
                    apply: self.apply,
                    only: request.only,
                },
                &mut ScanCounts::default(),
                watch,
            ),
        };
        request.suppress(&mut findings);
        if self.fragments != FragmentMode::Off && request.only.is_none() {
            self.detect(document, request, task, &mut findings);
            watch.stage(Stage::Fragments);
        }
        let edits = plan::plan(text, &mut findings, self.fragments);
        watch.stage(Stage::Plan);
        (findings, edits)
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

/// What a text is looked through for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Look {
    /// What a page added to the article.
    Insertions,
    /// What a tool broke.
    Fragments,
    /// Both.
    All,
}

/// One look at a text.
#[derive(Debug)]
struct Task {
    look: Look,
    /// Whether it is the first of its kind. All that it finds is noted then, later only what acts: the rest was seen before.
    first: bool,
    /// What was found out about the text. Serves as long as the text stays.
    facts: fragment::Facts,
}

impl Task {
    /// A look that is not the first.
    fn of(look: Look) -> Self {
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
fn sort_findings(findings: &mut Vec<Finding>, edits: &mut [Edit]) {
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
