//! Whether an edit would make something that the next pass would edit again.
//!
//! `clean(clean(x)) == clean(x)` holds for a detector alone if it mends all it finds. Together, one detector's repair may build what
//! another looks for: `&l<b>t;` loses a tag and becomes a reference. Such places are left alone.

use super::{entity, escape, markup, mojibake};
use crate::model::Span;

use super::context::{first_bytes, last_bytes};

/// How many bytes to each side may join with the edit. Longer than any reference, escape or misread character.
const SIDE: usize = 40;

/// Whether nothing this family repairs would stand across the seams when `new` takes the place of `cut`.
pub(super) fn is_settled(text: &str, cut: Span, new: &str) -> bool {
    let head = last_bytes(&text[..cut.start], SIDE);
    let tail = first_bytes(&text[cut.end..], SIDE);
    let window = [head, new, tail].concat();
    let (start, end) = (head.len(), head.len() + new.len());
    let across = |span: &Span| {
        if new.is_empty() {
            span.start < start && span.end > start
        } else {
            span.start < end && span.end > start
        }
    };
    let mut made = entity::recognise(&window);
    made.extend(escape::recognise(&window));
    made.extend(mojibake::recognise(&window));
    made.extend(markup::recognise(&window));
    let joins_backslash = head.ends_with('\\') && !text[cut.range()].starts_with('\\');
    !joins_backslash && !made.iter().any(across)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::fragment::{
        Detector, Input, entity::Entity, escape::Escape, glued_header::GluedHeader, hole::Hole,
        hover_card::HoverCard, markup::Markup, mojibake::Mojibake, repeated_block::RepeatedBlock,
    };
    use crate::model::{Action, Finding, Safety};

    const ALL: &[&dyn Detector] = &[
        &Entity,
        &Escape,
        &GluedHeader,
        &Hole,
        &HoverCard,
        &Markup,
        &Mojibake,
        &RepeatedBlock,
    ];

    /// How often texts made of nothing but breakages may need another look; `clean` takes as many in one call. Real texts never met a second.
    const PASSES: usize = 3;

    /// Pieces that join into each other's breakages.
    const PIECES: &[&str] = &[
        "&",
        "amp;",
        "&amp;",
        "&lt;",
        "&gt;",
        "&nbsp;",
        "&#8217;",
        "&#226;",
        "&#92;",
        "&quot",
        "lt;",
        "<",
        ">",
        "b",
        "<b>",
        "</b>",
        "<br>",
        "<a href=\"x\">",
        "</a>",
        "<!--",
        "-->",
        "[",
        "]",
        "[caption id=\"x\"]",
        "[/caption]",
        "[pullquote]",
        "{{",
        "}}",
        "{{a.b}}",
        "\\",
        "\\n",
        "\\\"",
        "\\u2019",
        "\\u00e2",
        "\\x80",
        "\\x99",
        "n",
        "u",
        "â",
        "€",
        "™",
        "Ã",
        "©",
        "Â",
        "\u{a0}",
        "\u{80}",
        "\u{92}",
        "‚",
        "Ä",
        "ô",
        "√",
        "\u{fffd}",
        " ",
        " ",
        "\n",
        "\n\n",
        ".",
        ",",
        "“",
        "”",
        "(CNN)",
        "date 2020-01-06 ",
        "Updated: 2016-07-15 13:14 ",
        "By Ann(Lee)",
        "The",
        "Trump",
        "Donald ",
        "TrumpX",
        "MORE",
        "it",
        "é",
        "；",
        "字",
        "The council met on Monday and agreed on nothing at all.",
        "//-->",
        "var q = q || [];",
        "; ",
        "=",
        "`",
        "HTML",
        "code",
    ];

    fn cleaned(text: &str, lowest: Safety) -> String {
        let mut findings: Vec<Finding> = Vec::new();
        for detector in ALL {
            detector.detect(
                Input {
                    text,
                    removed: &[],
                    found: &[],
                    title: None,
                    lang: None,
                    labels: None,
                    facts: &Default::default(),
                },
                &mut findings,
            );
        }
        findings.retain(|finding| finding.applies() && finding.safety >= lowest);
        findings.sort_by_key(|finding| finding.cut);
        let mut out = String::new();
        let mut done = 0;
        for finding in findings.iter().filter(|finding| !finding.cut.is_empty()) {
            if finding.cut.start < done {
                continue;
            }
            out.push_str(&text[done..finding.cut.start]);
            if let Action::Replace(new) = &finding.action {
                out.push_str(new);
            }
            done = finding.cut.end;
        }
        out.push_str(&text[done..]);
        out
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(4000) })]

        #[test]
        fn passes_settle(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..14)) {
            let mut text = pieces.concat();
            for _ in 0..PASSES {
                text = cleaned(&text, Safety::Safe);
            }
            prop_assert_eq!(cleaned(&text, Safety::Safe), text);
        }

        #[test]
        fn any_text_is_borne(text in "\\PC{0,60}") {
            let once = cleaned(&text, Safety::Review);
            prop_assert_eq!(cleaned(&once, Safety::Review), once);
        }
    }

    /// Texts made to be slow: a second look at what was looked at before would take minutes.
    #[test]
    fn hostile_texts_cost_no_more_than_their_length() {
        for piece in [
            "é”",
            "MORE ",
            "<b>",
            "<script ",
            "&lt;",
            "&amp;",
            "\\n a",
            "\\na",
            "&amp",
            "Ãa",
            "[caption ",
            "{{a ",
            "x=1; ",
            "Ã©",
            "a = b;\n",
            "(",
            " .",
            "var q = q || [];\n",
        ] {
            let text = piece.repeat(100_000 / piece.len());
            let start = std::time::Instant::now();
            let mut findings = Vec::new();
            for detector in ALL {
                detector.detect(
                    Input {
                        text: &text,
                        removed: &[],
                        found: &[],
                        title: None,
                        lang: None,
                        labels: None,
                        facts: &Default::default(),
                    },
                    &mut findings,
                );
            }
            assert!(
                start.elapsed().as_secs() < 20,
                "{piece:?} took {:?}",
                start.elapsed()
            );
        }
    }
}
