//! The standard streams: data on the one, words on the other, and who gets colours.

use std::env;
use std::io::{self, BufWriter, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use anstream::{AutoStream, ColorChoice};
use anstyle::Style;
use descale::report::{Styles, Summary};

use super::args::{Color, ConsoleArgs};
use super::fault::{ErrorsFile, Fault};

/// So many faults are printed one by one; the rest is only counted. A file of a million bad lines must not bury everything else.
const FAULTS_SHOWN: usize = 20;

/// So many rules of a summary are shown unless all are asked for.
const RULES_SHOWN: usize = 20;

/// Where words go, and how loud they are.
#[derive(Debug)]
pub(crate) struct Console {
    color: Color,
    quiet: bool,
    verbose: bool,
    faults: AtomicUsize,
    /// Those of them that an earlier run named.
    earlier: AtomicUsize,
    /// Where faults are set down for programs.
    errors: Mutex<Option<ErrorsFile>>,
}

impl Console {
    /// The console as the user wants it.
    pub(crate) fn new(args: &ConsoleArgs) -> Self {
        Self {
            color: args.color,
            quiet: args.quiet,
            verbose: args.verbose,
            faults: AtomicUsize::new(0),
            earlier: AtomicUsize::new(0),
            errors: Mutex::new(None),
        }
    }

    /// The standard output, for data. It is never an `AutoStream`: that would take escape sequences out of the data itself.
    pub(crate) fn out(&self) -> BufWriter<io::Stdout> {
        BufWriter::with_capacity(64 * 1024, io::stdout())
    }

    /// The styles for reports on the standard output.
    pub(crate) fn out_styles(&self) -> Styles {
        styles(self.choice(&io::stdout())).wide(columns())
    }

    /// The styles for words on the standard error.
    pub(crate) fn err_styles(&self) -> Styles {
        styles(self.choice(&io::stderr()))
    }

    fn choice(&self, stream: &impl anstream::stream::RawStream) -> ColorChoice {
        match self.color {
            Color::Always => ColorChoice::Always,
            Color::Never => ColorChoice::Never,
            // anstream knows NO_COLOR, CLICOLOR, CLICOLOR_FORCE, TERM=dumb and terminals; FORCE_COLOR is younger.
            Color::Auto if is_set("FORCE_COLOR") && !is_set("NO_COLOR") => ColorChoice::Always,
            Color::Auto => AutoStream::choice(stream),
        }
    }

    /// Whether only errors are wanted.
    pub(crate) fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// Whether everything is wanted.
    pub(crate) fn is_verbose(&self) -> bool {
        self.verbose
    }

    /// Something failed.
    pub(crate) fn error(&self, message: &str) {
        self.say(self.err_styles().error, "error", message);
    }

    /// From now on faults are also set down in a file.
    pub(crate) fn keep_faults(&self, file: ErrorsFile) {
        *self.errors.lock().unwrap_or_else(PoisonError::into_inner) = Some(file);
    }

    /// Whether faults are set down in a file.
    pub(crate) fn keeps_faults(&self) -> bool {
        self.errors
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .is_some()
    }

    /// How long the file of faults is.
    pub(crate) fn faults_length(&self) -> Option<u64> {
        let errors = self.errors.lock().unwrap_or_else(PoisonError::into_inner);
        errors.as_ref().and_then(|file| file.length().ok())
    }

    /// Drops what stands behind the first `length` bytes of the file of faults: it is met again.
    pub(crate) fn cut_faults(&self, length: u64) -> io::Result<()> {
        let mut errors = self.errors.lock().unwrap_or_else(PoisonError::into_inner);
        errors.as_mut().map_or(Ok(()), |file| file.cut(length))
    }

    /// Faults that an earlier run met and told; they count.
    pub(crate) fn earlier_faults(&self, count: usize) {
        self.faults.fetch_add(count, Ordering::Relaxed);
        self.earlier.fetch_add(count, Ordering::Relaxed);
    }

    /// One record or file failed, others go on. From a number on, only counted here; `--errors` has them all.
    pub(crate) fn fault(&self, fault: &Fault) {
        if self.faults.fetch_add(1, Ordering::Relaxed) < FAULTS_SHOWN {
            self.error(&fault.to_string());
        }
        let mut errors = self.errors.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(file) = errors.as_mut()
            && let Err(error) = file.write(fault)
        {
            // Said once; the run goes on, because the texts matter more than the list. It ends with an error either way.
            let fault = Fault::unwritten(file.path(), &error);
            *errors = None;
            self.error(&format!("--errors {fault}; it lacks what comes after"));
        }
    }

    /// Says how many faults there were, and where they all are; answers their number.
    pub(crate) fn faults(&self) -> usize {
        let faults = self.faults.load(Ordering::Relaxed);
        let errors = self.errors.lock().unwrap_or_else(PoisonError::into_inner);
        let place = errors
            .as_ref()
            .map(|file| format!("; all are in {}", file.path().display()));
        if faults > FAULTS_SHOWN {
            let more = faults - FAULTS_SHOWN;
            let place = place.unwrap_or_else(|| "; --errors FILE lists them all".to_owned());
            self.error(&format!(
                "… and {more} more like these; {faults} in all{place}"
            ));
        } else if faults > 0 && !self.quiet {
            let plural = if faults == 1 { "" } else { "s" };
            let place = place.unwrap_or_default();
            let named = match self.earlier.load(Ordering::Relaxed) {
                0 => "named above".to_owned(),
                earlier => format!("{earlier} of them named by the run before"),
            };
            self.raw(&format!("{faults} fault{plural}, {named}{place}\n"));
        }
        faults
    }

    /// Something is odd.
    pub(crate) fn warning(&self, message: &str) {
        if !self.quiet {
            self.say(self.err_styles().warning, "warning", message);
        }
    }

    /// Something that only those want to know who ask.
    pub(crate) fn note(&self, message: &str) {
        if self.verbose {
            self.say(self.err_styles().note, "note", message);
        }
    }

    /// What a run found, by rule.
    pub(crate) fn summary(&self, summary: &Summary) {
        if self.quiet {
            return;
        }
        let rows = if self.verbose {
            usize::MAX
        } else {
            RULES_SHOWN
        };
        let mut text = Vec::new();
        // A vector takes every byte.
        let _ = summary.write(&self.err_styles(), rows, &mut text);
        self.raw(&String::from_utf8_lossy(&text));
    }

    /// Text for people as it is.
    pub(crate) fn raw(&self, text: &str) {
        // A standard error that cannot be written to leaves nobody to tell.
        let _ = io::stderr().lock().write_all(text.as_bytes());
    }

    fn say(&self, style: Style, word: &str, message: &str) {
        self.raw(&format!("{style}{word}{style:#}: {}\n", printable(message)));
    }
}

/// A message without characters that would drive the terminal; names of files and words of documents stand in messages.
fn printable(message: &str) -> String {
    message
        .chars()
        .map(|c| {
            if c.is_control() && c != '\n' {
                '\u{fffd}'
            } else {
                c
            }
        })
        .collect()
}

fn styles(choice: ColorChoice) -> Styles {
    match choice {
        ColorChoice::Never => Styles::plain(),
        _ => Styles::coloured(),
    }
}

/// How wide the terminal is, as the user says or as it says itself; 0 if there is none.
fn columns() -> usize {
    let said = env::var("COLUMNS")
        .ok()
        .and_then(|columns| columns.trim().parse().ok());
    said.filter(|columns| *columns > 0)
        .or_else(|| {
            terminal_size::terminal_size_of(io::stdout()).map(|(columns, _)| usize::from(columns.0))
        })
        .unwrap_or(0)
}

fn is_set(name: &str) -> bool {
    env::var_os(name).is_some_and(|value| !value.is_empty() && value != "0")
}
