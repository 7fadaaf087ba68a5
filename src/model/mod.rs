//! The vocabulary of the crate: spans, rules, findings, edits. It imports nothing else of ours, so every stage may use it.

mod diagnostic;
mod document;
mod edit;
mod finding;
mod rule;
mod span;
mod template;
mod watch;

pub use diagnostic::{Diagnostic, Level};
pub use document::Document;
pub use edit::Edit;
pub(crate) use finding::names_rule;
pub use finding::{Action, Finding, Kept, RuleInfo, Severity};
pub use rule::{
    Case, Category, Limit, PackInfo, Place, PlaceSet, Rule, Safety, SafetyByPlace, Take,
};
pub use span::Span;
pub use template::{Form, Piece, Slot, Template};
pub use watch::{Stage, Unwatched, Watch};
