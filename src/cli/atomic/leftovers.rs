//! Temporary files of processes that were killed: who may remove them, and when.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{PREFIX, SUFFIX};

/// A file that nobody holds and that has not been written to for so long belongs to nobody, whichever process may have its number today.
const OLD: Duration = Duration::from_secs(3600);

/// Marks a temporary file as being written. The mark goes when the process does, however it ends.
pub(super) fn claim(file: &File) {
    // Where there are no locks, the process's number and the age must do.
    #[cfg(unix)]
    let _ = rustix::fs::flock(file, rustix::fs::FlockOperation::NonBlockingLockExclusive);
    #[cfg(not(unix))]
    let _ = file;
}

/// Removes what killed processes left in `folder`, and answers what that was.
pub(crate) fn remove(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else {
        // Whoever writes there will hear of it.
        return Vec::new();
    };
    entries
        .flatten()
        .filter(|entry| {
            entry.file_name().to_str().is_some_and(is_temporary)
                && entry.file_type().is_ok_and(|kind| kind.is_file())
        })
        .map(|entry| entry.path())
        .filter(|path| is_abandoned(path) && fs::remove_file(path).is_ok())
        .collect()
}

fn is_temporary(name: &str) -> bool {
    name.starts_with(PREFIX) && name.ends_with(SUFFIX)
}

fn is_abandoned(path: &Path) -> bool {
    let Ok(file) = File::open(path) else {
        return false;
    };
    let age = file
        .metadata()
        .and_then(|data| data.modified())
        .ok()
        .and_then(|time| time.elapsed().ok());
    !is_held(&file) && (age.is_some_and(|age| age > OLD) || process_is_gone(path))
}

/// Whether another process holds the file, which it does while it writes it. If not, this one does from now on.
#[cfg(unix)]
pub(crate) fn is_held(file: &File) -> bool {
    use rustix::fs::{FlockOperation, flock};
    flock(file, FlockOperation::NonBlockingLockExclusive) == Err(rustix::io::Errno::WOULDBLOCK)
}

#[cfg(not(unix))]
pub(crate) fn is_held(_: &File) -> bool {
    false
}

/// Whether the process in a file's name is no more. The own one did not write it: what it writes is held.
#[cfg(unix)]
fn process_is_gone(path: &Path) -> bool {
    use rustix::process::{Pid, test_kill_process};
    let number = path
        .file_name()
        .and_then(|name| name.to_str()?.strip_prefix(PREFIX)?.split_once('-'))
        .and_then(|(number, _)| number.parse::<i32>().ok());
    let Some(process) = number.filter(|number| *number > 0).and_then(Pid::from_raw) else {
        return false;
    };
    number == i32::try_from(std::process::id()).ok()
        || test_kill_process(process) == Err(rustix::io::Errno::SRCH)
}

#[cfg(not(unix))]
fn process_is_gone(_: &Path) -> bool {
    false
}

#[cfg(all(test, unix))]
mod tests {
    use super::super::AtomicFile;
    use super::*;

    #[test]
    fn only_what_nobody_writes_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        // No process has the largest number there can be.
        let dead = path(".descale-2147483647-abc.tmp");
        let alive = path(".descale-1-abc.tmp");
        let other = path(".descale-journal");
        for path in [&dead, &alive, &other] {
            fs::write(path, "half a te").unwrap();
        }
        let own = AtomicFile::create(&path("a.txt")).unwrap();
        assert_eq!(remove(folder.path()), [dead]);
        assert!(alive.exists() && other.exists() && own.temporary.exists());

        let hour_ago = std::time::SystemTime::now() - 2 * OLD;
        File::options()
            .write(true)
            .open(&alive)
            .unwrap()
            .set_modified(hour_ago)
            .unwrap();
        assert_eq!(remove(folder.path()), [alive], "old, and not held");
        own.commit().unwrap();
    }
}
