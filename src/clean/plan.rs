//! Findings in, edits out: the only maker of edits.

use std::borrow::Cow;

use super::FragmentMode;
use super::seam;
use crate::fragment;
use crate::model::{Action, Edit, Finding, Kept, Place, Span};
use crate::text::edges::{is_close_quote, is_sentence_end, solid_before};
use crate::text::lines::is_blank_str;

/// Makes the edits for the findings that apply: sorted, disjoint, one a seam. `findings` are sorted by place; one whose place is taken by another is
/// marked as overlapped.
#[allow(
    clippy::needless_range_loop,
    reason = "findings are marked while they are walked"
)]
pub(super) fn plan(text: &str, findings: &mut [Finding], mode: FragmentMode) -> Vec<Edit> {
    let mut edits: Vec<Edit> = Vec::new();
    let mut group: Vec<(Span, usize)> = Vec::new();
    let mut taken = 0;
    for index in 0..findings.len() {
        let finding = &findings[index];
        if !finding.applies() {
            continue;
        }
        let mended = matches!(finding.action, Action::Replace(_)) && finding.place.is_none();
        let removal = if mended && mode == FragmentMode::Remove {
            fragment::removal_span(text, finding)
        } else {
            None
        };
        let removes = match finding.action {
            Action::Remove => true,
            Action::Replace(_) => removal.is_some(),
            Action::Report => continue,
        };
        let cut = removal.unwrap_or_else(|| widen(text, finding));
        if cut.start < taken || cut.is_empty() && removes {
            findings[index].kept = Some(Kept::Overlap);
            continue;
        }
        if let Some(&(last, _)) = group.last()
            && (!removes || !is_blank_str(&text[last.end..cut.start]))
        {
            flush(text, &mut group, &mut edits);
        }
        taken = cut.end;
        if removes {
            group.push((cut, index));
        } else if let Action::Replace(replacement) = &finding.action {
            edits.push(Edit {
                span: cut,
                replacement: replacement.clone(),
                findings: vec![index],
            });
        }
    }
    flush(text, &mut group, &mut edits);
    disjoint(edits, findings)
}

/// A removal takes the brackets with it that it would leave empty, and the full stop that would end nothing.
fn widen(text: &str, finding: &Finding) -> Span {
    let cut = finding.cut;
    if finding.action != Action::Remove {
        return cut;
    }
    let before = text[..cut.start].chars().next_back();
    let behind = text[cut.end..].chars().next();
    match (before, behind) {
        (Some('('), Some(')')) | (Some('['), Some(']')) => Span::new(cut.start - 1, cut.end + 1),
        (_, Some('.')) if finding.place == Some(Place::Inline) => {
            let ended = solid_before(text, cut.start)
                .is_none_or(|c| is_sentence_end(c) || is_close_quote(c));
            let behind = text[cut.end + 1..].chars().next();
            if ended && behind.is_none_or(char::is_whitespace) {
                Span::new(cut.start, cut.end + 1)
            } else {
                cut
            }
        }
        _ => cut,
    }
}

fn flush(text: &str, group: &mut Vec<(Span, usize)>, edits: &mut Vec<Edit>) {
    if group.is_empty() {
        return;
    }
    let cuts: Vec<_> = group.iter().map(|&(cut, _)| cut).collect();
    let seam = seam::settle(text, &cuts);
    edits.push(Edit {
        span: seam.span,
        replacement: seam.blank,
        findings: group.drain(..).map(|(_, index)| index).collect(),
    });
}

/// Edits whose seams met: white space between a removal and a replacement belongs to the first only. What still overlaps gives way.
fn disjoint(edits: Vec<Edit>, findings: &mut [Finding]) -> Vec<Edit> {
    let mut kept: Vec<Edit> = Vec::with_capacity(edits.len());
    for edit in edits {
        if kept
            .last()
            .is_some_and(|last| edit.span.start < last.span.end)
        {
            for &index in &edit.findings {
                findings[index].kept = Some(Kept::Overlap);
            }
        } else {
            kept.push(edit);
        }
    }
    kept
}

/// The text with the edits made; borrowed when there are none.
pub(super) fn apply<'t>(text: &'t str, edits: &[Edit]) -> Cow<'t, str> {
    if edits.is_empty() {
        return Cow::Borrowed(text);
    }
    let growth: isize = edits.iter().map(Edit::growth).sum();
    let mut out = String::with_capacity(text.len().saturating_add_signed(growth));
    let mut at = 0;
    for edit in edits {
        out.push_str(&text[at..edit.span.start]);
        out.push_str(&edit.replacement);
        at = edit.span.end;
    }
    out.push_str(&text[at..]);
    Cow::Owned(out)
}

/// One list of edits that does what `first` and then `second` do. `middle` is the text that `first` makes, in whose bytes `second` counts. Findings
/// of `second` are renumbered by `shift`.
pub(super) fn compose(
    middle: &str,
    first: Vec<Edit>,
    second: Vec<Edit>,
    shift: usize,
) -> Vec<Edit> {
    let mut composed: Vec<Edit> = Vec::with_capacity(first.len() + second.len());
    let mut firsts = first.into_iter().peekable();
    let mut seconds = second.into_iter().peekable();
    // Offset in the middle text minus offset in the original, behind all that was composed so far.
    let mut moved: isize = 0;
    let in_middle = |edit: &Edit, moved: isize| {
        let start = edit.span.start.saturating_add_signed(moved);
        (start, start + edit.replacement.len())
    };
    while let Some(later) = seconds.peek() {
        // Earlier edits that this one does not touch stand as they are.
        if let Some(earlier) =
            firsts.next_if(|earlier| in_middle(earlier, moved).1 < later.span.start)
        {
            moved += earlier.growth();
            composed.push(earlier);
            continue;
        }
        // A group of edits that touch each other in the middle text becomes one edit.
        let mut group = Span::new(later.span.start, later.span.end);
        if let Some(earlier) = firsts
            .peek()
            .filter(|earlier| in_middle(earlier, moved).0 <= group.end)
        {
            group.start = group.start.min(in_middle(earlier, moved).0);
        }
        let start = group.start.saturating_add_signed(-moved);
        let (mut replacement, mut findings, mut at) = (String::new(), Vec::new(), group.start);
        loop {
            if let Some(earlier) =
                firsts.next_if(|earlier| in_middle(earlier, moved).0 <= group.end)
            {
                group.end = group.end.max(in_middle(&earlier, moved).1);
                moved += earlier.growth();
                findings.extend(earlier.findings);
            } else if let Some(later) = seconds.next_if(|later| later.span.start <= group.end) {
                group.end = group.end.max(later.span.end);
                replacement.push_str(&middle[at..later.span.start]);
                replacement.push_str(&later.replacement);
                at = later.span.end;
                findings.extend(later.findings.iter().map(|index| index + shift));
            } else {
                break;
            }
        }
        replacement.push_str(&middle[at..group.end]);
        composed.push(Edit {
            span: Span::new(start, group.end.saturating_add_signed(-moved)),
            replacement,
            findings,
        });
    }
    composed.extend(firsts);
    composed
}

/// The way from the output of a list of edits back to their original.
#[derive(Debug)]
pub(super) struct Back<'e> {
    edits: &'e [Edit],
    /// Where each edit's replacement stands in the output.
    replacements: Vec<Span>,
}

impl<'e> Back<'e> {
    pub(super) fn new(edits: &'e [Edit]) -> Self {
        let mut moved: isize = 0;
        let replacements = edits.iter().map(|edit| {
            let start = edit.span.start.saturating_add_signed(moved);
            moved += edit.growth();
            Span::new(start, start + edit.replacement.len())
        });
        Self {
            replacements: replacements.collect(),
            edits,
        }
    }

    /// Where the byte at `offset` of the output came from; for a byte of a replacement: the edit's beginning.
    pub(super) fn start(&self, offset: usize) -> usize {
        let next = self.replacements.partition_point(|new| new.start <= offset);
        match next.checked_sub(1) {
            None => offset,
            Some(last) if offset < self.replacements[last].end => self.edits[last].span.start,
            Some(last) => self.behind(last, offset),
        }
    }

    /// Behind which byte of the original the byte before `offset` of the output stood; for a byte of a replacement: behind the edit.
    pub(super) fn end(&self, offset: usize) -> usize {
        let next = self.replacements.partition_point(|new| new.start < offset);
        match next.checked_sub(1) {
            None => offset,
            Some(last) if offset <= self.replacements[last].end => self.edits[last].span.end,
            Some(last) => self.behind(last, offset),
        }
    }

    fn behind(&self, edit: usize, offset: usize) -> usize {
        self.edits[edit].span.end + (offset - self.replacements[edit].end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn edits(text: &str, cuts: &[(u8, u8, u8)]) -> Vec<Edit> {
        let mut at = 0;
        let mut edits = Vec::new();
        for &(gap, len, new) in cuts {
            let start = at + gap as usize % 5;
            let end = start + len as usize % 4;
            if end > text.len() {
                break;
            }
            edits.push(Edit {
                span: Span::new(start, end),
                replacement: "XYZ"[..new as usize % 4].to_owned(),
                findings: vec![edits.len()],
            });
            at = end + 1;
        }
        edits
    }

    proptest! {
        #[test]
        fn composed_edits_do_what_both_do(
            text in "[a-z]{0,40}",
            first in prop::collection::vec(any::<(u8, u8, u8)>(), 0..6),
            second in prop::collection::vec(any::<(u8, u8, u8)>(), 0..6),
        ) {
            let first = edits(&text, &first);
            let middle = apply(&text, &first).into_owned();
            let second = edits(&middle, &second);
            let wanted = apply(&middle, &second).into_owned();
            let composed = compose(&middle, first.clone(), second, first.len());
            prop_assert!(composed.windows(2).all(|pair| pair[0].span.end <= pair[1].span.start), "{composed:?}");
            prop_assert_eq!(apply(&text, &composed), wanted);
        }

        #[test]
        fn offsets_outside_edits_lead_back(text in "[a-z]{0,40}", cuts in prop::collection::vec(any::<(u8, u8, u8)>(), 0..6)) {
            let edits = edits(&text, &cuts);
            let out = apply(&text, &edits).into_owned();
            let back = Back::new(&edits);
            for (at, byte) in out.bytes().enumerate() {
                let original = back.start(at);
                prop_assert!(byte.is_ascii_uppercase() || text.as_bytes()[original] == byte);
                prop_assert!(byte.is_ascii_uppercase() || back.end(at + 1) == original + 1);
            }
        }
    }
}
