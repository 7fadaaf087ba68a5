"""What all tests share: articles written for the purpose, and the command built from the same checkout.

`DESCALE_TEXTS=FILE.jsonl[.gz]` has the tests run on texts of your own instead: records with `id`, `text` and, if you have them, `url`, `title`
and `lang`.
"""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def articles() -> list[dict[str, str | None]]:
    """The hand-written articles of `tests/articles`, with their site and title where they have one."""
    found: list[dict[str, str | None]] = []
    for path in sorted((ROOT / "tests/articles").glob("*.toml")):
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        if "text" in data:
            found.append(
                {
                    "id": path.stem,
                    "text": data["text"],
                    "url": data.get("site") and f"https://{data['site']}/a",
                    "title": data.get("title"),
                    "lang": data.get("lang"),
                }
            )
    for path in sorted((ROOT / "tests/clean").glob("*.txt")):
        found.append({"id": f"clean-{path.stem}", "text": path.read_text(encoding="utf-8"), "url": None, "title": None, "lang": None})
    assert len(found) > 10, found
    return found


def own_texts(path: Path) -> list[dict[str, str | None]]:
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8") as lines:
        return [{name: record.get(name) for name in ("id", "text", "url", "title", "lang")} for record in map(json.loads, lines)]


@pytest.fixture(scope="session")
def documents() -> list[dict[str, str | None]]:
    named = os.environ.get("DESCALE_TEXTS")
    return own_texts(Path(named)) if named else articles()


@pytest.fixture(scope="session")
def command() -> Path:
    """The `descale` command: `DESCALE` names it, else it is built."""
    if named := os.environ.get("DESCALE"):
        return Path(named)
    subprocess.run(["cargo", "build", "--release", "--locked"], cwd=ROOT, check=True)
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    return target / "release/descale"
