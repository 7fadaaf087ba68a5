//! What one walk over a text notes down for several detectors.

use super::capitals::{Capitalised, word_at};
use super::places::each_place;

/// Places of a text that several detectors begin at, each list in the order of the text.
#[derive(Debug, Default)]
pub struct Sketch {
    /// The words that begin with a capital letter and go on with a small one; none of a text that cannot be English.
    pub capitals: Vec<Capitalised>,
    /// The line feeds.
    pub line_ends: Vec<usize>,
    /// The beginnings of capitalised words, those of one or two letters too, that follow a full stop, a question mark, an exclamation mark or a
    /// quotation mark at once; none of a text that cannot be English.
    pub tight_capitals: Vec<usize>,
    /// The blanks right before a full stop or a comma.
    pub loose_blanks: Vec<usize>,
    /// The "MO" of "MORE".
    pub mores: Vec<usize>,
}

impl Sketch {
    /// Walks over `text`; `capitals` says whether the capitalised words are wanted.
    pub fn of(text: &str, capitals: bool) -> Self {
        let bytes = text.as_bytes();
        let mut sketch = Self {
            capitals: Vec::with_capacity(if capitals { text.len() / 32 } else { 0 }),
            line_ends: Vec::with_capacity(text.len() / 64),
            tight_capitals: Vec::with_capacity(if capitals { text.len() / 256 } else { 0 }),
            ..Self::default()
        };
        // Every comparison is made for every byte, so they are few and let some places through that are refused below.
        let wanted = |byte: u8, behind: u8| {
            // A to Z, or a byte that first bytes of Latin letters beyond ASCII are among.
            let letter = (byte.wrapping_sub(b'A') & 0x7F) < 26;
            // A small letter or any byte beyond ASCII follows, or it is "I", "A", or the "M" of "MORE".
            let word = (behind >= b'a') | (byte | 8 == b'I') | (behind == b'O');
            // A full stop or a comma follows.
            let blank = (byte == b' ') & (behind | 2 == b'.');
            (letter & word) | (byte == b'\n') | blank
        };
        each_place(bytes, wanted, |at| match bytes[at] {
            b'\n' => sketch.line_ends.push(at),
            b' ' => sketch.loose_blanks.push(at),
            // Only the first bytes of Latin letters.
            0xC6.. | 0x80..0xC3 => {}
            b'M' if bytes.get(at + 1) == Some(&b'O') => sketch.mores.push(at),
            _ if capitals => {
                let before = at.checked_sub(1).map_or(b' ', |before| bytes[before]);
                if matches!(before, b'.' | b'?' | b'!' | b'"' | b'\'' | 0x80..) {
                    sketch.tight_capitals.push(at);
                }
                if bytes.get(at + 1).is_some_and(|behind| *behind >= b'a')
                    && let Some(word) = word_at(text, at, before)
                {
                    sketch.capitals.push(word);
                }
            }
            _ => {}
        });
        sketch
    }

    /// Where each line of `text` begins and ends, its line feed left out.
    pub fn lines<'s>(&'s self, text: &str) -> impl Iterator<Item = (usize, usize)> + 's {
        let mut start = 0;
        self.line_ends
            .iter()
            .copied()
            .chain([text.len()])
            .map(move |end| (std::mem::replace(&mut start, end + 1), end))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_places() {
        let text = "One .\nMORE of it.So, a,b ,c? “No” 3.5 Mr. Smith!";
        let sketch = Sketch::of(text, true);
        let spelled: Vec<&str> = sketch
            .capitals
            .iter()
            .map(|word| &text[word.span.range()])
            .collect();
        assert_eq!(spelled, ["One", "Smith"]);
        assert_eq!(sketch.line_ends, [5]);
        assert_eq!(sketch.mores, [6]);
        assert_eq!(sketch.loose_blanks, [3, 24]);
        let tight: Vec<&str> = sketch
            .tight_capitals
            .iter()
            .map(|&at| &text[at..at + 2])
            .collect();
        assert_eq!(tight, ["So", "No"]);
        assert_eq!(
            sketch.lines(text).collect::<Vec<_>>(),
            [(0, 5), (6, text.len())]
        );
        assert_eq!(sketch.lines("").count(), 2);
        assert!(Sketch::of(text, false).capitals.is_empty());
    }
}
