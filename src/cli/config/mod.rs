//! Standing choices: what a flag says when nobody types it. The command line goes before `DESCALE_*`, that before the file, that before the
//! defaults.
//!
//! There is one list of choices, the arguments themselves: a key of the file is a long flag of `clean` or `lint`, its type and its values are
//! those of the flag, and a value from the environment or the file becomes the flag's default before the command line is read for good. So the
//! subcommands never ask where a value came from.

mod file;
mod key;
mod schema;
mod show;

use std::env;
use std::ffi::OsString;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use clap::parser::ValueSource;
use clap::{ArgMatches, Args, Command};

pub(crate) use file::NAMES;
pub(crate) use key::Key;
pub(crate) use show::{ConfigArgs, run};

use super::console::Console;

/// Where the file is.
#[derive(Args, Debug)]
#[command(next_help_heading = "Configuration")]
pub(crate) struct ConfigFileArgs {
    /// The file with standing choices, instead of the nearest descale.toml, .descale.toml or pyproject.toml
    #[arg(long, value_name = "FILE", global = true, conflicts_with = "no_config")]
    config: Option<PathBuf>,
    /// Without such a file
    #[arg(long, global = true)]
    no_config: bool,
}

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// It was typed.
    Flag,
    /// A variable of the environment.
    Env(String),
    /// A line of the file.
    File {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
    },
    /// Nobody said anything.
    Default,
}

/// A value that takes the place of a default.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Setting {
    /// The key: the long flag.
    pub(crate) key: String,
    /// The value; several of a list.
    pub(crate) values: Vec<OsString>,
    /// Where it came from.
    pub(crate) source: Source,
}

/// What the environment and the file say.
#[derive(Debug, Default)]
pub(crate) struct Settings {
    /// The file, if there is one.
    pub(crate) file: Option<PathBuf>,
    /// One setting a key at most.
    pub(crate) list: Vec<Setting>,
}

impl Settings {
    /// Reads the environment and the file for a command line that was read once without them. Mistakes in them are printed, and an error.
    pub(crate) fn load(
        command: &Command,
        matches: &ArgMatches,
        args: &ConfigFileArgs,
        console: &Console,
    ) -> Result<Self> {
        let keys = key::all(command);
        if !wants_settings(command, matches, &keys) {
            return Ok(Self::default());
        }
        let mut settings = Self::default();
        if !args.no_config {
            let named = args
                .config
                .clone()
                .or_else(|| variable("config").map(|(_, value)| value.into()));
            if let Some(found) = file::find(named.as_deref())? {
                settings.list = found.read(&keys, console)?;
                settings.file = Some(found.path);
            }
        }
        for key in &keys {
            if let Some((name, value)) = variable(&key.name) {
                let values = key.of_variable(value).with_context(|| name.clone())?;
                settings.list.retain(|setting| setting.key != key.name);
                settings.list.push(Setting {
                    key: key.name.clone(),
                    values,
                    source: Source::Env(name),
                });
            }
        }
        warn_of_variables(&keys, console);
        Ok(settings)
    }

    /// Makes the settings the defaults of the subcommand that was called. What excludes a typed flag gives way to it.
    pub(crate) fn apply(&self, command: Command, matches: &ArgMatches) -> Command {
        let keys = key::all(&command);
        let (called, typed) = leaf(&command, matches);
        let is_outweighed = |setting: &&Setting| {
            let key = keys.iter().find(|key| key.name == setting.key);
            let rivals = key.map(|key| {
                // Flags of all subcommands are declared on top.
                key.rivals(if key.is_global() { &command } else { called })
            });
            rivals
                .into_iter()
                .flatten()
                .any(|id| typed.value_source(&id) == Some(ValueSource::CommandLine))
        };
        let list: Vec<&Setting> = self
            .list
            .iter()
            .filter(|setting| !is_outweighed(setting))
            .collect();
        put(command, Some(matches), &list, &keys)
    }

    /// Where the value of a key came from, in the run that `matches` describes.
    pub(crate) fn source(&self, key: &Key, matches: &ArgMatches) -> Source {
        if matches.value_source(key.id()) == Some(ValueSource::CommandLine) {
            return Source::Flag;
        }
        let setting = self.list.iter().find(|setting| setting.key == key.name);
        setting.map_or(Source::Default, |setting| setting.source.clone())
    }
}

/// The subcommand that was called, however deep, and what was typed for it.
fn leaf<'c>(
    mut command: &'c Command,
    mut matches: &'c ArgMatches,
) -> (&'c Command, &'c ArgMatches) {
    while let Some((name, below)) = matches.subcommand()
        && let Some(subcommand) = command.find_subcommand(name)
    {
        (command, matches) = (subcommand, below);
    }
    (command, matches)
}

/// Whether the subcommand has a flag that a file can set, beside those that every subcommand has. Others, such as `man`, must work beside a
/// broken file too.
fn wants_settings(command: &Command, matches: &ArgMatches, keys: &[Key]) -> bool {
    let (leaf, matches) = leaf(command, matches);
    let asks_for_schema = matches!(matches.try_get_one::<bool>("schema"), Ok(Some(true)));
    !asks_for_schema
        && leaf
            .get_arguments()
            .any(|arg| !arg.is_global_set() && keys.iter().any(|key| key.is_declared_as(arg)))
}

/// Puts settings into a command and the subcommand that was called.
fn put(command: Command, matches: Option<&ArgMatches>, list: &[&Setting], keys: &[Key]) -> Command {
    let command = command.mut_args(|arg| {
        let setting = list.iter().find(|setting| {
            keys.iter()
                .any(|key| key.name == setting.key && key.is_declared_as(&arg))
        });
        match setting {
            Some(setting) => {
                let values: Vec<clap::builder::OsStr> = setting
                    .values
                    .iter()
                    .map(|value| value.clone().into())
                    .collect();
                arg.default_values(values)
            }
            None => arg,
        }
    });
    match matches.and_then(ArgMatches::subcommand) {
        Some((name, below)) => {
            command.mut_subcommand(name, |subcommand| put(subcommand, Some(below), list, keys))
        }
        None => command,
    }
}

/// Gives `config` the flags it is asked about, so that it can say what they would come to.
pub(crate) fn with_flags(command: Command) -> Command {
    let flags: Vec<clap::Arg> = key::all(&command)
        .into_iter()
        .map(Key::into_arg)
        .filter(|arg| !arg.is_global_set())
        .collect();
    command.mut_subcommand("config", |config| config.args(flags))
}

/// The variable of the environment for a key, if it is set.
fn variable(key: &str) -> Option<(String, OsString)> {
    let name = format!("DESCALE_{}", key.replace('-', "_").to_uppercase());
    let value = env::var_os(&name).filter(|value| !value.is_empty())?;
    Some((name, value))
}

/// A misspelt variable would do nothing, and nobody would know.
fn warn_of_variables(keys: &[Key], console: &Console) {
    for (name, _) in env::vars_os() {
        let Some(key) = name
            .to_str()
            .and_then(|name| name.strip_prefix("DESCALE_"))
            .map(|key| key.replace('_', "-").to_lowercase())
        else {
            continue;
        };
        if key == "config" || keys.iter().any(|known| known.name == key) {
            continue;
        }
        if let Some(near) = key::nearest(&key, keys) {
            let near = near.replace('-', "_").to_uppercase();
            console.warning(&format!(
                "{} is no variable of descale's; did you mean DESCALE_{near}?",
                name.to_string_lossy()
            ));
        }
    }
}

/// Whether a word of the environment means yes.
fn is_true(word: &str) -> Result<bool> {
    match word.to_ascii_lowercase().as_str() {
        "1" | "true" | "yes" | "on" => Ok(true),
        "0" | "false" | "no" | "off" => Ok(false),
        _ => bail!("`{word}` is neither true nor false; write 1 or 0"),
    }
}
