//! Files that are there whole or not at all, whatever kills the process in the middle.

mod kept;
mod leftovers;

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tempfile::{Builder, NamedTempFile};
use xxhash_rust::xxh3::Xxh3;

pub(crate) use kept::{Kept, kept_beside, left_of};
pub(crate) use leftovers::{is_held, remove as remove_leftovers};

use super::journal::{self, Identity};
use super::signals;

/// How the names of temporary files begin; the process follows, so that another can tell whose they are.
const PREFIX: &str = ".descale-";
/// How they end.
const SUFFIX: &str = ".tmp";

/// The temporary files there are. Whoever makes one, moves it to its place or removes it holds the lock meanwhile.
static LIVE: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

fn live() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    LIVE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Removes all temporary files. As long as the guard lives, no thread gets on with one.
pub(crate) fn abandon_all() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    let live = live();
    for path in &*live {
        // One that cannot be removed is left to the next run.
        let _ = fs::remove_file(path);
    }
    live
}

/// A file that takes the place of another only once it is complete: written beside it, forced to the disk, and moved there in one step.
pub(crate) struct AtomicFile {
    target: PathBuf,
    /// `None` once it is in its place.
    file: Option<BufWriter<NamedTempFile>>,
    temporary: PathBuf,
    /// Over all bytes so far, if somebody wants to know.
    hasher: Option<Box<Xxh3>>,
    /// How many they are.
    length: u64,
    /// What an earlier run wrote, while it is written again and must come out the same.
    again: Option<Box<dyn Read + Send>>,
}

impl AtomicFile {
    /// Begins a file that will stand at `target`. A symbolic link is followed now, so that the link stays and the file it means is replaced.
    /// Until [`commit`](Self::commit), `target` is as it was; a dropped file leaves no trace.
    pub(crate) fn create(target: &Path) -> io::Result<Self> {
        let prefix = format!("{PREFIX}{}-", process::id());
        let mut builder = Builder::new();
        Self::begin(target, builder.prefix(&prefix).suffix(SUFFIX))
    }

    /// Begins a file whose name, until it is in its place, `builder` says.
    fn begin(target: &Path, builder: &mut Builder<'_, '_>) -> io::Result<Self> {
        let target = real(target);
        let folder = folder_of(&target);
        if !folder.is_dir() {
            let message = format!(
                "the folder {} does not exist; create it first",
                folder.display()
            );
            return Err(io::Error::new(io::ErrorKind::NotFound, message));
        }
        signals::install();
        let old = fs::metadata(&target).ok();
        if old.as_ref().is_some_and(|old| old.permissions().readonly()) {
            // Moving a file over it would succeed, and undo what its owner wanted.
            return Err(io::Error::new(
                io::ErrorKind::PermissionDenied,
                "the file is read-only; make it writable first (chmod u+w)",
            ));
        }
        #[cfg(unix)]
        if old.is_none() {
            use std::os::unix::fs::PermissionsExt;
            // Temporary files are for their owner alone; a new file gets what the user's umask leaves.
            builder.permissions(fs::Permissions::from_mode(0o666));
        }
        // The crate puts the temporary name into the message, which means nothing to the user.
        let mut live = live();
        let file = builder
            .tempfile_in(folder)
            .map_err(|error| io::Error::from(error.kind()))?;
        let temporary = file.path().to_path_buf();
        live.insert(temporary.clone());
        drop(live);
        leftovers::claim(file.as_file());
        let file = Self {
            target,
            file: Some(BufWriter::with_capacity(64 * 1024, file)),
            temporary,
            hasher: None,
            length: 0,
            again: None,
        };
        if let (Some(old), Some(writer)) = (old, &file.file) {
            writer
                .get_ref()
                .as_file()
                .set_permissions(old.permissions())?;
        }
        Ok(file)
    }

    /// Hashes what is written from now on, for [`identity`](Self::identity).
    pub(crate) fn hashed(mut self) -> Self {
        self.hasher = Some(Box::default());
        self
    }

    /// What the file will be once it is in its place. It must be [`hashed`](Self::hashed).
    pub(crate) fn identity(&mut self) -> io::Result<Identity> {
        self.flush()?;
        let (Some(file), Some(hasher)) = (&self.file, &self.hasher) else {
            return Err(io::Error::other(
                "the file is in its place already, or was not hashed",
            ));
        };
        Ok(Identity {
            hash: Some(journal::digits(hasher)),
            ..Identity::of(&file.get_ref().as_file().metadata()?)
        })
    }

    /// Puts the file in its place.
    pub(crate) fn commit(mut self) -> io::Result<()> {
        let Some(file) = self.file.take() else {
            return Ok(());
        };
        let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.as_file().sync_all()?;
        let live = live();
        file.persist(&self.target).map_err(|error| error.error)?;
        drop(live);
        // The move itself is safe only once the folder is on the disk. Not every file system can do this, and the data is whole either way.
        if let Some(folder) = self.target.parent() {
            let _ = File::open(folder).and_then(|folder| folder.sync_all());
        }
        Ok(())
    }
}

impl Drop for AtomicFile {
    fn drop(&mut self) {
        let mut live = live();
        // Not in its place: its own drop removes it, without writing out what is left in the buffer.
        if let Some(file) = self.file.take() {
            drop(file.into_parts().0);
        }
        live.remove(&self.temporary);
    }
}

impl Write for AtomicFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let Some(file) = &mut self.file else {
            return Ok(bytes.len());
        };
        let count = match &mut self.again {
            Some(again) => kept::same(again, bytes)?,
            None => file.write(bytes)?,
        };
        if let Some(hasher) = &mut self.hasher {
            hasher.update(&bytes[..count]);
        }
        self.length += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.as_mut().map_or(Ok(()), Write::flush)
    }
}

/// Where a path leads, links followed.
fn real(target: &Path) -> PathBuf {
    fs::canonicalize(target).unwrap_or_else(|_| target.to_path_buf())
}

fn folder_of(target: &Path) -> &Path {
    let folder = target.parent();
    let folder = folder.filter(|folder| !folder.as_os_str().is_empty());
    folder.unwrap_or(Path::new("."))
}

/// Writes a whole file at once. What is no regular file (`/dev/stdout`, a pipe) is written to directly: it cannot be replaced.
pub(crate) fn write(target: &Path, bytes: &[u8]) -> io::Result<()> {
    if target.metadata().is_ok_and(|data| !data.is_file()) {
        return File::options().write(true).open(target)?.write_all(bytes);
    }
    let mut file = AtomicFile::create(target)?;
    file.write_all(bytes)?;
    file.commit()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_happens_before_the_commit() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        fs::write(&path, "old").unwrap();
        let mut file = AtomicFile::create(&path).unwrap();
        file.write_all(b"new").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        drop(file);
        assert_eq!(
            fs::read_dir(folder.path()).unwrap().count(),
            1,
            "a dropped file leaves no trace"
        );

        write(&path, b"new").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn mode_and_link_stay() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = tempfile::tempdir().unwrap();
        let (real, link) = (folder.path().join("real"), folder.path().join("link"));
        fs::write(&real, "old").unwrap();
        fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();
        symlink("real", &link).unwrap();
        write(&link, b"new").unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read_to_string(&real).unwrap(), "new");
        assert_eq!(
            fs::metadata(&real).unwrap().permissions().mode() & 0o777,
            0o640
        );
    }

    #[test]
    fn a_read_only_file_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        fs::write(&path, "old").unwrap();
        let mut permissions = fs::metadata(&path).unwrap().permissions();
        permissions.set_readonly(true);
        fs::set_permissions(&path, permissions).unwrap();
        assert_eq!(
            write(&path, b"new").unwrap_err().kind(),
            io::ErrorKind::PermissionDenied
        );
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
    }
}
