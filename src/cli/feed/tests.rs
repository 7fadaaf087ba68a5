use descale::format::record::Lines;

use super::*;

/// Reads `text` as records and answers the pieces with their first lines.
fn pieces(text: &[u8]) -> Vec<(usize, usize, bool)> {
    let mut open = Open {
        source: 0,
        name: "a.jsonl",
        form: Form::default(),
        read: Arc::default(),
        reader: Reader {
            inner: Box::new(io::Cursor::new(text.to_vec())),
            error: None,
        },
        cut: Cut::Records {
            records: Arc::new(Fields::texts(["text"])),
            cutter: Box::new(Lines),
            rest: Vec::new(),
            seen: 0,
            too_long: false,
        },
        next: Place::START,
        broken: None,
    };
    let mut pieces = Vec::new();
    let mut all = Vec::new();
    let mut long = 0;
    loop {
        let unit = open.piece();
        let (bytes, too_long) = match unit.body {
            Body::Bytes(bytes) => (bytes, false),
            Body::Passed(bytes, fault) => {
                long += usize::from(fault.is_some());
                (bytes, true)
            }
            _ => panic!("a vector can be read, and holds lines"),
        };
        assert_eq!(unit.first.offset, all.len() as u64);
        assert!(!too_long || bytes.len() <= LONGEST_RECORD + 2 * PIECE);
        pieces.push((unit.first.line, bytes.len(), unit.last));
        all.extend(bytes);
        if unit.last {
            assert!(all == text, "nothing is lost and nothing moves");
            let most = text
                .split(|byte| *byte == b'\n')
                .filter(|line| line.len() > LONGEST_RECORD + PIECE);
            assert_eq!(long, most.count(), "each line that is too long begins once");
            return pieces;
        }
    }
}

#[test]
fn pieces_end_at_line_ends() {
    let line = [vec![b'a'; 99], vec![b'\n']].concat();
    let text = line.repeat(3 * PIECE / 100);
    let pieces = pieces(&text);
    assert!(pieces.len() >= 3, "{pieces:?}");
    for pair in pieces.windows(2) {
        assert_eq!(pair[0].1 % 100, 0);
        assert_eq!(pair[1].0, pair[0].0 + pair[0].1 / 100);
    }
}

#[test]
fn a_line_longer_than_a_piece_stays_whole() {
    let text = [vec![b'a'; 3 * PIECE], b"\nb\nc".to_vec()].concat();
    assert_eq!(
        pieces(&text).iter().map(|piece| piece.1).sum::<usize>(),
        text.len()
    );
    assert!(pieces(&text)[0].1 > 3 * PIECE);
}

#[test]
fn a_line_that_is_too_long_is_passed_on_in_pieces() {
    let long = vec![b'a'; LONGEST_RECORD + 3 * PIECE];
    for (before, behind) in [
        (&b""[..], &b""[..]),
        (b"", b"\n"),
        (b"b\n", b"\nc"),
        (b"b\n", b"\nc\nd\n"),
    ] {
        let pieces = pieces(&[before, &long, behind].concat());
        assert!(pieces.len() >= 4, "{pieces:?}");
        assert_eq!(
            pieces[pieces.len() / 2].0,
            if before.is_empty() { 1 } else { 2 }
        );
    }
}

#[test]
fn an_empty_stream_is_one_empty_piece() {
    assert_eq!(pieces(b""), [(1, 0, true)]);
}
