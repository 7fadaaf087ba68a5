//! Where a second look must look: around what the first one changed, and where its verdict hung on text that may have changed anywhere.
//!
//! A match never crosses a blank line and holds a bounded number of line breaks, and what decides whether it is an insertion stands in its lines. So
//! nothing new can be found farther from an edit than that, but for the matches whose verdict hung on the whole text
//! ([`Scanned::far`](crate::scan::Scanned)): they are looked at again.

use crate::model::{Edit, Finding, Span};
use crate::scan::MOST_BREAKS;

/// The stretches of `text`, which `edits` made of `before`, in which something new may be found: whole lines, sorted and disjoint. `far` are matches in
/// `before` that may be judged otherwise now.
pub(super) fn around(before: &str, text: &str, edits: &[Edit], far: &[Span]) -> Vec<Span> {
    let ahead = Ahead::new(edits);
    let changed = edits.iter().zip(&ahead.ends);
    let mut places: Vec<(Span, bool)> = changed
        .filter(|(edit, _)| !takes_blocks(before, edit))
        .map(|(edit, &(end, _))| (Span::new(end - edit.replacement.len(), end), true))
        .collect();
    places.extend(far.iter().map(|span| (ahead.span(*span), false)));
    places.sort();
    let mut zones: Vec<Span> = Vec::with_capacity(places.len());
    // Edits in one line reach equally far: where the line of the last one ends, and how far that is.
    let mut in_line: Option<(usize, usize)> = None;
    for (place, is_edit) in places {
        let mut behind = |at: usize| match in_line {
            _ if !is_edit => line_end(text, at),
            Some((end, reach)) if at <= end => reach,
            _ => {
                let reach = reach_behind(text, at);
                in_line = Some((line_end(text, at), reach));
                reach
            }
        };
        if let Some(last) = zones.last_mut().filter(|last| place.end <= last.end) {
            // Inside the lines that are looked at anyway, but nearer to their end.
            if is_edit {
                last.end = last.end.max(behind(place.end));
            }
            continue;
        }
        let start = if is_edit {
            reach_before(text, place.start)
        } else {
            line_start(text, place.start)
        };
        let mut zone = Span::new(start, behind(place.end));
        while let Some(last) = zones.pop_if(|last| zone.start <= last.end) {
            zone = zone.cover(last);
        }
        zones.push(zone);
    }
    zones
}

/// What of `found`, the scanner's findings in the text before the `edits`, stands in the new text as it stood: all that no edit touches.
pub(super) fn carried(found: Vec<Finding>, edits: &[Edit]) -> Vec<Finding> {
    let ahead = Ahead::new(edits);
    let touched = |finding: &Finding| {
        let reach = finding.cut.cover(finding.span);
        let first = edits.partition_point(|edit| edit.span.end <= reach.start);
        edits
            .get(first)
            .is_some_and(|edit| edit.span.start < reach.end)
    };
    let mut found = found;
    found.retain(|finding| !touched(finding));
    for finding in &mut found {
        finding.span = ahead.span(finding.span);
        finding.cut = ahead.span(finding.cut);
        for span in &mut finding.evidence {
            *span = ahead.span(*span);
        }
    }
    found
}

/// From a text to what edits made of it.
struct Ahead<'e> {
    edits: &'e [Edit],
    /// For each edit, where it ends in the new text and by how much all behind it is moved.
    ends: Vec<(usize, isize)>,
}

impl<'e> Ahead<'e> {
    fn new(edits: &'e [Edit]) -> Self {
        let mut moved: isize = 0;
        let end = |edit: &Edit| {
            let end = edit.span.start.saturating_add_signed(moved) + edit.replacement.len();
            moved += edit.growth();
            (end, moved)
        };
        Self {
            edits,
            ends: edits.iter().map(end).collect(),
        }
    }

    /// Where the byte at `at` stands now. What stood in an edit is led to its end.
    fn place(&self, at: usize) -> usize {
        let behind = self.edits.partition_point(|edit| edit.span.start <= at);
        match behind
            .checked_sub(1)
            .map(|last| (&self.edits[last], self.ends[last]))
        {
            Some((edit, (end, _))) if at < edit.span.end => end,
            Some((_, (_, moved))) => at.saturating_add_signed(moved),
            None => at,
        }
    }

    fn span(&self, span: Span) -> Span {
        Span::new(self.place(span.start), self.place(span.end))
    }
}

/// Where the line that holds `at` begins, however far that is.
fn line_start(text: &str, at: usize) -> usize {
    memchr::memrchr(b'\n', &text.as_bytes()[..at]).map_or(0, |newline| newline + 1)
}

/// Where the line that holds `at` ends, however far that is.
fn line_end(text: &str, at: usize) -> usize {
    memchr::memchr(b'\n', &text.as_bytes()[at..]).map_or(text.len(), |ahead| at + ahead)
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
        let zones = around(before, after, &[edit(10, 14, " ")], &[]);
        let lines: Vec<_> = zones.iter().map(|zone| &after[zone.range()]).collect();
        assert_eq!(lines, ["Two. "]);
    }

    #[test]
    fn whole_blocks_leave_nothing_to_look_at() {
        let before = "Ad\n\nOne.\n\nAd\n\nTwo.\n\nAd";
        let edits = [edit(0, 4, ""), edit(8, 14, "\n\n"), edit(18, 22, "")];
        assert_eq!(around(before, "One.\n\nTwo.", &edits, &[]), []);
        // A line break alone may make one block of two.
        let after = "Ad\n\nOne.\nTwo.\n\nAd";
        assert_eq!(around(before, after, &[edit(8, 14, "\n")], &[]).len(), 1);
    }

    #[test]
    fn a_long_block_is_not_looked_at_as_a_whole() {
        let text = "line\n".repeat(100);
        let after = "line\n".repeat(98);
        let edits = [edit(250, 260, ""), edit(300, 300, "")];
        let zones = around(&text, &after, &edits, &[]);
        assert_eq!(zones.len(), 1);
        assert_eq!(zones[0].start, 250 - 5 * MOST_BREAKS);
        assert_eq!(zones[0].end, 290 + 5 * (MOST_BREAKS + 1) - 1);
    }

    #[test]
    fn matches_that_may_be_judged_otherwise_are_looked_at_again() {
        let before = "One.\n\nAd\n\nTwo, and\nmore.\n\nThree.";
        let after = "One.\n\nTwo, and\nmore.\n\nThree.";
        let look = |far: &[Span]| {
            let zones = around(before, after, &[edit(4, 10, "\n\n")], far);
            zones
                .iter()
                .map(|zone| &after[zone.range()])
                .collect::<Vec<_>>()
        };
        assert_eq!(
            look(&[Span::new(27, 30), Span::new(1, 2)]),
            ["One.", "Three."]
        );
        assert_eq!(look(&[Span::new(12, 21)]), ["Two, and\nmore."]);
        // Nothing is left of it; what stands in its place is looked at.
        assert_eq!(look(&[Span::new(6, 8)]), ["Two, and"]);
    }
}
