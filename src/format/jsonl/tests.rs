use proptest::collection::vec;
use proptest::prelude::*;

use super::skim::skim;
use super::write::{Escapes, encode};
use super::*;

fn text() -> Fields {
    Fields::texts(["text"])
}

/// Replaces the first `old` of the only text of a line.
fn replaced(line: &str, old: &str, new: &str) -> String {
    let record = text().read(line.as_bytes()).unwrap();
    let start = record.texts[0].text.find(old).unwrap();
    let mut out = Vec::new();
    write(
        line.as_bytes(),
        &record,
        &[vec![(start..start + old.len(), new)]],
        &mut out,
    );
    String::from_utf8(out).unwrap()
}

#[test]
fn only_the_changed_bytes_are_written_anew() {
    for (line, old, new, expected) in [
        // Key order, blanks, number spelling and line end stay.
        (
            "{ \"b\" : 1.50e+3 ,\"text\":\"one two\",\"a\":null }\r\n",
            "two",
            "2",
            "{ \"b\" : 1.50e+3 ,\"text\":\"one 2\",\"a\":null }\r\n",
        ),
        // The escapes of the rest stay, also needless ones.
        (
            r#"{"text":"a\/b\u0041 \ud83d\ude00 cut\n\tend"}"#,
            "cut",
            "",
            r#"{"text":"a\/b\u0041 \ud83d\ude00 \n\tend"}"#,
        ),
        // A string with escapes beyond ASCII gets such escapes, in its own letter case.
        (
            r#"{"text":"\u2019 cut"}"#,
            "cut",
            "Zoë 😀",
            r#"{"text":"\u2019 Zo\u00eb \ud83d\ude00"}"#,
        ),
        (
            r#"{"text":"\u00E9 cut"}"#,
            "cut",
            "ë",
            r#"{"text":"\u00E9 \u00EB"}"#,
        ),
        // A string without them gets none.
        (r#"{"text":"cut"}"#, "cut", "ë", r#"{"text":"ë"}"#),
        (
            r#"{"text":"é\u2019 cut"}"#,
            "cut",
            "ë",
            r#"{"text":"é\u2019 ë"}"#,
        ),
        (
            r#"{"text":"\u0009 cut"}"#,
            "cut",
            "ë",
            r#"{"text":"\u0009 ë"}"#,
        ),
        // What JSON must escape is escaped.
        (
            r#"{"text":"cut"}"#,
            "cut",
            "\"\\\n\r\t\u{1}\u{7f}",
            "{\"text\":\"\\\"\\\\\\n\\r\\t\\u0001\u{7f}\"}",
        ),
        // A backslash before a `u` is no escape of a character.
        (
            r#"{"text":"\\u00e9 cut"}"#,
            "cut",
            "ë",
            r#"{"text":"\\u00e9 ë"}"#,
        ),
    ] {
        assert_eq!(replaced(line, old, new), expected, "{line}");
    }
}

#[test]
fn no_change_gives_the_same_bytes() {
    let line = br#"{"text":"a\u00e9","x":[1,2]}"#;
    let record = text().read(line).unwrap();
    let mut out = Vec::new();
    write(line, &record, &[vec![]], &mut out);
    assert_eq!(out, line);
}

#[test]
fn paths_go_through_objects_and_arrays() {
    let line = r#"{"pages":[{"text":"one","x":1},{"no":0},"stray",{"text":null},{"text":["two",["three"]]}],"text":"four"}"#;
    let record = Fields::texts(["text", "pages.text"])
        .read(line.as_bytes())
        .unwrap();
    let texts: Vec<(usize, &str)> = record
        .texts
        .iter()
        .map(|text| (text.field, &*text.text))
        .collect();
    assert_eq!(texts, [(1, "one"), (1, "two"), (1, "three"), (0, "four")]);

    let changes: Vec<_> = record
        .texts
        .iter()
        .map(|text| vec![(0..1, if text.field == 1 { "T" } else { "F" })])
        .collect();
    let mut out = Vec::new();
    write(line.as_bytes(), &record, &changes, &mut out);
    let expected = line
        .replace("one", "Tne")
        .replace("two", "Two")
        .replace("three", "Three")
        .replace("four", "Four");
    assert_eq!(String::from_utf8(out).unwrap(), expected);
}

/// The sign for "each element" may be written, and a key that really ends so is found all the same.
#[test]
fn paths_may_say_that_they_go_through_arrays() {
    let line =
        r#"{"body":{"paragraphs":["one","two"]},"pages":[{"text[]":"three"},{"text":"four"}]}"#;
    let fields = Fields::texts(["body.paragraphs[]", "pages[].text[]"]);
    let record = fields.read(line.as_bytes()).unwrap();
    let texts: Vec<(usize, &str)> = record
        .texts
        .iter()
        .map(|text| (text.field, &*text.text))
        .collect();
    assert_eq!(texts, [(0, "one"), (0, "two"), (1, "three"), (1, "four")]);
}

#[test]
fn a_key_that_stands_twice_is_read_twice() {
    let record = text().read(br#"{"text":"a","text":"b"}"#).unwrap();
    assert_eq!(record.texts.len(), 2);
}

#[test]
fn what_is_known_of_a_record() {
    let fields = text().site("meta.url").title("title").id("id").lang("lang");
    let record =
        fields.read(br#"{"id":"x\u0041","title":null,"lang":"en","meta":{"url":"https:\/\/www.Example.com\/a"},"text":""}"#).unwrap();
    assert_eq!(record.id.as_deref(), Some("xA"));
    assert_eq!(record.title, None);
    assert_eq!(record.lang.as_deref(), Some("en"));
    assert_eq!(record.site.as_deref(), Some("example.com"));
}

#[test]
fn a_bad_line_says_why_and_where() {
    for (line, message, column) in [
        (&b"{\"text\": \"a\""[..], "EOF while parsing an object", 12),
        (b"", "EOF while parsing a value", 0),
        (
            b"[\"text\"]",
            "invalid type: sequence, expected an object with a text field",
            0,
        ),
        (
            b"{\"text\": 3}",
            "the text field holds a number, not text",
            10,
        ),
        (
            b"{\"text\": {\"a\":1}}",
            "the text field holds an object, not text",
            10,
        ),
        (b"{\"txt\": \"a\"}", "no field `text`", 1),
        (b"{\"text\": \"a\"} {}", "trailing characters", 15),
        (
            b"{\"text\": \"\\ud800\"}",
            "unexpected end of hex escape",
            0,
        ),
        (b"{\"text\": \"caf\xe9\"}", "invalid unicode code point", 0),
    ] {
        let error = text().read(line).unwrap_err();
        assert_eq!(error.message, message, "{}", String::from_utf8_lossy(line));
        if column > 0 {
            assert_eq!(error.column, column, "{}", String::from_utf8_lossy(line));
        }
        assert!(!error.help.is_empty());
    }
}

#[test]
fn a_null_is_no_text_and_no_error() {
    assert_eq!(text().read(b"{\"text\":null}").unwrap().texts, []);
}

#[test]
fn nesting_bombs_are_refused_or_skipped() {
    let bomb = "[".repeat(100_000);
    assert!(text().read(format!("{{\"x\":{bomb}").as_bytes()).is_err());
    assert!(
        text()
            .read(format!("{{\"text\":{bomb}{}}}", "]".repeat(100_000)).as_bytes())
            .is_err()
    );
    assert!(
        Fields::texts(["x.y"])
            .read(format!("{{\"x\":{bomb}{}}}", "]".repeat(100_000)).as_bytes())
            .is_err()
    );
}

#[test]
fn invalid_bytes_elsewhere_do_not_matter() {
    let line = b"{\"x\":\"\xff\",\"text\":\"a cut\"}";
    let record = text().read(line).unwrap();
    let mut out = Vec::new();
    write(line, &record, &[vec![(1..5, "")]], &mut out);
    assert_eq!(out, b"{\"x\":\"\xff\",\"text\":\"a\"}");
}

#[test]
fn a_byte_order_mark_is_kept() {
    let line = b"\xef\xbb\xbf{\"text\":\"a cut\"}";
    let record = text().read(line).unwrap();
    let mut out = Vec::new();
    write(line, &record, &[vec![(1..5, "")]], &mut out);
    assert_eq!(out, b"\xef\xbb\xbf{\"text\":\"a\"}");
}

/// Lines of every shape that matters: wanted and other keys, all kinds of values, blanks, escapes of all kinds, nesting.
fn lines() -> impl Strategy<Value = String> {
    let blank = prop_oneof![4 => Just(""), 1 => Just(" "), 1 => Just("  ")];
    let string = vec(
        prop_oneof![
            6 => "[a-z ]{0,20}".prop_map(String::from),
            1 => Just("é’😀".to_owned()),
            2 => prop::sample::select(vec![
                r"\n\n", r"\u201c", r"\u00E9", r"\ud83d\ude00", r"\/", r#"\""#, r"\\", r"\t", r"\b\f\r", r"\u0000",
            ])
            .prop_map(str::to_owned),
        ],
        0..6,
    )
    .prop_map(|parts| format!("\"{}\"", parts.concat()));
    let number = prop::sample::select(vec!["0", "-1", "1.50e+3", "12E-7", "1e400", "-0.0"]);
    let word = prop::sample::select(vec!["null", "true", "false"]);
    let leaf = prop_oneof![
        4 => string.clone(),
        1 => number.prop_map(str::to_owned),
        1 => word.prop_map(str::to_owned)
    ];
    let key = prop::sample::select(vec![
        "text", "pages", "id", "url", "title", "lang", "x", "été", "",
    ]);
    let value = leaf.prop_recursive(4, 24, 4, move |inner| {
        let member = (key.clone(), blank.clone(), inner.clone()).prop_map(|(key, blank, value)| {
            format!("{blank}\"{key}\"{blank}:{blank}{value}{blank}")
        });
        prop_oneof![
            vec(inner, 0..4).prop_map(|values| format!("[{}]", values.join(", "))),
            vec(member, 0..5).prop_map(|members| format!("{{{}}}", members.join(","))),
        ]
    });
    (
        value,
        string,
        prop::sample::select(vec!["", "\n", "\r\n", " \n"]),
    )
        .prop_map(|(value, text, end)| {
            if let Some(rest) = value.strip_prefix('{') {
                let rest = rest.trim_start();
                let comma = if rest.starts_with('}') { "" } else { "," };
                format!("{{\"text\":{text}{comma}{rest}{end}")
            } else {
                format!("{{\"x\":{value},\"text\": {text}}}{end}")
            }
        })
}

/// Fields of every role, with a path through arrays.
fn all_fields() -> Fields {
    Fields::texts(["text", "pages.text", "x.pages"])
        .site("url")
        .title("title")
        .id("id")
        .lang("x.lang")
}

/// What the quick reader answers is what the full one does; `None` is always allowed.
fn agree(line: &[u8]) -> bool {
    for fields in [all_fields(), text()] {
        let Some(record) = skim(&fields, line) else {
            return false;
        };
        assert_eq!(
            fields.read_fully(line),
            Ok(record),
            "{}",
            String::from_utf8_lossy(line)
        );
    }
    true
}

#[test]
fn ordinary_lines_are_read_quickly() {
    for line in [
        r#"{"id": 7, "url": "https://example.com/x", "text": "caf\u00e9\n\n\ud83d\ude00 \"b\"", "n": [1.5e3, {"a": null}], "ok": true}"#,
        r#"{"text":"","pages":[{"text":["a",["b"]]},{"no":0}]}"#,
        r#"{"meta":{"été":"\ud800","a":[]},"text":null}"#,
    ] {
        assert!(agree(line.as_bytes()), "{line}");
        assert!(agree(format!("{line}\r\n").as_bytes()), "{line}");
    }
}

#[test]
fn what_is_odd_is_left_to_the_full_reader() {
    for line in [
        "",
        "{",
        "{}",
        "[]",
        "{\"text\":\"a\"}x",
        "{\"text\":\"a\"},",
        "{\"text\":\"a\",}",
        "{\"text\" \"a\"}",
        "{\"text\":\"a\tb\"}",
        "{\"text\":\"\\x\"}",
        "{\"text\":\"\\ud800\"}",
        "{\"text\":\"\\ud800\\u0041\"}",
        "{\"text\":\"\\udc00\\ud800\"}",
        "{\"text\":\"\\u00g0\"}",
        "{\"text\":\"a\"",
        "{\"text\":\"a",
        "{\"text\":\"a\\",
        "{\"text\":\"a\",\"n\":01}",
        "{\"text\":\"a\",\"n\":1.}",
        "{\"text\":\"a\",\"n\":-}",
        "{\"text\":\"a\",\"n\":.5}",
        "{\"text\":\"a\",\"n\":1e}",
        "{\"text\":\"a\",\"n\":nul}",
        "{\"text\":\"a\",\"n\":truefalse}",
        "{\"text\":3}",
        "{\"t\\u0065xt\":\"a\"}",
        "\u{feff}{\"text\":\"a\"}",
        "{\"text\":\"a\",\"n\":[1,]}",
        "{\"text\":\"a\",\"n\":[1 2]}",
        "{\"txt\":\"a\"}",
        "{\"text\":\"a\",\"n\":+1}",
    ] {
        assert_eq!(skim(&text(), line.as_bytes()), None, "{line}");
    }
    assert_eq!(skim(&text(), b"{\"text\":\"\xff\"}"), None);
    let deep = format!(
        "{{\"text\":\"a\",\"x\":{}{}}}",
        "[".repeat(99),
        "]".repeat(99)
    );
    assert_eq!(skim(&text(), deep.as_bytes()), None);
    assert!(text().read(deep.as_bytes()).is_ok());
}

proptest! {
    #[test]
    fn both_readers_agree(line in lines()) {
        agree(line.as_bytes());
    }

    #[test]
    fn both_readers_agree_on_damaged_lines(line in lines(), damages in vec((any::<prop::sample::Index>(), 0usize..3, prop::sample::select(b"\"\\{}[]:,u0e-. \n\t\x01\xffdn".to_vec())), 1..4)) {
        let mut line = line.into_bytes();
        for (place, kind, byte) in damages {
            let at = place.index(line.len().max(1)).min(line.len());
            match kind {
                0 if at < line.len() => { line.remove(at); }
                1 if at < line.len() => line[at] = byte,
                _ => line.insert(at, byte),
            }
        }
        agree(&line);
    }

    /// Splicing escaped text equals escaping spliced text, however the rest was escaped.
    #[test]
    fn splices_read_back(text in "[a\"\\\\\n\té’😀\u{1}]{0,12}", new in "[b\"é😀\n]{0,3}", from in 0usize..13, to in 0usize..13, ascii: bool) {
        let bounds: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
        let (from, to) = (from.min(bounds.len() - 1), to.min(bounds.len() - 1));
        let range = bounds[from.min(to)]..bounds[from.max(to)];
        let mut raw = Vec::new();
        encode(&text, if ascii { Escapes::Small } else { Escapes::None }, &mut raw);
        let line = [b"{\"text\":\"", raw.as_slice(), b"\"}"].concat();
        let record = Fields::texts(["text"]).read(&line).unwrap();
        prop_assert_eq!(&*record.texts[0].text, &*text);
        let mut out = Vec::new();
        write(&line, &record, &[vec![(range.clone(), &*new)]], &mut out);
        let mut expected = text.clone();
        expected.replace_range(range, &new);
        let back = Fields::texts(["text"]).read(&out).unwrap();
        prop_assert_eq!(&*back.texts[0].text, &*expected);
    }
}

/// Texts that are all escapes, and marks behind strokes, which escape one another: where the string ends must be seen, in time linear in its length.
#[test]
fn long_escaped_texts_are_read_quickly() {
    for piece in [
        r"\u0041",
        r"\u00e9",
        r"\ud83d\ude00",
        r"\n",
        r"a\n",
        r#"\""#,
        r"\\",
        r#"\\\""#,
        r"Read on.\n\n",
    ] {
        let line = format!(r#"{{"text":"{}","n":"\"\\"}}"#, piece.repeat(40_000));
        let record = skim(&text(), line.as_bytes()).expect("an ordinary line");
        assert_eq!(
            record,
            text().read_fully(line.as_bytes()).unwrap(),
            "{piece}"
        );
    }
    let line = format!(r#"{{"text":[{}]}}"#, [r#""a\n""#; 40_000].join(","));
    let record = skim(&text(), line.as_bytes()).expect("an ordinary line");
    assert_eq!(record, text().read_fully(line.as_bytes()).unwrap());
    let held: usize = record
        .texts
        .iter()
        .map(|text| match &text.text {
            Cow::Borrowed(_) => 0,
            Cow::Owned(text) => text.capacity(),
        })
        .sum();
    assert!(
        held <= line.len(),
        "{held} bytes held for {} of them",
        line.len()
    );
}

#[test]
fn an_array_is_no_file_of_lines() {
    for (file, is_array) in [
        (&b"[{\"text\": \"One.\"}]"[..], true),
        (b"\xef\xbb\xbf[\n  {\"text\": \"One.\"}\n]\n", true),
        (b"[{\"text\": \"One.\"},\n{\"text\": \"Two.\"}]", true),
        (b"[1]\n", false),
        (b"[{\"text\": 1}]\n{\"text\": \"One.\"}\n", false),
        (b"[x\n{\"text\": \"One.\"}\n", false),
        (b"{\"text\": \"One.\"}", false),
        (b"", false),
    ] {
        assert_eq!(not_lines(file).is_some(), is_array, "{file:?}");
    }
}
