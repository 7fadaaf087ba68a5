//! The capitalised words of a text.

use crate::model::Span;

/// A word that begins with a capital letter and goes on with a small one.
#[derive(Clone, Copy, Debug)]
pub struct Capitalised {
    /// Where it stands: letters only, without a possessive, at least three bytes.
    pub span: Span,
    /// Its first eight bytes, the first one lowest, with zeros behind a shorter word.
    pub head: u64,
}

/// The word that begins at the byte `at`, if a capitalised one does: with no letter or digit before it. The byte is an ASCII capital or the first byte
/// of a character; `before` is the byte before it, or a blank.
#[inline]
pub fn word_at(text: &str, at: usize, before: u8) -> Option<Capitalised> {
    let bytes = text.as_bytes();
    let inside = match before {
        before @ 0..0x80 => before.is_ascii_alphanumeric(),
        // Dashes and quotation marks, the usual neighbours, need no table.
        _ if at >= 3 && bytes[at - 3..at - 1] == [0xE2, 0x80] => false,
        _ => text[..at].ends_with(char::is_alphanumeric),
    };
    if inside || (!bytes[at].is_ascii() && !text[at..].starts_with(char::is_uppercase)) {
        return None;
    }
    let head = head(bytes, at);
    let end = word_end(text, at, head);
    (end - at >= 3).then(|| Capitalised {
        span: Span::new(at, end),
        head: head & low_bytes(end - at),
    })
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

/// A mask of the first `count` bytes of a head, at least one.
pub fn low_bytes(count: usize) -> u64 {
    u64::MAX >> (64 - 8 * count.min(8))
}

/// The end of the letters that begin at `at`, whose first eight bytes are `head`.
#[inline]
fn word_end(text: &str, at: usize, head: u64) -> usize {
    let letters = (!letter_marks(head) & HIGH).trailing_zeros() / 8;
    // Nearly every word is short and ends before ASCII. Behind the end of the text stand zeros.
    if letters < 8 && head >> (8 * letters) & 0x80 == 0 {
        return at + letters as usize;
    }
    long_word_end(text, at + letters as usize)
}

/// The end of the letters that go on at `end`.
fn long_word_end(text: &str, mut end: usize) -> usize {
    let bytes = text.as_bytes();
    loop {
        end += (!letter_marks(head(bytes, end)) & HIGH).trailing_zeros() as usize / 8;
        match bytes.get(end) {
            Some(byte) if byte.is_ascii_alphabetic() => {}
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

/// How many small letters of ASCII follow a blank at `at`, of which no more than seven are told; none when there is no blank.
#[inline]
pub fn small_letters_behind_blank(bytes: &[u8], at: usize) -> usize {
    let chunk = head(bytes, at);
    if chunk & 0xFF != u64::from(b' ') {
        return 0;
    }
    let small = letter_marks(chunk) & (chunk << 2);
    (!small & HIGH & !0xFF).trailing_zeros() as usize / 8 - 1
}

#[cfg(test)]
mod tests {
    use super::super::sketch::Sketch;
    use super::*;

    fn spelled(text: &str) -> Vec<&str> {
        let words = Sketch::of(text, true).capitals;
        words.iter().map(|word| &text[word.span.range()]).collect()
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
    fn counts_small_letters() {
        for (text, count) in [
            ("", 0),
            ("x", 0),
            (" ", 0),
            ("the", 0),
            (" the end", 3),
            (" aBc", 1),
            (" as\u{e9}", 2),
            (" governments", 7),
            (" az`", 2),
            (" a{", 1),
        ] {
            assert_eq!(
                small_letters_behind_blank(text.as_bytes(), 0),
                count,
                "{text}"
            );
        }
        assert_eq!(small_letters_behind_blank(b"a by", 1), 2);
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
