//! `descale lsp`: a language server for editors, on the standard streams.
//!
//! One thread reads, one works. All messages that have come in are taken in before a text is looked at again, so that fast typing costs one look, not one a key;
//! what is shown is always what a look at the whole text finds.

mod document;
mod rules;
mod text;
mod wire;

use std::collections::{HashMap, VecDeque};
use std::env;
use std::path::PathBuf;
use std::sync::mpsc::Receiver;

use anyhow::Result;
use clap::Args;
use lsp_server::{ErrorCode, Message, Notification, Request, RequestId, Response};
use lsp_types::notification::{self, Notification as _};
use lsp_types::request::{self, Request as _};
use lsp_types::{
    CodeActionKind, CodeActionOptions, CodeActionOrCommand, CodeActionParams,
    CodeActionProviderCapability, HoverProviderCapability, InitializeParams, InitializeResult,
    MessageType, PositionEncodingKind, PublishDiagnosticsParams, SaveOptions, ServerCapabilities,
    ServerInfo, ShowMessageParams, TextDocumentSyncCapability, TextDocumentSyncKind,
    TextDocumentSyncOptions, TextDocumentSyncSaveOptions, Uri,
};
use serde::de::DeserializeOwned;

use super::args::RuleArgs;
use super::console::Console;
use super::exit::Exit;
use document::Open;
use rules::Rules;
use text::Unit;
use wire::Incoming;

const EXAMPLES: &str = "\
Editors start it themselves; docs/editors.md says how for VS Code, Neovim, Helix and Zed. It speaks the Language Server Protocol on its
standard input and output. The `descale.toml` of the folder that the editor has open counts, and is read again when it is saved.";

/// Serve an editor: findings as you type, quick fixes, and what a rule is about
///
/// Speaks the Language Server Protocol on the standard input and output.
#[derive(Args, Debug)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct LspArgs {
    #[command(flatten)]
    pub(super) rules: RuleArgs,
    /// The site all texts come from (host or URL), for rules made for one site
    #[arg(long, value_name = "HOST", help_heading = "Rules")]
    site: Option<String>,
    /// Findings listed in this file are not shown; lines may have moved since
    #[arg(long, value_name = "FILE", help_heading = "Rules")]
    baseline: Option<PathBuf>,
    /// Taken and not needed: the standard streams are all there is
    #[arg(long, hide = true)]
    stdio: bool,
}

/// Runs the subcommand.
pub(crate) fn run(args: &LspArgs, console: &Console) -> Result<Exit> {
    let mut server = Server {
        rules: Rules::new(args, console)?,
        console,
        unit: Unit::Utf16,
        open: HashMap::new(),
        stale: Vec::new(),
        state: State::Fresh,
    };
    server.serve(&wire::listen())
}

/// How far the conversation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Nothing was said yet.
    Fresh,
    /// The client has introduced itself.
    Running,
    /// The client wants no more.
    ShutDown,
}

struct Server<'a> {
    rules: Rules,
    console: &'a Console,
    unit: Unit,
    open: HashMap<String, Open>,
    /// Documents whose findings were not shown since they changed.
    stale: Vec<String>,
    state: State,
}

/// A request that cannot be answered.
struct Refusal(ErrorCode, String);

impl Server<'_> {
    /// Serves until the client leaves.
    fn serve(&mut self, incoming: &Receiver<Incoming>) -> Result<Exit> {
        let mut queue = VecDeque::new();
        loop {
            queue.extend(incoming.try_iter());
            if queue.is_empty() {
                // Nothing more has come in: time to look.
                self.publish_stale()?;
                match incoming.recv() {
                    Ok(first) => queue.push_back(first),
                    // The client is gone without a word.
                    Err(_) => return Ok(Exit::Failed),
                }
            }
            let Some(next) = queue.pop_front() else {
                continue;
            };
            match next {
                Incoming::Malformed(code, cause) => wire::send_malformed(code, &cause)?,
                Incoming::Message(Message::Request(request)) => {
                    let id = request.id.clone();
                    let answer = if is_cancelled(&id, &queue) {
                        let cause = "the client takes it back".to_owned();
                        Err(Refusal(ErrorCode::RequestCanceled, cause))
                    } else {
                        self.request(request)
                    };
                    wire::send(&Message::Response(match answer {
                        Ok(value) => Response::new_ok(id, value),
                        Err(Refusal(code, cause)) => Response::new_err(id, code as i32, cause),
                    }))?;
                }
                Incoming::Message(Message::Notification(notification)) => {
                    if notification.method == notification::Exit::METHOD {
                        return Ok(if self.state == State::ShutDown {
                            Exit::Success
                        } else {
                            Exit::Found
                        });
                    }
                    self.notification(notification)?;
                }
                // Nothing is asked of the client.
                Incoming::Message(Message::Response(_)) => {}
            }
        }
    }

    fn request(&mut self, request: Request) -> Result<serde_json::Value, Refusal> {
        let method = request.method.as_str();
        match (self.state, method) {
            (State::Fresh, request::Initialize::METHOD) => {
                let result = self.initialize(params(request.params)?);
                self.state = State::Running;
                return answer(result);
            }
            (State::Fresh, _) => {
                let cause = "`initialize` comes first".to_owned();
                return Err(Refusal(ErrorCode::ServerNotInitialized, cause));
            }
            (State::ShutDown, _) => {
                let cause = "nothing but `exit` comes after `shutdown`".to_owned();
                return Err(Refusal(ErrorCode::InvalidRequest, cause));
            }
            (State::Running, _) => {}
        }
        match method {
            request::Shutdown::METHOD => {
                self.state = State::ShutDown;
                Ok(serde_json::Value::Null)
            }
            request::CodeActionRequest::METHOD => answer(self.actions(&params(request.params)?)),
            request::HoverRequest::METHOD => {
                let params: lsp_types::HoverParams = params(request.params)?;
                let place = params.text_document_position_params;
                let open = self.open.get_mut(place.text_document.uri.as_str());
                answer(open.and_then(|open| open.hover(place.position, &self.rules)))
            }
            request::Initialize::METHOD => {
                let cause = "`initialize` comes once".to_owned();
                Err(Refusal(ErrorCode::InvalidRequest, cause))
            }
            _ => {
                let cause = format!("`{method}` is not served");
                Err(Refusal(ErrorCode::MethodNotFound, cause))
            }
        }
    }

    fn initialize(&mut self, client: InitializeParams) -> InitializeResult {
        let encodings = (client.capabilities.general.as_ref())
            .and_then(|general| general.position_encodings.as_deref())
            .unwrap_or_default();
        if encodings.contains(&PositionEncodingKind::UTF8) {
            self.unit = Unit::Utf8;
        }
        if let Some(folder) = root(&client) {
            // Editors start servers from anywhere; the folder that is open is what `descale.toml` is looked for from.
            let moved = env::current_dir().is_ok_and(|here| here != folder);
            if moved && env::set_current_dir(&folder).is_ok() {
                self.reload();
            }
        }
        InitializeResult {
            capabilities: ServerCapabilities {
                position_encoding: Some(match self.unit {
                    Unit::Utf8 => PositionEncodingKind::UTF8,
                    Unit::Utf16 => PositionEncodingKind::UTF16,
                }),
                text_document_sync: Some(TextDocumentSyncCapability::Options(
                    TextDocumentSyncOptions {
                        open_close: Some(true),
                        change: Some(TextDocumentSyncKind::INCREMENTAL),
                        save: Some(TextDocumentSyncSaveOptions::SaveOptions(SaveOptions {
                            include_text: Some(false),
                        })),
                        ..TextDocumentSyncOptions::default()
                    },
                )),
                hover_provider: Some(HoverProviderCapability::Simple(true)),
                code_action_provider: Some(CodeActionProviderCapability::Options(
                    CodeActionOptions {
                        code_action_kinds: Some(vec![
                            CodeActionKind::QUICKFIX,
                            CodeActionKind::SOURCE_FIX_ALL,
                        ]),
                        ..CodeActionOptions::default()
                    },
                )),
                ..ServerCapabilities::default()
            },
            server_info: Some(ServerInfo {
                name: "descale".to_owned(),
                version: Some(env!("CARGO_PKG_VERSION").to_owned()),
            }),
        }
    }

    /// Reads the rules again. If they cannot be read, the ones there are stay, and the client is told.
    fn reload(&mut self) {
        let args: Vec<_> = env::args_os().collect();
        let read = match super::parse(&args) {
            Ok((
                super::Cli {
                    command: super::Command::Lsp(args),
                    ..
                },
                ..,
            )) => Rules::new(&args, self.console).map_err(|error| format!("{error:#}")),
            _ => Err("the configuration cannot be read; the server's log says why".to_owned()),
        };
        match read {
            Ok(rules) => {
                self.rules = rules;
                for (uri, open) in &mut self.open {
                    open.forget();
                    self.stale.push(uri.clone());
                }
            }
            Err(message) => {
                let params = ShowMessageParams {
                    typ: MessageType::ERROR,
                    message: format!("descale: {message}"),
                };
                // A client that is gone is noticed at the next message.
                let _ = notify::<notification::ShowMessage>(params);
            }
        }
    }

    fn notification(&mut self, notification: Notification) -> Result<()> {
        if self.state != State::Running {
            return Ok(());
        }
        let Notification { method, params } = notification;
        // What cannot be understood is passed over: a notification has no answer.
        match method.as_str() {
            notification::DidOpenTextDocument::METHOD => {
                if let Some(lsp_types::DidOpenTextDocumentParams { text_document }) = read(params) {
                    let key = text_document.uri.as_str().to_owned();
                    let open = Open::new(
                        text_document.uri,
                        &text_document.language_id,
                        text_document.version,
                        text_document.text,
                        self.unit,
                    );
                    self.open.insert(key.clone(), open);
                    self.stale.push(key);
                }
            }
            notification::DidChangeTextDocument::METHOD => {
                let params: Option<lsp_types::DidChangeTextDocumentParams> = read(params);
                if let Some(params) = params
                    && let Some(open) = self.open.get_mut(params.text_document.uri.as_str())
                {
                    open.version = params.text_document.version;
                    for change in params.content_changes {
                        open.text.change(change);
                    }
                    open.forget();
                    self.stale
                        .push(params.text_document.uri.as_str().to_owned());
                }
            }
            notification::DidCloseTextDocument::METHOD => {
                let params: Option<lsp_types::DidCloseTextDocumentParams> = read(params);
                if let Some(params) = params {
                    self.open.remove(params.text_document.uri.as_str());
                    publish(params.text_document.uri, None, Vec::new())?;
                }
            }
            notification::DidSaveTextDocument::METHOD => {
                let params: Option<lsp_types::DidSaveTextDocumentParams> = read(params);
                if params.is_some_and(|params| is_config(&params.text_document.uri)) {
                    self.reload();
                }
            }
            notification::DidChangeWatchedFiles::METHOD => {
                let params: Option<lsp_types::DidChangeWatchedFilesParams> = read(params);
                let files = params.map(|params| params.changes).unwrap_or_default();
                if files.iter().any(|file| is_config(&file.uri)) {
                    self.reload();
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn actions(&mut self, params: &CodeActionParams) -> Vec<CodeActionOrCommand> {
        // `source` asks for `source.fixAll` as well, and so does `source.fixAll.descale`. Who asks for nothing in particular gets the quick fixes.
        let below = |a: &str, b: &str| {
            a.strip_prefix(b)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        let wanted = |kind: &CodeActionKind| match &params.context.only {
            None => *kind == CodeActionKind::QUICKFIX,
            Some(only) => only.iter().any(|asked| {
                below(kind.as_str(), asked.as_str()) || below(asked.as_str(), kind.as_str())
            }),
        };
        let open = self.open.get_mut(params.text_document.uri.as_str());
        let actions = open.map(|open| open.actions(params.range, &wanted, &self.rules));
        actions
            .unwrap_or_default()
            .into_iter()
            .map(CodeActionOrCommand::CodeAction)
            .collect()
    }

    /// Shows the findings of all documents that changed.
    fn publish_stale(&mut self) -> Result<()> {
        let mut stale = std::mem::take(&mut self.stale);
        stale.sort();
        stale.dedup();
        for key in stale {
            if let Some(open) = self.open.get_mut(&key) {
                let diagnostics = open.diagnostics(&self.rules);
                publish(open.uri().clone(), Some(open.version), diagnostics)?;
            }
        }
        Ok(())
    }
}

/// Whether a cancellation of a request waits behind it.
fn is_cancelled(id: &RequestId, queue: &VecDeque<Incoming>) -> bool {
    queue.iter().any(|incoming| match incoming {
        Incoming::Message(Message::Notification(notification))
            if notification.method == notification::Cancel::METHOD =>
        {
            let asked = notification.params.get("id").cloned();
            asked
                .and_then(|asked| serde_json::from_value::<RequestId>(asked).ok())
                .as_ref()
                == Some(id)
        }
        _ => false,
    })
}

/// The folder that the client has open.
#[allow(deprecated, reason = "older clients name the folder only so")]
fn root(client: &InitializeParams) -> Option<PathBuf> {
    let folders = client.workspace_folders.as_deref().unwrap_or_default();
    let uri = folders
        .first()
        .map(|folder| &folder.uri)
        .or(client.root_uri.as_ref())?;
    let path = uri.as_str().strip_prefix("file://")?;
    // `file:///C:/…` is a path without the slash before the drive.
    let path = match path.as_bytes() {
        [b'/', drive, b':' | b'%', ..] if drive.is_ascii_alphabetic() => &path[1..],
        _ => path,
    };
    Some(PathBuf::from(unescape(path)))
}

/// A path of a URI without its `%` escapes. What is no UTF-8 after that stays as it is.
fn unescape(path: &str) -> String {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let Some((&first, behind)) = rest.split_first() {
        let escaped = behind
            .get(..2)
            .filter(|_| first == b'%')
            .and_then(|digits| {
                let digits = std::str::from_utf8(digits).ok()?;
                u8::from_str_radix(digits, 16).ok()
            });
        bytes.push(escaped.unwrap_or(first));
        rest = if escaped.is_some() {
            &behind[2..]
        } else {
            behind
        };
    }
    String::from_utf8(bytes).unwrap_or_else(|_| path.to_owned())
}

/// Whether a file may hold settings.
fn is_config(uri: &Uri) -> bool {
    let name = uri.as_str().rsplit('/').next().unwrap_or_default();
    matches!(name, "descale.toml" | ".descale.toml" | "pyproject.toml")
}

fn publish(uri: Uri, version: Option<i32>, diagnostics: Vec<lsp_types::Diagnostic>) -> Result<()> {
    notify::<notification::PublishDiagnostics>(PublishDiagnosticsParams {
        uri,
        diagnostics,
        version,
    })
}

fn notify<N: notification::Notification>(params: N::Params) -> Result<()> {
    let params = serde_json::to_value(params)?;
    let message = Message::Notification(Notification {
        method: N::METHOD.to_owned(),
        params,
    });
    Ok(wire::send(&message)?)
}

/// The parameters of a request.
fn params<P: DeserializeOwned>(params: serde_json::Value) -> Result<P, Refusal> {
    serde_json::from_value(params)
        .map_err(|error| Refusal(ErrorCode::InvalidParams, error.to_string()))
}

/// The parameters of a notification, if they are such.
fn read<P: DeserializeOwned>(params: serde_json::Value) -> Option<P> {
    serde_json::from_value(params).ok()
}

fn answer(value: impl serde::Serialize) -> Result<serde_json::Value, Refusal> {
    serde_json::to_value(value)
        .map_err(|error| Refusal(ErrorCode::InternalError, error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_of_uris() {
        for (uri, path) in [
            ("file:///home/a%20b/%C3%A9", "/home/a b/é"),
            ("file:///c%3A/x", "c:/x"),
            ("file:///C:/x", "C:/x"),
        ] {
            let client: InitializeParams =
                serde_json::from_value(serde_json::json!({"capabilities": {}, "rootUri": uri}))
                    .unwrap();
            assert_eq!(root(&client), Some(PathBuf::from(path)), "{uri}");
        }
        assert_eq!(unescape("%zz%4"), "%zz%4");
    }
}
