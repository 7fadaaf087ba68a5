//! The ledger: what a cleaning did to a text, complete enough to play it backwards and to carry spans of others across it.
//!
//! A ledger is a row of [`Message`]s. A `header` says which engine and packs were at work. Each document follows with a `doc`, an `edit` for each
//! change, a `kept` for each finding that stayed, and an `end`; a document in which nothing was found has its `doc` alone. A `summary` comes last.
//! On disk it is JSON Lines, a message a line, each line with a checksum; `docs/ledger.md` describes the form.
//!
//! ```
//! use descale::ledger::{Message, Name, record, undo};
//!
//! let cleaner = descale::Cleaner::builder().builtin(false).pattern("Foo bar baz").build()?;
//! let text = "One.\n\nFoo bar baz\n\nTwo.";
//! let cleaned = cleaner.clean(text);
//! let messages = record(&Name::text("a.txt"), &cleaned.facts());
//!
//! let changes: Vec<_> = messages
//!     .into_iter()
//!     .filter_map(|message| match message {
//!         Message::Edit(change) => Some(change),
//!         _ => None,
//!     })
//!     .collect();
//! assert_eq!((changes[0].rule.as_ref(), changes[0].old.as_ref()), ("pattern/1@0.0.0", "Foo bar baz\n\n"));
//! assert_eq!(undo(&cleaned.text, &changes)?, text);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#[cfg(feature = "report")]
mod lines;
mod message;
mod record;
mod span_map;
mod undo;

#[cfg(feature = "report")]
pub use lines::{LedgerError, Reader, Writer, lines};
pub use message::{Also, Change, Doc, End, Header, KeptBack, Message, PackStamp, Stamp, Totals};
pub use record::{Facts, Name, changes, record};
pub use span_map::{Carried, SpanMap, Unit};
pub use undo::{UndoError, check, inverse, undo};

/// Version of the ledger's form. A new field leaves it; a field that goes or changes its meaning raises it.
pub const SCHEMA: u32 = 1;

/// The program that writes ledgers, as their header names it.
pub const ENGINE: &str = concat!("descale ", env!("CARGO_PKG_VERSION"));

impl super::Cleaned<'_> {
    /// The original text, made of the cleaned text and what the edits took out of it alone.
    ///
    /// [`Cleaned::original`](super::Cleaned::original) is at hand as well, so this is the proof that the edits are complete; [`ledger::undo`](undo)
    /// does the same later, with recorded changes.
    ///
    /// ```
    /// let cleaner = descale::Cleaner::builder().builtin(false).pattern("Foo bar baz").build()?;
    /// let cleaned = cleaner.clean("One.\n\nFoo bar baz\n\nTwo.");
    /// assert_eq!(cleaned.text, "One.\n\nTwo.");
    /// assert_eq!(cleaned.undo(), "One.\n\nFoo bar baz\n\nTwo.");
    /// # Ok::<(), descale::BuildError>(())
    /// ```
    #[must_use]
    pub fn undo(&self) -> String {
        undo::play_back(&self.text, &self.changes())
    }

    /// The edits as a ledger records them: with the removed text, the place on both sides, and the rules. In the order of the text.
    #[must_use]
    pub fn changes(&self) -> Vec<Change<'_>> {
        changes("", &self.facts())
    }

    /// Where spans of the original lie in the cleaned text, and back, in bytes. [`SpanMap::new`] makes maps in other units.
    #[must_use]
    pub fn span_map(&self) -> SpanMap {
        SpanMap::new(self.original, &self.edits, Unit::Byte)
    }

    /// What [`record`] needs to know.
    #[must_use]
    pub fn facts(&self) -> Facts<'_> {
        Facts::new(self.original, &self.findings, &self.edits)
    }
}
