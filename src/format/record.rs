//! What all formats with records in them share: names of fields, a record that was read, and how a format is worked on.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

/// The names of the fields that matter, as the user gave them. What a name means is the format's business: a dotted path, a column's header.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// The fields that hold text.
    pub texts: Vec<String>,
    /// The field that holds the site.
    pub site: Option<String>,
    /// The field that holds the title.
    pub title: Option<String>,
    /// The field that names the record.
    pub id: Option<String>,
    /// The field that holds the language.
    pub lang: Option<String>,
}

/// What becomes of which bytes of a text: sorted, disjoint, on character boundaries.
pub type Changes<'c> = Vec<(Range<usize>, &'c str)>;

/// A format whose files are records one after the other, once what stands at the file's beginning is known.
pub trait Records: fmt::Debug + Send + Sync {
    /// The name of a text field, by its number, as the user gave it.
    fn field(&self, number: usize) -> &str;

    /// How many bytes at the beginning of `file` are no record, such as a row of names. `file` ends at a record's end.
    fn preamble(&self, _file: &[u8]) -> usize {
        0
    }

    /// What finds the ends of records while the file is read.
    fn cutter(&self) -> Box<dyn Cutter>;

    /// How many bytes the record has that `rest` begins with, its end included; never 0 unless `rest` is empty. `rest` ends at a record's end.
    fn length(&self, rest: &[u8]) -> usize;

    /// Whether each record is one line, a blank one included. Then its number is that of its line, and nothing is counted twice.
    fn are_lines(&self) -> bool {
        false
    }

    /// How many line ends stand in `bytes`, so that records can be named by their lines.
    fn line_ends(&self, bytes: &[u8]) -> usize {
        memchr::memchr_iter(b'\n', bytes).count()
    }

    /// How many records begin in `bytes`, which hold whole ones; what is no record but has an end of its own, such as a blank line, counts as well. In
    /// files whose records are lines it is the number of lines.
    fn count(&self, bytes: &[u8]) -> usize {
        if self.are_lines() {
            return self.line_ends(bytes);
        }
        let (mut count, mut at) = (0, 0);
        while at < bytes.len() {
            at += self.length(&bytes[at..]).max(1);
            count += 1;
        }
        count
    }

    /// Reads one record. What is none, such as a blank line, is one without texts.
    ///
    /// # Errors
    /// When it cannot be understood, or a text field is missing or holds something else.
    fn read<'b>(&self, record: &'b [u8]) -> Result<Record<'b>, RecordError>;

    /// Writes the record with the changes in its texts, one list for each in order; all other bytes stay.
    ///
    /// # Errors
    /// When the changed record could not be written so that it reads back. Nothing is in `out` then that was not there before.
    fn write(
        &self,
        bytes: &[u8],
        record: &Record<'_>,
        changes: &[Changes<'_>],
        out: &mut Vec<u8>,
    ) -> Result<(), RecordError>;

    /// How the record spells what changes of one of its texts take out, where [`restore`](Self::restore) would not spell it so by itself. Empty
    /// when it would.
    fn spellings<'b>(
        &self,
        _bytes: &'b [u8],
        _text: &'b Text<'_>,
        _changes: &Changes<'_>,
    ) -> Vec<Option<&'b str>> {
        Vec::new()
    }

    /// Undoes [`write`](Self::write): puts back what `changes` bring, spelled as [`spellings`](Self::spellings) said.
    ///
    /// # Errors
    /// As [`write`](Self::write).
    fn restore(
        &self,
        bytes: &[u8],
        record: &Record<'_>,
        changes: &[Changes<'_>],
        _spellings: &[Vec<Option<&str>>],
        out: &mut Vec<u8>,
    ) -> Result<(), RecordError> {
        self.write(bytes, record, changes, out)
    }
}

/// Where a record stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The number of its first line, from 1.
    pub line: usize,
    /// Its own number, from 1; that of the line in files whose records are lines. No change in the records before it moves it.
    pub number: usize,
    /// Its bytes.
    pub range: Range<usize>,
}

/// The records in `bytes`, which hold whole ones. `line` and `number` are those of the first one; at the beginning of a file (`is_start`) what is no
/// record is passed over.
///
/// ```
/// use descale::format::jsonl::Fields;
/// use descale::format::record::split;
/// let fields = Fields::texts(["text"]);
/// let places = split(&fields, b"{}\n{}\n", (1, 1), true);
/// assert_eq!(places.map(|place| (place.line, place.range)).collect::<Vec<_>>(), [(1, 0..3), (2, 3..6)]);
/// ```
pub fn split<'b>(
    records: &'b dyn Records,
    bytes: &'b [u8],
    (mut line, mut number): (usize, usize),
    is_start: bool,
) -> impl Iterator<Item = Place> + 'b {
    let mut at = if is_start { records.preamble(bytes) } else { 0 };
    line += records.line_ends(&bytes[..at]);
    number += records.count(&bytes[..at]);
    let are_lines = records.are_lines();
    std::iter::from_fn(move || {
        let start = at;
        let rest = bytes.get(start..).filter(|rest| !rest.is_empty())?;
        at += records.length(rest).clamp(1, rest.len());
        let place = Place {
            line,
            number,
            range: start..at,
        };
        line += if are_lines {
            1
        } else {
            records.line_ends(&bytes[start..at])
        };
        number += 1;
        Some(place)
    })
}

/// Finds the ends of records in a file that is read piece by piece.
pub trait Cutter: Send {
    /// `bytes` begin where a record does, and of them `seen` were shown before. Answers where the last record ends, if one ends in what is new.
    fn last_end(&mut self, bytes: &[u8], seen: usize) -> Option<usize>;

    /// The record that all bytes shown so far belong to is too long to be held. Answers where in the next bytes it ends, if it does; what is
    /// behind its end will be shown anew.
    fn end_of_long(&mut self, bytes: &[u8]) -> Option<usize>;

    /// Whether that record may have held a text, so that it is a loss that it could not be held.
    fn long_matters(&self) -> bool {
        true
    }
}

/// The cutter of formats with a record a line.
#[derive(Clone, Copy, Debug)]
pub struct Lines;

impl Cutter for Lines {
    fn last_end(&mut self, bytes: &[u8], seen: usize) -> Option<usize> {
        memchr::memrchr(b'\n', &bytes[seen..]).map(|at| seen + at + 1)
    }

    fn end_of_long(&mut self, bytes: &[u8]) -> Option<usize> {
        memchr::memchr(b'\n', bytes).map(|at| at + 1)
    }
}

/// One record, read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record<'l> {
    /// Its texts, in the order of the record.
    pub texts: Vec<Text<'l>>,
    /// The host it came from.
    pub site: Option<Cow<'l, str>>,
    /// The article's title.
    pub title: Option<Cow<'l, str>>,
    /// Its own name.
    pub id: Option<Cow<'l, str>>,
    /// Its language.
    pub lang: Option<Cow<'l, str>>,
}

impl Record<'_> {
    /// For each text which of the texts of its field it is, from 0; nothing for the only one of a field. Empty where no field has several.
    ///
    /// ```
    /// use descale::format::jsonl::Fields;
    /// let fields = Fields::texts(["title", "body"]);
    /// let record = fields.read(br#"{"title": "A", "body": ["One.", "Two."]}"#)?;
    /// assert_eq!(record.numbers(), [None, Some(0), Some(1)]);
    /// # Ok::<(), descale::format::record::RecordError>(())
    /// ```
    #[must_use]
    pub fn numbers(&self) -> Vec<Option<usize>> {
        if self.texts.len() < 2 {
            return Vec::new();
        }
        let mut counts = Vec::new();
        let mut numbers: Vec<Option<usize>> = Vec::with_capacity(self.texts.len());
        for Text { field, .. } in &self.texts {
            if counts.len() <= *field {
                counts.resize(field + 1, 0);
            }
            numbers.push(Some(counts[*field]));
            counts[*field] += 1;
        }
        if counts.iter().all(|count| *count < 2) {
            return Vec::new();
        }
        for (number, text) in numbers.iter_mut().zip(&self.texts) {
            if counts[text.field] == 1 {
                *number = None;
            }
        }
        numbers
    }
}

/// What a text is called by: the name of its field, and behind a `#` its [number](Record::numbers) among the texts of the field, if it has one.
///
/// ```
/// use descale::format::record::place;
/// assert_eq!(place("title", None), "title");
/// assert_eq!(place("body", Some(1)), "body#1");
/// ```
#[must_use]
pub fn place(field: &str, number: Option<usize>) -> Cow<'_, str> {
    match number {
        None => Cow::Borrowed(field),
        Some(number) => Cow::Owned(format!("{field}#{number}")),
    }
}

/// One text of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text<'l> {
    /// Which of the text fields it stands in, counted from 0 in the order they were named.
    pub field: usize,
    /// The text itself; borrowed when it stands in the record as it reads.
    pub text: Cow<'l, str>,
    /// Its characters as they stand in the record, without the marks around them.
    pub(super) raw: Range<usize>,
}

/// Why a record could not be read or written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordError {
    /// The column where it went wrong, in bytes of the record from 1.
    pub column: usize,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: &'static str,
}

impl fmt::Display for RecordError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {}", self.message, self.help)
    }
}

impl std::error::Error for RecordError {}

/// The value of a site field: the host in it.
pub(super) fn site(value: Cow<'_, str>) -> Option<Cow<'_, str>> {
    match value {
        Cow::Borrowed(url) => super::host(url),
        Cow::Owned(url) => super::host(&url).map(|host| Cow::Owned(host.into_owned())),
    }
}
