//! Makes `data/windows.bin`, the table by which the scanner chooses the windows it looks for (see `src/scan/frequency.rs`).
//!
//! `cargo run --release --example count-windows -- ARTICLES.jsonl data/windows.bin` counts the eight-byte windows of the folded `text` fields; at least
//! 24 MB of news text are wanted, because rarer windows are then told from common ones (shared/PERFORMANCE.md, section 4.4).

use std::collections::HashMap;
use std::{env, error::Error, fs};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let (Some(from), Some(to)) = (arguments.next(), arguments.next()) else {
        return Err("usage: count-windows ARTICLES.jsonl data/windows.bin".into());
    };
    let mut counts: HashMap<u64, u32> = HashMap::new();
    let mut bytes = 0;
    for line in fs::read_to_string(from)?.lines() {
        let record: serde_json::Value = serde_json::from_str(line)?;
        let folded = descale::fold(record["text"].as_str().unwrap_or_default());
        bytes += folded.len();
        for window in folded.as_bytes().windows(8) {
            let key = u64::from_le_bytes(window.try_into()?);
            *counts.entry(key).or_default() += 1;
        }
    }
    let table = descale::window_table(counts.into_iter(), bytes as f64 / 1e6);
    fs::write(to, table)?;
    Ok(())
}
