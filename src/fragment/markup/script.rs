//! Lines of scripts and style sheets.

use crate::model::Safety;

/// The longest line that is judged, in bytes.
pub(super) const MAX_LEN: usize = 4000;

/// Lines that open or close a block of script in old pages.
const FENCES: &[&str] = &[
    "//-->",
    "//–>",
    "//—>",
    "// -->",
    "//]]>",
    "// ]]>",
    "/* ]]> */",
    "/*]]>*/",
    "//<![CDATA[",
    "// <![CDATA[",
    "/* <![CDATA[ */",
    "/*<![CDATA[*/",
    "<![CDATA[",
    "]]>",
    "<!--//",
    "<!--",
    "<!–",
    "<!—",
];

/// Calls and names of advertising, counting and page scripts, and nothing else.
const APIS: &[&str] = &[
    "googletag.",
    "adsbygoogle",
    "_gaq.push",
    "gtag(",
    "fbq(",
    "dataLayer",
    "_taboola",
    "_sf_async_config",
    "_ndnq",
    "__gads",
    "window._",
    "jQuery(",
    "$(document)",
    "document.write(",
    "document.getElementById(",
    "document.createElement(",
    "document.getElementsBy",
    "document.querySelector(",
    "window.onload",
    "addEventListener(",
    "FB.init",
    "twttr.",
    "instgrm.",
    "catch(e){}",
    "OBR.",
    "Criteo",
    "apstag.",
    "pbjs.",
    "ga('",
    "ga(\"",
    "DM.init",
];

/// Properties that style sheets of pages set.
const PROPERTIES: &[&str] = &[
    "background",
    "border",
    "bottom",
    "box-",
    "clear",
    "color",
    "content",
    "cursor",
    "display",
    "float",
    "font",
    "height",
    "left",
    "letter-spacing",
    "line-height",
    "list-style",
    "margin",
    "max-",
    "min-",
    "opacity",
    "overflow",
    "padding",
    "position",
    "right",
    "text-",
    "top",
    "vertical-align",
    "visibility",
    "white-space",
    "width",
    "z-index",
    "-webkit-",
    "-moz-",
];

/// How sure it is that a line is script or style, or `None` if it is text.
pub(super) fn judge(line: &str) -> Option<Safety> {
    let line = line.trim();
    if line.is_empty() || line.len() > MAX_LEN {
        return None;
    }
    if FENCES.contains(&line) {
        return Some(Safety::Safe);
    }
    if is_style(line) {
        return Some(Safety::Safe);
    }
    let ends = line.ends_with([';', '}', '{', ')', ']'])
        || line.ends_with("*/")
        || line.ends_with("//-->")
        || line.ends_with("//–>");
    if !ends || !begins_like_code(line) {
        return None;
    }
    if APIS.iter().any(|api| line.contains(api)) || is_queue(line) {
        return Some(Safety::Safe);
    }
    is_statement(line).then_some(Safety::Report)
}

/// `var _q = _q || [];`, the way every counter on the web begins.
fn is_queue(line: &str) -> bool {
    let Some(rest) = line
        .strip_prefix("var ")
        .or_else(|| line.strip_prefix("window."))
    else {
        return false;
    };
    let Some((name, value)) = rest.split_once('=') else {
        return false;
    };
    let name = name.trim();
    !name.is_empty() && value.contains("||") && value.contains(name)
}

/// Whether the first word is one that prose does not begin with.
fn begins_like_code(line: &str) -> bool {
    const WORDS: &[&str] = &[
        "var", "let", "const", "function", "if", "for", "try", "return", "window", "document",
        "import", "export",
    ];
    let first = line.split_whitespace().next().unwrap_or("");
    let word_len = first
        .bytes()
        .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$'))
        .count();
    let (word, rest) = first.split_at(word_len);
    let next = line[word_len..].trim_start();
    WORDS.contains(&word)
        || rest.starts_with(['(', '=', '['])
        || (rest.starts_with('.')
            && rest.len() > 1
            && rest[1..].starts_with(|c: char| c.is_ascii_alphabetic() || c == '_'))
        || next.starts_with("= ")
        || first.starts_with(['}', '(', '$', '!'])
}

/// Whether it has the marks of a statement: code in a text that may well be about code.
fn is_statement(line: &str) -> bool {
    (line.ends_with(';') || line.ends_with('{') || line.ends_with('}'))
        && line.contains(['(', '=', '{'])
        && line.is_ascii()
}

/// Whether the line is one or more whole rules of a style sheet.
fn is_style(line: &str) -> bool {
    let mut rest = line;
    let mut rules = 0;
    while !rest.is_empty() {
        let Some((selector, tail)) = rest.split_once('{') else {
            return false;
        };
        let Some((body, tail)) = tail.split_once('}') else {
            return false;
        };
        let selector = selector.trim();
        if let Some(inner) = selector.strip_prefix('@') {
            // "@media (…) { .a { … } }"
            if !inner.starts_with("media")
                && !inner.starts_with("font-face")
                && !inner.starts_with("import")
            {
                return false;
            }
        } else if selector.is_empty()
            || selector.len() > 300
            || !selector
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b" .#:,>-_*+~[]=\"'()".contains(&byte))
        {
            return false;
        }
        let declarations = body.rsplit_once('{').map_or(body, |(_, inner)| inner);
        let styled = declarations
            .split(';')
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .all(|part| {
                part.split_once(':').is_some_and(|(property, value)| {
                    let property = property.trim();
                    !value.trim().is_empty()
                        && PROPERTIES.iter().any(|known| property.starts_with(known))
                })
            });
        if !styled || declarations.trim().is_empty() {
            return false;
        }
        rules += 1;
        rest = tail.trim_start().trim_start_matches('}').trim_start();
    }
    rules > 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        for (line, expected) in [
            ("var _q = _q || []; _q.push(['embed']);", Some(Safety::Safe)),
            ("//–>", Some(Safety::Safe)),
            (
                "googletag.cmd.push(function() { googletag.display('ad-1'); });",
                Some(Safety::Safe),
            ),
            (
                ".box-12 { margin: 0 auto; color: #333; } .box p{font-size:12px}",
                Some(Safety::Safe),
            ),
            (
                "@media (max-width: 600px) { .box { display: none; } }",
                Some(Safety::Safe),
            ),
            ("let total = add(1, 2);", Some(Safety::Report)),
            ("if (ready) {", Some(Safety::Report)),
            ("He wrote the variable down (it was a long one);", None),
            ("If he is right (and he may be) {so they say}", None),
            ("The set {a: 1; b: 2}", None),
            ("Sources: Reuters; AP; the Times;", None),
            ("x = y", None),
        ] {
            assert_eq!(judge(line), expected, "{line}");
        }
    }
}
