//! Naive scanners as judges of the fast one.

use std::ops::Range;
use std::sync::LazyLock;

use descale::{Cleaner, Document, FragmentMode, Safety, builtin_packs};
use proptest::prelude::*;

static FAST: LazyLock<Cleaner> = LazyLock::new(|| cleaner(true));
static PLAIN: LazyLock<Cleaner> = LazyLock::new(|| cleaner(false));

fn cleaner(prefilter: bool) -> Cleaner {
    Cleaner::builder()
        .prefilter(prefilter)
        .apply(Safety::Review)
        .fragments(FragmentMode::Off)
        .build()
        .expect("built-in packs")
}

/// Every `finds`, `ignores` and `fixes` of the built-in packs: the texts that are likeliest to bring out a difference.
static EXAMPLES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let packs = builtin_packs()
        .iter()
        .map(|(path, source)| descale::Pack::parse(path, source).expect(path).0);
    let entries = packs.flat_map(|pack| pack.entries);
    entries
        .flat_map(|entry| {
            let examples = entry.finds.into_iter().chain(entry.ignores);
            let fixes = entry.fixes.into_iter().map(|fix| fix.before);
            examples.map(|example| example.text).chain(fixes)
        })
        .collect()
});

/// With the automaton alone, which sees all of the text each time, findings and edits are the same.
fn judge(text: &str) -> Result<(), TestCaseError> {
    for site in [None, Some("nytimes.com")] {
        let document = Document {
            site,
            ..Document::new(text)
        };
        let (fast, plain) = (FAST.scan_document(document), PLAIN.scan_document(document));
        prop_assert_eq!(fast, plain, "in {:?}", text);
        // A second look, which sees only what stands around the edits, finds what a look at the whole text finds.
        let (fast, plain) = (
            FAST.clean_document(document),
            PLAIN.clean_document(document),
        );
        prop_assert_eq!(fast, plain, "cleaning {:?}", text);
    }
    Ok(())
}

#[test]
fn the_filter_loses_no_example() {
    // In one text the examples also stand beside each other, and across the borders of the stretches that are searched at a time.
    judge(&EXAMPLES.join("\n\n")).unwrap();
    judge(&EXAMPLES.join(" ")).unwrap();
    let loud: Vec<_> = EXAMPLES.iter().map(|text| text.to_uppercase()).collect();
    judge(&loud.join("\n")).unwrap();
}

/// What a careless tool does to a text: other blanks, invisible characters, other quotation marks, line breaks, capitals.
fn mangled(text: &str, ways: &[u8]) -> String {
    let mut ways = ways.iter().cycle();
    let mut out = String::new();
    for c in text.chars() {
        let way = ways.next().copied().unwrap_or_default();
        match (c, way % 16) {
            (' ', 0) => out.push('\u{a0}'),
            (' ', 1) => out.push('\n'),
            (' ', 2) => out.push_str("  "),
            (' ', 3) => out.push_str("\r\n"),
            ('\'' | '’', 0..8) => out.push('\u{2019}'),
            ('"', 0..8) => out.push('“'),
            ('-', 0..8) => out.push('–'),
            (_, 4) => {
                out.push(c);
                out.push('\u{ad}');
            }
            (_, 5) => out.extend(c.to_uppercase()),
            (_, 6) => {
                out.push('\u{200b}');
                out.push(c);
            }
            _ => out.push(c),
        }
    }
    out
}

fn piece() -> impl Strategy<Value = String> {
    let example = any::<prop::sample::Index>().prop_map(|index| index.get(&EXAMPLES).clone());
    let mangle = prop_oneof![
        2 => Just(vec![15]),
        3 => prop::collection::vec(prop_oneof![9 => Just(15u8), 1 => 0u8..16], 1..40),
    ];
    prop_oneof![
        6 => (example, mangle).prop_map(|(text, ways)| mangled(&text, &ways)),
        2 => "[A-Za-z]{1,9}",
        1 => prop::sample::select(vec![".", ":", "“", "”", "\"", "(", ")", "- ", "▼", "12:30", "@harbour", "—", "é", "広告", "7"]).prop_map(str::to_owned),
    ]
}

fn text() -> impl Strategy<Value = String> {
    let glue = prop::sample::select(vec!["", " ", "\n", "\n\n", ". ", "\u{a0}", "\r\n\r\n"]);
    prop::collection::vec((piece(), glue), 1..8).prop_map(|pieces| {
        pieces
            .into_iter()
            .flat_map(|(text, glue)| [text, glue.to_owned()])
            .collect()
    })
}

/// Whole-line search for plain strings, as a newcomer would write it.
fn naive_lines(text: &str, strings: &[&str]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let start = at + line.len() - line.trim_start().len();
        at += line.len();
        let content = line.trim().to_lowercase();
        if strings
            .iter()
            .any(|string| string.to_lowercase() == content)
        {
            found.push(start..start + line.trim().len());
        }
    }
    found
}

proptest! {
    #![proptest_config(super::proptest_config(1000, "oracle"))]

    #[test]
    fn the_filter_changes_no_finding(text in text()) {
        judge(&text)?;
    }

    /// The one search that can be written down in a dozen lines without a library: strings of at most two words, which act as whole lines.
    #[test]
    fn plain_strings_are_found_where_a_naive_search_finds_them(
        strings in prop::collection::hash_set("[a-c]{2,3}( [a-c]{2,3})?", 1..6),
        lines in prop::collection::vec("[ ]?[a-cA-C]{2,3}( [a-c]{2,3}){0,2}[ ]?", 0..20),
    ) {
        let strings: Vec<_> = strings.iter().map(String::as_str).collect();
        // A blank line between any two: a string of two words may run over a line break, which the naive search does not know.
        let text = lines.join("\n\n");
        for prefilter in [true, false] {
            let mut builder = Cleaner::builder().builtin(false).prefilter(prefilter);
            for string in &strings {
                builder = builder.pattern(*string);
            }
            let cleaner = builder.build().expect("strings of letters");
            let found: Vec<_> = cleaner.scan(&text).iter().map(|finding| finding.span.range()).collect();
            prop_assert_eq!(found, naive_lines(&text, &strings), "in {:?}", text);
        }
    }
}

/// Lines and words that markers are made of, and what makes them none.
const TURNS: &[&str] = &[
    "Share",
    "More",
    "By",
    "12",
    "@a",
    "Read more",
    "Story continues below",
    "Story continues below advertisement",
    "Advertisement",
    "skip past newsletter promotion",
    "after newsletter promotion",
    "Photo: Getty",
    "Copyright 2020",
    "Sto\u{ad}ry con\u{200b}tinues be\u{ad}low",
    "(",
    "“",
    "- ",
    "the phrase",
    "Comments",
    "Subscribe",
    "Loading...",
    "Werbung",
    "広告",
    "He came home, and",
    ".",
    "\n",
    "\n\n",
    "\r\n",
    " ",
    "\u{a0}",
];

/// What repeats is looked at once, and nothing is found there that a look at all of it would not find, nor less: not where it begins, nor where
/// it ends.
#[test]
fn repetitions_hide_nothing() {
    for turn in TURNS {
        for end in ["\n", " ", "\n\n", ", "] {
            let text = format!(
                "One.\n\n{}Two.\n",
                format!("{turn}{end}").repeat(150_000 / (turn.len() + end.len()))
            );
            judge(&text).unwrap();
        }
    }
}

/// The second half of a pair may stand behind all the turns: only the last of them reach it.
#[test]
fn a_repeated_opening_finds_its_closing() {
    for turn in [
        "skip past newsletter promotion\n",
        "skip past newsletter promotion\n\nA word or two.\n",
    ] {
        for closing in ["after newsletter promotion\n", ""] {
            let turns = turn.repeat(100_000 / turn.len());
            let text = format!(
                "One.\n\n{turns}{closing}\n\n{}",
                "Two more words.\n".repeat(4_000)
            );
            judge(&text).unwrap();
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn repetitions_of_anything_hide_nothing(
        turns in prop::collection::vec(
            (prop::collection::vec(prop::sample::select(TURNS), 1..8), prop::collection::vec(prop::sample::select(&["\n", " ", "\n", "", ". "][..]), 8)),
            1..3,
        ),
        before in prop::collection::vec(prop::sample::select(TURNS), 0..4),
    ) {
        let mut text = before.join(" ");
        for (words, ends) in turns {
            let turn: String = words.iter().zip(&ends).map(|(word, end)| format!("{word}{end}")).collect();
            text.push_str(&turn.repeat(120_000 / turn.len()));
            text.push_str("Nothing of the kind.\n");
        }
        judge(&text)?;
    }
}
