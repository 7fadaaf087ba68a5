//! `Cleaner`: the library's cleaner with Python's ways of putting it together, sending it to other processes and running it over many texts.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;

use descale::ledger::Unit;
use descale::{BuildError, Database, Document, FragmentMode, Pack, Safety};
use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString, PyTuple};

use crate::arrow::{self, AboutColumn, ArrowArray};
use crate::cleaned::{self, Cleaned, Finding, Outcome};
use crate::offsets;

pyo3::create_exception!(
    descale,
    PatternError,
    PyValueError,
    "Rules that cannot be used. `diagnostics` holds each mistake with its place and cure, as `descale compile` prints them."
);

/// What a cleaner is to do, apart from its rules.
#[derive(Clone, Debug, PartialEq)]
struct Choices {
    only: Vec<String>,
    skip: Vec<String>,
    review: bool,
    fragments: FragmentMode,
    unit: Unit,
    /// The language that texts are taken to have when nothing else is said: the one of `lang` if it names one.
    lang: Option<String>,
}

/// Finds insertions and broken fragments, and takes them out.
#[pyclass(frozen, module = "descale")]
pub(crate) struct Cleaner {
    inner: descale::Cleaner,
    choices: Choices,
    /// All rules, before `only` and `skip`: what travels to other processes.
    rules: Database,
}

/// What is known of a text.
#[derive(Clone, Copy, Default)]
pub(crate) struct About<'a> {
    /// A host or a URL.
    pub(crate) site: Option<&'a str>,
    pub(crate) title: Option<&'a str>,
    pub(crate) lang: Option<&'a str>,
}

fn pattern_error(py: Python<'_>, message: String, diagnostics: Vec<String>) -> PyErr {
    let error = PatternError::new_err(message);
    // An exception without the list still says everything in its words.
    let _ = error.value(py).setattr("diagnostics", diagnostics);
    error
}

fn build_error(py: Python<'_>, error: &BuildError) -> PyErr {
    pattern_error(
        py,
        error.to_string(),
        error
            .diagnostics()
            .iter()
            .map(ToString::to_string)
            .collect(),
    )
}

/// Reads a pack, a plain list or a compiled database from a file.
fn read(py: Python<'_>, path: &PathBuf, packs: &mut Vec<Pack>) -> PyResult<Option<Database>> {
    let name = path.display().to_string();
    let bytes = std::fs::read(path).map_err(|error| {
        PyErr::from(error)
            .value(py)
            .getattr("strerror")
            .map_or_else(
                |_| PyValueError::new_err(name.clone()),
                |cause| pyo3::exceptions::PyOSError::new_err(format!("{name}: {cause}")),
            )
    })?;
    let is_pack = path.extension().is_some_and(|ending| ending == "toml");
    let source = match String::from_utf8(bytes) {
        Ok(source) if is_pack || !source.bytes().take(16).any(|byte| byte < b'\t') => source,
        Ok(source) => return database(py, &name, source.as_bytes()).map(Some),
        Err(error) => return database(py, &name, error.as_bytes()).map(Some),
    };
    let read = if is_pack {
        Pack::parse(&name, &source)
    } else {
        Pack::from_list(&name, &source)
    };
    match read {
        Ok((pack, _)) => packs.push(pack),
        Err(errors) => {
            let words: Vec<String> = errors.iter().map(ToString::to_string).collect();
            return Err(pattern_error(py, words.join("\n"), words));
        }
    }
    Ok(None)
}

fn database(py: Python<'_>, name: &str, bytes: &[u8]) -> PyResult<Database> {
    Database::from_bytes(bytes)
        .map_err(|error| pattern_error(py, format!("{name}: {error}"), vec![error.to_string()]))
}

impl Choices {
    fn build(&self, py: Python<'_>, rules: &Database) -> PyResult<descale::Cleaner> {
        descale::Cleaner::builder()
            .builtin(false)
            .database(rules.clone())
            .only(&self.only)
            .skip(&self.skip)
            .apply(if self.review {
                Safety::Review
            } else {
                Safety::Safe
            })
            .fragments(self.fragments)
            .build()
            .map_err(|error| build_error(py, &error))
    }
}

fn fragment_mode(name: &str) -> PyResult<FragmentMode> {
    FragmentMode::parse(name).ok_or_else(|| {
        let names: Vec<_> = FragmentMode::ALL.iter().map(|mode| mode.name()).collect();
        PyValueError::new_err(format!(
            "fragments={name:?}: there is no such mode; say one of {}",
            names.join(", ")
        ))
    })
}

impl Cleaner {
    /// Cleans a text. A fault of the library itself becomes an error of this one text, not of the process.
    pub(crate) fn run(&self, text: &str, about: About<'_>) -> Result<Outcome, String> {
        let site = about.site.and_then(descale::format::host);
        let document = Document {
            text,
            site: site.as_deref(),
            title: about.title,
            lang: about.lang.or(self.choices.lang.as_deref()),
        };
        catch_unwind(AssertUnwindSafe(|| {
            let cleaned = self.inner.clean_document(document);
            Outcome {
                text: match cleaned.text {
                    std::borrow::Cow::Owned(text) if !cleaned.edits.is_empty() => Some(text),
                    _ => None,
                },
                findings: cleaned.findings,
                edits: cleaned.edits,
            }
        }))
        .map_err(|_| "internal error: the cleaner failed on this text; please report it".to_owned())
    }

    /// What offsets count.
    pub(crate) fn unit(&self) -> Unit {
        self.choices.unit
    }

    /// Runs `work` over `0..count` on several threads (0: one a core), answers in order. The threads end with the call, so a process may fork
    /// before and after it.
    pub(crate) fn spread<T: Send>(
        count: usize,
        threads: usize,
        work: impl Fn(usize) -> T + Sync,
    ) -> Vec<T> {
        let threads = match threads {
            0 => std::thread::available_parallelism().map_or(1, Into::into),
            threads => threads,
        }
        .min(count.max(1));
        if threads == 1 {
            return (0..count).map(work).collect();
        }
        let next = std::sync::atomic::AtomicUsize::new(0);
        // Small pieces, so that one with long texts does not keep the others waiting.
        let piece = (count / threads / 8).clamp(1, 1024);
        let worker = || {
            let mut parts = Vec::new();
            loop {
                let start = next.fetch_add(piece, std::sync::atomic::Ordering::Relaxed);
                if start >= count {
                    return parts;
                }
                let end = (start + piece).min(count);
                parts.push((start, (start..end).map(&work).collect::<Vec<_>>()));
            }
        };
        let mut parts: Vec<(usize, Vec<T>)> = std::thread::scope(|scope| {
            let workers: Vec<_> = (0..threads).map(|_| scope.spawn(worker)).collect();
            workers
                .into_iter()
                .flat_map(|worker| match worker.join() {
                    Ok(parts) => parts,
                    Err(panic) => std::panic::resume_unwind(panic),
                })
                .collect()
        });
        parts.sort_unstable_by_key(|&(start, _)| start);
        parts.into_iter().flat_map(|(_, part)| part).collect()
    }
}

#[pymethods]
impl Cleaner {
    #[new]
    #[pyo3(signature = (*, patterns = Vec::new(), packs = Vec::new(), builtin = true, lang = Vec::new(), only = Vec::new(), skip = Vec::new(), review = false,
                        fragments = "repair", unit = "char"))]
    #[allow(clippy::too_many_arguments, reason = "keyword arguments of Python")]
    fn new(
        py: Python<'_>,
        patterns: Vec<String>,
        packs: Vec<PathBuf>,
        builtin: bool,
        lang: Vec<String>,
        only: Vec<String>,
        skip: Vec<String>,
        review: bool,
        fragments: &str,
        unit: &str,
    ) -> PyResult<Self> {
        let mut read_packs = Vec::new();
        let mut builder = descale::Cleaner::builder()
            .builtin(builtin)
            .languages(&lang);
        for path in &packs {
            if let Some(database) = read(py, path, &mut read_packs)? {
                builder = builder.database(database);
            }
        }
        builder = builder.packs(read_packs);
        for pattern in patterns {
            builder = builder.pattern(pattern);
        }
        let all = builder.build().map_err(|error| build_error(py, &error))?;
        let choices = Choices {
            only,
            skip,
            review,
            fragments: fragment_mode(fragments)?,
            unit: offsets::unit(unit)?,
            lang: match <[String; 1]>::try_from(lang) {
                Ok([lang]) => Some(lang),
                Err(_) => None,
            },
        };
        let rules = all.database().clone();
        let plain = choices.only.is_empty()
            && choices.skip.is_empty()
            && !choices.review
            && choices.fragments == FragmentMode::Repair;
        Ok(Self {
            inner: if plain {
                all
            } else {
                choices.build(py, &rules)?
            },
            choices,
            rules,
        })
    }

    #[pyo3(signature = (text, *, site = None, title = None, lang = None))]
    fn clean(
        &self,
        text: &Bound<'_, PyString>,
        site: Option<&str>,
        title: Option<&str>,
        lang: Option<&str>,
    ) -> PyResult<Cleaned> {
        let source = text.to_str()?;
        let outcome = text
            .py()
            .detach(|| self.run(source, About { site, title, lang }))
            .map_err(PyRuntimeError::new_err)?;
        Ok(Cleaned::new(text, self.choices.unit, outcome))
    }

    #[pyo3(signature = (text, *, site = None, title = None, lang = None))]
    fn scan(
        &self,
        text: &Bound<'_, PyString>,
        site: Option<&str>,
        title: Option<&str>,
        lang: Option<&str>,
    ) -> PyResult<Vec<Finding>> {
        let source = text.to_str()?;
        let host = site.and_then(descale::format::host);
        let found = text.py().detach(|| {
            self.inner.scan_document(Document {
                text: source,
                site: host.as_deref(),
                title,
                lang: lang.or(self.choices.lang.as_deref()),
            })
        });
        Ok(cleaned::findings(source, self.choices.unit, &found))
    }

    #[pyo3(signature = (texts, *, site = None, title = None, lang = None, threads = 1))]
    fn clean_batch<'py>(
        &self,
        py: Python<'py>,
        texts: Vec<Bound<'py, PyString>>,
        site: Option<Vec<Option<Bound<'py, PyString>>>>,
        title: Option<Vec<Option<Bound<'py, PyString>>>>,
        lang: Option<Vec<Option<Bound<'py, PyString>>>>,
        threads: usize,
    ) -> PyResult<Vec<Cleaned>> {
        let sources: Vec<&str> = texts
            .iter()
            .map(|text| text.to_str())
            .collect::<PyResult<_>>()?;
        let [site, title, lang] = [
            column(&site, "site", texts.len())?,
            column(&title, "title", texts.len())?,
            column(&lang, "lang", texts.len())?,
        ];
        let outcomes = py.detach(|| {
            Self::spread(sources.len(), threads, |index| {
                let about = About {
                    site: at(site.as_deref(), index),
                    title: at(title.as_deref(), index),
                    lang: at(lang.as_deref(), index),
                };
                self.run(sources[index], about)
            })
        });
        texts
            .iter()
            .zip(outcomes)
            .map(|(text, outcome)| {
                let outcome = outcome.map_err(PyRuntimeError::new_err)?;
                Ok(Cleaned::new(text, self.choices.unit, outcome))
            })
            .collect()
    }

    #[pyo3(signature = (array, *, site = None, title = None, lang = None, edits = false, threads = 1))]
    fn clean_array(
        &self,
        array: &Bound<'_, PyAny>,
        site: Option<&Bound<'_, PyAny>>,
        title: Option<&Bound<'_, PyAny>>,
        lang: Option<&Bound<'_, PyAny>>,
        edits: bool,
        threads: usize,
    ) -> PyResult<ArrowArray> {
        arrow::clean(
            self,
            array,
            AboutColumn { site, title, lang },
            edits,
            threads,
        )
    }

    #[getter]
    fn rules(&self) -> usize {
        self.inner.database().rules().count()
    }

    fn to_bytes<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.rules.to_bytes())
    }

    #[staticmethod]
    #[pyo3(signature = (data, *, only = Vec::new(), skip = Vec::new(), review = false, fragments = "repair", unit = "char", lang = None))]
    #[allow(clippy::too_many_arguments, reason = "keyword arguments of Python")]
    fn from_bytes(
        py: Python<'_>,
        data: &[u8],
        only: Vec<String>,
        skip: Vec<String>,
        review: bool,
        fragments: &str,
        unit: &str,
        lang: Option<String>,
    ) -> PyResult<Self> {
        let rules = database(py, "data", data)?;
        let choices = Choices {
            only,
            skip,
            review,
            fragments: fragment_mode(fragments)?,
            unit: offsets::unit(unit)?,
            lang,
        };
        Ok(Self {
            inner: choices.build(py, &rules)?,
            choices,
            rules,
        })
    }

    /// Pickles as the compiled rules with the choices, so that the other process compiles nothing.
    fn __reduce__<'py>(
        slf: &Bound<'py, Self>,
    ) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        let py = slf.py();
        let cleaner = slf.get();
        let choices = &cleaner.choices;
        let restore = py.import("descale")?.getattr("_restore")?;
        let state = (
            cleaner.to_bytes(py),
            choices.only.clone(),
            choices.skip.clone(),
            choices.review,
            choices.fragments.name(),
            choices.unit.name(),
            choices.lang.clone(),
        );
        Ok((restore, state.into_pyobject(py)?))
    }

    fn __repr__(&self) -> String {
        format!(
            "<Cleaner: {} rules, fragments={:?}, review={}>",
            self.rules(),
            self.choices.fragments.name(),
            if self.choices.review { "True" } else { "False" }
        )
    }
}

/// A column of what is known of texts: as long as the texts.
fn column<'a>(
    values: &'a Option<Vec<Option<Bound<'_, PyString>>>>,
    name: &str,
    count: usize,
) -> PyResult<Option<Vec<Option<&'a str>>>> {
    let Some(values) = values else {
        return Ok(None);
    };
    if values.len() != count {
        return Err(PyValueError::new_err(format!(
            "{name} has {} values for {count} texts; give one for each text, None where it is not known",
            values.len()
        )));
    }
    let strings = values
        .iter()
        .map(|value| value.as_ref().map(|value| value.to_str()).transpose());
    strings.collect::<PyResult<_>>().map(Some)
}

fn at<'a>(column: Option<&[Option<&'a str>]>, index: usize) -> Option<&'a str> {
    column.and_then(|column| column[index])
}
