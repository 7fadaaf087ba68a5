//! Escapes in JSON strings: how long one is, and what it stands for.

/// The value of each hexadecimal digit; what is none has a high bit.
const DIGITS: [u8; 256] = {
    let mut digits = [0x80; 256];
    let mut value = 0;
    while value < 16 {
        let digit = b"0123456789abcdef"[value as usize];
        digits[digit as usize] = value;
        digits[digit.to_ascii_uppercase() as usize] = value;
        value += 1;
    }
    digits
};

/// What a backslash and this byte stand for; nothing where it is `u`, or no escape.
const SHORT: [u8; 256] = {
    let mut short = [0; 256];
    short[b'"' as usize] = b'"';
    short[b'\\' as usize] = b'\\';
    short[b'/' as usize] = b'/';
    short[b'b' as usize] = 8;
    short[b'f' as usize] = 12;
    short[b'n' as usize] = b'\n';
    short[b'r' as usize] = b'\r';
    short[b't' as usize] = b'\t';
    short
};

/// The code unit of the `\u` escape that `bytes` begin with.
pub(super) fn unit(bytes: &[u8]) -> Option<u32> {
    let &[b'\\', b'u', a, b, c, d, ..] = bytes else {
        return None;
    };
    let [a, b, c, d] = [a, b, c, d].map(|digit| DIGITS[usize::from(digit)]);
    if (a | b | c | d) & 0x80 != 0 {
        return None;
    }
    Some(u32::from(a) << 12 | u32::from(b) << 8 | u32::from(c) << 4 | u32::from(d))
}

/// How long the escape is that `bytes` begin with. A surrogate without its other half is one as well here.
pub(super) fn length(bytes: &[u8]) -> Option<usize> {
    match *bytes.get(1)? {
        b'u' => unit(bytes).map(|_| 6),
        byte => (SHORT[usize::from(byte)] != 0).then_some(2),
    }
}

/// The character that the escape stands for which `bytes` begin with, and how long the escape is: the halves of a surrogate pair are one.
pub(super) fn character(bytes: &[u8]) -> Option<(char, usize)> {
    let byte = *bytes.get(1)?;
    if byte != b'u' {
        let short = SHORT[usize::from(byte)];
        return (short != 0).then_some((char::from(short), 2));
    }
    let unit_here = unit(bytes)?;
    if let Some(c) = char::from_u32(unit_here) {
        return Some((c, 6));
    }
    let low = unit(&bytes[6..])?;
    if !(0xd800..0xdc00).contains(&unit_here) || !(0xdc00..0xe000).contains(&low) {
        return None;
    }
    let c = char::from_u32(0x1_0000 + ((unit_here - 0xd800) << 10) + (low - 0xdc00))?;
    Some((c, 12))
}

/// What the inside of a string reads as.
pub(super) fn decode(raw: &str) -> Option<String> {
    let bytes = raw.as_bytes();
    // The longest that it can become.
    let mut text = String::with_capacity(raw.len());
    let mut from = 0;
    while let Some(found) = memchr::memchr(b'\\', &bytes[from..]) {
        let mut at = from + found;
        text.push_str(&raw[from..at]);
        // Escapes come one after the other: two line breaks, the letters of another script.
        while bytes.get(at) == Some(&b'\\') {
            let (c, length) = character(&bytes[at..])?;
            text.push(c);
            at += length;
        }
        from = at;
    }
    text.push_str(&raw[from..]);
    if text.len() < text.capacity() / 2 {
        text.shrink_to_fit();
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_read_as_serde_json_reads_them() {
        for escape in [
            r#"\""#,
            r"\\",
            r"\/",
            r"\b",
            r"\f",
            r"\n",
            r"\r",
            r"\t",
            r"\u0000",
            r"\u00e9",
            r"\u00E9",
            r"\u201c",
            r"\uffff",
            r"\ud83d\ude00",
            r"\x",
            r"\ud83d",
            r"\ude00",
            r"\ud83d\n",
            r"\u12",
            r"\u12g4",
            r"\u+123",
            r"\",
            r"\ud83d\ud83d",
            "\\\u{e9}",
        ] {
            let read: Option<String> = serde_json::from_str(&format!("\"{escape}\"")).ok();
            let own = character(escape.as_bytes());
            assert_eq!(own.map(|(c, _)| c.to_string()), read, "{escape}");
            assert!(
                own.is_none_or(|(_, length)| length == escape.len()),
                "{escape}"
            );
        }
        assert_eq!(length(br"\ud83d"), Some(6));
        assert_eq!(length(br"\n1"), Some(2));
        assert_eq!(length(br"\u00e"), None);
        assert_eq!(unit(br"\n0041"), None);
    }
}
