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
    let mut marks = [0; BLOCK];
    for (place, mark) in marks.iter_mut().enumerate() {
        *mark = u8::from(wanted(window[place], window[place + 1]));
    }
    let mut bits = 0;
    for (chunk, marks) in marks.as_chunks::<8>().0.iter().enumerate() {
        // Multiplying brings the lowest bit of each byte to its place in the highest byte; no two products meet.
        let packed = u64::from_le_bytes(*marks).wrapping_mul(0x0102_0408_1020_4080) >> 56;
        bits |= packed << (8 * chunk);
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
