//! Comments that tell the linter to leave something alone.
//!
//! ```text
//! <!-- descale: ignore[en/ads] — the label of our own advertisement -->
//! descale: off[ad-marker, en/related]
//! descale: on[ad-marker, en/related]
//! ```
//!
//! `ignore` counts for its line, or for the next line that is not blank if it stands alone on its line; `off` counts up to the `on` of the same name, or to
//! the text's end. Names are those of `--skip`: categories, packs, rules, detectors. In Markdown the words stand in an HTML comment; in plain text on a
//! line of their own or at a line's end, with or without the marks of an HTML comment.

use std::cell::Cell;
use std::ops::Range;

use crate::model::{Finding, Span};

/// What every such comment begins with.
const MARK: &str = "descale:";

/// How they are written.
const SHAPE: &str =
    "write it as `descale: ignore[rule] — reason`, `descale: off[rule]` or `descale: on[rule]`";

/// So many names in one text are heeded. Each finding is held against all of them.
const DIRECTIVES: usize = 10_000;

/// The comments of one text that tell the linter to leave something alone.
///
/// ```
/// use descale::lint::Ignores;
/// let text = "One.\n\ndescale: ignore[en/ads] — quoted on purpose\nAdvertisement\n";
/// let ignores = Ignores::of_text(text);
/// assert_eq!(ignores.hidden(), [6..52], "the line is not looked at");
///
/// let cleaner = descale::Cleaner::builder().build()?;
/// let finding = &cleaner.scan("Text.\n\nAdvertisement\n")[0];
/// assert_eq!(ignores.reason(finding), None, "it stands elsewhere");
/// # Ok::<(), descale::BuildError>(())
/// ```
#[derive(Debug, Default)]
pub struct Ignores {
    directives: Vec<Directive>,
    hidden: Vec<Range<usize>>,
    misuses: Vec<Misuse>,
}

/// One name in one comment.
#[derive(Debug)]
struct Directive {
    name: String,
    /// The name's place.
    at: Range<usize>,
    /// The stretch of the text it counts for.
    scope: Range<usize>,
    reason: String,
    used: Cell<bool>,
}

/// Something wrong with such a comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misuse {
    /// The word it is about, in bytes of the text.
    pub span: Span,
    /// What is wrong.
    pub kind: MisuseKind,
}

/// What is wrong with a comment.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MisuseKind {
    /// It cannot be understood: what is wrong with it, and how it should be written.
    Syntax(String, String),
    /// A name that means no category, pack, rule or detector, and the nearest that does.
    Unknown(String, Option<String>),
    /// A name that nothing was found of where it counts.
    Unused(String),
}

impl MisuseKind {
    /// What is wrong.
    #[must_use]
    pub fn cause(&self) -> String {
        match self {
            Self::Syntax(cause, _) => cause.clone(),
            Self::Unknown(name, _) => {
                format!("`{name}` is no category, pack, rule or detector")
            }
            Self::Unused(name) => {
                format!("unused ignore comment: nothing of `{name}` is found here")
            }
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn cure(&self) -> String {
        match self {
            Self::Syntax(_, cure) => cure.clone(),
            Self::Unknown(_, Some(near)) => format!("did you mean `{near}`?"),
            Self::Unknown(_, None) => "see `descale patterns list`".to_owned(),
            Self::Unused(_) => "take it out".to_owned(),
        }
    }
}

impl std::fmt::Display for MisuseKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}; {}", self.cause(), self.cure())
    }
}

impl Ignores {
    /// The comments of a plain text.
    #[must_use]
    pub fn of_text(text: &str) -> Self {
        let mut comments = Vec::new();
        for at in memchr::memmem::find_iter(text.as_bytes(), MARK) {
            let line = line_of(text, at);
            let before = text[line.start..at].trim_end();
            let open = before.strip_suffix("<!--").map(str::trim_end);
            let start = line.start + open.unwrap_or(before).len();
            let parts = Parts::of(&text[at..line.end]);
            // Prose may well say "descale: a tool"; only the brackets make it a comment.
            let is_comment = matches!(
                parts,
                Ok(Parts {
                    verb: "ignore" | "off" | "on",
                    ..
                })
            );
            // In the middle of a word it is none either.
            let apart = open.is_some() || before.is_empty() || text[..at].ends_with([' ', '\t']);
            let first = comments
                .last()
                .is_none_or(|(_, range): &(usize, Range<usize>)| range.end <= start);
            if is_comment && apart && first {
                comments.push((at, start..line.end));
            }
        }
        Self::read(text, comments)
    }

    /// The comments of a Markdown or HTML text. `comments` are its comments with their brackets, in bytes of the text.
    #[must_use]
    pub fn of_comments(text: &str, comments: &[Range<usize>]) -> Self {
        let ours = comments.iter().filter_map(|comment| {
            let inner = text.get(comment.clone())?.strip_prefix("<!--")?;
            let blank = inner.len() - inner.trim_start().len();
            inner
                .trim_start()
                .starts_with(MARK)
                .then(|| (comment.start + 4 + blank, comment.clone()))
        });
        Self::read(text, ours.collect())
    }

    /// Reads comments: where the mark stands, and what belongs to it.
    fn read(text: &str, comments: Vec<(usize, Range<usize>)>) -> Self {
        let mut ignores = Self::default();
        let mut open: Vec<Directive> = Vec::new();
        let ranges: Vec<Range<usize>> = comments.iter().map(|(_, range)| range.clone()).collect();
        for (mark, range) in comments {
            let alone = ignores.hide(text, &range);
            let parts = match Parts::of(&text[mark..range.end]) {
                Ok(parts) => parts,
                Err(cause) => {
                    let kind = MisuseKind::Syntax(cause, SHAPE.to_owned());
                    ignores.wrong(mark..mark + MARK.len(), kind);
                    continue;
                }
            };
            if ignores.directives.len() + open.len() + parts.names.len() > DIRECTIVES {
                ignores.wrong(
                    mark..mark + MARK.len(),
                    MisuseKind::Syntax(
                        format!("more than {DIRECTIVES} names in one text; this comment and those after it are not heeded"),
                        "use --skip or a baseline".to_owned(),
                    ),
                );
                break;
            }
            for (offset, name) in parts.names {
                let at = mark + offset..mark + offset + name.len();
                let directive = |scope| Directive {
                    name: name.to_owned(),
                    at: at.clone(),
                    scope,
                    reason: parts.reason.to_owned(),
                    used: Cell::new(false),
                };
                match parts.verb {
                    "ignore" => {
                        let line = if alone {
                            next_line(text, range.end, &ranges)
                        } else {
                            line_of(text, range.start)
                        };
                        ignores.directives.push(directive(line));
                    }
                    "off" => open.push(directive(range.start..text.len())),
                    _ => match open.iter().position(|open| open.name == name) {
                        Some(index) => {
                            let mut closed = open.remove(index);
                            closed.scope.end = range.start;
                            ignores.directives.push(closed);
                        }
                        None => ignores.wrong(
                            at.clone(),
                            MisuseKind::Syntax(
                                format!("`on[{name}]` without an `off[{name}]` before it"),
                                "take it out".to_owned(),
                            ),
                        ),
                    },
                }
            }
        }
        ignores.directives.extend(open);
        ignores
            .directives
            .sort_by_key(|directive| directive.at.start);
        ignores
    }

    /// Hides a comment, with its line if it stands alone on it; answers whether it does.
    fn hide(&mut self, text: &str, range: &Range<usize>) -> bool {
        let before = text[..range.start].trim_end_matches([' ', '\t']);
        let behind = text[range.end..].trim_start_matches([' ', '\t', '\r']);
        let alone = (before.is_empty() || before.ends_with('\n'))
            && (behind.is_empty() || behind.starts_with('\n'));
        let end = text.len() - behind.len();
        self.hidden.push(if alone {
            before.len()..(end + 1).min(text.len())
        } else {
            before.len()..range.end
        });
        alone
    }

    fn wrong(&mut self, at: Range<usize>, kind: MisuseKind) {
        self.misuses.push(Misuse {
            span: Span::new(at.start, at.end),
            kind,
        });
    }

    /// The comments themselves with what belongs to them, in bytes of the text: sorted, disjoint. They are no part of the article.
    #[must_use]
    pub fn hidden(&self) -> &[Range<usize>] {
        &self.hidden
    }

    /// Whether there is no comment at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.hidden.is_empty()
    }

    /// The reason given (which may be empty) for leaving a finding alone, whose spans are bytes of the text; `None` if it is to be reported.
    #[must_use]
    pub fn reason(&self, finding: &Finding) -> Option<&str> {
        let mut reason = None;
        for directive in &self.directives {
            let touches = directive.scope.start < finding.span.end
                && finding.span.start < directive.scope.end;
            if touches && finding.rule.is_named(&directive.name) {
                directive.used.set(true);
                reason = reason.or(Some(directive.reason.as_str()));
            }
        }
        reason
    }

    /// What is wrong with the comments, in the order of the text, once all findings were asked about. `knows` tells whether a name means something,
    /// `looks_for` whether this run looks for it, `nearest` which known name an unknown one is like.
    #[must_use]
    pub fn misuses(
        &self,
        knows: &dyn Fn(&str) -> bool,
        looks_for: &dyn Fn(&str) -> bool,
        nearest: &dyn Fn(&str) -> Option<String>,
    ) -> Vec<Misuse> {
        let mut misuses = self.misuses.clone();
        for directive in &self.directives {
            let name = directive.name.clone();
            let kind = if !knows(&name) {
                let near = nearest(&name);
                MisuseKind::Unknown(name, near)
            } else if !directive.used.get() && looks_for(&name) {
                MisuseKind::Unused(name)
            } else {
                continue;
            };
            misuses.push(Misuse {
                span: Span::new(directive.at.start, directive.at.end),
                kind,
            });
        }
        misuses.sort_by_key(|misuse| misuse.span);
        misuses
    }
}

/// What a comment says.
#[derive(Debug, PartialEq, Eq)]
struct Parts<'t> {
    verb: &'t str,
    /// Each name and its offset from the mark.
    names: Vec<(usize, &'t str)>,
    reason: &'t str,
}

impl<'t> Parts<'t> {
    /// Reads a comment from its mark on.
    fn of(text: &'t str) -> Result<Self, String> {
        let rest = &text[MARK.len()..];
        let (Some(open), Some(close)) = (rest.find('['), rest.find(']')) else {
            return Err("a comment without a rule in square brackets".to_owned());
        };
        let verb = rest[..open].trim();
        if !matches!(verb, "ignore" | "off" | "on") {
            return Err(format!("`{verb}` is nothing a comment can ask for"));
        }
        let list = rest.get(open + 1..close).unwrap_or_default();
        let names: Vec<_> = list
            .split([',', ' ', '\t'])
            .filter(|name| !name.is_empty())
            // All names are slices of `text`, so the distance between them is their offset.
            .map(|name| (name.as_ptr() as usize - text.as_ptr() as usize, name))
            .collect();
        if names.is_empty() {
            return Err("a comment that names no rule".to_owned());
        }
        let reason = rest[close + 1..].trim();
        let reason = reason.strip_suffix("-->").unwrap_or(reason).trim_end();
        let reason = reason.trim_start_matches(['—', '–', '-', ':', ' ', '\t']);
        Ok(Self {
            verb,
            names,
            reason,
        })
    }
}

/// The line of the byte at `at`, without its end.
fn line_of(text: &str, at: usize) -> Range<usize> {
    let bytes = text.as_bytes();
    let start = memchr::memrchr(b'\n', &bytes[..at]).map_or(0, |end| end + 1);
    let end = memchr::memchr(b'\n', &bytes[at..]).map_or(text.len(), |end| at + end);
    start
        ..start
            + text[start..end]
                .trim_end_matches('\r')
                .len()
                .max(at - start)
}

/// The first line behind `at` that is neither blank nor one of the comments.
fn next_line(text: &str, mut at: usize, comments: &[Range<usize>]) -> Range<usize> {
    while let Some(end) = memchr::memchr(b'\n', &text.as_bytes()[at..]) {
        let line = line_of(text, at + end + 1);
        let first = line.start + (text[line.clone()].len() - text[line.clone()].trim_start().len());
        let comment = comments.binary_search_by(|comment| {
            if comment.end <= first {
                std::cmp::Ordering::Less
            } else if comment.start > first {
                std::cmp::Ordering::Greater
            } else {
                std::cmp::Ordering::Equal
            }
        });
        match comment {
            // Another comment on a line of its own; one at a line's end begins further on.
            Ok(index) if comments[index].start <= first => {
                at = comments[index].end.max(at + end + 1)
            }
            _ if text[line.clone()].trim().is_empty() => at += end + 1,
            _ => return line,
        }
    }
    text.len()..text.len()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::model::{Action, Category, RuleInfo, Safety};

    /// A finding of `en/ads/label` on the `nth` "AD" of the text.
    fn finding(text: &str, nth: usize) -> Finding {
        let (start, _) = text.match_indices("AD").nth(nth).unwrap();
        let span = Span::new(start, start + 2);
        Finding {
            rule: Arc::new(RuleInfo {
                name: "en/ads/label".into(),
                version: "1.0.0".into(),
                category: Category::AdMarker,
                why: String::new(),
            }),
            span,
            cut: span,
            place: None,
            safety: Safety::Safe,
            action: Action::Remove,
            kept: None,
            evidence: Vec::new(),
        }
    }

    /// Which of the text's "AD"s are reported, and the complaints.
    fn outcome(text: &str, ignores: &Ignores) -> (Vec<bool>, Vec<String>) {
        let reported = (0..text.matches("AD").count())
            .map(|nth| ignores.reason(&finding(text, nth)).is_none())
            .collect();
        let knows = |name: &str| finding("AD", 0).rule.is_named(name) || name == "de/werbung";
        let looks_for = |name: &str| name != "de/werbung";
        let nearest = |name: &str| (name == "en/adz").then(|| "en/ads".to_owned());
        let misuses = ignores.misuses(&knows, &looks_for, &nearest);
        (
            reported,
            misuses
                .iter()
                .map(|misuse| format!("{}: {}", &text[misuse.span.range()], misuse.kind))
                .collect(),
        )
    }

    #[test]
    fn scopes_in_plain_text() {
        for (text, reported) in [
            ("AD descale: ignore[en/ads]\nAD\n", vec![false, true]),
            (
                "AD\ndescale: ignore[ad-marker] — why\n\nAD\nAD\n",
                vec![true, false, true],
            ),
            (
                "descale: ignore[en/ads/label]\ndescale: ignore[en]\nAD",
                vec![false],
            ),
            (
                "AD\ndescale: off[en/ads]\nAD\n\nAD\ndescale: on[en/ads]\nAD\n",
                vec![true, false, false, true],
            ),
            (
                "AD\r\n<!-- descale: off[en/ads] -->\r\nAD\r\n",
                vec![true, false],
            ),
            ("He used descale: a tool. AD\n", vec![true]),
            ("xdescale: ignore[en/ads] AD\n", vec![true]),
        ] {
            let (got, complaints) = outcome(text, &Ignores::of_text(text));
            assert_eq!(got, reported, "{text}");
            assert!(complaints.is_empty(), "{text}: {complaints:?}");
        }
    }

    #[test]
    fn complaints_name_word_and_cure() {
        for (text, complaint) in [
            (
                "<!-- descale: ignore[en/adz] -->\nAD",
                "en/adz: `en/adz` is no category, pack, rule or detector; did you mean `en/ads`?",
            ),
            (
                "<!-- descale: ignore[foo] -->\nAD",
                "foo: `foo` is no category, pack, rule or detector; see `descale patterns list`",
            ),
            (
                "<!-- descale: ignore[en/ads] -->\nx",
                "en/ads: unused ignore comment: nothing of `en/ads` is found here; take it out",
            ),
            (
                "<!-- descale: on[en/ads] -->\nx",
                "en/ads: `on[en/ads]` without an `off[en/ads]` before it; take it out",
            ),
            (
                "<!-- descale: ignore -->\nx",
                "descale:: a comment without a rule in square brackets; write it as",
            ),
            (
                "<!-- descale: shut[en] -->\nx",
                "descale:: `shut` is nothing a comment can ask for; write it as",
            ),
            (
                "<!-- descale: off[] -->\nx",
                "descale:: a comment that names no rule; write it as",
            ),
        ] {
            let ignores = Ignores::of_comments(
                text,
                std::slice::from_ref(&(0..text.find("-->").unwrap() + 3)),
            );
            let (_, complaints) = outcome(text, &ignores);
            assert!(
                complaints.len() == 1 && complaints[0].starts_with(complaint),
                "{complaints:?}"
            );
        }
        let quiet = "<!-- descale: ignore[de/werbung] — not looked for in this run -->\nx";
        let ignores = Ignores::of_comments(quiet, std::slice::from_ref(&(0..quiet.len() - 2)));
        assert_eq!(outcome(quiet, &ignores).1, [""; 0]);
    }

    #[test]
    fn comments_are_hidden_with_their_line() {
        for (text, seen) in [
            ("a\ndescale: ignore[x] — why\nb\n", "a\nb\n"),
            ("a  descale: ignore[x] — why\nb\n", "a\nb\n"),
            ("a <!-- descale: off[x] -->\r\nb\r\n", "a\r\nb\r\n"),
            ("descale: off[x]", ""),
        ] {
            let ignores = Ignores::of_text(text);
            let mut left = text.to_owned();
            for hidden in ignores.hidden().iter().rev() {
                left.replace_range(hidden.clone(), "");
            }
            assert_eq!(left, seen, "{text}");
        }
    }

    #[test]
    fn reasons_are_read() {
        for (text, reason) in [
            ("AD <!-- descale: ignore[en] — our own -->", "our own"),
            ("AD descale: ignore[en]: our own", "our own"),
            ("AD descale: ignore[en, de/werbung] - our own", "our own"),
            ("AD descale: ignore[en]", ""),
        ] {
            assert_eq!(
                Ignores::of_text(text).reason(&finding(text, 0)),
                Some(reason),
                "{text}"
            );
        }
    }
}
