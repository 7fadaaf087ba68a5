//! The built-in packs, held to their own examples. `descale patterns test` does the same for a person, one pack at a time.

use std::collections::BTreeMap;

use descale::{Diagnostic, Level, Pack, Place, Safety, builtin_packs, check_packs};

fn parse(path: &str, source: &str) -> (Pack, Vec<Diagnostic>) {
    Pack::parse(path, source).unwrap_or_else(|errors| {
        let errors: Vec<_> = errors.iter().map(ToString::to_string).collect();
        panic!("{}", errors.join("\n"))
    })
}

fn all() -> Vec<Pack> {
    builtin_packs()
        .iter()
        .map(|(path, source)| parse(path, source).0)
        .collect()
}

#[test]
fn every_pack_parses_and_is_named_after_its_path() {
    assert!(builtin_packs().len() > 50);
    for (path, source) in builtin_packs() {
        let (pack, warnings) = parse(path, source);
        assert_eq!(format!("{}.toml", pack.info.id), *path);
        assert!(!pack.entries.is_empty(), "{path} has no rules");
        let errors = warnings
            .iter()
            .filter(|warning| warning.level == Level::Error);
        assert_eq!(errors.count(), 0, "{path}");
    }
}

/// All packs of a language go through the checks together, as `clean --lang` loads them; rules of two packs must not get in each other's way.
#[test]
fn every_example_holds_and_no_rule_is_slow() {
    let mut languages: BTreeMap<String, Vec<Pack>> = BTreeMap::new();
    for pack in all() {
        let language = pack.info.id.split('/').next().unwrap_or_default();
        languages.entry(language.to_owned()).or_default().push(pack);
    }
    let mut faults = Vec::new();
    for packs in languages.values() {
        let diagnostics = check_packs(packs);
        let grave = |d: &&Diagnostic| d.level == Level::Error || d.code == "slow";
        faults.extend(diagnostics.iter().filter(grave).map(ToString::to_string));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn rules_are_sorted_and_each_shows_what_it_is_for() {
    let mut faults = Vec::new();
    for pack in all() {
        let names: Vec<_> = pack.entries.iter().map(|entry| &entry.rule.name).collect();
        if let Some(pair) = names.windows(2).find(|pair| pair[0] >= pair[1]) {
            faults.push(format!(
                "{} must stand before {}: run `descale patterns fmt`",
                pair[1], pair[0]
            ));
        }
        for entry in &pack.entries {
            let rule = &entry.rule;
            if entry.finds.is_empty() {
                faults.push(format!("{} has no `finds`", rule.name));
            }
            let safe = Place::ALL
                .iter()
                .any(|&place| rule.places.has(place) && rule.safety.at(place) == Safety::Safe);
            if safe && entry.ignores.is_empty() {
                faults.push(format!("{} is safe and has no `ignores`", rule.name));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
