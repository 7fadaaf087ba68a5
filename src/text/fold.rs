//! The one folding. Compiler and scanner use the same functions, so a template and a text are equal here or nowhere.
//!
//! Folding works character by character and knows no context, except that a run of blanks becomes one blank. That is what makes
//! it possible to fold any stretch of a text on its own and get the same bytes as when the whole text is folded.
//!
//! A character becomes: nothing (zero-width characters, soft hyphens, accents and other marks that only vary spelling), or the compatibility
//! decomposition of its small letter ([Unicode Standard Annex 15](https://www.unicode.org/reports/tr15/)) without such marks. Beyond Unicode's tables: quotation marks,
//! apostrophes and dashes become their ASCII forms, and Cyrillic and Greek letters that look like Latin ones become those, because
//! publishers mix alphabets on purpose to get past ad blockers ("Peклама").

use std::sync::LazyLock;

use unicode_normalization::char::decompose_compatible;

/// Raised with every change of folding; a compiled database of another version is refused.
pub(crate) const FOLD_VERSION: u16 = 1;

/// The byte that stands for the border of a block (a run of blanks with two line breaks or more) in a folded stream. No folded literal holds it.
pub(crate) const BORDER: u8 = b'\n';

/// Whether `c` counts as a blank.
#[inline]
pub(crate) fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t'..='\r') || (c > '\u{7f}' && c.is_whitespace())
}

/// Whether the ASCII byte `b` counts as a blank.
#[inline]
pub(crate) fn is_blank_byte(b: u8) -> bool {
    b == b' ' || b.wrapping_sub(b'\t') < 5
}

/// Whether `c` is skipped wherever it stands: zero-width and direction characters, soft hyphens, tatweel, and marks that only vary a spelling.
pub(crate) fn is_ignorable(c: char) -> bool {
    if c < '\u{ad}' {
        return false;
    }
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{640}' | '\u{180e}' | '\u{feff}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{206f}'
        // Latin, Greek and Cyrillic combining marks.
        | '\u{300}'..='\u{34e}' | '\u{350}'..='\u{36f}' | '\u{483}'..='\u{487}'
        | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}'
        // Variation selectors.
        | '\u{fe00}'..='\u{fe0f}'
        // Hebrew points; Arabic vowel signs and the hamza that decomposition splits off.
        | '\u{591}'..='\u{5bd}' | '\u{5bf}' | '\u{5c1}' | '\u{5c2}' | '\u{5c4}' | '\u{5c5}' | '\u{5c7}'
        | '\u{610}'..='\u{61a}' | '\u{64b}'..='\u{65f}' | '\u{670}' | '\u{6d6}'..='\u{6dc}' | '\u{6df}'..='\u{6e4}'
        | '\u{6e7}' | '\u{6e8}' | '\u{6ea}'..='\u{6ed}'
        // Indic nukta.
        | '\u{93c}' | '\u{9bc}' | '\u{a3c}' | '\u{abc}' | '\u{b3c}' | '\u{cbc}')
}

/// The folded form of a single character: at most a few bytes, possibly none.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct FoldedChar {
    bytes: [u8; Self::CAPACITY],
    len: u8,
}

impl FoldedChar {
    /// Room for the longest folding that is kept (18 Arabic letters stand behind U+FDFA; longer ones stay as they are).
    const CAPACITY: usize = 15;

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }

    fn push(&mut self, c: char) -> bool {
        let at = usize::from(self.len);
        if at + c.len_utf8() > Self::CAPACITY {
            return false;
        }
        c.encode_utf8(&mut self.bytes[at..]);
        self.len += c.len_utf8() as u8;
        true
    }

    fn of(c: char) -> Self {
        let mut folded = Self::default();
        folded.push(c);
        folded
    }
}

/// Folded forms of U+0080..U+0800, which hold most non-ASCII letters of European and Semitic text, computed once.
static TWO_BYTE: LazyLock<Vec<FoldedChar>> = LazyLock::new(|| {
    (0x80..0x800)
        .map(|c| compute(char::from_u32(c).unwrap_or(' ')))
        .collect()
});

/// Folded forms of U+2000..U+2070: quotation marks, dashes, blanks.
static PUNCTUATION: LazyLock<Vec<FoldedChar>> = LazyLock::new(|| {
    (0x2000..0x2070)
        .map(|c| compute(char::from_u32(c).unwrap_or(' ')))
        .collect()
});

/// Folds one character that is no blank.
#[inline]
pub(crate) fn fold_char(c: char) -> FoldedChar {
    match c as u32 {
        0..0x80 => FoldedChar::of(fold_ascii(c as u8) as char),
        0x80..0x800 => TWO_BYTE[c as usize - 0x80],
        0x2000..0x2070 => PUNCTUATION[c as usize - 0x2000],
        // Han ideographs without a compatibility form fold to themselves.
        0x4e00..0xa000 => FoldedChar::of(c),
        _ => compute(c),
    }
}

/// Folds one ASCII byte that is no blank.
#[inline]
pub(crate) fn fold_ascii(b: u8) -> u8 {
    if b == b'`' {
        b'\''
    } else {
        b.to_ascii_lowercase()
    }
}

fn compute(c: char) -> FoldedChar {
    let mut folded = FoldedChar::default();
    if is_ignorable(c) {
        return folded;
    }
    if let Some(plain) = punctuation(c) {
        return FoldedChar::of(plain);
    }
    let mut fits = true;
    decompose_compatible(c, |part| {
        for small in part.to_lowercase() {
            // A small letter may itself decompose (the dot of Turkish capital I).
            decompose_compatible(small, |letter| {
                if is_ignorable(letter) {
                    return;
                }
                let letter = punctuation(letter).unwrap_or_else(|| lookalike(letter));
                if letter == 'ß' {
                    fits &= folded.push('s') && folded.push('s');
                } else {
                    fits &= folded.push(letter);
                }
            });
        }
    });
    // U+FDFA and its kind: far longer than what any template holds; they stand for themselves.
    if fits { folded } else { FoldedChar::of(c) }
}

fn punctuation(c: char) -> Option<char> {
    Some(match c {
        '`'
        | '\u{b4}'
        | '\u{2018}'..='\u{201b}'
        | '\u{2032}'
        | '\u{2039}'
        | '\u{203a}'
        | '\u{2bb}'..='\u{2bd}'
        | '\u{ff07}' => '\'',
        '\u{201c}'..='\u{201f}'
        | '\u{ab}'
        | '\u{bb}'
        | '\u{2033}'
        | '\u{300c}'..='\u{300f}'
        | '\u{301d}'..='\u{301f}'
        | '\u{ff02}' => '"',
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}' => '-',
        _ => return None,
    })
}

/// One letter for letters that look alike or are spelling variants of each other.
fn lookalike(c: char) -> char {
    match c {
        'а' | 'α' => 'a',
        'в' | 'β' => 'b',
        'с' => 'c',
        'е' | 'ε' => 'e',
        'н' | 'η' => 'h',
        'і' | 'ι' | 'ı' => 'i',
        'ј' => 'j',
        'к' | 'κ' => 'k',
        'м' | 'μ' => 'm',
        'ν' => 'n',
        'о' | 'ο' => 'o',
        'р' | 'ρ' => 'p',
        'ѕ' => 's',
        'т' | 'τ' => 't',
        'х' | 'χ' => 'x',
        'у' | 'υ' => 'y',
        'ζ' => 'z',
        'ς' => 'σ',
        // Persian and Arabic keyboards print different code points for kaf and yeh.
        'ك' => 'ک',
        'ي' | 'ى' => 'ی',
        _ => c,
    }
}

/// The most bytes of a run of blanks that stand for one blank; a longer run is a border, so that matching stays linear in the text.
const RUN_BYTES: usize = 512;

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
            let next = bytes.get(at + 8).copied().unwrap_or(b' ');
            let (folded, stop) = fold_word(u64::from_le_bytes(*word), next);
            let count = (stop.trailing_zeros() / 8) as usize;
            let differs = folded ^ u64::from_le_bytes(*wanted);
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

/// Folds a whole string: blanks trimmed at both ends and reduced to one between words.
///
/// ```
/// assert_eq!(descale::fold("  Lire  AUSSI\u{a0}: “Été”  "), "lire aussi : \"ete\"");
/// ```
#[must_use]
pub fn fold(text: &str) -> String {
    let mut folded = Vec::with_capacity(text.len());
    let mut blank = false;
    for c in text.chars() {
        if is_blank(c) {
            blank = !folded.is_empty();
            continue;
        }
        let piece = fold_char(c);
        if blank && !piece.as_bytes().is_empty() {
            folded.push(b' ');
            blank = false;
        }
        folded.extend_from_slice(piece.as_bytes());
    }
    String::from_utf8(folded).unwrap_or_default()
}

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
static GENERAL_PUNCTUATION: [u8; 64] = {
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn spelling_variants_are_equal() {
        for (a, b) in [
            ("Straße", "STRASSE"),
            ("ΔΙΑΒΑΣΤΕ", "Διαβάστε"),
            ("İLGİLİ HABERLER", "ilgili haberler"),
            ("ILGILI", "ılgılı"),
            ("Peклама", "реклама"),
            ("PEKЛAМA", "Реклама"),
            ("أيضا", "أيضًا"),
            ("اقرأ", "إقرأ"),
            ("পড়ুন", "পড\u{9bc}ুন"),
            ("Helikopter\u{ad}landeplatz", "Helikopterlandeplatz"),
            ("ｽﾎﾟﾝｻｰ", "スポンサー"),
            ("Read more…", "read more..."),
            ("Don’t  miss", "DON'T\u{a0}MISS"),
            ("é", "e\u{301}"),
            ("ﬁle", "FILE"),
        ] {
            assert_eq!(fold(a), fold(b), "{a} and {b}");
        }
    }

    #[test]
    fn different_words_stay_different() {
        for (a, b) in [
            ("no", "on"),
            ("été", "eta"),
            ("реклама", "рекламы"),
            ("か", "が"),
        ] {
            assert_ne!(fold(a), fold(b), "{a} and {b}");
        }
    }

    #[test]
    fn a_literal_is_met_across_one_line_break_only() {
        let literal = fold("story continues below");
        for (text, met) in [
            ("Story continues below", true),
            ("STORY\u{a0}CONTINUES\r\n below", true),
            ("Story con\u{ad}tinues \u{200b} below", true),
            ("Story continues\n\nbelow", false),
            ("Storycontinues below", false),
        ] {
            assert_eq!(
                match_literal(text, 0, literal.as_bytes()),
                met.then_some(text.len()),
                "{text:?}"
            );
        }
    }

    #[test]
    fn the_short_table_agrees_with_the_folding() {
        for (at, &byte) in GENERAL_PUNCTUATION
            .iter()
            .enumerate()
            .filter(|(_, byte)| **byte != 0)
        {
            let c = char::from_u32(0x2000 + at as u32).unwrap();
            assert_eq!(fold_char(c).as_bytes(), [byte], "{c:?}");
        }
    }

    #[test]
    fn folding_borders_blocks() {
        let mut buffer = FoldBuffer::default();
        let text = "One  two\n \nThree";
        buffer.fold(text, 0, text.len());
        assert_eq!(buffer.bytes, b"one two\nthree");
        assert_eq!(buffer.original(8), text.find("Three").unwrap());
        assert_eq!(buffer.original(4), 5);
    }

    proptest! {
        #[test]
        fn folded_offsets_lead_back(text in "[a-cA-C \n\u{a0}\u{ad}é“—ﬁİ가]{0,60}") {
            let mut buffer = FoldBuffer::default();
            buffer.fold(&text, 0, text.len());
            // Every folded byte leads to the character that made it.
            for (offset, &byte) in buffer.bytes.iter().enumerate() {
                let original = buffer.original(offset);
                prop_assert!(text.is_char_boundary(original));
                let c = char_at(&text, original);
                if byte == b' ' || byte == BORDER {
                    prop_assert!(is_blank(c), "{text:?} {offset} {c:?}");
                } else {
                    prop_assert!(fold_char(c).as_bytes().contains(&byte), "{text:?} {offset} {c:?}");
                }
            }
            prop_assert_eq!(buffer.original(buffer.bytes.len()), text.len());
        }

        #[test]
        fn folding_backwards_agrees(text in "[a-cA-C `\\n\t]{0,40}", room in 1..20usize) {
            let mut out = vec![0; room];
            let len = fold_back(&text, text.len(), &mut out).unwrap();
            let mut buffer = FoldBuffer::default();
            buffer.fold(&text, 0, text.len());
            let block = buffer.bytes.rsplit(|&byte| byte == BORDER).next().unwrap_or_default();
            prop_assert_eq!(&out[room - len..], &block[block.len() - block.len().min(room)..], "{:?}", text);
        }

        #[test]
        fn going_back_undoes_folding(text in "[a-cA-C é“—ﬁ가\u{ad}]{1,40}") {
            let mut buffer = FoldBuffer::default();
            buffer.fold(&text, 0, text.len());
            for (offset, byte) in buffer.bytes.iter().enumerate() {
                let begins = offset == 0 || buffer.original(offset) != buffer.original(offset - 1);
                if begins && *byte != b' ' {
                    let back = buffer.bytes.len() - offset;
                    if buffer.bytes[offset..].iter().all(|&b| b != BORDER) {
                        prop_assert_eq!(back_up(&text, text.len(), back), Some(buffer.original(offset)), "{:?} {}", text, offset);
                    }
                }
            }
        }

        #[test]
        fn a_folded_text_matches_itself(text in "[a-cA-C é“—ﬁ가]{1,40}") {
            let trimmed = text.trim();
            let folded = fold(trimmed);
            prop_assert_eq!(match_literal(trimmed, 0, folded.as_bytes()), Some(trimmed.len()));
        }
    }
}
