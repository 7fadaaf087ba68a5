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
    /// The full stops, question marks and exclamation marks that a letter, a digit or a quotation mark may follow at once.
    pub tight_marks: Vec<usize>,
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
            ..Self::default()
        };
        // Every comparison is made for every byte, so they are few and let some places through that are refused below.
        let wanted = |byte: u8, behind: u8| {
            // `behind | 2` is a full stop for a comma, too.
            // A to Z, or the first byte of a Latin letter beyond ASCII, before a small letter or any byte beyond ASCII.
            let letter = (byte.wrapping_sub(b'A') < 26) | (byte.wrapping_sub(0xC3) < 3);
            let mark = (byte == b'.') | (byte == b'?') | (byte == b'!');
            let blank = (byte == b' ') & (behind | 2 == b'.');
            let more = (byte == b'M') & (behind == b'O');
            (letter & (behind >= b'a')) | (mark & (behind > b'!')) | (byte == b'\n') | blank | more
        };
        each_place(bytes, wanted, |at| match bytes[at] {
            b'\n' => sketch.line_ends.push(at),
            b'.' | b'?' | b'!' => sketch.tight_marks.push(at),
            b' ' => sketch.loose_blanks.push(at),
            b'M' if bytes.get(at + 1) == Some(&b'O') => sketch.mores.push(at),
            _ if capitals => {
                if let Some(word) = word_at(text, at) {
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
        let marks: Vec<&str> = sketch
            .tight_marks
            .iter()
            .map(|&at| &text[at..at + 2])
            .collect();
        assert_eq!(marks, [".S", ".5"]);
        assert_eq!(
            sketch.lines(text).collect::<Vec<_>>(),
            [(0, 5), (6, text.len())]
        );
        assert_eq!(sketch.lines("").count(), 2);
        assert!(Sketch::of(text, false).capitals.is_empty());
    }
}
