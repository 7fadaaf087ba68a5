//! Placeholder.
//! x
