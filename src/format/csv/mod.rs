//! Comma-separated values and their kin: the first row names the columns, some columns hold text.
//!
//! Fields and rows without a change keep every byte: quoting, delimiter, line ends and the byte order mark. A changed field stays quoted if it
//! was, and is quoted when it must be.

mod split;

use std::borrow::Cow;
use std::ops::Range;

use csv_core::{ReadFieldResult, Reader, ReaderBuilder};

use super::record::{Changes, Names, Record, RecordError, Records, Text, site};

pub use split::Splitter;

/// Delimiters that are looked for when none is given.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// A row of more fields than this is a broken one, not a table of articles.
const FIELDS: usize = 1 << 16;

/// The delimiter of a file that begins so: of the comma, the semicolon, the tab and the bar the one that its first line holds most often
/// outside quotation marks; the comma when it holds none.
///
/// ```
/// use descale::format::csv::delimiter_of;
/// assert_eq!(delimiter_of(b"id;\"a,b,c,d\";text\r\n1;2;3\r\n"), b';');
/// assert_eq!(delimiter_of(b"text\nOne, two.\n"), b',');
/// ```
#[must_use]
pub fn delimiter_of(bytes: &[u8]) -> u8 {
    let mut counts = [0_usize; DELIMITERS.len()];
    let mut quoted = false;
    for byte in bytes {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' | b'\r' if !quoted => break,
            byte if !quoted => {
                if let Some(which) = DELIMITERS.iter().position(|delimiter| delimiter == byte) {
                    counts[which] += 1;
                }
            }
            _ => {}
        }
    }
    // Of equal counts the last one is taken, so the comma is asked last.
    let best = (0..DELIMITERS.len())
        .rev()
        .max_by_key(|which| counts[*which]);
    DELIMITERS[best.unwrap_or(0)]
}

/// What a column is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Text(usize),
    Site,
    Title,
    Id,
    Lang,
}

/// The shape of a table: its delimiter and what its columns are for.
#[derive(Clone, Debug)]
pub struct Table {
    delimiter: u8,
    /// The columns that matter, by position.
    roles: Vec<(usize, Role)>,
    /// How many columns the first row has.
    columns: usize,
    /// Whether the first row names the columns and is no record itself.
    has_header: bool,
}

impl Table {
    /// The shape of a table whose first row is `header`. A name that is no column's name, but a number, is the column's place, from 1; when all text
    /// columns are named so, the first row is a row like any other.
    ///
    /// ```
    /// use descale::format::csv::Table;
    /// use descale::format::jsonl::Fields;
    /// use descale::format::record::Records;
    /// let fields = Fields::texts(["body"]).site("url");
    /// let table = Table::new(b"url,body\n", b',', fields.names())?;
    /// let record = table.read(b"https://www.example.com/a,\"One, \"\"two\"\".\"\n")?;
    /// assert_eq!(record.site.as_deref(), Some("example.com"));
    /// assert_eq!(record.texts[0].text, "One, \"two\".");
    /// # Ok::<(), descale::format::record::RecordError>(())
    /// ```
    ///
    /// # Errors
    /// When the first row has no column of a name that was asked for.
    pub fn new(header: &[u8], delimiter: u8, names: &Names) -> Result<Self, RecordError> {
        let fields = Fields::of(header, delimiter)?;
        let titles: Vec<Cow<'_, str>> = fields
            .iter()
            .map(|field| String::from_utf8_lossy(field.value))
            .collect();
        let find = |name: &str| {
            let by_name = titles.iter().position(|title| title == name);
            let number = || name.parse::<usize>().ok()?.checked_sub(1);
            by_name.or_else(|| number().filter(|place| *place < titles.len()))
        };
        let mut roles = Vec::new();
        let mut add = |name: &str, role: Role| match find(name) {
            Some(place) => {
                // A column named twice keeps its first role.
                if roles.iter().all(|(taken, _)| *taken != place) {
                    roles.push((place, role));
                }
                Ok(())
            }
            None => {
                let shown: Vec<String> = titles
                    .iter()
                    .take(20)
                    .map(|title| format!("`{title}`"))
                    .collect();
                Err(RecordError {
                    column: 1,
                    message: format!("no column `{name}`; the columns are {}", shown.join(", ")),
                    help: "name a column of the first row, or give its place from 1 (--field 3)",
                })
            }
        };
        for (field, name) in names.texts.iter().enumerate() {
            add(name, Role::Text(field))?;
        }
        for (name, role) in [
            (&names.site, Role::Site),
            (&names.title, Role::Title),
            (&names.id, Role::Id),
            (&names.lang, Role::Lang),
        ] {
            if let Some(name) = name {
                add(name, role)?;
            }
        }
        roles.sort_by_key(|(place, _)| *place);
        let has_header = names
            .texts
            .iter()
            .any(|name| titles.iter().any(|title| title == name));
        Ok(Self {
            delimiter,
            roles,
            columns: titles.len(),
            has_header,
        })
    }

    /// Whether the first row names the columns, so that it is no record itself.
    #[must_use]
    pub fn has_header(&self) -> bool {
        self.has_header
    }
}

impl Records for Table {
    fn length(&self, rest: &[u8]) -> usize {
        Splitter::new(self.delimiter)
            .first_end(rest)
            .unwrap_or(rest.len())
    }

    fn read<'b>(&self, record: &'b [u8]) -> Result<Record<'b>, RecordError> {
        let mut read = Record::default();
        let fields = Fields::of(record, self.delimiter)?;
        if fields.is_blank(record) {
            return Ok(read);
        }
        for (place, role) in &self.roles {
            let Some(field) = fields.get(*place) else {
                if let Role::Text(_) = role {
                    return Err(RecordError {
                        column: 1,
                        message: format!(
                            "the row has {} fields, the first row {}",
                            fields.ends.len(),
                            self.columns
                        ),
                        help: "check the quotation marks of this row and the rows before it",
                    });
                }
                continue;
            };
            let value = std::str::from_utf8(field.value).map_err(|error| RecordError {
                column: field.raw.start + error.valid_up_to() + 1,
                message: "the field is not UTF-8".to_owned(),
                help: "name the file's encoding with --encoding",
            });
            // A row without a usable site or title is still a row.
            let value = match (role, value) {
                (Role::Text(_), value) => value?,
                (_, Ok(value)) => value,
                (_, Err(_)) => continue,
            };
            let value = match record.get(field.raw.clone()) {
                Some(raw) if raw == value.as_bytes() => {
                    std::str::from_utf8(raw).map_or(Cow::Borrowed(""), Cow::Borrowed)
                }
                _ => Cow::Owned(value.to_owned()),
            };
            match role {
                Role::Text(field_number) => read.texts.push(Text {
                    field: *field_number,
                    text: value,
                    raw: field.raw.clone(),
                }),
                _ if value.is_empty() => {}
                Role::Site => read.site = site(value),
                Role::Title => read.title = Some(value),
                Role::Id => read.id = Some(value),
                Role::Lang => read.lang = Some(value),
            }
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
        let before = out.len();
        let mut at = 0;
        for (text, changes) in record.texts.iter().zip(changes) {
            if changes.is_empty() {
                continue;
            }
            let Some(raw) = bytes.get(text.raw.clone()) else {
                continue;
            };
            let Some(quoted) = quoting(raw, text.text.as_bytes()) else {
                out.truncate(before);
                return Err(RecordError {
                    column: text.raw.start + 1,
                    message: "the field's quotation marks are not regular".to_owned(),
                    help: "write the file anew with a tool that doubles quotation marks inside quoted fields",
                });
            };
            out.extend_from_slice(&bytes[at..text.raw.start]);
            at = text.raw.end;
            let mut new = Vec::with_capacity(text.text.len());
            super::plain::splice(
                text.text.as_bytes(),
                changes.iter().map(|(range, new)| (range.clone(), *new)),
                &mut new,
            );
            // A row of one empty field would be a blank line, and no row to any reader.
            let must = self.columns == 1 && new.is_empty()
                || new
                    .iter()
                    .any(|byte| [b'"', b'\n', b'\r', self.delimiter].contains(byte));
            if quoted || must {
                quote(&new, out);
            } else {
                out.extend_from_slice(&new);
            }
        }
        out.extend_from_slice(&bytes[at..]);
        Ok(())
    }
}

/// Whether the field stands in quotation marks; `None` if it does neither that nor stand there as it reads.
fn quoting(raw: &[u8], value: &[u8]) -> Option<bool> {
    if raw == value && raw.first() != Some(&b'"') {
        return Some(false);
    }
    let mut quoted = Vec::with_capacity(raw.len());
    quote(value, &mut quoted);
    (quoted == raw).then_some(true)
}

fn quote(value: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    let mut at = 0;
    for quote in memchr::memchr_iter(b'"', value) {
        out.extend_from_slice(&value[at..=quote]);
        at = quote;
    }
    out.extend_from_slice(&value[at..]);
    out.push(b'"');
}

/// The fields of one record.
struct Fields {
    /// What they read as, one after the other.
    values: Vec<u8>,
    /// For each, where its value ends in `values`, and where it stands in the record.
    ends: Vec<(usize, Range<usize>)>,
}

struct Field<'f> {
    value: &'f [u8],
    raw: Range<usize>,
}

impl Fields {
    fn of(record: &[u8], delimiter: u8) -> Result<Self, RecordError> {
        let body = record.strip_prefix(super::BOM).unwrap_or(record);
        let mut at = record.len() - body.len();
        let mut reader: Reader = ReaderBuilder::new().delimiter(delimiter).build();
        let mut fields = Self {
            values: vec![0; body.len()],
            ends: Vec::new(),
        };
        let mut filled = 0;
        loop {
            let (result, read, written) =
                reader.read_field(&record[at..], &mut fields.values[filled..]);
            let raw = at..at + read;
            at = raw.end;
            let last = match result {
                ReadFieldResult::Field { record_end } => record_end,
                // The end of the record is the end of the input: asked again with nothing, the reader closes the field.
                ReadFieldResult::InputEmpty => {
                    filled += written;
                    let (result, _, written) = reader.read_field(&[], &mut fields.values[filled..]);
                    if matches!(result, ReadFieldResult::Field { .. }) {
                        filled += written;
                        fields.push(record, raw, filled, delimiter);
                    }
                    break;
                }
                // A value is never longer than what it is read from.
                ReadFieldResult::OutputFull | ReadFieldResult::End => break,
            };
            filled += written;
            fields.push(record, raw, filled, delimiter);
            if fields.ends.len() > FIELDS {
                return Err(RecordError {
                    column: at + 1,
                    message: format!("the row has more than {FIELDS} fields"),
                    help: "check the delimiter, and name another with --delimiter",
                });
            }
            if last {
                break;
            }
        }
        Ok(fields)
    }

    /// Adds a field that was read from `raw`, delimiter or line end included.
    fn push(&mut self, record: &[u8], raw: Range<usize>, end: usize, delimiter: u8) {
        let mut raw = raw;
        // What separates it from the next one: one delimiter, or what is left of a line end.
        let stretch = &record[raw.clone()];
        let breaks = |byte: &&u8| matches!(byte, b'\n' | b'\r');
        if self.ends.is_empty() {
            raw.start += stretch.iter().take_while(breaks).count();
        }
        let is_quoted = record.get(raw.start) == Some(&b'"');
        match stretch.last() {
            Some(last) if *last == delimiter && self.closes(&record[raw.clone()], is_quoted) => {
                raw.end -= 1;
            }
            _ => {
                let ends = record[raw.clone()].iter().rev().take_while(breaks).count();
                raw.end -= ends;
            }
        }
        self.ends.push((end, raw));
    }

    /// Whether the last byte of a field's stretch stands behind the field; inside a quoted field that is never closed it does not.
    fn closes(&self, stretch: &[u8], is_quoted: bool) -> bool {
        if !is_quoted {
            return true;
        }
        let quotes = memchr::memchr_iter(b'"', stretch).count();
        quotes.is_multiple_of(2)
    }

    fn get(&self, place: usize) -> Option<Field<'_>> {
        let (end, raw) = self.ends.get(place)?;
        let start = place.checked_sub(1).map_or(0, |before| self.ends[before].0);
        Some(Field {
            value: &self.values[start..*end],
            raw: raw.clone(),
        })
    }

    fn iter(&self) -> impl Iterator<Item = Field<'_>> {
        (0..self.ends.len()).filter_map(|place| self.get(place))
    }

    /// Whether there is nothing but line ends.
    fn is_blank(&self, record: &[u8]) -> bool {
        record.iter().all(|byte| matches!(byte, b'\n' | b'\r'))
    }
}

#[cfg(test)]
mod tests;
