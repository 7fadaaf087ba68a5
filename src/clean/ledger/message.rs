//! The messages of a ledger: the shapes that stand in the file, apart from the working types, so that a renamed field inside does not change
//! what others read.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::{Xxh3Default, xxh3_64};

use super::Unit;
use crate::model::{Edit, PackInfo};

/// One message of a ledger.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
#[non_exhaustive]
pub enum Message<'a> {
    /// Which engine and packs were at work. The first message.
    Header(#[serde(borrow)] Header<'a>),
    /// A document begins.
    Doc(#[serde(borrow)] Doc<'a>),
    /// A change of the document.
    Edit(#[serde(borrow)] Change<'a>),
    /// A finding that was left in the document.
    Kept(#[serde(borrow)] KeptBack<'a>),
    /// The document ends.
    End(#[serde(borrow)] End<'a>),
    /// What was done in all. The last message.
    Summary(#[serde(borrow)] Totals<'a>),
}

/// What the messages that follow were made with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header<'a> {
    /// Version of the form: [`SCHEMA`](super::SCHEMA).
    pub schema: u32,
    /// The program: [`ENGINE`](super::ENGINE).
    #[serde(borrow)]
    pub engine: Cow<'a, str>,
    /// What all offsets count: `byte`.
    #[serde(borrow)]
    pub unit: Cow<'a, str>,
    /// The packs of the run.
    #[serde(borrow)]
    pub packs: Vec<PackStamp<'a>>,
    /// The fields that hold texts, as dotted paths, so that [`undo`](super::undo) of a file of records finds them again.
    #[serde(borrow, default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<Cow<'a, str>>,
    /// The field that names a record.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub id_field: Option<Cow<'a, str>>,
    /// What was said of the encoding of the files: a label, or `auto`. Nothing where it went by the files' marks. The texts here are UTF-8 in any case.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub encoding: Option<Cow<'a, str>>,
}

impl<'a> Header<'a> {
    /// The header of a run of this engine with these packs.
    #[must_use]
    pub fn new(packs: &'a [PackInfo]) -> Self {
        let packs = packs.iter().map(|pack| PackStamp {
            id: pack.id.as_str().into(),
            version: pack.version.as_str().into(),
            hash: pack.hash.as_str().into(),
        });
        Self {
            schema: super::SCHEMA,
            engine: super::ENGINE.into(),
            unit: Unit::Byte.name().into(),
            packs: packs.collect(),
            fields: Vec::new(),
            id_field: None,
            encoding: None,
        }
    }
}

/// A pack and which state of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackStamp<'a> {
    /// `language/topic`.
    #[serde(borrow)]
    pub id: Cow<'a, str>,
    /// Semantic version.
    #[serde(borrow)]
    pub version: Cow<'a, str>,
    /// XXH3 (64 bits, hexadecimal) of its source text.
    #[serde(borrow)]
    pub hash: Cow<'a, str>,
}

/// A document, before what was done to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Doc<'a> {
    /// Its name: the record's own, else its place.
    #[serde(borrow)]
    pub doc: Cow<'a, str>,
    /// The file it stood in, as the user named it.
    #[serde(borrow)]
    pub path: Cow<'a, str>,
    /// The record's line in the file, from 1; none for a file that is one text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// The record's field, as a dotted path.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub field: Option<Cow<'a, str>>,
    /// Which text of the record it is, from 0, when the record holds several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<usize>,
    /// The text as it came.
    pub r#in: Stamp,
    /// The text as it went; none when it went as it came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub out: Option<Stamp>,
    /// How many messages follow up to the document's end, that included; none when none does.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub lines: usize,
}

impl Doc<'_> {
    /// The same message, holding its own text.
    #[must_use]
    pub fn into_owned(self) -> Doc<'static> {
        Doc {
            doc: own(self.doc),
            path: own(self.path),
            field: self.field.map(own),
            ..self
        }
    }

    /// The text as it went.
    #[must_use]
    pub fn after(&self) -> Stamp {
        self.out.unwrap_or(self.r#in)
    }
}

fn is_zero(number: &usize) -> bool {
    *number == 0
}

/// Which bytes a text has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    /// How many bytes.
    pub bytes: usize,
    /// Their XXH3 (64 bits).
    #[serde(with = "hex")]
    pub hash: u64,
}

impl Stamp {
    /// The stamp of `bytes`.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self {
            bytes: bytes.len(),
            hash: xxh3_64(bytes),
        }
    }

    /// The stamp of `bytes` with the edits made, without making them. Edits are sorted, disjoint and inside.
    #[must_use]
    pub fn with_edits(bytes: &[u8], edits: &[Edit]) -> Self {
        let mut hasher = Xxh3Default::new();
        let (mut at, mut length) = (0, 0);
        let mut take = |bytes: &[u8]| {
            length += bytes.len();
            hasher.update(bytes);
        };
        for edit in edits {
            take(&bytes[at..edit.span.start]);
            take(edit.replacement.as_bytes());
            at = edit.span.end;
        }
        take(&bytes[at..]);
        Self {
            bytes: length,
            hash: hasher.digest(),
        }
    }
}

/// A change: bytes `s` to `e` of the original were `old`, bytes `os` to `oe` of the cleaned text are `new`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change<'a> {
    /// The document.
    #[serde(borrow)]
    pub doc: Cow<'a, str>,
    /// The rule or detector that caused it, as `name@version`; the first if several did.
    #[serde(borrow)]
    pub rule: Cow<'a, str>,
    /// Where it begins in the original, in bytes.
    pub s: usize,
    /// Where it ends in the original, in bytes.
    pub e: usize,
    /// Where it begins in the cleaned text, in bytes.
    pub os: usize,
    /// Where it ends in the cleaned text, in bytes.
    pub oe: usize,
    /// `s` in characters, where that differs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub char: Option<usize>,
    /// `s` in UTF-16 code units, where that differs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub utf16: Option<usize>,
    /// What stood there.
    #[serde(borrow)]
    pub old: Cow<'a, str>,
    /// What stands there.
    #[serde(borrow)]
    pub new: Cow<'a, str>,
    /// How the file spelled `old`, where a plain spelling would not give the same bytes: `\/` in JSON.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub raw: Option<Cow<'a, str>>,
    /// The tier of the rule.
    #[serde(borrow)]
    pub safety: Cow<'a, str>,
    /// Other places of the original that prove it, each from where to where in bytes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<[usize; 2]>,
    /// Further findings that the same edit settles.
    #[serde(borrow, default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<Also<'a>>,
}

impl Change<'_> {
    /// Where it begins in the original, counted in `unit`.
    #[must_use]
    pub fn start(&self, unit: Unit) -> usize {
        match unit {
            Unit::Byte => self.s,
            Unit::Char => self.char.unwrap_or(self.s),
            Unit::Utf16 => self.utf16.unwrap_or(self.s),
        }
    }

    /// The same change, holding its own text.
    #[must_use]
    pub fn into_owned(self) -> Change<'static> {
        Change {
            doc: own(self.doc),
            rule: own(self.rule),
            old: own(self.old),
            new: own(self.new),
            raw: self.raw.map(own),
            safety: own(self.safety),
            also: self.also.into_iter().map(Also::into_owned).collect(),
            ..self
        }
    }
}

fn own(text: Cow<'_, str>) -> Cow<'static, str> {
    Cow::Owned(text.into_owned())
}

/// A finding that shares its edit with others: two labels in a row have one seam.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Also<'a> {
    /// The rule or detector, as `name@version`.
    #[serde(borrow)]
    pub rule: Cow<'a, str>,
    /// Where the finding begins in the original, in bytes.
    pub s: usize,
    /// Where it ends.
    pub e: usize,
    /// The tier of the rule.
    #[serde(borrow)]
    pub safety: Cow<'a, str>,
    /// Other places of the original that prove it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<[usize; 2]>,
}

impl Also<'_> {
    fn into_owned(self) -> Also<'static> {
        Also {
            rule: own(self.rule),
            safety: own(self.safety),
            ..self
        }
    }
}

/// A finding that was left in the text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptBack<'a> {
    /// The document.
    #[serde(borrow)]
    pub doc: Cow<'a, str>,
    /// The rule or detector, as `name@version`.
    #[serde(borrow)]
    pub rule: Cow<'a, str>,
    /// Where it begins in the original, in bytes.
    pub s: usize,
    /// Where it ends in the original, in bytes.
    pub e: usize,
    /// The tier of the rule.
    #[serde(borrow)]
    pub safety: Cow<'a, str>,
    /// Why it stayed: one of the names of [`Kept`](crate::Kept), or `report` for a rule that only reports.
    #[serde(borrow)]
    pub why: Cow<'a, str>,
}

/// The end of a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct End<'a> {
    /// The document.
    #[serde(borrow)]
    pub doc: Cow<'a, str>,
    /// How many edits it had.
    pub edits: usize,
    /// How many findings stayed.
    pub kept: usize,
    /// How many bytes of the original are gone.
    pub removed: usize,
    /// How many bytes came in their place.
    pub inserted: usize,
}

/// What was done in all.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Totals<'a> {
    /// Documents looked at.
    pub docs: usize,
    /// Documents with at least one edit.
    pub changed: usize,
    /// Edits made.
    pub edits: usize,
    /// How many findings each rule acted on, by its full name.
    #[serde(borrow)]
    pub rules: BTreeMap<Cow<'a, str>, usize>,
    /// Bytes of all documents before.
    pub bytes_in: usize,
    /// Bytes of all documents after.
    pub bytes_out: usize,
    /// How long the run took. The only part of a ledger that differs between two equal runs.
    pub seconds: f64,
}

/// Hashes as sixteen hexadecimal digits: JSON's numbers lose bits beyond 53 in many readers.
mod hex {
    use std::borrow::Cow;

    use serde::de::Error as _;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(hash: &u64, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{hash:016x}"))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        u64::from_str_radix(&text, 16)
            .ok()
            .filter(|_| text.len() == 16)
            .ok_or_else(|| D::Error::custom("a hash is sixteen hexadecimal digits"))
    }
}
