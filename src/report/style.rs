//! The colours of reports, handed in by whoever knows the terminal.

use anstyle::{AnsiColor, Style};

use crate::model::Severity;

/// What each part of a report looks like. A report never asks a terminal: it takes these as they are.
///
/// ```
/// use descale::report::Styles;
/// assert_eq!(Styles::plain().error.render().to_string(), "");
/// assert_ne!(Styles::coloured().error.render().to_string(), "");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Styles {
    /// Names of files, places and totals.
    pub strong: Style,
    /// What is of less weight: line numbers, rulers.
    pub dim: Style,
    /// The word "error" and marks of that severity.
    pub error: Style,
    /// The word "warning" and marks of that severity.
    pub warning: Style,
    /// The word "note" and marks of that severity.
    pub note: Style,
    /// Removed text.
    pub removed: Style,
    /// Inserted text.
    pub inserted: Style,
    /// The line that says where a hunk stands.
    pub hunk: Style,
    /// How many columns there are, for reports that fill them; 0 if that is not known.
    pub columns: usize,
}

impl Styles {
    /// No styles at all: for files, pipes and `--color never`.
    #[must_use]
    pub fn plain() -> Self {
        Self::default()
    }

    /// The sixteen colours that every terminal theme defines, so that light and dark themes both stay readable.
    #[must_use]
    pub fn coloured() -> Self {
        Self {
            strong: Style::new().bold(),
            dim: AnsiColor::BrightBlack.on_default(),
            error: AnsiColor::Red.on_default().bold(),
            warning: AnsiColor::Yellow.on_default().bold(),
            note: AnsiColor::Cyan.on_default().bold(),
            removed: AnsiColor::Red.on_default(),
            inserted: AnsiColor::Green.on_default(),
            hunk: AnsiColor::Cyan.on_default(),
            columns: 0,
        }
    }

    /// The same for a page of so many columns.
    #[must_use]
    pub fn wide(self, columns: usize) -> Self {
        Self { columns, ..self }
    }

    /// Whether nothing is coloured, so that marks must be spelt.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.wide(0) == Self::default()
    }

    /// The style of a severity.
    #[must_use]
    pub fn severity(&self, severity: Severity) -> Style {
        match severity {
            Severity::Error => self.error,
            Severity::Warning => self.warning,
            Severity::Note => self.note,
        }
    }
}
