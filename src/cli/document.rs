//! The bytes of one file or of some lines of it: clean the texts in them, render their share of each report, put the texts back.

use descale::format::encoding::Encoding;
use descale::format::plain::{self, Masked};
use descale::format::record::Records;
use descale::format::{InputFormat, lang};
use descale::ledger::{Facts, Name, lines, record};
use descale::lint::MisuseKind;
use descale::report::{LineIndex, Origin, Record, Report, Subject, Summary};
use descale::{Cleaner, Document};

use super::fault::Fault;
use super::feed::Wanted;
use super::form::{Form, Packing};
use super::inputs::Known;
use super::look::{self, Eye, Lint, Looked, Text};
use super::output::Files;
use super::restore::Restorer;
use super::windows::Window;

/// What is done with every document.
#[derive(Clone, Copy)]
pub(crate) enum Task<'a> {
    /// It is cleaned.
    Clean(&'a Cleaner),
    /// It is only looked at.
    Scan(&'a Cleaner),
    /// It gets back what a ledger says was taken.
    Restore(&'a Restorer),
}

/// What is done, with what, and for whom.
pub(crate) struct Work<'a> {
    /// What is done with every document.
    pub(crate) task: Task<'a>,
    /// What is known of all documents.
    pub(crate) known: &'a Known,
    /// Who wants to see the documents.
    pub(crate) reports: Vec<&'a dyn Report>,
    /// Whether the documents' lines of a ledger are wanted.
    pub(crate) ledger: bool,
    /// For the linter: what keeps it quiet, and whether it mends.
    pub(crate) lint: Option<Lint<'a>>,
    /// What the outputs are packed with.
    pub(crate) packing: Packing,
    /// Which sources have an output of their own.
    pub(crate) files: Files,
}

/// Where some bytes begin in their source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// The number of the line, from 1.
    pub(crate) line: usize,
    /// The number of the record, from 1.
    pub(crate) record: usize,
    /// How many bytes stand before them.
    pub(crate) offset: u64,
}

impl Place {
    /// The beginning of a source.
    pub(crate) const START: Self = Self {
        line: 1,
        record: 1,
        offset: 0,
    };

    /// The place behind some records that begin here.
    pub(crate) fn behind(self, records: &dyn Records, bytes: &[u8]) -> Self {
        let line_ends = records.line_ends(bytes);
        let count = if records.are_lines() {
            line_ends
        } else {
            records.count(bytes)
        };
        Self {
            record: self.record + count,
            ..self.step(line_ends, bytes.len() as u64)
        }
    }

    /// The place behind some text that begins here.
    pub(crate) fn behind_lines(self, bytes: &[u8]) -> Self {
        self.step(
            memchr::memchr_iter(b'\n', bytes).count(),
            bytes.len() as u64,
        )
    }

    /// The place so many line ends and bytes behind this one.
    pub(crate) fn step(self, line_ends: usize, bytes: u64) -> Self {
        Self {
            line: self.line + line_ends,
            offset: self.offset + bytes,
            ..self
        }
    }
}

/// Whose bytes they are that are worked on.
pub(crate) struct At<'n> {
    /// The source, as messages name it.
    pub(crate) name: &'n str,
    /// Where they begin in it.
    pub(crate) first: Place,
    /// How its text is written.
    pub(crate) encoding: Encoding,
}

impl<'n> At<'n> {
    /// Bytes of a source of that name and form.
    pub(crate) fn new(name: &'n str, first: Place, form: Form) -> Self {
        Self {
            name,
            first,
            encoding: form.encoding,
        }
    }
}

/// What came of some bytes.
#[derive(Debug, Default)]
pub(crate) struct Done {
    /// The bytes with the texts in them cleaned.
    pub(crate) output: Vec<u8>,
    /// How many bytes were read from the disk.
    pub(crate) read: u64,
    /// Whether they differ from what was read.
    pub(crate) changed: bool,
    /// What each report has to say.
    pub(crate) shares: Vec<Vec<u8>>,
    /// The documents' lines of the ledger.
    pub(crate) ledger: Vec<u8>,
    /// Counts.
    pub(crate) summary: Summary,
    /// How many changes `lint --fix` made.
    pub(crate) fixed: usize,
    /// Records that could not be read; they are in the output as they were.
    pub(crate) faults: Vec<Fault>,
    /// What is odd but was dealt with.
    pub(crate) warnings: Vec<String>,
    /// Whether the bytes could not be read to the end, so that the output must not stand for the file.
    pub(crate) broken: bool,
    /// Whether what was made of the file before is of no use without its end.
    pub(crate) void: bool,
    /// Whether the output is packed already, as its source is.
    pub(crate) packed: bool,
    /// Whether the output is all that comes of its source.
    pub(crate) whole: bool,
}

impl Done {
    /// The same, of so many bytes on the disk.
    pub(crate) fn of(self, read: u64) -> Self {
        Self { read, ..self }
    }
}

impl Work<'_> {
    /// Works on a file that is one text.
    pub(crate) fn text(&self, here: &At<'_>, format: InputFormat, bytes: Vec<u8>) -> Done {
        let mut done = self.nothing();
        let masked = Masked::new(&bytes);
        let text = Text {
            document: Document {
                text: &masked.text,
                site: self.known.site.as_deref(),
                title: self.known.title.as_deref(),
                lang: self.known.lang.as_deref(),
            },
            bytes: &bytes,
            masked: &masked,
            format,
            is_record: false,
            encoding: here.encoding,
        };
        let document = Name::text(here.name);
        let looked = self.look(&text, &document, &mut done);
        let origin = Origin::file(here.name);
        self.report(&text, origin, &looked, (&document, &[]), &mut done);
        if looked.edits.is_empty() {
            drop(masked);
            done.output = bytes;
            return done;
        }
        done.changed = true;
        done.output.reserve(bytes.len());
        plain::splice(&bytes, looked.changes(), &mut done.output);
        done
    }

    /// Passes bytes through, and says why at the first of them.
    pub(crate) fn passed(&self, bytes: Vec<u8>, fault: Option<Fault>) -> Done {
        Done {
            output: bytes,
            faults: fault.into_iter().collect(),
            ..self.nothing()
        }
    }

    /// Works on a part of a text that is too large to be held.
    pub(crate) fn window(&self, here: &At<'_>, window: Window) -> Done {
        let Window { bytes, own, .. } = window;
        let mut done = self.nothing();
        if let Some(most) = self.known.max_doc_bytes
            && here.first.offset + own.len() as u64 > most
        {
            // Said once, where the limit stands.
            if here.first.offset <= most {
                let cause =
                    format!("a text of more than {most} bytes, which --max-doc-bytes allows");
                let cure = "raise the limit, or cut the file into its articles";
                let fault = Fault::new(here.name, cause, cure).at(
                    here.first.line,
                    None,
                    Some(here.first.offset),
                );
                done.faults
                    .push(fault.passed_through("the rest is passed through unchanged"));
            }
            done.output.extend_from_slice(&bytes[own]);
            return done;
        }
        let masked = Masked::new(&bytes);
        let text = Text {
            document: Document {
                text: &masked.text,
                site: self.known.site.as_deref(),
                title: self.known.title.as_deref(),
                lang: self.known.lang.as_deref(),
            },
            bytes: &bytes,
            masked: &masked,
            format: InputFormat::Text,
            is_record: false,
            encoding: here.encoding,
        };
        let document = Name::text(here.name);
        let mut looked = self.look(&text, &document, &mut done);
        looked.keep_own(&own);
        let bytes = &bytes[own.clone()];
        let masked = Masked::new(bytes);
        let part = Text {
            document: Document {
                text: &masked.text,
                ..text.document
            },
            bytes,
            masked: &masked,
            ..text
        };
        let number = here.first.offset.to_string();
        let record = Record {
            line: here.first.line,
            field: "part",
            id: Some(&number),
        };
        let origin = Origin::record(here.name, record);
        self.report_as_is(&part, origin, &looked, (&document, &[]), &mut done);
        done.changed = !looked.edits.is_empty();
        plain::splice(bytes, looked.changes(), &mut done.output);
        done
    }

    /// What comes of no bytes.
    pub(crate) fn nothing(&self) -> Done {
        Done {
            shares: self.reports.iter().map(|_| Vec::new()).collect(),
            ..Done::default()
        }
    }

    /// How sources are to be cut. A ledger has one entry for a text, and the linter's comments and baseline are about all of it: then texts are held
    /// whole, however large.
    pub(crate) fn wanted(&self) -> Wanted {
        Wanted {
            packing: self.packing,
            whole_texts: self.ledger
                || self.lint.is_some()
                || matches!(self.task, Task::Restore(_)),
            fields: self.known.fields.clone(),
            charset: self.known.charset,
        }
    }

    /// Looks at a text.
    pub(super) fn look(&self, text: &Text<'_>, name: &Name<'_>, done: &mut Done) -> Looked {
        if let Some(fault) = self.too_large(name, text.bytes.len() as u64) {
            done.faults.push(fault);
            return Looked::default();
        }
        let mut looked = self.look_at(text, name, done);
        // Only a text of another encoding can hold what stands for bytes that mean nothing in it.
        if text.encoding == Encoding::Utf8 {
            return looked;
        }
        let left = looked.keep_writable(text.encoding);
        if left > 0 {
            let changes = if left == 1 {
                "change is"
            } else {
                "changes are"
            };
            done.warnings.push(format!(
                "{}: {left} {changes} left out, because {} has no letter for what would come in",
                name.key(),
                text.encoding
            ));
        }
        looked
    }

    /// What is to be said of a text that is too large for this run.
    fn too_large(&self, name: &Name<'_>, bytes: u64) -> Option<Fault> {
        let most = self.known.max_doc_bytes.filter(|most| bytes > *most)?;
        if matches!(self.task, Task::Restore(_)) {
            return None;
        }
        let cause = format!("a text of {bytes} bytes, and --max-doc-bytes allows {most}");
        let cure = "raise the limit, or take out what is no article";
        let fault = Fault::new(name.path, cause, cure)
            .passed_through("the text is passed through unchanged");
        Some(match name.line {
            Some(line) => fault.at(line, None, None),
            None => fault,
        })
    }

    fn look_at(&self, text: &Text<'_>, name: &Name<'_>, done: &mut Done) -> Looked {
        let (cleaner, edits) = match self.task {
            Task::Clean(cleaner) => (cleaner, true),
            Task::Scan(cleaner) => (cleaner, false),
            Task::Restore(restorer) => return restore(restorer, text, name, done),
        };
        let eye = self.eye(cleaner);
        let lang = text.document.lang.and_then(lang::of_code);
        let looked = look::look(&eye, &text.in_language(lang.as_deref()), edits);
        // To find out a language takes longer than to look at a text, so it is done only where the answer matters.
        let differs = |lang: &str| {
            let mut findings = looked.findings.iter();
            findings.any(|finding| !cleaner.fits_language(finding, lang))
        };
        if !self.known.detect_lang || lang.is_some() || !differs("und") {
            return looked;
        }
        match lang::detect(text.document.text) {
            Some(lang) if differs(&lang) => look::look(&eye, &text.in_language(Some(&lang)), edits),
            _ => looked,
        }
    }

    fn eye<'e>(&'e self, cleaner: &'e Cleaner) -> Eye<'e> {
        Eye {
            cleaner,
            lint: self.lint,
            only: None,
        }
    }

    /// Shows a text as it was, or as it is after `lint --fix`. With its name goes how the file spells what the edits take.
    pub(super) fn report(
        &self,
        text: &Text<'_>,
        origin: Origin<'_>,
        looked: &Looked,
        ledger: (&Name<'_>, &[Option<&str>]),
        done: &mut Done,
    ) {
        let Task::Clean(cleaner) = self.task else {
            return self.report_as_is(text, origin, looked, ledger, done);
        };
        if !self.lint.is_some_and(|lint| lint.fix) {
            return self.report_as_is(text, origin, looked, ledger, done);
        }
        done.fixed += looked.edits.len();
        let mut bytes = Vec::new();
        plain::splice(text.bytes, looked.changes(), &mut bytes);
        let masked = Masked::new(&bytes);
        let after = Text {
            document: Document {
                text: &masked.text,
                ..text.document
            },
            bytes: &bytes,
            masked: &masked,
            ..*text
        };
        let remains = look::look(&self.eye(cleaner), &after, false);
        self.report_as_is(&after, origin, &remains, ledger, done);
    }

    /// Says what is odd about a text, and shows what was found.
    fn report_as_is(
        &self,
        text: &Text<'_>,
        origin: Origin<'_>,
        looked: &Looked,
        ledger: (&Name<'_>, &[Option<&str>]),
        done: &mut Done,
    ) {
        if let Some((count, first)) = text.masked.invalid() {
            let places = format!(
                "in {count} place{}, the first at byte {first}",
                if count == 1 { "" } else { "s" }
            );
            let outcome = "these bytes are left as they are, and nothing beside them is changed";
            if text.encoding == Encoding::Utf8 {
                let warning = format!("{origin}: not UTF-8 {places}; {outcome}");
                done.warnings.push(warning);
            } else {
                let cause = format!(
                    "{places} of the text as UTF-8, the bytes mean nothing in {} or would not come back the same",
                    text.encoding
                );
                let fault = Fault::new(
                    origin.path,
                    cause,
                    "name the right encoding with --encoding",
                );
                done.faults.push(fault.passed_through(outcome));
            }
        }
        if !looked.misuses.is_empty() {
            complain(text, origin, looked, done);
        }
        self.show(
            Subject::new(origin, text.document.text, &looked.findings, &looked.edits)
                .with_suppressed(&looked.suppressed),
            text.bytes,
            ledger,
            done,
        );
    }

    /// Counts a document, and adds its share to each report and to the ledger. `bytes` is the text with what is not UTF-8 as it came, `raw` how the
    /// file spells what edits take.
    fn show(
        &self,
        subject: Subject<'_>,
        bytes: &[u8],
        (name, raw): (&Name<'_>, &[Option<&str>]),
        done: &mut Done,
    ) {
        if self.ledger {
            let facts = Facts {
                bytes,
                raw,
                ..Facts::new(subject.original, subject.findings, subject.edits)
            };
            lines(&record(name, &facts), &mut done.ledger);
        }
        done.summary.add(&subject);
        let mut share = Vec::new();
        for (report, shares) in self.reports.iter().zip(&mut done.shares) {
            share.clear();
            // A vector takes every byte, so there is no error to see here.
            let _ = report.document(&subject, &mut share);
            if share.is_empty() {
                continue;
            }
            if !shares.is_empty() {
                let _ = report.between(shares);
            }
            shares.extend_from_slice(&share);
        }
    }
}

/// Brings a text back.
fn restore(restorer: &Restorer, text: &Text<'_>, name: &Name<'_>, done: &mut Done) -> Looked {
    match restorer.restore(name, text.document.text, text.bytes) {
        Ok(back) => Looked {
            edits: back.edits,
            raw: back.raw,
            ..Looked::default()
        },
        Err(fault) => {
            done.faults.extend(fault.map(|fault| *fault));
            done.broken = true;
            Looked::default()
        }
    }
}

/// Says what is wrong with a text's comments for the linter.
fn complain(text: &Text<'_>, origin: Origin<'_>, looked: &Looked, done: &mut Done) {
    let lines = LineIndex::new(text.document.text);
    for misuse in &looked.misuses {
        let at = lines.position(misuse.span.start);
        if let MisuseKind::Unused(_) = misuse.kind {
            let place = format!("{origin}:{}:{}", at.line, at.column);
            done.warnings.push(format!("{place}: {}", misuse.kind));
            continue;
        }
        let column = misuse.span.start - lines.start(at.line) + 1;
        let fault = Fault::new(origin.path, misuse.kind.cause(), misuse.kind.cure());
        let offset = misuse.span.start as u64;
        done.faults
            .push(fault.at(at.line, Some(column), Some(offset)));
    }
}
