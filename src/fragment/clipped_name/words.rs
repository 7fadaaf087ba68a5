//! The capitalised words of a text, and which of them begin like a longer one.
//!
//! This is done for every text, so spellings are told apart by their first eight bytes, and nothing is copied. Most words were met before, and of
//! those nothing but the number of their spelling is written down.

use std::cell::OnceCell;
use std::cmp::Ordering;

use super::super::capitals::{Beginnings, Capitalised, MIX, head, low_bytes};
use super::super::sketch::Sketch;
use crate::model::Span;

/// The most spellings with the same first three letters that are told apart. No article comes near it; a text that does is a list or an
/// attack, and proves nothing about names.
const CROWD: usize = 64;

/// The most bytes that a longer word may have more to be a rival: something else that a cut word could have been.
pub const LONGEST_LOSS: usize = 8;

/// The most different words of two letters that are looked at. No article comes near it.
const MOST_STEMS: usize = 16;

/// All words of the text that are written alike.
#[derive(Clone, Copy, Debug)]
pub struct Spelling {
    /// How many there are.
    pub count: u32,
    /// The first of them.
    first: Capitalised,
    /// The next spelling whose first three letters fell into the same slot, plus one; 0 at the end.
    next: u32,
}

impl Spelling {
    /// Where the first of them stands.
    pub fn span(self) -> Span {
        self.first.span()
    }
}

/// The capitalised words of a text that others may begin like.
#[derive(Debug, Default)]
pub struct Words {
    /// In the order of the text.
    words: Vec<Capitalised>,
    /// The spelling of each of them.
    spelled: Vec<u32>,
    /// In the order of first appearance.
    pub spellings: Vec<Spelling>,
    /// Pairs of spellings (shorter, longer) where the longer begins with the shorter and has at most [`LONGEST_LOSS`] bytes more.
    pub pairs: Vec<(usize, usize)>,
    /// Whether too many spellings begin alike. Then nothing is certain to be the only one of its kind, and the search ended there.
    pub crowded: bool,
    index: OnceCell<Index>,
}

/// Where the words of each spelling stand; made only for the few texts that ask.
#[derive(Debug)]
struct Index {
    /// Where the words of each spelling end in `places`; they begin where those of the one before end.
    ends: Vec<u32>,
    /// Places in [`Words::words`].
    places: Vec<u32>,
}

impl Words {
    /// Collects the capitalised words of a text that lie outside `removed`. Those that no other word begins like are left out.
    pub fn collect(text: &str, sketch: &Sketch, removed: &[Span]) -> Self {
        let capitals = &sketch.capitals;
        let beginnings = Beginnings::of(capitals);
        // Written down first, and counted then or not: which ones are follows no pattern.
        let mut words = vec![Capitalised::default(); capitals.len()];
        let mut kept = 0;
        for &word in capitals {
            words[kept] = word;
            kept += usize::from(beginnings.are_shared(word));
        }
        words.truncate(kept);
        let stems = Stems::of(text, sketch);
        stems.join(capitals, &beginnings, &mut words);
        if !removed.is_empty() {
            let mut removed = removed.iter().peekable();
            words.retain(|word| {
                let span = word.span();
                while removed.next_if(|gone| gone.end <= span.start).is_some() {}
                !removed.peek().is_some_and(|gone| gone.overlaps(span))
            });
        }
        let mut found = Self {
            spelled: Vec::with_capacity(words.len()),
            spellings: Vec::with_capacity(words.len()),
            ..Self::default()
        };
        let mut table = Table::new(words.len());
        for &word in &words {
            let Some(spelling) = found.spelling_of(text, &mut table, word) else {
                found.crowded = true;
                break;
            };
            found.spelled.push(spelling);
        }
        found.words = words;
        for &stem in &stems.heads {
            found.pair_stem(stem);
        }
        found
    }

    /// Notes the spellings that begin with the two letters of a `stem`.
    fn pair_stem(&mut self, stem: u64) {
        let spelled = |spelling: &Spelling| spelling.first.head == stem;
        let Some(short) = self.spellings.iter().position(spelled) else {
            return;
        };
        let longer = self.spellings.iter().enumerate().filter(|(_, spelling)| {
            let length = spelling.span().len();
            spelling.first.head & low_bytes(2) == stem && (3..=2 + LONGEST_LOSS).contains(&length)
        });
        self.pairs.extend(longer.map(|(long, _)| (short, long)));
    }

    /// The spelling of a word, which is counted. `None` if it is a new one and its beginning is crowded.
    #[inline]
    fn spelling_of(&mut self, text: &str, table: &mut Table, word: Capitalised) -> Option<u32> {
        let length = word.span().len();
        let mut slot = table.slot(word.head);
        while let Some(known) = (table.spellings[slot] as usize).checked_sub(1) {
            let spelling = &mut self.spellings[known];
            let other = spelling.first;
            if other.head == word.head
                && other.span().len() == length
                && (length <= 8 || alike(text, word.span(), other.span(), length))
            {
                spelling.count += 1;
                return Some(known as u32);
            }
            slot = (slot + 1) & table.mask;
        }
        let fresh = self.spellings.len() as u32;
        table.spellings[slot] = fresh + 1;
        let slot = table.slot(word.head & low_bytes(3));
        let next = std::mem::replace(&mut table.beginnings[slot], fresh + 1);
        self.pair(text, word, fresh as usize, next)?;
        self.spellings.push(Spelling {
            count: 1,
            first: word,
            next,
        });
        Some(fresh)
    }

    /// Notes which spellings of a chain begin like the `fresh` one, whose first word is `word`, or are its beginning.
    fn pair(&mut self, text: &str, word: Capitalised, fresh: usize, mut next: u32) -> Option<()> {
        let span = word.span();
        let mut crowd = 0;
        while let Some(known) = (next as usize).checked_sub(1) {
            let spelling = self.spellings[known];
            let other = spelling.span();
            let shorter = span.len().min(other.len());
            if (spelling.first.head ^ word.head) & low_bytes(shorter) == 0
                && (shorter <= 8 || alike(text, span, other, shorter))
            {
                match span.len().cmp(&other.len()) {
                    Ordering::Greater if span.len() - shorter <= LONGEST_LOSS => {
                        self.pairs.push((known, fresh));
                    }
                    Ordering::Less if other.len() - shorter <= LONGEST_LOSS => {
                        self.pairs.push((fresh, known));
                    }
                    _ => {}
                }
            }
            crowd += 1;
            next = spelling.next;
        }
        (crowd < CROWD).then_some(())
    }

    /// The text of a spelling.
    pub fn text<'t>(&self, text: &'t str, spelling: usize) -> &'t str {
        &text[self.spellings[spelling].span().range()]
    }

    /// Where the words of a spelling stand, in the order of the text. Letters only, without a possessive.
    pub fn places(&self, spelling: usize) -> impl Iterator<Item = Span> {
        let Index { ends, places } = self.index.get_or_init(|| self.build_index());
        let start = spelling
            .checked_sub(1)
            .map_or(0, |before| ends[before] as usize);
        places[start..ends[spelling] as usize]
            .iter()
            .map(|&place| self.words[place as usize].span())
    }

    fn build_index(&self) -> Index {
        let mut ends = Vec::with_capacity(self.spellings.len());
        let mut end = 0;
        for spelling in &self.spellings {
            // Filling moves each to its end.
            ends.push(end);
            end += spelling.count;
        }
        let mut places = vec![0; end as usize];
        for (place, &spelling) in self.spelled.iter().enumerate() {
            let end = &mut ends[spelling as usize];
            places[*end as usize] = place as u32;
            *end += 1;
        }
        Index { ends, places }
    }
}

/// The words of two letters that could be what is left of a longer one.
struct Stems {
    words: Vec<Capitalised>,
    /// The different ones among them, as heads.
    heads: Vec<u64>,
}

impl Stems {
    fn of(text: &str, sketch: &Sketch) -> Self {
        let read = |&at: &usize| Capitalised::new(at, at + 2, head(text.as_bytes(), at));
        let words: Vec<Capitalised> = sketch.stems.iter().map(read).collect();
        let mut heads: Vec<u64> = words.iter().map(|word| word.head).collect();
        heads.sort_unstable();
        heads.dedup();
        if heads.len() > MOST_STEMS {
            return Self {
                words: Vec::new(),
                heads: Vec::new(),
            };
        }
        Self { words, heads }
    }

    /// Puts them among `words`, and with them those `capitals` that begin so and are not yet there. In the order of the text.
    fn join(
        &self,
        capitals: &[Capitalised],
        beginnings: &Beginnings,
        words: &mut Vec<Capitalised>,
    ) {
        if self.words.is_empty() {
            return;
        }
        let begins = |word: &&Capitalised| {
            self.heads.contains(&(word.head & low_bytes(2))) && !beginnings.are_shared(**word)
        };
        words.extend(capitals.iter().filter(begins));
        words.extend(&self.words);
        words.sort_unstable_by_key(|word| word.span());
    }
}

/// Finds spellings again, by all of their head or by their first three letters. The number of slots is a power of two.
struct Table {
    /// A spelling plus one in each slot, or 0; one that finds its slot taken goes into the next free one. At most half full.
    spellings: Vec<u32>,
    /// The last spelling with such a beginning plus one, or 0.
    beginnings: Vec<u32>,
    mask: usize,
}

impl Table {
    /// A table for so many words.
    fn new(words: usize) -> Self {
        let slots = (2 * words).next_power_of_two().max(64);
        Self {
            spellings: vec![0; slots],
            beginnings: vec![0; slots],
            mask: slots - 1,
        }
    }

    fn slot(&self, head: u64) -> usize {
        (head.wrapping_mul(MIX) >> 32) as usize & self.mask
    }
}

/// Whether two words have the same first `length` bytes.
fn alike(text: &str, one: Span, two: Span, length: usize) -> bool {
    let bytes = text.as_bytes();
    bytes[one.start..one.start + length] == bytes[two.start..two.start + length]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn collect(text: &str, removed: &[Span]) -> Words {
        Words::collect(text, &Sketch::of(text, true), removed)
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
    fn words_that_no_other_begins_like_are_left_out() {
        let words = collect("Harbour Harbinger Harbour Miller Milton Smith Smith", &[]);
        assert_eq!(words.spellings.len(), 2);
        assert!(words.pairs.is_empty());
        // A head holds eight letters; the rest tells these apart.
        assert_eq!(collect("Republicans Republican", &[]).pairs, [(1, 0)]);
        assert!(collect("Republicans Republicant", &[]).pairs.is_empty());
    }

    #[test]
    fn removed_text_is_absent() {
        let text = "Smith Smithson Smithers Smithy";
        let words = collect(text, &[Span::new(2, 6), Span::new(28, 29)]);
        assert_eq!(words.spellings.len(), 2);
        assert_eq!(words.text(text, 0), "Smithson");
    }

    #[test]
    fn a_crowd_of_spellings_proves_nothing() {
        let text: String = (0..500)
            .map(|number| format!("Abc{} ", "d".repeat(number)))
            .collect();
        let words = collect(&text, &[]);
        assert!(words.crowded && words.spellings.len() <= CROWD + 1);
        let long: String = (0..500)
            .map(|number| format!("Abcdefghij{} ", "k".repeat(number)))
            .collect();
        assert!(collect(&long, &[]).crowded);
    }
}
