//! Offsets at the rim: the library counts bytes, Python counts characters.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

/// What offsets count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    /// Characters (code points), as Python indexes strings.
    Char,
    /// Bytes of UTF-8.
    Byte,
    /// Code units of UTF-16, as JavaScript and Java index strings.
    Utf16,
}

impl Unit {
    /// The unit of that name, or an error that lists the names.
    pub(crate) fn parse(name: &str) -> PyResult<Self> {
        match name {
            "char" => Ok(Self::Char),
            "byte" => Ok(Self::Byte),
            "utf16" => Ok(Self::Utf16),
            other => Err(PyValueError::new_err(format!(
                "unit={other:?}: there is no such unit; say 'char', 'byte' or 'utf16'"
            ))),
        }
    }

    /// Its name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Char => "char",
            Self::Byte => "byte",
            Self::Utf16 => "utf16",
        }
    }

    fn width(self, c: char) -> usize {
        match self {
            Self::Char => 1,
            Self::Byte => c.len_utf8(),
            Self::Utf16 => c.len_utf16(),
        }
    }
}

/// Turns byte offsets of `text` into `unit`, in one walk over the text whatever their order. Offsets behind the text's end become its length.
pub(crate) fn from_bytes(text: &str, unit: Unit, offsets: &mut [usize]) {
    walk(text, unit, offsets, |place| place.byte, |place| place.unit);
}

/// Turns offsets in `unit` into bytes of `text`. One that lies inside a character (a half of a surrogate pair) goes to the character's end; one
/// behind the end becomes the text's length.
pub(crate) fn to_bytes(text: &str, unit: Unit, offsets: &mut [usize]) {
    walk(text, unit, offsets, |place| place.unit, |place| place.byte);
}

/// A place of a text, counted both ways.
#[derive(Clone, Copy, Default)]
struct Place {
    byte: usize,
    unit: usize,
}

fn walk(
    text: &str,
    unit: Unit,
    offsets: &mut [usize],
    from: impl Fn(Place) -> usize,
    to: impl Fn(Place) -> usize,
) {
    if unit == Unit::Byte || text.is_ascii() {
        for offset in offsets {
            *offset = (*offset).min(text.len());
        }
        return;
    }
    let mut order: Vec<usize> = (0..offsets.len()).collect();
    order.sort_unstable_by_key(|&index| offsets[index]);
    let mut place = Place::default();
    let mut rest = text.chars();
    for index in order {
        while from(place) < offsets[index] {
            let Some(c) = rest.next() else { break };
            place.byte += c.len_utf8();
            place.unit += unit.width(c);
        }
        offsets[index] = to(place);
    }
}
