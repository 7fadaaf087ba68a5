//! Many documents on many threads, in order: the output is the same bytes with one thread and with sixteen.

use std::collections::VecDeque;
use std::fs;
use std::io;
use std::path::Path;
use std::sync::mpsc::{self, Receiver, TryRecvError};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use descale::format::InputFormat;
use descale::format::codec::Packed;
use descale::format::warc::members::are_records;
use rayon::ScopeFifo;

use super::document::{At, Done, Place, Work};
use super::fault::Fault;
use super::feed::{Body, Feed, Kind, Unit, may_keep_members, no_records};
use super::form::{self, Content, Form};
use super::inputs::Source;
use super::output::Files;

use super::position::{Position, Tracked};
use super::signals;
use super::tables::Table;

/// At most so many pieces of work for each thread are read and not yet written: enough that a slow one does not leave the others idle for long.
const UNITS: usize = 32;

/// Nothing more is read while the pieces that are read and not yet written have so many bytes for each thread. The last one that was read may go
/// over it, by the size of a file that is not cut, of a window, or of the longest record.
const BYTES: usize = 2 << 20;

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
    /// What is to be written for it, if anything is.
    pub(crate) out: Option<Out>,
    /// Where the next part begins, if that is asked for and known.
    pub(crate) position: Option<Position>,
}

/// A part of an output.
pub(crate) struct Out {
    /// How the whole output stands on the disk.
    pub(crate) form: Form,
    /// Whether there is nothing to write.
    pub(crate) is_empty: bool,
    /// The part's bytes.
    pub(crate) content: Content,
}

/// Works on all sources with `jobs` threads (0: one a core) and hands the parts to `take`, in the order of the sources.
pub(crate) fn run(
    sources: &[Source],
    work: &Work<'_>,
    jobs: usize,
    take: impl FnMut(Part<'_>) -> Result<()> + Send,
) -> Result<()> {
    let feed = Feed::new(sources, work.wanted());
    drive(sources, work, jobs, Tracked::untracked(feed), take)
}

/// The same from a position on; each part says where the next one begins.
pub(crate) fn run_from(
    position: Option<&Position>,
    sources: &[Source],
    work: &Work<'_>,
    jobs: usize,
    take: impl FnMut(Part<'_>) -> Result<()> + Send,
) -> Result<()> {
    let feed = Tracked::behind(Feed::new(sources, work.wanted()), position)?;
    drive(sources, work, jobs, feed, take)
}

fn drive<'s>(
    sources: &'s [Source],
    work: &'s Work<'s>,
    jobs: usize,
    mut feed: Tracked<'s>,
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
            let line = Line {
                scope,
                threads,
                sources,
                work,
            };
            line.run(&mut feed, 0, &mut take)
        })
    })
}

/// The threads, and what they work on.
struct Line<'l, 's> {
    scope: &'l ScopeFifo<'s>,
    threads: usize,
    sources: &'s [Source],
    work: &'s Work<'s>,
}

impl<'s> Line<'_, 's> {
    /// Has all pieces of a feed worked on, and hands the parts to `take`, in order. So many bytes are `held` already by pieces of other feeds.
    fn run(
        &self,
        feed: &mut Tracked<'s>,
        mut held: usize,
        take: &mut (dyn FnMut(Part<'_>) -> Result<()> + Send),
    ) -> Result<()> {
        let Self { threads, work, .. } = *self;
        let mut waiting = VecDeque::new();
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
                waiting.push_back((size, self.begin(unit, feed.position())));
            }
            let Some((size, first)) = waiting.pop_front() else {
                return Ok(());
            };
            match first {
                Waiting::Part(receiver) => take(wait(&receiver)?)?,
                Waiting::Packed(receiver, source, position) => match wait(&receiver)? {
                    Some(part) => take(part)?,
                    None => self.piece_by_piece(source, position, held, take)?,
                },
                Waiting::Table(table) => table.run(self.scope, threads, work, take)?,
            }
            held -= size;
        }
    }

    /// Gives a piece to a thread.
    fn begin(&self, unit: Unit, position: Option<Position>) -> Waiting<'s> {
        let (sources, work) = (self.sources, self.work);
        if let Body::Table(file) = unit.body {
            let source = &sources[unit.source];
            return Waiting::Table(Table { source, file });
        }
        // Nobody waits for an answer any more when an error has ended the run.
        if let Body::Packed(path, most) = unit.body {
            let (sender, receiver) = mpsc::sync_channel(1);
            let source = unit.source;
            let at = position.clone();
            self.scope.spawn_fifo(move |_| {
                let part = packed(&sources[source], work, &path, most);
                let _ = sender.send(part.map(|part| Part {
                    position: at,
                    ..part
                }));
            });
            return Waiting::Packed(receiver, source, position);
        }
        let (sender, receiver) = mpsc::sync_channel(1);
        self.scope.spawn_fifo(move |_| {
            let part = Part {
                position,
                ..part(sources, work, unit)
            };
            let _ = sender.send(part);
        });
        Waiting::Part(receiver)
    }

    /// Works on a source that no worker could unpack by itself, now that it is its turn. The last part has the position behind it.
    fn piece_by_piece(
        &self,
        source: usize,
        mut position: Option<Position>,
        held: usize,
        take: &mut (dyn FnMut(Part<'_>) -> Result<()> + Send),
    ) -> Result<()> {
        let feed = Feed::alone(self.sources, source, self.work.wanted());
        self.run(&mut Tracked::untracked(feed), held, &mut |mut part| {
            part.position = position.take_if(|_| part.last);
            take(part)
        })
    }
}

/// What is next in order.
enum Waiting<'s> {
    /// A part that a thread works on.
    Part(Receiver<Part<'s>>),
    /// A packed file that a thread unpacks and works on, if it can; which source it is, and the position behind it.
    Packed(Receiver<Option<Part<'s>>>, usize, Option<Position>),
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
    let (done, form) = done(source, work, unit);
    Part::new(source, last, done, form, work)
}

impl<'s> Part<'s> {
    /// A part of a source that stands on the disk in that form.
    pub(super) fn new(
        source: &'s Source,
        last: bool,
        mut done: Done,
        form: Form,
        work: &Work<'_>,
    ) -> Self {
        let output = std::mem::take(&mut done.output);
        let out = work.packing.form(form).map(|form| Out {
            form,
            is_empty: output.is_empty(),
            content: match (done.whole, work.files) {
                _ if done.packed => Content::Packed(Packed::whole(output)),
                // It will not be written.
                (true, Files::Changed) if !done.changed => Content::default(),
                (true, Files::Changed | Files::All) => Content::file(output, form),
                _ => Content::new(output, form),
            },
        });
        Self {
            source,
            last,
            done,
            out,
            position: None,
        }
    }
}

/// Unpacks a whole file and works on it; `None` if it is to be read piece by piece: because it is broken, an archive whose records are packed by
/// themselves, a table, or unpacks to more than `most` bytes.
fn packed<'s>(source: &'s Source, work: &Work<'_>, path: &Path, most: usize) -> Option<Part<'s>> {
    // An error of the file is met again and told then.
    let packed = fs::read(path).ok()?;
    if may_keep_members(source.format, work.packing) && are_records(&packed) {
        return None;
    }
    let (bytes, codec) = form::unpacked(&packed, most).ok()??;
    let format = source.format.or_else(|| {
        let is_table = bytes.starts_with(InputFormat::PARQUET_MAGIC);
        is_table.then_some(InputFormat::Parquet)
    });
    if format == Some(InputFormat::Parquet) {
        return None;
    }
    let read = packed.len() as u64;
    drop(packed);
    let (bytes, encoding) = form::decoded(bytes, work.known.charset);
    let form = Form { codec, encoding };
    let here = At::new(&source.name, Place::START, form);
    let done = whole(&here, format, work, bytes).of(read);
    Some(Part::new(source, true, done, form, work))
}

/// Works on a whole file; its format if that is known.
fn whole(at: &At<'_>, format: Option<InputFormat>, work: &Work<'_>, bytes: Vec<u8>) -> Done {
    let format = format.unwrap_or_else(|| InputFormat::of_content(&bytes));
    let done = match format.records(&bytes, &work.known.fields) {
        Ok(Some(records)) => work.records(at, &*records, bytes),
        Ok(None) => work.text(at, format, bytes),
        Err(error) => work.passed(bytes, Some(no_records(at.name, error))),
    };
    Done {
        whole: true,
        ..done
    }
}

/// Works on a piece; answers what came of it, and how its source stands on the disk.
fn done(source: &Source, work: &Work<'_>, unit: Unit) -> (Done, Form) {
    let name = &source.name;
    let (mut form, mut read) = (unit.form, unit.read);
    let bytes = match unit.body {
        Body::Bytes(bytes) => Ok(bytes),
        Body::File(path) => fs::read(path).map(|bytes| {
            read = bytes.len() as u64;
            let (bytes, encoding) = form::decoded(bytes, work.known.charset);
            form.encoding = encoding;
            bytes
        }),
        Body::Members(members) => {
            let here = At::new(name, unit.first, form);
            let done = match unit.kind {
                Kind::Records(records) => work.members(&here, &*records, members),
                _ => work.nothing(),
            };
            return (done.of(read), form);
        }
        Body::Table(_) | Body::Packed(..) => Err(io::Error::other("this is no piece of a file")),
        Body::Broken(error) => Err(error),
        Body::Window(window) => {
            let here = At::new(name, unit.first, form);
            return (work.window(&here, window).of(read), form);
        }
        Body::Large(bytes, _, fault) => {
            let mut done = work.passed(bytes, fault.map(|fault| *fault));
            done.packed = true;
            return (done.of(read), form);
        }
        Body::Passed(bytes, fault) => {
            let fault = fault.map(|fault| *fault);
            return (work.passed(bytes, fault).of(read), form);
        }
    };
    let here = At::new(name, unit.first, form);
    let bytes = match bytes {
        Ok(bytes) => bytes,
        Err(error) => {
            let fault = match &source.path {
                Some(path) => Fault::unread(name, path, &error),
                None => Fault::io(name, &error),
            };
            let done = Done {
                faults: vec![fault],
                broken: true,
                ..work.nothing()
            };
            return (done, form);
        }
    };
    let done = match unit.kind {
        Kind::Records(records) => work.records(&here, &*records, bytes),
        Kind::Text(format) => work.text(&here, format, bytes),
        Kind::Whole(format) => whole(&here, format, work, bytes),
    };
    (done.of(read), form)
}
