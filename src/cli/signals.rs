//! Ctrl-C and its like: the run ends at once, without leaving a temporary file, and says how to go on.
//!
//! Nothing has to be finished for that. A file in work is a temporary one until it takes its place in one step, so it is enough to remove
//! those, and lines of journals are read back only when they are whole.

use std::sync::{Mutex, PoisonError};

/// What to tell whoever interrupts the run.
static HINT: Mutex<Option<String>> = Mutex::new(None);

/// Sets what is said when the run is interrupted.
pub(crate) fn set_hint(hint: Option<String>) {
    *HINT.lock().unwrap_or_else(PoisonError::into_inner) = hint;
}

/// From now on, an interrupting signal removes the temporary files first. A second one ends the process without that.
#[cfg(unix)]
pub(crate) fn install() {
    use std::sync::Once;
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // Without the handler the signal still ends the process; what it leaves is removed by the next run.
        let _ = unix::install();
    });
}

/// Elsewhere the process just ends; the next run removes what it leaves.
#[cfg(not(unix))]
pub(crate) fn install() {}

#[cfg(unix)]
mod unix {
    use std::io::{self, Write};
    use std::sync::atomic::AtomicBool;
    use std::sync::{Arc, PoisonError};
    use std::{fs, process, thread};

    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::flag;
    use signal_hook::iterator::Signals;

    use super::HINT;
    use crate::cli::atomic;

    pub(super) fn install() -> io::Result<()> {
        let ignored = ignored();
        let wanted: Vec<i32> = [SIGHUP, SIGINT, SIGTERM]
            .into_iter()
            .filter(|signal| ignored & (1 << (signal - 1)) == 0)
            .collect();
        let seen = Arc::new(AtomicBool::new(false));
        for &signal in &wanted {
            // In this order the first signal only sets the flag, and any other ends the process.
            flag::register_conditional_shutdown(signal, 128 + signal, Arc::clone(&seen))?;
            flag::register(signal, Arc::clone(&seen))?;
        }
        let mut signals = Signals::new(wanted)?;
        thread::Builder::new()
            .name("signals".to_owned())
            .spawn(move || {
                if let Some(signal) = signals.forever().next() {
                    end(signal);
                }
            })?;
        Ok(())
    }

    fn end(signal: i32) {
        // Holds back every thread that is about to begin or to place a file.
        let _held = atomic::abandon_all();
        let hint = HINT.lock().unwrap_or_else(PoisonError::into_inner);
        let hint = hint.as_deref().unwrap_or("");
        let name = signal_hook::low_level::signal_name(signal).unwrap_or("a signal");
        let message = format!(
            "\nerror: ended by {name}; every file is as it was or done, none in between{hint}\n"
        );
        let _ = io::stderr().lock().write_all(message.as_bytes());
        process::exit(128 + signal);
    }

    /// The signals that whoever started us wants ignored, as a mask: with `nohup` the run must outlive the terminal.
    fn ignored() -> u64 {
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        let mask = status
            .lines()
            .find_map(|line| line.strip_prefix("SigIgn:"))
            .unwrap_or("0");
        u64::from_str_radix(mask.trim(), 16).unwrap_or(0)
    }
}
