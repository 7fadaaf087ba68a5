//! Speed of the stages, over generated texts. Before anything is timed, its count of findings is asserted.
//!
//! `cargo bench -- scan` runs one group. Rows of `scan` that begin with `aho-corasick` are the bare automaton over the literals of the same rules and the same
//! text: what a program without a filter, slots, edges and guards would do, and the least that any program without a filter must do.

use std::hint::black_box;
use std::time::Duration;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use criterion::{BenchmarkId, Criterion, Throughput};
use descale::{Cleaner, Database, FragmentMode, Pack, Piece, builtin_packs};

mod inputs;

fn main() {
    let mut criterion = Criterion::default()
        .measurement_time(Duration::from_secs(3))
        .configure_from_args();
    compile(&mut criterion);
    load(&mut criterion);
    fold(&mut criterion);
    scan(&mut criterion);
    clean(&mut criterion);
    criterion.final_summary();
}

fn packs() -> Vec<Pack> {
    builtin_packs()
        .iter()
        .map(|(path, source)| Pack::parse(path, source).expect("a built-in pack").0)
        .collect()
}

fn cleaner() -> Cleaner {
    Cleaner::builder().build().expect("the built-in packs")
}

/// From the packs' TOML to a database, and from rules to a cleaner that is ready to search.
fn compile(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("compile");
    let rules = cleaner().database().rules().count();
    assert_eq!(
        packs().iter().map(|pack| pack.entries.len()).sum::<usize>(),
        rules
    );
    group.throughput(Throughput::Bytes(
        builtin_packs()
            .iter()
            .map(|(_, source)| source.len() as u64)
            .sum(),
    ));
    group.bench_function("parse the built-in packs", |bencher| bencher.iter(packs));
    group.throughput(Throughput::Elements(rules as u64));
    let packs = packs();
    group.bench_function("from packs to a cleaner", |bencher| {
        bencher.iter(|| {
            Cleaner::builder()
                .builtin(false)
                .packs(black_box(packs.clone()))
                .build()
        });
    });
    group.finish();
}

/// From a compiled file to a database, and on to a cleaner.
fn load(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("load");
    let built = cleaner();
    let bytes = built.database().to_bytes();
    assert_eq!(Database::from_bytes(&bytes).as_ref(), Ok(built.database()));
    group.throughput(Throughput::Bytes(bytes.len() as u64));
    group.bench_function("from bytes to a database", |bencher| {
        bencher.iter(|| Database::from_bytes(black_box(&bytes)))
    });
    group.bench_function("from bytes to a cleaner", |bencher| {
        bencher.iter(|| {
            let database = Database::from_bytes(black_box(&bytes)).expect("its own bytes");
            Cleaner::builder().builtin(false).database(database).build()
        });
    });
    group.finish();
}

/// Folding all of a text, which the scanner only does to stretches.
fn fold(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("fold");
    for input in inputs::all() {
        assert_eq!(
            descale::fold(&descale::fold(&input.text)),
            descale::fold(&input.text),
            "{}",
            input.name
        );
        group.throughput(Throughput::Bytes(input.text.len() as u64));
        group.bench_with_input(
            BenchmarkId::from_parameter(input.name),
            &input.text,
            |bencher, text| bencher.iter(|| descale::fold(black_box(text))),
        );
    }
    group.finish();
}

/// Insertions in a text; and the bare automaton on the same. Detectors of broken text are left out: the automaton has none.
fn scan(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("scan");
    let cleaner = Cleaner::builder().fragments(FragmentMode::Off).build();
    let cleaner = cleaner.expect("the built-in packs");
    let literals = literals();
    let rivals = [
        ("aho-corasick NFA", AhoCorasickKind::ContiguousNFA),
        ("aho-corasick DFA", AhoCorasickKind::DFA),
    ]
    .map(|(name, kind)| {
        let automaton = AhoCorasick::builder()
            .kind(Some(kind))
            .match_kind(MatchKind::Standard)
            .ascii_case_insensitive(true)
            .build(&literals);
        (
            name,
            automaton.expect("fewer literals than the automaton can take"),
        )
    });
    for input in inputs::all() {
        let applied = cleaner
            .scan(&input.text)
            .iter()
            .filter(|finding| finding.applies())
            .count();
        assert_eq!(applied, input.removed, "{}", input.name);
        group.throughput(Throughput::Bytes(input.text.len() as u64));
        group.bench_with_input(
            BenchmarkId::new("descale", input.name),
            &input.text,
            |bencher, text| bencher.iter(|| cleaner.scan(black_box(text))),
        );
        for (name, automaton) in &rivals {
            let met = automaton.find_overlapping_iter(&input.text).count();
            assert!(
                met >= input.removed,
                "{name} meets {met} literals in {}",
                input.name
            );
            group.bench_with_input(
                BenchmarkId::new(*name, input.name),
                &input.text,
                |bencher, text| {
                    bencher.iter(|| automaton.find_overlapping_iter(black_box(text)).count());
                },
            );
        }
    }
    group.finish();
}

/// The longest literal of each form of each built-in rule, each once.
fn literals() -> Vec<String> {
    let packs = packs();
    let templates = packs
        .iter()
        .flat_map(|pack| &pack.entries)
        .flat_map(|entry| &entry.rule.text);
    let mut literals: Vec<String> = templates
        .flat_map(|template| &template.forms)
        .filter_map(|form| {
            let texts = form.iter().filter_map(|piece| match piece {
                Piece::Literal(text) => Some(text.trim().to_owned()),
                Piece::Slot(_) => None,
            });
            texts.max_by_key(String::len)
        })
        .collect();
    literals.sort();
    literals.dedup();
    literals
}

/// From a text to a cleaned text: scanning, detectors, edits.
fn clean(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("clean");
    let cleaner = cleaner();
    for input in inputs::all() {
        let findings = cleaner.clean(&input.text).findings;
        let rules = findings
            .iter()
            .filter(|finding| finding.applies() && finding.place.is_some());
        assert_eq!(rules.count(), input.removed, "{}", input.name);
        group.throughput(Throughput::Bytes(input.text.len() as u64));
        group.bench_with_input(
            BenchmarkId::from_parameter(input.name),
            &input.text,
            |bencher, text| bencher.iter(|| cleaner.clean(black_box(text))),
        );
    }
    group.finish();
}
