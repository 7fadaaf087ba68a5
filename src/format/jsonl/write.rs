//! Puts changed stretches of text back into their line.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::ops::Range;

use super::{Record, Text, escape};

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
    splice(line, record, changes, out, put);
}

/// Writes what comes in as the text around it is written.
fn put(new: &str, style: &Style<'_>, out: &mut Vec<u8>) {
    // Only what is not ASCII can be written in two ways.
    let escapes = if new.is_ascii() {
        Escapes::None
    } else {
        style.escapes()
    };
    encode(new, escapes, out);
}

/// As [`write()`], with what is put in already spelled as the inside of a JSON string: for what stood in such a line before.
///
/// ```
/// use descale::format::jsonl::{Fields, write_spelled};
/// let line = br#"{"text":"a b"}"#;
/// let record = Fields::texts(["text"]).read(line)?;
/// let mut out = Vec::new();
/// write_spelled(line, &record, &[vec![(2..2, r"\/ ")]], &mut out);
/// assert_eq!(out, br#"{"text":"a \/ b"}"#);
/// # Ok::<(), descale::format::jsonl::RecordError>(())
/// ```
pub fn write_spelled(
    line: &[u8],
    record: &Record<'_>,
    changes: &[Vec<(Range<usize>, &str)>],
    out: &mut Vec<u8>,
) {
    splice(line, record, changes, out, |new, _, out| {
        out.extend_from_slice(new.as_bytes());
    });
}

/// Writes the line with changes; `put` writes what comes in, and may ask how the string is written.
fn splice(
    line: &[u8],
    record: &Record<'_>,
    changes: &[Vec<(Range<usize>, &str)>],
    out: &mut Vec<u8>,
    put: impl Fn(&str, &Style<'_>, &mut Vec<u8>),
) {
    let mut at = 0;
    for (text, changes) in record.texts.iter().zip(changes) {
        if changes.is_empty() {
            continue;
        }
        let Some(mut cursor) = Cursor::of(line, text) else {
            continue;
        };
        let style = Style::of(cursor.raw);
        for (range, new) in changes {
            let start = text.raw.start + cursor.seek(range.start);
            out.extend_from_slice(&line[at..start]);
            put(new, &style, out);
            at = text.raw.start + cursor.seek(range.end);
        }
    }
    out.extend_from_slice(&line[at..]);
}

/// Text as the inside of a JSON string, with no escape that JSON does not ask for.
///
/// ```
/// assert_eq!(descale::format::jsonl::spell("é \"a\"/\n"), r#"é \"a\"/\n"#);
/// ```
#[must_use]
pub fn spell(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    encode(text, Escapes::None, &mut out);
    // What was text is text: only whole characters were put in.
    String::from_utf8(out).unwrap_or_default()
}

/// How the line spells stretches of one of its texts, where that is not how [`spell`] does: sorted, disjoint, in bytes of the decoded text. Empty when
/// nothing in the text is escaped.
///
/// ```
/// use descale::format::jsonl::{Fields, odd_spellings};
/// let line = br#"{"text":"a\/b\nc"}"#;
/// let record = Fields::texts(["text"]).read(line)?;
/// assert_eq!(odd_spellings(line, &record.texts[0], [0..2, 3..5]), [Some(r"a\/"), None]);
/// # Ok::<(), descale::format::jsonl::RecordError>(())
/// ```
#[must_use]
pub fn odd_spellings<'l>(
    line: &'l [u8],
    text: &Text<'_>,
    ranges: impl IntoIterator<Item = Range<usize>>,
) -> Vec<Option<&'l str>> {
    let Some(mut cursor) = Cursor::of(line, text).filter(|cursor| !cursor.plain) else {
        return Vec::new();
    };
    let spellings = ranges.into_iter().map(|range| {
        let (start, end) = (cursor.seek(range.start), cursor.seek(range.end));
        let raw = std::str::from_utf8(cursor.raw.get(start..end)?).ok()?;
        (raw != spell(text.text.get(range)?)).then_some(raw)
    });
    spellings.collect()
}

/// How a string is written, found out when it is asked for: that takes a look at all of it.
struct Style<'l> {
    raw: &'l [u8],
    escapes: OnceCell<Escapes>,
}

impl<'l> Style<'l> {
    fn of(raw: &'l [u8]) -> Self {
        Self {
            raw,
            escapes: OnceCell::new(),
        }
    }

    fn escapes(&self) -> Escapes {
        *self.escapes.get_or_init(|| Escapes::of(self.raw))
    }
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
            if let Some(unit) = escape::unit(&raw[backslash..]) {
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

/// A place in a string, both as it stands in the line and as it reads. Moves forward only.
struct Cursor<'l> {
    raw: &'l [u8],
    /// Whether the two are the same.
    plain: bool,
    at: usize,
    decoded: usize,
}

impl<'l> Cursor<'l> {
    /// At the beginning of a text of the line.
    fn of(line: &'l [u8], text: &Text<'_>) -> Option<Self> {
        Some(Self {
            raw: line.get(text.raw.clone())?,
            plain: matches!(text.text, Cow::Borrowed(_)),
            at: 0,
            decoded: 0,
        })
    }

    /// Where the decoded byte `target` stands in the raw string.
    fn seek(&mut self, target: usize) -> usize {
        while self.decoded < target {
            let missing = target - self.decoded;
            let rest = &self.raw[self.at..];
            let next = match rest.first() {
                _ if self.plain => None,
                // Escapes come one after the other.
                Some(b'\\') => Some(0),
                _ => memchr::memchr(b'\\', rest),
            };
            let unescaped = next.unwrap_or(rest.len()).min(missing);
            self.at += unescaped;
            self.decoded += unescaped;
            if unescaped == missing || next.is_none() {
                break;
            }
            let (raw, decoded) = lengths(&self.raw[self.at..]);
            self.at += raw;
            self.decoded += decoded;
        }
        self.at
    }
}

/// How many bytes the escape has that `raw` begins with, and how many when read.
fn lengths(raw: &[u8]) -> (usize, usize) {
    match escape::unit(raw) {
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

#[cfg(test)]
mod tests {
    use super::*;

    /// All of a text is looked at for its style, so this must not be done for what is the same in every style, nor twice.
    #[test]
    fn the_style_is_found_out_only_when_it_matters() {
        let style = Style::of(br"caf\u00E9");
        let mut out = Vec::new();
        put("One.\n", &style, &mut out);
        assert!(style.escapes.get().is_none());
        put("\u{e9}", &style, &mut out);
        assert_eq!(style.escapes.get(), Some(&Escapes::Capital));
        assert_eq!(out, br"One.\n\u00E9");
    }
}
