//! Where rows end: not at every line end, because a quoted field may hold some.

use crate::format::record::Cutter;

/// Finds the ends of rows in bytes that come piece by piece. It knows quotation marks as readers of the format do: they open a field only at
/// its beginning. A carriage return with a line feed behind it is one end, also where a piece ends between them.
///
/// ```
/// use descale::format::csv::Splitter;
/// use descale::format::record::Cutter;
/// let mut splitter = Splitter::new(b',');
/// let file = b"a,\"b\nc\"\nd,\"e\n\"\nf";
/// assert_eq!(splitter.last_end(&file[..12], 0), Some(8));
/// assert_eq!(splitter.last_end(&file[8..], 4), Some(7), "the quoted field went on");
/// ```
#[derive(Clone, Debug)]
pub struct Splitter {
    delimiter: u8,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// At the beginning of a field.
    Start,
    /// Behind a carriage return that ends a row: a line feed still belongs to it.
    Return,
    /// In a field without quotation marks, or behind them.
    Bare,
    /// Between quotation marks.
    Quoted,
    /// Behind a quotation mark that ends the field, or is the first one of two.
    Closing,
}

impl Splitter {
    /// For rows with that delimiter, from the beginning of a row.
    #[must_use]
    pub fn new(delimiter: u8) -> Self {
        Self {
            delimiter,
            state: State::Start,
        }
    }

    /// Where the first row of `bytes` ends, its line end included, if it does.
    #[must_use]
    pub fn first_end(mut self, bytes: &[u8]) -> Option<usize> {
        let end = self.next_end(bytes, 0);
        // Nothing follows that could be the second half of a line end.
        end.or_else(|| (self.state == State::Return).then_some(bytes.len()))
    }

    /// Goes on from `at` to behind the next end of a row, or to the end of the bytes.
    fn next_end(&mut self, bytes: &[u8], mut at: usize) -> Option<usize> {
        while let Some(byte) = bytes.get(at) {
            match (self.state, byte) {
                (State::Return, byte) => {
                    self.state = State::Start;
                    return Some(at + usize::from(*byte == b'\n'));
                }
                (State::Quoted, _) => {
                    at += memchr::memchr(b'"', &bytes[at..])?;
                    self.state = State::Closing;
                }
                (State::Start | State::Closing, b'"') => self.state = State::Quoted,
                (_, b'\n') => {
                    self.state = State::Start;
                    return Some(at + 1);
                }
                (_, b'\r') => self.state = State::Return,
                (_, byte) if *byte == self.delimiter => self.state = State::Start,
                _ => {
                    self.state = State::Bare;
                    let rest = &bytes[at..];
                    at += memchr::memchr3(b'\n', b'\r', self.delimiter, rest).unwrap_or(rest.len());
                    continue;
                }
            }
            at += 1;
        }
        None
    }
}

impl Cutter for Splitter {
    fn last_end(&mut self, bytes: &[u8], seen: usize) -> Option<usize> {
        let (mut last, mut at) = (None, seen);
        while let Some(end) = self.next_end(bytes, at) {
            last = Some(end);
            at = end;
        }
        last
    }

    fn end_of_long(&mut self, bytes: &[u8]) -> Option<usize> {
        self.next_end(bytes, 0)
    }
}
