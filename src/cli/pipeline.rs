//! Many documents on many threads, in order: the output is the same bytes with one thread and with sixteen.

use std::collections::VecDeque;
use std::fs;
use std::sync::mpsc::{self, Receiver, TryRecvError};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use descale::format::InputFormat;

use super::document::{Done, Place, Work};
use super::fault::Fault;
use super::feed::{Body, Feed, LONGEST_LINE, Unit};
use super::inputs::Source;
use super::signals;

/// At most so many pieces of work for each thread are read and not yet written: enough that a slow one does not leave the others idle for long.
const UNITS: usize = 32;

/// Nothing more is read while the pieces that are read and not yet written have so many bytes for each thread. The last one that was read may go
/// over it, by the size of a file that is not cut, of a window, or of the longest line.
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
            let mut feed = Feed::new(sources, work.needs_whole_texts());
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
                    let (sender, receiver) = mpsc::sync_channel(1);
                    scope.spawn_fifo(move |_| {
                        // Nobody waits for it any more when an error has ended the run.
                        let _ = sender.send(part(sources, work, unit));
                    });
                    waiting.push_back((size, receiver));
                }
                let Some((size, receiver)) = waiting.pop_front() else {
                    return Ok(());
                };
                take(wait(&receiver)?)?;
                held -= size;
            }
        })
    })
}

/// Waits for a part, and works on others meanwhile: this thread is one of the pool's.
fn wait<'s>(receiver: &Receiver<Part<'s>>) -> Result<Part<'s>> {
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
    let bytes = match unit.body {
        Body::Bytes(bytes) => Ok(bytes),
        Body::File(path) => fs::read(path),
        Body::Broken(error) => Err(error),
        Body::Window(window) => {
            return Part {
                source,
                last: unit.last,
                done: work.window(&source.name, unit.first, window),
            };
        }
        Body::TooLong(bytes, begins) => {
            return Part {
                source,
                last: unit.last,
                done: too_long(source, work, unit.first, bytes, begins),
            };
        }
    };
    let done = match bytes {
        Ok(bytes) => {
            let format = unit
                .format
                .unwrap_or_else(|| InputFormat::of_content(&bytes));
            work.bytes(&source.name, format, unit.first, bytes)
        }
        Err(error) => Done {
            faults: vec![match &source.path {
                Some(path) => Fault::unread(&source.name, path, &error),
                None => Fault::io(&source.name, &error),
            }],
            broken: true,
            ..work.nothing()
        },
    };
    Part {
        source,
        last: unit.last,
        done,
    }
}

/// Passes a part of a line through. The line is named once.
fn too_long(source: &Source, work: &Work<'_>, first: Place, bytes: Vec<u8>, begins: bool) -> Done {
    let mut done = Done {
        read: bytes.len(),
        ..work.nothing()
    };
    if begins {
        let cause = format!("this line has more than {} MiB", LONGEST_LINE >> 20);
        let cure = "put fewer texts into one record, or name the format if it is not JSON Lines";
        done.faults.push(
            Fault::new(&source.name, cause, cure)
                .at(first.line, Some(1), Some(first.offset))
                .passed_through("the line is passed through unchanged"),
        );
    }
    done.output = bytes;
    done
}
