//! One misread character: recognising it, and how sure that is.

use super::page;

/// The code page a text was misread in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Page {
    /// Windows-1252, mixed with Latin-1.
    Windows,
    /// Mac Roman.
    Mac,
}

impl Page {
    /// The byte above 0x7F that was read as `c`.
    pub(super) fn byte(self, c: char) -> Option<u8> {
        match self {
            Self::Windows => page::windows_byte(c),
            Self::Mac => page::mac_byte(c),
        }
    }
}

/// How sure it is that characters are a misread one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Sure {
    /// Natural text has it more often than broken text.
    No,
    /// Only where the same text holds one that is certain.
    InCompany,
    /// No natural text holds it.
    Yes,
}

/// Characters that are one character of UTF-8 read byte by byte.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sequence {
    /// Bytes it takes in the misread text.
    pub(super) len: usize,
    /// What was meant.
    pub(super) meant: char,
    /// How sure that is.
    pub(super) sure: Sure,
}

/// The sequence at the beginning of `text`, if the bytes behind its characters are one whole character of UTF-8. `prev` stands before it.
pub(super) fn sequence(page: Page, text: &str, prev: Option<char>) -> Option<Sequence> {
    let (count, meant, len, second) = decode(page, text)?;
    let next = text[len..].chars().next();
    let sure = match page {
        Page::Windows => match count {
            2 => windows_pair(meant, second, prev, next, text, len),
            3 => three(page, meant, second, text, len),
            _ if matches!(meant, '\u{1F000}'..='\u{1FAFF}') => Sure::Yes,
            _ => Sure::InCompany,
        },
        Page::Mac => match count {
            2 => mac_pair(meant, second, prev, next),
            3 => three(page, meant, second, text, len),
            _ => Sure::InCompany,
        },
    };
    Some(Sequence { len, meant, sure })
}

/// Bytes of UTF-8, the character, bytes of `text`, and the second character of `text`.
fn decode(page: Page, text: &str) -> Option<(usize, char, usize, char)> {
    let mut chars = text.chars();
    let first = chars.next()?;
    let lead = page.byte(first)?;
    let count = match lead {
        0xC2..=0xDF => 2,
        0xE0..=0xEF => 3,
        0xF0..=0xF4 => 4,
        _ => return None,
    };
    let mut bytes = [lead, 0, 0, 0];
    let mut len = first.len_utf8();
    let mut second = first;
    for (place, slot) in bytes[..count].iter_mut().enumerate().skip(1) {
        let c = chars.next()?;
        *slot = page.byte(c).filter(|byte| (0x80..0xC0).contains(byte))?;
        len += c.len_utf8();
        if place == 1 {
            second = c;
        }
    }
    let meant = std::str::from_utf8(&bytes[..count]).ok()?.chars().next()?;
    Some((count, meant, len, second))
}

/// Quotation marks, dashes and the like, which may follow a capital letter in natural text.
fn is_punctuation(c: char) -> bool {
    matches!(
        c,
        '“' | '”'
            | '„'
            | '‘'
            | '’'
            | '‚'
            | '…'
            | '–'
            | '—'
            | '«'
            | '»'
            | '‹'
            | '›'
            | '•'
            | '\u{A0}'
    )
}

fn is_control(c: char) -> bool {
    matches!(c, '\u{80}'..='\u{9F}')
}

fn windows_pair(
    meant: char,
    second: char,
    prev: Option<char>,
    next: Option<char>,
    text: &str,
    len: usize,
) -> Sure {
    let after_capital = prev.is_some_and(char::is_uppercase);
    let after_small = prev.is_some_and(char::is_lowercase);
    let before_small = next.is_some_and(char::is_lowercase);
    let before_letter = next.is_some_and(char::is_alphabetic);
    match text.chars().next() {
        // "â€" and friends inside a twice misread text: the control character proves it.
        Some('Â' | 'Ã') if is_control(second) => Sure::Yes,
        // "Â£5", "word.Â ": a natural Â stands in a word of capitals.
        Some('Â') if !after_capital => Sure::Yes,
        Some('Â') => Sure::InCompany,
        // "IRMÃ”": a Portuguese word of capitals may end in Ã, and a quotation mark may follow.
        Some('Ã') if is_punctuation(second) => {
            if after_small || (prev.is_none_or(|c| !c.is_alphabetic()) && before_letter) {
                Sure::Yes
            } else {
                Sure::InCompany
            }
        }
        Some('Ã') if matches!(second, '\u{AD}' | 'ª' | 'º' | '¡' | '¿' | '™' | '€') => {
            if after_small || before_small {
                Sure::Yes
            } else {
                Sure::InCompany
            }
        }
        Some('Ã') => Sure::Yes,
        // Central European letters. "Ä…" and "Å”" can be natural in German and the Nordic languages, but not after a small letter.
        Some('Å' | 'Ä') if meant.is_alphabetic() => {
            if after_small || (before_small && !is_punctuation(second)) {
                Sure::Yes
            } else {
                Sure::InCompany
            }
        }
        // Greek, Cyrillic, Hebrew, Arabic: one pair may be chance, three letters in a row are not.
        _ if meant.is_alphabetic() && row(Page::Windows, &text[len..], 2, 2) => Sure::Yes,
        _ if meant.is_alphabetic() => Sure::InCompany,
        _ => Sure::No,
    }
}

fn three(page: Page, meant: char, second: char, text: &str, len: usize) -> Sure {
    match meant {
        // "â€™": no language puts such characters side by side.
        '\u{2010}'..='\u{2044}' | '€' | '™' | '\u{2190}'..='\u{21FF}' | '\u{2500}'..='\u{27BF}' => {
            Sure::Yes
        }
        '\u{2000}'..='\u{200F}' | '\u{FEFF}' | '\u{FFFD}' => Sure::Yes,
        _ if is_control(second) && meant.is_alphabetic() => Sure::Yes,
        _ if meant.is_alphabetic() && row(page, &text[len..], 3, 1) => Sure::Yes,
        _ => Sure::InCompany,
    }
}

fn mac_pair(meant: char, second: char, prev: Option<char>, next: Option<char>) -> Sure {
    // "n√π" may be mathematics.
    let formula = matches!(second, 'π' | 'Ω' | '∞' | '∑' | '∂' | '∫' | '∏');
    let after_small = prev.is_some_and(char::is_lowercase);
    let before_small = next.is_some_and(char::is_lowercase);
    if !matches!(meant, 'À'..='ÿ') {
        Sure::InCompany
    } else if after_small
        && (before_small || (!formula && next.is_none_or(|c| !c.is_alphanumeric())))
    {
        Sure::Yes
    } else {
        Sure::InCompany
    }
}

/// Whether at least `least` sequences of `count` bytes, all letters, stand in a row.
fn row(page: Page, mut text: &str, count: usize, least: usize) -> bool {
    for _ in 0..least {
        match decode(page, text) {
            Some((bytes, meant, len, _)) if bytes == count && meant.is_alphabetic() => {
                text = &text[len..]
            }
            _ => return false,
        }
    }
    true
}
