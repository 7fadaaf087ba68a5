"""The engine cases of `tests/cases/*.toml`, the very files that the Rust tests run, through Python's face."""

from __future__ import annotations

import tomllib
from functools import lru_cache

import pytest
from conftest import ROOT

import descale


def cases():
    for path in sorted((ROOT / "tests/cases").glob("*.toml")):
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        for case in data["case"]:
            rules = (False, None, tuple(case["pattern"])) if case.get("pattern") else (data.get("builtin", False), data.get("patterns"), ())
            yield pytest.param(rules, case, id=f"{path.stem}: {case['name']}")


@pytest.fixture(scope="module")
def cleaner(tmp_path_factory):
    folder = tmp_path_factory.mktemp("packs")

    @lru_cache(maxsize=None)
    def make(rules, review):
        builtin, pack, patterns = rules
        packs = []
        if pack is not None:
            path = folder / f"{abs(hash(pack))}.toml"
            path.write_text(pack, encoding="utf-8")
            packs = [path]
        return descale.Cleaner(builtin=builtin, packs=packs, patterns=patterns, review=review)

    return make


@pytest.mark.parametrize(("rules", "case"), list(cases()))
def test_case(rules, case, cleaner):
    about = {name: case.get(name) for name in ("site", "title", "lang")}
    text = case["text"]
    clean = case.get("clean", text)
    for review, wanted in ((False, clean), (True, case.get("review", clean))):
        cleaned = cleaner(rules, review).clean(text, **about)
        assert cleaned.text == wanted
        assert cleaner(rules, review).clean(cleaned.text, **about).text == wanted
        assert cleaned.undo() == text
        assert descale.undo(cleaned.text, cleaned.edits) == text
        for edit in cleaned.edits:
            assert text[edit.start : edit.end] == edit.old
            assert cleaned.text[edit.new_start : edit.new_end] == edit.new
    if "findings" in case:
        found = cleaner(rules, True).scan(text, **about)
        assert len(found) == len(case["findings"])
        for finding, wanted in zip(found, case["findings"]):
            shown = f"{finding.rule}: {finding.found}"
            assert wanted in (shown, f"{shown} ({finding.kept})")
            assert text[finding.start : finding.end] == finding.found
