//! Markers that were cut short themselves: "Story continues below adverti".

use std::sync::{Arc, LazyLock};

use super::{Detector, Input, finding};
use crate::model::{Action, Finding, RuleInfo, Safety, Span};
use crate::text::lines::skip_decoration;

/// A longer line is no marker.
const LONGEST: usize = 160;
/// A shorter one says too little.
const SHORTEST: usize = 12;

/// Finds lines that are the beginning of a rule's text, of at least two words, cut in the middle of a word.
///
/// A text cut between two words ("Story continues below") is left alone: it may be a heading.
#[derive(Clone, Copy, Debug)]
pub struct ClippedMarker;

static RULE: LazyLock<Arc<RuleInfo>> = LazyLock::new(|| ClippedMarker.rule());

impl Detector for ClippedMarker {
    fn name(&self) -> &'static str {
        "clipped-marker"
    }

    fn why(&self) -> &'static str {
        "is the beginning of a known marker, cut in the middle of a word"
    }

    fn detect(&self, input: Input<'_>, findings: &mut Vec<Finding>) {
        let Some(labels) = input.labels else { return };
        let text = input.text;
        for &(line, end) in input.lines() {
            // Nearly every line is longer, or ends with a mark.
            if !(SHORTEST..=LONGEST).contains(&(end - line)) || ends_with_mark(&text[line..end]) {
                continue;
            }
            let content = skip_decoration(text, line);
            // Decoration may be all there is.
            let words = text.get(content..end).unwrap_or_default().trim_end();
            let clipped = words.len() >= SHORTEST
                && words.contains(' ')
                && words.ends_with(char::is_alphabetic);
            if !clipped || !labels.may_begin(text, content) || labels.cut_short(words).is_none() {
                continue;
            }
            let span = Span::new(content, content + words.len());
            let mut found = finding(RULE.clone(), span, Action::Remove, Safety::Safe, None);
            found.cut = Span::new(line, span.end);
            findings.push(found);
        }
    }
}

/// Whether a line surely ends with a mark of a sentence. Most do, and asking a table about the curly ones is dear.
fn ends_with_mark(line: &str) -> bool {
    matches!(
        line.as_bytes(),
        [.., b'.' | b'!' | b'?' | b'"' | b':'] | [.., 0xE2, 0x80, 0x99 | 0x9D | 0xA6]
    )
}

#[cfg(test)]
mod tests {
    use crate::{Cleaner, Safety};

    #[test]
    fn a_marker_cut_in_mid_word_goes_and_a_heading_stays() {
        let cleaner = Cleaner::builder()
            .builtin(false)
            .pattern("Story continues below advertisement")
            .build()
            .unwrap();
        for (text, clean) in [
            (
                "It rained.\n\nStory continues below adverti\n\nThey went in.",
                "It rained.\n\nThey went in.",
            ),
            // Cut between words, or a word of its own.
            (
                "It rained.\n\nStory continues\n\nThey went in.",
                "It rained.\n\nStory continues\n\nThey went in.",
            ),
            (
                "It rained.\n\nStory continues below adverbs\n\nThey went in.",
                "It rained.\n\nStory continues below adverbs\n\nThey went in.",
            ),
            (
                "It rained.\n\nThe story continues below adverti\n\nThey went in.",
                "It rained.\n\nThe story continues below adverti\n\nThey went in.",
            ),
        ] {
            let cleaned = cleaner.clean(text);
            assert_eq!(cleaned.text, clean, "{text}");
            assert_eq!(cleaner.clean(&cleaned.text).text, cleaned.text);
        }
        let cleaned = cleaner.clean("It rained.\n\nStory continues below adverti\n\nThey went in.");
        assert_eq!(cleaned.findings[0].rule.name, "fragment/clipped-marker");
        assert_eq!(cleaned.findings[0].safety, Safety::Safe);
    }
}
