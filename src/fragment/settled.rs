//! Whether an edit would make something that the next pass would edit again.
//!
//! `clean(clean(x)) == clean(x)` holds for a detector alone if it mends all it finds. Together, one detector's repair may build what
//! another looks for: `&l<b>t;` loses a tag and becomes a reference. Such places are left alone.

use super::{entity, escape, markup, mojibake};
use crate::model::Span;

use super::context::{first_bytes, last_bytes};

/// How many bytes to each side may join with the edit. Longer than any reference, escape or misread character.
const SIDE: usize = 40;

/// Whether nothing this family repairs would stand across the seams when `new` takes the place of `cut`.
pub(super) fn is_settled(text: &str, cut: Span, new: &str) -> bool {
    let head = last_bytes(&text[..cut.start], SIDE);
    let tail = first_bytes(&text[cut.end..], SIDE);
    let window = [head, new, tail].concat();
    let (start, end) = (head.len(), head.len() + new.len());
    let across = |span: &Span| if new.is_empty() { span.start < start && span.end > start } else { span.start < end && span.end > start };
    let mut made = entity::recognise(&window);
    made.extend(escape::recognise(&window));
    made.extend(mojibake::recognise(&window));
    made.extend(markup::recognise(&window));
    !made.iter().any(across) && !(head.ends_with('\\') && !text[cut.range()].starts_with('\\'))
}
