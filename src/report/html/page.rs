//! The frame of a page: markup, style, script and data put together so that data stays data.
//!
//! Documents come from the web and may hold `</script>`, `<!--` or worse. They stand in `<script type="application/json">`, which no browser
//! runs, with every character escaped that could end it; the script builds the page of text nodes only. The page's policy names the hash of its
//! own script and style and forbids all else, so that even a slip in either would run nothing and load nothing.

use std::io::{self, Write};

use data_encoding::BASE64;
use serde::Serialize;
use sha2::{Digest, Sha256};

const FRAME: &str = include_str!("page.html");
const STYLE: &str = include_str!("page.css");
const SHARED: &str = include_str!("shared.js");

/// A page that shows documents.
pub(super) const REVIEW: Kind = Kind {
    body: include_str!("review.html"),
    scripts: &[
        SHARED,
        include_str!("review/model.js"),
        include_str!("review/article.js"),
        include_str!("review/filter.js"),
        include_str!("review/main.js"),
    ],
};

/// The page that shows a corpus.
pub(super) const INDEX: Kind = Kind {
    body: include_str!("index.html"),
    scripts: &[SHARED, include_str!("index.js")],
};

/// What a page is for.
#[derive(Clone, Copy)]
pub(super) struct Kind {
    /// What stands in the page before the script fills it.
    body: &'static str,
    scripts: &'static [&'static str],
}

impl Kind {
    /// Its script as one piece.
    fn script(self) -> String {
        format!(
            "'use strict';\n(() => {{\n{}}})();\n",
            self.scripts.concat()
        )
    }
}

/// The page up to its data. `title` is ours, never a document's.
pub(super) fn head(title: &str, kind: Kind, out: &mut dyn Write) -> io::Result<()> {
    let policy = format!(
        "default-src 'none'; script-src '{}'; style-src '{}'; base-uri 'none'; form-action 'none'",
        hash(&kind.script()),
        hash(STYLE)
    );
    let (head, _) = halves();
    let filled = head
        .replace("{{policy}}", &policy)
        .replace("{{title}}", title)
        .replace("{{body}}\n", kind.body)
        .replace("{{style}}", STYLE);
    out.write_all(filled.as_bytes())
}

/// A document's data, which [`write_json`] wrote.
pub(super) fn document(json: &[u8], out: &mut dyn Write) -> io::Result<()> {
    out.write_all(b"<script type=\"application/json\" class=\"document\">")?;
    out.write_all(json)?;
    out.write_all(b"</script>\n")
}

/// The page behind its documents: its own data, and the script.
pub(super) fn foot(data: &impl Serialize, kind: Kind, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(b"<script type=\"application/json\" id=\"page\">")?;
    write_json(data, out)?;
    out.write_all(b"</script>\n")?;
    let (_, foot) = halves();
    out.write_all(foot.replace("{{script}}", &kind.script()).as_bytes())
}

/// The frame before and behind the data.
fn halves() -> (&'static str, &'static str) {
    FRAME.split_once("{{data}}\n").unwrap_or((FRAME, ""))
}

/// The hash of an inline script or style, as a policy names it.
fn hash(code: &str) -> String {
    format!("sha256-{}", BASE64.encode(&Sha256::digest(code)))
}

/// Writes JSON that may stand in a script element, on one line.
pub(super) fn write_json(value: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer(Inert(out), value).map_err(io::Error::from)
}

/// Escapes what HTML could take for the end of the script, or an old script engine for the end of a line. In JSON these characters stand in
/// strings only, where an escape means the same.
struct Inert<W>(W);

impl<W: Write> Write for Inert<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut at = 0;
        while let Some(found) = next_active(&bytes[at..]) {
            let (start, active) = (at + found.0, found.1);
            self.0.write_all(&bytes[at..start])?;
            self.0.write_all(active.escape.as_bytes())?;
            at = start + active.text.len();
        }
        self.0.write_all(&bytes[at..])?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// A character that must not stand in the page as it is.
struct Active {
    text: &'static [u8],
    escape: &'static str,
}

const ACTIVE: &[Active] = &[
    Active {
        text: b"<",
        escape: "\\u003c",
    },
    Active {
        text: b">",
        escape: "\\u003e",
    },
    Active {
        text: b"&",
        escape: "\\u0026",
    },
    Active {
        text: "\u{2028}".as_bytes(),
        escape: "\\u2028",
    },
    Active {
        text: "\u{2029}".as_bytes(),
        escape: "\\u2029",
    },
];

fn next_active(bytes: &[u8]) -> Option<(usize, &'static Active)> {
    bytes.iter().enumerate().find_map(|(at, byte)| {
        // The first byte decides for the three of one byte, and is rare for the other two.
        if !matches!(byte, b'<' | b'>' | b'&' | 0xe2) {
            return None;
        }
        let active = ACTIVE
            .iter()
            .find(|active| bytes[at..].starts_with(active.text))?;
        Some((at, active))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(value: &str) -> String {
        let mut out = Vec::new();
        write_json(&value, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn no_text_can_end_the_script() {
        for hostile in [
            "</script>",
            "<!--<script>",
            "-->",
            "a & b",
            "\u{2028}\u{2029}—€",
            "\0\r\n",
        ] {
            let written = json(hostile);
            assert!(
                !written.contains(['<', '>', '&', '\u{2028}', '\u{2029}', '\r', '\n', '\0']),
                "{written}"
            );
            assert_eq!(serde_json::from_str::<String>(&written).unwrap(), hostile);
        }
    }

    #[test]
    fn the_policy_names_what_stands_in_the_page() {
        for kind in [REVIEW, INDEX] {
            let mut out = Vec::new();
            head("t", kind, &mut out).unwrap();
            foot(&0, kind, &mut out).unwrap();
            let page = String::from_utf8(out).unwrap();
            assert!(!page.contains("{{"), "nothing is left to fill in");
            let between = |open: &str, close: &str| {
                let start = page.rfind(open).unwrap() + open.len();
                &page[start..start + page[start..].find(close).unwrap()]
            };
            let policy = between("Content-Security-Policy\" content=\"", "\"");
            assert!(policy.starts_with("default-src 'none';"));
            assert!(policy.contains(&format!(
                "script-src '{}'",
                hash(between("<script>", "</script>"))
            )));
            assert!(policy.contains(&format!(
                "style-src '{}'",
                hash(between("<style>", "</style>"))
            )));
            for outside in [
                "http:", "https:", "//cdn", "url(", "@import", " src=", "unsafe",
            ] {
                assert!(!page.contains(outside), "{outside}");
            }
        }
    }
}
