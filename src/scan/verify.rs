//! Whether a form really stands at a place of the text: literals, slots, edges. Works on the original bytes.

use crate::db::{CompiledPiece, Literal};
use crate::model::{Case, Place, Slot};
use crate::text::edges::{char_behind, is_end_edge, is_start_edge, is_unspaced};
use crate::text::fold::{
    blank_run, char_at, fold_ascii, is_blank, is_blank_byte, is_ignorable, match_literal, may_begin,
};
use crate::text::lines::{content_end, floor_boundary, line_end, only_end_decoration};
use crate::text::slots::{self, TITLE_CHARS};

/// How many pieces one attempt may try before it gives up. Real templates need fewer than twenty; the bound keeps a
/// template with several open slots from going through all ways to split a line.
const STEPS: u32 = 600;

/// Matches the links of a form that begins at `start`, and answers where the match ends. Edges and the ends that `place` asks for are checked;
/// guards are not. `first` is how many bytes of the text the first link takes, if that is known and it is a literal, or 0.
pub(super) fn match_form(
    text: &str,
    pieces: &[CompiledPiece],
    place: Place,
    case: Case,
    start: usize,
    first: usize,
) -> Option<usize> {
    if !may_start(text, place, start) {
        return None;
    }
    let accept = |end: usize| may_end(text, place, start, end);
    let mut attempt = Attempt {
        text,
        case,
        steps: STEPS,
    };
    let end = match pieces {
        [CompiledPiece::Literal(literal), rest @ ..] if first > 0 => {
            let behind = start + first;
            if !attempt.fits(literal, &text[start..behind]) {
                return None;
            }
            attempt.steps -= 1;
            attempt.run(rest, behind, false, &accept)
        }
        _ => attempt.run(pieces, start, true, &accept),
    };
    end.filter(|&end| end > start)
}

/// Whether a form may begin at `start`.
fn may_start(text: &str, place: Place, start: usize) -> bool {
    !matches!(place, Place::Inline | Place::LineEnd) || is_start_edge(text, start)
}

/// Whether a form that begins at `start` may end at `end`.
fn may_end(text: &str, place: Place, start: usize, end: usize) -> bool {
    match place {
        Place::Line | Place::Tail | Place::LineEnd => only_end_decoration(text, end),
        Place::LineStart | Place::Inline => is_end_edge(text, start, end),
    }
}

/// As [`match_form`] for a single literal that is known to take the text from `start` to `end`.
pub(super) fn match_known(text: &str, place: Place, start: usize, end: usize) -> Option<usize> {
    (may_start(text, place, start) && may_end(text, place, start, end)).then_some(end)
}

/// Matches links anywhere behind `start`, without any edge: for `unless` and `until`. Answers where the match ends.
pub(super) fn match_pieces(
    text: &str,
    pieces: &[CompiledPiece],
    case: Case,
    start: usize,
) -> Option<usize> {
    Attempt {
        text,
        case,
        steps: STEPS,
    }
    .run(pieces, start, true, &|_| true)
}

/// Passes over the blanks at `at` with at most `breaks` line breaks between two links.
pub(super) fn gap(text: &str, at: usize, breaks: usize) -> Option<usize> {
    // Mostly there is no blank, or a single one.
    let bytes = text.as_bytes();
    let solid = |at: usize| bytes.get(at).is_none_or(|&b| b < 0x80 && !is_blank_byte(b));
    if solid(at) {
        return Some(at);
    }
    if bytes[at] == b' ' && solid(at + 1) {
        return Some(at + 1);
    }
    let (end, found) = blank_run(text, at);
    (found <= breaks).then_some(end)
}

struct Attempt<'t> {
    text: &'t str,
    case: Case,
    steps: u32,
}

impl Attempt<'_> {
    fn run(
        &mut self,
        pieces: &[CompiledPiece],
        at: usize,
        first: bool,
        accept: &dyn Fn(usize) -> bool,
    ) -> Option<usize> {
        let Some((piece, rest)) = pieces.split_first() else {
            return accept(at).then_some(at);
        };
        self.steps = self.steps.checked_sub(1)?;
        match piece {
            CompiledPiece::Literal(literal) => {
                let begin = if first { at } else { gap(self.text, at, 1)? };
                if !may_begin(self.text, begin, &literal.folded) {
                    return None;
                }
                let end = self.literal(literal, begin)?;
                if !first && begin == at && !self.may_touch(at) {
                    return None;
                }
                self.run(rest, end, false, accept)
            }
            CompiledPiece::Slot(Slot::Title) => {
                let begin = if first { at } else { gap(self.text, at, 0)? };
                if !first && begin == at && !self.may_touch(at) {
                    return None;
                }
                self.title(rest, begin, accept)
            }
            CompiledPiece::Slot(slot) => {
                let breaks = usize::from(*slot != Slot::Words);
                let begin = if first {
                    at
                } else {
                    gap(self.text, at, breaks)?
                };
                if !first && begin == at && !self.may_touch(at) {
                    return None;
                }
                let ends = slots::ends(*slot, self.text, begin);
                ends.iter()
                    .find_map(|end| self.run(rest, end, false, accept))
            }
        }
    }

    /// Whether two links may meet at `at` without a blank: not inside a word.
    fn may_touch(&self, at: usize) -> bool {
        let (Some(before), Some(behind)) = (
            self.text[..at].chars().next_back(),
            char_behind(self.text, at),
        ) else {
            return true;
        };
        !(before.is_alphanumeric() && behind.is_alphanumeric())
            || before.is_numeric() != behind.is_numeric()
            || (before.is_lowercase() && behind.is_uppercase())
            || is_unspaced(before)
            || is_unspaced(behind)
    }

    fn literal(&self, literal: &Literal, at: usize) -> Option<usize> {
        let end = match_literal(self.text, at, &literal.folded)?;
        self.fits(literal, &self.text[at..end]).then_some(end)
    }

    /// Whether a literal that was met has the letter case that its rule asks for.
    fn fits(&self, literal: &Literal, met: &str) -> bool {
        match (self.case, &literal.written) {
            (Case::Fold, _) => true,
            (Case::Upper, _) => !met.chars().any(char::is_lowercase),
            (Case::Exact, written) => written
                .as_ref()
                .is_none_or(|written| same_case(written, met)),
        }
    }

    /// `{title}`: to the next literal, or to the end of the line's content.
    fn title(
        &mut self,
        rest: &[CompiledPiece],
        at: usize,
        accept: &dyn Fn(usize) -> bool,
    ) -> Option<usize> {
        let stop = line_end(self.text, at);
        let mut lettered = false;
        if rest.is_empty() {
            let end = content_end(self.text, at, stop);
            let title = &self.text[at..end];
            let fits = title.chars().take(TITLE_CHARS + 1).count() <= TITLE_CHARS
                && title.chars().any(char::is_alphanumeric);
            return (fits && accept(end)).then_some(end);
        }
        let wanted = match rest.first() {
            Some(CompiledPiece::Literal(literal)) => literal.folded.first().copied(),
            _ => None,
        };
        let bytes = self.text.as_bytes();
        let plain = &bytes[at..stop.min(at + TITLE_CHARS)];
        if let Some(wanted) =
            wanted.filter(|wanted| wanted.is_ascii_alphanumeric() && plain.is_ascii())
        {
            return self.plain_title(rest, at, plain, wanted, accept);
        }
        let (mut end, mut characters) = (at, 0);
        while end < stop && characters < TITLE_CHARS {
            // Most characters cannot begin the next literal; a byte tells.
            let byte = bytes[end];
            let may_begin = match wanted {
                Some(wanted) if byte < 0x80 => {
                    if !lettered {
                        false
                    } else if is_blank_byte(byte) {
                        bytes.get(end + 1).is_some_and(|&next| {
                            next >= 0x80 || is_blank_byte(next) || fold_ascii(next) == wanted
                        })
                    } else {
                        // Not inside a word.
                        fold_ascii(byte) == wanted
                            && !(byte.is_ascii_lowercase() && bytes[end - 1].is_ascii_alphabetic())
                    }
                }
                _ => true,
            };
            if may_begin && lettered && !self.text[..end].ends_with(is_blank) {
                if let Some(found) = self.run(rest, end, false, accept) {
                    return Some(found);
                }
                if self.steps == 0 {
                    return None;
                }
            }
            if byte < 0x80 {
                lettered |= byte.is_ascii_alphanumeric();
                end += 1;
            } else {
                let c = char_at(self.text, end);
                lettered |= c.is_alphanumeric();
                end += c.len_utf8();
            }
            characters += 1;
        }
        None
    }

    /// As [`Attempt::title`] in ASCII text, looking only where `wanted`, the next literal's first byte, stands.
    fn plain_title(
        &mut self,
        rest: &[CompiledPiece],
        at: usize,
        plain: &[u8],
        wanted: u8,
        accept: &dyn Fn(usize) -> bool,
    ) -> Option<usize> {
        let first = plain.iter().position(u8::is_ascii_alphanumeric)?;
        for place in memchr::memchr2_iter(wanted, wanted.to_ascii_uppercase(), plain) {
            let Some(before) = place
                .checked_sub(1)
                .filter(|&before| before >= first)
                .map(|before| plain[before])
            else {
                continue;
            };
            // Not inside a word.
            if plain[place].is_ascii_lowercase() && before.is_ascii_alphabetic() {
                continue;
            }
            let end = at
                + plain[..place]
                    .iter()
                    .rposition(|&byte| !is_blank_byte(byte))
                    .map_or(0, |last| last + 1);
            if let Some(found) = self.run(rest, end, false, accept) {
                return Some(found);
            }
            if self.steps == 0 {
                return None;
            }
        }
        None
    }
}

/// Whether the letters of the two have the same case, blanks and ignorable characters passed over.
fn same_case(written: &str, met: &str) -> bool {
    fn letters(text: &str) -> impl Iterator<Item = bool> + '_ {
        text.chars()
            .filter(|c| c.is_alphabetic() && !is_ignorable(*c))
            .map(char::is_uppercase)
    }
    letters(written).eq(letters(met))
}

/// Places before `at` where a word begins, nearest first, inside the same block and at most `reach` bytes away. For forms whose rarest literal is
/// not their first link.
pub(super) fn word_starts_before(
    text: &str,
    at: usize,
    reach: usize,
) -> impl Iterator<Item = usize> + '_ {
    let mut floor = floor_boundary(text, at.saturating_sub(reach));
    if let Some(border) = text[floor..at].rfind("\n\n") {
        floor += border + 2;
    }
    text[floor..at]
        .char_indices()
        .rev()
        .filter_map(move |(offset, c)| {
            let start = floor + offset;
            (!is_blank(c)
                && !is_ignorable(c)
                && is_start_edge(text, start)
                && !char_at(text, start).is_whitespace())
            .then_some(start)
        })
}
