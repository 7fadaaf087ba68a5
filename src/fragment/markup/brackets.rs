//! Shortcodes (`[caption id="1"]`, `[/caption]`, `[url=…]`) and templates (`{{item.date}}`).

use super::super::context::{begins_line, ends_line};
use crate::model::Span;

/// The longest shortcode that is looked at, in bytes.
const MAX_LEN: usize = 500;

/// Shortcodes that stand without attributes. Not among them: words that transcripts put in brackets, such as `[music]` and `[video]`.
const KNOWN: &[&str] = &[
    "adsense",
    "blockquote",
    "caption",
    "contentcards",
    "divider",
    "embed",
    "embedtweet",
    "gallery",
    "newsletter",
    "playlist",
    "poll",
    "pullquote",
    "quote",
    "shareaholic",
    "slideshow",
    "toc",
    "youtube",
];

/// Tags of forums, which are sure in pairs or with a value.
const FORUM: &[&str] = &[
    "b", "center", "code", "color", "email", "font", "i", "img", "list", "quote", "size",
    "spoiler", "u", "url",
];

/// A shortcode or template.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bracket<'t> {
    /// Where it stands.
    pub(super) span: Span,
    /// Its name; empty for a template.
    pub(super) name: &'t str,
    /// Whether it is a closing one.
    pub(super) closes: bool,
    /// Whether it is one whatever stands around it.
    pub(super) sure: bool,
    /// Whether it is one when it stands on a line of its own. Any is one when it has a partner that is sure.
    pub(super) known: bool,
}

/// The shortcode at the `[` at the byte `at`.
pub(super) fn shortcode(text: &str, at: usize) -> Option<Bracket<'_>> {
    let rest = super::super::context::first_bytes(text[at..].strip_prefix('[')?, MAX_LEN);
    let closes = rest.starts_with('/');
    let named = rest.strip_prefix('/').unwrap_or(rest);
    let len = named
        .bytes()
        .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
        .count();
    let name = &named[..len];
    if !name.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_uppercase()) {
        return None;
    }
    let attributes = &named[len..];
    let end = closing(attributes)?;
    let inner = attributes[..end].trim_end_matches('/').trim_end();
    let value = inner.starts_with('=') && FORUM.iter().any(|tag| name.eq_ignore_ascii_case(tag));
    let sure = value || (!closes && name.len() > 2 && has_attribute(inner));
    let known = inner.is_empty()
        && (KNOWN.contains(&name)
            || FORUM.contains(&name.to_ascii_lowercase().as_str())
            || is_builder(name));
    let start = at;
    let end = at + 1 + usize::from(closes) + len + end + 1;
    // "[/jwplayer]" closes whatever opened, but "[/sarcasm]" alone is a remark.
    (sure || known || (closes && inner.is_empty())).then_some(Bracket {
        span: Span::new(start, end),
        name,
        closes,
        sure,
        known,
    })
}

/// `vc_row`, `et_pb_section`: nobody writes such words into prose.
fn is_builder(name: &str) -> bool {
    name.contains('_')
        && name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

/// Where the bracket closes. Addresses and quoted values may hold brackets of their own.
fn closing(attributes: &str) -> Option<usize> {
    let mut quoted = false;
    let mut previous = ' ';
    for (at, c) in attributes.char_indices() {
        match c {
            '\n' => return None,
            '"' | '“' | '”' if quoted => quoted = false,
            '"' | '“' | '”' if previous == '=' => quoted = true,
            '[' if !quoted => return None,
            ']' if !quoted => return Some(at),
            _ => {}
        }
        previous = c;
    }
    None
}

/// Whether ` key=value` stands here.
fn has_attribute(inner: &str) -> bool {
    let Some(rest) = inner.strip_prefix(' ') else {
        return false;
    };
    let rest = rest.trim_start();
    let key = rest
        .bytes()
        .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
        .count();
    key > 0 && rest[key..].starts_with('=') && rest.len() > key + 1
}

/// The template at the `{` at the byte `at`, if it stands on a line of its own or not.
pub(super) fn template(text: &str, at: usize) -> Option<Bracket<'_>> {
    let rest = text[at..].strip_prefix("{{")?;
    let extra = rest.bytes().take_while(|byte| *byte == b'{').count();
    let body = super::super::context::first_bytes(&rest[extra..], 120);
    let end = body.find("}}")?;
    let expression = body[..end].trim();
    let known = expression.starts_with(|c: char| {
        c.is_ascii_alphabetic() || matches!(c, '_' | '$' | '#' | '/' | '^' | '&')
    }) && expression
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"_.$ |()'\"-:#/&,^".contains(&byte));
    let close = body[end..]
        .bytes()
        .take_while(|byte| *byte == b'}')
        .count()
        .min(2 + extra);
    let span = Span::new(at, at + 2 + extra + end + close);
    // In mid-sentence it stands for a word that is lost.
    let sure = known && begins_line(text, span.start) && ends_line(text, span.end);
    known.then_some(Bracket {
        span,
        name: "",
        closes: false,
        sure,
        known,
    })
}
