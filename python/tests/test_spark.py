"""Spark on a real cluster of two worker JVMs with their Python workers: the command's result, a killed worker, a poisoned record."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

pytest.importorskip("pyspark", reason="pyspark is not installed; pip install 'descale[spark]'")

from pyspark.sql import SparkSession  # noqa: E402
from pyspark.sql import functions as F  # noqa: E402

import descale  # noqa: E402
from descale._edits import as_dict  # noqa: E402
from descale.spark import clean  # noqa: E402

pytestmark = pytest.mark.spark


@pytest.fixture(scope="module")
def spark():
    session = (
        SparkSession.builder.master("local-cluster[2,1,1024]")
        .appName("descale")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.memory", "1g")
        .config("spark.executor.memory", "1g")
        .config("spark.sql.shuffle.partitions", "4")
        .config("spark.python.worker.reuse", "true")
        .config("spark.sql.execution.arrow.maxRecordsPerBatch", "500")
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()


@pytest.fixture(scope="module")
def rows(documents):
    copies = max(1, 1200 // len(documents))
    return [{**document, "id": f"{document['id']}-{copy}"} for copy in range(copies) for document in documents]


@pytest.fixture(scope="module")
def by_command(rows, command, tmp_path_factory):
    folder = tmp_path_factory.mktemp("command")
    source, out = folder / "in.jsonl", folder / "out.jsonl"
    source.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    subprocess.run([command, "clean", "-q", source, "--site-field", "url", "--title-field", "title", "-o", out], check=True, cwd=folder)
    cleaned = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    return source, {row["id"]: row["text"] for row in cleaned}


def test_the_result_is_the_commands(spark, rows, by_command):
    source, wanted = by_command
    frame = spark.read.json(str(source)).repartition(8)
    result = clean(frame, "text", site="url", title="title", ledger=True)
    assert result.columns == [*frame.columns, "descale_edits", "descale_error"]
    collected = result.collect()
    assert {row["id"]: row["text"].encode() for row in collected} == {i: text.encode() for i, text in wanted.items()}
    originals = {row["id"]: row for row in rows}
    edits = 0
    for row in collected:
        assert row["descale_error"] is None
        found = [edit.asDict() for edit in row["descale_edits"]]
        edits += len(found)
        original = originals[row["id"]]
        assert found == [as_dict(edit) for edit in descale.clean(original["text"], site=original["url"], title=original["title"]).edits]
        assert descale.undo(row["text"], found) == original["text"]
    assert edits > 100


def python_workers() -> list[int]:
    """Process ids of Spark's Python workers on this machine: children of a pyspark.daemon."""
    pids = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            command = (path / "cmdline").read_bytes()
            parent = int((path / "stat").read_text().rsplit(")", 1)[1].split()[1])
            if b"pyspark.daemon" in command and b"pyspark.daemon" in Path(f"/proc/{parent}/cmdline").read_bytes():
                pids.append(int(path.name))
        except (OSError, IndexError, ValueError):
            continue
    return pids


def executors() -> list[int]:
    """Process ids of the worker JVMs."""
    pids = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            if b"CoarseGrainedExecutorBackend" in (path / "cmdline").read_bytes():
                pids.append(int(path.name))
        except OSError:
            continue
    return pids


@pytest.mark.parametrize("victims", [python_workers, executors], ids=["python worker", "executor"])
def test_a_worker_killed_in_mid_job_loses_nothing(spark, by_command, victims):
    source, wanted = by_command
    slow = F.udf(lambda text: (time.sleep(0.004), text)[1], "string")
    frame = spark.read.json(str(source)).repartition(8).withColumn("text", slow("text"))
    killed = []

    def kill():
        deadline = time.monotonic() + 60
        while not killed and time.monotonic() < deadline:
            time.sleep(1.5)
            for pid in victims()[:1]:
                os.kill(pid, signal.SIGKILL)
                killed.append(pid)

    killer = threading.Thread(target=kill)
    killer.start()
    collected = clean(frame, "text", site="url", title="title").select("id", "text").collect()
    killer.join()
    assert killed, "no worker was found to be killed"
    assert len(collected) == len(wanted)
    assert {row["id"]: row["text"] for row in collected} == wanted


def test_a_poisoned_record_is_marked_and_fails_nothing(spark):
    frame = spark.createDataFrame([("a", "One.\n\nAdvertisement\n\nTwo."), ("b", "poison"), ("c", None), ("d", "x" * 3_000_000)], ["id", "text"])
    poison = F.when(F.col("id") == "b", F.expr("cast(X'636166E9' as string)")).otherwise(F.col("text"))
    result = clean(frame.withColumn("text", poison), "text", ledger=True)
    by_id = {row["id"]: row for row in result.select("id", F.expr("cast(text as binary) as text"), "descale_error").collect()}
    assert bytes(by_id["a"]["text"]) == b"One.\n\nTwo." and by_id["a"]["descale_error"] is None
    assert bytes(by_id["b"]["text"]) == b"caf\xe9"
    assert by_id["b"]["descale_error"].startswith("not UTF-8: byte 3")
    assert by_id["c"]["text"] is None and by_id["c"]["descale_error"] is None
    assert len(by_id["d"]["text"]) == 3_000_000


def test_mistakes_are_said_before_the_job(spark):
    frame = spark.createDataFrame([("a", 1)], ["text", "n"])
    for arguments, words in (({"text": "body"}, "no column 'body'"), ({"text": "n"}, "cast it to string"), ({"error": "n"}, "already")):
        with pytest.raises(ValueError, match=words):
            clean(frame, **arguments)


CONNECTED = """
import json, sys
from pyspark.sql import SparkSession
from descale.spark import clean
spark = SparkSession.builder.remote("local[2]").getOrCreate()
frame = spark.createDataFrame([tuple(row) for row in json.load(sys.stdin)], "id string, text string, url string, title string")
for row in clean(frame, "text", site="url", title="title", ledger=True).collect():
    print(json.dumps([row["id"], row["text"], [edit.asDict() for edit in row["descale_edits"]], row["descale_error"]]))
spark.stop()
"""


def test_spark_connect(documents):
    """In a process of its own: a process has sessions of one kind only."""
    few = documents[:200]
    rows = [[d["id"], d["text"], d["url"], d["title"]] for d in few]
    run = subprocess.run([sys.executable, "-c", CONNECTED], input=json.dumps(rows), capture_output=True, text=True, timeout=300)
    assert run.returncode == 0, run.stderr[-2000:]
    known = [descale.clean(d["text"], site=d["url"], title=d["title"]) for d in few]
    wanted = [[d["id"], cleaned.text, [as_dict(edit) for edit in cleaned.edits], None] for d, cleaned in zip(few, known)]
    assert [json.loads(line) for line in run.stdout.splitlines() if line.startswith("[\"")] == wanted
