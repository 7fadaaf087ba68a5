//! `descale diff`: what changed between any two texts, files of records or folders.

use std::collections::{BTreeMap, HashMap};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, anyhow, bail};
use clap::Args;
use descale::format::InputFormat;
use descale::format::jsonl::Fields;
use descale::format::record::{self, Record as Texts, RecordError, Records};
use descale::report::{Origin, Record, Report, ReportFormat, Stream, Subject, Summary, compare};

use super::args::{AutoFormat, InputArgs, input_format, report_format};
use super::console::Console;
use super::exit::Exit;
use super::fault::Fault;
use super::form::{self, Charset};
use super::inputs::{self, Source, cause};

/// The formats that show changes.
const FORMATS: &[ReportFormat] = &[
    ReportFormat::Diff,
    ReportFormat::Words,
    ReportFormat::Side,
    ReportFormat::Json,
    ReportFormat::Jsonl,
    ReportFormat::Html,
];

const EXAMPLES: &str = "\
Examples:
  descale diff scraped.txt cleaned.txt --format words
  descale diff scraped/ cleaned/ --format side
  descale diff before.jsonl after.jsonl --field body.text --id-field id
  other-cleaner < article.txt | descale diff article.txt -
  descale diff scraped.txt cleaned.txt --format html > changes.html

Files of two folders are paired by their paths, records of JSON Lines by --id-field, else by their order.

Exit codes: 0 the texts are equal; 1 they differ; 2 one could not be read.";

/// Show what changed between two texts, whoever changed them
#[derive(Args, Debug)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct DiffArgs {
    /// The text before, a folder of texts, or `-` for the standard input
    before: PathBuf,
    /// The text after, a folder of texts, or `-` for the standard input
    after: PathBuf,
    /// How to show the changes
    #[arg(long, value_name = "FORMAT", value_parser = report_format(FORMATS), default_value = "diff", help_heading = "Output")]
    format: ReportFormat,
    /// Exit with 0 also when the texts differ
    #[arg(long, help_heading = "Output")]
    exit_zero: bool,
    /// In folders, only files whose path matches (`*.txt`, `!draft*`); may be given several times
    #[arg(long, value_name = "GLOB", help_heading = "Input")]
    glob: Vec<String>,
    /// What the files are; `auto` goes by the ending, else by the first line
    #[arg(long, value_name = "FORMAT", value_parser = input_format(), default_value = "auto", help_heading = "Input")]
    input_format: AutoFormat,
    /// JSON Lines: the field that holds the text, as a dotted path; may be given several times
    #[arg(
        long,
        value_name = "PATH",
        default_value = "text",
        help_heading = "Input"
    )]
    field: Vec<String>,
    /// JSON Lines: the field that names a record, to pair the two sides by
    #[arg(long, value_name = "PATH", help_heading = "Input")]
    id_field: Option<String>,
}

/// Runs the subcommand.
pub(crate) fn run(args: &DiffArgs, console: &Console) -> Result<Exit> {
    if args.before.as_os_str() == "-" && args.after.as_os_str() == "-" {
        bail!("`-` was named twice; the standard input can be read only once");
    }
    let mut fields = Fields::texts(&args.field);
    if let Some(path) = &args.id_field {
        fields = fields.id(path);
    }
    let report = args.format.report(&console.out_styles());
    let mut sink = console.out();
    let stream = Stream::begin(&*report, &mut sink)?;
    let mut out = Differences {
        report: &*report,
        stream,
        out: sink,
        summary: Summary::default(),
        found: false,
        fields: Arc::new(fields),
        by_id: args.id_field.is_some(),
        console,
    };
    match (args.before.is_dir(), args.after.is_dir()) {
        (true, true) => folders(args, &mut out)?,
        (false, false) => {
            let format = args.input_format.0;
            let (before, after) = (
                Side::read(&args.before, format)?,
                Side::read(&args.after, format)?,
            );
            out.pair(&before, &after)?;
        }
        (folder, _) => {
            let (folder, file) = if folder {
                (&args.before, &args.after)
            } else {
                (&args.after, &args.before)
            };
            bail!(
                "{}: this is a folder, and {} is none; name two files or two folders",
                folder.display(),
                file.display()
            );
        }
    }
    out.stream.end(&out.summary, &mut out.out, None)?;
    out.out.flush()?;
    let found = Exit::found(out.found && !args.exit_zero);
    Ok(if console.faults() > 0 {
        found.and(Exit::Failed)
    } else {
        found
    })
}

/// Pairs the files of two folders by their paths below them.
fn folders(args: &DiffArgs, out: &mut Differences<'_>) -> Result<()> {
    let files = |folder: &Path| -> Result<BTreeMap<PathBuf, Source>> {
        let input = InputArgs {
            paths: vec![folder.to_path_buf()],
            glob: args.glob.clone(),
            input_format: args.input_format,
            ..InputArgs::default()
        };
        let sources = inputs::resolve(&input, &[], out.console)?.sources;
        Ok(sources
            .into_iter()
            .map(|source| (source.below.clone(), source))
            .collect())
    };
    let (before, mut after) = (files(&args.before)?, files(&args.after)?);
    for (below, source) in before {
        let Some(other) = after.remove(&below) else {
            out.alone("before", &source)?;
            continue;
        };
        match (Side::of(&source), Side::of(&other)) {
            (Ok(before), Ok(after)) => out.pair(&before, &after)?,
            (before, after) => {
                for error in [before.err(), after.err()].into_iter().flatten() {
                    out.console.fault(&error);
                }
            }
        }
    }
    for source in after.values() {
        out.alone("after", source)?;
    }
    Ok(())
}

/// What stands for the side that a file is missing on, as in the diffs of git.
const NOWHERE: &str = "/dev/null";

/// One side of a comparison.
struct Side {
    name: String,
    bytes: Vec<u8>,
    format: InputFormat,
}

impl Side {
    /// A file that was named, or the standard input.
    fn read(path: &Path, format: Option<InputFormat>) -> Result<Self> {
        let (name, bytes) = if path.as_os_str() == "-" {
            let bytes = form::read_all(io::stdin(), Charset::ByMark);
            ("<stdin>".to_owned(), bytes)
        } else {
            (
                path.display().to_string(),
                form::read(path, Charset::ByMark),
            )
        };
        let bytes = bytes.map_err(|error| anyhow!("{name}: {}", cause(&error)))?;
        let format = format
            .or_else(|| InputFormat::of_path(path))
            .unwrap_or_else(|| InputFormat::of_content(&bytes));
        Ok(Self {
            name,
            bytes,
            format,
        })
    }

    /// A file of a folder.
    fn of(source: &Source) -> Result<Self, Box<Fault>> {
        let path = source.path.as_deref().unwrap_or(Path::new("-"));
        let bytes = form::read(path, Charset::ByMark)
            .map_err(|error| Box::new(Fault::io(&source.name, &error)))?;
        let format = source
            .format
            .unwrap_or_else(|| InputFormat::of_content(&bytes));
        Ok(Self {
            name: source.name.clone(),
            bytes,
            format,
        })
    }

    /// Its records, each with its line; one that cannot be read is reported.
    fn records<'s>(
        &'s self,
        records: &'s dyn Records,
        console: &Console,
    ) -> Vec<(usize, Texts<'s>)> {
        let fault = |number: usize, error: RecordError| {
            let fault = Fault::new(&self.name, error.message, error.help);
            console.fault(&fault.at(number, Some(error.column), None));
        };
        record::split(records, &self.bytes, (1, 1), true)
            .map(|place| (place.line, &self.bytes[place.range]))
            .filter(|(_, bytes)| !bytes.trim_ascii().is_empty())
            .filter_map(|(line, bytes)| {
                let read = records.read(bytes);
                let record = read.map_err(|error| fault(line, error)).ok()?;
                Some((line, record))
            })
            .collect()
    }
}

/// The differences on their way to the standard output.
struct Differences<'c> {
    report: &'c dyn Report,
    stream: Stream<'c>,
    out: BufWriter<io::Stdout>,
    summary: Summary,
    /// Whether anything differs.
    found: bool,
    fields: Arc<Fields>,
    by_id: bool,
    console: &'c Console,
}

impl Differences<'_> {
    /// Something that stands on one side only.
    fn only(&mut self, side: &str, name: &str) {
        self.found = true;
        self.console.warning(&format!("only {side}: {name}"));
    }

    /// Shows a file that stands on one side only: all of it went, or came.
    fn alone(&mut self, which: &str, source: &Source) -> Result<()> {
        self.only(which, &source.name);
        let side = match Side::of(source) {
            Ok(side) => side,
            Err(error) => {
                self.console.fault(&error);
                return Ok(());
            }
        };
        let nothing = Side {
            name: NOWHERE.to_owned(),
            bytes: Vec::new(),
            format: side.format,
        };
        if which == "before" {
            self.pair(&side, &nothing)
        } else {
            self.pair(&nothing, &side)
        }
    }

    /// Compares two files.
    fn pair(&mut self, before: &Side, after: &Side) -> Result<()> {
        if before.format.has_records() && after.format.has_records() {
            let shape = |side: &Side| {
                let shape = side.format.records(&side.bytes, &self.fields);
                shape.map_err(|error| anyhow!("{}: {error}", side.name))
            };
            if let (Some(old), Some(new)) = (shape(before)?, shape(after)?) {
                return self.records((before, &*old), (after, &*new));
            }
        }
        let (old, new) = (self.text(before), self.text(after));
        if old == new
            && let Some(at) = first_difference(&before.bytes, &after.bytes)
        {
            self.found = true;
            self.console.warning(&format!(
                "{} and {} differ only in bytes that are not UTF-8, first at byte {at}",
                before.name, after.name
            ));
        }
        let origin = Origin {
            after: Some(&after.name),
            ..Origin::file(&before.name)
        };
        self.texts(origin, &old, &new)
    }

    /// A side as one text.
    fn text<'s>(&self, side: &'s Side) -> std::borrow::Cow<'s, str> {
        if let Err(error) = std::str::from_utf8(&side.bytes) {
            self.console.warning(&format!(
                "{}: byte {} is not UTF-8; bytes that are not are shown as \u{fffd}",
                side.name,
                error.valid_up_to()
            ));
        }
        String::from_utf8_lossy(&side.bytes)
    }

    /// Compares two files record by record: by id, else by order.
    fn records(
        &mut self,
        (before, old_shape): (&Side, &dyn Records),
        (after, new_shape): (&Side, &dyn Records),
    ) -> Result<()> {
        let olds = before.records(old_shape, self.console);
        let news = after.records(new_shape, self.console);
        let mut by_id: HashMap<&str, Vec<usize>> = HashMap::new();
        if self.by_id {
            // Backwards, so that of records that share an id the first is taken first.
            for (place, (_, record)) in news.iter().enumerate().rev() {
                by_id
                    .entry(record.id.as_deref().unwrap_or_default())
                    .or_default()
                    .push(place);
            }
        }
        let mut taken = vec![false; news.len()];
        for (place, (line, old)) in olds.iter().enumerate() {
            let partner = if self.by_id {
                by_id
                    .get_mut(old.id.as_deref().unwrap_or_default())
                    .and_then(Vec::pop)
            } else {
                (place < news.len()).then_some(place)
            };
            let Some(partner) = partner else {
                if before.name != NOWHERE && after.name != NOWHERE {
                    self.only("before", &place_of(before, *line, old));
                }
                self.record(before, after, *line, (old, &Texts::default()))?;
                continue;
            };
            taken[partner] = true;
            self.record(before, after, *line, (old, &news[partner].1))?;
        }
        for ((line, record), _) in news.iter().zip(&taken).filter(|(_, taken)| !**taken) {
            if before.name != NOWHERE && after.name != NOWHERE {
                self.only("after", &place_of(after, *line, record));
            }
            self.record(before, after, *line, (&Texts::default(), record))?;
        }
        Ok(())
    }

    fn record(
        &mut self,
        before: &Side,
        after: &Side,
        line: usize,
        (old, new): (&Texts<'_>, &Texts<'_>),
    ) -> Result<()> {
        for index in 0..old.texts.len().max(new.texts.len()) {
            let (old_text, new_text) = (old.texts.get(index), new.texts.get(index));
            let field = old_text.or(new_text).map_or(0, |text| text.field);
            // The names of the fields are needed while the report is written.
            let field = self.fields.name(field).to_owned();
            let record = Record {
                line,
                field: &field,
                id: old.id.as_deref().or(new.id.as_deref()),
            };
            let origin = Origin {
                after: Some(&after.name),
                ..Origin::record(&before.name, record)
            };
            let text = |text: Option<&descale::format::jsonl::Text<'_>>| {
                text.map_or(String::new(), |text| text.text.to_string())
            };
            self.texts(origin, &text(old_text), &text(new_text))?;
        }
        Ok(())
    }

    /// Compares two texts and shows what differs.
    fn texts(&mut self, origin: Origin<'_>, before: &str, after: &str) -> Result<()> {
        let edits = if before == after {
            Vec::new()
        } else {
            compare(before, after)
        };
        self.found |= !edits.is_empty();
        let subject = Subject::new(origin, before, &[], &edits);
        self.summary.add(&subject);
        let mut share = Vec::new();
        self.report.document(&subject, &mut share)?;
        if share.is_empty() {
            return Ok(());
        }
        self.stream
            .take(&share, &mut self.out, None)
            .context("standard output")
    }
}

/// Where two files part.
fn first_difference(before: &[u8], after: &[u8]) -> Option<usize> {
    let alike = before
        .iter()
        .zip(after)
        .take_while(|(old, new)| old == new)
        .count();
    (before.len() != after.len() || alike < before.len()).then_some(alike)
}

fn place_of(side: &Side, line: usize, record: &Texts<'_>) -> String {
    match &record.id {
        Some(id) => format!("{}:{line} ({id})", side.name),
        None => format!("{}:{line}", side.name),
    }
}
