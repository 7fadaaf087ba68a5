//! The capitalised words of a text, and which of them begin like a longer one.
//!
//! This runs over every byte of every text, so it looks for capital letters eight bytes at a time and remembers words by place: a text
//! without capitals costs a fraction of a nanosecond a byte, and nothing is copied.

use std::cmp::Ordering;

use crate::model::Span;

/// The most spellings with the same first three letters that are told apart. No article comes near it; a text that does is a list or an
/// attack, and proves nothing about names.
const CROWD: usize = 64;

/// The most bytes a clipped word may lack.
pub const LONGEST_LOSS: usize = 4;

/// All words of the text that are written alike.
#[derive(Clone, Copy, Debug)]
pub struct Spelling {
    /// How many there are.
    pub count: u32,
    /// Where the first of them stands.
    start: u32,
    end: u32,
    /// Its first eight bytes, zeros behind a shorter word. Most words differ here, and comparing numbers is cheap.
    head: u64,
    /// The first and the last of them, as places in [`Words::words`].
    first: u32,
    last: u32,
    /// The next spelling whose hash fell into the same slot, plus one; 0 at the end.
    next: u32,
}

impl Spelling {
    /// Where the first of them stands.
    pub fn span(self) -> Span {
        Span::new(self.start as usize, self.end as usize)
    }
}

/// The capitalised words of a text.
#[derive(Debug, Default)]
pub struct Words {
    /// Where each word begins, and the place of the next one with the same spelling (its own place in the last one).
    words: Vec<(u32, u32)>,
    /// In the order of first appearance.
    pub spellings: Vec<Spelling>,
    /// Pairs of spellings (shorter, longer) where the longer begins with the shorter and has at most [`LONGEST_LOSS`] bytes more.
    pub pairs: Vec<(usize, usize)>,
    /// Whether spellings were left out because too many begin alike. Then nothing is certain to be the only one of its kind.
    pub crowded: bool,
}

impl Words {
    /// Collects the words of at least three bytes that begin with a capital and go on with a small letter, outside `removed`.
    /// A text of more than four gigabytes is taken for crowded.
    pub fn collect(text: &str, removed: &[Span]) -> Self {
        if u32::try_from(text.len()).is_err() {
            return Self { crowded: true, ..Self::default() };
        }
        let mut collector = Collector::new(text, removed);
        let bytes = text.as_bytes();
        let (chunks, rest) = bytes.as_chunks::<8>();
        for (place, chunk) in chunks.iter().enumerate() {
            let mut marks = capital_marks(u64::from_le_bytes(*chunk));
            while marks != 0 {
                collector.look(place * 8 + marks.trailing_zeros() as usize / 8);
                marks &= marks - 1;
            }
        }
        for at in bytes.len() - rest.len()..bytes.len() {
            if bytes[at].is_ascii_uppercase() || matches!(bytes[at], 0xC3..=0xC5) {
                collector.look(at);
            }
        }
        collector.found
    }

    /// The text of a spelling.
    pub fn text<'t>(&self, text: &'t str, spelling: usize) -> &'t str {
        &text[self.spellings[spelling].span().range()]
    }

    /// Where the words of a spelling stand, in the order of the text. Letters only, without a possessive.
    pub fn places(&self, spelling: usize) -> impl Iterator<Item = Span> {
        let spelling = self.spellings[spelling];
        let length = spelling.span().len();
        let mut next = Some(spelling.first);
        std::iter::from_fn(move || {
            let place = next?;
            let (start, following) = self.words[place as usize];
            next = (place != spelling.last).then_some(following);
            Some(Span::new(start as usize, start as usize + length))
        })
    }
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
    let small = chunk | ONES * 0x20;
    from(small, b'a') & !from(small, b'z' + 1) & !chunk & HIGH
}

/// Words collected so far, and the table that finds spellings again.
struct Collector<'t> {
    text: &'t str,
    removed: &'t [Span],
    /// First spelling of each slot, plus one; 0 when empty. Its length is a power of two.
    slots: Vec<u32>,
    /// Behind the last word.
    free: usize,
    found: Words,
}

impl<'t> Collector<'t> {
    fn new(text: &'t str, removed: &'t [Span]) -> Self {
        // News text holds a new capitalised spelling every hundred bytes or so.
        let slots = (text.len() / 64).next_power_of_two().clamp(64, 1 << 16);
        let mut found = Words::default();
        found.words.reserve(text.len() / 64);
        Self { text, removed, slots: vec![0; slots], free: 0, found }
    }

    /// Takes the word that begins at `at`, if one does.
    fn look(&mut self, at: usize) {
        if at < self.free {
            return;
        }
        let bytes = self.text.as_bytes();
        let inside = match at.checked_sub(1).map(|before| bytes[before]) {
            None => false,
            Some(before) if before.is_ascii() => before.is_ascii_alphanumeric(),
            Some(_) => self.text[..at].chars().next_back().is_some_and(char::is_alphanumeric),
        };
        if inside || (!bytes[at].is_ascii() && !self.text[at..].starts_with(char::is_uppercase)) {
            return;
        }
        let head = head(bytes, at);
        let end = word_end(self.text, at, head);
        self.free = end;
        // A second capital means an abbreviation, or a heading in capitals.
        let second = at + if bytes[at].is_ascii() { 1 } else { 2 };
        if end - at < 3 || bytes[second].is_ascii_uppercase() {
            return;
        }
        let span = Span::new(at, end);
        while self.removed.first().is_some_and(|removed| removed.end <= at) {
            self.removed = &self.removed[1..];
        }
        if self.removed.first().is_some_and(|removed| removed.overlaps(span)) {
            return;
        }
        self.note(span, head & low_bytes(end - at));
    }

    /// Notes the word at `span` with its spelling, unless it is new and its slot is crowded.
    fn note(&mut self, span: Span, head: u64) {
        let Words { words, spellings, pairs, crowded } = &mut self.found;
        let place = words.len() as u32;
        let key = (head & low_bytes(3)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let slot = (key >> 32) as usize & (self.slots.len() - 1);
        let fresh = spellings.len();
        let pairs_before = pairs.len();
        let mut next = self.slots[slot];
        let mut crowd = 0;
        while let Some(known) = (next as usize).checked_sub(1) {
            let spelling = &mut spellings[known];
            let other = spelling.span();
            let shorter = span.len().min(other.len());
            if (spelling.head ^ head) & low_bytes(shorter) == 0 && (shorter <= 8 || alike(self.text, span, other, shorter)) {
                match span.len().cmp(&other.len()) {
                    Ordering::Equal => {
                        spelling.count += 1;
                        words[spelling.last as usize].1 = place;
                        spelling.last = place;
                        words.push((span.start as u32, place));
                        pairs.truncate(pairs_before);
                        return;
                    }
                    Ordering::Greater if span.len() - shorter <= LONGEST_LOSS => pairs.push((known, fresh)),
                    Ordering::Less if other.len() - shorter <= LONGEST_LOSS => pairs.push((fresh, known)),
                    _ => {}
                }
            }
            crowd += 1;
            next = spelling.next;
        }
        if crowd >= CROWD {
            *crowded = true;
            return;
        }
        words.push((span.start as u32, place));
        let next = self.slots[slot];
        let (start, end) = (span.start as u32, span.end as u32);
        spellings.push(Spelling { count: 1, start, end, head, first: place, last: place, next });
        self.slots[slot] = fresh as u32 + 1;
    }
}

/// Whether two words have the same first `length` bytes.
fn alike(text: &str, one: Span, two: Span, length: usize) -> bool {
    let bytes = text.as_bytes();
    bytes[one.start..one.start + length] == bytes[two.start..two.start + length]
}

/// The eight bytes at `at`, the first one lowest; zeros behind the end of the text.
fn head(bytes: &[u8], at: usize) -> u64 {
    match bytes[at..].first_chunk::<8>() {
        Some(chunk) => u64::from_le_bytes(*chunk),
        None => bytes[at..].iter().rev().fold(0, |head, byte| head << 8 | u64::from(*byte)),
    }
}

/// A mask of the first `count` bytes of a head.
fn low_bytes(count: usize) -> u64 {
    if count < 8 { (1 << (8 * count)) - 1 } else { u64::MAX }
}

/// The end of the letters that begin at `at`, whose first eight bytes are `head`.
fn word_end(text: &str, at: usize, head: u64) -> usize {
    let bytes = text.as_bytes();
    let mut end = (at + (!letter_marks(head) & HIGH).trailing_zeros() as usize / 8).min(bytes.len());
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
        let words = Words::collect(text, &[]);
        let mut places: Vec<Span> = (0..words.spellings.len()).flat_map(|spelling| words.places(spelling)).collect();
        places.sort();
        places.into_iter().map(|span| &text[span.range()]).collect()
    }

    #[test]
    fn takes_capitalised_words() {
        assert_eq!(spelled("The iPhone of O’Keefe and NATO in Île-de-France, aÉb McCain’s U.S. Al"), [
            "The", "Keefe", "Île", "France", "McCain"
        ]);
        assert_eq!(spelled("\u{2019}Keefe x\u{2014}Élan Zürich"), ["Keefe", "Élan", "Zürich"]);
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
                assert_eq!(marks, if wanted { 0x80 << (8 * place) } else { 0 }, "{byte:#x} at {place}");
                let letters = letter_marks(u64::from_le_bytes(chunk)) >> (8 * place) & 0x80;
                assert_eq!(letters != 0, byte.is_ascii_alphabetic(), "{byte:#x} at {place}");
            }
        }
    }

    #[test]
    fn pairs_words_that_begin_alike() {
        let text = "Champag and Champagne, Champagne; Champ but not Champagne\u{2019}s or Champollion";
        let words = Words::collect(text, &[]);
        let pairs: Vec<(&str, &str)> =
            words.pairs.iter().map(|&(short, long)| (words.text(text, short), words.text(text, long))).collect();
        assert_eq!(pairs, [("Champag", "Champagne"), ("Champ", "Champagne"), ("Champ", "Champag")]);
        assert_eq!(words.spellings.iter().map(|spelling| spelling.count).collect::<Vec<_>>(), [1, 3, 1, 1]);
        assert_eq!(words.places(1).map(|span| span.start).collect::<Vec<_>>(), [12, 23, 48]);
    }

    #[test]
    fn removed_text_is_absent() {
        let text = "One Two Three Four";
        let words = Words::collect(text, &[Span::new(2, 6), Span::new(14, 15)]);
        assert_eq!(words.spellings.len(), 1);
        assert_eq!(words.text(text, 0), "Three");
    }

    #[test]
    fn a_crowd_of_spellings_proves_nothing() {
        let text: String = (0..500).map(|number| format!("Abc{} ", "d".repeat(number))).collect();
        let words = Words::collect(&text, &[]);
        assert!(words.crowded && words.spellings.len() <= CROWD + 1);
    }
}
