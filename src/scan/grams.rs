//! The filter for rules that act inside lines: eight-byte windows of folded text.
//!
//! Each anchor gives as many consecutive windows as the stride has bytes, so that wherever it stands in a text, exactly one of them lies on a multiple
//! of the stride; only there the text is looked up. Where in an anchor the windows are taken is free, and decides the cost: the stretch is chosen whose
//! windows are rarest in news text ([`super::frequency`]). The design and its measurements: `docs/performance.md`.

use super::candidates::ScanCounts;
use super::frequency;
use super::table::{Table, spread};

/// Bytes of a window.
const WINDOW: usize = 8;
/// The wide stride, for anchors of at least 15 bytes.
const WIDE: usize = 8;
/// The narrow stride, for anchors of at least 11 bytes.
const NARROW: usize = 4;
/// Shorter anchors have no windows here.
pub(super) const SHORTEST: usize = WINDOW + NARROW - 1;

/// Windows of a set of anchors.
#[derive(Debug, Default)]
pub(super) struct Grams {
    wide: Table,
    narrow: Table,
    /// The anchors, one after another.
    bytes: Vec<u8>,
    /// For each window: its anchor and where in it the window begins.
    windows: Vec<(u32, u32)>,
    /// For each anchor, where its bytes begin; and one more for the end.
    starts: Vec<u32>,
}

impl Grams {
    /// Windows for `anchors`, each of at least [`SHORTEST`] bytes; answers of [`Grams::find`] count in their order.
    pub(super) fn new(anchors: &[&[u8]]) -> Self {
        let mut grams = Self::default();
        let (mut wide, mut narrow) = (Vec::new(), Vec::new());
        for (index, anchor) in anchors.iter().enumerate() {
            grams.starts.push(grams.bytes.len() as u32);
            grams.bytes.extend_from_slice(anchor);
            let (stride, pairs) = if anchor.len() >= WINDOW + WIDE - 1 { (WIDE, &mut wide) } else { (NARROW, &mut narrow) };
            let first = rarest(anchor, stride);
            for offset in first..first + stride {
                pairs.push((window(anchor, offset), grams.windows.len() as u32));
                grams.windows.push((index as u32, offset as u32));
            }
        }
        grams.starts.push(grams.bytes.len() as u32);
        grams.wide = Table::new(wide);
        grams.narrow = Table::new(narrow);
        grams
    }

    /// Calls `found` with (anchor, start) for each anchor in `folded`.
    pub(super) fn find(&self, folded: &[u8], counts: &mut ScanCounts, mut found: impl FnMut(u32, usize)) {
        if !self.wide.is_empty() {
            for (block, bytes) in folded.as_chunks::<WIDE>().0.iter().enumerate() {
                self.probe(&self.wide, *bytes, folded, block * WIDE, counts, &mut found);
            }
        }
        if !self.narrow.is_empty() {
            // Two overlapping walks of the wide step make one of the narrow step.
            for shift in [0, NARROW] {
                for (block, bytes) in folded.get(shift..).unwrap_or_default().as_chunks::<WIDE>().0.iter().enumerate() {
                    self.probe(&self.narrow, *bytes, folded, block * WIDE + shift, counts, &mut found);
                }
            }
        }
    }

    #[inline]
    fn probe(&self, table: &Table, bytes: [u8; WINDOW], folded: &[u8], at: usize, counts: &mut ScanCounts, found: &mut impl FnMut(u32, usize)) {
        let key = u64::from_le_bytes(bytes);
        let hash = spread(key);
        if table.may_hold(hash) {
            counts.windows += 1;
            self.compare(table.get(key, hash), folded, at, counts, found);
        }
    }

    #[cold]
    fn compare(&self, items: &[u32], folded: &[u8], at: usize, counts: &mut ScanCounts, found: &mut impl FnMut(u32, usize)) {
        for &item in items {
            let (anchor, offset) = self.windows[item as usize];
            let bytes = &self.bytes[self.starts[anchor as usize] as usize..self.starts[anchor as usize + 1] as usize];
            let Some(start) = at.checked_sub(offset as usize) else { continue };
            counts.compared += 1;
            if folded[start..].starts_with(bytes) {
                counts.anchors += 1;
                found(anchor, start);
            }
        }
    }
}

fn window(anchor: &[u8], offset: usize) -> u64 {
    anchor[offset..].first_chunk::<WINDOW>().map_or(0, |bytes| u64::from_le_bytes(*bytes))
}

/// Where the `stride` consecutive windows begin that are met least often in ordinary text.
fn rarest(anchor: &[u8], stride: usize) -> usize {
    let costs: Vec<f32> = (0..=anchor.len() - WINDOW).map(|offset| frequency::per_megabyte(window(anchor, offset))).collect();
    let total = |first: usize| costs[first..first + stride].iter().sum::<f32>();
    (0..=costs.len() - stride).min_by(|&a, &b| total(a).total_cmp(&total(b))).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_anchor_is_met_at_every_alignment() {
        let anchors: [&[u8]; 2] = [b"continues below ad", b"foo bar baz"];
        let grams = Grams::new(&anchors);
        for shift in 0..20 {
            for (index, anchor) in anchors.iter().enumerate() {
                let text = [&vec![b'x'; shift][..], anchor, b"yy"].concat();
                let mut met = Vec::new();
                grams.find(&text, &mut ScanCounts::default(), |anchor, start| met.push((anchor, start)));
                assert_eq!(met, [(index as u32, shift)], "shift {shift}");
            }
        }
    }
}
