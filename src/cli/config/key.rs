//! The keys of the file: flags, and what can be known from their declaration.

use std::any::TypeId;
use std::error::Error as _;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use anyhow::{Result, anyhow, bail};
use clap::{Arg, ArgAction, Command};

use super::is_true;

/// The subcommands whose flags are keys; they share most of them.
const COMMANDS: [&str; 2] = ["clean", "lint"];

/// The headings under which flags are standing choices. What stands under others, such as `--output`, is about one run.
const HEADINGS: [&str; 3] = ["Input", "Rules", "Output of words"];

/// What stands under one of the headings and is about one run all the same.
const NOT_KEYS: [&str; 1] = ["title"];

/// What stands under another heading and is a standing choice.
const MORE_KEYS: [&str; 1] = ["format"];

/// A flag that can be set in the file.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    /// Its long form, which is the key.
    pub(crate) name: String,
    arg: Arg,
}

/// What a value is in TOML.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `true` or `false`.
    Flag,
    /// A whole number.
    Number,
    /// A string.
    Text,
    /// A list of strings.
    List,
}

impl Kind {
    /// As messages name it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Flag => "true or false",
            Self::Number => "a whole number",
            Self::Text => "a string",
            Self::List => "a list of strings",
        }
    }

    /// How it is written.
    pub(crate) fn example(self) -> &'static str {
        match self {
            Self::Flag => "true",
            Self::Number => "4",
            Self::Text => "\"…\"",
            Self::List => "[\"…\"]",
        }
    }
}

/// All keys, in the order of the help.
pub(crate) fn all(command: &Command) -> Vec<Key> {
    let subcommands = COMMANDS
        .iter()
        .filter_map(|name| command.find_subcommand(name));
    let mut keys: Vec<Key> = Vec::new();
    for arg in subcommands
        .chain([command])
        .flat_map(Command::get_arguments)
    {
        let Some(name) = arg.get_long() else { continue };
        let is_choice = arg
            .get_help_heading()
            .is_some_and(|heading| HEADINGS.contains(&heading))
            && !NOT_KEYS.contains(&name);
        if (is_choice || MORE_KEYS.contains(&name)) && keys.iter().all(|key| key.name != name) {
            keys.push(Key {
                name: name.to_owned(),
                arg: arg.clone(),
            });
        }
    }
    keys
}

/// The key that a word may be meant for.
pub(crate) fn nearest<'k>(word: &str, keys: &'k [Key]) -> Option<&'k str> {
    let distance = |key: &'k Key| (strsim::osa_distance(word, &key.name), key.name.as_str());
    let (distance, key) = keys.iter().map(distance).min()?;
    (distance <= 2).then_some(key)
}

impl Key {
    /// The argument's name within clap.
    pub(crate) fn id(&self) -> &str {
        self.arg.get_id().as_str()
    }

    /// Whether every subcommand has it.
    pub(crate) fn is_global(&self) -> bool {
        self.arg.is_global_set()
    }

    /// The argument.
    pub(crate) fn into_arg(self) -> Arg {
        self.arg
    }

    /// What it is for, in one sentence.
    pub(crate) fn help(&self) -> String {
        self.arg
            .get_help()
            .map(ToString::to_string)
            .unwrap_or_default()
    }

    /// What the value is when nobody says anything.
    pub(crate) fn defaults(&self) -> Vec<String> {
        let values = self.arg.get_default_values().iter();
        values
            .map(|value| value.to_string_lossy().into_owned())
            .collect()
    }

    /// The values there are, when they can be listed.
    pub(crate) fn values(&self) -> Vec<String> {
        let values = self.arg.get_possible_values();
        values
            .iter()
            .map(|value| value.get_name().to_owned())
            .collect()
    }

    /// What a value is in TOML.
    pub(crate) fn kind(&self) -> Kind {
        let is_type = |id: TypeId| self.arg.get_value_parser().type_id() == id;
        match self.arg.get_action() {
            ArgAction::SetTrue => Kind::Flag,
            ArgAction::Append => Kind::List,
            _ if is_type(TypeId::of::<usize>()) || is_type(TypeId::of::<u64>()) => Kind::Number,
            _ => Kind::Text,
        }
    }

    /// Whether the value is a path, so that a relative one goes from the file it is written in.
    pub(crate) fn is_path(&self) -> bool {
        self.arg.get_value_parser().type_id() == TypeId::of::<PathBuf>()
    }

    /// Whether an argument of a subcommand is this flag. One of the same name that means something else there has another help.
    pub(crate) fn is_declared_as(&self, arg: &Arg) -> bool {
        arg.get_long() == Some(&self.name)
            && arg.get_help().map(ToString::to_string)
                == self.arg.get_help().map(ToString::to_string)
    }

    /// The arguments that cannot be used together with it.
    pub(crate) fn rivals(&self, command: &Command) -> Vec<String> {
        let conflicts = |arg: &Arg| -> Vec<String> {
            let rivals = command.get_arg_conflicts_with(arg);
            rivals
                .iter()
                .map(|rival| rival.get_id().to_string())
                .collect()
        };
        // A conflict is declared on one of the two.
        let mut rivals = conflicts(&self.arg);
        for arg in command.get_arguments() {
            if conflicts(arg).iter().any(|id| id == self.id()) {
                rivals.push(arg.get_id().to_string());
            }
        }
        rivals
    }

    /// The values that a variable of the environment means. Lists are separated where the flag takes a separator, and hold one value else.
    pub(crate) fn of_variable(&self, value: OsString) -> Result<Vec<OsString>> {
        if self.kind() == Kind::Flag {
            let value = is_true(&value.to_string_lossy())?;
            return Ok(vec![value.to_string().into()]);
        }
        let values = match (self.arg.get_value_delimiter(), value.to_str()) {
            (Some(delimiter), Some(text)) => text.split(delimiter).map(OsString::from).collect(),
            _ => vec![value],
        };
        values.iter().try_for_each(|value| self.check(value))?;
        Ok(values)
    }

    /// Whether the flag takes a value; if not, why, and which it takes.
    pub(crate) fn check(&self, value: &OsStr) -> Result<()> {
        let shown = value.to_string_lossy();
        let known = self.values();
        if !known.is_empty() {
            if known.iter().any(|known| *known == shown) {
                return Ok(());
            }
            bail!(
                "`{shown}` is no value of `{}`; there are {}",
                self.name,
                known.join(", ")
            );
        }
        // The parser cannot be asked alone, only as part of a command line. A fresh argument has no relations to others.
        let alone = Arg::new("value")
            .long("value")
            .value_parser(self.arg.get_value_parser().clone());
        let mut words = OsString::from("--value=");
        words.push(value);
        let parsed = Command::new("check")
            .no_binary_name(true)
            .arg(alone)
            .try_get_matches_from([words]);
        parsed.map(|_| ()).map_err(|error| {
            let why = error.source().map(ToString::to_string);
            let why = why.unwrap_or_else(|| error.kind().to_string());
            anyhow!("`{shown}` is no value of `{}`: {why}", self.name)
        })
    }
}
