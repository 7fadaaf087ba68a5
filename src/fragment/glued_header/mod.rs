//! `glued-header`: data about the article in front of its first words, on the same line: " date 2020-01-06 The alliance", "(CNN)The vote",
//! "Nov. 20, 2019 5:52 AM ESTWASHINGTON".
//!
//! Only the beginning of the text is looked at. A label with a date is taken out, an agency's dateline gets its blank back; what stands
//! behind a headline, and a headline in front of the text, is for review or reported.

mod clock;

use std::sync::{Arc, LazyLock};

use self::clock::{blanks, date, iso, time};
use super::settled::is_settled;
use super::{Detector, Input, context};
use crate::model::{Action, Finding, RuleInfo, Safety, Span};

/// Finds headers glued to the first words of the text.
#[derive(Clone, Copy, Debug)]
pub struct GluedHeader;

static RULE: LazyLock<Arc<RuleInfo>> = LazyLock::new(|| GluedHeader.rule());

/// How much of the text is looked at, in bytes.
const REACH: usize = 400;

/// Labels of a date, in small letters, longer ones before those they begin with.
const LABELS: &[&str] = &[
    "date published",
    "date updated",
    "date",
    "first published on",
    "first published",
    "last modified",
    "last updated on",
    "last updated",
    "originally published on",
    "posted at",
    "posted on",
    "posted",
    "publication date",
    "published at",
    "published on",
    "published",
    "updated at",
    "updated on",
    "updated",
];

/// The first letters of [`LABELS`].
const LABEL_INITIALS: &[u8] = b"dflopu";

impl Detector for GluedHeader {
    fn name(&self) -> &'static str {
        "glued-header"
    }

    fn why(&self) -> &'static str {
        "is data about the article glued to its first words"
    }

    fn detect(&self, input: Input<'_>, findings: &mut Vec<Finding>) {
        let text = input.text;
        let start = text.len()
            - text
                .trim_start_matches(|c: char| c.is_whitespace() || c == '\u{FEFF}')
                .len();
        let reach = context::first_bytes(&text[start..], REACH);
        let line = &reach[..memchr::memchr(b'\n', reach.as_bytes()).unwrap_or(reach.len())];
        let found = labelled(text, start, line)
            .or_else(|| stamped(start, line))
            .or_else(|| agency(start, line))
            .or_else(|| headline(text, start, input.title))
            .or_else(|| behind_headline(start, line));
        findings.extend(found.filter(|finding| {
            !context::absent(input.removed, finding.span)
                && is_settled(text, finding.cut, replaced(finding))
        }));
    }
}

fn replaced(finding: &Finding) -> &str {
    if let Action::Replace(new) = &finding.action {
        new
    } else {
        ""
    }
}

/// Whether the first words of a text stand here: a capital, a digit or an opening quotation mark.
fn begins_text(rest: &str) -> bool {
    rest.starts_with(|c: char| {
        c.is_uppercase()
            || (c.is_alphabetic() && !c.is_lowercase())
            || matches!(c, '"' | '“' | '‘' | '\'' | '«' | '„')
    })
}

/// A removal of the first bytes of the line, with the blanks around them.
fn removal(text: &str, start: usize, line: &str, rest: &str, safety: Safety) -> Finding {
    let end = start + (line.len() - rest.len());
    let before = text[..start].trim_end_matches([' ', '\t', '\u{a0}']).len();
    let behind = end + (rest.len() - blanks(rest).len());
    let mut finding = context::finding(&RULE, Span::new(start, end), Action::Remove, safety);
    finding.cut = Span::new(before, behind);
    finding
}

/// "date 2020-01-06 The", "Updated: 2016-07-15 13:14 By Agencies(China Daily)".
fn labelled(text: &str, start: usize, line: &str) -> Option<Finding> {
    let (label, behind) = label(line)?;
    let colon = behind.starts_with(':');
    let rest = blanks(behind.strip_prefix(':').unwrap_or(behind));
    let exact = iso(rest).is_some();
    let mut rest = date(rest)?;
    let separated = blanks(rest).trim_start_matches([',', '|', '•', '-', '–', '@']);
    let clock = blanks(separated.strip_prefix("at ").unwrap_or(blanks(separated)));
    let timed = time(clock);
    rest = timed.unwrap_or(rest);
    let credited = credit(blanks(rest));
    rest = credited.unwrap_or(rest);
    let follows = blanks(rest);
    let whole = follows.is_empty() && line.len() < REACH;
    // "Published May 5, 2019, the report": prose goes on with a small letter or a comma.
    if !(whole || begins_text(follows)) {
        return None;
    }
    // A header on a line of its own is a rule's business, unless its parts are glued to each other.
    if whole && !(colon && timed.is_some() && credited.is_some()) {
        return None;
    }
    let certain =
        colon || timed.is_some() || (label == "date" && exact && line.starts_with("date"));
    // "Updated: 2016-07-15 By …": where the name ends is not known.
    let open = credited.is_none() && follows.starts_with("By ");
    Some(removal(
        text,
        start,
        line,
        rest,
        if certain && !open {
            Safety::Safe
        } else {
            Safety::Review
        },
    ))
}

/// The label at the beginning of the line, in small letters, and what follows it.
fn label(line: &str) -> Option<(&'static str, &str)> {
    let first = line.as_bytes().first()?.to_ascii_lowercase();
    if !LABEL_INITIALS.contains(&first) {
        return None;
    }
    let alike = LABELS.iter().filter(|label| label.as_bytes()[0] == first);
    alike.copied().find_map(|label| {
        let head = line.get(..label.len())?;
        let rest = &line[label.len()..];
        (head.eq_ignore_ascii_case(label) && rest.starts_with([':', ' ', '\u{a0}']))
            .then_some((label, rest))
    })
}

/// What is left behind "By Agencies(China Daily)": a name and a source with the blank between them lost.
fn credit(text: &str) -> Option<&str> {
    let rest = text
        .strip_prefix("By ")
        .or_else(|| text.strip_prefix("by "))?;
    let open = rest.find('(').filter(|open| *open <= 60)?;
    let close = open + rest[open..].find(')').filter(|close| *close <= 60)?;
    let named = |part: &str| {
        !part.is_empty()
            && part.split(' ').all(|word| {
                word.starts_with(|c: char| c.is_uppercase() || c == '&')
                    || word == "and"
                    || word == "of"
            })
    };
    let glued = !rest[..open].ends_with(' ');
    (glued && named(&rest[..open]) && named(&rest[open + 1..close])).then(|| &rest[close + 1..])
}

/// "Nov. 20, 2019 5:52 AM ESTWASHINGTON": a date and a time with the text right behind.
fn stamped(start: usize, line: &str) -> Option<Finding> {
    let rest = date(line)?;
    let separated = blanks(blanks(rest).trim_start_matches([',', '|', '•', '-', '–', '@']));
    let rest = time(blanks(separated.strip_prefix("at ").unwrap_or(separated)))?;
    let span = Span::new(start, start + (line.len() - rest.len()));
    let glued = begins_text(rest);
    let follows = blanks(rest);
    if !begins_text(follows) || follows.len() < 20 {
        return None;
    }
    let mut finding = context::finding(
        &RULE,
        span,
        Action::Remove,
        if glued { Safety::Safe } else { Safety::Review },
    );
    finding.cut = Span::new(start, start + (line.len() - follows.len()));
    Some(finding)
}

/// "(CNN)The", "Sanaa, Yemen (CNN)Houthi": the blank behind the agency comes back; place and agency are part of the report.
fn agency(start: usize, line: &str) -> Option<Finding> {
    const AGENCIES: &[&str] = &[
        "Reuters",
        "Bloomberg",
        "CNNMoney",
        "CNN Business",
        "CNN Español",
        "HealthDay News",
        "Xinhua",
        "Thomson Reuters Foundation",
    ];
    const MAX_PLACE: usize = 60;
    let open = memchr::memchr(b'(', &line.as_bytes()[..line.len().min(MAX_PLACE + 1)])?;
    let place = line[..open].trim_end();
    let placed = place
        .split([' ', ','])
        .filter(|word| !word.is_empty())
        .all(|word| {
            word.starts_with(char::is_uppercase) || matches!(word, "de" | "la" | "of" | "and")
        });
    let close = open + line[open..].find(')')?;
    let name = &line[open + 1..close];
    let known = AGENCIES.contains(&name)
        || ((2..=6).contains(&name.len())
            && name.bytes().all(|byte| byte.is_ascii_uppercase())
            && (place.is_empty()
                || ["CNN", "AP", "AFP", "UPI", "BBC", "EFE", "DPA"].contains(&name)));
    let rest = &line[close + 1..];
    // "(EPA)Photo" would do as well, but a following small letter is a word of its own: "(CNN)s".
    let glued = rest.starts_with(|c: char| c.is_uppercase() || matches!(c, '"' | '“' | '‘'))
        && rest.contains(' ');
    if !(placed && known && glued && !place.ends_with('.')) {
        return None;
    }
    let span = Span::new(start + open, start + close + 1);
    Some(context::finding(
        &RULE,
        span,
        Action::Replace(format!("({name}) ")),
        Safety::Safe,
    ))
}

/// The document's title in front of the text, on one line with it.
fn headline(text: &str, start: usize, title: Option<&str>) -> Option<Finding> {
    const MIN_TITLE: usize = 25;
    let title = title?.trim();
    let rest = text[start..].strip_prefix(title)?;
    let follows = blanks(rest);
    let body = &follows[..memchr::memchr(b'\n', follows.as_bytes()).unwrap_or(follows.len())];
    let parted = follows.len() < rest.len() && begins_text(body) && body.len() >= 20;
    if title.len() < MIN_TITLE || title.split(' ').count() < 4 || !parted {
        return None;
    }
    let mut finding = context::finding(
        &RULE,
        Span::new(start, start + title.len()),
        Action::Remove,
        Safety::Review,
    );
    finding.cut = Span::new(start, text.len() - follows.len());
    Some(finding)
}

/// Data behind a headline: "Talks fail By Ann Lee - 04/27/19 08:26 PM EDT", "By editor • 11 hours ago". Where the headline ends is not known.
fn behind_headline(start: usize, line: &str) -> Option<Finding> {
    // Every such header has digits; few first lines have. Nothing is asked of words that can begin none.
    // No look stops early, so that compilers can take many bytes at once.
    let digits = |bytes: &[u8]| {
        let digit = bytes.iter().map(u8::is_ascii_digit);
        digit.fold(false, |any, digit| any | digit)
    };
    if !line.as_bytes().chunks(64).any(digits) {
        return None;
    }
    let report = |from: &str, rest: &str| {
        context::report(
            &RULE,
            Span::new(
                start + line.len() - from.len(),
                start + line.len() - rest.len(),
            ),
        )
    };
    let comments_off = line.contains("Comments Off");
    for at in memchr::memchr_iter(b' ', line.as_bytes()) {
        let from = &line[at + 1..];
        let labelled = line.as_bytes()[at + 1..]
            .first()
            .is_some_and(|byte| LABEL_INITIALS.contains(&byte.to_ascii_lowercase()));
        if let Some(rest) = from.strip_prefix("By ") {
            // A name of at most six words, then a dash or a bullet, then a date or an age.
            let mark = rest
                .char_indices()
                .find(|(_, c)| matches!(c, '-' | '•' | '|' | '–'))
                .filter(|(mark, _)| *mark <= 60);
            if let Some((mark, c)) = mark {
                let behind = blanks(&rest[mark + c.len_utf8()..]);
                if let Some(end) = date(behind)
                    .map(|rest| time(blanks(rest)).unwrap_or(rest))
                    .or_else(|| age(behind))
                {
                    return Some(report(from, end));
                }
            }
        }
        if labelled
            && let Some((_, behind)) = label(from)
            && let Some(end) = behind.strip_prefix(':').and_then(|rest| date(blanks(rest)))
        {
            return Some(report(from, time(blanks(end)).unwrap_or(end)));
        }
        if let Some(rest) = comments_off.then(|| date(from)).flatten() {
            let rest = blanks(rest).trim_start_matches(['-', '•', '|', '–']);
            if let Some(rest) = blanks(rest).strip_prefix("Comments Off on") {
                return Some(report(from, rest));
            }
        }
    }
    None
}

/// What is left behind "11 hours ago".
fn age(text: &str) -> Option<&str> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let rest = text[digits..]
        .strip_prefix(' ')
        .filter(|_| (1..=3).contains(&digits))?;
    let unit = [
        "minutes", "minute", "hours", "hour", "days", "day", "weeks", "week",
    ]
    .iter()
    .find_map(|unit| rest.strip_prefix(unit))?;
    unit.strip_prefix(" ago")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fragment::check::{applied, find, found, keeps, mends};

    #[test]
    fn labels() {
        for (broken, sound) in [
            (" date 2020-01-06 The NATO alliance", "The NATO alliance"),
            (
                "\n\n date 2020-01-06 The NATO alliance",
                "\n\nThe NATO alliance",
            ),
            (
                "Updated: 2016-07-15 13:14 By Agencies(China Daily USA)\nThe court",
                "\nThe court",
            ),
            (
                "Updated: 2016-07-15 13:14 By Agencies(China Daily USA) The court",
                "The court",
            ),
            ("Published on: 5 December 2017 Almost half", "Almost half"),
            (
                "Last updated at 10:00 on Monday",
                "Last updated at 10:00 on Monday",
            ),
            ("Posted: Nov. 5, 2019, 8:00 PM EST “We won,”", "“We won,”"),
        ] {
            mends(&GluedHeader, broken, sound);
        }
    }

    #[test]
    fn the_cut_holds_the_blanks() {
        let text = "\n date 2020-01-06 The NATO alliance";
        let finding = &find(&GluedHeader, text)[0];
        assert_eq!(
            (&text[finding.cut.range()], &text[finding.span.range()]),
            (" date 2020-01-06 ", "date 2020-01-06")
        );
    }

    #[test]
    fn stamps_and_agencies() {
        for (broken, sound) in [
            (
                "Nov. 20, 2019 5:52 AM ESTWASHINGTON (AP) — The envoy",
                "WASHINGTON (AP) — The envoy",
            ),
            (
                "November 20, 2019 - 11:28 AMTPanOrient.Net - Footage",
                "PanOrient.Net - Footage",
            ),
            (
                "(CNN)The convention kicked off",
                "(CNN) The convention kicked off",
            ),
            (
                "Sanaa, Yemen (CNN)Rebels took cars",
                "Sanaa, Yemen (CNN) Rebels took cars",
            ),
            ("(KABC)A fire broke out", "(KABC) A fire broke out"),
        ] {
            mends(&GluedHeader, broken, sound);
        }
    }

    #[test]
    fn unsure_waits_for_review() {
        let text = "April 2, 2019 7:48 pm Last August the lake rose";
        keeps(&GluedHeader, text, true);
        assert_eq!(
            applied(&GluedHeader, text, Safety::Review),
            "Last August the lake rose"
        );
        keeps(&GluedHeader, "Published August 7, 2023 By Ann Lee", true);
    }

    #[test]
    fn headlines() {
        let text = "Debt limit defeat turns some into fantasists A deal is close and the contours are clear.";
        let mut findings = Vec::new();
        let title = Some("Debt limit defeat turns some into fantasists");
        GluedHeader.detect(
            Input {
                text,
                removed: &[],
                found: &[],
                title,
                lang: None,
                labels: None,
                facts: &Default::default(),
            },
            &mut findings,
        );
        assert_eq!(
            (findings[0].safety, findings[0].cut),
            (Safety::Review, Span::new(0, 45))
        );
    }

    #[test]
    fn behind_a_headline_is_reported() {
        assert_eq!(
            found(
                &GluedHeader,
                "Talks fail at once By Ann Lee - 04/27/19 08:26 PM EDT\nThe"
            ),
            ["By Ann Lee - 04/27/19 08:26 PM EDT"]
        );
        assert_eq!(
            found(
                &GluedHeader,
                "A Live Album By editor • 11 hours ago Related"
            ),
            ["By editor • 11 hours ago"]
        );
        assert_eq!(
            found(
                &GluedHeader,
                "Price Down April 27th, 2019 - Comments Off on Price"
            ),
            ["April 27th, 2019 - Comments Off on"]
        );
        assert_eq!(
            found(
                &GluedHeader,
                "Type 2 is not for life Published on: 5 December 2017 Almost half"
            ),
            ["Published on: 5 December 2017"]
        );
    }

    #[test]
    fn leaves_prose() {
        for text in [
            "Published August 7, 2023, the report says",
            "Dates are sweet. Date 5 May 2019 was fine",
            "date night is on Friday",
            "2020-01-06 was a Monday",
            "(CNN) The convention",
            "(The) Orb sighted near Boston",
            "May 5, 2019 was a Sunday",
            "He left (AP)Photo of it",
            "updated rules of 2016-07-15 were",
            "U.S. President (CNN)",
            "",
            "   ",
        ] {
            keeps(&GluedHeader, text, false);
        }
    }
}
