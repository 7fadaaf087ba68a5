//! The texts that are measured with: the user's own, or a built-in sample.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Result, anyhow, bail};
use descale::format::InputFormat;
use descale::format::jsonl::Fields;
use descale::format::plain::Masked;
use descale::format::record::{self, Place, Records};
use ignore::WalkBuilder;

use super::generated::Random;
use crate::cli::form::{Charset, Form, Opened};
use crate::cli::inputs::cause;

/// How much text the built-in sample has.
pub(super) const BUILT_IN: usize = 4_000_000;

/// Files in memory, and the texts in them.
pub(super) struct Sample {
    /// What it is.
    pub(super) name: String,
    /// The files.
    pub(super) files: Vec<Content>,
    /// The texts by themselves, for who takes nothing apart.
    pub(super) texts: Vec<String>,
    /// Bytes of all texts.
    pub(super) bytes: usize,
}

/// The beginning of a file, no longer than the limit allowed.
pub(super) struct Content {
    /// Where it lies; `None` if it was made here.
    pub(super) path: Option<PathBuf>,
    /// How it stands on the disk.
    pub(super) form: Form,
    /// Its bytes as UTF-8, unpacked: whole records, if it holds records.
    pub(super) bytes: Vec<u8>,
    /// What reads its records, if it holds records.
    pub(super) records: Option<Arc<dyn Records>>,
}

impl Content {
    /// A text that was made here.
    fn made(text: &[u8]) -> Self {
        Self {
            path: None,
            form: Form::default(),
            bytes: text.to_vec(),
            records: None,
        }
    }

    /// Reads, unpacks and decodes the same bytes again.
    pub(super) fn reload(&self, bytes: &mut Vec<u8>) -> Result<()> {
        bytes.clear();
        match &self.path {
            Some(path) => read(path, self.bytes.len(), bytes).map(|_| ()),
            None => {
                bytes.extend_from_slice(&self.bytes);
                Ok(())
            }
        }
    }

    /// The texts of a file, each with the line it stands in, or the one that the file is.
    fn texts(&self) -> Result<Vec<String>> {
        let Some(records) = &self.records else {
            return Ok(vec![Masked::new(&self.bytes).text.into_owned()]);
        };
        let mut texts = Vec::new();
        for place in places(&**records, &self.bytes) {
            match records.read(&self.bytes[place.range]) {
                Ok(record) => {
                    texts.extend(record.texts.into_iter().map(|text| text.text.into_owned()))
                }
                Err(error) => {
                    let name = self.path.as_deref().unwrap_or(Path::new("")).display();
                    bail!("{name}:{}:{}: {error}", place.line, error.column)
                }
            }
        }
        Ok(texts)
    }
}

/// The records of a file, blank lines left out.
pub(super) fn places<'b>(
    records: &'b dyn Records,
    bytes: &'b [u8],
) -> impl Iterator<Item = Place> + 'b {
    let is_blank = |place: &Place| bytes[place.range.clone()].trim_ascii().is_empty();
    record::split(records, bytes, (1, 1), true).filter(move |place| !is_blank(place))
}

impl Sample {
    /// Reads files and the texts in folders, in the order of their paths, until the limit is reached.
    pub(super) fn read(paths: &[PathBuf], fields: Fields, limit: usize) -> Result<Self> {
        let fields = Arc::new(fields);
        let mut files = Vec::new();
        let mut left = limit;
        for path in paths {
            for file in files_of(path)? {
                if left == 0 {
                    break;
                }
                let content = content(file, &fields, left)?;
                left -= content.bytes.len().min(left);
                files.push(content);
            }
        }
        let name = match paths {
            [path] => path.display().to_string(),
            _ => format!("{} paths", paths.len()),
        };
        Self::new(name, files)
    }

    /// Text made of sentences about nothing, with so many markers in a megabyte.
    pub(super) fn built_in(density: usize, bytes: usize) -> Self {
        // Articles of ordinary length, not one of four megabytes.
        let files = split(&generate(density, bytes));
        let texts: Vec<String> = files
            .iter()
            .map(|file| String::from_utf8_lossy(&file.bytes).into_owned())
            .collect();
        Self {
            name: format!("built-in sample, {density} markers a megabyte"),
            bytes: texts.iter().map(String::len).sum(),
            files,
            texts,
        }
    }

    fn new(name: String, files: Vec<Content>) -> Result<Self> {
        let mut texts = Vec::new();
        for file in &files {
            texts.extend(file.texts()?);
        }
        Ok(Self {
            name,
            bytes: texts.iter().map(String::len).sum(),
            files,
            texts,
        })
    }
}

fn files_of(path: &Path) -> Result<Vec<PathBuf>> {
    if !path.is_dir() {
        return Ok(vec![path.to_path_buf()]);
    }
    let walk = WalkBuilder::new(path)
        .require_git(false)
        .sort_by_file_path(Path::cmp)
        .build();
    let mut files = Vec::new();
    for entry in walk {
        let file = entry?.into_path();
        if file.is_file() && InputFormat::of_path(&file).is_some_and(is_measured) {
            files.push(file);
        }
    }
    Ok(files)
}

/// Whether texts of a format can be measured with. Of Markdown only what is prose is looked at, and a table in Parquet is no stream of records.
fn is_measured(format: InputFormat) -> bool {
    format.has_records() || format == InputFormat::Text
}

fn content(path: PathBuf, fields: &Arc<Fields>, limit: usize) -> Result<Content> {
    let mut bytes = Vec::new();
    let form = read(&path, limit, &mut bytes)?;
    let shown = path.display();
    let by_name = InputFormat::of_path(&path);
    let format = by_name.unwrap_or_else(|| InputFormat::of_content(&bytes));
    if !is_measured(format) {
        bail!(
            "{shown}: this is {format}, and texts, JSON Lines, CSV, TSV and WET can be measured with, packed or not; put some of its texts into one of those"
        );
    }
    let records = match format.records(&bytes, fields) {
        Ok(records) => records,
        Err(error) => bail!("{shown}: {error}"),
    };
    if let Some(records) = records.as_ref().filter(|_| bytes.len() == limit) {
        // The limit may have cut a record in two.
        bytes.truncate(records.cutter().last_end(&bytes, 0).unwrap_or(0));
    }
    Ok(Content {
        path: Some(path),
        form,
        bytes,
        records,
    })
}

/// Reads the beginning of a file; answers how it stands on the disk.
fn read(path: &Path, limit: usize, bytes: &mut Vec<u8>) -> Result<Form> {
    let opened = File::open(path).and_then(|file| Opened::new(file, Charset::ByMark));
    let read = opened.and_then(|opened| {
        opened.reader.take(limit as u64).read_to_end(bytes)?;
        Ok(opened.form)
    });
    read.map_err(|error| anyhow!("{}: {}", path.display(), cause(&error)))
}

const WHO: &[&str] = &[
    "The harbour board",
    "A spokesman for the pilots",
    "Ms. Lindqvist",
    "The council",
    "Nobody on the quay",
    "The baker of Mill Street",
    "Half of the crew",
    "Mr. Okonjo, who owns two of the boats",
    "The minister",
    "An engineer from the ferry company",
    "The court in Easthaven",
    "Her brother",
];
const DID: &[&str] = &[
    "said that the bridge would stay shut",
    "had promised a new lamp for the mole",
    "refused to speak about the contract",
    "voted against the plan by seven to five",
    "wants the grain moved before the frost",
    "called the figures honest but late",
    "asked why 31 boats had waited all night",
    "found the missing ledger in a drawer",
    "expects no agreement this winter",
    "will pay for the repair of both carts",
    "has sold the mill to its workers",
    "thanked everyone who had held a rope",
];
const WHY: &[&str] = &[
    " because the tide would not wait",
    ", two people with knowledge of the talks said",
    " after a long meeting on Tuesday",
    ", and the others agreed",
    " without giving a reason",
    ", which surprised the fishermen",
    " for the third time in a year",
    " before the snow came",
    ", according to a letter dated 4 March",
    " although the price had doubled",
    "",
    " in spite of the storm",
];
/// Lines that the built-in packs know.
const MARKERS: &[&str] = &[
    "Story continues below advertisement",
    "ADVERTISEMENT",
    "Continue reading the main story",
    "Share this article",
    "Sign up for our newsletter",
    "Article continues below this ad",
    "– Advertisement –",
];

fn generate(density: usize, bytes: usize) -> String {
    let mut random = Random::new(5);
    let mut text = String::with_capacity(bytes + 1_000);
    let mut markers = 0;
    while text.len() < bytes {
        for _ in 0..2 + random.below(3) {
            let pick = |from: &[&'static str], random: &mut Random| from[random.below(from.len())];
            text.push_str(pick(WHO, &mut random));
            text.push(' ');
            text.push_str(pick(DID, &mut random));
            text.push_str(pick(WHY, &mut random));
            text.push_str(". ");
        }
        text.pop();
        text.push_str("\n\n");
        if markers * 1_000_000 < text.len() * density {
            text.push_str(MARKERS[markers % MARKERS.len()]);
            text.push_str("\n\n");
            markers += 1;
        }
    }
    text
}

/// Cuts a text into articles of some kilobytes.
fn split(text: &str) -> Vec<Content> {
    const ARTICLE: usize = 6_000;
    let mut files = Vec::new();
    let mut rest = text.as_bytes();
    while !rest.is_empty() {
        let from = ARTICLE.min(rest.len());
        let end =
            memchr::memmem::find(&rest[from..], b"\n\n").map_or(rest.len(), |at| from + at + 2);
        let (article, behind) = rest.split_at(end);
        files.push(Content::made(article));
        rest = behind;
    }
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    fn markers(sample: &Sample) -> usize {
        let is_marker = |line: &&str| MARKERS.contains(line);
        let lines = sample.texts.iter().flat_map(|text| text.lines());
        lines.filter(is_marker).count()
    }

    #[test]
    fn the_built_in_sample_has_the_markers_asked_for() {
        let sample = Sample::built_in(50, 1_000_000);
        assert!((50..=52).contains(&markers(&sample)));
        assert!(sample.texts.iter().all(|text| text.len() < 10_000));
        assert_eq!(markers(&Sample::built_in(0, 100_000)), 0);
    }

    #[test]
    fn records_lose_nothing_but_blank_lines() {
        let fields = Fields::texts(["text"]);
        let bytes = b"{}\n\n{ }\r\n \n[]";
        let found = places(&fields, bytes).map(|place| &bytes[place.range]);
        assert_eq!(found.collect::<Vec<_>>(), [&b"{}\n"[..], b"{ }\r\n", b"[]"]);
        assert_eq!(places(&fields, b"").count(), 0);
    }
}
