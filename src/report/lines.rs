//! From bytes to the lines and columns that people and editors count.

use std::cell::Cell;

/// Where a byte stands, counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column, in characters.
    pub column: usize,
}

/// The lines of a text.
///
/// Positions are cheapest when asked for in the order of the text: then a text of one huge line is counted once, not once a finding.
///
/// ```
/// use descale::report::{LineIndex, Position};
/// let lines = LineIndex::new("né\nb");
/// assert_eq!(lines.position(3), Position { line: 1, column: 3 });
/// assert_eq!(lines.position(4), Position { line: 2, column: 1 });
/// ```
#[derive(Clone, Debug)]
pub struct LineIndex<'t> {
    text: &'t str,
    /// Offset of each line's first byte; never empty.
    starts: Vec<usize>,
    /// The last place asked for, with its column.
    last: Cell<(usize, Position)>,
    /// The last place asked for by [`characters`](Self::characters), with how many characters stand before it.
    counted: Cell<(usize, usize)>,
}

impl<'t> LineIndex<'t> {
    /// The lines of `text`, which end at line feeds only.
    #[must_use]
    pub fn new(text: &'t str) -> Self {
        let starts = std::iter::once(0)
            .chain(memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1))
            .collect();
        Self {
            text,
            starts,
            last: Cell::new((0, Position { line: 1, column: 1 })),
            counted: Cell::new((0, 0)),
        }
    }

    /// Where the byte at `offset` stands. An offset behind the text is that of its end, one inside a character that of the character.
    #[must_use]
    pub fn position(&self, offset: usize) -> Position {
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let line = self.starts.partition_point(|start| *start <= offset);
        let start = self.starts[line - 1];
        let (last_offset, last) = self.last.get();
        let column = if last.line == line && last_offset <= offset {
            last.column + count_chars(&self.text[last_offset..offset])
        } else {
            1 + count_chars(&self.text[start..offset])
        };
        let position = Position { line, column };
        self.last.set((offset, position));
        position
    }

    /// How many characters of the whole text stand before the byte at `offset`, which lies on a character boundary or counts as the text's end.
    ///
    /// ```
    /// assert_eq!(descale::report::LineIndex::new("né\nb").characters(4), 3);
    /// ```
    #[must_use]
    pub fn characters(&self, offset: usize) -> usize {
        let offset = Some(offset).filter(|offset| self.text.is_char_boundary(*offset));
        let offset = offset.unwrap_or(self.text.len());
        // Counted from the last place, forwards or backwards: places that are asked for lie close together.
        let (at, count) = self.counted.get();
        let count = if at <= offset {
            count + count_chars(&self.text[at..offset])
        } else {
            count - count_chars(&self.text[offset..at])
        };
        self.counted.set((offset, count));
        count
    }

    /// The line of that number (from 1) without its end; empty when there is none.
    #[must_use]
    pub fn line(&self, number: usize) -> &'t str {
        let Some(&start) = number
            .checked_sub(1)
            .and_then(|index| self.starts.get(index))
        else {
            return "";
        };
        let end = self
            .starts
            .get(number)
            .map_or(self.text.len(), |next| next - 1);
        let line = &self.text[start..end];
        line.strip_suffix('\r').unwrap_or(line)
    }

    /// Offset of the first byte of the line of that number (from 1); the text's length when there is none.
    #[must_use]
    pub fn start(&self, number: usize) -> usize {
        number
            .checked_sub(1)
            .and_then(|index| self.starts.get(index))
            .copied()
            .unwrap_or(self.text.len())
    }
}

fn count_chars(text: &str) -> usize {
    text.chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_do_not_depend_on_the_order_of_questions() {
        let text = "aé\r\n\n漢字 x\n";
        let forward = LineIndex::new(text);
        let ahead: Vec<Position> = (0..=text.len()).map(|at| forward.position(at)).collect();
        let backward = LineIndex::new(text);
        let mut back: Vec<Position> = (0..=text.len())
            .rev()
            .map(|at| backward.position(at))
            .collect();
        back.reverse();
        assert_eq!(ahead, back);
        assert_eq!(
            ahead[text.find('x').unwrap()],
            Position { line: 3, column: 4 }
        );
        assert_eq!(ahead[text.len()], Position { line: 4, column: 1 });
    }

    #[test]
    fn characters_are_counted_both_ways() {
        let text = "aé漢\n字 x";
        let lines = LineIndex::new(text);
        let of = |at: usize| text[..at].chars().count();
        for at in [10, 3, 7, 0, text.len(), 1] {
            assert_eq!(lines.characters(at), of(at), "{at}");
        }
        assert_eq!(lines.characters(99), text.chars().count());
    }

    #[test]
    fn lines_come_without_their_ends() {
        let lines = LineIndex::new("a\r\n\nb");
        assert_eq!(
            [
                lines.line(0),
                lines.line(1),
                lines.line(2),
                lines.line(3),
                lines.line(4)
            ],
            ["", "a", "", "b", ""]
        );
        assert_eq!([lines.start(1), lines.start(3), lines.start(9)], [0, 4, 5]);
    }
}
