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
pub trait Records: Sync {
    /// How many bytes the record has that `rest` begins with, its end included; never 0 unless `rest` is empty. `rest` ends at a record's end.
    fn length(&self, rest: &[u8]) -> usize;

    /// Reads one record.
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
