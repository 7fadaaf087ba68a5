//! Where a second look must look: around what the first one changed.
//!
//! A match never crosses a blank line and holds a bounded number of line breaks, and what decides whether it is an insertion stands in its lines. So
//! nothing new can be found farther from an edit than that, but for the few verdicts that hang on the whole text ([`Look::far`](crate::scan::Look)).

use crate::model::{Edit, Span};
use crate::scan::MOST_BREAKS;

/// The stretches of `text`, which `edits` made of `before`, in which something new may be found: whole lines, sorted and disjoint.
pub(super) fn around(before: &str, text: &str, edits: &[Edit]) -> Vec<Span> {
    let mut zones: Vec<Span> = Vec::with_capacity(edits.len());
    let mut moved: isize = 0;
    for edit in edits {
        let start = edit.span.start.saturating_add_signed(moved);
        let end = start + edit.replacement.len();
        moved += edit.growth();
        if takes_blocks(before, edit) {
            continue;
        }
        if let Some(last) = zones.last_mut().filter(|last| end <= last.end) {
            // Inside the lines that are looked at anyway, but nearer to their end.
            last.end = last.end.max(reach_behind(text, end));
            continue;
        }
        let zone = Span::new(reach_before(text, start), reach_behind(text, end));
        match zones.last_mut().filter(|last| zone.start <= last.end) {
            Some(last) => last.end = last.end.max(zone.end),
            None => zones.push(zone),
        }
    }
    zones
}

/// Whether whole blocks were taken out, so that the blocks on both sides are what they were.
fn takes_blocks(before: &str, edit: &Edit) -> bool {
    const BORDER: &str = "\n\n";
    let Span { start, end } = edit.span;
    let (first, last) = (start == 0, end == before.len());
    (first || before[start..].starts_with(BORDER))
        && (last || before[..end].ends_with(BORDER))
        && (edit.replacement == BORDER || ((first || last) && edit.replacement.is_empty()))
}

/// The beginning of the block that holds `at`, or of as many of its lines as a match may have.
fn reach_before(text: &str, at: usize) -> usize {
    let bytes = text.as_bytes();
    let mut border = at;
    for _ in 0..=MOST_BREAKS {
        match memchr::memrchr(b'\n', &bytes[..border]) {
            None => return 0,
            Some(newline) if newline > 0 && bytes[newline - 1] == b'\n' => return newline + 1,
            Some(newline) => border = newline,
        }
    }
    border + 1
}

/// The end of the block that holds `at`, or of as many of its lines as a match may have.
fn reach_behind(text: &str, at: usize) -> usize {
    let bytes = text.as_bytes();
    let mut from = at;
    for _ in 0..=MOST_BREAKS {
        match memchr::memchr(b'\n', &bytes[from..]) {
            None => return bytes.len(),
            Some(ahead) if bytes.get(from + ahead + 1) == Some(&b'\n') => return from + ahead,
            Some(ahead) => from += ahead + 1,
        }
    }
    from - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edit(start: usize, end: usize, replacement: &str) -> Edit {
        Edit {
            span: Span::new(start, end),
            replacement: replacement.to_owned(),
            findings: Vec::new(),
        }
    }

    #[test]
    fn a_zone_is_the_block_of_an_edit() {
        let before = "One.\n\nTwo.\n\nAd\n\nThree\nfour.\n\nFive.";
        let after = "One.\n\nTwo. \n\nThree\nfour.\n\nFive.";
        let zones = around(before, after, &[edit(10, 14, " ")]);
        let lines: Vec<_> = zones.iter().map(|zone| &after[zone.range()]).collect();
        assert_eq!(lines, ["Two. "]);
    }

    #[test]
    fn whole_blocks_leave_nothing_to_look_at() {
        let before = "Ad\n\nOne.\n\nAd\n\nTwo.\n\nAd";
        let edits = [edit(0, 4, ""), edit(8, 14, "\n\n"), edit(18, 22, "")];
        assert_eq!(around(before, "One.\n\nTwo.", &edits), []);
        // A line break alone may make one block of two.
        let after = "Ad\n\nOne.\nTwo.\n\nAd";
        assert_eq!(around(before, after, &[edit(8, 14, "\n")]).len(), 1);
    }

    #[test]
    fn a_long_block_is_not_looked_at_as_a_whole() {
        let text = "line\n".repeat(100);
        let after = "line\n".repeat(98);
        let edits = [edit(250, 260, ""), edit(300, 300, "")];
        let zones = around(&text, &after, &edits);
        assert_eq!(zones.len(), 1);
        assert_eq!(zones[0].start, 250 - 5 * MOST_BREAKS);
        assert_eq!(zones[0].end, 290 + 5 * (MOST_BREAKS + 1) - 1);
    }
}
