//! Settles overlaps: only now, after the guards, so that a rejected long match never hides a good short one.

use std::cmp::{Ordering, Reverse};
use std::collections::BTreeMap;

use crate::model::{Kept, Place, Safety, Span};

/// A match of a rule and what the guards said of it. Small and copied freely: in a dense text most give way to another, and only what is left becomes
/// a [`Finding`](crate::model::Finding).
#[derive(Clone, Copy, Debug)]
pub(super) struct Match {
    /// Its rule, as a place in the database.
    pub(super) rule: u32,
    /// What was recognised, in bytes of the text.
    pub(super) span: Span,
    /// What would go, in bytes of the text.
    pub(super) cut: Span,
    /// Where it stands.
    pub(super) place: Place,
    /// How sure it is.
    pub(super) safety: Safety,
    /// Why it stays; `None` if it is acted on.
    pub(super) kept: Option<Kept>,
}

impl Match {
    fn applies(&self) -> bool {
        self.kept.is_none() && self.safety != Safety::Report
    }

    /// Of two that overlap, the lesser stays: the one that acts before the one that does not, the longer cut before the shorter, the earlier place
    /// before the later, the earlier rule before the later.
    fn compare(&self, other: &Self) -> Ordering {
        (self.kind().cmp(&other.kind())).then_with(|| self.in_kind().cmp(&other.in_kind()))
    }

    /// What is compared first: few kinds of matches make up a great cluster.
    fn kind(&self) -> Kind {
        let stays = !self.applies();
        (stays, Reverse(self.cut.len()), Reverse(self.safety))
    }

    /// The order of those of a kind.
    fn in_kind(&self) -> (usize, Reverse<usize>, u32) {
        (self.cut.start, Reverse(self.span.len()), self.rule)
    }

    fn key(&self) -> (usize, usize) {
        (self.cut.start, self.cut.end)
    }

    /// The same, so many bytes on.
    pub(super) fn moved(self, by: usize) -> Self {
        Self {
            span: self.span.moved(by),
            cut: self.cut.moved(by),
            ..self
        }
    }
}

/// See [`Match::kind`].
type Kind = (bool, Reverse<usize>, Reverse<Safety>);

/// Matches as they come, nearly in the order of their places.
#[derive(Debug, Default)]
pub(super) struct Matches {
    held: Vec<Match>,
    /// Whether some do not stand in the order of their places.
    disordered: bool,
}

/// So many steps a match is moved back to where it belongs; farther ones are left to a sort.
const STEPS: usize = 8;

impl Matches {
    /// Those that were added and did not give way, nearly in order.
    pub(super) fn held(&self) -> &[Match] {
        &self.held
    }

    /// Adds a match. Several rules often say the same of a line; those that take what another takes give way at once.
    pub(super) fn add(&mut self, new: Match) {
        let (key, mut at) = (new.key(), self.held.len());
        while at > 0 && self.held.len() - at < STEPS && self.held[at - 1].key() > key {
            at -= 1;
        }
        if let Some(before) = at.checked_sub(1).map(|before| &mut self.held[before]) {
            if before.cut == new.cut && !new.cut.is_empty() {
                if new.compare(before).is_lt() {
                    *before = new;
                }
                return;
            }
            self.disordered |= before.key() > key;
        }
        self.held.insert(at, new);
    }

    /// Keeps one of those that overlap each other. Answers them sorted by place, and adds to `torn` the spans of those that gave way though they reach out
    /// of what takes their place.
    pub(super) fn settle(mut self, torn: &mut Vec<Span>) -> Vec<Match> {
        if self.disordered {
            self.held.sort_by_key(Match::key);
        }
        // Matches overlap in small clusters.
        let mut kept = 0;
        let mut first = 0;
        while first < self.held.len() {
            let mut end = self.held[first].cut.end;
            let mut next = first + 1;
            while let Some(held) = self.held.get(next).filter(|held| held.cut.start < end) {
                end = end.max(held.cut.end);
                next += 1;
            }
            let count = if next - first == 1 {
                1
            } else {
                settle_cluster(&mut self.held[first..next], torn)
            };
            self.held.copy_within(first..first + count, kept);
            kept += count;
            first = next;
        }
        self.held.truncate(kept);
        self.held
    }
}

/// Moves those that stay to the front, sorted by place, and answers how many they are.
fn settle_cluster(cluster: &mut [Match], torn: &mut Vec<Span>) -> usize {
    if cluster.len() <= FEW {
        cluster.sort_by(Match::compare);
    } else {
        rank(cluster);
    }
    let mut taken = Taken::default();
    let mut kept = 0;
    for index in 0..cluster.len() {
        let candidate = cluster[index];
        match taken.last_before(candidate.cut.end) {
            Some(held) if held.end > candidate.cut.start => {
                if !held.contains(candidate.cut) {
                    torn.push(candidate.span);
                }
            }
            _ => {
                taken.insert(candidate.cut);
                cluster[kept] = candidate;
                kept += 1;
            }
        }
    }
    cluster[..kept].sort_by_key(Match::key);
    kept
}

/// So few are sorted by comparing them.
const FEW: usize = 32;

/// Sorts a great cluster by [`Match::compare`]. Lines that repeat make chains without end, of few kinds of matches; those of one kind stand in order already.
fn rank(cluster: &mut [Match]) {
    // The kinds as they were met, with how many there are of each, and the kind of each match.
    let mut kinds = Vec::new();
    let mut kind_of = Vec::with_capacity(cluster.len());
    for held in &*cluster {
        let kind = held.kind();
        let met = kinds.iter().position(|(met, _)| *met == kind);
        let at = met.unwrap_or_else(|| {
            kinds.push((kind, 0));
            kinds.len() - 1
        });
        if at == FEW {
            return cluster.sort_by(Match::compare);
        }
        kinds[at].1 += 1;
        kind_of.push(at as u8);
    }
    // Where the next match of each kind goes.
    let mut order: Vec<usize> = (0..kinds.len()).collect();
    order.sort_by_key(|&at| kinds[at].0);
    let mut places = [0; FEW];
    let mut first = 0;
    for &at in &order {
        places[at] = first;
        first += kinds[at].1;
    }
    let unsorted = cluster.to_vec();
    for (held, &at) in unsorted.iter().zip(&kind_of) {
        let place = &mut places[usize::from(at)];
        cluster[*place] = *held;
        *place += 1;
    }
    let mut rest = cluster;
    for &at in &order {
        let (same, behind) = std::mem::take(&mut rest).split_at_mut(kinds[at].1);
        if !same.is_sorted_by_key(Match::in_kind) {
            same.sort_by_key(Match::in_kind);
        }
        rest = behind;
    }
}

/// Stretches that are taken: disjoint. In most clusters they come in the order of the text.
#[derive(Default)]
struct Taken {
    in_order: Vec<Span>,
    /// How many of them began before the last end that was asked for: the next one is mostly near.
    passed: usize,
    others: BTreeMap<usize, usize>,
}

impl Taken {
    /// The last stretch that begins before `end`.
    fn last_before(&mut self, end: usize) -> Option<Span> {
        let before = |held: &Span| held.start < end;
        let mut near = 0;
        while near < STEPS && self.in_order.get(self.passed).is_some_and(before) {
            self.passed += 1;
            near += 1;
        }
        if near == STEPS || self.passed > 0 && !before(&self.in_order[self.passed - 1]) {
            self.passed = self.in_order.partition_point(before);
        }
        let in_order = self.passed.checked_sub(1).map(|last| self.in_order[last]);
        if self.others.is_empty() {
            return in_order;
        }
        let other = self.others.range(..end).next_back();
        in_order.max(other.map(|(&start, &end)| Span { start, end }))
    }

    fn insert(&mut self, new: Span) {
        match self.in_order.last() {
            Some(last) if new.start < last.end => {
                self.others.insert(new.start, new.end);
            }
            _ => self.in_order.push(new),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn matched(rule: u32, (start, len): (usize, usize), kept: bool) -> Match {
        let span = Span::new(start, start + len);
        Match {
            rule,
            span,
            cut: span,
            place: Place::Inline,
            safety: Safety::Safe,
            kept: kept.then_some(Kept::Mention),
        }
    }

    /// What [`Matches`] does, said plainly: the best first, each if it overlaps none before it.
    fn plainly(mut matches: Vec<Match>) -> (Vec<Match>, usize) {
        matches.sort_by_key(Match::key);
        matches.sort_by(Match::compare);
        let (mut kept, mut torn): (Vec<Match>, _) = (Vec::new(), 0);
        for new in matches {
            let over: Vec<_> = kept
                .iter()
                .filter(|held| held.cut.overlaps(new.cut))
                .collect();
            if over.is_empty() {
                kept.push(new);
            } else if !over.iter().any(|held| held.cut.contains(new.cut)) {
                torn += 1;
            }
        }
        kept.sort_by_key(Match::key);
        (kept, torn)
    }

    proptest! {
        #[test]
        fn the_best_of_what_overlaps_stays(
            places in prop::collection::vec((0..400_usize, 1..12_usize, any::<bool>()), 0..200),
        ) {
            let all: Vec<_> = (0..).zip(&places).map(|(rule, &(start, len, kept))| matched(rule, (start, len), kept)).collect();
            let mut matches = Matches::default();
            all.iter().for_each(|&new| matches.add(new));
            let mut torn = Vec::new();
            let settled = matches.settle(&mut torn);
            let (wanted, wanted_torn) = plainly(all);
            let rules = |matches: &[Match]| matches.iter().map(|held| held.rule).collect::<Vec<_>>();
            prop_assert_eq!(rules(&settled), rules(&wanted));
            prop_assert_eq!(torn.is_empty(), wanted_torn == 0);
        }
    }
}
