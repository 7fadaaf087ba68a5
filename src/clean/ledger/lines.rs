//! Messages as the lines of a file, each with a checksum, and back. Works on readers and writers; opens nothing.

use std::fmt;
use std::io::{self, BufRead, Read, Write};

use xxhash_rust::xxh3::{Xxh3Default, xxh3_64_with_seed};

use super::{ENGINE, Header, Message, SCHEMA, Totals};

/// The longest line that is read, in bytes. A removed text stands in one line; what is longer than this is no ledger.
const LONGEST: u64 = 1 << 30;

/// What stands between a line's message and its checksum.
const SUM: &[u8] = b",\"sum\":\"";

/// How long the checksum is with what stands around it: `,"sum":"0123456789abcdef"}`.
const SUM_LENGTH: usize = SUM.len() + 16 + 2;

/// Appends messages as lines. The last field of each, `sum`, is the XXH3 of the line's bytes before it.
///
/// ```
/// use descale::ledger::{Facts, Name, lines, record};
/// let mut out = Vec::new();
/// lines(&record(&Name::text("a.txt"), &Facts::new("One.", &[], &[])), &mut out);
/// assert_eq!(
///     String::from_utf8(out)?,
///     "{\"type\":\"doc\",\"doc\":\"a.txt\",\"path\":\"a.txt\",\"in\":{\"bytes\":4,\"hash\":\"52d4dbc628eb3782\"},\"sum\":\"0e642f3fd9ed4aeb\"}\n",
/// );
/// # Ok::<(), std::string::FromUtf8Error>(())
/// ```
pub fn lines(messages: &[Message<'_>], out: &mut Vec<u8>) {
    for message in messages {
        line(message, 0, out);
    }
}

/// Appends one line. `before` seeds its checksum: zero, or for the summary the hash of all lines before it.
fn line(message: &Message<'_>, before: u64, out: &mut Vec<u8>) {
    let start = out.len();
    // A vector takes every byte, and the shapes hold nothing that JSON cannot: there is no error to see.
    let _ = serde_json::to_writer(&mut *out, message);
    out.pop();
    let sum = xxh3_64_with_seed(&out[start..], before);
    out.extend_from_slice(SUM);
    let _ = write!(out, "{sum:016x}");
    out.extend_from_slice(b"\"}\n");
}

/// Writes a ledger: the header at once, documents as they come, the summary at the end.
///
/// ```
/// use descale::ledger::{Facts, Header, Name, Totals, Writer, lines, record};
/// let mut writer = Writer::begin(Vec::new(), &Header::new(&[]))?;
/// let mut share = Vec::new();
/// lines(&record(&Name::text("a.txt"), &Facts::new("One.", &[], &[])), &mut share);
/// writer.documents(&share)?;
/// let ledger = writer.finish(Totals { docs: 1, ..Totals::default() })?;
/// assert_eq!(ledger.split(|byte| *byte == b'\n').count(), 4);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct Writer<W> {
    out: W,
    /// Over all lines so far: the summary's checksum covers them.
    hash: Hash,
}

impl<W: Write> Writer<W> {
    /// Begins a ledger.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn begin(out: W, header: &Header<'_>) -> io::Result<Self> {
        let mut writer = Self {
            out,
            hash: Hash::default(),
        };
        let mut bytes = Vec::new();
        line(&Message::Header(header.clone()), 0, &mut bytes);
        writer.documents(&bytes)?;
        Ok(writer)
    }

    /// Goes on with a ledger that a run left unfinished: `before` is its header and its whole documents, and `out` adds to them.
    ///
    /// # Errors
    /// Those of `before`.
    pub fn resume(out: W, mut before: impl io::Read) -> io::Result<Self> {
        let mut hash = Hash::default();
        let mut buffer = vec![0; 1 << 16];
        loop {
            let count = before.read(&mut buffer)?;
            if count == 0 {
                return Ok(Self { out, hash });
            }
            hash.0.update(&buffer[..count]);
        }
    }

    /// Adds the lines of documents, as [`lines`] makes them.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn documents(&mut self, lines: &[u8]) -> io::Result<()> {
        self.hash.0.update(lines);
        self.out.write_all(lines)
    }

    /// Hands on what is buffered, so that it is there before the texts themselves are changed.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    /// Ends the ledger.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn finish(mut self, totals: Totals<'_>) -> io::Result<W> {
        let mut bytes = Vec::new();
        line(&Message::Summary(totals), self.hash.0.digest(), &mut bytes);
        self.out.write_all(&bytes)?;
        self.out.flush()?;
        Ok(self.out)
    }
}

#[derive(Default)]
struct Hash(Xxh3Default);

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hash({:016x})", self.0.digest())
    }
}

/// Why a ledger cannot be trusted.
#[derive(Debug)]
pub struct LedgerError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub cause: String,
    /// What to do about it.
    pub cure: &'static str,
}

impl fmt::Display for LedgerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}; {}", self.line, self.cause, self.cure)
    }
}

impl std::error::Error for LedgerError {}

const CHANGED: &str = "take the ledger as `clean` wrote it";
const CUT_SHORT: &str = "take the whole ledger, or see --unfinished if the run was interrupted";

/// Reads a ledger line by line and holds each against its checksum and its place.
///
/// ```
/// use descale::ledger::{Header, Message, Reader, Totals, Writer};
/// let ledger = Writer::begin(Vec::new(), &Header::new(&[]))?.finish(Totals::default())?;
/// let mut reader = Reader::new(&*ledger);
/// assert!(matches!(reader.read()?, Some(Message::Header(_))));
/// assert!(matches!(reader.read()?, Some(Message::Summary(_))));
/// assert!(reader.read()?.is_none());
///
/// let damaged = String::from_utf8(ledger)?.replace("byte", "bite");
/// let error = Reader::new(damaged.as_bytes()).read().unwrap_err();
/// assert_eq!(error.line, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Reader<R> {
    input: R,
    buffer: Vec<u8>,
    line: usize,
    offset: u64,
    hash: Hash,
    /// Messages of the current document that are still to come.
    open: usize,
    state: State,
    any_engine: bool,
    unfinished: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Header,
    Documents,
    Ended,
}

impl<R: BufRead> Reader<R> {
    /// A reader of the ledger in `input`.
    #[must_use]
    pub fn new(input: R) -> Self {
        Self {
            input,
            buffer: Vec::new(),
            line: 0,
            offset: 0,
            hash: Hash::default(),
            open: 0,
            state: State::Header,
            any_engine: false,
            unfinished: false,
        }
    }

    /// Whether a ledger of another version of the engine is taken too (default: no). Its form must be the same all the same.
    #[must_use]
    pub fn any_engine(mut self, any: bool) -> Self {
        self.any_engine = any;
        self
    }

    /// Whether a ledger without its summary is taken too (default: no): one of a run that was interrupted. It ends before the first document that
    /// is not whole.
    #[must_use]
    pub fn unfinished(mut self, unfinished: bool) -> Self {
        self.unfinished = unfinished;
        self
    }

    /// The number of the line that was read last, from 1.
    #[must_use]
    pub fn line(&self) -> usize {
        self.line
    }

    /// Where the next line begins, in bytes.
    #[must_use]
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// The next message; `None` behind the summary.
    ///
    /// # Errors
    /// A line that was changed, is no message, stands where it cannot, or was written by another version of the engine; a ledger that was cut
    /// short, or of which lines were taken out, added or moved. The latter shows at its summary.
    pub fn read(&mut self) -> Result<Option<Message<'_>>, LedgerError> {
        self.line += 1;
        let start = self.offset;
        self.buffer.clear();
        let read = (&mut self.input)
            .take(LONGEST)
            .read_until(b'\n', &mut self.buffer);
        match read {
            Ok(count) => self.offset += count as u64,
            Err(error) => {
                return Err(self.wrong(
                    format!("it cannot be read: {error}"),
                    "check the disk and the file",
                ));
            }
        }
        if self.state == State::Ended {
            return if self.buffer.is_empty() {
                Ok(None)
            } else {
                Err(self.wrong(
                    "something stands behind the summary, which is the last line",
                    CHANGED,
                ))
            };
        }
        if self.buffer.last() != Some(&b'\n') {
            if self.unfinished && self.state == State::Documents {
                self.state = State::Ended;
                self.offset = start;
                return Ok(None);
            }
            let cause = if self.buffer.is_empty() {
                "the ledger ends here, without its summary: it was cut short"
            } else {
                "the line has no end: the ledger was cut short"
            };
            return Err(self.wrong(cause, CUT_SHORT));
        }
        // The fields are split so that the message may borrow the buffer while the rest is written.
        let Self {
            buffer,
            line,
            hash,
            open,
            state,
            any_engine,
            ..
        } = self;
        let text = &buffer[..buffer.len() - 1];
        let wrong = |cause: String, cure| LedgerError {
            line: *line,
            cause,
            cure,
        };
        if *state == State::Header {
            check_version(text, *any_engine).map_err(|(cause, cure)| wrong(cause, cure))?;
        }
        let before = if text.starts_with(b"{\"type\":\"summary\"") {
            hash.0.digest()
        } else {
            0
        };
        check_sum(text, before).map_err(|cause| wrong(cause.to_owned(), CHANGED))?;
        let message: Message<'_> = serde_json::from_slice(text)
            .map_err(|error| wrong(format!("no message of a ledger: {error}"), CHANGED))?;
        let fits = match (&message, *state, *open) {
            (Message::Header(_), State::Header, _) => {
                *state = State::Documents;
                true
            }
            (Message::Doc(doc), State::Documents, 0) => {
                *open = doc.lines;
                true
            }
            (Message::Edit(_) | Message::Kept(_), State::Documents, 2..)
            | (Message::End(_), State::Documents, 1) => {
                *open -= 1;
                true
            }
            (Message::Summary(_), State::Documents, 0) => {
                *state = State::Ended;
                true
            }
            _ => false,
        };
        if !fits {
            return Err(wrong(
                "the line cannot stand here: lines before it are missing, or were moved".to_owned(),
                CHANGED,
            ));
        }
        hash.0.update(buffer);
        Ok(Some(message))
    }

    fn wrong(&self, cause: impl Into<String>, cure: &'static str) -> LedgerError {
        LedgerError {
            line: self.line,
            cause: cause.into(),
            cure,
        }
    }
}

/// Holds the header's version against this engine's, before anything else: a form of another version need not have checksums.
fn check_version(line: &[u8], any_engine: bool) -> Result<(), (String, &'static str)> {
    #[derive(serde::Deserialize)]
    struct Version {
        r#type: String,
        schema: u32,
        engine: String,
    }
    let version: Version = match serde_json::from_slice(line) {
        Ok(version) => version,
        Err(error) if line.starts_with(b"{\"type\":\"header\"") => {
            return Err((format!("the header was changed: {error}"), CHANGED));
        }
        Err(error) => {
            return Err((
                format!("this is no ledger's header: {error}"),
                "name the file that `clean --ledger` wrote",
            ));
        }
    };
    if version.r#type != "header" {
        return Err((
            "a ledger begins with a header, and this is none".to_owned(),
            "name the file that `clean --ledger` wrote",
        ));
    }
    if version.schema != SCHEMA {
        return Err((
            format!(
                "the ledger has form {}, and {ENGINE} reads form {SCHEMA}",
                version.schema
            ),
            "use the version of descale that its header names",
        ));
    }
    if version.engine != ENGINE && !any_engine {
        // Of this form it is known where the checksum stands.
        if let Err(cause) = check_sum(line, 0) {
            let engine = version.engine;
            return Err((
                format!(
                    "the ledger says that {engine:?} wrote it, and this is {ENGINE:?}; but {cause}"
                ),
                CHANGED,
            ));
        }
        return Err((
            format!(
                "the ledger was written by {:?}, and this is {ENGINE:?}",
                version.engine
            ),
            "use that version, or --any-engine to go by the hashes alone",
        ));
    }
    Ok(())
}

fn check_sum(line: &[u8], before: u64) -> Result<(), &'static str> {
    let no_sum = "the line does not end with its checksum: it was changed";
    let at = line.len().checked_sub(SUM_LENGTH).ok_or(no_sum)?;
    let (body, sum) = line.split_at(at);
    let digits = sum
        .strip_prefix(SUM)
        .and_then(|rest| rest.strip_suffix(b"\"}"))
        .ok_or(no_sum)?;
    if format!("{:016x}", xxh3_64_with_seed(body, before)).as_bytes() == digits {
        return Ok(());
    }
    Err(if before == 0 {
        "the line does not agree with its checksum: it was changed"
    } else {
        "the summary does not agree with the lines before it: it was changed, or lines were taken out, added or moved"
    })
}
