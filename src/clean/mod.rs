//! Findings to edits to text: [`Cleaner`] and what it answers. Nothing here fails or reads or writes anything, once a cleaner is built.

mod builder;
mod carry;
mod check;
mod explain;
pub mod ledger;
mod names;
mod plan;
mod rounds;
mod seam;
mod zones;

use std::borrow::Cow;
use std::sync::Arc;

use crate::db::Database;
use crate::fragment;
use crate::model::{Document, Edit, Finding, RuleInfo, Safety, Unwatched, Watch};
use crate::scan::{Options, ScanCounts, Scanner};

use rounds::{Look, Request, Task};

pub use builder::{BuildError, CleanerBuilder};
pub use carry::{Carrier, carry, take_out};
pub use check::{check_packs, compile};

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
            None,
            &mut Unwatched,
        )
        .findings
    }

    /// As [`Cleaner::clean`], with what is known about the text.
    #[must_use]
    pub fn clean_document<'t>(&self, document: Document<'t>) -> Cleaned<'t> {
        self.clean_rule(document, None)
    }

    /// As [`Cleaner::scan_document`]; findings that `may_act` refuses are marked [`Kept::Suppressed`](crate::Kept::Suppressed), and the text is read as if `clean` let them stand.
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
        self.look(
            document,
            request,
            &Task::of(Look::All),
            None,
            &mut Unwatched,
        )
        .findings
    }

    /// As [`Cleaner::clean_document`], but findings that `may_act` refuses are left alone and marked [`Kept::Suppressed`](crate::Kept::Suppressed). It is asked with all spans
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
                zones: None,
            },
            &mut counts,
        );
        counts
    }

    /// Whether a finding of this cleaner would be one in a document in `lang` too, if it limits rules by language
    /// ([`CleanerBuilder::by_language`]): its rule is for that language, or for all.
    #[must_use]
    pub fn fits_language(&self, finding: &Finding, lang: &str) -> bool {
        let mut rules = self.scanner.database().rules.iter();
        rules
            .find(|rule| Arc::ptr_eq(&rule.info, &finding.rule))
            .is_none_or(|rule| rule.fits_lang(Some(lang)))
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
}
