//! What cleaning answers, as Python sees it.

use std::borrow::Cow;

use descale::ledger::{self, Carried, Change, Facts, SpanMap, Unit};
use descale::{Action, Span};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::offsets;

/// What was found in a text and changed, before Python objects are made of it; offsets are bytes of the original text.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// The cleaned text; `None` when nothing changed.
    pub(crate) text: Option<String>,
    pub(crate) findings: Vec<descale::Finding>,
    pub(crate) edits: Vec<descale::Edit>,
}

/// One thing found in a text. Offsets are of the original text, in the unit asked for.
#[pyclass(frozen, get_all, module = "descale")]
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Finding {
    pub(crate) rule: String,
    pub(crate) version: String,
    pub(crate) category: &'static str,
    pub(crate) why: String,
    pub(crate) safety: &'static str,
    pub(crate) severity: &'static str,
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) found: String,
    pub(crate) action: &'static str,
    pub(crate) new: Option<String>,
    pub(crate) kept: Option<&'static str>,
    pub(crate) evidence: Vec<(usize, usize)>,
}

#[pymethods]
impl Finding {
    fn __repr__(&self) -> String {
        let kept = self
            .kept
            .map_or_else(String::new, |kept| format!(", kept={kept:?}"));
        format!(
            "Finding(rule={:?}, start={}, end={}, found={:?}{kept})",
            self.rule, self.start, self.end, self.found
        )
    }

    fn __eq__(&self, other: &Self) -> bool {
        self == other
    }
}

/// One change: `old`, which stood at `start:end` of the original text, became `new`, which stands at `new_start:new_end` of the cleaned text.
#[pyclass(frozen, get_all, module = "descale")]
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Edit {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) new_start: usize,
    pub(crate) new_end: usize,
    pub(crate) old: String,
    pub(crate) new: String,
    pub(crate) rule: String,
    pub(crate) version: String,
    pub(crate) category: &'static str,
    pub(crate) safety: &'static str,
    pub(crate) evidence: Vec<(usize, usize)>,
}

#[pymethods]
impl Edit {
    fn __repr__(&self) -> String {
        format!(
            "Edit(start={}, end={}, old={:?}, new={:?}, rule={:?})",
            self.start, self.end, self.old, self.new, self.rule
        )
    }

    fn __eq__(&self, other: &Self) -> bool {
        self == other
    }
}

/// Offsets in bytes, gathered from many places, turned into another unit together and handed out again in the same order.
struct Exchange(std::vec::IntoIter<usize>);

impl Exchange {
    fn new(text: &str, unit: Unit, mut offsets: Vec<usize>) -> Self {
        offsets::from_bytes(text, unit, &mut offsets);
        Self(offsets.into_iter())
    }

    fn pair(&mut self) -> (usize, usize) {
        let mut one = || self.0.next().unwrap_or_default();
        (one(), one())
    }
}

fn push(offsets: &mut Vec<usize>, span: Span) {
    offsets.extend([span.start, span.end]);
}

/// Findings with offsets in `unit`.
pub(crate) fn findings(original: &str, unit: Unit, findings: &[descale::Finding]) -> Vec<Finding> {
    let mut offsets = Vec::new();
    for finding in findings {
        push(&mut offsets, finding.span);
        finding
            .evidence
            .iter()
            .for_each(|&span| push(&mut offsets, span));
    }
    let mut exchange = Exchange::new(original, unit, offsets);
    let shown = |finding: &descale::Finding| {
        let (start, end) = exchange.pair();
        Finding {
            rule: finding.rule.name.clone(),
            version: finding.rule.version.clone(),
            category: finding.rule.category.name(),
            why: finding.rule.why.clone(),
            safety: finding.safety.name(),
            severity: finding.severity().name(),
            start,
            end,
            found: original[finding.span.range()].to_owned(),
            action: match finding.action {
                Action::Remove => "remove",
                Action::Replace(_) => "replace",
                Action::Report => "report",
            },
            new: match &finding.action {
                Action::Replace(new) => Some(new.clone()),
                _ => None,
            },
            kept: finding.kept.map(|kept| kept.name()),
            evidence: finding.evidence.iter().map(|_| exchange.pair()).collect(),
        }
    };
    findings.iter().map(shown).collect()
}

/// Edits of `original` and of the `cleaned` text they made, with offsets in `unit`.
pub(crate) fn edits(original: &str, cleaned: &str, unit: Unit, outcome: &Outcome) -> Vec<Edit> {
    let mut before = Vec::new();
    let mut after = Vec::new();
    let mut shift = 0isize;
    for edit in &outcome.edits {
        push(&mut before, edit.span);
        let start = edit.span.start.saturating_add_signed(shift);
        push(&mut after, Span::new(start, start + edit.replacement.len()));
        shift += edit.growth();
        if let Some(first) = cause(edit, outcome) {
            first
                .evidence
                .iter()
                .for_each(|&span| push(&mut before, span));
        }
    }
    let mut before = Exchange::new(original, unit, before);
    let mut after = Exchange::new(cleaned, unit, after);
    let shown = |edit: &descale::Edit| {
        let (start, end) = before.pair();
        let (new_start, new_end) = after.pair();
        let first = cause(edit, outcome);
        Edit {
            start,
            end,
            new_start,
            new_end,
            old: original[edit.span.range()].to_owned(),
            new: edit.replacement.clone(),
            rule: first.map_or_else(String::new, |first| first.rule.name.clone()),
            version: first.map_or_else(String::new, |first| first.rule.version.clone()),
            category: first.map_or("", |first| first.rule.category.name()),
            safety: first.map_or("", |first| first.safety.name()),
            evidence: first.map_or_else(Vec::new, |first| {
                first.evidence.iter().map(|_| before.pair()).collect()
            }),
        }
    };
    outcome.edits.iter().map(shown).collect()
}

/// The first finding behind an edit.
fn cause<'o>(edit: &descale::Edit, outcome: &'o Outcome) -> Option<&'o descale::Finding> {
    edit.findings
        .first()
        .and_then(|&index| outcome.findings.get(index))
}

/// A cleaned text, with everything that was found and done.
#[pyclass(frozen, module = "descale")]
pub(crate) struct Cleaned {
    original: Py<PyString>,
    /// The very object of the original where nothing changed.
    text: Py<PyString>,
    unit: Unit,
    outcome: Outcome,
}

impl Cleaned {
    pub(crate) fn new(original: &Bound<'_, PyString>, unit: Unit, mut outcome: Outcome) -> Self {
        let text = outcome.text.take().map_or_else(
            || original.clone(),
            |text| PyString::new(original.py(), &text),
        );
        Self {
            original: original.clone().unbind(),
            text: text.unbind(),
            unit,
            outcome,
        }
    }

    /// The edits and both texts, for the library's functions.
    fn texts<'py>(&'py self, py: Python<'py>) -> PyResult<(Cow<'py, str>, Cow<'py, str>)> {
        Ok((
            self.original.bind(py).to_cow()?,
            self.text.bind(py).to_cow()?,
        ))
    }
}

#[pymethods]
impl Cleaned {
    #[getter]
    fn text(&self, py: Python<'_>) -> Py<PyString> {
        self.text.clone_ref(py)
    }

    #[getter]
    fn original(&self, py: Python<'_>) -> Py<PyString> {
        self.original.clone_ref(py)
    }

    #[getter]
    fn changed(&self) -> bool {
        !self.outcome.edits.is_empty()
    }

    #[getter]
    fn unit(&self) -> &'static str {
        self.unit.name()
    }

    #[getter]
    fn findings(&self, py: Python<'_>) -> PyResult<Vec<Finding>> {
        let original = self.original.bind(py).to_cow()?;
        Ok(findings(&original, self.unit, &self.outcome.findings))
    }

    #[getter]
    fn edits(&self, py: Python<'_>) -> PyResult<Vec<Edit>> {
        let (original, text) = self.texts(py)?;
        Ok(edits(&original, &text, self.unit, &self.outcome))
    }

    fn undo(&self, py: Python<'_>) -> PyResult<String> {
        let (original, text) = self.texts(py)?;
        let facts = Facts::new(&original, &self.outcome.findings, &self.outcome.edits);
        ledger::undo(&text, &ledger::changes("", &facts)).map_err(undo_error)
    }

    #[pyo3(signature = (spans, *, to = "cleaned"))]
    fn remap(
        &self,
        py: Python<'_>,
        spans: Vec<(usize, usize)>,
        to: &str,
    ) -> PyResult<Vec<Option<(usize, usize)>>> {
        let carry = match to {
            "cleaned" => SpanMap::to_cleaned,
            "original" => SpanMap::to_original,
            other => {
                return Err(PyValueError::new_err(format!(
                    "to={other:?}: say 'cleaned' or 'original'"
                )));
            }
        };
        let original = self.original.bind(py).to_cow()?;
        let map = SpanMap::new(&original, &self.outcome.edits, self.unit);
        let carried = |(start, end)| {
            if end < start {
                return Err(PyValueError::new_err(format!(
                    "({start}, {end}): a span cannot end before it starts"
                )));
            }
            Ok(match carry(&map, Span::new(start, end)) {
                Carried::Whole(span) | Carried::Part(span) => Some((span.start, span.end)),
                Carried::Gone(_) => None,
            })
        };
        spans.into_iter().map(carried).collect()
    }

    fn __str__(&self, py: Python<'_>) -> Py<PyString> {
        self.text(py)
    }

    fn __repr__(&self) -> String {
        let (edits, findings) = (self.outcome.edits.len(), self.outcome.findings.len());
        format!("<Cleaned: {edits} edits, {findings} findings>")
    }
}

/// The text before the edits, from the text behind them. `edits` are `(new_start, new_end, old, new)`, in `unit` of `text`, sorted and disjoint.
pub(crate) fn undo(
    text: &str,
    unit: Unit,
    edits: Vec<(usize, usize, String, String)>,
) -> PyResult<String> {
    let mut offsets: Vec<usize> = edits
        .iter()
        .flat_map(|&(start, end, ..)| [start, end])
        .collect();
    offsets::to_bytes(text, unit, &mut offsets);
    let changes: Vec<Change<'_>> = edits
        .iter()
        .zip(offsets.chunks_exact(2))
        .map(|((.., old, new), place)| Change {
            os: place[0],
            oe: place[1],
            old: old.into(),
            new: new.into(),
            ..Change::default()
        })
        .collect();
    ledger::undo(text, &changes).map_err(undo_error)
}

fn undo_error(error: ledger::UndoError) -> PyErr {
    PyValueError::new_err(format!(
        "edit {} does not fit {error}, or these are the edits of another one",
        error.change
    ))
}
