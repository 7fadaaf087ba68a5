//! A change of the text.

use super::Span;

/// One change: the bytes of `span` in the original become `replacement`. Edits of a plan are sorted and disjoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// What goes, in bytes of the original text; includes the white space that the seam settles.
    pub span: Span,
    /// What comes in its place.
    pub replacement: String,
    /// Places in [`Cleaned::findings`](crate::Cleaned::findings) of the findings that caused it; never empty.
    pub findings: Vec<usize>,
}

impl Edit {
    /// By how many bytes the text grows (negative: shrinks).
    #[must_use]
    pub fn growth(&self) -> isize {
        self.replacement.len() as isize - self.span.len() as isize
    }
}
