//! One look at one text: what of it is seen, what was found, what is not to be reported, and what is changed.

use std::ops::Range;

use descale::format::InputFormat;
use descale::format::encoding::Encoding;
use descale::format::markdown::{Markdown, leaves_husk};
use descale::format::plain::Masked;
use descale::format::view::{Mark, View};
use descale::lint::{Baseline, Ignores, Misuse};
use descale::report::{Suppressed, Suppression};
use descale::{Carrier, Cleaner, Document, Edit, Finding, Kept, Span, carry, take_out};

/// What looks at a text.
pub(crate) struct Eye<'a> {
    /// What finds and cleans.
    pub(crate) cleaner: &'a Cleaner,
    /// For the linter: what keeps it quiet.
    pub(crate) lint: Option<Lint<'a>>,
    /// What may be acted on, with spans in bytes of the text; everything without it.
    pub(crate) only: Option<&'a dyn Fn(&Finding) -> bool>,
}

/// What the linter does that `clean` does not.
#[derive(Clone, Copy)]
pub(crate) struct Lint<'a> {
    /// Findings that do not count.
    pub(crate) baseline: Option<&'a Baseline>,
    /// Whether texts are mended, and what remains is shown.
    pub(crate) fix: bool,
}

/// A text to look at.
#[derive(Clone, Copy)]
pub(crate) struct Text<'a> {
    /// The text, with what is known about it.
    pub(crate) document: Document<'a>,
    /// Its bytes as they came, with what is not UTF-8.
    pub(crate) bytes: &'a [u8],
    /// Which of them are not UTF-8.
    pub(crate) masked: &'a Masked<'a>,
    /// What it is written in.
    pub(crate) format: InputFormat,
    /// Whether it is a field of a record. Data has no comments for the linter.
    pub(crate) is_record: bool,
    /// What it is written back in. Here it is UTF-8 all the same.
    pub(crate) encoding: Encoding,
}

impl<'a> Text<'a> {
    /// The same text with what is known of its language.
    pub(crate) fn in_language<'l>(&self, lang: Option<&'l str>) -> Text<'l>
    where
        'a: 'l,
    {
        Text {
            document: Document {
                lang,
                ..self.document
            },
            ..*self
        }
    }
}

/// What was found in a text and what is changed.
#[derive(Default)]
pub(crate) struct Looked {
    /// The findings to report.
    pub(crate) findings: Vec<Finding>,
    /// The changes.
    pub(crate) edits: Vec<Edit>,
    /// The findings that are not to be reported.
    pub(crate) suppressed: Vec<Suppressed>,
    /// What is wrong with the text's comments for the linter.
    pub(crate) misuses: Vec<Misuse>,
    /// How the file spelled what the edits bring back, where that is not the plain spelling.
    pub(crate) raw: Vec<Option<String>>,
}

impl Looked {
    /// The changes as formats take them.
    pub(crate) fn changes(&self) -> impl Iterator<Item = (Range<usize>, &str)> {
        self.edits
            .iter()
            .map(|edit| (edit.span.range(), edit.replacement.as_str()))
    }

    /// Leaves out changes that bring in what an encoding cannot write; answers how many.
    pub(crate) fn keep_writable(&mut self, encoding: Encoding) -> usize {
        let mut sound = vec![true; self.findings.len()];
        let before = self.edits.len();
        self.edits.retain(|edit| {
            let is_writable = encoding.can_write(&edit.replacement);
            for &index in edit.findings.iter().filter(|_| !is_writable) {
                sound[index] = false;
            }
            is_writable
        });
        let left = before - self.edits.len();
        if left > 0 {
            self.keep_sound(sound);
        }
        left
    }

    /// Takes out the findings that are not sound.
    fn keep_sound(&mut self, sound: Vec<bool>) {
        let mut sound = sound.into_iter();
        let _ = take_out(&mut self.findings, &mut self.edits, |_| {
            !sound.next().unwrap_or(true)
        });
    }

    /// Leaves out what does not lie in a part of the text, and counts from the part's beginning.
    pub(crate) fn keep_own(&mut self, own: &Range<usize>) {
        let inside = |range: Range<usize>| own.start <= range.start && range.end <= own.end;
        let mut sound: Vec<bool> = self
            .findings
            .iter()
            .map(|finding| inside(finding.span.range()) && inside(finding.cut.range()))
            .collect();
        // What an edit does is done as a whole or not at all.
        self.edits.retain(|edit| {
            let is_sound =
                inside(edit.span.range()) && edit.findings.iter().all(|&index| sound[index]);
            for &index in edit.findings.iter().filter(|_| !is_sound) {
                sound[index] = false;
            }
            is_sound
        });
        self.keep_sound(sound);
        let moved = |span: Span| Span::new(span.start - own.start, span.end - own.start);
        for edit in &mut self.edits {
            edit.span = moved(edit.span);
        }
        for finding in &mut self.findings {
            finding.evidence.retain(|span| inside(span.range()));
            finding.span = moved(finding.span);
            finding.cut = moved(finding.cut);
            for span in &mut finding.evidence {
                *span = moved(*span);
            }
        }
    }
}

/// Looks at a text, and changes it if `edits`.
pub(crate) fn look(eye: &Eye<'_>, text: &Text<'_>, edits: bool) -> Looked {
    // Most records by far are of this kind, and of small ones there are millions.
    let is_data = text.is_record && text.format == InputFormat::Text;
    if is_data && eye.lint.is_none() && eye.only.is_none() && text.masked.is_valid() {
        return whole(eye.cleaner, text.document, edits);
    }
    let (ignores, view) = view(text, eye.lint.is_some());
    let baseline = eye.lint.and_then(|lint| lint.baseline);
    if view.is_plain() && text.masked.is_valid() && baseline.is_none() && eye.only.is_none() {
        return whole(eye.cleaner, text.document, edits);
    }
    let source = text.document.text;
    let document = Document {
        text: view.text(),
        ..text.document
    };
    let seen = Seen {
        view: &view,
        masked: text.masked,
    };
    let quiet = |finding: &Finding| {
        let comment = ignores.reason(finding).map(|reason| {
            let reason = (!reason.is_empty()).then(|| reason.to_owned());
            (Suppression::Comment, reason)
        });
        // The baseline is always asked: an entry that a comment makes needless is not stale.
        let known = baseline.is_some_and(|baseline| baseline.has(source, finding));
        comment.or(known.then_some((Suppression::Baseline, None)))
    };
    let may_act = |finding: &Finding| {
        let place = seen.cut(finding.cut.range());
        let leaves_husk =
            |place| text.format == InputFormat::Markdown && leaves_husk(source, place);
        let sound = seen.seen(finding.span.range()).is_some()
            && place.is_some_and(|place| !leaves_husk(place))
            && (finding.evidence.iter()).all(|span| seen.seen(span.range()).is_some());
        if !sound || (ignores.is_empty() && baseline.is_none() && eye.only.is_none()) {
            return sound;
        }
        let mut carried = vec![finding.clone()];
        carry(&mut carried, &mut Vec::new(), &seen);
        carried.first().is_some_and(|carried| {
            quiet(carried).is_none() && eye.only.is_none_or(|only| only(carried))
        })
    };
    // Whether an edit would break markup is known when it is made. Without markup a scan says the same for less.
    let mut looked = if edits || text.format == InputFormat::Markdown {
        let cleaned = eye.cleaner.clean_document_if(document, &may_act);
        Looked {
            findings: cleaned.findings,
            edits: cleaned.edits,
            ..Looked::default()
        }
    } else {
        Looked {
            findings: eye.cleaner.scan_document_if(document, &may_act),
            ..Looked::default()
        }
    };
    carry(&mut looked.findings, &mut looked.edits, &seen);
    if !edits {
        looked.edits.clear();
    }
    let refused = |finding: &Finding| {
        matches!(finding.kept, Some(Kept::Suppressed | Kept::Markup)) && quiet(finding).is_some()
    };
    let out = take_out(&mut looked.findings, &mut looked.edits, refused);
    looked.suppressed = out
        .into_iter()
        .filter_map(|finding| {
            let (by, reason) = quiet(&finding)?;
            Some(Suppressed {
                finding,
                by,
                reason,
            })
        })
        .collect();
    looked.misuses = ignores.misuses(
        &|name| eye.cleaner.knows(name),
        &|name| eye.cleaner.looks_for(name),
        &|name| eye.cleaner.nearest_name(name),
    );
    looked
}

/// Looks at a text of which all is seen.
fn whole(cleaner: &Cleaner, document: Document<'_>, edits: bool) -> Looked {
    if edits {
        let cleaned = cleaner.clean_document(document);
        Looked {
            findings: cleaned.findings,
            edits: cleaned.edits,
            ..Looked::default()
        }
    } else {
        Looked {
            findings: cleaner.scan_document(document),
            ..Looked::default()
        }
    }
}

/// What of a text is looked at, and its comments for the linter if it is the linter that looks.
fn view<'t>(text: &Text<'t>, heed_comments: bool) -> (Ignores, View<'t>) {
    let source = text.document.text;
    let heed_comments = heed_comments && !text.is_record;
    if text.format == InputFormat::Markdown {
        let markdown = Markdown::parse(source);
        let ignores = if heed_comments {
            Ignores::of_comments(source, markdown.comments())
        } else {
            Ignores::default()
        };
        let view = markdown.view(ignores.hidden());
        return (ignores, view);
    }
    if !heed_comments {
        return (Ignores::default(), View::plain(source));
    }
    let ignores = Ignores::of_text(source);
    let hidden = ignores.hidden().iter();
    let view = View::new(
        source,
        hidden.map(|range| (range.clone(), Mark::Hidden)).collect(),
    );
    (ignores, view)
}

/// Leads places of a view back to the text, past bytes that are not UTF-8.
struct Seen<'a, 't> {
    view: &'a View<'t>,
    masked: &'a Masked<'t>,
}

impl Carrier for Seen<'_, '_> {
    fn seen(&self, range: Range<usize>) -> Option<Range<usize>> {
        let place = self.view.seen(range)?;
        (!self.masked.near_invalid(place.clone())).then_some(place)
    }

    fn cut(&self, range: Range<usize>) -> Option<Range<usize>> {
        let place = self.view.whole(range)?;
        (!self.masked.near_invalid(place.clone())).then_some(place)
    }

    fn edit(&self, range: Range<usize>, replacement: &str) -> Option<(Range<usize>, String)> {
        let (place, replacement) = self.view.edit(range, replacement)?;
        (!self.masked.near_invalid(place.clone())).then_some((place, replacement))
    }
}

#[cfg(test)]
mod tests {
    use descale::format::plain;
    use proptest::prelude::*;
    use pulldown_cmark::{Event, Parser, Tag, TagEnd};

    use super::*;

    const MARKER: &str = "Story continues below advertisement";

    fn cleaner() -> &'static Cleaner {
        static CLEANER: std::sync::OnceLock<Cleaner> = std::sync::OnceLock::new();
        CLEANER.get_or_init(|| Cleaner::builder().languages(["en"]).build().unwrap())
    }

    /// A text after one mending.
    fn mended(source: &str, format: InputFormat, lint: bool) -> String {
        let eye = Eye {
            cleaner: cleaner(),
            lint: lint.then_some(Lint {
                baseline: None,
                fix: true,
            }),
            only: None,
        };
        let masked = Masked::valid(source);
        let text = Text {
            document: Document::new(source),
            bytes: source.as_bytes(),
            masked: &masked,
            format,
            is_record: false,
            encoding: Encoding::Utf8,
        };
        let mut bytes = Vec::new();
        plain::splice(
            source.as_bytes(),
            look(&eye, &text, true).changes(),
            &mut bytes,
        );
        String::from_utf8(bytes).unwrap()
    }

    /// The lines of the code of a Markdown text, in order. Blocks that stand side by side once nothing is left between them are one.
    fn code(source: &str) -> Vec<String> {
        let mut found = Vec::new();
        let mut block = None;
        for event in Parser::new(source) {
            match event {
                Event::Start(Tag::CodeBlock(_)) => block = Some(String::new()),
                Event::End(TagEnd::CodeBlock) => found.extend(block.take()),
                Event::Text(text) => {
                    if let Some(block) = &mut block {
                        block.push_str(&text);
                    }
                }
                Event::Code(text) => found.push(text.to_string()),
                _ => {}
            }
        }
        found
            .iter()
            .flat_map(|code| code.lines())
            .filter(|line| !line.is_empty())
            .map(str::to_owned)
            .collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// Whatever blocks a Markdown text is made of: code and comments stay, markers between paragraphs go, and a second mending finds nothing to do.
        #[test]
        fn mending_markdown_keeps_code_and_comments(blocks in prop::collection::vec(prop::sample::select(vec![
            "He left at noon, and nobody saw him go.",
            "Story continues below advertisement",
            "**Story continues below advertisement**",
            "[Story continues below advertisement](#a \"b\")",
            "[He came. Story continues below advertisement](#a) She *left*.",
            "He came.Story continues below advertisement“We” left.",
            "Story&nbsp;continues below advertisement <!-- a note -->",
            "```\nStory continues below advertisement\n```",
            "He stayed.\n\n    Story continues below advertisement",
            "Run `Story continues below advertisement` now.",
            "- One.\n\n  Story continues below advertisement\n\n  Two.",
            "> Story continues below advertisement",
            "<!-- descale: ignore[ad-marker] -->\nStory continues below advertisement",
            "<div title=\"Story continues below advertisement\">\nStory continues below advertisement\n</div>",
            "| a | b |\n| - | - |\n| Story continues below advertisement | c |",
            "# Story continues below advertisement",
        ]), 1..8), lint in any::<bool>()) {
            let source = blocks.join("\n\n") + "\n";
            let once = mended(&source, InputFormat::Markdown, lint);
            prop_assert_eq!(code(&once), code(&source), "{}", once);
            prop_assert_eq!(once.matches("<!-- a note -->").count(), source.matches("<!-- a note -->").count());
            prop_assert!(!once.contains(&format!("\n\n{MARKER}\n\n")) || lint && source.contains("ignore["), "{}", once);
            prop_assert_eq!(mended(&once, InputFormat::Markdown, lint), once);
        }
    }
}
