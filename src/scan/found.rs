//! The candidates of a text, in order.

use super::candidates::Candidate;

/// So many steps a candidate is moved back to where it belongs; farther ones are left to a sort.
const STEPS: usize = 16;

/// Room for the candidates of most texts that have any.
const ROOM: usize = 32;

/// Candidates as a road comes by them, nearly in order; each once, but for such as come from far apart.
#[derive(Debug, Default)]
pub(super) struct Found {
    held: Vec<Candidate>,
    /// Whether some do not stand in order.
    disordered: bool,
}

impl Found {
    /// Adds a candidate.
    #[inline]
    pub(super) fn push(&mut self, new: Candidate) {
        if self.held.capacity() == 0 {
            self.held.reserve(ROOM);
        }
        match self.held.last() {
            Some(last) if last.key() >= new.key() => self.insert(new),
            _ => self.held.push(new),
        }
    }

    /// Adds a candidate that belongs before the last one, or is the last one again.
    fn insert(&mut self, new: Candidate) {
        let (key, mut at) = (new.key(), self.held.len());
        while at > 0 && self.held.len() - at < STEPS && self.held[at - 1].key() > key {
            at -= 1;
        }
        if let Some(before) = at.checked_sub(1).map(|before| self.held[before].key()) {
            if before == key {
                return;
            }
            self.disordered |= before > key;
        }
        self.held.insert(at, new);
    }

    /// All candidates of two roads, sorted, each once.
    pub(super) fn merge(mut self, other: Self) -> Vec<Candidate> {
        if other.held.is_empty() && !self.disordered {
            return self.held;
        }
        let disordered = self.disordered || other.disordered;
        self.held.extend(other.held);
        if disordered {
            self.held.sort_unstable_by_key(Candidate::key);
        } else {
            // Finds that these are two stretches in order.
            self.held.sort_by_key(Candidate::key);
        }
        self.held.dedup_by_key(|candidate| candidate.key());
        self.held
    }
}

impl Extend<Candidate> for Found {
    fn extend<T: IntoIterator<Item = Candidate>>(&mut self, candidates: T) {
        candidates.into_iter().for_each(|new| self.push(new));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Place;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn candidates_come_out_sorted_and_once(
            one in prop::collection::vec((0..50_usize, 0..3_u32), 0..60),
            other in prop::collection::vec((0..50_usize, 0..3_u32), 0..60),
        ) {
            let all = |pairs: &[(usize, u32)]| pairs.iter().map(|&(start, unit)| Candidate::new(start, unit, Place::Line)).collect::<Vec<_>>();
            let [first, second] = [&one, &other].map(|pairs| {
                let mut found = Found::default();
                found.extend(all(pairs));
                found
            });
            let mut wanted = all(&one);
            wanted.extend(all(&other));
            let keys = |all: &[Candidate]| all.iter().map(Candidate::key).collect::<Vec<_>>();
            let mut wanted = keys(&wanted);
            wanted.sort();
            wanted.dedup();
            prop_assert_eq!(keys(&first.merge(second)), wanted);
        }
    }
}
