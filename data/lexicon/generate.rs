//! Builds `words.fst` and `names.fst` from the word lists that README.md beside this file names.
//!
//! ```text
//! cargo run --example generate-lexicon -- SCOWL-FOLDER NAMES-FOLDER data/lexicon
//! ```
//!
//! The output depends on nothing but the lists, so running it again on the same lists writes the same bytes.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::Path;

use fst::MapBuilder;

/// The value of a word up to SCOWL size 20: one of the few thousand that most texts are made of.
const BASIC: u64 = 2;
/// The value of a word up to SCOWL size 50: most readers know it.
const COMMON: u64 = 1;
/// The value of a rarer word. Must be 0: an `fst` stores zeros for free.
const RARE: u64 = 0;
/// The largest SCOWL size taken. From size 80 on the lists hold so many short curiosities that knowing a word says little, and one of their
/// sources (UKACD) asks for a notice of its own in every program.
const UP_TO: u32 = 70;

/// Bits of a name's value; `src/text/lexicon.rs` reads them.
const GIVEN: u64 = 1;
const SURNAME: u64 = 2;
const RARE_SURNAME: u64 = 4;
const PROPER: u64 = 8;
const ABBREVIATION: u64 = 16;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [scowl, census, output] = arguments.as_slice() else {
        return Err("usage: generate-lexicon SCOWL-FOLDER NAMES-FOLDER OUTPUT-FOLDER".into());
    };
    let mut words = BTreeMap::new();
    let mut names = BTreeMap::new();
    read_scowl(Path::new(scowl), &mut words, &mut names)?;
    read_census(Path::new(census), &mut names)?;
    write(&Path::new(output).join("words.fst"), &words)?;
    write(&Path::new(output).join("names.fst"), &names)
}

/// SCOWL's files are called `<spelling>-<category>.<size>` and hold one ISO 8859-1 entry a line.
fn read_scowl(
    folder: &Path,
    words: &mut BTreeMap<String, u64>,
    names: &mut BTreeMap<String, u64>,
) -> Result<(), Box<dyn Error>> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let file = path
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        let Some((list, size)) = file.rsplit_once('.') else {
            continue;
        };
        let (Some((_, category)), Ok(size)) = (list.split_once('-'), size.parse::<u32>()) else {
            continue;
        };
        if size > UP_TO {
            continue;
        }
        let text: String = fs::read(&path)?.into_iter().map(char::from).collect();
        for entry in text.lines().filter(|entry| is_one_word(entry)) {
            let key = entry.to_ascii_lowercase();
            match category {
                "words" => {
                    let value = match size {
                        0..=20 => BASIC,
                        21..=50 => COMMON,
                        _ => RARE,
                    };
                    let known = words.entry(key).or_default();
                    *known = value.max(*known);
                }
                "upper" | "proper-names" => *names.entry(key).or_default() |= PROPER,
                "abbreviations" => *names.entry(key).or_default() |= ABBREVIATION,
                _ => {}
            }
        }
    }
    Ok(())
}

/// The census files hold `NAME share cumulated-share rank`, shares in per cent with three decimals.
fn read_census(folder: &Path, names: &mut BTreeMap<String, u64>) -> Result<(), Box<dyn Error>> {
    for (file, given) in [
        ("dist.male.first", true),
        ("dist.female.first", true),
        ("dist.all.last", false),
    ] {
        for line in fs::read_to_string(folder.join(file))?.lines() {
            let mut columns = line.split_whitespace();
            let (Some(name), Some(share)) = (columns.next(), columns.next()) else {
                continue;
            };
            let bit = match (given, share) {
                (true, _) => GIVEN,
                (false, "0.000") => RARE_SURNAME,
                (false, _) => SURNAME,
            };
            *names.entry(name.to_lowercase()).or_default() |= bit;
        }
    }
    Ok(())
}

/// ASCII letters only: possessives and contractions are the caller's business, and SCOWL's accents come from UKACD.
fn is_one_word(entry: &str) -> bool {
    !entry.is_empty() && entry.bytes().all(|byte| byte.is_ascii_alphabetic())
}

fn write(path: &Path, entries: &BTreeMap<String, u64>) -> Result<(), Box<dyn Error>> {
    let mut builder = MapBuilder::memory();
    for (key, value) in entries {
        builder.insert(key, *value)?;
    }
    Ok(fs::write(path, builder.into_inner()?)?)
}
