//! A rule of a pack: its keys, its templates, where it looks, how sure it is, and its examples.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use toml::de::DeTable;

use super::super::fields::{Reader, Value};
use super::super::template::{self, TemplateError};
use super::super::{Entry, Example, Fix};
use super::{Head, is_kebab};
use crate::model::{
    Case, Category, Form, Level, Limit, Piece, Place, PlaceSet, Rule, Safety, SafetyByPlace, Slot,
    Take, Template,
};

/// The fields of a rule in a pack, in the order of the documentation and of tidy packs.
///
/// ```
/// assert_eq!(descale::RULE_FIELDS.first(), Some(&"id"));
/// ```
pub const RULE_FIELDS: &[&str] = &[
    "id",
    "category",
    "text",
    "at",
    "take",
    "until",
    "within",
    "case",
    "sites",
    "unless",
    "safety",
    "limit",
    "source",
    "finds",
    "ignores",
    "fixes",
    "deprecated",
    "successor",
    "allow",
];
/// Warnings that a rule may allow.
const WARNINGS: &[&str] = &[
    "duplicate",
    "shadowed",
    "common-anchor",
    "short-inline",
    "test-overlap",
    "no-source",
    "deprecated-without-successor",
    "slow",
];
/// The most bytes between the halves of a pair that a rule may ask for.
const MOST_WITHIN: u32 = 10_000;
/// The most characters a limit may allow.
const MOST_CHARS: u32 = 100_000;

/// What a rule's reader must know of its pack.
pub(super) struct Context<'c> {
    pub(super) head: &'c Head,
    pub(super) groups: &'c HashMap<String, Vec<String>>,
    /// Where the rule stands in the file.
    pub(super) at: Range<usize>,
}

/// Reads a rule. Nothing when it has mistakes, which are reported.
pub(super) fn entry<'s>(
    reader: &mut Reader<'s>,
    fields: &DeTable<'s>,
    context: &Context<'_>,
) -> Option<Entry> {
    let complaints = reader.diagnostics.len();
    reader.known_keys(fields, RULE_FIELDS);
    let meant = reader.meant.clone();
    let mut required = |key: &str| {
        let value = fields.get(key);
        if value.is_none() {
            reader.missing(
                key,
                context.at.clone(),
                format!("this rule has no `{key}`"),
                format!("add {key} = …"),
            );
        }
        value
    };
    let (id_value, category, text) = (required("id"), required("category"), required("text"));
    let id_at = id_value.map_or(context.at.clone(), Value::span);
    let id = id_value.and_then(|value| reader.string(value, "id").map(str::to_owned));
    if let Some(id) = id.as_deref().filter(|id| !is_kebab(id)) {
        reader.error(
            "bad-id",
            id_at.clone(),
            format!("`{id}` is not in kebab-case"),
            "write small letters, digits and hyphens, such as \"continues-below\"",
        );
    }
    let category = category.and_then(|value| {
        let word = reader.string(value, "category")?.to_owned();
        let all: Vec<_> = Category::ALL
            .iter()
            .copied()
            .filter(|&category| category != Category::Fragment)
            .collect();
        reader.word(&word, value.span(), "category", &all, Category::name)
    });
    let places = fields
        .get("at")
        .map_or(PlaceSet::EMPTY.with(Place::Line), |value| {
            let words = reader.strings(value, "at");
            words.into_iter().fold(PlaceSet::EMPTY, |set, word| {
                reader
                    .word(&word.text, word.at, "at", Place::ALL, Place::name)
                    .map_or(set, |place| set.with(place))
            })
        });
    let text = text.map_or_else(Vec::new, |value| {
        templates(reader, value, "text", Some(places))
    });
    let take = fields.get("take").and_then(|value| {
        let word = reader.string(value, "take")?.to_owned();
        reader.word(&word, value.span(), "take", Take::ALL, Take::name)
    });
    let until = fields
        .get("until")
        .and_then(|value| templates(reader, value, "until", None).into_iter().next());
    if (take == Some(Take::Until)) != fields.get("until").is_some() {
        reader.error(
            "until",
            id_at.clone(),
            "`take = \"until\"` and `until` belong together",
            "add the other one, or take this one away",
        );
    }
    let within = fields
        .get("within")
        .and_then(|value| reader.integer(value, "within", MOST_WITHIN))
        .unwrap_or(Rule::DEFAULT_WITHIN);
    let case = fields.get("case").and_then(|value| {
        let word = reader.string(value, "case")?.to_owned();
        reader.word(&word, value.span(), "case", Case::ALL, Case::name)
    });
    let sites = fields
        .get("sites")
        .map_or_else(Vec::new, |value| sites(reader, value, context.groups));
    let unless = fields
        .get("unless")
        .map_or_else(Vec::new, |value| templates(reader, value, "unless", None));
    let safety = fields
        .get("safety")
        .map_or(SafetyByPlace::all(Safety::Review), |value| {
            safety(reader, value, places)
        });
    let limit = limit(reader, fields.get("limit"));
    let seen = fields
        .get("source")
        .and_then(|value| reader.string(value, "source").map(str::to_owned));
    let allow = fields.get("allow").map_or_else(Vec::new, |value| {
        let words = reader.strings(value, "allow");
        words
            .into_iter()
            .filter_map(|word| {
                reader.word(&word.text, word.at, "allow", WARNINGS, |warning| warning)
            })
            .map(str::to_owned)
            .collect()
    });
    let deprecated = deprecated(reader, fields, &id_at, &allow);
    let mut list = |key: &str| {
        fields
            .get(key)
            .map_or_else(Vec::new, |value| reader.strings(value, key))
    };
    let (finds, ignores) = (list("finds"), list("ignores"));
    let fixes = fields
        .get("fixes")
        .map_or_else(Vec::new, |value| fixes(reader, value));
    reader.meant = meant;
    if finds.is_empty() {
        reader.missing(
            "finds",
            id_at.clone(),
            "this rule has no `finds`",
            "add a text in which it must find something",
        );
    }
    if ignores.is_empty()
        && safety.highest(places) == Safety::Safe
        && !reader.meant.iter().any(|meant| meant == "ignores")
    {
        reader.error(
            "missing-ignores",
            id_at.clone(),
            "a safe rule needs `ignores`",
            "add a near miss that it must leave alone, or make it review",
        );
    }
    if seen.is_none() && !allow.iter().any(|allowed| allowed == "no-source") {
        reader.report(
            Level::Warning,
            "no-source",
            id_at.clone(),
            "this rule does not say where its string was seen",
            "add source = \"host or kind of evidence\"",
        );
    }
    // A rule with a mistake is not run: its examples would fail for that reason alone. A key that is merely unknown does no such harm.
    let broken = reader.diagnostics[complaints..]
        .iter()
        .any(|diagnostic| diagnostic.level == Level::Error && diagnostic.code != "unknown-key");
    if broken {
        return None;
    }
    let rule = Rule {
        name: format!("{}/{}", context.head.id, id?),
        version: context.head.version.clone(),
        lang: context.head.lang.clone(),
        category: category?,
        text,
        places,
        take,
        until,
        within,
        case: case.unwrap_or(Case::Fold),
        sites,
        unless,
        safety,
        limit,
    };
    Some(Entry {
        rule,
        finds,
        ignores,
        fixes,
        seen,
        allow,
        deprecated,
        at: id_at,
    })
}

fn deprecated<'s>(
    reader: &mut Reader<'s>,
    fields: &DeTable<'s>,
    id_at: &Range<usize>,
    allow: &[String],
) -> Option<Option<String>> {
    let deprecated = fields
        .get("deprecated")
        .and_then(|value| reader.boolean(value, "deprecated"))
        .unwrap_or(false);
    let successor = fields
        .get("successor")
        .and_then(|value| reader.string(value, "successor").map(str::to_owned));
    if deprecated
        && successor.is_none()
        && !allow
            .iter()
            .any(|allowed| allowed == "deprecated-without-successor")
    {
        reader.report(
            Level::Warning,
            "deprecated-without-successor",
            id_at.clone(),
            "this rule is deprecated, but no other took over",
            "add successor = \"id\", or allow the warning",
        );
    }
    deprecated.then_some(successor)
}

/// Reads templates; with `places`, also holds them to what those places ask for.
fn templates<'s>(
    reader: &mut Reader<'s>,
    value: &Value<'s>,
    key: &str,
    places: Option<PlaceSet>,
) -> Vec<Template> {
    let mut templates = Vec::new();
    for source in reader.strings(value, key) {
        let parsed = template::parse(&source.text).and_then(|template| match places {
            Some(places) => template
                .forms
                .iter()
                .try_for_each(|form| check_form(form, places))
                .map(|()| template),
            None => Ok(template),
        });
        match parsed {
            Ok(template) => templates.push(template),
            Err(error) => {
                let at = place_in_source(&reader.source.text, &source, &error);
                reader.error("template", at, error.message, error.help);
            }
        }
    }
    if templates.is_empty() && !reader.has_errors() {
        reader.error(
            "missing-key",
            value.span(),
            format!("`{key}` is empty"),
            "write at least one template",
        );
    }
    templates
}

/// Where in the file a mistake of a template stands. Escapes of TOML shift offsets; then the whole string is meant.
fn place_in_source(source: &str, template: &Example, error: &TemplateError) -> Range<usize> {
    let raw = source.get(template.at.clone()).unwrap_or_default();
    match raw.find(&template.text) {
        Some(offset) if !template.text.is_empty() => {
            let start = template.at.start + offset + error.at;
            start..start + error.len
        }
        _ => template.at.clone(),
    }
}

fn check_form(form: &Form, places: PlaceSet) -> Result<(), TemplateError> {
    let fail = |message: &str, help: &str| {
        Err(TemplateError {
            at: 0,
            len: usize::MAX / 2,
            message: message.to_owned(),
            help: help.to_owned(),
        })
    };
    let letters = |piece: &Piece| match piece {
        Piece::Literal(text) => text.chars().filter(|c| c.is_alphanumeric()).count(),
        Piece::Slot(_) => 0,
    };
    if form.iter().map(letters).max().unwrap_or(0) < 2
        && form.iter().any(|piece| matches!(piece, Piece::Slot(_)))
    {
        return fail(
            "a template needs a literal of at least two letters",
            "slots alone would match ordinary text; add the words around them",
        );
    }
    if form.iter().map(letters).sum::<usize>() < 2 {
        return fail(
            "a template needs at least two letters",
            "a single sign would match ordinary text",
        );
    }
    let (first, last) = (form.first(), form.last());
    let open =
        |piece: Option<&Piece>| matches!(piece, Some(Piece::Slot(Slot::Title | Slot::Words)));
    let slot = |piece: Option<&Piece>| matches!(piece, Some(Piece::Slot(_)));
    if places.has(Place::Inline) && (slot(first) || slot(last)) {
        return fail(
            "an inline template cannot begin or end with a slot",
            "nothing marks where the slot ends inside a line; use at = \"line\"",
        );
    }
    if places.has(Place::LineStart) && open(last) {
        return fail(
            "a line-start template cannot end with {title} or {words}",
            "use at = \"line\", which takes the whole line",
        );
    }
    if places.has(Place::LineEnd) && open(first) {
        return fail(
            "a line-end template cannot begin with {title} or {words}",
            "use at = \"line\", which takes the whole line",
        );
    }
    Ok(())
}

fn sites<'s>(
    reader: &mut Reader<'s>,
    value: &Value<'s>,
    groups: &HashMap<String, Vec<String>>,
) -> Vec<String> {
    let mut hosts = Vec::new();
    for name in reader.strings(value, "sites") {
        if let Some(group) = groups.get(&name.text) {
            hosts.extend(group.iter().cloned());
        } else if name.text.contains('.') {
            hosts.push(name.text.trim_start_matches("www.").to_ascii_lowercase());
        } else {
            let known: Vec<_> = groups.keys().map(String::as_str).collect();
            let help = super::super::nearest(&name.text, &known).map_or_else(
                || "define it under [groups], or write a host such as \"example.com\"".to_owned(),
                |near| format!("did you mean \"{near}\"?"),
            );
            reader.error(
                "unknown-group",
                name.at,
                format!("there is no group `{}`", name.text),
                help,
            );
        }
    }
    let mut seen = HashSet::new();
    hosts.retain(|host| seen.insert(host.clone()));
    hosts
}

fn safety<'s>(reader: &mut Reader<'s>, value: &Value<'s>, places: PlaceSet) -> SafetyByPlace {
    let mut safeties = SafetyByPlace::all(Safety::Review);
    if let Some(word) = value.get_ref().as_str().map(str::to_owned) {
        return reader
            .word(&word, value.span(), "safety", Safety::ALL, Safety::name)
            .map_or(safeties, SafetyByPlace::all);
    }
    let Some(table) = reader.table(value, "safety") else {
        return safeties;
    };
    for (key, value) in table {
        let place = reader.word(key.get_ref(), key.span(), "safety", Place::ALL, Place::name);
        let word = reader.string(value, key.get_ref()).map(str::to_owned);
        let safety = word
            .and_then(|word| reader.word(&word, value.span(), "safety", Safety::ALL, Safety::name));
        if let (Some(place), Some(safety)) = (place, safety) {
            if !places.has(place) {
                reader.error(
                    "unknown-value",
                    key.span(),
                    format!("the rule does not act at `{place}`"),
                    "name only places that `at` lists",
                );
            }
            safeties.0[place as usize] = safety;
        }
    }
    safeties
}

fn limit<'s>(reader: &mut Reader<'s>, value: Option<&Value<'s>>) -> Limit {
    let mut limit = Rule::DEFAULT_LIMIT;
    let Some(table) = value.and_then(|value| reader.table(value, "limit")) else {
        return limit;
    };
    reader.known_keys(table, &["chars", "share"]);
    if let Some(chars) = table
        .get("chars")
        .and_then(|value| reader.integer(value, "chars", MOST_CHARS))
    {
        limit.chars = chars;
    }
    if let Some(share) = table
        .get("share")
        .and_then(|value| reader.share(value, "share"))
    {
        limit.share = share;
    }
    limit
}

fn fixes<'s>(reader: &mut Reader<'s>, value: &Value<'s>) -> Vec<Fix> {
    let mut fixes = Vec::new();
    for value in reader.array(value, "fixes") {
        let Some(table) = reader.table(value, "fixes") else {
            continue;
        };
        reader.known_keys(table, &["in", "out", "site", "title"]);
        let mut field = |key: &str| {
            table
                .get(key)
                .and_then(|value| reader.string(value, key).map(str::to_owned))
        };
        let (before, after, site, title) =
            (field("in"), field("out"), field("site"), field("title"));
        match (before, after) {
            (Some(before), Some(after)) => fixes.push(Fix {
                before,
                after,
                site,
                title,
                at: value.span(),
            }),
            _ => reader.error(
                "missing-key",
                value.span(),
                "a fix needs `in` and `out`",
                "write { in = \"before\", out = \"after\" }",
            ),
        }
    }
    fixes
}
