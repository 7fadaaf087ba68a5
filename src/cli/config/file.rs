//! The file of standing choices: where it is, and what stands in it.

use std::borrow::Cow;
use std::ffi::OsString;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::{env, fs};

use anyhow::{Result, bail};
use descale::{Diagnostic, Level};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::key::{self, Key, Kind};
use super::{Setting, Source};
use crate::cli::console::Console;
use crate::cli::diagnostics;
use crate::cli::inputs::cause;

/// Names the file may have; the first one found in a folder counts. Of the last one only the table `[tool.descale]` is read, and a file without
/// it does not count.
pub(crate) const NAMES: [&str; 3] = ["descale.toml", ".descale.toml", PYPROJECT];

const PYPROJECT: &str = "pyproject.toml";

/// A file, read but not understood yet.
#[derive(Debug)]
pub(crate) struct Found {
    /// Where it is.
    pub(crate) path: PathBuf,
    source: String,
}

/// The file that was named, else the nearest one upwards from the current folder.
pub(crate) fn find(named: Option<&Path>) -> Result<Option<Found>> {
    if let Some(path) = named {
        return open(path.to_path_buf()).map(Some);
    }
    let Ok(folder) = env::current_dir() else {
        return Ok(None);
    };
    let paths = folder
        .ancestors()
        .flat_map(|folder| NAMES.map(|name| folder.join(name)));
    for path in paths.filter(|path| path.is_file()) {
        // Shown as the user would name it.
        let found = open(match path.strip_prefix(&folder) {
            Ok(near) => near.to_path_buf(),
            Err(_) => path,
        })?;
        // The cheap test first: most projects have nothing for us in it.
        if !found.is_pyproject() || found.source.contains("descale") && found.has_table() {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

fn open(path: PathBuf) -> Result<Found> {
    let shown = path.display();
    match fs::read(&path).map(String::from_utf8) {
        Ok(Ok(source)) => Ok(Found { path, source }),
        Ok(Err(error)) => bail!(
            "{shown}: byte {} is not UTF-8; save the file as UTF-8",
            error.utf8_error().valid_up_to()
        ),
        Err(error) => bail!("{shown}: {}", cause(&error)),
    }
}

impl Found {
    fn is_pyproject(&self) -> bool {
        self.path.ends_with(PYPROJECT)
    }

    /// Whether there is a `[tool.descale]`, or one may be meant: a file that cannot be read is shown with its mistake.
    fn has_table(&self) -> bool {
        DeTable::parse(&self.source).map_or(true, |table| tool(table.get_ref()).is_some())
    }

    /// The settings. All mistakes are printed, and an error.
    pub(crate) fn read(&self, keys: &[Key], console: &Console) -> Result<Vec<Setting>> {
        let (settings, mistakes) = self.parse(keys);
        let count = diagnostics::print(&mistakes, true, console);
        if count > 0 {
            let plural = if count == 1 { "" } else { "s" };
            bail!(
                "{}: {count} mistake{plural} in the configuration; nothing was done (--no-config goes without it)",
                self.path.display()
            );
        }
        Ok(settings)
    }

    fn parse(&self, keys: &[Key]) -> (Vec<Setting>, Vec<Diagnostic>) {
        let mut mistakes = Vec::new();
        let table = match DeTable::parse(&self.source) {
            Ok(table) => table.into_inner(),
            Err(error) => {
                let span = error.span().unwrap_or_default();
                let message = error.message().trim().to_owned();
                let help = "see https://toml.io for the syntax".to_owned();
                mistakes.push(*self.mistake("syntax", span, message, help));
                return (Vec::new(), mistakes);
            }
        };
        let table = if self.is_pyproject() {
            match tool(&table) {
                Some(value) => match value.get_ref() {
                    DeValue::Table(table) => table.clone(),
                    _ => {
                        let message = "`tool.descale` must be a table".to_owned();
                        let help = "write [tool.descale]".to_owned();
                        mistakes.push(*self.mistake("wrong-type", value.span(), message, help));
                        return (Vec::new(), mistakes);
                    }
                },
                None => DeTable::default(),
            }
        } else {
            table
        };
        let mut settings = Vec::new();
        for (name, value) in &table {
            match self.setting(keys, name, value) {
                Ok(setting) => settings.push(setting),
                Err(mistake) => mistakes.push(*mistake),
            }
        }
        // In the order of the file, which is not that of the table.
        mistakes.sort_by_key(|mistake| (mistake.line, mistake.column));
        (settings, mistakes)
    }

    fn setting(
        &self,
        keys: &[Key],
        name: &Spanned<Cow<'_, str>>,
        value: &Spanned<DeValue<'_>>,
    ) -> Result<Setting, Box<Diagnostic>> {
        let word = name.get_ref().as_ref();
        let Some(key) = keys.iter().find(|key| key.name == word) else {
            let help = key::nearest(&word.replace('_', "-"), keys).map_or_else(
                || {
                    let names: Vec<&str> = keys.iter().map(|key| key.name.as_str()).collect();
                    format!("the keys are {}", names.join(", "))
                },
                |near| format!("did you mean `{near}`?"),
            );
            let message = format!("unknown key `{word}`");
            return Err(self.mistake("unknown-key", name.span(), message, help));
        };
        let kind = key.kind();
        let wrong = |span: Range<usize>, message: String| {
            let help = format!("write {word} = {}", kind.example());
            self.mistake("wrong-type", span, message, help)
        };
        let items: Vec<(Range<usize>, OsString)> = match (kind, value.get_ref()) {
            (Kind::Flag, DeValue::Boolean(yes)) => vec![(value.span(), yes.to_string().into())],
            (Kind::Number, DeValue::Integer(number)) => {
                vec![(value.span(), number.as_str().replace('_', "").into())]
            }
            (Kind::Text, DeValue::String(text)) => vec![(value.span(), text.as_ref().into())],
            (Kind::List, DeValue::Array(list)) => {
                let mut items = Vec::new();
                for item in list.iter() {
                    let Some(text) = item.get_ref().as_str() else {
                        let message = format!(
                            "what stands in `{word}` must be strings, not {}",
                            type_name(item.get_ref())
                        );
                        return Err(wrong(item.span(), message));
                    };
                    items.push((item.span(), text.into()));
                }
                items
            }
            (_, other) => {
                let message = format!("`{word}` must be {}, not {}", kind.name(), type_name(other));
                return Err(wrong(value.span(), message));
            }
        };
        let mut values = Vec::new();
        for (span, item) in items {
            if let Err(error) = key.check(&item) {
                let message = error.to_string();
                let (message, help) = message
                    .split_once("; ")
                    .unwrap_or((&message, "see `descale clean --help`"));
                return Err(self.mistake("wrong-value", span, message.to_owned(), help.to_owned()));
            }
            values.push(if key.is_path() {
                self.beside(Path::new(&item)).into()
            } else {
                item
            });
        }
        let (line, ..) = self.place(name.span().start);
        let source = Source::File {
            path: self.path.clone(),
            line,
        };
        Ok(Setting {
            key: word.to_owned(),
            values,
            source,
        })
    }

    /// A path as seen from the file.
    fn beside(&self, path: &Path) -> PathBuf {
        self.path
            .parent()
            .map_or_else(|| path.to_path_buf(), |folder| folder.join(path))
    }

    /// Line and column, from 1, and the line itself.
    fn place(&self, offset: usize) -> (usize, usize, &str) {
        let head = self.source.get(..offset).unwrap_or(&self.source);
        let start = head.rfind('\n').map_or(0, |at| at + 1);
        let line = self.source[start..].lines().next().unwrap_or_default();
        let number = head.matches('\n').count() + 1;
        (number, head[start..].chars().count() + 1, line)
    }

    fn mistake(
        &self,
        code: &'static str,
        span: Range<usize>,
        message: String,
        help: String,
    ) -> Box<Diagnostic> {
        let (line, column, source_line) = self.place(span.start);
        let meant = self.source.get(span).unwrap_or_default();
        let length = meant.lines().next().unwrap_or_default().chars().count();
        Box::new(Diagnostic {
            level: Level::Error,
            code,
            file: self.path.display().to_string(),
            line,
            column,
            source_line: source_line.to_owned(),
            length: length.max(1),
            message,
            help,
        })
    }
}

/// The table `[tool.descale]`.
fn tool<'t, 'i>(table: &'t DeTable<'i>) -> Option<&'t Spanned<DeValue<'i>>> {
    table.get("tool")?.get_ref().as_table()?.get("descale")
}

fn type_name(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number with a fraction",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
