//! Text and folded literals compared without folding the text: what is met, and how far back it reaches.

use super::{fold_ascii, fold_char, fold_word, is_blank, is_blank_byte, is_ignorable};

/// The most bytes of a run of blanks that stand for one blank; a longer run is a border, so that matching stays linear in the text.
pub(super) const RUN_BYTES: usize = 512;

/// The end of the run of blanks that begins at `at`, and how many line breaks it holds. Ignorable characters inside belong to it. A run of more than
/// 512 bytes is cut there and counts as one with many breaks.
pub(crate) fn blank_run(text: &str, at: usize) -> (usize, usize) {
    let bytes = text.as_bytes();
    let (mut end, mut breaks) = (at, 0);
    while end < bytes.len() {
        let byte = bytes[end];
        if is_blank_byte(byte) {
            breaks += usize::from(byte == b'\n');
            end += 1;
        } else if byte < 0x80 {
            break;
        } else {
            let c = char_at(text, end);
            if !is_blank(c) && !is_ignorable(c) {
                break;
            }
            end += c.len_utf8();
        }
        if end - at > RUN_BYTES {
            return (end, usize::MAX);
        }
    }
    (end, breaks)
}

/// The character at a boundary inside the text.
#[inline]
pub(crate) fn char_at(text: &str, at: usize) -> char {
    text[at..].chars().next().unwrap_or('\0')
}

/// Whether the text at `start` can begin with `literal`: one look at the first byte, for refusing most places cheaply.
#[inline]
pub(crate) fn may_begin(text: &str, start: usize, literal: &[u8]) -> bool {
    match (text.as_bytes().get(start), literal.first()) {
        (Some(&b), Some(&first)) => b >= 0x80 || is_blank_byte(b) || fold_ascii(b) == first,
        _ => false,
    }
}

/// Whether a byte is ASCII and no blank; so is the text's end.
#[inline]
fn is_plain(byte: Option<&u8>) -> bool {
    byte.is_none_or(|&b| b < 0x80 && !is_blank_byte(b))
}

/// Whether eight bytes of a text, all ASCII, are those of a folded literal but for capitals. Some that fold to it are not told.
#[inline]
fn same_word(word: u64, wanted: u64) -> bool {
    const ONES: u64 = u64::MAX / 255;
    const TOPS: u64 = ONES << 7;
    const CASE: u64 = ONES * 0x20;
    let differs = word ^ wanted;
    if (word & TOPS) | (differs & !CASE) != 0 {
        return false;
    }
    // Both are ASCII: adding makes the eighth bit say "at least" (Warren, Hacker's Delight, 6-1).
    let at_least = |byte: u8| wanted + ONES * u64::from(0x80 - byte);
    (differs << 2) & !(at_least(b'a') & !at_least(b'z' + 1)) == 0
}

/// Matches the folded `literal` at `start` of `text` and answers where the match ends. A blank of the literal stands for a run of
/// blanks with at most one line break.
pub(crate) fn match_literal(text: &str, start: usize, literal: &[u8]) -> Option<usize> {
    let bytes = text.as_bytes();
    let (mut at, mut met) = (start, 0);
    while met < literal.len() {
        // Plain text is compared eight bytes at a time.
        if let (Some(wanted), Some(word)) = (
            literal[met..].first_chunk::<8>(),
            bytes.get(at..).and_then(<[u8]>::first_chunk::<8>),
        ) {
            let (wanted, word) = (u64::from_le_bytes(*wanted), u64::from_le_bytes(*word));
            if same_word(word, wanted)
                && (word >> 56 != u64::from(b' ') || is_plain(bytes.get(at + 8)))
            {
                (at, met) = (at + 8, met + 8);
                continue;
            }
            let next = bytes.get(at + 8).copied().unwrap_or(b' ');
            let (folded, stop) = fold_word(word, next);
            let count = (stop.trailing_zeros() / 8) as usize;
            let differs = folded ^ wanted;
            if (differs.trailing_zeros() / 8) < count as u32 {
                return None;
            }
            at += count;
            met += count;
            if count == 8 {
                continue;
            }
        }
        let byte = *bytes.get(at)?;
        if byte < 0x80 && !is_blank_byte(byte) {
            if fold_ascii(byte) != literal[met] {
                return None;
            }
            at += 1;
            met += 1;
            continue;
        }
        if byte == b' ' && is_plain(bytes.get(at + 1)) {
            if literal[met] != b' ' {
                return None;
            }
            at += 1;
            met += 1;
            continue;
        }
        let c = char_at(text, at);
        if is_blank(c) {
            let (end, breaks) = blank_run(text, at);
            if literal[met] != b' ' || breaks > 1 {
                return None;
            }
            at = end;
            met += 1;
        } else {
            let folded = fold_char(c);
            if !literal[met..].starts_with(folded.as_bytes()) {
                return None;
            }
            met += folded.as_bytes().len();
            at += c.len_utf8();
        }
    }
    // Marks that belong to the last letter go with it.
    if bytes.get(at).is_none_or(|&b| b < 0x80) {
        return Some(at);
    }
    while let Some(c) = text[at..].chars().next().filter(|&c| is_ignorable(c)) {
        at += c.len_utf8();
    }
    Some(at)
}

/// Goes back from `at` over as much text as folds to `count` bytes, and answers where that text begins. `None` if the text or a character ends otherwise,
/// or if `at` is inside a character.
pub(crate) fn back_up(text: &str, mut at: usize, mut count: usize) -> Option<usize> {
    while count > 0 {
        let c = text.get(..at)?.chars().next_back()?;
        at -= c.len_utf8();
        if is_blank(c) {
            // A run of blanks is one byte; ignorable characters inside it go with it.
            let mut start = at;
            for before in text[..at].chars().rev().take(RUN_BYTES) {
                if !is_blank(before) && !is_ignorable(before) {
                    break;
                }
                start -= before.len_utf8();
                if is_blank(before) {
                    at = start;
                }
            }
            count -= 1;
        } else {
            count = count.checked_sub(fold_char(c).as_bytes().len())?;
        }
    }
    text.is_char_boundary(at).then_some(at)
}
