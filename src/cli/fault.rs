//! What could not be read or written: named for people, and set down for programs with `--errors`.

use std::fmt;
use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use data_encoding::BASE64;
use serde::Serialize;

use super::inputs::cause_and_cure;

/// Records above this size are not set down with their fault: they stand unchanged in the output, and a list of faults must stay small.
const RECORD_KEPT: usize = 1 << 20;

/// One record or file that could not be worked on. Nothing is lost by it: a record is passed through, a file is left as it was.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Fault {
    path: String,
    line: Option<usize>,
    column: Option<usize>,
    offset: Option<u64>,
    cause: String,
    cure: String,
    /// What became of it, when that needs saying.
    outcome: &'static str,
    /// The record's bytes, unless it is too large, and how many they are.
    record: Option<(Vec<u8>, u64)>,
}

impl Fault {
    /// A fault of a file or stream as a whole. The cause says what is wrong, the cure what to do about it.
    pub(crate) fn new(
        path: impl Into<String>,
        cause: impl Into<String>,
        cure: impl Into<String>,
    ) -> Self {
        Self {
            path: path.into(),
            cause: cause.into(),
            cure: cure.into(),
            ..Self::default()
        }
    }

    /// A fault that the system names.
    pub(crate) fn io(path: impl Into<String>, error: &io::Error) -> Self {
        let (cause, cure) = cause_and_cure(error);
        Self::new(path, cause, cure)
    }

    /// A file that could not be read. A symbolic link to nothing is told from a name that is nowhere.
    pub(crate) fn unread(name: &str, path: &Path, error: &io::Error) -> Self {
        let is_link = path.symlink_metadata().is_ok_and(|data| data.is_symlink());
        if error.kind() == io::ErrorKind::NotFound && is_link {
            return Self::new(
                name,
                "the symbolic link leads nowhere",
                "remove or mend the link",
            );
        }
        Self::io(name, error)
    }

    /// A file that could not be written, and therefore is as it was.
    pub(crate) fn unwritten(path: &Path, error: &io::Error) -> Self {
        let (cause, cure) = cause_and_cure(error);
        Self::new(
            path.display().to_string(),
            format!("not written: {cause}"),
            cure,
        )
    }

    /// Where it is: the line from 1, the column in bytes from 1, and the byte of the file or stream from 0.
    pub(crate) fn at(mut self, line: usize, column: Option<usize>, offset: Option<u64>) -> Self {
        (self.line, self.column, self.offset) = (Some(line), column, offset);
        self
    }

    /// The record it is about, which is passed through unchanged. The line end is no part of it.
    pub(crate) fn of_record(mut self, record: &[u8]) -> Self {
        let record = record.strip_suffix(b"\n").unwrap_or(record);
        let record = record.strip_suffix(b"\r").unwrap_or(record);
        let kept = if record.len() <= RECORD_KEPT {
            record
        } else {
            &[]
        };
        self.record = Some((kept.to_vec(), record.len() as u64));
        self.passed_through("the record is passed through unchanged")
    }

    /// Says what became of the record or file.
    pub(crate) fn passed_through(mut self, outcome: &'static str) -> Self {
        self.outcome = outcome;
        self
    }

    /// One line of JSON for programs.
    fn to_json(&self) -> io::Result<String> {
        let (bytes, count) = self.record.as_ref().map_or((&[][..], None), |record| {
            (record.0.as_slice(), Some(record.1))
        });
        let whole = count == Some(bytes.len() as u64);
        let text = std::str::from_utf8(bytes);
        let line = Line {
            path: &self.path,
            line: self.line,
            column: self.column,
            byte_offset: self.offset,
            cause: &self.cause,
            cure: &self.cure,
            record_bytes: count,
            record: text.ok().filter(|_| whole),
            record_base64: text
                .is_err()
                .then(|| BASE64.encode(bytes))
                .filter(|_| whole),
        };
        Ok(serde_json::to_string(&line)?)
    }
}

/// A fault as programs read it.
#[derive(Serialize)]
struct Line<'f> {
    path: &'f str,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    byte_offset: Option<u64>,
    cause: &'f str,
    cure: &'f str,
    #[serde(skip_serializing_if = "Option::is_none")]
    record_bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    record: Option<&'f str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    record_base64: Option<String>,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)?;
        for number in [self.line, self.column].into_iter().flatten() {
            write!(f, ":{number}")?;
        }
        write!(f, ": {}", self.cause)?;
        if !self.cure.is_empty() {
            write!(f, "; {}", self.cure)?;
        }
        if !self.outcome.is_empty() {
            write!(f, " ({})", self.outcome)?;
        }
        Ok(())
    }
}

/// The file of `--errors`. Each fault is a line that is written at once, so that a killed process leaves all that it met.
#[derive(Debug)]
pub(crate) struct ErrorsFile {
    path: PathBuf,
    file: File,
}

impl ErrorsFile {
    /// Begins the file anew, or goes on with it.
    pub(crate) fn open(path: &Path, go_on: bool) -> io::Result<Self> {
        let mut file = File::options()
            .write(true)
            .create(true)
            .truncate(!go_on)
            .open(path)?;
        if go_on {
            file.seek(SeekFrom::End(0))?;
        }
        Ok(Self {
            path: path.to_path_buf(),
            file,
        })
    }

    /// Drops what stands behind the first `length` bytes.
    pub(crate) fn cut(&mut self, length: u64) -> io::Result<()> {
        let length = length.min(self.length()?);
        self.file.set_len(length)?;
        self.file.seek(SeekFrom::Start(length)).map(|_| ())
    }

    /// Sets a fault down.
    pub(crate) fn write(&mut self, fault: &Fault) -> io::Result<()> {
        let mut line = fault.to_json()?;
        line.push('\n');
        self.file.write_all(line.as_bytes())
    }

    /// How long it is.
    pub(crate) fn length(&self) -> io::Result<u64> {
        Ok(self.file.metadata()?.len())
    }

    /// Its name.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn people_read_place_cause_cure_and_outcome() {
        let fault = Fault::new("in.jsonl", "not JSON", "mend it")
            .at(3, Some(7), Some(40))
            .of_record(b"{\n");
        assert_eq!(
            fault.to_string(),
            "in.jsonl:3:7: not JSON; mend it (the record is passed through unchanged)"
        );
    }

    #[test]
    fn programs_read_all_of_it() {
        let fault = Fault::new("in.jsonl", "not JSON", "mend it").at(3, Some(7), Some(40));
        let read =
            |fault: &Fault| serde_json::from_str::<Value>(&fault.to_json().unwrap()).unwrap();
        let value = read(&fault.clone().of_record("{é\r\n".as_bytes()));
        assert_eq!(
            value,
            json!({"path": "in.jsonl", "line": 3, "column": 7, "byte_offset": 40, "cause": "not JSON", "cure": "mend it",
                   "record_bytes": 3, "record": "{é"})
        );
        assert_eq!(
            read(&fault.clone().of_record(b"{\xff\n"))["record_base64"],
            "e/8="
        );
        let long = read(&fault.of_record(&vec![b'a'; RECORD_KEPT + 1]));
        assert_eq!(long["record_bytes"], RECORD_KEPT + 1);
        assert_eq!(
            long.get("record"),
            None,
            "what is too large is only counted"
        );
    }
}
