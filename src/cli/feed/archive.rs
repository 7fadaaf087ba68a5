//! Packed archives of the web, of which each record is packed by itself.

use std::io::{self, BufReader, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use descale::format::InputFormat;
use descale::format::codec::Codec;
use descale::format::warc::Warc;
use descale::format::warc::members::{Members, Piece};

use super::super::document::Place;
use super::super::form::{Form, Packing};
use super::super::inputs::Source;
use super::open::{Cut, Open, Reader, too_long_record};
use super::{Body, Feed, PIECE, Unit};

/// A packed file whose beginning was read already.
pub(super) type PackedFile = io::Chain<io::Cursor<Vec<u8>>, Box<dyn Read + Send>>;

/// A record that is packed by itself, as archives of the web are, so that readers can jump to it.
#[derive(Debug)]
pub(crate) struct Member {
    /// As it stands in the file.
    pub(crate) packed: Vec<u8>,
    /// What it unpacks to.
    pub(crate) plain: Vec<u8>,
}

/// Whether a packed source of that format may be an archive that is written as one, so that each of its records can stay packed by itself.
pub(crate) fn may_keep_members(format: Option<InputFormat>, packing: Packing) -> bool {
    let packed = Form {
        codec: Codec::Gzip,
        ..Form::default()
    };
    let written = packing.form(packed);
    matches!(format, None | Some(InputFormat::Wet))
        && written.is_none_or(|written| written.codec == Codec::Gzip)
}

impl<'s> Feed<'s> {
    /// Begins an archive of which each record is packed by itself.
    pub(super) fn archive(&mut self, index: usize, source: &'s Source, packed: PackedFile) -> Unit {
        let mut open = Open {
            source: index,
            name: &source.name,
            form: Form {
                codec: Codec::Gzip,
                ..Form::default()
            },
            read: Arc::default(),
            reader: Reader {
                inner: Box::new(io::empty()),
                error: None,
            },
            cut: Cut::Members {
                records: Arc::new(Warc::new(self.wanted.fields.names())),
                members: Box::new(Members::new(BufReader::with_capacity(PIECE, packed))),
                next: None,
            },
            next: Place::START,
            broken: None,
        };
        let unit = open.piece();
        self.open = (!unit.last).then_some(open);
        unit
    }
}

/// Whole members: at least a piece, and at least one, unless it is too large.
pub(super) fn whole_members(
    name: &str,
    first: Place,
    members: &mut Members<BufReader<PackedFile>>,
    next: &mut Option<Piece>,
    read: &AtomicU64,
) -> (Body, bool) {
    let (mut whole, mut size) = (Vec::new(), 0);
    loop {
        let piece = match next
            .take()
            .map_or_else(|| members.next(), |piece| Some(Ok(piece)))
        {
            None => return (Body::Members(whole), true),
            Some(Ok(piece)) => piece,
            Some(Err(error)) => return (Body::Broken(error), true),
        };
        match piece {
            Piece::Member { packed, plain } => {
                size += plain.len();
                read.fetch_add(packed.len() as u64, Ordering::Relaxed);
                whole.push(Member { packed, plain });
            }
            large if !whole.is_empty() => {
                *next = Some(large);
                return (Body::Members(whole), false);
            }
            Piece::Large {
                packed,
                is_first,
                plain,
            } => {
                let fault = is_first.then(|| Box::new(too_long_record(name, first)));
                read.fetch_add(packed.len() as u64, Ordering::Relaxed);
                return (Body::Large(packed, plain, fault), false);
            }
        }
        if size >= PIECE {
            return (Body::Members(whole), false);
        }
    }
}
