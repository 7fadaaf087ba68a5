//! Many documents on many threads, in order: the output is the same bytes with one thread and with sixteen.

use std::fs;

use anyhow::{Context, Result};
use descale::format::InputFormat;
use rayon::prelude::*;

use super::document::{Done, Work};
use super::fault::Fault;
use super::feed::{Body, Feed, Unit};
use super::inputs::Source;
use super::signals;

/// Pieces of work per thread and round: enough that a slow one does not leave the others idle for long, few enough to bound the memory.
const PER_THREAD: usize = 16;

/// What came of a piece of a source.
pub(crate) struct Part<'s> {
    /// The source.
    pub(crate) source: &'s Source,
    /// Whether this is its last part.
    pub(crate) last: bool,
    /// What came of it.
    pub(crate) done: Done,
}

/// Works on all sources with `jobs` threads (0: one a core) and hands the parts to `take`, in the order of the sources.
pub(crate) fn run(
    sources: &[Source],
    work: &Work<'_>,
    jobs: usize,
    mut take: impl FnMut(Part<'_>) -> Result<()> + Send,
) -> Result<()> {
    signals::install();
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(jobs)
        .build()
        .context("could not start the threads; ask for fewer with -j")?;
    let count = pool.current_num_threads() * PER_THREAD;
    pool.install(|| {
        let mut feed = Feed::new(sources);
        let mut units = feed.round(count);
        while !units.is_empty() {
            // The next round is read while this one is worked on.
            let worker = || {
                units
                    .into_par_iter()
                    .map(|unit| part(sources, work, unit))
                    .collect::<Vec<_>>()
            };
            let (parts, next) = rayon::join(worker, || feed.round(count));
            parts.into_iter().try_for_each(&mut take)?;
            units = next;
        }
        Ok(())
    })
}

fn part<'s>(sources: &'s [Source], work: &Work<'_>, unit: Unit) -> Part<'s> {
    let source = &sources[unit.source];
    let bytes = match unit.body {
        Body::Bytes(bytes) => Ok(bytes),
        Body::File(path) => fs::read(path),
        Body::Broken(error) => Err(error),
    };
    let done = match bytes {
        Ok(bytes) => {
            let format = unit
                .format
                .unwrap_or_else(|| InputFormat::of_content(&bytes));
            work.bytes(&source.name, format, unit.first, bytes)
        }
        Err(error) => {
            let shares = work.reports.iter().map(|_| Vec::new()).collect();
            Done {
                faults: vec![match &source.path {
                    Some(path) => Fault::unread(&source.name, path, &error),
                    None => Fault::io(&source.name, &error),
                }],
                broken: true,
                shares,
                ..Done::default()
            }
        }
    };
    Part {
        source,
        last: unit.last,
        done,
    }
}
