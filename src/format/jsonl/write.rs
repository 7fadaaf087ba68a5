//! Puts changed stretches of text back into their line.

use std::borrow::Cow;
use std::ops::Range;

use super::Record;

/// Writes the line with changes in its texts; all other bytes stay. `changes` holds, for each of the record's texts in order, what becomes of
/// which bytes of the decoded text: sorted, disjoint, on character boundaries.
///
/// What is put in is written as the text around it is: with `\u` escapes for what is not ASCII if the text has such escapes and nothing
/// beyond ASCII, else as it is.
///
/// ```
/// use descale::format::jsonl::{Fields, write};
/// let line = br#"{ "n":1.50, "text":"caf\u00e9 \/ b" }"#;
/// let record = Fields::texts(["text"]).read(line)?;
/// let mut out = Vec::new();
/// write(line, &record, &[vec![(8..9, "é")]], &mut out);
/// assert_eq!(out, br#"{ "n":1.50, "text":"caf\u00e9 \/ \u00e9" }"#);
/// # Ok::<(), descale::format::jsonl::RecordError>(())
/// ```
pub fn write(
    line: &[u8],
    record: &Record<'_>,
    changes: &[Vec<(Range<usize>, &str)>],
    out: &mut Vec<u8>,
) {
    let mut at = 0;
    for (text, changes) in record.texts.iter().zip(changes) {
        if changes.is_empty() {
            continue;
        }
        let Some(raw) = line.get(text.raw.clone()) else {
            continue;
        };
        let escapes = Escapes::of(raw);
        let mut cursor = Cursor {
            raw,
            plain: matches!(text.text, Cow::Borrowed(_)),
            at: 0,
            decoded: 0,
        };
        for (range, new) in changes {
            let start = text.raw.start + cursor.seek(range.start);
            out.extend_from_slice(&line[at..start]);
            encode(new, escapes, out);
            at = text.raw.start + cursor.seek(range.end);
        }
    }
    out.extend_from_slice(&line[at..]);
}

/// How a string writes characters beyond ASCII.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Escapes {
    /// As they are.
    None,
    /// `\u00e9`
    Small,
    /// `\u00E9`
    Capital,
}

impl Escapes {
    fn of(raw: &[u8]) -> Self {
        if !raw.is_ascii() {
            return Self::None;
        }
        let (mut found, mut capital) = (false, false);
        let mut at = 0;
        while let Some(backslash) = memchr::memchr(b'\\', &raw[at..]).map(|found| at + found) {
            if let Some(unit) = unit(raw, backslash) {
                found |= unit >= 0x80;
                capital |= raw[backslash + 2..backslash + 6]
                    .iter()
                    .any(u8::is_ascii_uppercase);
            }
            at = (backslash + 2).min(raw.len());
        }
        match (found, capital) {
            (false, _) => Self::None,
            (true, false) => Self::Small,
            (true, true) => Self::Capital,
        }
    }
}

/// The code unit of a `\u` escape at `at`.
fn unit(raw: &[u8], at: usize) -> Option<u32> {
    let digits = raw.get(at..)?.strip_prefix(b"\\u")?.get(..4)?;
    u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

/// A place in a string, both as it stands in the line and as it reads. Moves forward only.
struct Cursor<'l> {
    raw: &'l [u8],
    /// Whether the two are the same.
    plain: bool,
    at: usize,
    decoded: usize,
}

impl Cursor<'_> {
    /// Where the decoded byte `target` stands in the raw string.
    fn seek(&mut self, target: usize) -> usize {
        while self.decoded < target {
            let missing = target - self.decoded;
            let rest = &self.raw[self.at..];
            let next = if self.plain {
                None
            } else {
                memchr::memchr(b'\\', rest)
            };
            let unescaped = next.unwrap_or(rest.len()).min(missing);
            self.at += unescaped;
            self.decoded += unescaped;
            if unescaped == missing || next.is_none() {
                break;
            }
            let (raw, decoded) = escape(self.raw, self.at);
            self.at += raw;
            self.decoded += decoded;
        }
        self.at
    }
}

/// How many bytes the escape at `at` has in the line, and how many when read.
fn escape(raw: &[u8], at: usize) -> (usize, usize) {
    match unit(raw, at) {
        None => (2, 1),
        // A high surrogate: the string was read without error, so the low one follows.
        Some(0xd800..=0xdbff) => (12, 4),
        Some(unit) => (6, char::from_u32(unit).map_or(3, char::len_utf8)),
    }
}

/// Writes the inside of a JSON string.
pub(super) fn encode(text: &str, escapes: Escapes, out: &mut Vec<u8>) {
    for c in text.chars() {
        match c {
            '"' => out.extend_from_slice(b"\\\""),
            '\\' => out.extend_from_slice(b"\\\\"),
            '\n' => out.extend_from_slice(b"\\n"),
            '\r' => out.extend_from_slice(b"\\r"),
            '\t' => out.extend_from_slice(b"\\t"),
            '\0'..='\u{1f}' => out.extend_from_slice(format!("\\u{:04x}", u32::from(c)).as_bytes()),
            ' '..='\u{7f}' => out.push(c as u8),
            _ if escapes == Escapes::None => {
                out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes())
            }
            _ => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    let digits = if escapes == Escapes::Capital {
                        format!("\\u{unit:04X}")
                    } else {
                        format!("\\u{unit:04x}")
                    };
                    out.extend_from_slice(digits.as_bytes());
                }
            }
        }
    }
}
