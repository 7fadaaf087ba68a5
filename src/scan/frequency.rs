//! How often eight-byte windows of folded text are met in news text: what the gram filter chooses its windows by.
//!
//! `data/windows.bin` is made by `cargo run --release --example count-windows` from a folder of articles (its head says from how much). A window's hash
//! picks one of 2¹⁸ half bytes; a half byte holds the logarithm of the greatest number of occurrences a megabyte among the windows that share it. A
//! rare window that shares a place with a frequent one is merely passed over.

use super::table::spread;

/// Half bytes in the table.
pub(crate) const SLOTS: usize = 1 << 18;

/// The shipped table.
static TABLE: &[u8; SLOTS / 2] = include_bytes!("../../data/windows.bin");

/// Which half byte a window (little-endian) has.
pub(crate) fn slot(window: u64) -> usize {
    (spread(window) >> 46) as usize
}

/// About how often the window is met in a megabyte of news text. 0 stands for less than once; the steps double: 1, 2, 4, …
pub(super) fn per_megabyte(window: u64) -> f32 {
    let slot = slot(window);
    match TABLE[slot / 2] >> (slot % 2 * 4) & 15 {
        0 => 0.1,
        level => (1u32 << (level - 1)) as f32,
    }
}
