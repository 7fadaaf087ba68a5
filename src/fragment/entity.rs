//! `entity`: character references of HTML that were never decoded (`Johnson &amp; Johnson`, `&#8217;`, `&amp;amp;nbsp;`).
//!
//! References in a row are one finding. They stay where the text speaks of markup, and where decoding would only make another breakage: a
//! tag, a shortcode, an escape.

use std::borrow::Cow;
use std::sync::{Arc, LazyLock};

use super::settled::is_settled;
use super::{Detector, Input, context, markup, mojibake};
use crate::model::{Action, Finding, RuleInfo, Safety, Span};

/// Finds character references that were never decoded.
#[derive(Clone, Copy, Debug)]
pub struct Entity;

static RULE: LazyLock<Arc<RuleInfo>> = LazyLock::new(|| Entity.rule());

/// The longest reference that is looked at; the longest name in use has 31 letters.
const MAX_LEN: usize = 34;

/// Two- and three-letter names that real text holds. Others of that length (`&or;`, `&in;`) are more often a parameter or a name.
const SHORT: &[&str] = &[
    "amp", "lt", "gt", "shy", "reg", "deg", "yen", "eth", "ETH", "uml", "not", "zwj",
];

/// Names that are also met without their semicolon.
const BARE: &[&str] = &[
    "nbsp", "amp", "quot", "apos", "rsquo", "lsquo", "rdquo", "ldquo", "mdash", "ndash", "hellip",
    "bull", "middot",
];

impl Detector for Entity {
    fn name(&self) -> &'static str {
        "entity"
    }

    fn why(&self) -> &'static str {
        "is a character reference that was never decoded"
    }

    fn detect(&self, input: Input<'_>, findings: &mut Vec<Finding>) {
        let text = input.text;
        if !input.has_signs() {
            return;
        }
        let mut shows_code = None;
        let mut done = 0;
        for at in memchr::memchr_iter(b'&', text.as_bytes()) {
            if at < done {
                continue;
            }
            // A tag is the business of `markup`, with all that stands in it.
            if let Some(tag) = markup::tag_around(text, at) {
                done = tag.end;
                continue;
            }
            let finding = match run(text, at) {
                Some(run) => {
                    done = run.span.end;
                    let shows_code = *shows_code.get_or_insert_with(|| context::shows_code(text));
                    judge(text, &run, shows_code)
                }
                None => match bare(text, at) {
                    Some(span) => context::report(&RULE, span),
                    None => continue,
                },
            };
            if !context::absent(input.removed, finding.span) {
                findings.push(finding);
            }
        }
    }
}

/// References in a row, and what they stand for.
struct Run {
    span: Span,
    decoded: String,
    /// Whether all of it is text that may be written.
    plain: bool,
}

/// The run that begins at the `&` at `start`. Blanks between references are part of it only between blanks that were references too.
fn run(text: &str, start: usize) -> Option<Run> {
    let mut decoded = String::new();
    let mut plain = true;
    let mut end = start;
    while let Some((len, meant)) = reference(&text[end..])
        .filter(|(_, meant)| meant != "<" || markup::tag_at(text, end).is_none())
    {
        decoded.push_str(&meant);
        plain &= meant.chars().all(is_plain);
        end += len;
        let rest = &text[end..];
        let next = rest.trim_start_matches([' ', '\u{A0}']);
        if decoded.ends_with('\u{A0}')
            && reference(next).is_some_and(|(_, meant)| meant == "\u{A0}")
        {
            end += rest.len() - next.len();
        }
    }
    (end > start).then(|| Run {
        span: Span::new(start, end),
        decoded,
        plain,
    })
}

/// The reference at the beginning of `text`: its length and what it means. `&amp;` in front of a reference belongs to it, since each
/// saving of a page may have escaped it again.
fn reference(text: &str) -> Option<(usize, Cow<'static, str>)> {
    let mut rest = text.strip_prefix('&')?;
    let mut escaped = false;
    while let Some(inner) = rest.strip_prefix("amp;") {
        rest = inner;
        escaped = true;
    }
    let outer = text.len() - rest.len();
    match single(rest) {
        Some((len, meant)) => Some((outer + len, meant)),
        None if escaped => Some((outer, Cow::Borrowed("&"))),
        None => None,
    }
}

/// The reference whose text behind the `&` begins here.
fn single(rest: &str) -> Option<(usize, Cow<'static, str>)> {
    let semicolon = memchr::memchr(b';', &rest.as_bytes()[..rest.len().min(MAX_LEN)])?;
    let name = &rest[..semicolon];
    let number = name.strip_prefix('#');
    let known = match number {
        Some(digits) => !digits.is_empty() && digits.len() <= 8,
        None => name.len() > 3 || SHORT.contains(&name),
    };
    if !known
        || !number
            .unwrap_or(name)
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric())
    {
        return None;
    }
    let whole = format!("&{name};");
    let meant = match number {
        Some(digits) => numeric(digits)?.to_string(),
        None => html_escape::decode_html_entities(&whole).into_owned(),
    };
    (meant != whole).then_some((semicolon + 1, Cow::Owned(meant)))
}

/// The character of a numeric reference. Numbers 128 to 159 mean Windows-1252, as in browsers.
fn numeric(digits: &str) -> Option<char> {
    let number = match digits.strip_prefix(['x', 'X']) {
        Some(digits) => u32::from_str_radix(digits, 16).ok()?,
        None => digits.parse().ok()?,
    };
    match number {
        0x80..0xA0 => mojibake::windows_char(number as u8),
        _ => char::from_u32(number).filter(|c| *c != '\0'),
    }
}

/// Whether a decoded character may be written. The rest would be read as markup, code or a line end by the next pass.
fn is_plain(c: char) -> bool {
    !c.is_control()
        && !matches!(
            c,
            '<' | '>' | '[' | ']' | '{' | '}' | '\\' | '`' | '\u{FFFD}' | '\u{E000}'
                ..='\u{F8FF}' | '\u{2028}' | '\u{2029}'
        )
}

/// The decoded text without characters that are not seen and mean nothing in running text.
fn visible(decoded: &str) -> String {
    decoded
        .chars()
        .filter(|c| !matches!(c, '\u{AD}' | '\u{200B}' | '\u{2060}' | '\u{FEFF}' | '\r'))
        .collect()
}

fn judge(text: &str, run: &Run, shows_code: bool) -> Finding {
    let Run { span, decoded, .. } = run;
    let blank = |c: Option<char>| c.is_none_or(char::is_whitespace);
    let mut mended = visible(decoded);
    if blank(context::before(text, span.start)) {
        mended = mended.trim_start_matches('\u{A0}').to_owned();
    }
    if blank(context::after(text, span.end)) {
        mended = mended.trim_end_matches('\u{A0}').to_owned();
    }
    let written = run.plain || is_comparison(text, run) || decoded == "\r";
    if !written || !is_settled(text, *span, &mended) {
        return context::report(&RULE, *span);
    }
    let action = if mended.is_empty() && blank(context::before(text, span.start)) {
        Action::Remove
    } else {
        Action::Replace(mended)
    };
    let finding = context::finding(&RULE, *span, action, Safety::Safe);
    if shows_code || context::technical(text, *span) {
        context::mention(finding)
    } else {
        finding
    }
}

/// Whether a decoded `<` or `>` is a sign of comparison or an arrow and not the border of a tag.
fn is_comparison(text: &str, run: &Run) -> bool {
    let Span { start, end } = run.span;
    let line = context::line(text, start);
    let head = &text[line.start..start];
    let next = context::after(text, end);
    match run.decoded.as_str() {
        "<" => next.is_none_or(|c| c.is_whitespace() || c.is_ascii_digit()),
        ">" => !opens_tag(head),
        _ => false,
    }
}

/// Whether a `<` of the line, escaped or not, stands before what a tag begins with, and the tag is not whole.
fn opens_tag(head: &str) -> bool {
    let mut done = 0;
    memchr::memchr2_iter(b'<', b'&', head.as_bytes()).any(|at| {
        if at < done {
            return false;
        }
        if let Some(tag) = markup::tag_at(head, at) {
            done = tag.end;
            return false;
        }
        let rest = match reference(&head[at..]) {
            Some((len, meant)) if meant == "<" => &head[at + len..],
            _ => head[at..].strip_prefix('<').unwrap_or(""),
        };
        rest.starts_with(|c: char| {
            c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?' | '<' | '&')
        })
    })
}

/// Where references stand, whatever they mean.
pub(super) fn recognise(text: &str) -> Vec<Span> {
    memchr::memchr_iter(b'&', text.as_bytes())
        .filter_map(|at| run(text, at))
        .map(|run| run.span)
        .collect()
}

/// A reference without its semicolon, not inside an address.
fn bare(text: &str, at: usize) -> Option<Span> {
    let rest = &text[at + 1..];
    let name = BARE.iter().find(|name| rest.starts_with(**name))?;
    let end = at + 1 + name.len();
    let next = context::after(text, end);
    if next.is_some_and(|c| c.is_ascii_alphanumeric() || matches!(c, '=' | ';')) {
        return None;
    }
    let token = context::last_bytes(&text[..at], 300)
        .rsplit(char::is_whitespace)
        .next()
        .unwrap_or("");
    (!token.contains(['?', '/', '='])).then(|| Span::new(at, end))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fragment::check::{applied, find, found, keeps, mends};
    use crate::model::Kept;

    #[test]
    fn decodes() {
        for (broken, sound) in [
            ("Johnson &amp; Johnson", "Johnson & Johnson"),
            ("to use &amp; enjoy", "to use & enjoy"),
            ("We use &nbsp;the word", "We use the word"),
            (
                "the city&#8217;s plan &#8211; a new one",
                "the city’s plan – a new one",
            ),
            (
                "“I&apos;m late,” he said, &quot;very&quot;",
                "“I'm late,” he said, \"very\"",
            ),
            ("&mdash; The Police (@police)", "— The Police (@police)"),
            ("caf&eacute; in Bogot&aacute;", "café in Bogotá"),
            ("10&nbsp;km", "10\u{A0}km"),
            ("a blank&nbsp; too many", "a blank too many"),
            ("at the morgue&nbsp;&hellip;", "at the morgue\u{A0}…"),
            ("One.\n\n&amp;amp;amp;nbsp;\n\nTwo.", "One.\n\n\n\nTwo."),
            ("One.\n\n&nbsp; &nbsp;\n\nTwo.", "One.\n\n\n\nTwo."),
            ("R&amp;amp;D", "R&D"),
            (
                "see http://a.example/?x=1&amp;y=2",
                "see http://a.example/?x=1&y=2",
            ),
            ("x &lt; 5 and 7 &gt; 6", "x < 5 and 7 > 6"),
            ("un&shy;seen", "unseen"),
            ("The end.&#13;\nNext", "The end.\nNext"),
            ("&#x1F600;", "😀"),
        ] {
            mends(&Entity, broken, sound);
        }
    }

    #[test]
    #[cfg(feature = "encoding")]
    fn windows_numbers() {
        mends(&Entity, "the city&#146;s plan", "the city’s plan");
    }

    #[test]
    fn leaves_sound_text() {
        for text in [
            "AT&T; then",
            "R&D; Q&A; B&B",
            "rock & roll; jazz",
            "x?a=1&copy=2&lang=en;",
            "Smith & Sons;",
            "&;&#;&#x;&#99999999;",
            "&unknown;",
            "&lt;br&gt;",
            "<a href=\"x?a=1&amp;b=2\">x</a>",
        ] {
            keeps(&Entity, text, false);
        }
    }

    #[test]
    fn reports_what_it_must_not_make() {
        for text in [
            "one &lt;b two",
            "&#91;caption&#93;",
            "C:\\&#110;ew",
            "&amp;&#108;t;",
            "a&nbsp b",
            "&#226;&#8364;&#8482;",
            "caf&Atilde;&copy;",
            "a &gt b &quot c",
        ] {
            keeps(&Entity, text, true);
        }
    }

    #[test]
    fn speaking_of_it() {
        for text in [
            "Write &amp; for the sign.",
            "Use &nbsp; for a hard blank.",
            "In old pages &copy; stands for the sign.",
            "You can type &eacute; instead of the letter.",
            "HTML has &nbsp; for it.",
            "Use “&mdash;” here.",
            "It shows &amp; there.\n\n```\n&lt;\n```",
        ] {
            keeps(&Entity, text, true);
            assert_eq!(find(&Entity, text)[0].kept, Some(Kept::Mention), "{text}");
        }
    }

    #[test]
    fn one_finding_a_run() {
        assert_eq!(
            found(&Entity, "a&nbsp;&mdash;&nbsp;b &amp; c"),
            ["&nbsp;&mdash;&nbsp;", "&amp;"]
        );
        assert_eq!(
            applied(&Entity, "a&nbsp;&mdash;&nbsp;b", Safety::Safe),
            "a\u{A0}—\u{A0}b"
        );
    }
}
