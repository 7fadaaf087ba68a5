//! Eight keys and one filter at a time: which of the eight-byte words of a block may be a window, and how many of the bytes at a line's end may be a literal.
//! With [`crate::text::blocks`] the only place that asks for the processor's vector instructions, and that has `unsafe` in it.
//!
//! Whether the processor has them is asked at run time. Others take the same answers from plain arithmetic, and a property holds the two against each other.

use crate::text::blocks::BLOCK;

/// Which of the eight words of each block pass `filter` (of [`super::table::Filter`]): a bit a word, the first word's lowest.
pub(super) fn probe(filter: &[u32], blocks: &[[u8; BLOCK]], passed: &mut [u8]) {
    assert!(!filter.is_empty(), "a filter has words");
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has just been found to know AVX2, and the filter has words.
        #[allow(unsafe_code, reason = "a call that is safe only where AVX2 was found")]
        unsafe {
            avx2::probe(filter, blocks, passed);
        }
        return;
    }
    plain::probe(filter, blocks, passed);
}

/// Which of the eight [`prefix`]es of a word pass `filter`: the lowest bit stands for that of one byte.
#[inline(always)]
pub(super) fn prefixes(filter: &[u32], word: u64) -> u8 {
    ends(filter, word, false)
}

/// Which of the eight [`suffix`]es of a word pass `filter`: the lowest bit stands for that of one byte.
#[inline(always)]
pub(super) fn suffixes(filter: &[u32], word: u64) -> u8 {
    ends(filter, word, true)
}

#[inline(always)]
fn ends(filter: &[u32], word: u64, last: bool) -> u8 {
    assert!(!filter.is_empty(), "a filter has words");
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has just been found to know AVX2, and the filter has words.
        #[allow(unsafe_code, reason = "a call that is safe only where AVX2 was found")]
        return unsafe { avx2::ends(filter, word, last) };
    }
    plain::ends(filter, word, last)
}

/// The key of the first bytes of a word, as many as `length` says. The first byte of a word is its lowest.
#[inline]
pub(super) fn prefix(word: u64, length: usize) -> u64 {
    (word << (64 - 8 * length)) ^ SALTS[length - 1]
}

/// The key of the last bytes of a word.
#[inline]
pub(super) fn suffix(word: u64, length: usize) -> u64 {
    (word >> (64 - 8 * length)) ^ SALTS[length - 1]
}

/// Tell keys of different lengths apart.
const SALTS: [u64; 8] = {
    let mut salts = [0; 8];
    let mut length = 1;
    while length < 8 {
        salts[length - 1] = 0xff51_afd7_ed55_8ccd_u64.wrapping_mul(length as u64);
        length += 1;
    }
    salts
};

#[cfg(target_arch = "x86_64")]
#[allow(
    unsafe_code,
    reason = "loads by address; each says why it stays within its slice"
)]
mod avx2 {
    use std::arch::x86_64::*;

    use super::{BLOCK, SALTS};
    use crate::scan::table::{CASELESS, FACTORS, HASH_BITS, WORD_BITS, WORD_LOG};

    // No closures and no iterators around the instructions: what they call would be compiled without AVX2.

    /// # Safety
    /// The processor knows AVX2, and the filter has words.
    #[target_feature(enable = "avx2")]
    pub(super) unsafe fn probe(filter: &[u32], blocks: &[[u8; BLOCK]], passed: &mut [u8]) {
        let caseless = _mm256_set1_epi64x(CASELESS as i64);
        for (block, passed) in blocks.iter().zip(passed) {
            let parts: *const __m256i = block.as_ptr().cast();
            // SAFETY: a block is two parts of 32 bytes, and loads ask for no alignment. The filter is as promised.
            *passed = unsafe {
                let low = _mm256_and_si256(_mm256_loadu_si256(parts), caseless);
                let high = _mm256_and_si256(_mm256_loadu_si256(parts.add(1)), caseless);
                pass(filter, low, high)
            };
        }
    }

    /// # Safety
    /// As for `probe`.
    #[target_feature(enable = "avx2")]
    pub(super) unsafe fn ends(filter: &[u32], word: u64, last: bool) -> u8 {
        let salts: *const __m256i = SALTS.as_ptr().cast();
        // SAFETY: there are eight salts, two parts of 32 bytes. The filter is as promised.
        unsafe {
            let word = _mm256_set1_epi64x(word as i64);
            let (short, long) = (
                _mm256_set_epi64x(32, 40, 48, 56),
                _mm256_set_epi64x(0, 8, 16, 24),
            );
            let (low, high) = if last {
                (
                    _mm256_srlv_epi64(word, short),
                    _mm256_srlv_epi64(word, long),
                )
            } else {
                (
                    _mm256_sllv_epi64(word, short),
                    _mm256_sllv_epi64(word, long),
                )
            };
            pass(
                filter,
                _mm256_xor_si256(low, _mm256_loadu_si256(salts)),
                _mm256_xor_si256(high, _mm256_loadu_si256(salts.add(1))),
            )
        }
    }

    /// Which of eight keys pass: what [`crate::scan::table::passes`] asks of one.
    ///
    /// # Safety
    /// As for `probe`.
    #[inline]
    #[target_feature(enable = "avx2")]
    unsafe fn pass(filter: &[u32], low: __m256i, high: __m256i) -> u8 {
        let factors = _mm256_set1_epi64x((FACTORS[0] as u64 | (FACTORS[1] as u64) << 32) as i64);
        let below_word = _mm256_set1_epi32(WORD_BITS as i32 - 1);
        let shift = HASH_BITS as i32 - filter.len().trailing_zeros() as i32;
        let index = _mm_cvtsi32_si128(shift);
        let first = _mm_cvtsi32_si128(shift - WORD_LOG as i32);
        let second = _mm_cvtsi32_si128(shift - 2 * WORD_LOG as i32);
        // Four hashes each, in the lower halves of the words: the sum of the products of a word's two halves.
        let low = _mm256_mullo_epi32(low, factors);
        let low = _mm256_add_epi32(low, _mm256_srli_epi64::<32>(low));
        let high = _mm256_mullo_epi32(high, factors);
        let high = _mm256_add_epi32(high, _mm256_srli_epi64::<32>(high));
        // All eight, side by side.
        let hashes =
            _mm256_shuffle_ps::<0b10_00_10_00>(_mm256_castsi256_ps(low), _mm256_castsi256_ps(high));
        let hashes = _mm256_permute4x64_epi64::<0b11_01_10_00>(_mm256_castps_si256(hashes));
        // SAFETY: the upper bits of a hash, as many as the filter's length has zeros behind its last one, are less than the length.
        let words = unsafe {
            _mm256_i32gather_epi32::<4>(filter.as_ptr().cast(), _mm256_srl_epi32(hashes, index))
        };
        let one = _mm256_and_si256(_mm256_srl_epi32(hashes, first), below_word);
        let two = _mm256_and_si256(_mm256_srl_epi32(hashes, second), below_word);
        let both = _mm256_and_si256(_mm256_srlv_epi32(words, one), _mm256_srlv_epi32(words, two));
        _mm256_movemask_ps(_mm256_castsi256_ps(_mm256_slli_epi32::<31>(both))) as u8
    }
}

mod plain {
    use super::{BLOCK, prefix, suffix};
    use crate::scan::table::{CASELESS, passes};

    pub(super) fn probe(filter: &[u32], blocks: &[[u8; BLOCK]], passed: &mut [u8]) {
        for (block, passed) in blocks.iter().zip(passed) {
            *passed = 0;
            for (at, word) in block.as_chunks::<8>().0.iter().enumerate() {
                let key = u64::from_le_bytes(*word) & CASELESS;
                *passed |= u8::from(passes(filter, key)) << at;
            }
        }
    }

    pub(super) fn ends(filter: &[u32], word: u64, last: bool) -> u8 {
        (1..=8).fold(0, |passed, length| {
            let key = if last {
                suffix(word, length)
            } else {
                prefix(word, length)
            };
            passed | u8::from(passes(filter, key)) << (length - 1)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::table::Filter;
    use proptest::prelude::*;

    fn text() -> impl Strategy<Value = Vec<u8>> {
        let byte =
            prop_oneof![2 => Just(b' '), 12 => b'a'..=b'z', 1 => Just(b'\n'), 1 => any::<u8>()];
        prop::collection::vec(byte, BLOCK + 1..4 * BLOCK)
    }

    proptest! {
        #[test]
        fn both_ways_to_probe_a_block_agree(bytes in text(), strangers in prop::collection::vec(any::<u64>(), 0..3_000)) {
            let blocks = bytes.as_chunks::<BLOCK>().0;
            let words = blocks.as_flattened().as_chunks::<8>().0.iter().map(|word| u64::from_le_bytes(*word));
            let half: Vec<u64> = words.step_by(2).chain(strangers).map(|key| key & crate::scan::table::CASELESS).collect();
            let filter = Filter::new(half.iter().copied());
            let [mut fast, mut slow] = [vec![0; blocks.len()], vec![0; blocks.len()]];
            probe(filter.words(), blocks, &mut fast);
            plain::probe(filter.words(), blocks, &mut slow);
            prop_assert_eq!(&fast, &slow);
            prop_assert!(fast.iter().all(|passed| passed & 0b0101_0101 == 0b0101_0101));
            for &key in half.iter().take(20) {
                for last in [false, true] {
                    prop_assert_eq!(ends(filter.words(), key, last), plain::ends(filter.words(), key, last));
                    prop_assert!(ends(filter.words(), key, last) >= 0x80, "a whole word is a key itself");
                }
            }
        }
    }
}
