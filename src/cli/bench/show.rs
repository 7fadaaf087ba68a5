//! The figures as a table for people and as JSON for programs.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::measure::{Measured, STAGES};

/// Writes the table.
pub(super) fn table(measured: &Measured, out: &mut dyn Write) -> io::Result<()> {
    let megabytes = measured.bytes as f64 / 1e6;
    writeln!(
        out,
        "descale {}: {} rules, ready in {:.1} ms\n{}: {:.1} MB of text in {}; medians of {}, CPU time of one thread\n",
        env!("CARGO_PKG_VERSION"),
        measured.rules,
        measured.build.as_secs_f64() * 1e3,
        measured.sample,
        megabytes,
        counted(measured.texts, "text"),
        counted(measured.rounds, "round"),
    )?;
    writeln!(out, "{:<18} {:>8} {:>7}", "stage", "GB/s", "share")?;
    for (name, seconds) in STAGES.iter().zip(measured.stages) {
        writeln!(
            out,
            "{name:<18} {} {:>6.1}%",
            speed(measured.bytes, seconds),
            100.0 * seconds / measured.total.max(f64::MIN_POSITIVE)
        )?;
    }
    writeln!(
        out,
        "{:<18} {}\n",
        "all",
        speed(measured.bytes, measured.total)
    )?;

    writeln!(
        out,
        "{:<18} {:>8} {:>12}  cleaning takes",
        "beside", "GB/s", "counted"
    )?;
    for rival in &measured.rivals {
        writeln!(
            out,
            "{:<18} {} {:>12}  {}",
            rival.name,
            speed(measured.bytes, rival.seconds),
            rival.counted,
            times(rival.ratio)
        )?;
    }

    let counts = &measured.counts;
    let rows = [
        ("findings", measured.found.findings as u64),
        ("edits", measured.found.edits as u64),
        ("windows", counts.windows),
        ("compared", counts.compared),
        ("candidates", counts.candidates),
        ("verifications", measured.verification.verifications),
        ("matches", measured.verification.matches),
    ];
    writeln!(out, "\n{:<18} {:>8}", "per megabyte", "")?;
    for (name, count) in rows {
        writeln!(out, "{name:<18} {:>8.1}", count as f64 / megabytes)?;
    }

    if measured.dearest.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "\n{:>13} {:>8} {:>6}  dearest rules",
        "verifications", "matches", "share"
    )?;
    let all = measured.verification.time.as_secs_f64();
    for rule in &measured.dearest {
        writeln!(
            out,
            "{:>13} {:>8} {:>5.1}%  {}",
            rule.verifications,
            rule.matches,
            100.0 * rule.time.as_secs_f64() / all.max(f64::MIN_POSITIVE),
            rule.name
        )?;
    }
    Ok(())
}

/// Writes one JSON object.
pub(super) fn json(measured: &Measured, out: &mut dyn Write) -> io::Result<()> {
    let rate =
        |seconds: f64| json!({"seconds": seconds, "gb_per_s": gigabytes(measured.bytes, seconds)});
    let stages: serde_json::Map<String, Value> = STAGES
        .iter()
        .zip(measured.stages)
        .map(|(name, seconds)| (name.replace(' ', "_"), rate(seconds)))
        .collect();
    let rivals: Vec<Value> = measured
        .rivals
        .iter()
        .map(|rival| {
            json!({
                "name": rival.name,
                "seconds": rival.seconds,
                "gb_per_s": gigabytes(measured.bytes, rival.seconds),
                "counted": rival.counted,
                "times_as_long_as_cleaning": rival.ratio,
            })
        })
        .collect();
    let all = measured.verification.time.as_secs_f64();
    let dearest: Vec<Value> = measured
        .dearest
        .iter()
        .map(|rule| {
            json!({
                "rule": rule.name,
                "verifications": rule.verifications,
                "matches": rule.matches,
                "share": rule.time.as_secs_f64() / all.max(f64::MIN_POSITIVE),
            })
        })
        .collect();
    let counts = &measured.counts;
    let value = json!({
        "version": env!("CARGO_PKG_VERSION"),
        "sample": measured.sample,
        "bytes": measured.bytes,
        "texts": measured.texts,
        "rules": measured.rules,
        "build_seconds": measured.build.as_secs_f64(),
        "rounds": measured.rounds,
        "stages": stages,
        "all": rate(measured.total),
        "beside": rivals,
        "counts": {
            "findings": measured.found.findings,
            "edits": measured.found.edits,
            "windows": counts.windows,
            "compared": counts.compared,
            "candidates": counts.candidates,
            "verifications": measured.verification.verifications,
            "matches": measured.verification.matches,
        },
        "dearest_rules": dearest,
    });
    serde_json::to_writer_pretty(&mut *out, &value)?;
    writeln!(out)
}

fn gigabytes(bytes: usize, seconds: f64) -> Option<f64> {
    (seconds > 0.0).then(|| bytes as f64 / 1e9 / seconds)
}

fn speed(bytes: usize, seconds: f64) -> String {
    gigabytes(bytes, seconds).map_or_else(|| format!("{:>8}", "–"), |speed| format!("{speed:>8.3}"))
}

/// How long cleaning takes beside a rival that takes `ratio` times as long.
fn times(ratio: f64) -> String {
    if ratio >= 1.0 {
        format!("1/{ratio:.1} of it")
    } else {
        format!("{:.1} times as long", 1.0 / ratio.max(f64::MIN_POSITIVE))
    }
}

fn counted(count: usize, word: &str) -> String {
    format!("{count} {word}{}", if count == 1 { "" } else { "s" })
}
