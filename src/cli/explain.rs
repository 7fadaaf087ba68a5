//! `descale explain`: why something was or was not found at a place.

use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result, anyhow, bail};
use clap::{Args, ValueEnum};
use descale::format::InputFormat;
use descale::format::jsonl::Fields;
use descale::format::plain::Masked;
use descale::format::record::{self, RecordError};
use descale::report::LineIndex;
use descale::{Cleaner, Document, Trace};
use serde::Serialize;

use super::args::RuleArgs;
use super::console::Console;
use super::exit::Exit;
use super::form::{self, Charset};
use super::inputs::cause;
use super::rules;

/// So many rules are shown unless all are asked for.
const SHOWN: usize = 12;

/// So many characters of a line or match are shown.
const CHARS: usize = 100;

const EXAMPLES: &str = "\
Examples:
  descale explain article.txt:1204
  descale explain article.txt:17:1 --rule en/ads/continues-below
  descale explain crawl.jsonl:12:text:3:1 --site-field url

A place is FILE:OFFSET, in bytes, or FILE:LINE:COLUMN, columns in characters, as `lint` prints them; for JSON Lines FILE:LINE:FIELD:OFFSET or
FILE:LINE:FIELD:LINE:COLUMN. A file `-` is the standard input.

A rule asks in this order: form, case, place, site, breaks, prose, unless, pair, mention, position, limit, tier, overlap. The first that fails is
shown. Exit codes: 0 something acts there; 1 nothing does; 2 an error.";

/// Say which rules looked at a place of a text, and what first stood against each
#[derive(Args, Debug)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct ExplainArgs {
    /// The place: FILE:OFFSET, FILE:LINE:COLUMN, or with the record's LINE:FIELD between
    #[arg(value_name = "FILE:OFFSET", allow_hyphen_values = true)]
    place: String,
    /// Only this rule or detector, by its full name; also if it met nothing there
    #[arg(long, value_name = "RULE")]
    rule: Option<String>,
    /// How to answer
    #[arg(
        long,
        value_name = "FORMAT",
        value_enum,
        default_value = "text",
        help_heading = "Output"
    )]
    format: Format,
    /// The site the text comes from (host or URL), for rules made for one site
    #[arg(long, value_name = "HOST", help_heading = "Input")]
    site: Option<String>,
    /// JSON Lines: the field that holds the site, as a host or a URL
    #[arg(long, value_name = "PATH", help_heading = "Input")]
    site_field: Option<String>,
    /// The title of the text
    #[arg(long, value_name = "TITLE", help_heading = "Input")]
    title: Option<String>,
    #[command(flatten)]
    rules: RuleArgs,
}

/// How to answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    Text,
    /// One JSON value.
    Json,
}

/// Runs the subcommand.
pub(crate) fn run(args: &ExplainArgs, console: &Console) -> Result<Exit> {
    let cleaner = rules::cleaner(&args.rules, console)?;
    let place = Place::parse(&args.place)?;
    let (bytes, format) = place.read()?;
    let site = match &args.site {
        Some(site) => Some(
            descale::format::host(site)
                .with_context(|| format!("--site {site}: this is neither a host nor a URL"))?
                .into_owned(),
        ),
        None => None,
    };
    let lang = match args.rules.packs.lang.as_slice() {
        [lang] => Some(lang.as_str()),
        _ => None,
    };
    let known = Document {
        text: "",
        site: site.as_deref(),
        title: args.title.as_deref(),
        lang,
    };
    let Some((line, field)) = &place.record else {
        let masked = Masked::new(&bytes);
        return answer(
            args,
            &cleaner,
            &place,
            Document {
                text: &masked.text,
                ..known
            },
            console,
        );
    };
    let (name, number) = match field.rsplit_once('#') {
        Some((name, number)) => (name, number.parse().ok()),
        None => (field.as_str(), None),
    };
    let mut fields = Fields::texts([name]);
    if let Some(path) = &args.site_field {
        fields = fields.site(path);
    }
    // A record was asked for, so that is what the lines of an unknown file are taken for.
    let format = if format.has_records() {
        format
    } else {
        InputFormat::Jsonl
    };
    let wrong = |error: RecordError| anyhow!("{}:{line}:{}: {error}", place.file, error.column);
    let records = format.records(&bytes, &Arc::new(fields)).map_err(wrong)?;
    let records = records.with_context(|| format!("{}: this holds no records", place.file))?;
    let here = record::split(&*records, &bytes, (1, 1), true)
        .find(|place| place.line == *line)
        .with_context(|| format!("{}: no record begins at line {line}", place.file))?;
    let record = records.read(&bytes[here.range]).map_err(wrong)?;
    let text = record
        .texts
        .get(number.unwrap_or(0))
        .with_context(|| format!("{}:{line}: the record has no text {field}", place.file))?;
    let document = Document {
        text: &text.text,
        site: record.site.as_deref().or(known.site),
        ..known
    };
    answer(args, &cleaner, &place, document, console)
}

/// A place as the user wrote it.
#[derive(Debug, PartialEq, Eq)]
struct Place {
    file: String,
    /// The record's line and field.
    record: Option<(usize, String)>,
    /// Where in the text.
    at: At,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    Offset(usize),
    Line(usize, usize),
}

impl Place {
    fn parse(place: &str) -> Result<Self> {
        let form = || {
            anyhow!(
                "{place}: write the place as FILE:OFFSET or FILE:LINE:COLUMN, for records as FILE:LINE:FIELD:OFFSET"
            )
        };
        let mut rest = place;
        let mut numbers = Vec::new();
        while numbers.len() < 2
            && let Some((before, number)) = rest.rsplit_once(':')
            && let Ok(number) = number.parse::<usize>()
        {
            numbers.insert(0, number);
            rest = before;
        }
        let at = match numbers.as_slice() {
            [offset] => At::Offset(*offset),
            [line, column] => At::Line(*line, *column),
            _ => return Err(form()),
        };
        // What is left is a file, or a file with the line and the field of a record.
        let record = rest.rsplit_once(':').and_then(|(before, field)| {
            let (file, line) = before.rsplit_once(':')?;
            Some((file, line.parse::<usize>().ok()?, field))
        });
        let (file, record) = match record {
            Some((file, line, field)) if !Path::new(rest).exists() => {
                (file, Some((line, field.to_owned())))
            }
            _ => (rest, None),
        };
        if file.is_empty() {
            return Err(form());
        }
        Ok(Self {
            file: file.to_owned(),
            record,
            at,
        })
    }

    /// The file's bytes, and what it is.
    fn read(&self) -> Result<(Vec<u8>, InputFormat)> {
        let bytes = if self.file == "-" {
            form::read_all(io::stdin(), Charset::ByMark)
        } else {
            form::read(Path::new(&self.file), Charset::ByMark)
        };
        let bytes = bytes.map_err(|error| anyhow!("{}: {}", self.file, cause(&error)))?;
        let by_name = InputFormat::of_path(Path::new(&self.file));
        let format = by_name.unwrap_or_else(|| InputFormat::of_content(&bytes));
        if format.has_records() && self.record.is_none() {
            bail!(
                "{}: this holds records; name one and its text, as in {}:1:text:0",
                self.file,
                self.file
            );
        }
        Ok((bytes, format))
    }

    /// The byte of the text.
    fn offset(&self, text: &str, lines: &LineIndex<'_>) -> Result<usize> {
        match self.at {
            At::Offset(at) if at <= text.len() && text.is_char_boundary(at) => Ok(at),
            At::Offset(at) if at > text.len() => bail!(
                "{}: the text has {} bytes, and none at {at}",
                self.file,
                text.len()
            ),
            At::Offset(at) => bail!("{}: byte {at} stands inside a character", self.file),
            At::Line(line, column) => {
                let content = lines.line(line);
                let mut chars = content
                    .char_indices()
                    .map(|(at, _)| at)
                    .chain([content.len()]);
                let inside = column.checked_sub(1).and_then(|column| chars.nth(column));
                let known = line > 0 && (line == 1 || lines.start(line) < text.len());
                match inside {
                    Some(at) if known => Ok(lines.start(line) + at),
                    _ => bail!("{}: there is no column {column} in line {line}", self.file),
                }
            }
        }
    }
}

/// What is known of the place.
#[derive(Serialize)]
struct Answer<'a> {
    path: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    record: Option<&'a (usize, String)>,
    offset: usize,
    line: usize,
    column: usize,
    rules: Vec<Shape<'a>>,
}

/// What a rule made of it.
#[derive(Serialize)]
struct Shape<'a> {
    rule: &'a str,
    version: &'a str,
    acts: bool,
    failed: Option<&'static str>,
    why: &'a str,
    at: Option<&'static str>,
    start: usize,
    end: usize,
    text: &'a str,
}

fn answer(
    args: &ExplainArgs,
    cleaner: &Cleaner,
    place: &Place,
    document: Document<'_>,
    console: &Console,
) -> Result<Exit> {
    let text = document.text;
    let lines = LineIndex::new(text);
    let at = place.offset(text, &lines)?;
    let Some(traces) = cleaner.explain(document, at, args.rule.as_deref()) else {
        let rule = args.rule.as_deref().unwrap_or_default();
        bail!(
            "--rule {rule}: there is no such rule among those chosen; `descale patterns list` names them, and detectors are called fragment/…"
        );
    };
    let acts = traces.iter().any(|trace| trace.failed.is_none());
    let mut out = console.out();
    match args.format {
        Format::Text => people(&traces, place, at, &lines, text, console, &mut out)?,
        Format::Json => {
            let position = lines.position(at);
            let rules = traces.iter().map(|trace| Shape {
                rule: &trace.rule.name,
                version: &trace.rule.version,
                acts: trace.failed.is_none(),
                failed: trace.failed.map(descale::Check::name),
                why: &trace.why,
                at: trace.at.map(descale::Place::name),
                start: trace.span.start,
                end: trace.span.end,
                text: &text[trace.span.range()],
            });
            let answer = Answer {
                path: &place.file,
                record: place.record.as_ref(),
                offset: at,
                line: position.line,
                column: position.column,
                rules: rules.collect(),
            };
            serde_json::to_writer_pretty(&mut out, &answer)?;
            writeln!(out)?;
        }
    }
    out.flush()?;
    Ok(Exit::found(!acts))
}

fn people(
    traces: &[Trace],
    place: &Place,
    at: usize,
    lines: &LineIndex<'_>,
    text: &str,
    console: &Console,
    out: &mut impl Write,
) -> Result<()> {
    let styles = console.out_styles();
    let (strong, dim) = (styles.strong, styles.dim);
    let position = lines.position(at);
    let record = place
        .record
        .as_ref()
        .map_or(String::new(), |(line, field)| format!(":{line}:{field}"));
    writeln!(
        out,
        "{strong}{}{record}:{}:{}{strong:#} (byte {at})",
        place.file, position.line, position.column
    )?;
    // The line around the place, however long it is.
    let line = lines.line(position.line);
    let skipped = (position.column - 1).saturating_sub(CHARS / 2);
    let shown = short(&line.chars().skip(skipped).collect::<String>());
    let before = if skipped > 0 { "…" } else { "" };
    writeln!(out, "{dim}  |{dim:#} {before}{shown}")?;
    let mut more = 0;
    for (index, trace) in traces.iter().enumerate() {
        if index >= SHOWN && !console.is_verbose() {
            more += 1;
            continue;
        }
        let met = short(&text[trace.span.range()]);
        let place = trace.at.map_or(String::new(), |at| format!(" as {at}"));
        match trace.failed {
            None => writeln!(
                out,
                "{strong}{}{strong:#} acts: “{met}”{place}; {}",
                trace.rule.versioned(),
                trace.why
            )?,
            Some(check) => {
                let met = if met.is_empty() {
                    String::new()
                } else {
                    format!(" on “{met}”{place}")
                };
                writeln!(
                    out,
                    "{} does not act{met}: {strong}{}{strong:#}: {}",
                    trace.rule.versioned(),
                    check.name(),
                    trace.why
                )?;
            }
        }
    }
    if traces.is_empty() {
        writeln!(
            out,
            "no rule met anything here; --rule RULE says why one did not"
        )?;
    }
    if more > 0 {
        writeln!(out, "… and {more} more that met less; -v shows them")?;
    }
    Ok(())
}

/// A text for one line of a terminal.
fn short(text: &str) -> String {
    let mut chars = text.chars().map(|c| match c {
        '\n' | '\r' => '⏎',
        c if c.is_control() => '\u{fffd}',
        c => c,
    });
    let mut short: String = chars.by_ref().take(CHARS).collect();
    if chars.next().is_some() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_in_all_spellings() {
        let place = |file: &str, record: Option<(usize, &str)>, at| Place {
            file: file.into(),
            record: record.map(|(line, field)| (line, field.to_owned())),
            at,
        };
        for (written, meant) in [
            ("a.txt:12", place("a.txt", None, At::Offset(12))),
            ("a.txt:3:1", place("a.txt", None, At::Line(3, 1))),
            ("c:/a.txt:3:1", place("c:/a.txt", None, At::Line(3, 1))),
            (
                "in.jsonl:12:text:0",
                place("in.jsonl", Some((12, "text")), At::Offset(0)),
            ),
            (
                "in.jsonl:12:a.b#1:3:1",
                place("in.jsonl", Some((12, "a.b#1")), At::Line(3, 1)),
            ),
            ("-:5", place("-", None, At::Offset(5))),
        ] {
            assert_eq!(Place::parse(written).unwrap(), meant);
        }
        for wrong in ["a.txt", "", ":5", "a.txt:x"] {
            assert!(Place::parse(wrong).is_err(), "{wrong}");
        }
    }
}
