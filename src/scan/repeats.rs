//! Stretches of a text that say the same over and over: a tool that hung, a text made to be slow.
//!
//! What the scanner says of a place hangs on text near it. In a stretch that repeats every few bytes, and far enough from its ends, it says the same of
//! each turn: one is looked at, and what is found there is found in all the others. Without this, short lines that are markers and
//! nothing else cost many times as much as any other text.

use crate::db::{CompiledPiece, Database};
use crate::model::Span;
use crate::text::lines::{LINE_REACH, floor_boundary};

use super::units::MOST_BREAKS;

/// A turn has at most so many bytes.
const PERIOD: usize = 1024;
/// A text is tried every so many bytes: shorter stretches are not worth it.
const STRIDE: usize = 16 * 1024;
/// So many bytes are looked for again.
const NEEDLE: usize = 32;
/// So often a distance is tried at which they stand again.
const TRIES: usize = 8;

/// The most characters that a slot looks at: a name of five words and two small ones between each, with forty characters each.
const SLOT: usize = 15 * 41;

/// Turns that need not be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Repeat {
    /// The turn that is looked at in their place.
    pub(super) model: Span,
    /// Behind the last turn that says the same.
    pub(super) end: usize,
    /// Behind the last byte that what begins in the model has to do with.
    reach: usize,
}

impl Repeat {
    /// By how many bytes each of the turns left out stands behind the model.
    pub(super) fn shifts(self) -> impl Iterator<Item = usize> {
        let period = self.model.len();
        (1..(self.end - self.model.start) / period).map(move |turn| turn * period)
    }
}

/// How far a form may reach.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reach {
    /// How many folded bytes it may have.
    pub(super) bytes: usize,
    /// Over how many lines it may go: over one line break at each of its blanks and between its links.
    pub(super) lines: usize,
}

/// The stretches of a text that need not be looked at, if forms reach no farther than `form`.
pub(super) fn find(text: &str, form: Reach) -> Vec<Repeat> {
    let mut found = Vec::new();
    let mut at = 0;
    while at + STRIDE <= text.len() {
        match stretch(text.as_bytes(), at) {
            Some((stretch, period)) => {
                found.extend(repeat(text, stretch, period, form));
                at = stretch.end.max(at + STRIDE);
            }
            None => at += STRIDE,
        }
    }
    found
}

/// The stretch around `at` that repeats, and after how many bytes.
fn stretch(bytes: &[u8], at: usize) -> Option<(Span, usize)> {
    let needle = bytes.get(at..at + NEEDLE)?;
    let behind = &bytes[at + 1..bytes.len().min(at + PERIOD + NEEDLE)];
    memchr::memmem::find_iter(behind, needle)
        .take(TRIES)
        .find_map(|ahead| {
            let period = ahead + 1;
            let end = at + period + same_ahead(&bytes[at..], &bytes[at + period..]);
            let start = at - same_back(&bytes[..at], &bytes[..at + period]);
            (end - start >= STRIDE / 2).then(|| (Span::new(start, end), period))
        })
}

/// How many bytes two texts have in common at their beginnings.
fn same_ahead(a: &[u8], b: &[u8]) -> usize {
    const STEP: usize = 256;
    let blocks = a.chunks_exact(STEP).zip(b.chunks_exact(STEP));
    let same = STEP * blocks.take_while(|(a, b)| a == b).count();
    let rest = a[same..].iter().zip(&b[same..]);
    same + rest.take_while(|(a, b)| a == b).count()
}

/// How many bytes two texts have in common at their ends.
fn same_back(a: &[u8], b: &[u8]) -> usize {
    const STEP: usize = 256;
    let blocks = a.rchunks_exact(STEP).zip(b.rchunks_exact(STEP));
    let same = STEP * blocks.take_while(|(a, b)| a == b).count();
    let rest = a[..a.len() - same]
        .iter()
        .rev()
        .zip(b[..b.len() - same].iter().rev());
    same + rest.take_while(|(a, b)| a == b).count()
}

/// What may be left out of a stretch.
fn repeat(text: &str, stretch: Span, period: usize, form: Reach) -> Option<Repeat> {
    let bytes = text.as_bytes();
    let turn = &bytes[stretch.start..stretch.start + period];
    // A word without an end is no word to most that ask for one, and to some it is.
    if !turn.iter().any(|&byte| byte == b'\n' || byte == b' ') {
        return None;
    }
    // So many bytes may stand for one that counts: blanks and what is invisible come in runs.
    let solid = turn.iter().filter(|b| b.is_ascii_alphanumeric()).count();
    let newline = turn.iter().position(|&byte| byte == b'\n');
    let by_bytes = form.bytes * (period.div_ceil(solid.max(1)) + 1) + 16 * period;
    // No line is longer than a turn.
    let by_lines = newline.map_or(usize::MAX, |_| (form.lines + 1) * period);
    let form = by_bytes.min(by_lines);
    let lines = (MOST_BREAKS + 2) * newline.map_or(LINE_REACH, |_| period);
    // A form with what its rule makes an exception of, from the first line it may begin in.
    let reach = 2 * form + lines;
    let from = stretch.start + reach;
    let start = match newline {
        // Whole lines, so that lines are looked at as such.
        Some(newline) => {
            let first = stretch.start + newline + 1;
            first + (from - first.min(from)).div_ceil(period) * period
        }
        None => {
            let mut start = from;
            while !text.is_char_boundary(start.min(text.len())) {
                start += 1;
            }
            start
        }
    };
    let turns = stretch.end.checked_sub(reach + start)? / period;
    let model = Span::new(start, start + period);
    let repeat = Repeat {
        model,
        end: start + turns * period,
        reach: model.end + reach.div_ceil(period) * period,
    };
    (repeat.reach < repeat.end).then_some(repeat)
}

/// The stretches of a text that have to be looked at: lines, but for such as go on in what is left out.
pub(super) fn zones(text: &str, repeats: &[Repeat]) -> Vec<Span> {
    let mut start = 0;
    let mut zones = Vec::with_capacity(repeats.len() + 1);
    for repeat in repeats {
        zones.push(Span::new(start, floor_boundary(text, repeat.reach)));
        start = repeat.end;
    }
    zones.push(Span::new(start, text.len()));
    zones
}

/// How far the forms of the database may reach, exceptions and second halves included.
pub(super) fn longest(database: &Database) -> Reach {
    let length = |pieces: &[CompiledPiece]| {
        let lengths = pieces.iter().map(|piece| match piece {
            CompiledPiece::Literal(literal) => literal.folded.len() + 1,
            CompiledPiece::Slot(_) => SLOT,
        });
        let breaks = pieces.iter().map(|piece| match piece {
            CompiledPiece::Literal(literal) => {
                1 + literal.folded.iter().filter(|&&byte| byte == b' ').count()
            }
            CompiledPiece::Slot(_) => 1,
        });
        (lengths.sum::<usize>(), 1 + breaks.sum::<usize>())
    };
    let forms = database.forms.iter().map(|form| &form.pieces);
    let rules = database.rules.iter();
    let others = rules.flat_map(|rule| rule.unless.iter().chain(&rule.until));
    let lengths = forms.chain(others).map(|pieces| length(pieces));
    lengths.fold(Reach { bytes: 0, lines: 0 }, |longest, (bytes, lines)| {
        Reach {
            bytes: longest.bytes.max(bytes),
            lines: longest.lines.max(lines),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORM: Reach = Reach {
        bytes: 100,
        lines: 20,
    };

    #[test]
    fn what_repeats_is_found_and_its_ends_are_looked_at() {
        let before = "One.\n\nTwo.\n".repeat(3);
        let text = format!("{before}{}Three.\n", "Share\nMore\n".repeat(20_000));
        let found = find(&text, FORM);
        let [repeat] = found[..] else {
            panic!("{found:?}")
        };
        assert_eq!(repeat.model.len(), 11);
        assert!(repeat.model.start > before.len() + 100 && repeat.end + 100 < text.len());
        for shift in repeat.shifts() {
            let turn = repeat.model.start + shift..repeat.model.end + shift;
            assert_eq!(text[turn], text[repeat.model.range()]);
        }
        let zones = zones(&text, &found);
        assert_eq!(zones[0].start, 0);
        assert!(zones[0].end > repeat.model.end + 100 && zones[1].start == repeat.end);
        assert_eq!(zones[1].end, text.len());
        for zone in &zones[1..] {
            assert_eq!(text.as_bytes()[zone.start - 1], b'\n');
        }
    }

    #[test]
    fn other_texts_are_left_alone() {
        let lines: String = (0..20_000).map(|line| format!("Line {line}\n")).collect();
        for text in [
            "",
            "Share\n",
            &"Share\n".repeat(1_000),
            &"a".repeat(100_000),
            &lines,
        ] {
            assert_eq!(find(text, FORM), []);
        }
    }
}
