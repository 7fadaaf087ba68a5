"""What Spark adds to cleaning: the same rows on one worker core, rows of the table interleaved, wall-clock seconds, medians.

    python bench_spark.py [--texts FILE.jsonl[.gz]] [--megabytes 32] [--rounds 3] [--strings 2000] [--command descale]

`hand on` is Spark alone: the rows pass through Python by Arrow and are not looked at. The alternation of `re` in a pandas UDF is so slow that it sees a
small part of the rows; its time is scaled up. The plain command cleans the same texts as JSON Lines with one thread.
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from bench import read, sample, strings
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from descale.spark import clean

ALTERNATION_SHARE = 200
"""The alternation sees one row of so many."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", type=Path)
    parser.add_argument("--megabytes", type=float, default=32)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--strings", type=int, default=2000)
    parser.add_argument("--command", default="descale")
    args = parser.parse_args()
    limit = int(args.megabytes * 1e6)
    texts = read(args.texts, limit) if args.texts else sample(limit)
    texts *= max(1, limit // sum(map(len, texts)))
    size = sum(len(text.encode()) for text in texts)
    needles = sorted(strings(args.strings), key=len, reverse=True)

    with tempfile.TemporaryDirectory() as folder:
        parquet, lines, out = (Path(folder) / name for name in ("in.parquet", "in.jsonl", "out.jsonl"))
        pq.write_table(pa.table({"text": texts}), parquet, row_group_size=4000)
        lines.write_text("".join(json.dumps({"text": text}, ensure_ascii=False) + "\n" for text in texts), encoding="utf-8")
        spark = (
            SparkSession.builder.master("local-cluster[1,1,1024]")
            .config("spark.ui.enabled", "false")
            .config("spark.ui.showConsoleProgress", "false")
            .config("spark.sql.execution.arrow.maxRecordsPerBatch", "2000")
            .getOrCreate()
        )
        spark.sparkContext.setLogLevel("ERROR")
        frame = spark.read.parquet(str(parquet))

        @F.pandas_udf("string")  # type: ignore[call-overload]
        def alternation(column: pd.Series) -> pd.Series:
            pattern = re.compile("|".join(map(re.escape, needles)), re.IGNORECASE)
            return column.map(lambda text: pattern.sub("", text))

        def written(result: DataFrame) -> None:
            result.write.format("noop").mode("overwrite").save()

        def command() -> None:
            subprocess.run([args.command, "clean", "-q", "-j1", lines, "-o", out], check=True)

        few = frame.limit(max(1, len(texts) // ALTERNATION_SHARE))
        share = size / max(1, few.select(F.sum(F.octet_length("text"))).first()[0])
        rows: dict[str, tuple[Callable[[], None], float]] = {
            "Spark, handed on": (lambda: written(frame.mapInArrow(lambda batches: batches, frame.schema)), 1),
            "Spark, descale": (lambda: written(clean(frame, "text")), 1),
            "Spark, descale, edits": (lambda: written(clean(frame, "text", ledger=True)), 1),
            "Spark, pandas UDF, re": (lambda: written(few.select(alternation("text"))), share),
            "descale clean -j1": (command, 1),
        }
        times: dict[str, list[float]] = {name: [] for name in rows}
        for turn in range(args.rounds + 1):
            for name, (work, scale) in rows.items():
                begun = time.perf_counter()
                work()
                if turn > 0:  # The first turn starts workers.
                    times[name].append((time.perf_counter() - begun) * scale)
        spark.stop()
    print(f"megabytes {size / 1e6:.1f}, rows {len(texts)}, strings {len(needles)}, rounds {args.rounds}")
    base = statistics.median(times["Spark, descale"])
    for name, taken in times.items():
        median = statistics.median(taken)
        print(f"{name:<24} {median:10.2f} s {median / base:10.2f} x the time of Spark, descale")


if __name__ == "__main__":
    main()
