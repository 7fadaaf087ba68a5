//! A cleaning played backwards.

use super::{Change, Doc, Unit};
use crate::clean::plan;
use crate::model::{Edit, Span};

/// Why a text cannot be brought back: it is not the text that the changes were made in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UndoError {
    /// Which change does not fit, from 0.
    pub change: usize,
    /// Where in the cleaned text, in bytes.
    pub at: usize,
    what: &'static str,
}

impl std::fmt::Display for UndoError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "at byte {}: {}; the text was edited since, or is another one",
            self.at, self.what
        )
    }
}

impl std::error::Error for UndoError {}

/// The original text, from the cleaned one and its changes, in the order of the text.
///
/// A text edited since is noticed only where a change was made; whoever has a [`Stamp`](super::Stamp) of the cleaned text checks it first.
///
/// # Errors
/// When the cleaned text does not hold what a change put into it, or changes overlap or lie outside.
///
/// ```
/// let cleaner = descale::Cleaner::builder().builtin(false).pattern("Foo bar baz").build()?;
/// let cleaned = cleaner.clean("One. Foo bar baz Two.");
/// let changes = cleaned.changes();
/// assert_eq!(descale::ledger::undo("One. Two.", &changes)?, "One. Foo bar baz Two.");
/// assert!(descale::ledger::undo("On", &changes).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn undo(cleaned: &str, changes: &[Change<'_>]) -> Result<String, UndoError> {
    Ok(plan::apply(cleaned, &inverse(cleaned, changes)?).into_owned())
}

/// Whether changes can be those of a document, as far as this can be told without a text: they bear its name, stand in order and inside it, and are as
/// long as what they took and what they put there. Answers which is the first that cannot be, from 0, and why.
///
/// A ledger's checksums say that it was not changed since; this says that whoever wrote it knew the form.
///
/// # Errors
/// The first change that does not fit.
pub fn check(doc: &Doc<'_>, changes: &[Change<'_>]) -> Result<(), (usize, &'static str)> {
    let (mut end, mut growth) = (0usize, 0isize);
    let (mut chars, mut units) = (0usize, 0usize);
    for (number, change) in changes.iter().enumerate() {
        let wrong = |what| Err((number, what));
        if change.doc != doc.doc {
            return wrong("it names another document");
        }
        if change.s < end || change.e > doc.r#in.bytes {
            return wrong("it overlaps the one before it, or lies outside of the text");
        }
        if change.e.checked_sub(change.s) != Some(change.old.len())
            || change.oe.checked_sub(change.os) != Some(change.new.len())
            || change.s.checked_add_signed(growth) != Some(change.os)
        {
            return wrong("its offsets do not agree with its texts");
        }
        let (char, utf16) = (change.start(Unit::Char), change.start(Unit::Utf16));
        if char < chars || utf16 < units || char > utf16 || utf16 > change.s {
            return wrong("its offsets in characters or UTF-16 units cannot be");
        }
        end = change.e;
        growth += change.new.len() as isize - change.old.len() as isize;
        chars = char + Unit::Char.len(&change.old);
        units = utf16 + Unit::Utf16.len(&change.old);
    }
    Ok(())
}

/// The edits that lead back from the cleaned text, in bytes of it: sorted, disjoint. They come from no finding, so their list of findings is empty.
///
/// # Errors
/// As [`undo`].
pub fn inverse(cleaned: &str, changes: &[Change<'_>]) -> Result<Vec<Edit>, UndoError> {
    let mut at = 0;
    let mut edits = Vec::with_capacity(changes.len());
    for (number, change) in changes.iter().enumerate() {
        let wrong = |what| UndoError {
            change: number,
            at: change.os,
            what,
        };
        if change.os < at || change.oe < change.os {
            return Err(wrong("changes overlap"));
        }
        match cleaned.get(change.os..change.oe) {
            None => return Err(wrong("a change lies outside the text")),
            Some(new) if new != change.new => {
                return Err(wrong("the text is not what was put there"));
            }
            Some(_) => {}
        }
        at = change.oe;
        edits.push(back(change));
    }
    Ok(edits)
}

/// The original text, from a cleaned text that is known to be the right one.
pub(super) fn play_back(cleaned: &str, changes: &[Change<'_>]) -> String {
    let edits: Vec<Edit> = changes.iter().map(back).collect();
    plan::apply(cleaned, &edits).into_owned()
}

fn back(change: &Change<'_>) -> Edit {
    Edit {
        span: Span {
            start: change.os,
            end: change.oe,
        },
        replacement: change.old.clone().into_owned(),
        findings: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Facts, changes};
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn undo_brings_back_the_original(text in "[a-cé😀 \n]{0,40}", steps in prop::collection::vec((0usize..6, 0usize..4, "[xö ]{0,3}"), 0..6)) {
            let bounds: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
            let (mut at, mut edits) = (0, Vec::new());
            for (gap, len, new) in steps {
                let (from, to) = (at + gap, at + gap + len);
                if to >= bounds.len() {
                    break;
                }
                edits.push(Edit { span: Span::new(bounds[from], bounds[to]), replacement: new, findings: vec![] });
                at = to;
            }
            let cleaned = plan::apply(&text, &edits).into_owned();
            let changes = changes("a", &Facts::new(&text, &[], &edits));
            prop_assert_eq!(undo(&cleaned, &changes).unwrap(), text.as_str());
            prop_assert_eq!(super::super::Stamp::with_edits(text.as_bytes(), &edits), super::super::Stamp::of(cleaned.as_bytes()));
        }
    }

    #[test]
    fn a_text_that_is_not_the_one_is_refused() {
        let edits = [Edit {
            span: Span::new(4, 8),
            replacement: "new".into(),
            findings: vec![],
        }];
        let changes = changes("a", &Facts::new("one old two", &[], &edits));
        assert_eq!(check(&doc("a", 11), &changes), Ok(()));
        assert_eq!(undo("one newtwo", &changes).unwrap(), "one old two");
        for (text, at) in [("one nowtwo", 4), ("one", 4), ("öööööö", 4)] {
            assert_eq!(undo(text, &changes).unwrap_err().at, at, "{text}");
        }
        let twice = [changes[0].clone(), changes[0].clone()];
        assert_eq!(undo("one newtwo", &twice).unwrap_err().change, 1);
    }

    fn doc(name: &'static str, bytes: usize) -> Doc<'static> {
        Doc {
            doc: name.into(),
            path: name.into(),
            line: None,
            field: None,
            text: None,
            r#in: super::super::Stamp { bytes, hash: 0 },
            out: None,
            lines: 3,
        }
    }

    #[test]
    fn changes_that_cannot_be_are_told() {
        let text = "éé one old two";
        let edits = [(0, 4), (9, 12)].map(|(start, end)| Edit {
            span: Span::new(start, end),
            replacement: "new".into(),
            findings: vec![],
        });
        let made = changes("a", &Facts::new(text, &[], &edits));
        assert_eq!(check(&doc("a", text.len()), &made), Ok(()));
        let forge = |forge: &dyn Fn(&mut Change<'static>)| {
            let mut forged: Vec<Change<'static>> = made
                .iter()
                .map(|change| change.clone().into_owned())
                .collect();
            forge(&mut forged[1]);
            check(&doc("a", text.len()), &forged).map_err(|(number, _)| number)
        };
        assert_eq!(forge(&|change| change.s = 2), Err(1));
        assert_eq!(forge(&|change| change.e = usize::MAX), Err(1));
        assert_eq!(forge(&|change| change.os += 1), Err(1));
        assert_eq!(forge(&|change| change.oe = 0), Err(1));
        assert_eq!(forge(&|change| change.char = Some(usize::MAX)), Err(1));
        assert_eq!(forge(&|change| change.utf16 = Some(1)), Err(1));
        assert_eq!(forge(&|change| change.doc = "b".into()), Err(1));
        assert_eq!(forge(&|change| change.new = "longer".into()), Err(1));
    }
}
