//! Comma-separated values and their kin: the first row names the columns, some columns hold text.
//!
//! Fields and rows without a change keep every byte: quoting, delimiter, line ends and the byte order mark. A changed field stays quoted if it
//! was, and is quoted when it must be. A row that has not as many fields as the first one is an error: in a row that is shifted, the text is
//! not where it is looked for.

mod row;
mod split;

use super::record::{Changes, Cutter, Names, Record, RecordError, Records, Text, site};
use row::{Row, is_break, is_quoted, quote, value};

pub use split::Splitter;

/// Delimiters that are looked for when none is given.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

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
    /// The names of the columns that hold text, as the user gave them.
    texts: Vec<String>,
    /// Whether the first row names the columns and is no record itself.
    has_header: bool,
}

impl Table {
    /// The shape of a table of which `file` is the beginning, with at least the first row. A name that is no column's name, but a number, is the column's place, from 1; when all text
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
    pub fn new(file: &[u8], delimiter: u8, names: &Names) -> Result<Self, RecordError> {
        let header = &file[blank_rows(file)..];
        let end = Splitter::new(delimiter).first_end(header);
        let header = &header[..end.unwrap_or(header.len())];
        let titles = Row::of(header, delimiter)?.values(header);
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
            texts: names.texts.clone(),
            has_header,
        })
    }

    /// Whether the first row names the columns, so that it is no record itself.
    #[must_use]
    pub fn has_header(&self) -> bool {
        self.has_header
    }

    /// Whether a new value must stand in quotation marks in the place of an old one that does not. A quotation mark in the middle of a field is read
    /// as it is, but none is put where there was none.
    fn must_quote(&self, old: &[u8], new: &[u8]) -> bool {
        let breaks = |byte: &u8| is_break(byte) || *byte == self.delimiter;
        // A row of one empty field would be a blank line, and no row to any reader.
        self.columns == 1 && new.is_empty()
            || new.first() == Some(&b'"')
            || new.iter().any(breaks)
            || new.contains(&b'"') && !old.contains(&b'"')
    }

    /// Writes the row with changes; `bare` says of which texts it is known that they stood without quotation marks.
    fn splice(
        &self,
        bytes: &[u8],
        record: &Record<'_>,
        changes: &[Changes<'_>],
        bare: impl Fn(usize) -> bool,
        out: &mut Vec<u8>,
    ) {
        let mut at = 0;
        for (number, (text, changes)) in record.texts.iter().zip(changes).enumerate() {
            let Some(raw) = bytes.get(text.raw.clone()).filter(|_| !changes.is_empty()) else {
                continue;
            };
            out.extend_from_slice(&bytes[at..text.raw.start]);
            at = text.raw.end;
            let new = changed(text, changes);
            if !bare(number) && (is_quoted(raw) || self.must_quote(raw, &new)) {
                quote(&new, out);
            } else {
                out.extend_from_slice(&new);
            }
        }
        out.extend_from_slice(&bytes[at..]);
    }
}

/// A text with its changes.
fn changed(text: &Text<'_>, changes: &Changes<'_>) -> Vec<u8> {
    let mut new = Vec::with_capacity(text.text.len());
    let changes = changes.iter().map(|(range, new)| (range.clone(), *new));
    super::plain::splice(text.text.as_bytes(), changes, &mut new);
    new
}

/// How many bytes of line ends a file begins with, behind its byte order mark.
fn blank_rows(file: &[u8]) -> usize {
    let body = file.strip_prefix(super::BOM).unwrap_or(file);
    let breaks = body.iter().take_while(|byte| is_break(byte)).count();
    // Without any, the mark belongs to the first row.
    if breaks == 0 {
        0
    } else {
        file.len() - body.len() + breaks
    }
}

impl Records for Table {
    fn field(&self, number: usize) -> &str {
        self.texts.get(number).map_or("", String::as_str)
    }

    fn preamble(&self, file: &[u8]) -> usize {
        let blank = blank_rows(file);
        blank
            + if self.has_header {
                self.length(&file[blank..])
            } else {
                0
            }
    }

    fn cutter(&self) -> Box<dyn Cutter> {
        Box::new(Splitter::new(self.delimiter))
    }

    fn length(&self, rest: &[u8]) -> usize {
        Splitter::new(self.delimiter)
            .first_end(rest)
            .unwrap_or(rest.len())
    }

    fn line_ends(&self, bytes: &[u8]) -> usize {
        let feeds = memchr::memchr_iter(b'\n', bytes).count();
        let lone = |at: &usize| bytes.get(at + 1) != Some(&b'\n');
        feeds + memchr::memchr_iter(b'\r', bytes).filter(lone).count()
    }

    fn read<'b>(&self, record: &'b [u8]) -> Result<Record<'b>, RecordError> {
        let mut read = Record::default();
        if record.iter().all(is_break) {
            return Ok(read);
        }
        let row = Row::of(record, self.delimiter)?;
        if row.fields.len() != self.columns {
            let plural = |count: usize| if count == 1 { "" } else { "s" };
            return Err(RecordError {
                column: 1,
                message: format!(
                    "the row has {} field{}, the first row {}",
                    row.fields.len(),
                    plural(row.fields.len()),
                    self.columns
                ),
                help: "check the delimiters and quotation marks of this row and the rows before it",
            });
        }
        for (place, role) in &self.roles {
            let raw = row.fields[*place].clone();
            let Role::Text(number) = role else {
                // A row without a usable site or title is still a row.
                let Some(value) = value(&record[raw]).filter(|value| !value.is_empty()) else {
                    continue;
                };
                match role {
                    Role::Site => read.site = site(value),
                    Role::Title => read.title = Some(value),
                    Role::Id => read.id = Some(value),
                    _ => read.lang = Some(value),
                }
                continue;
            };
            if let Err(error) = std::str::from_utf8(&record[raw.clone()]) {
                return Err(RecordError {
                    column: raw.start + error.valid_up_to() + 1,
                    message: "the field is not UTF-8".to_owned(),
                    help: "name the file's encoding with --encoding",
                });
            }
            let Some(text) = value(&record[raw.clone()]) else {
                return Err(RecordError {
                    column: raw.start + 1,
                    message: "the field's quotation marks are not regular".to_owned(),
                    help: "write the file anew with a tool that doubles quotation marks inside quoted fields",
                });
            };
            read.texts.push(Text {
                field: *number,
                text,
                raw,
            });
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
        self.splice(bytes, record, changes, |_| false, out);
        Ok(())
    }

    /// A field without quotation marks that gets some, or would get some when its text is put back: then everything that was taken from it is said to
    /// be spelled as it stood there.
    fn spellings<'b>(
        &self,
        bytes: &'b [u8],
        text: &'b Text<'_>,
        changes: &Changes<'_>,
    ) -> Vec<Option<&'b str>> {
        let Some(raw) = bytes.get(text.raw.clone()).filter(|raw| !is_quoted(raw)) else {
            return Vec::new();
        };
        let new = changed(text, changes);
        if !self.must_quote(raw, &new) && !self.must_quote(&new, raw) {
            return Vec::new();
        }
        let old = changes
            .iter()
            .map(|(range, _)| text.text.get(range.clone()));
        old.collect()
    }

    fn restore(
        &self,
        bytes: &[u8],
        record: &Record<'_>,
        changes: &[Changes<'_>],
        spellings: &[Vec<Option<&str>>],
        out: &mut Vec<u8>,
    ) -> Result<(), RecordError> {
        let was_bare = |text: usize| matches!(spellings.get(text), Some(all) if all.iter().any(Option::is_some));
        self.splice(bytes, record, changes, was_bare, out);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
