//! Measuring by turns: everything once a round, the rivals and the stages one after the other, so that what disturbs one disturbs all.

use std::collections::HashMap;
use std::hint::black_box;
use std::io;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use cpu_time::ThreadTime;
use descale::format::plain::{self, Masked};
use descale::{
    BareAutomaton, Cleaned, Cleaner, Document, Edit, RuleInfo, ScanCounts, Stage, Watch,
};

use super::sample::{Content, Sample, places};
use crate::cli::form::{self, Form, Formed};

/// A DFA over more bytes of literals would need gigabytes.
const DFA_BYTES: usize = 1_500_000;

/// Literals shorter than this are left out for the bare automaton: no program looks for single short words.
const SHORTEST: usize = 8;

/// How much text the naive count goes over: it takes every literal by itself.
const NAIVE_BYTES: usize = 100_000;

/// What is written is kept up to so many bytes, as it is in the pipeline.
const PIECE: usize = 1 << 20;

/// So many of the dearest rules are told.
const RULES: usize = 12;

/// The rows of the stages, in the order of the work.
pub(super) const STAGES: [&str; 6] = [
    "read",
    "prefilter",
    "close look",
    "fragments",
    "plan",
    "write",
];
const READ: usize = 0;
const WRITE: usize = 5;

/// All figures.
pub(super) struct Measured {
    /// What was measured with.
    pub(super) sample: String,
    /// Bytes of text.
    pub(super) bytes: usize,
    /// Texts.
    pub(super) texts: usize,
    /// Rules.
    pub(super) rules: usize,
    /// How long the cleaner took to be built.
    pub(super) build: Duration,
    /// Rounds.
    pub(super) rounds: usize,
    /// Seconds a stage takes for all of the sample: medians, in the order of [`STAGES`].
    pub(super) stages: [f64; 6],
    /// Seconds for all stages: the median, which is not the sum of medians.
    pub(super) total: f64,
    /// The rivals.
    pub(super) rivals: Vec<Rival>,
    /// What the filter let through.
    pub(super) counts: ScanCounts,
    /// Findings and edits.
    pub(super) found: Found,
    /// The rules that cost most.
    pub(super) dearest: Vec<RuleCost>,
    /// What all rules cost together.
    pub(super) verification: RuleCost,
}

/// Something to compare with.
pub(super) struct Rival {
    /// What it is.
    pub(super) name: &'static str,
    /// What it counts: bytes, line ends, literals.
    pub(super) counted: usize,
    /// Seconds for all of the sample: the median.
    pub(super) seconds: f64,
    /// How many times as long it takes as cleaning does without reading and writing: the median of the rounds' ratios.
    pub(super) ratio: f64,
}

/// What cleaning found in all texts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    /// Findings.
    pub(super) findings: usize,
    /// Edits.
    pub(super) edits: usize,
}

/// What the close look at the candidates of a rule costs.
#[derive(Clone, Debug, Default)]
pub(super) struct RuleCost {
    /// Its name.
    pub(super) name: String,
    /// Candidates looked at.
    pub(super) verifications: u64,
    /// Those that were the rule's text.
    pub(super) matches: u64,
    /// How long it took.
    pub(super) time: Duration,
}

/// Runs something and says how much time of this thread's it took.
pub(super) fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let start = ThreadTime::now();
    let result = work();
    (result, start.elapsed())
}

impl Measured {
    /// Measures everything.
    pub(super) fn new(
        cleaner: &Cleaner,
        build: Duration,
        sample: &Sample,
        rounds: usize,
    ) -> Result<Self> {
        let mut rivals = rivals(cleaner, sample)?;
        let mut totals = Vec::new();
        let mut stages: [Vec<f64>; 6] = Default::default();
        let mut found = None;
        for _ in 0..rounds {
            for rival in &mut rivals {
                rival.round(sample)?;
            }
            let (spent, this) = round(cleaner, sample)?;
            if *found.get_or_insert(this) != this {
                bail!("two rounds found different things in the same texts: {found:?}, {this:?}");
            }
            for (stage, spent) in stages.iter_mut().zip(spent) {
                stage.push(spent);
            }
            totals.push(spent.iter().sum());
        }
        let cleaning: Vec<f64> = (0..rounds)
            .map(|round| {
                stages[READ + 1..WRITE]
                    .iter()
                    .map(|stage| stage[round])
                    .sum()
            })
            .collect();
        let (dearest, verification) = rule_costs(cleaner, sample);
        Ok(Self {
            sample: sample.name.clone(),
            bytes: sample.bytes,
            texts: sample.texts.len(),
            rules: cleaner.database().rules().count(),
            build,
            rounds,
            stages: stages.map(median),
            total: median(totals),
            rivals: rivals
                .into_iter()
                .map(|runner| Rival {
                    name: runner.name,
                    counted: runner.counted.unwrap_or(0),
                    ratio: median(
                        runner
                            .seconds
                            .iter()
                            .zip(&cleaning)
                            .map(|(rival, own)| rival / own)
                            .collect(),
                    ),
                    seconds: median(runner.seconds),
                })
                .collect(),
            counts: counts(cleaner, sample),
            found: found.unwrap_or_default(),
            dearest,
            verification,
        })
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}

/// A rival at work.
struct Runner {
    name: &'static str,
    work: Box<dyn Fn(&str) -> usize>,
    counted: Option<usize>,
    seconds: Vec<f64>,
}

impl Runner {
    fn new(name: &'static str, work: impl Fn(&str) -> usize + 'static) -> Self {
        Self {
            name,
            work: Box::new(work),
            counted: None,
            seconds: Vec::new(),
        }
    }

    fn round(&mut self, sample: &Sample) -> Result<()> {
        let (counted, time) = timed(|| sample.texts.iter().map(|text| (self.work)(text)).sum());
        if *self.counted.get_or_insert(counted) != counted {
            bail!("{}: two rounds counted different things", self.name);
        }
        self.seconds.push(time.as_secs_f64());
        Ok(())
    }
}

fn rivals(cleaner: &Cleaner, sample: &Sample) -> Result<Vec<Runner>> {
    let mut rivals = vec![
        Runner::new("memcpy", |text| black_box(text.to_owned()).len()),
        Runner::new("memchr", |text| {
            memchr::memchr_iter(b'\n', text.as_bytes()).count()
        }),
    ];
    let mut literals = cleaner.database().literals();
    literals.retain(|literal| literal.len() >= SHORTEST);
    if literals.is_empty() {
        return Ok(rivals);
    }
    let bytes: usize = literals.iter().map(String::len).sum();
    let expected = naive(&literals, sample);
    for (name, dfa) in [("aho-corasick NFA", false), ("aho-corasick DFA", true)] {
        if dfa && bytes > DFA_BYTES {
            continue;
        }
        let Some(automaton) = BareAutomaton::new(&literals, dfa) else {
            continue;
        };
        let met: usize = head(sample).map(|text| automaton.count(text)).sum();
        if met != expected {
            bail!("{name} met {met} literals where a naive search meets {expected}");
        }
        rivals.push(Runner::new(name, move |text| automaton.count(text)));
    }
    Ok(rivals)
}

/// The first texts, for what takes long.
fn head(sample: &Sample) -> impl Iterator<Item = &str> {
    let mut left = NAIVE_BYTES;
    sample.texts.iter().map_while(move |text| {
        let mut end = left.min(text.len());
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let text = &text[..end];
        left -= end;
        (!text.is_empty()).then_some(text)
    })
}

/// How often the literals are met, counted one by one.
fn naive(literals: &[String], sample: &Sample) -> usize {
    let texts: Vec<Vec<u8>> = head(sample)
        .map(|text| text.as_bytes().to_ascii_lowercase())
        .collect();
    let count = |literal: &String| {
        let literal = literal.to_ascii_lowercase();
        let finder = memchr::memmem::Finder::new(&literal);
        let in_text = |text: &Vec<u8>| {
            let (mut count, mut at) = (0, 0);
            while let Some(found) = finder.find(&text[at..]) {
                count += 1;
                at += found + 1;
            }
            count
        };
        texts.iter().map(in_text).sum::<usize>()
    };
    literals.iter().map(count).sum()
}

/// Seconds of each stage in one round over all texts. The whole round is measured by the thread's own time; the clock that tells the stages apart
/// also runs while others work, so only its shares are used.
fn round(cleaner: &Cleaner, sample: &Sample) -> Result<([f64; 6], Found)> {
    let mut clock = Clock::new();
    let mut found = Found::default();
    let mut bytes = Vec::new();
    let mut out = Vec::new();
    let (result, time) = timed(|| {
        clock.last = Instant::now();
        for file in &sample.files {
            one_file(cleaner, file, &mut bytes, &mut out, &mut clock, &mut found)?;
        }
        anyhow::Ok(())
    });
    result?;
    let all: f64 = clock.spent.iter().map(Duration::as_secs_f64).sum();
    let share = time.as_secs_f64() / all.max(f64::MIN_POSITIVE);
    Ok((clock.spent.map(|spent| spent.as_secs_f64() * share), found))
}

fn one_file(
    cleaner: &Cleaner,
    file: &Content,
    bytes: &mut Vec<u8>,
    out: &mut Vec<u8>,
    clock: &mut Clock,
    found: &mut Found,
) -> Result<()> {
    file.reload(bytes)?;
    let mut written = Written::new(file.form)?;
    let Some(records) = &file.records else {
        let masked = Masked::new(bytes);
        clock.mark(READ);
        let cleaned = cleaner.clean_watched(Document::new(&masked.text), clock);
        found.add(&cleaned);
        plain::splice(bytes, cleaned.edits.iter().map(change), out);
        written.flush(out)?;
        written.finish(out)?;
        clock.mark(WRITE);
        return Ok(());
    };
    for place in places(&**records, bytes) {
        // Each record was read once before.
        let bytes = &bytes[place.range];
        let record = records.read(bytes)?;
        clock.mark(READ);
        let mut changes = Vec::with_capacity(record.texts.len());
        for text in &record.texts {
            let document = Document {
                site: record.site.as_deref(),
                title: record.title.as_deref(),
                lang: record.lang.as_deref(),
                ..Document::new(&text.text)
            };
            let cleaned = cleaner.clean_watched(document, clock);
            found.add(&cleaned);
            changes.push(cleaned.edits);
        }
        if changes.iter().all(Vec::is_empty) {
            out.extend_from_slice(bytes);
        } else {
            let changes: Vec<Vec<_>> = changes
                .iter()
                .map(|edits| edits.iter().map(change).collect())
                .collect();
            records.write(bytes, &record, &changes, out)?;
        }
        written.flush(out)?;
        clock.mark(WRITE);
    }
    written.finish(out)?;
    clock.mark(WRITE);
    Ok(())
}

/// What is written for a file. A full buffer is handed on, encoded and packed as the file is.
struct Written(Option<Formed<io::Sink>>, Form);

impl Written {
    fn new(form: Form) -> Result<Self> {
        let is_plain = form == Form::default();
        let file = (!is_plain).then(|| Formed::new(form, io::sink()));
        Ok(Self(file.transpose()?, form))
    }

    fn flush(&mut self, out: &mut Vec<u8>) -> Result<()> {
        if out.len() < PIECE {
            return Ok(());
        }
        black_box(&*out);
        match &mut self.0 {
            Some(file) => file.write(&form::Content::new(std::mem::take(out), self.1))?,
            None => out.clear(),
        }
        Ok(())
    }

    /// Hands on what is left, if it was to be packed: files that are not stand in the buffer one after the other.
    fn finish(self, out: &mut Vec<u8>) -> Result<()> {
        if let Some(mut file) = self.0 {
            file.write(&form::Content::new(std::mem::take(out), self.1))?;
            file.finish()?;
        }
        Ok(())
    }
}

fn change(edit: &Edit) -> (std::ops::Range<usize>, &str) {
    (edit.span.range(), &edit.replacement)
}

impl Found {
    fn add(&mut self, cleaned: &Cleaned<'_>) {
        self.findings += cleaned.findings.len();
        self.edits += cleaned.edits.len();
    }
}

/// How long each stage took.
struct Clock {
    last: Instant,
    spent: [Duration; 6],
}

impl Clock {
    fn new() -> Self {
        Self {
            last: Instant::now(),
            spent: Default::default(),
        }
    }

    fn mark(&mut self, stage: usize) {
        let now = Instant::now();
        self.spent[stage] += now - self.last;
        self.last = now;
    }
}

impl Watch for Clock {
    fn stage(&mut self, stage: Stage) {
        self.mark(match stage {
            Stage::Prefilter => 1,
            Stage::Verification => 2,
            Stage::Fragments => 3,
            Stage::Plan => 4,
        });
    }
}

fn counts(cleaner: &Cleaner, sample: &Sample) -> ScanCounts {
    let mut all = ScanCounts::default();
    for text in &sample.texts {
        let counts = cleaner.scan_counts(text);
        all.windows += counts.windows;
        all.compared += counts.compared;
        all.candidates += counts.candidates;
    }
    all
}

/// A pass of its own for the costs of rules: a clock at every candidate would slow the others.
fn rule_costs(cleaner: &Cleaner, sample: &Sample) -> (Vec<RuleCost>, RuleCost) {
    let mut watch = RuleWatch {
        last: Instant::now(),
        rules: HashMap::new(),
    };
    for text in &sample.texts {
        let _ = cleaner.clean_watched(Document::new(text), &mut watch);
    }
    let mut rules: Vec<RuleCost> = watch.rules.into_values().collect();
    let mut all = RuleCost::default();
    for rule in &rules {
        all.verifications += rule.verifications;
        all.matches += rule.matches;
        all.time += rule.time;
    }
    rules.sort_by(|a, b| {
        (b.time, b.verifications, &a.name).cmp(&(a.time, a.verifications, &b.name))
    });
    rules.truncate(RULES);
    (rules, all)
}

struct RuleWatch {
    last: Instant,
    /// By the place in memory of what is known of the rule: quicker than by name.
    rules: HashMap<*const RuleInfo, RuleCost>,
}

impl Watch for RuleWatch {
    fn stage(&mut self, _: Stage) {
        self.last = Instant::now();
    }

    fn verified(&mut self, rule: &RuleInfo, is_match: bool) {
        let time = self.last.elapsed();
        let cost = self.rules.entry(rule).or_insert_with(|| RuleCost {
            name: rule.name.clone(),
            ..RuleCost::default()
        });
        cost.verifications += 1;
        cost.matches += u64::from(is_match);
        cost.time += time;
        self.last = Instant::now();
    }
}
