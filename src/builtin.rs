//! What comes with the crate: the packs' texts, for whoever wants to read them, and the database that `build.rs` compiled of them, for work.

use crate::db::{Database, speaks};

include!(concat!(env!("OUT_DIR"), "/builtin.rs"));

/// Made by `build.rs` with the modules that read it here.
static COMPILED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/builtin.descale"));

/// The built-in packs as (path below `patterns/`, text), sorted by path.
///
/// ```
/// assert!(descale::builtin_packs().iter().any(|(path, _)| *path == "en/ads.toml"));
/// ```
#[must_use]
pub fn builtin_packs() -> &'static [(&'static str, &'static str)] {
    BUILTIN
}

/// The built-in rules of these languages; an empty list means all.
pub(crate) fn database(languages: &[String]) -> Database {
    let all = Database::from_bytes(COMPILED)
        .expect("build.rs wrote the database with the code that reads it");
    if languages.is_empty() {
        return all;
    }
    all.of_packs(|id| {
        let own = id.split('/').next().unwrap_or_default();
        languages.iter().any(|language| speaks(own, language))
    })
}

/// The languages of the built-in packs, sorted, when none of them is for `wanted`.
pub(crate) fn languages_without(wanted: &str) -> Option<Vec<&'static str>> {
    let mut known: Vec<_> = BUILTIN
        .iter()
        .filter_map(|(path, _)| path.split('/').next())
        .collect();
    known.dedup();
    let is_known = known.iter().any(|own| speaks(own, wanted));
    (!is_known).then_some(known)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pack::Pack;

    /// The file made at build time, held against the packs read now, as a user's own packs are.
    #[test]
    fn the_embedded_database_is_what_the_packs_say() {
        let packs: Vec<Pack> = builtin_packs()
            .iter()
            .map(|(path, source)| Pack::parse(path, source).expect("a built-in pack").0)
            .collect();
        let compiled = Database::compile(
            packs.iter().map(|pack| pack.info.clone()).collect(),
            packs
                .iter()
                .flat_map(|pack| &pack.entries)
                .map(|entry| &entry.rule),
        );
        assert!(compiled == database(&[]), "build.rs and the library differ");
    }

    #[test]
    fn languages_choose_packs_and_their_rules() {
        let chosen = database(&["zh".to_owned(), "de-AT".to_owned()]);
        let languages = |names: Vec<&str>| {
            let mut languages: Vec<String> = names
                .iter()
                .filter_map(|name| name.split('/').next())
                .map(str::to_owned)
                .collect();
            languages.dedup();
            languages
        };
        let packs = languages(chosen.packs().iter().map(|pack| &*pack.id).collect());
        assert!(
            packs.contains(&"de".to_owned())
                && packs.iter().all(|id| id == "de" || id.starts_with("zh"))
        );
        assert_eq!(
            languages(chosen.rules().map(|rule| &*rule.name).collect()),
            packs
        );
        assert!(database(&["xx".to_owned()]).is_empty());
        assert_eq!(languages_without("de-AT"), None);
        assert!(languages_without("xx").is_some_and(|known| known.contains(&"de")));
    }
}
