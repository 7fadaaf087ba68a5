//! The text of a pack, and complaints about places of it.

use std::ops::Range;

use crate::model::{Diagnostic, Level};

/// A pack's text under the name it goes by in messages.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    /// The name.
    pub(crate) file: String,
    /// The text.
    pub(crate) text: String,
    /// Where its lines begin. A pack of a hundred thousand rules may give as many complaints, and none may go through all of the text.
    starts: Vec<usize>,
}

impl Source {
    /// Takes a text.
    pub(crate) fn new(file: &str, text: &str) -> Self {
        Self {
            file: file.to_owned(),
            text: text.to_owned(),
            starts: std::iter::once(0)
                .chain(text.match_indices('\n').map(|(at, _)| at + 1))
                .collect(),
        }
    }

    /// Makes a complaint about the bytes `at`.
    pub(crate) fn diagnostic(
        &self,
        level: Level,
        code: &'static str,
        at: Range<usize>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Diagnostic {
        let text = self.text.as_str();
        let mut start = at.start.min(text.len());
        while !text.is_char_boundary(start) {
            start -= 1;
        }
        let line = self.starts.partition_point(|&line| line <= start);
        let line_start = self.starts[line - 1];
        let line_end = self.starts.get(line).map_or(text.len(), |next| next - 1);
        let end = at.end.clamp(start, line_end);
        Diagnostic {
            level,
            code,
            file: self.file.clone(),
            line,
            column: text[line_start..start].chars().count() + 1,
            source_line: text[line_start..line_end].trim_end_matches('\r').to_owned(),
            length: text
                .get(start..end)
                .map_or(1, |meant| meant.chars().count())
                .max(1),
            message: message.into(),
            help: help.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_lines_and_columns_of_characters() {
        let source = Source::new("a.toml", "né x\r\n\nab");
        let place = |at: Range<usize>| {
            let diagnostic = source.diagnostic(Level::Error, "code", at, "message", "help");
            (
                diagnostic.line,
                diagnostic.column,
                diagnostic.length,
                diagnostic.source_line,
            )
        };
        assert_eq!(place(0..1), (1, 1, 1, "né x".to_owned()));
        assert_eq!(place(4..5), (1, 4, 1, "né x".to_owned()));
        // Inside a character, at a line's end, on an empty line, behind the text.
        assert_eq!(place(2..3).1, 2);
        assert_eq!(place(6..7), (1, 6, 1, "né x".to_owned()));
        assert_eq!(place(7..8), (2, 1, 1, String::new()));
        assert_eq!(place(8..99), (3, 1, 2, "ab".to_owned()));
        assert_eq!(place(50..60), (3, 3, 1, "ab".to_owned()));
    }
}
