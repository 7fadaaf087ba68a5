//! The one integration binary. Each module holds the crate to one promise.

/// The engine does what its cases say: `tests/cases/*.toml`.
mod cases;
/// The command does what its cases say: `tests/cmd/*.toml`.
#[cfg(feature = "cli")]
mod cmd;
/// On hand-written articles nothing is cut wrongly, and quality does not fall.
mod articles;
