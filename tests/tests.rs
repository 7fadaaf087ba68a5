//! The one integration binary. Each module holds the crate to one promise.

/// The engine does what its cases say: `tests/cases/*.toml`.
mod cases;
/// The command does what its cases say: `tests/cmd/*.toml`.
#[cfg(feature = "cli")]
mod cmd;
/// Cleaning brings texts as near to hand-made ones as it did before: `tests/gold`.
#[cfg(feature = "report")]
mod gold;
