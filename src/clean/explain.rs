//! Why something was or was not found at a place.

use super::Cleaner;
use crate::model::{Document, Finding, Kept, Safety, Span};
use crate::scan::{Check, Options, Trace};

impl Cleaner {
    /// What each rule and detector makes of the byte `at` of a text, those that came furthest first, one trace a rule; rules that met nothing there are
    /// left out. With `rule`, a full name, that of one alone, also if it met nothing. `None` when there is no such rule.
    ///
    /// Every form is tried anew at every beginning near the place, so this is for a question, not for a corpus.
    ///
    /// ```
    /// use descale::{Check, Document};
    /// let cleaner = descale::Cleaner::builder().builtin(false).pattern("Foo bar baz").build()?;
    /// let text = "One.\n\nFoo bar baz\n\nThe words “Foo bar baz” are banned.";
    /// let acts = &cleaner.explain(Document::new(text), 8, None).unwrap()[0];
    /// assert_eq!((acts.rule.name.as_str(), acts.failed), ("pattern/1", None));
    /// let mention = &cleaner.explain(Document::new(text), 35, None).unwrap()[0];
    /// assert_eq!(mention.failed, Some(Check::Mention));
    /// assert!(cleaner.explain(Document::new(text), 0, Some("no/such/rule")).is_none());
    /// # Ok::<(), descale::BuildError>(())
    /// ```
    #[must_use]
    pub fn explain(
        &self,
        document: Document<'_>,
        at: usize,
        rule: Option<&str>,
    ) -> Option<Vec<Trace>> {
        let place = |name: &str| self.database().rules().position(|rule| rule.name == name);
        let detector = |name: &str| {
            let name = name.strip_prefix("fragment/").unwrap_or_default();
            self.detectors
                .iter()
                .any(|detector| detector.name() == name)
        };
        let only = match rule {
            None => None,
            Some(name) if detector(name) => None,
            Some(name) => Some(place(name)? as u32),
        };
        let findings = self.clean_document(document).findings;
        let mut traces = Vec::new();
        if rule.is_none() || only.is_some() {
            let options = Options {
                apply: self.apply,
                only,
                zones: None,
            };
            traces = self.scanner.explain(document, options, at);
            for trace in &mut traces {
                settle(trace, &findings);
            }
        }
        let here = |span: Span| span.start <= at && at < span.end.max(span.start + 1);
        traces.extend(
            findings
                .iter()
                .filter(|finding| finding.place.is_none() && here(finding.span.cover(finding.cut)))
                .filter(|finding| rule.is_none_or(|rule| rule == finding.rule.name))
                .map(|finding| of_detector(document.text, finding)),
        );
        if let Some(name) = rule
            && only.is_none()
            && traces.is_empty()
        {
            traces.push(Trace {
                rule: std::sync::Arc::new(crate::model::RuleInfo {
                    name: name.to_owned(),
                    version: env!("CARGO_PKG_VERSION").to_owned(),
                    category: crate::model::Category::Fragment,
                    why: crate::model::Category::Fragment.why().to_owned(),
                }),
                span: Span::new(at, at),
                at: None,
                failed: Some(Check::Form),
                why: "the detector sees nothing broken here, or no proof of it in the text"
                    .to_owned(),
            });
        }
        traces.sort_by_key(|trace| trace.failed.is_some());
        Some(traces)
    }
}

/// A rule that would act does not if something else took its place.
fn settle(trace: &mut Trace, findings: &[Finding]) {
    if trace.failed.is_some() {
        return;
    }
    let acts = |finding: &&Finding| finding.applies() && finding.span.overlaps(trace.span);
    if findings
        .iter()
        .filter(acts)
        .any(|finding| finding.rule.name == trace.rule.name)
    {
        return;
    }
    trace.failed = Some(Check::Overlap);
    let taker = findings
        .iter()
        .find(|finding| finding.applies() && finding.cut.overlaps(trace.span));
    trace.why = match taker {
        Some(taker) => format!("{} takes the place", taker.rule.name),
        None => "another finding takes the place".to_owned(),
    };
}

/// What a detector made of a place.
fn of_detector(text: &str, finding: &Finding) -> Trace {
    let (failed, why) = match finding.kept {
        None if finding.applies() => {
            let what = match &finding.action {
                crate::model::Action::Replace(new) => format!("it is mended to {new:?}"),
                _ => "it is taken out".to_owned(),
            };
            let proof = finding.evidence.first().map(|span| {
                format!(
                    "; the proof is {:?} at byte {}",
                    &text[span.range()],
                    span.start
                )
            });
            (None, what + &proof.unwrap_or_default())
        }
        Some(Kept::Overlap) => (
            Some(Check::Overlap),
            "another finding takes the place".to_owned(),
        ),
        Some(Kept::Mention | Kept::Suppressed | Kept::Markup) => {
            (Some(Check::Mention), "the text speaks of it".to_owned())
        }
        Some(Kept::Ambiguous) => (
            Some(Check::Form),
            "the proof allows more than one reading".to_owned(),
        ),
        Some(Kept::LimitChars | Kept::LimitShare) => (
            Some(Check::Limit),
            "it would take more than it may".to_owned(),
        ),
        Some(Kept::Position) => (
            Some(Check::Position),
            "too little text stands before it".to_owned(),
        ),
        None | Some(Kept::Tier) => {
            let tier = if finding.safety == Safety::Report {
                "it only reports"
            } else {
                "its tier is not applied in this run"
            };
            (Some(Check::Tier), tier.to_owned())
        }
    };
    Trace {
        rule: finding.rule.clone(),
        span: finding.span,
        at: None,
        failed,
        why,
    }
}
