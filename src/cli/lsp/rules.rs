//! The rules of a session, made anew when `descale.toml` changes.

use anyhow::Result;
use descale::lint::Baseline;
use descale::{Cleaner, Pack};

use super::super::console::Console;
use super::super::{inputs, lint, rules};
use super::LspArgs;

/// What texts are held against.
pub(super) struct Rules {
    /// What `lint` finds and `lint --fix` mends.
    pub(super) cleaner: Cleaner,
    /// The same, acting on the review tier as well: a person who picks a finding has looked at it.
    pub(super) reviewer: Cleaner,
    /// Findings that do not count.
    pub(super) baseline: Option<Baseline>,
    /// The language of all texts, when one is given.
    pub(super) lang: Option<String>,
    /// The site of all texts, when one is given.
    pub(super) site: Option<String>,
    /// The packs that are not built in, for telling where a rule comes from.
    packs: Vec<Pack>,
}

impl Rules {
    /// The rules that the arguments ask for.
    pub(super) fn new(args: &LspArgs, console: &Console) -> Result<Self> {
        let cleaner = rules::cleaner(&args.rules, console)?;
        let mut review = args.rules.clone();
        review.review = true;
        let lang = match args.rules.packs.lang.as_slice() {
            [lang] => Some(lang.clone()),
            _ => None,
        };
        Ok(Self {
            cleaner,
            reviewer: rules::cleaner(&review, console)?,
            baseline: lint::read_baseline(args.baseline.as_deref())?,
            lang,
            site: args.site.as_deref().map(inputs::site).transpose()?,
            packs: rules::load(&args.rules.packs.patterns)?.packs(),
        })
    }

    /// Where a rule's text was seen and which pack has it, as Markdown.
    pub(super) fn source(&self, name: &str) -> String {
        let Some((pack, _)) = name.rsplit_once('/') else {
            return String::new();
        };
        if pack == "fragment" {
            return "Found by a detector of broken text.".to_owned();
        }
        let path = format!("{pack}.toml");
        let builtin = descale::builtin_packs()
            .iter()
            .find(|(known, _)| *known == path)
            .and_then(|(path, source)| Pack::parse(path, source).ok());
        let builtin = builtin.map(|(pack, _)| pack);
        let entry = self
            .packs
            .iter()
            .chain(&builtin)
            .flat_map(|pack| &pack.entries)
            .find(|entry| entry.rule.name == name);
        match entry.and_then(|entry| entry.seen.as_deref()) {
            Some(seen) => format!("Pack `{pack}`, seen at {seen}."),
            None => format!("Pack `{pack}`."),
        }
    }
}
