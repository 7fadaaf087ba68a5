//! Markdown: what of a file is article text, and what is code, markup or a comment.
//!
//! [`Markdown::view`] answers the text that rules and detectors look at. Front matter, code (fenced, indented, inline), mathematics, images, the
//! targets of links, automatic links, link definitions, footnote labels, tags, scripts and the placeholders of site generators (`{{ … }}`, `{% … %}`)
//! are solid there: nothing is found in them and no edit touches them. The brackets and the target of a link and the marks of emphasis are hidden, so that
//! `**[Continue reading](#rest)**` is the line "Continue reading"; a cut that takes all of the text between them takes them too, one that takes a part of it
//! must leave both.
//! Comments are hidden and always stay. Character references (`&nbsp;`, `&#8217;`) and escapes (`\!`) are decoded for looking and stay in the source
//! as they are, save for `&lt;` and `&gt;`, which show markup and are solid.

mod html;

use std::ops::Range;

use pulldown_cmark::{Event, LinkType, Options, Parser, Tag, TagEnd};

use super::view::{Mark, View};

/// How far a placeholder of a site generator may run, in bytes.
const PLACEHOLDER: usize = 4096;

/// A Markdown text taken apart.
///
/// ```
/// use descale::format::markdown::Markdown;
/// let markdown = Markdown::parse("# Code\n\n    Advertisement\n\nAdvertisement <!-- note -->\n");
/// let view = markdown.view(&[]);
/// assert_eq!(view.text().matches("Advertisement").count(), 1);
/// assert_eq!(markdown.comments().len(), 1);
/// ```
#[derive(Clone, Debug)]
pub struct Markdown<'t> {
    source: &'t str,
    marks: Vec<(Range<usize>, Mark)>,
    comments: Vec<Range<usize>>,
}

impl<'t> Markdown<'t> {
    /// Takes a text apart. Every text is Markdown.
    #[must_use]
    pub fn parse(source: &'t str) -> Self {
        let mut reader = Reader {
            source,
            marks: Vec::new(),
            comments: Vec::new(),
            open: Vec::new(),
            pairs: 0,
        };
        let options = Options::ENABLE_TABLES
            | Options::ENABLE_FOOTNOTES
            | Options::ENABLE_STRIKETHROUGH
            | Options::ENABLE_TASKLISTS
            | Options::ENABLE_YAML_STYLE_METADATA_BLOCKS
            | Options::ENABLE_PLUSES_DELIMITED_METADATA_BLOCKS
            | Options::ENABLE_MATH
            | Options::ENABLE_GFM;
        let parser = Parser::new_ext(source, options);
        for (_, definition) in parser.reference_definitions().iter() {
            reader.marks.push((definition.span.clone(), Mark::Solid));
        }
        for (event, range) in parser.into_offset_iter() {
            reader.take(event, range);
        }
        reader.placeholders();
        reader.comments.sort_by_key(|comment| comment.start);
        Self {
            source,
            marks: reader.marks,
            comments: reader.comments,
        }
    }

    /// The comments, with their brackets, in bytes of the source: sorted, disjoint. What looks like one in code is none.
    #[must_use]
    pub fn comments(&self) -> &[Range<usize>] {
        &self.comments
    }

    /// The text to look at. Of `hidden` (bytes of the source, on character boundaries) nothing is seen either, and it stays.
    #[must_use]
    pub fn view(&self, hidden: &[Range<usize>]) -> View<'t> {
        let mut marks = self.marks.clone();
        marks.extend(hidden.iter().map(|range| (range.clone(), Mark::Hidden)));
        View::new(self.source, marks)
    }
}

/// Whether a cut of `range`, bytes of a Markdown text, would leave nothing of its line but what announces a text: the number or the box of a list's item, the
/// label of a footnote, the colon of a definition. A bullet or a quotation mark alone goes with the text.
///
/// ```
/// use descale::format::markdown::leaves_husk;
/// let source = "1. Advertisement\n2. Advertisement here\n- Advertisement\n";
/// assert!(leaves_husk(source, 3..16));
/// assert!(!leaves_husk(source, 20..33));
/// assert!(!leaves_husk(source, 41..54));
/// ```
#[must_use]
pub fn leaves_husk(source: &str, range: Range<usize>) -> bool {
    let bytes = source.as_bytes();
    let cut_end = range.start + source[range.clone()].trim_end().len();
    let start = memchr::memrchr(b'\n', &bytes[..range.start]).map_or(0, |at| at + 1);
    let end = memchr::memchr(b'\n', &bytes[cut_end..]).map_or(bytes.len(), |at| cut_end + at);
    let left = source[start..range.start].trim_matches([' ', '\t', '>', '-', '*', '+']);
    let is_number = left.strip_suffix(['.', ')']).is_some_and(|number| {
        !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
    });
    let is_box = matches!(left, "[ ]" | "[x]" | "[X]");
    let is_label = left == ":" || (left.starts_with("[^") && left.ends_with("]:"));
    (is_number || is_box || is_label) && source[cut_end..end].trim().is_empty()
}

/// What is gathered while the events of the parser go by.
struct Reader<'t> {
    source: &'t str,
    marks: Vec<(Range<usize>, Mark)>,
    comments: Vec<Range<usize>>,
    /// The links, tables and other blocks that are open.
    open: Vec<Open>,
    pairs: usize,
}

/// Something that is open, and where what was last seen in it ends.
struct Open {
    range: Range<usize>,
    end: usize,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Link,
    Table,
    Html,
    Other,
}

impl Reader<'_> {
    fn take(&mut self, event: Event<'_>, range: Range<usize>) {
        match event {
            Event::Start(tag) => {
                let kind = self.start(&tag, range.clone());
                self.open.push(Open {
                    end: range.start,
                    range,
                    kind,
                });
                return;
            }
            Event::End(tag) => self.end(tag),
            Event::Text(text) => self.text(&text, range.clone()),
            Event::InlineHtml(_) => self.inline_html(range.clone()),
            Event::Code(_)
            | Event::InlineMath(_)
            | Event::DisplayMath(_)
            | Event::FootnoteReference(_)
            | Event::TaskListMarker(_)
            | Event::Rule => self.solid(range.clone()),
            // A backslash at a line's end.
            Event::HardBreak if self.source[range.clone()].starts_with('\\') => {
                self.solid(range.start..range.start + 1);
            }
            // Blocks of HTML were taken apart as a whole.
            Event::Html(_) | Event::HardBreak | Event::SoftBreak => {}
        }
        if let Some(open) = self.open.last_mut() {
            open.end = range.end;
        }
    }

    fn start(&mut self, tag: &Tag<'_>, range: Range<usize>) -> Kind {
        match tag {
            Tag::CodeBlock(_) => {
                // An indentation is part of the code.
                let line = self.source[..range.start]
                    .rfind('\n')
                    .map_or(0, |at| at + 1);
                let indented = self.source[line..range.start].trim().is_empty();
                self.solid(if indented { line } else { range.start }..range.end);
            }
            Tag::MetadataBlock(_) | Tag::Image { .. } => self.solid(range),
            Tag::HtmlBlock => {
                html::take_apart(self.source, range, &mut self.marks, &mut self.comments);
                return Kind::Html;
            }
            Tag::Link {
                link_type: LinkType::Autolink | LinkType::Email,
                ..
            } => self.solid(range),
            Tag::Link { .. } => return Kind::Link,
            Tag::Table(_) => return Kind::Table,
            Tag::Emphasis | Tag::Strong | Tag::Strikethrough => self.emphasis(range),
            // Its text would leave the underline behind.
            Tag::Heading { .. } if !self.source[range.clone()].trim_start().starts_with('#') => {
                self.solid(range);
            }
            Tag::FootnoteDefinition(_) => {
                if let Some(end) = self.source[range.clone()].find("]:") {
                    self.solid(range.start..range.start + end + 2);
                }
            }
            _ => {}
        }
        Kind::Other
    }

    fn end(&mut self, tag: TagEnd) {
        let Some(own) = self.open.pop() else {
            return;
        };
        let range = own.range.clone();
        match own.kind {
            Kind::Link => self.link(range, own.end),
            // The bars and the line below the head.
            Kind::Table => self.solid(own.end..range.end),
            Kind::Html | Kind::Other => {}
        }
        // Of a table only the text in its cells is text.
        let text = match tag {
            TagEnd::TableCell => {
                let cell = self.source[own.range.clone()].trim_start();
                own.range.end - cell.len()..own.end
            }
            TagEnd::TableHead | TagEnd::TableRow => own.range.end..own.range.end,
            _ => return,
        };
        if let Some(table) = self.open.iter_mut().rfind(|open| open.kind == Kind::Table) {
            let before = std::mem::replace(&mut table.end, text.end);
            self.marks
                .push((before..text.start.max(before), Mark::Solid));
        }
    }

    fn solid(&mut self, range: Range<usize>) {
        self.marks.push((range, Mark::Solid));
    }

    /// The pair of a link. `end` is where its label's text ends.
    fn link(&mut self, range: Range<usize>, end: usize) {
        let label = range.start + 1..end;
        let rest = self.source.get(end..range.end).unwrap_or_default();
        let is_sound = self.source[range.clone()].starts_with('[')
            && !self.source[label.start.min(end)..end].trim().is_empty()
            && rest.starts_with(']');
        if is_sound {
            self.pair(range.start..label.start, end..range.end);
        } else {
            self.solid(range);
        }
    }

    /// The pair of an emphasis.
    fn emphasis(&mut self, range: Range<usize>) {
        let text = &self.source[range.clone()];
        let width = match text.as_bytes() {
            [b'*', b'*', ..] | [b'_', b'_', ..] | [b'~', b'~', ..] => 2,
            _ => 1,
        };
        // `***a***` is emphasis around strong emphasis: one each.
        let width = if width == 2 && text.len() > 4 && text.ends_with(&text[..2]) {
            2
        } else {
            1
        };
        if text.len() > 2 * width {
            self.pair(
                range.start..range.start + width,
                range.end - width..range.end,
            );
        }
    }

    fn pair(&mut self, open: Range<usize>, close: Range<usize>) {
        self.marks.push((open, Mark::Half(self.pairs)));
        self.marks.push((close, Mark::Half(self.pairs)));
        self.pairs += 1;
    }

    fn text(&mut self, text: &str, range: Range<usize>) {
        if self.open.iter().any(|open| open.kind == Kind::Html) {
            return;
        }
        let source = &self.source[range.clone()];
        if source != text && source.starts_with('&') {
            self.marks.push(html::reference(self.source, range, text));
            return;
        }
        // The parser leaves the backslash of an escape out of the text.
        let escaped = source.chars().next().filter(char::is_ascii_punctuation);
        if let Some(c) = escaped
            && self.source[..range.start].ends_with('\\')
        {
            let mark = if matches!(c, '<' | '>' | '&') {
                Mark::Solid
            } else {
                Mark::Decoded(c)
            };
            self.marks.push((range.start - 1..range.start + 1, mark));
        }
    }

    fn inline_html(&mut self, range: Range<usize>) {
        if self.source[range.clone()].starts_with("<!--") {
            self.comments.push(range.clone());
            self.marks.push((range, Mark::Hidden));
        } else {
            self.solid(range);
        }
    }

    /// Placeholders of site generators, which Markdown does not know.
    fn placeholders(&mut self) {
        for (open, close) in [("{{", "}}"), ("{%", "%}")] {
            let mut at = 0;
            while let Some(start) = find(self.source, open, at, self.source.len()) {
                let stop = self.source.len().min(start + PLACEHOLDER);
                at = match find(self.source, close, start + 2, stop) {
                    Some(end) => {
                        self.solid(start..end + 2);
                        end + 2
                    }
                    None => start + 2,
                };
            }
        }
    }
}

/// The first `needle` in the bytes from `from` to `to`.
fn find(text: &str, needle: &str, from: usize, to: usize) -> Option<usize> {
    let window = text.as_bytes().get(from..to)?;
    memchr::memmem::find(window, needle.as_bytes()).map(|at| from + at)
}

#[cfg(test)]
mod tests;
