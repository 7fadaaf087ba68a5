//! A guard against slowness that no clock enters: how much the filter lets through on texts that are always the same.
//!
//! The bounds are about twice what was counted when they were set; whoever raises one says why.

use std::sync::LazyLock;

use descale::{Cleaner, ScanCounts};

use inputs::clean_article;

#[path = "../benches/inputs/mod.rs"]
#[allow(dead_code, reason = "benches use all of it")]
pub(crate) mod inputs;

static CLEANER: LazyLock<Cleaner> =
    LazyLock::new(|| Cleaner::builder().build().expect("built-in packs"));

const MB: usize = 1_000_000;

#[test]
fn an_ordinary_article_is_hardly_looked_at() {
    let counts = CLEANER.scan_counts(&clean_article(MB).text);
    assert!(counts.windows <= 8_000, "{counts:?}");
    assert!(counts.compared <= 1_500, "{counts:?}");
    assert!(counts.candidates <= 100, "{counts:?}");
}

/// Each text with the most candidates that a megabyte of it may bring. Half a megabyte is tried, and a quarter, so that what grows faster than the
/// text does not pass either.
#[test]
fn a_text_made_to_be_slow_is_not() {
    let repeated = |piece: &'static str| move |bytes: usize| piece.repeat(bytes / piece.len());
    let texts: &[(&dyn Fn(usize) -> String, u64)] = &[
        (&|bytes| clean_article(bytes).text.to_uppercase(), 100),
        (&repeated("Story continues below "), 280_000),
        (&repeated("Story continues below advertisement "), 230_000),
        (
            &repeated("Sto\u{ad}ry con\u{200b}tinues be\u{ad}low "),
            210_000,
        ),
        (&repeated("skip past newsletter promotion\n"), 330_000),
        (&repeated("More\n"), 400_000),
        (&repeated("Read more\n\n"), 190_000),
        (&repeated("12\n"), 1_000),
        (&repeated("By\n"), 670_000),
        (&repeated("Share\n"), 1_000_000),
        (&repeated("@a\n"), 670_000),
        (&repeated("(c)\n"), 1_000),
        (&repeated("a\n"), 1_000),
        (&repeated("- \n"), 1_000),
        (&repeated("12 "), 1_000),
        (&repeated("a"), 1_000),
        (&repeated(" "), 1_000),
        (&repeated("\n"), 1_000),
        (&repeated("\" "), 1_000),
        (&repeated("(Photo: "), 1_000),
        (&repeated("\u{301}"), 1_000),
        (&repeated("広告スポンサーリンク"), 1_000),
    ];
    for (text, most) in texts {
        let (quarter, half) = (text(MB / 4), text(MB / 2));
        let [quarter_counts, half_counts] = [&quarter, &half].map(|text| CLEANER.scan_counts(text));
        let begin: String = half.chars().take(40).collect();
        assert!(
            half_counts.candidates <= most / 2,
            "{begin:?}: {half_counts:?}"
        );
        for count in [|c: ScanCounts| c.candidates, |c: ScanCounts| c.compared] {
            let (smaller, larger) = (count(quarter_counts), count(half_counts));
            assert!(
                larger <= smaller * 21 / 10 + 1_000,
                "{begin:?}: {quarter_counts:?}, {half_counts:?}"
            );
        }
    }
}
