//! Engine cases as data: every `tests/cases/*.toml`, run through the library's face.
//!
//! A file may say which rules its cases run with: `builtin = true` for the packs that come with the crate, `patterns` for a pack of its own in
//! TOML; without either there are only the fragment detectors.
//!
//! A case has `name`, `text`, `clean` (what `clean` makes of the text; left out: the text itself), `review` (what `clean --review` makes;
//! left out: as `clean`), `findings` (`"rule: found text"` in the order of the text, which may say ` (why it stays)` behind it;
//! left out: not compared), and the document's `site`, `title` and `lang`. With `pattern`, a list of strings as `--pattern` takes
//! them, it runs with those alone. Every case is cleaned twice, and the second time nothing may change.

use std::{collections::HashMap, fs, path::Path};

use descale::{Cleaner, Document, Pack, Safety};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    builtin: bool,
    patterns: Option<String>,
    case: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    text: String,
    #[serde(default)]
    pattern: Vec<String>,
    clean: Option<String>,
    review: Option<String>,
    findings: Option<Vec<String>>,
    site: Option<String>,
    title: Option<String>,
    lang: Option<String>,
}

/// What the rules of a case come from: built-in packs or not, a pack, strings.
type Rules = (bool, Option<String>, Vec<String>);

fn cleaner(rules: &Rules, lowest: Safety) -> Cleaner {
    let (builtin, patterns, strings) = rules;
    let mut builder = Cleaner::builder().builtin(*builtin).apply(lowest);
    if let Some(source) = patterns {
        let (pack, warnings) = Pack::parse("patterns", source)
            .unwrap_or_else(|errors| panic!("{}", errors[0].to_string()));
        // A warning such as an unknown slot is a mistake of the case's author.
        assert!(
            warnings.iter().all(|warning| warning.code == "no-source"),
            "{warnings:#?}"
        );
        builder = builder.packs([pack]);
    }
    for string in strings {
        builder = builder.pattern(string);
    }
    builder.build().unwrap_or_else(|error| panic!("{error}"))
}

fn run(case: &Case, safe: &Cleaner, review: &Cleaner, mut fail: impl FnMut(String)) {
    let mut check = |what: &str, got: &str, wanted: &str| {
        if got != wanted {
            fail(format!("{what}\n  wanted {wanted:?}\n  got    {got:?}"));
        }
    };
    let known = Document {
        text: "",
        site: case.site.as_deref(),
        title: case.title.as_deref(),
        lang: case.lang.as_deref(),
    };
    let clean = case.clean.as_ref().unwrap_or(&case.text);
    for (what, cleaner, wanted) in [
        ("clean", safe, clean),
        ("review", review, case.review.as_ref().unwrap_or(clean)),
    ] {
        let once = cleaner
            .clean_document(Document {
                text: &case.text,
                ..known
            })
            .text;
        check(what, &once, wanted);
        let twice = cleaner
            .clean_document(Document {
                text: &once,
                ..known
            })
            .text;
        check(&format!("{what}, again"), &twice, &once);
    }
    if let Some(wanted) = &case.findings {
        let scanned = review.scan_document(Document {
            text: &case.text,
            ..known
        });
        let found: Vec<_> = scanned
            .iter()
            .enumerate()
            .map(|(index, finding)| {
                let text = &case.text[finding.span.range()];
                let found = format!("{}: {text}", finding.rule.name);
                match finding.kept {
                    Some(kept) if wanted.get(index) != Some(&found) => format!("{found} ({kept})"),
                    _ => found,
                }
            })
            .collect();
        check("findings", &format!("{found:#?}"), &format!("{wanted:#?}"));
    }
}

#[test]
fn cases() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut cleaners: HashMap<Rules, (Cleaner, Cleaner)> = HashMap::new();
    let mut failures = Vec::new();
    let mut count = 0;
    let mut paths: Vec<_> = fs::read_dir(folder)
        .expect("tests/cases")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "toml"));
    paths.sort();
    for path in paths {
        let source = fs::read_to_string(&path).expect("a readable file");
        let file: File =
            toml::from_str(&source).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        for case in file.case {
            count += 1;
            let rules = if case.pattern.is_empty() {
                (file.builtin, file.patterns.clone(), Vec::new())
            } else {
                (false, None, case.pattern.clone())
            };
            let (safe, review) = cleaners.entry(rules).or_insert_with_key(|rules| {
                (cleaner(rules, Safety::Safe), cleaner(rules, Safety::Review))
            });
            run(&case, safe, review, |failure| {
                failures.push(format!("{stem} · {} · {failure}", case.name));
            });
        }
    }
    assert!(
        failures.is_empty(),
        "{} faults in {count} cases:\n{}",
        failures.len(),
        failures.join("\n")
    );
    assert!(count > 0, "no cases found");
}
