//! `end-matter`: labels, links and teasers behind the last paragraph, and the footer of a whole page.
//!
//! Never by length alone. What makes a tail furniture are *signs*: lines that the scanner knows, the ones it would leave to a person included
//! ("Related", "Tags", "Comments"), and lines that are nothing but an address. Short unpunctuated lines between signs and behind them go along; a
//! list of names, results or dates at the end of an article has no sign in it and stays.

use super::outline::{Line, lines, lines_from_end, overlaps};
use super::{Detector, Input, finding};
use crate::model::{Action, Category, Finding, Kept, Safety, Slot, Span};
use crate::text::slots;

/// Finds what stands behind the end of the article.
#[derive(Clone, Copy, Debug)]
pub(super) struct EndMatter;

/// How many lines from the end are looked at.
const TAIL_LINES: usize = 600;

/// The fewest signs that make the footer of a page, in which whole sentences stand too.
const FOOTER_SIGNS: usize = 6;

/// The fewest findings in a text that may have such a footer; some signs are addresses, which the scanner does not look for.
const FOOTER_FINDINGS: usize = 4;

/// So many paragraphs in a row are the article: they outweigh [`FOOTER_DROP`].
const ARTICLE_PARAGRAPHS: usize = 6;

/// The least weight of such a footer.
const FOOTER_WEIGHT: f32 = 8.0;

/// How much weight a footer may lose again on the way up before the article is reached.
const FOOTER_DROP: f32 = 12.0;

/// How far below its greatest weight a footer may begin: no whole sentence lies between.
const FOOTER_SLACK: f32 = 2.0;

/// A paragraph of so many words is the article's, whatever stands around it.
const STORY_WORDS: usize = 50;

/// The fewest words in paragraphs that a footer must leave.
const LEAST_LEFT: usize = 60;

/// The most signs and lines in which a tail without sentences counts as proven.
const PROVEN: usize = 2;

/// The most words of a heading that stands above nothing.
const HEADING_WORDS: usize = 4;

/// The most words of a button.
const BUTTON_WORDS: usize = 2;

/// The greatest share of the text behind the last paragraph that goes on few signs.
const SHARE: usize = 3;

impl Detector for EndMatter {
    fn name(&self) -> &'static str {
        "end-matter"
    }

    fn why(&self) -> &'static str {
        "stands behind the end of the article, among links and labels of the page"
    }

    fn category(&self) -> Category {
        Category::Navigation
    }

    fn detect(&self, input: Input<'_>, findings: &mut Vec<Finding>) {
        // Without a line that the scanner knows there is no sign to begin with, which is so in most texts.
        if input.found.is_empty() {
            return;
        }
        let tail = Tail::collect(input);
        let Some((count, safety)) = footer(input.text, &tail)
            .map(|count| (count, Safety::Safe))
            .or_else(|| labelled(input.text, &tail))
        else {
            return;
        };
        for place in (0..count).rev() {
            let span = tail[place].line.span;
            if !overlaps(input.removed, span) {
                findings.push(finding(self.rule(), span, Action::Remove, safety, None));
            }
        }
    }
}

/// A line of the tail and what it is.
struct Tail<'t> {
    line: Line<'t>,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Furniture that the scanner knows, or an address alone.
    Sign,
    /// A sign that may stand at the head of a footer.
    Box,
    /// A sign that stands at the head of a list of links.
    Heading,
    /// A sign that stands at the head of buttons.
    Buttons,
    /// Short and without an end, or a question: a link, a name, a cell.
    Label,
    /// A short sentence.
    Phrase,
    /// Of the article, as far as anyone can tell.
    Paragraph,
}

impl<'t> Tail<'t> {
    /// The lines from the end, as far as they can matter: to the last paragraph, and further where there are findings enough for a footer.
    fn collect(input: Input<'t>) -> Vec<Self> {
        let most = if input.found.len() < FOOTER_FINDINGS {
            1
        } else {
            ARTICLE_PARAGRAPHS
        };
        let mut tail = Vec::new();
        let mut paragraphs = 0;
        for line in lines_from_end(input.text).take(TAIL_LINES) {
            let line = Self::new(input, line);
            paragraphs = if line.kind == Kind::Paragraph {
                paragraphs + 1
            } else {
                0
            };
            tail.push(line);
            if paragraphs == most {
                break;
            }
        }
        tail
    }

    fn new(input: Input<'t>, line: Line<'t>) -> Self {
        let kind = match found_at(input.found, line.span) {
            Some(category) => kind_of(category),
            None if is_address(line.text) => Kind::Sign,
            None if line.is_paragraph() => Kind::Paragraph,
            None if line.is_label() || line.last_mark() == Some('?') => Kind::Label,
            None => Kind::Phrase,
        };
        Self { line, kind }
    }

    fn is_sign(&self) -> bool {
        matches!(
            self.kind,
            Kind::Sign | Kind::Box | Kind::Heading | Kind::Buttons
        )
    }
}

/// What the scanner takes the line for, if what it recognised is most of the line. What a rule would cut besides (to the end of the text) says
/// nothing of the lines there.
fn found_at(found: &[Finding], span: Span) -> Option<Category> {
    let place = found.partition_point(|finding| finding.cut.end <= span.start);
    let finding = found
        .get(place)
        .filter(|finding| finding.span.overlaps(span))?;
    let doubted = matches!(finding.kept, Some(Kept::Mention | Kept::Ambiguous));
    let covered = finding.span.end.min(span.end) - finding.span.start.max(span.start);
    (!doubted && covered * 3 >= span.len() * 2).then_some(finding.rule.category)
}

/// What a line of that category is to the tail. Boxes (an advertisement, a newsletter) stand between paragraphs too, so that a list below one may
/// be the article's own.
fn kind_of(category: Category) -> Kind {
    match category {
        Category::RelatedLink | Category::Comments | Category::Navigation => Kind::Heading,
        Category::Share => Kind::Buttons,
        Category::AdMarker
        | Category::ContinueReading
        | Category::Newsletter
        | Category::Subscription
        | Category::Paywall
        | Category::AppPromo
        | Category::Cookie
        | Category::Javascript
        | Category::Misc => Kind::Box,
        _ => Kind::Sign,
    }
}

/// Whether the line is an address and nothing else.
fn is_address(line: &str) -> bool {
    // Looking closely is dear. No address holds a blank, and every one holds a dot or an at sign.
    let bytes = line.as_bytes();
    if memchr::memchr(b' ', bytes).is_some() || memchr::memchr2(b'.', b'@', bytes).is_none() {
        return false;
    }
    [Slot::Email, Slot::Url, Slot::Handle]
        .into_iter()
        .any(|slot| {
            slots::ends(slot, line, 0)
                .iter()
                .any(|end| end == line.len())
        })
}

/// The footer of a page: how many lines from the end it takes. It may hold sentences, if signs outweigh them, but the article stops it: a few
/// paragraphs in a row weigh more than the links above them could make good.
fn footer(text: &str, tail: &[Tail<'_>]) -> Option<usize> {
    if tail.iter().filter(|line| line.is_sign()).count() < FOOTER_SIGNS {
        return None;
    }
    let (mut weight, mut signs, mut sentences) = (0.0, 0, 0);
    let (mut peak, mut best): (f32, _) = (0.0, None);
    for (place, line) in tail.iter().enumerate() {
        let words = line.line.words();
        if line.kind == Kind::Paragraph && words >= STORY_WORDS {
            break;
        }
        weight += match line.kind {
            Kind::Sign | Kind::Box | Kind::Heading | Kind::Buttons => 1.5,
            Kind::Label => 0.5,
            Kind::Phrase => 0.0,
            Kind::Paragraph if words >= 35 => -6.0,
            Kind::Paragraph => -2.5,
        };
        signs += usize::from(line.is_sign());
        sentences += if line.kind == Kind::Paragraph {
            words
        } else {
            0
        };
        if peak - weight > FOOTER_DROP {
            break;
        }
        if line.is_sign()
            && line.kind != Kind::Sign
            && signs >= FOOTER_SIGNS
            && weight >= FOOTER_WEIGHT.max(peak - FOOTER_SLACK)
        {
            best = Some((place + 1, sentences));
        }
        peak = peak.max(weight);
    }
    let (count, sentences) = best?;
    // What is left must be more of an article than what goes.
    let end = tail[count - 1].line.span.start;
    let left: usize = lines(&text[..end])
        .filter(|line| line.is_paragraph())
        .map(Line::words)
        .sum();
    (left > LEAST_LEFT && left > sentences * 2).then_some(count)
}

/// The lines behind the last paragraph from the first heading on: how many they are.
fn labelled(text: &str, tail: &[Tail<'_>]) -> Option<(usize, Safety)> {
    let open = tail.iter().position(|line| line.kind == Kind::Paragraph)?;
    let buttons = |place: usize| {
        tail[..place]
            .iter()
            .all(|line| line.kind != Kind::Label || line.line.words() <= BUTTON_WORDS)
    };
    let last = (0..open).rev().find(|&place| match tail[place].kind {
        Kind::Heading => true,
        Kind::Buttons => buttons(place),
        _ => false,
    })?;
    let zone = &tail[..=last];
    let signs = zone.iter().filter(|line| line.is_sign()).count();
    let labels = zone.iter().filter(|line| line.kind == Kind::Label).count();
    let bytes = text.len() - tail[last].line.span.start;
    // No article ends on a heading with nothing below.
    let bare = zone
        .iter()
        .all(|line| line.is_sign() && line.line.words() <= HEADING_WORDS);
    let proven = bare
        || (signs + labels > PROVEN
            && (signs >= PROVEN || labels >= PROVEN)
            && bytes * SHARE <= text.len());
    Some((last + 1, if proven { Safety::Safe } else { Safety::Review }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Place, RuleInfo};
    use std::sync::Arc;

    const BODY: &str = "The council met on Tuesday night and put the vote off for a third time.\nNobody on the pier was surprised to hear it, the harbour master said.\nIt will meet again in May, when the ice is gone and the ferries sail.\nUntil then the old rules hold, and so do the old fees, which nobody has paid since the flood.\n";

    /// What goes of the body with `tail` behind it, if the scanner knows the lines of `known` and would leave them.
    fn cut(tail: &str, known: &[(&str, Category)]) -> Vec<(String, Safety)> {
        let text = format!("{BODY}{tail}");
        let mut found: Vec<Finding> = Vec::new();
        for line in crate::fragment::outline::lines(&text) {
            if let Some(&(_, category)) = known.iter().find(|(known, _)| *known == line.text) {
                let rule = RuleInfo {
                    name: "en/test/rule".to_owned(),
                    version: String::new(),
                    category,
                    why: String::new(),
                };
                found.push(Finding {
                    place: Some(Place::Line),
                    ..finding(
                        Arc::new(rule),
                        line.span,
                        Action::Remove,
                        Safety::Review,
                        Some(Kept::Tier),
                    )
                });
            }
        }
        let mut findings = Vec::new();
        EndMatter.detect(
            Input {
                found: &found,
                ..Input::of(&text)
            },
            &mut findings,
        );
        findings
            .iter()
            .map(|finding| (text[finding.cut.range()].to_owned(), finding.safety))
            .collect()
    }

    fn lines(text: &str, safety: Safety) -> Vec<(String, Safety)> {
        text.lines().map(|line| (line.to_owned(), safety)).collect()
    }

    #[test]
    fn headlines_below_a_heading_go() {
        let tail = "Related\nHarbour master quits after nine years\nWho will run the ferries?";
        assert_eq!(
            cut(tail, &[("Related", Category::RelatedLink)]),
            lines(tail, Safety::Safe)
        );
        let tail = "Tags";
        assert_eq!(
            cut(tail, &[("Tags", Category::RelatedLink)]),
            lines(tail, Safety::Safe)
        );
        let tail = "Share this:\nEmail\nPrint";
        assert_eq!(
            cut(tail, &[("Share this:", Category::Share)]),
            lines(tail, Safety::Safe)
        );
    }

    #[test]
    fn one_line_below_a_heading_is_for_review() {
        let tail = "Related\nHarbour master quits";
        assert_eq!(
            cut(tail, &[("Related", Category::RelatedLink)]),
            lines(tail, Safety::Review)
        );
    }

    #[test]
    fn lists_without_a_sign_stay() {
        assert_eq!(
            cut("Ann Lee, harbour\nBo Dahl, pier\nCy Moss, ferries", &[]),
            []
        );
        assert_eq!(
            cut(
                "Harbour master quits after nine years\nWho will run the ferries",
                &[]
            ),
            []
        );
    }

    #[test]
    fn a_list_below_an_inserted_box_stays() {
        let tail = "Sign up for our newsletter\n38 percent are for it (34 in March)\n46 percent are against (46 in March)";
        assert_eq!(
            cut(
                tail,
                &[("Sign up for our newsletter", Category::Newsletter)]
            ),
            []
        );
        let tail =
            "Share this\n38 percent are for it (34 in March)\n46 percent are against (46 in March)";
        assert_eq!(cut(tail, &[("Share this", Category::Share)]), []);
    }

    #[test]
    fn a_paragraph_behind_a_heading_keeps_it() {
        let tail = "Related\nHarbour master quits after nine years\nThe rain held off until dark, and then it came down hard on everyone.";
        assert_eq!(cut(tail, &[("Related", Category::RelatedLink)]), []);
    }

    #[test]
    fn a_long_paragraph_stops_a_footer() {
        let story = "word ".repeat(60);
        let tail = format!(
            "Most read\nSign up\nSubscribe\nShare\n{story}ends here.\nPrivacy\nTerms\nContact\nHelp\nJobs\nPress\nImprint"
        );
        let known: Vec<(&str, Category)> = tail
            .lines()
            .filter(|line| line.len() < 20)
            .map(|line| (line, Category::Navigation))
            .collect();
        let behind = "Privacy\nTerms\nContact\nHelp\nJobs\nPress\nImprint";
        assert_eq!(cut(&tail, &known), lines(behind, Safety::Safe));
    }

    #[test]
    fn a_footer_of_many_signs_may_hold_a_sentence() {
        let tail = "Most read\nWho will run the ferries\nSign up\nThe best of the harbour, every morning, free and in your inbox.\nSubscribe\nShare\nPrivacy\nTerms\nContact\nHelp\nJobs\nPress";
        let known: Vec<(&str, Category)> = [
            "Most read",
            "Sign up",
            "Subscribe",
            "Share",
            "Privacy",
            "Terms",
            "Contact",
            "Help",
        ]
        .into_iter()
        .map(|line| (line, Category::Navigation))
        .collect();
        assert_eq!(cut(tail, &known), lines(tail, Safety::Safe));
    }
}
