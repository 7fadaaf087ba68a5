//! Drives `descale lsp` with scripted messages, good and bad.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

const MARKER: &str = "Story continues below advertisement";

/// A server and the conversation with it.
struct Session {
    child: Child,
    to: Option<ChildStdin>,
    from: BufReader<ChildStdout>,
    last: i64,
}

impl Session {
    /// Starts a server; nothing is said yet.
    fn start() -> Self {
        let mut child = Command::new(assert_cmd::cargo::cargo_bin!("descale"))
            .args(["lsp", "--lang", "en"])
            .current_dir(std::env::temp_dir())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        Self {
            to: child.stdin.take(),
            from: BufReader::new(child.stdout.take().unwrap()),
            child,
            last: 0,
        }
    }

    /// Starts a server and introduces itself.
    fn ready() -> Self {
        let mut session = Self::start();
        let answer = session.ask("initialize", json!({"capabilities": {}}));
        assert_eq!(
            answer["result"]["capabilities"]["positionEncoding"],
            "utf-16"
        );
        session.tell("initialized", json!({}));
        session
    }

    fn raw(&mut self, bytes: &[u8]) {
        let to = self.to.as_mut().unwrap();
        to.write_all(bytes).unwrap();
        to.flush().unwrap();
    }

    fn send(&mut self, message: &Value) {
        let body = message.to_string();
        self.raw(format!("Content-Length: {}\r\n\r\n{body}", body.len()).as_bytes());
    }

    fn tell(&mut self, method: &str, params: Value) {
        self.send(&json!({"jsonrpc": "2.0", "method": method, "params": params}));
    }

    /// Sends a request and answers what comes back for it; what is shown in between is passed over.
    fn ask(&mut self, method: &str, params: Value) -> Value {
        self.last += 1;
        let id = self.last;
        self.send(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}));
        loop {
            let message = self.read();
            if message["id"] == id {
                return message;
            }
        }
    }

    fn read(&mut self) -> Value {
        let mut length = 0;
        loop {
            let mut line = String::new();
            assert!(
                self.from.read_line(&mut line).unwrap() > 0,
                "the server is gone"
            );
            if line.trim().is_empty() {
                break;
            }
            if let Some(value) = line.strip_prefix("Content-Length:") {
                length = value.trim().parse().unwrap();
            }
        }
        let mut body = vec![0; length];
        self.from.read_exact(&mut body).unwrap();
        serde_json::from_slice(&body).unwrap()
    }

    fn open(&mut self, text: &str) {
        let document =
            json!({"uri": "file:///a.txt", "languageId": "plaintext", "version": 1, "text": text});
        self.tell("textDocument/didOpen", json!({"textDocument": document}));
    }

    fn change(&mut self, version: i64, changes: Value) {
        let document = json!({"uri": "file:///a.txt", "version": version});
        self.tell(
            "textDocument/didChange",
            json!({"textDocument": document, "contentChanges": changes}),
        );
    }

    /// The diagnostics of a version.
    fn shown(&mut self, version: i64) -> Vec<Value> {
        loop {
            let message = self.read();
            if message["method"] == "textDocument/publishDiagnostics"
                && message["params"]["version"] == version
            {
                return message["params"]["diagnostics"].as_array().unwrap().clone();
            }
        }
    }

    /// Says goodbye as `last` messages do, and answers the exit code.
    fn end(mut self, last: &[&str]) -> i32 {
        for method in last {
            if *method == "shutdown" {
                assert_eq!(self.ask("shutdown", Value::Null)["result"], Value::Null);
            } else {
                self.tell(method, Value::Null);
            }
        }
        self.to = None;
        self.child.wait().unwrap().code().unwrap()
    }
}

#[test]
fn the_conversation_ends_as_the_protocol_says() {
    assert_eq!(Session::ready().end(&["shutdown", "exit"]), 0);
    assert_eq!(Session::ready().end(&["exit"]), 1, "exit without shutdown");
    assert_eq!(
        Session::ready().end(&[]),
        2,
        "the client is gone without a word"
    );
    let mut session = Session::ready();
    assert_eq!(session.ask("shutdown", Value::Null)["result"], Value::Null);
    let refused = session.ask("textDocument/hover", json!({}));
    assert_eq!(refused["error"]["code"], -32600);
    assert_eq!(session.end(&["exit"]), 0);
}

#[test]
fn bad_messages_are_answered_and_survived() {
    let mut session = Session::start();
    let early = session.ask("textDocument/hover", json!({}));
    assert_eq!(early["error"]["code"], -32002, "initialize comes first");
    session.ask("initialize", json!({"capabilities": {}}));
    session.raw(b"Content-Length: 3\r\n\r\n{]}");
    assert_eq!(session.read()["error"]["code"], -32700);
    session.raw(b"Content-Length: 999999999999\r\n");
    session.raw(b"Content-Length: 2\r\n\r\n[]");
    assert_eq!(session.read()["error"]["code"], -32600);
    assert_eq!(session.ask("no/such", json!(1))["error"]["code"], -32601);
    for params in [json!(null), json!({"textDocument": 1}), json!([1, 2])] {
        assert_eq!(
            session.ask("textDocument/hover", params.clone())["error"]["code"],
            -32602
        );
        session.tell("textDocument/didChange", params.clone());
        session.tell("textDocument/didOpen", params);
    }
    // Changes of a document that is not open, and places far outside of one that is.
    session.change(1, json!([{"text": "x"}]));
    session.open("One.\n");
    let far = json!({"line": 4_000_000_000_u32, "character": 4_000_000_000_u32});
    let range = json!({"start": far, "end": {"line": 0, "character": 0}});
    session.change(
        2,
        json!([{"range": range, "text": format!("\n{MARKER}\n")}]),
    );
    assert_eq!(session.shown(2).len(), 1);
    assert_eq!(session.end(&["shutdown", "exit"]), 0);
}

#[test]
fn a_request_taken_back_is_not_worked_on() {
    let mut session = Session::ready();
    session.open(&format!("One.\n\n{MARKER}\n\nTwo.\n"));
    let place =
        json!({"textDocument": {"uri": "file:///a.txt"}, "position": {"line": 2, "character": 1}});
    let request =
        json!({"jsonrpc": "2.0", "id": "h", "method": "textDocument/hover", "params": place});
    let cancel = json!({"jsonrpc": "2.0", "method": "$/cancelRequest", "params": {"id": "h"}});
    // Both in one write: the cancellation is there when the request's turn comes, or the answer is.
    let bytes: String = [&request, &cancel]
        .iter()
        .map(|message| message.to_string())
        .map(|body| format!("Content-Length: {}\r\n\r\n{body}", body.len()))
        .collect();
    session.raw(bytes.as_bytes());
    let answer = loop {
        let message = session.read();
        if message["id"] == "h" {
            break message;
        }
    };
    let cancelled = answer["error"]["code"] == -32800;
    let answered = answer["result"]["contents"]["value"]
        .as_str()
        .is_some_and(|value| value.contains("en/ads/continues-below"));
    assert!(cancelled || answered, "{answer}");
    assert_eq!(session.end(&["shutdown", "exit"]), 0);
}

/// However a text came about, what is shown is what a look at the whole text finds.
#[test]
fn findings_after_changes_are_those_of_the_whole_text() {
    let mut session = Session::ready();
    let mut text = String::from("He came.\n\nThey went.\n");
    session.open(&text);
    assert_eq!(session.shown(1).len(), 0);
    // A small generator of our own, so that every run makes the same changes.
    let mut state = 7_u64;
    let mut next = |below: usize| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    let pieces = [
        MARKER,
        "\n\n",
        "Advertisement",
        " ",
        "😀é ",
        "\r\n",
        "“",
        "He said so.",
        "",
    ];
    for version in 2..60 {
        let lines: Vec<&str> = text.split('\n').collect();
        let line = next(lines.len());
        let columns: Vec<usize> = lines[line].char_indices().map(|(at, _)| at).collect();
        let from = next(columns.len() + 1);
        let to = (from + next(4)).min(columns.len());
        let byte = |at: usize| {
            columns
                .get(at)
                .copied()
                .unwrap_or(lines[line].trim_end_matches('\r').len())
        };
        let (from, to) = (byte(from).min(byte(to)), byte(from).max(byte(to)));
        let units = |end: usize| lines[line][..end].encode_utf16().count();
        let new = pieces[next(pieces.len())];
        let range = json!({
            "start": {"line": line, "character": units(from)},
            "end": {"line": line, "character": units(to)},
        });
        let start: usize = lines[..line].iter().map(|line| line.len() + 1).sum();
        let old = text.clone();
        text.replace_range(start + from..start + to, new);
        // Lone carriage returns are line ends to editors and not to this test.
        if text.replace("\r\n", "").contains('\r') {
            text = old;
        } else {
            session.change(version, json!([{"range": range, "text": new}]));
            let shown = session.shown(version);
            session.change(version + 1000, json!([{"text": text}]));
            assert_eq!(shown, session.shown(version + 1000), "{text:?}");
        }
    }
    assert_eq!(session.end(&["shutdown", "exit"]), 0);
}
