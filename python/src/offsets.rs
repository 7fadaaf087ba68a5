//! Offsets at the rim: the library counts bytes, Python counts characters.

use descale::ledger::Unit;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

/// The unit of that name, or an error that lists the names.
pub(crate) fn unit(name: &str) -> PyResult<Unit> {
    Unit::parse(name).ok_or_else(|| {
        PyValueError::new_err(format!(
            "unit={name:?}: there is no such unit; say 'char', 'byte' or 'utf16'"
        ))
    })
}

fn width(unit: Unit, c: char) -> usize {
    match unit {
        Unit::Char => 1,
        Unit::Byte => c.len_utf8(),
        Unit::Utf16 => c.len_utf16(),
    }
}

/// Turns byte offsets of `text` into `unit`, in one walk over the text whatever their order. They must lie in the text.
pub(crate) fn from_bytes(text: &str, unit: Unit, offsets: &mut [usize]) {
    walk(text, unit, offsets, |place| place.byte, |place| place.unit);
}

/// Turns offsets in `unit` into bytes of `text`. One that lies inside a character (a half of a surrogate pair) goes to the character's end; one
/// behind the text's end lies behind it in bytes as well.
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
            place.unit += width(unit, c);
        }
        let behind = offsets[index] - from(place).min(offsets[index]);
        offsets[index] = to(place) + behind;
    }
}
