//! The texts that are measured with: the user's own, or a built-in sample.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use descale::format::InputFormat;
use descale::format::jsonl::Fields;
use descale::format::plain::Masked;
use ignore::WalkBuilder;

use super::generated::Random;
use crate::cli::inputs::cause;

/// How much text the built-in sample has.
pub(super) const BUILT_IN: usize = 4_000_000;

/// Files in memory, and the texts in them.
pub(super) struct Sample {
    /// What it is.
    pub(super) name: String,
    /// The files.
    pub(super) files: Vec<Content>,
    /// Where the texts of records stand.
    pub(super) fields: Fields,
    /// The texts by themselves, for who takes nothing apart.
    pub(super) texts: Vec<String>,
    /// Bytes of all texts.
    pub(super) bytes: usize,
}

/// The beginning of a file, no longer than the limit allowed.
pub(super) struct Content {
    /// Where it lies; `None` if it was made here.
    pub(super) path: Option<PathBuf>,
    /// Its bytes: whole lines, if it holds records.
    pub(super) bytes: Vec<u8>,
    /// Whether it holds records.
    pub(super) is_lines: bool,
}

impl Content {
    /// Reads the same bytes again.
    pub(super) fn reload(&self, bytes: &mut Vec<u8>) -> Result<()> {
        bytes.clear();
        match &self.path {
            Some(path) => read(path, self.bytes.len(), bytes)?,
            None => bytes.extend_from_slice(&self.bytes),
        }
        Ok(())
    }

    /// The texts of a file, each with the line it stands in, or the one that the file is.
    fn texts(&self, fields: &Fields) -> Result<Vec<String>> {
        if !self.is_lines {
            return Ok(vec![Masked::new(&self.bytes).text.into_owned()]);
        }
        let mut texts = Vec::new();
        for (number, line) in (1..).zip(lines(&self.bytes)) {
            match fields.read(line) {
                Ok(record) => {
                    texts.extend(record.texts.into_iter().map(|text| text.text.into_owned()))
                }
                Err(error) => {
                    let name = self.path.as_deref().unwrap_or(Path::new("")).display();
                    bail!("{name}:{number}:{}: {error}", error.column)
                }
            }
        }
        Ok(texts)
    }
}

/// The lines of a file of records, blank ones left out.
pub(super) fn lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let ends = memchr::memchr_iter(b'\n', bytes).map(|at| at + 1);
    let mut start = 0;
    ends.chain([bytes.len()])
        .map(move |end| &bytes[std::mem::replace(&mut start, end)..end])
        .filter(|line| !line.trim_ascii().is_empty())
}

impl Sample {
    /// Reads files and the texts in folders, in the order of their paths, until the limit is reached.
    pub(super) fn read(paths: &[PathBuf], fields: Fields, limit: usize) -> Result<Self> {
        let mut files = Vec::new();
        let mut left = limit;
        for path in paths {
            for file in files_of(path)? {
                if left == 0 {
                    break;
                }
                let content = content(file, left)?;
                left -= content.bytes.len().min(left);
                files.push(content);
            }
        }
        let name = match paths {
            [path] => path.display().to_string(),
            _ => format!("{} paths", paths.len()),
        };
        Self::new(name, files, fields)
    }

    /// Text made of sentences about nothing, with so many markers in a megabyte.
    pub(super) fn built_in(density: usize, bytes: usize) -> Self {
        let content = Content {
            path: None,
            bytes: generate(density, bytes).into_bytes(),
            is_lines: false,
        };
        // Articles of ordinary length, not one of four megabytes.
        let files = split(content);
        let texts: Vec<String> = files
            .iter()
            .map(|file| String::from_utf8_lossy(&file.bytes).into_owned())
            .collect();
        Self {
            name: format!("built-in sample, {density} markers a megabyte"),
            bytes: texts.iter().map(String::len).sum(),
            fields: Fields::default(),
            files,
            texts,
        }
    }

    fn new(name: String, files: Vec<Content>, fields: Fields) -> Result<Self> {
        let mut texts = Vec::new();
        for file in &files {
            texts.extend(file.texts(&fields)?);
        }
        Ok(Self {
            name,
            bytes: texts.iter().map(String::len).sum(),
            files,
            fields,
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
        if file.is_file() && format_of(&file).is_some() {
            files.push(file);
        }
    }
    Ok(files)
}

fn format_of(path: &Path) -> Option<InputFormat> {
    InputFormat::of_extension(path.extension()?.to_str()?)
}

fn content(path: PathBuf, limit: usize) -> Result<Content> {
    let mut bytes = Vec::new();
    read(&path, limit, &mut bytes)?;
    let format = format_of(&path).unwrap_or_else(|| InputFormat::of_content(&bytes));
    let is_lines = match format {
        InputFormat::Jsonl => true,
        InputFormat::Text => false,
        _ => bail!(
            "{}: this is {format}; only texts and JSON Lines can be measured with",
            path.display()
        ),
    };
    if is_lines && bytes.len() == limit {
        // The limit may have cut a line in two.
        bytes.truncate(memchr::memrchr(b'\n', &bytes).map_or(0, |at| at + 1));
    }
    Ok(Content {
        path: Some(path),
        bytes,
        is_lines,
    })
}

fn read(path: &Path, limit: usize, bytes: &mut Vec<u8>) -> Result<()> {
    let result =
        File::open(path).and_then(|file| file.take(limit as u64).read_to_end(bytes).map(|_| ()));
    match result {
        Ok(()) => Ok(()),
        Err(error) => bail!("{}: {}", path.display(), cause(&error)),
    }
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
fn split(content: Content) -> Vec<Content> {
    const ARTICLE: usize = 6_000;
    let mut files = Vec::new();
    let mut rest = content.bytes.as_slice();
    while !rest.is_empty() {
        let from = ARTICLE.min(rest.len());
        let end =
            memchr::memmem::find(&rest[from..], b"\n\n").map_or(rest.len(), |at| from + at + 2);
        let (article, behind) = rest.split_at(end);
        files.push(Content {
            path: None,
            bytes: article.to_vec(),
            is_lines: false,
        });
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
    fn lines_lose_nothing_but_blank_ones() {
        assert_eq!(
            lines(b"a\n\nb\r\n \nc").collect::<Vec<_>>(),
            [&b"a\n"[..], b"b\r\n", b"c"]
        );
        assert_eq!(lines(b"").count(), 0);
    }
}
