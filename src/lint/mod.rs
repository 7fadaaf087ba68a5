//! What keeps a linter quiet: comments in the text, and baselines of findings that were looked at before.
//!
//! Both are for texts that people write. `clean` heeds neither, or a scraped page could shield its own advertisements.

mod baseline;
mod ignores;

pub use baseline::{Baseline, BaselineError, BaselineReport};
pub use ignores::{Ignores, Misuse, MisuseKind};
