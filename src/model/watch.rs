//! How a program that measures looks on while a text is cleaned.

use super::RuleInfo;

/// The stages of cleaning a text, in the order of the work. Each may come several times: cleaning looks at its own result again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stage {
    /// The filter: from the text to candidates.
    Prefilter,
    /// The close look: from candidates to findings.
    Verification,
    /// The detectors of broken text.
    Fragments,
    /// From findings to edits, and to the text without them.
    Plan,
}

impl Stage {
    /// Every stage, in the order of the work.
    pub const ALL: [Self; 4] = [
        Self::Prefilter,
        Self::Verification,
        Self::Fragments,
        Self::Plan,
    ];
}

/// Is told what has just been done. The library asks no clock; who measures looks at one here.
pub trait Watch {
    /// A stage has ended.
    fn stage(&mut self, stage: Stage) {
        let _ = stage;
    }

    /// A candidate of a rule was looked at closely, and was the rule's text or was not.
    fn verified(&mut self, rule: &RuleInfo, is_match: bool) {
        let _ = (rule, is_match);
    }
}

/// Nobody looks on, which costs nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unwatched;

impl Watch for Unwatched {}
