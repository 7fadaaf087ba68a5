//! Small hash tables over 64-bit keys, made once and only read: a bit filter that says "surely not" in one load, and behind it the exact lists.

/// Spreads the bits of a key over the upper half of the answer: a multiplication by an odd constant (Knuth, The Art of Computer Programming, volume 3,
/// 6.4). The lower bits depend on the key's lower bytes only and must not be used.
#[inline]
pub(super) fn spread(key: u64) -> u64 {
    (key ^ key >> 29).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// Lists of `u32` by key, with a filter in front.
#[derive(Debug, Default)]
pub(super) struct Table {
    /// Blocked Bloom filter (Putze, Sanders, Singler 2007): two bits in one word a key.
    filter: Vec<u64>,
    /// Open addressing; a slot is (key, first item, number of items), the latter 0 where the slot is free.
    slots: Vec<(u64, u32, u32)>,
    items: Vec<u32>,
}

/// Bits of the filter a key.
const FILTER_BITS: usize = 12;

impl Table {
    /// A table of (key, item) pairs.
    pub(super) fn new(mut pairs: Vec<(u64, u32)>) -> Self {
        pairs.sort_unstable();
        pairs.dedup();
        let keys = pairs.chunk_by(|a, b| a.0 == b.0).count();
        if keys == 0 {
            return Self::default();
        }
        let words = (keys * FILTER_BITS / 64).next_power_of_two().max(64);
        let size = (keys * 2).next_power_of_two();
        let mut table = Self { filter: vec![0; words], slots: vec![(0, 0, 0); size], items: Vec::with_capacity(pairs.len()) };
        for group in pairs.chunk_by(|a, b| a.0 == b.0) {
            let key = group[0].0;
            let hash = spread(key);
            let (word, bits) = table.bits(hash);
            table.filter[word] |= bits;
            let mut slot = (hash >> 32) as usize & (size - 1);
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

    #[inline]
    fn bits(&self, hash: u64) -> (usize, u64) {
        let word = (hash >> 32) as usize & (self.filter.len() - 1);
        (word, 1 << (hash >> 52 & 63) | 1 << (hash >> 58))
    }

    /// Whether the key may be in the table; `false` is certain. `hash` is [`spread`] of the key. The table must not be empty.
    #[inline]
    pub(super) fn may_hold(&self, hash: u64) -> bool {
        let (word, bits) = self.bits(hash);
        self.filter[word] & bits == bits
    }

    /// The items of a key.
    pub(super) fn get(&self, key: u64, hash: u64) -> &[u32] {
        let mask = self.slots.len() - 1;
        let mut slot = (hash >> 32) as usize & mask;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_item_is_found_and_nothing_else() {
        let pairs: Vec<(u64, u32)> = (0..5000).map(|i| (u64::from(i % 1700) * 0x0101_0101, i)).collect();
        let table = Table::new(pairs.clone());
        for (key, item) in pairs {
            let hash = spread(key);
            assert!(table.may_hold(hash));
            assert!(table.get(key, hash).contains(&item));
        }
        let strangers = (5000u64..105_000).map(|key| key * 0x0101_0101);
        let passed = strangers.filter(|&key| table.may_hold(spread(key))).count();
        // Two bits in one word, twelve bits a key: about four in a hundred pass.
        assert!(passed < 8_000, "{passed} of 100,000 pass the filter");
        assert_eq!(table.get(1, spread(1)), &[] as &[u32]);
    }
}
