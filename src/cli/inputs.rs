//! From paths to the files they mean.

use std::fs::File;
use std::io::{self, IsTerminal, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, anyhow, bail};
use descale::format::InputFormat;
use descale::format::jsonl::Fields;
use ignore::WalkBuilder;
use ignore::overrides::OverrideBuilder;

use super::args::InputArgs;
use super::console::Console;
use super::fault::{ErrorsFile, Fault};
use super::form::Charset;
use super::targets;

/// One thing to read.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    /// As messages and reports name it.
    pub(crate) name: String,
    /// Its file; `None` is the standard input.
    pub(crate) path: Option<PathBuf>,
    /// What it is, when its name or the user says so.
    pub(crate) format: Option<InputFormat>,
    /// Where its cleaned copy stands below an output folder.
    pub(crate) below: PathBuf,
}

/// What all documents of a run share.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    /// The host.
    pub(crate) site: Option<String>,
    /// The title.
    pub(crate) title: Option<String>,
    /// The language.
    pub(crate) lang: Option<String>,
    /// Whether the language of a text is found out where none is known.
    pub(crate) detect_lang: bool,
    /// Texts of more bytes are passed through.
    pub(crate) max_doc_bytes: Option<u64>,
    /// The fields of records.
    pub(crate) fields: Arc<Fields>,
    /// What is known of their encodings.
    pub(crate) charset: Charset,
}

/// All there is to read, in order.
#[derive(Debug)]
pub(crate) struct Inputs {
    /// The files.
    pub(crate) sources: Vec<Source>,
    /// What is known of all of them.
    pub(crate) known: Known,
    /// Whether one of the paths was a folder.
    pub(crate) has_folder: bool,
    /// Paths that could not be followed; each was reported.
    pub(crate) failed: usize,
}

/// Whether nothing was named and nothing is piped in, so that a person needs help, not patience.
pub(crate) fn nothing_to_read(args: &InputArgs) -> bool {
    args.paths.is_empty() && io::stdin().is_terminal()
}

impl Inputs {
    /// Refuses names that are not UTF-8: what writes names down would take several of them for one.
    ///
    /// # Errors
    /// The first such name, said to be unfit for `what`.
    pub(crate) fn need_plain_names(&self, what: &str) -> Result<()> {
        let odd = |source: &&Source| {
            let path = source.path.as_deref();
            path.is_some_and(|path| path.to_str().is_none())
        };
        match self.sources.iter().find(odd) {
            None => Ok(()),
            Some(source) => bail!(
                "{}: the name is not UTF-8, and {what} could not tell it from others; rename the file",
                source.name
            ),
        }
    }
}

/// Follows the paths. One that does not exist is reported, and the others are followed all the same.
pub(crate) fn resolve(args: &InputArgs, lang: &[String], console: &Console) -> Result<Inputs> {
    if !console.keeps_faults() {
        keep_faults(args, false, console)?;
    }
    let mut inputs = Inputs {
        sources: Vec::new(),
        known: known(args, lang)?,
        has_folder: false,
        failed: 0,
    };
    let format = args.input_format.0;
    if args.paths.is_empty() {
        inputs.sources.push(stdin(format));
    }
    let mut read_stdin = false;
    for path in &args.paths {
        if path.as_os_str() == "-" {
            if std::mem::replace(&mut read_stdin, true) {
                bail!("`-` was named twice; the standard input can be read only once");
            }
            inputs.sources.push(stdin(format));
        } else if path.is_dir() {
            inputs.has_folder = true;
            folder(path, args, console, &mut inputs)?;
        } else if let Err(error) = path.metadata() {
            console.fault(&Fault::unread(&path.display().to_string(), path, &error));
            inputs.failed += 1;
        } else {
            let below = path.file_name().map_or_else(|| path.clone(), PathBuf::from);
            inputs.sources.push(file(path.clone(), below, format));
        }
    }
    Ok(inputs)
}

/// Sets faults down from now on, if that is wanted; in the file that is there, if the run goes on with an earlier one.
pub(crate) fn keep_faults(args: &InputArgs, go_on: bool, console: &Console) -> Result<()> {
    if let Some(path) = &args.errors {
        if !go_on {
            targets::outside("--errors", path, &args.paths)?;
        }
        let file = ErrorsFile::open(path, go_on)
            .map_err(|error| anyhow!("--errors {}: {}", path.display(), cause(&error)))?;
        console.keep_faults(file);
    }
    Ok(())
}

fn known(args: &InputArgs, lang: &[String]) -> Result<Known> {
    let site = args.site.as_deref().map(site).transpose()?;
    let mut fields = Fields::texts(&args.field);
    if let Some(path) = &args.site_field {
        fields = fields.site(path);
    }
    if let Some(path) = &args.title_field {
        fields = fields.title(path);
    }
    if let Some(path) = &args.id_field {
        fields = fields.id(path);
    }
    if let Some(path) = &args.lang_field {
        fields = fields.lang(path);
    }
    let lang = if let [lang] = lang {
        Some(lang.clone())
    } else {
        None
    };
    Ok(Known {
        site,
        title: args.title.clone(),
        lang,
        detect_lang: args.detect_lang,
        max_doc_bytes: args.max_doc_bytes,
        fields: Arc::new(fields),
        charset: args.encoding.unwrap_or_default(),
    })
}

/// The host that `--site` means.
pub(crate) fn site(site: &str) -> Result<String> {
    match descale::format::host(site) {
        Some(host) => Ok(host.into_owned()),
        None => bail!("--site {site}: this is neither a host nor a URL; write it as example.com"),
    }
}

fn stdin(format: Option<InputFormat>) -> Source {
    Source {
        name: "<stdin>".to_owned(),
        path: None,
        format,
        below: PathBuf::from("stdin"),
    }
}

fn file(path: PathBuf, below: PathBuf, format: Option<InputFormat>) -> Source {
    let by_name = || InputFormat::of_path(&path);
    Source {
        name: path.display().to_string(),
        format: format.or_else(by_name),
        path: Some(path),
        below,
    }
}

/// Adds the files of a folder, sorted by path, so that two runs see them in one order.
fn folder(path: &Path, args: &InputArgs, console: &Console, inputs: &mut Inputs) -> Result<()> {
    let mut overrides = OverrideBuilder::new(path);
    for glob in &args.glob {
        overrides.add(glob).with_context(|| {
            format!("--glob {glob}: write it as in .gitignore, such as '*.txt'")
        })?;
    }
    let walk = WalkBuilder::new(path)
        .overrides(overrides.build().context("--glob")?)
        // A folder of scraped articles is rarely a repository, but its .gitignore means what it says.
        .require_git(false)
        .sort_by_file_path(Path::cmp)
        .build();
    let before = inputs.sources.len();
    let mut skipped = 0;
    for entry in walk {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                console.fault(&Fault::new(error.to_string(), "", ""));
                inputs.failed += 1;
                continue;
            }
        };
        // A symbolic link to a file counts as the file; one to a folder is not followed, so no loop can be.
        if entry.file_type().is_none_or(|kind| kind.is_dir()) || entry.path().is_dir() {
            continue;
        }
        // A pipe in a folder has nothing to say, and waiting for it would never end.
        if entry.path().metadata().is_ok_and(|data| !data.is_file()) {
            console.note(&format!(
                "{}: skipped, it is no regular file; name it to read it",
                entry.path().display()
            ));
            continue;
        }
        let below = entry
            .path()
            .strip_prefix(path)
            .unwrap_or(entry.path())
            .to_path_buf();
        let source = file(entry.into_path(), below, args.input_format.0);
        let known_ending = source.path.as_deref().and_then(InputFormat::of_path);
        if args.glob.is_empty() && known_ending.is_none() {
            console.note(&format!(
                "{}: skipped, its ending is none of those of texts; name it, or use --glob",
                source.name
            ));
            skipped += 1;
            continue;
        }
        if source.path.as_deref().is_some_and(is_ledger) {
            console.note(&format!(
                "{}: skipped, it is a ledger of descale; name it to read it",
                source.name
            ));
            skipped += 1;
            continue;
        }
        inputs.sources.push(source);
    }
    if inputs.sources.len() == before {
        let looked_for = if args.glob.is_empty() {
            InputFormat::ALL
                .iter()
                .flat_map(|format| format.extensions())
                .map(|ending| format!("*.{ending}"))
                .collect::<Vec<_>>()
                .join(" ")
        } else {
            args.glob.join(" ")
        };
        let skipped = if skipped > 0 {
            format!(", {skipped} other files skipped")
        } else {
            String::new()
        };
        console.warning(&format!(
            "{}: no file to read (looked for {looked_for}{skipped}); choose others with --glob",
            path.display()
        ));
    }
    Ok(())
}

/// Whether a file is what `clean --ledger` writes: it stands beside the texts now and then, and is none.
fn is_ledger(path: &Path) -> bool {
    const BEGINNING: &[u8] = b"{\"type\":\"header\",\"schema\":";
    let mut begin = [0; BEGINNING.len()];
    path.extension().is_some_and(|ending| ending == "jsonl")
        && File::open(path).is_ok_and(|mut file| file.read_exact(&mut begin).is_ok())
        && begin == BEGINNING
}

/// The cause of an error on a file, and the cure where there is a common one.
pub(crate) fn cause(error: &io::Error) -> String {
    match cause_and_cure(error) {
        (cause, "") => cause,
        (cause, cure) => format!("{cause}; {cure}"),
    }
}

/// The cause of an error on a file, and what to do about it; empty when nothing is known that helps.
pub(crate) fn cause_and_cure(error: &io::Error) -> (String, &'static str) {
    use io::ErrorKind as Kind;
    let (cause, cure) = match error.kind() {
        // An error of our own says it all; of these kinds there are none, only such that name a temporary file, which helps nobody.
        kind if error.get_ref().is_some()
            && !matches!(
                kind,
                Kind::StorageFull | Kind::QuotaExceeded | Kind::FileTooLarge
            ) =>
        {
            return (error.to_string(), "");
        }
        Kind::NotFound => ("no such file or folder", "check the spelling"),
        Kind::PermissionDenied => ("permission denied", "check who may read and write it"),
        Kind::StorageFull => ("the disk is full", "make room and run again"),
        Kind::QuotaExceeded => ("the disk quota is used up", "make room and run again"),
        Kind::ReadOnlyFilesystem => (
            "the file system is read-only",
            "write somewhere else with -o, or mount it for writing",
        ),
        Kind::IsADirectory => ("this is a folder", "name a file"),
        Kind::NotADirectory => (
            "a part of the path is a file, not a folder",
            "check the spelling",
        ),
        Kind::FileTooLarge => (
            "the file would be larger than this system allows",
            "see `ulimit -f`, or write to another disk",
        ),
        _ if is_loop(error) => (
            "the symbolic links go round in a circle",
            "remove or mend the link",
        ),
        _ => return (error.to_string(), ""),
    };
    (cause.to_owned(), cure)
}

#[cfg(unix)]
fn is_loop(error: &io::Error) -> bool {
    error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error())
}

#[cfg(not(unix))]
fn is_loop(_: &io::Error) -> bool {
    false
}
