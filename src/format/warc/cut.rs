//! Where records end: their headers say how long they are, and where one lies, the next header is looked for.

use super::header::Header;
use super::{BEGIN, HEADER, Parts};
use crate::format::record::Cutter;

/// What is known of the record that some bytes begin with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// It has so many bytes, and stands there whole. A damaged stretch counts as a record too.
    Record(usize),
    /// It has so many bytes, more than there are.
    Needs(u64),
    /// Its header is not there to its end, or what follows must be seen to tell how far the damage goes.
    Unknown,
}

/// How far the record goes that `bytes` begin with. `is_end` says that nothing follows them, so that the answer is a record in any case; of no
/// bytes it is one of none.
///
/// A record whose Content-Length does not lead to its end ends where the next one begins: damage to one record is not damage to the file.
///
/// ```
/// use descale::format::warc::{Extent, extent};
/// let record = b"WARC/1.0\r\nContent-Length: 3\r\n\r\none\r\n\r\nWARC/1.0\r\n";
/// assert_eq!(extent(record, false), Extent::Record(38));
/// assert_eq!(extent(&record[..36], false), Extent::Needs(38));
/// assert_eq!(extent(&record[..20], false), Extent::Unknown);
/// ```
#[must_use]
pub fn extent(bytes: &[u8], is_end: bool) -> Extent {
    if is_end && bytes.is_empty() {
        return Extent::Record(0);
    }
    // More blank lines than there should be: harmless.
    let blank = bytes.len() - bytes.trim_ascii_start().len();
    if blank > 0 {
        return Extent::Record(blank);
    }
    match begins(bytes) {
        Some(true) => {}
        None if !is_end => return Extent::Unknown,
        _ => return damaged(bytes, 1, is_end),
    }
    let Some(header) = Header::read(bytes, 0, HEADER) else {
        return if is_end || bytes.len() >= HEADER {
            damaged(bytes, BEGIN.len(), is_end)
        } else {
            Extent::Unknown
        };
    };
    let Ok(Some(length)) = header.length(bytes) else {
        return damaged(bytes, header.end, is_end);
    };
    let Some(end) = length.checked_add(header.end as u64) else {
        return damaged(bytes, header.end, is_end);
    };
    let behind = usize::try_from(end).ok().and_then(|end| bytes.get(end..));
    let Some(behind) = behind.filter(|behind| is_end || behind.len() >= CLOSING.len()) else {
        return if is_end {
            damaged(bytes, header.end, is_end)
        } else {
            Extent::Needs(end.saturating_add(CLOSING.len() as u64))
        };
    };
    match closing(behind) {
        Some(closing) => Extent::Record(bytes.len() - behind.len() + closing),
        None => damaged(bytes, header.end, is_end),
    }
}

/// Finds the ends of records in a stream.
#[derive(Clone, Debug, Default)]
pub(super) struct Ends {
    /// How the record that could not be held ends.
    long: Long,
    may_be_text: bool,
}

#[derive(Clone, Debug, Default)]
enum Long {
    /// Where the next one begins.
    #[default]
    Unknown,
    /// After so many bytes more.
    Bytes(u64),
}

impl Cutter for Ends {
    fn last_end(&mut self, bytes: &[u8], _seen: usize) -> Option<usize> {
        let mut at = 0;
        loop {
            let rest = &bytes[at..];
            match extent(rest, false) {
                Extent::Record(length) if length > 0 => at += length,
                Extent::Needs(length) => {
                    self.long = Long::Bytes(length.saturating_sub(rest.len() as u64));
                    self.may_be_text = Parts::may_be_text(rest);
                    break;
                }
                _ => {
                    self.long = Long::Unknown;
                    self.may_be_text = true;
                    break;
                }
            }
        }
        (at > 0).then_some(at)
    }

    fn end_of_long(&mut self, bytes: &[u8]) -> Option<usize> {
        match &mut self.long {
            Long::Bytes(left) => {
                let end = usize::try_from(*left)
                    .ok()
                    .filter(|end| *end <= bytes.len());
                *left = left.saturating_sub(bytes.len() as u64);
                end
            }
            // A header that begins at the very end of what was shown is missed, and its record passes through with the damage.
            Long::Unknown => match damaged(bytes, 1, false) {
                Extent::Record(end) => Some(end),
                _ => None,
            },
        }
    }

    fn long_matters(&self) -> bool {
        self.may_be_text
    }
}

/// What closes a record.
const CLOSING: &[u8] = b"\r\n\r\n";

/// How many bytes close a record at the beginning of these: two line ends.
pub(super) fn closing(bytes: &[u8]) -> Option<usize> {
    [CLOSING, b"\n\n"]
        .into_iter()
        .find(|closing| bytes.starts_with(closing))
        .map(<[u8]>::len)
}

/// Whether bytes begin with the first line of a record; `None` when more must be seen to tell.
pub(super) fn begins(bytes: &[u8]) -> Option<bool> {
    let (begin, rest) = bytes.split_at(bytes.len().min(BEGIN.len()));
    if !BEGIN.starts_with(begin) {
        return Some(false);
    }
    let version = rest
        .iter()
        .take_while(|byte| byte.is_ascii_digit() || **byte == b'.')
        .count();
    match &rest[version..] {
        _ if version > LONGEST_VERSION => Some(false),
        [] | [b'\r'] => None,
        [b'\n', ..] | [b'\r', b'\n', ..] => Some(version > 0),
        _ => Some(false),
    }
}

/// There are versions 0.9 to 1.1.
const LONGEST_VERSION: usize = 8;

/// A damaged stretch: it goes on to the next header at a line's beginning, which is looked for from `from` on.
fn damaged(bytes: &[u8], from: usize, is_end: bool) -> Extent {
    let from = from.saturating_sub(1).min(bytes.len());
    for at in memchr::memmem::find_iter(&bytes[from..], b"\nWARC/") {
        let next = from + at + 1;
        match begins(&bytes[next..]) {
            Some(true) => return Extent::Record(next),
            Some(false) => {}
            None if is_end => {}
            None => return Extent::Unknown,
        }
    }
    if is_end {
        Extent::Record(bytes.len())
    } else {
        Extent::Unknown
    }
}
