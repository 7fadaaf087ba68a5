//! Encodings other than UTF-8: a file is read as UTF-8, and written back in its own.
//!
//! Bytes that would not come back as they were (they mean nothing in the encoding, or are a second spelling of something) are kept as marks: three
//! bytes of 0xF8 to 0xFF for each, which occur in no UTF-8. So they are to every format what invalid UTF-8 is to it: nothing beside them is changed, a
//! record with one in its text is passed through. On the way out they become the bytes again, and nothing is ever lost.

use std::fmt;
use std::io::{self, Read};

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{DecoderResult, EncoderResult, ISO_2022_JP, UTF_8};

/// The first byte of those that stand for bytes that are kept.
const MARK: u8 = 0xf8;

/// How many bytes are decoded at a time.
const PIECE: usize = 64 << 10;

/// How the text of a file is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8: nothing is to be done.
    #[default]
    Utf8,
    /// UTF-16 with the low byte first.
    Utf16Le,
    /// UTF-16 with the high byte first.
    Utf16Be,
    /// One of the encodings of the WHATWG standard.
    Legacy(&'static encoding_rs::Encoding),
}

impl Encoding {
    /// The encoding of a label, as the WHATWG standard lists them (`latin1`, `windows-1252`, `shift_jis`, `utf-16le`).
    ///
    /// ```
    /// use descale::format::encoding::Encoding;
    /// assert_eq!(Encoding::of_label("Latin1").map(|found| found.to_string()), Some("windows-1252".to_owned()));
    /// assert_eq!(Encoding::of_label("UTF-8"), Some(Encoding::Utf8));
    /// assert_eq!(Encoding::of_label("klingon"), None);
    /// assert_eq!(Encoding::of_label("iso-2022-jp"), None, "its bytes mean something only with those before them");
    /// ```
    #[must_use]
    pub fn of_label(label: &str) -> Option<Self> {
        let found = encoding_rs::Encoding::for_label_no_replacement(label.as_bytes())?;
        Some(match found.name() {
            "UTF-8" => Self::Utf8,
            "UTF-16LE" => Self::Utf16Le,
            "UTF-16BE" => Self::Utf16Be,
            _ if found == ISO_2022_JP => return None,
            _ => Self::Legacy(found),
        })
    }

    /// The encoding that the byte order mark at a file's beginning stands for: UTF-16, or UTF-8 with or without a mark.
    #[must_use]
    pub fn of_mark(bytes: &[u8]) -> Self {
        match bytes {
            [0xff, 0xfe, ..] => Self::Utf16Le,
            [0xfe, 0xff, ..] => Self::Utf16Be,
            _ => Self::Utf8,
        }
    }

    /// The encoding that a file's beginning is most likely in: by its mark, UTF-8 if it reads as such, else a guess by the frequency of letters.
    ///
    /// ```
    /// use descale::format::encoding::Encoding;
    /// let text = b"Der Fluss f\xfchrt Hochwasser, die M\xfchle steht still, und die B\xe4ume am Ufer sind kahl.";
    /// assert_eq!(Encoding::guess(text).to_string(), "windows-1252");
    /// assert_eq!(Encoding::guess("Für".as_bytes()), Encoding::Utf8);
    /// ```
    #[must_use]
    pub fn guess(bytes: &[u8]) -> Self {
        let mark = Self::of_mark(bytes);
        if mark != Self::Utf8 || is_utf8(bytes) {
            return mark;
        }
        let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
        detector.feed(bytes, true);
        let found = detector.guess(None, Utf8Detection::Deny);
        Self::of_label(found.name()).unwrap_or_default()
    }

    /// Whether a text can be written in it.
    #[must_use]
    pub fn can_write(self, text: &str) -> bool {
        match self {
            Self::Utf8 | Self::Utf16Le | Self::Utf16Be => true,
            Self::Legacy(_) => self.encode(text).is_some(),
        }
    }

    /// The text's bytes, if it can be written.
    fn encode(self, text: &str) -> Option<Vec<u8>> {
        let utf16 = |bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(bytes).collect();
        match self {
            Self::Utf8 => Some(text.as_bytes().to_vec()),
            Self::Utf16Le => Some(utf16(u16::to_le_bytes)),
            Self::Utf16Be => Some(utf16(u16::to_be_bytes)),
            Self::Legacy(legacy) => {
                let mut encoder = legacy.new_encoder();
                let most = encoder
                    .max_buffer_length_from_utf8_without_replacement(text.len())
                    .unwrap_or(text.len() * 4);
                let mut out = Vec::with_capacity(most);
                let (result, _) =
                    encoder.encode_from_utf8_to_vec_without_replacement(text, &mut out, true);
                (result == EncoderResult::InputEmpty).then_some(out)
            }
        }
    }

    /// What bytes read as, if all of them mean something and are the only spelling of it.
    fn decode(self, bytes: &[u8]) -> Option<String> {
        self.meaning(bytes)
            .filter(|text| self.encode(text).is_some_and(|again| again == bytes))
    }

    /// What bytes read as, if all of them mean something.
    fn meaning(self, bytes: &[u8]) -> Option<String> {
        let from = match self {
            Self::Utf8 => UTF_8,
            Self::Utf16Le => encoding_rs::UTF_16LE,
            Self::Utf16Be => encoding_rs::UTF_16BE,
            Self::Legacy(legacy) => legacy,
        };
        let mut decoder = from.new_decoder_without_bom_handling();
        let most = decoder
            .max_utf8_buffer_length_without_replacement(bytes.len())
            .unwrap_or(bytes.len() * 3);
        let mut text = String::with_capacity(most);
        let (result, _) = decoder.decode_to_string_without_replacement(bytes, &mut text, true);
        (result == DecoderResult::InputEmpty).then_some(text)
    }

    /// Decodes bytes of whole characters, as far as there are any.
    fn decode_into(self, bytes: &[u8], out: &mut Vec<u8>) {
        if let Some(text) = self.decode(bytes) {
            out.extend_from_slice(text.as_bytes());
            return;
        }
        // Somewhere in it is what will not come back. It is looked for in ever smaller halves, then character by character.
        if bytes.len() > 64 {
            let middle = self.cut(&bytes[..bytes.len() / 2]).max(1);
            self.decode_into(&bytes[..middle], out);
            return self.decode_into(&bytes[middle..], out);
        }
        let mut at = 0;
        while at < bytes.len() {
            let lengths = 1..=4.min(bytes.len() - at);
            let character = lengths.into_iter().find_map(|length| {
                let text = self.decode(&bytes[at..at + length])?;
                (!text.is_empty()).then_some((text, length))
            });
            if let Some((text, length)) = character {
                out.extend_from_slice(text.as_bytes());
                at += length;
            } else {
                // Of a character that is spelled in another way, all bytes are kept: the second one alone would read as a letter.
                let rest = &bytes[at..];
                let length = (2..=4.min(rest.len())).find(|length| {
                    let text = self.meaning(&rest[..*length]);
                    text.is_some_and(|text| text.chars().count() == 1)
                });
                let end = at + length.unwrap_or(1);
                out.extend(bytes[at..end].iter().flat_map(|byte| marks(*byte)));
                at = end;
            }
        }
    }

    /// Where bytes can be cut so that no character is cut in two, if such a place is near their end; else their end.
    fn cut(self, bytes: &[u8]) -> usize {
        match self {
            Self::Utf16Le | Self::Utf16Be => {
                let even = bytes.len() & !1;
                let high = |unit: &[u8]| {
                    let high = if self == Self::Utf16Le {
                        unit[1]
                    } else {
                        unit[0]
                    };
                    (0xd8..0xdc).contains(&high)
                };
                match bytes[..even].chunks_exact(2).next_back() {
                    Some(last) if high(last) && even > 2 => even - 2,
                    _ if even == 0 => bytes.len(),
                    _ => even,
                }
            }
            Self::Utf8 => bytes.len(),
            // Signs and blanks below the digits are never a part of another character.
            Self::Legacy(legacy) if !legacy.is_single_byte() => {
                let alone = bytes.iter().rposition(|byte| *byte < b'0');
                alone.map_or(bytes.len(), |at| at + 1)
            }
            Self::Legacy(_) => bytes.len(),
        }
    }
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Utf8 => "UTF-8",
            Self::Utf16Le => "UTF-16LE",
            Self::Utf16Be => "UTF-16BE",
            Self::Legacy(legacy) => legacy.name(),
        })
    }
}

/// Whether a file's beginning reads as UTF-8; its last character may be cut in two.
fn is_utf8(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).map_or_else(|error| error.error_len().is_none(), |_| true)
}

/// What stands for a byte that is kept.
fn marks(byte: u8) -> [u8; 3] {
    [MARK | byte >> 6, MARK | byte >> 3 & 7, MARK | byte & 7]
}

/// A reader that gives UTF-8, with marks for what will not come back otherwise, whatever the encoding of what it reads.
pub struct Decoded<R> {
    encoding: Encoding,
    reader: R,
    /// Bytes that may be the first of a character.
    rest: Vec<u8>,
    /// What was decoded, and how much of it was handed out.
    decoded: Vec<u8>,
    at: usize,
    /// Why nothing more can be read; said when all is handed out that was.
    error: Option<io::Error>,
}

impl<R: Read> Decoded<R> {
    /// Decodes what `reader` gives.
    ///
    /// ```
    /// use descale::format::encoding::{Decoded, Encoding};
    /// use std::io::Read;
    /// let mut text = String::new();
    /// Decoded::new(Encoding::of_label("latin1").unwrap(), &b"caf\xe9"[..]).read_to_string(&mut text)?;
    /// assert_eq!(text, "café");
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn new(encoding: Encoding, reader: R) -> Self {
        Self {
            encoding,
            reader,
            rest: Vec::new(),
            decoded: Vec::new(),
            at: 0,
            error: None,
        }
    }
}

impl<R: Read> Read for Decoded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.at == self.decoded.len() {
            self.decoded.clear();
            self.at = 0;
            let before = self.rest.len();
            if self.error.is_none() {
                let mut piece = (&mut self.reader).take(PIECE as u64);
                self.error = piece.read_to_end(&mut self.rest).err();
            }
            if self.rest.len() == before {
                // At the end, or before an error, what is left is all there is.
                if before == 0 {
                    return self.error.take().map_or(Ok(0), Err);
                }
                self.encoding.decode_into(&self.rest, &mut self.decoded);
                self.rest.clear();
                break;
            }
            let end = self.encoding.cut(&self.rest);
            self.encoding
                .decode_into(&self.rest[..end], &mut self.decoded);
            self.rest.drain(..end);
        }
        let ready = &self.decoded[self.at..];
        let count = ready.len().min(buffer.len());
        buffer[..count].copy_from_slice(&ready[..count]);
        self.at += count;
        Ok(count)
    }
}

/// Writes UTF-8 with marks in an encoding, piece by piece.
#[derive(Clone, Debug, Default)]
pub struct Encoder {
    encoding: Encoding,
    /// The beginning of a character or of marks.
    rest: Vec<u8>,
}

impl Encoder {
    /// Writes in `encoding`.
    #[must_use]
    pub fn new(encoding: Encoding) -> Self {
        Self {
            encoding,
            rest: Vec::new(),
        }
    }

    /// Whether nothing waits for the rest of a character.
    #[must_use]
    pub fn is_between_characters(&self) -> bool {
        self.rest.is_empty()
    }

    /// The next bytes in the encoding; what may be the beginning of a character waits for the next call.
    ///
    /// ```
    /// use descale::format::encoding::{Encoder, Encoding};
    /// let mut encoder = Encoder::new(Encoding::Utf16Le);
    /// assert_eq!(encoder.encode(b"a\xc3")?, b"a\0");
    /// assert_eq!(encoder.encode(b"\xa9")?, b"\xe9\0");
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Errors
    /// When a character cannot be written in the encoding, or the bytes did not come from a [`Decoded`].
    pub fn encode(&mut self, bytes: &[u8]) -> io::Result<Vec<u8>> {
        if self.encoding == Encoding::Utf8 {
            return Ok(bytes.to_vec());
        }
        let joined;
        let mut bytes = bytes;
        if !self.rest.is_empty() {
            self.rest.extend_from_slice(bytes);
            joined = std::mem::take(&mut self.rest);
            bytes = &joined;
        }
        let mut out = Vec::with_capacity(bytes.len());
        let mut chunks = bytes.utf8_chunks().peekable();
        // Of marks, each is an invalid stretch of its own.
        let mut open = Vec::new();
        while let Some(chunk) = chunks.next() {
            if !chunk.valid().is_empty() {
                if !open.is_empty() {
                    return Err(foreign(self.encoding));
                }
                let encoded = self.encoding.encode(chunk.valid());
                out.extend_from_slice(&encoded.ok_or_else(|| foreign(self.encoding))?);
            }
            match chunk.invalid() {
                [] => {}
                [mark] if *mark >= MARK => {
                    open.push(mark & 7);
                    if let [high, middle, low] = open[..] {
                        out.push(high << 6 | middle << 3 | low);
                        open.clear();
                    }
                }
                // The beginning of a character; the rest of it comes with the next piece.
                beginning if chunks.peek().is_none() && open.is_empty() => {
                    self.rest = beginning.to_vec();
                }
                _ => return Err(foreign(self.encoding)),
            }
        }
        self.rest.extend(open.iter().map(|digit| MARK | digit));
        Ok(out)
    }

    /// Ends the file.
    ///
    /// # Errors
    /// When it ends in the middle of a character.
    pub fn finish(&self) -> io::Result<()> {
        if self.rest.is_empty() {
            Ok(())
        } else {
            Err(foreign(self.encoding))
        }
    }
}

fn foreign(encoding: Encoding) -> io::Error {
    let message = format!("a character of the text cannot be written in {encoding}");
    io::Error::new(io::ErrorKind::InvalidData, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(encoding: Encoding, bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        Decoded::new(encoding, bytes).read_to_end(&mut out).unwrap();
        out
    }

    const LABELS: [&str; 9] = [
        "utf-16le",
        "utf-16be",
        "windows-1252",
        "koi8-r",
        "shift_jis",
        "gb18030",
        "gbk",
        "big5",
        "euc-kr",
    ];

    #[test]
    fn what_reads_well_reads_as_text() {
        for (label, bytes, text) in [
            (
                "utf-16le",
                &b"\xff\xfea\0\xe9\0=\xd8\0\xde"[..],
                "\u{feff}aé😀",
            ),
            ("utf-16be", b"\xfe\xff\0a\0\xe9", "\u{feff}aé"),
            (
                "latin1",
                b"\x93caf\xe9\x94 \x81",
                "\u{201c}café\u{201d} \u{81}",
            ),
            ("shift_jis", b"\x83\x5c\\", "ソ\\"),
            ("gb18030", b"\x81\x30\x81\x30\xc4\xe3", "\u{80}你"),
        ] {
            let encoding = Encoding::of_label(label).unwrap();
            assert_eq!(String::from_utf8_lossy(&decoded(encoding, bytes)), text);
        }
    }

    #[test]
    fn what_means_nothing_is_kept_in_its_place() {
        for (label, bytes, kept) in [
            ("utf-16le", &b"a\0\0\xd8b\0c"[..], 3),
            ("utf-16le", b"\0\xdc", 2),
            ("shift_jis", b"a\x81 b\xa0", 2),
            // A second spelling of a character that is written in another way.
            ("shift_jis", b"\xed\x40", 2),
            ("koi8-r", b"\xc1\x80", 0),
        ] {
            let encoding = Encoding::of_label(label).unwrap();
            let read = decoded(encoding, bytes);
            let marks = read.iter().filter(|byte| **byte >= MARK).count();
            assert_eq!(marks, 3 * kept, "{label} {read:x?}");
            assert_eq!(Encoder::new(encoding).encode(&read).unwrap(), bytes);
        }
    }

    #[test]
    fn a_foreign_character_is_an_error() {
        let latin = Encoding::of_label("latin1").unwrap();
        assert!(!latin.can_write("Ж") && latin.can_write("é€"));
        let error = Encoder::new(latin).encode("Ж".as_bytes()).unwrap_err();
        assert!(error.to_string().contains("windows-1252"), "{error}");
        assert!(Encoding::Utf16Le.can_write("Ж"));
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig { failure_persistence: None, ..proptest::prelude::ProptestConfig::with_cases(400) })]

        /// All bytes come back, whatever they are, read and written in whatever pieces.
        #[test]
        fn all_bytes_come_back(bytes: Vec<u8>, text in "[a字é \n]{0,40}", which in 0_usize..LABELS.len(), cut: usize) {
            let encoding = Encoding::of_label(LABELS[which]).unwrap();
            let mut source = encoding.encode(&text).unwrap_or_default();
            source.extend(&bytes);
            let read = decoded(encoding, &source);
            let cut = cut % (read.len() + 1);
            let mut encoder = Encoder::new(encoding);
            let mut back = encoder.encode(&read[..cut]).unwrap();
            back.extend(encoder.encode(&read[cut..]).unwrap());
            encoder.finish().unwrap();
            proptest::prop_assert_eq!(back, source);
        }
    }
}
