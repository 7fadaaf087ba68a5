//! A line of others that holds a span: read as far as it matters, and written back with nothing else changed.

use std::borrow::Cow;

use descale::Span;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::Side;

/// A span's line, as far as it matters here.
#[derive(Deserialize)]
pub(super) struct Shape<'l> {
    #[serde(borrow)]
    doc: &'l RawValue,
    #[serde(borrow)]
    start: &'l RawValue,
    #[serde(borrow)]
    end: &'l RawValue,
    #[serde(borrow)]
    pub(super) path: Option<Cow<'l, str>>,
    pub(super) line: Option<usize>,
    #[serde(borrow)]
    pub(super) field: Option<Cow<'l, str>>,
    pub(super) text: Option<usize>,
    #[serde(borrow)]
    touched: Option<&'l RawValue>,
    #[serde(borrow)]
    lost: Option<&'l RawValue>,
}

/// A span and the line it stands in.
pub(super) struct SpanLine<'l> {
    line: &'l str,
    pub(super) shape: Shape<'l>,
    pub(super) doc: Cow<'l, str>,
    pub(super) span: Span,
}

/// Why a line cannot be carried.
pub(super) struct Wrong {
    pub(super) cause: String,
    pub(super) cure: &'static str,
    /// The line with the reason, if it could be read.
    pub(super) marked: Option<Vec<u8>>,
}

impl Wrong {
    pub(super) fn new(cause: impl Into<String>, cure: &'static str) -> Self {
        Self {
            cause: cause.into(),
            cure,
            marked: None,
        }
    }
}

impl<'l> SpanLine<'l> {
    pub(super) fn read(line: &'l [u8]) -> Result<Self, Wrong> {
        let form = "write a span as {\"doc\": \"a1\", \"start\": 3, \"end\": 9}";
        let line = std::str::from_utf8(line).map_err(|error| {
            Wrong::new(format!("not UTF-8: {error}"), "write the spans as UTF-8")
        })?;
        let shape: Shape<'l> = serde_json::from_str(line).map_err(|error| {
            let full = error.to_string();
            let cause = full.split(" at line 1 ").next().unwrap_or(&full).to_owned();
            Wrong::new(cause, form)
        })?;
        let doc = match shape.doc.get() {
            number if number.starts_with(|c: char| c == '-' || c.is_ascii_digit()) => {
                Cow::Borrowed(number)
            }
            other => serde_json::from_str(other)
                .map_err(|_| Wrong::new("`doc` is neither text nor a number", form))?,
        };
        let number = |raw: &RawValue, what: &str| {
            raw.get().parse::<usize>().map_err(|_| {
                Wrong::new(
                    format!("`{what}` is {}, and must be a number from 0", raw.get()),
                    form,
                )
            })
        };
        let (start, end) = (number(shape.start, "start")?, number(shape.end, "end")?);
        if start > end {
            return Err(Wrong::new(
                format!("the span ends ({end}) before it starts ({start})"),
                form,
            ));
        }
        Ok(Self {
            line,
            shape,
            doc,
            span: Span { start, end },
        })
    }

    /// The line with new places.
    pub(super) fn moved(&self, to: Span, touched: bool) -> Vec<u8> {
        let mut changes = vec![
            (self.shape.start, to.start.to_string()),
            (self.shape.end, to.end.to_string()),
        ];
        match self.shape.touched {
            Some(raw) if touched => changes.push((raw, "true".to_owned())),
            _ => {}
        }
        let added = (touched && self.shape.touched.is_none()).then_some("\"touched\":true");
        self.with(changes, added)
    }

    /// The line as it came, with the reason.
    pub(super) fn lost(&self, why: &str) -> Vec<u8> {
        match self.shape.lost {
            Some(raw) => self.with(vec![(raw, format!("\"{why}\""))], None),
            None => self.with(Vec::new(), Some(&format!("\"lost\":\"{why}\""))),
        }
    }

    /// The line with some values replaced and a field behind the last one. All else stays.
    fn with(&self, mut changes: Vec<(&RawValue, String)>, added: Option<&str>) -> Vec<u8> {
        let place = |raw: &RawValue| raw.get().as_ptr() as usize - self.line.as_ptr() as usize;
        changes.sort_by_key(|(raw, _)| place(raw));
        let (mut out, mut at) = (String::with_capacity(self.line.len() + 24), 0);
        for (raw, new) in changes {
            out += &self.line[at..place(raw)];
            out += &new;
            at = place(raw) + raw.get().len();
        }
        out += &self.line[at..];
        if let Some(added) = added
            && let Some(close) = out.rfind('}')
        {
            let content = out[..close].trim_end().len();
            out.insert_str(content, &format!(",{added}"));
        }
        out.into_bytes()
    }

    pub(super) fn gone(&self, to: Side) -> String {
        let Span { start, end } = self.span;
        let what = match to {
            Side::Cleaned => "fell into a cut",
            Side::Original => "holds only what `clean` put in",
        };
        format!("document {}: the span {start}..{end} {what}", self.doc)
    }
}
