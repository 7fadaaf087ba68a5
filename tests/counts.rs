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

/// What a text may cost: candidates, and how many of them are matches, of which each asks the guards once.
struct Most {
    candidates: u64,
    matches: u64,
}

const fn most(candidates: u64, matches: u64) -> Most {
    Most {
        candidates,
        matches,
    }
}

/// Each text with what half a megabyte of it may cost. What repeats is looked at once, so that half a megabyte costs no more than a quarter, unless no
/// line break bounds how far a form may reach, or a rule cuts to the text's end: such matches are judged each by itself.
#[test]
fn a_text_made_to_be_slow_is_not() {
    let repeated = |piece: &'static str| move |bytes: usize| piece.repeat(bytes / piece.len());
    let texts: &[(&dyn Fn(usize) -> String, Most)] = &[
        (
            &|bytes| clean_article(bytes).text.to_uppercase(),
            most(100, 100),
        ),
        (&repeated("Story continues below "), most(62_000, 14_000)),
        (
            &repeated("Story continues below advertisement "),
            most(51_000, 17_000),
        ),
        (
            &repeated("Sto\u{ad}ry con\u{200b}tinues be\u{ad}low "),
            most(47_000, 11_000),
        ),
        (
            &repeated("skip past newsletter promotion\n"),
            most(3_000, 2_500),
        ),
        (&repeated("More\n"), most(600, 400)),
        (&repeated("Read more\n\n"), most(600, 400)),
        (&repeated("12\n"), most(1_000, 100)),
        (&repeated("By\n"), most(600, 400)),
        (&repeated("Share\n"), most(1_800, 1_200)),
        (&repeated("@a\n"), most(600, 100)),
        (&repeated("(c)\n"), most(1_000, 100)),
        (&repeated("a\n"), most(1_000, 100)),
        (&repeated("- \n"), most(1_000, 100)),
        (&repeated("12 "), most(1_000, 100)),
        (&repeated("a"), most(1_000, 100)),
        (&repeated(" "), most(1_000, 100)),
        (&repeated("\n"), most(1_000, 100)),
        (&repeated("\" "), most(1_000, 100)),
        (&repeated("(Photo: "), most(1_000, 100)),
        (&repeated("\u{301}"), most(1_000, 100)),
        (&repeated("広告スポンサーリンク"), most(1_000, 100)),
        (&marker_lines, most(250_000, 150_000)),
    ];
    for (text, most) in texts {
        let (quarter, half) = (text(MB / 4), text(MB / 2));
        let [quarter_counts, half_counts] = [&quarter, &half].map(|text| CLEANER.scan_counts(text));
        let begin: String = half.chars().take(40).collect();
        assert!(
            half_counts.candidates <= most.candidates && half_counts.matches <= most.matches,
            "{begin:?}: {half_counts:?}"
        );
        for count in [
            |c: ScanCounts| c.candidates,
            |c: ScanCounts| c.matches,
            |c: ScanCounts| c.compared,
        ] {
            let (smaller, larger) = (count(quarter_counts), count(half_counts));
            assert!(
                larger <= smaller * 21 / 10 + 1_000,
                "{begin:?}: {quarter_counts:?}, {half_counts:?}"
            );
        }
    }
}

/// Short lines, markers all of them, in an order that does not repeat.
fn marker_lines(bytes: usize) -> String {
    const LINES: &[&str] = &[
        "Share",
        "More",
        "By",
        "12",
        "@a",
        "Read more",
        "skip past newsletter promotion",
        "Story continues below",
    ];
    let mut text = String::with_capacity(bytes + 40);
    let mut state = 1_u64;
    while text.len() < bytes {
        // The constants of Knuth's generator, MMIX.
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        text.push_str(LINES[(state >> 33) as usize % LINES.len()]);
        text.push('\n');
    }
    text
}

/// What is found once in a text that repeats is noted for each turn.
#[test]
fn a_text_that_repeats_is_looked_at_once() {
    let text = "Share\n".repeat(MB / 6);
    let counts = CLEANER.scan_counts(&text);
    assert!(counts.lines < 1_000, "{counts:?}");
    // One finding for two lines: "Share\nShare".
    let findings = CLEANER.scan(&text).len();
    assert!(findings > 80_000, "{findings}");
    assert_eq!(CLEANER.clean(&text).text, "");
}
