//! What one walk over a text notes down for several detectors.

use super::capitals::{Capitalised, goes_on, head, small_letters_behind_blank, word_at};
use super::places::each_place;

/// The most letters of the second piece of a split word.
pub const LONGEST_PIECE: usize = 3;

/// Places of a text that several detectors begin at, each list in the order of the text.
#[derive(Debug, Default)]
pub struct Sketch {
    /// The words that begin with a capital letter and go on with a small one, but for the little ones ("The"); none of a text that cannot be English, and
    /// none of one of four gigabytes or more.
    pub capitals: Vec<Capitalised>,
    /// Those of them that a blank and one to [`LONGEST_PIECE`] small letters follow, as places in `capitals`.
    pub before_pieces: Vec<u32>,
    /// The beginnings of capitalised words, those of one or two letters too, that follow a full stop, a question mark, an exclamation mark or a
    /// quotation mark at once; none where there are no `capitals`.
    pub tight_capitals: Vec<usize>,
    /// The blanks right before a full stop or a comma.
    pub loose_blanks: Vec<usize>,
    /// Where "MORE" stands.
    pub mores: Vec<usize>,
}

impl Sketch {
    /// Walks over `text`; `capitals` says whether the capitalised words are wanted.
    pub fn of(text: &str, capitals: bool) -> Self {
        let capitals = capitals && u32::try_from(text.len()).is_ok();
        let bytes = text.as_bytes();
        let mut sketch = Self {
            capitals: Vec::with_capacity(if capitals { text.len() / 32 } else { 0 }),
            ..Self::default()
        };
        // Every comparison is made for every byte, so they are few and let some places through that are refused below.
        let wanted = |byte: u8, behind: u8| {
            // A to Z, or a byte that first bytes of Latin letters beyond ASCII are among.
            let letter = (byte.wrapping_sub(b'A') & 0x7F) < 26;
            // No capital follows: inside words of capitals there is nothing to see.
            let last = behind.wrapping_sub(b'A') >= 26;
            // A full stop or a comma follows.
            let blank = (byte == b' ') & (behind | 2 == b'.');
            (letter & last) | blank
        };
        each_place(bytes, wanted, |at| {
            let first = bytes[at];
            if first.is_ascii_uppercase() || (0xC3..=0xC5).contains(&first) {
                // Only the first bytes of Latin letters.
                if capitals {
                    sketch.note_capital(text, at);
                }
                if first == b'E' && bytes[..at].ends_with(b"MOR") {
                    sketch.mores.push(at - "MOR".len());
                }
            } else if first == b' ' {
                sketch.loose_blanks.push(at);
            }
        });
        sketch
    }

    /// Notes the capital letter at the byte `at`.
    #[inline(always)]
    fn note_capital(&mut self, text: &str, at: usize) {
        let bytes = text.as_bytes();
        let head = head(bytes, at);
        let (first, behind) = (head as u8, (head >> 8) as u8);
        let before = at.checked_sub(1).map_or(b' ', |before| bytes[before]);
        // Nearly every capital stands behind a blank or begins a line.
        if before != b' ' && before != b'\n' {
            let word = behind >= b'a' || matches!(first, b'I' | b'A');
            if word && matches!(before, b'.' | b'?' | b'!' | b'"' | b'\'' | 0x80..) {
                self.tight_capitals.push(at);
            }
            if goes_on(text, at, before) {
                return;
            }
        }
        if behind < b'a' || (first >= 0x80 && !text[at..].starts_with(char::is_uppercase)) {
            return;
        }
        let Some(word) = word_at(text, at, head) else {
            return;
        };
        let end = word.span().end;
        if bytes.get(end) == Some(&b' ')
            && bytes.get(end + 1).is_some_and(u8::is_ascii_lowercase)
            && small_letters_behind_blank(bytes, end) <= LONGEST_PIECE
        {
            self.before_pieces.push(self.capitals.len() as u32);
        }
        self.capitals.push(word);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_places() {
        let text = "Ann .\nMORE of it.So, a,b ,c? “No” 3.5 Mr. Smith!";
        let sketch = Sketch::of(text, true);
        let spelled: Vec<&str> = sketch
            .capitals
            .iter()
            .map(|word| &text[word.span().range()])
            .collect();
        assert_eq!(spelled, ["Ann", "Smith"]);
        assert_eq!(sketch.mores, [6]);
        assert_eq!(sketch.loose_blanks, [3, 24]);
        let tight: Vec<&str> = sketch
            .tight_capitals
            .iter()
            .map(|&at| &text[at..at + 2])
            .collect();
        assert_eq!(tight, ["So", "No"]);
        assert!(Sketch::of(text, false).capitals.is_empty());
    }
}
