//! A text too large to be held: looked at through windows that overlap.
//!
//! Each window answers for a part of its own; what stands around that part is there so that a rule sees its surroundings. Parts are cut where the
//! text is calm, at a paragraph border between two long paragraphs if one is near, and both neighbours leave alone what reaches over the cut.

use std::io::{self, Read};
use std::ops::Range;

/// How much of the text a window answers for.
const PART: usize = 4 << 20;

/// How much stands behind the part. A cut is looked for in its first half, so at least the other half follows it. No rule takes more than
/// 100,000 characters, so that what goes from a line to the text's end is seen whole by the last window, and by no other.
const AHEAD: usize = 1 << 20;

/// How much stands before the part.
const BEHIND: usize = 128 << 10;

/// A paragraph of fewer bytes may be a label.
const LONG: usize = 120;

/// The sizes above, which tests make small.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sizes {
    part: usize,
    ahead: usize,
    behind: usize,
}

impl Sizes {
    /// As they are for users.
    pub(crate) const DEFAULT: Self = Self {
        part: PART,
        ahead: AHEAD,
        behind: BEHIND,
    };
}

/// A stretch of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Window {
    /// Its bytes.
    pub(crate) bytes: Vec<u8>,
    /// The part of them that it answers for.
    pub(crate) own: Range<usize>,
    /// Whether it is the text's last.
    pub(crate) is_last: bool,
}

/// Cuts a text into windows while it is read.
#[derive(Debug)]
pub(crate) struct Windows {
    sizes: Sizes,
    /// What the next window begins with.
    rest: Vec<u8>,
    /// Where its own part begins.
    own: usize,
}

impl Windows {
    /// Begins with what was already read.
    pub(crate) fn new(head: Vec<u8>, sizes: Sizes) -> Self {
        Self {
            sizes,
            rest: head,
            own: 0,
        }
    }

    /// The next window.
    pub(crate) fn next(&mut self, reader: &mut dyn Read) -> io::Result<Window> {
        let Sizes {
            part,
            ahead,
            behind,
        } = self.sizes;
        let mut bytes = std::mem::take(&mut self.rest);
        let whole = self.own + part + ahead;
        let missing = whole.saturating_sub(bytes.len());
        reader.take(missing as u64).read_to_end(&mut bytes)?;
        if bytes.len() < whole {
            return Ok(Window {
                own: self.own..bytes.len(),
                bytes,
                is_last: true,
            });
        }
        let from = self.own + part;
        let cut = cut(&bytes, from, from + ahead / 2);
        // The next window begins at a line's beginning, if there is one where it should.
        let start = cut.saturating_sub(behind);
        let line = memchr::memchr(b'\n', &bytes[start..start + (cut - start) / 2]);
        let start = line.map_or_else(|| boundary(&bytes, start), |at| start + at + 1);
        self.rest = bytes[start..].to_vec();
        // The last character may be cut in two, and is not needed.
        let end = (whole - 4..whole)
            .rev()
            .find(|&at| bytes[at] & 0xc0 != 0x80);
        bytes.truncate(end.unwrap_or(whole));
        let own = std::mem::replace(&mut self.own, cut - start)..cut;
        Ok(Window {
            bytes,
            own,
            is_last: false,
        })
    }
}

/// The best place to cut between `from` and `to`: between two long paragraphs, else where a paragraph, a line, a sentence or a word ends, else
/// between two characters.
fn cut(bytes: &[u8], from: usize, to: usize) -> usize {
    let zone = &bytes[from..to];
    let long = |at: usize| {
        let (before, behind) = (&bytes[..from + at], &bytes[from + at..]);
        let before = before.trim_ascii_end();
        let before = before.len() - memchr::memrchr(b'\n', before).map_or(0, |at| at + 1);
        let behind = memchr::memchr(b'\n', behind).unwrap_or(behind.len());
        before >= LONG && behind >= LONG
    };
    let behind = |needle: &'static [u8]| {
        memchr::memmem::find_iter(zone, needle).map(move |at| at + needle.len())
    };
    let best = behind(b"\n\n")
        .find(|&at| long(at))
        .or_else(|| behind(b"\n\n").next())
        .or_else(|| behind(b"\n").find(|&at| long(at)))
        .or_else(|| behind(b"\n").next())
        .or_else(|| behind(b". ").next())
        .or_else(|| behind(b" ").next());
    best.map_or_else(|| boundary(bytes, from), |at| from + at)
}

/// The first place at or behind `at` where no character of UTF-8 is cut in two; `at` itself if there is none near.
fn boundary(bytes: &[u8], at: usize) -> usize {
    (at..bytes.len().min(at + 4))
        .find(|&at| bytes[at] & 0xc0 != 0x80)
        .unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SMALL: Sizes = Sizes {
        part: 400,
        ahead: 200,
        behind: 80,
    };

    fn windows(text: &[u8], head: usize, sizes: Sizes) -> Vec<Window> {
        let (head, mut rest) = text.split_at(head.min(text.len()));
        let mut windows = Windows::new(head.to_vec(), sizes);
        let mut all = Vec::new();
        loop {
            let window = windows.next(&mut rest).expect("a slice can be read");
            let last = window.is_last;
            all.push(window);
            if last {
                return all;
            }
        }
    }

    fn assert_whole(text: &[u8], windows: &[Window], sizes: Sizes) {
        let own: Vec<&[u8]> = windows
            .iter()
            .map(|window| &window.bytes[window.own.clone()])
            .collect();
        assert_eq!(own.concat(), text, "the parts are the text");
        for window in windows {
            assert!(window.bytes.len() <= sizes.part + sizes.ahead + sizes.behind + sizes.ahead);
            let behind = window.bytes.len() - window.own.end;
            // A character that is cut in two is left out.
            assert!(window.is_last || behind + 4 >= sizes.ahead / 2, "{behind}");
        }
    }

    #[test]
    fn a_cut_stands_between_long_paragraphs() {
        let long = format!(
            "{}\n\n",
            "The tide was low and the boats lay dry. "
                .repeat(4)
                .trim_end()
        );
        let text = format!("{}Advertisement\n\n", long.repeat(2)).repeat(60);
        let sizes = Sizes {
            ahead: 1_200,
            ..SMALL
        };
        let windows = windows(text.as_bytes(), 0, sizes);
        assert!(windows.len() > 10);
        assert_whole(text.as_bytes(), &windows, sizes);
        for window in &windows[..windows.len() - 1] {
            let (before, behind) = window.bytes.split_at(window.own.end);
            assert!(before.ends_with(b"dry.\n\n") && behind.starts_with(b"The tide"));
        }
    }

    #[test]
    fn without_any_border_characters_stay_whole() {
        for piece in ["é", "字", "😀", "a"] {
            let text = piece.repeat(3_000);
            let windows = windows(text.as_bytes(), 10, SMALL);
            assert!(windows.len() > 5);
            assert_whole(text.as_bytes(), &windows, SMALL);
            for window in windows {
                assert!(std::str::from_utf8(&window.bytes[window.own]).is_ok());
            }
        }
    }

    proptest! {
        #[test]
        fn nothing_is_lost_or_doubled(words in proptest::collection::vec("[a-z]{1,9}|é|\n|\n\n|\\. ", 0..900), head in 0usize..3000) {
            let text = words.join(" ");
            assert_whole(text.as_bytes(), &windows(text.as_bytes(), head, SMALL), SMALL);
        }
    }
}
