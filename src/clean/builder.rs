//! Putting a cleaner together.

use super::{Cleaner, FragmentMode, names};
use crate::builtin;
use crate::db::{CompiledRule, Database};
use crate::fragment;
use crate::model::{Category, Diagnostic, Safety, names_rule};
use crate::pack::Pack;
use crate::scan::Scanner;

/// What a [`Cleaner`] is to be. Every setting has a default; rules come together at [`CleanerBuilder::build`].
///
/// ```
/// use descale::{Cleaner, FragmentMode, Safety};
/// let cleaner = Cleaner::builder()
///     .languages(["en"])
///     .pattern("Foo bar baz")
///     .skip(["correction"])
///     .apply(Safety::Review)
///     .fragments(FragmentMode::Report)
///     .build()?;
/// assert_eq!(cleaner.clean("One. Foo bar baz Two.").text, "One. Two.");
/// # Ok::<(), descale::BuildError>(())
/// ```
#[derive(Clone, Debug)]
pub struct CleanerBuilder {
    builtin: bool,
    languages: Vec<String>,
    patterns: Vec<String>,
    packs: Vec<Pack>,
    databases: Vec<Database>,
    only: Vec<String>,
    skip: Vec<String>,
    apply: Safety,
    fragments: FragmentMode,
    prefilter: bool,
    by_language: bool,
}

impl Default for CleanerBuilder {
    fn default() -> Self {
        Self {
            builtin: true,
            languages: Vec::new(),
            patterns: Vec::new(),
            packs: Vec::new(),
            databases: Vec::new(),
            only: Vec::new(),
            skip: Vec::new(),
            apply: Safety::Safe,
            fragments: FragmentMode::Repair,
            prefilter: true,
            by_language: false,
        }
    }
}

/// Why a cleaner could not be built.
#[derive(Clone, Debug)]
pub struct BuildError {
    diagnostics: Vec<Diagnostic>,
}

impl BuildError {
    /// Each mistake with its place and cure; never empty.
    #[must_use]
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }
}

impl std::fmt::Display for BuildError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (index, diagnostic) in self.diagnostics.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            write!(f, "{diagnostic}")?;
        }
        Ok(())
    }
}

impl std::error::Error for BuildError {}

impl CleanerBuilder {
    /// Whether the built-in packs take part (default: yes).
    #[must_use]
    pub fn builtin(mut self, builtin: bool) -> Self {
        self.builtin = builtin;
        self
    }

    /// Only the built-in packs of these languages (BCP 47: `en`, `zh-Hant`); none named means all. Packs of your own always take part.
    #[must_use]
    pub fn languages(mut self, languages: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.languages.extend(languages.into_iter().map(Into::into));
        self
    }

    /// Adds a single string to look for, as [`Pack::from_list`] takes it.
    #[must_use]
    pub fn pattern(mut self, pattern: impl Into<String>) -> Self {
        self.patterns.push(pattern.into());
        self
    }

    /// Adds packs.
    #[must_use]
    pub fn packs(mut self, packs: impl IntoIterator<Item = Pack>) -> Self {
        self.packs.extend(packs);
        self
    }

    /// Adds a compiled database.
    #[must_use]
    pub fn database(mut self, database: Database) -> Self {
        self.databases.push(database);
        self
    }

    /// Only these categories, rules (full name, or a beginning of it up to a `/`) or detectors.
    #[must_use]
    pub fn only(mut self, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.only.extend(names.into_iter().map(Into::into));
        self
    }

    /// All but these categories, rules or detectors.
    #[must_use]
    pub fn skip(mut self, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.skip.extend(names.into_iter().map(Into::into));
        self
    }

    /// The lowest tier that [`Cleaner::clean`] applies (default: [`Safety::Safe`]).
    #[must_use]
    pub fn apply(mut self, lowest: Safety) -> Self {
        self.apply = lowest;
        self
    }

    /// What becomes of broken fragments (default: [`FragmentMode::Repair`]).
    #[must_use]
    pub fn fragments(mut self, mode: FragmentMode) -> Self {
        self.fragments = mode;
        self
    }

    /// Whether a filter decides which parts of a text are looked at closely (default: yes). Without it the findings are the same, only later;
    /// for tests and measurements.
    #[must_use]
    pub fn prefilter(mut self, prefilter: bool) -> Self {
        self.prefilter = prefilter;
        self
    }

    /// Whether rules act only on documents in their language (default: no). It counts for documents whose [`lang`](crate::Document::lang) is known,
    /// and for rules that have a language; patterns of your own have none.
    ///
    /// ```
    /// use descale::{Cleaner, Document};
    /// let cleaner = Cleaner::builder().by_language(true).build()?;
    /// let german = Document { lang: Some("de"), ..Document::new("Eins.\n\nStory continues below advertisement\n\nZwei.") };
    /// assert!(cleaner.clean_document(german).edits.is_empty());
    /// # Ok::<(), descale::BuildError>(())
    /// ```
    #[must_use]
    pub fn by_language(mut self, by_language: bool) -> Self {
        self.by_language = by_language;
        self
    }

    /// Builds the cleaner.
    ///
    /// # Errors
    /// A pattern that cannot be one, a language without a built-in pack, or a name in `only` or `skip` that is no category, rule or detector.
    pub fn build(self) -> Result<Cleaner, BuildError> {
        let mut diagnostics = Vec::new();
        let mut database = if self.builtin {
            // A language without a pack would quietly find nothing.
            diagnostics.extend(self.languages.iter().filter_map(|lang| {
                let known = builtin::languages_without(lang)?;
                Some(unknown_language(lang, &known))
            }));
            builtin::database(&self.languages)
        } else {
            Database::default()
        };
        for other in self.databases {
            database = database.merge(other);
        }
        let mut packs = self.packs;
        for (index, pattern) in self.patterns.iter().enumerate() {
            match Pack::from_pattern(index + 1, pattern) {
                Ok(pack) => packs.push(pack),
                Err(errors) => diagnostics.extend(errors),
            }
        }
        database = database.merge(super::check::compile_unchecked(&packs));
        let detectors = fragment::DETECTORS;
        for (option, names) in [("only", &self.only), ("skip", &self.skip)] {
            for name in names {
                if !names::is_known(name, database.rules()) {
                    diagnostics.push(unknown_name(option, name));
                }
            }
        }
        if !diagnostics.is_empty() {
            return Err(BuildError { diagnostics });
        }
        let names = database.rules().cloned().collect();
        let wanted = |name: &str, category: Category| {
            let listed = |names: &[String]| {
                names
                    .iter()
                    .any(|wanted| names_rule(wanted, name, category))
            };
            (self.only.is_empty() || listed(&self.only)) && !listed(&self.skip)
        };
        if !self.only.is_empty() || !self.skip.is_empty() {
            database =
                database.filter(|rule: &CompiledRule| wanted(&rule.info.name, rule.info.category));
        }
        let detectors = detectors
            .iter()
            .copied()
            .filter(|detector| {
                wanted(
                    &format!("fragment/{}", detector.name()),
                    detector.category(),
                )
            })
            .collect();
        Ok(Cleaner {
            scanner: Scanner::new(database, self.prefilter).by_language(self.by_language),
            apply: self.apply,
            fragments: self.fragments,
            detectors,
            names,
        })
    }
}

fn unknown_language(lang: &str, known: &[&str]) -> Diagnostic {
    crate::pack::Source::new("--lang", lang).diagnostic(
        crate::model::Level::Error,
        "unknown-language",
        0..lang.len(),
        format!("there is no built-in pack for `{lang}`"),
        format!("there are {}", known.join(", ")),
    )
}

fn unknown_name(option: &str, name: &str) -> Diagnostic {
    let known: Vec<_> = Category::ALL
        .iter()
        .map(|category| category.name())
        .collect();
    let help = crate::pack::nearest(name, &known).map_or_else(
        || {
            format!(
                "name a category ({}), or a rule as `descale patterns list` prints it",
                known.join(", ")
            )
        },
        |near| format!("did you mean `{near}`?"),
    );
    crate::pack::Source::new(&format!("--{option}"), name).diagnostic(
        crate::model::Level::Error,
        "unknown-name",
        0..name.len(),
        format!("`{name}` is no category, rule or detector"),
        help,
    )
}
