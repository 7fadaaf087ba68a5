//! Settles overlaps: only now, after the guards, so that a rejected long match never hides a good short one.

use std::collections::BTreeMap;

use crate::model::Finding;

/// Keeps, of findings that overlap, the one that acts before the one that does not, the longer cut before the shorter, the earlier place
/// before the later, the earlier rule before the later. Answers sorted by place.
pub(super) fn settle(mut findings: Vec<(u32, Finding)>) -> Vec<Finding> {
    findings.sort_by(|(a_rule, a), (b_rule, b)| {
        (b.applies().cmp(&a.applies()))
            .then(b.cut.len().cmp(&a.cut.len()))
            .then(b.safety.cmp(&a.safety))
            .then(a.cut.start.cmp(&b.cut.start))
            .then(b.span.len().cmp(&a.span.len()))
            .then(a_rule.cmp(b_rule))
    });
    let mut taken: BTreeMap<usize, usize> = BTreeMap::new();
    let mut settled = Vec::with_capacity(findings.len());
    for (_, finding) in findings {
        let cut = finding.cut;
        let free = taken
            .range(..cut.end)
            .next_back()
            .is_none_or(|(_, &end)| end <= cut.start);
        if free {
            taken.insert(cut.start, cut.end);
            settled.push(finding);
        }
    }
    settled.sort_by_key(|finding| (finding.cut.start, finding.cut.end));
    settled
}
