//! Many documents on many threads, in order: the output is the same bytes with one thread and with sixteen.

use std::collections::VecDeque;
use std::fs;
use std::io;
use std::sync::mpsc::{self, Receiver, TryRecvError};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use descale::format::InputFormat;

use super::document::{Done, Work};
use super::fault::Fault;
use super::feed::{Body, Feed, Kind, Unit, no_records};
use super::inputs::Source;
use super::signals;
use super::tables::Table;

/// At most so many pieces of work for each thread are read and not yet written: enough that a slow one does not leave the others idle for long.
const UNITS: usize = 32;

/// Nothing more is read while the pieces that are read and not yet written have so many bytes for each thread. The last one that was read may go
/// over it, by the size of a file that is not cut, of a window, or of the longest record.
const BYTES: usize = 8 << 20;

/// How long a thread with nothing to do waits before it looks for work again.
const IDLE: Duration = Duration::from_millis(5);

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
    let threads = pool.current_num_threads();
    pool.install(|| {
        rayon::scope_fifo(|scope| {
            let mut feed = Feed::new(sources, work.wanted());
            let mut waiting = VecDeque::new();
            let mut held = 0;
            let mut more = true;
            loop {
                while more
                    && waiting.len() < UNITS * threads
                    && (held < BYTES * threads || waiting.is_empty())
                {
                    let Some(unit) = feed.next() else {
                        more = false;
                        break;
                    };
                    let size = unit.size();
                    held += size;
                    if let Body::Table(file) = unit.body {
                        let source = &sources[unit.source];
                        waiting.push_back((size, Waiting::Table(Table { source, file })));
                        continue;
                    }
                    let (sender, receiver) = mpsc::sync_channel(1);
                    scope.spawn_fifo(move |_| {
                        // Nobody waits for it any more when an error has ended the run.
                        let _ = sender.send(part(sources, work, unit));
                    });
                    waiting.push_back((size, Waiting::Part(receiver)));
                }
                let Some((size, first)) = waiting.pop_front() else {
                    return Ok(());
                };
                match first {
                    Waiting::Part(receiver) => take(wait(&receiver)?)?,
                    Waiting::Table(table) => table.run(scope, threads, work, &mut take)?,
                }
                held -= size;
            }
        })
    })
}

/// What is next in order.
enum Waiting<'s> {
    /// A part that a thread works on.
    Part(Receiver<Part<'s>>),
    /// A table, which all threads work on once it is its turn.
    Table(Table<'s>),
}

/// Waits for what comes of work, and works on other things meanwhile: this thread is one of the pool's.
pub(super) fn wait<T>(receiver: &Receiver<T>) -> Result<T> {
    loop {
        match receiver.try_recv() {
            Ok(part) => return Ok(part),
            Err(TryRecvError::Disconnected) => bail!("a thread stopped in the middle of its work"),
            Err(TryRecvError::Empty) => {}
        }
        if rayon::yield_now() != Some(rayon::Yield::Executed)
            && let Ok(part) = receiver.recv_timeout(IDLE)
        {
            return Ok(part);
        }
    }
}

fn part<'s>(sources: &'s [Source], work: &Work<'_>, unit: Unit) -> Part<'s> {
    let source = &sources[unit.source];
    let last = unit.last;
    Part {
        source,
        last,
        done: done(source, work, unit),
    }
}

fn done(source: &Source, work: &Work<'_>, unit: Unit) -> Done {
    let name = &source.name;
    let bytes = match unit.body {
        Body::Bytes(bytes) => Ok(bytes),
        Body::File(path) => fs::read(path),
        Body::Members(members) => {
            return match unit.kind {
                Kind::Records(records) => work.members(name, &*records, unit.first, members),
                _ => work.nothing(),
            };
        }
        Body::Table(_) => Err(io::Error::other("a table is no part of itself")),
        Body::Broken(error) => Err(error),
        Body::Window(window) => return work.window(name, unit.first, window),
        Body::Passed(bytes, fault) | Body::Large(bytes, _, fault) => {
            return work.passed(bytes, fault.map(|fault| *fault));
        }
    };
    let bytes = match bytes {
        Ok(bytes) => bytes,
        Err(error) => {
            return Done {
                faults: vec![match &source.path {
                    Some(path) => Fault::unread(name, path, &error),
                    None => Fault::io(name, &error),
                }],
                broken: true,
                ..work.nothing()
            };
        }
    };
    let format = match unit.kind {
        Kind::Records(records) => return work.records(name, &*records, unit.first, bytes),
        Kind::Text(format) => return work.text(name, format, bytes),
        Kind::Whole(format) => format.unwrap_or_else(|| InputFormat::of_content(&bytes)),
    };
    match format.records(&bytes, &work.known.fields) {
        Ok(Some(records)) => work.records(name, &*records, unit.first, bytes),
        Ok(None) => work.text(name, format, bytes),
        Err(error) => work.passed(bytes, Some(no_records(name, error))),
    }
}
