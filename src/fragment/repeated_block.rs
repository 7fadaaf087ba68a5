//! `repeated-block`: a paragraph that stands twice, and a label doubled in its line ("Ann Lee/Agency Ann Lee/Agency").
//!
//! An exact repeat right behind the first is taken out with `--review`. Everything else is reported: refrains repeat on purpose.

use std::sync::{Arc, LazyLock};

use super::outline::is_solid;
use super::{Detector, Input, context};
use crate::model::{Action, Finding, RuleInfo, Safety, Span};

/// Finds paragraphs and labels that stand twice.
#[derive(Clone, Copy, Debug)]
pub struct RepeatedBlock;

static RULE: LazyLock<Arc<RuleInfo>> = LazyLock::new(|| RepeatedBlock.rule());

/// The shortest line that counts, in bytes: shorter ones ("Advertisement", "“No.”") repeat for many reasons.
const MIN_LINE: usize = 40;

/// The longest line that is looked at for a doubled label, in bytes.
const MAX_LABEL_LINE: usize = 240;

/// The shortest doubled label, in bytes.
const MIN_LABEL: usize = 8;

impl Detector for RepeatedBlock {
    fn name(&self) -> &'static str {
        "repeated-block"
    }

    fn why(&self) -> &'static str {
        "stands twice"
    }

    fn detect(&self, input: Input<'_>, findings: &mut Vec<Finding>) {
        let text = input.text;
        let mut lines: Vec<Line> = Vec::with_capacity(input.lines().len());
        let first = findings.len();
        let mut place = 0;
        for &(start, end) in input.lines() {
            let span = trimmed(text, start, end);
            if span.is_empty()
                || (!input.removed.is_empty() && context::absent(input.removed, span))
            {
                continue;
            }
            place += 1;
            if span.len() >= MIN_LINE {
                lines.push(Line {
                    key: key(&text.as_bytes()[span.range()]),
                    place,
                    span,
                });
            }
            if span.len() <= MAX_LABEL_LINE && !is_sentence(&text.as_bytes()[span.range()]) {
                findings.extend(doubled(&text[span.range()]).map(|(once, twice)| {
                    let at = |part: Span| Span::new(span.start + part.start, span.start + part.end);
                    let mut finding = context::report(&RULE, at(twice));
                    finding.evidence.push(at(once));
                    finding
                }));
            }
        }
        repeats(text, lines, findings);
        findings[first..].sort_by_key(|finding| finding.span);
    }
}

/// A line that is long enough.
struct Line {
    /// Equal for equal lines.
    key: (usize, u64, u64),
    /// Its number among the lines that are not blank.
    place: usize,
    span: Span,
}

/// Length, beginning and end of a line: enough to tell paragraphs apart, and read without touching what lies between.
fn key(line: &[u8]) -> (usize, u64, u64) {
    let word = |bytes: Option<&[u8; 8]>| bytes.map_or(0, |bytes| u64::from_le_bytes(*bytes));
    (
        line.len(),
        word(line.first_chunk()),
        word(line.last_chunk()),
    )
}

/// The line from `start` to `end` without the blanks around it.
fn trimmed(text: &str, start: usize, end: usize) -> Span {
    if is_solid(&text.as_bytes()[start..end]) {
        return Span::new(start, end);
    }
    let line = &text[start..end];
    let start = start + (line.len() - line.trim_start().len());
    Span::new(start, (start + line.trim().len()).max(start))
}

/// Whether two lines have the same key, so that it is worth comparing them.
fn any_alike(lines: &[Line]) -> bool {
    // One more than the place of a line, or zero; never more than half full.
    let mut slots = vec![0_u32; (2 * lines.len()).next_power_of_two()];
    lines.iter().zip(1..).any(|(line, place)| {
        let (length, head, tail) = line.key;
        let mixed =
            (head ^ tail.rotate_left(29) ^ length as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let mut slot = (mixed >> 32) as usize & (slots.len() - 1);
        while slots[slot] != 0 {
            if lines[slots[slot] as usize - 1].key == line.key {
                return true;
            }
            slot = (slot + 1) & (slots.len() - 1);
        }
        slots[slot] = place;
        false
    })
}

/// Adds a finding for every line that stood before.
fn repeats(text: &str, mut lines: Vec<Line>, findings: &mut Vec<Finding>) {
    if lines.len() < 2 || !any_alike(&lines) {
        return;
    }
    lines.sort_unstable_by_key(|line| (line.key, line.place));
    for pair in lines
        .chunk_by(|a, b| a.key == b.key)
        .filter(|same| same.len() > 1)
        .flat_map(|same| same.windows(2))
    {
        let (earlier, later) = (&pair[0], &pair[1]);
        let found = &text[later.span.range()];
        // A row of dashes or an address of a table is no paragraph.
        let worded = found
            .split(' ')
            .filter(|word| word.starts_with(char::is_alphabetic))
            .count()
            >= 4;
        if !worded || found != &text[earlier.span.range()] {
            continue;
        }
        let adjacent = later.place == earlier.place + 1;
        let (action, safety) = if adjacent {
            (Action::Remove, Safety::Review)
        } else {
            (Action::Report, Safety::Report)
        };
        let mut finding = context::finding(&RULE, later.span, action, safety);
        finding.evidence.push(earlier.span);
        findings.push(finding);
    }
}

/// Whether a line ends as sentences do. They end alike ("… he said. … he said."); labels do not end at all.
fn is_sentence(line: &[u8]) -> bool {
    matches!(
        line,
        [.., b'.' | b'!' | b'?' | b'"' | b':' | b','] | [.., 0xE2, 0x80, 0x9D]
    )
}

/// The two halves of a label that ends its line twice, one blank between them.
fn doubled(line: &str) -> Option<(Span, Span)> {
    if line.len() < 2 * MIN_LABEL + 1 {
        return None;
    }
    let tail = line.get(line.len() - MIN_LABEL..)?;
    let head = &line[..line.len() - MIN_LABEL];
    let once = last_place(head.as_bytes(), tail.as_bytes().first_chunk()?)? + MIN_LABEL;
    let label = line[once..].strip_prefix(' ')?;
    let start = once.checked_sub(label.len())?;
    let whole =
        line.get(start..once)? == label && (start == 0 || line[..start].ends_with([' ', ':', '|']));
    let lettered = label
        .split([' ', '/'])
        .filter(|word| word.starts_with(char::is_uppercase))
        .count()
        >= 3;
    (whole && lettered).then(|| (Span::new(start, once), Span::new(once + 1, line.len())))
}

/// Where `wanted` stands last. Lines are short, and preparing a search costs more than this one.
fn last_place(line: &[u8], wanted: &[u8; MIN_LABEL]) -> Option<usize> {
    let wanted = u64::from_le_bytes(*wanted);
    let same = |bytes: &[u8]| {
        bytes
            .first_chunk()
            .is_some_and(|bytes| u64::from_le_bytes(*bytes) == wanted)
    };
    line.windows(MIN_LABEL).rposition(same)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fragment::check::{applied, find, find_beside, found, keeps};

    const LONG: &str = "The council met on Monday and agreed on nothing at all.";

    #[test]
    fn adjacent_repeats_go_on_request() {
        let text = format!("One.\n\n{LONG}\n\n{LONG}\n\nTwo.");
        keeps(&RepeatedBlock, &text, true);
        assert_eq!(
            applied(&RepeatedBlock, &text, Safety::Review),
            format!("One.\n\n{LONG}\n\n\n\nTwo.")
        );
        let thrice = format!("{LONG}\n{LONG}\n{LONG}");
        assert_eq!(
            applied(&RepeatedBlock, &thrice, Safety::Review),
            format!("{LONG}\n\n")
        );
    }

    #[test]
    fn distant_repeats_are_reported() {
        let text = format!("{LONG}\n\nBetween them.\n\n{LONG}");
        let findings = find(&RepeatedBlock, &text);
        assert_eq!((findings.len(), findings[0].safety), (1, Safety::Report));
        assert_eq!(findings[0].evidence, [Span::new(0, LONG.len())]);
    }

    #[test]
    fn insertions_between_do_not_count() {
        let text = format!("{LONG}\n\nAdvertisement\n\n{LONG}");
        let ad = text.find("Advertisement").unwrap();
        let findings = find_beside(&RepeatedBlock, &text, &[Span::new(ad, ad + 13)]);
        assert_eq!(findings[0].safety, Safety::Review);
    }

    #[test]
    fn doubled_labels() {
        assert_eq!(
            found(
                &RepeatedBlock,
                "toggle caption Ann Lee/Agency Photos Ann Lee/Agency Photos"
            ),
            ["Ann Lee/Agency Photos"]
        );
        assert_eq!(
            found(&RepeatedBlock, "Ann Lee/Agency Ann Lee/Agency"),
            ["Ann Lee/Agency"]
        );
    }

    #[test]
    fn leaves_sound_text() {
        for text in [
            "No.\n\nNo.\n\nNo.",
            "It was so, he said. It was so, he said",
            "a b a b a b a b a b",
            "New York New York",
            "----------------------------------------\n----------------------------------------",
        ] {
            keeps(&RepeatedBlock, text, false);
        }
    }
}
