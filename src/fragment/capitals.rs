//! Finds the capitalised words of a text.

use super::places::each_place;
use crate::model::Span;

/// A word that begins with a capital letter and goes on with a small one.
#[derive(Clone, Copy, Debug)]
pub struct Capitalised {
    /// Where it stands: letters only, without a possessive, at least three bytes.
    pub span: Span,
    /// Its first eight bytes, the first one lowest, with zeros behind a shorter word.
    pub head: u64,
}

/// Calls `take` for each capitalised word, in the order of the text.
pub fn each_word(text: &str, mut take: impl FnMut(Capitalised)) {
    // A to Z, or the first byte of a Latin letter beyond ASCII, with no letter before it and a small letter or any byte beyond ASCII behind it.
    let begins = |before: u8, byte: u8, behind: u8| {
        let capital = (byte.wrapping_sub(b'A') < 26) | (byte.wrapping_sub(0xC3) < 3);
        let inside = (before | 0x20).wrapping_sub(b'a') < 26;
        let goes_on = (behind.wrapping_sub(b'a') < 26) | (behind >= 0x80);
        capital & !inside & goes_on
    };
    each_place(text.as_bytes(), begins, |at| word_at(text, at, &mut take));
}

/// Hands over the word that begins at the marked byte `at`, if one does.
#[inline]
fn word_at(text: &str, at: usize, take: &mut impl FnMut(Capitalised)) {
    let bytes = text.as_bytes();
    let before = at.checked_sub(1).map_or(b' ', |before| bytes[before]);
    let inside = if before.is_ascii() {
        before.is_ascii_digit()
    } else {
        text[..at]
            .chars()
            .next_back()
            .is_some_and(char::is_alphanumeric)
    };
    if inside || (!bytes[at].is_ascii() && !text[at..].starts_with(char::is_uppercase)) {
        return;
    }
    let head = head(bytes, at);
    let end = word_end(text, at, head);
    if end - at >= 3 {
        let (span, head) = (Span::new(at, end), head & low_bytes(end - at));
        take(Capitalised { span, head });
    }
}

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = ONES * 0x80;

/// Sets the highest bit of every ASCII letter. Adding to seven bits carries into the eighth exactly when the byte reaches a border, and never into the
/// next byte.
fn letter_marks(chunk: u64) -> u64 {
    let from = |border: u8| ((chunk | (ONES * 0x20)) & !HIGH) + ONES * u64::from(0x80 - border);
    from(b'a') & !from(b'z' + 1) & !chunk & HIGH
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
        each_word(text, |word| words.push(&text[word.span.range()]));
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
    fn letters_are_what_a_slow_reader_would_take() {
        for byte in 0..=255_u8 {
            for place in 0..8 {
                let mut chunk = [b'1'; 8];
                chunk[place] = byte;
                let wanted = if byte.is_ascii_alphabetic() {
                    0x80 << (8 * place)
                } else {
                    0
                };
                assert_eq!(
                    letter_marks(u64::from_le_bytes(chunk)),
                    wanted,
                    "{byte:#x} at {place}"
                );
            }
        }
    }
}
