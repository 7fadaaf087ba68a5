//! Changes side by side: the text before on the left, the text after on the right, as wide as the terminal.

use std::io::{self, Write};
use std::ops::Range;

use unicode_width::UnicodeWidthChar;

use super::diff::{Block, blocks, header, hunks};
use super::text::shown;
use super::{Report, Styles, Subject};
use crate::model::Edit;

/// Unchanged lines shown around a change.
const CONTEXT: usize = 2;

/// The columns of a page whose width is not known.
const COLUMNS: usize = 120;

/// A side narrower than this shows no text that could be read.
const LEAST: usize = 10;

/// A line is looked for among so many of the other side.
const NEAR: usize = 32;

/// So many rows of an unchanged line are shown; it stands on both sides anyway.
const ROWS: usize = 3;

/// Two columns with a gutter between them: `<` for lines that are gone, `>` for new ones, `|` for lines that differ.
pub(super) struct Side {
    styles: Styles,
    /// The columns of one side.
    room: usize,
}

/// A line of one side with the stretches in it that the other side has not.
#[derive(Clone, Debug, Default)]
struct Line<'t> {
    text: &'t str,
    marks: Vec<Range<usize>>,
}

impl Side {
    pub(super) fn new(styles: Styles) -> Self {
        let columns = if styles.columns == 0 {
            COLUMNS
        } else {
            styles.columns
        };
        Self {
            styles,
            room: (columns.saturating_sub(3) / 2).max(LEAST),
        }
    }

    /// Writes one line of each side in as many rows as the longer needs, but no more than `most`.
    fn pair(
        &self,
        left: &Line<'_>,
        gutter: char,
        right: &Line<'_>,
        most: usize,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let (lefts, rights) = (wrap(left.text, self.room), wrap(right.text, self.room));
        let rows = lefts.len().max(rights.len()).max(1);
        for row in 0..rows.min(most) {
            let cut = row + 1 == most && rows > most;
            self.row(left, lefts.get(row), self.styles.removed, true, out)?;
            let dim = self.styles.dim;
            let sign = if cut { '…' } else { gutter };
            write!(out, " {dim}{sign}{dim:#}")?;
            if rights.get(row).is_some_and(|row| !row.is_empty()) {
                write!(out, " ")?;
                self.row(right, rights.get(row), self.styles.inserted, false, out)?;
            }
            writeln!(out)?;
        }
        Ok(())
    }

    /// Writes one row of a line, filled up with blanks if something stands to its right.
    fn row(
        &self,
        line: &Line<'_>,
        row: Option<&Range<usize>>,
        style: anstyle::Style,
        fill: bool,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let row = row.cloned().unwrap_or_default();
        let mut at = row.start;
        let first = line.marks.partition_point(|mark| mark.end <= row.start);
        for mark in line.marks[first..]
            .iter()
            .take_while(|mark| mark.start < row.end)
        {
            let mark = mark.start.max(row.start)..mark.end.min(row.end);
            plain(&line.text[at..mark.start], out)?;
            write!(out, "{style}")?;
            plain(&line.text[mark.clone()], out)?;
            write!(out, "{style:#}")?;
            at = mark.end;
        }
        plain(&line.text[at..row.end], out)?;
        if fill {
            let used: usize = line.text[row].chars().map(width).sum();
            write!(out, "{:1$}", "", self.room.saturating_sub(used))?;
        }
        Ok(())
    }

    /// Writes unchanged lines.
    fn both(&self, text: &str, out: &mut dyn Write) -> io::Result<()> {
        text.split_inclusive('\n').try_for_each(|line| {
            let line = Line {
                text: content(line),
                marks: Vec::new(),
            };
            self.pair(&line, ' ', &line, ROWS, out)
        })
    }

    fn block(
        &self,
        text: &str,
        block: &Block<'_>,
        edits: &[Edit],
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let (old, new) = marks(text, block, edits);
        let lefts = split(&text[block.old.clone()], &old);
        let rights = split(&block.new, &new);
        let none = Line::default();
        // As many lines on both sides are the same lines changed; else a line stands beside the next one that it is like.
        let paired = lefts.len() == rights.len();
        let mut at = 0;
        for right in &rights {
            let mut near = lefts[at..].iter().take(NEAR);
            let found = near.position(|left| paired || alike(left.text, right.text));
            let Some(skipped) = found else {
                self.pair(&none, '>', right, usize::MAX, out)?;
                continue;
            };
            for left in &lefts[at..at + skipped] {
                self.pair(left, '<', &none, usize::MAX, out)?;
            }
            at += skipped + 1;
            let left = &lefts[at - 1];
            if left.text == right.text {
                self.pair(left, ' ', right, ROWS, out)?;
            } else {
                self.pair(left, '|', right, usize::MAX, out)?;
            }
        }
        lefts[at..]
            .iter()
            .try_for_each(|left| self.pair(left, '<', &none, usize::MAX, out))
    }
}

/// Whether two lines begin and end alike, over half of the shorter.
fn alike(left: &str, right: &str) -> bool {
    let same = left.bytes().zip(right.bytes());
    let head = same.take_while(|(left, right)| left == right).count();
    let same = left.bytes().rev().zip(right.bytes().rev());
    let tail = same.take_while(|(left, right)| left == right).count();
    left == right || 2 * (head + tail) >= left.len().min(right.len()).max(1)
}

impl Report for Side {
    fn document(&self, subject: &Subject<'_>, out: &mut dyn Write) -> io::Result<()> {
        let text = subject.original;
        let blocks = blocks(text, subject.edits);
        if blocks.is_empty() {
            return Ok(());
        }
        header(&subject.origin, &self.styles, out)?;
        let mut edits = subject.edits;
        hunks(text, &blocks, CONTEXT, |hunk| {
            let style = self.styles.hunk;
            writeln!(out, "{style}{}{style:#}", hunk.head())?;
            let mut at = hunk.bytes.start;
            for block in hunk.blocks {
                self.both(&text[at..block.old.start], out)?;
                let before = edits.partition_point(|edit| edit.span.end < block.old.start);
                edits = &edits[before..];
                let count = edits.partition_point(|edit| edit.span.start <= block.old.end);
                self.block(text, block, &edits[..count], out)?;
                at = block.old.end;
            }
            self.both(&text[at..hunk.bytes.end], out)
        })
    }
}

/// What the edits take from the lines of a block, and what they put there, in bytes of each side of it.
fn marks(text: &str, block: &Block<'_>, edits: &[Edit]) -> (Vec<Range<usize>>, Vec<Range<usize>>) {
    let (mut old, mut new) = (Vec::new(), Vec::new());
    // By how many bytes the right side is ahead of the left one.
    let mut growth = 0isize;
    for edit in edits {
        let (start, end) = (
            edit.span.start.max(block.old.start),
            edit.span.end.min(block.old.end),
        );
        if start < end {
            old.push(start - block.old.start..end - block.old.start);
        }
        // What an edit puts before the block's first line stands in lines that both sides have.
        let at = (start - block.old.start).saturating_add_signed(growth);
        let to = at + edit.replacement.len();
        if edit.span.start >= block.old.start
            && at < to
            && block.new.is_char_boundary(at)
            && block.new.is_char_boundary(to)
        {
            new.push(at..to);
        }
        growth += edit.growth();
    }
    // A trimmed block can begin inside an edit; then the right side has no marks rather than wrong ones.
    if edits
        .first()
        .is_some_and(|edit| edit.span.start < block.old.start)
    {
        new.clear();
    }
    old.retain(|mark| {
        text.is_char_boundary(block.old.start + mark.start)
            && text.is_char_boundary(block.old.start + mark.end)
    });
    (old, new)
}

/// The lines of one side, each with its share of the marks.
fn split<'t>(text: &'t str, marks: &[Range<usize>]) -> Vec<Line<'t>> {
    let (mut lines, mut start, mut first) = (Vec::new(), 0, 0);
    for line in text.split_inclusive('\n') {
        let end = start + content(line).len();
        first += marks[first..]
            .iter()
            .take_while(|mark| mark.end <= start)
            .count();
        let these = marks[first..].iter().take_while(|mark| mark.start < end);
        let inside = these.map(|mark| mark.start.max(start) - start..mark.end.min(end) - start);
        lines.push(Line {
            text: &text[start..end],
            marks: inside.filter(|mark| !mark.is_empty()).collect(),
        });
        start += line.len();
    }
    lines
}

/// A line without its end.
fn content(line: &str) -> &str {
    let line = line.strip_suffix('\n').unwrap_or(line);
    line.strip_suffix('\r').unwrap_or(line)
}

/// A line in rows of at most `room` columns, broken at blanks where there are any.
fn wrap(line: &str, room: usize) -> Vec<Range<usize>> {
    let mut rows = Vec::new();
    let (mut start, mut used) = (0, 0);
    // The last blank of the row, and the columns up to behind it.
    let mut blank: Option<(usize, usize)> = None;
    for (at, c) in line.char_indices() {
        let wide = width(c);
        if c == ' ' && used + wide > room {
            rows.push(start..at);
            (start, used, blank) = (at + 1, 0, None);
            continue;
        }
        // A word that moves to the next row can fill it.
        while used + wide > room && at > start {
            let (end, next, kept) = match blank.take() {
                Some((blank, kept)) => (blank, blank + 1, kept),
                None => (at, at, used),
            };
            rows.push(start..end);
            (start, used) = (next, used - kept);
        }
        used += wide;
        if c == ' ' {
            blank = Some((at, used));
        }
    }
    if start < line.len() {
        rows.push(start..line.len());
    }
    rows
}

fn width(c: char) -> usize {
    shown(c).width().unwrap_or(0)
}

fn plain(text: &str, out: &mut dyn Write) -> io::Result<()> {
    write!(out, "{}", super::text::Visible(text))
}

#[cfg(test)]
mod tests {
    use super::super::ReportFormat;
    use super::super::sample::render;
    use super::*;
    use crate::model::Span;

    fn narrow() -> Styles {
        Styles::plain().wide(43)
    }

    fn side(text: &str, edits: &[(usize, usize, &str)]) -> String {
        let edits: Vec<Edit> = edits
            .iter()
            .map(|(start, end, new)| Edit {
                span: Span::new(*start, *end),
                replacement: (*new).into(),
                findings: vec![],
            })
            .collect();
        let mut out = Vec::new();
        let subject = Subject::new(super::super::Origin::file("a"), text, &[], &edits);
        Side::new(narrow()).document(&subject, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn the_sample() {
        assert_eq!(
            render(ReportFormat::Side, &narrow()),
            "\
--- a.txt
+++ a.txt
@@ -1,5 +1,3 @@
Mr. Lindqvistberg      Mr. Lindqvistberg
spoke.                 spoke.
                      
Story continues      <
below advertisement  <
                     <
Mr. Lindq’s office   | Mr. Lindqvistberg’s
said “Advertisement” | office said
is banned.           | “Advertisement” is
                     | banned.
"
        );
    }

    #[test]
    fn rows_are_measured_in_columns() {
        let text = "漢字漢字漢字漢字漢字漢字 AD\nb\n";
        let at = text.find(" AD").unwrap();
        let got = side(text, &[(at, at + 3, "")]);
        let wide = |line: &str| line.chars().map(width).sum::<usize>();
        for line in got.lines().skip(3) {
            let gutter = line.find(['|', ' ']).map(|_| wide(line));
            assert!(gutter.is_some_and(|columns| columns <= 43), "{got}");
        }
        assert!(
            got.contains(
                "漢字漢字漢字漢字漢字 | 漢字漢字漢字漢字漢字\n漢字 AD              | 漢字\n"
            ),
            "{got}"
        );
    }

    #[test]
    fn marks_are_coloured_where_the_words_differ() {
        let styles = Styles::coloured().wide(83);
        let edits = [Edit {
            span: Span::new(4, 9),
            replacement: "Lindqvist".into(),
            findings: vec![],
        }];
        let mut out = Vec::new();
        let subject = Subject::new(
            super::super::Origin::file("a"),
            "Mr. Lindq spoke",
            &[],
            &edits,
        );
        Side::new(styles).document(&subject, &mut out).unwrap();
        let got = String::from_utf8(out).unwrap();
        let (removed, inserted) = (styles.removed, styles.inserted);
        assert!(
            got.contains(&format!("Mr. {removed}Lindq{removed:#} spoke")),
            "{got}"
        );
        assert!(
            got.contains(&format!("Mr. {inserted}Lindqvist{inserted:#} spoke")),
            "{got}"
        );
    }

    proptest::proptest! {
        /// Whatever the text and the edits: no panic, no row wider than the page, and all of the changed lines is there.
        #[test]
        fn nothing_is_wider_than_the_page(text in "[a é漢\n]{0,120}", steps in proptest::collection::vec((0usize..20, 0usize..12, "[x漢 \n]{0,8}"), 0..6)) {
            let bounds: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
            let (mut at, mut edits) = (0, Vec::new());
            for (gap, len, new) in &steps {
                let (from, to) = (at + gap, at + gap + len);
                if to >= bounds.len() {
                    break;
                }
                edits.push((bounds[from], bounds[to], new.as_str()));
                at = to + 1;
            }
            for line in side(&text, &edits).lines().skip(3) {
                proptest::prop_assert!(line.chars().map(width).sum::<usize>() <= 43, "{line}");
            }
        }
    }
}
