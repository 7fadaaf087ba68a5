//! The HTML inside Markdown: which of its bytes are tags, comments and scripts, and what character references stand for.

use std::ops::Range;

use super::super::view::Mark;
use super::find;

/// Elements whose content is no text.
const RAW: [&str; 6] = ["script", "style", "pre", "code", "textarea", "svg"];

/// The longest character reference that is looked for, in bytes: `&CounterClockwiseContourIntegral;` and a little more.
const REFERENCE: usize = 40;

/// Adds the marks of a block of HTML: tags and the content of scripts are solid, and comments too, for they stand on lines of their own. Text
/// between tags stays text.
pub(super) fn take_apart(
    source: &str,
    block: Range<usize>,
    marks: &mut Vec<(Range<usize>, Mark)>,
    comments: &mut Vec<Range<usize>>,
) {
    let mut at = block.start;
    while let Some(sign) = memchr::memchr2(b'<', b'&', &source.as_bytes()[at..block.end]) {
        let start = at + sign;
        let rest = &source[start..block.end];
        if rest.starts_with('&') {
            at = start + 1;
            if let Some((end, text)) = decode(source, start, block.end) {
                marks.push(reference(source, start..end, &text));
                at = end;
            }
            continue;
        }
        let end = if rest.starts_with("<!--") {
            let end = find(source, "-->", start + 4, block.end).map_or(block.end, |end| end + 3);
            comments.push(start..end);
            end
        } else {
            element(source, start, block.end)
        };
        marks.push((start..end, Mark::Solid));
        at = end.max(start + 1);
    }
}

/// Where the tag that begins at `start` ends, or its element if that holds no text.
fn element(source: &str, start: usize, stop: usize) -> usize {
    let bytes = source.as_bytes();
    let mut quote = None;
    let mut end = stop;
    for (at, &byte) in bytes.iter().enumerate().take(stop).skip(start + 1) {
        match (quote, byte) {
            (None, b'>') => {
                end = at + 1;
                break;
            }
            (None, sign @ (b'"' | b'\'')) => quote = Some(sign),
            (Some(open), sign) if open == sign => quote = None,
            _ => {}
        }
    }
    let tag = &source[start + 1..end];
    let name_end = tag
        .find(|c: char| !c.is_ascii_alphanumeric())
        .unwrap_or(tag.len());
    let name = tag[..name_end].to_ascii_lowercase();
    if !RAW.contains(&name.as_str()) || tag.ends_with("/>") {
        return end;
    }
    let close = format!("</{name}");
    let mut at = end;
    while let Some(lt) = find(source, "</", at, stop) {
        let head = source.get(lt..lt + close.len());
        if head.is_some_and(|head| head.eq_ignore_ascii_case(&close)) {
            return find(source, ">", lt, stop).map_or(stop, |end| end + 1);
        }
        at = lt + 2;
    }
    stop
}

/// The character reference at `start`, if there is one: where it ends and what it stands for.
fn decode(source: &str, start: usize, stop: usize) -> Option<(usize, String)> {
    let end = find(source, ";", start, stop.min(start + REFERENCE))? + 1;
    let name = &source[start..end];
    let text = html_escape::decode_html_entities(name);
    (text != name).then(|| (end, text.into_owned()))
}

/// The mark of a character reference that stands for `text`. One that shows markup (`&lt;`, or the `&amp;` of `&amp;lt;`) is solid: decoded it would
/// look like markup that a tool left behind.
pub(super) fn reference(source: &str, range: Range<usize>, text: &str) -> (Range<usize>, Mark) {
    let mut chars = text.chars();
    let behind = source[range.end..].chars().next();
    let mark = match (chars.next(), chars.next()) {
        (Some('<' | '>'), _) => Mark::Solid,
        (Some('&'), None) if behind.is_some_and(|c| c.is_alphanumeric() || c == '#') => Mark::Solid,
        (Some(c), None) if !c.is_control() => Mark::Decoded(c),
        _ => Mark::Solid,
    };
    (range, mark)
}
