//! Which bytes of a text do not fold byte by byte: the one place where the scanner asks for the processor's vector instructions, and the one place with
//! `unsafe` in it.
//!
//! Whether the processor has them is asked at run time. Others take the same answer from plain arithmetic, and a test holds the two against each other.

/// Bytes that are judged at a time.
pub(super) const BLOCK: usize = 64;

/// Two sets of bytes of a block, one bit a byte, the first byte's lowest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Marks {
    /// Below a blank when taken as signed: control characters and bytes outside ASCII.
    pub(super) below: u64,
    /// Blanks.
    pub(super) blank: u64,
}

impl Marks {
    /// Whether a byte of `below` or a blank before a blank stands at each place. `next` is the byte behind the block.
    #[inline]
    pub(super) fn odd(self, next: Option<u8>) -> u64 {
        let behind = self.blank >> 1 | u64::from(next == Some(b' ')) << (BLOCK - 1);
        self.below | (self.blank & behind)
    }
}

/// The marks of each block.
pub(super) fn mark(blocks: &[[u8; BLOCK]], marks: &mut [Marks]) {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has just been found to know AVX2, which is all that the function asks for.
        #[allow(unsafe_code, reason = "a call that is safe only where AVX2 was found")]
        unsafe {
            avx2::mark(blocks, marks);
        }
        return;
    }
    plain::mark(blocks, marks);
}

#[cfg(target_arch = "x86_64")]
mod avx2 {
    use std::arch::x86_64::{
        __m256i, _mm256_cmpeq_epi8, _mm256_cmpgt_epi8, _mm256_loadu_si256, _mm256_movemask_epi8,
        _mm256_set1_epi8,
    };

    use super::{BLOCK, Marks};

    // No closures and no iterators around the instructions: what they call would be compiled without AVX2.
    #[target_feature(enable = "avx2")]
    pub(super) fn mark(blocks: &[[u8; BLOCK]], marks: &mut [Marks]) {
        let blank = _mm256_set1_epi8(b' ' as i8);
        for (block, marks) in blocks.iter().zip(marks) {
            let parts: *const __m256i = block.as_ptr().cast();
            // SAFETY: a block is two parts of 32 bytes, and the load asks for no alignment.
            #[allow(unsafe_code, reason = "a load by address, within a block")]
            let (low, high) =
                unsafe { (_mm256_loadu_si256(parts), _mm256_loadu_si256(parts.add(1))) };
            marks.below = join(
                _mm256_movemask_epi8(_mm256_cmpgt_epi8(blank, low)),
                _mm256_movemask_epi8(_mm256_cmpgt_epi8(blank, high)),
            );
            marks.blank = join(
                _mm256_movemask_epi8(_mm256_cmpeq_epi8(blank, low)),
                _mm256_movemask_epi8(_mm256_cmpeq_epi8(blank, high)),
            );
        }
    }

    #[inline(always)]
    fn join(low: i32, high: i32) -> u64 {
        u64::from(low as u32) | u64::from(high as u32) << 32
    }
}

mod plain {
    use super::{BLOCK, Marks};

    /// First whether a block has any mark but single blanks, in a loop that compilers turn into vector instructions of any processor, and only then which.
    pub(super) fn mark(blocks: &[[u8; BLOCK]], marks: &mut [Marks]) {
        for (block, marks) in blocks.iter().zip(marks) {
            let below = block
                .iter()
                .fold(0, |any, &byte| any | u8::from((byte as i8) < b' ' as i8));
            let runs = block
                .iter()
                .zip(&block[1..])
                .fold(0, |any, (&a, &b)| any | u8::from(a | b == b' '));
            let edges = u8::from(block[BLOCK - 1] == b' ');
            *marks = if below | runs | edges == 0 {
                Marks::default()
            } else {
                exact(block)
            };
        }
    }

    /// The marks of a block.
    ///
    /// The comparisons add to seven-bit bytes so that the eighth bit says "at least" (Warren, Hacker's Delight, 6-1).
    pub(super) fn exact(block: &[u8; BLOCK]) -> Marks {
        const ONES: u64 = u64::MAX / 255;
        const TOPS: u64 = ONES << 7;
        // The top bits of eight bytes, side by side.
        let gather = |tops: u64| (tops >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56;
        let mut marks = Marks::default();
        for (index, word) in block.as_chunks::<8>().0.iter().enumerate() {
            let word = u64::from_le_bytes(*word);
            let seven = word & !TOPS;
            let at_least = |byte: u8| seven + ONES * u64::from(0x80 - byte);
            let control = !at_least(b' ') & TOPS;
            let blank = at_least(b' ') & !at_least(b'!') & TOPS & !word;
            marks.below |= gather((word & TOPS) | control) << (8 * index);
            marks.blank |= gather(blank) << (8 * index);
        }
        marks
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn blocks() -> impl Strategy<Value = Vec<[u8; BLOCK]>> {
        let byte = prop_oneof![2 => Just(b' '), 12 => b'a'..=b'z', 1 => any::<u8>()];
        let block = prop::collection::vec(byte, BLOCK);
        prop::collection::vec(block.prop_map(|bytes| bytes.try_into().unwrap()), 1..4)
    }

    proptest! {
        #[test]
        fn both_ways_to_judge_a_block_agree(blocks in blocks(), next in any::<Option<u8>>()) {
            let [mut fast, mut slow] = [vec![Marks::default(); blocks.len()], vec![Marks::default(); blocks.len()]];
            mark(&blocks, &mut fast);
            plain::mark(&blocks, &mut slow);
            for ((block, fast), slow) in blocks.iter().zip(fast).zip(slow) {
                prop_assert_eq!(fast.odd(next), slow.odd(next));
                prop_assert_eq!(fast, plain::exact(block));
                for (at, &byte) in block.iter().enumerate() {
                    let behind = block.get(at + 1).copied().or(next);
                    let wanted = !(b' '..0x80).contains(&byte) || (byte == b' ' && behind == Some(b' '));
                    prop_assert_eq!(fast.odd(next) >> at & 1 == 1, wanted, "byte {} of {:?}", at, block);
                }
            }
        }
    }
}
