//! Engine cases as data: every `tests/cases/*.toml`, run through the library's face without the built-in packs.
//!
//! A case has `name`, `text`, `clean` (what `clean` makes of the text; left out: the text itself), `review` (what `clean --review` makes;
//! left out: as `clean`), `title`, and `findings` (`"rule: found text"`, in the order of the text; left out: not compared). Both are cleaned
//! twice, and the second time nothing may change.

use std::{fs, path::Path};

use descale::{Cleaner, Document, Safety};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    case: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    text: String,
    clean: Option<String>,
    review: Option<String>,
    title: Option<String>,
    findings: Option<Vec<String>>,
}

fn cleaner(lowest: Safety) -> Cleaner {
    Cleaner::builder()
        .builtin(false)
        .apply(lowest)
        .build()
        .expect("no pack, no error")
}

#[test]
fn cases() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let (safe, review) = (cleaner(Safety::Safe), cleaner(Safety::Review));
    let mut failures = Vec::new();
    let mut count = 0;
    let mut files: Vec<_> = fs::read_dir(folder)
        .expect("tests/cases")
        .map(|entry| entry.expect("entry").path())
        .collect();
    files.sort();
    for path in files.iter().filter(|path| {
        path.extension()
            .is_some_and(|extension| extension == "toml")
    }) {
        let source = fs::read_to_string(path).expect("a readable file");
        let file: File =
            toml::from_str(&source).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        for case in file.case {
            count += 1;
            let mut check = |what: &str, got: String, wanted: &str| {
                if got != wanted {
                    failures.push(format!(
                        "{} · {} · {what}\n  wanted {wanted:?}\n  got    {got:?}",
                        path.display(),
                        case.name
                    ));
                }
            };
            let clean = case.clean.as_ref().unwrap_or(&case.text);
            for (what, cleaner, wanted) in [
                ("clean", &safe, clean),
                ("review", &review, case.review.as_ref().unwrap_or(clean)),
            ] {
                let document = |text| Document {
                    title: case.title.as_deref(),
                    ..Document::new(text)
                };
                let cleaned = cleaner.clean_document(document(&case.text));
                let once = cleaned.text.to_string();
                check(
                    &format!("{what}, again"),
                    cleaner.clean_document(document(&once)).text.into_owned(),
                    &once,
                );
                check(what, once, wanted);
            }
            if let Some(wanted) = &case.findings {
                let document = Document {
                    title: case.title.as_deref(),
                    ..Document::new(&case.text)
                };
                let found: Vec<String> = review
                    .scan_document(document)
                    .iter()
                    .map(|finding| {
                        format!(
                            "{}: {}",
                            finding.rule.name,
                            &case.text[finding.span.range()]
                        )
                    })
                    .collect();
                check("findings", format!("{found:#?}"), &format!("{wanted:#?}"));
            }
        }
    }
    assert!(
        failures.is_empty(),
        "{} of {count} cases fail:\n{}",
        failures.len(),
        failures.join("\n")
    );
    assert!(count > 0, "no cases found");
}
