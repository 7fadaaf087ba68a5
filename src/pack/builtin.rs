//! The packs that come with the crate, embedded as text by `build.rs`, which only lists them.

use std::borrow::Cow;
use std::sync::OnceLock;

use super::{Pack, schema};

include!(concat!(env!("OUT_DIR"), "/builtin.rs"));

/// The built-in packs as (path below `patterns/`, text), sorted by path.
///
/// ```
/// assert!(descale::builtin_packs().iter().any(|(path, _)| *path == "en/ads.toml"));
/// ```
#[must_use]
pub fn builtin_packs() -> &'static [(&'static str, &'static str)] {
    BUILTIN
}

impl Pack {
    /// The built-in packs, read once and without their examples. An empty `languages` means all.
    pub(crate) fn builtin(languages: &[String]) -> Vec<&'static Self> {
        static PARSED: OnceLock<Vec<Pack>> = OnceLock::new();
        let packs = PARSED.get_or_init(|| {
            // The tests hold that every built-in pack parses without a complaint.
            BUILTIN
                .iter()
                .map(|&(path, source)| schema::parse(path, Cow::Borrowed(source), false).0)
                .collect()
        });
        packs
            .iter()
            .filter(|pack| languages.is_empty() || languages.iter().any(|lang| pack.speaks(lang)))
            .collect()
    }

    /// Whether the pack is for `lang` (BCP 47): equal, or one a narrower form of the other (`zh` and `zh-Hant`).
    pub(crate) fn speaks(&self, lang: &str) -> bool {
        let own = self.info.id.split('/').next().unwrap_or_default();
        let narrower =
            |a: &str, b: &str| a.strip_prefix(b).is_some_and(|rest| rest.starts_with('-'));
        own == lang || narrower(own, lang) || narrower(lang, own)
    }
}
