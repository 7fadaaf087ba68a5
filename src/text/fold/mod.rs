//! The one folding. Compiler and scanner use the same functions, so a template and a text are equal here or nowhere.
//!
//! Folding works character by character and knows no context, except that a run of blanks becomes one blank. That is what makes
//! it possible to fold any stretch of a text on its own and get the same bytes as when the whole text is folded.
//!
//! A character becomes: nothing (zero-width characters, soft hyphens, accents and other marks that only vary spelling), or the compatibility
//! decomposition of its small letter ([Unicode Standard Annex 15](https://www.unicode.org/reports/tr15/)) without such marks. Beyond Unicode's tables: quotation marks,
//! apostrophes and dashes become their ASCII forms, and Cyrillic and Greek letters that look like Latin ones become those, because
//! publishers mix alphabets on purpose to get past ad blockers ("Peклама").

mod compare;
mod stretch;
#[cfg(test)]
mod tests;
mod words;

use std::sync::LazyLock;

use unicode_normalization::char::decompose_compatible;

pub(crate) use compare::{back_up, blank_run, char_at, match_literal, may_begin};
pub(crate) use stretch::{FoldBuffer, fold_back, fold_prefix, fold_word};
pub(crate) use words::{Folded, SIXTEEN, fold_sixteen};

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

/// Folded forms of U+2000..U+2200: quotation marks, dashes, blanks, and signs that broken text is full of ("€", "™").
static PUNCTUATION: LazyLock<Vec<FoldedChar>> = LazyLock::new(|| {
    (0x2000..0x2200)
        .map(|c| compute(char::from_u32(c).unwrap_or(' ')))
        .collect()
});

/// Folded forms of U+3000..U+3100: marks of East Asian text, and kana.
static KANA: LazyLock<Vec<FoldedChar>> = LazyLock::new(|| {
    (0x3000..0x3100)
        .map(|c| compute(char::from_u32(c).unwrap_or(' ')))
        .collect()
});

/// Folds one character that is no blank.
#[inline]
pub(crate) fn fold_char(c: char) -> FoldedChar {
    match c as u32 {
        0..0x80 => FoldedChar::of(fold_ascii(c as u8) as char),
        0x80..0x800 => TWO_BYTE[c as usize - 0x80],
        0x2000..0x2200 => PUNCTUATION[c as usize - 0x2000],
        0x3000..0x3100 => KANA[c as usize - 0x3000],
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
