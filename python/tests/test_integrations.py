"""The libraries that articles are kept in, really installed: the same texts and edits in each."""

from __future__ import annotations

import gzip
import json
import pickle
import subprocess

import datasets
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.readers import JsonlReader
from datatrove.pipeline.writers import JsonlWriter

import descale
import descale.pandas  # noqa: F401
import descale.polars  # noqa: F401
from descale._edits import as_dict
from descale.datatrove import Descale
from descale.extract import article
from descale.huggingface import cleaning


@pytest.fixture(scope="module")
def wanted(documents):
    return [descale.clean(d["text"], site=d["url"], title=d["title"]) for d in documents]


def shown(cleaned):
    return [as_dict(edit) for edit in cleaned.edits]


def test_polars(documents, wanted):
    frame = pl.DataFrame(documents, schema=dict.fromkeys(documents[0], pl.String))
    clean = pl.col("text").descale.clean(site=pl.col("url"), title=pl.col("title"))
    texts = [cleaned.text for cleaned in wanted]
    assert frame.with_columns(clean)["text"].to_list() == texts
    assert frame.lazy().with_columns(clean).collect(engine="streaming")["text"].to_list() == texts
    both = frame.select(pl.col("text").descale.clean(site=pl.col("url"), title=pl.col("title"), edits=True).alias("c")).unnest("c")
    assert both["text"].to_list() == texts
    assert [list(rows) for rows in both["edits"].to_list()] == [shown(c) for c in wanted]
    assert frame["text"].descale.clean(site=frame["url"], title=frame["title"]).to_list() == texts
    alike = frame.select(pl.col("text").descale.clean(site="example.com"))["text"].to_list()
    assert alike == [descale.clean(d["text"], site="example.com").text for d in documents]


@pytest.mark.parametrize("dtype", [object, "string[python]", "string[pyarrow]"])
def test_pandas(dtype, documents, wanted):
    frame = pd.DataFrame(documents, index=[f"row {row}" for row in range(len(documents))])
    texts = frame["text"].astype(dtype)
    clean = texts.descale.clean(site=frame["url"], title=frame["title"])
    assert clean.tolist() == [cleaned.text for cleaned in wanted]
    assert clean.dtype == texts.dtype and clean.index.equals(texts.index) and clean.name == "text"
    both = texts.descale.clean(site=frame["url"], title=frame["title"], edits=True)
    assert [list(rows) for rows in both["edits"]] == [shown(c) for c in wanted]
    assert pd.Series(["One.", None], dtype=dtype).descale.clean().isna().tolist() == [False, True]


def test_datasets(documents, wanted):
    dataset = datasets.Dataset.from_list([*documents, {**documents[0], "text": None}])
    step = cleaning("text", site="url", title="title", edits="edits")
    pickle.dumps(step)
    result = dataset.map(step, batched=True, batch_size=5, num_proc=2)
    assert result["text"][:] == [*(cleaned.text for cleaned in wanted), None]
    for row, cleaned in zip(result, wanted):
        assert list(row["edits"]) == shown(cleaned)
        assert descale.undo(row["text"], row["edits"]) == cleaned.original


def test_datatrove(documents, wanted, tmp_path):
    source = tmp_path / "in"
    source.mkdir()
    half = len(documents) // 2
    for name, part in (("a", documents[:half]), ("b", documents[half:])):
        lines = [json.dumps({**d, "metadata": {"n": d["id"]}}) for d in part]
        (source / f"{name}.jsonl").write_text("\n".join(lines), encoding="utf-8")
    executor = LocalPipelineExecutor(
        pipeline=[JsonlReader(str(source)), Descale(site="url", title="title"), JsonlWriter(str(tmp_path / "out"))],
        tasks=2,
        logging_dir=str(tmp_path / "logs"),
    )
    stats = executor.run()
    written = {}
    for path in (tmp_path / "out").glob("*.jsonl.gz"):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            written.update((row["id"], row) for row in map(json.loads, lines))
    for document, cleaned in zip(documents, wanted):
        row = written[document["id"]]
        assert row["text"] == cleaned.text
        assert row["metadata"].get("descale_edits", []) == shown(cleaned)
    counts = next(step for step in stats.stats if "descale" in step.name).stats
    assert counts["documents"].total == len(documents)
    assert counts["changed"].total == sum(cleaned.changed for cleaned in wanted)
    assert counts["edits"].total == sum(len(cleaned.edits) for cleaned in wanted)


def test_trafilatura():
    paragraphs = [
        "The council voted on Tuesday night to close the bridge for two years, a decision that sends traffic through the town.",
        "Story continues below advertisement",
        "Engineers who inspected the span in March had found cracks in three of its eleven hangers, and in two of the anchors.",
        "The mayor said that the town would pay for a shuttle until the end of next year, and that nobody would lose a job.",
    ]
    body = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    page = f"<html lang='en'><head><title>Bridge closes</title></head><body><article><h1>Bridge closes</h1>{body}</article></body></html>"
    cleaned = article(page, url="https://example.com/bridge")
    assert "Story continues" in cleaned.original
    assert "Story continues" not in cleaned.text and "eleven hangers" in cleaned.text
    assert cleaned.undo() == cleaned.original
    assert article("<html></html>") is None


def test_the_command_cleans_alike(documents, wanted, command, tmp_path):
    """Texts, edits in bytes, and the way back."""
    source, out, ledger, back = (tmp_path / name for name in ("in.jsonl", "out.jsonl", "ledger.jsonl", "back.jsonl"))
    source.write_text("".join(json.dumps(d, ensure_ascii=False) + "\n" for d in documents), encoding="utf-8")
    fields = ["--id-field", "id", "--site-field", "url", "--title-field", "title"]
    subprocess.run([command, "clean", "-q", source, *fields, "-o", out, "--ledger", ledger], check=True, cwd=tmp_path)
    rows = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert [row["text"] for row in rows] == [cleaned.text for cleaned in wanted]

    byte = descale.Cleaner(unit="byte")
    known = [byte.clean(d["text"], site=d["url"], title=d["title"]) for d in documents]
    by_call = [
        (d["id"], edit.start, edit.end, edit.new_start, edit.new_end, edit.old, edit.new, f"{edit.rule}@{edit.version}", edit.safety)
        for d, cleaned in zip(documents, known)
        for edit in cleaned.edits
    ]
    lines = map(json.loads, ledger.read_text(encoding="utf-8").splitlines())
    by_command = [
        tuple(line[name] for name in ("doc", "s", "e", "os", "oe", "old", "new", "rule", "safety")) for line in lines if line["type"] == "edit"
    ]
    assert by_call == by_command and len(by_call) > 10
    assert all(cleaned.undo() == cleaned.original for cleaned in known)

    subprocess.run([command, "undo", out, "--ledger", ledger, "-o", back], check=True, cwd=tmp_path, stderr=subprocess.DEVNULL)
    assert back.read_bytes() == source.read_bytes()


def test_arrow_and_spark_share_one_column_shape(documents):
    result = pa.array(descale.clean_array(pa.array([documents[0]["text"]]), edits=True))
    assert [field.name for field in result.type] == ["text", "edits", "error"]
