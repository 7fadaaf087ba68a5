//! Word edges, and the glue edges that careless tools leave ("meeting.Story", "conceded`Continue`").

use super::fold::{is_blank, is_ignorable};

/// Quotation marks that may open a quotation.
pub(crate) fn is_open_quote(c: char) -> bool {
    matches!(
        c,
        '"' | '\''
            | '“'
            | '‘'
            | '„'
            | '‚'
            | '«'
            | '‹'
            | '»'
            | '›'
            | '”'
            | '「'
            | '『'
            | '〝'
            | '＂'
            | '`'
            | '\u{201b}'
            | '\u{201f}'
    )
}

/// Quotation marks that may close a quotation.
pub(crate) fn is_close_quote(c: char) -> bool {
    matches!(
        c,
        '"' | '\''
            | '”'
            | '’'
            | '“'
            | '‘'
            | '»'
            | '›'
            | '«'
            | '‹'
            | '」'
            | '』'
            | '〞'
            | '〟'
            | '＂'
            | '`'
    )
}

/// Marks that end a sentence.
pub(crate) fn is_sentence_end(c: char) -> bool {
    matches!(
        c,
        '.' | '!' | '?' | '…' | '。' | '！' | '？' | '।' | '؟' | '۔' | ':' | ';'
    )
}

/// The character before `at`, ignorable ones passed over.
pub(crate) fn char_before(text: &str, at: usize) -> Option<char> {
    text[..at].chars().rev().find(|&c| !is_ignorable(c))
}

/// The character at `at`, ignorable ones passed over.
pub(crate) fn char_behind(text: &str, at: usize) -> Option<char> {
    text[at..].chars().find(|&c| !is_ignorable(c))
}

/// The last character before `at` that is no blank, on the same line.
pub(crate) fn solid_before(text: &str, at: usize) -> Option<char> {
    text[..at]
        .chars()
        .rev()
        .take_while(|&c| c != '\n')
        .find(|&c| !is_ignorable(c) && !is_blank(c))
}

/// The first character from `at` on that is no blank, on the same line.
pub(crate) fn solid_behind(text: &str, at: usize) -> Option<char> {
    text[at..]
        .chars()
        .take_while(|&c| c != '\n')
        .find(|&c| !is_ignorable(c) && !is_blank(c))
}

/// Whether letters of this script have no word edges between them.
pub(crate) fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// Whether a match may begin at `at`: a word edge, or a small letter or digit before a capital.
pub(crate) fn is_start_edge(text: &str, at: usize) -> bool {
    let (Some(before), Some(first)) = (char_before(text, at), char_behind(text, at)) else {
        return true;
    };
    if !before.is_alphanumeric() || !first.is_alphanumeric() {
        return true;
    }
    first.is_uppercase() && (before.is_lowercase() || before.is_numeric())
}

/// Whether a match from `start` may end at `at`: a word edge, a small letter before a capital, or capitals before a capitalised word.
pub(crate) fn is_end_edge(text: &str, start: usize, at: usize) -> bool {
    let (Some(last), Some(next)) = (char_before(text, at), char_behind(text, at)) else {
        return true;
    };
    if !last.is_alphanumeric() || !next.is_alphanumeric() {
        return true;
    }
    if !next.is_uppercase() {
        return false;
    }
    if last.is_lowercase() || last.is_numeric() {
        return true;
    }
    // "ADVERTISEMENTThe": capitals throughout, then a capital with a small letter behind it.
    let second = text[at..].chars().filter(|&c| !is_ignorable(c)).nth(1);
    last.is_uppercase()
        && second.is_some_and(char::is_lowercase)
        && !text[start..at].chars().any(char::is_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn glue_is_an_edge_and_a_word_is_not() {
        let text = "meeting.Story continues belowThe end, adVERTISING";
        assert!(is_start_edge(text, text.find("Story").unwrap()));
        assert!(is_end_edge(
            text,
            text.find("Story").unwrap(),
            text.find("The").unwrap()
        ));
        assert!(!is_start_edge(text, text.find("tory").unwrap()));
        assert!(!is_start_edge("ADVERT", 2));
        assert!(is_end_edge("ADVERTISEMENTThe", 0, 13));
        assert!(!is_end_edge("ADVERTISEMENTS", 0, 13));
    }
}
