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

/// The least weight of such a footer.
const FOOTER_WEIGHT: f32 = 8.0;

/// How much weight a footer may lose again on the way up before the article is reached.
const FOOTER_DROP: f32 = 12.0;

/// How far below its greatest weight a footer may begin: no whole sentence lies between.
const FOOTER_SLACK: f32 = 2.0;

/// The fewest words in paragraphs that a footer must leave.
const LEAST_LEFT: usize = 60;

/// The most signs and lines in which a tail without sentences counts as proven.
const PROVEN: usize = 2;

/// The most words of a heading that stands above nothing.
const HEADING_WORDS: usize = 4;

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
        let tail: Vec<Tail<'_>> = lines_from_end(input.text).take(TAIL_LINES).map(|line| Tail::new(input, line)).collect();
        let Some((count, safety)) = footer(input.text, &tail).or_else(|| labelled(input.text, &tail)) else { return };
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
    /// A sign that stands at the head of a list of links.
    Heading,
    /// Short and without an end: a link, a name, a cell.
    Label,
    /// A short sentence.
    Phrase,
    /// Of the article, as far as anyone can tell.
    Paragraph,
}

impl<'t> Tail<'t> {
    fn new(input: Input<'_>, line: Line<'t>) -> Self {
        let kind = match found_at(input.found, line.span) {
            Some(category) if heads(category) => Kind::Heading,
            Some(_) => Kind::Sign,
            None if is_address(line.text) => Kind::Sign,
            None if line.is_paragraph() => Kind::Paragraph,
            None if line.is_label() => Kind::Label,
            None => Kind::Phrase,
        };
        Self { line, kind }
    }

    fn is_sign(&self) -> bool {
        matches!(self.kind, Kind::Sign | Kind::Heading)
    }
}

/// What the scanner takes the line for, if what it recognised is most of the line. What a rule would cut besides (to the end of the text) says
/// nothing of the lines there.
fn found_at(found: &[Finding], span: Span) -> Option<Category> {
    let place = found.partition_point(|finding| finding.cut.end <= span.start);
    let finding = found.get(place).filter(|finding| finding.span.overlaps(span))?;
    let doubted = matches!(finding.kept, Some(Kept::Mention | Kept::Ambiguous));
    let covered = finding.span.end.min(span.end) - finding.span.start.max(span.start);
    (!doubted && covered * 3 >= span.len() * 2).then_some(finding.rule.category)
}

/// Whether such a line stands above or among links.
fn heads(category: Category) -> bool {
    !matches!(
        category,
        Category::CaptionMedia | Category::Copyright | Category::WireCredit | Category::Correction | Category::MetadataHeader | Category::Fragment | Category::Affiliate | Category::AudioVideo | Category::BylineBio
    )
}

/// Whether the line is an address and nothing else.
fn is_address(line: &str) -> bool {
    [Slot::Email, Slot::Url, Slot::Handle].into_iter().any(|slot| slots::ends(slot, line, 0).iter().any(|end| end == line.len()))
}

/// The footer of a page: how many lines from the end it takes. It may hold sentences, if signs outweigh them, but the article stops it: a few
/// paragraphs in a row weigh more than the links above them could make good.
fn footer(text: &str, tail: &[Tail<'_>]) -> Option<(usize, Safety)> {
    let (mut weight, mut signs, mut sentences) = (0.0, 0, 0);
    let (mut peak, mut best): (f32, _) = (0.0, None);
    for (place, line) in tail.iter().enumerate() {
        let words = line.line.words();
        weight += match line.kind {
            Kind::Sign | Kind::Heading => 1.5,
            Kind::Label => 0.5,
            Kind::Phrase => 0.0,
            Kind::Paragraph if words >= 35 => -6.0,
            Kind::Paragraph => -2.5,
        };
        signs += usize::from(line.is_sign());
        sentences += if line.kind == Kind::Paragraph { words } else { 0 };
        if peak - weight > FOOTER_DROP {
            break;
        }
        if line.kind == Kind::Heading && signs >= FOOTER_SIGNS && weight >= FOOTER_WEIGHT.max(peak - FOOTER_SLACK) {
            best = Some((place + 1, sentences));
        }
        peak = peak.max(weight);
    }
    let (count, sentences) = best?;
    // What is left must be more of an article than what goes.
    let end = tail[count - 1].line.span.start;
    let left: usize = lines(&text[..end]).filter(|line| line.is_paragraph()).map(Line::words).sum();
    (left > LEAST_LEFT && left > sentences * 2).then_some((count, Safety::Safe))
}

/// The lines behind the last paragraph from the first heading on: how many they are.
fn labelled(text: &str, tail: &[Tail<'_>]) -> Option<(usize, Safety)> {
    let open = tail.iter().position(|line| line.kind == Kind::Paragraph)?;
    let last = tail[..open].iter().rposition(|line| line.kind == Kind::Heading)?;
    let zone = &tail[..=last];
    let signs = zone.iter().filter(|line| line.is_sign()).count();
    let labels = zone.iter().filter(|line| line.kind == Kind::Label).count();
    let bytes = text.len() - tail[last].line.span.start;
    // No article ends on a heading with nothing below.
    let bare = zone.iter().all(|line| line.is_sign() && line.line.words() <= HEADING_WORDS);
    let proven = bare || (signs + labels > PROVEN && (signs >= PROVEN || labels >= PROVEN) && bytes * SHARE <= text.len());
    Some((last + 1, if proven { Safety::Safe } else { Safety::Review }))
}
