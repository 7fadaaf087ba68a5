//! The embedded lists.

use std::sync::LazyLock;

use fst::Map;

/// Whether anything is known at all.
pub const AVAILABLE: bool = true;

/// An `fst` is searched in place; `None` could only come of a damaged file in the source tree, and then nothing is known.
type Embedded = LazyLock<Option<Map<&'static [u8]>>>;

static WORDS: Embedded =
    LazyLock::new(|| Map::new(include_bytes!("../../../data/lexicon/words.fst").as_slice()).ok());
static NAMES: Embedded =
    LazyLock::new(|| Map::new(include_bytes!("../../../data/lexicon/names.fst").as_slice()).ok());

/// The value of a lower-case word.
pub fn word(lower: &[u8]) -> Option<u64> {
    WORDS.as_ref()?.get(lower)
}

/// The value of a lower-case name.
pub fn name(lower: &[u8]) -> Option<u64> {
    NAMES.as_ref()?.get(lower)
}

/// The length of the longest entry, in bytes.
#[cfg(test)]
pub fn longest() -> usize {
    use fst::Streamer;
    let mut longest = 0;
    for map in [&WORDS, &NAMES] {
        let mut keys = map.as_ref().expect("the lists are sound").keys();
        while let Some(key) = keys.next() {
            longest = longest.max(key.len());
        }
    }
    longest
}
