//! From sources to pieces of work, in order: small files whole, large ones in lines or windows. No source, however large, is held in memory.

use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;

use descale::format::InputFormat;

use super::document::Place;
use super::inputs::Source;
use super::windows::{Sizes, Window, Windows};

/// Files above this size are read and worked on in pieces.
const LARGE: usize = 16 << 20;

/// A line longer than this is no record that could be held: it is passed through unchanged, piece by piece.
pub(crate) const LONGEST_LINE: usize = 32 << 20;

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
    /// A part of a text that is too large to be held.
    Window(Window),
    /// A part of a line that is too long, and whether it is the line's first.
    TooLong(Vec<u8>, bool),
    /// Nothing: the source could not be read (any further).
    Broken(io::Error),
}

/// Makes the pieces, one source after the other.
pub(crate) struct Feed<'s> {
    /// Whether texts are handed out whole, however large.
    whole_texts: bool,
    sources: std::iter::Enumerate<std::slice::Iter<'s, Source>>,
    open: Option<Open>,
}

/// A source that is being read in pieces.
struct Open {
    source: usize,
    reader: Box<dyn Read + Send>,
    cut: Cut,
    /// Where the next piece begins.
    next: Place,
}

/// How a source is cut.
enum Cut {
    /// Behind line ends.
    Lines {
        /// Bytes behind the last whole line that was handed out.
        rest: Vec<u8>,
        /// Whether they go on with a line that is too long.
        too_long: bool,
    },
    /// Into windows.
    Text(Windows),
}

impl Unit {
    /// Bytes that it has in memory or will have.
    pub(crate) fn size(&self) -> usize {
        match &self.body {
            Body::File(path) => path.metadata().map_or(0, |data| data.len() as usize),
            Body::Bytes(bytes) | Body::TooLong(bytes, _) => bytes.len(),
            Body::Window(window) => window.bytes.len(),
            Body::Broken(_) => 0,
        }
    }
}

impl<'s> Feed<'s> {
    /// Feeds from `sources`.
    pub(crate) fn new(sources: &'s [Source], whole_texts: bool) -> Self {
        Self {
            whole_texts,
            sources: sources.iter().enumerate(),
            open: None,
        }
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
            .is_ok_and(|data| data.len() > LARGE as u64 || !data.is_file());
        if !is_large {
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
        let cut = if format == InputFormat::Jsonl {
            Cut::Lines {
                rest: head,
                too_long: false,
            }
        } else {
            // Markdown is read as one tree.
            let is_whole = self.whole_texts || format == InputFormat::Markdown;
            let most = if is_whole { usize::MAX } else { LARGE };
            let missing = most.saturating_sub(head.len()).saturating_add(1);
            if !read_full(&mut reader, missing, &mut head)? {
                return Ok(Unit {
                    source,
                    format: Some(format),
                    first: Place::START,
                    body: Body::Bytes(head),
                    last: true,
                });
            }
            Cut::Text(Windows::new(head, Sizes::DEFAULT))
        };
        let mut open = Open {
            source,
            reader,
            cut,
            next: Place::START,
        };
        let unit = open.piece();
        self.open = (!unit.last).then_some(open);
        Ok(unit)
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
    /// The next piece.
    fn piece(&mut self) -> Unit {
        let (body, last) = match self.next_body() {
            Ok(next) => next,
            Err(error) => (Body::Broken(error), true),
        };
        let first = self.next;
        let handed_out = match &body {
            Body::Bytes(bytes) | Body::TooLong(bytes, _) => bytes.as_slice(),
            Body::Window(window) => &window.bytes[window.own.clone()],
            Body::File(_) | Body::Broken(_) => &[],
        };
        self.next = Place {
            line: first.line + memchr::memchr_iter(b'\n', handed_out).count(),
            offset: first.offset + handed_out.len() as u64,
        };
        Unit {
            source: self.source,
            format: Some(match self.cut {
                Cut::Lines { .. } => InputFormat::Jsonl,
                Cut::Text(_) => InputFormat::Text,
            }),
            first,
            body,
            last,
        }
    }

    /// What the next piece holds, and whether it is the last.
    fn next_body(&mut self) -> io::Result<(Body, bool)> {
        match &mut self.cut {
            Cut::Text(windows) => {
                let window = windows.next(&mut self.reader)?;
                let last = window.is_last;
                Ok((Body::Window(window), last))
            }
            Cut::Lines { rest, too_long } => {
                let bytes = std::mem::take(rest);
                if *too_long {
                    return long_line(&mut self.reader, bytes, rest, too_long);
                }
                whole_lines(&mut self.reader, bytes, rest, too_long)
            }
        }
    }
}

/// Whole lines: at least a piece, and at least a line, unless it is too long.
fn whole_lines(
    reader: &mut dyn Read,
    mut bytes: Vec<u8>,
    rest: &mut Vec<u8>,
    too_long: &mut bool,
) -> io::Result<(Body, bool)> {
    let mut searched = 0;
    loop {
        match memchr::memrchr(b'\n', &bytes[searched..]) {
            Some(at) if bytes.len() >= PIECE => {
                *rest = bytes.split_off(searched + at + 1);
                return Ok((Body::Bytes(bytes), false));
            }
            Some(_) => {}
            None if bytes.len() > LONGEST_LINE => {
                *too_long = true;
                return Ok((Body::TooLong(bytes, true), false));
            }
            None => searched = bytes.len(),
        }
        if !read_some(reader, PIECE, &mut bytes)? {
            return Ok((Body::Bytes(bytes), true));
        }
    }
}

/// The next part of a line that is too long.
fn long_line(
    reader: &mut dyn Read,
    mut bytes: Vec<u8>,
    rest: &mut Vec<u8>,
    too_long: &mut bool,
) -> io::Result<(Body, bool)> {
    let more = read_some(reader, PIECE, &mut bytes)?;
    if let Some(end) = memchr::memchr(b'\n', &bytes) {
        *rest = bytes.split_off(end + 1);
        *too_long = false;
    }
    // Behind the line others may follow that were read with its end.
    let last = !more && rest.is_empty();
    Ok((Body::TooLong(bytes, false), last))
}

/// Reads up to `count` bytes more; answers whether any came.
fn read_some(reader: &mut dyn Read, count: usize, bytes: &mut Vec<u8>) -> io::Result<bool> {
    Ok(reader.take(count as u64).read_to_end(bytes)? > 0)
}

/// Reads `count` bytes more; answers whether there were as many.
fn read_full(reader: &mut dyn Read, count: usize, bytes: &mut Vec<u8>) -> io::Result<bool> {
    let whole = bytes.len().saturating_add(count);
    while bytes.len() < whole && read_some(reader, (whole - bytes.len()).min(LARGE), bytes)? {}
    Ok(bytes.len() >= whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads `text` as records and answers the pieces with their first lines.
    fn pieces(text: &[u8]) -> Vec<(usize, usize, bool)> {
        let mut open = Open {
            source: 0,
            reader: Box::new(io::Cursor::new(text.to_vec())),
            cut: Cut::Lines {
                rest: Vec::new(),
                too_long: false,
            },
            next: Place::START,
        };
        let mut pieces = Vec::new();
        let mut all = Vec::new();
        let mut long = 0;
        loop {
            let unit = open.piece();
            let (bytes, too_long) = match unit.body {
                Body::Bytes(bytes) => (bytes, false),
                Body::TooLong(bytes, begins) => {
                    long += usize::from(begins);
                    (bytes, true)
                }
                _ => panic!("a vector can be read, and holds lines"),
            };
            assert_eq!(unit.first.offset, all.len() as u64);
            assert!(!too_long || bytes.len() <= LONGEST_LINE + 2 * PIECE);
            pieces.push((unit.first.line, bytes.len(), unit.last));
            all.extend(bytes);
            if unit.last {
                assert!(all == text, "nothing is lost and nothing moves");
                let most = text
                    .split(|byte| *byte == b'\n')
                    .filter(|line| line.len() > LONGEST_LINE + PIECE);
                assert_eq!(long, most.count(), "each line that is too long begins once");
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
    fn a_line_that_is_too_long_is_passed_on_in_pieces() {
        let long = vec![b'a'; LONGEST_LINE + 3 * PIECE];
        for (before, behind) in [
            (&b""[..], &b""[..]),
            (b"", b"\n"),
            (b"b\n", b"\nc"),
            (b"b\n", b"\nc\nd\n"),
        ] {
            let pieces = pieces(&[before, &long, behind].concat());
            assert!(pieces.len() >= 4, "{pieces:?}");
            assert_eq!(
                pieces[pieces.len() / 2].0,
                if before.is_empty() { 1 } else { 2 }
            );
        }
    }

    #[test]
    fn an_empty_stream_is_one_empty_piece() {
        assert_eq!(pieces(b""), [(1, 0, true)]);
    }
}
