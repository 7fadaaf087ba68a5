//! Findings for people.

use std::fmt::{self, Write as _};
use std::io::{self, Write};

use unicode_width::UnicodeWidthChar;

use super::{LineIndex, Report, Styles, Subject};
use crate::model::{Action, Finding, Kept, Safety, Span};

/// How many columns of a line are shown at most. Articles come with a paragraph a line; a screen does not.
const COLUMNS: usize = 100;

/// How many columns of the found text itself are shown at most; its middle goes first.
const MARKED: usize = 72;

/// Place, severity, rule and category; the line with the span marked; why; what `clean` would do.
pub(super) struct Text {
    styles: Styles,
}

impl Text {
    pub(super) fn new(styles: Styles) -> Self {
        Self { styles }
    }

    fn finding(
        &self,
        subject: &Subject<'_>,
        lines: &LineIndex<'_>,
        finding: &Finding,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let Styles { strong, dim, .. } = self.styles;
        let severity = finding.severity();
        let style = self.styles.severity(severity);
        let at = lines.position(finding.span.start);
        let rule = &finding.rule;
        writeln!(
            out,
            "{strong}{}:{}:{}:{strong:#} {style}{}{style:#}: {strong}{}{strong:#} ({})",
            subject.origin,
            at.line,
            at.column,
            severity.name(),
            Visible(&rule.name),
            rule.category,
        )?;

        let line = lines.line(at.line);
        let start = finding.span.start - lines.start(at.line);
        let end = (finding.span.end - lines.start(at.line))
            .min(line.len())
            .max(start);
        let window = Window::new(line, start.min(line.len())..end);
        let number = at.line.to_string();
        let gutter = number.len();
        writeln!(
            out,
            "{dim}{number} |{dim:#} {}{style}{}{style:#}{}",
            window.before, window.marked, window.after
        )?;
        let (indent, carets) = (" ".repeat(window.indent), "^".repeat(window.width.max(1)));
        writeln!(
            out,
            "{:gutter$} {dim}|{dim:#} {indent}{style}{carets}{style:#}{}",
            "",
            more_lines(subject.original, finding.span)
        )?;
        writeln!(
            out,
            "{:gutter$} {dim}={dim:#} why: {}",
            "",
            Visible(&rule.why)
        )?;
        writeln!(
            out,
            "{:gutter$} {dim}={dim:#} clean: {}",
            "",
            what_clean_does(subject.original, finding)
        )?;
        if !finding.evidence.is_empty() {
            write!(out, "{:gutter$} {dim}={dim:#} evidence:", "")?;
            for (index, span) in finding.evidence.iter().enumerate() {
                let at = lines.position(span.start);
                let comma = if index > 0 { "," } else { "" };
                write!(
                    out,
                    "{comma} “{}” at {}:{}",
                    Short(&subject.original[span.range()]),
                    at.line,
                    at.column
                )?;
            }
            writeln!(out)?;
        }
        writeln!(out)
    }
}

impl Report for Text {
    fn document(&self, subject: &Subject<'_>, out: &mut dyn Write) -> io::Result<()> {
        if subject.findings.is_empty() {
            return Ok(());
        }
        let lines = LineIndex::new(subject.original);
        subject
            .findings
            .iter()
            .try_for_each(|finding| self.finding(subject, &lines, finding, out))
    }
}

/// The note behind the marks of a span that runs on.
fn more_lines(text: &str, span: Span) -> String {
    match memchr::memchr_iter(b'\n', &text.as_bytes()[span.range()]).count() {
        0 => String::new(),
        1 => " and 1 more line".to_owned(),
        more => format!(" and {more} more lines"),
    }
}

/// A finding in one sentence on one line: what was found, why, and what `clean` does with it.
pub(super) fn sentence(text: &str, finding: &Finding) -> String {
    format!(
        "“{}” {}; clean {}",
        Short(&text[finding.span.range()]),
        Visible(&finding.rule.why),
        what_clean_does(text, finding)
    )
}

/// What `clean` does with a finding of `text`, or why it lets it stand, as the end of a sentence that begins with "clean".
#[must_use]
pub fn what_clean_does(text: &str, finding: &Finding) -> String {
    let deed = match &finding.action {
        Action::Remove if finding.cut == finding.span => "removes it".to_owned(),
        Action::Replace(new) if new.is_empty() && finding.cut == finding.span => {
            "removes it".to_owned()
        }
        Action::Remove => format!("removes “{}”", Short(&text[finding.cut.range()])),
        Action::Replace(new) => format!(
            "writes “{}” for “{}”",
            Short(new),
            Short(&text[finding.cut.range()])
        ),
        Action::Report => return "leaves it: the rule only reports".to_owned(),
    };
    let Some(kept) = finding.kept else {
        return deed;
    };
    match kept {
        Kept::Tier if finding.safety == Safety::Review => {
            format!("leaves it; with --review it {deed}")
        }
        Kept::Tier => "leaves it: this run only reports such findings".to_owned(),
        Kept::Mention => "leaves it: the text speaks of the words, it does not use them".to_owned(),
        Kept::LimitChars => "leaves it: it is longer than the rule may cut".to_owned(),
        Kept::LimitShare => {
            "leaves it: it is a greater share of the text than the rule may cut".to_owned()
        }
        Kept::Position => "leaves it: too little text stands before it".to_owned(),
        Kept::Ambiguous => "leaves it: the evidence allows more than one reading".to_owned(),
        Kept::Overlap => "leaves it to another finding that covers it".to_owned(),
        Kept::Suppressed => "leaves it: it was told to".to_owned(),
        Kept::Markup => "leaves it: an edit would break the markup around it".to_owned(),
    }
}

/// A line cut to the screen around a span.
struct Window {
    before: String,
    marked: String,
    after: String,
    /// Columns before the marked text.
    indent: usize,
    /// Columns of the marked text.
    width: usize,
}

impl Window {
    fn new(line: &str, span: std::ops::Range<usize>) -> Self {
        let (marked, width) = middle_out(&line[span.clone()], MARKED);
        let room = COLUMNS.saturating_sub(width);
        // Either side may use what the other does not need.
        let left_needs = columns(&line[..span.start], room);
        let right_needs = columns(&line[span.end..], room);
        let left = left_needs.min((room / 2).max(room.saturating_sub(right_needs)));
        let right = room - left;
        let (before, indent) = last_columns(&line[..span.start], left);
        let (after, _) = first_columns(&line[span.end..], right);
        Self {
            before,
            marked,
            after,
            indent,
            width,
        }
    }
}

/// The columns of a text, counted no further than just over `limit`.
fn columns(text: &str, limit: usize) -> usize {
    let mut sum = 0;
    for c in text.chars() {
        sum += width(shown(c));
        if sum > limit {
            break;
        }
    }
    sum
}

/// As much of the beginning as fits, with `…` when something is missing.
pub(super) fn first_columns(text: &str, room: usize) -> (String, usize) {
    let fits = columns(text, room) <= room;
    let room = if fits { room } else { room.saturating_sub(1) };
    let (mut out, mut sum) = (String::new(), 0);
    for c in text.chars().map(shown) {
        if sum + width(c) > room {
            break;
        }
        sum += width(c);
        out.push(c);
    }
    if !fits {
        out.push('…');
        sum += 1;
    }
    (out, sum)
}

/// As much of the end as fits, with `…` when something is missing.
pub(super) fn last_columns(text: &str, room: usize) -> (String, usize) {
    let mut taken: Vec<char> = Vec::new();
    let (mut sum, mut whole) = (0, true);
    for c in text.chars().rev().map(shown) {
        if sum + width(c) > room {
            whole = false;
            break;
        }
        sum += width(c);
        taken.push(c);
    }
    if !whole {
        while sum >= room.max(1) {
            let Some(c) = taken.pop() else { break };
            sum -= width(c);
        }
        taken.push('…');
        sum += 1;
    }
    (taken.iter().rev().collect(), sum)
}

/// Beginning and end of a text, with `…` between when it is wider than `room`.
pub(super) fn middle_out(text: &str, room: usize) -> (String, usize) {
    if columns(text, room) <= room {
        return first_columns(text, room);
    }
    let (mut head, head_width) = first_columns(text, room * 3 / 4);
    let (tail, tail_width) = last_columns(text, room / 4);
    head.push_str(tail.trim_start_matches('…'));
    (head, head_width + tail_width.saturating_sub(1))
}

fn width(c: char) -> usize {
    c.width().unwrap_or(0)
}

/// The character to show for one that would move the cursor, change colours or turn the direction of the line: text from the web
/// must not write on the terminal by itself.
pub(super) fn shown(c: char) -> char {
    match c {
        '\t' | '\n' | '\r' => ' ',
        '\0'..='\u{1f}' => char::from_u32(0x2400 + u32::from(c)).unwrap_or('\u{fffd}'),
        '\u{7f}' => '␡',
        '\u{80}'..='\u{9f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}'
        | '\u{2028}'
        | '\u{2029}' => '\u{fffd}',
        _ => c,
    }
}

/// Writes a text with its control characters made visible.
pub(super) fn visible(text: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    text.chars().try_for_each(|c| f.write_char(shown(c)))
}

/// Shows a text with its control characters made visible.
pub(super) struct Visible<'t>(pub(super) &'t str);

impl fmt::Display for Visible<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        visible(self.0, f)
    }
}

/// Shows a text in at most 60 columns.
struct Short<'t>(&'t str);

impl fmt::Display for Short<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&middle_out(self.0.trim(), 60).0)
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{TEXT, findings, render};
    use super::super::{Origin, ReportFormat};
    use super::*;

    #[test]
    fn the_sample() {
        assert_eq!(
            render(ReportFormat::Text, &Styles::plain()),
            "\
a.txt:3:1: error: en/ads/continues-below (ad-marker)
3 | Story continues below advertisement
  | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  = why: labels an advertisement that is not in the text
  = clean: removes it

a.txt:5:5: error: fragment/clipped-name (fragment)
5 | Mr. Lindq’s office said “Advertisement” is banned.
  |     ^^^^^
  = why: was broken by a tool
  = clean: writes “Lindqvistberg” for “Lindq”
  = evidence: “Lindqvistberg” at 1:5

a.txt:5:26: note: en/ads/label (ad-marker)
5 | Mr. Lindq’s office said “Advertisement” is banned.
  |                          ^^^^^^^^^^^^^
  = why: labels an advertisement that is not in the text
  = clean: leaves it: the text speaks of the words, it does not use them

"
        );
    }

    #[test]
    fn colours_change_nothing_but_colours() {
        let coloured = render(ReportFormat::Text, &Styles::coloured());
        assert!(coloured.contains("\u{1b}["), "{coloured}");
        let mut bare = String::new();
        let mut rest = coloured.as_str();
        while let Some((text, code)) = rest.split_once("\u{1b}[") {
            bare.push_str(text);
            rest = code.split_once('m').expect("a style ends with m").1;
        }
        bare.push_str(rest);
        assert_eq!(bare, render(ReportFormat::Text, &Styles::plain()));
    }

    /// Renders one finding of `needle` in `text` and returns the line and the marks.
    fn marks(text: &str, needle: &str) -> (String, String) {
        let start = text.find(needle).unwrap();
        let mut finding = findings().remove(0);
        finding.span = Span::new(start, start + needle.len());
        finding.cut = finding.span;
        let findings = [finding];
        let mut out = Vec::new();
        let subject = Subject::new(Origin::file("a.txt"), text, &findings, &[]);
        Text::new(Styles::plain())
            .document(&subject, &mut out)
            .unwrap();
        let out = String::from_utf8(out).unwrap();
        let mut lines = out
            .lines()
            .skip(1)
            .map(|line| line.split_once("| ").unwrap().1.to_owned());
        (lines.next().unwrap(), lines.next().unwrap())
    }

    #[test]
    fn a_long_line_is_cut_around_the_span() {
        let text = format!("{}Foo bar{}", "left ".repeat(100), " right".repeat(100));
        let (line, marks) = marks(&text, "Foo bar");
        assert_eq!(columns(&line, 1000), COLUMNS);
        assert!(line.starts_with('…') && line.ends_with('…'), "{line}");
        let before = line.split("Foo").next().unwrap();
        assert_eq!(
            marks,
            format!("{}^^^^^^^", " ".repeat(before.chars().count()))
        );
    }

    #[test]
    fn a_side_uses_what_the_other_leaves() {
        let text = format!("Foo bar{}", " right".repeat(100));
        let (line, _) = marks(&text, "Foo bar");
        assert_eq!(columns(&line, 1000), COLUMNS);
        assert!(line.starts_with("Foo bar right"), "{line}");
    }

    #[test]
    fn a_long_span_loses_its_middle() {
        let needle = format!("A{}Z", "-".repeat(300));
        let (line, marks) = marks(&needle, &needle);
        assert!(
            line.starts_with('A') && line.contains("…-") && line.ends_with('Z'),
            "{line}"
        );
        assert_eq!(marks.len(), line.chars().count());
    }

    #[test]
    fn wide_characters_are_marked_in_full() {
        assert_eq!(
            marks("前広告後", "広告"),
            ("前広告後".into(), "  ^^^^".into())
        );
    }

    #[test]
    fn a_span_over_lines_is_marked_to_the_line_end() {
        assert_eq!(
            marks("one two\nthree\nfour", "two\nthree\nfour").1,
            "    ^^^ and 2 more lines"
        );
    }

    #[test]
    fn the_text_cannot_write_on_the_terminal() {
        let (line, _) = marks("a\u{1b}[2J\u{202e}b Foo", "Foo");
        assert_eq!(line, "a␛[2J\u{fffd}b Foo");
    }

    #[test]
    fn review_findings_name_the_flag() {
        let mut finding = findings().remove(0);
        finding.safety = Safety::Review;
        finding.kept = Some(Kept::Tier);
        assert_eq!(
            what_clean_does(TEXT, &finding),
            "leaves it; with --review it removes it"
        );
    }
}
