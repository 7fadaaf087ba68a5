//! Changes as a unified diff.
//!
//! The edits are known, so nothing is compared and nothing guessed: one pass over the text, however long it is.

use std::borrow::Cow;
use std::io::{self, Write};
use std::ops::Range;

use super::{Origin, Report, Styles, Subject};
use crate::model::Edit;

/// Unchanged lines shown around a change.
const CONTEXT: usize = 3;

/// Unified diff with three lines of context.
pub(super) struct Diff {
    styles: Styles,
}

impl Diff {
    pub(super) fn new(styles: Styles) -> Self {
        Self { styles }
    }

    fn hunk(&self, text: &str, hunk: &Hunk<'_>, out: &mut dyn Write) -> io::Result<()> {
        let style = self.styles.hunk;
        writeln!(out, "{style}{}{style:#}", hunk.head())?;
        let mut at = hunk.bytes.start;
        for block in hunk.blocks {
            self.lines(' ', &text[at..block.old.start], out)?;
            self.lines('-', &text[block.old.clone()], out)?;
            self.lines('+', &block.new, out)?;
            at = block.old.end;
        }
        self.lines(' ', &text[at..hunk.bytes.end], out)
    }

    fn lines(&self, sign: char, text: &str, out: &mut dyn Write) -> io::Result<()> {
        let style = match sign {
            '-' => self.styles.removed,
            '+' => self.styles.inserted,
            _ => anstyle::Style::new(),
        };
        for line in text.split_inclusive('\n') {
            match line.strip_suffix('\n') {
                Some(line) => writeln!(out, "{style}{sign}{line}{style:#}")?,
                None => writeln!(
                    out,
                    "{style}{sign}{line}{style:#}\n\\ No newline at end of file"
                )?,
            }
        }
        Ok(())
    }
}

impl Report for Diff {
    fn document(&self, subject: &Subject<'_>, out: &mut dyn Write) -> io::Result<()> {
        let blocks = blocks(subject.original, subject.edits);
        if blocks.is_empty() {
            return Ok(());
        }
        header(&subject.origin, &self.styles, out)?;
        hunks(subject.original, &blocks, CONTEXT, |hunk| {
            self.hunk(subject.original, &hunk, out)
        })
    }
}

/// The two lines that name the two sides.
pub(super) fn header(origin: &Origin<'_>, styles: &Styles, out: &mut dyn Write) -> io::Result<()> {
    let strong = styles.strong;
    let after = Origin {
        path: origin.after.unwrap_or(origin.path),
        ..*origin
    };
    writeln!(
        out,
        "{strong}--- {origin}{strong:#}\n{strong}+++ {after}{strong:#}"
    )
}

/// Whole lines that were replaced by other whole lines.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Block<'t> {
    /// The lines before, in bytes of the original.
    pub(super) old: Range<usize>,
    /// The lines after.
    pub(super) new: Cow<'t, str>,
}

/// The lines that the edits touch, without the lines that come out as they were.
pub(super) fn blocks<'t>(text: &'t str, edits: &[Edit]) -> Vec<Block<'t>> {
    let mut blocks = Vec::new();
    for Block { old, new } in touched(text, edits) {
        push_trimmed(&mut blocks, text, old, &new);
    }
    blocks
}

/// The lines that the edits touch, edits on one line together.
pub(super) fn touched<'t>(text: &'t str, edits: &[Edit]) -> Vec<Block<'t>> {
    let bytes = text.as_bytes();
    let mut blocks: Vec<Block<'t>> = Vec::new();
    let mut edits = edits.iter().peekable();
    while let Some(first) = edits.next() {
        let start = memchr::memrchr(b'\n', &bytes[..first.span.start]).map_or(0, |at| at + 1);
        let mut new = text[start..first.span.start].to_owned();
        new.push_str(&first.replacement);
        let mut at = first.span.end;
        let mut end = line_end(bytes, at);
        // An edit that begins on the line where the one before it ends shares that line, and so its block. So does one at the very
        // end of the text, where the line before it may have lost its line feed.
        while let Some(edit) = edits.next_if(|edit| edit.span.start < end || end == text.len()) {
            new.push_str(&text[at..edit.span.start]);
            new.push_str(&edit.replacement);
            at = edit.span.end;
            // Asked for only when it moved: a line may be the whole text, and hold all the edits.
            if at >= end {
                end = line_end(bytes, at);
            }
        }
        new.push_str(&text[at..end]);
        blocks.push(Block {
            old: start..end,
            new: Cow::Owned(new),
        });
    }
    blocks
}

/// Where the line that holds the byte `at` ends, its line feed included.
fn line_end(bytes: &[u8], at: usize) -> usize {
    memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |found| at + found + 1)
}

/// Adds a block without the lines that both sides begin or end with; nothing when they are equal.
fn push_trimmed<'t>(blocks: &mut Vec<Block<'t>>, text: &'t str, old: Range<usize>, new: &str) {
    let lead = common_lines(
        text[old.clone()].split_inclusive('\n'),
        new.split_inclusive('\n'),
    );
    let (old, new) = (old.start + lead..old.end, &new[lead..]);
    let tail = common_lines(
        text[old.clone()].split_inclusive('\n').rev(),
        new.split_inclusive('\n').rev(),
    );
    let (old, new) = (old.start..old.end - tail, &new[..new.len() - tail]);
    if !old.is_empty() || !new.is_empty() {
        blocks.push(Block {
            old,
            new: Cow::Owned(new.to_owned()),
        });
    }
}

/// Bytes of the lines that two rows of lines have in common at their beginning.
fn common_lines<'l>(
    old: impl Iterator<Item = &'l str>,
    new: impl Iterator<Item = &'l str>,
) -> usize {
    old.zip(new)
        .take_while(|(old, new)| old == new)
        .map(|(old, _)| old.len())
        .sum()
}

/// Blocks that stand so near to each other that their contexts meet.
pub(super) struct Hunk<'b> {
    /// What the hunk shows of the original, context and all.
    pub(super) bytes: Range<usize>,
    /// Its blocks.
    pub(super) blocks: &'b [Block<'b>],
    old: Lines,
    new: Lines,
}

/// A range of lines as a hunk's head names it: `5`, `5,3`, or `4,0` for none behind line 4.
#[derive(Clone, Copy)]
struct Lines {
    /// From 0.
    first: usize,
    count: usize,
}

impl std::fmt::Display for Lines {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.count {
            0 => write!(f, "{},0", self.first),
            1 => write!(f, "{}", self.first + 1),
            count => write!(f, "{},{count}", self.first + 1),
        }
    }
}

impl Hunk<'_> {
    /// Its head, as unified diffs write it.
    pub(super) fn head(&self) -> String {
        format!("@@ -{} +{} @@", self.old, self.new)
    }
}

/// Hands the hunks to `show`, one after the other.
pub(super) fn hunks(
    text: &str,
    blocks: &[Block<'_>],
    context: usize,
    mut show: impl FnMut(Hunk<'_>) -> io::Result<()>,
) -> io::Result<()> {
    // Lines of the original before `counted`, and by how many lines the changed text has more or less up to there.
    let (mut counted, mut line, mut shift) = (0, 0usize, 0isize);
    let mut rest = blocks;
    while let Some(first) = rest.first() {
        let from = lines_back(text, first.old.start, context).max(counted);
        let mut to = lines_ahead(text, first.old.end, context);
        let mut count = 1;
        while let Some(next) = rest
            .get(count)
            .filter(|next| lines_back(text, next.old.start, context) <= to)
        {
            to = lines_ahead(text, next.old.end, context);
            count += 1;
        }
        let (these, others) = rest.split_at(count);
        rest = others;

        line += count_lines(&text[counted..from]);
        let shown = count_lines(&text[from..to]);
        let growth: isize = these
            .iter()
            .map(|block| {
                count_lines(&block.new) as isize - count_lines(&text[block.old.clone()]) as isize
            })
            .sum();
        show(Hunk {
            bytes: from..to,
            blocks: these,
            old: Lines {
                first: line,
                count: shown,
            },
            new: Lines {
                first: line.saturating_add_signed(shift),
                count: shown.saturating_add_signed(growth),
            },
        })?;
        (counted, line, shift) = (to, line + shown, shift + growth);
    }
    Ok(())
}

/// Lines of a text; an unfinished last line counts.
fn count_lines(text: &str) -> usize {
    let unfinished = !text.is_empty() && !text.ends_with('\n');
    memchr::memchr_iter(b'\n', text.as_bytes()).count() + usize::from(unfinished)
}

/// Where the line begins that stands `count` lines before the line beginning at `at`.
fn lines_back(text: &str, at: usize, count: usize) -> usize {
    let mut at = at;
    for _ in 0..count {
        let Some(before) = at.checked_sub(1) else {
            break;
        };
        at = memchr::memrchr(b'\n', &text.as_bytes()[..before]).map_or(0, |found| found + 1);
    }
    at
}

/// Where the line ends that stands `count` lines behind the one ending at `at`.
fn lines_ahead(text: &str, at: usize, count: usize) -> usize {
    let mut at = at;
    for _ in 0..count {
        at = line_end(text.as_bytes(), at);
    }
    at
}

#[cfg(test)]
mod tests {
    use super::super::ReportFormat;
    use super::super::sample::{TEXT, render};
    use super::*;
    use crate::model::Span;

    fn edit(start: usize, end: usize, new: &str) -> Edit {
        Edit {
            span: Span::new(start, end),
            replacement: new.into(),
            findings: vec![],
        }
    }

    fn diff(text: &str, edits: &[Edit]) -> String {
        let mut out = Vec::new();
        let subject = Subject::new(Origin::file("a"), text, &[], edits);
        Diff::new(Styles::plain())
            .document(&subject, &mut out)
            .unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn the_sample() {
        assert_eq!(
            render(ReportFormat::Diff, &Styles::plain()),
            "\
--- a.txt
+++ a.txt
@@ -1,5 +1,3 @@
 Mr. Lindqvistberg spoke.
 
-Story continues below advertisement
-
-Mr. Lindq’s office said “Advertisement” is banned.
+Mr. Lindqvistberg’s office said “Advertisement” is banned.
"
        );
        assert!(TEXT.ends_with('\n'));
    }

    #[test]
    fn far_changes_stand_in_hunks_of_their_own() {
        let text: String = (1..=20).map(|n| format!("line {n}\n")).collect();
        let (two, nine, twenty) = (
            text.find("line 2\n").unwrap(),
            text.find("line 9\n").unwrap(),
            text.find("line 20").unwrap(),
        );
        // Lines 2 and 9 have six lines between them: their contexts just meet.
        let got = diff(
            &text,
            &[
                edit(two, two + 7, ""),
                edit(nine, nine, "new\n"),
                edit(twenty, twenty + 4, "LINE"),
            ],
        );
        let heads: Vec<&str> = got.lines().filter(|line| line.starts_with("@@")).collect();
        assert_eq!(heads, ["@@ -1,11 +1,11 @@", "@@ -17,4 +17,4 @@"]);
        let eight = text.find("line 8").unwrap();
        let ten = text.find("line 10").unwrap();
        assert_eq!(
            diff(&text, &[edit(two, two + 7, ""), edit(ten, ten + 8, "")])
                .matches("@@ -")
                .count(),
            2
        );
        assert_eq!(
            diff(&text, &[edit(two, two + 7, ""), edit(eight, eight + 7, "")])
                .matches("@@ -")
                .count(),
            1
        );
    }

    #[test]
    fn an_edit_that_gives_the_same_lines_is_no_change() {
        assert_eq!(diff("a\nb\n", &[edit(0, 1, "a")]), "");
    }

    #[test]
    fn missing_newlines_are_marked_on_the_side_that_misses_them() {
        assert_eq!(
            diff("a\nb", &[edit(2, 3, "c\n")]),
            "--- a\n+++ a\n@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+c\n"
        );
        assert_eq!(
            diff("a\nb\n", &[edit(1, 4, "")]),
            "--- a\n+++ a\n@@ -1,2 +1 @@\n-a\n-b\n+a\n\\ No newline at end of file\n"
        );
        assert_eq!(
            diff("x\ny", &[edit(0, 2, "")]),
            "--- a\n+++ a\n@@ -1,2 +1 @@\n-x\n y\n\\ No newline at end of file\n"
        );
    }

    #[test]
    fn a_text_that_comes_or_goes_as_a_whole() {
        assert_eq!(
            diff("", &[edit(0, 0, "a\n")]),
            "--- a\n+++ a\n@@ -0,0 +1 @@\n+a\n"
        );
        assert_eq!(
            diff("a\nb\n", &[edit(0, 4, "")]),
            "--- a\n+++ a\n@@ -1,2 +0,0 @@\n-a\n-b\n"
        );
    }

    #[test]
    fn an_insertion_at_the_end_of_a_finished_text() {
        assert_eq!(
            diff("a\n", &[edit(2, 2, "b\n")]),
            "--- a\n+++ a\n@@ -1 +1,2 @@\n a\n+b\n"
        );
    }

    /// Applies a diff the way `patch` does, so that heads, signs and newline marks are all held to account.
    fn patch(text: &str, diff: &str) -> String {
        let old: Vec<&str> = text.split_inclusive('\n').collect();
        let (mut out, mut at) = (String::new(), 0);
        let mut lines = diff.lines().skip(2).peekable();
        while let Some(line) = lines.next() {
            let (sign, body) = line.split_at(1);
            if sign == "@" {
                let range = line.split(' ').nth(1).unwrap()[1..].to_owned();
                let (first, count) = range.split_once(',').unwrap_or((&range, "1"));
                let first: usize = first.parse().unwrap();
                let until = if count == "0" { first } else { first - 1 };
                old[at..until].iter().for_each(|line| out.push_str(line));
                at = until;
                continue;
            }
            let whole = if lines.next_if(|next| next.starts_with('\\')).is_some() {
                body.to_owned()
            } else {
                format!("{body}\n")
            };
            if sign != "+" {
                assert_eq!(old[at], whole);
                at += 1;
            }
            if sign != "-" {
                out.push_str(&whole);
            }
        }
        old[at..].iter().for_each(|line| out.push_str(line));
        out
    }

    proptest::proptest! {
        #[test]
        fn patching_gives_the_cleaned_text(text in "([ab]{0,2}\n){0,12}[ab]{0,2}", cuts in proptest::collection::vec((0usize..40, 0usize..6, "[a\n]{0,3}"), 0..6)) {
            let mut edits: Vec<Edit> = Vec::new();
            let mut cuts = cuts;
            cuts.sort();
            let mut at = 0;
            for (start, len, new) in cuts {
                let start = start.min(text.len());
                let end = (start + len).min(text.len());
                if start < at || (start == end && new.is_empty()) {
                    continue;
                }
                edits.push(edit(start, end, &new));
                at = end;
            }
            let mut cleaned = String::new();
            let mut at = 0;
            for edit in &edits {
                cleaned.push_str(&text[at..edit.span.start]);
                cleaned.push_str(&edit.replacement);
                at = edit.span.end;
            }
            cleaned.push_str(&text[at..]);
            let diff = diff(&text, &edits);
            proptest::prop_assert_eq!(patch(&text, &diff), cleaned.clone(), "{}", diff);
            proptest::prop_assert_eq!(diff.is_empty(), text == cleaned);
        }
    }
}
