//! What one walk over a text notes down for several detectors.
//!
//! The detectors look for rare places in common text. Blocks of it are marked by [`crate::text::blocks`], arithmetic on the marks tells where something of
//! interest begins, and only those places are looked at.

use super::capitals::{
    Capitalised, goes_on, head, is_little, may_be_stem, small_letters_behind_blank, word_at,
};
use crate::text::blocks::{BLOCK, Shapes, shape};

/// The most letters of the second piece of a split word.
pub const LONGEST_PIECE: usize = 3;

/// How many blocks are marked in one go.
const BATCH: usize = 32;

/// Places of a text that several detectors begin at, each list in the order of the text.
#[derive(Debug, Default)]
pub struct Sketch {
    /// The words that begin with a capital letter and go on with a small one, but for the little ones ("The"); none of a text that cannot be English, and
    /// none of one of four gigabytes or more.
    pub capitals: Vec<Capitalised>,
    /// Those of them that a blank and one to [`LONGEST_PIECE`] small letters follow, as places in `capitals`.
    pub before_pieces: Vec<u32>,
    /// Capitalised words of two letters that could be what is left of a longer one; none where there are no `capitals`.
    pub stems: Vec<usize>,
    /// The beginnings of capitalised words, those of one or two letters too, that follow a full stop, a question mark, an exclamation mark or a
    /// quotation mark at once; none where there are no `capitals`.
    pub tight_capitals: Vec<usize>,
    /// The blanks right before a full stop or a comma.
    pub loose_blanks: Vec<usize>,
    /// Where "MORE" stands.
    pub mores: Vec<usize>,
    /// Where " at and " stands.
    pub at_ands: Vec<usize>,
    /// Opening brackets, round and square.
    pub brackets: Vec<usize>,
    /// Hyphens before a blank or a line's end.
    pub loose_hyphens: Vec<usize>,
    /// Soft hyphens.
    pub soft_hyphens: Vec<usize>,
    /// Behind the marks of a quotation of which nothing is left: "“”" and "“ ”".
    pub empty_quotes: Vec<usize>,
    /// Where characters that were read in another code page may begin.
    pub misread: Misread,
    /// Whether the text has any of the signs that references, escapes and most of markup begin with: `&\\<>{}=`.
    pub signs: bool,
}

/// Where text that was decoded with the wrong character set may begin.
#[derive(Debug, Default)]
pub struct Misread {
    /// UTF-8 read as Windows-1252, and control characters.
    pub windows: Vec<usize>,
    /// UTF-8 read in the Macintosh page: "‚Ä" and "√".
    pub mac: Vec<usize>,
    /// U+FFFD, which stands for what was lost.
    pub lost: Vec<usize>,
}

/// The last byte of a block, as far as the next one must know of it: whether it is a blank and whether a letter, in the lowest bit.
#[derive(Clone, Copy, Debug)]
struct Left {
    blank: u64,
    letter: u64,
}

/// What stands so many bytes behind each place of a block; `next` is the block behind it.
#[inline(always)]
fn behind(here: u64, next: u64, bytes: usize) -> u64 {
    here >> bytes | next << (BLOCK - bytes)
}

impl Sketch {
    /// Walks over `text`; `capitals` says whether the capitalised words are wanted.
    pub fn of(text: &str, capitals: bool) -> Self {
        let capitals = capitals && u32::try_from(text.len()).is_ok();
        let mut walk = Walk {
            text,
            sketch: Self::default(),
            capitals,
            words: 0,
            pieces: 0,
        };
        if capitals {
            walk.sketch.tight_capitals.reserve(text.len() / 384);
        }
        walk.make_room(text.len() / 40);
        let (blocks, rest) = text.as_bytes().as_chunks::<BLOCK>();
        // A digit is none of the shapes.
        let mut last = [b'0'; BLOCK];
        last[..rest.len()].copy_from_slice(rest);
        let mut shapes = [Shapes::default(); BATCH + 1];
        // A text begins as if behind a blank.
        let mut left = Left {
            blank: 1,
            letter: 0,
        };
        let (mut base, mut waiting) = (0, 0);
        for batch in blocks.chunks(BATCH).chain([[last].as_slice()]) {
            // A block is looked at together with the one behind it, so the last of each batch waits for the next.
            shape(batch, &mut shapes[waiting..]);
            let ready = waiting + batch.len() - 1;
            for pair in shapes[..=ready].windows(2) {
                left = walk.note_block(base, left, &pair[0], &pair[1]);
                base += BLOCK;
            }
            shapes[0] = shapes[ready];
            waiting = 1;
        }
        walk.note_block(base, left, &shapes[0], &Shapes::default());
        let mut sketch = walk.sketch;
        sketch.capitals.truncate(walk.words);
        sketch.before_pieces.truncate(walk.pieces);
        sketch
    }
}

/// A sketch in the making.
///
/// Which capitalised words are little and which have a short word behind them follows no pattern, and a processor that guesses wrong loses more than
/// the word costs. So each word is written down first and counted then, or not: the lists have more room than words, and are cut to their length at the end.
struct Walk<'t> {
    text: &'t str,
    sketch: Sketch,
    /// Whether the capitalised words are wanted.
    capitals: bool,
    /// How many of `sketch.capitals` are words.
    words: usize,
    /// How many of `sketch.before_pieces` are places.
    pieces: usize,
}

impl Walk<'_> {
    /// Makes room for so many more words, and for those of a block.
    #[inline(always)]
    fn make_room(&mut self, words: usize) {
        let wanted = self.words + words + BLOCK;
        if self.sketch.capitals.len() < wanted {
            let room = wanted + self.words;
            self.sketch.capitals.resize(room, Capitalised::default());
            self.sketch.before_pieces.resize(room, 0);
        }
    }

    /// Notes what begins in the block at `base`; `next` is the one behind it.
    #[inline(always)]
    fn note_block(&mut self, base: usize, left: Left, here: &Shapes, next: &Shapes) -> Left {
        let letters = here.upper | here.lower;
        if self.capitals && here.upper != 0 {
            self.note_capitals(base, left, here, next);
        } else if here.rare != 0 {
            self.note_odd_ones(base, here.rare);
        }
        let loose = here.blank & behind(here.stop, next.stop, 1);
        // A word of two letters and one of three.
        let words =
            here.blank & behind(here.blank, next.blank, 3) & behind(here.blank, next.blank, 7);
        // Three capitals and more.
        let shouted =
            here.upper & behind(here.upper, next.upper, 1) & behind(here.upper, next.upper, 2);
        if loose | words | shouted != 0 {
            self.note_signs(base, here, next, [loose, words, shouted]);
        }
        let last = BLOCK - 1;
        Left {
            blank: here.blank >> last,
            letter: letters >> last,
        }
    }

    /// Notes the blanks, short words and capitals of the block at `base` that begin something.
    fn note_signs(&mut self, base: usize, here: &Shapes, next: &Shapes, places: [u64; 3]) {
        let bytes = self.text.as_bytes();
        let note = |mut places: u64, wanted: &[u8], list: &mut Vec<usize>| {
            while places != 0 {
                let at = base + places.trailing_zeros() as usize;
                if bytes[at..].starts_with(wanted) {
                    list.push(at);
                }
                places &= places - 1;
            }
        };
        let [loose, words, shouted] = places;
        note(loose, b" ", &mut self.sketch.loose_blanks);
        note(words, b" at and ", &mut self.sketch.at_ands);
        let four = shouted & behind(here.upper, next.upper, 3) & !behind(here.upper, next.upper, 4);
        note(four, b"MORE", &mut self.sketch.mores);
    }

    /// Notes the capitals of the block at `base`, and what of the rare bytes may begin something.
    #[inline(always)]
    fn note_capitals(&mut self, base: usize, left: Left, here: &Shapes, next: &Shapes) {
        let letters = (here.upper | here.lower, next.upper | next.lower);
        let after_blank = here.blank << 1 | left.blank;
        // Capitals that go on with what may be a small letter, and of them those with two letters more.
        let begun = here.upper & behind(here.lower | here.high, next.lower | next.high, 1);
        let third = behind(letters.0 | here.high, letters.1 | next.high, 2);
        // Nearly every capital stands behind a blank or begins a line.
        let usual = begun & after_blank & third;
        let after_letter = letters.0 << 1 | left.letter;
        let tight = here.upper & !(behind(here.upper, next.upper, 1) | after_blank | after_letter);
        self.make_room(0);
        // Words are noted in the order of the text; accented capitals are among the rare bytes.
        if tight | here.rare & here.high == 0 {
            self.note_usual(base, here, next, usual);
            if here.rare != 0 {
                self.note_odd_ones(base, here.rare);
            }
        } else {
            let mut places = usual | tight | here.rare;
            while places != 0 {
                let place = places & places.wrapping_neg();
                if usual & place == 0 {
                    self.note_odd_ones(base, place);
                } else {
                    self.note_usual(base, here, next, place);
                }
                places ^= place;
            }
        }
        let mut pairs = begun & after_blank & !behind(letters.0, letters.1, 2);
        while pairs != 0 {
            self.note_pair(base + pairs.trailing_zeros() as usize);
            pairs &= pairs - 1;
        }
    }

    /// Notes the word of two letters at the byte `at`, if it could be what is left of a longer one.
    #[inline(always)]
    fn note_pair(&mut self, at: usize) {
        let bytes = self.text.as_bytes();
        // Beyond ASCII only dashes and quotation marks are no letters.
        let rest = &bytes[at + 2..];
        let ends = rest.first().is_none_or(u8::is_ascii) || rest.starts_with(&[0xE2, 0x80]);
        if ends && may_be_stem(bytes[at], bytes[at + 1]) {
            self.sketch.stems.push(at);
        }
    }

    /// Notes the words of the block `here` that begin at the `usual` places, each the first letter of a run of them.
    #[inline(always)]
    fn note_usual(&mut self, base: usize, here: &Shapes, next: &Shapes, mut usual: u64) {
        let bytes = self.text.as_bytes();
        let letters = (here.upper | here.lower, next.upper | next.lower);
        // A bit added to the first letter of a run is carried to the place behind its last.
        let (ends, over) = letters.0.overflowing_add(usual);
        let mut ends = ends & !letters.0;
        let small = (here.lower, next.lower);
        let three =
            behind(small.0, small.1, 2) & behind(small.0, small.1, 3) & behind(small.0, small.1, 4);
        // Behind a blank one to three small letters.
        let pieces = here.blank & behind(small.0, small.1, 1) & !three;
        while ends != 0 {
            let (start, end) = (usual.trailing_zeros(), ends.trailing_zeros());
            usual &= usual - 1;
            ends &= ends - 1;
            let at = base + start as usize;
            // Beyond ASCII a word may go on.
            if here.high >> end & 1 == 1 {
                self.note_word(at);
                continue;
            }
            let word = Capitalised::new(at, base + end as usize, head(bytes, at));
            self.take(word, pieces >> end & 1 == 1);
        }
        // The last one may go on in the next block.
        if over {
            let at = base + usual.trailing_zeros() as usize;
            let ends = letters.1.wrapping_add(1) & !letters.1;
            let end = ends.trailing_zeros();
            if ends == 0 || next.high >> end & 1 == 1 {
                self.note_word(at);
            } else {
                let end = base + BLOCK + end as usize;
                let word = Capitalised::new(at, end, head(bytes, at));
                self.take(word, has_piece(bytes, end));
            }
        }
    }

    /// Notes what may begin at the `places` of the block at `base`.
    #[inline(always)]
    fn note_odd_ones(&mut self, base: usize, mut places: u64) {
        let bytes = self.text.as_bytes();
        while places != 0 {
            let at = base + places.trailing_zeros() as usize;
            places &= places - 1;
            // Most of them stand inside words.
            let inside = bytes[at] == b'-' && bytes.get(at + 1).is_some_and(|byte| *byte > b' ');
            if !inside {
                self.note_odd(at);
            }
        }
    }

    /// Takes a word in, unless it is a little one; `piece` says whether a blank and a short word follow.
    #[inline(always)]
    fn take(&mut self, word: Capitalised, piece: bool) {
        let keep = !is_little(word.head);
        self.sketch.capitals[self.words] = word;
        self.sketch.before_pieces[self.pieces] = self.words as u32;
        self.words += usize::from(keep);
        self.pieces += usize::from(keep & piece);
    }

    /// Notes what may begin at the byte `at`: a capital letter that stands behind a mark, or one of the rare bytes.
    fn note_odd(&mut self, at: usize) {
        let bytes = self.text.as_bytes();
        let sketch = &mut self.sketch;
        let (before, behind) = bytes.split_at(at);
        match *behind {
            [b'&' | b'\\' | b'<' | b'>' | b'{' | b'}' | b'=', ..] => sketch.signs = true,
            [b'(' | b'[', ..] => sketch.brackets.push(at),
            [b'-', b' ' | b'\n' | b'\r', ..] => sketch.loose_hyphens.push(at),
            [0x9D, ..] => {
                if before.ends_with(b"\x9C\xE2\x80") || before.ends_with(b"\x9C \xE2\x80") {
                    sketch.empty_quotes.push(at + 1);
                }
            }
            [0xC2, second, ..] if second < 0xA0 => sketch.misread.windows.push(at),
            [0xC2, 0xAD, ..] => sketch.soft_hyphens.push(at),
            [0xEF, 0xBF, 0xBD, ..] => sketch.misread.lost.push(at),
            [0x88, 0x9A, ..] if before.ends_with(b"\xE2") => sketch.misread.mac.push(at - 1),
            [0x84, ..] if before.ends_with(b"\xE2\x80\x9A\xC3") => sketch.misread.mac.push(at - 4),
            [first, second, ..] => {
                // The letters À to ô that stand for a leading byte are C3 80 to C3 B4. What may follow begins with one of few bytes, which keeps
                // languages with many accents fast.
                if first == 0xC3
                    && (0x82..=0xB4).contains(&second)
                    && matches!(behind.get(2), Some(0xC2 | 0xC5 | 0xC6 | 0xCB | 0xE2))
                {
                    sketch.misread.windows.push(at);
                }
                if self.capitals && (first.is_ascii_uppercase() || (0xC3..=0xC5).contains(&first)) {
                    self.note_capital(at);
                }
            }
            _ => {
                if self.capitals && matches!(behind, b"I" | b"A") {
                    self.note_capital(at);
                }
            }
        }
    }

    /// Notes the capital letter at the byte `at`, whatever stands before it.
    fn note_capital(&mut self, at: usize) {
        let text = self.text;
        let bytes = text.as_bytes();
        let head = head(bytes, at);
        let (first, behind) = (head as u8, (head >> 8) as u8);
        let before = at.checked_sub(1).map_or(b' ', |before| bytes[before]);
        let word = behind >= b'a' || matches!(first, b'I' | b'A');
        if word && matches!(before, b'.' | b'?' | b'!' | b'"' | b'\'' | 0x80..) {
            self.sketch.tight_capitals.push(at);
        }
        if goes_on(text, at, before) || behind < b'a' {
            return;
        }
        if first < 0x80 || text[at..].starts_with(char::is_uppercase) {
            self.note_word(at);
        }
    }

    /// Notes the capitalised word that begins at the byte `at`.
    fn note_word(&mut self, at: usize) {
        let bytes = self.text.as_bytes();
        let Some(word) = word_at(self.text, at, head(bytes, at)) else {
            return;
        };
        let end = word.span().end;
        self.take(word, has_piece(bytes, end));
    }
}

/// Whether a blank stands at `end` and one to [`LONGEST_PIECE`] small letters behind it.
fn has_piece(bytes: &[u8], end: usize) -> bool {
    bytes.get(end) == Some(&b' ')
        && bytes.get(end + 1).is_some_and(u8::is_ascii_lowercase)
        && small_letters_behind_blank(bytes, end) <= LONGEST_PIECE
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
