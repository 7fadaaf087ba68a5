//! Sixteen bytes folded in registers: what the ends of nearly all lines need.

/// Bytes that are folded at a time.
pub(crate) const SIXTEEN: usize = 16;

/// Sixteen bytes of a text, folded one by one, and where that is not how they fold. One bit a byte, the first byte's lowest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Folded {
    /// The folded bytes, the first one lowest. Those at a stop and behind it mean nothing.
    pub(crate) words: [u64; 2],
    /// Where folding byte by byte must stop, as in [`super::fold_word`]: bytes outside ASCII, back ticks, and blanks before such a byte or another blank.
    pub(crate) stops: u16,
    /// Blanks.
    pub(crate) blanks: u16,
    /// Letters before a small letter: no word ends behind them.
    pub(crate) inside: u16,
}

impl Folded {
    /// How many of the first bytes fold one by one.
    #[inline]
    pub(crate) fn plain(&self) -> usize {
        self.stops.trailing_zeros() as usize
    }
}

/// Folds sixteen bytes; `next` is the byte behind them.
#[inline]
pub(crate) fn fold_sixteen(bytes: &[u8; SIXTEEN], next: u8) -> Folded {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: every processor of this kind knows SSE2, which is all that the function asks for.
    #[allow(
        unsafe_code,
        reason = "the compiler asks for it though SSE2 is always there"
    )]
    return unsafe { vector::fold_sixteen(bytes, next) };
    #[cfg(not(target_arch = "x86_64"))]
    return plain::fold_sixteen(bytes, next);
}

/// With the instructions that every processor of this kind has.
#[cfg(target_arch = "x86_64")]
mod vector {
    use std::arch::x86_64::{
        __m128i, _mm_add_epi8, _mm_and_si128, _mm_andnot_si128, _mm_cmpeq_epi8, _mm_cmplt_epi8,
        _mm_cvtsi128_si64, _mm_movemask_epi8, _mm_or_si128, _mm_set_epi64x, _mm_set1_epi8,
        _mm_unpackhi_epi64,
    };

    use super::{Folded, SIXTEEN};
    use crate::text::fold::is_blank_byte;

    #[inline]
    #[target_feature(enable = "sse2")]
    pub(super) fn fold_sixteen(bytes: &[u8; SIXTEEN], next: u8) -> Folded {
        let both = u128::from_le_bytes(*bytes);
        let raw = _mm_set_epi64x((both >> 64) as i64, both as i64);
        let capitals = within(raw, b'A', b'Z');
        let blanks = _mm_or_si128(is(raw, b' '), within(raw, b'\t', b'\r'));
        let small = _mm_or_si128(raw, _mm_and_si128(capitals, _mm_set1_epi8(0x20)));
        let folded = _mm_or_si128(
            _mm_andnot_si128(blanks, small),
            _mm_and_si128(blanks, _mm_set1_epi8(b' ' as i8)),
        );
        let letters = bits(within(folded, b'a', b'z'));
        let (high, blank) = (bits(raw), bits(blanks));
        let behind = (high | blank) >> 1 | u16::from(next >= 0x80 || is_blank_byte(next)) << 15;
        let small_behind =
            (letters & !bits(capitals)) >> 1 | u16::from(next.is_ascii_lowercase()) << 15;
        Folded {
            words: [
                _mm_cvtsi128_si64(folded) as u64,
                _mm_cvtsi128_si64(_mm_unpackhi_epi64(folded, folded)) as u64,
            ],
            stops: high | bits(is(raw, b'`')) | (blank & behind),
            blanks: blank,
            inside: letters & small_behind,
        }
    }

    #[inline]
    #[target_feature(enable = "sse2")]
    fn bits(bytes: __m128i) -> u16 {
        _mm_movemask_epi8(bytes) as u16
    }

    #[inline]
    #[target_feature(enable = "sse2")]
    fn is(bytes: __m128i, byte: u8) -> __m128i {
        _mm_cmpeq_epi8(bytes, _mm_set1_epi8(byte as i8))
    }

    /// Which bytes are `first`, `last` or between them: moved so that these are the least of all signed bytes.
    #[inline]
    #[target_feature(enable = "sse2")]
    fn within(bytes: __m128i, first: u8, last: u8) -> __m128i {
        let moved = _mm_add_epi8(bytes, _mm_set1_epi8(0x80_u8.wrapping_sub(first) as i8));
        _mm_cmplt_epi8(moved, _mm_set1_epi8((0x80 + (last - first) + 1) as i8))
    }
}

#[cfg(any(test, not(target_arch = "x86_64")))]
mod plain {
    use super::{Folded, SIXTEEN};
    use crate::text::fold::{fold_ascii, is_blank_byte};

    pub(super) fn fold_sixteen(bytes: &[u8; SIXTEEN], next: u8) -> Folded {
        let mut folded = Folded {
            words: [0; 2],
            stops: 0,
            blanks: 0,
            inside: 0,
        };
        let mut both = [0; SIXTEEN];
        for (at, &byte) in bytes.iter().enumerate() {
            let next = bytes.get(at + 1).copied().unwrap_or(next);
            let blank = is_blank_byte(byte);
            both[at] = match byte {
                _ if blank => b' ',
                b'`' => byte,
                _ => fold_ascii(byte),
            };
            let stop =
                byte >= 0x80 || byte == b'`' || (blank && (next >= 0x80 || is_blank_byte(next)));
            folded.stops |= u16::from(stop) << at;
            folded.blanks |= u16::from(blank) << at;
            let inside = byte.is_ascii_alphabetic() && next.is_ascii_lowercase();
            folded.inside |= u16::from(inside) << at;
        }
        let both = u128::from_le_bytes(both);
        folded.words = [both as u64, (both >> 64) as u64];
        folded
    }
}

#[cfg(all(test, target_arch = "x86_64"))]
mod tests {
    use super::*;
    use crate::text::fold::fold_word;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn all_ways_to_fold_sixteen_bytes_agree(
            bytes in prop::array::uniform16(prop_oneof![
                3 => Just(b' '), 8 => b'A'..=b'z', 1 => b'\t'..=b'\r', 2 => any::<u8>()
            ]),
            next in any::<u8>(),
        ) {
            let folded = fold_sixteen(&bytes, next);
            prop_assert_eq!(folded, plain::fold_sixteen(&bytes, next));
            let both = u128::from_le_bytes(bytes);
            let (word, stop) = fold_word(both as u64, bytes[8]);
            let plain = stop.trailing_zeros() / 8;
            prop_assert_eq!((folded.stops as u8).trailing_zeros().min(8), plain);
            let kept = u64::MAX.checked_shr(64 - 8 * plain).unwrap_or(0);
            prop_assert_eq!(word & kept, folded.words[0] & kept);
        }
    }
}
