//! The one integration binary. Each module holds the crate to one promise.

/// On hand-written articles nothing is cut wrongly, and quality does not fall.
#[cfg(feature = "report")]
mod articles;
/// The engine does what its cases say: `tests/cases/*.toml`.
mod cases;
/// The command does what its cases say: `tests/cmd/*.toml`.
#[cfg(feature = "cli")]
mod cmd;
/// The filter lets no more of a text through than it did, whatever the text.
mod counts;
/// Whatever goes wrong around a run, nothing is lost or half done.
#[cfg(feature = "cli")]
mod faults;
/// All bytes but those of changed texts stay, whatever the format and however it is packed.
#[cfg(feature = "cli")]
mod formats;
/// Cleaning brings texts as near to hand-made ones as it did before: `tests/gold`.
#[cfg(feature = "report")]
mod gold;
/// No module imports from a floor above its own.
mod layers;
/// What `clean` took comes back, and a ledger that cannot be trusted changes nothing.
#[cfg(feature = "cli")]
mod ledger;
/// The language server answers as the protocol says, whatever it is sent.
#[cfg(feature = "cli")]
mod lsp;
/// The fast scanner finds what a naive one finds.
mod oracle;
/// Who unpacks a file does not show.
#[cfg(feature = "cli")]
mod packed;
/// Every built-in rule finds and ignores what its pack says.
mod packs;
/// What holds for every text: nothing lost, nothing left to do, no panic.
mod properties;

/// Tables that other tests clean.
#[cfg(all(feature = "cli", feature = "parquet"))]
mod tables;

/// What is too large to be held is cleaned as it is whole.
#[cfg(feature = "cli")]
mod streams;

/// Runs a property on that many texts; those it ever failed on are kept in `proptest-regressions/` and tried first.
fn proptest_config(cases: u32, module: &str) -> proptest::test_runner::Config {
    use proptest::test_runner::{Config, FileFailurePersistence};
    let file = format!(
        "{}/proptest-regressions/tests/{module}.txt",
        env!("CARGO_MANIFEST_DIR")
    );
    Config {
        // The persistence wants a name that lives for ever; there are two.
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct(file.leak()))),
        ..Config::with_cases(
            std::env::var("PROPTEST_CASES")
                .ok()
                .and_then(|n| n.parse().ok())
                .unwrap_or(cases),
        )
    }
}
