//! Python's face of `descale`: the library's calls, with Python's strings, Arrow's arrays and offsets in characters. No judgement is made here;
//! type stubs and documentation stand in `lib/descale/__init__.pyi`.

mod arrow;
mod cleaned;
mod cleaner;
mod edits_column;
mod offsets;

use pyo3::prelude::*;

/// The text before the edits. See the stubs.
#[pyfunction]
#[pyo3(signature = (text, edits, unit))]
fn undo(
    py: Python<'_>,
    text: &str,
    edits: Vec<(usize, usize, String, String)>,
    unit: &str,
) -> PyResult<String> {
    let unit = offsets::unit(unit)?;
    py.detach(|| cleaned::undo(text, unit, edits))
}

/// The compiled half of the package.
#[pymodule(gil_used = false)]
mod _descale {
    #[pymodule_export]
    use super::arrow::ArrowArray;
    #[pymodule_export]
    use super::cleaned::{Cleaned, Edit, Finding};
    #[pymodule_export]
    use super::cleaner::{Cleaner, PatternError};
    #[pymodule_export]
    use super::undo;

    use pyo3::prelude::*;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}
