//! Finds places in a text by three bytes, fast.
//!
//! The detectors look for rare places in common text, and a branch that is taken at every tenth byte is mispredicted every time and costs more than all
//! the rest. So the places of a block are marked by a loop that compilers turn into vector instructions, then gathered without a branch, and only then
//! looked at.

/// How many bytes are looked at in one go.
const BLOCK: usize = 512;

/// Calls `take` with every offset whose byte, with the one before and the one behind it, is `wanted`; zeros stand at both ends of the text. `wanted` gets
/// them in the order of the text and should be plain arithmetic, for it is asked about every byte.
#[inline(always)]
pub fn each_place(bytes: &[u8], wanted: impl Fn(u8, u8, u8) -> bool, mut take: impl FnMut(usize)) {
    // A block with the bytes before and behind it.
    let mut window = [0; BLOCK + 2];
    let mut places = [0; BLOCK];
    for from in (0..bytes.len()).step_by(BLOCK) {
        let length = BLOCK.min(bytes.len() - from);
        window[0] = if from == 0 { 0 } else { bytes[from - 1] };
        window[1..=length].copy_from_slice(&bytes[from..from + length]);
        window[length + 1..].fill(0);
        window[length + 1] = bytes.get(from + length).copied().unwrap_or(0);
        let mut marks = [0; BLOCK];
        for (place, mark) in marks.iter_mut().enumerate() {
            *mark = u8::from(wanted(window[place], window[place + 1], window[place + 2]));
        }
        let mut count = 0;
        for (chunk, marks) in marks.as_chunks::<8>().0.iter().enumerate() {
            let mut marks = u64::from_le_bytes(*marks);
            places[count] = from + chunk * 8 + marks.trailing_zeros() as usize / 8;
            count += usize::from(marks != 0);
            marks &= marks.wrapping_sub(1);
            while marks != 0 {
                places[count] = from + chunk * 8 + marks.trailing_zeros() as usize / 8;
                count += 1;
                marks &= marks - 1;
            }
        }
        // The last chunks may mark the zeros behind the text.
        for &place in places[..count].iter().filter(|place| **place < bytes.len()) {
            take(place);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_a_slow_reader_would() {
        let bytes: Vec<u8> = (0..3 * BLOCK + 17)
            .map(|place| b"aB. xC"[(place * place + place / 7) % 6])
            .collect();
        let wanted = |before: u8, byte: u8, behind: u8| {
            before != b'a' && byte.is_ascii_uppercase() && behind != b' '
        };
        for length in [0, 1, 7, 8, BLOCK - 1, BLOCK, BLOCK + 1, bytes.len()] {
            let text = &bytes[..length];
            let at = |place: usize| text.get(place).copied().unwrap_or(0);
            let slow: Vec<usize> = (0..length)
                .filter(|&place| {
                    wanted(
                        if place == 0 { 0 } else { at(place - 1) },
                        at(place),
                        at(place + 1),
                    )
                })
                .collect();
            let mut fast = Vec::new();
            each_place(text, wanted, |place| fast.push(place));
            assert_eq!(fast, slow, "{length}");
        }
        let mut all = 0;
        each_place(&bytes, |_, _, _| true, |_| all += 1);
        assert_eq!(all, bytes.len());
    }
}
