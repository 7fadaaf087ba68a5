//! Headers of records: named fields, one a line, as in WARC and HTTP.

use std::ops::Range;

/// A record's header, read: where its fields stand in the record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Header {
    fields: Vec<Field>,
    /// Where the header ends, its blank line included.
    pub(super) end: usize,
}

/// Where one field stands.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Field {
    name: Range<usize>,
    value: Range<usize>,
}

impl Header {
    /// Reads the header that stands in `bytes` from `start` on: a first line that is not looked at, then fields up to a blank line. `None` when there
    /// is no blank line within `limit` bytes. A line that begins with a blank goes on with the one before; one that is no field is passed over.
    pub(super) fn read(bytes: &[u8], start: usize, limit: usize) -> Option<Self> {
        let bytes = &bytes[..bytes.len().min(start.saturating_add(limit))];
        let mut header = Self::default();
        let mut at = start;
        let mut is_first = true;
        loop {
            let end = at + memchr::memchr(b'\n', bytes.get(at..)?)?;
            let line = trimmed(bytes, at..end);
            let begins_with_blank = matches!(bytes[at], b' ' | b'\t');
            if std::mem::take(&mut is_first) {
                at = end + 1;
                continue;
            }
            if bytes[at..end].trim_ascii().is_empty() {
                header.end = end + 1;
                return Some(header);
            }
            if begins_with_blank {
                if let Some(field) = header.fields.last_mut() {
                    field.value.end = line.end;
                }
            } else if let Some(colon) = memchr::memchr(b':', &bytes[line.clone()]) {
                let colon = line.start + colon;
                header.fields.push(Field {
                    name: trimmed(bytes, line.start..colon),
                    value: trimmed(bytes, colon + 1..line.end),
                });
            }
            at = end + 1;
        }
    }

    /// Where the values of a field stand, whatever the letter case of its name.
    pub(super) fn all<'h>(
        &'h self,
        bytes: &'h [u8],
        name: &'h str,
    ) -> impl Iterator<Item = Range<usize>> + 'h {
        self.fields
            .iter()
            .filter(|field| bytes[field.name.clone()].eq_ignore_ascii_case(name.as_bytes()))
            .map(|field| field.value.clone())
    }

    /// The first value of a field, when it is text.
    pub(super) fn value<'b>(&self, bytes: &'b [u8], name: &str) -> Option<&'b str> {
        let range = self.all(bytes, name).next()?;
        std::str::from_utf8(&bytes[range]).ok()
    }

    /// The length that the header claims for what follows it. `Ok(None)` when it claims none.
    ///
    /// # Errors
    /// Where the value stands that is no number, or another number than the first one.
    pub(super) fn length(&self, bytes: &[u8]) -> Result<Option<u64>, Range<usize>> {
        let mut length = None;
        for range in self.all(bytes, LENGTH) {
            let digits = &bytes[range.clone()];
            let number = std::str::from_utf8(digits)
                .ok()
                // `parse` takes a sign, headers do not.
                .filter(|digits| digits.bytes().all(|digit| digit.is_ascii_digit()))
                .and_then(|digits| digits.parse().ok());
            match number {
                Some(number) if length.is_none_or(|length| length == number) => {
                    length = Some(number);
                }
                _ => return Err(range),
            }
        }
        Ok(length)
    }
}

/// The field that says how many bytes follow the header.
pub(super) const LENGTH: &str = "Content-Length";

/// The range without blanks around it.
fn trimmed(bytes: &[u8], range: Range<usize>) -> Range<usize> {
    let all = &bytes[range.clone()];
    let before = all.len() - all.trim_ascii_start().len();
    let start = range.start + before;
    start..start + all.trim_ascii().len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_in_all_spellings() {
        let bytes =
            b"WARC/1.0\r\ncontent-length :  12\r\nX: a\r\n\tb\r\nno field\r\nEmpty:\r\n\r\nblock";
        let header = Header::read(bytes, 0, 1000).unwrap();
        assert_eq!(&bytes[header.end..], b"block");
        assert_eq!(header.length(bytes), Ok(Some(12)));
        assert_eq!(header.value(bytes, "x"), Some("a\r\n\tb"));
        assert_eq!(header.value(bytes, "EMPTY"), Some(""));
        assert_eq!(header.value(bytes, "no field"), None);
    }

    #[test]
    fn a_header_must_end() {
        assert_eq!(Header::read(b"WARC/1.0\r\nA: b\r\n", 0, 1000), None);
        assert_eq!(Header::read(b"WARC/1.0\r\nA: b\r\n\r\n", 0, 12), None);
        assert_eq!(Header::read(b"", 0, 12), None);
    }

    #[test]
    fn lengths_must_be_numbers_and_agree() {
        for (lengths, expected) in [
            ("", Ok(None)),
            ("Content-Length: 1\r\nContent-Length: 1\r\n", Ok(Some(1))),
            ("Content-Length: 1\r\nContent-Length: 2\r\n", Err(())),
            ("Content-Length: -1\r\n", Err(())),
            ("Content-Length: +1\r\n", Err(())),
            ("Content-Length: 99999999999999999999\r\n", Err(())),
            ("Content-Length:\r\n", Err(())),
        ] {
            let bytes = format!("W\r\n{lengths}\r\n");
            let header = Header::read(bytes.as_bytes(), 0, 1000).unwrap();
            let length = header.length(bytes.as_bytes()).map_err(|_| ());
            assert_eq!(length, expected, "{lengths}");
        }
    }
}
