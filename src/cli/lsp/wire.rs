//! Messages on the standard streams. Whatever comes in, the server lives on: a message that is none is answered as such.

use std::io::{self, BufRead, Read, Write};
use std::sync::mpsc::{self, Receiver};
use std::thread;

use lsp_server::{ErrorCode, Message};

/// The largest message that is read, in bytes: many times the largest text that anyone edits.
const LARGEST: u64 = 256 << 20;

/// The longest line of a header, in bytes.
const HEADER: u64 = 8 << 10;

/// After so many messages in a row that are none, whatever writes them is no client.
const PATIENCE: usize = 100;

/// What came in.
#[derive(Debug)]
pub(super) enum Incoming {
    /// A message.
    Message(Message),
    /// Something that is no message: the error's number and what is wrong.
    Malformed(i32, String),
}

/// Reads the standard input on a thread of its own, so that the next message can be seen while one is worked on.
pub(super) fn listen() -> Receiver<Incoming> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut input = io::stdin().lock();
        let mut patience = PATIENCE;
        while let Ok(Some(incoming)) = read(&mut input) {
            if let Incoming::Malformed(..) = incoming {
                patience -= 1;
            } else {
                patience = PATIENCE;
            }
            if sender.send(incoming).is_err() || patience == 0 {
                break;
            }
        }
    });
    receiver
}

/// Reads one message; `None` at the end of the input.
fn read(input: &mut dyn BufRead) -> io::Result<Option<Incoming>> {
    let mut length = None;
    let mut strange = None;
    loop {
        let mut line = Vec::new();
        if input.take(HEADER).read_until(b'\n', &mut line)? == 0 {
            return Ok(None);
        }
        let line = String::from_utf8_lossy(&line);
        let line = line.trim_end();
        if line.is_empty() {
            if length.is_some() || strange.is_some() {
                break;
            }
            continue;
        }
        match line.split_once(':') {
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                match value.trim().parse::<u64>() {
                    Ok(bytes) => length = Some(bytes),
                    Err(_) => strange = Some(format!("`{line}` is no length")),
                }
            }
            Some(_) => {}
            None => strange = Some("a header line without a colon".to_owned()),
        }
    }
    let malformed =
        |code: ErrorCode, cause: String| Ok(Some(Incoming::Malformed(code as i32, cause)));
    let Some(length) = length else {
        let cause = strange.unwrap_or_else(|| "a message without Content-Length".to_owned());
        return malformed(ErrorCode::ParseError, cause);
    };
    if length > LARGEST {
        io::copy(&mut input.take(length), &mut io::sink())?;
        return malformed(
            ErrorCode::InvalidRequest,
            format!("a message of {length} bytes; {LARGEST} are the most"),
        );
    }
    // Grows with what comes, not with what is announced.
    let mut body = Vec::new();
    if input.take(length).read_to_end(&mut body)? as u64 != length {
        return Ok(None);
    }
    if serde_json::from_slice::<serde::de::IgnoredAny>(&body).is_err() {
        return malformed(ErrorCode::ParseError, "the message is no JSON".to_owned());
    }
    match serde_json::from_slice(&body) {
        Ok(message) => Ok(Some(Incoming::Message(message))),
        Err(_) => malformed(
            ErrorCode::InvalidRequest,
            "the message is no request, response or notification of JSON-RPC".to_owned(),
        ),
    }
}

/// Writes one message to the standard output.
pub(super) fn send(message: &Message) -> io::Result<()> {
    let mut out = io::stdout().lock();
    message.write(&mut out)?;
    out.flush()
}

/// Writes the answer to something that is no message and therefore has no number.
pub(super) fn send_malformed(code: i32, cause: &str) -> io::Result<()> {
    let body = serde_json::json!({
        "jsonrpc": "2.0",
        "id": null,
        "error": { "code": code, "message": cause },
    })
    .to_string();
    let mut out = io::stdout().lock();
    write!(out, "Content-Length: {}\r\n\r\n{body}", body.len())?;
    out.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is read from some bytes: the method of a message, or what is wrong.
    fn all(mut bytes: &[u8]) -> Vec<String> {
        let mut found = Vec::new();
        while let Some(incoming) = read(&mut bytes).unwrap() {
            found.push(match incoming {
                Incoming::Message(Message::Request(request)) => request.method,
                Incoming::Message(Message::Notification(notification)) => notification.method,
                Incoming::Message(Message::Response(_)) => "response".to_owned(),
                Incoming::Malformed(code, _) => code.to_string(),
            });
        }
        found
    }

    fn framed(body: &str) -> String {
        format!("Content-Length: {}\r\n\r\n{body}", body.len())
    }

    #[test]
    fn a_bad_message_does_not_hide_the_next() {
        let good = framed(r#"{"jsonrpc":"2.0","method":"exit"}"#);
        for (bad, code) in [
            (framed("{"), "-32700"),
            (framed("[1]"), "-32600"),
            ("Content-Length: many\r\n\r\n".to_owned(), "-32700"),
            ("nonsense\r\n\r\n".to_owned(), "-32700"),
            (
                "Content-Type: x\r\nContent-Length: 2\r\n\r\n{}".to_owned(),
                "-32600",
            ),
        ] {
            assert_eq!(
                all(format!("{bad}{good}").as_bytes()),
                [code, "exit"],
                "{bad}"
            );
        }
        assert_eq!(all(b"Content-Length: 900000000000\r\n\r\nx"), ["-32600"]);
        assert_eq!(all(b"Content-Length: 10\r\n\r\nx"), [""; 0]);
    }
}
