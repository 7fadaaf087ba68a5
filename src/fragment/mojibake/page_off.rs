//! The twin of `page.rs` for builds without the feature `encoding`: knows Latin-1 alone, so most mojibake is not seen.

/// The byte that is read as `c` in Latin-1.
pub(super) fn windows_byte(c: char) -> Option<u8> {
    match u32::from(c) {
        low @ 0x80..0x100 => Some(low as u8),
        _ => None,
    }
}

/// Not known without tables.
pub(super) fn mac_byte(_: char) -> Option<u8> {
    None
}

/// Not known without tables.
pub(in crate::fragment) fn windows_char(_: u8) -> Option<char> {
    None
}
