//! How a file stands on the disk: what it is packed with and how its text is written. Everything between its opening and its writing sees UTF-8.

use std::fmt;
use std::fs::File;
use std::io::{self, BufReader, Cursor, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use descale::format::InputFormat;
use descale::format::codec::{Border, Codec, Packed, Packer};
use descale::format::encoding::{Decoded, Encoder, Encoding};

/// How much of a file is looked at to guess its encoding.
const GUESSED: u64 = 256 << 10;

/// What is read whole for scores and comparisons is not unpacked beyond this size.
const WHOLE: u64 = 1 << 30;

/// How a file stands on the disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Form {
    /// What it is packed with.
    pub(crate) codec: Codec,
    /// How its text is written.
    pub(crate) encoding: Encoding,
}

/// What is known of the encoding of the files of a run: `--encoding`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Charset {
    /// UTF-16 if a byte order mark says so, else UTF-8.
    #[default]
    ByMark,
    /// It is guessed.
    Auto,
    /// It is this one, unless a mark says UTF-16.
    Is(Encoding),
}

impl Charset {
    /// The charset of a label.
    pub(crate) fn parse(label: &str) -> Result<Self, String> {
        if label.eq_ignore_ascii_case("auto") {
            return Ok(Self::Auto);
        }
        Encoding::of_label(label).map(Self::Is).ok_or_else(|| {
            "this is no encoding that files can be written back in; there are utf-8, utf-16le, utf-16be, windows-1252, iso-8859-2, koi8-r, shift_jis, \
             gb18030, big5, euc-kr and others of the WHATWG standard, and `auto`"
                .to_owned()
        })
    }

    /// The encoding of a file that begins so.
    fn of(self, head: &[u8]) -> Encoding {
        match self {
            Self::ByMark => Encoding::of_mark(head),
            Self::Auto => Encoding::guess(head),
            Self::Is(encoding) => match Encoding::of_mark(head) {
                Encoding::Utf8 => encoding,
                marked => marked,
            },
        }
    }

    /// How many bytes of a file's beginning it wants to see.
    fn looks_at(self) -> u64 {
        if self == Self::Auto { GUESSED } else { 2 }
    }
}

impl fmt::Display for Charset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ByMark => f.pad("utf-8"),
            Self::Auto => f.pad("auto"),
            Self::Is(encoding) => encoding.fmt(f),
        }
    }
}

/// A source, unpacked and decoded while it is read.
pub(crate) struct Opened {
    /// How it stands on the disk.
    pub(crate) form: Form,
    /// Its content as UTF-8.
    pub(crate) reader: Box<dyn Read + Send>,
    /// How many bytes were read from the disk so far.
    pub(crate) read: Arc<AtomicU64>,
}

impl Opened {
    /// Finds out how `reader`'s bytes stand there.
    pub(crate) fn new(reader: impl Read + Send + 'static, charset: Charset) -> io::Result<Self> {
        let read = Arc::new(AtomicU64::new(0));
        let mut reader = Counted {
            reader,
            read: read.clone(),
        };
        let head = head(&mut reader, Codec::MAGIC as u64)?;
        let codec = Codec::of_content(&head);
        let packed = Cursor::new(head).chain(BufReader::with_capacity(64 << 10, reader));
        let mut reader = codec.reader(packed)?;
        let head = head_of_packed(&mut reader, charset.looks_at());
        let encoding = charset.of(&head.bytes);
        let content = Cursor::new(head.bytes)
            .chain(Failing(head.error))
            .chain(reader);
        let reader: Box<dyn Read + Send> = match encoding {
            Encoding::Utf8 => Box::new(content),
            encoding => Box::new(Decoded::new(encoding, content)),
        };
        Ok(Self {
            form: Form { codec, encoding },
            reader,
            read,
        })
    }
}

fn head(reader: &mut impl Read, count: u64) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    reader.take(count).read_to_end(&mut head)?;
    Ok(head)
}

/// The beginning of a content, and why there is no more of it.
struct Head {
    bytes: Vec<u8>,
    error: Option<io::Error>,
}

fn head_of_packed(reader: &mut impl Read, count: u64) -> Head {
    let mut bytes = Vec::new();
    let error = reader.take(count).read_to_end(&mut bytes).err();
    Head { bytes, error }
}

/// Fails once, if there is something to fail with.
struct Failing(Option<io::Error>);

impl Read for Failing {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

struct Counted<R> {
    reader: R,
    read: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(buffer)?;
        self.read.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

/// What a file is packed with, from a look at its first bytes.
pub(crate) fn codec_of(file: &mut File) -> io::Result<Codec> {
    let mut magic = [0; Codec::MAGIC];
    let mut filled = 0;
    while filled < magic.len() {
        match file.read(&mut magic[filled..])? {
            0 => break,
            count => filled += count,
        }
    }
    Ok(Codec::of_content(&magic[..filled]))
}

/// How many bytes a packed file of `packed` bytes may unpack to without surprise. gzip says it at its end, though of the last member alone; zstd need not.
pub(crate) fn unpacks_to(file: &mut File, codec: Codec, packed: u64) -> io::Result<u64> {
    const LEAST: u64 = 64 << 10;
    if codec != Codec::Gzip || packed < 4 {
        return Ok(packed.saturating_mul(16).max(LEAST));
    }
    let mut end = [0; 4];
    file.seek(SeekFrom::End(-4))?;
    file.read_exact(&mut end)?;
    let usual = packed.saturating_mul(4).max(LEAST);
    Ok(usual.max(u32::from_le_bytes(end).into()))
}

/// The bytes of a whole packed file, unpacked; `None` if they are broken or more than `most`. Whoever asks reads such a file piece by piece.
pub(crate) fn unpacked(packed: &[u8], most: usize) -> io::Result<Option<(Vec<u8>, Codec)>> {
    let codec = Codec::of_content(packed);
    let mut bytes = Vec::new();
    let mut reader = codec.reader(packed)?.take(most as u64 + 1);
    let is_whole = reader.read_to_end(&mut bytes).is_ok() && bytes.len() <= most;
    Ok(is_whole.then_some((bytes, codec)))
}

/// The bytes of a whole file that is not packed, as UTF-8, and its encoding.
pub(crate) fn decoded(bytes: Vec<u8>, charset: Charset) -> (Vec<u8>, Encoding) {
    let most = usize::try_from(charset.looks_at()).unwrap_or(usize::MAX);
    let encoding = charset.of(&bytes[..bytes.len().min(most)]);
    if encoding == Encoding::Utf8 {
        return (bytes, encoding);
    }
    let mut text = Vec::with_capacity(bytes.len());
    // A slice can always be read.
    let _ = Decoded::new(encoding, &*bytes).read_to_end(&mut text);
    (text, encoding)
}

/// A whole file, unpacked and decoded.
pub(crate) fn read(path: &Path, charset: Charset) -> io::Result<Vec<u8>> {
    read_all(File::open(path)?, charset)
}

/// All that a reader gives, unpacked and decoded.
pub(crate) fn read_all(
    reader: impl Read + Send + 'static,
    charset: Charset,
) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let opened = Opened::new(reader, charset)?;
    opened.reader.take(WHOLE + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > WHOLE {
        return Err(io::Error::other(format!(
            "it has more than {} MiB when it is unpacked; this command reads files whole, so give it a part",
            WHOLE >> 20
        )));
    }
    if bytes.starts_with(InputFormat::PARQUET_MAGIC) {
        return Err(io::Error::other(
            "this is a Parquet file, and this command reads texts and records; put its texts into JSON Lines for that (clean, lint and undo read tables)",
        ));
    }
    Ok(bytes)
}

/// What outputs are packed with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Packing {
    /// There are none.
    #[default]
    Nothing,
    /// As what was read for them.
    AsRead,
    /// All the same.
    With(Codec),
}

impl Packing {
    /// The packing of a file of that name, made of files that are named so: as its name says, if it does; plain if theirs said something and its own
    /// does not; else as they are.
    pub(crate) fn of_name<'n>(target: &Path, mut sources: impl Iterator<Item = &'n Path>) -> Self {
        let by_name = |path: &Path| Codec::of_extension(path.extension()?.to_str()?);
        match by_name(target) {
            Some(codec) => Self::With(codec),
            None if sources.any(|source| by_name(source).is_some()) => Self::With(Codec::Plain),
            None => Self::AsRead,
        }
    }

    /// The form of what is written for a source, if anything is.
    pub(crate) fn form(self, read: Form) -> Option<Form> {
        let codec = match self {
            Self::Nothing => return None,
            Self::AsRead => read.codec,
            Self::With(codec) => codec,
        };
        Some(Form { codec, ..read })
    }
}

/// A part of a file's content on its way out. Packing is work, so the threads do it where they can.
#[derive(Debug)]
pub(crate) enum Content {
    /// Packed already.
    Packed(Packed),
    /// As UTF-8; the encoder must see one part after the other.
    Text(Vec<u8>),
    /// A file, encoded and packed from its beginning to its end.
    File(Vec<u8>),
}

impl Content {
    /// Prepares bytes for a file of that form.
    pub(crate) fn new(bytes: Vec<u8>, form: Form) -> Self {
        match form.encoding {
            Encoding::Utf8 => Self::Packed(form.codec.pack(bytes)),
            _ => Self::Text(bytes),
        }
    }

    /// Prepares the bytes of a whole file of that form.
    pub(crate) fn file(bytes: Vec<u8>, form: Form) -> Self {
        let content = Self::new(bytes, form);
        if form == Form::default() {
            return content;
        }
        let file = Formed::new(form, Vec::new()).and_then(|mut file| {
            file.write(&content)?;
            file.finish()
        });
        // What cannot be encoded is met again, and told, where the file is written.
        file.map_or(content, Self::File)
    }
}

impl Default for Content {
    fn default() -> Self {
        Self::Text(Vec::new())
    }
}

/// A file that is written in a form, part by part.
pub(crate) struct Formed<W: Write> {
    form: Form,
    encoder: Encoder,
    packer: Packer<W>,
}

impl<W: Write> Formed<W> {
    /// Begins it.
    pub(crate) fn new(form: Form, out: W) -> io::Result<Self> {
        Ok(Self {
            form,
            encoder: Encoder::new(form.encoding),
            packer: Packer::new(form.codec, out)?,
        })
    }

    /// Goes on with what was written to `out` up to a border; see [`Packer::resume`].
    pub(crate) fn resume(form: Form, out: W, border: Border) -> io::Result<Self> {
        Ok(Self {
            form,
            encoder: Encoder::new(form.encoding),
            packer: Packer::resume(form.codec, out, border)?,
        })
    }

    /// What must be known to go on from here; nothing in the middle of a character.
    pub(crate) fn border(&self) -> Option<Border> {
        self.encoder
            .is_between_characters()
            .then(|| self.packer.border())
    }

    /// Packs content that was packed before, and is encoded already.
    pub(crate) fn repeat(&mut self, content: Vec<u8>) -> io::Result<()> {
        self.packer.write(&self.form.codec.pack(content))
    }

    /// What it is written to.
    pub(crate) fn get_mut(&mut self) -> &mut W {
        self.packer.get_mut()
    }

    /// Its form.
    pub(crate) fn form(&self) -> Form {
        self.form
    }

    /// Adds a part.
    pub(crate) fn write(&mut self, content: &Content) -> io::Result<()> {
        match content {
            Content::Packed(packed) => self.packer.write(packed),
            Content::Text(text) => {
                let bytes = self.encoder.encode(text)?;
                self.packer.write(&self.form.codec.pack(bytes))
            }
            Content::File(_) => Err(io::Error::other("a whole file is no part of another")),
        }
    }

    /// Ends it, and gives back what it was written to.
    pub(crate) fn finish(self) -> io::Result<W> {
        self.encoder.finish()?;
        self.packer.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_how_a_file_is_packed() {
        for (target, source, expected) in [
            ("a.jsonl.gz", "b.jsonl", Packing::With(Codec::Gzip)),
            ("a.zst", "b.jsonl.gz", Packing::With(Codec::Zstd)),
            ("a.jsonl", "b.jsonl.gz", Packing::With(Codec::Plain)),
            ("a.jsonl", "b.jsonl", Packing::AsRead),
            ("a", "b", Packing::AsRead),
        ] {
            let packing = Packing::of_name(Path::new(target), [Path::new(source)].into_iter());
            assert_eq!(packing, expected, "{target} of {source}");
        }
    }
}
