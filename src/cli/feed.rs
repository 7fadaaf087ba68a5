//! From sources to pieces of work, in order: small files whole, large ones in lines.

use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;

use descale::format::InputFormat;

use super::document::Place;
use super::inputs::Source;

/// Files of records above this size are read and worked on in pieces.
const LARGE: u64 = 16 << 20;

/// Size of such a piece: large enough that handing it over costs nothing, small enough that a few of them keep every thread busy.
const PIECE: usize = 1 << 20;

/// How much of an unknown stream is looked at to tell what it is.
const HEAD: usize = 64 << 10;

/// A piece of work.
#[derive(Debug)]
pub(crate) struct Unit {
    /// Place of the source among the sources.
    pub(crate) source: usize,
    /// What it is, when known.
    pub(crate) format: Option<InputFormat>,
    /// Where it begins in the source.
    pub(crate) first: Place,
    /// What to work on.
    pub(crate) body: Body,
    /// Whether it is the last one of its source.
    pub(crate) last: bool,
}

/// What to work on.
#[derive(Debug)]
pub(crate) enum Body {
    /// A file that the worker reads itself, so that many are read at once.
    File(PathBuf),
    /// Bytes.
    Bytes(Vec<u8>),
    /// Nothing: the source could not be read (any further).
    Broken(io::Error),
}

/// Makes the pieces, one source after the other.
pub(crate) struct Feed<'s> {
    sources: std::iter::Enumerate<std::slice::Iter<'s, Source>>,
    open: Option<Open>,
}

/// A source that is being read in pieces.
struct Open {
    source: usize,
    reader: Box<dyn Read + Send>,
    /// Bytes behind the last whole line that was handed out.
    rest: Vec<u8>,
    /// Where the next piece begins.
    next: Place,
}

impl<'s> Feed<'s> {
    /// Feeds from `sources`.
    pub(crate) fn new(sources: &'s [Source]) -> Self {
        Self {
            sources: sources.iter().enumerate(),
            open: None,
        }
    }

    /// Pieces for one round: at most `count`.
    pub(crate) fn round(&mut self, count: usize) -> Vec<Unit> {
        self.by_ref().take(count).collect()
    }

    fn start(&mut self, index: usize, source: &Source) -> Unit {
        let unit = |body| Unit {
            source: index,
            format: source.format,
            first: Place::START,
            body,
            last: true,
        };
        let Some(path) = &source.path else {
            return self
                .stream(index, source.format, Box::new(io::stdin()))
                .unwrap_or_else(|error| unit(Body::Broken(error)));
        };
        let is_large = path
            .metadata()
            .is_ok_and(|data| data.len() > LARGE || !data.is_file());
        if !is_large || source.format == Some(InputFormat::Text) {
            return unit(Body::File(path.clone()));
        }
        File::open(path)
            .and_then(|file| self.stream(index, source.format, Box::new(file)))
            .unwrap_or_else(|error| unit(Body::Broken(error)))
    }

    /// Begins a stream: the first piece if it holds records, all of it if it is one text.
    fn stream(
        &mut self,
        source: usize,
        format: Option<InputFormat>,
        mut reader: Box<dyn Read + Send>,
    ) -> io::Result<Unit> {
        let mut head = Vec::new();
        let format = match format {
            Some(format) => format,
            None => {
                read_some(&mut reader, HEAD, &mut head)?;
                // A first line longer than the head is still cut at its end for the judgement, so it is read on.
                while !head.contains(&b'\n') && read_some(&mut reader, PIECE, &mut head)? {}
                InputFormat::of_content(&head)
            }
        };
        if format == InputFormat::Jsonl {
            let mut open = Open {
                source,
                reader,
                rest: head,
                next: Place::START,
            };
            let unit = open.piece();
            self.open = (!unit.last).then_some(open);
            return Ok(unit);
        }
        reader.read_to_end(&mut head)?;
        Ok(Unit {
            source,
            format: Some(format),
            first: Place::START,
            body: Body::Bytes(head),
            last: true,
        })
    }
}

impl Iterator for Feed<'_> {
    type Item = Unit;

    fn next(&mut self) -> Option<Unit> {
        if let Some(open) = &mut self.open {
            let unit = open.piece();
            if unit.last {
                self.open = None;
            }
            return Some(unit);
        }
        let (index, source) = self.sources.next()?;
        Some(self.start(index, source))
    }
}

impl Open {
    /// The next whole lines.
    fn piece(&mut self) -> Unit {
        let mut bytes = std::mem::take(&mut self.rest);
        let mut searched = 0;
        let mut more = true;
        // At least a piece, and at least a line, however long.
        let end = loop {
            match bytes[searched..].iter().rposition(|byte| *byte == b'\n') {
                Some(at) if bytes.len() >= PIECE => break searched + at + 1,
                Some(_) => {}
                None => searched = bytes.len(),
            }
            match read_some(&mut self.reader, PIECE, &mut bytes) {
                Ok(true) => {}
                Ok(false) => {
                    more = false;
                    break bytes.len();
                }
                Err(error) => return self.unit(Body::Broken(error), true),
            }
        };
        self.rest = bytes.split_off(end);
        let next = Place {
            line: self.next.line + memchr_count(&bytes),
            offset: self.next.offset + bytes.len() as u64,
        };
        let unit = self.unit(Body::Bytes(bytes), !more);
        self.next = next;
        unit
    }

    fn unit(&self, body: Body, last: bool) -> Unit {
        Unit {
            source: self.source,
            format: Some(InputFormat::Jsonl),
            first: self.next,
            body,
            last,
        }
    }
}

fn memchr_count(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte == b'\n').count()
}

/// Reads up to `count` bytes more; answers whether any came.
fn read_some(reader: &mut dyn Read, count: usize, bytes: &mut Vec<u8>) -> io::Result<bool> {
    Ok(reader.take(count as u64).read_to_end(bytes)? > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads `text` as records and answers the pieces with their first lines.
    fn pieces(text: &[u8]) -> Vec<(usize, usize, bool)> {
        let mut open = Open {
            source: 0,
            reader: Box::new(io::Cursor::new(text.to_vec())),
            rest: Vec::new(),
            next: Place::START,
        };
        let mut pieces = Vec::new();
        let mut all = Vec::new();
        loop {
            let unit = open.piece();
            let Body::Bytes(bytes) = unit.body else {
                panic!("a vector can be read")
            };
            pieces.push((unit.first.line, bytes.len(), unit.last));
            all.extend(bytes);
            if unit.last {
                assert_eq!(all, text, "nothing is lost and nothing moves");
                return pieces;
            }
        }
    }

    #[test]
    fn pieces_end_at_line_ends() {
        let line = [vec![b'a'; 99], vec![b'\n']].concat();
        let text = line.repeat(3 * PIECE / 100);
        let pieces = pieces(&text);
        assert!(pieces.len() >= 3, "{pieces:?}");
        for pair in pieces.windows(2) {
            assert_eq!(pair[0].1 % 100, 0);
            assert_eq!(pair[1].0, pair[0].0 + pair[0].1 / 100);
        }
    }

    #[test]
    fn a_line_longer_than_a_piece_stays_whole() {
        let text = [vec![b'a'; 3 * PIECE], b"\nb\nc".to_vec()].concat();
        assert_eq!(
            pieces(&text).iter().map(|piece| piece.1).sum::<usize>(),
            text.len()
        );
        assert!(pieces(&text)[0].1 > 3 * PIECE);
    }

    #[test]
    fn an_empty_stream_is_one_empty_piece() {
        assert_eq!(pieces(b""), [(1, 0, true)]);
    }
}
