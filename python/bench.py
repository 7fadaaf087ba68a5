"""Throughput from Python, against what people use there. Every row sees the same texts, in one run, rows interleaved; CPU time; medians.

    python bench.py [--texts FILE.jsonl[.gz]] [--megabytes 8] [--rounds 5] [--strings 2000] [--rust DRIVER] [--json]

Without --texts the articles of `tests/articles` are repeated. `--rust` names a program that prints the CPU seconds of the Rust library on the same file
(`cargo run --release --example clean-jsonl -- FILE FIELD`), for the share of it that each call reaches.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import statistics
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Callable
from pathlib import Path

import ahocorasick_rs
import pyarrow as pa

import descale

ROOT = Path(__file__).resolve().parents[1]


def read(path: Path, limit: int) -> list[str]:
    opened = gzip.open if path.suffix == ".gz" else open
    texts, size = [], 0
    with opened(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            text = json.loads(line).get("text")
            if text:
                texts.append(text)
                size += len(text)
                if size >= limit:
                    break
    return texts


def sample(limit: int) -> list[str]:
    articles = [tomllib.loads(path.read_text())["text"] for path in sorted((ROOT / "tests/articles").glob("??-*.toml"))]
    return articles * (limit // sum(map(len, articles)) + 1)


def strings(count: int) -> list[str]:
    """Literal texts of the built-in rules, without templates."""
    found: list[str] = []
    for path in sorted((ROOT / "patterns").glob("*/*.toml")):
        for rule in tomllib.loads(path.read_text(encoding="utf-8"))["rule"]:
            found += [text for text in rule["text"] if not re.search(r"[(\[{\\]", text) and len(text) >= 8]
    return list(dict.fromkeys(found))[:count]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", type=Path)
    parser.add_argument("--megabytes", type=float, default=8)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--strings", type=int, default=2000)
    parser.add_argument("--rust", help="program that cleans FILE FIELD and prints its CPU seconds")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    limit = int(args.megabytes * 1e6)
    texts = read(args.texts, limit) if args.texts else sample(limit)
    size = sum(len(text.encode()) for text in texts)

    cleaner = descale.Cleaner()
    array = pa.array(texts, type=pa.large_string())
    needles = strings(args.strings)
    automaton = ahocorasick_rs.AhoCorasick([needle.lower() for needle in needles], matchkind=ahocorasick_rs.MatchKind.LeftmostLongest)
    alternation = re.compile("|".join(map(re.escape, sorted(needles, key=len, reverse=True))), re.IGNORECASE)
    # The alternation is so slow that it sees a part of the texts; its time is scaled up.
    few, seen = [], 0
    for text in texts:
        if seen > size / 400 and few:
            break
        few.append(text)
        seen += len(text.encode())

    def bare(text: str) -> str:
        parts, at = [], 0
        for _, start, end in automaton.find_matches_as_indexes(text.lower()):
            parts.append(text[at:start])
            at = end
        return "".join([*parts, text[at:]])

    work: dict[str, tuple[Callable[[], object], float]] = {
        "clean_array": (lambda: cleaner.clean_array(array), 1),
        "clean_array(edits=True)": (lambda: cleaner.clean_array(array, edits=True), 1),
        # Fresh strings each time: Python keeps the UTF-8 form of a string once it was asked for.
        "clean_batch": (lambda: cleaner.clean_batch(fresh(texts)), 1),
        "making the strings": (lambda: fresh(texts), 1),
        "ahocorasick_rs, replaced": (lambda: [bare(text) for text in texts], 1),
        "re alternation": (lambda: [alternation.sub("", text) for text in few], size / seen),
    }
    times: dict[str, list[float]] = {name: [] for name in work}
    with tempfile.TemporaryDirectory() as folder:
        if args.rust:
            path = Path(folder) / "texts.jsonl"
            path.write_text("".join(json.dumps({"text": text}, ensure_ascii=False) + "\n" for text in texts), encoding="utf-8")
            times["Rust library"] = []
        for _ in range(args.rounds):
            for name, (run, scale) in work.items():
                start = time.thread_time()
                run()
                times[name].append((time.thread_time() - start) * scale)
            if args.rust:
                out = subprocess.run([*args.rust.split(), str(path), "text"], capture_output=True, text=True, check=True)
                times["Rust library"].append(float(out.stdout.split()[0]))
    median = {name: statistics.median(seconds) for name, seconds in times.items()}
    median["clean_batch"] -= median.pop("making the strings")
    base = median["clean_array"]
    rows = [{"name": name, "mb_per_cpu_second": size / 1e6 / seconds, "times_slower_than_clean_array": seconds / base} for name, seconds in median.items()]
    changed = sum(cleaned.changed for cleaned in cleaner.clean_batch(texts))
    head = {"megabytes": size / 1e6, "texts": len(texts), "changed": changed, "strings": len(needles), "python": sys.version.split()[0]}
    if args.json:
        print(json.dumps({**head, "rows": rows}, indent=1))
        return
    print(", ".join(f"{name} {value:.3g}" if isinstance(value, float) else f"{name} {value}" for name, value in head.items()))
    for row in rows:
        print(f"{row['name']:28} {row['mb_per_cpu_second']:10.3f} MB a CPU second  {row['times_slower_than_clean_array']:10.2f} x the time of clean_array")


def fresh(texts: list[str]) -> list[str]:
    return [text[:1] + text[1:] for text in texts]


if __name__ == "__main__":
    main()
