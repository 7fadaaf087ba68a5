//! Pairs: where the second half is that ends what a rule takes.

use std::collections::BTreeMap;

use super::verify;
use crate::db::{CompiledPiece, CompiledRule};
use crate::model::Span;
use crate::text::fold::may_begin;
use crate::text::lines::floor_boundary;

/// The search for the second halves of pairs. Remembers where there was none, so that many openings before one closing cost no more than one.
#[derive(Default)]
pub(super) struct Closings {
    /// For each rule that was asked for: between which two places none of its second halves begins.
    clear: BTreeMap<u32, Span>,
}

impl Closings {
    /// Where the second half of a pair ends that begins behind `from`, looking no further than the rule allows.
    pub(super) fn find(
        &mut self,
        text: &str,
        index: u32,
        rule: &CompiledRule,
        from: usize,
    ) -> Option<usize> {
        let clear = self.clear.entry(index).or_insert(Span::new(from, from));
        if !(clear.start..=clear.end).contains(&from) {
            *clear = Span::new(from, from);
        }
        let stop = floor_boundary(text, (from + rule.within as usize).min(text.len()));
        while clear.end < stop {
            let start = clear.end;
            let closed = rule.until.iter().find_map(|pieces| match pieces.first() {
                // Cheap refusal: most places do not begin with the literal.
                Some(CompiledPiece::Literal(literal))
                    if !may_begin(text, start, &literal.folded) =>
                {
                    None
                }
                _ => verify::match_pieces(text, pieces, rule.case, start),
            });
            if closed.is_some() {
                return closed;
            }
            clear.end += 1;
            while !text.is_char_boundary(clear.end) {
                clear.end += 1;
            }
        }
        None
    }
}
