//! Finds places in a text by two bytes, fast.
//!
//! The detectors look for rare places in common text. So the places of a block are marked by a loop that compilers turn into vector
//! instructions, then packed into one bit each, and only the marked ones are looked at.

/// How many bytes are marked in one go: as many as a `u64` has bits.
const BLOCK: usize = 64;

/// Calls `take` with each place, in the order of the text, whose byte and the one behind it are wanted. Behind the end of the text stands a zero.
#[inline(always)]
pub fn each_place(bytes: &[u8], wanted: impl Fn(u8, u8) -> bool, mut take: impl FnMut(usize)) {
    let mut tail = [0; BLOCK + 1];
    let mut from = 0;
    while from < bytes.len() {
        let rest = &bytes[from..];
        let whole = rest.first_chunk();
        let window = whole.unwrap_or_else(|| {
            tail[..rest.len()].copy_from_slice(rest);
            &tail
        });
        let mut bits = marked(window, &wanted);
        if rest.len() < BLOCK {
            bits &= (1 << rest.len()) - 1;
        }
        while bits != 0 {
            take(from + bits.trailing_zeros() as usize);
            bits &= bits - 1;
        }
        from += BLOCK;
    }
}

/// One bit for each place of a block, the first one lowest; the byte behind the block is only looked at.
#[inline(always)]
fn marked(window: &[u8; BLOCK + 1], wanted: &impl Fn(u8, u8) -> bool) -> u64 {
    // Four rows of sixteen places; the vectors that hold a row are told apart by the bits they set.
    let mut rows = [0_u8; 16];
    for (row, weight) in [1, 4, 16, 64].into_iter().enumerate() {
        for (column, bits) in rows.iter_mut().enumerate() {
            let place = 16 * row + column;
            *bits |= u8::from(wanted(window[place], window[place + 1])).wrapping_neg() & weight;
        }
    }
    let rows = u128::from_le_bytes(rows);
    // Bit `i` of byte `j` is place `8 * i + j`.
    transposed(rows as u64 | ((rows >> 64) as u64) << 1)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_a_slow_reader_would() {
        let bytes: Vec<u8> = (0..3 * BLOCK + 17)
            .map(|place| b"aB. xC"[(place * place + place / 7) % 6])
            .collect();
        let wanted = |byte: u8, behind: u8| byte.is_ascii_uppercase() && behind != b' ';
        for length in 0..=bytes.len() {
            let text = &bytes[..length];
            let at = |place: usize| text.get(place).copied().unwrap_or(0);
            let slow: Vec<usize> = (0..length)
                .filter(|&place| wanted(at(place), at(place + 1)))
                .collect();
            let mut fast = Vec::new();
            each_place(text, wanted, |place| fast.push(place));
            assert_eq!(fast, slow, "{length}");
        }
        let mut all = 0;
        each_place(&bytes, |_, _| true, |_| all += 1);
        assert_eq!(all, bytes.len());
    }
}
