//! `end-matter`: labels, links and teasers behind the last paragraph, and the footer of a whole page.
//!
//! Never by length alone. What makes a tail furniture are *signs*: lines that the scanner knows, the ones it would leave to a person included
//! ("Related", "Tags", "Comments"), and lines that are nothing but an address. Short unpunctuated lines between signs and behind them go along; a
//! list of names, results or dates at the end of an article has no sign in it and stays.

use super::outline::{Line, lines_from_end, overlaps};
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

/// The most signs and lines in which a tail without sentences counts as proven.
const PROVEN: usize = 2;

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
        let Some((count, safety)) = footer(&tail).or_else(|| labelled(input.text, &tail)) else { return };
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

/// What the scanner takes the line for, if a finding covers most of it.
fn found_at(found: &[Finding], span: Span) -> Option<Category> {
    let place = found.partition_point(|finding| finding.cut.end <= span.start);
    let finding = found.get(place).filter(|finding| finding.cut.start < span.end)?;
    let doubted = matches!(finding.kept, Some(Kept::Mention | Kept::Ambiguous));
    let covered = finding.cut.end.min(span.end) - finding.cut.start.max(span.start);
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

/// The footer of a page: how many lines from the end it takes. It may hold sentences, if signs outweigh them.
fn footer(tail: &[Tail<'_>]) -> Option<(usize, Safety)> {
    let (mut weight, mut signs, mut best) = (0.0, 0, None);
    let mut most = FOOTER_WEIGHT;
    for (place, line) in tail.iter().enumerate() {
        weight += match line.kind {
            Kind::Sign | Kind::Heading => 1.5,
            Kind::Label => 0.5,
            Kind::Phrase => 0.0,
            Kind::Paragraph if line.line.words() >= 35 => -6.0,
            Kind::Paragraph => -2.5,
        };
        signs += usize::from(line.is_sign());
        if line.kind == Kind::Heading && signs >= FOOTER_SIGNS && weight >= most {
            most = weight;
            best = Some(place + 1);
        }
    }
    let count = best?;
    // Something must be left, and be an article.
    let left = tail[count..].iter().filter(|line| line.kind == Kind::Paragraph).count();
    (left >= 2 || tail.len() == TAIL_LINES).then_some((count, Safety::Safe))
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
    let bare = signs == zone.len();
    let proven = bare || (signs + labels > PROVEN && (signs >= PROVEN || labels >= PROVEN) && bytes * SHARE <= text.len());
    Some((last + 1, if proven { Safety::Safe } else { Safety::Review }))
}
