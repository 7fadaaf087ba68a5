//! What the scanner and the detectors say about a text.

use std::sync::Arc;

use super::{Category, Place, Safety, Span};

/// What a reader of a finding wants to know about its rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleInfo {
    /// Full name: `en/ads/continues-below`, or `fragment/clipped-name` for a detector.
    pub name: String,
    /// Version of the pack, or of the engine for a detector.
    pub version: String,
    /// What kind of text it finds.
    pub category: Category,
    /// Why it finds it, as the end of a sentence that begins with the matched text.
    pub why: String,
}

impl RuleInfo {
    /// `name@version`, as ledgers print it.
    #[must_use]
    pub fn versioned(&self) -> String {
        // Not by `format!`: a ledger asks this for every edit.
        [&*self.name, "@", &*self.version].concat()
    }

    /// Whether a name that a user gave means this rule: its category, its full name, or a beginning of it up to a `/`.
    #[must_use]
    pub fn is_named(&self, wanted: &str) -> bool {
        names_rule(wanted, &self.name, self.category)
    }
}

/// Whether a name given by a user means the rule of this name and category.
pub(crate) fn names_rule(wanted: &str, name: &str, category: Category) -> bool {
    wanted == category.name()
        || name
            .strip_prefix(wanted)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// What `clean` would do with a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Take [`Finding::cut`] out and settle the white space around it.
    Remove,
    /// Put this text in the place of [`Finding::cut`].
    Replace(String),
    /// Nothing: it is only shown.
    Report,
}

/// Why a finding is left in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Kept {
    /// The text speaks of the words, it does not use them.
    Mention,
    /// It would take more characters than the rule may.
    LimitChars,
    /// It would take a greater share of the document than the rule may.
    LimitShare,
    /// Too little text stands before it.
    Position,
    /// Its tier is not applied in this run.
    Tier,
    /// The evidence allows more than one reading.
    Ambiguous,
    /// Another finding takes the place.
    Overlap,
    /// The caller wants it left alone.
    Suppressed,
    /// Markup stands in the way: an edit would break it.
    Markup,
}

impl Kept {
    /// Its spelling in ledgers and reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Mention => "mention",
            Self::LimitChars => "limit:chars",
            Self::LimitShare => "limit:share",
            Self::Position => "position",
            Self::Tier => "tier",
            Self::Ambiguous => "ambiguous",
            Self::Overlap => "overlap",
            Self::Suppressed => "suppressed",
            Self::Markup => "markup",
        }
    }
}

impl std::fmt::Display for Kept {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.name())
    }
}

/// How loudly a linter says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing; does not fail a run.
    Note,
    /// Most likely wrong; `clean --review` acts on it.
    Warning,
    /// Wrong; `clean` acts on it.
    Error,
}

impl Severity {
    /// Its spelling in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// One thing found in a text. The only thing that passes between the stages; only the planner turns it into an [`Edit`](super::Edit).
///
/// ```
/// let cleaner = descale::Cleaner::builder().builtin(false).pattern("Foo bar baz").build()?;
/// let findings = cleaner.scan("One.\n\nFoo bar baz\n\nTwo.");
/// assert_eq!(findings[0].span.range(), 6..17);
/// assert_eq!(findings[0].rule.name, "pattern/1");
/// # Ok::<(), descale::BuildError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule or detector that found it.
    pub rule: Arc<RuleInfo>,
    /// What was recognised, in bytes of the original text.
    pub span: Span,
    /// What an edit would take or replace, in bytes of the original text, before the seam is settled. Holds `span`, or lies in it.
    pub cut: Span,
    /// Where it stands; `None` for fragments.
    pub place: Option<Place>,
    /// How sure it is.
    pub safety: Safety,
    /// What `clean` would do.
    pub action: Action,
    /// Why it stays; `None` if `clean` acts on it.
    pub kept: Option<Kept>,
    /// Other places of the text that prove it, in bytes of the original text.
    pub evidence: Vec<Span>,
}

impl Finding {
    /// Whether `clean` acts on it.
    #[must_use]
    pub fn applies(&self) -> bool {
        self.kept.is_none() && self.action != Action::Report
    }

    /// How loudly a linter says it: mentions, over-limit findings and the report tier are notes.
    #[must_use]
    pub fn severity(&self) -> Severity {
        match (self.kept, self.safety) {
            (None | Some(Kept::Tier | Kept::Overlap | Kept::Markup), Safety::Safe) => {
                Severity::Error
            }
            (None | Some(Kept::Tier | Kept::Overlap | Kept::Markup), Safety::Review) => {
                Severity::Warning
            }
            _ => Severity::Note,
        }
    }
}
