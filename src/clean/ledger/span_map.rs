//! Spans of others on their way across a cleaning, both ways.

use super::Change;
use crate::model::{Edit, Span};

/// What offsets count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Unit {
    /// Bytes of UTF-8, as everywhere in this crate.
    #[default]
    Byte,
    /// Characters (code points), as Python counts.
    Char,
    /// UTF-16 code units, as JavaScript, Java and most editors count.
    Utf16,
}

impl Unit {
    /// Every unit, in the order of the documentation.
    pub const ALL: &'static [Self] = &[Self::Byte, Self::Char, Self::Utf16];

    /// Its spelling on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Byte => "byte",
            Self::Char => "char",
            Self::Utf16 => "utf16",
        }
    }

    /// The unit with that spelling.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|unit| unit.name() == name)
    }

    /// How long a text is, counted in this unit.
    ///
    /// ```
    /// use descale::ledger::Unit;
    /// assert_eq!(Unit::ALL.iter().map(|unit| unit.len("é😀")).collect::<Vec<_>>(), [6, 2, 3]);
    /// ```
    #[must_use]
    pub fn len(self, text: &str) -> usize {
        // A character of four bytes is a pair of surrogates.
        match self {
            Self::Byte => text.len(),
            Self::Char => text.chars().count(),
            Self::Utf16 => text.chars().count() + pairs(text.as_bytes()),
        }
    }
}

/// How many characters take four bytes. Counted in bytes by stretches that cannot overflow one, which the compiler turns into vector code: a ledger
/// does this for every byte before a document's last edit.
fn pairs(bytes: &[u8]) -> usize {
    let stretch = |bytes: &[u8]| {
        let leads = bytes.iter().map(|byte| u8::from(*byte >= 0xf0));
        usize::from(leads.fold(0u8, u8::wrapping_add))
    };
    bytes.chunks(192).map(stretch).sum()
}

/// What became of a span on its way across the edits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Carried {
    /// No edit touches it: the same text, at its place on the other side.
    Whole(Span),
    /// Edits reach into it: where what is left of it stands, with what came in the place of the rest.
    Part(Span),
    /// All of it was cut: the empty span at the place where it stood.
    Gone(Span),
}

impl Carried {
    /// The span on the other side, whatever became of it.
    #[must_use]
    pub fn span(self) -> Span {
        match self {
            Self::Whole(span) | Self::Part(span) | Self::Gone(span) => span,
        }
    }
}

/// Where the stretches of an original text lie in the cleaned one, and back. Made once a text; a question takes logarithmic time.
///
/// For a span that no edit touches, [`to_original`](Self::to_original) of [`to_cleaned`](Self::to_cleaned) is the span itself.
///
/// ```
/// use descale::Span;
/// use descale::ledger::Carried;
///
/// let cleaner = descale::Cleaner::builder().builtin(false).pattern("Foo bar baz").build()?;
/// let text = "One.\n\nFoo bar baz\n\nMr. Lund left.";
/// let map = cleaner.clean(text).span_map();
///
/// let lund = Span::new(23, 27);
/// assert_eq!(map.to_cleaned(lund), Carried::Whole(Span::new(10, 14)));
/// assert_eq!(map.to_original(Span::new(10, 14)), Carried::Whole(lund));
/// assert_eq!(map.to_cleaned(Span::new(10, 13)), Carried::Gone(Span::new(6, 6)));
/// # Ok::<(), descale::BuildError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SpanMap {
    pieces: Vec<Piece>,
}

/// One edit, seen from both sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Piece {
    original: Side,
    cleaned: Side,
}

/// What an edit is on one side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Side {
    span: Span,
    /// Whether nothing but white space stands there, so that what stands on the other side was cut, not replaced.
    blank: bool,
}

impl SpanMap {
    /// The map of edits, sorted and disjoint, of `original`. Spans count in `unit`.
    #[must_use]
    pub fn new(original: &str, edits: &[Edit], unit: Unit) -> Self {
        let mut counted = (0, 0);
        Self::build(
            edits.iter().map(|edit| {
                let (before, at) = counted;
                let start = at + unit.len(&original[before..edit.span.start]);
                let old = &original[edit.span.range()];
                counted = (edit.span.end, start + unit.len(old));
                (start, old, edit.replacement.as_str())
            }),
            unit,
        )
    }

    /// The map of recorded changes, in the order of the text. No text is needed: each change knows its place in every unit.
    #[must_use]
    pub fn of_changes(changes: &[Change<'_>], unit: Unit) -> Self {
        Self::build(
            changes
                .iter()
                .map(|change| (change.start(unit), &*change.old, &*change.new)),
            unit,
        )
    }

    /// From where each edit begins in the original, what stood there and what came.
    fn build<'c>(edits: impl Iterator<Item = (usize, &'c str, &'c str)>, unit: Unit) -> Self {
        let blank = |text: &str| text.trim().is_empty();
        let (mut old_end, mut new_end) = (0usize, 0usize);
        let pieces = edits.map(|(start, old, new)| {
            // Between two edits both sides are the same text.
            let out = new_end + start.saturating_sub(old_end);
            (old_end, new_end) = (start + unit.len(old), out + unit.len(new));
            Piece {
                original: Side {
                    span: Span::new(start, old_end),
                    blank: blank(old),
                },
                cleaned: Side {
                    span: Span::new(out, new_end),
                    blank: blank(new),
                },
            }
        });
        Self {
            pieces: pieces.collect(),
        }
    }

    /// Where a span of the original text lies in the cleaned one.
    #[must_use]
    pub fn to_cleaned(&self, span: Span) -> Carried {
        self.carry(span, |piece| (piece.original, piece.cleaned))
    }

    /// Where a span of the cleaned text lies in the original one.
    #[must_use]
    pub fn to_original(&self, span: Span) -> Carried {
        self.carry(span, |piece| (piece.cleaned, piece.original))
    }

    fn carry(&self, span: Span, sides: impl Fn(&Piece) -> (Side, Side)) -> Carried {
        let before = self
            .pieces
            .partition_point(|piece| sides(piece).0.span.end <= span.start);
        let touching = self.pieces[before..]
            .iter()
            .take_while(|piece| sides(piece).0.span.overlaps(span))
            .count();
        let touched = &self.pieces[before..before + touching];
        // An offset behind an edit lies as far behind its end on the other side.
        let behind = |piece: Option<&Piece>, offset: usize| {
            piece.map_or(offset, |piece| {
                let (here, there) = sides(piece);
                there.span.end + (offset - here.span.end)
            })
        };
        let previous = before.checked_sub(1).map(|index| &self.pieces[index]);
        let start = behind(previous, span.start);
        let (Some(first), Some(last)) = (touched.first(), touched.last()) else {
            return Carried::Whole(Span::new(start, start + span.len()));
        };
        // An end that lies in a cut moves to the side of the cut where the span goes on; one in a replacement takes the replacement in.
        let (here, there) = sides(first);
        let from = match (here.span.start <= span.start, there.blank) {
            (false, _) => start,
            (true, true) => there.span.end,
            (true, false) => there.span.start,
        };
        let (here, there) = sides(last);
        let to = match (here.span.end >= span.end, there.blank) {
            (false, _) => behind(Some(last), span.end),
            (true, true) => there.span.start,
            (true, false) => there.span.end,
        };
        if from < to {
            Carried::Part(Span::new(from, to))
        } else {
            let place = sides(first).1.span.start;
            Carried::Gone(Span::new(place, place))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn edit(start: usize, end: usize, new: &str) -> Edit {
        Edit {
            span: Span::new(start, end),
            replacement: new.into(),
            findings: vec![],
        }
    }

    const TEXT: &str = "one CUT two Lindq three";

    fn map() -> SpanMap {
        SpanMap::new(
            TEXT,
            &[edit(4, 8, ""), edit(12, 17, "Lindqvist")],
            Unit::Byte,
        )
    }

    #[test]
    fn spans_across_a_cut_and_a_repair() {
        let map = map();
        for (start, end, carried) in [
            (0, 3, Carried::Whole(Span::new(0, 3))),
            (0, 4, Carried::Whole(Span::new(0, 4))),
            (4, 7, Carried::Gone(Span::new(4, 4))),
            (5, 11, Carried::Part(Span::new(4, 7))),
            (0, 6, Carried::Part(Span::new(0, 4))),
            (0, 11, Carried::Part(Span::new(0, 7))),
            (8, 11, Carried::Whole(Span::new(4, 7))),
            // A name that was mended is the mended name, also when only a part of it was marked.
            (12, 17, Carried::Part(Span::new(8, 17))),
            (13, 15, Carried::Part(Span::new(8, 17))),
            (18, 23, Carried::Whole(Span::new(18, 23))),
            (4, 17, Carried::Part(Span::new(4, 17))),
        ] {
            assert_eq!(
                map.to_cleaned(Span::new(start, end)),
                carried,
                "{start}..{end}"
            );
        }
    }

    #[test]
    fn spans_of_the_cleaned_text_lead_back() {
        let map = map();
        assert_eq!(
            map.to_original(Span::new(0, 7)),
            Carried::Part(Span::new(0, 11))
        );
        assert_eq!(
            map.to_original(Span::new(4, 7)),
            Carried::Whole(Span::new(8, 11))
        );
        assert_eq!(
            map.to_original(Span::new(8, 12)),
            Carried::Part(Span::new(12, 17))
        );
    }

    /// Random text with random edits of it: sorted, disjoint, on character boundaries.
    fn edited() -> impl Strategy<Value = (String, Vec<Edit>)> {
        (
            "[a-cé😀 \n]{0,40}",
            prop::collection::vec((0usize..6, 0usize..4, "[xö ]{0,3}"), 0..6),
        )
            .prop_map(|(text, steps)| {
                let bounds: Vec<usize> = text
                    .char_indices()
                    .map(|(at, _)| at)
                    .chain([text.len()])
                    .collect();
                let (mut at, mut edits) = (0, Vec::new());
                for (gap, len, new) in steps {
                    let (from, to) = (at + gap, at + gap + len);
                    if to >= bounds.len() || (len == 0 && new.is_empty()) {
                        break;
                    }
                    edits.push(edit(bounds[from], bounds[to], &new));
                    at = to + 1;
                }
                (text, edits)
            })
    }

    proptest! {
        #[test]
        fn there_and_back_is_the_identity_for_what_no_edit_touches((text, edits) in edited(), a in 0usize..50, b in 0usize..50) {
            let cleaned = super::super::super::plan::apply(&text, &edits).into_owned();
            let chars: Vec<char> = text.chars().collect();
            let (from, to) = (a.min(chars.len()), b.min(chars.len()));
            prop_assume!(from < to);
            let bytes = |at: usize| chars[..at].iter().collect::<String>().len();
            let span = Span::new(bytes(from), bytes(to));
            let map = SpanMap::new(&text, &edits, Unit::Byte);
            let carried = map.to_cleaned(span);
            prop_assert!(carried.span().end <= cleaned.len());
            let touched = edits.iter().any(|edit| edit.span.overlaps(span));
            prop_assert_eq!(matches!(carried, Carried::Whole(_)), !touched);
            if let Carried::Whole(there) = carried {
                prop_assert_eq!(&cleaned[there.range()], &text[span.range()]);
                prop_assert_eq!(map.to_original(there), Carried::Whole(span));
            }
            // The other units say the same of the same characters.
            for unit in [Unit::Char, Unit::Utf16] {
                let count = |at: usize| unit.len(&text[..at]);
                let same = SpanMap::new(&text, &edits, unit).to_cleaned(Span::new(count(span.start), count(span.end)));
                let there = carried.span();
                let count = |at: usize| unit.len(&cleaned[..at]);
                prop_assert_eq!(same.span(), Span::new(count(there.start), count(there.end)));
            }
        }
    }
}
