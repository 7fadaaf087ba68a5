//! A file that is one text, with or without bytes that are not UTF-8.

use std::borrow::Cow;
use std::ops::Range;

/// What stands for a byte that is not UTF-8 while the text is looked at. It is one byte long, so that offsets stay true, and no rule holds it.
const SUBSTITUTE: char = '\u{1a}';

/// Bytes as a text of the same length, in which bytes that are not UTF-8 are masked.
///
/// ```
/// use descale::format::plain::Masked;
/// let masked = Masked::new(b"caf\xe9 noir");
/// assert_eq!(masked.text, "caf\u{1a} noir");
/// assert!(masked.near_invalid(0..3), "what stands beside an unknown byte is not known whole");
/// assert!(!masked.near_invalid(5..9));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Masked<'b> {
    /// The text; borrowed when all bytes are valid.
    pub text: Cow<'b, str>,
    /// The stretches that are not UTF-8: sorted, disjoint.
    invalid: Vec<Range<usize>>,
}

impl<'b> Masked<'b> {
    /// Masks what is not UTF-8.
    #[must_use]
    pub fn new(bytes: &'b [u8]) -> Self {
        if let Ok(text) = std::str::from_utf8(bytes) {
            return Self {
                text: Cow::Borrowed(text),
                invalid: Vec::new(),
            };
        }
        let mut text = String::with_capacity(bytes.len());
        let mut invalid = Vec::new();
        for chunk in bytes.utf8_chunks() {
            text.push_str(chunk.valid());
            let start = text.len();
            text.extend(chunk.invalid().iter().map(|_| SUBSTITUTE));
            if start < text.len() {
                invalid.push(start..text.len());
            }
        }
        Self {
            text: Cow::Owned(text),
            invalid,
        }
    }

    /// A text of which all bytes are known to be valid.
    #[must_use]
    pub fn valid(text: &'b str) -> Self {
        Self {
            text: Cow::Borrowed(text),
            invalid: Vec::new(),
        }
    }

    /// Whether all bytes are valid.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        self.invalid.is_empty()
    }

    /// How many stretches are not UTF-8, and where the first one begins.
    #[must_use]
    pub fn invalid(&self) -> Option<(usize, usize)> {
        self.invalid
            .first()
            .map(|first| (self.invalid.len(), first.start))
    }

    /// Whether `range` holds a byte that is not UTF-8, or stands right beside one.
    #[must_use]
    pub fn near_invalid(&self, range: Range<usize>) -> bool {
        let next = self
            .invalid
            .partition_point(|invalid| invalid.end < range.start);
        self.invalid
            .get(next)
            .is_some_and(|invalid| invalid.start <= range.end)
    }
}

/// Writes `bytes` with each of the ranges replaced. The changes are sorted and disjoint; one that is not, or reaches over the end, is left out.
///
/// ```
/// let mut out = Vec::new();
/// descale::format::plain::splice(b"one \xff two", [(0..3, "1"), (6..9, "2")], &mut out);
/// assert_eq!(out, b"1 \xff 2");
/// ```
pub fn splice<'c>(
    bytes: &[u8],
    changes: impl IntoIterator<Item = (Range<usize>, &'c str)>,
    out: &mut Vec<u8>,
) {
    let mut at = 0;
    for (range, new) in changes {
        let Some(unchanged) = bytes
            .get(at..range.start)
            .filter(|_| range.start <= range.end && range.end <= bytes.len())
        else {
            continue;
        };
        out.extend_from_slice(unchanged);
        out.extend_from_slice(new.as_bytes());
        at = range.end;
    }
    out.extend_from_slice(&bytes[at..]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn valid_text_is_borrowed() {
        assert!(matches!(
            Masked::new("é".as_bytes()).text,
            Cow::Borrowed("é")
        ));
    }

    #[test]
    fn masking_keeps_every_offset() {
        let bytes = b"\xff\xfea\xc3(\xe2\x82\xac\xe2\x82";
        let masked = Masked::new(bytes);
        assert_eq!(masked.text.len(), bytes.len());
        assert_eq!(masked.text, "\u{1a}\u{1a}a\u{1a}(€\u{1a}\u{1a}");
        assert_eq!(masked.invalid(), Some((4, 0)));
        assert!(!masked.is_valid());
    }

    #[test]
    fn near_means_touching() {
        let masked = Masked::new(b"ab\xffcd\xffef");
        assert!(
            masked.near_invalid(0..2) && masked.near_invalid(3..4) && !masked.near_invalid(7..8)
        );
        assert!(masked.near_invalid(1..7));
        assert!(!masked.near_invalid(0..1));
    }

    #[test]
    fn a_senseless_change_is_left_out() {
        let mut out = Vec::new();
        splice(b"abc", [(1..2, "B"), (0..1, "x"), (2..9, "x")], &mut out);
        assert_eq!(out, b"aBc");
    }
}
