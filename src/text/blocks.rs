//! Which bytes of a text are what, sixty-four at a time. With `scan::vector` the only place that asks for the processor's vector instructions, and that has
//! `unsafe` in it.
//!
//! Scanner and detectors look for rare places in common text. So whole blocks are marked, one bit a byte, and only what is marked is looked at. Whether
//! the processor has the instructions is asked at run time. Others take the same answers from plain arithmetic, and tests hold the two against each other.

/// Bytes that are judged at a time: as many as a `u64` has bits.
pub(crate) const BLOCK: usize = 64;

/// Blocks that are judged in one call: a call costs little beside them, and their bytes stay in the first cache.
pub(crate) const BLOCKS: usize = 32;

/// Sets of bytes of a block, one bit a byte, the first byte's lowest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Marks {
    /// Line breaks.
    pub(crate) newlines: u64,
    /// Where what does not fold byte by byte begins: characters outside ASCII, control characters (line breaks are some), and blanks before a blank.
    pub(crate) odd: u64,
}

/// What the bytes of a block are to a reader of words, one bit a byte, the first byte's lowest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Shapes {
    /// A to Z.
    pub(crate) upper: u64,
    /// a to z.
    pub(crate) lower: u64,
    /// Outside ASCII.
    pub(crate) high: u64,
    /// A blank or a control character below it.
    pub(crate) blank: u64,
    /// A full stop or a comma.
    pub(crate) stop: u64,
    /// One of [`RARE`].
    pub(crate) rare: u64,
}

/// Bytes that prose seldom holds and something broken may begin with: signs of markup and escapes, hyphens, brackets, and of characters outside ASCII the
/// first bytes of accented capitals and misread letters, of U+FFFD and its neighbours, and the last bytes of "‚Ä", "√" and "”".
pub(crate) const RARE: &[u8] = b"&(-<=>[\\{}\x84\x88\x9D\xC2\xC3\xC4\xC5\xEF";

/// Calls `met` with each stretch of up to [`BLOCKS`] blocks: where in `bytes` it begins, and the marks of its blocks.
#[inline]
pub(crate) fn for_each_stretch(bytes: &[u8], mut met: impl FnMut(usize, &[Marks])) {
    let mut marks = [Marks::default(); BLOCKS];
    let (blocks, rest) = bytes.as_chunks::<BLOCK>();
    for (index, stretch) in blocks.chunks(BLOCKS).enumerate() {
        let first = index * BLOCKS * BLOCK;
        let marks = &mut marks[..stretch.len()];
        let behind = bytes.get(first + stretch.len() * BLOCK);
        mark(stretch, behind.copied().unwrap_or(b'a'), marks);
        met(first, marks);
    }
    // Filled up with letters.
    let mut last = [[b'a'; BLOCK]];
    last[0][..rest.len()].copy_from_slice(rest);
    mark(&last, b'a', &mut marks[..1]);
    met(bytes.len() - rest.len(), &marks[..1]);
}

/// The marks of each block; `behind` is the byte behind the last one.
pub(crate) fn mark(blocks: &[[u8; BLOCK]], behind: u8, marks: &mut [Marks]) {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has just been found to know AVX2, which is all that the function asks for.
        #[allow(unsafe_code, reason = "a call that is safe only where AVX2 was found")]
        unsafe {
            avx2::mark(blocks, behind, marks);
        }
        return;
    }
    plain::mark(blocks, behind, marks);
}

/// The shapes of each block.
pub(crate) fn shape(blocks: &[[u8; BLOCK]], shapes: &mut [Shapes]) {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has just been found to know AVX2, which is all that the function asks for.
        #[allow(unsafe_code, reason = "a call that is safe only where AVX2 was found")]
        unsafe {
            avx2::shape(blocks, shapes);
        }
        return;
    }
    plain::shape(blocks, shapes);
}

/// Where each block has line feeds, one bit a byte, the first byte's lowest.
pub(crate) fn line_feeds(blocks: &[[u8; BLOCK]], feeds: &mut [u64]) {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has just been found to know AVX2, which is all that the function asks for.
        #[allow(unsafe_code, reason = "a call that is safe only where AVX2 was found")]
        unsafe {
            avx2::line_feeds(blocks, feeds);
        }
        return;
    }
    plain::line_feeds(blocks, feeds);
}

#[cfg(target_arch = "x86_64")]
mod avx2 {
    use std::arch::x86_64::{
        __m256i, _mm_set_epi64x, _mm256_and_si256, _mm256_broadcastsi128_si256, _mm256_cmpeq_epi8,
        _mm256_cmpgt_epi8, _mm256_loadu_si256, _mm256_min_epu8, _mm256_movemask_epi8,
        _mm256_or_si256, _mm256_set1_epi8, _mm256_setzero_si256, _mm256_shuffle_epi8,
        _mm256_srli_epi16, _mm256_sub_epi8,
    };

    use super::{BLOCK, Marks, RARE, Shapes};

    // No closures and no iterators around the instructions: what they call would be compiled without AVX2.

    #[target_feature(enable = "avx2")]
    pub(super) fn mark(blocks: &[[u8; BLOCK]], behind: u8, marks: &mut [Marks]) {
        let (blank, feed) = (_mm256_set1_epi8(b' ' as i8), _mm256_set1_epi8(b'\n' as i8));
        // As signed bytes, first bytes of characters and control characters are the stretch from -64 to 31.
        let before = _mm256_set1_epi8(-65);
        // From the last block to the first, so that each knows whether the one behind it begins with a blank.
        let mut blank_behind = u64::from(behind == b' ');
        for (block, marks) in blocks.iter().zip(marks).rev() {
            let (low, high) = halves(block);
            let blanks = join(
                _mm256_cmpeq_epi8(blank, low),
                _mm256_cmpeq_epi8(blank, high),
            );
            let others = join(
                _mm256_and_si256(
                    _mm256_cmpgt_epi8(low, before),
                    _mm256_cmpgt_epi8(blank, low),
                ),
                _mm256_and_si256(
                    _mm256_cmpgt_epi8(high, before),
                    _mm256_cmpgt_epi8(blank, high),
                ),
            );
            *marks = Marks {
                newlines: join(_mm256_cmpeq_epi8(feed, low), _mm256_cmpeq_epi8(feed, high)),
                odd: others | (blanks & (blanks >> 1 | blank_behind << 63)),
            };
            blank_behind = blanks & 1;
        }
    }

    #[target_feature(enable = "avx2")]
    pub(super) fn shape(blocks: &[[u8; BLOCK]], shapes: &mut [Shapes]) {
        let heads = table(&NIBBLES.0);
        let tails = table(&NIBBLES.1);
        for (block, shapes) in blocks.iter().zip(shapes) {
            let (low, high) = halves(block);
            *shapes = Shapes {
                upper: join(within(low, b'A', b'Z'), within(high, b'A', b'Z')),
                lower: join(within(low, b'a', b'z'), within(high, b'a', b'z')),
                high: join(low, high),
                blank: join(within(low, 0, b' '), within(high, 0, b' ')),
                stop: join(stops(low), stops(high)),
                rare: !join(common(low, heads, tails), common(high, heads, tails)),
            };
        }
    }

    #[target_feature(enable = "avx2")]
    pub(super) fn line_feeds(blocks: &[[u8; BLOCK]], feeds: &mut [u64]) {
        let feed = _mm256_set1_epi8(b'\n' as i8);
        for (block, feeds) in blocks.iter().zip(feeds) {
            let (low, high) = halves(block);
            *feeds = join(_mm256_cmpeq_epi8(feed, low), _mm256_cmpeq_epi8(feed, high));
        }
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn halves(block: &[u8; BLOCK]) -> (__m256i, __m256i) {
        let parts: *const __m256i = block.as_ptr().cast();
        // SAFETY: a block is two parts of 32 bytes, and the load asks for no alignment.
        #[allow(unsafe_code, reason = "a load by address, within a block")]
        unsafe {
            (_mm256_loadu_si256(parts), _mm256_loadu_si256(parts.add(1)))
        }
    }

    /// The highest bits of 64 bytes.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn join(low: __m256i, high: __m256i) -> u64 {
        let (low, high) = (_mm256_movemask_epi8(low), _mm256_movemask_epi8(high));
        u64::from(low as u32) | u64::from(high as u32) << 32
    }

    /// Which bytes are `first`, `last` or between them.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn within(bytes: __m256i, first: u8, last: u8) -> __m256i {
        let from = _mm256_sub_epi8(bytes, _mm256_set1_epi8(first as i8));
        let most = _mm256_min_epu8(from, _mm256_set1_epi8((last - first) as i8));
        _mm256_cmpeq_epi8(from, most)
    }

    /// Which bytes are full stops or commas: they differ in one bit.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn stops(bytes: __m256i) -> __m256i {
        let joined = _mm256_or_si256(bytes, _mm256_set1_epi8((b'.' ^ b',') as i8));
        _mm256_cmpeq_epi8(joined, _mm256_set1_epi8(b'.' as i8))
    }

    /// Which bytes are none of [`RARE`]: their two halves have no bit of [`NIBBLES`] in common.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn common(bytes: __m256i, heads: __m256i, tails: __m256i) -> __m256i {
        let nibble = _mm256_set1_epi8(0x0F);
        let head = _mm256_and_si256(_mm256_srli_epi16(bytes, 4), nibble);
        let tail = _mm256_and_si256(bytes, nibble);
        let shared = _mm256_and_si256(
            _mm256_shuffle_epi8(heads, head),
            _mm256_shuffle_epi8(tails, tail),
        );
        _mm256_cmpeq_epi8(shared, _mm256_setzero_si256())
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn table(bytes: &[u8; 16]) -> __m256i {
        let bytes = u128::from_le_bytes(*bytes);
        _mm256_broadcastsi128_si256(_mm_set_epi64x((bytes >> 64) as i64, bytes as i64))
    }

    /// By the upper and by the lower half of a byte: a bit for each upper half that [`RARE`] has, at most eight, and with which of them a lower half stands.
    static NIBBLES: ([u8; 16], [u8; 16]) = nibbles();

    const fn nibbles() -> ([u8; 16], [u8; 16]) {
        let (mut heads, mut tails) = ([0; 16], [0; 16]);
        let (mut free, mut place) = (1_u16, 0);
        while place < RARE.len() {
            let (head, tail) = (RARE[place] >> 4, RARE[place] & 15);
            if heads[head as usize] == 0 {
                assert!(free < 0x100, "too many upper halves");
                heads[head as usize] = free as u8;
                free <<= 1;
            }
            tails[tail as usize] |= heads[head as usize];
            place += 1;
        }
        (heads, tails)
    }
}

mod plain {
    use super::{BLOCK, Marks, RARE, Shapes};

    /// First whether a block has any mark but single blanks, in a loop that compilers turn into vector instructions of any processor, and only then which.
    pub(super) fn mark(blocks: &[[u8; BLOCK]], behind: u8, marks: &mut [Marks]) {
        for (index, (block, marks)) in blocks.iter().zip(marks).enumerate() {
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
                exact(block, blocks.get(index + 1).map_or(behind, |next| next[0]))
            };
        }
    }

    /// The marks of a block before the byte `behind`.
    ///
    /// The comparisons add to seven-bit bytes so that the eighth bit says "at least" (Warren, Hacker's Delight, 6-1).
    fn exact(block: &[u8; BLOCK], behind: u8) -> Marks {
        let (mut marks, mut blanks) = (Marks::default(), 0);
        for (index, word) in block.as_chunks::<8>().0.iter().enumerate() {
            let word = u64::from_le_bytes(*word);
            let seven = word & !TOPS;
            let at_least = |byte: u8| seven + ONES * u64::from(0x80 - byte);
            let is = |byte: u8| at_least(byte) & !at_least(byte + 1) & !word & TOPS;
            // The first byte of a character outside ASCII has its two upper bits.
            let others = (word & word << 1) | (!at_least(b' ') & !word);
            marks.odd |= gather(others & TOPS) << (8 * index);
            marks.newlines |= gather(is(b'\n')) << (8 * index);
            blanks |= gather(is(b' ')) << (8 * index);
        }
        let behind = blanks >> 1 | u64::from(behind == b' ') << (BLOCK - 1);
        marks.odd |= blanks & behind;
        marks
    }

    const ONES: u64 = u64::MAX / 255;
    const TOPS: u64 = ONES << 7;

    /// The top bits of eight bytes, side by side.
    fn gather(tops: u64) -> u64 {
        (tops >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56
    }

    pub(super) fn line_feeds(blocks: &[[u8; BLOCK]], feeds: &mut [u64]) {
        for (block, feeds) in blocks.iter().zip(feeds) {
            *feeds = 0;
            for (index, word) in block.as_chunks::<8>().0.iter().enumerate() {
                let other = u64::from_le_bytes(*word) ^ (ONES * u64::from(b'\n'));
                let none = !(((other & !TOPS) + !TOPS) | other) & TOPS;
                *feeds |= gather(none) << (8 * index);
            }
        }
    }

    /// Each byte's shapes are looked up, one bit a shape; then eight bytes at a time change places with their bits.
    pub(super) fn shape(blocks: &[[u8; BLOCK]], shapes: &mut [Shapes]) {
        for (block, shapes) in blocks.iter().zip(shapes) {
            let mut rows = [0; 8];
            for (index, bytes) in block.as_chunks::<8>().0.iter().enumerate() {
                let looked_up = bytes.map(|byte| SHAPES[usize::from(byte)]);
                let bits = transposed(u64::from_le_bytes(looked_up));
                for (row, byte) in rows.iter_mut().zip(bits.to_le_bytes()) {
                    *row |= u64::from(byte) << (8 * index);
                }
            }
            let [upper, lower, high, blank, stop, rare, ..] = rows;
            *shapes = Shapes {
                upper,
                lower,
                high,
                blank,
                stop,
                rare,
            };
        }
    }

    /// The shapes of each byte, in the order of [`Shapes`], the first one lowest.
    static SHAPES: [u8; 256] = shapes();

    const fn shapes() -> [u8; 256] {
        let mut shapes = [0; 256];
        let mut byte = 0;
        while byte < 256 {
            let is = byte as u8;
            shapes[byte] = (is.is_ascii_uppercase() as u8)
                | (is.is_ascii_lowercase() as u8) << 1
                | ((is >= 0x80) as u8) << 2
                | ((is <= b' ') as u8) << 3
                | (matches!(is, b'.' | b',') as u8) << 4;
            byte += 1;
        }
        let mut place = 0;
        while place < RARE.len() {
            shapes[RARE[place] as usize] |= 1 << 5;
            place += 1;
        }
        shapes
    }

    /// Bit `i` of byte `j` becomes bit `j` of byte `i`: squares of one, two and four bits change places across the diagonal.
    fn transposed(mut bits: u64) -> u64 {
        for (shift, squares) in [
            (7, 0x00AA_00AA_00AA_00AA),
            (14, 0x0000_CCCC_0000_CCCC),
            (28, 0x0000_0000_F0F0_F0F0),
        ] {
            let moved = (bits ^ (bits >> shift)) & squares;
            bits ^= moved ^ (moved << shift);
        }
        bits
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn both_ways_to_mark_a_block_agree(
            bytes in prop::collection::vec(
                prop_oneof![2 => Just(b' '), 12 => b'a'..=b'z', 1 => Just(b'\n'), 1 => any::<u8>()],
                0..4 * BLOCK,
            ),
            behind in any::<u8>(),
        ) {
            let blocks = bytes.as_chunks::<BLOCK>().0;
            let [mut fast, mut slow] = [vec![Marks::default(); blocks.len()], vec![Marks::default(); blocks.len()]];
            mark(blocks, behind, &mut fast);
            plain::mark(blocks, behind, &mut slow);
            prop_assert_eq!(fast, slow);
            for_each_stretch(&bytes, |base, marks| {
                for (at, &byte) in bytes.iter().enumerate().skip(base).take(marks.len() * BLOCK) {
                    let has = |mask: fn(&Marks) -> u64| {
                        mask(&marks[(at - base) / BLOCK]) >> (at % BLOCK) & 1 == 1
                    };
                    let run = byte == b' ' && bytes.get(at + 1) == Some(&b' ');
                    let odd = !(b' '..0xc0).contains(&byte) || run;
                    assert_eq!(has(|marks| marks.odd), odd, "byte {at} of {bytes:?}");
                    assert_eq!(has(|marks| marks.newlines), byte == b'\n', "byte {at} of {bytes:?}");
                }
            });
        }
    }

    #[test]
    fn every_byte_has_its_shapes_wherever_it_stands() {
        let byte = |place: usize| (place * 7 % 256) as u8;
        let blocks: Vec<[u8; BLOCK]> = (0..256)
            .map(|block| std::array::from_fn(|place| byte(block * (BLOCK + 1) + place)))
            .collect();
        let (mut fast, mut slow) = (vec![Shapes::default(); 256], vec![Shapes::default(); 256]);
        shape(&blocks, &mut fast);
        plain::shape(&blocks, &mut slow);
        assert_eq!(fast, slow);
        let (mut feeds, mut slow) = (vec![0; 256], vec![1; 256]);
        line_feeds(&blocks, &mut feeds);
        plain::line_feeds(&blocks, &mut slow);
        assert_eq!(feeds, slow);
        for ((block, shapes), feeds) in blocks.iter().zip(fast).zip(feeds) {
            for (place, byte) in block.iter().enumerate() {
                let is = |bits: u64| bits >> place & 1 == 1;
                assert_eq!(is(shapes.upper), byte.is_ascii_uppercase(), "{byte:#x}");
                assert_eq!(is(shapes.lower), byte.is_ascii_lowercase(), "{byte:#x}");
                assert_eq!(is(shapes.high), !byte.is_ascii(), "{byte:#x}");
                assert_eq!(is(shapes.blank), *byte <= b' ', "{byte:#x}");
                assert_eq!(is(shapes.stop), b".,".contains(byte), "{byte:#x}");
                assert_eq!(is(shapes.rare), RARE.contains(byte), "{byte:#x}");
                assert_eq!(is(feeds), *byte == b'\n', "{byte:#x}");
            }
        }
    }
}
