//! Small hash tables over 64-bit keys, made once and only read: a bit filter that says "surely not" in one load, and behind it the exact lists.

/// Spreads the bits of a key over the upper bits of the answer: a multiplication by an odd constant (Knuth, The Art of Computer Programming, volume 3,
/// 6.4). The lower bits depend on the key's lower bytes only and must not be used.
#[inline]
pub(super) fn spread(key: u64) -> u64 {
    key.wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// Says of a key that it is surely none of a set, or that it may be one: a Bloom filter whose two bits for a key stand in one word, so that a look costs
/// one load (Putze, Sanders and Singler, "Cache-, hash- and space-efficient Bloom filters", 2009).
#[derive(Debug)]
pub(super) struct Filter {
    /// A power of two of them, and more than one.
    words: Vec<u32>,
}

/// Bits of a word of a filter, and of the hash that chooses a word and two bits in it.
pub(super) const WORD_BITS: u32 = 1 << WORD_LOG;
pub(super) const WORD_LOG: u32 = 5;
pub(super) const HASH_BITS: u32 = u32::BITS;

/// What the two halves of a key are multiplied by for its hash. As in [`spread`], the lower bits of a product are poor; they are hardly used.
pub(super) const FACTORS: [u32; 2] = [0x9e37_79b1, 0x85eb_ca77];

/// Bits of the filter a key, at least: about one foreign key in a hundred passes.
const FILTER_BITS: usize = 20;

/// The most words of a filter: what the second cache just holds.
const MOST_WORDS: usize = 1 << 17;

impl Default for Filter {
    /// Lets nothing pass.
    fn default() -> Self {
        Self::new(std::iter::empty())
    }
}

impl Filter {
    /// A filter of some keys. One may be given several times.
    pub(super) fn new(keys: impl ExactSizeIterator<Item = u64>) -> Self {
        let wanted = (keys.len() * FILTER_BITS).div_ceil(WORD_BITS as usize);
        let mut words = vec![0; wanted.next_power_of_two().clamp(2, MOST_WORDS)];
        for key in keys {
            let (index, bits) = place(key, words.len());
            words[index] |= bits;
        }
        Self { words }
    }

    /// Whether the key may be in the set; `false` is certain.
    #[inline]
    pub(super) fn may_hold(&self, key: u64) -> bool {
        passes(&self.words, key)
    }

    /// Its words, for [`super::vector::probe`].
    pub(super) fn words(&self) -> &[u32] {
        &self.words
    }
}

/// Whether the word of a key has both of its bits.
#[inline]
pub(super) fn passes(words: &[u32], key: u64) -> bool {
    let (index, bits) = place(key, words.len());
    bits & !words[index] == 0
}

/// The word of a key, and its bits there. What `vector` does with eight keys at once.
#[inline]
fn place(key: u64, words: usize) -> (usize, u32) {
    let hash = (key as u32)
        .wrapping_mul(FACTORS[0])
        .wrapping_add(((key >> 32) as u32).wrapping_mul(FACTORS[1]));
    let shift = HASH_BITS - words.trailing_zeros();
    let bit = |behind: u32| 1u32.wrapping_shl(hash >> (shift - behind));
    ((hash >> shift) as usize, bit(WORD_LOG) | bit(2 * WORD_LOG))
}

/// Lists of `u32` by key, with a filter in front.
#[derive(Debug, Default)]
pub(super) struct Table {
    filter: Filter,
    /// By how much a hash is shifted to choose its slot.
    slot_shift: u32,
    /// Open addressing; a slot is (key, first item, number of items), the latter 0 where the slot is free.
    slots: Vec<(u64, u32, u32)>,
    items: Vec<u32>,
}

/// Takes small letters and capitals together, eight bytes at once. Other bytes that it takes together are told apart when the text is compared.
pub(super) const CASELESS: u64 = 0xdfdf_dfdf_dfdf_dfdf;

impl Table {
    /// A table of (key, item) pairs.
    pub(super) fn new(mut pairs: Vec<(u64, u32)>) -> Self {
        pairs.sort_unstable();
        pairs.dedup();
        let keys: Vec<u64> = pairs
            .chunk_by(|a, b| a.0 == b.0)
            .map(|group| group[0].0)
            .collect();
        if keys.is_empty() {
            return Self::default();
        }
        let size = (keys.len() * 2).next_power_of_two().max(2);
        let mut table = Self {
            filter: Filter::new(keys.into_iter()),
            slot_shift: 64 - size.trailing_zeros(),
            slots: vec![(0, 0, 0); size],
            items: Vec::with_capacity(pairs.len()),
        };
        for group in pairs.chunk_by(|a, b| a.0 == b.0) {
            let key = group[0].0;
            let mut slot = (spread(key) >> table.slot_shift) as usize;
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

    /// What says of most keys that they are not in the table. The table must not be empty.
    #[inline]
    pub(super) fn filter(&self) -> &Filter {
        &self.filter
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
            assert!(table.filter().may_hold(key));
            assert!(table.get(key, hash).contains(&item));
        }
        let strangers = (5000u64..105_000).map(|key| key * 0x0101_0101);
        let passed = strangers
            .filter(|&key| table.filter().may_hold(key))
            .count();
        assert!(passed < 2_000, "{passed} of 100,000 pass the filter");
        assert_eq!(table.get(1, spread(1)), &[] as &[u32]);
    }
}
