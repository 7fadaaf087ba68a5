//! `descale remap`: spans of others, carried across a cleaning.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum};
use descale::Span;
use descale::ledger::{Carried, Name, SpanMap, Stamp, Unit};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::atomic::AtomicFile;
use super::console::Console;
use super::exit::Exit;
use super::fault::Fault;
use super::inputs::cause;
use super::restore::{Entry, Index};
use super::undo::LedgerArgs;

/// So many lost spans are named on the standard error; the rest is counted.
const LOST_SHOWN: usize = 20;

const EXAMPLES: &str = "\
Examples:
  descale remap spans.jsonl --ledger ledger.jsonl > moved.jsonl
  descale remap spans.jsonl --ledger ledger.jsonl --unit char --lost lost.jsonl
  descale remap moved.jsonl --ledger ledger.jsonl --to original

A span is a line such as {\"doc\": \"a1\", \"start\": 3, \"end\": 9, \"label\": \"PERSON\"}. `doc` is what the ledger calls the document: its id, or
`FILE`, or `FILE:LINE:FIELD`. Where several documents share an id, `path`, `line`, `field` or `text` in the span tell them apart. Everything else in
the line stays as it is.

A span that no edit touches keeps its text, and carried back it is what it was. One that an edit reaches into comes out with \"touched\": true.
One that fell into a cut has no place on the other side: it is named on the standard error, or goes to --lost as it came.

Exit codes: 0 done, also when spans fell into cuts; 2 a line could not be read or names no document.";

/// Carry spans, such as labels and citations, from the original texts to the cleaned ones, or back
///
/// Reads JSON Lines with `doc`, `start` and `end`. Needs the ledger that `clean --ledger` wrote, and no text.
#[derive(Args, Debug)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct RemapArgs {
    /// The spans, or `-` for the standard input
    spans: PathBuf,
    #[command(flatten)]
    ledger: LedgerArgs,
    /// Where to
    #[arg(long, value_name = "SIDE", value_enum, default_value = "cleaned")]
    to: Side,
    /// What `start` and `end` count
    #[arg(long, value_name = "UNIT", value_parser = unit(), default_value = Unit::Byte.name())]
    unit: Unit,
    /// Write the spans to a file
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Write the lines that could not be carried to a file, each with the reason as `lost`
    #[arg(long, value_name = "FILE")]
    lost: Option<PathBuf>,
}

/// A side of a cleaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Side {
    /// From the original texts to the cleaned ones.
    Cleaned,
    /// From the cleaned texts to the original ones.
    Original,
}

fn unit() -> impl TypedValueParser<Value = Unit> {
    PossibleValuesParser::new(Unit::ALL.iter().map(|unit| unit.name()))
        .map(|name| Unit::parse(&name).unwrap_or_default())
}

/// Runs the subcommand.
pub(crate) fn run(args: &RemapArgs, console: &Console) -> Result<Exit> {
    let index = Index::open(&args.ledger.ledger, args.ledger.trust())?;
    let name = if args.spans.as_os_str() == "-" {
        "<stdin>".to_owned()
    } else {
        args.spans.display().to_string()
    };
    let mut input: Box<dyn BufRead> = if args.spans.as_os_str() == "-" {
        Box::new(io::stdin().lock())
    } else {
        let file = File::open(&args.spans).map_err(|error| anyhow!("{name}: {}", cause(&error)))?;
        Box::new(BufReader::new(file))
    };
    let mut out = Target::open(args.output.as_deref(), console)?;
    let mut lost = args
        .lost
        .as_deref()
        .map(|path| Target::open(Some(path), console))
        .transpose()?;
    let mut carrier = Carrier {
        documents: Documents::of(&index),
        index: &index,
        unit: args.unit,
        to: args.to,
        last: None,
    };

    let mut counts = Counts::default();
    let (mut line, mut number) = (Vec::new(), 0);
    loop {
        line.clear();
        if input
            .read_until(b'\n', &mut line)
            .map_err(|error| anyhow!("{name}: {}", cause(&error)))?
            == 0
        {
            break;
        }
        number += 1;
        let body = line.strip_suffix(b"\n").unwrap_or(&line);
        let body = body.strip_suffix(b"\r").unwrap_or(body);
        if body.trim_ascii().is_empty() {
            continue;
        }
        let end = &line[body.len()..];
        let outcome = match carrier.carry(body) {
            Ok((span, Carried::Whole(place))) => Ok(span.moved(place, false)),
            Ok((span, Carried::Part(place))) => {
                counts.touched += 1;
                Ok(span.moved(place, true))
            }
            Ok((span, Carried::Gone(_))) => {
                counts.gone += 1;
                if lost.is_none() && counts.gone <= LOST_SHOWN {
                    console.warning(&format!("{name}:{number}: {}", span.gone(args.to)));
                }
                Err(span.lost("cut"))
            }
            Err(Wrong {
                cause,
                cure,
                marked,
            }) => {
                console.fault(&Fault::new(&name, cause, cure).at(number, None, None));
                Err(marked.unwrap_or_else(|| body.to_vec()))
            }
        };
        counts.carried += usize::from(outcome.is_ok());
        match (outcome, &mut lost) {
            (Ok(moved), _) => out.line(&moved, end)?,
            (Err(line), Some(lost)) => lost.line(&line, end)?,
            (Err(_), None) => {}
        }
    }
    out.finish()?;
    if let Some(lost) = lost {
        lost.finish()?;
    }
    counts.say(args, console);
    Ok(if console.faults() > 0 {
        Exit::Failed
    } else {
        Exit::Success
    })
}

/// How many spans became what.
#[derive(Default)]
struct Counts {
    carried: usize,
    touched: usize,
    gone: usize,
}

impl Counts {
    fn say(&self, args: &RemapArgs, console: &Console) {
        if console.is_quiet() {
            return;
        }
        let plural = if self.carried == 1 { "" } else { "s" };
        let mut words = format!("{} span{plural} carried", self.carried);
        if self.touched > 0 {
            words += &format!(", {} of them touched by an edit", self.touched);
        }
        if self.gone > 0 {
            words += &format!("; {} fell into a cut", self.gone);
            match &args.lost {
                Some(path) => words += &format!(", listed in {}", path.display()),
                None if self.gone > LOST_SHOWN => words += "; --lost FILE lists them all",
                None => {}
            }
        }
        console.raw(&format!("{words}\n"));
    }
}

/// Where lines go.
enum Target {
    Stdout(BufWriter<io::Stdout>),
    File(PathBuf, AtomicFile),
}

impl Target {
    fn open(path: Option<&Path>, console: &Console) -> Result<Self> {
        Ok(match path {
            Some(path) if path.as_os_str() != "-" => {
                let file = AtomicFile::create(path)
                    .map_err(|error| anyhow!("{}: {}", path.display(), cause(&error)))?;
                Self::File(path.to_path_buf(), file)
            }
            _ => Self::Stdout(console.out()),
        })
    }

    fn line(&mut self, line: &[u8], end: &[u8]) -> Result<()> {
        let end = if end.is_empty() { b"\n" } else { end };
        match self {
            Self::Stdout(out) => out
                .write_all(line)
                .and_then(|()| out.write_all(end))
                .context("standard output"),
            Self::File(path, file) => file
                .write_all(line)
                .and_then(|()| file.write_all(end))
                .with_context(|| path.display().to_string()),
        }
    }

    fn finish(self) -> Result<()> {
        match self {
            Self::Stdout(mut out) => out.flush().context("standard output"),
            Self::File(path, file) => file
                .commit()
                .map_err(|error| anyhow!("{}: {}", path.display(), cause(&error))),
        }
    }
}

/// A span's line, as far as it matters here.
#[derive(Deserialize)]
struct Shape<'l> {
    #[serde(borrow)]
    doc: &'l RawValue,
    #[serde(borrow)]
    start: &'l RawValue,
    #[serde(borrow)]
    end: &'l RawValue,
    #[serde(borrow)]
    path: Option<Cow<'l, str>>,
    line: Option<usize>,
    #[serde(borrow)]
    field: Option<Cow<'l, str>>,
    text: Option<usize>,
    #[serde(borrow)]
    touched: Option<&'l RawValue>,
    #[serde(borrow)]
    lost: Option<&'l RawValue>,
}

/// A span and the line it stands in.
struct SpanLine<'l> {
    line: &'l str,
    shape: Shape<'l>,
    doc: Cow<'l, str>,
    span: Span,
}

/// Why a line cannot be carried.
struct Wrong {
    cause: String,
    cure: &'static str,
    /// The line with the reason, if it could be read.
    marked: Option<Vec<u8>>,
}

impl Wrong {
    fn new(cause: impl Into<String>, cure: &'static str) -> Self {
        Self {
            cause: cause.into(),
            cure,
            marked: None,
        }
    }
}

impl<'l> SpanLine<'l> {
    fn read(line: &'l [u8]) -> Result<Self, Wrong> {
        let form = "write a span as {\"doc\": \"a1\", \"start\": 3, \"end\": 9}";
        let line = std::str::from_utf8(line).map_err(|error| {
            Wrong::new(format!("not UTF-8: {error}"), "write the spans as UTF-8")
        })?;
        let shape: Shape<'l> = serde_json::from_str(line).map_err(|error| {
            let full = error.to_string();
            let cause = full.split(" at line 1 ").next().unwrap_or(&full).to_owned();
            Wrong::new(cause, form)
        })?;
        let doc = match shape.doc.get() {
            number if number.starts_with(|c: char| c == '-' || c.is_ascii_digit()) => {
                Cow::Borrowed(number)
            }
            other => serde_json::from_str(other)
                .map_err(|_| Wrong::new("`doc` is neither text nor a number", form))?,
        };
        let number = |raw: &RawValue, what: &str| {
            raw.get().parse::<usize>().map_err(|_| {
                Wrong::new(
                    format!("`{what}` is {}, and must be a number from 0", raw.get()),
                    form,
                )
            })
        };
        let (start, end) = (number(shape.start, "start")?, number(shape.end, "end")?);
        if start > end {
            return Err(Wrong::new(
                format!("the span ends ({end}) before it starts ({start})"),
                form,
            ));
        }
        Ok(Self {
            line,
            shape,
            doc,
            span: Span { start, end },
        })
    }

    /// The line with new places.
    fn moved(&self, to: Span, touched: bool) -> Vec<u8> {
        let mut changes = vec![
            (self.shape.start, to.start.to_string()),
            (self.shape.end, to.end.to_string()),
        ];
        match self.shape.touched {
            Some(raw) if touched => changes.push((raw, "true".to_owned())),
            _ => {}
        }
        let added = (touched && self.shape.touched.is_none()).then_some("\"touched\":true");
        self.with(changes, added)
    }

    /// The line as it came, with the reason.
    fn lost(&self, why: &str) -> Vec<u8> {
        match self.shape.lost {
            Some(raw) => self.with(vec![(raw, format!("\"{why}\""))], None),
            None => self.with(Vec::new(), Some(&format!("\"lost\":\"{why}\""))),
        }
    }

    /// The line with some values replaced and a field behind the last one. All else stays.
    fn with(&self, mut changes: Vec<(&RawValue, String)>, added: Option<&str>) -> Vec<u8> {
        let place = |raw: &RawValue| raw.get().as_ptr() as usize - self.line.as_ptr() as usize;
        changes.sort_by_key(|(raw, _)| place(raw));
        let (mut out, mut at) = (String::with_capacity(self.line.len() + 24), 0);
        for (raw, new) in changes {
            out += &self.line[at..place(raw)];
            out += &new;
            at = place(raw) + raw.get().len();
        }
        out += &self.line[at..];
        if let Some(added) = added
            && let Some(close) = out.rfind('}')
        {
            let content = out[..close].trim_end().len();
            out.insert_str(content, &format!(",{added}"));
        }
        out.into_bytes()
    }

    fn gone(&self, to: Side) -> String {
        let Span { start, end } = self.span;
        let what = match to {
            Side::Cleaned => "fell into a cut",
            Side::Original => "holds only what `clean` put in",
        };
        format!("document {}: the span {start}..{end} {what}", self.doc)
    }
}

/// The documents of a ledger by name: each by what the ledger calls it, and by its place.
struct Documents<'i> {
    entries: Vec<&'i Entry>,
    /// Hash of a name to places in `entries`.
    names: HashMap<u64, Vec<u32>>,
}

impl<'i> Documents<'i> {
    fn of(index: &'i Index) -> Self {
        let mut documents = Self {
            entries: Vec::new(),
            names: HashMap::new(),
        };
        for entry in index.files.values().flatten() {
            let place = documents.entries.len() as u32;
            documents.entries.push(entry);
            let own = hash(&entry.doc.doc);
            let long = hash(&place_of(entry));
            documents.names.entry(own).or_default().push(place);
            if long != own {
                documents.names.entry(long).or_default().push(place);
            }
        }
        documents
    }

    /// The document a span means.
    fn find(&self, span: &SpanLine<'_>) -> Result<&'i Entry, Wrong> {
        let places = self
            .names
            .get(&hash(&span.doc))
            .map_or(&[][..], Vec::as_slice);
        let Shape {
            path,
            line,
            field,
            text,
            ..
        } = &span.shape;
        let mut found = places
            .iter()
            .map(|place| self.entries[*place as usize])
            .filter(|entry| {
                let doc = &entry.doc;
                (doc.doc == span.doc || place_of(entry) == span.doc)
                    && path.as_ref().is_none_or(|path| *path == doc.path)
                    && line.is_none_or(|line| Some(line) == doc.line)
                    && field
                        .as_ref()
                        .is_none_or(|field| Some(field) == doc.field.as_ref())
                    && text.is_none_or(|text| Some(text) == doc.text)
            });
        let lost = |why: &str, cause: String, cure| Wrong {
            cause,
            cure,
            marked: Some(span.lost(why)),
        };
        let first = found.next().ok_or_else(|| {
            let cause = format!("the ledger knows no document {:?}", span.doc);
            lost(
                "unknown",
                cause,
                "name it as the `doc` lines of the ledger do",
            )
        })?;
        match found.count() {
            0 => Ok(first),
            more => {
                let cause = format!("{} documents are called {:?}", more + 1, span.doc);
                Err(lost(
                    "ambiguous",
                    cause,
                    "add `path`, `line`, `field` or `text` to the span, as the `doc` lines of the ledger have them",
                ))
            }
        }
    }
}

/// `FILE:LINE:FIELD`, whether or not the document has an id.
fn place_of(entry: &Entry) -> Cow<'_, str> {
    let doc = &entry.doc;
    let name = Name {
        line: doc.line,
        field: doc.field.as_deref(),
        text: doc.text,
        ..Name::text(&doc.path)
    };
    name.key()
}

fn hash(name: &str) -> u64 {
    Stamp::of(name.as_bytes()).hash
}

/// Carries one span after the other. Spans of one document mostly stand together, so the last map is kept.
struct Carrier<'i> {
    documents: Documents<'i>,
    index: &'i Index,
    unit: Unit,
    to: Side,
    last: Option<(&'i Entry, SpanMap)>,
}

impl<'i> Carrier<'i> {
    fn carry<'l>(&mut self, line: &'l [u8]) -> Result<(SpanLine<'l>, Carried), Wrong> {
        let span = SpanLine::read(line)?;
        let entry = self.documents.find(&span)?;
        let side = match self.to {
            Side::Cleaned => entry.doc.r#in,
            Side::Original => entry.doc.after(),
        };
        // No unit is smaller than a byte.
        if span.span.end > side.bytes {
            let cause = format!(
                "document {}: the span ends at {}, and the text has {} bytes",
                span.doc, span.span.end, side.bytes
            );
            let marked = Some(span.lost("outside"));
            return Err(Wrong {
                cause,
                cure: "check --unit and --to",
                marked,
            });
        }
        let to = self.to;
        let map = self.map(entry).map_err(|error| {
            Wrong::new(format!("{error:#}"), "take the ledger as `clean` wrote it")
        })?;
        let carried = match to {
            Side::Cleaned => map.to_cleaned(span.span),
            Side::Original => map.to_original(span.span),
        };
        Ok((span, carried))
    }

    fn map(&mut self, entry: &'i Entry) -> Result<&SpanMap> {
        let map = match self.last.take() {
            Some((last, map)) if std::ptr::eq(last, entry) => map,
            _ => SpanMap::of_changes(&self.index.changes(entry)?, self.unit),
        };
        Ok(&self.last.insert((entry, map)).1)
    }
}
