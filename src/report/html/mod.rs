//! Changes as a page to read: cuts struck, repairs marked, each to be accepted or rejected. One file, nothing loaded from anywhere.
//!
//! A run over one document gives one page. A run over many gives an index with totals and examples, and pages of documents in a folder beside it
//! (or, where there is no such place, all documents on one page). What the page shows is data ([`data`]) and a script that builds it
//! (`review.js`, `index.js`); the two meet in [`page`], which also sees to it that no text of an article can become part of the page's code.

mod data;
mod index;
mod page;

use std::io::{self, Write};

use self::data::{Document, Facts};
use self::index::Index;
use super::{Binder, Files, Report, Subject, Summary};

/// A page is closed when it holds so many documents …
const DOCUMENTS: usize = 100;

/// … or so many bytes of them.
const BYTES: usize = 512 << 10;

/// So many pages are written at most. What comes behind them is counted and not shown: no one reads so far, and disks are finite.
const PAGES: usize = 2_000;

/// The report.
pub(super) struct Html;

impl Report for Html {
    /// Two lines of JSON: what the index wants to know, and what the page shows, ready to stand in it.
    fn document(&self, subject: &Subject<'_>, out: &mut dyn Write) -> io::Result<()> {
        if subject.findings.is_empty() && subject.edits.is_empty() {
            return Ok(());
        }
        serde_json::to_writer(&mut *out, &Facts::of(subject))?;
        out.write_all(b"\n")?;
        page::write_json(&Document::of(subject), out)?;
        out.write_all(b"\n")
    }

    fn binder(&self) -> Option<Box<dyn Binder>> {
        Some(Box::new(Pages::default()))
    }
}

/// Deals documents out to pages and keeps what the index needs.
#[derive(Default)]
struct Pages {
    index: Index,
    /// The documents of the page that is being filled.
    open: Vec<u8>,
    /// How many those are.
    documents: usize,
    /// Whether the head of the only page has been written, where no further files can be.
    begun: bool,
}

impl Pages {
    /// Writes the page that is being filled.
    fn close(&mut self, more: bool, files: &mut dyn Files) -> io::Result<()> {
        let own = files.own().to_owned();
        let number = self.index.pages();
        let title = format!("descale: page {number}");
        let mut bytes = Vec::with_capacity(self.open.len() + (64 << 10));
        page::head(&title, page::REVIEW, &mut bytes)?;
        bytes.append(&mut self.open);
        let nav = data::Nav {
            index: Some(&own),
            page: number,
            before: number
                .checked_sub(1)
                .filter(|number| *number > 0)
                .map(page_name),
            after: more.then(|| page_name(number + 1)),
        };
        page::foot(&nav, page::REVIEW, &mut bytes)?;
        self.documents = 0;
        files.write(&page_name(number), &bytes)
    }
}

/// The name of a page of documents, from 1.
fn page_name(number: usize) -> String {
    format!("page-{number:04}.html")
}

impl Binder for Pages {
    fn take(
        &mut self,
        share: &[u8],
        out: &mut dyn Write,
        mut files: Option<&mut dyn Files>,
    ) -> io::Result<()> {
        let mut lines = share.split(|byte| *byte == b'\n');
        while let (Some(facts), Some(document)) = (lines.next(), lines.next()) {
            let Some(files) = files.as_deref_mut() else {
                if !std::mem::replace(&mut self.begun, true) {
                    page::head("descale report", page::REVIEW, out)?;
                }
                page::document(document, out)?;
                continue;
            };
            if self.documents > 0
                && (self.documents == DOCUMENTS || self.open.len() + document.len() > BYTES)
            {
                self.close(self.index.pages() < PAGES, files)?;
            }
            let facts: Facts<'_> = serde_json::from_slice(facts)?;
            if self.documents == 0 && self.index.pages() == PAGES {
                self.index.pass_over();
                continue;
            }
            self.index.add(facts, self.documents);
            self.documents += 1;
            page::document(document, &mut self.open)?;
        }
        Ok(())
    }

    fn end(
        &mut self,
        summary: &Summary,
        out: &mut dyn Write,
        files: Option<&mut dyn Files>,
    ) -> io::Result<()> {
        match files {
            Some(files) if summary.documents != 1 => {
                if self.documents > 0 {
                    self.close(false, files)?;
                }
                page::head("descale report", page::INDEX, out)?;
                page::foot(&self.index.shape(summary, files), page::INDEX, out)
            }
            _ => {
                if !self.begun {
                    page::head("descale report", page::REVIEW, out)?;
                }
                out.write_all(&self.open)?;
                page::foot(&data::Nav::alone(), page::REVIEW, out)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::sample::{TEXT, edits, findings};
    use super::super::{Origin, Stream};
    use super::*;

    /// A folder in memory.
    #[derive(Default)]
    struct Folder(BTreeMap<String, String>);

    impl Files for Folder {
        fn own(&self) -> &str {
            "r.html"
        }

        fn folder(&self) -> &str {
            "r_files"
        }

        fn write(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
            let text = String::from_utf8(bytes.to_vec()).expect("pages are valid text");
            assert_eq!(self.0.insert(name.to_owned(), text), None, "written once");
            Ok(())
        }
    }

    /// The report of `found` documents with findings and one without, in shares of `together` documents.
    fn report(found: usize, together: usize, mut folder: Option<&mut Folder>) -> String {
        let (findings, edits) = (findings(), edits());
        let (mut summary, mut out) = (Summary::default(), Vec::new());
        let mut stream = Stream::begin(&Html, &mut out).unwrap();
        let names: Vec<String> = (1..=found).map(|at| format!("{at}.txt")).collect();
        for names in names.chunks(together) {
            let mut share = Vec::new();
            for name in names {
                let subject = Subject::new(Origin::file(name), TEXT, &findings, &edits);
                summary.add(&subject);
                Html.document(&subject, &mut share).unwrap();
            }
            stream.take(&share, &mut out, files(&mut folder)).unwrap();
        }
        summary.add(&Subject::new(Origin::file("quiet.txt"), TEXT, &[], &[]));
        if found == 1 {
            summary.documents = 1;
        }
        stream.end(&summary, &mut out, files(&mut folder)).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn files<'a>(folder: &'a mut Option<&mut Folder>) -> Option<&'a mut dyn Files> {
        folder.as_deref_mut().map(|folder| folder as &mut dyn Files)
    }

    fn documents(page: &str) -> usize {
        page.matches("class=\"document\">").count()
    }

    #[test]
    fn one_document_is_one_page() {
        let mut folder = Folder::default();
        let page = report(1, 1, Some(&mut folder));
        assert!(folder.0.is_empty());
        assert_eq!(documents(&page), 1);
        assert!(page.contains("\"doc\":\"1.txt\""));
    }

    #[test]
    fn many_documents_are_an_index_and_pages() {
        for together in [1, 7, 250] {
            let mut folder = Folder::default();
            let index = report(250, together, Some(&mut folder));
            assert_eq!(documents(&index), 0);
            assert!(
                index.contains("\"documents\":251,\"changed\":250"),
                "all are counted"
            );
            let pages: Vec<_> = folder.0.iter().collect();
            let counts: Vec<_> = pages
                .iter()
                .map(|(name, page)| (name.as_str(), documents(page)))
                .collect();
            assert_eq!(
                counts,
                [
                    ("page-0001.html", 100),
                    ("page-0002.html", 100),
                    ("page-0003.html", 50)
                ]
            );
            let nav = |page: &str| {
                page[page.find("id=\"page\">").unwrap() + 10..]
                    .lines()
                    .next()
                    .unwrap()
                    .to_owned()
            };
            assert_eq!(
                nav(pages[0].1),
                "{\"index\":\"r.html\",\"page\":1,\"before\":null,\"after\":\"page-0002.html\"}</script>"
            );
            assert_eq!(
                nav(pages[2].1),
                "{\"index\":\"r.html\",\"page\":3,\"before\":\"page-0002.html\",\"after\":null}</script>"
            );
        }
    }

    #[test]
    fn where_no_further_files_can_be_all_documents_are_on_one_page() {
        let page = report(250, 7, None);
        assert_eq!(documents(&page), 250);
        assert_eq!(page.matches("<!doctype html>").count(), 1);
    }

    #[test]
    fn the_index_shows_examples_that_differ() {
        let mut folder = Folder::default();
        let index = report(250, 50, Some(&mut folder));
        // One text in all documents: it is shown from three of them.
        assert_eq!(
            index
                .matches("\"rule\":\"fragment/clipped-name\",\"before\"")
                .count(),
            3
        );
    }
}
