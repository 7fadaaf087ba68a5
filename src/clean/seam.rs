//! White space around a removal: what a careful editor would leave.

use crate::model::Span;
use crate::text::edges::{is_close_quote, is_open_quote, is_sentence_end};
use crate::text::lines::{blanks_before, blanks_behind, is_decoration, line_end, line_start};

/// A removal with its seam settled.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Seam {
    /// What goes, white space included.
    pub(super) span: Span,
    /// What comes in its place: white space only.
    pub(super) blank: String,
}

/// Settles the seam of a removal. `cuts` are the removals, sorted and disjoint, with nothing but white space between them.
pub(super) fn settle(text: &str, cuts: &[Span]) -> Seam {
    let (Some(first), Some(last)) = (cuts.first(), cuts.last()) else {
        return Seam {
            span: Span::default(),
            blank: String::new(),
        };
    };
    let (start, end) = (
        blanks_before(text, first.start),
        blanks_behind(text, last.end),
    );
    let left = &text[start..first.start];
    let right = &text[last.end..end];
    let blank = if start == 0 {
        // Line breaks before the first words belong to the text as it came; an indentation belongs to the removed line.
        // A byte order mark belongs to the file.
        let mark = if left.starts_with('\u{feff}') {
            "\u{feff}"
        } else {
            ""
        };
        format!("{mark}{}", upto_last_break(&left[mark.len()..]))
    } else if end == text.len() {
        right.to_owned()
    } else {
        let between = cuts
            .windows(2)
            .map(|pair| &text[pair[0].end..pair[1].start]);
        between_words(
            text,
            start,
            end,
            std::iter::once(left)
                .chain(between)
                .chain(std::iter::once(right))
                .collect(),
        )
    };
    shrink(
        text,
        Seam {
            span: Span::new(start, end),
            blank,
        },
    )
}

/// The white space between two stretches of text that stay.
fn between_words(text: &str, start: usize, end: usize, pieces: Vec<&str>) -> String {
    let (left, right) = (pieces[0], pieces[pieces.len() - 1]);
    let breaks = |piece: &str| piece.matches('\n').count();
    let most = pieces.iter().map(|piece| breaks(piece)).max().unwrap_or(0);
    if most > 0 && breaks(left) > 0 && breaks(right) > 0 && splits_sentence(text, start, end) {
        return " ".to_owned();
    }
    if most > 0 {
        // The strongest border wins; the first of equals.
        let border = pieces
            .iter()
            .find(|piece| breaks(piece) == most)
            .copied()
            .unwrap_or(left);
        // The next line keeps its own indentation; a line that lost its beginning keeps that one.
        let indented = if right.contains('\n') { right } else { left };
        let indentation = indented.rfind('\n').map_or("", |at| &indented[at + 1..]);
        return format!("{}{indentation}", upto_last_break(border));
    }
    let before = text[..start].chars().next_back();
    let behind = text[end..].chars().next();
    if behind.is_some_and(|c| matches!(c, '.' | ',' | ';' | ':' | '!' | '?' | ')' | ']' | '…')) {
        return String::new();
    }
    if let Some(blank) = pieces.iter().find(|piece| !piece.is_empty()) {
        return (*blank).to_owned();
    }
    // Glued on both sides: the marker was a block of its own, and its borders are lost. Between two sentences they come back the way the text
    // sets its paragraphs apart.
    let ended = before.is_some_and(|c| is_sentence_end(c) || is_close_quote(c) || c == ')');
    let begins = behind.is_some_and(|c| c.is_uppercase() || is_open_quote(c) || c.is_numeric());
    if ended && begins {
        let paragraphs = if text.contains("\r\n\r\n") {
            "\r\n\r\n"
        } else if text.contains("\n\n") {
            "\n\n"
        } else if text.contains('\n') {
            "\n"
        } else {
            " "
        };
        return paragraphs.to_owned();
    }
    let lettered = |c: Option<char>| {
        c.is_some_and(|c| {
            c.is_alphanumeric()
                || is_sentence_end(c)
                || is_open_quote(c)
                || matches!(c, ',' | ')' | '(')
        })
    };
    if lettered(before) && lettered(behind) {
        " ".to_owned()
    } else {
        String::new()
    }
}

/// Whether the removal stood in the middle of a sentence: words on both sides, no end before it and a small letter behind it, and both halves long
/// enough to be no items of a list.
fn splits_sentence(text: &str, start: usize, end: usize) -> bool {
    let first = &text[line_start(text, start)..start];
    let second = &text[end..line_end(text, end)];
    let open = first
        .chars()
        .next_back()
        .is_some_and(|c| c.is_lowercase() || c == ',')
        && second.chars().next().is_some_and(char::is_lowercase);
    let words = |half: &str| half.split_whitespace().take(HALF_WORDS).count();
    open && words(first) >= HALF_WORDS
        && second.split_whitespace().take(2).count() >= 2
        && !first.trim_start().starts_with(is_decoration)
}

/// A line of fewer words may be an item of a list, not the first half of a sentence.
const HALF_WORDS: usize = 5;

fn upto_last_break(blank: &str) -> &str {
    blank.rfind('\n').map_or("", |at| &blank[..=at])
}

/// Leaves out of an edit the white space that stays as it is.
fn shrink(text: &str, seam: Seam) -> Seam {
    let Seam { span, mut blank } = seam;
    let old = &text[span.range()];
    let mut front = old
        .bytes()
        .zip(blank.bytes())
        .take_while(|(a, b)| a == b)
        .count();
    while !old.is_char_boundary(front) || !blank.is_char_boundary(front) {
        front -= 1;
    }
    blank.drain(..front);
    let old = &old[front..];
    let mut back = old
        .bytes()
        .rev()
        .zip(blank.bytes().rev())
        .take_while(|(a, b)| a == b)
        .count();
    while !old.is_char_boundary(old.len() - back) || !blank.is_char_boundary(blank.len() - back) {
        back -= 1;
    }
    blank.truncate(blank.len() - back);
    Seam {
        span: Span::new(span.start + front, span.end - back),
        blank,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Cuts every `AD` out of `text` and settles the seam as one.
    fn cleaned(text: &str) -> String {
        let cuts: Vec<_> = text
            .match_indices("AD")
            .map(|(at, ad)| Span::new(at, at + ad.len()))
            .collect();
        let seam = settle(text, &cuts);
        format!(
            "{}{}{}",
            &text[..seam.span.start],
            seam.blank,
            &text[seam.span.end..]
        )
    }

    #[test]
    fn seams_come_out_as_an_editor_leaves_them() {
        for (text, out) in [
            ("One.\n\nAD\n\nTwo.", "One.\n\nTwo."),
            ("One.\nAD\nTwo.", "One.\nTwo."),
            ("One.\n\nAD\nTwo.", "One.\n\nTwo."),
            ("One.\nAD\n\nTwo.", "One.\n\nTwo."),
            ("One.\n\nAD\n\nAD\n\nTwo.", "One.\n\nTwo."),
            ("One. AD Two.", "One. Two."),
            ("One.AD Two.", "One. Two."),
            ("One.AD\"Two.", "One. \"Two."),
            ("Nil.\n\nOne.AD\"Two.", "Nil.\n\nOne.\n\n\"Two."),
            ("One.\n\nAD Two.", "One.\n\nTwo."),
            ("One AD.", "One."),
            ("One. AD\nTwo.", "One.\nTwo."),
            ("AD\n\nOne.", "One."),
            ("\u{feff}AD\n\nOne.", "\u{feff}One."),
            ("\n\nAD\nOne.", "\n\nOne."),
            ("One.\n\nAD", "One."),
            ("One.\n\nAD\n", "One.\n"),
            ("One.\n  AD\n  Two.", "One.\n  Two."),
            ("One.\r\n\r\nAD\r\n\r\nTwo.", "One.\r\n\r\nTwo."),
            ("AD", ""),
            // A sentence cut in two by the insertion, and a list that only looks like one.
            (
                "On Monday the rebels attacked the\n\nAD\n\noffice of the harbour master.",
                "On Monday the rebels attacked the office of the harbour master.",
            ),
            (
                "One loaf of bread\nAD\ntwo pints of milk",
                "One loaf of bread\ntwo pints of milk",
            ),
        ] {
            assert_eq!(cleaned(text), out, "{text:?}");
        }
    }

    #[test]
    fn an_edit_is_no_larger_than_it_must_be() {
        let text = "One.\n\nAD\n\nTwo.";
        let seam = settle(text, &[Span::new(6, 8)]);
        assert_eq!(
            seam,
            Seam {
                span: Span::new(6, 10),
                blank: String::new()
            }
        );
    }
}
