//! `descale remap`: spans of others, carried across a cleaning.

mod documents;
mod span_line;

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum};
use descale::ledger::{Carried, SpanMap, Unit};

use super::atomic::AtomicFile;
use super::console::Console;
use super::exit::Exit;
use super::fault::Fault;
use super::inputs::cause;
use super::restore::{Entry, Index};
use super::targets;
use super::undo::LedgerArgs;
use documents::Documents;
use span_line::{SpanLine, Wrong};

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
    let named = [
        ("-o", args.output.as_deref()),
        ("--lost", args.lost.as_deref()),
    ];
    let written: Vec<_> = named
        .into_iter()
        .filter_map(|(flag, path)| Some((flag.to_owned(), path?)))
        .filter(|(_, path)| path.as_os_str() != "-")
        .collect();
    targets::spare(&written, [&*args.spans, &*args.ledger.ledger])?;
    targets::distinct(&written, &[])?;
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
