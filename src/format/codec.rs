//! Compression around a file: gzip and zstd, known by their first bytes, read as a stream and written the same way.
//!
//! Members of gzip and frames of zstd that follow one another are one content. Nothing is ever unpacked whole: readers ask for a piece at a
//! time, and what a frame may make the decoder remember is bounded, so that a small file that unpacks to a huge one costs time, not memory.

use std::fmt;
use std::io::{self, BufRead, Read, Write};

use crc32fast::Hasher;
use flate2::bufread::MultiGzDecoder;
use flate2::{Compress, Compression, FlushCompress, Status};
use serde::{Deserialize, Serialize};

/// The largest window a zstd frame may ask for, as a power of two in bytes: 128 MiB, what the format's own tools allow without being asked.
const WINDOW: u32 = 27;

/// How a file's bytes are packed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Codec {
    /// Not at all.
    #[default]
    Plain,
    /// gzip: one member or several.
    Gzip,
    /// Zstandard: one frame or several.
    Zstd,
}

impl Codec {
    /// How many bytes of a file's beginning [`of_content`](Self::of_content) looks at.
    pub const MAGIC: usize = 4;

    /// The packing of bytes that begin so.
    ///
    /// ```
    /// use descale::format::codec::Codec;
    /// assert_eq!(Codec::of_content(b"\x1f\x8b\x08\x00"), Codec::Gzip);
    /// assert_eq!(Codec::of_content(b"\x28\xb5\x2f\xfd"), Codec::Zstd);
    /// assert_eq!(Codec::of_content(b"Once"), Codec::Plain);
    /// ```
    #[must_use]
    pub fn of_content(bytes: &[u8]) -> Self {
        match bytes {
            [0x1f, 0x8b, 8, ..] => Self::Gzip,
            // Skippable frames may stand before the first true one.
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Self::Zstd,
            _ => Self::Plain,
        }
    }

    /// The packing that the ending of a file's name stands for, given without the dot and in any letter case.
    #[must_use]
    pub fn of_extension(extension: &str) -> Option<Self> {
        match extension.to_ascii_lowercase().as_str() {
            "gz" | "gzip" => Some(Self::Gzip),
            "zst" | "zstd" => Some(Self::Zstd),
            _ => None,
        }
    }

    /// Unpacks what `reader` gives.
    ///
    /// # Errors
    /// When the decoder cannot be set up. Broken or cut data shows as an error of the reader, which names the packing and the cure.
    pub fn reader<'r>(
        self,
        reader: impl BufRead + Send + 'r,
    ) -> io::Result<Box<dyn Read + Send + 'r>> {
        Ok(match self {
            Self::Plain => Box::new(reader),
            Self::Gzip => Box::new(Explained(self, MultiGzDecoder::new(reader))),
            Self::Zstd => {
                let mut decoder = zstd::Decoder::with_buffer(reader)?;
                decoder.window_log_max(WINDOW)?;
                Box::new(Explained(self, decoder))
            }
        })
    }

    /// Prepares bytes for a [`Packer`] of this packing. Here stands the work that does not depend on what comes before, so that threads can
    /// share it.
    #[must_use]
    pub fn pack(self, bytes: Vec<u8>) -> Packed {
        if self != Self::Gzip || bytes.is_empty() {
            return Packed(Kind::Bytes(bytes));
        }
        let sum = Sum::of(&bytes);
        Packed(Kind::Deflated(deflate(&bytes, FlushCompress::Sync), sum))
    }
}

impl fmt::Display for Codec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Plain => "plain",
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
        })
    }
}

/// A piece of a file's content on its way to a [`Packer`].
#[derive(Debug)]
pub struct Packed(Kind);

#[derive(Debug)]
enum Kind {
    /// As it is.
    Bytes(Vec<u8>),
    /// A run of deflate blocks that end at a byte, and the checksum of what they hold.
    Deflated(Vec<u8>, Sum),
    /// Whole members or frames, packed already.
    Whole(Vec<u8>),
}

impl Packed {
    /// Whole members or frames that go to the output as they are.
    #[must_use]
    pub fn whole(bytes: Vec<u8>) -> Self {
        Self(Kind::Whole(bytes))
    }
}

/// One gzip member that holds `bytes`.
#[must_use]
pub fn gzip_member(bytes: &[u8]) -> Vec<u8> {
    let mut member = HEADER.to_vec();
    member.extend(deflate(bytes, FlushCompress::Finish));
    member.extend(Sum::of(bytes).trailer());
    member
}

/// A gzip header that tells nothing: no name, no time, so that the same content gives the same bytes.
const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];

/// An empty last block of deflate.
const LAST_BLOCK: [u8; 2] = [3, 0];

/// What a gzip member's end says of its content.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Sum {
    /// CRC-32 of it.
    crc: u32,
    /// How many bytes it has.
    bytes: u64,
}

impl Sum {
    fn of(content: &[u8]) -> Self {
        Self {
            crc: crc32fast::hash(content),
            bytes: content.len() as u64,
        }
    }

    /// The sum of this content and the one behind it.
    fn and(self, next: Self) -> Self {
        let hasher = |sum: Self| Hasher::new_with_initial_len(sum.crc, sum.bytes);
        let mut both = hasher(self);
        both.combine(&hasher(next));
        Self {
            crc: both.finalize(),
            bytes: self.bytes + next.bytes,
        }
    }

    fn trailer(self) -> [u8; 8] {
        let mut bytes = [0; 8];
        bytes[..4].copy_from_slice(&self.crc.to_le_bytes());
        // The format counts modulo 2^32.
        bytes[4..].copy_from_slice(&(self.bytes as u32).to_le_bytes());
        bytes
    }
}

fn deflate(bytes: &[u8], flush: FlushCompress) -> Vec<u8> {
    let mut state = Compress::new(Compression::default(), false);
    let mut out = Vec::with_capacity(bytes.len() / 2 + 64);
    loop {
        let taken = usize::try_from(state.total_in()).unwrap_or(usize::MAX);
        let rest = bytes.get(taken..).unwrap_or_default();
        // The only errors there are speak of a wrong use of the state.
        let status = state.compress_vec(rest, &mut out, flush);
        let is_done = match flush {
            FlushCompress::Finish => matches!(status, Ok(Status::StreamEnd) | Err(_)),
            // A flush is complete once it leaves room in the output.
            _ => out.len() < out.capacity(),
        };
        if is_done {
            return out;
        }
        out.reserve(out.capacity().max(64));
    }
}

/// Writes a packed file from its pieces: one gzip member, one zstd frame, however many pieces there are. Some readers stop after the first.
pub struct Packer<W: Write> {
    out: Out<W>,
}

enum Out<W: Write> {
    Plain(W),
    Gzip {
        out: W,
        /// The sum of the member that is being written, if one is.
        open: Option<Sum>,
        /// Whether any member was written.
        any: bool,
    },
    Zstd {
        out: zstd::Encoder<'static, W>,
        /// How many bytes it packed.
        content: u64,
    },
}

/// What must be known, beside its bytes, to go on with a packed file that is not ended; see [`Packer::resume`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Border {
    /// The member that is not ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    member: Option<Sum>,
    /// Whether a member was begun.
    #[serde(default)]
    any: bool,
    /// How many bytes were packed with zstd.
    #[serde(default)]
    content: u64,
}

impl Border {
    /// How many bytes of content must be packed anew before the file can be gone on with: zstd's encoder knows what it saw, and cannot be set up
    /// in any other way. Nothing for other packings.
    #[must_use]
    pub fn content(&self) -> u64 {
        self.content
    }
}

impl<W: Write> Packer<W> {
    /// Begins a file.
    ///
    /// # Errors
    /// When the encoder cannot be set up.
    pub fn new(codec: Codec, out: W) -> io::Result<Self> {
        let out = match codec {
            Codec::Plain => Out::Plain(out),
            Codec::Gzip => Out::Gzip {
                out,
                open: None,
                any: false,
            },
            Codec::Zstd => {
                let mut encoder = zstd::Encoder::new(out, zstd::DEFAULT_COMPRESSION_LEVEL)?;
                encoder.include_checksum(true)?;
                Out::Zstd {
                    out: encoder,
                    content: 0,
                }
            }
        };
        Ok(Self { out })
    }

    /// What to know to go on later with what was written until now.
    #[must_use]
    pub fn border(&self) -> Border {
        match &self.out {
            Out::Plain(_) => Border::default(),
            Out::Gzip { open, any, .. } => Border {
                member: *open,
                any: *any,
                content: 0,
            },
            Out::Zstd { content, .. } => Border {
                content: *content,
                ..Border::default()
            },
        }
    }

    /// Goes on with a file: `out` is what it was written to, cut to the length that it had at `border`. Of a zstd file, `out` must be at its beginning,
    /// and the first [`Border::content`] bytes of content be written anew: they give the same bytes as before.
    ///
    /// ```
    /// use descale::format::codec::{Codec, Packer};
    /// let pack = |text: &str| Codec::Gzip.pack(text.as_bytes().to_vec());
    /// let mut whole = Packer::new(Codec::Gzip, Vec::new())?;
    /// whole.write(&pack("one "))?;
    /// let border = whole.border();
    /// let written = whole.get_mut().clone();
    /// whole.write(&pack("two"))?;
    /// let mut later = Packer::resume(Codec::Gzip, written, border)?;
    /// later.write(&pack("two"))?;
    /// assert_eq!(later.finish()?, whole.finish()?);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Errors
    /// When the encoder cannot be set up.
    pub fn resume(codec: Codec, out: W, border: Border) -> io::Result<Self> {
        let mut packer = Self::new(codec, out)?;
        if let Out::Gzip { open, any, .. } = &mut packer.out {
            (*open, *any) = (border.member, border.any);
        }
        Ok(packer)
    }

    /// What it is written to. What zstd's encoder holds back is not there yet.
    pub fn get_mut(&mut self) -> &mut W {
        match &mut self.out {
            Out::Plain(out) | Out::Gzip { out, .. } => out,
            Out::Zstd { out, .. } => out.get_mut(),
        }
    }

    /// Adds a piece that was made by [`Codec::pack`] of the same packing.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&mut self, piece: &Packed) -> io::Result<()> {
        match (&mut self.out, &piece.0) {
            (Out::Plain(out), Kind::Bytes(bytes) | Kind::Whole(bytes)) => out.write_all(bytes),
            (Out::Zstd { out, content }, Kind::Bytes(bytes)) => {
                *content += bytes.len() as u64;
                out.write_all(bytes)
            }
            (Out::Gzip { .. }, Kind::Bytes(bytes)) if bytes.is_empty() => Ok(()),
            (Out::Gzip { out, open, any }, Kind::Deflated(blocks, sum)) => {
                if open.is_none() {
                    out.write_all(&HEADER)?;
                    *any = true;
                }
                *open = Some(open.unwrap_or_default().and(*sum));
                out.write_all(blocks)
            }
            (Out::Gzip { out, open, any }, Kind::Whole(members)) => {
                if let Some(sum) = open.take() {
                    out.write_all(&LAST_BLOCK)?;
                    out.write_all(&sum.trailer())?;
                }
                *any = true;
                out.write_all(members)
            }
            _ => Err(io::Error::other("a piece was packed for another file")),
        }
    }

    /// Ends the file and gives back what it was written to.
    ///
    /// # Errors
    /// When its end cannot be written.
    pub fn finish(self) -> io::Result<W> {
        match self.out {
            Out::Plain(out) => Ok(out),
            Out::Gzip {
                mut out, open, any, ..
            } => {
                match open {
                    Some(sum) => {
                        out.write_all(&LAST_BLOCK)?;
                        out.write_all(&sum.trailer())?;
                    }
                    // Nothing at all is a member too: no bytes would be no gzip file.
                    None if !any => out.write_all(&gzip_member(b""))?,
                    None => {}
                }
                Ok(out)
            }
            Out::Zstd { out, .. } => out.finish(),
        }
    }
}

/// Says of a decoder's errors what they mean for the file.
struct Explained<R>(Codec, R);

impl<R: Read> Read for Explained<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.1.read(buffer).map_err(|error| explain(self.0, error))
    }
}

/// An error of a decoder, with cause and cure.
pub(super) fn explain(codec: Codec, error: io::Error) -> io::Error {
    use io::ErrorKind::{InvalidData, InvalidInput, Other, UnexpectedEof};
    let message = match error.kind() {
        UnexpectedEof => {
            format!("the {codec} data ends too soon; the file was cut off, get it anew")
        }
        InvalidData | InvalidInput | Other if error.to_string().contains("too much memory") => {
            format!(
                "the {codec} data wants a window of more than {} MiB; pack the file anew without --long",
                (1_u32 << WINDOW) >> 20
            )
        }
        InvalidData | InvalidInput | Other => {
            format!("the {codec} data is broken ({error}); get the file anew")
        }
        _ => return error,
    };
    io::Error::new(error.kind(), message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unpack(bytes: &[u8]) -> io::Result<Vec<u8>> {
        let mut out = Vec::new();
        Codec::of_content(bytes)
            .reader(bytes)?
            .read_to_end(&mut out)?;
        Ok(out)
    }

    fn packed(codec: Codec, pieces: &[&[u8]]) -> Vec<u8> {
        let mut packer = Packer::new(codec, Vec::new()).unwrap();
        for piece in pieces {
            packer.write(&codec.pack(piece.to_vec())).unwrap();
        }
        packer.finish().unwrap()
    }

    #[test]
    fn pieces_come_back_as_one_content() {
        let long: Vec<u8> = (0..300_000u32)
            .flat_map(|n| (n.wrapping_mul(2_654_435_761)).to_le_bytes())
            .collect();
        for codec in [Codec::Plain, Codec::Gzip, Codec::Zstd] {
            for pieces in [
                &[][..],
                &[&b""[..]],
                &[b"one ", b"", b"two"],
                &[&long, &[b'a'; 70_000], &long],
            ] {
                let file = packed(codec, pieces);
                assert_eq!(unpack(&file).unwrap(), pieces.concat(), "{codec}");
                assert_eq!(packed(codec, pieces), file, "the same bytes every time");
            }
        }
    }

    #[test]
    fn one_content_is_one_member_and_one_frame() {
        let file = packed(Codec::Gzip, &[b"one ", b"two"]);
        let mut first = Vec::new();
        flate2::bufread::GzDecoder::new(&file[..])
            .read_to_end(&mut first)
            .unwrap();
        assert_eq!(first, b"one two");
        let file = packed(Codec::Zstd, &[b"one ", b"two"]);
        let mut first = Vec::new();
        zstd::Decoder::with_buffer(&file[..])
            .unwrap()
            .single_frame()
            .read_to_end(&mut first)
            .unwrap();
        assert_eq!(first, b"one two");
    }

    #[test]
    fn members_and_frames_that_follow_are_one_content() {
        for codec in [Codec::Gzip, Codec::Zstd] {
            let file = [packed(codec, &[b"one "]), packed(codec, &[b"two"])].concat();
            assert_eq!(unpack(&file).unwrap(), b"one two");
        }
        let skippable = [
            &b"\x5e\x2a\x4d\x18\x03\0\0\0abc"[..],
            &packed(Codec::Zstd, &[b"one"]),
        ]
        .concat();
        assert_eq!(unpack(&skippable).unwrap(), b"one");
    }

    /// Also where a member is open, where whole ones were copied, and where zstd sees its content in pieces of other sizes than the first time.
    #[test]
    fn a_file_is_gone_on_with_at_any_border() {
        let pieces: Vec<Vec<u8>> = (0..40_u32)
            .map(|piece| {
                let words = (0..9_000).map(|word| (piece * 31 + word * word % 977).to_string());
                words.collect::<Vec<_>>().join(" ").into_bytes()
            })
            .collect();
        for codec in [Codec::Plain, Codec::Gzip, Codec::Zstd] {
            let piece = |number: usize| match (codec, number % 7) {
                (Codec::Gzip, 3) => Packed::whole(gzip_member(&pieces[number])),
                _ => codec.pack(pieces[number].clone()),
            };
            let mut whole = Packer::new(codec, Vec::new()).unwrap();
            let mut borders = Vec::new();
            for number in 0..pieces.len() {
                borders.push((whole.border(), whole.get_mut().len()));
                whole.write(&piece(number)).unwrap();
            }
            let whole = whole.finish().unwrap();
            for (at, (border, length)) in borders.into_iter().enumerate() {
                let is_again = border.content() > 0;
                let out = if is_again { &[][..] } else { &whole[..length] };
                let mut later = Packer::resume(codec, out.to_vec(), border).unwrap();
                let content = pieces[..at].concat();
                for part in content.chunks(10_007).filter(|_| is_again) {
                    later.write(&codec.pack(part.to_vec())).unwrap();
                }
                assert_eq!(later.border(), border, "{codec}");
                for number in at..pieces.len() {
                    later.write(&piece(number)).unwrap();
                }
                assert!(later.finish().unwrap() == whole, "{codec} from piece {at}");
            }
        }
    }

    #[test]
    fn whole_members_stand_between_others() {
        let mut packer = Packer::new(Codec::Gzip, Vec::new()).unwrap();
        packer.write(&Codec::Gzip.pack(b"one ".to_vec())).unwrap();
        packer.write(&Packed::whole(gzip_member(b"two "))).unwrap();
        packer.write(&Codec::Gzip.pack(b"three".to_vec())).unwrap();
        assert_eq!(unpack(&packer.finish().unwrap()).unwrap(), b"one two three");
    }

    #[test]
    fn cut_and_broken_data_is_named() {
        for codec in [Codec::Gzip, Codec::Zstd] {
            let whole = packed(codec, &[&b"some words to pack ".repeat(1000)]);
            let cut = unpack(&whole[..whole.len() - 6]).unwrap_err().to_string();
            assert!(
                cut.contains("ends too soon") && cut.contains(&codec.to_string()),
                "{cut}"
            );
            let mut broken = whole.clone();
            let middle = broken.len() / 2;
            broken[middle] ^= 0x55;
            let broken = unpack(&broken).unwrap_err().to_string();
            assert!(broken.contains("is broken"), "{broken}");
        }
    }

    #[test]
    fn a_window_beyond_the_limit_is_refused() {
        let mut encoder = zstd::Encoder::new(Vec::new(), 1).unwrap();
        encoder.window_log(28).unwrap();
        encoder.write_all(&[b'a'; 1000]).unwrap();
        let error = unpack(&encoder.finish().unwrap()).unwrap_err().to_string();
        assert!(error.contains("128 MiB"), "{error}");
    }
}
