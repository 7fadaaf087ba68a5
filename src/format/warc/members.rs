//! Packed archives in which each record is a gzip member of its own, so that readers can jump to one: read member by member, each with the bytes
//! it was packed in. A member that is not changed is written as it was.

use std::io::{self, BufRead, Read};

use flate2::bufread::GzDecoder;

use super::super::codec::{Codec, explain};
use super::{BEGIN, Extent, Parts, extent};

/// A member that unpacks to more bytes than this is handed on packed, piece by piece.
const LARGEST: usize = 32 << 20;

/// Size of such a piece, and of the steps in which is unpacked.
const PIECE: usize = 1 << 20;

/// Whether a file that begins with these bytes has a member for each record: its first member is a whole record. Show it at least some ten kilobytes.
///
/// ```
/// use descale::format::{codec::gzip_member, warc::members::are_records};
/// let record = b"WARC/1.0\r\nContent-Length: 3\r\n\r\none\r\n\r\n";
/// assert!(are_records(&gzip_member(record)));
/// assert!(!are_records(&gzip_member(&record[..20])));
/// ```
#[must_use]
pub fn are_records(packed: &[u8]) -> bool {
    let mut plain = Vec::new();
    let unpacked = GzDecoder::new(packed)
        .take(LARGEST as u64)
        .read_to_end(&mut plain);
    unpacked.is_ok()
        && plain.starts_with(BEGIN)
        && extent(&plain, true) == Extent::Record(plain.len())
        && Parts::of(&plain).is_ok()
}

/// A piece of a packed file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// A whole member.
    Member {
        /// As it stands in the file.
        packed: Vec<u8>,
        /// What it unpacks to.
        plain: Vec<u8>,
    },
    /// A part of a member that is too large to be held, as it stands in the file.
    Large {
        /// Bytes of the file.
        packed: Vec<u8>,
        /// Whether the member begins with them.
        is_first: bool,
        /// What they unpack to: how many bytes, and how many line ends among them.
        plain: (u64, usize),
    },
}

/// Reads a packed file member by member. The pieces' packed bytes, one after the other, are the file.
pub struct Members<R: BufRead> {
    /// The decoder of the member that is too large, while it lasts.
    large: Option<GzDecoder<Recorder<R>>>,
    /// The file between two members.
    between: Option<Recorder<R>>,
}

impl<R: BufRead> Members<R> {
    /// Reads from the beginning of a member.
    pub fn new(reader: R) -> Self {
        Self {
            large: None,
            between: Some(Recorder {
                inner: reader,
                taken: Vec::new(),
                before: 0,
            }),
        }
    }

    fn read(&mut self) -> io::Result<Option<Piece>> {
        if let Some(decoder) = self.large.take() {
            return self.go_on(decoder, Vec::new(), false).map(Some);
        }
        let Some(mut recorder) = self.between.take() else {
            return Ok(None);
        };
        if recorder.fill_buf()?.is_empty() {
            return Ok(None);
        }
        let start = recorder.before;
        let mut decoder = GzDecoder::new(recorder);
        let mut plain = Vec::new();
        loop {
            let before = plain.len();
            (&mut decoder)
                .take(PIECE as u64)
                .read_to_end(&mut plain)
                .map_err(|error| broken(start, error))?;
            if plain.len() - before < PIECE {
                let mut recorder = decoder.into_inner();
                let packed = recorder.taken();
                self.between = Some(recorder);
                return Ok(Some(Piece::Member { packed, plain }));
            }
            if plain.len() > LARGEST {
                return self.go_on(decoder, plain, true).map(Some);
            }
        }
    }

    /// Goes on with a member that is too large; `plain` was unpacked already.
    fn go_on(
        &mut self,
        mut decoder: GzDecoder<Recorder<R>>,
        mut plain: Vec<u8>,
        is_first: bool,
    ) -> io::Result<Piece> {
        let mut count = (0, 0);
        loop {
            count.0 += plain.len() as u64;
            count.1 += memchr::memchr_iter(b'\n', &plain).count();
            plain.clear();
            let packed = &mut decoder.get_mut().taken;
            if packed.len() >= PIECE {
                let packed = std::mem::take(packed);
                self.large = Some(decoder);
                return Ok(Piece::Large {
                    packed,
                    is_first,
                    plain: count,
                });
            }
            let start = decoder.get_ref().before;
            (&mut decoder)
                .take(PIECE as u64)
                .read_to_end(&mut plain)
                .map_err(|error| broken(start, error))?;
            if plain.is_empty() {
                let mut recorder = decoder.into_inner();
                let packed = recorder.taken();
                self.between = Some(recorder);
                return Ok(Piece::Large {
                    packed,
                    is_first,
                    plain: count,
                });
            }
        }
    }
}

/// Errors are those of the file, and members that are broken or cut off. Nothing comes behind one.
impl<R: BufRead> Iterator for Members<R> {
    type Item = io::Result<Piece>;

    fn next(&mut self) -> Option<Self::Item> {
        self.read().transpose()
    }
}

/// Says in which member it was.
fn broken(start: u64, error: io::Error) -> io::Error {
    let error = explain(Codec::Gzip, error);
    io::Error::new(
        error.kind(),
        format!("in the member near byte {start} of the packed file: {error}"),
    )
}

/// Keeps what is read from it.
struct Recorder<R> {
    inner: R,
    taken: Vec<u8>,
    /// How many bytes were read before those.
    before: u64,
}

impl<R> Recorder<R> {
    fn taken(&mut self) -> Vec<u8> {
        self.before += self.taken.len() as u64;
        std::mem::take(&mut self.taken)
    }
}

impl<R: BufRead> Read for Recorder<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(buffer)?;
        self.consume(count);
        Ok(count)
    }
}

impl<R: BufRead> BufRead for Recorder<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.inner.fill_buf()
    }

    fn consume(&mut self, count: usize) {
        // What was not shown cannot be consumed; the reader below says so.
        if let Ok(shown) = self.inner.fill_buf() {
            self.taken
                .extend_from_slice(&shown[..count.min(shown.len())]);
        }
        self.inner.consume(count);
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::codec::gzip_member;
    use super::*;

    fn pieces(file: &[u8]) -> io::Result<Vec<Piece>> {
        Members::new(io::BufReader::with_capacity(1000, file)).collect()
    }

    fn packed(pieces: &[Piece]) -> Vec<u8> {
        let packed = pieces.iter().map(|piece| match piece {
            Piece::Member { packed, .. } | Piece::Large { packed, .. } => packed.as_slice(),
        });
        packed.collect::<Vec<_>>().concat()
    }

    #[test]
    fn members_come_one_by_one_and_nothing_is_lost() {
        let contents = [&b"one"[..], b"", &[b'a'; 100_000], b"two"];
        let file = contents.map(gzip_member).concat();
        let pieces = pieces(&file).unwrap();
        assert_eq!(packed(&pieces), file);
        let plain: Vec<_> = pieces
            .iter()
            .map(|piece| match piece {
                Piece::Member { plain, .. } => plain.as_slice(),
                Piece::Large { .. } => panic!("it is small"),
            })
            .collect();
        assert_eq!(plain, contents);
    }

    #[test]
    fn a_bomb_is_handed_on_packed() {
        let mut noise = 1_u32;
        let mut content = vec![b'\n'; LARGEST];
        content.extend((0..3 * PIECE).map(|_| {
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (noise >> 24) as u8 | 0x80
        }));
        let file = [
            gzip_member(b"one"),
            gzip_member(&content),
            gzip_member(b"two"),
        ]
        .concat();
        let pieces = pieces(&file).unwrap();
        assert_eq!(packed(&pieces), file);
        let mut sum = (0, 0);
        let mut firsts = 0;
        for piece in &pieces[1..pieces.len() - 1] {
            let Piece::Large {
                plain, is_first, ..
            } = piece
            else {
                panic!("{piece:?}");
            };
            sum = (sum.0 + plain.0, sum.1 + plain.1);
            firsts += usize::from(*is_first);
        }
        assert!(pieces.len() > 3);
        assert_eq!((sum, firsts), ((content.len() as u64, LARGEST), 1));
        assert!(matches!(pieces.last(), Some(Piece::Member { plain, .. }) if plain == b"two"));
    }

    #[test]
    fn broken_members_are_errors_with_their_place() {
        let file = [gzip_member(b"one"), gzip_member(b"two")].concat();
        let first = gzip_member(b"one").len();
        for end in first + 1..file.len() {
            let error = pieces(&file[..end]).unwrap_err().to_string();
            assert!(error.contains(&format!("near byte {first} ")), "{error}");
        }
        let mut damaged = file.clone();
        let at = file.len() - 6;
        damaged[at] ^= 1;
        let error = pieces(&damaged).unwrap_err().to_string();
        assert!(error.contains("broken"), "{error}");
        let error = pieces(&[&file[..], b"trailing"].concat()).unwrap_err();
        assert!(error.to_string().contains("near byte"), "{error}");
    }
}
