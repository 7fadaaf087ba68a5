//! Whether a form's links may stand before a place of the text: a cheap look backwards, for the roads that come from a form's end.

use crate::db::CompiledPiece;
use crate::model::Slot;
use crate::text::fold::{fold_ascii, is_blank, is_blank_byte, is_ignorable};
use crate::text::lines::is_end_decoration;

/// Whether `pieces` may stand right before `at`. Looks at plain text only, and says yes to everything else.
pub(super) fn may_stand_before(text: &str, at: usize, pieces: &[CompiledPiece]) -> bool {
    Back::new(text, at).pieces(pieces)
}

/// As [`may_stand_before`] for all links of a form and the end of a line's content, where the decoration that the form's last literal may end with
/// was passed over.
pub(super) fn may_end_line(text: &str, content: usize, pieces: &[CompiledPiece]) -> bool {
    let mut back = Back::new(text, content);
    match pieces {
        [rest @ .., CompiledPiece::Literal(last)] => {
            match back.literal(trim_end_decoration(&last.folded)) {
                Met::Yes => back.pieces(rest),
                Met::No => false,
                Met::Unknown => true,
            }
        }
        _ => back.pieces(pieces),
    }
}

/// A line's end is compared without its decoration; so is a literal that a form ends with.
pub(super) fn trim_end_decoration(literal: &[u8]) -> &[u8] {
    let text = std::str::from_utf8(literal).unwrap_or_default();
    text.trim_end_matches(|c| c == ' ' || is_end_decoration(c))
        .as_bytes()
}

/// Whether the text may end with a number.
pub(super) fn may_end_number(text: &str) -> bool {
    match text.as_bytes() {
        [] => false,
        [.., b'0'..=b'9'] => true,
        // Behind a digit, ASCII or not.
        [.., before, b'k' | b'K' | b'm' | b'M' | b'%'] => {
            before.is_ascii_digit() || *before >= 0x80
        }
        [.., 0..0x80] => false,
        // A blank or an invisible character hides what stands before it.
        _ => text
            .chars()
            .next_back()
            .is_some_and(|c| c.is_numeric() || is_blank(c) || is_ignorable(c)),
    }
}

/// Whether an ASCII byte may stand in a number.
fn in_number(byte: u8) -> bool {
    matches!(
        byte,
        b'0'..=b'9' | b'k' | b'K' | b'm' | b'M' | b'%' | b'.' | b',' | b':' | b'/' | b'-' | b'+'
    )
}

/// Whether `pieces` end with a literal whose last byte is plain and no part of a number.
fn ends_outside_number(pieces: &[CompiledPiece]) -> bool {
    match pieces {
        [.., CompiledPiece::Literal(literal)] => literal
            .folded
            .last()
            .is_some_and(|&last| last < 0x80 && !in_number(last)),
        _ => false,
    }
}

enum Met {
    Yes,
    No,
    Unknown,
}

struct Back<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Back<'t> {
    fn new(text: &'t str, at: usize) -> Self {
        Self { text, at }
    }

    fn pieces(&mut self, pieces: &[CompiledPiece]) -> bool {
        for (index, piece) in pieces.iter().enumerate().rev() {
            self.blanks();
            let met = match piece {
                CompiledPiece::Literal(literal) => self.literal(&literal.folded),
                CompiledPiece::Slot(Slot::Number) => match self.number() {
                    // Where a number begins is only known if what stands before it is no part of one.
                    Met::Yes if !ends_outside_number(&pieces[..index]) => Met::Unknown,
                    met => met,
                },
                CompiledPiece::Slot(_) => Met::Unknown,
            };
            match met {
                Met::Yes => {}
                Met::No => return false,
                Met::Unknown => return true,
            }
        }
        true
    }

    fn last(&self) -> Option<u8> {
        self.at
            .checked_sub(1)
            .map(|last| self.text.as_bytes()[last])
    }

    fn blanks(&mut self) {
        while self.last().is_some_and(is_blank_byte) {
            self.at -= 1;
        }
    }

    fn literal(&mut self, folded: &[u8]) -> Met {
        for &wanted in folded.iter().rev() {
            match self.last() {
                Some(0x80..) => return Met::Unknown,
                Some(byte) if is_blank_byte(byte) && wanted == b' ' => self.blanks(),
                Some(byte) if fold_ascii(byte) == wanted => self.at -= 1,
                _ => return Met::No,
            }
        }
        Met::Yes
    }

    fn number(&mut self) -> Met {
        if !may_end_number(&self.text[..self.at]) {
            return Met::No;
        }
        while let Some(byte) = self.last().filter(|&byte| byte >= 0x80 || in_number(byte)) {
            if byte >= 0x80 {
                return Met::Unknown;
            }
            self.at -= 1;
        }
        Met::Yes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::Literal;

    #[test]
    fn plain_text_is_told_and_all_other_is_let_through() {
        let literal = |text: &str| {
            CompiledPiece::Literal(Literal {
                folded: text.as_bytes().into(),
                written: None,
            })
        };
        let pieces = [
            CompiledPiece::Slot(Slot::Title),
            literal("hide caption"),
            CompiledPiece::Slot(Slot::Number),
            literal("of"),
            CompiledPiece::Slot(Slot::Number),
        ];
        for (text, may) in [
            ("A boat hide caption 1 of 12", true),
            ("A boat Hide  caption\n1.2K of 12", true),
            ("A boat hide caption\u{a0}1 of 12", true),
            ("A boat hide c\u{430}ption 1 of 12", true),
            ("A boat, one of 12", false),
            ("A boat hide captions 1 of 12", false),
            ("of 12", false),
        ] {
            assert_eq!(may_end_line(text, text.len(), &pieces), may, "{text}");
        }
        // Where "5.12" begins is not known when the literal before it ends with a full stop.
        let numbered = [literal("no."), CompiledPiece::Slot(Slot::Number)];
        assert!(may_end_line("no.5.12", 7, &numbered));
        // Decoration at the end of a literal is no part of a line's content.
        assert!(may_end_line("read more", 9, &[literal("read more...")]));
    }
}
