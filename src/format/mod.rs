//! Documents in and out: what a file's bytes are, where the article texts stand in them, and how changes get back to their place.
//!
//! Everything works on slices and opens nothing. Whatever is not article text comes out byte for byte as it came in. A new format is one
//! file here and one variant of [`InputFormat`]; one of records implements [`Records`] and has its line in [`InputFormat::records`].

#[cfg(feature = "compression")]
pub mod codec;
pub mod csv;
#[cfg(feature = "encodings")]
pub mod encoding;
pub mod jsonl;
pub mod lang;
pub mod markdown;
#[cfg(feature = "parquet")]
pub mod parquet;
pub mod plain;
pub mod record;
pub mod view;
pub mod warc;

use std::borrow::Cow;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

use jsonl::Fields;
use record::{RecordError, Records};

/// Every format a file can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum InputFormat {
    /// The file is one text.
    Text,
    /// The file is one text in Markdown: code, markup and front matter are not looked at.
    Markdown,
    /// One JSON value a line; the text is a field of it.
    Jsonl,
    /// Comma-separated values, or separated by semicolons, tabs or bars, as the first row shows; the text is a column.
    Csv,
    /// Values separated by tabs.
    Tsv,
    /// Records of a web archive: the conversions of a WET file, or plain text in a WARC file.
    Wet,
    /// A table by columns, some of which hold text. Known in every build, so that it is not taken for a text; read with the feature `parquet`.
    Parquet,
}

impl InputFormat {
    /// Every format, in the order of the documentation.
    pub const ALL: &'static [Self] = &[
        Self::Text,
        Self::Markdown,
        Self::Jsonl,
        Self::Csv,
        Self::Tsv,
        Self::Wet,
        Self::Parquet,
    ];

    /// What a Parquet file begins with.
    pub const PARQUET_MAGIC: &'static [u8] = b"PAR1";

    /// Its spelling on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Markdown => "markdown",
            Self::Jsonl => "jsonl",
            Self::Csv => "csv",
            Self::Tsv => "tsv",
            Self::Wet => "wet",
            Self::Parquet => "parquet",
        }
    }

    /// The format of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|format| format.name() == name)
    }

    /// The endings of file names, without the dot and in small letters, that stand for it.
    #[must_use]
    pub fn extensions(self) -> &'static [&'static str] {
        match self {
            Self::Text => &["txt", "text"],
            Self::Markdown => &["md", "markdown"],
            Self::Jsonl => &["jsonl", "ndjson"],
            Self::Csv => &["csv"],
            Self::Tsv => &["tsv", "tab"],
            Self::Wet => &["wet", "warc"],
            Self::Parquet => &["parquet", "pq"],
        }
    }

    /// The format of a file name's ending, whatever its letter case.
    ///
    /// ```
    /// use descale::format::InputFormat;
    /// assert_eq!(InputFormat::of_extension("NDJSON"), Some(InputFormat::Jsonl));
    /// assert_eq!(InputFormat::of_extension("png"), None);
    /// ```
    #[must_use]
    pub fn of_extension(extension: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|format| {
            format
                .extensions()
                .iter()
                .any(|known| known.eq_ignore_ascii_case(extension))
        })
    }

    /// The format of a file's name. An ending that says how the file is packed is passed over.
    ///
    /// ```
    /// use descale::format::InputFormat;
    /// use std::path::Path;
    /// assert_eq!(InputFormat::of_path(Path::new("crawl.jsonl")), Some(InputFormat::Jsonl));
    /// # #[cfg(feature = "compression")]
    /// assert_eq!(InputFormat::of_path(Path::new("crawl.jsonl.gz")), Some(InputFormat::Jsonl));
    /// assert_eq!(InputFormat::of_path(Path::new("jsonl")), None);
    /// ```
    #[must_use]
    pub fn of_path(path: &Path) -> Option<Self> {
        let ending = |path: &Path| Some(path.extension()?.to_str()?.to_owned());
        let last = ending(path)?;
        #[cfg(feature = "compression")]
        if codec::Codec::of_extension(&last).is_some() {
            return Self::of_extension(&ending(Path::new(path.file_stem()?))?);
        }
        Self::of_extension(&last)
    }

    /// Whether its files are many records, one after the other.
    #[must_use]
    pub fn has_records(self) -> bool {
        !matches!(self, Self::Text | Self::Markdown | Self::Parquet)
    }

    /// What reads the records of a file that begins with `file`; nothing for a format whose files are something else. A beginning as long as the first
    /// row of a table is enough.
    ///
    /// # Errors
    /// When no record of the file could be read, because it has no column of a name that was asked for, or is something else altogether.
    pub fn records(
        self,
        file: &[u8],
        fields: &Arc<Fields>,
    ) -> Result<Option<Arc<dyn Records>>, RecordError> {
        let table = |delimiter| -> Result<Option<Arc<dyn Records>>, RecordError> {
            if file.trim_ascii().is_empty() {
                // Nothing names the columns, and there is nothing to read.
                return Ok(Some(fields.clone()));
            }
            Ok(Some(Arc::new(csv::Table::new(
                file,
                delimiter,
                fields.names(),
            )?)))
        };
        match self {
            Self::Text | Self::Markdown | Self::Parquet => Ok(None),
            Self::Jsonl => match jsonl::not_lines(file) {
                Some(error) => Err(error),
                None => Ok(Some(fields.clone())),
            },
            Self::Csv => table(csv::delimiter_of(file)),
            Self::Tsv => table(b'\t'),
            Self::Wet => Ok(Some(Arc::new(warc::Warc::new(fields.names())))),
        }
    }

    /// The format of bytes of which no name is known: Parquet and web archives by how they begin, JSON Lines when the first line that is not blank is a JSON object, else text. Half a
    /// line is no line, so show it the beginning of a file with at least one line end, or the whole file.
    ///
    /// ```
    /// use descale::format::InputFormat;
    /// assert_eq!(InputFormat::of_content(b"{\"text\": \"One.\"}\n"), InputFormat::Jsonl);
    /// assert_eq!(InputFormat::of_content(b"{sic} he said.\n"), InputFormat::Text);
    /// ```
    #[must_use]
    pub fn of_content(bytes: &[u8]) -> Self {
        if bytes.starts_with(Self::PARQUET_MAGIC) {
            return Self::Parquet;
        }
        if warc::begins(bytes) {
            return Self::Wet;
        }
        let bytes = bytes.strip_prefix(BOM).unwrap_or(bytes);
        let first = bytes
            .split(|byte| *byte == b'\n')
            .map(<[u8]>::trim_ascii)
            .find(|line| !line.is_empty())
            .unwrap_or_default();
        // The cheap test first: most texts do not begin with a brace.
        let is_object = first.starts_with(b"{")
            && serde_json::from_slice::<serde::de::IgnoredAny>(first).is_ok();
        if is_object { Self::Jsonl } else { Self::Text }
    }
}

impl fmt::Display for InputFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The byte order mark that some editors put before UTF-8.
const BOM: &[u8] = b"\xef\xbb\xbf";

/// The host of a URL, or of a host written without one: in small letters, without user, port, path, `www.` and a final dot. `None` when
/// there is none.
///
/// ```
/// use descale::format::host;
/// assert_eq!(host("https://user@WWW.Example.com:443/a?b#c").as_deref(), Some("example.com"));
/// assert_eq!(host("example.com/news").as_deref(), Some("example.com"));
/// assert_eq!(host("not a host"), None);
/// ```
#[must_use]
pub fn host(url: &str) -> Option<Cow<'_, str>> {
    let url = url.trim();
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let rest = rest.strip_prefix("//").unwrap_or(rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    let host = host
        .split(':')
        .next()
        .unwrap_or_default()
        .trim_end_matches('.');
    let host = if host
        .get(..4)
        .is_some_and(|www| www.eq_ignore_ascii_case("www."))
    {
        &host[4..]
    } else {
        host
    };
    if host.is_empty() || host.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return None;
    }
    Some(if host.chars().any(char::is_uppercase) {
        Cow::Owned(host.to_lowercase())
    } else {
        Cow::Borrowed(host)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_extensions_read_back() {
        for &format in InputFormat::ALL {
            assert_eq!(InputFormat::parse(format.name()), Some(format));
            for extension in format.extensions() {
                assert_eq!(InputFormat::of_extension(extension), Some(format));
            }
        }
    }

    #[test]
    fn hosts_of_all_spellings() {
        for (url, expected) in [
            ("https://example.com", Some("example.com")),
            ("//example.com/a", Some("example.com")),
            ("example.com", Some("example.com")),
            ("news.example.com.", Some("news.example.com")),
            ("http://www.example.com?x", Some("example.com")),
            ("wwww.example.com", Some("wwww.example.com")),
            ("", None),
            ("https://", None),
            ("http://:80/", None),
        ] {
            assert_eq!(host(url).as_deref(), expected, "{url}");
        }
    }

    #[test]
    fn content_is_judged_by_its_first_line() {
        for (bytes, expected) in [
            (&b""[..], InputFormat::Text),
            (b"\n\n {\"a\":1} \r\n", InputFormat::Jsonl),
            (b"\xef\xbb\xbf{\"a\":1}", InputFormat::Jsonl),
            (b"{\"a\":1", InputFormat::Text),
            (b"[1]\n", InputFormat::Text),
            (b"\"text\"\n", InputFormat::Text),
        ] {
            assert_eq!(InputFormat::of_content(bytes), expected, "{bytes:?}");
        }
    }
}
