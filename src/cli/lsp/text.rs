//! A text that an editor changes bit by bit, and the places in it as editors count them.

use lsp_types::{Position, Range, TextDocumentContentChangeEvent};

/// In what editors count columns. Lines end at `\n`, `\r\n` or a lone `\r`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    /// Bytes.
    Utf8,
    /// Code units of UTF-16, as all editors can.
    Utf16,
}

/// A text with the beginnings of its lines.
#[derive(Clone, Debug)]
pub(super) struct Text {
    text: String,
    /// Offset of each line's first byte; never empty.
    starts: Vec<usize>,
    unit: Unit,
}

impl Text {
    pub(super) fn new(text: String, unit: Unit) -> Self {
        let starts = std::iter::once(0).chain(line_starts(&text, 0)).collect();
        Self { text, starts, unit }
    }

    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    /// Makes one change, as the protocol describes it. A place behind the end of a line or of the text is that end.
    pub(super) fn change(&mut self, change: TextDocumentContentChangeEvent) {
        let Some(range) = change.range else {
            *self = Self::new(change.text, self.unit);
            return;
        };
        let start = self.offset(range.start);
        let end = self.offset(range.end).max(start);
        self.text.replace_range(start..end, &change.text);
        // A `\r` before or behind may have become, or ceased to be, half of a line end: one character more on each side is looked at anew.
        let from = start.saturating_sub(1);
        let to = start + change.text.len() + 1;
        let first = self.starts.partition_point(|&at| at <= from);
        let last = self.starts.partition_point(|&at| at <= end + 1);
        let grown = change.text.len() as isize - (end - start) as isize;
        for at in &mut self.starts[last..] {
            *at = at.saturating_add_signed(grown);
        }
        let bytes = self.text.as_bytes();
        let new: Vec<usize> = (from + 1..=to.min(bytes.len()))
            .filter(|&at| is_line_start(bytes, at))
            .collect();
        self.starts.splice(first..last, new);
    }

    /// The byte at a place; inside a character it is the character's.
    pub(super) fn offset(&self, position: Position) -> usize {
        let Some(&start) = self.starts.get(position.line as usize) else {
            return self.text.len();
        };
        let end =
            (self.starts.get(position.line as usize + 1)).map_or(self.text.len(), |&next| next);
        let line = self.text[start..end].trim_end_matches(['\r', '\n']);
        let wanted = position.character as usize;
        if self.unit == Unit::Utf8 || line.is_ascii() {
            let mut at = wanted.min(line.len());
            while !line.is_char_boundary(at) {
                at -= 1;
            }
            return start + at;
        }
        let mut units = 0;
        for (at, c) in line.char_indices() {
            units += c.len_utf16();
            if units > wanted {
                return start + at;
            }
        }
        start + line.len()
    }

    /// The place of a byte.
    pub(super) fn position(&self, offset: usize) -> Position {
        let line = self.starts.partition_point(|&start| start <= offset) - 1;
        let before = &self.text[self.starts[line]..offset];
        let character = match self.unit {
            Unit::Utf16 if !before.is_ascii() => before.chars().map(char::len_utf16).sum(),
            _ => before.len(),
        };
        Position::new(line as u32, character as u32)
    }

    /// The places of a stretch.
    pub(super) fn range(&self, range: std::ops::Range<usize>) -> Range {
        Range::new(self.position(range.start), self.position(range.end))
    }

    /// Where the content of the line that holds the byte at `offset` ends: before blanks, a backslash that breaks the line, and the line end.
    pub(super) fn content_end(&self, offset: usize) -> usize {
        let line = self.starts.partition_point(|&start| start <= offset) - 1;
        let start = self.starts[line];
        let end = (self.starts.get(line + 1)).map_or(self.text.len(), |&next| next);
        let content = self.text[start..end].trim_end();
        start
            + content
                .strip_suffix('\\')
                .unwrap_or(content)
                .trim_end()
                .len()
    }
}

/// Where lines begin from the byte `from` on, the first one left out.
fn line_starts(text: &str, from: usize) -> impl Iterator<Item = usize> {
    let bytes = text.as_bytes();
    memchr::memchr2_iter(b'\n', b'\r', &bytes[from..])
        .map(move |at| from + at + 1)
        .filter(move |&at| is_line_start(bytes, at))
}

/// Whether a line begins at `at`, which is not the text's beginning.
fn is_line_start(bytes: &[u8], at: usize) -> bool {
    match bytes.get(at - 1) {
        Some(b'\n') => true,
        Some(b'\r') => bytes.get(at) != Some(&b'\n'),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn change(start: (u32, u32), end: (u32, u32), text: &str) -> TextDocumentContentChangeEvent {
        let position = |(line, character)| Position::new(line, character);
        TextDocumentContentChangeEvent {
            range: Some(Range::new(position(start), position(end))),
            range_length: None,
            text: text.to_owned(),
        }
    }

    #[test]
    fn columns_are_counted_as_editors_do() {
        let text = "aé😀b\r\nc\rd";
        let utf16 = Text::new(text.to_owned(), Unit::Utf16);
        let utf8 = Text::new(text.to_owned(), Unit::Utf8);
        let b = text.find('b').unwrap();
        assert_eq!(utf16.position(b), Position::new(0, 4));
        assert_eq!(utf8.position(b), Position::new(0, 7));
        assert_eq!(utf16.offset(Position::new(0, 4)), b);
        assert_eq!(utf16.offset(Position::new(0, 3)), b - 4, "inside a pair");
        assert_eq!(
            utf16.offset(Position::new(0, 99)),
            b + 1,
            "not into the line end"
        );
        assert_eq!(utf16.position(text.len()), Position::new(2, 1));
        assert_eq!(utf16.offset(Position::new(9, 0)), text.len());
    }

    #[test]
    fn changes_are_made_in_place() {
        let mut text = Text::new("one\ntwo\n".to_owned(), Unit::Utf16);
        text.change(change((0, 1), (1, 1), "é\r\n\n"));
        assert_eq!(text.as_str(), "oé\r\n\nwo\n");
        assert_eq!(text.starts, [0, 5, 6, 9]);
        text.change(TextDocumentContentChangeEvent {
            range: None,
            range_length: None,
            text: "x".to_owned(),
        });
        assert_eq!((text.as_str(), text.starts.as_slice()), ("x", &[0][..]));
    }

    proptest! {
        /// However a text came about, its lines are those of the text.
        #[test]
        fn lines_after_changes_are_those_of_the_text(
            start in "[ab\r\né😀]{0,12}",
            changes in prop::collection::vec(((0_u32..6, 0_u32..5), (0_u32..6, 0_u32..5), "[x\r\n]{0,4}"), 0..8),
        ) {
            let mut text = Text::new(start, Unit::Utf16);
            for (from, to, new) in changes {
                text.change(change(from, to, &new));
                let fresh = Text::new(text.as_str().to_owned(), Unit::Utf16);
                prop_assert_eq!(&text.starts, &fresh.starts, "{:?}", text.as_str());
            }
            for (at, _) in text.as_str().char_indices() {
                let position = text.position(at);
                let back = text.offset(position);
                prop_assert!(back == at || matches!(text.as_str().as_bytes()[at], b'\n' | b'\r'));
            }
        }
    }
}
