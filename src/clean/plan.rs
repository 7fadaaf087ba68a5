//! Findings in, edits out: the only maker of edits.

use std::borrow::Cow;

use super::FragmentMode;
use super::seam;
use crate::fragment;
use crate::model::{Action, Edit, Finding, Kept, Span};
use crate::text::lines::is_blank_str;

/// Makes the edits for the findings that apply: sorted, disjoint, one a seam. `findings` are sorted by place; one whose place is taken by another is
/// marked as overlapped.
pub(super) fn plan(text: &str, findings: &mut [Finding], mode: FragmentMode) -> Vec<Edit> {
    let mut edits: Vec<Edit> = Vec::new();
    let mut group: Vec<(Span, usize)> = Vec::new();
    let mut taken = 0;
    for index in 0..findings.len() {
        let finding = &findings[index];
        if !finding.applies() {
            continue;
        }
        let removes = match (&finding.action, mode) {
            (Action::Remove, _) => true,
            (Action::Replace(_), mode) => mode == FragmentMode::Remove && finding.place.is_none(),
            (Action::Report, _) => continue,
        };
        let cut = match (&finding.action, removes) {
            (Action::Replace(_), true) => fragment::removal_span(text, finding),
            _ => widen(text, finding),
        };
        if cut.start < taken || cut.is_empty() && removes {
            findings[index].kept = Some(Kept::Overlap);
            continue;
        }
        if let Some(&(last, _)) = group.last() {
            if !removes || !is_blank_str(&text[last.end..cut.start]) {
                flush(text, &mut group, &mut edits);
            }
        }
        taken = cut.end;
        if removes {
            group.push((cut, index));
        } else if let Action::Replace(replacement) = &finding.action {
            edits.push(Edit { span: cut, replacement: replacement.clone(), findings: vec![index] });
        }
    }
    flush(text, &mut group, &mut edits);
    disjoint(edits, findings)
}

/// A removal takes the brackets with it that it would leave empty.
fn widen(text: &str, finding: &Finding) -> Span {
    let cut = finding.cut;
    if finding.action != Action::Remove {
        return cut;
    }
    let before = text[..cut.start].chars().next_back();
    let behind = text[cut.end..].chars().next();
    match (before, behind) {
        (Some('('), Some(')')) | (Some('['), Some(']')) => Span::new(cut.start - 1, cut.end + 1),
        _ => cut,
    }
}

fn flush(text: &str, group: &mut Vec<(Span, usize)>, edits: &mut Vec<Edit>) {
    if group.is_empty() {
        return;
    }
    let cuts: Vec<_> = group.iter().map(|&(cut, _)| cut).collect();
    let seam = seam::settle(text, &cuts);
    edits.push(Edit { span: seam.span, replacement: seam.blank, findings: group.drain(..).map(|(_, index)| index).collect() });
}

/// Edits whose seams met: white space between a removal and a replacement belongs to the first only. What still overlaps gives way.
fn disjoint(edits: Vec<Edit>, findings: &mut [Finding]) -> Vec<Edit> {
    let mut kept: Vec<Edit> = Vec::with_capacity(edits.len());
    for edit in edits {
        if kept.last().is_some_and(|last| edit.span.start < last.span.end) {
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

/// One list of edits that does what `first` and then `second` do; `second` counts in bytes of the text that `first` makes. Findings of `second`
/// are renumbered by `shift`.
pub(super) fn compose(text: &str, first: Vec<Edit>, second: Vec<Edit>, shift: usize) -> Vec<Edit> {
    let mut composed: Vec<Edit> = Vec::with_capacity(first.len() + second.len());
    let mut firsts = first.into_iter().peekable();
    // How far the text between has moved: output offset minus original offset.
    let mut moved: isize = 0;
    for mut later in second {
        for index in &mut later.findings {
            *index += shift;
        }
        // Edits wholly before this one stand as they are.
        while let Some(earlier) = firsts.peek() {
            let out_end = earlier.span.start.saturating_add_signed(moved) + earlier.replacement.len();
            if out_end >= later.span.start {
                break;
            }
            moved += earlier.growth();
            composed.extend(firsts.next());
        }
        let mut merged = Edit { span: Span::default(), replacement: String::new(), findings: Vec::new() };
        let mut start = later.span.start.saturating_add_signed(-moved);
        let mut end = None;
        let mut tail = String::new();
        let mut is_first = true;
        while let Some(earlier) = firsts.peek() {
            let out_start = earlier.span.start.saturating_add_signed(moved);
            if out_start > later.span.end {
                break;
            }
            let out_end = out_start + earlier.replacement.len();
            if is_first && out_start < later.span.start {
                start = earlier.span.start;
                merged.replacement.push_str(&earlier.replacement[..later.span.start - out_start]);
            } else if is_first {
                start = start.min(earlier.span.start);
            }
            is_first = false;
            if out_end > later.span.end {
                tail = earlier.replacement[later.span.end - out_start..].to_owned();
                end = Some(earlier.span.end);
            }
            moved += earlier.growth();
            if out_end <= later.span.end {
                end = Some(later.span.end.saturating_add_signed(-moved));
            }
            if let Some(earlier) = firsts.next() {
                merged.findings.extend(earlier.findings);
            }
        }
        let end = end.unwrap_or_else(|| later.span.end.saturating_add_signed(-moved)).min(text.len());
        merged.span = Span::new(start, end.max(start));
        merged.replacement.push_str(&later.replacement);
        merged.replacement.push_str(&tail);
        merged.findings.extend(later.findings);
        composed.push(merged);
    }
    composed.extend(firsts);
    composed
}

/// Where an offset of the output lies in the original; inside a replacement: at the edit's beginning, or at its end if `up`.
pub(super) fn back(edits: &[Edit], offset: usize, up: bool) -> usize {
    let mut moved: isize = 0;
    for edit in edits {
        let out_start = edit.span.start.saturating_add_signed(moved);
        let out_end = out_start + edit.replacement.len();
        if offset < out_start || (offset == out_start && !up) {
            break;
        }
        if offset < out_end || (offset == out_end && up && out_start == out_end) {
            return if up { edit.span.end } else { edit.span.start };
        }
        moved += edit.growth();
    }
    offset.saturating_add_signed(-moved)
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
            edits.push(Edit { span: Span::new(start, end), replacement: "XYZ"[..new as usize % 4].to_owned(), findings: vec![edits.len()] });
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
            let composed = compose(&text, first.clone(), second, first.len());
            prop_assert!(composed.windows(2).all(|pair| pair[0].span.end <= pair[1].span.start), "{composed:?}");
            prop_assert_eq!(apply(&text, &composed), wanted);
        }

        #[test]
        fn offsets_outside_edits_lead_back(text in "[a-z]{0,40}", cuts in prop::collection::vec(any::<(u8, u8, u8)>(), 0..6)) {
            let edits = edits(&text, &cuts);
            let out = apply(&text, &edits).into_owned();
            for (at, byte) in out.bytes().enumerate() {
                let original = back(&edits, at, false);
                prop_assert!(byte.is_ascii_uppercase() || text.as_bytes()[original] == byte);
            }
        }
    }
}
