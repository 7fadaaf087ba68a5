//! Tags of HTML, raw (`<br>`) or escaped (`&lt;br&gt;`).

use crate::model::Span;

/// The longest tag that is looked at, in bytes.
const MAX_LEN: usize = 1200;

/// The longest element that is dropped with its content, in bytes.
const MAX_CONTENT: usize = 8_000;

/// What takes the place of a tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flow {
    /// Nothing: it stood in a line.
    Inline,
    /// A line break: it stood between lines.
    Block,
}

/// A tag, or an element with all its content.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tag<'t> {
    /// Where it stands.
    pub(super) span: Span,
    /// Its name as written; empty for a comment.
    pub(super) name: &'t str,
    /// Whether it is a closing tag.
    pub(super) closes: bool,
    /// Whether it has attributes, or needs neither attributes nor a partner to be recognised.
    pub(super) sure: bool,
    /// What takes its place.
    pub(super) flow: Flow,
}

/// What may stand at a `<`.
#[derive(Clone, Copy, Debug)]
pub(super) enum Angle<'t> {
    /// A tag of HTML.
    Tag(Tag<'t>),
    /// A tag of another language, or a placeholder: `<branch name>`.
    Foreign,
    /// The beginning of a tag that is not whole.
    Torn,
    /// Nothing of the kind.
    Other,
}

const INLINE: &[&str] = &[
    "a", "abbr", "acronym", "b", "big", "button", "cite", "del", "em", "font", "i", "img", "input",
    "ins", "label", "link", "mark", "meta", "param", "picture", "q", "s", "small", "source",
    "span", "strike", "strong", "sub", "sup", "time", "track", "tt", "u", "wbr",
];
const BLOCK: &[&str] = &[
    "address",
    "article",
    "aside",
    "blockquote",
    "br",
    "center",
    "dd",
    "div",
    "dl",
    "dt",
    "embed",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "iframe",
    "li",
    "main",
    "nav",
    "noscript",
    "object",
    "ol",
    "p",
    "section",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
    "ul",
];
/// Elements whose content is no text.
const DROPPED: &[&str] = &["iframe", "script", "style", "svg"];

/// What stands at the `<` or `&lt;` at the byte `at`.
pub(super) fn angle(text: &str, at: usize) -> Angle<'_> {
    let Some((rest, escaped)) = opening(&text[at..]) else {
        return Angle::Other;
    };
    if rest.starts_with("!--") {
        let body = super::super::context::first_bytes(rest, MAX_LEN);
        return match closing_of(body, "--", escaped) {
            Some(end) => Angle::Tag(Tag {
                span: Span::new(at, offset(text, rest) + end),
                name: "",
                closes: false,
                sure: true,
                flow: Flow::Inline,
            }),
            None => Angle::Torn,
        };
    }
    let closes = rest.starts_with('/');
    let named = rest.strip_prefix('/').unwrap_or(rest);
    let name_len = named.bytes().take_while(u8::is_ascii_alphanumeric).count();
    let name = &named[..name_len];
    if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        // "<<b>" would become a tag when the inner one goes.
        return if rest.starts_with(['<', '/', '!', '?', '&', '[', '{']) {
            Angle::Torn
        } else {
            Angle::Other
        };
    }
    let attributes = &named[name_len..];
    if !attributes.starts_with([' ', '/', '>', '&', '\t']) {
        return if attributes.starts_with(['<', '[', '{', '\\', '(']) {
            Angle::Torn
        } else {
            Angle::Other
        };
    }
    let Some(end) = tag_end(
        super::super::context::first_bytes(attributes, MAX_LEN),
        escaped,
    ) else {
        return if is_known(name) {
            Angle::Torn
        } else {
            Angle::Other
        };
    };
    let inner = attributes[..end.0].trim_end_matches('/').trim();
    let has_attributes = inner.contains('=');
    if !is_known(name) {
        let looks_like_tag = !name.is_empty()
            && (inner.is_empty()
                || has_attributes
                || inner
                    .bytes()
                    .all(|byte| byte.is_ascii_alphabetic() || byte == b' '));
        return if looks_like_tag {
            Angle::Foreign
        } else {
            Angle::Other
        };
    }
    if !inner.is_empty() && !has_attributes {
        return Angle::Other;
    }
    let void = ["br", "hr", "wbr"]
        .iter()
        .any(|void| name.eq_ignore_ascii_case(void));
    let flow = if BLOCK.iter().any(|block| name.eq_ignore_ascii_case(block)) {
        Flow::Block
    } else {
        Flow::Inline
    };
    let tag = Tag {
        span: Span::new(at, offset(text, attributes) + end.1),
        name,
        closes,
        sure: has_attributes || closes || void,
        flow,
    };
    Angle::Tag(if closes { tag } else { with_content(text, tag) })
}

/// The element with its content, if it is one whose content is no text and its end is found.
fn with_content<'t>(text: &'t str, tag: Tag<'t>) -> Tag<'t> {
    if !DROPPED
        .iter()
        .any(|dropped| tag.name.eq_ignore_ascii_case(dropped))
    {
        return tag;
    }
    let body = super::super::context::first_bytes(&text[tag.span.end..], MAX_CONTENT);
    let end = memchr::memmem::find_iter(body.as_bytes(), tag.name.as_bytes()).find_map(|at| {
        let head = body[..at].strip_suffix('/')?;
        let opens = head.ends_with('<') || head.ends_with("lt;");
        let after = &body[at + tag.name.len()..];
        let len = if after.starts_with('>') {
            1
        } else {
            after.starts_with("&gt;").then_some(4)?
        };
        opens.then_some(at + tag.name.len() + len)
    });
    match end {
        Some(end) => Tag {
            span: Span::new(tag.span.start, tag.span.end + end),
            sure: true,
            flow: Flow::Block,
            ..tag
        },
        // Its content would stay as text: better all of it than half.
        None => Tag { sure: false, ..tag },
    }
}

fn is_known(name: &str) -> bool {
    [INLINE, BLOCK, DROPPED]
        .iter()
        .any(|list| list.iter().any(|known| name.eq_ignore_ascii_case(known)))
}

/// What follows the opening angle, and whether that was escaped.
fn opening(text: &str) -> Option<(&str, bool)> {
    if let Some(rest) = text.strip_prefix('<') {
        return Some((rest, false));
    }
    let mut rest = text.strip_prefix('&')?;
    while let Some(inner) = rest.strip_prefix("amp;") {
        rest = inner;
    }
    rest.strip_prefix("lt;").map(|rest| (rest, true))
}

/// Where the attributes end and where the tag ends, both in bytes of `attributes`. No tag runs over a line's end or holds another.
fn tag_end(attributes: &str, escaped: bool) -> Option<(usize, usize)> {
    let mut quote = None;
    let mut previous = ' ';
    for (at, c) in attributes.char_indices() {
        let rest = &attributes[at..];
        match c {
            '\n' | '<' => return None,
            // Quotation marks were made curly by some editors, both of them the same way.
            '"' | '”' | '“' | '″' if quote == Some('"') => quote = None,
            '"' | '”' | '“' | '″' if previous == '=' => quote = Some('"'),
            '\'' | '’' | '‘'
                if quote == Some('\'')
                    && !rest[c.len_utf8()..].starts_with(|c: char| c.is_alphanumeric()) =>
            {
                quote = None
            }
            '\'' | '’' | '‘' if previous == '=' => quote = Some('\''),
            '>' if quote.is_none() && !escaped => return Some((at, at + 1)),
            '&' if escaped && quote.is_none() => {
                if let Some(len) = escaped_closing(rest) {
                    return Some((at, at + len));
                }
            }
            _ => {}
        }
        previous = c;
    }
    None
}

/// The length of an escaped `>` at the beginning of `text`.
fn escaped_closing(text: &str) -> Option<usize> {
    let mut rest = text.strip_prefix('&')?;
    while let Some(inner) = rest.strip_prefix("amp;") {
        rest = inner;
    }
    let rest = rest.strip_prefix("gt;")?;
    Some(text.len() - rest.len())
}

/// Where a comment ends.
fn closing_of(body: &str, mark: &str, escaped: bool) -> Option<usize> {
    let mut from = mark.len() + 1;
    loop {
        let at = from + body.get(from..)?.find(mark)?;
        let rest = &body[at + mark.len()..];
        if rest.starts_with('>') && !escaped {
            return Some(at + mark.len() + 1);
        }
        if let Some(len) = escaped_closing(rest).filter(|_| escaped) {
            return Some(at + mark.len() + len);
        }
        from = at + 1;
    }
}

/// Where `part` begins in `text`, of which it is a slice.
fn offset(text: &str, part: &str) -> usize {
    part.as_ptr() as usize - text.as_ptr() as usize
}
