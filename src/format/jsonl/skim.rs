//! Reads well-formed lines in one walk that copies the wanted values and steps over all others.
//!
//! It answers only where it is sure that the full reader accepts the line and answers the same. Whatever is odd (a fault, a control
//! character, an escape in a key, deep nesting) is left to the full reader, which also says what is wrong and where. `tests.rs` holds
//! the two against each other.

use std::borrow::Cow;
use std::ops::Range;

use super::{ARRAYS, Fields, Node, Record, Role, Text};

/// Values inside values are followed so deep; records are flatter.
const DEPTH: usize = 32;

/// The record of a line, or `None` if the full reader must look at it.
pub(super) fn skim<'l>(fields: &Fields, line: &'l [u8]) -> Option<Record<'l>> {
    let body = line.strip_suffix(b"\n").unwrap_or(line);
    let body = body.strip_suffix(b"\r").unwrap_or(body);
    // Inside strings they are faults, outside of them blanks that hardly anybody writes. Looked for here, at the speed of reading, they
    // need not be looked for below.
    if has_control(body) {
        return None;
    }
    let mut skimmer = Skimmer {
        line: std::str::from_utf8(body).ok()?,
        at: 0,
        record: Record {
            texts: Vec::new(),
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

/// Without a branch in the chunk, so that the compiler can use wide registers.
fn has_control(bytes: &[u8]) -> bool {
    bytes.chunks(64).any(|chunk| {
        chunk
            .iter()
            .fold(false, |found, byte| found | (*byte < b' '))
    })
}

struct Skimmer<'l> {
    line: &'l str,
    at: usize,
    record: Record<'l>,
    /// Whether a text field was there, be it null.
    seen: bool,
}

impl<'l> Skimmer<'l> {
    /// The next byte that is no blank.
    fn peek(&mut self) -> Option<u8> {
        self.blanks();
        self.line.as_bytes().get(self.at).copied()
    }

    fn blanks(&mut self) {
        let rest = &self.line.as_bytes()[self.at..];
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
                Some(node) => match node.children.get(&self.line[key]) {
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
                self.record.id = Some(Cow::Borrowed(&self.line[number]));
                Some(())
            }
            _ if is_text => None,
            _ => self.value(None, depth),
        }
    }

    fn word(&mut self, word: &str) -> Option<()> {
        self.line[self.at..]
            .starts_with(word)
            .then(|| self.at += word.len())
    }

    /// Steps over a number; answers where it stands.
    fn number(&mut self) -> Option<Range<usize>> {
        let start = self.at;
        let bytes = self.line.as_bytes();
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
            at = found + self.escape(found)?;
        }
    }

    /// Steps over a string; answers where its inside stands and what it reads as.
    fn decoded(&mut self) -> Option<(Range<usize>, Cow<'l, str>)> {
        let start = self.open()?;
        let (mut at, mut is_end) = self.stop(start)?;
        if is_end {
            self.at = at + 1;
            return Some((start..at, Cow::Borrowed(&self.line[start..at])));
        }
        // The longest that it can become. Most of a line is its text.
        let mut text = String::with_capacity(self.line.len() - start);
        text.push_str(&self.line[start..at]);
        while !is_end {
            let (c, length) = self.escaped_char(at)?;
            text.push(c);
            let from = at + length;
            (at, is_end) = self.stop(from)?;
            text.push_str(&self.line[from..at]);
        }
        if text.len() < text.capacity() / 2 {
            text.shrink_to_fit();
        }
        self.at = at + 1;
        Some((start..at, Cow::Owned(text)))
    }

    /// Where the inside of the string begins that stands next.
    fn open(&self) -> Option<usize> {
        (self.line.as_bytes().get(self.at) == Some(&b'"')).then_some(self.at + 1)
    }

    /// The next quotation mark or backslash, and whether it is the mark.
    fn stop(&self, from: usize) -> Option<(usize, bool)> {
        let rest = &self.line.as_bytes()[from..];
        let at = match rest.first()? {
            // Line breaks come in twos.
            b'\\' | b'"' => 0,
            _ => memchr::memchr2(b'"', b'\\', rest)?,
        };
        Some((from + at, rest[at] == b'"'))
    }

    /// How long the escape at `at` is. A surrogate without its other half is one as well here: in a value that nobody reads it does no harm.
    fn escape(&self, at: usize) -> Option<usize> {
        match self.line.as_bytes().get(at + 1)? {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Some(2),
            b'u' => self.unit(at).map(|_| 6),
            _ => None,
        }
    }

    /// The character that the escape at `at` stands for, and how long the escape is.
    fn escaped_char(&self, at: usize) -> Option<(char, usize)> {
        let c = match self.line.as_bytes().get(at + 1)? {
            b'n' => '\n',
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b't' => '\t',
            b'r' => '\r',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'u' => {
                let unit = self.unit(at)?;
                if let Some(c) = char::from_u32(unit) {
                    return Some((c, 6));
                }
                let low = self.unit(at + 6)?;
                if !(0xd800..0xdc00).contains(&unit) || !(0xdc00..0xe000).contains(&low) {
                    return None;
                }
                let c = char::from_u32(0x1_0000 + ((unit - 0xd800) << 10) + (low - 0xdc00))?;
                return Some((c, 12));
            }
            _ => return None,
        };
        Some((c, 2))
    }

    /// The code unit of the `\u` escape at `at`.
    fn unit(&self, at: usize) -> Option<u32> {
        let escape = self.line.as_bytes().get(at..at + 6)?;
        if escape[..2] != *b"\\u" {
            return None;
        }
        escape[2..].iter().try_fold(0, |unit, digit| {
            Some(unit << 4 | char::from(*digit).to_digit(16)?)
        })
    }
}
