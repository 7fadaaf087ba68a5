//! Texts read whole, with what is known of each: for scores and gates, which need all of a set at once.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Result, bail};
use descale::format::InputFormat;
use descale::format::jsonl::Fields;
use descale::format::record;
use descale::{Cleaned, Cleaner, Document};
use ignore::WalkBuilder;

use super::form::{self, Charset};
use super::inputs::cause;

/// A text and what is known of it.
#[derive(Debug)]
pub(crate) struct Text {
    /// The record's own name; the file's, or file and line, when it has none.
    pub(crate) id: String,
    /// The text.
    pub(crate) text: String,
    site: Option<String>,
    title: Option<String>,
    lang: Option<String>,
}

impl Text {
    /// Cleans it.
    pub(crate) fn clean(&self, cleaner: &Cleaner) -> Cleaned<'_> {
        cleaner.clean_document(Document {
            text: &self.text,
            site: self.site.as_deref(),
            title: self.title.as_deref(),
            lang: self.lang.as_deref(),
        })
    }
}

/// Reads the texts of a file, or of all text files of a folder, sorted by path. Of a record, the first of the fields that hold text counts; a record
/// without one is an error.
pub(crate) fn read(path: &Path, fields: &Fields) -> Result<Vec<Text>> {
    let mut texts = Vec::new();
    let fields = Arc::new(fields.clone());
    if !path.is_dir() {
        read_file(path, &fields, &mut texts)?;
        return Ok(texts);
    }
    let walk = WalkBuilder::new(path)
        .require_git(false)
        .sort_by_file_path(Path::cmp)
        .build();
    for entry in walk {
        let file = entry?.into_path();
        if file.is_file() && InputFormat::of_path(&file).is_some() {
            read_file(&file, &fields, &mut texts)?;
        }
    }
    if texts.is_empty() {
        bail!("{}: no text in this folder", path.display());
    }
    Ok(texts)
}

fn read_file(path: &Path, fields: &Arc<Fields>, texts: &mut Vec<Text>) -> Result<()> {
    let name = path.display();
    let bytes = match form::read(path, Charset::ByMark) {
        Ok(bytes) => bytes,
        Err(error) => bail!("{name}: {}", cause(&error)),
    };
    let format = InputFormat::of_path(path).unwrap_or_else(|| InputFormat::of_content(&bytes));
    let records = match format.records(&bytes, fields) {
        Ok(Some(records)) => records,
        Ok(None) => {
            texts.push(Text {
                id: name.to_string(),
                text: String::from_utf8_lossy(&bytes).into_owned(),
                site: None,
                title: None,
                lang: None,
            });
            return Ok(());
        }
        Err(error) => bail!("{name}: {error}"),
    };
    for place in record::split(&*records, &bytes, (1, 1), true) {
        let (number, bytes) = (place.line, &bytes[place.range]);
        if bytes.trim_ascii().is_empty() {
            continue;
        }
        let record = match records.read(bytes) {
            Ok(record) => record,
            Err(error) => bail!("{name}:{number}:{}: {error}", error.column),
        };
        let Some(text) = record.texts.first() else {
            bail!(
                "{name}:{number}: no field `{}` with a text in this record",
                fields.name(0)
            );
        };
        let owned = |value: &Option<std::borrow::Cow<'_, str>>| value.as_deref().map(str::to_owned);
        texts.push(Text {
            id: owned(&record.id).unwrap_or_else(|| format!("{name}:{number}")),
            text: text.text.clone().into_owned(),
            site: owned(&record.site),
            title: owned(&record.title),
            lang: owned(&record.lang),
        });
    }
    Ok(())
}
