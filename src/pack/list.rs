//! The smallest pack there is: a plain list of strings.

use std::ops::Range;

use super::{Entry, Pack, Source, source_hash, template};
use crate::model::{
    Case, Category, Diagnostic, Level, PackInfo, Place, PlaceSet, Rule, Safety, SafetyByPlace,
};

/// The most bytes of a string in a list.
const MAX_BYTES: usize = 1024;
/// A string acts inside lines only from this many words …
const INLINE_WORDS: usize = 3;
/// … and this many letters on. "Foo bar baz" does, "Read more" does not.
const INLINE_LETTERS: usize = 9;

pub(super) fn parse(file: &str, source: &str) -> Result<(Pack, Vec<Diagnostic>), Vec<Diagnostic>> {
    let source = source.strip_prefix('\u{feff}').unwrap_or(source);
    let stem = file.rsplit(['/', '\\']).next().unwrap_or(file);
    let id = stem
        .split('.')
        .next()
        .filter(|stem| !stem.is_empty())
        .unwrap_or("list");
    let mut pack = empty(id, file, source);
    let mut errors = Vec::new();
    let mut at = 0;
    for line in source.split_inclusive('\n') {
        let text = line.trim();
        let start = at + (line.len() - line.trim_start().len());
        at += line.len();
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        let text = if text.starts_with("\\#") {
            &text[1..]
        } else {
            text
        };
        let name = format!("{id}/{}", pack.entries.len() + 1);
        match entry(&name, text, start..start + text.len()) {
            Ok(entry) => pack.entries.push(entry),
            Err((message, help)) => errors.push(pack.diagnostic(
                Level::Error,
                "bad-string",
                start..start + text.len(),
                message,
                help,
            )),
        }
    }
    if errors.is_empty() && pack.entries.is_empty() {
        errors.push(pack.diagnostic(
            Level::Error,
            "empty-pack",
            0..0,
            "this list holds no string",
            "write one string a line, as it stands in the text",
        ));
    }
    if errors.is_empty() {
        Ok((pack, Vec::new()))
    } else {
        Err(errors)
    }
}

pub(super) fn pattern(number: usize, pattern: &str) -> Result<Pack, Vec<Diagnostic>> {
    let mut pack = empty("pattern", "--pattern", pattern);
    let text = pattern.trim();
    match entry(&format!("pattern/{number}"), text, 0..pattern.len()) {
        Ok(entry) => {
            pack.entries.push(entry);
            Ok(pack)
        }
        Err((message, help)) => Err(vec![pack.diagnostic(
            Level::Error,
            "bad-string",
            0..pattern.len(),
            message,
            help,
        )]),
    }
}

fn empty(id: &str, file: &str, source: &str) -> Pack {
    Pack {
        info: PackInfo {
            id: id.to_owned(),
            version: "0.0.0".to_owned(),
            hash: source_hash(source),
        },
        entries: Vec::new(),
        source: Source::new(file, source),
    }
}

fn entry(name: &str, text: &str, at: Range<usize>) -> Result<Entry, (String, String)> {
    if text.len() > MAX_BYTES {
        return Err((
            format!(
                "this string has {} bytes, at most {MAX_BYTES} are allowed",
                text.len()
            ),
            "take its first and most telling words".to_owned(),
        ));
    }
    let letters = text.chars().filter(|c| c.is_alphanumeric()).count();
    if letters < 2 {
        return Err((
            "this string has fewer than two letters".to_owned(),
            "write the whole marker as it stands in the text".to_owned(),
        ));
    }
    let mut places = PlaceSet::EMPTY.with(Place::Line);
    // A short string would be met in ordinary sentences.
    if letters >= INLINE_LETTERS && text.split_whitespace().count() >= INLINE_WORDS {
        places = places.with(Place::Inline);
    }
    Ok(Entry {
        rule: Rule {
            name: name.to_owned(),
            version: "0.0.0".to_owned(),
            lang: String::new(),
            category: Category::Misc,
            text: vec![template::plain(text)],
            places,
            take: None,
            until: None,
            within: Rule::DEFAULT_WITHIN,
            case: Case::Fold,
            sites: Vec::new(),
            unless: Vec::new(),
            safety: SafetyByPlace::all(Safety::Safe),
            limit: Rule::DEFAULT_LIMIT,
        },
        finds: Vec::new(),
        ignores: Vec::new(),
        fixes: Vec::new(),
        seen: None,
        allow: Vec::new(),
        deprecated: None,
        at,
    })
}
