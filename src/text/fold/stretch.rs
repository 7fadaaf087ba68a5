//! Stretches of a text folded at once: into a buffer that knows the way back, into a register, or into the few bytes at either end of a line.

use super::compare::RUN_BYTES;
use super::{BORDER, blank_run, char_at, fold_ascii, fold_char, is_blank, is_blank_byte};

/// A folded stretch of a text with the way back to the original.
#[derive(Debug, Default)]
pub(crate) struct FoldBuffer {
    /// The folded bytes; [`BORDER`] where a block ends.
    pub(crate) bytes: Vec<u8>,
    /// Where a stretch begins that leads back in its own way: (folded, original), ascending. Both count from the beginning of what was folded.
    steps: Vec<(u32, u32)>,
    base: usize,
}

/// Set in a step's original offset when the stretch is a single character or run of blanks: all its folded bytes lead to its beginning. Without it,
/// bytes lead to bytes one by one.
const SINGLE: u32 = 1 << 31;

impl FoldBuffer {
    /// Folds `text[start..end]`, replacing what the buffer held. Both ends on character boundaries, less than 2 GiB apart.
    pub(crate) fn fold(&mut self, text: &str, start: usize, end: usize) {
        self.bytes.clear();
        self.steps.clear();
        self.base = start;
        // Room for every plain byte at once, so that whole blocks are written without asking for room each time.
        self.bytes.resize(end - start + BLOCK, 0);
        let bytes = &text.as_bytes()[..end];
        let (mut at, mut len) = (start, 0);
        while at < end {
            let before = at;
            self.step(len, at, 0);
            (at, len) = fold_plain(bytes, at, &mut self.bytes, len);
            if at == end {
                break;
            }
            if at == before {
                // Nothing plain stood here: the step that was made for it goes.
                self.steps.pop();
            }
            self.step(len, at, SINGLE);
            // The two exceptions that English text is full of, then all others.
            if let Some([0xe2, 0x80, third]) = bytes.get(at..at + 3) {
                let plain = GENERAL_PUNCTUATION[usize::from(third & 0x3f)];
                if plain != 0 {
                    self.bytes[len] = plain;
                    (at, len) = (at + 3, len + 1);
                    continue;
                }
            }
            if bytes[at] == b'\n'
                && bytes.get(at + 1) == Some(&b'\n')
                && bytes
                    .get(at + 2)
                    .is_some_and(|&b| b < 0x80 && !is_blank_byte(b))
            {
                self.bytes[len] = BORDER;
                (at, len) = (at + 2, len + 1);
                continue;
            }
            let c = char_at(text, at);
            if is_blank(c) {
                let (run_end, breaks) = blank_run(text, at);
                self.bytes[len] = if breaks > 1 { BORDER } else { b' ' };
                (at, len) = (run_end.min(end), len + 1);
            } else {
                let folded = fold_char(c);
                let part = folded.as_bytes();
                // Few characters fold to more bytes than they have, but some do.
                let wanted = len + part.len() + (end - at) + BLOCK;
                if wanted > self.bytes.len() {
                    self.bytes.resize(wanted + wanted / 2, 0);
                }
                self.bytes[len..len + part.len()].copy_from_slice(part);
                (at, len) = (at + c.len_utf8(), len + part.len());
            }
        }
        self.bytes.truncate(len);
        self.step(len, end, SINGLE);
    }

    #[inline]
    fn step(&mut self, folded: usize, original: usize, kind: u32) {
        let step = (folded as u32, (original - self.base) as u32 | kind);
        match self.steps.last_mut() {
            // What came before folds to nothing: the offset stands for what comes behind it.
            Some(last) if last.0 == step.0 => *last = step,
            _ => self.steps.push(step),
        }
    }

    /// The offset in the original text of the folded byte at `folded`. Inside a character that folds to several bytes: the character's beginning.
    pub(crate) fn original(&self, folded: usize) -> usize {
        self.original_and_inner(folded).0
    }

    /// As [`FoldBuffer::original`], and how many folded bytes of the same character come before this one.
    pub(crate) fn original_and_inner(&self, folded: usize) -> (usize, usize) {
        let at = self
            .steps
            .partition_point(|step| step.0 as usize <= folded)
            .saturating_sub(1);
        let Some(&(step, original)) = self.steps.get(at) else {
            return (self.base, 0);
        };
        let ahead = folded - step as usize;
        let start = self.base + (original & !SINGLE) as usize;
        if original & SINGLE == 0 {
            (start + ahead, 0)
        } else {
            (start, ahead)
        }
    }
}

/// Folds ASCII bytes one to one from `at` on and answers where it stopped: before a character that is not ASCII or a back tick, before a blank that another blank or
/// such a character follows, or at the end (a blank at the very end is left, because what follows is not known).
///
/// Whole blocks are folded and checked without a branch a byte, in loops that compilers turn into vector instructions.
///
/// Writes to `out` from `len` on, which has room for all of `bytes` behind `at` and a block more; answers the new place in both.
fn fold_plain(bytes: &[u8], mut at: usize, out: &mut [u8], mut len: usize) -> (usize, usize) {
    loop {
        (at, len) = fold_blocks(bytes, at, out, len);
        // Near a stop (or the end), eight bytes at a time, with the stop's place at hand.
        let Some((word, next)) = bytes
            .get(at..)
            .and_then(|rest| Some((rest.first_chunk::<8>()?, *rest.get(8)?)))
        else {
            break;
        };
        let (folded, stop) = fold_word(u64::from_le_bytes(*word), next);
        out[len..len + 8].copy_from_slice(&folded.to_le_bytes());
        let count = (stop.trailing_zeros() / 8) as usize;
        (at, len) = (at + count, len + count);
        if count < 8 {
            return (at, len);
        }
    }
    while let Some(&b) = bytes.get(at) {
        let stop = b >= 0x80
            || b == b'`'
            || (is_blank_byte(b)
                && bytes
                    .get(at + 1)
                    .is_none_or(|&next| next >= 0x80 || is_blank_byte(next)));
        if stop {
            break;
        }
        out[len] = fold_ascii_or_blank(b);
        (at, len) = (at + 1, len + 1);
    }
    (at, len)
}

/// Bytes that are folded without a branch between them.
const BLOCK: usize = 32;

/// Folds whole blocks until one has a stop in it.
fn fold_blocks(bytes: &[u8], mut at: usize, out: &mut [u8], mut len: usize) -> (usize, usize) {
    while let Some(block) = bytes
        .get(at..)
        .and_then(<[u8]>::first_chunk::<{ BLOCK + 1 }>)
    {
        let Some(folded) = out
            .get_mut(len..)
            .and_then(<[u8]>::first_chunk_mut::<BLOCK>)
        else {
            break;
        };
        let mut stop = 0;
        for i in 0..BLOCK {
            let (b, behind) = (block[i], block[i + 1]);
            folded[i] = fold_ascii_or_blank(b);
            stop |= (b & 0x80)
                | u8::from(b == b'`')
                | (u8::from(is_blank_byte(b)) & (u8::from(is_blank_byte(behind)) | (behind >> 7)));
        }
        if stop != 0 {
            break;
        }
        (at, len) = (at + BLOCK, len + BLOCK);
    }
    (at, len)
}

/// Folded forms of U+2000..U+2040 (third byte of their UTF-8) that are a single ASCII byte and no blank; 0 for all others. A test holds it against
/// [`fold_char`].
pub(super) static GENERAL_PUNCTUATION: [u8; 64] = {
    let mut table = [0; 64];
    let mut at = 0x10;
    while at <= 0x15 {
        table[at] = b'-';
        at += 1;
    }
    while at <= 0x1f {
        table[at] = match at {
            0x18..=0x1b => b'\'',
            0x1c..=0x1f => b'"',
            _ => 0,
        };
        at += 1;
    }
    table
};

/// Folds eight bytes in one register; the second answer has the top bit of each byte set at which [`fold_plain`] must stop. `next` is the byte behind.
///
/// The comparisons add to seven-bit bytes so that the eighth bit says "at least" (Warren, Hacker's Delight, 6-1); bytes with their own eighth bit set
/// are stops anyway.
#[inline]
pub(crate) fn fold_word(word: u64, next: u8) -> (u64, u64) {
    const ONES: u64 = u64::MAX / 255;
    const TOPS: u64 = ONES << 7;
    let seven = word & !TOPS;
    let at_least = |byte: u8| seven + ONES * u64::from(0x80 - byte);
    let upper = at_least(b'A') & !at_least(b'Z' + 1) & TOPS;
    let high = word & TOPS;
    let blank = ((at_least(b'\t') & !at_least(b'\r' + 1)) | (at_least(b' ') & !at_least(b' ' + 1)))
        & TOPS
        & !high;
    let tick = at_least(b'`') & !at_least(b'`' + 1) & TOPS;
    let next_odd = u64::from(next >= 0x80 || is_blank_byte(next)) << 63;
    let behind = (blank | high) >> 8 | next_odd;
    let stop = high | tick | (blank & behind);
    let blanks = (blank >> 7) * 0xff;
    let folded = (word | upper >> 2) & !blanks | (ONES * u64::from(b' ')) & blanks;
    (folded, stop)
}

/// Folds one ASCII byte, blanks included, but not the back tick. Written without a table so that it can be done for many bytes at once.
#[inline]
fn fold_ascii_or_blank(b: u8) -> u8 {
    let small = b | (u8::from(b.wrapping_sub(b'A') < 26) << 5);
    if is_blank_byte(b) { b' ' } else { small }
}

/// Folds forwards from `at` until `out` is full or the block ends, and answers how many bytes were made. The last character may be cut.
pub(crate) fn fold_prefix(text: &str, mut at: usize, out: &mut [u8]) -> usize {
    let bytes = text.as_bytes();
    let mut len = 0;
    while len < out.len() && at < bytes.len() {
        // Plain text folds eight bytes at a time.
        if let (Some(room), Some(word)) = (
            out[len..].first_chunk_mut::<8>(),
            bytes[at..].first_chunk::<8>(),
        ) {
            let next = bytes.get(at + 8).copied().unwrap_or(b' ');
            let (folded, stop) = fold_word(u64::from_le_bytes(*word), next);
            let count = (stop.trailing_zeros() / 8) as usize;
            *room = folded.to_le_bytes();
            (at, len) = (at + count, len + count);
            if count == 8 {
                continue;
            }
        }
        let b = bytes[at];
        if b < 0x80 && !is_blank_byte(b) {
            out[len] = fold_ascii(b);
            len += 1;
            at += 1;
            continue;
        }
        let c = char_at(text, at);
        if is_blank(c) {
            let (end, breaks) = blank_run(text, at);
            if breaks > 1 {
                break;
            }
            out[len] = b' ';
            len += 1;
            at = end;
        } else {
            let folded = fold_char(c);
            let part = folded.as_bytes();
            let room = part.len().min(out.len() - len);
            out[len..len + room].copy_from_slice(&part[..room]);
            len += room;
            at += c.len_utf8();
        }
    }
    len
}

/// Folds backwards from `end` until `out` is full or the block ends, filling `out` from its end on, and answers how many bytes were made. `None` if
/// there is anything but ASCII on the way.
pub(crate) fn fold_back(text: &str, end: usize, out: &mut [u8]) -> Option<usize> {
    let bytes = text.as_bytes();
    let (mut at, mut free) = (end, out.len());
    while free > 0 && at > 0 {
        let b = bytes[at - 1];
        if b >= 0x80 {
            return None;
        }
        at -= 1;
        if is_blank_byte(b) {
            let mut breaks = usize::from(b == b'\n');
            while let Some(before) = at.checked_sub(1).map(|before| bytes[before]) {
                if before >= 0x80 {
                    return None;
                }
                if !is_blank_byte(before) || breaks > 1 || end - at > RUN_BYTES {
                    break;
                }
                breaks += usize::from(before == b'\n');
                at -= 1;
            }
            if breaks > 1 || end - at > RUN_BYTES {
                break;
            }
            out[free - 1] = b' ';
        } else {
            out[free - 1] = fold_ascii(b);
        }
        free -= 1;
    }
    Some(out.len() - free)
}
