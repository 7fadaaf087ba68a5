//! From the arguments about rules to packs and a cleaner.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use descale::{BuildError, Cleaner, Database, Diagnostic, Level, Pack, Safety, check_packs};
use ignore::WalkBuilder;

use super::args::{PackArgs, RuleArgs};
use super::console::Console;
use super::diagnostics;
use super::inputs::cause;

/// What `--patterns` named.
#[derive(Debug, Default)]
pub(crate) struct Loaded {
    /// Packs that could be read.
    pub(crate) packs: Vec<PackFile>,
    /// Compiled databases.
    pub(crate) databases: Vec<Database>,
    /// All complaints, also those of examples.
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// A pack and the text it was read from.
#[derive(Debug)]
pub(crate) struct PackFile {
    /// The pack.
    pub(crate) pack: Pack,
    /// Its file.
    pub(crate) path: String,
    /// Its text.
    pub(crate) source: String,
}

impl Loaded {
    /// The packs alone.
    pub(crate) fn packs(&self) -> Vec<Pack> {
        self.packs.iter().map(|file| file.pack.clone()).collect()
    }

    fn read(&mut self, path: &Path) -> Result<()> {
        let name = path.display().to_string();
        let bytes = match fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) => bail!("{name}: {}", cause(&error)),
        };
        if is_compiled(&bytes) {
            match Database::from_bytes(&bytes) {
                Ok(database) => self.databases.push(database),
                Err(error) => bail!("{name}: {error}"),
            }
            return Ok(());
        }
        let source = match String::from_utf8(bytes) {
            Ok(source) => source,
            Err(error) => bail!(
                "{name}: byte {} is not UTF-8; save the file as UTF-8",
                error.utf8_error().valid_up_to()
            ),
        };
        self.parse(name, source);
        Ok(())
    }

    /// Reads a pack from its text.
    pub(crate) fn parse(&mut self, path: String, source: String) {
        if path.ends_with(".toml") {
            // What could be read is checked too, so that one run says everything.
            let (pack, diagnostics) = Pack::parse_all(&path, &source);
            self.diagnostics.extend(diagnostics);
            self.packs.push(PackFile { pack, path, source });
            return;
        }
        match Pack::from_list(&path, &source) {
            Ok((pack, warnings)) => {
                self.diagnostics.extend(warnings);
                self.packs.push(PackFile { pack, path, source });
            }
            Err(errors) => self.diagnostics.extend(errors),
        }
    }

    /// Runs the examples of all packs, and sorts all complaints by place.
    pub(crate) fn check(&mut self) {
        self.diagnostics.extend(check_packs(&self.packs()));
        self.diagnostics
            .sort_by(|a, b| (&a.file, a.line, a.column).cmp(&(&b.file, b.line, b.column)));
    }

    /// Prints the complaints and fails if one of them is an error.
    pub(crate) fn complain(&self, warnings: bool, console: &Console) -> Result<()> {
        let errors = diagnostics::print(&self.diagnostics, warnings, console);
        if errors > 0 {
            bail!(
                "{errors} error{} in the packs; nothing was done",
                if errors == 1 { "" } else { "s" }
            );
        }
        Ok(())
    }
}

/// Reads packs, lists and databases; folders stand for the `.toml` and `.txt` files in them. All complaints are gathered, none printed.
pub(crate) fn load(paths: &[PathBuf]) -> Result<Loaded> {
    let mut loaded = Loaded::default();
    for path in paths {
        if path.is_dir() {
            let mut files = Vec::new();
            for entry in WalkBuilder::new(path)
                .require_git(false)
                .sort_by_file_path(Path::cmp)
                .build()
            {
                let file = entry?.into_path();
                if file
                    .extension()
                    .is_some_and(|ending| ending == "toml" || ending == "txt")
                    && file.is_file()
                {
                    files.push(file);
                }
            }
            if files.is_empty() {
                bail!(
                    "{}: no pack in this folder; packs end with .toml, plain lists with .txt",
                    path.display()
                );
            }
            files.iter().try_for_each(|file| loaded.read(file))?;
        } else {
            loaded.read(path)?;
        }
    }
    loaded.check();
    Ok(loaded)
}

/// The built-in packs of the languages asked for, with their examples; all when none is named.
pub(crate) fn builtin(langs: &[String]) -> Loaded {
    let mut loaded = Loaded::default();
    for (path, source) in descale::builtin_packs() {
        if langs.is_empty() || langs.iter().any(|lang| speaks(path, lang)) {
            loaded.parse((*path).to_owned(), (*source).to_owned());
        }
    }
    loaded
}

/// Whether a built-in pack is for `lang`: equal, or one a narrower form of the other (`zh` and `zh-Hant`).
fn speaks(path: &str, lang: &str) -> bool {
    let own = path.split('/').next().unwrap_or_default();
    let narrower = |a: &str, b: &str| a.strip_prefix(b).is_some_and(|rest| rest.starts_with('-'));
    own == lang || narrower(own, lang) || narrower(lang, own)
}

/// Builds the cleaner. Complaints are printed, and an error among them ends the run.
pub(crate) fn cleaner(args: &RuleArgs, console: &Console) -> Result<Cleaner> {
    cleaner_of(args, false, console)
}

/// Builds the cleaner, with rules that act only on texts in their language if `by_language`.
pub(crate) fn cleaner_of(args: &RuleArgs, by_language: bool, console: &Console) -> Result<Cleaner> {
    let PackArgs {
        patterns,
        no_builtin,
        lang,
    } = &args.packs;
    if !no_builtin {
        check_languages(lang)?;
    }
    let loaded = load(patterns)?;
    let mut builder = Cleaner::builder()
        .builtin(!no_builtin)
        .languages(lang)
        .packs(loaded.packs())
        .only(&args.only)
        .skip(&args.skip)
        .apply(if args.review {
            Safety::Review
        } else {
            Safety::Safe
        })
        .fragments(args.fragments)
        .by_language(by_language);
    for pattern in &args.pattern {
        builder = builder.pattern(pattern);
    }
    for database in &loaded.databases {
        builder = builder.database(database.clone());
    }
    // What is wrong with packs and what is wrong with names and strings is said in one go.
    let built = builder.build();
    let mut diagnostics = loaded.diagnostics;
    let has_errors = diagnostics
        .iter()
        .any(|diagnostic| diagnostic.level == Level::Error);
    match built {
        Ok(cleaner) if !has_errors => {
            diagnostics::print(&diagnostics, console.is_verbose(), console);
            Ok(cleaner)
        }
        result => {
            diagnostics.extend(
                result
                    .err()
                    .iter()
                    .flat_map(BuildError::diagnostics)
                    .cloned(),
            );
            Loaded {
                diagnostics,
                ..Loaded::default()
            }
            .complain(console.is_verbose(), console)?;
            bail!("the rules could not be put together; nothing was done")
        }
    }
}

/// A language without a pack would quietly find nothing.
pub(crate) fn check_languages(langs: &[String]) -> Result<()> {
    for lang in langs {
        if !descale::builtin_packs()
            .iter()
            .any(|(path, _)| speaks(path, lang))
        {
            let mut known: Vec<&str> = descale::builtin_packs()
                .iter()
                .filter_map(|(path, _)| path.split('/').next())
                .collect();
            known.dedup();
            bail!(
                "--lang {lang}: there is no built-in pack for it; there are {}",
                known.join(", ")
            );
        }
    }
    Ok(())
}

/// Whether bytes are a compiled database: it begins with a word and a control character, which no text does.
fn is_compiled(bytes: &[u8]) -> bool {
    bytes.iter().take(16).any(|byte| *byte < b'\t')
}
