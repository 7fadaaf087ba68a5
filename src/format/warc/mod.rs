//! Records of web archives (WARC, ISO 28500) whose blocks are plain text: the conversions of a WET file, and responses and resources of that
//! type. All other records stay byte for byte.
//!
//! A changed record gets the lengths and digests that its new block has; the order and spelling of its header stay.

mod cut;
mod digest;
mod header;
#[cfg(feature = "compression")]
pub mod members;

use std::borrow::Cow;
use std::ops::Range;

use super::record::{Changes, Cutter, Names, Record, RecordError, Records, Text, site};
use digest::Kind;
use header::{Header, LENGTH};

use cut::Ends;
pub use cut::{Extent, extent};

/// Whether bytes begin with a record.
///
/// ```
/// assert!(descale::format::warc::begins(b"WARC/1.0\r\nWARC-Type: warcinfo\r\n"));
/// assert!(!descale::format::warc::begins(b"WARC/1.0 is a format."));
/// ```
#[must_use]
pub fn begins(bytes: &[u8]) -> bool {
    cut::begins(bytes) == Some(true)
}

/// What every record begins with.
const BEGIN: &[u8] = b"WARC/";

/// A header of more bytes than this is a damaged one.
const HEADER: usize = 1 << 20;

/// How records of web archives are read: which fields of their headers say what.
///
/// ```
/// use descale::format::record::{Names, Records};
/// use descale::format::warc::Warc;
/// let record = b"WARC/1.0\r\nWARC-Type: conversion\r\nWARC-Target-URI: https://www.example.com/a\r\n\
///     WARC-Identified-Content-Language: eng,deu\r\nContent-Type: text/plain\r\nContent-Length: 8\r\n\r\nOne two.\r\n\r\n";
/// let names = Names { lang: Some("WARC-Identified-Content-Language".into()), ..Names::default() };
/// let read = Warc::new(&names).read(record)?;
/// assert_eq!(read.texts[0].text, "One two.");
/// assert_eq!(read.site.as_deref(), Some("example.com"));
/// assert_eq!(read.lang.as_deref(), Some("en"));
/// # Ok::<(), descale::format::record::RecordError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Warc {
    site: String,
    title: Option<String>,
    id: Option<String>,
    lang: Option<String>,
}

impl Warc {
    /// Records of which `names` gives fields of the header, as in `WARC-Identified-Content-Language`. The site is taken from `WARC-Target-URI`
    /// if it is not named; names of text fields mean nothing here, for the text is the block.
    #[must_use]
    pub fn new(names: &Names) -> Self {
        let site = names.site.as_deref().unwrap_or("WARC-Target-URI");
        Self {
            site: site.to_owned(),
            title: names.title.clone(),
            id: names.id.clone(),
            lang: names.lang.clone(),
        }
    }
}

impl Records for Warc {
    fn field(&self, _number: usize) -> &str {
        "text"
    }

    fn cutter(&self) -> Box<dyn Cutter> {
        Box::new(Ends::default())
    }

    fn length(&self, rest: &[u8]) -> usize {
        match extent(rest, true) {
            Extent::Record(length) => length,
            Extent::Unknown | Extent::Needs(_) => rest.len(),
        }
    }

    fn read<'b>(&self, record: &'b [u8]) -> Result<Record<'b>, RecordError> {
        let mut read = Record::default();
        if record.trim_ascii().is_empty() {
            return Ok(read);
        }
        let parts = Parts::of(record)?;
        let Some(place) = parts.text(record) else {
            return Ok(read);
        };
        let text = match std::str::from_utf8(&record[place.range.clone()]) {
            Ok(text) => text,
            // Without a charset HTTP promises nothing.
            Err(_) if place.http.is_some() => return Ok(read),
            Err(error) => {
                return Err(RecordError {
                    column: place.range.start + error.valid_up_to() + 1,
                    message: "the record's text is not UTF-8".to_owned(),
                    help: "WET files are UTF-8; convert this one, or leave the record as it is",
                });
            }
        };
        let field = |name: &str| parts.header.value(record, name).map(Cow::Borrowed);
        read.site = field(&self.site).and_then(site);
        read.title = self.title.as_deref().and_then(field);
        read.id = self.id.as_deref().and_then(field);
        read.lang = self
            .lang
            .as_deref()
            .and_then(|name| parts.header.value(record, name))
            .and_then(super::lang::of_code);
        if !text.is_empty() {
            read.texts.push(Text {
                field: 0,
                text: Cow::Borrowed(text),
                raw: place.range,
            });
        }
        Ok(read)
    }

    fn write(
        &self,
        bytes: &[u8],
        record: &Record<'_>,
        changes: &[Changes<'_>],
        out: &mut Vec<u8>,
    ) -> Result<(), RecordError> {
        let changes = changes.first().filter(|changes| !changes.is_empty());
        let (Some(text), Some(changes)) = (record.texts.first(), changes) else {
            out.extend_from_slice(bytes);
            return Ok(());
        };
        let parts = Parts::of(bytes)?;
        let Some(place) = parts.text(bytes).filter(|place| place.range == text.raw) else {
            out.extend_from_slice(bytes);
            return Ok(());
        };
        let mut new = Vec::with_capacity(text.text.len());
        super::plain::splice(
            text.text.as_bytes(),
            changes.iter().map(|(range, new)| (range.clone(), *new)),
            &mut new,
        );
        // What stands in the block before the text: nothing, or the header of HTTP.
        let before = parts.block.start..place.range.start;
        let mut head = Vec::new();
        match &place.http {
            Some(http) => {
                let length = (http.all(bytes, LENGTH))
                    .map(|range| (range, new.len().to_string()))
                    .collect();
                replace(bytes, before, length, &mut head);
            }
            None => head.extend_from_slice(&bytes[before]),
        }
        let values = parts.changed(bytes, &place, &[&head, &new])?;
        replace(bytes, 0..parts.block.start, values, out);
        out.extend_from_slice(&head);
        out.extend_from_slice(&new);
        out.extend_from_slice(&bytes[parts.block.end..]);
        Ok(())
    }
}

/// A record's header and where its block stands.
struct Parts {
    header: Header,
    block: Range<usize>,
}

/// Where a record's text stands, and the header of HTTP before it, if there is one.
struct Place {
    range: Range<usize>,
    http: Option<Header>,
}

impl Parts {
    /// Whether a record of which only the beginning is there may be a text.
    fn may_be_text(beginning: &[u8]) -> bool {
        let Some(header) = Header::read(beginning, 0, HEADER) else {
            return true;
        };
        let end = beginning.len();
        let parts = Self {
            block: header.end..end,
            header,
        };
        parts.text(beginning).is_some()
    }

    fn of(record: &[u8]) -> Result<Self, RecordError> {
        let wrong = |column: usize, message: String, help: &'static str| RecordError {
            column: column + 1,
            message,
            help,
        };
        const ANEW: &str = "get the file anew, or cut this record out";
        if cut::begins(record) != Some(true) {
            let message = "this is no record: it does not begin as in `WARC/1.0`".to_owned();
            return Err(wrong(0, message, ANEW));
        }
        let Some(header) = Header::read(record, 0, HEADER) else {
            let message = if record.len() < HEADER {
                "the record's header has no end".to_owned()
            } else {
                format!("the record's header has more than {} MiB", HEADER >> 20)
            };
            return Err(wrong(0, message, ANEW));
        };
        let length = match header.length(record) {
            Ok(Some(length)) => length,
            Ok(None) => {
                let message = "the record's header has no Content-Length".to_owned();
                return Err(wrong(0, message, ANEW));
            }
            Err(range) => {
                let shown: String = String::from_utf8_lossy(&record[range.clone()])
                    .chars()
                    .take(40)
                    .collect();
                let message = format!("`{shown}` is no length, or not the only one");
                return Err(wrong(range.start, message, ANEW));
            }
        };
        let start = header.end;
        let end = usize::try_from(length)
            .ok()
            .and_then(|length| start.checked_add(length))
            .filter(|end| *end <= record.len());
        let Some(end) = end else {
            let message = format!(
                "the record ends after {} of the {length} bytes that its Content-Length claims",
                record.len() - start
            );
            return Err(wrong(record.len(), message, ANEW));
        };
        if cut::closing(&record[end..]) != Some(record.len() - end) {
            let message = format!(
                "no blank lines follow the {length} bytes that the record's Content-Length claims"
            );
            return Err(wrong(end, message, ANEW));
        }
        Ok(Self {
            header,
            block: start..end,
        })
    }

    /// Where the record's text stands, if it has one.
    fn text(&self, record: &[u8]) -> Option<Place> {
        let field = |name: &str| self.header.value(record, name);
        // The pieces of a block that was split over records are no texts.
        if field("WARC-Segment-Number").is_some() {
            return None;
        }
        let kind = field("WARC-Type")?;
        let whole = Place {
            range: self.block.clone(),
            http: None,
        };
        if kind.eq_ignore_ascii_case("conversion") {
            return field("Content-Type").is_none_or(is_text).then_some(whole);
        }
        if kind.eq_ignore_ascii_case("resource") {
            return field("Content-Type").is_some_and(is_text).then_some(whole);
        }
        if kind.eq_ignore_ascii_case("response") {
            return self.answered(record);
        }
        None
    }

    /// Where the text of an HTTP response stands, if it is one as it came.
    fn answered(&self, record: &[u8]) -> Option<Place> {
        let upto = &record[..self.block.end];
        if !upto[self.block.start..].starts_with(b"HTTP/") {
            return None;
        }
        let http = Header::read(upto, self.block.start, HEADER)?;
        let range = http.end..self.block.end;
        let is_as_it_came = ["Content-Encoding", "Transfer-Encoding"]
            .into_iter()
            .all(|name| {
                http.value(record, name)
                    .is_none_or(|value| value.eq_ignore_ascii_case("identity"))
            });
        let is_whole = http
            .length(record)
            .ok()?
            .is_none_or(|length| length == range.len() as u64);
        let is_text = http.value(record, "Content-Type").is_some_and(is_text);
        (is_as_it_came && is_whole && is_text).then_some(Place {
            range,
            http: Some(http),
        })
    }

    /// The values of the header that differ for a block of these pieces, of which the last is the text.
    fn changed(
        &self,
        record: &[u8],
        place: &Place,
        block: &[&[u8]],
    ) -> Result<Vec<(Range<usize>, String)>, RecordError> {
        let length: usize = block.iter().map(|piece| piece.len()).sum();
        let mut values: Vec<_> = (self.header.all(record, LENGTH))
            .map(|range| (range, length.to_string()))
            .collect();
        let kind_of = |range: &Range<usize>| {
            let value = std::str::from_utf8(&record[range.clone()]).unwrap_or_default();
            Kind::of(value).ok_or_else(|| RecordError {
                column: range.start + 1,
                message: format!("`{}` is no digest that could be made anew", value.trim()),
                help: "known are sha1 and sha256, in base 32 or 16; take the field out to have the record cleaned",
            })
        };
        for range in self.header.all(record, "WARC-Block-Digest") {
            let digest = kind_of(&range)?.digest(block);
            values.push((range, digest));
        }
        for range in self.header.all(record, "WARC-Payload-Digest") {
            // A payload is what the text was made from, as often as it is the text.
            let kind = kind_of(&range)?;
            let old = kind.digest(&[&record[place.range.clone()]]);
            if old.as_bytes() == &record[range.clone()] {
                values.push((range, kind.digest(&block[block.len() - 1..])));
            }
        }
        values.sort_by_key(|(range, _)| range.start);
        Ok(values)
    }
}

/// Whether a media type is that of plain text in UTF-8, or leaves the charset open.
fn is_text(media: &str) -> bool {
    let mut parts = media.split(';').map(str::trim);
    let is_plain = parts
        .next()
        .is_some_and(|media| media.eq_ignore_ascii_case("text/plain"));
    is_plain
        && parts.all(|parameter| {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            !name.trim().eq_ignore_ascii_case("charset")
                || ["utf-8", "utf8", "us-ascii"]
                    .iter()
                    .any(|known| value.trim().trim_matches('"').eq_ignore_ascii_case(known))
        })
}

/// Writes a stretch of bytes with other values in some places of it: sorted, disjoint.
fn replace(
    bytes: &[u8],
    stretch: Range<usize>,
    values: Vec<(Range<usize>, String)>,
    out: &mut Vec<u8>,
) {
    let mut at = stretch.start;
    for (range, value) in values {
        out.extend_from_slice(&bytes[at..range.start]);
        out.extend_from_slice(value.as_bytes());
        at = range.end;
    }
    out.extend_from_slice(&bytes[at..stretch.end]);
}

#[cfg(test)]
mod tests;
