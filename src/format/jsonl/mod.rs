//! JSON Lines: one JSON value a line, the article's text in a field of it.
//!
//! A line is read once, and only the bytes of a changed stretch of text are written anew: key order, number spelling, blanks and the way
//! the rest of the text is escaped stay as they were.
//!
//! Two readers know the form. `skim` is quick and reads what it is sure of; the one in this file is built on serde_json, reads the rest and
//! says what is wrong with it.

mod escape;
mod skim;
mod write;

use std::borrow::Cow;
use std::fmt;

use serde::de::{
    DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use serde_json::value::RawValue;

use super::record::{Changes, Cutter, Lines, Names, Records};
pub use super::record::{Record, RecordError, Text};
pub use write::{odd_spellings, spell, write, write_spelled};

/// Arrays inside arrays of paragraphs are followed so deep; texts do not go deeper, and nesting bombs do.
const ARRAYS: usize = 8;

/// The fields of a record that matter, as dotted paths. A path goes through arrays to each of their elements, so `pages.text` means the
/// `text` of every page, and an array of strings is an array of texts.
#[derive(Clone, Debug, Default)]
pub struct Fields {
    root: Node,
    names: Names,
}

#[derive(Clone, Debug, Default)]
struct Node {
    /// By their keys. There are a few at most, and they are asked for at each key of a record.
    children: Vec<(String, Node)>,
    role: Option<Role>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Text(usize),
    Site,
    Title,
    Id,
    Lang,
}

impl Fields {
    /// Fields that hold text.
    ///
    /// ```
    /// use descale::format::jsonl::Fields;
    /// let fields = Fields::texts(["text", "meta.summary"]).site("url").id("id");
    /// let record = fields.read(br#"{"id": 7, "url": "https://example.com/x", "text": "One.", "meta": {"summary": "Two."}}"#)?;
    /// assert_eq!(record.site.as_deref(), Some("example.com"));
    /// assert_eq!(record.id.as_deref(), Some("7"));
    /// assert_eq!(record.texts.iter().map(|text| &*text.text).collect::<Vec<_>>(), ["One.", "Two."]);
    /// # Ok::<(), descale::format::jsonl::RecordError>(())
    /// ```
    #[must_use]
    pub fn texts(paths: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let mut fields = Self::default();
        for path in paths {
            let path = path.into();
            fields.root.put(&path, Role::Text(fields.names.texts.len()));
            fields.names.texts.push(path);
        }
        fields
    }

    /// The field that holds the site: a host, or a URL of which the host is taken.
    #[must_use]
    pub fn site(mut self, path: &str) -> Self {
        self.root.put(path, Role::Site);
        self.names.site = Some(path.to_owned());
        self
    }

    /// The field that holds the article's title.
    #[must_use]
    pub fn title(mut self, path: &str) -> Self {
        self.root.put(path, Role::Title);
        self.names.title = Some(path.to_owned());
        self
    }

    /// The field that names the record.
    #[must_use]
    pub fn id(mut self, path: &str) -> Self {
        self.root.put(path, Role::Id);
        self.names.id = Some(path.to_owned());
        self
    }

    /// The field that holds the language.
    #[must_use]
    pub fn lang(mut self, path: &str) -> Self {
        self.root.put(path, Role::Lang);
        self.names.lang = Some(path.to_owned());
        self
    }

    /// The dotted path of a text field, by its number.
    #[must_use]
    pub fn name(&self, field: usize) -> &str {
        self.names.texts.get(field).map_or("", String::as_str)
    }

    /// All names, for formats that understand them in another way.
    #[must_use]
    pub fn names(&self) -> &Names {
        &self.names
    }

    /// Reads one line, with or without its line end.
    ///
    /// # Errors
    /// When the line is not JSON, a text field holds something else than text, or no text field is there. A `null` is no text, and no error.
    pub fn read<'l>(&self, line: &'l [u8]) -> Result<Record<'l>, RecordError> {
        match skim::skim(self, line) {
            Some(record) => Ok(record),
            None => self.read_fully(line),
        }
    }

    fn read_fully<'l>(&self, line: &'l [u8]) -> Result<Record<'l>, RecordError> {
        let mut record = Record::default();
        let mut found = Found {
            line,
            record: &mut record,
            seen: false,
            wrong: None,
        };
        let body = line.strip_prefix(super::BOM).unwrap_or(line);
        let before = line.len() - body.len();
        let mut json = serde_json::Deserializer::from_slice(body);
        let seed = Seed {
            node: &self.root,
            found: &mut found,
            root: true,
        };
        if let Err(error) = seed.deserialize(&mut json).and_then(|()| json.end()) {
            let error = RecordError::json(&error, before);
            let column = found.wrong.map_or(error.column, |at| at + 1);
            return Err(RecordError { column, ..error });
        }
        if !found.seen {
            let names = self.names.texts.join("`, `");
            return Err(RecordError {
                column: 1,
                message: format!("no field `{names}`"),
                help: "name the field that holds the text with --field",
            });
        }
        Ok(record)
    }
}

/// What is wrong with a file that begins so, if it is one JSON array and no line of it can be a record.
pub(super) fn not_lines(file: &[u8]) -> Option<RecordError> {
    let body = file.strip_prefix(super::BOM).unwrap_or(file);
    let body = body.trim_ascii_start();
    let column = file.len() - body.len() + 1;
    let mut lines = body.trim_ascii_end().split(|byte| *byte == b'\n');
    let first = lines.next()?;
    if !first.starts_with(b"[") {
        return None;
    }
    let is_value = serde_json::from_slice::<IgnoredAny>(first).is_ok();
    // An array on a line of its own among others is one bad line; alone, or going on in the next one, it is the file.
    let is_array = if is_value {
        lines.next().is_none() && first[1..].trim_ascii_start().starts_with(b"{")
    } else {
        matches!(first[1..].trim_ascii_start().first(), None | Some(b'{'))
    };
    is_array.then(|| RecordError {
        column,
        message: "the file is one JSON array, not a record a line".to_owned(),
        help: "write it as JSON Lines: jq -c '.[]' in.json > out.jsonl",
    })
}

impl Records for Fields {
    fn field(&self, number: usize) -> &str {
        self.name(number)
    }

    fn cutter(&self) -> Box<dyn Cutter> {
        Box::new(Lines)
    }

    fn length(&self, rest: &[u8]) -> usize {
        memchr::memchr(b'\n', rest).map_or(rest.len(), |end| end + 1)
    }

    fn are_lines(&self) -> bool {
        true
    }

    fn read<'b>(&self, record: &'b [u8]) -> Result<Record<'b>, RecordError> {
        // A blank line is no record, and no error.
        if record.trim_ascii().is_empty() {
            return Ok(Record::default());
        }
        Self::read(self, record)
    }

    fn write(
        &self,
        bytes: &[u8],
        record: &Record<'_>,
        changes: &[Changes<'_>],
        out: &mut Vec<u8>,
    ) -> Result<(), RecordError> {
        write(bytes, record, changes, out);
        Ok(())
    }

    fn spellings<'b>(
        &self,
        bytes: &'b [u8],
        text: &'b Text<'_>,
        changes: &Changes<'_>,
    ) -> Vec<Option<&'b str>> {
        odd_spellings(bytes, text, changes.iter().map(|(range, _)| range.clone()))
    }

    fn restore(
        &self,
        bytes: &[u8],
        record: &Record<'_>,
        changes: &[Changes<'_>],
        spellings: &[Vec<Option<&str>>],
        out: &mut Vec<u8>,
    ) -> Result<(), RecordError> {
        let spelled: Vec<Vec<Cow<'_, str>>> = changes
            .iter()
            .enumerate()
            .map(|(text, changes)| {
                let odd = |change: usize| *spellings.get(text)?.get(change)?;
                let spell = |(change, (_, old)): (usize, &(_, &str))| {
                    odd(change).map_or_else(|| spell(old).into(), Cow::Borrowed)
                };
                changes.iter().enumerate().map(spell).collect()
            })
            .collect();
        let changes: Vec<Changes<'_>> = changes
            .iter()
            .zip(&spelled)
            .map(|(changes, spelled)| {
                let ranges = changes.iter().map(|(range, _)| range.clone());
                ranges.zip(spelled.iter().map(|old| &**old)).collect()
            })
            .collect();
        write_spelled(bytes, record, &changes, out);
        Ok(())
    }
}

impl Node {
    fn put(&mut self, path: &str, role: Role) {
        let (key, rest) = path
            .split_once('.')
            .map_or((path, None), |(key, rest)| (key, Some(rest)));
        // Arrays are gone into without being asked to, so `paragraphs[]` is `paragraphs`, unless a key is really spelled so.
        let plain = key.trim_end_matches("[]");
        let spellings = [Some(key), Some(plain).filter(|plain| *plain != key)];
        for key in spellings.into_iter().flatten() {
            let known = self.children.iter().position(|(name, _)| name == key);
            let place = known.unwrap_or(self.children.len());
            if known.is_none() {
                self.children.push((key.to_owned(), Self::default()));
            }
            let node = &mut self.children[place].1;
            match rest {
                Some(rest) => node.put(rest, role),
                // A path named twice keeps its first role; two roles for one field would need two readings of it.
                None => {
                    node.role.get_or_insert(role);
                }
            }
        }
    }

    /// What lies below that key.
    fn child(&self, key: &[u8]) -> Option<&Self> {
        let mut children = self.children.iter();
        children
            .find(|(name, _)| name.as_bytes() == key)
            .map(|(_, node)| node)
    }
}

impl<'l> Record<'l> {
    /// Sets what a field other than a text says.
    fn set(&mut self, role: Role, value: Cow<'l, str>) {
        match role {
            Role::Site => self.site = super::record::site(value),
            Role::Title => self.title = Some(value),
            Role::Id => self.id = Some(value),
            Role::Lang => self.lang = Some(value),
            Role::Text(_) => {}
        }
    }
}

impl RecordError {
    fn json(error: &serde_json::Error, before: usize) -> Self {
        let full = error.to_string();
        let message = full
            .rsplit_once(" at line ")
            .map_or(full.as_str(), |(message, _)| message);
        let help = if message.contains("surrogate") {
            "half of a surrogate pair is no character; write the file anew with a tool that does not split characters"
        } else if error.is_data() {
            "name the field that holds the text with --field"
        } else {
            "put one whole JSON value on each line, or use --input-format text"
        };
        Self {
            column: error.column() + before,
            message: message.to_owned(),
            help,
        }
    }
}

/// What has been gathered from a line so far.
struct Found<'f, 'l> {
    line: &'l [u8],
    record: &'f mut Record<'l>,
    /// Whether a text field was there, be it null.
    seen: bool,
    /// Offset of a value that cannot be taken.
    wrong: Option<usize>,
}

impl<'l> Found<'_, 'l> {
    /// Takes the value of a field.
    fn take(&mut self, role: Role, raw: &'l str, depth: usize) -> Result<(), serde_json::Error> {
        let kind = raw.bytes().next().unwrap_or(b'n');
        if let Role::Text(field) = role {
            self.seen = true;
            return match kind {
                b'"' => self.text(field, raw),
                b'n' => Ok(()),
                b'[' if depth < ARRAYS => {
                    let elements: Vec<&'l RawValue> = serde_json::from_str(raw)?;
                    elements
                        .into_iter()
                        .try_for_each(|element| self.take(role, element.get(), depth + 1))
                }
                _ => {
                    self.wrong = Some(self.offset(raw));
                    Err(serde_json::Error::custom(format!(
                        "the text field holds {}, not text",
                        kind_name(kind)
                    )))
                }
            };
        }
        let value = match kind {
            b'"' => decode(raw)?,
            b'-' | b'0'..=b'9' if role == Role::Id => Cow::Borrowed(raw),
            // A record without a usable site or title is still a record.
            _ => return Ok(()),
        };
        self.record.set(role, value);
        Ok(())
    }

    /// Where a value stands: it borrows from the line, so that is the distance of the two pointers.
    fn offset(&self, raw: &str) -> usize {
        raw.as_ptr() as usize - self.line.as_ptr() as usize
    }

    fn text(&mut self, field: usize, raw: &'l str) -> Result<(), serde_json::Error> {
        let start = self.offset(raw) + 1;
        self.record.texts.push(Text {
            field,
            text: decode(raw)?,
            raw: start..start + raw.len() - 2,
        });
        Ok(())
    }
}

/// The characters of a JSON string that is known to be whole.
fn decode(raw: &str) -> Result<Cow<'_, str>, serde_json::Error> {
    if memchr::memchr(b'\\', raw.as_bytes()).is_none() {
        return Ok(Cow::Borrowed(&raw[1..raw.len() - 1]));
    }
    serde_json::from_str(raw).map(Cow::Owned)
}

fn kind_name(first: u8) -> &'static str {
    match first {
        b'{' => "an object",
        b'[' => "arrays in arrays",
        b't' | b'f' => "true or false",
        _ => "a number",
    }
}

/// Reads a key and answers with its node. Most keys are of no interest, so none is copied.
struct Key<'n>(&'n Node);

impl<'n, 'l> DeserializeSeed<'l> for Key<'n> {
    type Value = Option<&'n Node>;

    fn deserialize<D: Deserializer<'l>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'n> Visitor<'_> for Key<'n> {
    type Value = Option<&'n Node>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
        Ok(self.0.child(key.as_bytes()))
    }
}

/// Walks one value with the part of the paths that lies below it.
struct Seed<'n, 'f, 'r, 'l> {
    node: &'n Node,
    found: &'f mut Found<'r, 'l>,
    root: bool,
}

impl<'l> DeserializeSeed<'l> for Seed<'_, '_, '_, 'l> {
    type Value = ();

    fn deserialize<D: Deserializer<'l>>(self, deserializer: D) -> Result<(), D::Error> {
        if self.root {
            deserializer.deserialize_map(self)
        } else {
            deserializer.deserialize_any(self)
        }
    }
}

impl<'l> Visitor<'l> for Seed<'_, '_, '_, 'l> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with a text field")
    }

    fn visit_map<A: MapAccess<'l>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(node) = map.next_key_seed(Key(self.node))? {
            match node {
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
                Some(Node {
                    role: Some(role), ..
                }) => {
                    let raw = map.next_value::<&'l RawValue>()?;
                    self.found
                        .take(*role, raw.get(), 0)
                        .map_err(A::Error::custom)?;
                }
                Some(node) => map.next_value_seed(Seed {
                    node,
                    found: self.found,
                    root: false,
                })?,
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'l>>(self, mut seq: A) -> Result<(), A::Error> {
        while seq
            .next_element_seed(Seed {
                node: self.node,
                found: self.found,
                root: false,
            })?
            .is_some()
        {}
        Ok(())
    }

    // The path leads on, the data does not: nothing to find here.

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
