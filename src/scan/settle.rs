//! Settles overlaps: only now, after the guards, so that a rejected long match never hides a good short one.

use std::collections::BTreeMap;

use crate::model::Finding;

/// Keeps, of findings that overlap, the one that acts before the one that does not, the longer cut before the shorter, the earlier place
/// before the later, the earlier rule before the later. Answers sorted by place, and whether a finding gave way that reached out of the others.
pub(super) fn settle(mut findings: Vec<(u32, Finding)>) -> (Vec<Finding>, bool) {
    findings.sort_by_key(|(_, finding)| (finding.cut.start, finding.cut.end));
    let mut settled = Vec::with_capacity(findings.len());
    let mut torn = false;
    // Findings overlap in small clusters.
    let mut cluster = Vec::new();
    let mut end = 0;
    for finding in findings {
        if finding.1.cut.start >= end && !cluster.is_empty() {
            torn |= settle_cluster(&mut cluster, &mut settled);
        }
        end = end.max(finding.1.cut.end);
        cluster.push(finding);
    }
    torn |= settle_cluster(&mut cluster, &mut settled);
    (settled, torn)
}

fn settle_cluster(cluster: &mut Vec<(u32, Finding)>, settled: &mut Vec<Finding>) -> bool {
    if cluster.len() < 2 {
        settled.extend(cluster.pop().map(|(_, finding)| finding));
        return false;
    }
    cluster.sort_by(|(a_rule, a), (b_rule, b)| {
        (b.applies().cmp(&a.applies()))
            .then(b.cut.len().cmp(&a.cut.len()))
            .then(b.safety.cmp(&a.safety))
            .then(a.cut.start.cmp(&b.cut.start))
            .then(b.span.len().cmp(&a.span.len()))
            .then(a_rule.cmp(b_rule))
    });
    let mut taken: BTreeMap<usize, usize> = BTreeMap::new();
    let first = settled.len();
    let mut torn = false;
    for (_, finding) in cluster.drain(..) {
        let cut = finding.cut;
        match taken.range(..cut.end).next_back() {
            Some((&start, &end)) if end > cut.start => {
                torn |= finding.applies() && !(start <= cut.start && cut.end <= end);
            }
            _ => {
                taken.insert(cut.start, cut.end);
                settled.push(finding);
            }
        }
    }
    settled[first..].sort_by_key(|finding| (finding.cut.start, finding.cut.end));
    torn
}
