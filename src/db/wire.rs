//! The compiled file: magic, versions, checksum, rules. A cache, not a format for exchange: on any mismatch it is rebuilt.
//!
//! All numbers are little-endian. Reading checks every length and every index, so that damaged bytes are an error and never a panic.

use std::sync::Arc;

use xxhash_rust::xxh3::xxh3_64;

use super::{CompiledForm, CompiledPiece, CompiledRule, Database, Literal, Pieces};
use crate::model::{
    Case, Category, Limit, PackInfo, PlaceSet, RuleInfo, Safety, SafetyByPlace, Slot, Take,
};
use crate::text::fold::FOLD_VERSION;

/// The first bytes of every compiled file.
pub(crate) const MAGIC: [u8; 8] = *b"descale\x01";
/// Raised with every change of the layout below.
const FORMAT_VERSION: u16 = 1;
/// Magic, format version, folding version, payload length, checksum.
const HEADER: usize = 8 + 2 + 2 + 8 + 8;

/// Why bytes are no usable compiled database. Its message says how to rebuild it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatabaseError {
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Magic,
    Format(u16),
    Folding(u16),
    Truncated { wanted: u64, found: u64 },
    Checksum,
    Damaged { at: usize },
}

impl std::fmt::Display for DatabaseError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.kind {
            Kind::Magic => write!(
                f,
                "this is no compiled database: it does not begin with the mark of `descale compile`"
            )?,
            Kind::Format(version) => write!(
                f,
                "the compiled database has format {version}, this version of descale reads format {FORMAT_VERSION}"
            )?,
            Kind::Folding(version) => write!(
                f,
                "the compiled database was folded by rules {version}, this version of descale folds by rules {FOLD_VERSION}"
            )?,
            Kind::Truncated { wanted, found } => write!(
                f,
                "the compiled database is cut short or too long: its header announces {wanted} bytes, {found} are there"
            )?,
            Kind::Checksum => write!(
                f,
                "the compiled database is damaged: its checksum does not fit"
            )?,
            Kind::Damaged { at } => write!(f, "the compiled database is damaged at byte {at}")?,
        }
        write!(f, "; rebuild it with `descale compile PACK… -o FILE`")
    }
}

impl std::error::Error for DatabaseError {}

impl Database {
    /// The compiled file's bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut payload = Writer(Vec::new());
        payload.list(&self.packs, |out, pack| {
            out.text(&pack.id);
            out.text(&pack.version);
            out.text(&pack.hash);
        });
        payload.list(&self.rules, write_rule);
        payload.list(&self.forms, |out, form| {
            out.number(form.rule);
            out.pieces(&form.pieces);
        });
        let payload = payload.0;
        let mut bytes = Vec::with_capacity(HEADER + payload.len());
        bytes.extend_from_slice(&MAGIC);
        bytes.extend_from_slice(&FORMAT_VERSION.to_le_bytes());
        bytes.extend_from_slice(&FOLD_VERSION.to_le_bytes());
        bytes.extend_from_slice(&(payload.len() as u64).to_le_bytes());
        bytes.extend_from_slice(&xxh3_64(&payload).to_le_bytes());
        bytes.extend_from_slice(&payload);
        bytes
    }

    /// Reads a compiled file back.
    ///
    /// # Errors
    /// When the bytes are no compiled file, of another format or folding version, cut short, or damaged.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DatabaseError> {
        let fail = |kind| Err(DatabaseError { kind });
        if bytes.len() < MAGIC.len() || bytes[..MAGIC.len()] != MAGIC {
            return fail(Kind::Magic);
        }
        let Some((header, payload)) = bytes.split_at_checked(HEADER) else {
            return fail(Kind::Truncated {
                wanted: HEADER as u64,
                found: bytes.len() as u64,
            });
        };
        let number = |at: usize, len: usize| {
            header[at..at + len]
                .iter()
                .rev()
                .fold(0u64, |sum, &byte| sum << 8 | u64::from(byte))
        };
        let (format, folding, length, checksum) = (
            number(8, 2) as u16,
            number(10, 2) as u16,
            number(12, 8),
            number(20, 8),
        );
        if format != FORMAT_VERSION {
            return fail(Kind::Format(format));
        }
        if folding != FOLD_VERSION {
            return fail(Kind::Folding(folding));
        }
        if length != payload.len() as u64 {
            return fail(Kind::Truncated {
                wanted: length,
                found: payload.len() as u64,
            });
        }
        if checksum != xxh3_64(payload) {
            return fail(Kind::Checksum);
        }
        let mut reader = Reader {
            bytes: payload,
            at: 0,
        };
        reader.database().ok_or(DatabaseError {
            kind: Kind::Damaged {
                at: HEADER + reader.at,
            },
        })
    }
}

fn write_rule(out: &mut Writer, rule: &CompiledRule) {
    out.text(&rule.info.name);
    out.text(&rule.info.version);
    out.byte(rule.info.category as u8);
    out.text(&rule.lang);
    out.byte(rule.places.bits());
    out.byte(rule.take.map_or(u8::MAX, |take| take as u8));
    out.number(rule.within);
    out.byte(rule.case as u8);
    for safety in rule.safety.0 {
        out.byte(safety as u8);
    }
    out.number(rule.limit.chars);
    out.number(rule.limit.share.to_bits());
    out.list(&rule.sites, |out, site| out.text(site));
    out.list(&rule.unless, |out, pieces| out.pieces(pieces));
    out.list(&rule.until, |out, pieces| out.pieces(pieces));
}

struct Writer(Vec<u8>);

impl Writer {
    fn byte(&mut self, byte: u8) {
        self.0.push(byte);
    }

    fn number(&mut self, number: u32) {
        self.0.extend_from_slice(&number.to_le_bytes());
    }

    fn text(&mut self, text: &str) {
        self.number(text.len() as u32);
        self.0.extend_from_slice(text.as_bytes());
    }

    fn list<T>(&mut self, items: &[T], mut write: impl FnMut(&mut Self, &T)) {
        self.number(items.len() as u32);
        for item in items {
            write(self, item);
        }
    }

    fn pieces(&mut self, pieces: &Pieces) {
        self.list(pieces, |out, piece| match piece {
            CompiledPiece::Slot(slot) => out.byte(2 + *slot as u8),
            CompiledPiece::Literal(literal) => {
                out.byte(u8::from(literal.written.is_some()));
                // Folded bytes are UTF-8 always.
                out.text(std::str::from_utf8(&literal.folded).unwrap_or_default());
                if let Some(written) = &literal.written {
                    out.text(written);
                }
            }
        });
    }
}

/// Reads what [`Writer`] wrote; `None` wherever the bytes do not fit.
struct Reader<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl Reader<'_> {
    fn database(&mut self) -> Option<Database> {
        let packs = self.list(|reader| {
            Some(PackInfo {
                id: reader.text()?,
                version: reader.text()?,
                hash: reader.text()?,
            })
        })?;
        let rules = self.list(Self::rule)?;
        let count = rules.len();
        let forms = self.list(|reader| {
            let rule = reader.number().filter(|&rule| (rule as usize) < count)?;
            let pieces = reader.pieces()?;
            Some(CompiledForm { rule, pieces })
        })?;
        (self.at == self.bytes.len()).then_some(Database {
            packs,
            rules,
            forms,
        })
    }

    fn rule(&mut self) -> Option<CompiledRule> {
        let (name, version) = (self.text()?, self.text()?);
        let category = self.value(Category::ALL)?;
        Some(CompiledRule {
            info: Arc::new(RuleInfo {
                name,
                version,
                category,
                why: category.why().to_owned(),
            }),
            lang: self.text()?,
            places: PlaceSet::from_bits(self.byte()?)?,
            take: match self.byte()? {
                u8::MAX => None,
                byte => Some(*Take::ALL.get(usize::from(byte))?),
            },
            within: self.number()?,
            case: self.value(Case::ALL)?,
            safety: {
                let mut safety = SafetyByPlace::all(Safety::Report);
                for place in &mut safety.0 {
                    *place = *Safety::ALL.get(usize::from(self.byte()?))?;
                }
                safety
            },
            limit: Limit {
                chars: self.number()?,
                share: Some(f32::from_bits(self.number()?))
                    .filter(|share| (0.0..=1.0).contains(share))?,
            },
            sites: self.list(Self::text)?,
            unless: self.list(Self::pieces)?,
            until: self.list(Self::pieces)?,
        })
    }

    fn value<T: Copy>(&mut self, all: &[T]) -> Option<T> {
        let byte = self.byte()?;
        all.get(usize::from(byte)).copied()
    }

    fn byte(&mut self) -> Option<u8> {
        let byte = *self.bytes.get(self.at)?;
        self.at += 1;
        Some(byte)
    }

    fn number(&mut self) -> Option<u32> {
        let bytes = self.bytes.get(self.at..self.at + 4)?;
        self.at += 4;
        Some(u32::from_le_bytes(bytes.try_into().ok()?))
    }

    fn text(&mut self) -> Option<String> {
        let len = self.number()? as usize;
        let bytes = self.bytes.get(self.at..self.at.checked_add(len)?)?;
        let text = std::str::from_utf8(bytes).ok()?;
        self.at += len;
        Some(text.to_owned())
    }

    fn list<T>(&mut self, mut read: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let len = self.number()? as usize;
        // Each item takes at least a byte, so a damaged length cannot ask for more memory than the file has bytes.
        let mut items = Vec::with_capacity(len.min((self.bytes.len() - self.at) / 16));
        for _ in 0..len {
            items.push(read(self)?);
        }
        Some(items)
    }

    fn pieces(&mut self) -> Option<Pieces> {
        let pieces = self.list(|reader| {
            Some(match reader.byte()? {
                kind @ (0 | 1) => {
                    let folded = reader.text().filter(|folded| !folded.is_empty())?;
                    let written = if kind == 1 {
                        Some(reader.text()?.into_boxed_str())
                    } else {
                        None
                    };
                    CompiledPiece::Literal(Literal {
                        folded: folded.into_bytes().into_boxed_slice(),
                        written,
                    })
                }
                slot => CompiledPiece::Slot(*Slot::ALL.get(usize::from(slot - 2))?),
            })
        })?;
        (!pieces.is_empty()).then_some(pieces)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pack::Pack;

    fn sample() -> Database {
        let (pack, _) = Pack::parse(
            "x.toml",
            r#"
            [pack]
            schema = 1
            id = "en/x"
            version = "1.2.3"
            title = "X"
            license = "MIT"
            lang = "en"
            [[rule]]
            id = "a"
            category = "ad-marker"
            text = ["— Paid post by {name} —"]
            at = ["line", "line-start"]
            case = "exact"
            sites = ["example.com"]
            unless = ["not paid"]
            source = "example.com"
            finds = ["Paid post by Acme"]
            "#,
        )
        .unwrap();
        Database::compile(
            vec![pack.info.clone()],
            pack.entries.iter().map(|entry| &entry.rule),
        )
    }

    #[test]
    fn a_database_comes_back_as_it_was() {
        let database = sample();
        assert_eq!(
            Database::from_bytes(&database.to_bytes()).unwrap(),
            database
        );
    }

    #[test]
    fn every_kind_of_bad_file_is_told_apart() {
        let good = sample().to_bytes();
        let with = |at: usize, byte: u8| {
            let mut bytes = good.clone();
            bytes[at] = byte;
            Database::from_bytes(&bytes).unwrap_err().kind
        };
        assert_eq!(Database::from_bytes(b"").unwrap_err().kind, Kind::Magic);
        assert_eq!(with(0, b'D'), Kind::Magic);
        assert_eq!(with(8, 99), Kind::Format(99));
        assert_eq!(with(10, 99), Kind::Folding(99));
        assert_eq!(with(HEADER, good[HEADER] ^ 1), Kind::Checksum);
        let cut = &good[..good.len() - 1];
        assert!(matches!(
            Database::from_bytes(cut).unwrap_err().kind,
            Kind::Truncated { .. }
        ));
        assert!(matches!(
            Database::from_bytes(&good[..20]).unwrap_err().kind,
            Kind::Truncated { .. }
        ));
        assert!(
            Database::from_bytes(cut)
                .unwrap_err()
                .to_string()
                .contains("descale compile")
        );
    }

    #[test]
    fn damage_behind_a_right_checksum_is_an_error_too() {
        let good = sample().to_bytes();
        for at in HEADER..good.len() {
            for byte in [0, 1, 0x7f, 0xff] {
                let mut bytes = good.clone();
                bytes[at] = byte;
                let checksum = xxh3_64(&bytes[HEADER..]);
                bytes[20..28].copy_from_slice(&checksum.to_le_bytes());
                // Some bytes may change without harm; none may panic or break an index.
                if let Ok(database) = Database::from_bytes(&bytes) {
                    assert!(
                        database
                            .forms
                            .iter()
                            .all(|form| (form.rule as usize) < database.rules.len())
                    );
                }
            }
        }
    }
}
