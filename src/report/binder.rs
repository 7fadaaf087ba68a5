//! From the shares of documents to the whole report: one behind the other, or as the report's own binder has it.

use std::io::{self, Write};

use super::{Report, Summary};

/// Puts the shares of a report together: it may count them, hold them back, and spread them over further files.
///
/// It is fed by one thread and in the order of the documents. What it keeps must not grow with their number.
pub trait Binder: Send {
    /// Takes the share of a document, or the shares of several that follow each other, as [`Report::document`] wrote them.
    ///
    /// # Errors
    /// Those of `out` and `files`.
    fn take(
        &mut self,
        share: &[u8],
        out: &mut dyn Write,
        files: Option<&mut dyn Files>,
    ) -> io::Result<()>;

    /// Ends the report.
    ///
    /// # Errors
    /// Those of `out` and `files`.
    fn end(
        &mut self,
        summary: &Summary,
        out: &mut dyn Write,
        files: Option<&mut dyn Files>,
    ) -> io::Result<()>;
}

/// Further files of a report, in a folder beside its own file. Reports open nothing themselves: whoever runs them does.
pub trait Files {
    /// The name of the report's own file, without folders, as the further files link to it.
    fn own(&self) -> &str;

    /// The name of the folder, as the report's own file links into it.
    fn folder(&self) -> &str;

    /// Writes one of the further files. The report chooses the `name`, never the documents: letters, digits, `-` and `.` only.
    ///
    /// # Errors
    /// When the file cannot be written.
    fn write(&mut self, name: &str, bytes: &[u8]) -> io::Result<()>;
}

/// A report on its way out: takes shares in the order of the documents and writes what becomes of them.
pub struct Stream<'r> {
    report: &'r dyn Report,
    binder: Option<Box<dyn Binder>>,
    /// Whether a document has had something to say.
    begun: bool,
}

impl<'r> Stream<'r> {
    /// Begins a report.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn begin(report: &'r dyn Report, out: &mut dyn Write) -> io::Result<Self> {
        let binder = report.binder();
        if binder.is_none() {
            report.begin(out)?;
        }
        Ok(Self {
            report,
            binder,
            begun: false,
        })
    }

    /// Takes the next share; an empty one is nothing.
    ///
    /// # Errors
    /// Those of `out` and `files`.
    pub fn take(
        &mut self,
        share: &[u8],
        out: &mut dyn Write,
        files: Option<&mut dyn Files>,
    ) -> io::Result<()> {
        if share.is_empty() {
            return Ok(());
        }
        if let Some(binder) = &mut self.binder {
            return binder.take(share, out, files);
        }
        if std::mem::replace(&mut self.begun, true) {
            self.report.between(out)?;
        }
        out.write_all(share)
    }

    /// Ends the report.
    ///
    /// # Errors
    /// Those of `out` and `files`.
    pub fn end(
        mut self,
        summary: &Summary,
        out: &mut dyn Write,
        files: Option<&mut dyn Files>,
    ) -> io::Result<()> {
        match &mut self.binder {
            Some(binder) => binder.end(summary, out, files),
            None => self.report.end(summary, out),
        }
    }
}
