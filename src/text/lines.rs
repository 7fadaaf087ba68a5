//! Lines, their decoration, and the blank lines between blocks.

use super::fold::{is_blank, is_blank_byte, is_ignorable};

/// How far a line's border is looked for. A line longer than that is no line to any rule, so that a text without line breaks costs no more than
/// another.
pub(crate) const LINE_REACH: usize = 4096;

/// Where the line that holds `at` begins; no more than [`LINE_REACH`] bytes back.
pub(crate) fn line_start(text: &str, at: usize) -> usize {
    let floor = floor_boundary(text, at.saturating_sub(LINE_REACH));
    memchr::memrchr(b'\n', &text.as_bytes()[floor..at]).map_or(floor, |newline| floor + newline + 1)
}

/// Where the line that holds `at` ends: at its line break, or at the end of the text; no more than [`LINE_REACH`] bytes ahead.
pub(crate) fn line_end(text: &str, at: usize) -> usize {
    let ceiling = floor_boundary(text, text.len().min(at + LINE_REACH));
    memchr::memchr(b'\n', &text.as_bytes()[at..ceiling]).map_or(ceiling, |newline| at + newline)
}

/// The nearest character boundary at or before `at`.
pub(crate) fn floor_boundary(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// Whether `at` stands at the beginning of its line's content: only decoration before it.
pub(crate) fn begins_line(text: &str, at: usize) -> bool {
    for c in text[..at].chars().rev().take(LINE_REACH) {
        if c == '\n' {
            return true;
        }
        if !(is_blank(c) || is_ignorable(c) || is_decoration(c)) {
            return false;
        }
    }
    at < LINE_REACH
}

/// Whether the stretch holds nothing but blanks and ignorable characters.
pub(crate) fn is_blank_str(stretch: &str) -> bool {
    stretch.chars().all(|c| is_blank(c) || is_ignorable(c))
}

/// Whether `c` may decorate a line: bullets, dashes, brackets, arrows, stars, emoji. Quotation marks do not: they make a mention.
pub(crate) fn is_decoration(c: char) -> bool {
    if c.is_ascii() {
        return matches!(
            c,
            '-' | '*'
                | '|'
                | '['
                | ']'
                | '('
                | ')'
                | '<'
                | '>'
                | '='
                | '_'
                | '~'
                | '+'
                | '#'
                | '/'
                | '\\'
                | '^'
                | '{'
                | '}'
        );
    }
    matches!(c,
        '·' | '•' | '×' | '¦'
        | '\u{2010}'..='\u{2015}' | '\u{2020}'..='\u{2027}' | '\u{2043}' | '\u{204c}' | '\u{204d}' | '\u{2212}'
        // Arrows, technical signs, box drawing, blocks, shapes, miscellaneous symbols, dingbats, further arrows.
        | '\u{2190}'..='\u{21ff}' | '\u{2300}'..='\u{23ff}' | '\u{2500}'..='\u{27bf}' | '\u{27f0}'..='\u{27ff}' | '\u{2900}'..='\u{297f}' | '\u{2b00}'..='\u{2bff}'
        // Corner and lenticular brackets that are not quotation marks, wave dash, full-width forms.
        | '\u{3008}'..='\u{300b}' | '\u{3010}'..='\u{301c}' | '\u{3030}' | '\u{30fb}'
        | '\u{ff08}' | '\u{ff09}' | '\u{ff0a}' | '\u{ff0d}' | '\u{ff1c}' | '\u{ff1e}' | '\u{ff3b}' | '\u{ff3d}' | '\u{ff5c}' | '\u{ff5e}' | '\u{ff65}'
        // Emoji and pictographs.
        | '\u{1f000}'..='\u{1faff}' | '\u{e000}'..='\u{f8ff}')
}

/// Whether `c` may decorate the end of a line: also a colon, a full stop, an ellipsis.
pub(crate) fn is_end_decoration(c: char) -> bool {
    is_decoration(c)
        || matches!(
            c,
            ':' | '.'
                | '…'
                | '»'
                | '›'
                | '!'
                | '\u{ff01}'
                | '\u{ff0c}'
                | '\u{ff0e}'
                | '\u{ff1a}'
                | '\u{ff1b}'
                | '\u{3002}'
                | '।'
                | '\u{6d4}'
                | ';'
                | ','
        )
}

/// The first offset at or behind `at` that is neither blank, ignorable nor decoration, not going past the line's end.
#[inline]
pub(crate) fn skip_decoration(text: &str, at: usize) -> usize {
    let bytes = text.as_bytes();
    // Nearly every line begins with a letter.
    if bytes.get(at).is_some_and(|b| b.is_ascii_alphanumeric()) {
        return at;
    }
    let mut end = at;
    for c in text[at..].chars() {
        if c == '\n' || !(is_blank(c) || is_ignorable(c) || is_decoration(c)) {
            break;
        }
        end += c.len_utf8();
    }
    end
}

/// Whether everything from `at` to the end of its line is blank or decoration.
pub(crate) fn only_end_decoration(text: &str, at: usize) -> bool {
    for c in text[at..].chars() {
        if c == '\n' {
            return true;
        }
        if !(is_blank(c) || is_ignorable(c) || is_end_decoration(c)) {
            return false;
        }
    }
    true
}

/// The end of a line's content: `end` without blanks and end decoration before it, not going before `start`.
pub(crate) fn content_end(text: &str, start: usize, end: usize) -> usize {
    let bytes = text.as_bytes();
    let mut end = end;
    // Most lines end with a letter, with a full stop behind one, or with a closing quotation mark, which is no decoration.
    match &bytes[start..end] {
        [.., last] if last.is_ascii_alphanumeric() => return end,
        [.., before, b'.'] if before.is_ascii_alphanumeric() => return end - 1,
        [.., 0xe2, 0x80, 0x9c | 0x9d | 0x99] => return end,
        _ => {}
    }
    while end > start && bytes[end - 1] < 0x80 {
        let c = bytes[end - 1] as char;
        if c.is_ascii_alphanumeric() || !(is_blank(c) || is_end_decoration(c)) {
            return end;
        }
        end -= 1;
    }
    text[start..end]
        .trim_end_matches(|c| is_blank(c) || is_ignorable(c) || is_end_decoration(c))
        .len()
        + start
}

/// The end of `end`'s stretch without blanks before it, not going before `start`.
pub(crate) fn trim_blank_end(text: &str, start: usize, end: usize) -> usize {
    text[start..end]
        .trim_end_matches(|c| is_blank(c) || is_ignorable(c))
        .len()
        + start
}

/// The first non-blank line behind the line that holds `end`, as (start, end) of the line.
pub(crate) fn next_line(text: &str, end: usize) -> Option<(usize, usize)> {
    let mut border = line_end(text, end);
    // A border without a line break is the text's end, or the end of what is looked at of an endless line.
    while text.as_bytes().get(border) == Some(&b'\n') {
        let start = border + 1;
        border = line_end(text, start);
        if !is_blank_str(&text[start..border]) {
            return Some((start, border));
        }
    }
    None
}

/// Whether at least `count` non-blank lines stand before `at`. Looks no further than it must.
pub(crate) fn lines_before(text: &str, at: usize, count: usize) -> bool {
    let mut seen = 0;
    let mut end = at;
    while seen < count && end > 0 {
        let start = line_start(text, end - 1);
        seen += usize::from(!is_blank_str(&text[start..end]));
        end = start;
    }
    seen >= count
}

/// The trailing stretch of blanks of `text[..at]`, as its start.
pub(crate) fn blanks_before(text: &str, at: usize) -> usize {
    let bytes = text.as_bytes();
    let mut start = at;
    while start > 0 {
        if bytes[start - 1] < 0x80 {
            if !is_blank_byte(bytes[start - 1]) {
                break;
            }
            start -= 1;
        } else {
            match text[..start].chars().next_back() {
                Some(c) if is_blank(c) || is_zero_width(c) => start -= c.len_utf8(),
                _ => break,
            }
        }
    }
    start
}

/// The leading stretch of blanks of `text[at..]`, as its end.
pub(crate) fn blanks_behind(text: &str, at: usize) -> usize {
    at + (text.len() - at)
        - text[at..]
            .trim_start_matches(|c| is_blank(c) || is_zero_width(c))
            .len()
}

/// Zero-width characters that may hide in white space; marks that belong to a letter are not among them.
fn is_zero_width(c: char) -> bool {
    matches!(
        c,
        '\u{200b}' | '\u{feff}' | '\u{2060}' | '\u{200e}' | '\u{200f}' | '\u{ad}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decoration_is_skipped_on_both_sides() {
        for line in [
            "– Werbung –",
            "[Werbung]",
            "【Werbung】",
            "▼ Werbung ▼",
            "Werbung:",
            "** Werbung …",
            "👉 Werbung",
        ] {
            let start = skip_decoration(line, 0);
            assert_eq!(
                &line[start..content_end(line, start, line.len())],
                "Werbung",
                "{line}"
            );
            assert!(only_end_decoration(line, start + "Werbung".len()), "{line}");
        }
        assert_eq!(skip_decoration("“Werbung”", 0), 0);
    }

    #[test]
    fn lines_are_found_both_ways() {
        let text = "one\n\n two\nthree";
        assert_eq!(line_start(text, 7), 5);
        assert_eq!(line_end(text, 5), 9);
        assert_eq!(next_line(text, 3), Some((5, 9)));
        assert_eq!(next_line(text, 9), Some((10, 15)));
        assert_eq!(next_line(text, 15), None);
        assert_eq!(next_line("one\u{a0}\ntwo", 3), Some((6, 9)));
        assert!(lines_before(text, 10, 2));
        assert!(!lines_before(text, 10, 3));
    }
}
