//! A text as its readers see it: markup masked or left out, character references decoded, and every place led back to the source.
//!
//! Rules and detectors are made for article text. A [`View`] is such a text made from another one, in which some stretches are *solid*
//! (nothing is found in them), some *hidden* (they are not there), and some *decoded* (other characters stand for them). What is found in
//! the view is carried back to bytes of the source, or dropped where it has no sound place there.

use std::borrow::Cow;
use std::ops::Range;

/// What stands for a byte of a solid stretch. It is one byte long, so that offsets stay true, and no rule holds it.
const SUBSTITUTE: char = '\u{1a}';

/// What becomes of a stretch of the source in the view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Nothing is found in it and nothing touches it: code, targets of links, tags.
    Solid,
    /// It is not there, and an edit around it leaves it in the text: comments.
    Hidden,
    /// It is not there: the first or the second half of a pair around a stretch of text, such as the two ends of a link or of emphasis. The
    /// number is that of the pair. A change takes both halves or none.
    Half(usize),
    /// This character stands in its place: character references and escapes.
    Decoded(char),
}

/// A text made from another one for looking at, and the way back.
///
/// ```
/// use descale::format::view::{Mark, View};
/// let source = "Read&nbsp;[more](a.html) `now`";
/// let marks = vec![
///     (4..10, Mark::Decoded('\u{a0}')),
///     (10..11, Mark::Half(0)),
///     (15..24, Mark::Half(0)),
///     (25..30, Mark::Solid),
/// ];
/// let view = View::new(source, marks);
/// assert_eq!(view.text(), "Read\u{a0}more \u{1a}\u{1a}\u{1a}\u{1a}\u{1a}");
/// assert_eq!(view.whole(0..10), Some(0..24), "all of the link");
/// assert_eq!(view.whole(0..8), None, "half of a link");
/// assert_eq!(view.whole(8..13), None, "code");
/// ```
#[derive(Clone, Debug)]
pub struct View<'t> {
    source: &'t str,
    text: Cow<'t, str>,
    /// Where the view and the source do not run side by side, in the order of the text.
    jumps: Vec<Jump>,
    /// Solid stretches of the source: sorted, disjoint.
    solid: Vec<Range<usize>>,
    /// Halves of pairs in the source: sorted, disjoint, each with the place of its other half in this list.
    halves: Vec<Half>,
}

#[derive(Clone, Debug)]
struct Jump {
    view: Range<usize>,
    source: Range<usize>,
    /// Whether an edit around it must leave it in the text.
    stays: bool,
}

#[derive(Clone, Debug)]
struct Half {
    range: Range<usize>,
    other: usize,
}

impl<'t> View<'t> {
    /// The text itself, with nothing masked.
    #[must_use]
    pub fn plain(source: &'t str) -> Self {
        Self::new(source, Vec::new())
    }

    /// Makes a view of `source`. Marks are ranges of its bytes on character boundaries, in any order; of those that overlap the one that begins first
    /// counts, and the longest of them. A half whose other half does not count is solid.
    #[must_use]
    pub fn new(source: &'t str, mut marks: Vec<(Range<usize>, Mark)>) -> Self {
        let mut view = Self {
            source,
            text: Cow::Borrowed(source),
            jumps: Vec::new(),
            solid: Vec::new(),
            halves: Vec::new(),
        };
        if marks.is_empty() {
            return view;
        }
        marks.sort_by_key(|(range, _)| (range.start, std::cmp::Reverse(range.end)));
        let mut free = 0;
        marks.retain(|(range, _)| {
            let counts = range.start >= free && range.start < range.end;
            if counts {
                free = range.end;
            }
            counts && range.end <= source.len()
        });
        make_whole(&mut marks);
        let mut text = String::with_capacity(source.len());
        let mut first_halves = std::collections::HashMap::new();
        let mut at = 0;
        for (range, mark) in marks {
            text.push_str(&source[at..range.start]);
            at = range.end;
            let start = text.len();
            match mark {
                Mark::Solid => {
                    mask(&source[range.clone()], &mut text);
                    // The line ends around a block are no part of it: an edit beside it may take them.
                    let solid = &source[range.clone()];
                    let end = range.start + solid.trim_end_matches(['\n', '\r']).len();
                    let start = end
                        - source[range.start..end]
                            .trim_start_matches(['\n', '\r'])
                            .len();
                    if start < end {
                        view.solid.push(start..end);
                    }
                    continue;
                }
                Mark::Half(pair) => {
                    let own = view.halves.len();
                    let other = first_halves.remove(&pair).unwrap_or(own);
                    if other == own {
                        first_halves.insert(pair, own);
                    } else {
                        view.halves[other].other = own;
                    }
                    view.halves.push(Half {
                        range: range.clone(),
                        other,
                    });
                }
                Mark::Hidden => {}
                Mark::Decoded(c) => text.push(c),
            }
            view.jumps.push(Jump {
                view: start..text.len(),
                source: range,
                stays: mark == Mark::Hidden,
            });
        }
        text.push_str(&source[at..]);
        view.text = Cow::Owned(text);
        view
    }

    /// The text to look at; the source itself if nothing is marked.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text it was made from.
    #[must_use]
    pub fn source(&self) -> &'t str {
        self.source
    }

    /// Whether text and source are the same.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        matches!(self.text, Cow::Borrowed(_))
    }

    /// Where a stretch of the view stands in the source, without the hidden stretches at its ends.
    #[must_use]
    pub fn place(&self, range: Range<usize>) -> Range<usize> {
        if range.is_empty() {
            let at = self.seam(range.start);
            return at..at;
        }
        let start = self.start(range.start);
        start..self.end(range.end).max(start)
    }

    /// As [`View::place`]; `None` if the stretch touches a solid one.
    #[must_use]
    pub fn seen(&self, range: Range<usize>) -> Option<Range<usize>> {
        let place = self.place(range);
        let mut solid = overlapping(&self.solid, |solid| solid, &place);
        solid.next().is_none().then_some(place)
    }

    /// Where a stretch of the view stands in the source, with the link or the emphasis of which it is all the text. `None` if it touches a solid stretch, or
    /// takes one half of a pair and not the other: then it can be neither shown nor changed soundly.
    #[must_use]
    pub fn whole(&self, range: Range<usize>) -> Option<Range<usize>> {
        let mut place = self.seen(range)?;
        if place.is_empty() {
            return Some(place);
        }
        // Links in emphasis in links: each step takes one pair more.
        while let Some(pair) = self.around(&place) {
            place = pair;
        }
        let within = |half: &Half| place.start <= half.range.start && half.range.end <= place.end;
        let sound = overlapping(&self.halves, |half| &half.range, &place)
            .all(|half| within(half) && within(&self.halves[half.other]));
        sound.then_some(place)
    }

    /// An edit of the view as one of the source: its stretch and what comes in its place. What is hidden for good stays, set apart by the
    /// same white space. `None` where the edit has no sound place.
    #[must_use]
    pub fn edit(&self, range: Range<usize>, new: &str) -> Option<(Range<usize>, String)> {
        let mut place = self.whole(range)?;
        // Characters that stand for others must not get into the source, and these mean something in it.
        if !self.is_plain() && new.contains([SUBSTITUTE, '&', '<']) {
            return None;
        }
        // What stays at the end of a line that goes must not be joined to the line before.
        let next = (self.jumps).partition_point(|jump| jump.source.start < place.end);
        let next = self.jumps.get(next).filter(|jump| jump.stays);
        let cut = &self.source[place.clone()];
        if let Some(next) = next
            && cut[..cut.len() - cut.trim_start().len()].contains('\n')
            && self.source[place.end..next.source.start]
                .trim_matches([' ', '\t'])
                .is_empty()
        {
            place.end = next.source.end;
        }
        let stays: Vec<&str> = overlapping(&self.jumps, |jump| &jump.source, &place)
            .filter(|jump| jump.stays)
            .map(|jump| self.source[jump.source.clone()].trim())
            .collect();
        if stays.is_empty() {
            return Some((place, new.to_owned()));
        }
        if !new.trim().is_empty() {
            return None;
        }
        // The seam was settled for a text without them, and left out what both sides share.
        let cut = &self.source[place.clone()];
        let head = &cut[..cut.len() - cut.trim_start().len()];
        let tail = &cut[cut.trim_end().len()..];
        let or_new = |blank| if str::is_empty(blank) { new } else { blank };
        Some((
            place,
            format!("{}{}{}", or_new(head), stays.join(new), or_new(tail)),
        ))
    }

    /// `place` with a half at its edge whose other half is at the other edge or inside, if there is one.
    fn around(&self, place: &Range<usize>) -> Option<Range<usize>> {
        let next = self
            .halves
            .partition_point(|half| half.range.end < place.start);
        if let Some(open) = self.halves.get(next)
            && open.range.end == place.start
            && open.other > next
        {
            let close = &self.halves[open.other].range;
            if close.start == place.end || close.end <= place.end {
                return Some(open.range.start..place.end.max(close.end));
            }
        }
        let next = self
            .halves
            .partition_point(|half| half.range.start < place.end);
        let close = self.halves.get(next)?;
        let open = &self.halves[close.other].range;
        (close.range.start == place.end
            && close.other < next
            && (open.end == place.start || open.start >= place.start))
            .then(|| place.start.min(open.start)..close.range.end)
    }

    /// Where the character at `offset` of the view begins in the source.
    fn start(&self, offset: usize) -> usize {
        let next = self.jumps.partition_point(|jump| jump.view.start <= offset);
        match next.checked_sub(1).map(|last| &self.jumps[last]) {
            None => offset,
            Some(jump) if offset < jump.view.end => jump.source.start,
            Some(jump) => jump.source.end + (offset - jump.view.end),
        }
    }

    /// Where the character before `offset` of the view ends in the source.
    fn end(&self, offset: usize) -> usize {
        let next = self.jumps.partition_point(|jump| jump.view.start < offset);
        match next.checked_sub(1).map(|last| &self.jumps[last]) {
            None => offset,
            Some(jump) if offset < jump.view.end => jump.source.end,
            Some(jump) => jump.source.end + (offset - jump.view.end),
        }
    }

    /// Where something that is put in between two characters of the view goes: behind what ends there, before what begins.
    fn seam(&self, offset: usize) -> usize {
        let mut at = self.end(offset);
        let first = self.jumps.partition_point(|jump| jump.view.start < offset);
        for jump in &self.jumps[first..] {
            let half = self
                .halves
                .binary_search_by_key(&jump.source.start, |half| half.range.start);
            let closes = half.is_ok_and(|own| self.halves[own].other < own);
            if jump.source.start != at || !jump.view.is_empty() || !closes {
                break;
            }
            at = jump.source.end;
        }
        at
    }
}

/// Makes halves solid that have lost their other half.
fn make_whole(marks: &mut [(Range<usize>, Mark)]) {
    let mut counts = std::collections::HashMap::new();
    for (_, mark) in marks.iter() {
        if let Mark::Half(pair) = mark {
            *counts.entry(*pair).or_insert(0_usize) += 1;
        }
    }
    for (_, mark) in marks {
        if let Mark::Half(pair) = mark
            && counts.get(pair) != Some(&2)
        {
            *mark = Mark::Solid;
        }
    }
}

/// The stretch byte for byte as substitutes; lines stay lines.
fn mask(source: &str, text: &mut String) {
    text.extend(source.bytes().map(|byte| match byte {
        b'\n' | b'\r' => char::from(byte),
        _ => SUBSTITUTE,
    }));
}

/// Those of the items, sorted and disjoint, that share a byte with `place`.
fn overlapping<'i, T>(
    items: &'i [T],
    range: impl Fn(&T) -> &Range<usize>,
    place: &Range<usize>,
) -> std::slice::Iter<'i, T> {
    let first = items.partition_point(|item| range(item).end <= place.start);
    let count = items[first..].partition_point(|item| range(item).start < place.end);
    items[first..first + count].iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_without_marks_is_itself() {
        let view = View::plain("Text.");
        assert!(view.is_plain());
        assert_eq!(view.whole(1..3), Some(1..3));
        assert_eq!(view.edit(1..3, "&"), Some((1..3, "&".to_owned())));
    }

    #[test]
    fn of_overlapping_marks_the_first_and_longest_counts() {
        let marks = vec![
            (2..4, Mark::Decoded('x')),
            (1..6, Mark::Solid),
            (1..3, Mark::Hidden),
            (5..8, Mark::Half(0)),
            (8..9, Mark::Half(0)),
        ];
        let view = View::new("abcdefghij", marks);
        assert_eq!(view.text(), "a\u{1a}\u{1a}\u{1a}\u{1a}\u{1a}gh\u{1a}j");
    }

    #[test]
    fn a_comment_outlives_the_line_it_stands_on() {
        let source = "One.\n\nMarker <!-- keep -->\n\nTwo.";
        let at = source.find("<!--").unwrap();
        let end = source.find("-->").unwrap() + 3;
        let view = View::new(source, vec![(at..end, Mark::Hidden)]);
        assert_eq!(view.text(), "One.\n\nMarker \n\nTwo.");
        let (range, new) = view.edit(4..15, "\n\n").unwrap();
        let edited = format!("{}{new}{}", &source[..range.start], &source[range.end..]);
        assert_eq!(edited, "One.\n\n<!-- keep -->\n\nTwo.");
        assert_eq!(view.edit(4..15, "word"), None);
        assert_eq!(
            view.edit(6..15, ""),
            Some((6..28, "<!-- keep -->\n\n".to_owned()))
        );
    }

    #[test]
    fn insertions_go_between_links() {
        // [a](u)[b](u)
        let marks = vec![
            (0..1, Mark::Half(0)),
            (2..6, Mark::Half(0)),
            (6..7, Mark::Half(1)),
            (8..12, Mark::Half(1)),
        ];
        let view = View::new("[a](u)[b](u)", marks);
        assert_eq!(view.text(), "ab");
        assert_eq!(view.place(1..1), 6..6);
        assert_eq!(view.place(0..0), 0..0);
        assert_eq!(view.place(2..2), 12..12);
        assert_eq!(view.whole(0..1), Some(0..6));
        assert_eq!(view.whole(0..2), Some(0..12));
    }

    #[test]
    fn pairs_in_pairs_are_taken_as_one() {
        // **[a](u)** b
        let marks = vec![
            (0..2, Mark::Half(0)),
            (2..3, Mark::Half(1)),
            (4..8, Mark::Half(1)),
            (8..10, Mark::Half(0)),
        ];
        let view = View::new("**[a](u)** b", marks);
        assert_eq!(view.text(), "a b");
        assert_eq!(view.whole(0..1), Some(0..10));
        assert_eq!(view.whole(0..3), Some(0..12));
        assert_eq!(view.whole(1..3), Some(10..12));
    }

    proptest::proptest! {
        /// Whatever the marks: places are sound, sorted, and lie in the source; text without marks leads back to itself.
        #[test]
        fn places_are_sound(source in "[aé\n]{0,30}", raw in proptest::collection::vec((0_usize..40, 0_usize..6, 0_u8..5), 0..8)) {
            let boundary = |mut at: usize| {
                at = at.min(source.len());
                while !source.is_char_boundary(at) { at -= 1; }
                at
            };
            let marks = raw.iter().map(|&(start, len, kind)| {
                let range = boundary(start)..boundary(start + len);
                (range, match kind {
                    0 => Mark::Solid,
                    1 => Mark::Hidden,
                    2 | 3 => Mark::Half(start % 2),
                    _ => Mark::Decoded('ß'),
                })
            }).collect();
            let view = View::new(&source, marks);
            let bounds: Vec<usize> = (0..=view.text().len()).filter(|&at| view.text().is_char_boundary(at)).collect();
            for (index, &start) in bounds.iter().enumerate() {
                for &end in &bounds[index..] {
                    let place = view.place(start..end);
                    proptest::prop_assert!(place.start <= place.end && place.end <= source.len());
                    if let Some(whole) = view.whole(start..end) {
                        proptest::prop_assert!(whole.start <= whole.end && whole.end <= source.len());
                        proptest::prop_assert!(source.is_char_boundary(whole.start) && source.is_char_boundary(whole.end));
                    }
                }
            }
        }
    }
}
