//! The lines of a journal.

use std::collections::BTreeMap;
use std::fs::Metadata;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use descale::report::{RuleCount, Summary};
use descale::{Category, RuleInfo};
use serde::{Deserialize, Serialize};

/// Version of the form; a journal of another one is not gone on with.
pub(super) const SCHEMA: u32 = 1;

/// The first line: which run it is.
#[derive(Debug, Serialize, Deserialize, PartialEq, Eq)]
pub(super) struct Header {
    /// Always `descale-journal`.
    #[serde(rename = "type")]
    pub(super) kind: String,
    /// Version of the form.
    pub(super) schema: u32,
    /// The program.
    pub(super) engine: String,
    /// A fingerprint of the packs and of all options that have a say in what is written.
    pub(super) options: String,
    /// The ledger of the run, as an absolute path.
    pub(super) ledger: Option<String>,
}

/// What a file was when it was looked at.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
pub(crate) struct Identity {
    /// Its size in bytes.
    pub(crate) size: u64,
    /// Nanoseconds since 1970 of its last change.
    pub(crate) mtime: i128,
    /// XXH3 of its bytes, as hexadecimal digits; nothing for a source, which is not read for this alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) hash: Option<String>,
    /// On file systems that have them, number of the file and nanoseconds of its last change of any kind; only of sources.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) inode: Option<(u64, i128)>,
}

impl Identity {
    /// What the file system says of a file, without a look into it.
    pub(crate) fn of(data: &Metadata) -> Self {
        Self {
            size: data.len(),
            mtime: data.modified().map_or(0, nanoseconds),
            hash: None,
            inode: None,
        }
    }

    /// The same with what no program can set as it likes, for a file that is only read.
    pub(crate) fn of_source(data: &Metadata) -> Self {
        #[cfg(unix)]
        let inode = {
            use std::os::unix::fs::MetadataExt;
            let changed = i128::from(data.ctime()) * 1_000_000_000 + i128::from(data.ctime_nsec());
            Some((data.ino(), changed))
        };
        #[cfg(not(unix))]
        let inode = None;
        Self {
            inode,
            ..Self::of(data)
        }
    }
}

fn nanoseconds(time: SystemTime) -> i128 {
    let distance = |nanos: u128| i128::try_from(nanos).unwrap_or(i128::MAX);
    match time.duration_since(UNIX_EPOCH) {
        Ok(after) => distance(after.as_nanos()),
        Err(before) => -distance(before.duration().as_nanos()),
    }
}

/// Every other line: a file that is done, or about to be.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Entry {
    /// The source, as an absolute path.
    pub(super) path: String,
    /// What the source was, if it is another file than the one written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) source: Option<Identity>,
    /// What was written.
    pub(super) written: Identity,
    /// Length of the ledger with this file in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) ledger: Option<u64>,
    /// Length of the list of faults with this file in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) errors: Option<u64>,
    /// Its faults.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(super) faults: usize,
    /// Its counts.
    pub(super) counts: Counts,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_zero(number: &usize) -> bool {
    *number == 0
}

/// A [`Summary`] as it is written down.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Counts {
    documents: usize,
    changed: usize,
    errors: usize,
    warnings: usize,
    notes: usize,
    edits: usize,
    bytes_in: usize,
    bytes_out: usize,
    /// By the rule's full name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    rules: BTreeMap<String, Rule>,
}

/// A [`RuleCount`] as it is written down.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Rule {
    category: String,
    version: String,
    why: String,
    findings: usize,
    applied: usize,
}

impl From<&Summary> for Counts {
    fn from(summary: &Summary) -> Self {
        let rules = summary.rules.iter().map(|(name, count)| {
            let rule = Rule {
                category: count.rule.category.name().to_owned(),
                version: count.rule.version.clone(),
                why: count.rule.why.clone(),
                findings: count.findings,
                applied: count.applied,
            };
            (name.clone(), rule)
        });
        Self {
            documents: summary.documents,
            changed: summary.changed,
            errors: summary.errors,
            warnings: summary.warnings,
            notes: summary.notes,
            edits: summary.edits,
            bytes_in: summary.bytes_in,
            bytes_out: summary.bytes_out,
            rules: rules.collect(),
        }
    }
}

impl From<&Counts> for Summary {
    fn from(counts: &Counts) -> Self {
        let rules = counts.rules.iter().map(|(name, rule)| {
            let info = RuleInfo {
                name: name.clone(),
                version: rule.version.clone(),
                category: Category::parse(&rule.category).unwrap_or(Category::Misc),
                why: rule.why.clone(),
            };
            let count = RuleCount {
                rule: Arc::new(info),
                findings: rule.findings,
                applied: rule.applied,
            };
            (name.clone(), count)
        });
        Self {
            documents: counts.documents,
            changed: counts.changed,
            errors: counts.errors,
            warnings: counts.warnings,
            notes: counts.notes,
            edits: counts.edits,
            bytes_in: counts.bytes_in,
            bytes_out: counts.bytes_out,
            rules: rules.collect(),
        }
    }
}
