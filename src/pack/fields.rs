//! Reading typed fields out of a TOML table, gathering every mistake instead of stopping at the first.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{Example, Source, nearest};
use crate::model::{Diagnostic, Level};

/// The file being read and what was wrong with it so far.
pub(super) struct Reader<'s> {
    pub(super) source: &'s Source,
    pub(super) diagnostics: Vec<Diagnostic>,
    /// Keys that a misspelt key of the table at hand was probably meant to be; they are not missing as well.
    pub(super) meant: Vec<String>,
}

/// A TOML value with its place.
pub(super) type Value<'s> = Spanned<DeValue<'s>>;

impl<'s> Reader<'s> {
    pub(super) fn report(
        &mut self,
        level: Level,
        code: &'static str,
        at: Range<usize>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.diagnostics
            .push(self.source.diagnostic(level, code, at, message, help));
    }

    pub(super) fn error(
        &mut self,
        code: &'static str,
        at: Range<usize>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.report(Level::Error, code, at, message, help);
    }

    /// Complains that `key` is missing, unless a misspelt one stands for it.
    pub(super) fn missing(
        &mut self,
        key: &str,
        at: Range<usize>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        if !self.meant.iter().any(|meant| meant == key) {
            self.error("missing-key", at, message, help);
        }
    }

    pub(super) fn has_errors(&self) -> bool {
        self.diagnostics
            .iter()
            .any(|diagnostic| diagnostic.level == Level::Error)
    }

    /// Complains about keys of `table` that are not in `known`.
    pub(super) fn known_keys(&mut self, table: &DeTable<'s>, known: &[&str]) {
        self.meant.clear();
        for key in table.keys() {
            if !known.contains(&key.get_ref().as_ref()) {
                let near = nearest(key.get_ref(), known);
                self.meant.extend(near.map(str::to_owned));
                let help = match near {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("the keys here are {}", known.join(", ")),
                };
                self.error(
                    "unknown-key",
                    key.span(),
                    format!("unknown key `{}`", key.get_ref()),
                    help,
                );
            }
        }
    }

    fn wrong_type(&mut self, value: &Value<'s>, key: &str, wanted: &str) {
        self.error(
            "wrong-type",
            value.span(),
            format!(
                "`{key}` must be {wanted}, this is {}",
                kind(value.get_ref())
            ),
            format!("write {key} = {}", sample(wanted)),
        );
    }

    pub(super) fn string<'v>(&mut self, value: &'v Value<'s>, key: &str) -> Option<&'v str> {
        let text = value.get_ref().as_str();
        if text.is_none() {
            self.wrong_type(value, key, "a string");
        }
        text
    }

    /// A string, or a list of strings, each with its place.
    pub(super) fn strings(&mut self, value: &Value<'s>, key: &str) -> Vec<Example> {
        let example = |value: &Value<'s>, text: &str| Example {
            text: text.to_owned(),
            at: value.span(),
        };
        match value.get_ref() {
            DeValue::String(text) => vec![example(value, text)],
            DeValue::Array(items) => {
                let mut texts = Vec::with_capacity(items.len());
                for item in items.iter() {
                    if let Some(text) = self.string(item, key) {
                        texts.push(example(item, text));
                    }
                }
                texts
            }
            _ => {
                self.wrong_type(value, key, "a string or a list of strings");
                Vec::new()
            }
        }
    }

    pub(super) fn array<'v>(&mut self, value: &'v Value<'s>, key: &str) -> &'v [Value<'s>] {
        match value.get_ref() {
            DeValue::Array(items) => items,
            _ => {
                self.wrong_type(value, key, "a list");
                &[]
            }
        }
    }

    pub(super) fn table<'v>(&mut self, value: &'v Value<'s>, key: &str) -> Option<&'v DeTable<'s>> {
        let table = value.get_ref().as_table();
        if table.is_none() {
            self.wrong_type(value, key, "a table");
        }
        table
    }

    pub(super) fn boolean(&mut self, value: &Value<'s>, key: &str) -> Option<bool> {
        let answer = value.get_ref().as_bool();
        if answer.is_none() {
            self.wrong_type(value, key, "true or false");
        }
        answer
    }

    /// A whole number from 0 to `most`.
    pub(super) fn integer(&mut self, value: &Value<'s>, key: &str, most: u32) -> Option<u32> {
        let number = match value.get_ref() {
            DeValue::Integer(digits) => {
                u32::from_str_radix(&digits.as_str().replace('_', ""), digits.radix())
                    .ok()
                    .filter(|&number| number <= most)
            }
            _ => {
                self.wrong_type(value, key, "a whole number");
                return None;
            }
        };
        if number.is_none() {
            self.error(
                "out-of-range",
                value.span(),
                format!("`{key}` must lie between 0 and {most}"),
                format!("write a number up to {most}"),
            );
        }
        number
    }

    /// A number from 0 to 1.
    pub(super) fn share(&mut self, value: &Value<'s>, key: &str) -> Option<f32> {
        let number = match value.get_ref() {
            DeValue::Integer(digits) => digits.as_str().parse::<f32>().ok(),
            DeValue::Float(digits) => digits.as_str().replace('_', "").parse::<f32>().ok(),
            _ => {
                self.wrong_type(value, key, "a number");
                return None;
            }
        };
        let share = number.filter(|number| (0.0..=1.0).contains(number));
        if share.is_none() {
            self.error(
                "out-of-range",
                value.span(),
                format!("`{key}` must lie between 0 and 1"),
                "write a share such as 0.25",
            );
        }
        share
    }

    /// One of a fixed set of words.
    pub(super) fn word<T: Copy>(
        &mut self,
        text: &str,
        at: Range<usize>,
        key: &str,
        all: &[T],
        name: impl Fn(T) -> &'static str,
    ) -> Option<T> {
        if let Some(&value) = all.iter().find(|&&value| name(value) == text) {
            return Some(value);
        }
        let known: Vec<_> = all.iter().map(|&value| name(value)).collect();
        let help = match nearest(text, &known) {
            Some(near) => format!("did you mean \"{near}\"?"),
            None => format!("the values are {}", known.join(", ")),
        };
        self.error(
            "unknown-value",
            at,
            format!("`{key}` cannot be \"{text}\""),
            help,
        );
        None
    }
}

fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

fn sample(wanted: &str) -> &'static str {
    match wanted {
        "a string" | "a string or a list of strings" => "\"…\"",
        "a list" => "[…]",
        "a table" => "{ … }",
        "true or false" => "true",
        "a whole number" => "100",
        _ => "0.5",
    }
}
