//! A guard against slowness that no clock enters: how much the filter lets through on texts that are always the same.
//!
//! The bounds are about twice what was counted when they were set; whoever raises one says why.

use std::fmt::Write as _;
use std::sync::LazyLock;

use descale::{Cleaner, ScanCounts};

static CLEANER: LazyLock<Cleaner> =
    LazyLock::new(|| Cleaner::builder().build().expect("built-in packs"));

const WORDS: &[&str] = &[
    "the", "of", "and", "to", "in", "that", "harbour", "he", "was", "with", "for", "it", "pilot",
    "said", "by", "on", "not", "as", "is", "from", "they", "had", "been", "which", "one", "more",
    "story", "were", "their", "her", "an", "would", "all", "new", "when", "there", "read", "its",
    "people", "city", "council", "vote", "will", "has", "company", "government", "week", "ferry",
    "below", "first", "two", "after", "over", "before", "continued", "captain", "workers", "could",
];

/// Words in sentences in paragraphs, from a small linear congruential generator: the same everywhere and for ever.
fn article(bytes: usize) -> String {
    let mut seed = 7u32;
    let mut next = |below: u32| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (seed >> 8) % below
    };
    let mut text = String::with_capacity(bytes + 1000);
    while text.len() < bytes {
        for _ in 0..2 + next(3) {
            let words = 6 + next(18);
            for index in 0..words {
                let word = WORDS[next(WORDS.len() as u32) as usize];
                if index == 0 {
                    text.push_str(&word[..1].to_uppercase());
                    text.push_str(&word[1..]);
                } else {
                    let _ = write!(text, " {word}");
                }
            }
            text.push_str(". ");
        }
        text.push_str("\n\n");
    }
    text
}

const MB: usize = 1_000_000;

#[test]
fn an_ordinary_article_is_hardly_looked_at() {
    let counts = CLEANER.scan_counts(&article(MB));
    assert!(counts.windows <= 8_000, "{counts:?}");
    assert!(counts.compared <= 10_000, "{counts:?}");
    assert!(counts.candidates <= 4_000, "{counts:?}");
}

/// Each text with the most candidates that a megabyte of it may bring. Half a megabyte is tried, and a quarter, so that what grows faster than the
/// text does not pass either.
#[test]
fn a_text_made_to_be_slow_is_not() {
    let repeated = |piece: &'static str| move |bytes: usize| piece.repeat(bytes / piece.len());
    let texts: &[(&dyn Fn(usize) -> String, u64)] = &[
        (&|bytes| article(bytes).to_uppercase(), 8_000),
        (&repeated("Story continues below "), 1_100_000),
        (&repeated("Story continues below advertisement "), 1_700_000),
        (&repeated("Sto\u{ad}ry con\u{200b}tinues be\u{ad}low "), 900_000),
        (&repeated("skip past newsletter promotion\n"), 800_000),
        (&repeated("More\n"), 1_200_000),
        (&repeated("Read more\n\n"), 400_000),
        (&repeated("12\n"), 14_000_000),
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
        assert!(half_counts.candidates <= most / 2, "{begin:?}: {half_counts:?}");
        for count in [|c: ScanCounts| c.candidates, |c: ScanCounts| c.compared] {
            let (smaller, larger) = (count(quarter_counts), count(half_counts));
            assert!(larger <= smaller * 21 / 10 + 1_000, "{begin:?}: {quarter_counts:?}, {half_counts:?}");
        }
    }
}
