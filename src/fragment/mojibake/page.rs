//! The two code pages that text is most often misread in, with the tables of `encoding_rs`. Its twin `page_off.rs` has the same functions.

use std::sync::LazyLock;

use encoding_rs::{Encoding, MACINTOSH, WINDOWS_1252};

/// A code page as the characters of its upper half.
type Upper = [char; 128];

static WINDOWS_UPPER: LazyLock<Upper> = LazyLock::new(|| upper(WINDOWS_1252));
static MAC_UPPER: LazyLock<Upper> = LazyLock::new(|| upper(MACINTOSH));

fn upper(page: &'static Encoding) -> Upper {
    std::array::from_fn(|place| {
        let byte = [0x80 + place as u8];
        let (text, _) = page.decode_without_bom_handling(&byte);
        text.chars().next().unwrap_or('\u{FFFD}')
    })
}

fn place(upper: &Upper, c: char) -> Option<u8> {
    upper
        .iter()
        .position(|known| *known == c)
        .map(|place| 0x80 + place as u8)
}

/// The byte of the upper half that is read as `c` in Windows-1252; characters up to U+00FF that it does not have stand for themselves,
/// as in Latin-1, because the two are mixed in one text.
pub(super) fn windows_byte(c: char) -> Option<u8> {
    match u32::from(c) {
        0..0x80 => None,
        low @ 0x80..0x100 => Some(low as u8),
        _ => place(&WINDOWS_UPPER, c),
    }
}

/// The byte of the upper half that is read as `c` in Mac Roman.
pub(super) fn mac_byte(c: char) -> Option<u8> {
    (!c.is_ascii()).then(|| place(&MAC_UPPER, c)).flatten()
}

/// What Windows-1252 has at a byte of the upper half.
pub(in crate::fragment) fn windows_char(byte: u8) -> Option<char> {
    WINDOWS_UPPER
        .get(usize::from(byte.checked_sub(0x80)?))
        .copied()
}
