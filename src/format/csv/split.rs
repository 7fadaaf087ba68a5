//! Where rows end: not at every line end, because a quoted field may hold some.

/// Finds the ends of rows in bytes that come piece by piece. It knows quotation marks as readers of the format do: they open a field only at
/// its beginning.
///
/// ```
/// use descale::format::csv::Splitter;
/// let mut splitter = Splitter::new(b',');
/// assert_eq!(splitter.last_end(b"a,\"b\nc\"\nd,\"e"), Some(8));
/// assert_eq!(splitter.last_end(b"\n\"\nf"), Some(3), "the quoted field went on");
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
    /// Behind a carriage return that ended a row: a line feed still belongs to it.
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

    /// The next bytes begin a row.
    pub fn restart(&mut self) {
        self.state = State::Start;
    }

    /// Goes over the next bytes, and answers where in them the last row ended, its line end included.
    pub fn last_end(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut last = None;
        let mut at = 0;
        while let Some(end) = self.next_end(bytes, at) {
            last = Some(end);
            at = end;
        }
        last
    }

    /// Where the first row of `bytes` ends, its line end included, if it does.
    #[must_use]
    pub fn first_end(mut self, bytes: &[u8]) -> Option<usize> {
        let end = self.next_end(bytes, 0)?;
        // The second half of a line end.
        let more = self.state == State::Return && bytes.get(end) == Some(&b'\n');
        Some(end + usize::from(more))
    }

    /// Goes on from `at` to behind the next byte that ends a row, or to the end of the bytes.
    fn next_end(&mut self, bytes: &[u8], mut at: usize) -> Option<usize> {
        while let Some(byte) = bytes.get(at) {
            match (self.state, byte) {
                (State::Quoted, _) => {
                    at += memchr::memchr(b'"', &bytes[at..])?;
                    self.state = State::Closing;
                }
                (State::Return, b'\n') => {
                    self.state = State::Start;
                    return Some(at + 1);
                }
                (State::Start | State::Return, b'"') | (State::Closing, b'"') => {
                    self.state = State::Quoted;
                }
                (_, b'\n') => {
                    self.state = State::Start;
                    return Some(at + 1);
                }
                (_, b'\r') => {
                    self.state = State::Return;
                    return Some(at + 1);
                }
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
