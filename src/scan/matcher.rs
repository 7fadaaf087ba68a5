//! The automaton: all anchors of all forms in one pass over folded text. The only file that names `aho_corasick`.

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

/// Finds all occurrences of a set of byte strings, overlapping ones included.
#[derive(Debug)]
pub(super) struct Matcher {
    automaton: Option<AhoCorasick>,
}

impl Matcher {
    /// Builds the automaton. Its answers name the anchors by their place in `anchors`.
    pub(super) fn new(anchors: &[&[u8]]) -> Self {
        let automaton = (!anchors.is_empty()).then(|| {
            AhoCorasick::builder()
                .match_kind(MatchKind::Standard)
                .kind((anchors.len() > 64).then_some(AhoCorasickKind::ContiguousNFA))
                .build(anchors)
                // Anchors are bounded in number and length by the database, far below the automaton's own limits.
                .expect("an automaton of bounded anchors is built")
        });
        Self { automaton }
    }

    /// Calls `found` with (anchor, start) for each occurrence in `folded`, in the order of their ends.
    pub(super) fn find(&self, folded: &[u8], mut found: impl FnMut(u32, usize)) {
        if let Some(automaton) = &self.automaton {
            for hit in automaton.find_overlapping_iter(folded) {
                found(hit.pattern().as_u32(), hit.start());
            }
        }
    }
}

/// The automaton by itself, over literals as they are and without regard to the case of ASCII letters: what a program does that has no filter. Only
/// for measuring beside it.
#[doc(hidden)]
#[derive(Debug)]
pub struct BareAutomaton {
    automaton: AhoCorasick,
}

impl BareAutomaton {
    /// Builds it as a contiguous NFA, which is small, or as a DFA, which is quick. `None` when the literals are more than it can take.
    #[must_use]
    pub fn new(literals: &[String], dfa: bool) -> Option<Self> {
        let kind = if dfa {
            AhoCorasickKind::DFA
        } else {
            AhoCorasickKind::ContiguousNFA
        };
        AhoCorasick::builder()
            .kind(Some(kind))
            .match_kind(MatchKind::Standard)
            .ascii_case_insensitive(true)
            .build(literals)
            .ok()
            .map(|automaton| Self { automaton })
    }

    /// How often a literal is met, overlapping ones included.
    #[must_use]
    pub fn count(&self, text: &str) -> usize {
        self.automaton.find_overlapping_iter(text).count()
    }
}
