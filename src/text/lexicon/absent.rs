//! What stands in for the lists when the feature `lexicon` is off.

/// Whether anything is known at all.
pub const AVAILABLE: bool = false;

/// No word is known.
pub fn word(_lower: &[u8]) -> Option<u64> {
    None
}

/// No name is known.
pub fn name(_lower: &[u8]) -> Option<u64> {
    None
}

/// Any short word may be one.
pub fn short_word(_letters: [u8; 3]) -> bool {
    true
}

/// No word is known.
pub fn begins_word(_lower: &str) -> bool {
    false
}
