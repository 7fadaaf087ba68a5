//! The capitalised words of a text, and which of them begin like a longer one.
//!
//! This is done for every text, so words are remembered by place and compared by their first eight bytes, and nothing is copied.

use std::cmp::Ordering;

use super::super::capitals::{Capitalised, low_bytes};
use crate::model::Span;

/// The most spellings with the same first three letters that are told apart. No article comes near it; a text that does is a list or an
/// attack, and proves nothing about names.
const CROWD: usize = 64;

/// The most bytes that a longer word may have more to be a rival: something else that a cut word could have been.
pub const LONGEST_LOSS: usize = 8;

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
    /// Collects the capitalised words of a text that lie outside `removed`.
    /// A text of more than four gigabytes is taken for crowded.
    pub fn collect(text: &str, capitals: &[Capitalised], removed: &[Span]) -> Self {
        if u32::try_from(text.len()).is_err() {
            return Self {
                crowded: true,
                ..Self::default()
            };
        }
        let mut collector = Collector::new(text, removed);
        collector.found.words.reserve_exact(capitals.len());
        collector.found.spellings.reserve_exact(capitals.len());
        for word in capitals {
            collector.look(word.span, word.head);
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

/// Words collected so far, and the table that finds spellings again.
struct Collector<'t> {
    text: &'t str,
    removed: &'t [Span],
    /// First spelling of each slot, plus one; 0 when empty. Its length is a power of two.
    slots: Vec<u32>,
    found: Words,
}

impl<'t> Collector<'t> {
    fn new(text: &'t str, removed: &'t [Span]) -> Self {
        // News text holds a new capitalised spelling every hundred bytes or so.
        let slots = (text.len() / 64).next_power_of_two().clamp(64, 1 << 16);
        Self {
            text,
            removed,
            slots: vec![0; slots],
            found: Words::default(),
        }
    }

    /// Takes one word, unless it is removed or one of the little ones.
    fn look(&mut self, span: Span, head: u64) {
        while self
            .removed
            .first()
            .is_some_and(|removed| removed.end <= span.start)
        {
            self.removed = &self.removed[1..];
        }
        let removed = self
            .removed
            .first()
            .is_some_and(|removed| removed.overlaps(span));
        if !removed && !is_little(head) {
            self.note(span, head);
        }
    }

    /// Notes the word at `span` with its spelling, unless it is new and its slot is crowded.
    fn note(&mut self, span: Span, head: u64) {
        let Words {
            words,
            spellings,
            pairs,
            crowded,
        } = &mut self.found;
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
            if (spelling.head ^ head) & low_bytes(shorter) == 0
                && (shorter <= 8 || alike(self.text, span, other, shorter))
            {
                match span.len().cmp(&other.len()) {
                    Ordering::Equal => {
                        spelling.count += 1;
                        words[spelling.last as usize].1 = place;
                        spelling.last = place;
                        words.push((span.start as u32, place));
                        pairs.truncate(pairs_before);
                        return;
                    }
                    Ordering::Greater if span.len() - shorter <= LONGEST_LOSS => {
                        pairs.push((known, fresh))
                    }
                    Ordering::Less if other.len() - shorter <= LONGEST_LOSS => {
                        pairs.push((fresh, known))
                    }
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
        spellings.push(Spelling {
            count: 1,
            start,
            end,
            head,
            first: place,
            last: place,
            next,
        });
        self.slots[slot] = fresh as u32 + 1;
    }
}

/// Little words that begin sentences and are neither names nor pieces of names. They are a quarter of all capitalised words, so they are left out.
const LITTLE: [&str; 41] = [
    "After", "All", "Also", "And", "Any", "Are", "Because", "Before", "Both", "But", "For", "From",
    "Here", "His", "How", "However", "Its", "Most", "Not", "Now", "One", "Our", "Since", "Some",
    "Such", "That", "The", "Their", "Then", "There", "These", "They", "This", "Those", "What",
    "When", "Where", "While", "Who", "With", "You",
];

/// The heads of the little words, each in one of the four slots that its hash begins.
static LITTLE_HEADS: [u64; SLOTS + 4] = little_heads();
const SLOTS: usize = 128;

const fn little_heads() -> [u64; SLOTS + 4] {
    let mut heads = [0; SLOTS + 4];
    let mut word = 0;
    while word < LITTLE.len() {
        let bytes = LITTLE[word].as_bytes();
        let mut head = 0;
        let mut place = 0;
        while place < bytes.len() {
            head |= (bytes[place] as u64) << (8 * place);
            place += 1;
        }
        let mut slot = little_slot(head);
        while heads[slot] != 0 {
            slot += 1;
        }
        heads[slot] = head;
        word += 1;
    }
    heads
}

const fn little_slot(head: u64) -> usize {
    (head.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 57) as usize
}

/// Whether a word with this head is one of the little ones. None of them is longer than eight bytes.
fn is_little(head: u64) -> bool {
    let slot = little_slot(head);
    let heads = &LITTLE_HEADS[slot..slot + 4];
    (heads[0] == head) | (heads[1] == head) | (heads[2] == head) | (heads[3] == head)
}

/// Whether two words have the same first `length` bytes.
fn alike(text: &str, one: Span, two: Span, length: usize) -> bool {
    let bytes = text.as_bytes();
    bytes[one.start..one.start + length] == bytes[two.start..two.start + length]
}

#[cfg(test)]
mod tests {
    use super::super::super::sketch::Sketch;
    use super::*;

    fn collect(text: &str, removed: &[Span]) -> Words {
        Words::collect(text, &Sketch::of(text, true).capitals, removed)
    }

    #[test]
    fn pairs_words_that_begin_alike() {
        let text = "Champag and Champagne, Champagne; Champ but not Champagne\u{2019}s or Champollionesque";
        let words = collect(text, &[]);
        let pairs: Vec<(&str, &str)> = words
            .pairs
            .iter()
            .map(|&(short, long)| (words.text(text, short), words.text(text, long)))
            .collect();
        assert_eq!(
            pairs,
            [
                ("Champag", "Champagne"),
                ("Champ", "Champagne"),
                ("Champ", "Champag")
            ]
        );
        assert_eq!(
            words
                .spellings
                .iter()
                .map(|spelling| spelling.count)
                .collect::<Vec<_>>(),
            [1, 3, 1, 1]
        );
        assert_eq!(
            words.places(1).map(|span| span.start).collect::<Vec<_>>(),
            [12, 23, 48]
        );
    }

    #[test]
    fn little_words_are_left_out() {
        let text = LITTLE.join(" ");
        let words = Sketch::of(&text, true).capitals;
        assert!(words.len() == LITTLE.len() && words.iter().all(|word| is_little(word.head)));
        // "However" has a head of its own; "Howeverly" only begins with it.
        assert_eq!(
            collect("Theo Howevers Thereof However", &[])
                .spellings
                .len(),
            3
        );
        assert!(LITTLE.is_sorted() && LITTLE.iter().all(|word| word.len() <= 8));
    }

    #[test]
    fn removed_text_is_absent() {
        let text = "One Two Three Four";
        let words = collect(text, &[Span::new(2, 6), Span::new(14, 15)]);
        assert_eq!(words.spellings.len(), 1);
        assert_eq!(words.text(text, 0), "Three");
    }

    #[test]
    fn a_crowd_of_spellings_proves_nothing() {
        let text: String = (0..500)
            .map(|number| format!("Abc{} ", "d".repeat(number)))
            .collect();
        let words = collect(&text, &[]);
        assert!(words.crowded && words.spellings.len() <= CROWD + 1);
    }
}
