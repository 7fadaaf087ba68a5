//! A file that outlives the run that writes it: if the run is interrupted, the next one goes on with it.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile, TempPath};
use xxhash_rust::xxh3::Xxh3;

use super::super::journal;
use super::{AtomicFile, folder_of, leftovers, live, real};

/// How the name of such a file ends, until it is in its place.
const SUFFIX: &str = ".descale-part";

/// A hidden file beside where `target` leads, named after it.
pub(crate) fn kept_beside(target: &Path, suffix: &str) -> PathBuf {
    let target = real(target);
    let mut name = OsString::from(".");
    name.push(target.file_name().unwrap_or_default());
    name.push(suffix);
    folder_of(&target).join(name)
}

/// What was written of a file when the run was about to note it.
#[derive(Debug)]
pub(crate) struct Kept {
    /// How many bytes.
    pub(crate) length: u64,
    /// XXH3 of them.
    pub(crate) hash: String,
}

impl AtomicFile {
    /// Like [`create`](AtomicFile::create), for a file that [`keep`](AtomicFile::keep) may leave behind. Whoever calls it holds the journal, so what
    /// is there under its name belongs to nobody.
    pub(crate) fn create_kept(target: &Path) -> io::Result<Self> {
        let path = kept_beside(target, SUFFIX);
        if let Err(error) = fs::remove_file(&path)
            && error.kind() != io::ErrorKind::NotFound
        {
            return Err(error);
        }
        let name = path.file_name().unwrap_or_default().to_owned();
        Self::begin(target, Builder::new().prefix(&name).rand_bytes(0)).map(Self::hashed)
    }

    /// Hands on what is written so far to the system, and leaves it behind from now on when the file does not come to its place.
    pub(crate) fn keep(&mut self) -> io::Result<Kept> {
        let (Some(file), Some(hasher)) = (&mut self.file, &self.hasher) else {
            return Err(io::Error::other(
                "the file is in its place already, or was not hashed",
            ));
        };
        io::Write::flush(file)?;
        let mut live = live();
        file.get_mut().disable_cleanup(true);
        live.remove(&self.temporary);
        Ok(Kept {
            length: self.length,
            hash: journal::digits(hasher),
        })
    }

    /// Goes on with what an earlier run left of `target`, cut to its first `length` bytes, of which `hasher` has heard. With `again`, they are
    /// written again first, up to [`go_on`](AtomicFile::go_on), and must be the same.
    pub(crate) fn reopen(
        target: &Path,
        length: u64,
        hasher: Xxh3,
        again: bool,
    ) -> io::Result<Self> {
        let temporary = kept_beside(target, SUFFIX);
        let mut file = File::options().read(true).write(true).open(&temporary)?;
        leftovers::claim(&file);
        let mut old = None;
        if again {
            let there: Box<dyn Read + Send> = Box::new(BufReader::new(File::open(&temporary)?));
            old = Some(there);
        } else {
            file.set_len(length)?;
            file.seek(SeekFrom::Start(length))?;
        }
        let mut path = TempPath::try_from_path(&temporary)?;
        path.disable_cleanup(true);
        let file = NamedTempFile::from_parts(file, path);
        super::signals::install();
        Ok(Self {
            target: real(target),
            file: Some(BufWriter::with_capacity(64 * 1024, file)),
            temporary,
            hasher: Some(if again {
                Box::default()
            } else {
                Box::new(hasher)
            }),
            length: if again { 0 } else { length },
            again: old,
        })
    }

    /// From now on, what is written goes behind what was written again; what else the earlier run left is dropped.
    pub(crate) fn go_on(&mut self) -> io::Result<()> {
        let (Some(_), Some(file)) = (self.again.take(), &mut self.file) else {
            return Ok(());
        };
        let file = file.get_mut().as_file_mut();
        file.set_len(self.length)?;
        file.seek(SeekFrom::Start(self.length)).map(|_| ())
    }
}

/// What an earlier run left of `target`.
pub(crate) fn left_of(target: &Path) -> io::Result<File> {
    File::open(kept_beside(target, SUFFIX))
}

/// Compares bytes that are written again with those that are there; answers how many they are.
pub(super) fn same(there: &mut dyn Read, bytes: &[u8]) -> io::Result<usize> {
    let mut old = vec![0; bytes.len()];
    there.read_exact(&mut old)?;
    if old == bytes {
        Ok(bytes.len())
    } else {
        Err(io::Error::other(
            "packed again, what an earlier run wrote does not come out the same; begin anew without --resume",
        ))
    }
}
