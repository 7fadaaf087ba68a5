//! Dates, times and zones as headers write them. Stricter than a rule's `{date}` slot, because what follows is glued to them.

/// Zones, longer ones before those they begin with.
const ZONES: &[&str] = &[
    "AEDT", "AEST", "CEST", "EEST", "AMT", "BST", "CDT", "CET", "CST", "EDT", "EET", "EST", "GMT",
    "IST", "JST", "MDT", "MSK", "MST", "PDT", "PST", "UTC", "WIB", "CT", "ET", "MT", "PT",
];

const MONTHS: &[&str] = &[
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

const DAYS: &[&str] = &[
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
];

/// What is left of `text` behind the blanks at its beginning, if there are any.
pub(super) fn blanks(text: &str) -> &str {
    text.trim_start_matches([' ', '\t', '\u{a0}'])
}

/// What is left behind a date: `2020-01-06`, `06/01/2020`, `6 January 2020`, `Mon., Jan. 6th, 2020`.
pub(super) fn date(text: &str) -> Option<&str> {
    // A date begins with a digit, a month or a day of the week.
    let first = text.as_bytes().first()?.to_ascii_lowercase();
    (first.is_ascii_digit() || b"adfjmnostw".contains(&first))
        .then(|| numeric(text).or_else(|| worded(text)))?
}

/// Year, month, day in this order.
pub(super) fn iso(text: &str) -> Option<&str> {
    let (year, rest) = number(text, 4, 4)?;
    let rest = rest.strip_prefix(['-', '/', '.'])?;
    let (month, rest) = number(rest, 1, 2)?;
    let rest = rest.strip_prefix(['-', '/', '.'])?;
    let (day, rest) = number(rest, 1, 2)?;
    ((1900..=2100).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day))
        .then_some(rest)
}

fn numeric(text: &str) -> Option<&str> {
    if let Some(rest) = iso(text) {
        return Some(rest);
    }
    let (first, rest) = number(text, 1, 2)?;
    let mark = rest
        .chars()
        .next()
        .filter(|c| matches!(c, '/' | '.' | '-'))?;
    let (second, rest) = number(&rest[1..], 1, 2)?;
    let (_, rest) = number(rest.strip_prefix(mark)?, 4, 4).or_else(|| number(&rest[1..], 2, 2))?;
    ((1..=31).contains(&first) && (1..=31).contains(&second) && first.min(second) <= 12)
        .then_some(rest)
}

fn worded(text: &str) -> Option<&str> {
    let text = named(text, DAYS).map_or(text, |rest| blanks(rest.trim_start_matches(['.', ','])));
    let day = |text| {
        let (day, rest) = number(text, 1, 2)?;
        let rest = ["st", "nd", "rd", "th"]
            .iter()
            .find_map(|suffix| rest.strip_prefix(suffix))
            .unwrap_or(rest);
        (1..=31).contains(&day).then_some(rest)
    };
    let month = |text| named(text, MONTHS).map(|rest: &str| rest.strip_prefix('.').unwrap_or(rest));
    let behind = |rest: &'_ str| rest.starts_with([' ', '\u{a0}']);
    let rest = match month(text) {
        Some(rest) => day(Some(rest).filter(|rest| behind(rest)).map(blanks)?)?,
        None => month(Some(day(text)?).filter(|rest| behind(rest)).map(blanks)?)?,
    };
    let (year, rest) = number(blanks(rest.strip_prefix(',').unwrap_or(rest)), 4, 4)?;
    (1900..=2100).contains(&year).then_some(rest)
}

/// What is left behind a time: `13:14`, `5:52 AM EST`. A zone or AM may be glued to a capital.
pub(super) fn time(text: &str) -> Option<&str> {
    let (hour, rest) = number(text, 1, 2)?;
    let (minute, mut rest) = number(rest.strip_prefix(':')?, 2, 2)?;
    if hour > 24 || minute > 59 {
        return None;
    }
    if let Some((_, seconds)) = rest.strip_prefix(':').and_then(|rest| number(rest, 2, 2)) {
        rest = seconds;
    }
    let half = blanks(rest);
    if let Some(behind) = ["AM", "PM", "a.m.", "p.m.", "am", "pm"]
        .iter()
        .find_map(|half_day| half.strip_prefix(half_day))
    {
        // "11:28 AMT" is a zone, not a half of the day.
        if !ZONES.iter().any(|zone| {
            zone.len() > 2
                && half.starts_with(zone)
                && half[zone.len()..].starts_with(char::is_uppercase)
        }) {
            rest = behind;
        }
    }
    let zone = blanks(rest).trim_start_matches('(');
    // The longest zone that leaves a word behind it.
    let behind = ZONES.iter().find_map(|name| {
        zone.strip_prefix(name)
            .filter(|rest| !rest.starts_with(char::is_lowercase))
    });
    Some(behind.map_or(rest, |rest| rest.strip_prefix(')').unwrap_or(rest)))
}

fn number(text: &str, least: usize, most: usize) -> Option<(u32, &str)> {
    let len = text.bytes().take_while(u8::is_ascii_digit).count();
    (least..=most)
        .contains(&len)
        .then(|| Some((text[..len].parse().ok()?, &text[len..])))?
}

/// What is left behind a name of `names`, whole or cut to three or four letters.
fn named<'t>(text: &'t str, names: &[&str]) -> Option<&'t str> {
    let len = text.bytes().take_while(u8::is_ascii_alphabetic).count();
    let word = &text[..len];
    let known = names.iter().any(|name| {
        (name.len() == len || (3..=4).contains(&len))
            && name
                .get(..len)
                .is_some_and(|head| head.eq_ignore_ascii_case(word))
    });
    known.then(|| &text[len..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates() {
        for (text, rest) in [
            ("2020-01-06 The", Some(" The")),
            ("04/27/19 08:26", Some(" 08:26")),
            ("31.12.2019x", Some("x")),
            ("5 December 2017 Almost", Some(" Almost")),
            ("April 27th, 2019 - Comments", Some(" - Comments")),
            ("Nov. 20, 2019 5:52", Some(" 5:52")),
            ("Sat., Jan 4, 2020.", Some(".")),
            ("2020-13-06", None),
            ("May we go", None),
            ("May 5 came", None),
            ("12/31", None),
        ] {
            assert_eq!(date(text), rest, "{text}");
        }
    }

    #[test]
    fn times() {
        for (text, rest) in [
            ("13:14 By", " By"),
            ("5:52 AM ESTWASHINGTON", "WASHINGTON"),
            ("11:28 AMTPanOrient", "PanOrient"),
            ("11:28 AMThe", "The"),
            ("7:48 pm⏎", "⏎"),
            ("08:26 PM EDT", ""),
            ("10:00:05 (GMT) On", " On"),
        ] {
            assert_eq!(time(text), Some(rest), "{text}");
        }
        assert_eq!(time("5 to 6"), None);
    }
}
