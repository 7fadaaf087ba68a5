//! The filter for rules that act inside lines: eight-byte windows of the raw text.
//!
//! Each literal gives a *stretch* of consecutive windows, as many as the stride has bytes, so that wherever it stands in a text exactly one of them lies on
//! a multiple of the stride; only there the text is looked up. Where in a literal the stretch lies is free, and decides the cost: the place is chosen
//! whose windows are rarest in news text ([`super::frequency`]).
//!
//! Most text is regular: letters, digits, ASCII punctuation and single blanks, which fold byte by byte. There the windows are taken from the raw bytes, with
//! the bit masked out that tells small letters from capitals. Around everything else (other alphabets, accents, soft hyphens, line breaks, runs of blanks)
//! a small region is folded and looked up in the folded bytes. Curly quotation marks and dashes, the commonest exceptions in English text, make no
//! region: stretches are chosen without such marks. The measurements behind this: `docs/performance.md`.

use super::candidates::ScanCounts;
use super::frequency;
use super::table::{CASELESS, Filter, Table};
use super::vector;
use crate::text::blocks::{BLOCK, BLOCKS, Marks};
use crate::text::fold::{FoldBuffer, is_blank_byte};
use crate::text::lines::floor_boundary;

/// Bytes of a window.
const WINDOW: usize = 8;
/// The wide step, for literals with 15 regular bytes in a row.
const WIDE: usize = 8;
/// The narrow step, for literals with 11.
const NARROW: usize = 4;
/// The length of a stretch of wide windows; such a stretch costs half as much as a shorter one.
pub(super) const LONGEST: usize = WINDOW + WIDE - 1;
/// Bytes of text folded around an exception on either side: a stretch that holds the exception lies within.
const AROUND: usize = WINDOW + WIDE;
/// The longest region folded at a time.
const REGION: usize = 8 * 1024;

/// Windows of a set of stretches.
#[derive(Debug, Default)]
pub(super) struct Grams {
    wide: Windows,
    narrow: Windows,
    stretches: Vec<Stretch>,
    /// For each window: its stretch and where in it the window begins.
    windows: Vec<(u32, u32)>,
}

/// A stretch, told by the words at its ends, which hold all of it between them.
#[derive(Clone, Copy, Debug)]
struct Stretch {
    first: u64,
    last: u64,
    len: u32,
}

/// The windows that are looked up with one stride.
#[derive(Debug, Default)]
struct Windows {
    filter: Filter,
    /// By window: places in [`Grams::windows`].
    table: Table,
    any: bool,
}

impl Windows {
    fn new(pairs: Vec<(u64, u32)>) -> Self {
        let mut keys: Vec<u64> = pairs.iter().map(|pair| pair.0).collect();
        keys.sort_unstable();
        keys.dedup();
        Self {
            any: !keys.is_empty(),
            filter: Filter::new(keys.into_iter()),
            table: Table::new(pairs),
        }
    }
}

/// Where in a folded literal its stretch lies: (first byte, number of bytes). `None` if it has none.
pub(super) fn stretch(literal: &[u8]) -> Option<(usize, usize)> {
    [WIDE, NARROW]
        .into_iter()
        .find_map(|stride| rarest(literal, stride).map(|first| (first, WINDOW + stride - 1)))
}

/// Whether every text that folds to this stretch either consists of these very bytes (but for letter case) or holds an exception that makes a region.
///
/// Quotation marks, dashes and the ellipsis make no region, so a stretch must not hold what they fold to; a full stop between other characters is none
/// of an ellipsis. Bytes outside ASCII come from characters outside ASCII, which make regions.
fn is_regular(stretch: &[u8]) -> bool {
    let stop = |at: usize| {
        stretch[at] == b'.'
            && (at == 0
                || at + 1 == stretch.len()
                || stretch[at - 1] == b'.'
                || stretch[at + 1] == b'.')
    };
    stretch.iter().enumerate().all(|(at, &byte)| {
        matches!(byte, b' '..=b'~' | 0x80..) && !matches!(byte, b'\'' | b'"' | b'-') && !stop(at)
    })
}

/// Where the `stride` consecutive windows begin that are met least often in ordinary text.
fn rarest(literal: &[u8], stride: usize) -> Option<usize> {
    let length = WINDOW + stride - 1;
    let cost = |first: usize| -> f32 {
        (first..first + stride)
            .map(|offset| frequency::per_megabyte(window(&literal[offset..])))
            .sum()
    };
    // A stretch begins with a character, so that its place in a text is one too.
    let begins = |stretch: &[u8]| stretch[0] < 0x80 || stretch[0] >= 0xc0;
    let places = literal
        .windows(length)
        .enumerate()
        .filter(|(_, stretch)| is_regular(stretch) && begins(stretch));
    places
        .map(|(first, _)| (cost(first), first))
        .min_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, first)| first)
}

fn window(bytes: &[u8]) -> u64 {
    bytes
        .first_chunk::<WINDOW>()
        .map_or(0, |bytes| u64::from_le_bytes(*bytes))
}

/// A window with blanks in the place of its line breaks.
#[inline]
fn blanked(window: u64) -> u64 {
    const ONES: u64 = u64::MAX / 255;
    // The eighth bit of each byte that is a line break (Warren, Hacker's Delight, 6-1).
    let other = window ^ (ONES * u64::from(b'\n'));
    let breaks = !(((other & (ONES * 0x7f)) + ONES * 0x7f) | other) & (ONES << 7);
    window ^ ((breaks >> 7) * u64::from(b'\n' ^ b' '))
}

impl Grams {
    /// Windows for the stretches of some literals; answers of [`Grams::find`] count in their order.
    pub(super) fn new(stretches: &[&[u8]]) -> Self {
        let mut grams = Self::default();
        let (mut wide, mut narrow) = (Vec::new(), Vec::new());
        for (index, stretch) in stretches.iter().enumerate() {
            let (stride, pairs) = if stretch.len() > WINDOW + NARROW - 1 {
                (WIDE, &mut wide)
            } else {
                (NARROW, &mut narrow)
            };
            for offset in 0..stride {
                pairs.push((
                    window(&stretch[offset..]) & CASELESS,
                    grams.windows.len() as u32,
                ));
                grams.windows.push((index as u32, offset as u32));
            }
            grams.stretches.push(Stretch {
                first: window(stretch),
                last: window(&stretch[stretch.len() - WINDOW..]),
                len: stretch.len() as u32,
            });
        }
        grams.wide = Windows::new(wide);
        grams.narrow = Windows::new(narrow);
        grams
    }

    pub(super) fn is_empty(&self) -> bool {
        self.stretches.is_empty()
    }

    /// Begins a search through `text`.
    pub(super) fn search<'s>(&'s self, text: &'s str) -> Search<'s> {
        Search {
            grams: self,
            bytes: text.as_bytes(),
            regions: Regions {
                text,
                open: None,
                buffer: FoldBuffer::default(),
            },
            counted: Found::default(),
            passed: 0,
        }
    }

    /// Folds a region and looks its windows up.
    fn probe_region(
        &self,
        regions: &mut Regions<'_>,
        (start, end): (usize, usize),
        counts: &mut Found,
        found: &mut impl FnMut(u32, usize, usize),
    ) {
        let Regions { text, buffer, .. } = regions;
        let [start, end] = [start, end].map(|at| floor_boundary(text, at.min(text.len())));
        counts.regions += (end - start) as u64;
        buffer.fold(text, start, end);
        let buffer = &*buffer;
        self.probe_all(&buffer.bytes, counts, &mut |stretch, at| {
            let (start, inner) = buffer.original_and_inner(at);
            found(stretch, start, inner);
        });
    }

    /// Looks up the windows that hold the line break at `at`, which folds to a blank.
    fn probe_across(
        &self,
        bytes: &[u8],
        at: usize,
        counts: &mut Found,
        found: &mut impl FnMut(u32, usize),
    ) {
        for (windows, phase) in [(&self.wide, 0), (&self.narrow, 0), (&self.narrow, NARROW)] {
            let Some(ahead) = at.checked_sub(phase).filter(|_| windows.any) else {
                continue;
            };
            let start = ahead / WINDOW * WINDOW + phase;
            let key = blanked(window(bytes.get(start..).unwrap_or_default())) & CASELESS;
            if windows.filter.may_hold(key) {
                self.compare(windows.table.get(key), bytes, start, counts, found);
            }
        }
    }

    /// Looks up every window of `bytes` that lies on a multiple of its stride.
    fn probe_all(&self, bytes: &[u8], counts: &mut Found, found: &mut impl FnMut(u32, usize)) {
        if self.wide.any {
            self.probe_from(&self.wide, bytes, 0, counts, found);
        }
        if self.narrow.any {
            self.probe_from(&self.narrow, bytes, 0, counts, found);
            self.probe_from(&self.narrow, bytes, NARROW, counts, found);
        }
    }

    /// Looks up every eighth window of `bytes` from `first` on.
    fn probe_from(
        &self,
        windows: &Windows,
        bytes: &[u8],
        first: usize,
        counts: &mut Found,
        found: &mut impl FnMut(u32, usize),
    ) {
        let filter = windows.filter.words();
        let (blocks, rest) = bytes.get(first..).unwrap_or_default().as_chunks::<BLOCK>();
        let mut passed = [0; BLOCKS];
        let mut look = |base: usize, blocks: &[[u8; BLOCK]]| {
            let passed = &mut passed[..blocks.len()];
            vector::probe(filter, blocks, passed);
            for (index, (block, &passed)) in blocks.iter().zip(&*passed).enumerate() {
                let mut left = passed;
                while left != 0 {
                    let at = left.trailing_zeros() as usize * WINDOW;
                    left &= left - 1;
                    let key = window(&block[at..]) & CASELESS;
                    let items = windows.table.get(key);
                    self.compare(items, bytes, base + index * BLOCK + at, counts, found);
                }
            }
        };
        for (index, blocks) in blocks.chunks(BLOCKS).enumerate() {
            look(first + index * BLOCKS * BLOCK, blocks);
        }
        // Words beyond the end are none that a literal has.
        let mut last = [[0; BLOCK]];
        last[0][..rest.len()].copy_from_slice(rest);
        look(first + blocks.len() * BLOCK, &last);
    }

    #[cold]
    fn compare(
        &self,
        items: &[u32],
        bytes: &[u8],
        at: usize,
        counts: &mut Found,
        found: &mut impl FnMut(u32, usize),
    ) {
        counts.windows += 1;
        for &item in items {
            let (index, offset) = self.windows[item as usize];
            let Stretch { first, last, len } = self.stretches[index as usize];
            let Some(there) = at
                .checked_sub(offset as usize)
                .and_then(|start| bytes.get(start..start + len as usize))
            else {
                continue;
            };
            counts.compared += 1;
            // Whoever goes on from here compares exactly.
            let same =
                |at: usize, word: u64| (blanked(window(&there[at..])) ^ word) & CASELESS == 0;
            if same(0, first) && same(there.len() - WINDOW, last) {
                counts.met += 1;
                found(index, at - offset as usize);
            }
        }
    }
}

/// What was met while probing.
#[derive(Default)]
struct Found {
    regions: u64,
    windows: u64,
    compared: u64,
    met: u64,
}

/// The parts of a text that do not fold byte by byte, with enough around them to hold a stretch.
struct Regions<'t> {
    text: &'t str,
    /// The region that may still grow.
    open: Option<(usize, usize)>,
    buffer: FoldBuffer,
}

impl Regions<'_> {
    /// Takes in a stretch behind all others, and answers the region before it if it is complete.
    fn add(&mut self, from: usize, to: usize) -> Option<(usize, usize)> {
        let (start, end) = (from.saturating_sub(AROUND), to + AROUND);
        match &mut self.open {
            Some((first, last)) if start <= *last && end - *first <= REGION => {
                *last = end;
                None
            }
            open => open.replace((start, end)),
        }
    }
}

/// A search through a text, told of its marks stretch by stretch.
pub(super) struct Search<'s> {
    grams: &'s Grams,
    bytes: &'s [u8],
    regions: Regions<'s>,
    counted: Found,
    /// How far the last exception went.
    passed: usize,
}

impl Search<'_> {
    /// Looks at what does not fold byte by byte. `base` is where the marked blocks begin. Calls `found` with (stretch, start, inner) for each stretch met;
    /// some are named twice. Where a character folds to several bytes and the stretch begins with one of the later ones, `start` is the character's
    /// beginning and `inner` how many of its bytes come before the stretch.
    #[inline]
    pub(super) fn exceptions(
        &mut self,
        base: usize,
        marks: &[Marks],
        found: &mut impl FnMut(u32, usize, usize),
    ) {
        for (index, marks) in marks.iter().enumerate() {
            let mut odd = marks.odd;
            while odd != 0 {
                let at = base + index * BLOCK + odd.trailing_zeros() as usize;
                odd &= odd - 1;
                if at >= self.passed && !is_border(self.bytes, at) {
                    self.exception(at, found);
                }
            }
        }
    }

    fn exception(&mut self, at: usize, found: &mut impl FnMut(u32, usize, usize)) {
        let (exception, end) = exception(self.bytes, at);
        self.passed = end;
        match exception {
            Exception::Border => {}
            Exception::Break => {
                self.grams
                    .probe_across(self.bytes, at, &mut self.counted, &mut |stretch, at| {
                        found(stretch, at, 0);
                    });
            }
            Exception::Other => {
                if let Some(region) = self.regions.add(at, end) {
                    self.region(region, found);
                }
            }
        }
    }

    fn region(&mut self, region: (usize, usize), found: &mut impl FnMut(u32, usize, usize)) {
        self.grams
            .probe_region(&mut self.regions, region, &mut self.counted, found);
    }

    /// Looks at everything else, and ends the search.
    pub(super) fn end(
        mut self,
        counts: &mut ScanCounts,
        found: &mut impl FnMut(u32, usize, usize),
    ) {
        if let Some(region) = self.regions.open.take() {
            self.region(region, found);
        }
        self.grams
            .probe_all(self.bytes, &mut self.counted, &mut |stretch, at| {
                found(stretch, at, 0);
            });
        counts.regions += self.counted.regions;
        counts.windows += self.counted.windows;
        counts.compared += self.counted.compared;
        counts.anchors += self.counted.met;
    }
}

/// Bytes that do not fold one by one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Exception {
    /// No stretch lies across them.
    Border,
    /// A single line break between two words.
    Break,
    /// A region is to be folded around them.
    Other,
}

/// Whether one of the two exceptions stands at `at` that English text is full of, and across which no stretch lies: curly quotation marks, dashes and the
/// ellipsis; and the border between two paragraphs.
#[inline]
fn is_border(bytes: &[u8], at: usize) -> bool {
    match bytes[at..] {
        [0xe2, 0x80, third, ..] => matches!(third, 0x90..=0x95 | 0x98..=0x9f | 0xa6),
        [b'\n', b'\n', next, ..] => !is_blank_byte(next),
        // Its second half.
        [b'\n', next, ..] if at > 0 && bytes[at - 1] == b'\n' => !is_blank_byte(next),
        _ => false,
    }
}

/// The exception that begins at `at`, and where it ends.
fn exception(bytes: &[u8], at: usize) -> (Exception, usize) {
    match bytes[at..] {
        // A line break inside a paragraph.
        [b'\n', next, ..] if !is_blank_byte(next) && at > 0 && !is_blank_byte(bytes[at - 1]) => {
            (Exception::Break, at + 1)
        }
        [b'\n' | b'\r' | b' ' | b'\t', ..] => {
            let run = bytes[at..]
                .iter()
                .take_while(|&&byte| matches!(byte, b' ' | b'\t'..=b'\r'))
                .count();
            let breaks = bytes[at..at + run]
                .iter()
                .filter(|&&byte| byte == b'\n')
                .count();
            // Two line breaks end a block.
            if breaks > 1 {
                (Exception::Border, at + run)
            } else {
                (Exception::Other, at + run)
            }
        }
        [0xf0..=0xff, ..] => (Exception::Other, (at + 4).min(bytes.len())),
        [0xe0..=0xef, ..] => (Exception::Other, (at + 3).min(bytes.len())),
        [0xc0..=0xdf, ..] => (Exception::Other, (at + 2).min(bytes.len())),
        _ => (Exception::Other, at + 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn met(grams: &Grams, text: &str) -> Vec<(u32, usize)> {
        let mut met = Vec::new();
        let mut found = |stretch, start, _| met.push((stretch, start));
        let mut search = grams.search(text);
        crate::text::blocks::for_each_stretch(text.as_bytes(), |base, marks| {
            search.exceptions(base, marks, &mut found);
        });
        search.end(&mut ScanCounts::default(), &mut found);
        met.sort_unstable();
        met.dedup();
        met
    }

    #[test]
    fn a_stretch_is_met_at_every_alignment() {
        let stretches: [&[u8]; 2] = [b"tinues below ad", b"foo bar baz"];
        let grams = Grams::new(&stretches);
        for shift in 0..20 {
            for (index, stretch) in ["tinues below ad", "foo bar baz"].iter().enumerate() {
                let text = format!("{}{}yy", "x".repeat(shift), stretch.to_uppercase());
                assert_eq!(met(&grams, &text), [(index as u32, shift)], "shift {shift}");
            }
        }
    }

    #[test]
    fn a_stretch_avoids_marks_with_many_spellings() {
        let literal = b"editor's pick: stories you may like";
        let (first, length) = stretch(literal).unwrap();
        assert!(!literal[first..first + length].contains(&b'\''));
        assert_eq!(stretch(b"don't miss"), None);
    }

    proptest! {
        #[test]
        fn no_disguise_hides_a_stretch(
            before in "[a-z “”é\n]{0,40}",
            disguise in prop::collection::vec(0..9usize, 15),
            after in "[a-z —…ü\n]{0,40}",
        ) {
            let grams = Grams::new(&[b"tinues below ad"]);
            let mut text = format!("{before}.");
            let start = text.len();
            for (c, kind) in "tinues below ad".chars().zip(disguise) {
                match (c, kind) {
                    (' ', 0) => text.push('\u{a0}'),
                    (' ', 1) => text.push_str("  "),
                    (' ', 2) => text.push('\n'),
                    (' ', 3) => text.push_str(" \r\n\u{2009}"),
                    (' ', _) => text.push(' '),
                    (c, 0) => text.extend(c.to_uppercase()),
                    (c, 1) => { text.push(c); text.push('\u{ad}') }
                    ('e', 2) => text.push('é'),
                    ('o', 2) => text.push('о'),
                    (c, 3) => text.extend(char::from_u32(c as u32 - 'a' as u32 + 'ａ' as u32)),
                    (c, _) => text.push(c),
                }
            }
            text.push('.');
            text.push_str(&after);
            prop_assert!(met(&grams, &text).contains(&(0, start)), "{text:?}");
        }
    }
}
