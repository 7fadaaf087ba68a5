//! Text that a tool broke: a family of detectors, one file each, and the one list of them.
//!
//! A detector sees the original text and the insertions the scanner found (so that it can look past them), and answers with findings.
//! It never cuts: the planner does.

mod context;
mod entity;
mod escape;
mod glued_header;
mod hole;
mod hover_card;
mod markup;
mod mojibake;
mod repeated_block;
mod settled;

#[cfg(test)]
mod check;

use crate::model::{Finding, Span};

/// What a detector looks at.
#[derive(Clone, Copy, Debug)]
pub struct Input<'t> {
    /// The original text.
    pub text: &'t str,
    /// What the scanner's applied findings take out: sorted, disjoint, in bytes of `text`. A detector treats these stretches as absent.
    pub removed: &'t [Span],
    /// The document's title, when known.
    pub title: Option<&'t str>,
    /// The document's language (BCP 47), when known.
    pub lang: Option<&'t str>,
}

/// A detector of one kind of breakage.
pub trait Detector: Send + Sync {
    /// The name behind `fragment/`, in kebab-case.
    fn name(&self) -> &'static str;

    /// What is broken, as the end of a sentence that begins with the found text.
    fn why(&self) -> &'static str;

    /// Adds what it finds in `input` to `findings`, in the order of the text, each with its evidence. Spans on character boundaries.
    fn detect(&self, input: Input<'_>, findings: &mut Vec<Finding>);
}

impl std::fmt::Debug for dyn Detector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// Every detector, in the order in which they look.
pub(crate) const DETECTORS: &[&dyn Detector] = &[
    &glued_header::GluedHeader,
    &hover_card::HoverCard,
    &markup::Markup,
    &entity::Entity,
    &escape::Escape,
    &mojibake::Mojibake,
    &hole::Hole,
    &repeated_block::RepeatedBlock,
];

/// What goes when a fragment is cut out instead of mended.
pub(crate) fn removal_span(_text: &str, finding: &Finding) -> Span {
    finding.cut
}
