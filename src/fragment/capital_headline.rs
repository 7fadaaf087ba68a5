//! `capital-headline`: headlines of other stories set in capitals between the paragraphs, as some news sites print their links.
//!
//! A heading in capitals looks alike. What tells them apart is length (a link carries a whole headline), that each stands between two paragraphs,
//! and that a story holds several of them. One alone is only for review.

use super::outline::{Line, is_solid, lines, overlaps};
use super::{Detector, Input, finding};
use crate::model::{Action, Category, Finding, Safety};

/// Finds headlines in capitals between paragraphs.
#[derive(Clone, Copy, Debug)]
pub(super) struct CapitalHeadline;

/// The fewest characters of a headline; section headings are shorter.
const LEAST_CHARS: usize = 45;
/// The most; longer lines in capitals are warnings and legal text.
const MOST_CHARS: usize = 160;

/// So many capitals a headline has at least for each small letter.
const CAPITALS_FOR_A_SMALL: usize = 12;

impl Detector for CapitalHeadline {
    fn name(&self) -> &'static str {
        "capital-headline"
    }

    fn why(&self) -> &'static str {
        "is another story's headline, in capitals between two paragraphs"
    }

    fn category(&self) -> Category {
        Category::RelatedLink
    }

    fn detect(&self, input: Input<'_>, findings: &mut Vec<Finding>) {
        // Nearly every text ends here.
        let candidate =
            |&(start, end): &(usize, usize)| may_be_headline(&input.text.as_bytes()[start..end]);
        if !input.lines().iter().any(candidate) {
            return;
        }
        let mut before: Option<Line<'_>> = None;
        let mut pending: Option<Line<'_>> = None;
        let mut found: Vec<Line<'_>> = Vec::new();
        for line in lines(input.text) {
            if overlaps(input.removed, line.span) {
                continue;
            }
            if let Some(headline) = pending
                .take()
                .filter(|_| line.is_paragraph() && !is_capital(line.text))
            {
                found.push(headline);
            }
            if is_headline(line) && before.is_some_and(Line::is_paragraph) {
                pending = Some(line);
            }
            before = Some(line);
        }
        if found.is_empty() || !input.reads_english() {
            return;
        }
        let safety = if found.len() >= 2 {
            Safety::Safe
        } else {
            Safety::Review
        };
        findings.extend(
            found
                .into_iter()
                .map(|line| finding(self.rule(), line.span, Action::Remove, safety, None)),
        );
    }
}

/// Whether a line could be a headline in capitals, as far as its bytes tell; blanks may stand around it.
fn may_be_headline(line: &[u8]) -> bool {
    if line.len() < LEAST_CHARS {
        return false;
    }
    let long = line.len() > MOST_CHARS || line[..4].iter().any(u8::is_ascii_lowercase);
    !((long && is_solid(line)) || is_small(line))
}

/// Whether there are too many small letters for a headline in capitals.
fn is_small(line: &[u8]) -> bool {
    // Counted by stretches, in bytes that cannot overflow: a line of prose has too many after the first or second one.
    let mut small = 0;
    line.chunks(64).any(|stretch| {
        let ones = stretch
            .iter()
            .map(|byte| u8::from(byte.is_ascii_lowercase()));
        small += usize::from(ones.sum::<u8>());
        small * CAPITALS_FOR_A_SMALL > line.len()
    })
}

fn is_headline(line: Line<'_>) -> bool {
    // Nearly every line is refused by its first letters.
    (LEAST_CHARS..=MOST_CHARS).contains(&line.text.len())
        && !line.text.as_bytes()[..4].iter().any(u8::is_ascii_lowercase)
        && line
            .text
            .starts_with(|c: char| c.is_uppercase() || matches!(c, '\'' | '"' | '‘' | '“'))
        && is_capital(line.text)
        && !matches!(line.last_mark(), Some('.' | ':' | ';' | ',' | '?' | '!'))
        && line.words() >= 6
}

/// Whether all letters are capitals but for a few: "AMAs" and "iPhone" keep their shape.
fn is_capital(text: &str) -> bool {
    if is_small(text.as_bytes()) {
        return false;
    }
    let small = text.chars().filter(|c| c.is_lowercase()).count();
    let capital = text.chars().filter(|c| c.is_uppercase()).count();
    capital >= 20 && small * CAPITALS_FOR_A_SMALL <= capital
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARAGRAPH: &str =
        "The council met on Tuesday night and put the vote off for a third time.";
    const LINK: &str = "HARBOUR MASTER QUITS AFTER NINE YEARS OF FEUDS AND FLOODS";

    fn cut(text: &str) -> Vec<(String, Safety)> {
        let mut findings = Vec::new();
        CapitalHeadline.detect(Input::of(text), &mut findings);
        findings
            .iter()
            .map(|finding| (text[finding.cut.range()].to_owned(), finding.safety))
            .collect()
    }

    #[test]
    fn several_are_links_and_one_is_for_review() {
        let other = "MAYOR'S ALLY SAYS AMAs 'WILL NOT RETURN' TO THE OLD CITY HALL";
        assert_eq!(
            cut(&format!(
                "{PARAGRAPH}\n\n{LINK}\n\n{PARAGRAPH}\n\n{other}\n\n{PARAGRAPH}"
            )),
            [
                (LINK.to_owned(), Safety::Safe),
                (other.to_owned(), Safety::Safe)
            ]
        );
        assert_eq!(
            cut(&format!("{PARAGRAPH}\n{LINK}\n{PARAGRAPH}")),
            [(LINK.to_owned(), Safety::Review)]
        );
    }

    #[test]
    fn headings_and_shouting_stay() {
        for text in [
            format!("{PARAGRAPH}\nWHAT THE COUNCIL SAID\n{PARAGRAPH}"),
            format!("{LINK}\n{PARAGRAPH}"),
            format!("{PARAGRAPH}\n{LINK}"),
            format!("{PARAGRAPH}\n{LINK}\n{LINK}\n{PARAGRAPH}"),
            format!("{PARAGRAPH}\n{LINK}.\n{PARAGRAPH}"),
        ] {
            assert_eq!(cut(&text), [], "{text}");
        }
    }
}
