//! From a view of a text to the text itself: findings and edits with their spans moved.

use std::ops::Range;

use crate::model::{Edit, Finding, Kept, Span};

/// What leads places of a view (a text made from another for looking at) back to the text. All ranges are in bytes.
pub trait Carrier {
    /// Where something that was seen stands; `None` if it touches what must not be seen.
    fn seen(&self, range: Range<usize>) -> Option<Range<usize>>;

    /// What a cut takes; `None` if no cut can be made there.
    fn cut(&self, range: Range<usize>) -> Option<Range<usize>>;

    /// What an edit takes, and what comes in its place; `None` if it cannot be made there.
    fn edit(&self, range: Range<usize>, replacement: &str) -> Option<(Range<usize>, String)>;
}

/// Carries findings and edits of a view to its text. What has no place there is left out. Findings that have one and whose edit has none are marked
/// [`Kept::Markup`].
///
/// Edits stay sorted and disjoint, and keep naming their findings.
pub fn carry(findings: &mut Vec<Finding>, edits: &mut Vec<Edit>, carrier: &dyn Carrier) {
    let span = |range: Range<usize>| Span::new(range.start, range.end);
    // Whether a finding has a place, and can be acted on.
    let mut seen = Vec::with_capacity(findings.len());
    for finding in findings.iter_mut() {
        let place = carrier.seen(finding.span.range());
        let evidence: Option<Vec<_>> = finding
            .evidence
            .iter()
            .map(|evidence| carrier.seen(evidence.range()).map(span))
            .collect();
        let cut = carrier.cut(finding.cut.range());
        if cut.is_none() && (finding.applies() || finding.kept == Some(Kept::Suppressed)) {
            finding.kept = Some(Kept::Markup);
        }
        seen.push(match (place, evidence) {
            (Some(place), Some(evidence)) => {
                finding.span = span(place);
                finding.cut = cut.map_or(finding.span, span);
                finding.evidence = evidence;
                true
            }
            _ => false,
        });
    }
    let mut end = 0;
    edits.retain_mut(|edit| {
        let sound = edit.findings.iter().all(|&index| {
            seen.get(index) == Some(&true) && findings.get(index).is_some_and(Finding::applies)
        });
        let place = carrier
            .edit(edit.span.range(), &edit.replacement)
            .filter(|(range, _)| sound && range.start >= end);
        let Some((range, replacement)) = place else {
            for &index in &edit.findings {
                if let Some(finding) = findings.get_mut(index) {
                    finding.kept = finding.kept.or(Some(Kept::Markup));
                }
            }
            return false;
        };
        end = range.end;
        edit.span = span(range);
        edit.replacement = replacement;
        true
    });
    let mut seen = seen.into_iter();
    let _ = take_out(findings, edits, |_| !seen.next().unwrap_or(true));
}

/// Takes the findings out that `is_out` names, asked in order, and answers them. Edits keep naming the findings that caused them; one whose finding is taken
/// out must have been taken out before.
pub fn take_out(
    findings: &mut Vec<Finding>,
    edits: &mut [Edit],
    mut is_out: impl FnMut(&Finding) -> bool,
) -> Vec<Finding> {
    let mut places = Vec::with_capacity(findings.len());
    let (mut kept, mut out) = (Vec::with_capacity(findings.len()), Vec::new());
    for finding in findings.drain(..) {
        places.push(kept.len());
        if is_out(&finding) {
            out.push(finding);
        } else {
            kept.push(finding);
        }
    }
    *findings = kept;
    for index in edits.iter_mut().flat_map(|edit| &mut edit.findings) {
        *index = places.get(*index).copied().unwrap_or(*index);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Cleaner;

    /// The text stands two bytes further on, and nothing may be changed from byte 20 on or seen from 40 on.
    struct Shifted;

    impl Carrier for Shifted {
        fn seen(&self, range: Range<usize>) -> Option<Range<usize>> {
            (range.end < 40).then(|| range.start + 2..range.end + 2)
        }
        fn cut(&self, range: Range<usize>) -> Option<Range<usize>> {
            (range.end < 20).then(|| range.start + 2..range.end + 2)
        }
        fn edit(&self, range: Range<usize>, new: &str) -> Option<(Range<usize>, String)> {
            self.cut(range).map(|range| (range, new.to_owned()))
        }
    }

    #[test]
    fn what_has_no_place_goes_and_what_cannot_be_done_says_so() {
        let cleaner = Cleaner::builder()
            .builtin(false)
            .pattern("Foo bar")
            .build()
            .unwrap();
        let cleaned = cleaner.clean(
            "One.\n\nFoo bar\n\nTwo, three.\n\nFoo bar\n\nFour five six seven.\n\nFoo bar\n\nEnd.",
        );
        let (mut findings, mut edits) = (cleaned.findings, cleaned.edits);
        assert_eq!((findings.len(), edits.len()), (3, 3));
        let before = edits[0].span;
        carry(&mut findings, &mut edits, &Shifted);
        assert_eq!((findings.len(), edits.len()), (2, 1));
        assert_eq!(findings[0].span, Span::new(8, 15));
        assert_eq!(edits[0].span.start, before.start + 2);
        assert_eq!(edits[0].findings, [0]);
        assert_eq!(findings[1].kept, Some(Kept::Markup));
    }
}
