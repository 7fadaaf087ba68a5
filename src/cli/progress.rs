//! How far a long run has come: a bar on a terminal, and nothing anywhere else.

use std::io::{self, IsTerminal};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::console::Console;
use super::inputs::Source;
use super::pipeline::Part;

/// Below this size a run is over before a bar could be read.
const WORTH_A_BAR: u64 = 64 << 20;

/// So many files are worth a bar too, however small they are.
const MANY_FILES: usize = 5000;

/// The bar, and the messages that must not be drawn into it.
pub(crate) struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// A bar over the bytes of all files. None is drawn if the standard error is no terminal, the user wants quiet, the data itself goes to
    /// the terminal, or the run is short.
    pub(crate) fn new(sources: &[Source], console: &Console) -> Self {
        let size = |source: &Source| Some(source.path.as_ref()?.metadata().ok()?.len());
        let wanted =
            !console.is_quiet() && io::stderr().is_terminal() && !io::stdout().is_terminal();
        // The sizes are asked for only when there will be a bar: for a million files that takes a while.
        let total: u64 = if wanted {
            sources.iter().filter_map(size).sum()
        } else {
            0
        };
        if !wanted || (total < WORTH_A_BAR && sources.len() < MANY_FILES) {
            return Self {
                bar: ProgressBar::hidden(),
            };
        }
        let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr_with_hz(5));
        let style = ProgressStyle::with_template(
            "{wide_bar} {bytes}/{total_bytes} {bytes_per_sec} {eta} left",
        );
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Self { bar }
    }

    /// Counts what an earlier run read.
    pub(crate) fn skip(&mut self, bytes: u64) {
        self.bar.inc(bytes);
        self.bar.reset_eta();
    }

    /// Counts a part, and prints what it has to say.
    pub(crate) fn take(&mut self, part: &Part<'_>, console: &Console) {
        let done = &part.done;
        if !done.warnings.is_empty() || !done.faults.is_empty() {
            self.bar.suspend(|| {
                done.warnings
                    .iter()
                    .for_each(|warning| console.warning(warning));
                done.faults.iter().for_each(|fault| console.fault(fault));
            });
        }
        self.bar.inc(done.read);
    }

    /// Takes the bar away.
    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
