//! The shape of a pack in TOML. Unknown keys, wrong types and bad templates are all reported in one go.

mod rule;

pub use rule::RULE_FIELDS;

use std::collections::HashMap;

use toml::de::DeTable;

use super::fields::Reader;
use super::{Pack, Source, source_hash};
use crate::model::{Diagnostic, PackInfo};

const TOP_KEYS: &[&str] = &["pack", "groups", "rule"];
const PACK_KEYS: &[&str] = &["schema", "id", "version", "title", "license", "lang"];

/// Reads a pack. Answers what could be read, and every complaint; rules with mistakes of their own are left out of the pack.
pub(super) fn parse(source: Source) -> (Pack, Vec<Diagnostic>) {
    let text: &str = &source.text;
    let mut reader = Reader {
        source: &source,
        diagnostics: Vec::new(),
        meant: Vec::new(),
    };
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in errors {
        reader.error(
            "toml",
            error.span().unwrap_or(0..0),
            error.message().trim().replace('\n', ", "),
            "see https://toml.io for the syntax",
        );
    }
    let table = table.into_inner();
    reader.known_keys(&table, TOP_KEYS);
    let head = head(&mut reader, &table);
    let groups = groups(&mut reader, &table);
    let mut entries = Vec::new();
    if let Some(rules) = table.get("rule") {
        let mut ids: HashMap<&str, usize> = HashMap::new();
        for value in reader.array(rules, "rule") {
            let Some(fields) = reader.table(value, "rule") else {
                continue;
            };
            let context = rule::Context {
                head: &head,
                groups: &groups,
                at: value.span(),
            };
            let entry = rule::entry(&mut reader, fields, &context);
            if let Some(id) = fields
                .get("id")
                .and_then(|id| Some((id.get_ref().as_str()?, id.span())))
                && let Some(first) = ids.insert(id.0, id.1.start)
            {
                let line = text[..first].matches('\n').count() + 1;
                reader.error(
                    "duplicate-id",
                    id.1,
                    format!("the id `{}` was already used on line {line}", id.0),
                    "give this rule an id of its own; ids are never reused",
                );
            }
            entries.extend(entry);
        }
    }
    if entries.is_empty() && !reader.has_errors() {
        reader.error(
            "empty-pack",
            0..0,
            "this pack has no rules",
            "add a [[rule]] with id, category, text and finds",
        );
    }
    let diagnostics = reader.diagnostics;
    let info = PackInfo {
        id: head.id,
        version: head.version,
        hash: source_hash(text),
    };
    (
        Pack {
            info,
            entries,
            source,
        },
        diagnostics,
    )
}

#[derive(Default)]
struct Head {
    id: String,
    version: String,
    lang: String,
}

fn head<'s>(reader: &mut Reader<'s>, table: &DeTable<'s>) -> Head {
    let mut head = Head::default();
    let Some(value) = table.get("pack") else {
        reader.error("missing-key", 0..0, "this file has no [pack] table", "begin it with [pack] and schema, id, version, title, license, lang; or give a plain list the ending .txt");
        return head;
    };
    let Some(fields) = reader.table(value, "pack") else {
        return head;
    };
    reader.known_keys(fields, PACK_KEYS);
    for &key in PACK_KEYS {
        let Some(value) = fields.get(key) else {
            reader.missing(
                key,
                value.span(),
                format!("[pack] has no `{key}`"),
                format!("add {key} = …"),
            );
            continue;
        };
        if key == "schema" {
            if let Some(schema) = reader
                .integer(value, key, u32::MAX)
                .filter(|&schema| schema != 1)
            {
                reader.error(
                    "unknown-schema",
                    value.span(),
                    format!("schema {schema} is not known to this version"),
                    "write schema = 1, or update descale",
                );
            }
            continue;
        }
        let Some(text) = reader.string(value, key) else {
            continue;
        };
        match key {
            "id" if text.is_empty() || !text.split('/').all(is_kebab) => {
                reader.error(
                    "bad-id",
                    value.span(),
                    format!("`{text}` is no pack id"),
                    "write language and topic in small letters, such as \"en/ads\"",
                );
            }
            "version" if !is_semver(text) => reader.error(
                "bad-version",
                value.span(),
                format!("`{text}` is no version"),
                "write three numbers, such as \"1.0.0\"",
            ),
            "id" => head.id = text.to_owned(),
            "version" => head.version = text.to_owned(),
            "lang" => head.lang = text.to_owned(),
            _ => {}
        }
    }
    head
}

fn groups<'s>(reader: &mut Reader<'s>, table: &DeTable<'s>) -> HashMap<String, Vec<String>> {
    let mut groups = HashMap::new();
    let Some(value) = table.get("groups") else {
        return groups;
    };
    let Some(fields) = reader.table(value, "groups") else {
        return groups;
    };
    for (name, value) in fields {
        let hosts = reader.strings(value, name.get_ref());
        for host in &hosts {
            if !host.text.contains('.') {
                reader.error(
                    "bad-host",
                    host.at.clone(),
                    format!("`{}` is no host", host.text),
                    "write a host such as \"example.com\"",
                );
            }
        }
        groups.insert(
            name.get_ref().to_string(),
            hosts.into_iter().map(|host| host.text).collect(),
        );
    }
    groups
}

fn is_kebab(id: &str) -> bool {
    !id.is_empty()
        && !id.starts_with('-')
        && !id.ends_with('-')
        && id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
}

fn is_semver(version: &str) -> bool {
    let numbers: Vec<_> = version.split('.').collect();
    numbers.len() == 3
        && numbers
            .iter()
            .all(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
}
