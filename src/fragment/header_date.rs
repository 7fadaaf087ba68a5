//! `header-date`: the date of publication, alone on a line above the first paragraph.
//!
//! Rules of packs find dates that say what they are ("Published 4 May 2020"). A bare one has no word to hold on to, and is known by where it
//! stands and by holding nothing else: month and day or a date in digits, with a year or a clock beside it.

use super::outline::{Line, is_solid, lines, overlaps};
use super::{Detector, Input, finding};
use crate::model::{Action, Category, Finding, Safety};

/// Finds dates above the first paragraph.
#[derive(Clone, Copy, Debug)]
pub(super) struct HeaderDate;

/// How many lines above the first paragraph are looked at.
const HEAD_LINES: usize = 12;

/// The longest line that is read as a date, in bytes.
const DATE_BYTES: usize = 90;

/// The first letters that tell the months apart; "mar" and "may" end a name too, which is why a day must stand beside them.
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
const WEEKDAYS: &[&str] = &[
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
];

/// Words that join the parts of a date.
const JOINTS: &[&str] = &["at", "on", "of"];

impl Detector for HeaderDate {
    fn name(&self) -> &'static str {
        "header-date"
    }

    fn why(&self) -> &'static str {
        "is the date of the article, alone above its first paragraph"
    }

    fn category(&self) -> Category {
        Category::MetadataHeader
    }

    fn detect(&self, input: Input<'_>, findings: &mut Vec<Finding>) {
        if !input.may_be_english() {
            return;
        }
        // Looking at words is dear, and few texts hold a short line with digits so near their beginning.
        let candidate = |&(start, end): &(usize, usize)| {
            let line = &input.text.as_bytes()[start..end];
            !(line.len() > DATE_BYTES && is_solid(line)) && line.iter().any(u8::is_ascii_digit)
        };
        if !input.lines().iter().take(HEAD_LINES).any(candidate) {
            return;
        }
        let head = lines(input.text)
            .take(HEAD_LINES)
            .take_while(|line| !line.is_paragraph());
        let mut group: Vec<Line<'_>> = Vec::new();
        let mut held = Parts::default();
        let mut flush = |group: &mut Vec<Line<'_>>, held: &mut Parts| {
            if held.is_date() {
                let free = group
                    .iter()
                    .filter(|line| !overlaps(input.removed, line.span));
                findings.extend(free.map(|line| {
                    finding(self.rule(), line.span, Action::Remove, Safety::Safe, None)
                }));
            }
            group.clear();
            *held = Parts::default();
        };
        for line in head {
            match Parts::read(line.text) {
                Some(parts) => {
                    held.add(parts);
                    group.push(line);
                }
                None => flush(&mut group, &mut held),
            }
        }
        flush(&mut group, &mut held);
    }
}

/// What a line of date and time holds.
#[derive(Clone, Copy, Debug, Default)]
struct Parts {
    month: bool,
    day: bool,
    year: bool,
    clock: bool,
    /// A date in digits: `2020-05-04`, `11/19/2019`.
    digits: bool,
}

impl Parts {
    /// Reads a line that holds nothing but date and time, and perhaps who wrote it.
    fn read(line: &str) -> Option<Self> {
        if line.len() > DATE_BYTES || !line.bytes().any(|b| b.is_ascii_digit()) {
            return None;
        }
        let mut parts = Self::default();
        let mut words = line
            .split(|c: char| {
                c.is_whitespace() || matches!(c, ',' | '|' | '·' | '•' | '–' | '—' | '(' | ')')
            })
            .filter(|word| !word.is_empty());
        while let Some(word) = words.next() {
            if word.eq_ignore_ascii_case("by") {
                // "4 May 2020 by Ann Lee"
                let names: Vec<&str> = words.by_ref().collect();
                let named = (1..=5).contains(&names.len())
                    && names
                        .iter()
                        .all(|name| name.starts_with(char::is_uppercase));
                return (named && parts.is_date()).then_some(parts);
            }
            if word != "-" && !parts.take(word) {
                return None;
            }
        }
        Some(parts)
    }

    /// Takes a word in, if it may stand in a date.
    fn take(&mut self, word: &str) -> bool {
        let bare = word.trim_end_matches(['.', ':']);
        if bare.starts_with(|c: char| c.is_ascii_digit()) {
            return self.take_number(bare);
        }
        let small = bare.to_ascii_lowercase();
        let named = |names: &[&str], least: usize| {
            small.len() >= least
                && names.iter().any(|name| {
                    *name == small || (small.len() <= 5 && name.starts_with(small.as_str()))
                })
        };
        if named(MONTHS, 3) {
            self.month = true;
            return true;
        }
        let zone = (2..=5).contains(&bare.len()) && bare.bytes().all(|b| b.is_ascii_uppercase());
        named(WEEKDAYS, 3)
            || JOINTS.contains(&small.as_str())
            || matches!(small.as_str(), "am" | "pm" | "a.m" | "p.m")
            || zone
    }

    fn take_number(&mut self, word: &str) -> bool {
        let digits = word.bytes().take_while(u8::is_ascii_digit).count();
        let behind = &word[digits..];
        let rest = behind.to_ascii_lowercase();
        if rest.is_empty() {
            match digits {
                1 | 2 => self.day = true,
                4 if word.starts_with("19") || word.starts_with("20") => self.year = true,
                _ => return false,
            }
            return true;
        }
        if matches!(rest.as_str(), "st" | "nd" | "rd" | "th") && digits <= 2 {
            self.day = true;
            return true;
        }
        if matches!(rest.as_str(), "am" | "pm") && digits <= 2 {
            self.clock = true;
            return true;
        }
        let numbers = behind.split([':', '/', '-', '.']).skip(1);
        let count = numbers.clone().count();
        let plain = numbers.clone().all(|number| {
            !number.is_empty() && number.len() <= 4 && number.bytes().all(|b| b.is_ascii_digit())
        });
        if rest.starts_with(':') {
            // "11:04", "11:04:30", "11:04am"
            let clock = rest.trim_end_matches(['a', 'p', 'm', 'z']);
            self.clock |=
                clock.len() >= 3 && clock[1..].bytes().all(|b| b.is_ascii_digit() || b == b':');
            return self.clock;
        }
        // A version ("3.2.1") has shorter parts.
        let long = digits + numbers.map(str::len).sum::<usize>() >= 6;
        self.digits |= plain && count == 2 && long;
        plain && count == 2 && long
    }

    fn add(&mut self, other: Self) {
        self.month |= other.month;
        self.day |= other.day;
        self.year |= other.year;
        self.clock |= other.clock;
        self.digits |= other.digits;
    }

    /// A whole date. Month and day alone may head the first entry of a diary.
    fn is_date(self) -> bool {
        self.digits || (self.month && self.day && (self.year || self.clock))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(head: &str) -> Vec<String> {
        let text = format!(
            "{head}\n\nThe council met on Tuesday night and put the vote off for a third time.\n\n4 May 2020\n"
        );
        let mut findings = Vec::new();
        HeaderDate.detect(Input::of(&text), &mut findings);
        findings
            .iter()
            .map(|finding| text[finding.cut.range()].to_owned())
            .collect()
    }

    #[test]
    fn bare_dates_at_the_head_go() {
        for head in [
            "4 May 2020",
            "5:45 AM PST 11/19/2019",
            "5:45 AM PST 11/19/2019 by Ann Lee",
            "November 20, 2019 - 11:28 AMT",
            "Monday, Nov. 18th, 2019 at 11:04 a.m.",
            "2020-05-04",
        ] {
            assert_eq!(cut(head), [head], "{head}");
        }
        assert_eq!(
            cut("Ann Lee\nNovember 20\n15:23\n2019"),
            ["November 20", "15:23", "2019"]
        );
    }

    #[test]
    fn what_says_more_or_less_than_a_date_stays() {
        for head in [
            "May 4",
            "1984",
            "Budget 2020",
            "May 4, 2020: the day it rained",
            "20 May Street",
            "10-0",
            "3.2.1",
            "4 May 2020 by the sea",
            "2019",
        ] {
            assert_eq!(cut(head), Vec::<String>::new(), "{head}");
        }
    }
}
