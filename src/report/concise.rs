//! Findings for people and editors: one line each.

use std::io::{self, Write};

use super::text::{Visible, sentence};
use super::{LineIndex, Report, Styles, Subject};

/// `a.txt:3:1: error en/ads/continues-below “Story continues …” labels …`
pub(super) struct Concise {
    styles: Styles,
}

impl Concise {
    pub(super) fn new(styles: Styles) -> Self {
        Self { styles }
    }
}

impl Report for Concise {
    fn document(&self, subject: &Subject<'_>, out: &mut dyn Write) -> io::Result<()> {
        let strong = self.styles.strong;
        let lines = LineIndex::new(subject.original);
        for finding in subject.findings {
            let at = lines.position(finding.span.start);
            let severity = finding.severity();
            let style = self.styles.severity(severity);
            writeln!(
                out,
                "{strong}{}:{}:{}:{strong:#} {style}{}{style:#} {} {}",
                subject.origin,
                at.line,
                at.column,
                severity.name(),
                Visible(&finding.rule.name),
                sentence(subject.original, finding)
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::ReportFormat;
    use super::super::sample::render;
    use super::*;

    #[test]
    fn the_sample() {
        assert_eq!(
            render(ReportFormat::Concise, &Styles::plain()),
            "\
a.txt:3:1: error en/ads/continues-below “Story continues below advertisement” labels an advertisement that is not in the text; clean removes it
a.txt:5:5: error fragment/clipped-name “Lindq” was broken by a tool; clean writes “Lindqvistberg” for “Lindq”
a.txt:5:26: note en/ads/label “Advertisement” labels an advertisement that is not in the text; clean leaves it: the text speaks of the words, it does not use them
"
        );
    }
}
