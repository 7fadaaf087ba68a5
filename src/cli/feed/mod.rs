//! From sources to pieces of work, in order: small files whole, large ones in records or windows. No source, however large, is held in memory.

mod archive;
mod open;

use std::fs::File;
use std::io::{self, Read, Seek};
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use descale::format::InputFormat;
use descale::format::codec::Codec;
use descale::format::jsonl::Fields;
use descale::format::record::{RecordError, Records};
use descale::format::warc::members;

pub(crate) use archive::{Member, may_keep_members};
use open::{Cut, Open, Reader, read_full, read_some};

use super::document::Place;
use super::fault::Fault;
use super::form::{self, Charset, Form, Opened, Packing};
use super::inputs::Source;
use super::tables;
use super::windows::{Sizes, Window, Windows};

/// Files above this size are read and worked on in pieces.
const LARGE: usize = 16 << 20;

/// A record longer than this could not be held: it is passed through unchanged, piece by piece.
const LONGEST_RECORD: usize = 32 << 20;

/// Size of a piece of records: large enough that handing it over costs nothing, small enough that a few of them keep every thread busy.
const PIECE: usize = 256 << 10;

/// How much of an unknown stream is looked at to tell what it is.
const HEAD: usize = 64 << 10;

/// A piece of work.
pub(crate) struct Unit {
    /// Place of the source among the sources.
    pub(crate) source: usize,
    /// What it is.
    pub(crate) kind: Kind,
    /// Where it begins in the source.
    pub(crate) first: Place,
    /// How the source stands on the disk; of a file that is not read yet, that it is not packed.
    pub(crate) form: Form,
    /// How many bytes were read from the disk for it; nothing for a file that is not read yet.
    pub(crate) read: u64,
    /// What to work on.
    pub(crate) body: Body,
    /// Whether it is the last one of its source.
    pub(crate) last: bool,
}

/// What a piece of work is.
#[derive(Clone, Debug)]
pub(crate) enum Kind {
    /// A whole file; what it is, if the user or its name says so.
    Whole(Option<InputFormat>),
    /// One text in this format, or a part of one.
    Text(InputFormat),
    /// Whole records, and what reads them.
    Records(Arc<dyn Records>),
}

/// What to work on.
#[derive(Debug)]
pub(crate) enum Body {
    /// A file that the worker reads itself, so that many are read at once.
    File(PathBuf),
    /// A packed file that the worker reads and unpacks itself, if that gives no more bytes than this.
    Packed(PathBuf, usize),
    /// Bytes.
    Bytes(Vec<u8>),
    /// A part of a text that is too large to be held.
    Window(Window),
    /// What is passed through unchanged, and why, at the first part of it.
    Passed(Vec<u8>, Option<Box<Fault>>),
    /// Records of which each is packed by itself.
    Members(Vec<Member>),
    /// A part of a packed record that is too large to be held: what stands in the file, how many bytes and line ends it unpacks to, and why it is
    /// passed through, at the first part.
    Large(Vec<u8>, (u64, usize), Option<Box<Fault>>),
    /// A table, which is read from its end.
    Table(File),
    /// Nothing: the source could not be read (any further).
    Broken(io::Error),
}

/// What the pieces are made for.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    /// Whether texts are handed out whole, however large.
    pub(crate) whole_texts: bool,
    /// The fields of records.
    pub(crate) fields: Arc<Fields>,
    /// What is known of encodings.
    pub(crate) charset: Charset,
    /// What outputs are packed with.
    pub(crate) packing: Packing,
}

/// Makes the pieces, one source after the other.
pub(crate) struct Feed<'s> {
    wanted: Wanted,
    sources: &'s [Source],
    /// Which of them are still to come.
    to_come: Range<usize>,
    /// Whether workers may unpack files.
    shares_unpacking: bool,
    open: Option<Open<'s>>,
}

impl Unit {
    /// Bytes that it has in memory or will have.
    pub(crate) fn size(&self) -> usize {
        match &self.body {
            Body::File(path) => path.metadata().map_or(0, |data| data.len() as usize),
            Body::Packed(_, most) => *most,
            Body::Bytes(bytes) | Body::Passed(bytes, _) | Body::Large(bytes, ..) => bytes.len(),
            Body::Window(window) => window.bytes.len(),
            Body::Members(members) => members
                .iter()
                .map(|member| member.packed.len() + member.plain.len())
                .sum(),
            Body::Table(_) | Body::Broken(_) => 0,
        }
    }
}

/// That no record of a file can be read, so that all of it is passed through.
pub(crate) fn no_records(name: &str, error: RecordError) -> Fault {
    Fault::new(name, error.message, error.help)
        .at(
            1,
            Some(error.column),
            Some(error.column.saturating_sub(1) as u64),
        )
        .passed_through("the file is passed through unchanged")
}

impl<'s> Feed<'s> {
    /// Feeds from `sources`.
    pub(crate) fn new(sources: &'s [Source], wanted: Wanted) -> Self {
        Self {
            wanted,
            sources,
            to_come: 0..sources.len(),
            // A single file keeps all threads busy only if it comes in pieces.
            shares_unpacking: sources.len() > 1,
            open: None,
        }
    }

    /// Feeds from the one source of that number, which a worker could not unpack by itself.
    pub(crate) fn alone(sources: &'s [Source], number: usize, wanted: Wanted) -> Self {
        Self {
            to_come: number..number + 1,
            shares_unpacking: false,
            ..Self::new(sources, wanted)
        }
    }

    fn start(&mut self, index: usize, source: &'s Source) -> Unit {
        let unit = |body| Unit {
            source: index,
            kind: Kind::Whole(source.format),
            first: Place::START,
            form: Form::default(),
            read: 0,
            body,
            last: true,
        };
        let Some(path) = &source.path else {
            return self
                .stream(index, source, io::stdin())
                .unwrap_or_else(|error| unit(Body::Broken(error)));
        };
        let opened = File::open(path).and_then(|mut file| {
            let data = file.metadata()?;
            if data.is_file() && is_table(&mut file, source.format)? {
                return Ok(unit(Body::Table(file)));
            }
            let is_small = data.is_file() && data.len() <= LARGE as u64;
            if is_small {
                let codec = form::codec_of(&mut file)?;
                if codec == Codec::Plain {
                    return Ok(unit(Body::File(path.clone())));
                }
                let is_archive = source.format == Some(InputFormat::Wet)
                    && may_keep_members(source.format, self.wanted.packing);
                if self.shares_unpacking && !is_archive {
                    let most = form::unpacks_to(&mut file, codec, data.len())?;
                    // Whoever lies is found out, and read piece by piece.
                    if most <= LARGE as u64 {
                        return Ok(unit(Body::Packed(path.clone(), most as usize)));
                    }
                }
                file.rewind()?;
            }
            self.stream(index, source, file)
        });
        opened.unwrap_or_else(|error| unit(Body::Broken(error)))
    }

    /// Begins a stream: the first piece if it holds records or is a large text, all of it if it is one text.
    fn stream(
        &mut self,
        index: usize,
        source: &'s Source,
        reader: impl Read + Send + 'static,
    ) -> io::Result<Unit> {
        let mut reader: Box<dyn Read + Send> = Box::new(reader);
        if may_keep_members(source.format, self.wanted.packing) {
            let mut head = Vec::new();
            (&mut reader).take(HEAD as u64).read_to_end(&mut head)?;
            let is_archive = members::are_records(&head);
            let packed = io::Cursor::new(head).chain(reader);
            if is_archive {
                return Ok(self.archive(index, source, packed));
            }
            reader = Box::new(packed);
        }
        let opened = Opened::new(reader, self.wanted.charset)?;
        let mut reader = Reader {
            inner: opened.reader,
            error: None,
        };
        let cut = self.cut(source, &mut reader);
        let mut open = Open {
            source: index,
            name: &source.name,
            form: opened.form,
            read: opened.read,
            reader,
            cut,
            next: Place::START,
            broken: None,
        };
        let unit = open.piece();
        self.open = (!unit.last).then_some(open);
        Ok(unit)
    }

    /// Reads the beginning of a source and says how it is cut.
    fn cut(&self, source: &Source, reader: &mut Reader) -> Cut {
        let mut head = Vec::new();
        let format = source.format.unwrap_or_else(|| {
            read_some(reader, HEAD, &mut head);
            // A first line longer than the head is still cut at its end for the judgement, so it is read on, but not for ever.
            let mut ends = head.contains(&b'\n');
            while !ends && head.len() <= LONGEST_RECORD {
                let searched = head.len();
                if !read_some(reader, PIECE, &mut head) {
                    return InputFormat::of_content(&head);
                }
                ends = head[searched..].contains(&b'\n');
            }
            if !ends && begins_record(&head) {
                InputFormat::Jsonl
            } else {
                InputFormat::of_content(&head)
            }
        });
        if format == InputFormat::Parquet {
            return Cut::Table(tables::spool(&head, reader));
        }
        if format.has_records() && head.len() < HEAD {
            read_some(reader, HEAD, &mut head);
        }
        match format.records(&head, &self.wanted.fields) {
            Err(error) => Cut::Through(head, Some(Box::new(no_records(&source.name, error)))),
            Ok(Some(records)) => Cut::Records {
                cutter: records.cutter(),
                records,
                rest: head,
                seen: 0,
                too_long: false,
            },
            Ok(None) => {
                // Markdown is read as one tree.
                let is_whole = self.wanted.whole_texts || format == InputFormat::Markdown;
                let most = if is_whole { usize::MAX } else { LARGE };
                let missing = most.saturating_sub(head.len()).saturating_add(1);
                if read_full(reader, missing, &mut head) {
                    Cut::Text(Windows::new(head, Sizes::DEFAULT))
                } else {
                    Cut::Whole(head, format)
                }
            }
        }
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
        let index = self.to_come.next()?;
        Some(self.start(index, &self.sources[index]))
    }
}

impl Body {
    /// Whether nothing is lost without it.
    fn is_empty(&self) -> bool {
        match self {
            Self::Bytes(bytes) => bytes.is_empty(),
            Self::Passed(bytes, fault) => bytes.is_empty() && fault.is_none(),
            _ => false,
        }
    }
}

/// Whether a line too long to be read to its end begins like a record. Passing through a text by mistake does less harm than cutting in a record as if it
/// were text.
fn begins_record(head: &[u8]) -> bool {
    head.strip_prefix(b"{")
        .is_some_and(|rest| rest.trim_ascii_start().starts_with(b"\""))
}

/// Whether a file is a table: because that is said, or by its first bytes if nothing is said. Pipes are looked at when they are read.
fn is_table(file: &mut File, format: Option<InputFormat>) -> io::Result<bool> {
    if let Some(format) = format {
        return Ok(format == InputFormat::Parquet);
    }
    let mut begin = Vec::new();
    let magic = InputFormat::PARQUET_MAGIC;
    file.take(magic.len() as u64).read_to_end(&mut begin)?;
    file.rewind()?;
    Ok(begin == magic)
}

#[cfg(test)]
mod tests;
