//! Standing choices of a folder: `descale.toml` or `.descale.toml`, the nearest one upwards from where the command is started.

use std::path::{Path, PathBuf};
use std::{env, fs};

use anyhow::{Result, bail};
use toml::de::{DeTable, DeValue};

use super::inputs::cause;

/// Names a file may have; the first one found in a folder counts.
const NAMES: [&str; 2] = ["descale.toml", ".descale.toml"];
/// What a file may say.
const KEYS: [&str; 3] = ["only", "skip", "lang"];

/// What the file says; flags of the same name take its place.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Config {
    /// As `--only`.
    pub(crate) only: Vec<String>,
    /// As `--skip`.
    pub(crate) skip: Vec<String>,
    /// As `--lang`.
    pub(crate) lang: Vec<String>,
}

impl Config {
    /// Reads the nearest file; empty when there is none.
    pub(crate) fn nearest() -> Result<Self> {
        let Ok(folder) = env::current_dir() else {
            return Ok(Self::default());
        };
        let found = folder
            .ancestors()
            .flat_map(|folder| NAMES.map(|name| folder.join(name)))
            .find(|path| path.is_file());
        found.map_or_else(|| Ok(Self::default()), |path| Self::read(&path))
    }

    fn read(path: &PathBuf) -> Result<Self> {
        match fs::read_to_string(path) {
            Ok(source) => Self::parse(path, &source),
            Err(error) => bail!("{}: {}", path.display(), cause(&error)),
        }
    }

    fn parse(path: &Path, source: &str) -> Result<Self> {
        let at = |offset: usize| {
            let head = &source[..offset.min(source.len())];
            let line = head.matches('\n').count() + 1;
            let column = head.chars().rev().take_while(|&c| c != '\n').count() + 1;
            format!("{}:{line}:{column}", path.display())
        };
        let table = match DeTable::parse(source) {
            Ok(table) => table.into_inner(),
            Err(error) => bail!(
                "{}: {}; see https://toml.io for the syntax",
                at(error.span().map_or(0, |span| span.start)),
                error.message().trim()
            ),
        };
        let mut config = Self::default();
        for (key, value) in &table {
            let list = match key.get_ref().as_ref() {
                "only" => &mut config.only,
                "skip" => &mut config.skip,
                "lang" => &mut config.lang,
                other => bail!(
                    "{}: unknown key `{other}`; {}",
                    at(key.span().start),
                    nearest_key(other)
                ),
            };
            let DeValue::Array(items) = value.get_ref() else {
                bail!(
                    "{}: `{}` must be a list of names; write {} = [\"…\"]",
                    at(value.span().start),
                    key.get_ref(),
                    key.get_ref()
                );
            };
            for item in items.iter() {
                match item.get_ref().as_str() {
                    Some(name) => list.push(name.to_owned()),
                    None => bail!(
                        "{}: a name in `{}` must be a string; write \"related-link\"",
                        at(item.span().start),
                        key.get_ref()
                    ),
                }
            }
        }
        Ok(config)
    }
}

/// The cure for an unknown key.
fn nearest_key(word: &str) -> String {
    let near = KEYS
        .into_iter()
        .map(|key| (strsim::osa_distance(word, key), key))
        .min()
        .filter(|&(distance, _)| distance <= 2);
    near.map_or_else(
        || format!("the keys are {}", KEYS.join(", ")),
        |(_, key)| format!("did you mean `{key}`?"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(source: &str) -> Result<Config, String> {
        Config::parse(Path::new("descale.toml"), source).map_err(|error| error.to_string())
    }

    #[test]
    fn choices_are_read() {
        let config = parse("skip = [\"related-link\", \"en/credits\"]\nlang = [\"en\"]\n").unwrap();
        assert_eq!(config.skip, ["related-link", "en/credits"]);
        assert_eq!(config.lang, ["en"]);
        assert_eq!(parse("").unwrap(), Config::default());
    }

    #[test]
    fn mistakes_name_place_and_cure() {
        for (source, message) in [
            (
                "\nskp = []",
                "descale.toml:2:1: unknown key `skp`; did you mean `skip`?",
            ),
            (
                "colour = 1",
                "descale.toml:1:1: unknown key `colour`; the keys are only, skip, lang",
            ),
            (
                "skip = \"ads\"",
                "descale.toml:1:8: `skip` must be a list of names; write skip = [\"…\"]",
            ),
            (
                "skip = [1]",
                "descale.toml:1:9: a name in `skip` must be a string; write \"related-link\"",
            ),
        ] {
            assert_eq!(parse(source).unwrap_err(), message);
        }
    }
}
