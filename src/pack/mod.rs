//! Rule packs: TOML or plain lists in, rules with their examples out. Opens no file; searches no text.

mod fields;
mod list;
mod schema;
mod source;
mod template;

pub use schema::RULE_FIELDS;

use std::ops::Range;

use crate::model::{Diagnostic, Level, PackInfo, Rule};

pub(crate) use source::Source;

/// A pack after reading: its rules, each with its examples and the place where it stands.
#[derive(Clone, Debug)]
pub struct Pack {
    /// Id, version and hash.
    pub info: PackInfo,
    /// Its rules, in the order of the file.
    pub entries: Vec<Entry>,
    /// Its file, for diagnostics.
    pub(crate) source: Source,
}

/// A rule with what belongs to it but not to the scanner.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The rule.
    pub rule: Rule,
    /// Texts in which it must find something.
    pub finds: Vec<Example>,
    /// Near misses in which it must not.
    pub ignores: Vec<Example>,
    /// Texts before and after cleaning.
    pub fixes: Vec<Fix>,
    /// Where the string was seen.
    pub seen: Option<String>,
    /// Ids of warnings that are meant here.
    pub allow: Vec<String>,
    /// Whether another rule took over, and which.
    pub deprecated: Option<Option<String>>,
    /// Where its id stands, in bytes of the pack's source.
    pub(crate) at: Range<usize>,
}

/// An example text of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    /// The text.
    pub text: String,
    /// Where it stands, in bytes of the pack's source.
    pub(crate) at: Range<usize>,
}

/// What cleaning must make of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// Before.
    pub before: String,
    /// After.
    pub after: String,
    /// The document's site, if the example needs one.
    pub site: Option<String>,
    /// The document's title, if the example needs one.
    pub title: Option<String>,
    /// Where it stands, in bytes of the pack's source.
    pub(crate) at: Range<usize>,
}

impl Pack {
    /// Reads a pack in TOML. `file` names it in messages; nothing is opened.
    ///
    /// # Errors
    /// Every mistake of the file at once, each with its place and the cure; warnings among them too.
    ///
    /// ```
    /// let source = r#"
    /// [pack]
    /// schema = 1
    /// id = "en/mine"
    /// version = "1.0.0"
    /// title = "My strings"
    /// license = "MIT"
    /// lang = "en"
    ///
    /// [[rule]]
    /// id = "paid-post"
    /// category = "ad-marker"
    /// text = ["Paid post by {name}"]
    /// finds = ["Paid post by Acme Corporation"]
    /// "#;
    /// let (pack, warnings) = descale::Pack::parse("mine.toml", source).map_err(|errors| errors[0].to_string())?;
    /// assert_eq!(pack.entries[0].rule.name, "en/mine/paid-post");
    /// assert_eq!(warnings[0].code, "no-source");
    /// # Ok::<(), String>(())
    /// ```
    pub fn parse(file: &str, source: &str) -> Result<(Self, Vec<Diagnostic>), Vec<Diagnostic>> {
        let (pack, diagnostics) = Self::parse_all(file, source);
        if diagnostics
            .iter()
            .any(|diagnostic| diagnostic.level == Level::Error)
        {
            Err(diagnostics)
        } else {
            Ok((pack, diagnostics))
        }
    }

    /// As [`Pack::parse`], but answers the rules that could be read even if others could not, so that a checker can say everything in one run.
    ///
    /// ```
    /// let source = "[pack]\nschema = 1\nid = \"en/x\"\nversion = \"1.0.0\"\ntitle = \"X\"\nlicense = \"MIT\"\nlang = \"en\"\n";
    /// let (pack, diagnostics) = descale::Pack::parse_all("x.toml", source);
    /// assert!(pack.entries.is_empty());
    /// assert_eq!(diagnostics[0].code, "empty-pack");
    /// ```
    #[must_use]
    pub fn parse_all(file: &str, source: &str) -> (Self, Vec<Diagnostic>) {
        schema::parse(Source::new(file, source))
    }

    /// Reads a plain list: one string a line, taken as it stands. Empty lines and lines that begin with `#` are passed over; `\#` begins a string with `#`.
    ///
    /// Each string acts as a whole line, and inside a line if it has at least three words and nine letters; all are safe.
    ///
    /// # Errors
    /// A line too long to be a marker, or without two letters.
    ///
    /// ```
    /// let (pack, _) = descale::Pack::from_list("strings.txt", "# mine\nFoo bar baz\n").unwrap();
    /// assert_eq!(pack.entries[0].rule.name, "strings/1");
    /// ```
    pub fn from_list(file: &str, source: &str) -> Result<(Self, Vec<Diagnostic>), Vec<Diagnostic>> {
        list::parse(file, source)
    }

    /// A pack of a single string, as `--pattern` gives it. `number` tells several of them apart.
    ///
    /// # Errors
    /// As [`Pack::from_list`].
    pub fn from_pattern(number: usize, pattern: &str) -> Result<Self, Vec<Diagnostic>> {
        list::pattern(number, pattern)
    }

    /// A complaint about a place of this pack.
    pub(crate) fn diagnostic(
        &self,
        level: Level,
        code: &'static str,
        at: Range<usize>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Diagnostic {
        self.source.diagnostic(level, code, at, message, help)
    }
}

/// The known word nearest to `word`, if one is near enough to be what was meant.
pub(crate) fn nearest<'k>(word: &str, known: &[&'k str]) -> Option<&'k str> {
    known
        .iter()
        .map(|&candidate| (strsim::osa_distance(word, candidate), candidate))
        .min()
        .filter(|&(distance, candidate)| distance <= 1 + candidate.len() / 4)
        .map(|(_, candidate)| candidate)
}

/// The hash of a pack's text, as ledgers and compiled files print it: XXH3, 64 bits, hexadecimal.
pub(crate) fn source_hash(source: &str) -> String {
    format!("{:016x}", xxhash_rust::xxh3::xxh3_64(source.as_bytes()))
}
