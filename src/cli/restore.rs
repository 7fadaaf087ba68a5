//! What a ledger says of the documents at hand, and what they get back.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result, anyhow};
use descale::Edit;
use descale::ledger::{Change, Doc, Message, Name, Reader, Stamp, check, inverse};

use super::fault::Fault;
use super::form::{self, Charset};
use super::inputs::{Source, cause};

/// How a ledger is read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Trust {
    /// Also one of another version of the engine.
    pub(crate) any_engine: bool,
    /// Also one of a run that was interrupted.
    pub(crate) unfinished: bool,
}

/// A ledger, checked from its first line to its last, with the places of its documents. The changes stay in the file until they are asked for.
pub(crate) struct Index {
    file: Mutex<File>,
    /// The fields that hold texts.
    pub(crate) fields: Vec<String>,
    /// The field that names records.
    pub(crate) id_field: Option<String>,
    /// What was said of the files' encoding.
    pub(crate) encoding: Option<String>,
    /// The documents of each file, in the order of the ledger.
    pub(crate) files: HashMap<String, Vec<Entry>>,
}

/// A document of the ledger.
pub(crate) struct Entry {
    /// Where its lines are in the ledger.
    offset: u64,
    length: u64,
    /// Whether a change is among them.
    pub(crate) changed: bool,
    /// Its name, its place in its file, and its text before and after.
    pub(crate) doc: Doc<'static>,
    /// Whether the text at hand holds it.
    seen: AtomicBool,
}

impl Entry {
    /// Where it stands in its file.
    fn place(&self) -> (Option<usize>, usize) {
        (self.doc.line, self.doc.text.unwrap_or(0))
    }
}

impl Index {
    /// Reads the ledger through and checks it.
    pub(crate) fn open(path: &Path, trust: Trust) -> Result<Self> {
        let name = path.display();
        let failed = |error: io::Error| anyhow!("{name}: {}", cause(&error));
        let file = File::open(path).map_err(failed)?;
        if !file.metadata().map_err(failed)?.is_file() {
            return Err(anyhow!(
                "{name}: this is no file; a ledger is read twice, so save it to one"
            ));
        }
        let mut index = Self {
            file: Mutex::new(file.try_clone().map_err(failed)?),
            fields: Vec::new(),
            id_field: None,
            encoding: None,
            files: HashMap::new(),
        };
        let mut reader = Reader::new(BufReader::with_capacity(1 << 16, file))
            .any_engine(trust.any_engine)
            .unfinished(trust.unfinished);
        let mut open: Option<Entry> = None;
        loop {
            let offset = reader.offset();
            let ended = match reader.read().map_err(|error| {
                anyhow!("{name}:{}: {}; {}", error.line, error.cause, error.cure)
            })? {
                None => break,
                Some(Message::Header(header)) => {
                    index.fields = header.fields.into_iter().map(Into::into).collect();
                    index.id_field = header.id_field.map(Into::into);
                    index.encoding = header.encoding.map(Into::into);
                    false
                }
                Some(Message::Doc(doc)) => {
                    let alone = doc.lines == 0;
                    open = Some(Entry {
                        offset,
                        length: 0,
                        changed: false,
                        doc: doc.into_owned(),
                        seen: AtomicBool::new(false),
                    });
                    alone
                }
                Some(Message::Edit(_)) => {
                    if let Some(entry) = &mut open {
                        entry.changed = true;
                    }
                    false
                }
                Some(Message::End(_)) => true,
                Some(_) => false,
            };
            // A document that an interrupted run left half written is none.
            if ended && let Some(mut entry) = open.take() {
                entry.length = reader.offset() - entry.offset;
                index
                    .files
                    .entry(entry.doc.path.clone().into_owned())
                    .or_default()
                    .push(entry);
            }
        }
        // Tables are worked on column by column.
        for entries in index.files.values_mut() {
            entries.sort_by_key(Entry::place);
        }
        Ok(index)
    }

    /// The changes of a document.
    pub(crate) fn changes(&self, entry: &Entry) -> Result<Vec<Change<'static>>> {
        if !entry.changed {
            return Ok(Vec::new());
        }
        let mut bytes = Vec::new();
        {
            let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
            file.seek(SeekFrom::Start(entry.offset))?;
            (&mut *file).take(entry.length).read_to_end(&mut bytes)?;
        }
        let mut changes = Vec::new();
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            let message =
                serde_json::from_slice(line).context("the ledger changed while it was read")?;
            if let Message::Edit(change) = message {
                changes.push(change.into_owned());
            }
        }
        check(&entry.doc, &changes).map_err(|(number, what)| {
            anyhow!("edit {} of the document cannot be: {what}", number + 1)
        })?;
        Ok(changes)
    }
}

/// What leads back from a cleaned text to the original.
#[derive(Default)]
pub(crate) struct Back {
    /// The edits, in bytes of the cleaned text.
    pub(crate) edits: Vec<Edit>,
    /// How the file spelled what each brings back, where that is not the plain spelling.
    pub(crate) raw: Vec<Option<String>>,
}

/// Gives documents back what a ledger says was taken from them.
pub(crate) struct Restorer {
    index: Index,
    /// Which file of the ledger each source is.
    matched: HashMap<String, String>,
    /// Sources that are none of them.
    unknown: HashMap<String, Unknown>,
    /// Documents that were changed and are the original again.
    pub(crate) restored: AtomicUsize,
    /// Documents that were the original already.
    pub(crate) already: AtomicUsize,
}

/// Why a source is no file of the ledger, and whether that was said: it may hold many documents.
struct Unknown {
    cause: &'static str,
    cure: String,
    said: AtomicBool,
}

impl Restorer {
    /// A restorer of the documents of `index`.
    pub(crate) fn new(index: Index) -> Self {
        Self {
            index,
            matched: HashMap::new(),
            unknown: HashMap::new(),
            restored: AtomicUsize::new(0),
            already: AtomicUsize::new(0),
        }
    }

    /// Finds the source's file in the ledger: the same path; else one whose path ends as the source's does below its folder; else the only one there
    /// is; else one whose text went as the source's text is. A source that is none of them is refused once a document is met in it: a file without any
    /// left nothing in the ledger.
    pub(crate) fn find(&mut self, source: &Source, charset: Charset, alone: bool) {
        let files = &self.index.files;
        let below: Vec<&String> = files
            .keys()
            .filter(|path| Path::new(path).ends_with(&source.below))
            .collect();
        let mut several = false;
        let path = if files.contains_key(&source.name) {
            Some(source.name.clone())
        } else if let [only] = below.as_slice() {
            Some((*only).clone())
        } else if let (true, 1) = (alone, files.len()) {
            files.keys().next().cloned()
        } else {
            let path = source.path.as_deref();
            let stamp = path
                .and_then(|path| form::read(path, charset).ok())
                .filter(|bytes| !bytes.is_empty())
                .map(|bytes| Stamp::of(&bytes));
            let mut same = files
                .iter()
                .filter(|(path, entries)| match entries.as_slice() {
                    [entry] => {
                        entry.doc.line.is_none()
                            && Some(entry.doc.after()) == stamp
                            && (below.is_empty() || below.contains(path))
                    }
                    _ => false,
                });
            let first = same.next();
            // Of equal texts any will do if they were equal before; else the text alone does not say which it is.
            let origin = |found: &(&String, &Vec<Entry>)| found.1[0].doc.r#in;
            let alike = first.filter(|first| same.all(|other| origin(&other) == origin(first)));
            several = first.is_some() && alike.is_none();
            alike.map(|(path, _)| path.clone())
        };
        let (cause, cure) = match path {
            Some(path) => {
                self.matched.insert(source.name.clone(), path);
                return;
            }
            None if several => (
                "the ledger knows no file of this name, and several that became this very text, from different ones",
                "name the file as it was called when it was cleaned".to_owned(),
            ),
            None => (
                "the ledger knows no file of this name and no text like this one",
                self.known(),
            ),
        };
        let said = AtomicBool::new(false);
        let unknown = Unknown { cause, cure, said };
        self.unknown.insert(source.name.clone(), unknown);
    }

    /// Some files of the ledger, for a message.
    fn known(&self) -> String {
        let mut names: Vec<&str> = self.index.files.keys().map(String::as_str).collect();
        names.sort_unstable();
        let more = names.len().saturating_sub(3);
        names.truncate(3);
        let more = if more > 0 {
            format!(" and {more} more")
        } else {
            String::new()
        };
        if names.is_empty() {
            "the ledger holds no document at all; name the one of this run".to_owned()
        } else {
            format!(
                "it was written for {}{more}; was the text edited since, or is it the ledger of another run?",
                names.join(", ")
            )
        }
    }

    fn entries(&self, source: &str) -> &[Entry] {
        self.matched
            .get(source)
            .and_then(|path| self.index.files.get(path))
            .map_or(&[], Vec::as_slice)
    }

    /// What brings back the original of a document. `bytes` is the text with what is not UTF-8 as it stands in the file. An error without a fault is
    /// one that was told for another document of the file.
    pub(crate) fn restore(
        &self,
        name: &Name<'_>,
        text: &str,
        bytes: &[u8],
    ) -> Result<Back, Option<Box<Fault>>> {
        let fault = |cause: String, cure: &str| {
            let fault = Fault::new(name.path, cause, cure);
            Some(Box::new(match name.line {
                Some(line) => fault.at(line, None, None),
                None => fault,
            }))
        };
        if let Some(Unknown { cause, cure, said }) = self.unknown.get(name.path) {
            let is_first = !said.swap(true, Ordering::Relaxed);
            return Err(is_first.then(|| Box::new(Fault::new(name.path, *cause, cure.as_str()))));
        }
        let stamp = Stamp::of(bytes);
        let Some(entry) = pick(self.entries(name.path), name, stamp) else {
            return Err(fault(
                format!(
                    "document {}: the ledger does not know it; it was added since, or moved",
                    name.key()
                ),
                "take the file as `clean` wrote it",
            ));
        };
        let key = &entry.doc.doc;
        if stamp != entry.doc.after() {
            if stamp == entry.doc.r#in {
                entry.seen.store(true, Ordering::Relaxed);
                self.already.fetch_add(1, Ordering::Relaxed);
                return Ok(Back::default());
            }
            return Err(fault(
                format!(
                    "document {key}: the text was edited since it was cleaned (it went out with {} bytes and hash {:016x}, and has {} bytes and hash {:016x})",
                    entry.doc.after().bytes,
                    entry.doc.after().hash,
                    stamp.bytes,
                    stamp.hash,
                ),
                "take the text as `clean` wrote it",
            ));
        }
        entry.seen.store(true, Ordering::Relaxed);
        if !entry.changed {
            return Ok(Back::default());
        }
        let another = "name the ledger of this very run";
        let changes = self
            .index
            .changes(entry)
            .map_err(|error| fault(format!("document {key}: {error:#}"), another))?;
        let edits = inverse(text, &changes)
            .map_err(|error| fault(format!("document {key}: {error}"), another))?;
        if Stamp::with_edits(bytes, &edits) != entry.doc.r#in {
            return Err(fault(
                format!(
                    "document {key}: played backwards, the ledger does not give the text that came in"
                ),
                another,
            ));
        }
        self.restored.fetch_add(1, Ordering::Relaxed);
        let raw = changes.into_iter().map(|change| change.raw.map(Into::into));
        Ok(Back {
            edits,
            raw: raw.collect(),
        })
    }

    /// The documents of the source's file that were not met in it.
    pub(crate) fn missing(&self, source: &str) -> Option<Fault> {
        let mut missing = self
            .entries(source)
            .iter()
            .filter(|entry| !entry.seen.load(Ordering::Relaxed));
        let first = missing.next()?;
        let more = missing.count();
        let more = if more > 0 {
            format!(", and {more} more")
        } else {
            String::new()
        };
        Some(Fault::new(
            source,
            format!("document {} is not there any more{more}", first.doc.doc),
            "take the file as `clean` wrote it",
        ))
    }
}

/// The entry of a document: the one at its place; if that had another text, the one of its name, with the same text if several have it.
fn pick<'e>(entries: &'e [Entry], name: &Name<'_>, stamp: Stamp) -> Option<&'e Entry> {
    let Some(line) = name.line else {
        return entries.first().filter(|entry| entry.doc.line.is_none());
    };
    let place = (Some(line), name.text.unwrap_or(0));
    let at = entries.binary_search_by_key(&place, Entry::place);
    let here = at.ok().map(|at| &entries[at]);
    let is_it = |entry: &&Entry| entry.doc.after() == stamp || entry.doc.r#in == stamp;
    if here.is_some_and(|here| is_it(&here)) || name.id.is_none() {
        return here;
    }
    let key = name.key();
    let mut named = entries.iter().filter(|entry| entry.doc.doc == key);
    let first = here
        .filter(|here| here.doc.doc == key)
        .or_else(|| named.clone().next());
    named.find(is_it).or(first).or(here)
}
