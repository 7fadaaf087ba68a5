//! The least a program needs to clean texts, and the measure of what bindings cost: cleans a field of a JSON Lines file that is in memory already and prints the
//! CPU seconds and how many texts changed. Reading and parsing are not counted.
//!
//! `cargo run --release --example clean-jsonl -- FILE FIELD`

use std::io::Write;
use std::process::ExitCode;

use descale::Cleaner;

fn main() -> Result<ExitCode, Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(path), Some(field)) = (arguments.next(), arguments.next()) else {
        writeln!(std::io::stderr(), "usage: clean-jsonl FILE FIELD")?;
        return Ok(ExitCode::from(2));
    };
    let cleaner = Cleaner::builder().build()?;
    let texts = std::fs::read_to_string(path)?
        .lines()
        .filter_map(|line| {
            let record: serde_json::Value = serde_json::from_str(line).ok()?;
            Some(record.get(&field)?.as_str()?.to_owned())
        })
        .collect::<Vec<_>>();
    let start = cpu_time::ThreadTime::now();
    let cleaned: Vec<_> = texts.iter().map(|text| cleaner.clean(text)).collect();
    let seconds = start.elapsed().as_secs_f64();
    let changed = cleaned.iter().filter(|cleaned| cleaned.changed()).count();
    writeln!(std::io::stdout(), "{seconds} {changed}")?;
    Ok(ExitCode::SUCCESS)
}
