//! Reads well-formed lines in one walk that copies the wanted values and steps over all others.
//!
//! It answers only where it is sure that the full reader accepts the line and answers the same. Whatever is odd (a fault, a control
//! character, an escape in a key, deep nesting) is left to the full reader, which also says what is wrong and where. `tests.rs` holds
//! the two against each other.

use std::borrow::Cow;
use std::ops::Range;

use super::{ARRAYS, Fields, Node, Record, Role, Text, escape};

/// Values inside values are followed so deep; records are flatter.
const DEPTH: usize = 32;

/// The record of a line, or `None` if the full reader must look at it.
pub(super) fn skim<'l>(fields: &Fields, line: &'l [u8]) -> Option<Record<'l>> {
    let body = line.strip_suffix(b"\n").unwrap_or(line);
    let body = body.strip_suffix(b"\r").unwrap_or(body);
    let (least, ors) = bounds(body);
    // Inside strings they are faults, outside of them blanks that hardly anybody writes. Looked for here, at the speed of reading, they
    // need not be looked for below.
    if least < b' ' {
        return None;
    }
    let mut skimmer = Skimmer {
        line: body,
        text: if ors.is_ascii() {
            None
        } else {
            Some(simdutf8::basic::from_utf8(body).ok()?)
        },
        at: 0,
        record: Record {
            texts: Vec::with_capacity(fields.names.texts.len()),
            site: None,
            title: None,
            id: None,
            lang: None,
        },
        seen: false,
    };
    skimmer.object(Some(&fields.root), DEPTH)?;
    skimmer.blanks();
    (skimmer.at == body.len() && skimmer.seen).then_some(skimmer.record)
}

/// The least of the bytes, and all their bits together. Without a branch in the chunk, so that the compiler can use wide registers.
fn bounds(bytes: &[u8]) -> (u8, u8) {
    bytes.chunks(256).fold((u8::MAX, 0), |bounds, chunk| {
        let together = |(least, ors): (u8, u8), byte: &u8| (least.min(*byte), ors | *byte);
        chunk.iter().fold(bounds, together)
    })
}

struct Skimmer<'l> {
    line: &'l [u8],
    /// The line as text, if there is more than ASCII in it. What is ASCII is made text where it is asked for.
    text: Option<&'l str>,
    at: usize,
    record: Record<'l>,
    /// Whether a text field was there, be it null.
    seen: bool,
}

impl<'l> Skimmer<'l> {
    /// The next byte that is no blank.
    fn peek(&mut self) -> Option<u8> {
        self.blanks();
        self.line.get(self.at).copied()
    }

    fn blanks(&mut self) {
        let rest = &self.line[self.at..];
        self.at += rest.iter().take_while(|byte| **byte == b' ').count();
    }

    /// Steps over this byte, which must be next, blanks before it left out.
    fn expect(&mut self, byte: u8) -> Option<()> {
        (self.peek()? == byte).then(|| self.at += 1)
    }

    /// Walks an object with the part of the paths that lies below it.
    fn object(&mut self, node: Option<&Node>, depth: usize) -> Option<()> {
        let depth = depth.checked_sub(1)?;
        self.expect(b'{')?;
        if self.peek()? == b'}' {
            self.at += 1;
            return Some(());
        }
        loop {
            self.peek()?;
            let (key, escaped) = self.string()?;
            self.expect(b':')?;
            match node {
                None => self.value(None, depth)?,
                // The full reader undoes the escapes; a key without any is itself.
                Some(_) if escaped => return None,
                Some(node) => match node.child(&self.line[key]) {
                    Some(Node {
                        role: Some(role), ..
                    }) => self.take(*role, 0, depth)?,
                    child => self.value(child, depth)?,
                },
            }
            match self.peek()? {
                b',' => self.at += 1,
                b'}' => break,
                _ => return None,
            }
        }
        self.at += 1;
        Some(())
    }

    /// Walks an array whose elements `element` reads.
    fn array(&mut self, mut element: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        self.expect(b'[')?;
        if self.peek()? == b']' {
            self.at += 1;
            return Some(());
        }
        loop {
            element(self)?;
            match self.peek()? {
                b',' => self.at += 1,
                b']' => break,
                _ => return None,
            }
        }
        self.at += 1;
        Some(())
    }

    /// Walks a value without a role of its own; what lies below it may have one.
    fn value(&mut self, node: Option<&Node>, depth: usize) -> Option<()> {
        match self.peek()? {
            b'{' => self.object(node, depth),
            b'[' => {
                let depth = depth.checked_sub(1)?;
                self.array(|skimmer| skimmer.value(node, depth))
            }
            // The full reader reads such a value before it finds that the path ends there, and may object to it.
            b'"' => {
                let (_, escaped) = self.string()?;
                (node.is_none() || !escaped).then_some(())
            }
            b't' => self.word("true"),
            b'f' => self.word("false"),
            b'n' => self.word("null"),
            _ if node.is_some() => None,
            _ => self.number().map(|_| ()),
        }
    }

    /// Takes the value of a field.
    fn take(&mut self, role: Role, arrays: usize, depth: usize) -> Option<()> {
        let is_text = matches!(role, Role::Text(_));
        self.seen |= is_text;
        match self.peek()? {
            b'"' => {
                let (raw, value) = self.decoded()?;
                match role {
                    Role::Text(field) => self.record.texts.push(Text {
                        field,
                        text: value,
                        raw,
                    }),
                    _ => self.record.set(role, value),
                }
                Some(())
            }
            b'n' => self.word("null"),
            b'[' if is_text && arrays < ARRAYS => {
                let depth = depth.checked_sub(1)?;
                self.array(|skimmer| skimmer.take(role, arrays + 1, depth))
            }
            b'-' | b'0'..=b'9' if role == Role::Id => {
                let number = self.number()?;
                self.record.id = Some(Cow::Borrowed(self.str(number)?));
                Some(())
            }
            _ if is_text => None,
            _ => self.value(None, depth),
        }
    }

    fn word(&mut self, word: &str) -> Option<()> {
        self.line[self.at..]
            .starts_with(word.as_bytes())
            .then(|| self.at += word.len())
    }

    /// Steps over a number; answers where it stands.
    fn number(&mut self) -> Option<Range<usize>> {
        let start = self.at;
        let bytes = self.line;
        let digits = |at: usize| {
            let count = bytes[at..]
                .iter()
                .take_while(|b| b.is_ascii_digit())
                .count();
            (count > 0).then_some(at + count)
        };
        let mut at = start + usize::from(bytes.get(start) == Some(&b'-'));
        let whole = digits(at)?;
        // No number begins with a needless zero.
        if bytes[at] == b'0' && whole > at + 1 {
            return None;
        }
        at = whole;
        if bytes.get(at) == Some(&b'.') {
            at = digits(at + 1)?;
        }
        if matches!(bytes.get(at), Some(b'e' | b'E')) {
            at += 1 + usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
            at = digits(at)?;
        }
        self.at = at;
        Some(start..at)
    }

    /// Steps over a string; answers where its inside stands and whether anything in it is escaped.
    fn string(&mut self) -> Option<(Range<usize>, bool)> {
        let start = self.open()?;
        let mut escaped = false;
        let mut at = start;
        loop {
            let (found, is_end) = self.stop(at)?;
            if is_end {
                self.at = found + 1;
                return Some((start..found, escaped));
            }
            escaped = true;
            // Half of a surrogate pair does no harm in a value that nobody reads.
            at = found + escape::length(&self.line[found..])?;
        }
    }

    /// Steps over a string; answers where its inside stands and what it reads as.
    fn decoded(&mut self) -> Option<(Range<usize>, Cow<'l, str>)> {
        let start = self.open()?;
        let (first, is_end) = self.stop(start)?;
        let end = if is_end { first } else { self.end(first)? };
        self.at = end + 1;
        let raw = self.str(start..end)?;
        let text = if is_end {
            Cow::Borrowed(raw)
        } else {
            Cow::Owned(escape::decode(raw)?)
        };
        Some((start..end, text))
    }

    /// Where the string ends in which there is a backslash at `from`. The strokes before a quotation mark escape one another, so that it is one if
    /// their number is even.
    fn end(&self, from: usize) -> Option<usize> {
        let mut searched = from;
        loop {
            let at = searched + memchr::memchr(b'"', &self.line[searched..])?;
            let before = self.line[from..at].iter().rev();
            let strokes = before.take_while(|byte| **byte == b'\\').count();
            if strokes % 2 == 0 {
                return Some(at);
            }
            searched = at + 1;
        }
    }

    /// A stretch of the line as text.
    fn str(&self, range: Range<usize>) -> Option<&'l str> {
        match self.text {
            Some(text) => text.get(range),
            None => simdutf8::basic::from_utf8(&self.line[range]).ok(),
        }
    }

    /// Where the inside of the string begins that stands next.
    fn open(&self) -> Option<usize> {
        (self.line.get(self.at) == Some(&b'"')).then_some(self.at + 1)
    }

    /// The next quotation mark or backslash, and whether it is the mark.
    fn stop(&self, from: usize) -> Option<(usize, bool)> {
        let rest = self.line.get(from..)?;
        // Keys and numbers of things are short, and to call for a search costs more than to look at them.
        let near = rest.first_chunk().and_then(|first| near(*first));
        let at = match near {
            Some(at) => at,
            None => memchr::memchr2(b'"', b'\\', rest)?,
        };
        Some((from + at, rest[at] == b'"'))
    }
}

/// The first quotation mark or backslash of eight bytes.
fn near(bytes: [u8; 8]) -> Option<usize> {
    const ONES: u64 = u64::MAX / 0xff;
    let bytes = u64::from_le_bytes(bytes);
    // The high bit of the first byte that is 0, if one is; bytes behind it may be marked as well.
    let zeros = |bytes: u64| bytes.wrapping_sub(ONES) & !bytes & (ONES << 7);
    let found = zeros(bytes ^ (ONES * u64::from(b'"'))) | zeros(bytes ^ (ONES * u64::from(b'\\')));
    (found != 0).then_some(found.trailing_zeros() as usize / 8)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_near_is_found(bytes in prop::array::uniform8(prop::sample::select(b"\"\\!#[]a\x00\x01\x7f\x80\xa2\xdc\xff".to_vec()))) {
            let expected = bytes.iter().position(|byte| matches!(byte, b'"' | b'\\'));
            prop_assert_eq!(near(bytes), expected);
        }

        #[test]
        fn bounds_are_those_of_all_bytes(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
            let least = bytes.iter().copied().min().unwrap_or(u8::MAX);
            prop_assert_eq!(bounds(&bytes), (least, bytes.iter().fold(0, |ors, byte| ors | byte)));
        }
    }
}
