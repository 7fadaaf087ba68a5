//! A source that is read in pieces: whole records, windows of a large text, bytes that are passed through.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use descale::format::InputFormat;
use descale::format::record::{Cutter, Records};
use descale::format::warc::members::{Members, Piece};

use super::super::document::Place;
use super::super::fault::Fault;
use super::super::form::Form;
use super::super::windows::Windows;
use super::archive::{PackedFile, whole_members};
use super::{Body, HEAD, Kind, LARGE, LONGEST_RECORD, PIECE, Unit};

/// A source that is being read in pieces.
pub(super) struct Open<'s> {
    pub(super) source: usize,
    pub(super) name: &'s str,
    pub(super) form: Form,
    /// Bytes read from the disk that no piece has counted yet.
    pub(super) read: Arc<AtomicU64>,
    pub(super) reader: Reader,
    pub(super) cut: Cut,
    /// Where the next piece begins.
    pub(super) next: Place,
    /// What is still to be said when all was handed out that was read before it.
    pub(super) broken: Option<io::Error>,
}

/// What a source is read from. An error ends it like the end of the source does, so that what was read before can be worked on, and is kept until
/// then.
pub(super) struct Reader {
    pub(super) inner: Box<dyn Read + Send>,
    pub(super) error: Option<io::Error>,
}

impl Read for Reader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.error.is_some() {
            return Ok(0);
        }
        match self.inner.read(buffer) {
            Err(error) if error.kind() != io::ErrorKind::Interrupted => {
                self.error = Some(error);
                Ok(0)
            }
            read => read,
        }
    }
}

/// How a source is cut.
pub(super) enum Cut {
    /// Between records.
    Records {
        records: Arc<dyn Records>,
        cutter: Box<dyn Cutter>,
        /// Bytes behind the last whole record that was handed out.
        rest: Vec<u8>,
        /// How many of them the cutter knows.
        seen: usize,
        /// Whether they go on with a record that is too long.
        too_long: bool,
    },
    /// Between records of which each is packed by itself.
    Members {
        records: Arc<dyn Records>,
        members: Box<Members<BufReader<PackedFile>>>,
        /// What was read and belongs to the next piece.
        next: Option<Piece>,
    },
    /// Into windows.
    Text(Windows),
    /// Not at all.
    Whole(Vec<u8>, InputFormat),
    /// Not here: it is a table, which is read from its end.
    Table(io::Result<File>),
    /// Anywhere: it is passed through. First what was read, and why.
    Through(Vec<u8>, Option<Box<Fault>>),
}

impl Open<'_> {
    /// The next piece.
    pub(super) fn piece(&mut self) -> Unit {
        let kind = match &self.cut {
            Cut::Records { records, .. } | Cut::Members { records, .. } => {
                Kind::Records(records.clone())
            }
            Cut::Whole(_, format) => Kind::Text(*format),
            Cut::Text(_) | Cut::Table(_) | Cut::Through(..) => Kind::Text(InputFormat::Text),
        };
        let was_too_long = self.is_too_long();
        let (body, last) = self.next_body();
        let first = self.next;
        self.next = match (&body, &kind) {
            (Body::Members(members), Kind::Records(records)) => {
                members.iter().fold(first, |place, member| {
                    place.behind(&**records, &member.plain)
                })
            }
            (Body::Bytes(bytes), Kind::Records(records)) => first.behind(&**records, bytes),
            (Body::Passed(bytes, _), Kind::Records(records)) => {
                let ended = usize::from(was_too_long && !self.is_too_long());
                Place {
                    record: first.record + ended,
                    ..first.step(records.line_ends(bytes), bytes.len() as u64)
                }
            }
            (Body::Bytes(bytes) | Body::Passed(bytes, _), _) => first.behind_lines(bytes),
            (Body::Large(_, (bytes, line_ends), fault), _) => Place {
                // The record is counted where it begins; nothing else is named before its end.
                record: first.record + usize::from(fault.is_some()),
                ..first.step(*line_ends, *bytes)
            },
            (Body::Window(window), _) => first.behind_lines(&window.bytes[window.own.clone()]),
            _ => first,
        };
        Unit {
            source: self.source,
            kind,
            first,
            form: self.form,
            read: self.read.swap(0, Ordering::Relaxed),
            body,
            last,
        }
    }

    /// Whether a record is being passed through that is too long.
    fn is_too_long(&self) -> bool {
        matches!(self.cut, Cut::Records { too_long: true, .. })
    }

    /// What the next piece holds, and whether nothing is behind it. An error of the source comes as a piece of its own, when all is handed out that
    /// was read before it.
    fn next_body(&mut self) -> (Body, bool) {
        if let Some(error) = self.broken.take() {
            return (Body::Broken(error), true);
        }
        let (body, at_end) = match &mut self.cut {
            Cut::Text(windows) => match windows.next(&mut self.reader) {
                Ok(window) => {
                    let at_end = window.is_last;
                    (Body::Window(window), at_end)
                }
                Err(error) => (Body::Broken(error), true),
            },
            Cut::Members { members, next, .. } => {
                whole_members(self.name, self.next, members, next, &self.read)
            }
            Cut::Table(file) => match std::mem::replace(file, Err(io::ErrorKind::Other.into())) {
                Ok(file) if self.reader.error.is_none() => (Body::Table(file), true),
                Ok(_) => (Body::Bytes(Vec::new()), true),
                Err(error) => (Body::Broken(error), true),
            },
            Cut::Whole(text, _) => (Body::Bytes(std::mem::take(text)), true),
            Cut::Through(bytes, fault) => {
                let (mut bytes, fault) = (std::mem::take(bytes), fault.take());
                let more = read_some(&mut self.reader, PIECE, &mut bytes);
                (Body::Passed(bytes, fault), !more)
            }
            Cut::Records { too_long: true, .. } => self.long_record(),
            Cut::Records { .. } => self.whole_records(),
        };
        match self.reader.error.take_if(|_| at_end) {
            None => (body, at_end),
            Some(error) if body.is_empty() => (Body::Broken(error), true),
            Some(error) => {
                self.broken = Some(error);
                (body, false)
            }
        }
    }

    /// Whole records: at least a piece, and at least one, unless it is too long.
    fn whole_records(&mut self) -> (Body, bool) {
        let Cut::Records {
            cutter,
            rest,
            seen,
            too_long,
            ..
        } = &mut self.cut
        else {
            return (Body::Bytes(Vec::new()), true);
        };
        let mut bytes = std::mem::take(rest);
        let mut last = None;
        loop {
            last = cutter.last_end(&bytes, *seen).or(last);
            *seen = bytes.len();
            match last {
                Some(end) if bytes.len() >= PIECE => {
                    *rest = bytes.split_off(end);
                    *seen = rest.len();
                    return (Body::Bytes(bytes), false);
                }
                None if bytes.len() > LONGEST_RECORD => {
                    *too_long = true;
                    let fault = || Box::new(too_long_record(self.name, self.next));
                    let fault = cutter.long_matters().then(fault);
                    return (Body::Passed(bytes, fault), false);
                }
                _ => {}
            }
            if !read_some(&mut self.reader, PIECE, &mut bytes) {
                break;
            }
        }
        if self.reader.error.is_none() {
            return (Body::Bytes(bytes), true);
        }
        // Half a record is none. It is passed through, and what cut it off will be said.
        let half = bytes.split_off(last.unwrap_or(0));
        self.cut = Cut::Through(half, None);
        (Body::Bytes(bytes), false)
    }

    /// The next part of a record that is too long.
    fn long_record(&mut self) -> (Body, bool) {
        let Cut::Records {
            cutter,
            rest,
            seen,
            too_long,
            ..
        } = &mut self.cut
        else {
            return (Body::Bytes(Vec::new()), true);
        };
        let mut bytes = Vec::new();
        let more = read_some(&mut self.reader, PIECE, &mut bytes);
        if let Some(end) = cutter.end_of_long(&bytes) {
            *rest = bytes.split_off(end);
            *seen = 0;
            *too_long = false;
        }
        // Behind the record others may follow that were read with its end.
        (Body::Passed(bytes, None), !more && rest.is_empty())
    }
}

pub(super) fn too_long_record(name: &str, first: Place) -> Fault {
    let cause = format!("this record has more than {} MiB", LONGEST_RECORD >> 20);
    let cure = "put fewer texts into one record, or name the format if the file has another one";
    Fault::new(name, cause, cure)
        .at(first.line, Some(1), Some(first.offset))
        .passed_through("the record is passed through unchanged")
}

/// Reads up to `count` bytes more; answers whether any came.
pub(super) fn read_some(reader: &mut Reader, count: usize, bytes: &mut Vec<u8>) -> bool {
    let (before, end) = (bytes.len(), bytes.len().saturating_add(count));
    bytes.reserve(count.min(PIECE));
    let mut filled = before;
    // Room is made step by step: a short stream must not cost what a long one does.
    while filled < end {
        if filled == bytes.len() {
            bytes.resize(end.min(filled + filled.clamp(HEAD, LARGE)), 0);
        }
        match reader.read(&mut bytes[filled..]) {
            Ok(count @ 1..) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            // The reader keeps its other errors to itself.
            _ => break,
        }
    }
    bytes.truncate(filled);
    filled > before
}

/// Reads `count` bytes more; answers whether there were as many.
pub(super) fn read_full(reader: &mut Reader, count: usize, bytes: &mut Vec<u8>) -> bool {
    let whole = bytes.len().saturating_add(count);
    while bytes.len() < whole && read_some(reader, (whole - bytes.len()).min(LARGE), bytes) {}
    bytes.len() >= whole
}
