//! The embedded lists.

use std::sync::LazyLock;

use fst::automaton::{Automaton, Str};
use fst::{IntoStreamer, Map, Streamer};

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

/// One bit for each string of one to three letters.
static SHORT: &[u8] = include_bytes!("../../../data/lexicon/short.bin");

/// Whether one to three small letters are a word; zeros take the place of those that are missing at the end.
#[inline]
pub fn short_word(letters: [u8; 3]) -> bool {
    let place = letters
        .iter()
        .take_while(|letter| **letter != 0)
        .fold(0, |place, letter| {
            place * 27 + usize::from(letter - b'a' + 1)
        });
    SHORT
        .get(place / 8)
        .is_some_and(|bits| bits & 1 << (place % 8) != 0)
}

/// Whether a word begins with these small letters and has more.
pub fn begins_word(lower: &str) -> bool {
    let Some(words) = WORDS.as_ref() else {
        return false;
    };
    let mut longer = words
        .search(Str::new(lower).starts_with())
        .gt(lower)
        .into_stream();
    longer.next().is_some()
}

/// The length of the longest entry, in bytes.
#[cfg(test)]
pub fn longest() -> usize {
    let mut longest = 0;
    for map in [&WORDS, &NAMES] {
        let mut keys = map.as_ref().expect("the lists are sound").keys();
        while let Some(key) = keys.next() {
            longest = longest.max(key.len());
        }
    }
    longest
}
