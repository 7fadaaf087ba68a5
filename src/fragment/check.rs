//! What the tests of the detectors share.

use super::{Detector, Input};
use crate::model::{Action, Finding, Safety, Span};

/// What a detector finds in a text of its own.
pub(super) fn find(detector: &dyn Detector, text: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
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
    let mut end = 0;
    for finding in &findings {
        assert!(
            text.get(finding.span.range()).is_some(),
            "span off the boundaries in {text:?}"
        );
        assert!(
            text.get(finding.cut.range()).is_some(),
            "cut off the boundaries in {text:?}"
        );
        assert!(
            finding.span.start >= end,
            "findings out of order or overlapping in {text:?}"
        );
        end = finding.span.end;
    }
    findings
}

/// The text after the detector's findings of at least `lowest` are applied, without the planner's seams.
pub(super) fn applied(detector: &dyn Detector, text: &str, lowest: Safety) -> String {
    let mut out = String::new();
    let mut done = 0;
    for finding in find(detector, text) {
        if !finding.applies() || finding.safety < lowest {
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

/// Checks what `clean` would make of `text`, and that a second pass changes nothing.
#[track_caller]
pub(super) fn mends(detector: &dyn Detector, text: &str, expected: &str) {
    for lowest in [Safety::Safe, Safety::Review] {
        let once = applied(detector, text, lowest);
        if lowest == Safety::Safe {
            assert_eq!(once, expected, "from {text:?}");
        }
        assert_eq!(
            applied(detector, &once, lowest),
            once,
            "second pass over {once:?}"
        );
    }
}

/// Checks that nothing is changed by default, and whether the text is at least reported.
#[track_caller]
pub(super) fn keeps(detector: &dyn Detector, text: &str, reported: bool) {
    mends(detector, text, text);
    assert_eq!(
        !find(detector, text).is_empty(),
        reported,
        "reported in {text:?}"
    );
}

/// The found texts.
pub(super) fn found<'t>(detector: &dyn Detector, text: &'t str) -> Vec<&'t str> {
    find(detector, text)
        .iter()
        .map(|finding| &text[finding.span.range()])
        .collect()
}

/// What the detector finds beside insertions that will go.
pub(super) fn find_beside(detector: &dyn Detector, text: &str, removed: &[Span]) -> Vec<Finding> {
    let mut findings = Vec::new();
    detector.detect(
        Input {
            text,
            removed,
            found: &[],
            title: None,
            lang: None,
            labels: None,
            facts: &Default::default(),
        },
        &mut findings,
    );
    findings
}
