//! How often eight-byte windows of folded text are met in news text: what the gram filter chooses its windows by.
//!
//! `data/windows.bin` is made by `cargo run --release --example count-windows` from a folder of articles (its head says from how much). A window's hash
//! picks one of 2¹⁸ half bytes; a half byte holds the logarithm of the greatest number of occurrences a megabyte among the windows that share it. A
//! rare window that shares a place with a frequent one is merely passed over.

/// Half bytes in the table.
pub(crate) const SLOTS: usize = 1 << 18;

/// The shipped table.
static TABLE: &[u8; SLOTS / 2] = include_bytes!("../../data/windows.bin");

/// Which half byte a window (little-endian) has.
pub(crate) fn slot(window: u64) -> usize {
    // Part of the file's format.
    ((window ^ window >> 29).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 46) as usize
}

/// About how often the window is met in a megabyte of news text. 0 stands for less than once; the steps double: 1, 2, 4, …
pub(super) fn per_megabyte(window: u64) -> f32 {
    let slot = slot(window);
    match TABLE[slot / 2] >> (slot % 2 * 4) & 15 {
        0 => 0.1,
        level => (1u32 << (level - 1)) as f32,
    }
}

/// Makes the table that the gram filter chooses its windows by, from how often each eight-byte window (as a little-endian number) was met in
/// `megabytes` of folded text. For `examples/count-windows.rs` alone; the outcome is committed as `data/windows.bin`.
#[doc(hidden)]
#[must_use]
pub fn window_table(counts: impl Iterator<Item = (u64, u32)>, megabytes: f64) -> Vec<u8> {
    let mut levels = vec![0u8; SLOTS];
    for (window, count) in counts {
        let rate = f64::from(count) / megabytes;
        let level = if rate < 1.0 {
            0
        } else {
            (rate.log2() as u8 + 1).min(15)
        };
        let held = &mut levels[slot(window)];
        *held = level.max(*held);
    }
    levels
        .chunks_exact(2)
        .map(|pair| pair[0] | pair[1] << 4)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_come_back_as_powers_of_two() {
        let window = u64::from_le_bytes(*b"eight by");
        let table = window_table([(window, 500)].into_iter(), 100.0);
        let slot = slot(window);
        // Five a megabyte lies between four and eight.
        assert_eq!(table[slot / 2] >> (slot % 2 * 4) & 15, 3);
    }

    #[test]
    fn the_shipped_table_knows_common_windows() {
        assert!(per_megabyte(u64::from_le_bytes(*b" of the ")) > 500.0);
        assert!(per_megabyte(u64::from_le_bytes(*b"qzxjkvwq")) < 1.0);
    }
}
