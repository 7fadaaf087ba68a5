//! What is wrong with a pack, said so that its author can mend it.

/// Whether a diagnostic stops the work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// The pack works, but probably not as meant. Can be allowed in place with `allow = ["id"]`.
    Warning,
    /// The pack cannot be used.
    Error,
}

/// One complaint about a pack: where, what, and the cure.
///
/// ```
/// let source = "[pack]\nschema = 1\nid = \"en/x\"\nversion = \"1.0.0\"\ntitle = \"X\"\nlicense = \"MIT\"\nlang = \"en\"\n[[rule]]\nid = \"a\"\ncatgory = \"misc\"\n";
/// let diagnostics = descale::Pack::parse("x.toml", source).unwrap_err();
/// let text = diagnostics[0].to_string();
/// assert!(text.starts_with("x.toml:10:1: error: unknown key `catgory`"), "{text}");
/// assert!(text.contains("did you mean `category`?"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Error or warning.
    pub level: Level,
    /// A stable id in kebab-case, which `allow` takes for warnings.
    pub code: &'static str,
    /// Name of the file, as given.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1, in characters.
    pub column: usize,
    /// The line itself.
    pub source_line: String,
    /// How many characters of the line are meant; at least 1.
    pub length: usize,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: String,
}

impl std::fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let level = match self.level {
            Level::Warning => "warning",
            Level::Error => "error",
        };
        writeln!(
            f,
            "{}:{}:{}: {level}: {} [{}]",
            self.file, self.line, self.column, self.message, self.code
        )?;
        writeln!(f, "  | {}", self.source_line)?;
        write!(f, "  = help: {}", self.help)
    }
}
