//! Parquet: batches are read and written on one thread, in order, and cleaned on all.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::panic;
use std::sync::mpsc::{self, Receiver};
use std::sync::{Mutex, Once, PoisonError};

use anyhow::{Error, Result};
use descale::format;
use descale::format::encoding::Encoding;
use descale::format::parquet::{self, Batch, Batches, TableError};
use descale::format::record::Changes;
use descale::ledger::Name;
use rayon::ScopeFifo;

use super::super::document::{Done, Task, Work};
use super::super::fault::Fault;
use super::super::form::Form;
use super::super::inputs::{Source, cause_and_cure};
use super::super::look::Looked;
use super::super::pipeline::{Part, wait};
use super::super::records::OneText;
use super::Table;

/// At most so many batches for each thread are read and not yet written.
const BATCHES: usize = 4;

/// What is written is handed on in pieces of this size.
const PIECE: usize = 1 << 20;

type Take<'t> = dyn FnMut(Part<'_>) -> Result<()> + Send + 't;

/// Works on a table.
pub(super) fn run<'s, 'w: 's>(
    table: Table<'s>,
    scope: &ScopeFifo<'s>,
    threads: usize,
    work: &'w Work<'_>,
    take: &mut Take<'_>,
) -> Result<()> {
    keep_quiet();
    let source = table.source;
    let takes = Mutex::new(Takes {
        source,
        work,
        take,
        written: Vec::new(),
        changed: false,
        failed: None,
    });
    let outcome = rewrite(table, scope, threads, work, &takes);
    let takes = takes.into_inner().unwrap_or_else(PoisonError::into_inner);
    takes.finish(outcome)
}

fn rewrite<'s, 'w: 's>(
    table: Table<'s>,
    scope: &ScopeFifo<'s>,
    threads: usize,
    work: &'w Work<'_>,
    takes: &Mutex<Takes<'_, '_, '_>>,
) -> Result<(), Stop> {
    let mut rest = table
        .file
        .try_clone()
        .map_err(|error| Stop::Run(error.into()))?;
    let names = work.known.fields.names();
    let opened = parquet::Table::open(table.file, names)?;
    let mut queue = Queue {
        batches: opened.batches(),
        waiting: VecDeque::new(),
        error: None,
    };
    let mut next = || -> Result<Option<Batch>, Stop> {
        queue.fill(scope, threads * BATCHES, table.source, work);
        let Some((batch, done)) = queue.next()? else {
            return Ok(None);
        };
        lock(takes).give(done)?;
        Ok(Some(batch))
    };
    if matches!(work.task, Task::Scan(_)) {
        while next()?.is_some() {}
        return Ok(());
    }
    if opened.rewrite(Sink(takes), &mut next)? {
        return Ok(());
    }
    // Nothing was changed, so the file is its own copy.
    let mut piece = vec![0; PIECE];
    rest.rewind().map_err(|error| Stop::Run(error.into()))?;
    loop {
        match rest.read(&mut piece) {
            Ok(0) => return Ok(()),
            Ok(count) => lock(takes).write(&piece[..count])?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => {
                let (cause, cure) = cause_and_cure(&error);
                return Err(Stop::Table(cause, cure));
            }
        }
    }
}

fn lock<'m, T>(mutex: &'m Mutex<T>) -> std::sync::MutexGuard<'m, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Why a table was not worked on to its end.
enum Stop {
    /// Because of the table: the cause, and the cure.
    Table(String, &'static str),
    /// Because of something that ends the run.
    Run(Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Run(error)
    }
}

impl From<TableError> for Stop {
    fn from(error: TableError) -> Self {
        let TableError {
            place,
            message,
            help,
            source,
        } = error;
        let place = if place.is_empty() {
            place
        } else {
            format!("{place}: ")
        };
        let cause = source.map_or(message, |error| error.to_string());
        Self::Table(format!("{place}{cause}"), help)
    }
}

/// Batches on their way through the threads.
struct Queue {
    batches: Batches<File>,
    waiting: VecDeque<Receiver<(Batch, Done)>>,
    /// What went wrong behind the batches that wait.
    error: Option<TableError>,
}

impl Queue {
    fn fill<'s, 'w: 's>(
        &mut self,
        scope: &ScopeFifo<'s>,
        most: usize,
        source: &'s Source,
        work: &'w Work<'_>,
    ) {
        while self.waiting.len() < most && self.error.is_none() {
            let mut batch = match self.batches.next() {
                None => return,
                Some(Ok(batch)) => batch,
                Some(Err(error)) => {
                    self.error = Some(error);
                    return;
                }
            };
            let (sender, receiver) = mpsc::sync_channel(1);
            scope.spawn_fifo(move |_| {
                let done = work.rows(&source.name, &mut batch);
                // Nobody waits for it any more when an error has ended the run.
                let _ = sender.send((batch, done));
            });
            self.waiting.push_back(receiver);
        }
    }

    fn next(&mut self) -> Result<Option<(Batch, Done)>, Stop> {
        match (self.waiting.pop_front(), self.error.take()) {
            (Some(first), error) => {
                self.error = error;
                Ok(Some(wait(&first)?))
            }
            (None, Some(error)) => Err(error.into()),
            (None, None) => Ok(None),
        }
    }
}

impl Work<'_> {
    /// Works on some rows.
    fn rows(&self, name: &str, batch: &mut Batch) -> Done {
        let mut done = self.nothing();
        let mut new = Vec::new();
        for row in 0..batch.len() {
            let number = usize::try_from(batch.first_row()).unwrap_or(usize::MAX) + row;
            let record = match batch.read(row) {
                Ok(record) => record,
                Err(error) => {
                    done.faults.push(
                        Fault::new(name, error.message, error.help)
                            .at(number, Some(error.column), None)
                            .passed_through("the row is passed through unchanged"),
                    );
                    continue;
                }
            };
            let numbers = record.numbers();
            let looked: Vec<Looked> = (0..record.texts.len())
                .map(|text| {
                    let text = (text, numbers.get(text).copied().flatten());
                    self.row((name, number), batch, &record, text, &mut done)
                })
                .collect();
            let changes: Vec<Changes<'_>> = looked
                .iter()
                .map(|looked| looked.changes().collect())
                .collect();
            new.extend(batch.changed(row, &changes));
        }
        batch.replace(new);
        done.changed = batch.is_changed();
        done
    }

    /// Looks at one text of a row of a file: its place among the row's texts, and its number among those of its column.
    fn row(
        &self,
        (name, row): (&str, usize),
        batch: &Batch,
        record: &format::record::Record<'_>,
        (text, number): (usize, Option<usize>),
        done: &mut Done,
    ) -> Looked {
        let field = &record.texts[text];
        let place = Name {
            path: name,
            line: Some(row),
            field: Some(self.known.fields.name(field.field)),
            id: record.id.as_deref(),
            text: batch.number(text, record.texts.len()),
        };
        let one = OneText {
            record,
            text,
            number,
            place,
            line: row,
            encoding: Encoding::Utf8,
        };
        self.one_text(&one, done, |_| Vec::new())
    }
}

/// Hands on what comes of a table.
struct Takes<'s, 'w, 't> {
    source: &'s Source,
    work: &'w Work<'w>,
    take: &'t mut Take<'t>,
    /// What was written and not yet handed on.
    written: Vec<u8>,
    changed: bool,
    /// What went wrong while it was handed on.
    failed: Option<Error>,
}

impl Takes<'_, '_, '_> {
    /// Hands on what came of a batch, with what was written so far.
    fn give(&mut self, done: Done) -> Result<()> {
        self.changed |= done.changed;
        let done = Done {
            output: std::mem::take(&mut self.written),
            ..done
        };
        let form = Form::default();
        (self.take)(Part::new(self.source, false, done, form, self.work))
    }

    fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.written.extend_from_slice(bytes);
        if self.written.len() < PIECE {
            return Ok(());
        }
        let done = self.work.nothing();
        self.give(done)
    }

    /// Hands on the last part.
    fn finish(mut self, outcome: Result<(), Stop>) -> Result<()> {
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        let mut done = Done {
            output: std::mem::take(&mut self.written),
            changed: self.changed,
            ..self.work.nothing()
        };
        match outcome {
            Ok(()) => {}
            Err(Stop::Run(error)) => return Err(error),
            Err(Stop::Table(cause, cure)) => {
                let fault = Fault::new(&self.source.name, cause, cure);
                let fault = fault.passed_through("the table is left as it is");
                done.faults.push(fault);
                (done.broken, done.void) = (true, true);
                done.output.clear();
            }
        }
        let form = Form::default();
        (self.take)(Part::new(self.source, true, done, form, self.work))
    }
}

/// Where the new table is written to.
struct Sink<'m, 's, 'w, 't>(&'m Mutex<Takes<'s, 'w, 't>>);

impl Write for Sink<'_, '_, '_, '_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut takes = lock(self.0);
        match takes.write(bytes) {
            Ok(()) => Ok(bytes.len()),
            Err(error) => {
                takes.failed = Some(error);
                Err(io::Error::other("the output cannot be written"))
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The library that reads the format may give up on damaged bytes with a panic. That is caught and told as the damage it is; the panic itself is of no
/// use to anybody.
fn keep_quiet() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let is_theirs = info
                .location()
                .is_some_and(|location| location.file().contains("/parquet-"));
            if !is_theirs {
                before(info);
            }
        }));
    });
}
