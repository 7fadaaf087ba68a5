//! Finds and removes the boilerplate that publishers insert in articles, and mends what careless tools broke.
//!
//! ```
//! let cleaner = descale::Cleaner::builder().build()?;
//! let text = "He singled out Iran.\n\nStory continues below advertisement\n\n\"We are united,\" he said.";
//! let cleaned = cleaner.clean(text);
//! assert_eq!(cleaned.text, "He singled out Iran.\n\n\"We are united,\" he said.");
//! # Ok::<(), descale::BuildError>(())
//! ```
//!
//! Three stages: packs of known strings are compiled ([`Pack`], [`compile`], [`Database`]); a text is scanned for them ([`Cleaner::scan`] answers
//! [`Finding`]s); findings become [`Edit`]s and a cleaned text ([`Cleaner::clean`] answers [`Cleaned`]). Spans are in bytes of the original text,
//! on character boundaries. Nothing outside the edits changes, cleaning twice equals cleaning once, and neither call can fail.
//!
//! # Features
//!
//! * `cli` (default): the `descale` command. A library-only build (`default-features = false`) has no argument parser and opens no files.
//! * `report` (with `cli`): modules `report`, `format` and `eval`, for programs that want diffs or JSON Lines without the command.
//! * `parquet` (default): tables of that format, in module `format` and in the command. It is large to build.
//! * `language` (with `cli`): `format::lang::detect`, which finds out the language of a text.
//! * `lexicon` (default): known English words and names for the fragment detectors.

#![warn(clippy::print_stdout, clippy::print_stderr)]

mod builtin;
mod clean;
mod db;
#[cfg(feature = "report")]
pub mod eval;
#[cfg(feature = "report")]
pub mod format;
mod fragment;
#[cfg(feature = "report")]
pub mod lint;
mod model;
mod pack;
#[cfg(feature = "report")]
pub mod report;
mod scan;
mod text;

pub use builtin::builtin_packs;
pub use clean::{
    BuildError, Carrier, Cleaned, Cleaner, CleanerBuilder, FragmentMode, carry, check_packs,
    compile, ledger, take_out,
};
pub use db::{Database, DatabaseError};
pub use model::{
    Action, Case, Category, Diagnostic, Document, Edit, Finding, Form, Kept, Level, Limit,
    PackInfo, Piece, Place, PlaceSet, Rule, RuleInfo, Safety, SafetyByPlace, Severity, Slot, Span,
    Take, Template,
};
#[doc(hidden)]
pub use model::{Stage, Watch};
pub use pack::{Entry, Example, Fix, Pack, RULE_FIELDS};
#[doc(hidden)]
pub use scan::{BareAutomaton, window_table};
pub use scan::{Check, ScanCounts, Trace};
pub use text::fold::fold;

/// Runs the README's example with the other examples.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
