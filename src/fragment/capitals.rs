//! Finds the capitalised words of a text.
//!
//! This runs over every byte of every text, so it looks for capital letters eight bytes at a time: a text without capitals costs a fraction
//! of a nanosecond a byte.

use crate::model::Span;

/// Calls `take` for each word that begins with a capital letter and goes on with a small one, in the order of the text: letters only, without a
/// possessive, at least three bytes. The second argument is the word's first eight bytes, the first one lowest, with zeros behind a shorter word.
pub fn each_word(text: &str, mut take: impl FnMut(Span, u64)) {
    let bytes = text.as_bytes();
    // Behind the last word.
    let mut free = 0;
    let mut look = |at: usize| {
        if at >= free
            && let Some(end) = word_at(text, at, &mut take)
        {
            free = end;
        }
    };
    let (chunks, rest) = bytes.as_chunks::<8>();
    for (place, chunk) in chunks.iter().enumerate() {
        let mut marks = capital_marks(u64::from_le_bytes(*chunk));
        while marks != 0 {
            look(place * 8 + marks.trailing_zeros() as usize / 8);
            marks &= marks - 1;
        }
    }
    for (place, byte) in rest.iter().enumerate() {
        if byte.is_ascii_uppercase() || matches!(byte, 0xC3..=0xC5) {
            look(bytes.len() - rest.len() + place);
        }
    }
}

/// Hands over the word that begins at the marked byte `at`, if one does; answers where its letters end.
#[inline]
fn word_at(text: &str, at: usize, take: &mut impl FnMut(Span, u64)) -> Option<usize> {
    let bytes = text.as_bytes();
    let inside = match at.checked_sub(1).map(|before| bytes[before]) {
        None => false,
        Some(before) if before.is_ascii() => before.is_ascii_alphanumeric(),
        Some(_) => text[..at]
            .chars()
            .next_back()
            .is_some_and(char::is_alphanumeric),
    };
    if inside || (!bytes[at].is_ascii() && !text[at..].starts_with(char::is_uppercase)) {
        return None;
    }
    let head = head(bytes, at);
    let end = word_end(text, at, head);
    // A second capital means an abbreviation, or a heading in capitals.
    let second = at + if bytes[at].is_ascii() { 1 } else { 2 };
    if end - at >= 3 && !bytes[second].is_ascii_uppercase() {
        take(Span::new(at, end), head & low_bytes(end - at));
    }
    Some(end)
}

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = ONES * 0x80;

/// Sets the highest bit of every byte whose lower seven bits are at least `border`, and leaves noise in the other bits. Adding to seven bits
/// carries into the eighth exactly when the byte reaches the border, and never into the next byte.
fn from(chunk: u64, border: u8) -> u64 {
    (chunk & !HIGH) + ONES * u64::from(0x80 - border)
}

/// Sets the highest bit of every byte that may begin a capitalised word: A to Z, or the first byte of a Latin letter beyond ASCII.
fn capital_marks(chunk: u64) -> u64 {
    let ascii = from(chunk, b'A') & !from(chunk, b'Z' + 1) & !chunk;
    let latin = from(chunk, 0x43) & !from(chunk, 0x46) & chunk;
    (ascii | latin) & HIGH
}

/// Sets the highest bit of every ASCII letter.
fn letter_marks(chunk: u64) -> u64 {
    let small = chunk | (ONES * 0x20);
    from(small, b'a') & !from(small, b'z' + 1) & !chunk & HIGH
}

/// The eight bytes at `at`, the first one lowest; zeros behind the end of the text.
fn head(bytes: &[u8], at: usize) -> u64 {
    match bytes[at..].first_chunk::<8>() {
        Some(chunk) => u64::from_le_bytes(*chunk),
        None => bytes[at..]
            .iter()
            .rev()
            .fold(0, |head, byte| head << 8 | u64::from(*byte)),
    }
}

/// A mask of the first `count` bytes of a head.
pub fn low_bytes(count: usize) -> u64 {
    if count < 8 {
        (1 << (8 * count)) - 1
    } else {
        u64::MAX
    }
}

/// The end of the letters that begin at `at`, whose first eight bytes are `head`.
fn word_end(text: &str, at: usize, head: u64) -> usize {
    let bytes = text.as_bytes();
    let mut end =
        (at + (!letter_marks(head) & HIGH).trailing_zeros() as usize / 8).min(bytes.len());
    loop {
        match bytes.get(end) {
            Some(byte) if byte.is_ascii_alphabetic() => end += 1,
            // Dashes and quotation marks, the usual neighbours, need no table.
            Some(0xE2) if bytes.get(end + 1) == Some(&0x80) => return end,
            Some(byte) if !byte.is_ascii() => match text[end..].chars().next() {
                Some(letter) if letter.is_alphabetic() => end += letter.len_utf8(),
                _ => return end,
            },
            _ => return end,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spelled(text: &str) -> Vec<&str> {
        let mut words = Vec::new();
        each_word(text, |span, _| words.push(&text[span.range()]));
        words
    }

    #[test]
    fn takes_capitalised_words() {
        assert_eq!(
            spelled("The iPhone of O’Keefe and NATO in Île-de-France, aÉb McCain’s U.S. Al"),
            ["The", "Keefe", "Île", "France", "McCain"]
        );
        assert_eq!(
            spelled("\u{2019}Keefe x\u{2014}Élan Zürich"),
            ["Keefe", "Élan", "Zürich"]
        );
        assert!(spelled("").is_empty());
    }

    #[test]
    fn marks_are_what_a_slow_reader_would_mark() {
        for byte in 0..=255u8 {
            for place in 0..8 {
                let mut chunk = [b'a'; 8];
                chunk[place] = byte;
                let wanted = byte.is_ascii_uppercase() || matches!(byte, 0xC3..=0xC5);
                let marks = capital_marks(u64::from_le_bytes(chunk));
                assert_eq!(
                    marks,
                    if wanted { 0x80 << (8 * place) } else { 0 },
                    "{byte:#x} at {place}"
                );
                let letters = letter_marks(u64::from_le_bytes(chunk)) >> (8 * place) & 0x80;
                assert_eq!(
                    letters != 0,
                    byte.is_ascii_alphabetic(),
                    "{byte:#x} at {place}"
                );
            }
        }
    }
}
