//! All the markup of a text, in one pass.

use super::super::context;
use super::tags::{Angle, Flow};
use super::{brackets, script, tags};
use crate::model::{Safety, Span};

/// Markup that goes or stays as a whole.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece<'t> {
    pub(super) span: Span,
    pub(super) kind: Kind,
    pub(super) name: &'t str,
    pub(super) closes: bool,
    pub(super) sure: bool,
    /// Whether a partner makes it sure.
    pub(super) pairs: bool,
    /// Whether standing on a line of its own makes it sure.
    pub(super) lone: bool,
    pub(super) flow: Flow,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Tag,
    /// The beginning of a tag without its end; makes its line unsafe to touch.
    Torn,
    Shortcode,
    Template,
    Script,
}

/// All the markup of a text.
#[derive(Default)]
pub(super) struct Survey<'t> {
    pub(super) pieces: Vec<Piece<'t>>,
    /// Lines of script and style, sorted.
    scripts: Vec<Span>,
    /// Whether there are tags that are not HTML's.
    pub(super) foreign: bool,
    /// Lines of code that no page script has.
    pub(super) statements: usize,
}

impl<'t> Survey<'t> {
    /// Whole lines of script and style.
    pub(super) fn scripts(&mut self, text: &'t str) {
        let bytes = text.as_bytes();
        let mut found = Vec::new();
        self.script_lines(
            text,
            memchr::memchr3_iter(b'{', b'}', b'=', bytes),
            &mut found,
        );
        self.script_lines(text, memchr::memchr_iter(b'>', bytes), &mut found);
        found.sort_unstable();
        found.dedup();
        self.scripts = found;
        let piece = |span: &Span| Piece {
            span: *span,
            kind: Kind::Script,
            name: "",
            closes: false,
            sure: true,
            pairs: false,
            lone: false,
            flow: Flow::Block,
        };
        self.pieces.extend(self.scripts.iter().map(piece));
    }

    /// The lines of script among those that hold one of `marks`.
    fn script_lines(
        &mut self,
        text: &str,
        marks: impl Iterator<Item = usize>,
        found: &mut Vec<Span>,
    ) {
        let mut done = 0;
        for at in marks {
            if at < done {
                continue;
            }
            let line = context::line_within(text, at, script::MAX_LEN);
            done = line.end.max(at + 1);
            // Part of a longer line is no line.
            let whole = (line.start == 0 || text.as_bytes()[line.start - 1] == b'\n')
                && (line.end == text.len() || text.as_bytes()[line.end] == b'\n');
            let found_line = &text[line.range()];
            match script::judge(found_line).filter(|_| whole) {
                Some(Safety::Safe) => {
                    let start = line.start + (found_line.len() - found_line.trim_start().len());
                    found.push(Span::new(start, start + found_line.trim().len()));
                }
                Some(_) => self.statements += 1,
                None => {}
            }
        }
    }

    /// Tags, shortcodes and templates outside the lines of script.
    pub(super) fn pieces(&mut self, text: &'t str) {
        let bytes = text.as_bytes();
        let mut end = 0;
        for at in triggers(bytes) {
            if at < end {
                continue;
            }
            let piece = match bytes[at] {
                b'<' | b'&' => match tags::angle(text, at) {
                    Angle::Tag(tag) => Piece {
                        span: tag.span,
                        kind: Kind::Tag,
                        name: tag.name,
                        closes: tag.closes,
                        sure: tag.sure,
                        pairs: true,
                        lone: false,
                        flow: tag.flow,
                    },
                    Angle::Torn => {
                        let span = Span::new(at, at + 1);
                        Piece {
                            span,
                            kind: Kind::Torn,
                            name: "",
                            closes: false,
                            sure: false,
                            pairs: false,
                            lone: false,
                            flow: Flow::Inline,
                        }
                    }
                    Angle::Foreign => {
                        self.foreign = true;
                        continue;
                    }
                    Angle::Other => continue,
                },
                sign => {
                    let found = if sign == b'[' {
                        brackets::shortcode(text, at)
                    } else {
                        brackets::template(text, at)
                    };
                    let Some(found) = found else { continue };
                    let kind = if sign == b'[' {
                        Kind::Shortcode
                    } else {
                        Kind::Template
                    };
                    let flow = Flow::Inline;
                    let (pairs, lone) = (true, found.known && found.name.len() > 2);
                    Piece {
                        span: found.span,
                        kind,
                        name: found.name,
                        closes: found.closes,
                        sure: found.sure,
                        pairs,
                        lone,
                        flow,
                    }
                }
            };
            end = piece.span.end;
            if !context::absent(&self.scripts, piece.span) {
                self.pieces.push(piece);
            }
        }
        self.pair(text);
    }

    /// Makes pairs sure: an opening piece and the next closing one of its name, not far behind.
    fn pair(&mut self, text: &str) {
        const FAR: usize = 3000;
        let mut open: Vec<usize> = Vec::new();
        for place in 0..self.pieces.len() {
            let piece = self.pieces[place];
            if !piece.pairs || matches!(piece.kind, Kind::Torn | Kind::Template) {
                continue;
            }
            if !piece.closes {
                open.push(place);
                continue;
            }
            // Far ones are never looked at again, so that this stays linear.
            let near = open
                .partition_point(|place| self.pieces[*place].span.end + FAR <= piece.span.start);
            let partner = open[near..].iter().rposition(|place| {
                let opening = self.pieces[*place];
                opening.kind == piece.kind && opening.name.eq_ignore_ascii_case(piece.name)
            });
            if let Some(depth) = partner.map(|depth| near + depth) {
                self.pieces[open[depth]].sure = true;
                self.pieces[place].sure = true;
                open.truncate(depth);
            }
        }
        // Shortcodes without a partner are sure on a line of their own.
        for piece in self
            .pieces
            .iter_mut()
            .filter(|piece| piece.kind == Kind::Shortcode && piece.lone)
        {
            piece.sure |= context::begins_line(text, piece.span.start)
                && context::ends_line(text, piece.span.end);
        }
    }
}

/// Places where markup may begin, in the order of the text.
fn triggers(bytes: &[u8]) -> impl Iterator<Item = usize> + '_ {
    let raw = memchr::memchr3_iter(b'<', b'[', b'{', bytes);
    let mut escaped = memchr::memchr_iter(b'&', bytes)
        .filter(|at| bytes[*at..].starts_with(b"&lt;") || bytes[*at..].starts_with(b"&amp;"))
        .peekable();
    let mut raw = raw.peekable();
    std::iter::from_fn(move || match (raw.peek(), escaped.peek()) {
        (Some(a), Some(b)) if a < b => raw.next(),
        (_, Some(_)) => escaped.next(),
        _ => raw.next(),
    })
}
