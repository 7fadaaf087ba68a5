"""The language server, driven by a real client.

    pip install -r tests/lsp/requirements.txt
    cargo build && pytest tests/lsp

DESCALE names another binary than target/debug/descale.
"""

import asyncio
import os
from pathlib import Path

import pytest
import pytest_lsp
from lsprotocol import types as lsp
from pytest_lsp import ClientServerConfig, LanguageClient, client_capabilities

ROOT = Path(__file__).resolve().parents[2]
BINARY = os.environ.get("DESCALE", str(ROOT / "target/debug/descale"))
MARKER = "Story continues below advertisement"
TEXT = f"It was late, and the board met.\n\n{MARKER}\n\nNobody had slept.\n\n{MARKER}\n\nThe end came at two.\n"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "descale.toml").write_text('lang = ["en"]\n')
    return tmp_path


@pytest_lsp.fixture(config=ClientServerConfig(server_command=[BINARY, "lsp"]))
async def client(lsp_client: LanguageClient, folder):
    await lsp_client.initialize_session(
        lsp.InitializeParams(
            capabilities=client_capabilities("visual-studio-code"),
            workspace_folders=[lsp.WorkspaceFolder(uri=folder.as_uri(), name="work")],
            root_uri=folder.as_uri(),
        )
    )
    yield
    await lsp_client.shutdown_session()


async def open_(client, folder, text, name="a.txt", language="plaintext"):
    uri = (folder / name).as_uri()
    answer = asyncio.ensure_future(shown(client, uri, 1))
    await asyncio.sleep(0)
    client.text_document_did_open(
        lsp.DidOpenTextDocumentParams(
            text_document=lsp.TextDocumentItem(uri=uri, language_id=language, version=1, text=text)
        )
    )
    await answer
    return uri


async def shown(client, uri, version):
    """Waits for the diagnostics of a version."""
    while True:
        params = await asyncio.wait_for(client.wait_for_notification("textDocument/publishDiagnostics"), 60)
        if params.uri == uri and params.version == version:
            return params.diagnostics


async def change(client, uri, version, *changes):
    """Sends changes (start, end, text), each of the text the one before left; places are (line, UTF-16 column)."""
    events = [
        lsp.TextDocumentContentChangePartial(
            range=lsp.Range(start=lsp.Position(*start), end=lsp.Position(*end)), text=text
        )
        for start, end, text in changes
    ]
    answer = asyncio.ensure_future(shown(client, uri, version))
    await asyncio.sleep(0)
    client.text_document_did_change(
        lsp.DidChangeTextDocumentParams(
            text_document=lsp.VersionedTextDocumentIdentifier(uri=uri, version=version),
            content_changes=events,
        )
    )
    return await answer


async def actions(client, uri, line, only=None):
    place = lsp.Position(line, 3)
    answer = await client.text_document_code_action_async(
        lsp.CodeActionParams(
            text_document=lsp.TextDocumentIdentifier(uri=uri),
            range=lsp.Range(start=place, end=place),
            context=lsp.CodeActionContext(diagnostics=[], only=only),
        )
    )
    return {action.title: action for action in answer or []}


def edited(text, uri, action):
    """The text after an action, places counted in UTF-16 as the client does."""
    lines = text.split("\n")
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line.encode("utf-16-le")) // 2 + 1)
    units = text.encode("utf-16-le")
    for edit in sorted(action.edit.changes[uri], key=lambda edit: -edit.range.start.line * 10**6 - edit.range.start.character):
        start = starts[edit.range.start.line] + edit.range.start.character
        end = starts[edit.range.end.line] + edit.range.end.character
        units = units[: 2 * start] + edit.new_text.encode("utf-16-le") + units[2 * end :]
    return units.decode("utf-16-le")


@pytest.mark.asyncio
async def test_findings_while_typing(client, folder):
    uri = await open_(client, folder, TEXT)
    found = client.diagnostics[uri]
    assert [(d.range.start.line, d.code) for d in found] == [
        (2, "en/ads/continues-below"),
        (6, "en/ads/continues-below"),
    ]
    assert found[0].severity == lsp.DiagnosticSeverity.Error and found[0].source == "descale"
    # The first marker becomes prose; the second is broken in two.
    found = await change(client, uri, 2, ((2, 22), (2, 35), "the hill"), ((6, 5), (6, 5), "\n\n"))
    assert list(found) == []
    found = await change(client, uri, 3, ((6, 5), (8, 0), ""))
    assert [d.range.start.line for d in found] == [6]


@pytest.mark.asyncio
async def test_columns_are_utf16(client, folder):
    text = f"😀 “Néant” (漢字) he said.{MARKER} He left.\n"
    uri = await open_(client, folder, text)
    (found,) = client.diagnostics[uri]
    at = text.index(MARKER)
    units = len(text[:at].encode("utf-16-le")) // 2
    assert (found.range.start.character, found.range.end.character) == (units, units + len(MARKER))
    fixes = await actions(client, uri, 0)
    assert fixes == {}, "nothing is at the beginning"
    found = await change(client, uri, 2, ((0, 1), (0, 2), "x"))
    assert found[0].range.start.character == units - 1, "a place inside a pair is its character's"


@pytest.mark.asyncio
async def test_quick_fixes(client, folder):
    uri = await open_(client, folder, TEXT)
    fixes = await actions(client, uri, 2)
    assert list(fixes) == [
        "Remove this",
        "Mend all of en/ads/continues-below in this file",
        "Mend all that is sure in this file",
        "Ignore en/ads/continues-below on this line",
    ]
    one = edited(TEXT, uri, fixes["Remove this"])
    assert one == TEXT.replace(f"{MARKER}\n\n", "", 1)
    for title in ("Mend all of en/ads/continues-below in this file", "Mend all that is sure in this file"):
        assert MARKER not in edited(TEXT, uri, fixes[title]), title
    on_save = await actions(client, uri, 2, ["source.fixAll"])
    assert list(on_save) == ["descale: mend all that is sure"]
    assert MARKER not in edited(TEXT, uri, on_save["descale: mend all that is sure"])


@pytest.mark.asyncio
@pytest.mark.parametrize(("name", "language"), [("a.md", "markdown"), ("a.txt", "plaintext")])
async def test_ignore_action_silences(client, folder, name, language):
    uri = await open_(client, folder, TEXT, name, language)
    fixes = await actions(client, uri, 2)
    text = edited(TEXT, uri, fixes["Ignore en/ads/continues-below on this line"])
    assert ("<!-- descale: ignore[en/ads/continues-below] -->" in text) == (language == "markdown")
    last = len(TEXT.split("\n"))
    found = await change(client, uri, 2, ((0, 0), (last, 0), text))
    assert [d.range.start.line for d in found] == [6]


@pytest.mark.asyncio
async def test_hover_names_rule_reason_and_source(client, folder):
    uri = await open_(client, folder, TEXT)
    ask = lambda line: client.text_document_hover_async(
        lsp.HoverParams(text_document=lsp.TextDocumentIdentifier(uri=uri), position=lsp.Position(line, 4))
    )
    hover = await ask(2)
    for part in ("en/ads/continues-below@", "ad-marker", "safe", "labels an advertisement", "clean: removes it", "Pack `en/ads`"):
        assert part in hover.contents.value, hover.contents.value
    assert await ask(0) is None


@pytest.mark.asyncio
async def test_markdown_code_is_not_linted(client, folder):
    text = f"```\n{MARKER}\n```\n\n    {MARKER}\n\n{MARKER} <!-- descale: ignore[en/adz] -->\n"
    uri = await open_(client, folder, text, "a.md", "markdown")
    found = client.diagnostics[uri]
    assert [(d.range.start.line, d.code) for d in found] == [(6, "en/ads/continues-below"), (6, "ignore-comment")]
    assert "did you mean `en/ads`?" in found[1].message


@pytest.mark.asyncio
async def test_configuration_is_read_again(client, folder):
    uri = await open_(client, folder, TEXT)
    config = folder / "descale.toml"
    config.write_text('skip = ["ad-marker"]\n')
    answer = asyncio.ensure_future(shown(client, uri, 1))
    await asyncio.sleep(0)
    client.text_document_did_save(
        lsp.DidSaveTextDocumentParams(text_document=lsp.TextDocumentIdentifier(uri=config.as_uri()))
    )
    assert list(await answer) == []
