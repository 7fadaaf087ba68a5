//! Looks for a word elsewhere in a text.

use memchr::memmem;

use super::floor;
use crate::model::Span;

/// How far around a fragment its whole word is looked for, in bytes. Longer than articles are, and short enough that a text made of fragments costs no
/// more than so many bytes for each.
const REACH: usize = 16 * 1024;

/// Where `word` stands by itself near `at`, in the order of the text. Whether a character next to it makes it a part of something else, `ties` says.
pub fn places<'a>(
    text: &'a str,
    word: &'a str,
    at: usize,
    ties: impl Fn(char) -> bool + Copy + 'a,
) -> impl Iterator<Item = Span> + 'a {
    let from = floor(text, at.saturating_sub(REACH));
    let to = floor(text, text.len().min(at + REACH));
    memmem::find_iter(&text.as_bytes()[from..to], word.as_bytes()).filter_map(move |found| {
        let span = Span::new(from + found, from + found + word.len());
        let alone = !text[..span.start].ends_with(ties) && !text[span.end..].starts_with(ties);
        alone.then_some(span)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_whole_words_only() {
        let text = "Smithson and Smith-Jones met Smith.";
        let found: Vec<Span> =
            places(text, "Smith", 0, |c| c.is_alphanumeric() || c == '-').collect();
        assert_eq!(found, [Span::new(29, 34)]);
        assert_eq!(places(text, "Smith", 0, char::is_alphanumeric).count(), 2);
    }

    #[test]
    fn looks_near_by_only() {
        let text = format!("Smith {} end", "é".repeat(REACH));
        assert_eq!(
            places(&text, "Smith", text.len(), char::is_alphanumeric).count(),
            0
        );
    }
}
