//! What a slot of a template may stand for. All stay inside a line and are bounded, so that matching is linear in the text.

use super::fold::{is_blank, is_ignorable};
use crate::model::Slot;

/// The most characters of a `{title}`.
pub(crate) const TITLE_CHARS: usize = 200;
/// The most words of a `{name}`, particles not counted.
const NAME_WORDS: usize = 5;
/// The most words of a `{words}`.
const WORDS: usize = 8;
/// The most characters of a single word.
const WORD_CHARS: usize = 40;

/// Small words that may stand inside a name.
const PARTICLES: &[&str] = &[
    "de", "la", "le", "les", "du", "des", "der", "den", "die", "van", "von", "zu", "of", "and",
    "the", "y", "e", "da", "dos", "di", "del", "al", "el", "bin", "ibn", "und", "et", "for", "och",
    "og", "i", "en", "for", "at", "in", "on", "und", "a",
];

fn is_particle(word: &str) -> bool {
    // The longest have three letters; most words are longer.
    word.len() <= 3 && PARTICLES.contains(&word)
}

/// Where `slot` may end when it begins at `at`, in the order in which the ends are to be tried. `at` stands on no blank.
///
/// [`Slot::Title`] is not asked here, because its end depends on what follows.
pub(crate) fn ends(slot: Slot, text: &str, at: usize) -> Ends {
    let mut ends = Ends::default();
    match slot {
        Slot::Number => ends.extend(number(text, at)),
        Slot::Name => name(text, at, &mut ends),
        Slot::Words => words(text, at, &mut ends),
        Slot::Date => date(text, at, &mut ends),
        Slot::Time => time(text, at, &mut ends),
        Slot::Url => ends.extend(url(text, at)),
        Slot::Email => ends.extend(email(text, at)),
        Slot::Handle => ends.extend(handle(text, at)),
        Slot::Title => {}
    }
    ends
}

/// A few possible ends; the last one added is tried first.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Ends {
    ends: [usize; 12],
    len: usize,
}

impl Ends {
    fn push(&mut self, end: usize) {
        if self.len < self.ends.len() {
            self.ends[self.len] = end;
            self.len += 1;
        }
    }

    fn extend(&mut self, end: Option<usize>) {
        if let Some(end) = end {
            self.push(end);
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.ends[..self.len].iter().rev().copied()
    }
}

/// Digits with `.` `,` `:` `/` `%` between them, a sign before and a `K`, `M` or `%` behind.
fn number(text: &str, at: usize) -> Option<usize> {
    let signed = text[at..]
        .strip_prefix(['-', '+', '−'])
        .map_or(at, |rest| text.len() - rest.len());
    let mut end = None;
    let mut previous_digit = false;
    for (offset, c) in text[signed..].char_indices().take(WORD_CHARS) {
        let behind = signed + offset + c.len_utf8();
        if c.is_numeric() {
            end = Some(behind);
            previous_digit = true;
        } else if previous_digit && matches!(c, '.' | ',' | ':' | '/' | '\u{a0}' | '\u{202f}') {
            previous_digit = false;
        } else if previous_digit
            && matches!(c, 'k' | 'K' | 'm' | 'M' | '%')
            && !text[behind..].starts_with(char::is_alphanumeric)
        {
            return Some(behind);
        } else {
            break;
        }
    }
    end
}

/// The end of the word at `at` (letters, digits and the marks that names hold), or `at` if there is none.
fn word_end(text: &str, at: usize) -> usize {
    // Most words are ASCII and end before a blank.
    let plain = text.as_bytes()[at..]
        .iter()
        .take(WORD_CHARS)
        .take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'.')
        .count();
    let mut end = at + plain;
    if text.as_bytes().get(end) == Some(&b' ') {
        return end;
    }
    for c in text[end..].chars().take(WORD_CHARS - plain) {
        if !(c.is_alphanumeric()
            || is_ignorable(c)
            || matches!(
                c,
                '.' | '\'' | '’' | '-' | '‐' | '/' | '&' | '·' | '@' | '_'
            )
            || is_mark(c))
        {
            break;
        }
        end += c.len_utf8();
    }
    end
}

/// Vowel signs of Indic and South-East Asian scripts are letters of a word, though not alphanumeric to Unicode.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{900}'..='\u{dff}' | '\u{e31}' | '\u{e34}'..='\u{e3a}' | '\u{e47}'..='\u{e4e}' | '\u{1000}'..='\u{109f}')
}

/// The first non-blank offset behind `at` on the same line.
fn next_word(text: &str, at: usize) -> usize {
    let mut end = at;
    for c in text[at..].chars() {
        if c == '\n' || !(is_blank(c) || is_ignorable(c)) {
            break;
        }
        end += c.len_utf8();
    }
    end
}

fn name(text: &str, at: usize, ends: &mut Ends) {
    let mut start = at;
    let mut capitalised = 0;
    let mut particles = 0;
    while capitalised < NAME_WORDS {
        let end = word_end(text, start);
        let word = &text[start..end];
        let Some(first) = word.chars().next() else {
            break;
        };
        let named = first.is_uppercase()
            || (first.is_alphabetic() && !first.is_lowercase())
            || (first.is_numeric() && start > at)
            || (first == '&' && start > at);
        if named {
            capitalised += 1;
            particles = 0;
            // A full stop belongs to an initial or abbreviation, or it ends the sentence: both ends are possible.
            let bare = word.trim_end_matches(['.', '-', '/', '\'', '’', '_']);
            if !bare.is_empty() {
                ends.push(start + bare.len());
            }
            if word.ends_with('.') {
                ends.push(end);
            }
        } else if start > at && particles < 2 && is_particle(word) {
            particles += 1;
        } else {
            break;
        }
        let next = next_word(text, end);
        if next == end {
            break;
        }
        start = next;
    }
}

fn words(text: &str, at: usize, ends: &mut Ends) {
    let mut start = at;
    for _ in 0..WORDS {
        let end = start
            + text[start..]
                .chars()
                .take(WORD_CHARS)
                .take_while(|&c| !is_blank(c))
                .map(char::len_utf8)
                .sum::<usize>();
        if end == start {
            break;
        }
        let bare = text[start..end].trim_end_matches(['.', ',', ':', ';', '!', '?', '…']);
        if !bare.is_empty() {
            ends.push(start + bare.len());
        }
        start = next_word(text, end);
        if start == end {
            break;
        }
    }
}

/// A date: numerals joined by `-`, `/` or `.`, or a few words of which one or two are not numerals and at least one is. Every place where it may end
/// is an end, the longest tried first: what follows in the template decides ("6 January" or "6 January updated").
fn date(text: &str, at: usize, ends: &mut Ends) {
    let (mut numerals, mut names, mut start) = (0, 0, at);
    for _ in 0..7 {
        let stop = start
            + text[start..]
                .chars()
                .take(WORD_CHARS)
                .take_while(|&c| {
                    c.is_alphanumeric() || matches!(c, '.' | '-' | '/' | '–') || is_mark(c)
                })
                .map(char::len_utf8)
                .sum::<usize>();
        let word = text[start..stop].trim_end_matches(['.', '-', '/', '–']);
        let Some(first) = word.chars().next() else {
            break;
        };
        let plain = word.chars().all(char::is_numeric);
        if first.is_numeric() {
            // A clock time or a plain large number is no part of a date.
            if text[stop..].starts_with(':') || (plain && word.chars().count() > 4) {
                break;
            }
            numerals += if plain { 1 } else { 2 };
            if !plain || numerals + names >= 2 {
                ends.push(start + word.len());
            }
        } else if first.is_alphabetic()
            && word.chars().count() <= 12
            && (names < 2 || is_particle(word))
        {
            if !is_particle(word) {
                names += 1;
                if numerals > 0 {
                    ends.push(start + word.len());
                }
            }
        } else {
            break;
        }
        let behind = text[start + word.len()..]
            .chars()
            .take_while(|c| matches!(c, '.' | ','))
            .count()
            + start
            + word.len();
        let next = next_word(text, behind);
        if next == behind && behind == start + word.len() {
            break;
        }
        start = next;
    }
}

/// `13:14`, `5.45`, with `a.m.`, `Uhr`, `ET` and their like behind or not.
fn time(text: &str, at: usize, ends: &mut Ends) {
    let digits = |from: usize| {
        text[from..]
            .chars()
            .take(3)
            .take_while(char::is_ascii_digit)
            .count()
    };
    let hours = digits(at);
    if !(1..=2).contains(&hours) {
        return;
    }
    let mut end = at + hours;
    let mut exact = false;
    while let Some(mark) = text[end..]
        .chars()
        .next()
        .filter(|c| matches!(c, ':' | '.' | 'h'))
    {
        if digits(end + mark.len_utf8()) != 2 {
            break;
        }
        end += mark.len_utf8() + 2;
        exact = true;
    }
    if exact {
        ends.push(end);
    }
    for _ in 0..2 {
        let next = next_word(text, end);
        let stop = word_end(text, next);
        let word = &text[next..stop];
        let folded = word.to_ascii_lowercase();
        let half = matches!(
            folded.trim_end_matches('.'),
            "am" | "pm" | "a.m" | "p.m" | "uhr" | "h" | "hrs" | "clock"
        );
        let zone = (2..=4).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_uppercase());
        if half || (zone && exact) {
            end = stop;
            exact = true;
            ends.push(end);
        } else {
            break;
        }
    }
}

fn address_end(text: &str, at: usize) -> usize {
    let end = at
        + text[at..]
            .chars()
            .take(TITLE_CHARS)
            .take_while(|&c| c.is_ascii_graphic() && !matches!(c, '"' | '<' | '>' | '\''))
            .map(char::len_utf8)
            .sum::<usize>();
    at + text[at..end]
        .trim_end_matches(['.', ',', ':', ';', '!', '?', ')', ']'])
        .len()
}

fn url(text: &str, at: usize) -> Option<usize> {
    let end = address_end(text, at);
    let address = &text[at..end];
    let host = address
        .split_once("://")
        .map_or(address, |(_, rest)| rest)
        .split('/')
        .next()?;
    let dotted = host.split_once('.').is_some_and(|(a, b)| {
        !a.is_empty() && b.len() >= 2 && b.bytes().next().is_some_and(|c| c.is_ascii_alphanumeric())
    });
    let plain = host
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b':'));
    (dotted && plain).then_some(end)
}

fn email(text: &str, at: usize) -> Option<usize> {
    let end = address_end(text, at);
    let (user, host) = text[at..end].split_once('@')?;
    (!user.is_empty() && host.contains('.') && !host.starts_with('.') && !host.contains('@'))
        .then_some(end)
}

fn handle(text: &str, at: usize) -> Option<usize> {
    let rest = text[at..].strip_prefix('@')?;
    let len = rest
        .chars()
        .take(WORD_CHARS)
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .map(char::len_utf8)
        .sum::<usize>();
    (len > 0).then_some(at + 1 + len)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn particles_are_short() {
        assert!(PARTICLES.iter().all(|word| is_particle(word)));
    }

    fn first(slot: Slot, text: &str) -> Option<&str> {
        ends(slot, text, 0).iter().next().map(|end| &text[..end])
    }

    #[test]
    fn slots_take_what_they_stand_for() {
        for (slot, text, taken) in [
            (Slot::Number, "1,204 Comments", Some("1,204")),
            (Slot::Number, "1.2K views", Some("1.2K")),
            (Slot::Number, "00:00 / 05:43", Some("00:00")),
            (Slot::Number, "many", None),
            (
                Slot::Name,
                "Ludwig van Beethoven wrote",
                Some("Ludwig van Beethoven"),
            ),
            (Slot::Name, "Getty Images", Some("Getty Images")),
            (Slot::Name, "nobody", None),
            (Slot::Words, "our evening news", Some("our evening news")),
            (Slot::Date, "Jan. 6, 2020", Some("Jan. 6, 2020")),
            (Slot::Date, "2016-07-15 13:14", Some("2016-07-15")),
            (Slot::Date, "6 January 2020", Some("6 January 2020")),
            (
                Slot::Date,
                "2 de diciembre de 2024",
                Some("2 de diciembre de 2024"),
            ),
            (Slot::Date, "yesterday", None),
            (Slot::Time, "12:22 p.m. ET", Some("12:22 p.m. ET")),
            (Slot::Time, "13:14", Some("13:14")),
            (Slot::Time, "13 people", None),
            (
                Slot::Url,
                "www.example.com/a?b=c.",
                Some("www.example.com/a?b=c"),
            ),
            (Slot::Url, "example", None),
            (
                Slot::Email,
                "desk@example.org, or",
                Some("desk@example.org"),
            ),
            (Slot::Handle, "@desk_1 on", Some("@desk_1")),
        ] {
            assert_eq!(first(slot, text), taken, "{slot:?} {text}");
        }
    }
}
