//! `escape`: escapes of a programming language left in prose (`Maria Ruiz\nBBC News`, `It\'s`, `\u2019`, `\xe2\x80\x99`).
//!
//! A backslash is rare in prose and ordinary in paths, formulas and code, so a line that holds any other backslash is left alone.

use std::sync::{Arc, LazyLock};

use super::settled::is_settled;
use super::{Detector, Input, context};
use crate::model::{Action, Finding, RuleInfo, Safety, Span};

/// How far to each side a line is searched for other backslashes, in bytes.
const LINE_SIDE: usize = 400;

/// Finds escapes that were never undone.
#[derive(Clone, Copy, Debug)]
pub struct Escape;

static RULE: LazyLock<Arc<RuleInfo>> = LazyLock::new(|| Escape.rule());

impl Detector for Escape {
    fn name(&self) -> &'static str {
        "escape"
    }

    fn why(&self) -> &'static str {
        "is an escape of a programming language"
    }

    fn detect(&self, input: Input<'_>, findings: &mut Vec<Finding>) {
        let text = input.text;
        if !input.has_signs() {
            return;
        }
        let runs = runs(text);
        if runs.is_empty() {
            return;
        }
        let shows_code = context::shows_code(text);
        let company = runs
            .iter()
            .filter(|run| run.breaks() && is_certain_break(text, run))
            .count()
            >= 2;
        for run in runs {
            if !context::absent(input.removed, run.span) {
                findings.push(judge(text, &run, shows_code, company));
            }
        }
    }
}

/// One escape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    /// `\n` or `\r`.
    Break,
    /// `\t`.
    Tab,
    /// `\"`, `\'`, `\/`, or a character by its number.
    Char(char),
    /// `\xe2`, or `\u00e2`, which may be a byte too.
    Byte(u8),
}

/// Escapes in a row.
struct Run {
    span: Span,
    units: Vec<Unit>,
}

impl Run {
    fn breaks(&self) -> bool {
        self.units.contains(&Unit::Break)
    }
}

fn runs(text: &str) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for at in memchr::memchr_iter(b'\\', text.as_bytes()) {
        let end = runs.last().map_or(0, |run| run.span.end);
        if at < end {
            continue;
        }
        let Some((len, unit)) = unit(&text[at..]) else {
            continue;
        };
        match runs.last_mut() {
            // Blanks between two line breaks are part of the row.
            Some(run)
                if at == end
                    || (run.breaks()
                        && unit == Unit::Break
                        && text[end..at].trim_matches(' ').is_empty()) =>
            {
                run.span.end = at + len;
                run.units.push(unit);
            }
            _ => runs.push(Run {
                span: Span::new(at, at + len),
                units: vec![unit],
            }),
        }
    }
    runs
}

/// The escape at the beginning of `text` and its length.
fn unit(text: &str) -> Option<(usize, Unit)> {
    let rest = text.strip_prefix('\\')?;
    let simple = |unit| Some((2, unit));
    match rest.chars().next()? {
        'n' | 'r' => simple(Unit::Break),
        't' => simple(Unit::Tab),
        c @ ('"' | '\'' | '/') => simple(Unit::Char(c)),
        'u' => {
            let (number, len) = hex(&rest[1..], 4)?;
            match number {
                0x80..=0xFF => Some((2 + len, Unit::Byte(number as u8))),
                0xD800..0xDC00 => {
                    let low = rest[1 + len..]
                        .strip_prefix("\\u")
                        .and_then(|low| hex(low, 4))
                        .filter(|(low, _)| (0xDC00..0xE000).contains(low))?;
                    let c = char::from_u32(0x10000 + ((number - 0xD800) << 10) + (low.0 - 0xDC00))?;
                    Some((2 * (2 + len), Unit::Char(c)))
                }
                _ => Some((2 + len, Unit::Char(char::from_u32(number)?))),
            }
        }
        'x' => {
            let (number, len) = hex(&rest[1..], 2)?;
            (number >= 0x80).then_some((2 + len, Unit::Byte(number as u8)))
        }
        _ => None,
    }
}

/// The number of exactly `digits` hexadecimal digits at the beginning of `text`, and how many there were.
fn hex(text: &str, digits: usize) -> Option<(u32, usize)> {
    let head = text
        .get(..digits)
        .filter(|head| head.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
    Some((u32::from_str_radix(head, 16).ok()?, digits))
}

/// Whether a line break that was escaped surely ends a line here: what follows begins one.
fn is_certain_break(text: &str, run: &Run) -> bool {
    let breaks = run
        .units
        .iter()
        .filter(|unit| **unit == Unit::Break)
        .count();
    let next = context::after(text, run.span.end);
    breaks > 1
        || next.is_none_or(|c| {
            c.is_whitespace()
                || c.is_uppercase()
                || matches!(c, '"' | '“' | '«' | '‘' | '•' | '-' | '–' | '—' | '(')
        })
}

fn judge(text: &str, run: &Run, shows_code: bool, company: bool) -> Finding {
    let Run { span, units } = run;
    let decoded = if run.breaks() {
        if !company && !is_certain_break(text, run) {
            return context::report(&RULE, *span);
        }
        broken_line(text, run)
    } else {
        decode(units).map(|decoded| (*span, decoded))
    };
    let Some((cut, decoded)) = decoded.filter(|_| !is_code(text, *span)) else {
        return context::report(&RULE, *span);
    };
    let action = if decoded.is_empty() {
        Action::Remove
    } else {
        Action::Replace(decoded)
    };
    let mut finding = context::finding(&RULE, *span, action, Safety::Safe);
    finding.cut = cut;
    let new = if let Action::Replace(new) = &finding.action {
        new
    } else {
        ""
    };
    if !is_settled(text, cut, new) {
        context::report(&RULE, *span)
    } else if shows_code || context::technical(text, *span) {
        context::mention(finding)
    } else {
        finding
    }
}

/// What takes the place of a row with line breaks: as many real ones, two at most, and none beside one that is there.
fn broken_line(text: &str, run: &Run) -> Option<(Span, String)> {
    let Run { span, units } = run;
    let spelled = &text[span.range()];
    // "\r\n" is one line break.
    let breaks = spelled
        .matches("\\n")
        .count()
        .max(spelled.matches("\\r").count());
    let start = text[..span.start].trim_end_matches(' ').len();
    let end = text.len() - text[span.end..].trim_start_matches(' ').len();
    let edge = |c: Option<char>| c.is_none_or(|c| c == '\n');
    let (before, after) = (context::before(text, start), context::after(text, end));
    let rest: Vec<Unit> = units
        .iter()
        .copied()
        .filter(|unit| !matches!(unit, Unit::Break | Unit::Tab))
        .collect();
    if rest.is_empty() {
        let lines = if edge(before) || edge(after) {
            ""
        } else {
            ["\n", "\n\n"][breaks.min(2) - 1]
        };
        return Some((
            if lines.is_empty() {
                *span
            } else {
                Span::new(start, end)
            },
            lines.to_owned(),
        ));
    }
    // Mixed with others ("\"\n\n\""): in their order.
    let mut decoded = String::new();
    for unit in units {
        match unit {
            Unit::Break if !decoded.ends_with("\n\n") => decoded.push('\n'),
            Unit::Break | Unit::Tab => {}
            other => decoded.push_str(&decode(&[*other])?),
        }
    }
    Some((*span, decoded))
}

/// The text of escapes without line breaks, or `None` if it may not be written.
fn decode(units: &[Unit]) -> Option<String> {
    let bytes: Option<Vec<u8>> = units
        .iter()
        .map(|unit| {
            if let Unit::Byte(byte) = unit {
                Some(*byte)
            } else {
                None
            }
        })
        .collect();
    // Bytes of UTF-8 that were escaped one by one.
    if let Some(decoded) = bytes
        .filter(|bytes| bytes.len() > 1)
        .and_then(|bytes| String::from_utf8(bytes).ok())
    {
        return decoded.chars().all(is_plain).then(|| visible(&decoded));
    }
    let decoded: Option<String> = units
        .iter()
        .map(|unit| match unit {
            Unit::Break => Some('\n'),
            Unit::Tab => Some('\t'),
            Unit::Char(c) => Some(*c).filter(|c| is_plain(*c)),
            Unit::Byte(byte) => Some(char::from(*byte)).filter(|c| is_plain(*c)),
        })
        .collect();
    decoded.map(|decoded| visible(&decoded))
}

/// Whether a decoded character may be written: not one that the next pass would take for markup, a reference or another escape.
fn is_plain(c: char) -> bool {
    match c {
        '\0'..='\x7F' => matches!(c, ' ' | '"' | '\'' | '/' | '-'),
        '\u{E000}'..='\u{F8FF}' | '\u{2028}' | '\u{2029}' | '\u{FFFD}' => false,
        _ => !c.is_control(),
    }
}

fn visible(decoded: &str) -> String {
    decoded
        .chars()
        .filter(|c| !matches!(c, '\u{AD}' | '\u{200B}' | '\u{2060}' | '\u{FEFF}'))
        .collect()
}

/// Whether the backslashes around `span` are those of a path, a formula or code: another one stands before it, the word in front is a
/// drive or a share, or the line holds a backslash that is no known escape.
fn is_code(text: &str, span: Span) -> bool {
    let head = &text[..span.start];
    let token = context::last_bytes(head, 8)
        .rsplit(char::is_whitespace)
        .next()
        .unwrap_or("");
    let drive = token.len() <= 3 && token.ends_with(':');
    let line = context::line_within(text, span.start, LINE_SIDE);
    let bytes = &text.as_bytes()[line.range()];
    let mut done = line.start;
    let other = memchr::memchr_iter(b'\\', bytes).any(|at| {
        let at = line.start + at;
        if at < done {
            return false;
        }
        match unit(&text[at..]) {
            Some((len, unit)) => {
                done = at + len;
                // "\nu", "\tau", "\text": a command of LaTeX or the next part of a path.
                unit == Unit::Tab && text[at + len..].starts_with(|c: char| c.is_ascii_lowercase())
            }
            None => text[at + 1..].starts_with(|c: char| {
                c.is_alphanumeric() || matches!(c, '\\' | '[' | '(' | '{' | '.' | '$')
            }),
        }
    });
    // `printf("done\n", count);`
    let next = text[span.end..line.end.max(span.end)].trim_start();
    let closes_string = next.strip_prefix(['"', '\'']).is_some_and(|rest| {
        rest.trim_start()
            .starts_with([')', ',', ';', '+', ']', '}'])
    });
    head.ends_with('\\') || drive || other || closes_string
}

/// Where escapes stand, whatever they mean.
pub(super) fn recognise(text: &str) -> Vec<Span> {
    runs(text).into_iter().map(|run| run.span).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fragment::check::{find, found, keeps, mends};
    use crate::model::Kept;

    #[test]
    fn mends_escapes() {
        for (broken, sound) in [
            ("Maria Ruiz\\nBBC News", "Maria Ruiz\nBBC News"),
            ("It ended.\\n\\nThe next day", "It ended.\n\nThe next day"),
            ("It ended.\\r\\nThe next day", "It ended.\nThe next day"),
            (
                "It ended. \\n \\n The next day",
                "It ended.\n\nThe next day",
            ),
            ("The end.\\n", "The end."),
            (
                "It\\'s \\\"fine\\\", and\\/or not",
                "It's \"fine\", and/or not",
            ),
            ("the city\\u2019s plan", "the city’s plan"),
            ("fine \\ud83d\\ude00", "fine 😀"),
            ("the city\\xe2\\x80\\x99s plan", "the city’s plan"),
            ("the city\\u00e2\\u0080\\u0099s plan", "the city’s plan"),
            ("caf\\u00e9 in Bogot\\xe1", "café in Bogotá"),
            (
                "he said \\\"no.\\\"\\n\\n\\\"Yes",
                "he said \"no.\"\n\n\"Yes",
            ),
        ] {
            mends(&Escape, broken, sound);
        }
    }

    #[test]
    fn speaking_of_signs() {
        for text in [
            "In C, \\n stands for the end of a line.",
            "Here \\u00e9 means the letter with its accent.",
            "Use \\n for the next line.",
        ] {
            keeps(&Escape, text, true);
            assert_eq!(find(&Escape, text)[0].kept, Some(Kept::Mention), "{text}");
        }
    }

    #[test]
    fn leaves_paths_formulas_and_code() {
        for text in [
            "open C:\\new\\Table now",
            "open C:\\nTable now",
            "printf(\"%d found\\n\", count);",
            "printf ( \"%d found \\n \" , count ) ;",
            "\\\\server\\news\\Today",
            "the angle \\theta and \\nu are",
            "split at \\\\n here",
            "the word\\nope",
            "use \\u003cb\\u003e",
            "a \\n makes a newline",
            "It shows \\nThat.\n```\ncode\n```",
        ] {
            keeps(&Escape, text, !found(&Escape, text).is_empty());
        }
        keeps(&Escape, "¯\\_(ツ)_/¯ and A\\B", false);
    }

    #[test]
    fn company_makes_sure() {
        let text = "One came.\\nThe second\\nTook it,\\nand left.";
        mends(&Escape, text, "One came.\nThe second\nTook it,\nand left.");
        keeps(&Escape, "One took it,\\nand left.", true);
    }

    #[test]
    fn speaking_of_a_sign() {
        let text = "The sequence \\n\\n ends a paragraph.";
        keeps(&Escape, text, true);
        assert_eq!(find(&Escape, text)[0].kept, Some(Kept::Mention));
    }
}
