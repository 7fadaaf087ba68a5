//! What of a Markdown text is seen.

use super::*;

/// What is seen: solid bytes as `·`.
fn seen(source: &str) -> String {
    Markdown::parse(source)
        .view(&[])
        .text()
        .replace('\u{1a}', "·")
}

#[test]
fn what_is_no_article_text_is_solid() {
    for (source, expected) in [
        (
            "---\ntitle: Ad\n---\n\nText.\n",
            "···\n·········\n···\n\nText.\n",
        ),
        ("+++\na = 1\n+++\n\nText.\n", "···\n·····\n···\n\nText.\n"),
        (
            "Text.\n\n```sh\nAd\n```\n\nMore.\n",
            "Text.\n\n·····\n··\n···\n\nMore.\n",
        ),
        ("Text.\n\n    Ad\n\nMore.\n", "Text.\n\n······\n\nMore.\n"),
        ("Run `Ad` now.\n", "Run ···· now.\n"),
        (
            "See <https://ad.example> now.\n",
            "See ···················· now.\n",
        ),
        ("![Ad](ad.png) x\n", "············· x\n"),
        ("[a]\n\n[a]: /ad \"Ad\"\n", "a\n\n·············\n"),
        ("Sum $a\\neq b$.\n", "Sum ·········.\n"),
        ("A note[^1].\n\n[^1]: Ad.\n", "A note····.\n\n····· Ad.\n"),
        ("{{< ad >}} and {% ad %}\n", "·········· and ········\n"),
        ("a <b class=\"ad\">c</b>\n", "a ··············c····\n"),
        (
            "<div title=\"a > b\">\nAd &amp; co\n</div>\n",
            "···················\nAd & co\n······\n",
        ),
        ("<script>\nAd\n</script>\n", "········\n··\n·········\n"),
        ("Title\n=====\n\nText.\n", "·····\n·····\n\nText.\n"),
        ("- [ ] do it\n", "- ··· do it\n"),
    ] {
        assert_eq!(seen(source), expected, "{source}");
    }
}

#[test]
fn links_comments_and_references_are_seen_as_readers_see_them() {
    for (source, expected) in [
        ("[Read more](a.html \"Ad\") x\n", "Read more x\n"),
        (
            "[Read **more** `x`][1]\n\n[1]: a\n",
            "Read more ···\n\n······\n",
        ),
        ("Ad <!-- no -->\n", "Ad \n"),
        ("Don&#8217;t&nbsp;go\n", "Don’t\u{a0}go\n"),
        (
            "A &amp; B, &lt;b&gt; and &amp;lt;\n",
            "A & B, ····b···· and ·····lt;\n",
        ),
        ("Stop\\! \\<b>\n", "Stop! ··b>\n"),
        ("[](a) [ ](b)\n", "····· ······\n"),
    ] {
        assert_eq!(seen(source), expected, "{source}");
    }
}

#[test]
fn only_the_cells_of_a_table_are_text() {
    let source = "| Name | Ad |\n| --- | --- |\n| a | b |\n\nText.\n";
    let seen = seen(source);
    assert_eq!(seen.len(), source.len() + seen.matches('·').count());
    assert!(seen.contains("Name") && seen.contains('b'), "{seen}");
    assert!(!seen.contains('|') && !seen.contains('-'), "{seen}");
    assert!(seen.ends_with("\n\nText.\n"), "{seen}");
}

#[test]
fn a_cut_takes_all_of_a_link_or_nothing() {
    let source = "He left. [*Continue* reading](#rest) She stayed.\n";
    let markdown = Markdown::parse(source);
    let view = markdown.view(&[]);
    assert_eq!(view.text(), "He left. Continue reading She stayed.\n");
    let at = view.text().find("Continue").unwrap();
    let place = view.whole(at..at + "Continue reading".len()).unwrap();
    assert_eq!(&source[place], "[*Continue* reading](#rest)");
    assert_eq!(view.whole(at - 4..at + 10), None);
    let emphasised = view.whole(at..at + "Continue".len()).unwrap();
    assert_eq!(&source[emphasised], "*Continue*");
}

#[test]
fn comments_in_code_are_none() {
    let source = "```\n<!-- a -->\n```\n\n<!-- b -->\n\nText. <!-- c --> `<!-- d -->`\n";
    let markdown = Markdown::parse(source);
    let comments: Vec<_> = markdown
        .comments()
        .iter()
        .map(|comment| &source[comment.clone()])
        .collect();
    assert_eq!(comments, ["<!-- b -->", "<!-- c -->"]);
}

proptest::proptest! {
    /// Whatever the text, taking it apart works, lines stay lines, and places lie on character boundaries.
    #[test]
    fn any_text_can_be_taken_apart(source in r"([a-z é\n#>*_`~\[\](){}!<&;|$\\:/-]|<!--|-->|&nbsp;|\{%|%\}|```|<pre>|\]\(|\n\n    ){0,60}") {
        let markdown = Markdown::parse(&source);
        let view = markdown.view(&[]);
        let text = view.text();
        for (at, _) in text.char_indices() {
            let end = at + text[at..].chars().next().map_or(0, char::len_utf8);
            if let Some(place) = view.whole(at..end) {
                proptest::prop_assert!(source.is_char_boundary(place.start) && source.is_char_boundary(place.end));
            }
        }
    }
}
