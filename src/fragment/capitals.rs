//! The capitalised words of a text.

use crate::model::Span;

/// A word that begins with a capital letter and goes on with a small one. Kept small: a long article holds thousands.
#[derive(Clone, Copy, Debug, Default)]
pub struct Capitalised {
    start: u32,
    end: u32,
    /// Its first eight bytes, the first one lowest, with zeros behind a shorter word.
    pub head: u64,
}

impl Capitalised {
    /// The word from `at` to `end`, both below four gigabytes; its first eight bytes are the first ones of `head`.
    #[inline(always)]
    pub fn new(at: usize, end: usize, head: u64) -> Self {
        Self {
            start: at as u32,
            end: end as u32,
            head: head & low_bytes(end - at),
        }
    }

    /// Where it stands: letters only, without a possessive.
    #[inline]
    pub fn span(self) -> Span {
        Span::new(self.start as usize, self.end as usize)
    }
}

/// The word that begins with the capital letter at the byte `at`, which lies below four gigabytes and whose first eight bytes are `head`; `None` if it is
/// shorter than three bytes.
#[inline]
pub fn word_at(text: &str, at: usize, head: u64) -> Option<Capitalised> {
    let end = word_end(text, at, head);
    (end - at >= 3).then(|| Capitalised::new(at, end, head))
}

/// Little words that begin sentences and are neither names nor pieces of names. They are a quarter of all capitalised words, so they are left out.
const LITTLE: [&str; 41] = [
    "After", "All", "Also", "And", "Any", "Are", "Because", "Before", "Both", "But", "For", "From",
    "Here", "His", "How", "However", "Its", "Most", "Not", "Now", "One", "Our", "Since", "Some",
    "Such", "That", "The", "Their", "Then", "There", "These", "They", "This", "Those", "What",
    "When", "Where", "While", "Who", "With", "You",
];

/// How many slots the little words are found in: a power of two.
const SLOTS: usize = 256;

/// The head of at most one little word in each slot.
static LITTLE_HEADS: [u64; SLOTS] = little_heads();

/// A factor, found by trying, that spreads the heads of the little words so that no two fall into one slot.
const LITTLE_MIX: u64 = 0xC2CE_6F44_7ED4_D57B;

const fn little_heads() -> [u64; SLOTS] {
    let mut heads = [0; SLOTS];
    let mut word = 0;
    while word < LITTLE.len() {
        let bytes = LITTLE[word].as_bytes();
        let mut head = 0;
        let mut place = 0;
        while place < bytes.len() {
            head |= (bytes[place] as u64) << (8 * place);
            place += 1;
        }
        let slot = little_slot(head);
        assert!(heads[slot] == 0, "two little words in one slot");
        heads[slot] = head;
        word += 1;
    }
    heads
}

const fn little_slot(head: u64) -> usize {
    (head.wrapping_mul(LITTLE_MIX) >> (64 - SLOTS.trailing_zeros())) as usize
}

/// Spreads the bits of a head.
pub const MIX: u64 = 0x9E37_79B9_7F4A_7C15;

/// Whether a word with this head is one of the little ones. None of them is longer than eight bytes.
#[inline(always)]
pub fn is_little(head: u64) -> bool {
    LITTLE_HEADS[little_slot(head)] == head
}

/// Two letters that are a word, an abbreviation or a name by themselves, and so never what is left of a longer name.
const WHOLE_PAIRS: [&str; 73] = [
    "Ad", "Ah", "Am", "An", "As", "At", "Aw", "Ax", "Be", "By", "Da", "De", "Di", "Do", "Dr", "Du",
    "Ed", "Eh", "El", "Er", "Et", "Ex", "Fr", "Ft", "Go", "He", "Hm", "Hu", "Id", "If", "In", "Is",
    "It", "Jr", "Kg", "Km", "La", "Le", "Li", "Lt", "Ma", "Me", "Mr", "Ms", "Mt", "Mx", "My", "Ng",
    "No", "Of", "Oh", "Ok", "On", "Op", "Or", "Ox", "Oz", "Pi", "Rd", "So", "Sr", "St", "To", "Tv",
    "Uh", "Um", "Up", "Us", "Vs", "We", "Wu", "Xi", "Yu",
];

/// By the first letter: a bit for each second letter with which it is one of [`WHOLE_PAIRS`].
static WHOLE: [u32; 26] = {
    let mut whole = [0; 26];
    let mut place = 0;
    while place < WHOLE_PAIRS.len() {
        let pair = WHOLE_PAIRS[place].as_bytes();
        whole[(pair[0] - b'A') as usize] |= 1 << (pair[1] - b'a');
        place += 1;
    }
    whole
};

/// Whether a capital and a small letter could be what is left of a longer name.
#[inline(always)]
pub fn may_be_stem(capital: u8, small: u8) -> bool {
    let whole = WHOLE.get(usize::from(capital.wrapping_sub(b'A')));
    small.is_ascii_lowercase() && whole.is_some_and(|whole| whole >> (small - b'a') & 1 == 0)
}

/// Which words may begin like another, as far as small tables tell: some that do not are among them. Most words are told by them not to, at the cost of
/// a few instructions each.
#[derive(Debug)]
pub struct Beginnings {
    /// What is left of the last word whose first four letters fell into each slot, or 0.
    words: [u16; Self::SLOTS],
    /// Whether different words fell into it.
    shared: [bool; Self::SLOTS],
    /// Whether words of three letters fell into a slot.
    short: [bool; Self::SLOTS],
}

impl Default for Beginnings {
    fn default() -> Self {
        Self {
            words: [0; Self::SLOTS],
            shared: [false; Self::SLOTS],
            short: [false; Self::SLOTS],
        }
    }
}

impl Beginnings {
    /// A power of two. An article has some two hundred capitalised words, and clearing the slots costs more than a few words in vain.
    const SLOTS: usize = 512;

    /// What the words of a text have in common.
    pub fn of(capitals: &[Capitalised]) -> Self {
        let mut table = Self::default();
        for word in capitals {
            // A word of three letters has the same slot among those of four, where it does no harm.
            let slot = Self::slot(word.head & low_bytes(4));
            table.short[slot] |= word.head <= low_bytes(3);
            // Words of one length and with the same first eight bytes never begin with each other. What is left of a head when it is spread tells words
            // apart as well as the head does, or as good as.
            let head = word.head.wrapping_add(u64::from(word.end - word.start));
            let word = (head.wrapping_mul(MIX) >> 48) as u16 | 1;
            let other = std::mem::replace(&mut table.words[slot], word);
            table.shared[slot] |= (other != 0) & (other != word);
        }
        table
    }

    #[inline(always)]
    fn slot(head: u64) -> usize {
        (head.wrapping_mul(MIX) >> 32) as usize & (Self::SLOTS - 1)
    }

    /// Whether another word may begin with this one, or this one with it.
    #[inline(always)]
    pub fn are_shared(&self, word: Capitalised) -> bool {
        // All of it is asked: which of it holds follows no pattern.
        (word.head <= low_bytes(3))
            | self.shared[Self::slot(word.head & low_bytes(4))]
            | self.short[Self::slot(word.head & low_bytes(3))]
    }
}

/// Whether a letter or digit ends right before the byte `at`; `before` is the last byte there.
#[inline]
pub fn goes_on(text: &str, at: usize, before: u8) -> bool {
    match before {
        before @ 0..0x80 => before.is_ascii_alphanumeric(),
        // Dashes and quotation marks, the usual neighbours, need no table.
        _ if at >= 3 && text.as_bytes()[at - 3..at - 1] == [0xE2, 0x80] => false,
        _ => text[..at].ends_with(char::is_alphanumeric),
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
#[inline(always)]
pub fn head(bytes: &[u8], at: usize) -> u64 {
    match bytes.get(at..at + 8).and_then(|bytes| bytes.first_chunk()) {
        Some(chunk) => u64::from_le_bytes(*chunk),
        None => last_head(&bytes[at..]),
    }
}

#[cold]
fn last_head(bytes: &[u8]) -> u64 {
    let bytes = bytes.iter().rev();
    bytes.fold(0, |head, byte| head << 8 | u64::from(*byte))
}

/// A mask of the first `count` bytes of a head, at least one.
pub fn low_bytes(count: usize) -> u64 {
    u64::MAX >> (64 - 8 * count.min(8))
}

/// The end of the letters that begin at `at`, whose first eight bytes are `head`.
#[inline(always)]
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
        let head = head(bytes, end);
        let letters = (!letter_marks(head) & HIGH).trailing_zeros() / 8;
        end += letters as usize;
        if letters == 8 {
            continue;
        }
        // Dashes and quotation marks, the usual neighbours, need no table.
        if head >> (8 * letters) & 0x80 == 0 || bytes[end..].starts_with(&[0xE2, 0x80]) {
            return end;
        }
        match text[end..].chars().next() {
            Some(letter) if letter.is_alphabetic() => end += letter.len_utf8(),
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
        words
            .iter()
            .map(|word| &text[word.span().range()])
            .collect()
    }

    #[test]
    fn takes_capitalised_words() {
        assert_eq!(
            spelled("The iPhone of O’Keefe and NATO in Île-de-France, aÉb McCain’s U.S. Al"),
            ["Keefe", "Île", "France", "McCain"]
        );
        assert_eq!(
            spelled("\u{2019}Keefe x\u{2014}Élan Zürich"),
            ["Keefe", "Élan", "Zürich"]
        );
        assert!(spelled("").is_empty());
    }

    #[test]
    fn little_words_are_left_out() {
        assert!(spelled(&LITTLE.join(" ")).is_empty());
        // "However" fills its head; "Howeverly" only begins with it.
        assert_eq!(spelled("However Howeverly The Theo"), ["Howeverly", "Theo"]);
        assert!(LITTLE.is_sorted() && LITTLE.iter().all(|word| word.len() <= 8));
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
