//! Sets of 64-bit keys, made once and only read: a bit filter that says "surely not" in one load, and a hash table for the rest.

use std::ops::Range;

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

/// What the two halves of a key are multiplied by for its hash. The lower bits of a product are poor: each depends on no higher bit of the key (Knuth, The Art of
/// Computer Programming, volume 3, 6.4). They are hardly used.
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

/// Takes small letters and capitals together, eight bytes at once. Other bytes that it takes together are told apart when the text is compared.
pub(super) const CASELESS: u64 = 0xdfdf_dfdf_dfdf_dfdf;

/// Lists of `u32` by key. A look costs one load that the first cache seldom has: a slot is as small as can be, and holds the item itself where there is
/// but one. A key is told by most of its hash: once in thousands of millions of looks a stranger passes, so whoever goes on from here compares.
#[derive(Debug, Default)]
pub(super) struct Table {
    /// By how much a hash is shifted to choose its slot.
    shift: u32,
    /// Open addressing.
    slots: Vec<Slot>,
    /// Lists of several items, each behind its length.
    lists: Vec<u32>,
}

#[derive(Clone, Copy, Debug)]
struct Slot {
    /// The lower half of the key's hash; its place tells of the upper.
    tag: u32,
    /// The item, or where its list stands with [`LIST`], or [`FREE`].
    item: u32,
}

/// Says that an item is the place of a list.
const LIST: u32 = 1 << 31;
/// No item, and no place.
const FREE: u32 = u32::MAX;

/// All bits of a key in each bit of the answer: both halves of the long product.
#[inline]
fn mix(key: u64) -> u64 {
    let product = u128::from(key) * 0x9e37_79b9_7f4a_7c15;
    (product >> 64) as u64 ^ product as u64
}

impl Table {
    /// A table of (key, item) pairs; an item is less than 2³¹.
    pub(super) fn new(mut pairs: Vec<(u64, u32)>) -> Self {
        pairs.sort_unstable();
        pairs.dedup();
        let groups = || pairs.chunk_by(|a, b| a.0 == b.0);
        let size = (groups().count() * 3 / 2).next_power_of_two().max(2);
        let free = Slot { tag: 0, item: FREE };
        let mut table = Self {
            shift: u64::BITS - size.trailing_zeros(),
            slots: vec![free; size],
            lists: Vec::new(),
        };
        for group in groups() {
            let hash = mix(group[0].0);
            let mut slot = (hash >> table.shift) as usize;
            while table.slots[slot].item != FREE {
                slot = (slot + 1) & (size - 1);
            }
            let item = match group {
                [(_, item)] => *item,
                _ => {
                    let list = table.lists.len() as u32;
                    table.lists.push(group.len() as u32);
                    table.lists.extend(group.iter().map(|pair| pair.1));
                    list | LIST
                }
            };
            let tag = hash as u32;
            table.slots[slot] = Slot { tag, item };
        }
        table
    }

    /// The items of a key.
    #[inline]
    pub(super) fn get(&self, key: u64) -> &[u32] {
        let Some(mask) = self.slots.len().checked_sub(1) else {
            return &[];
        };
        let hash = mix(key);
        let mut slot = (hash >> self.shift) as usize;
        loop {
            let held = &self.slots[slot];
            if held.item == FREE {
                return &[];
            }
            if held.tag == hash as u32 {
                if held.item & LIST == 0 {
                    return std::slice::from_ref(&held.item);
                }
                let list = &self.lists[(held.item & !LIST) as usize..];
                return &list[1..=list[0] as usize];
            }
            slot = (slot + 1) & mask;
        }
    }
}

/// The part of an array that a range stands for: half as large as a slice, and kept beside what it belongs to.
#[inline]
pub(super) fn part<'a, T>(all: &'a [T], range: &Range<u32>) -> &'a [T] {
    &all[range.start as usize..range.end as usize]
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
        let filter = Filter::new(pairs.iter().map(|pair| pair.0));
        for (key, item) in pairs {
            assert!(filter.may_hold(key));
            assert!(table.get(key).contains(&item));
        }
        let strangers = || (5000u64..105_000).map(|key| key * 0x0101_0101);
        let passed = strangers().filter(|&key| filter.may_hold(key)).count();
        assert!(passed < 2_000, "{passed} of 100,000 pass the filter");
        assert!(strangers().all(|key| table.get(key).is_empty()));
        assert!(Table::default().get(1).is_empty());
        assert_eq!(Table::new(vec![(1, 2)]).get(1), [2]);
    }
}
