//! Tables in a build that cannot read them.

use anyhow::Result;
use rayon::ScopeFifo;

use super::super::document::{Done, Work};
use super::super::fault::Fault;
use super::super::form::Form;
use super::super::pipeline::Part;
use super::Table;

/// Says that the table was left as it is.
pub(super) fn run<'s, 'w: 's>(
    table: Table<'s>,
    _scope: &ScopeFifo<'s>,
    _threads: usize,
    work: &'w Work<'_>,
    take: &mut (dyn FnMut(Part<'_>) -> Result<()> + Send),
) -> Result<()> {
    drop(table.file);
    let cause = "this is a Parquet file, which this build of descale does not read";
    let cure = "install it with `cargo install descale --features parquet`";
    let done = Done {
        faults: vec![Fault::new(&table.source.name, cause, cure)],
        broken: true,
        void: true,
        ..work.nothing()
    };
    take(Part::new(table.source, true, done, Form::default(), work))
}
