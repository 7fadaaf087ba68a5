//! Arrow arrays in and out by the C data interface, without the bytes of the texts being copied on their way in.
//! See <https://arrow.apache.org/docs/format/CDataInterface/PyCapsuleInterface.html>.

use std::ffi::CStr;
use std::ptr::NonNull;

use arrow_array::builder::{BinaryViewBuilder, GenericBinaryBuilder};
use arrow_array::ffi::{FFI_ArrowArray, FFI_ArrowSchema, from_ffi, to_ffi};
use arrow_array::ffi_stream::{ArrayStreamReader, FFI_ArrowArrayStream};
use arrow_array::{
    Array, ArrayReader, BinaryArray, BinaryViewArray, LargeBinaryArray, OffsetSizeTrait, make_array,
};
use arrow_data::ArrayData;
use arrow_schema::DataType;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyString, PyTuple};

use crate::cleaned::Outcome;
use crate::cleaner::{About, Cleaner};
use crate::edits_column;

const SCHEMA: &CStr = c"arrow_schema";
const ARRAY: &CStr = c"arrow_array";
const STREAM: &CStr = c"arrow_array_stream";

/// An Arrow array that any library with the PyCapsule interface takes: `pyarrow.array(…)`, `polars.Series(…)`.
#[pyclass(frozen, module = "descale")]
pub(crate) struct ArrowArray {
    data: ArrayData,
}

#[pymethods]
impl ArrowArray {
    fn __len__(&self) -> usize {
        self.data.len()
    }

    fn __arrow_c_schema__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyCapsule>> {
        let schema = FFI_ArrowSchema::try_from(self.data.data_type()).map_err(arrow_error)?;
        PyCapsule::new_with_value(py, schema, SCHEMA)
    }

    #[pyo3(signature = (requested_schema = None))]
    fn __arrow_c_array__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyTuple>> {
        // The interface allows to ignore the wish; the consumer casts.
        let _ = requested_schema;
        let (array, schema) = to_ffi(&self.data).map_err(arrow_error)?;
        let capsules = (
            PyCapsule::new_with_value(py, schema, SCHEMA)?,
            PyCapsule::new_with_value(py, array, ARRAY)?,
        );
        capsules.into_pyobject(py)
    }

    fn __repr__(&self) -> String {
        format!(
            "<ArrowArray: {} of {}>",
            self.data.len(),
            self.data.data_type()
        )
    }
}

fn arrow_error(error: arrow_schema::ArrowError) -> PyErr {
    PyValueError::new_err(error.to_string())
}

fn pointer<T>(capsule: &Bound<'_, PyAny>, name: &CStr) -> PyResult<NonNull<T>> {
    let capsule = capsule.cast::<PyCapsule>()?;
    Ok(capsule.pointer_checked(Some(name))?.cast())
}

/// The arrays that a Python object offers: one, or the chunks of a stream.
fn import(object: &Bound<'_, PyAny>, what: &str) -> PyResult<Vec<ArrayData>> {
    if object.hasattr("__arrow_c_array__")? {
        let capsules = object.call_method0("__arrow_c_array__")?;
        let schema = pointer::<FFI_ArrowSchema>(&capsules.get_item(0)?, SCHEMA)?;
        let array = pointer::<FFI_ArrowArray>(&capsules.get_item(1)?, ARRAY)?;
        // SAFETY: the capsules' names say that they hold these structures; `from_raw` moves the array out of its capsule, as the interface asks.
        let (array, schema) =
            unsafe { (FFI_ArrowArray::from_raw(array.as_ptr()), schema.as_ref()) };
        // SAFETY: the producer vouches for array and schema belonging together.
        return Ok(vec![
            unsafe { from_ffi(array, schema) }.map_err(arrow_error)?,
        ]);
    }
    if object.hasattr("__arrow_c_stream__")? {
        let capsule = object.call_method0("__arrow_c_stream__")?;
        let stream = pointer::<FFI_ArrowArrayStream>(&capsule, STREAM)?;
        // SAFETY: the capsule's name says that it holds a stream; `from_raw` moves it out, as the interface asks.
        let stream =
            unsafe { ArrayStreamReader::from_raw(stream.as_ptr()) }.map_err(arrow_error)?;
        let empty = ArrayData::new_empty(stream.field().data_type());
        let mut chunks = stream
            .map(|chunk| Ok(chunk.map_err(arrow_error)?.to_data()))
            .collect::<PyResult<Vec<_>>>()?;
        if chunks.is_empty() {
            chunks.push(empty);
        }
        return Ok(chunks);
    }
    Err(PyTypeError::new_err(format!(
        "{what}: {} has neither __arrow_c_array__ nor __arrow_c_stream__; give an Arrow array (pyarrow, Polars, arro3, …), or use clean_batch for a list",
        object.get_type().name()?
    )))
}

/// A column of texts as bytes: what calls itself a string may hold anything (Spark does not check), and one bad row must not cost the others.
enum Texts {
    Small(BinaryArray),
    Large(LargeBinaryArray),
    View(BinaryViewArray),
}

impl Texts {
    fn new(data: ArrayData, what: &str) -> PyResult<Self> {
        let as_bytes = match data.data_type() {
            DataType::Utf8 | DataType::Binary => DataType::Binary,
            DataType::LargeUtf8 | DataType::LargeBinary => DataType::LargeBinary,
            DataType::Utf8View | DataType::BinaryView => DataType::BinaryView,
            DataType::Null => {
                return Ok(Self::Small(BinaryArray::new_null(data.len())));
            }
            other => {
                return Err(PyTypeError::new_err(format!(
                    "{what} holds {other}; cast it to string, large_string or string_view"
                )));
            }
        };
        let data = data
            .into_builder()
            .data_type(as_bytes.clone())
            .build()
            .map_err(arrow_error)?;
        Ok(match as_bytes {
            DataType::Binary => Self::Small(data.into()),
            DataType::LargeBinary => Self::Large(data.into()),
            _ => Self::View(data.into()),
        })
    }

    fn len(&self) -> usize {
        match self {
            Self::Small(array) => array.len(),
            Self::Large(array) => array.len(),
            Self::View(array) => array.len(),
        }
    }

    fn get(&self, index: usize) -> Option<&[u8]> {
        match self {
            Self::Small(array) => array.is_valid(index).then(|| array.value(index)),
            Self::Large(array) => array.is_valid(index).then(|| array.value(index)),
            Self::View(array) => array.is_valid(index).then(|| array.value(index)),
        }
    }
}

/// All chunks of a column, row by row.
struct Column {
    chunks: Vec<Texts>,
    /// Number of the first row of each chunk.
    starts: Vec<usize>,
    len: usize,
}

impl Column {
    fn new(data: Vec<ArrayData>, what: &str) -> PyResult<Self> {
        let chunks: Vec<_> = data
            .into_iter()
            .map(|data| Texts::new(data, what))
            .collect::<PyResult<_>>()?;
        let mut len = 0;
        let starts = chunks
            .iter()
            .map(|chunk| {
                let start = len;
                len += chunk.len();
                start
            })
            .collect();
        Ok(Self {
            chunks,
            starts,
            len,
        })
    }

    fn get(&self, row: usize) -> Option<&[u8]> {
        let chunk = self.starts.partition_point(|&start| start <= row) - 1;
        self.chunks[chunk].get(row - self.starts[chunk])
    }

    fn text(&self, row: usize) -> Option<&str> {
        self.get(row).and_then(|bytes| str::from_utf8(bytes).ok())
    }
}

/// What is known of the texts: nothing, one thing for all, or a column.
enum Known {
    Nothing,
    All(String),
    Each(Column),
}

impl Known {
    fn new(object: Option<&Bound<'_, PyAny>>, what: &str, rows: usize) -> PyResult<Self> {
        let Some(object) = object else {
            return Ok(Self::Nothing);
        };
        if let Ok(text) = object.cast::<PyString>() {
            return Ok(Self::All(text.to_str()?.to_owned()));
        }
        let column = Column::new(import(object, what)?, what)?;
        if column.len != rows {
            return Err(PyValueError::new_err(format!(
                "{what} has {} rows, the texts have {rows}",
                column.len
            )));
        }
        Ok(Self::Each(column))
    }

    fn get(&self, row: usize) -> Option<&str> {
        match self {
            Self::Nothing => None,
            Self::All(text) => Some(text),
            Self::Each(column) => column.text(row),
        }
    }
}

/// What came of a row; an error leaves its text as it was.
pub(crate) type Row = Option<Result<Outcome, String>>;

/// What is known of a column's texts, as Python gives it: `None`, one string for all, or an array of strings.
#[derive(Clone, Copy)]
pub(crate) struct AboutColumn<'a, 'py> {
    pub(crate) site: Option<&'a Bound<'py, PyAny>>,
    pub(crate) title: Option<&'a Bound<'py, PyAny>>,
    pub(crate) lang: Option<&'a Bound<'py, PyAny>>,
}

/// Cleans a column of texts, with the edits beside them or without.
pub(crate) fn clean(
    cleaner: &Cleaner,
    array: &Bound<'_, PyAny>,
    about: AboutColumn<'_, '_>,
    edits: bool,
    threads: usize,
) -> PyResult<ArrowArray> {
    let data = import(array, "array")?;
    let whole = (data.len() == 1).then(|| data[0].clone());
    let data_type = data[0].data_type().clone();
    let column = Column::new(data, "array")?;
    let [site, title, lang] = [
        Known::new(about.site, "site", column.len)?,
        Known::new(about.title, "title", column.len)?,
        Known::new(about.lang, "lang", column.len)?,
    ];
    array.py().detach(|| {
        let row = |row: usize| -> Row {
            let bytes = column.get(row)?;
            Some(match str::from_utf8(bytes) {
                Ok(text) => {
                    let about = About {
                        site: site.get(row),
                        title: title.get(row),
                        lang: lang.get(row),
                    };
                    cleaner.run(text, about)
                }
                Err(error) => Err(format!(
                    "not UTF-8: byte {} is none; the text is left as it was",
                    error.valid_up_to()
                )),
            })
        };
        let rows = Cleaner::spread(column.len, threads, row);
        let unchanged = |row: &Row| !matches!(row, Some(Ok(Outcome { text: Some(_), .. })));
        let text = match whole {
            // Nothing to write: the array that came in goes out.
            Some(whole) if rows.iter().all(unchanged) => whole,
            _ => write(&column, &rows, &data_type)?,
        };
        if !edits {
            // Without a column for it an error would pass in silence.
            return match first_error(&rows) {
                Some(error) => Err(PyValueError::new_err(error)),
                None => Ok(ArrowArray { data: text }),
            };
        }
        let original = |row: usize| column.text(row).unwrap_or_default();
        let data = edits_column::with_edits(make_array(text), &rows, original, cleaner.unit())
            .map_err(arrow_error)?;
        Ok(ArrowArray { data })
    })
}

fn first_error(rows: &[Row]) -> Option<String> {
    rows.iter()
        .enumerate()
        .find_map(|(row, outcome)| match outcome {
            Some(Err(error)) => Some(format!(
                "row {row}: {error}; with edits=True such rows are marked instead"
            )),
            _ => None,
        })
}

/// The texts of all rows as one array of the type that came in.
fn write(column: &Column, rows: &[Row], data_type: &DataType) -> PyResult<ArrayData> {
    match data_type {
        DataType::LargeUtf8 | DataType::LargeBinary => fill::<i64>(column, rows, data_type),
        DataType::Utf8View | DataType::BinaryView => {
            let mut builder = BinaryViewBuilder::with_capacity(column.len);
            texts(column, rows, |text| builder.append_option(text));
            renamed(builder.finish().into_data(), data_type)
        }
        DataType::Null => Ok(ArrayData::new_null(&DataType::Null, column.len)),
        _ => fill::<i32>(column, rows, data_type),
    }
}

fn fill<O: OffsetSizeTrait>(
    column: &Column,
    rows: &[Row],
    data_type: &DataType,
) -> PyResult<ArrayData> {
    let mut bytes = 0;
    texts(column, rows, |text| bytes += text.map_or(0, <[u8]>::len));
    if O::from_usize(bytes).is_none() {
        return Err(PyValueError::new_err(format!(
            "the texts have {bytes} bytes together, more than an array of {data_type} can hold; cast it to large_string, or clean it in parts"
        )));
    }
    let mut builder = GenericBinaryBuilder::<O>::with_capacity(column.len, bytes);
    texts(column, rows, |text| builder.append_option(text));
    renamed(builder.finish().into_data(), data_type)
}

/// Hands the text of each row to `take`: the cleaned one, or the one that came in.
fn texts<'a>(column: &'a Column, rows: &'a [Row], mut take: impl FnMut(Option<&'a [u8]>)) {
    for (index, row) in rows.iter().enumerate() {
        match row {
            Some(Ok(Outcome {
                text: Some(text), ..
            })) => take(Some(text.as_bytes())),
            _ => take(column.get(index)),
        }
    }
}

/// The same bytes under the type that came in.
fn renamed(data: ArrayData, data_type: &DataType) -> PyResult<ArrayData> {
    let builder = data.into_builder().data_type(data_type.clone());
    // SAFETY: bytes and strings are laid out alike. A row that is not UTF-8 was not when it came in under this type; nothing here reads it as text,
    // and its consumer gets what it gave.
    Ok(unsafe { builder.build_unchecked() })
}
