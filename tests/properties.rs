//! What holds for every text.

use std::sync::LazyLock;

use descale::{Cleaned, Cleaner, Database, FragmentMode, Safety, compile};
use proptest::prelude::*;

/// One cleaner for each way of cleaning that changes what is edited.
static CLEANERS: LazyLock<Vec<Cleaner>> = LazyLock::new(|| {
    let ways = [
        (Safety::Safe, FragmentMode::Repair),
        (Safety::Review, FragmentMode::Repair),
        (Safety::Review, FragmentMode::Remove),
    ];
    let build = |(lowest, mode)| Cleaner::builder().apply(lowest).fragments(mode).build();
    ways.into_iter()
        .map(|way| build(way).expect("built-in packs"))
        .collect()
});

/// Markers, halves of markers, breakage, and what stands around them.
const PIECES: &[&str] = &[
    "Story continues below advertisement",
    "Story continues below",
    "STORY CONTINUES BELOW AD",
    "Story continues",
    "below advertisement",
    "Advertisement",
    "advertisement",
    "Ad",
    "Read more: The crane that sang",
    "Read more",
    "RELATED:",
    "Related Stories",
    "Continue reading the main story",
    "skip past newsletter promotion",
    "after newsletter promotion",
    "Sign up for our newsletter",
    "Share this article",
    "Werbung",
    "Lire aussi :",
    "広告",
    "إعلان",
    "Διαφήμιση",
    "(Photo: Ana Reis)",
    "Mr. Champag’s office",
    "Francois-Philippe Champagne",
    "Ms. Oliv's",
    "Olivia Reis",
    "The ferry left.",
    "It came back,",
    "\"We are united,\" she said.",
    "“Nobody knew.”",
    "the words",
    "and then",
    "&amp;",
    "&amp;quot;",
    "<br/>",
    "â€™s",
    "{{subject}}",
    "inter-\nnational",
    "[caption]",
    "Updated: 2016-07-15 13:14",
    "12",
    "U.S.",
    ".",
    ":",
    ",",
    "(",
    ")",
    "[",
    "]",
    "“",
    "”",
    "«",
    "»",
    "–",
    "▼",
    "•",
    "é",
    "\u{301}",
    "\u{ad}",
    "\u{200b}",
    "\u{feff}",
    "\u{1f1ea}",
];

const GLUE: &[&str] = &[
    "", "", " ", " ", "\n", "\n\n", "\u{a0}", "\r\n", "\t", "  ", "\n \n",
];

fn texts() -> impl Strategy<Value = String> {
    let piece = (prop::sample::select(PIECES), prop::sample::select(GLUE));
    prop_oneof![
        8 => prop::collection::vec(piece, 0..24)
            .prop_map(|pieces| pieces.into_iter().flat_map(<[&str; 2]>::from).collect()),
        1 => any::<String>(),
    ]
}

/// Edits are sorted, disjoint, on character boundaries, each caused by a finding that acts, and do what the text says they did.
fn edits_are_the_whole_difference(cleaned: &Cleaned<'_>) -> Result<(), TestCaseError> {
    let original = cleaned.original;
    let mut rebuilt = String::new();
    let mut at = 0;
    for edit in &cleaned.edits {
        let span = edit.span;
        prop_assert!(
            span.start >= at && span.start <= span.end,
            "{:?}",
            cleaned.edits
        );
        prop_assert!(
            original.get(span.range()).is_some(),
            "{span:?} is off the boundaries"
        );
        prop_assert!(
            original[span.range()] != edit.replacement,
            "an edit that changes nothing: {edit:?}"
        );
        prop_assert!(!edit.findings.is_empty());
        for &index in &edit.findings {
            prop_assert!(
                cleaned
                    .findings
                    .get(index)
                    .is_some_and(descale::Finding::applies),
                "{edit:?} in {:#?}",
                cleaned.findings
            );
        }
        rebuilt.push_str(&original[at..span.start]);
        rebuilt.push_str(&edit.replacement);
        at = span.end;
    }
    rebuilt.push_str(&original[at..]);
    prop_assert_eq!(&rebuilt, &cleaned.text);
    Ok(())
}

/// Plays the edits backwards.
fn undone(cleaned: &Cleaned<'_>) -> String {
    let mut text = cleaned.text.to_string();
    let growths = cleaned.edits.iter().scan(0, |grown: &mut isize, edit| {
        let before = *grown;
        *grown += edit.growth();
        Some(before)
    });
    let moved: Vec<_> = cleaned.edits.iter().zip(growths).collect();
    for (edit, growth) in moved.into_iter().rev() {
        let start = edit.span.start.strict_add_signed(growth);
        let old = &cleaned.original[edit.span.range()];
        text.replace_range(start..start + edit.replacement.len(), old);
    }
    text
}

/// A small database with every kind of link in it, as bytes.
static BYTES: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let source = r#"
[pack]
schema = 1
id = "en/small"
version = "1.0.0"
title = "Small"
license = "MIT OR Apache-2.0"
lang = "en"
[[rule]]
id = "a"
category = "misc"
text = ["(Photo|Picture) by {name} [of the press]", "Tide {number} {date} {title}"]
at = ["line", "line-end"]
unless = ["never"]
sites = ["example.com"]
finds = ["Photo by Ana Reis"]
[[rule]]
id = "b"
category = "misc"
text = ["skip past the box"]
take = "until"
until = "after the box"
case = "exact"
finds = ["skip past the box\nafter the box"]
"#;
    let (pack, _) = descale::Pack::parse("small.toml", source)
        .unwrap_or_else(|errors| panic!("{}", errors[0].to_string()));
    compile(&[pack]).expect("no example, no failure").to_bytes()
});

proptest! {
    #![proptest_config(super::proptest_config(1500, "properties"))]

    #[test]
    fn cleaning_twice_equals_cleaning_once(text in texts()) {
        for cleaner in CLEANERS.iter() {
            let once = cleaner.clean(&text).text;
            let twice = cleaner.clean(&once);
            prop_assert!(!twice.changed(), "{:?} became {:?} became {:?}", text, once, twice.text);
        }
    }

    #[test]
    fn bytes_outside_edits_stay_and_edits_can_be_undone(text in texts()) {
        for cleaner in CLEANERS.iter() {
            let cleaned = cleaner.clean(&text);
            edits_are_the_whole_difference(&cleaned)?;
            prop_assert_eq!(undone(&cleaned), text.as_str());
            prop_assert_eq!(cleaned.changed(), matches!(cleaned.text, std::borrow::Cow::Owned(_)));
        }
    }

    #[test]
    fn findings_are_sorted_and_on_character_boundaries(text in texts()) {
        for cleaner in CLEANERS.iter() {
            let findings = cleaner.scan(&text);
            prop_assert!(findings.is_sorted_by_key(|finding| (finding.cut.start, finding.cut.end)));
            for finding in &findings {
                for span in [finding.span, finding.cut].iter().chain(&finding.evidence) {
                    prop_assert!(text.get(span.range()).is_some_and(|stretch| !stretch.is_empty()), "{finding:?}");
                }
            }
        }
    }

    #[test]
    fn a_damaged_database_is_an_error(place in any::<prop::sample::Index>(), byte in any::<u8>(), length in any::<prop::sample::Index>()) {
        let mut bytes = BYTES.clone();
        let place = place.index(bytes.len());
        let changed = bytes[place] != byte;
        bytes[place] = byte;
        prop_assert_eq!(Database::from_bytes(&bytes).is_err(), changed);
        bytes.truncate(length.index(bytes.len()));
        prop_assert!(Database::from_bytes(&bytes).is_err());
    }

    #[test]
    fn any_bytes_are_no_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(Database::from_bytes(&bytes).is_err());
    }

    #[test]
    fn any_pack_is_no_panic(source in "(\\[pack\\]|\\[\\[rule\\]\\]|id = \"a\"|text = \\[\"[({|\\[\\]})a-c\\\\ ]{0,12}\"\\]|at = 3|[a-z=\" \n]{0,9}|\n){0,12}") {
        let _ = descale::Pack::parse("any.toml", &source);
        let _ = descale::Pack::from_list("any.txt", &source);
    }
}

#[test]
fn a_database_read_back_is_the_database() {
    let all = Cleaner::builder().build().expect("built-in packs");
    let bytes = all.database().to_bytes();
    assert_eq!(
        &Database::from_bytes(&bytes).expect("its own bytes"),
        all.database()
    );
}
