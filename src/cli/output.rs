//! Where cleaned texts go.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use descale::format::InputFormat;
use descale::format::codec::{Border, Codec};

use super::atomic::{self, AtomicFile, Kept};
use super::console::Console;
use super::fault::Fault;
use super::form::{Content, Form, Formed, Packing};
use super::inputs::{Inputs, Source, cause};
use super::journal::{Journal, Lengths, Stream};
use super::pipeline::{Out, Part};

/// Where cleaned texts go.
pub(crate) enum Output {
    /// Nowhere: they are only looked at.
    Nowhere,
    /// One after the other to the standard output.
    Stdout(One<BufWriter<io::Stdout>>),
    /// One after the other to a file.
    File(PathBuf, One<AtomicFile>),
    /// One after the other to what is no regular file, such as a pipe.
    Stream(PathBuf, One<fs::File>),
    /// Each to a file of its own below a folder.
    Folder(PathBuf, Current),
    /// Each to where it came from.
    InPlace(Current),
}

/// Which sources have an output of their own, so that the threads can make all of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Files {
    /// None.
    #[default]
    None,
    /// Those that change.
    Changed,
    /// All.
    All,
}

/// What all sources are written to, one after the other, in the form of the first.
pub(crate) enum One<W: Write> {
    /// Nothing was written yet.
    Fresh(W),
    /// Something was.
    Begun(Formed<W>),
    /// It could not be begun.
    Lost,
}

impl<W: Write> One<W> {
    fn write(&mut self, out: &Out) -> io::Result<()> {
        if let Self::Fresh(_) = self
            && let Self::Fresh(file) = std::mem::replace(self, Self::Lost)
        {
            *self = Self::Begun(Formed::new(out.form, file)?);
        }
        let Self::Begun(file) = self else {
            return Err(io::Error::other("the output could not be begun"));
        };
        if file.form() != out.form {
            let shown = |form: Form| format!("{} in {}", form.codec, form.encoding);
            return Err(io::Error::other(format!(
                "the next file is {}, and those before it are {}: that would be no file any more; clean them in two runs, or to a folder",
                shown(out.form),
                shown(file.form()),
            )));
        }
        file.write(&out.content)
    }

    /// Ends it. Nothing at all was written when no source had a part.
    fn finish(self) -> io::Result<W> {
        match self {
            Self::Fresh(file) => Ok(file),
            Self::Begun(file) => file.finish(),
            Self::Lost => Err(io::Error::other("the output could not be begun")),
        }
    }
}

/// The file that is being written, and whether it differs from its source so far.
#[derive(Default)]
pub(crate) struct Current {
    file: Option<Formed<AtomicFile>>,
    changed: bool,
    broken: bool,
}

impl Output {
    /// Writes to `target`, a folder if it is one, ends with a slash, or a folder is read.
    pub(crate) fn to(target: &Path, inputs: &Inputs) -> Result<Self> {
        let fresh = || AtomicFile::create(target).map_err(|error| failed(target, &error));
        Self::new(target, inputs, || fresh().map(One::Fresh))
    }

    /// The same for a single file that outlives the run if that is interrupted; what an earlier run left of it is gone on with. `there` says how long the
    /// ledger and the list of faults are.
    pub(crate) fn kept(
        target: &Path,
        inputs: &Inputs,
        stream: &mut Stream,
        there: Lengths,
        console: &Console,
    ) -> Result<Self> {
        Self::new(target, inputs, || {
            let begun = stream.begin(&inputs.sources, there, console)?;
            Ok(begun.map_or_else(One::Fresh, One::Begun))
        })
    }

    /// Writes to `target`; `file` begins it if it is a regular file of its own.
    fn new(
        target: &Path,
        inputs: &Inputs,
        file: impl FnOnce() -> Result<One<AtomicFile>>,
    ) -> Result<Self> {
        if is_folder(target, inputs.has_folder) {
            return Self::folder(target, inputs);
        }
        let shown = target.display();
        if inputs.has_folder {
            bail!(
                "-o {shown}: this is a file, and a folder is read; name a folder to write the cleaned files to"
            );
        }
        let canonical = |path: &Path| fs::canonicalize(path).ok();
        if let Some(here) = canonical(target)
            && inputs
                .sources
                .iter()
                .any(|source| source.path.as_deref().and_then(canonical) == Some(here.clone()))
        {
            bail!("-o {shown}: this file is read as well; use -w to clean files in place");
        }
        let is_table = |source: &Source| source.format == Some(InputFormat::Parquet);
        if inputs.sources.len() > 1 && inputs.sources.iter().any(is_table) {
            bail!("-o {shown}: tables cannot stand one after the other in a file; name a folder");
        }
        if target.metadata().is_ok_and(|data| !data.is_file()) {
            let file = fs::File::options().write(true).open(target);
            return Ok(Self::Stream(
                target.to_path_buf(),
                One::Fresh(file.map_err(|error| failed(target, &error))?),
            ));
        }
        Ok(Self::File(target.to_path_buf(), file()?))
    }

    /// Hands what is written of the one output to the system, and leaves it behind from now on if the run is interrupted; answers what must be known to
    /// go on with it. Nothing when there is none, or it cannot be left off here.
    pub(crate) fn keep(&mut self) -> Result<Option<(Kept, Form, Border)>> {
        let Self::File(target, One::Begun(file)) = self else {
            return Ok(None);
        };
        let Some(border) = file.border() else {
            return Ok(None);
        };
        let kept = file
            .get_mut()
            .keep()
            .map_err(|error| failed(target, &error))?;
        Ok(Some((kept, file.form(), border)))
    }

    fn folder(target: &Path, inputs: &Inputs) -> Result<Self> {
        let mut names = std::collections::HashMap::new();
        for source in &inputs.sources {
            if let Some(first) = names.insert(&source.below, &source.name) {
                bail!(
                    "-o {}: {first} and {} would both be written to {}; clean them in two runs",
                    target.display(),
                    source.name,
                    source.below.display()
                );
            }
            let copy = target.join(&source.below);
            if source.path.as_deref().is_some_and(|path| {
                fs::canonicalize(path)
                    .is_ok_and(|path| fs::canonicalize(&copy).is_ok_and(|copy| path == copy))
            }) {
                bail!(
                    "-o {}: {} would be written over itself; use -w to clean files in place",
                    target.display(),
                    source.name
                );
            }
        }
        Ok(Self::Folder(target.to_path_buf(), Current::default()))
    }

    /// Removes what runs that were killed left in the folders that will be written to, and says so.
    pub(crate) fn remove_leftovers(&self, inputs: &Inputs, console: &Console) {
        let folder_of = |path: &Path| {
            // What is written stands where a link leads to.
            let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
            path.parent().map(Path::to_path_buf)
        };
        let sources = || inputs.sources.iter();
        let folders: BTreeSet<PathBuf> = match self {
            Self::Nowhere | Self::Stdout(_) | Self::Stream(..) => BTreeSet::new(),
            Self::File(target, _) => folder_of(target).into_iter().collect(),
            Self::Folder(folder, _) => sources()
                .filter_map(|source| folder_of(&folder.join(&source.below)))
                .collect(),
            Self::InPlace(_) => sources()
                .filter_map(|source| folder_of(source.path.as_deref()?))
                .collect(),
        };
        let removed: Vec<PathBuf> = folders
            .iter()
            .flat_map(|folder| atomic::remove_leftovers(folder))
            .collect();
        if let Some(first) = removed.first() {
            let count = removed.len();
            let plural = if count == 1 { "" } else { "s" };
            console.warning(&format!(
                "{count} temporary file{plural} of a run that was killed, such as {}, removed; the files themselves are whole",
                first.display()
            ));
        }
    }

    /// The file that is written for a source, if each has its own.
    pub(crate) fn target(&self, source: &Source) -> Option<PathBuf> {
        match self {
            Self::Folder(folder, _) => Some(folder.join(&source.below)),
            Self::InPlace(_) => source.path.clone(),
            _ => None,
        }
    }

    /// Whether a source's own file can be written. Nothing is left behind by asking.
    pub(crate) fn can_write(&self, source: &Source) -> bool {
        self.target(source)
            .is_none_or(|target| AtomicFile::create(&target).is_ok())
    }

    /// Which sources have an output of their own.
    pub(crate) fn files(&self) -> Files {
        match self {
            Self::Nowhere | Self::Stdout(_) | Self::File(..) | Self::Stream(..) => Files::None,
            Self::Folder(..) => Files::All,
            Self::InPlace(_) => Files::Changed,
        }
    }

    /// What it is packed with.
    pub(crate) fn packing(&self, sources: &[Source]) -> Packing {
        match self {
            Self::Nowhere => Packing::Nothing,
            // Nobody reads packed bytes on a terminal.
            Self::Stdout(_) if io::stdout().is_terminal() => Packing::With(Codec::Plain),
            Self::Stdout(_) | Self::Folder(..) | Self::InPlace(_) => Packing::AsRead,
            Self::File(target, _) | Self::Stream(target, _) => Packing::of_name(
                target,
                sources.iter().filter_map(|source| source.path.as_deref()),
            ),
        }
    }

    /// Takes the next part. What goes wrong with one file of many is reported and counted; what goes wrong with the one output ends the run.
    /// Each file is set down in the journal before it takes its place. Answers whether all went well.
    pub(crate) fn take(
        &mut self,
        part: &Part<'_>,
        journal: Option<&mut Journal>,
        console: &Console,
    ) -> Result<bool> {
        if part.done.void
            && let Self::File(target, _) | Self::Stream(target, _) = self
        {
            bail!(
                "{}: not written, because {} could not be read to its end",
                target.display(),
                part.source.name
            );
        }
        let Some(out) = &part.out else {
            return Ok(true);
        };
        match self {
            Self::Nowhere => Ok(true),
            Self::Stdout(file) => file.write(out).map(|()| true).context("standard output"),
            Self::File(target, file) => file
                .write(out)
                .map(|()| true)
                .map_err(|error| failed(target, &error)),
            Self::Stream(target, file) => file
                .write(out)
                .map(|()| true)
                .map_err(|error| failed(target, &error)),
            Self::Folder(folder, current) => {
                let target = folder.join(&part.source.below);
                let result = target
                    .parent()
                    .map_or(Ok(()), fs::create_dir_all)
                    .and_then(|()| current.take(&target, part, true, journal.is_some()))
                    .and_then(|written| written.place(part, true, journal));
                Ok(report(result, &target, console))
            }
            Self::InPlace(current) => {
                let Some(target) = &part.source.path else {
                    bail!(
                        "-w cleans files in place, and the standard input is none; leave out -w, or name files"
                    );
                };
                let result = current
                    .take(target, part, false, journal.is_some())
                    .and_then(|written| written.place(part, false, journal));
                Ok(report(result, target, console))
            }
        }
    }

    /// Finishes what is one file in all.
    pub(crate) fn finish(self) -> Result<()> {
        match self {
            Self::Nowhere | Self::Folder(..) | Self::InPlace(_) => Ok(()),
            Self::Stdout(file) => file
                .finish()
                .and_then(|mut out| out.flush())
                .context("standard output"),
            Self::Stream(target, file) => file
                .finish()
                .and_then(|mut out| out.flush())
                .map_err(|error| failed(&target, &error)),
            Self::File(target, file) => file
                .finish()
                .and_then(AtomicFile::commit)
                .map_err(|error| failed(&target, &error)),
        }
    }
}

/// Whether a target is a folder: it is one, ends with a slash, or is to become one because a folder is read.
pub(crate) fn is_folder(target: &Path, folder_is_read: bool) -> bool {
    let shown = target.as_os_str().to_string_lossy();
    target.is_dir()
        || shown.ends_with(['/', std::path::MAIN_SEPARATOR])
        || (folder_is_read && !target.exists())
}

fn failed(target: &Path, error: &io::Error) -> anyhow::Error {
    // A broken pipe must be known as such further up.
    if error.kind() == io::ErrorKind::BrokenPipe {
        return anyhow::Error::new(io::Error::from(io::ErrorKind::BrokenPipe));
    }
    anyhow::anyhow!("{}: {}", target.display(), cause(error))
}

/// Whether it went well; if not, it is said.
fn report(result: io::Result<()>, target: &Path, console: &Console) -> bool {
    if let Err(error) = &result {
        console.fault(&Fault::unwritten(target, error));
    }
    result.is_ok()
}

/// What came of a part.
enum Written {
    /// More parts are to come, or the source is broken and nothing comes of it.
    Nothing,
    /// The source stays as it is.
    Unchanged,
    /// A whole file that may take its place.
    Whole(AtomicFile),
}

impl Written {
    /// Puts the file in its place, once it is in the journal. A `copy` leaves its source as it was.
    fn place(self, part: &Part<'_>, copy: bool, journal: Option<&mut Journal>) -> io::Result<()> {
        let journal = journal.zip(part.source.path.as_deref());
        match (self, journal) {
            (Self::Nothing, _) | (Self::Unchanged, None) => Ok(()),
            (Self::Unchanged, Some((journal, source))) => journal.note_unchanged(source),
            (Self::Whole(file), None) => file.commit(),
            (Self::Whole(mut file), Some((journal, source))) => {
                let written = file.identity()?;
                if copy {
                    journal.note_copy(source, written)?;
                } else {
                    journal.note_in_place(source, written)?;
                }
                file.commit()
            }
        }
    }
}

impl Current {
    /// Adds a part, and hands the file out when it is the last one, hashed if `hashed`. Unchanged files are written only if `always`.
    fn take(
        &mut self,
        target: &Path,
        part: &Part<'_>,
        always: bool,
        hashed: bool,
    ) -> io::Result<Written> {
        self.changed |= part.done.changed;
        self.broken |= part.done.broken;
        let result = if self.broken {
            Ok(Written::Nothing)
        } else {
            self.write(target, part, always, hashed)
        };
        if part.last {
            // The next source starts afresh, also after an error.
            *self = Self::default();
        } else if result.is_err() {
            // What comes of the rest of this source is not wanted any more.
            self.file = None;
            self.broken = true;
        }
        result
    }

    fn write(
        &mut self,
        target: &Path,
        part: &Part<'_>,
        always: bool,
        hashed: bool,
    ) -> io::Result<Written> {
        // A source that comes in one part and is not changed needs no temporary file at all.
        if self.file.is_none() && part.last && !self.changed && !always {
            return Ok(Written::Unchanged);
        }
        let Some(out) = part.out.as_ref().filter(|out| !out.is_empty || part.last) else {
            return Ok(Written::Nothing);
        };
        let create = || {
            let file = AtomicFile::create(target)?;
            io::Result::Ok(if hashed { file.hashed() } else { file })
        };
        if let Content::File(bytes) = &out.content {
            let mut file = create()?;
            file.write_all(bytes)?;
            return Ok(Written::Whole(file));
        }
        let mut file = match self.file.take() {
            Some(file) => file,
            None => Formed::new(out.form, create()?)?,
        };
        file.write(&out.content)?;
        Ok(if !part.last {
            self.file = Some(file);
            Written::Nothing
        } else if self.changed || always {
            Written::Whole(file.finish()?)
        } else {
            Written::Unchanged
        })
    }
}
