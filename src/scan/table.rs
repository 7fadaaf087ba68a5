//! Small hash tables over 64-bit keys, made once and only read: a bit filter that says "surely not" in one load, and behind it the exact lists.

/// Spreads the bits of a key over the upper bits of the answer: a multiplication by an odd constant (Knuth, The Art of Computer Programming, volume 3,
/// 6.4). The lower bits depend on the key's lower bytes only and must not be used.
#[inline]
pub(super) fn spread(key: u64) -> u64 {
    key.wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// Lists of `u32` by key, with a filter in front (a Bloom filter of one hash function).
#[derive(Debug, Default)]
pub(super) struct Table {
    /// One bit a key, chosen by the upper bits of its hash.
    filter: Vec<u64>,
    /// By how much a hash is shifted to choose its bit, and its slot.
    shift: u32,
    slot_shift: u32,
    /// Open addressing; a slot is (key, first item, number of items), the latter 0 where the slot is free.
    slots: Vec<(u64, u32, u32)>,
    items: Vec<u32>,
}

/// Takes small letters and capitals together, eight bytes at once. Other bytes that it takes together are told apart when the text is compared.
pub(super) const CASELESS: u64 = 0xdfdf_dfdf_dfdf_dfdf;

/// Bits of the filter a key: one foreign key in this many passes. Several bits a key would pass fewer, but cost more for each.
const FILTER_BITS: usize = 24;
/// The sizes of a filter in words: what leaves room for the text in the first cache, what the second cache holds easily, and what it just holds.
const SMALL: usize = 1 << 10;
const MIDDLE: usize = 1 << 13;
const LARGE: usize = 1 << 16;

impl Table {
    /// A table of (key, item) pairs.
    pub(super) fn new(mut pairs: Vec<(u64, u32)>) -> Self {
        pairs.sort_unstable();
        pairs.dedup();
        let keys = pairs.chunk_by(|a, b| a.0 == b.0).count();
        if keys == 0 {
            return Self::default();
        }
        let bits = 64
            * [SMALL, MIDDLE]
                .into_iter()
                .find(|&words| words * 64 >= keys * FILTER_BITS)
                .unwrap_or(LARGE);
        let size = (keys * 2).next_power_of_two().max(2);
        let mut table = Self {
            filter: vec![0; bits / 64],
            shift: 64 - bits.trailing_zeros(),
            slot_shift: 64 - size.trailing_zeros(),
            slots: vec![(0, 0, 0); size],
            items: Vec::with_capacity(pairs.len()),
        };
        for group in pairs.chunk_by(|a, b| a.0 == b.0) {
            let key = group[0].0;
            let hash = spread(key);
            let bit = (hash >> table.shift) as usize;
            table.filter[bit / 64] |= 1 << (bit % 64);
            let mut slot = (hash >> table.slot_shift) as usize;
            while table.slots[slot].2 > 0 {
                slot = (slot + 1) & (size - 1);
            }
            table.slots[slot] = (key, table.items.len() as u32, group.len() as u32);
            table.items.extend(group.iter().map(|pair| pair.1));
        }
        table
    }

    pub(super) fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// Whether the key may be in the table; `false` is certain. `hash` is [`spread`] of the key. The table must not be empty.
    #[inline]
    pub(super) fn may_hold(&self, hash: u64) -> bool {
        let bit = hash >> self.shift;
        self.filter[(bit / 64) as usize] >> (bit % 64) & 1 != 0
    }

    /// Calls `met` with (key, hash, place) for each eight bytes of `bytes`, one behind the other and letter case taken away, that the filter lets through.
    pub(super) fn probe_words(&self, bytes: &[u8], met: &mut impl FnMut(u64, u64, usize)) {
        // With a length that the compiler knows, no place in the filter has to be checked.
        match self.filter.len() {
            SMALL => probe_words_in::<SMALL>(&self.filter, bytes, met),
            MIDDLE => probe_words_in::<MIDDLE>(&self.filter, bytes, met),
            _ => probe_words_in::<LARGE>(&self.filter, bytes, met),
        }
    }

    /// The items of a key.
    pub(super) fn get(&self, key: u64, hash: u64) -> &[u32] {
        let mask = self.slots.len() - 1;
        let mut slot = (hash >> self.slot_shift) as usize;
        loop {
            let (held, first, count) = self.slots[slot];
            if count == 0 {
                return &[];
            }
            if held == key {
                return &self.items[first as usize..(first + count) as usize];
            }
            slot = (slot + 1) & mask;
        }
    }
}

/// Words that are looked up without a branch between them.
const GROUP: usize = 8;

fn probe_words_in<const WORDS: usize>(
    filter: &[u64],
    bytes: &[u8],
    met: &mut impl FnMut(u64, u64, usize),
) {
    let Some(filter) = filter.first_chunk::<WORDS>() else {
        return;
    };
    let shift = 64 - (WORDS * 64).trailing_zeros();
    let key = |word: [u8; 8]| u64::from_le_bytes(word) & CASELESS;
    let passes = |key: u64| {
        let bit = spread(key) >> shift;
        filter[(bit / 64) as usize % WORDS] >> (bit % 64) & 1
    };
    let (words, _) = bytes.as_chunks::<8>();
    let (groups, rest) = words.as_chunks::<GROUP>();
    for (index, group) in groups.iter().enumerate() {
        let mut passed = 0;
        for (at, word) in group.iter().enumerate() {
            passed |= passes(key(*word)) << at;
        }
        while passed != 0 {
            let at = passed.trailing_zeros() as usize;
            passed &= passed - 1;
            let key = key(group[at]);
            met(key, spread(key), (index * GROUP + at) * 8);
        }
    }
    let first = groups.len() * GROUP;
    for (at, word) in rest.iter().enumerate() {
        let key = key(*word);
        if passes(key) != 0 {
            met(key, spread(key), (first + at) * 8);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_item_is_found_and_nothing_else() {
        let pairs: Vec<(u64, u32)> = (0..5000)
            .map(|i| (u64::from(i % 1700) * 0x0101_0101, i))
            .collect();
        let table = Table::new(pairs.clone());
        for (key, item) in pairs {
            let hash = spread(key);
            assert!(table.may_hold(hash));
            assert!(table.get(key, hash).contains(&item));
        }
        let strangers = (5000u64..105_000).map(|key| key * 0x0101_0101);
        let passed = strangers.filter(|&key| table.may_hold(spread(key))).count();
        // One bit in 24 or more is set.
        assert!(passed < 8_000, "{passed} of 100,000 pass the filter");
        assert_eq!(table.get(1, spread(1)), &[] as &[u32]);
    }
}
