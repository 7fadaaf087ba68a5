//! What a compiler of packs can only say with a scanner at hand: examples that fail, rules that double or shadow each other.

use std::collections::{HashMap, HashSet};

use super::{Cleaner, FragmentMode};
use crate::db::Database;
use crate::model::{Diagnostic, Document, Level, Piece, Place, Safety};
use crate::pack::{Entry, Pack};
use crate::text::fold::fold;

/// Folded literals that ordinary prose is full of; a template that has nothing else would be met everywhere.
const COMMON: &[&str] = &[
    "the", "and", "of the", "in the", "for the", "on the", "to the", "at the", "with", "from",
    "by", "said", "he said", "she said", "more", "new", "all", "news",
];
/// An inline template needs this many letters, …
const INLINE_LETTERS: usize = 12;
/// … and this many words where the script has them.
const INLINE_WORDS: usize = 2;

/// Compiles packs without a check; what they hold was read without error.
pub(crate) fn compile_unchecked(packs: &[Pack]) -> Database {
    Database::compile(
        packs.iter().map(|pack| pack.info.clone()).collect(),
        packs
            .iter()
            .flat_map(|pack| &pack.entries)
            .map(|entry| &entry.rule),
    )
}

/// Compiles packs into a database.
///
/// # Errors
/// All complaints of [`check_packs`], if one of them is an error.
pub fn compile(packs: &[Pack]) -> Result<Database, Vec<Diagnostic>> {
    let diagnostics = check_packs(packs);
    if diagnostics
        .iter()
        .any(|diagnostic| diagnostic.level == Level::Error)
    {
        return Err(diagnostics);
    }
    Ok(compile_unchecked(packs))
}

/// Runs every example of every rule and looks for rules that get in each other's way, over all packs together.
///
/// Errors: an id used twice, a `finds` that is not found, an `ignores` that is acted on, a `fixes` with another outcome or that changes when run
/// again. Warnings: `duplicate`, `shadowed`, `common-anchor`, `short-inline`, `slow`.
///
/// ```
/// let source = r#"
/// [pack]
/// schema = 1
/// id = "en/mine"
/// version = "1.0.0"
/// title = "My strings"
/// license = "MIT"
/// lang = "en"
/// [[rule]]
/// id = "paid-post"
/// category = "ad-marker"
/// text = ["Paid post by {name}"]
/// source = "example.com"
/// finds = ["A paid post by Acme"]
/// "#;
/// let (pack, _) = descale::Pack::parse("mine.toml", source).unwrap();
/// let diagnostics = descale::check_packs(&[pack]);
/// assert_eq!((diagnostics[0].code, diagnostics[0].line), ("finds", 14));
/// ```
#[must_use]
pub fn check_packs(packs: &[Pack]) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    unique(packs, &mut diagnostics);
    let Ok(cleaner) = Cleaner::builder()
        .builtin(false)
        .database(compile_unchecked(packs))
        .apply(Safety::Review)
        .fragments(FragmentMode::Off)
        .build()
    else {
        return diagnostics;
    };
    let entries = packs
        .iter()
        .flat_map(|pack| pack.entries.iter().map(move |entry| (pack, entry)));
    let unfiltered: HashSet<u32> = cleaner.scanner.unfiltered().collect();
    for (index, (pack, entry)) in entries.enumerate() {
        if unfiltered.contains(&(index as u32))
            && !entry.allow.iter().any(|allowed| allowed == "slow")
        {
            let message = "a form of this rule begins and ends with a slot and has no words of eleven letters, so that every text must pass the automaton";
            diagnostics.push(pack.diagnostic(
                Level::Warning,
                "slow",
                entry.at.clone(),
                message,
                "lengthen the words between the slots, or begin or end with words",
            ));
        }
        examples(&cleaner, pack, entry, index as u32, &mut diagnostics);
        anchors(pack, entry, &mut diagnostics);
    }
    twins(packs, &mut diagnostics);
    diagnostics
}

fn unique(packs: &[Pack], diagnostics: &mut Vec<Diagnostic>) {
    let mut names: HashMap<&str, &Pack> = HashMap::new();
    for pack in packs {
        for entry in &pack.entries {
            if let Some(first) = names
                .insert(&entry.rule.name, pack)
                .filter(|first| first.source.file != pack.source.file)
            {
                let message = format!(
                    "the rule `{}` already stands in {}",
                    entry.rule.name, first.source.file
                );
                diagnostics.push(pack.diagnostic(
                    Level::Error,
                    "duplicate-id",
                    entry.at.clone(),
                    message,
                    "give the packs ids of their own, or load only one of them",
                ));
            }
        }
    }
}

fn examples(
    cleaner: &Cleaner,
    pack: &Pack,
    entry: &Entry,
    index: u32,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let site = entry.rule.sites.first().map(String::as_str);
    let mut fail = |code, at: std::ops::Range<usize>, message: String, help: &str| {
        diagnostics.push(pack.diagnostic(Level::Error, code, at, message, help))
    };
    for example in &entry.finds {
        let findings = cleaner
            .clean_rule(
                Document {
                    site,
                    ..Document::new(&example.text)
                },
                Some(index),
            )
            .findings;
        if !findings.iter().any(|finding| {
            finding
                .kept
                .is_none_or(|kept| kept == crate::model::Kept::Tier)
        }) {
            let why = findings
                .first()
                .and_then(|finding| finding.kept)
                .map_or(String::new(), |kept| format!(" (it is kept: {kept})"));
            fail(
                "finds",
                example.at.clone(),
                format!("`{}` finds nothing here{why}", entry.rule.name),
                "write the text as it stands in articles, or widen the template or the place",
            );
        }
    }
    for example in &entry.ignores {
        let cleaned = cleaner.clean_rule(
            Document {
                site,
                ..Document::new(&example.text)
            },
            Some(index),
        );
        if let Some(finding) = cleaned.findings.iter().find(|finding| {
            finding
                .kept
                .is_none_or(|kept| kept == crate::model::Kept::Tier)
        }) {
            let found = &example.text[finding.span.range()];
            fail(
                "ignores",
                example.at.clone(),
                format!("`{}` acts on \"{found}\" here", entry.rule.name),
                "narrow the template or the place, or add an `unless`",
            );
        }
    }
    for fix in &entry.fixes {
        let document = |text| Document {
            text,
            site: fix.site.as_deref().or(site),
            title: fix.title.as_deref(),
            lang: None,
        };
        let once = cleaner
            .clean_rule(document(&fix.before), Some(index))
            .text
            .into_owned();
        if once != fix.after {
            fail(
                "fixes",
                fix.at.clone(),
                format!("`{}` makes {once:?} of it", entry.rule.name),
                "correct `out`, or the rule",
            );
            continue;
        }
        let twice = cleaner
            .clean_rule(document(&once), Some(index))
            .text
            .into_owned();
        if twice != once {
            fail(
                "fixes",
                fix.at.clone(),
                format!("cleaned again, `{}` makes {twice:?} of it", entry.rule.name),
                "a second cleaning must change nothing; narrow the rule",
            );
        }
    }
}

/// Warns of templates that ordinary prose would meet.
fn anchors(pack: &Pack, entry: &Entry, diagnostics: &mut Vec<Diagnostic>) {
    let allowed = |code: &str| entry.allow.iter().any(|allowed| allowed == code);
    let rule = &entry.rule;
    for form in rule.text.iter().flat_map(|template| &template.forms) {
        let literals = || {
            form.iter().filter_map(|piece| match piece {
                Piece::Literal(text) => Some(fold(text)),
                Piece::Slot(_) => None,
            })
        };
        let only_common = form.len() > literals().count()
            && literals()
                .all(|text| COMMON.contains(&text.trim_matches(|c: char| !c.is_alphanumeric())));
        if only_common
            && !allowed("common-anchor")
            && rule.safety.highest(rule.places) > Safety::Report
        {
            let message = "this template has no words but ordinary ones beside its slots";
            diagnostics.push(pack.diagnostic(
                Level::Warning,
                "common-anchor",
                entry.at.clone(),
                message,
                "add a rarer word, make the rule report only, or allow the warning",
            ));
            return;
        }
        let letters: usize = literals()
            .map(|text| text.chars().filter(|c| c.is_alphanumeric()).count())
            .sum();
        let words: usize = literals().map(|text| text.split(' ').count()).sum();
        if rule.places.has(Place::Inline)
            && (letters < INLINE_LETTERS || words < INLINE_WORDS)
            && !allowed("short-inline")
        {
            let message = "this template is short for acting inside lines";
            diagnostics.push(pack.diagnostic(
                Level::Warning,
                "short-inline",
                entry.at.clone(),
                message,
                "use at = \"line\", lengthen it, or allow the warning",
            ));
            return;
        }
    }
}

/// Warns of rules that say the same, or of which one says all that another does.
fn twins(packs: &[Pack], diagnostics: &mut Vec<Diagnostic>) {
    let mut seen: HashMap<String, (&Pack, &Entry)> = HashMap::new();
    for pack in packs {
        for entry in &pack.entries {
            let allowed = |code: &str| entry.allow.iter().any(|allowed| allowed == code);
            let mut doubled = None;
            let mut forms = 0;
            let mut shared = 0;
            for form in entry.rule.text.iter().flat_map(|template| &template.forms) {
                let key = key(form);
                forms += 1;
                match seen.get(&key) {
                    Some(&(first_pack, first))
                        if first.rule.name != entry.rule.name
                            && same_scope(&first.rule, &entry.rule) =>
                    {
                        shared += 1;
                        doubled = Some((first_pack, first));
                    }
                    Some(_) => {}
                    None => {
                        seen.insert(key, (pack, entry));
                    }
                }
            }
            if let Some((_, first)) = doubled {
                let (code, message) = if shared == forms {
                    (
                        "duplicate",
                        format!("`{}` looks for the same", first.rule.name),
                    )
                } else {
                    (
                        "shadowed",
                        format!(
                            "`{}` already looks for {shared} of its {forms} forms",
                            first.rule.name
                        ),
                    )
                };
                if !allowed(code) {
                    diagnostics.push(pack.diagnostic(
                        Level::Warning,
                        code,
                        entry.at.clone(),
                        message,
                        "merge the two, or allow the warning",
                    ));
                }
            }
        }
    }
}

/// What a form looks for, decoration at its ends left out.
fn key(form: &[Piece]) -> String {
    let text: String = form
        .iter()
        .map(|piece| match piece {
            Piece::Literal(text) => fold(text),
            Piece::Slot(slot) => format!("{{{}}}", slot.name()),
        })
        .collect();
    text.trim_matches(|c: char| !c.is_alphanumeric() && !matches!(c, '{' | '}'))
        .to_owned()
}

fn same_scope(first: &crate::model::Rule, second: &crate::model::Rule) -> bool {
    first.lang == second.lang
        && first.sites == second.sites
        && first.places.iter().any(|place| second.places.has(place))
        && first.take == second.take
        && first.case == second.case
}
