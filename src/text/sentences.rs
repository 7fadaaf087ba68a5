//! Sentences, as far as cutting one out needs them.

use super::edges::{is_close_quote, is_sentence_end};
use super::fold::is_blank;
use super::lines::{line_end, line_start};

/// The sentence around `start..end` inside its line: from behind the last sentence end before it to behind the next one.
///
/// A mark ends a sentence only if a blank or the line's end follows it (closing quotation marks and brackets between), so that "U.S.A" and
/// "example.com" do not; an abbreviation such as "Mr." may still cut a sentence short, which the rule's limit and examples must bear.
pub(crate) fn sentence_around(text: &str, start: usize, end: usize) -> (usize, usize) {
    let (line_from, line_to) = (line_start(text, start), line_end(text, end));
    let mut from = line_from;
    let mut to = line_to;
    let line = &text[line_from..line_to];
    for (offset, c) in line.char_indices() {
        if !is_sentence_end(c) || matches!(c, ':' | ';') {
            continue;
        }
        let mut behind = offset + c.len_utf8();
        for closing in line[behind..].chars() {
            if !(is_close_quote(closing) || closing == ')' || is_sentence_end(closing)) {
                break;
            }
            behind += closing.len_utf8();
        }
        if line[behind..]
            .chars()
            .next()
            .is_some_and(|next| !is_blank(next))
        {
            continue;
        }
        let border = line_from + behind;
        if border <= start {
            from = border;
        } else if border >= end {
            to = border;
            break;
        }
    }
    from += text[from..start].len() - text[from..start].trim_start_matches(is_blank).len();
    (from, to)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_is_cut_at_its_borders() {
        let text = "First. See example.com now! “Sign up here.” Last one.";
        let at = text.find("Sign").unwrap();
        let (from, to) = sentence_around(text, at, at + 4);
        assert_eq!(&text[from..to], "“Sign up here.”");
    }
}
