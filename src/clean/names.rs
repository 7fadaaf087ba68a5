//! The names by which users speak of rules: categories, packs, rules and detectors.

use std::sync::Arc;

use super::Cleaner;
use crate::builtin;
use crate::fragment;
use crate::model::{Category, RuleInfo, names_rule};
use crate::pack::nearest;

impl Cleaner {
    /// Whether a name means something: a category, pack, rule or detector of this cleaner, also one that [`only`](super::CleanerBuilder::only) or
    /// [`skip`](super::CleanerBuilder::skip) left out, or of any built-in pack.
    #[must_use]
    pub fn knows(&self, name: &str) -> bool {
        is_known(name, self.names.iter()) || builtin_rules().iter().any(|rule| rule.is_named(name))
    }

    /// Whether findings of that name can come up in this cleaner at all.
    #[must_use]
    pub fn looks_for(&self, name: &str) -> bool {
        self.database().rules().any(|rule| rule.is_named(name))
            || self
                .detectors
                .iter()
                .any(|detector| names_detector(name, *detector))
    }

    /// The known name that is spelled most like an unknown one, if any is close.
    ///
    /// ```
    /// let cleaner = descale::Cleaner::builder().languages(["en"]).build()?;
    /// assert!(cleaner.knows("en/ads") && !cleaner.knows("en/adz"));
    /// assert_eq!(cleaner.nearest_name("en/adz"), Some("en/ads".to_owned()));
    /// # Ok::<(), descale::BuildError>(())
    /// ```
    #[must_use]
    pub fn nearest_name(&self, name: &str) -> Option<String> {
        let detectors: Vec<String> = fragment::DETECTORS
            .iter()
            .map(|detector| format!("fragment/{}", detector.name()))
            .collect();
        let mut known: Vec<&str> = Category::ALL
            .iter()
            .map(|category| category.name())
            .collect();
        known.extend(detectors.iter().map(String::as_str));
        let builtin = builtin_rules();
        for rule in self.names.iter().chain(&builtin) {
            let rule = rule.name.as_str();
            known.push(rule);
            known.extend(rule.rfind('/').map(|end| &rule[..end]));
        }
        nearest(name, &known).map(str::to_owned)
    }
}

/// Whether a name is a category, or that of one of the rules or a detector.
pub(super) fn is_known<'r>(name: &str, mut rules: impl Iterator<Item = &'r Arc<RuleInfo>>) -> bool {
    Category::parse(name).is_some()
        || rules.any(|rule| rule.is_named(name))
        || fragment::DETECTORS
            .iter()
            .any(|detector| names_detector(name, *detector))
}

fn names_detector(name: &str, detector: &dyn fragment::Detector) -> bool {
    names_rule(
        name,
        &format!("fragment/{}", detector.name()),
        detector.category(),
    )
}

/// The rules of all built-in packs; asked for only when a name is none of the cleaner's own.
fn builtin_rules() -> Vec<Arc<RuleInfo>> {
    builtin::database(&[]).rules().cloned().collect()
}
