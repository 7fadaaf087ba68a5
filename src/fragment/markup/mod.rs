//! `markup`: what a page is written in and an extractor should have read: tags, raw or escaped, shortcodes, templates, lines of script.
//!
//! Sure is what prose never holds: a tag with attributes, a closing tag, a pair, a shortcode with attributes, a line that calls an
//! advertising script. A text about markup keeps all of it.

mod brackets;
mod script;
mod survey;
mod tags;

use std::sync::{Arc, LazyLock};

use self::survey::{Kind, Piece, Survey};
use self::tags::{Angle, Flow};
use super::settled::is_settled;
use super::{Detector, Input, context};
use crate::model::{Action, Finding, RuleInfo, Safety, Span};

/// Finds tags, shortcodes, templates and lines of script.
#[derive(Clone, Copy, Debug)]
pub struct Markup;

static RULE: LazyLock<Arc<RuleInfo>> = LazyLock::new(|| Markup.rule());

/// How many statements in an unknown language make a text one about code.
const MANY_STATEMENTS: usize = 3;

impl Detector for Markup {
    fn name(&self) -> &'static str {
        "markup"
    }

    fn why(&self) -> &'static str {
        "is markup or script of the page"
    }

    fn detect(&self, input: Input<'_>, findings: &mut Vec<Finding>) {
        let text = input.text;
        let signs = input.has_signs();
        let square = |&at: &usize| text.as_bytes()[at] == b'[';
        if !signs && !input.sketch().brackets.iter().any(square) {
            return;
        }
        let mut survey = Survey::default();
        if signs {
            survey.scripts(text);
        }
        survey.pieces(text);
        if survey.pieces.is_empty() {
            return;
        }
        survey.pieces.sort_by_key(|piece| piece.span);
        let about_code =
            survey.foreign || survey.statements > MANY_STATEMENTS || context::shows_code(text);
        for group in groups(text, &survey.pieces) {
            judge(text, group, about_code, findings);
        }
        findings.retain(|finding| {
            !Arc::ptr_eq(&finding.rule, &RULE) || !context::absent(input.removed, finding.span)
        });
    }
}

/// Where markup stands, whatever it means.
pub(super) fn recognise(text: &str) -> Vec<Span> {
    let mut survey = Survey::default();
    survey.pieces(text);
    survey.pieces.into_iter().map(|piece| piece.span).collect()
}

/// The whole tag that begins at the byte `at`.
pub(super) fn tag_at(text: &str, at: usize) -> Option<Span> {
    if let Angle::Tag(tag) = tags::angle(text, at) {
        Some(tag.span)
    } else {
        None
    }
}

/// The tag that holds the byte `at`.
pub(super) fn tag_around(text: &str, at: usize) -> Option<Span> {
    let line = context::line(text, at);
    let bytes = &text.as_bytes()[line.start..=at];
    memchr::memrchr2_iter(b'<', b'&', bytes)
        .take(8)
        .find_map(|start| match tags::angle(text, line.start + start) {
            Angle::Tag(tag) if tag.span.end > at => Some(tag.span),
            _ => None,
        })
}

/// Pieces in a row, nothing but blanks between them, all on one line.
fn groups<'p, 't>(text: &'t str, pieces: &'p [Piece<'t>]) -> impl Iterator<Item = &'p [Piece<'t>]> {
    pieces.chunk_by(|a, b| {
        let between = text.get(a.span.end..b.span.start).unwrap_or("-");
        between.bytes().all(|byte| byte == b' ')
            && a.sure == b.sure
            && a.kind != Kind::Torn
            && b.kind != Kind::Torn
    })
}

fn judge(text: &str, group: &[Piece<'_>], about_code: bool, findings: &mut Vec<Finding>) {
    let (Some(first), Some(last)) = (group.first(), group.last()) else {
        return;
    };
    let span = Span::new(first.span.start, last.span.end);
    if first.kind == Kind::Torn || !first.sure {
        // Bare brackets and half tags are too common to be shown everywhere.
        if matches!(first.kind, Kind::Tag | Kind::Template)
            || (first.lone && first.name.contains('_'))
        {
            findings.push(context::report(&RULE, span));
        }
        return;
    }
    let whole_line = context::begins_line(text, span.start) && context::ends_line(text, span.end);
    let (cut, action) = if whole_line {
        (span, Action::Remove)
    } else {
        let block = group.iter().any(|piece| piece.flow == Flow::Block);
        let inside = !context::begins_line(text, span.start) && !context::ends_line(text, span.end);
        replacement(text, span, block, inside)
    };
    let new = if let Action::Replace(new) = &action {
        new
    } else {
        ""
    };
    if torn_line(text, span) || is_diagram(text, span) || !is_settled(text, cut, new) {
        findings.push(context::report(&RULE, span));
        return;
    }
    let mut finding = context::finding(&RULE, span, action, Safety::Safe);
    finding.cut = cut;
    // Only what stands outside a tag tells what the text is about.
    let technical = context::technical(text, span);
    findings.push(if about_code || technical {
        context::mention(finding)
    } else {
        finding
    });
}

/// What takes the place of pieces in a line with text: a line break for blocks, one blank where there were two, else nothing.
fn replacement(text: &str, span: Span, block: bool, inside: bool) -> (Span, Action) {
    let start = text[..span.start].trim_end_matches(' ').len();
    let end = text.len() - text[span.end..].trim_start_matches(' ').len();
    if block && inside {
        (Span::new(start, end), Action::Replace("\n".to_owned()))
    } else if !inside {
        // At an edge of its line: the blanks between it and the text go too.
        let cut = if context::begins_line(text, span.start) {
            Span::new(span.start, end)
        } else {
            Span::new(start, span.end)
        };
        (cut, Action::Replace(String::new()))
    } else if start < span.start && end > span.end {
        (Span::new(span.start, end), Action::Replace(String::new()))
    } else {
        (span, Action::Replace(String::new()))
    }
}

/// Whether the line is one of a diagram in words (`A --> B["one<br/>two"]`), whose tags are part of it.
fn is_diagram(text: &str, span: Span) -> bool {
    let line = context::line(text, span.start);
    let (head, tail) = (
        &text[line.start..span.start],
        &text[span.end.min(line.end)..line.end],
    );
    head.contains("-->") && head.contains("[\"") && tail.contains("\"]")
}

/// Whether the line holds half a tag, so that taking whole ones out might make another.
fn torn_line(text: &str, span: Span) -> bool {
    let line = context::line(text, span.start);
    let bytes = &text.as_bytes()[line.range()];
    let mut done = 0;
    memchr::memchr2_iter(b'<', b'&', bytes).any(|at| {
        let at = line.start + at;
        if at < done {
            return false;
        }
        match tags::angle(text, at) {
            Angle::Tag(tag) => {
                done = tag.span.end;
                false
            }
            Angle::Torn => true,
            _ => false,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fragment::check::{find, found, keeps, mends};
    use crate::model::Kept;

    #[test]
    fn tags() {
        for (broken, sound) in [
            (
                "7:40 a.m.: <a href=\"https://a.example/x\" id=\"p\">Prince Albert</a> still works",
                "7:40 a.m.: Prince Albert still works",
            ),
            (
                "Watch it at &lt;a href=\"http://v.example\"&gt;v.example&lt;/a&gt;",
                "Watch it at v.example",
            ),
            (
                "at <a href=”http://v.example”>v.example</a>",
                "at v.example",
            ),
            ("One.\n&lt;br&gt;", "One.\n"),
            ("One.<br/>Two. <br> Three.", "One.\nTwo.\nThree."),
            ("<p>One <b>big</b> day</p>", "One big day"),
            ("a <i>Titanic</i> task", "a Titanic task"),
            ("One <span></span> two", "One two"),
            (
                "One.\n<iframe src=\"http://v.example\" width=\"5\"></iframe>\nTwo.",
                "One.\n\nTwo.",
            ),
            (
                "One.\n<script>var a = 1; if (a > 0) { b(); }</script>\nTwo.",
                "One.\n\nTwo.",
            ),
            ("One <!-- ad slot --> two", "One two"),
            ("<h1>Weeds spread</h1> The weeds", "Weeds spread\nThe weeds"),
            ("Text.</div>", "Text."),
        ] {
            mends(&Markup, broken, sound);
        }
    }

    #[test]
    fn brackets() {
        for (broken, sound) in [
            ("One.\n\n[pullquote]\n\nTwo.", "One.\n\n\n\nTwo."),
            ("One.\n[embedtweet id=\"389445\"]\nTwo.", "One.\n\nTwo."),
            (
                "[caption id=\"x\" width=\"300\"]A mill[/caption] It turned.",
                "A mill It turned.",
            ),
            (
                "see [url=http://a.example]this[/url] and [b]that[/b]",
                "see this and that",
            ),
            ("One.\n{{item.group_date}}", "One.\n"),
            ("One.\n[jwplayer file=\"a.mp4\"][/jwplayer]", "One.\n"),
            (
                "[vc_row][vc_column]\nOne.\n[/vc_column][/vc_row]",
                "\nOne.\n",
            ),
        ] {
            mends(&Markup, broken, sound);
        }
    }

    #[test]
    fn prose_keeps_its_brackets() {
        for text in [
            "“We have the audience [audio] on,” he said [sic] [and] left [the Islamic State].",
            "x < y and <3 and <Sigh.> and <a.b@c.example> <http://a.example>",
            "[music]\n\n[video]\n\n[VIDEO]",
            "[i]t was a [b]ig day [/s]",
            "A set {a, b} = {b, a} => fine",
            "if a<b then c>d",
            "THE NEWS [1] was [note x] here",
        ] {
            keeps(&Markup, text, false);
        }
    }

    #[test]
    fn unsure_is_reported() {
        assert_eq!(
            found(&Markup, "Get mail on {{subject}} daily!"),
            ["{{subject}}"]
        );
        keeps(&Markup, "Get mail on {{subject}} daily!", true);
        keeps(&Markup, "the <b rest", false);
        keeps(&Markup, "One <b> two", true);
        keeps(
            &Markup,
            "at <a href=\"http://a.example\" <http://a.example>>a.example</a>.",
            true,
        );
        keeps(&Markup, "<<b>b></b>", true);
        keeps(&Markup, "A --> B[\"one<br/>two\"]", true);
        mends(&Markup, "&l<b>t;</b>", "&l<b>t;");
    }

    #[test]
    fn speaking_of_it() {
        for text in [
            "Put it between <b> and </b> tags.",
            "The element <a href=\"x\"> links.",
            "In HTML, <br> breaks a line.",
            "<PackageVersion Include=\"x\"> and <a href=\"y\">z</a>",
            "See:\n```\n<br>\n```",
            "{% if a %}\n{{ a }}\n{% endif %}",
        ] {
            keeps(&Markup, text, true);
            assert!(
                find(&Markup, text)
                    .iter()
                    .any(|finding| finding.kept == Some(Kept::Mention)),
                "{text}"
            );
        }
    }

    #[test]
    fn scripts() {
        mends(
            &Markup,
            "One.\n\nvar _q = _q || []; _q.push([’embed’]);\n\nTwo.",
            "One.\n\n\n\nTwo.",
        );
        let tutorial = "Then:\nlet a = f(1);\nlet b = f(2);\nlet c = f(3);\nlet d = f(4);\nwindow._x = window._x || [];\nDone.";
        keeps(&Markup, tutorial, true);
    }
}
