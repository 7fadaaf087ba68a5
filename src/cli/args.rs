//! Arguments that several subcommands share, as typed.

use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum};
use descale::FragmentMode;
use descale::format::InputFormat;
use descale::report::ReportFormat;

use super::form::Charset;

/// How the command speaks.
#[derive(Args, Debug)]
pub(crate) struct ConsoleArgs {
    /// Colours: on terminals only, always, or never
    #[arg(long, value_name = "WHEN", value_enum, default_value_t = Color::Auto, global = true, help_heading = "Output of words")]
    pub(crate) color: Color,
    /// Only errors: no summary, no warnings
    #[arg(short, long, global = true, help_heading = "Output of words")]
    pub(crate) quiet: bool,
    /// Also notes: what was skipped and why, warnings of packs
    #[arg(
        short,
        long,
        global = true,
        conflicts_with = "quiet",
        help_heading = "Output of words"
    )]
    pub(crate) verbose: bool,
}

/// When to use colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless NO_COLOR, CLICOLOR=0 or TERM=dumb say otherwise; FORCE_COLOR and CLICOLOR_FORCE turn them on.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// What to read.
#[derive(Args, Debug, Default)]
#[command(next_help_heading = "Input")]
pub(crate) struct InputArgs {
    /// Files, folders, or `-` for the standard input (the default when it is no terminal)
    #[arg(value_name = "PATH", help_heading = None)]
    pub(crate) paths: Vec<PathBuf>,
    /// In folders, only files whose path matches (`*.txt`, `!draft*`); may be given several times
    ///
    /// Without it, folders are searched for texts and records by their endings. What .gitignore and .ignore exclude is always passed
    /// over; files named on the command line never are.
    #[arg(long, value_name = "GLOB")]
    pub(crate) glob: Vec<String>,
    /// What the files are; `auto` goes by the ending, else by the first line
    #[arg(long, value_name = "FORMAT", value_parser = input_format(), default_value = "auto")]
    pub(crate) input_format: AutoFormat,
    /// How texts are written: `utf-16le`, `windows-1252`, `shift_jis` or another label; `auto` guesses. Files are written back in it
    ///
    /// Without it, files are UTF-16 if a byte order mark says so, else UTF-8.
    #[arg(long, value_name = "LABEL", value_parser = Charset::parse)]
    pub(crate) encoding: Option<Charset>,
    /// Records: the field that holds the text, as a dotted path (JSON Lines, Parquet) or a column's name or place (CSV); may be given several times
    #[arg(
        long,
        value_name = "FIELD",
        alias = "text-field",
        default_value = "text"
    )]
    pub(crate) field: Vec<String>,
    /// Records: the field that names the record in reports
    #[arg(long, value_name = "FIELD")]
    pub(crate) id_field: Option<String>,
    /// Records: the field that holds the site, as a host or a URL
    #[arg(long, value_name = "FIELD")]
    pub(crate) site_field: Option<String>,
    /// Records: the field that holds the title
    #[arg(long, value_name = "FIELD")]
    pub(crate) title_field: Option<String>,
    /// Records: the field that holds the language
    #[arg(long, value_name = "FIELD")]
    pub(crate) lang_field: Option<String>,
    /// The site all texts come from (host or URL), for rules made for one site; a record's own field goes before it
    #[arg(long, value_name = "HOST")]
    pub(crate) site: Option<String>,
    /// The title of the text; a record's own field goes before it
    #[arg(long, value_name = "TITLE")]
    pub(crate) title: Option<String>,
    /// Find out the language of each text of which none is known, and act only on rules of its language
    ///
    /// Texts whose beginning leaves doubt are looked at with all rules. What a record or --lang says is never doubted.
    #[arg(long)]
    pub(crate) detect_lang: bool,
    /// Pass texts of more bytes through unchanged, name and count them
    ///
    /// The bytes are those of the text as UTF-8. Of a file so large that it is read in parts, what stands before the limit is worked on.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) max_doc_bytes: Option<u64>,
    /// Also list all faults in a file, as JSON Lines: each record or file that could not be worked on, with place, cause and cure
    ///
    /// A record that cannot be read is passed through unchanged with or without it, named on the standard error, and makes the exit code 2.
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub(crate) errors: Option<PathBuf>,
    /// Threads; 0 means one a core. The output is the same whatever their number
    #[arg(short, long, value_name = "N", default_value_t = 0)]
    pub(crate) jobs: usize,
}

impl InputArgs {
    /// What of it has a say in what is written, so that two runs can be told apart. Every field is named here, for a new one must be judged.
    pub(crate) fn options(&self) -> String {
        let Self {
            paths: _,
            glob: _,
            errors: _,
            jobs: _,
            input_format,
            encoding,
            field,
            id_field,
            site_field,
            title_field,
            lang_field,
            site,
            title,
            detect_lang,
            max_doc_bytes,
        } = self;
        let fields = (field, id_field, site_field, title_field, lang_field);
        let known = (site, title, detect_lang, max_doc_bytes);
        let all = (input_format, encoding, fields, known);
        format!("{all:?}")
    }
}

/// A format, or the wish that it be found out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct AutoFormat(pub(crate) Option<InputFormat>);

/// A value parser for [`AutoFormat`].
pub(crate) fn input_format() -> impl TypedValueParser<Value = AutoFormat> {
    let names = std::iter::once("auto").chain(InputFormat::ALL.iter().map(|format| format.name()));
    PossibleValuesParser::new(names).map(|name| AutoFormat(InputFormat::parse(&name)))
}

/// Which packs take part.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Rules")]
pub(crate) struct PackArgs {
    /// A pack in TOML, a plain list with one string a line, a compiled database, or a folder of them; may be given several times
    #[arg(long, value_name = "FILE|DIR")]
    pub(crate) patterns: Vec<PathBuf>,
    /// Without the built-in packs
    #[arg(long)]
    pub(crate) no_builtin: bool,
    /// Only built-in packs of these languages (`en`, `zh-Hant`); all without it. A single one is also taken as that of all texts
    #[arg(long, value_name = "LANG", value_delimiter = ',')]
    pub(crate) lang: Vec<String>,
}

/// What to look for.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Rules")]
pub(crate) struct RuleArgs {
    /// One more string to look for, taken as it stands; may be given several times
    #[arg(long, value_name = "STRING")]
    pub(crate) pattern: Vec<String>,
    #[command(flatten)]
    pub(crate) packs: PackArgs,
    /// Only these categories, packs or rules (`ad-marker`, `en/ads`, `fragment/clipped-name`)
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub(crate) only: Vec<String>,
    /// All but these categories, packs or rules
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub(crate) skip: Vec<String>,
    /// What becomes of broken fragments
    #[arg(long, value_name = "MODE", value_parser = fragment_mode(), default_value = FragmentMode::Repair.name())]
    pub(crate) fragments: FragmentMode,
    /// Also act on findings that are usually, but not always, boilerplate
    #[arg(long)]
    pub(crate) review: bool,
}

fn fragment_mode() -> impl TypedValueParser<Value = FragmentMode> {
    PossibleValuesParser::new(FragmentMode::ALL.iter().map(|mode| mode.name()))
        .map(|name| FragmentMode::parse(&name).unwrap_or_default())
}

/// A report to a file, as in `jsonl=found.jsonl`.
#[derive(Clone, Debug)]
pub(crate) struct ReportArg {
    /// The format.
    pub(crate) format: ReportFormat,
    /// The file.
    pub(crate) path: PathBuf,
}

fn report_names() -> String {
    let names: Vec<&str> = ReportFormat::ALL
        .iter()
        .map(|format| format.name())
        .collect();
    names.join(", ")
}

/// The help of `--report`, which lists the formats there are.
pub(crate) fn report_help() -> String {
    format!(
        "Also write a report to a file; may be given several times [formats: {}]",
        report_names()
    )
}

/// Reads a `--report`.
pub(crate) fn report_arg(text: &str) -> Result<ReportArg, String> {
    let Some((format, path)) = text.split_once('=').filter(|(_, path)| !path.is_empty()) else {
        return Err(format!(
            "write it as FORMAT=FILE, with one of the formats {}",
            report_names()
        ));
    };
    let format = ReportFormat::parse(format).ok_or_else(|| {
        format!(
            "`{format}` is no report format; there are {}",
            report_names()
        )
    })?;
    if path == "-" {
        return Err("a report goes to a file; the standard output is taken by the data".to_owned());
    }
    Ok(ReportArg {
        format,
        path: path.into(),
    })
}

/// A value parser for some of the report formats.
pub(crate) fn report_format(
    formats: &'static [ReportFormat],
) -> impl TypedValueParser<Value = ReportFormat> {
    PossibleValuesParser::new(
        formats
            .iter()
            .map(|format| clap::builder::PossibleValue::new(format.name()).help(format.about())),
    )
    .map(|name| ReportFormat::parse(&name).unwrap_or(ReportFormat::Text))
}
