"""Python's own half of the package: putting cleaners together, offsets, undo, remap, pickling, threads, errors."""

from __future__ import annotations

import ast
import doctest
import pickle
import subprocess
import sys
import threading
import time

import pytest
from conftest import ROOT

import descale

TEXT = "“Naïve” 🎈 she said.\n\nStory continues below advertisement\n\nThey went home — 🎈."


def test_a_text_without_findings_is_the_very_object():
    text = "One.\n\nTwo."
    cleaned = descale.clean(text)
    assert cleaned.text is text
    assert not cleaned.changed and cleaned.edits == [] and str(cleaned) == text


@pytest.mark.parametrize("unit", ["char", "byte", "utf16"])
def test_offsets_count_what_the_unit_says(unit):
    def cut(text, start, end):
        if unit == "char":
            return text[start:end]
        encoding = "utf-8" if unit == "byte" else "utf-16-le"
        width = 1 if unit == "byte" else 2
        return text.encode(encoding)[start * width : end * width].decode(encoding)

    cleaned = descale.Cleaner(unit=unit).clean(TEXT)
    assert cleaned.unit == unit
    (edit,) = cleaned.edits
    assert cut(TEXT, edit.start, edit.end) == edit.old
    assert cut(cleaned.text, edit.new_start, edit.new_end) == edit.new
    (finding,) = (finding for finding in cleaned.findings if finding.kept is None)
    assert cut(TEXT, finding.start, finding.end) == finding.found == "Story continues below advertisement"
    assert cleaned.undo() == TEXT
    assert descale.undo(cleaned.text, cleaned.edits, unit=unit) == TEXT
    with pytest.raises(ValueError, match="'char', 'byte' or 'utf16'"):
        descale.Cleaner(unit="word")


def test_undo_refuses_a_text_that_was_edited_since():
    cleaned = descale.Cleaner(builtin=False, patterns=["Foo bar baz"]).clean("One Foo bar baz two. One Foo bar baz two.")
    assert cleaned.text == "One two. One two."
    edits = [{name: getattr(edit, name) for name in ("new_start", "new_end", "old", "new")} for edit in cleaned.edits]
    assert descale.undo(cleaned.text, edits) == cleaned.original
    for broken in ("", cleaned.text[:5]):
        with pytest.raises(ValueError, match="does not fit"):
            descale.undo(broken, edits)
    outside = [{**edits[0], "new_end": 9}]
    with pytest.raises(ValueError, match="does not fit"):
        descale.undo(cleaned.text, outside)


def test_spans_are_carried_there_and_back():
    cleaned = descale.clean(TEXT)
    spans = [(0, 7), (8, 9), (TEXT.index("They"), len(TEXT)), (TEXT.index("Story"), TEXT.index("adv"))]
    there = cleaned.remap(spans)
    assert there[3] is None
    assert [cleaned.text[a:b] for a, b in there[:3]] == [TEXT[a:b] for a, b in spans[:3]]
    assert cleaned.remap(there[:3], to="original") == spans[:3]
    with pytest.raises(ValueError, match="'cleaned' or 'original'"):
        cleaned.remap([], to="there")
    with pytest.raises(ValueError, match="cannot end before it starts"):
        cleaned.remap([(3, 2)])


@pytest.mark.parametrize("options", [{}, {"skip": ["ad-marker"]}, {"only": ["en/ads"], "unit": "byte"}, {"review": True, "fragments": "report", "lang": ["en"]}])
def test_a_cleaner_travels(options, documents):
    cleaner = descale.Cleaner(patterns=["Paid post by Acme"], **options)
    again = pickle.loads(pickle.dumps(cleaner))
    texts = [document["text"] for document in documents] + ["One.\n\nPaid post by Acme\n\nTwo."]
    for text in texts:
        before, after = cleaner.clean(text), again.clean(text)
        assert before.text == after.text
        assert before.edits == after.edits and before.findings == after.findings
    assert repr(again) == repr(cleaner)


def test_mistakes_say_place_and_cure(tmp_path):
    with pytest.raises(descale.PatternError, match="did you mean `related-link`") as error:
        descale.Cleaner(skip=["related-links", "en/adds"])
    assert len(error.value.diagnostics) == 2
    with pytest.raises(descale.PatternError, match="at most 1024"):
        descale.Cleaner(patterns=["x" * 5000])
    with pytest.raises(descale.PatternError, match="xx"):
        descale.Cleaner(lang=["xx"])
    bad = tmp_path / "bad.toml"
    bad.write_text("[pack]\nscheme = 1\n")
    with pytest.raises(descale.PatternError, match="bad.toml:2:1"):
        descale.Cleaner(packs=[bad])
    with pytest.raises(OSError, match="missing.txt"):
        descale.Cleaner(packs=[tmp_path / "missing.txt"])
    data = bytearray(descale.Cleaner(builtin=False, patterns=["Foo bar baz"]).to_bytes())
    data[len(data) // 2] ^= 1
    with pytest.raises(descale.PatternError):
        descale.Cleaner.from_bytes(bytes(data))
    with pytest.raises(ValueError, match="fragments"):
        descale.Cleaner(fragments="mend")
    with pytest.raises(ValueError, match="1 values for 2 texts"):
        descale.clean_batch(["a", "b"], site=["example.com"])
    with pytest.raises(TypeError):
        descale.clean(b"bytes")
    with pytest.raises(UnicodeEncodeError):
        descale.clean("half a pair: \ud83c")


def test_packs_lists_and_compiled_files(tmp_path):
    listed = tmp_path / "strings.txt"
    listed.write_text("Foo bar baz\n# a comment\nQux quux corge\n", encoding="utf-8")
    compiled = tmp_path / "strings.descale"
    compiled.write_bytes(descale.Cleaner(builtin=False, packs=[listed]).to_bytes())
    for path in (listed, compiled, str(compiled)):
        cleaner = descale.Cleaner(builtin=False, packs=[path])
        assert cleaner.rules == 2
        assert cleaner.clean("One.\n\nQux quux corge\n\nTwo.").text == "One.\n\nTwo."


def test_a_batch_is_the_same_with_any_number_of_threads(documents):
    texts = [document["text"] for document in documents] * 7
    about = {"site": [d["url"] for d in documents] * 7, "title": [d["title"] for d in documents] * 7}
    one = descale.clean_batch(texts, **about)
    for threads in (0, 2, 8):
        many = descale.clean_batch(texts, threads=threads, **about)
        assert [c.text for c in many] == [c.text for c in one]
        assert [c.edits for c in many] == [c.edits for c in one]
    single = [descale.clean(text, site=site, title=title).text for text, site, title in zip(texts, *about.values())]
    assert [c.text for c in one] == single
    assert descale.clean_batch([]) == []


def test_the_lock_is_released(documents):
    """Another thread goes on counting while a long batch is cleaned."""
    texts = [document["text"] for document in documents] * 60
    done = threading.Event()
    counted = 0

    def count():
        nonlocal counted
        while not done.is_set():
            counted += 1
            time.sleep(0.0005)

    thread = threading.Thread(target=count)
    thread.start()
    before = counted
    descale.clean_batch(texts)
    during = counted - before
    done.set()
    thread.join()
    assert during > 3


def test_many_threads_share_a_cleaner(documents):
    cleaner = descale.Cleaner()
    wanted = [cleaner.clean(document["text"]).text for document in documents]
    results = [None] * 8

    def work(index):
        results[index] = [cleaner.clean(document["text"]).text for document in documents]

    threads = [threading.Thread(target=work, args=(index,)) for index in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(result == wanted for result in results)


def test_the_examples_of_the_documentation(tmp_path):
    """The examples of the package, of its stubs and of its modules run as they stand."""
    import importlib

    stub = ast.parse((ROOT / "python/lib/descale/__init__.pyi").read_text(encoding="utf-8"))
    documented = (ast.ClassDef, ast.FunctionDef)
    stubs = [ast.get_docstring(node) or "" for node in ast.walk(stub) if isinstance(node, documented)]
    modules = ["", ".polars", ".pandas", ".huggingface", ".spark", ".extract", ".datatrove"]
    pieces = [(importlib.import_module(f"descale{name}").__doc__ or "", f"descale{name}") for name in modules]
    run = failed = 0
    for source, name in [*pieces, *((part, "stubs") for part in stubs)]:
        for test in [doctest.DocTestParser().get_doctest(source, {}, name, name, 0)]:
            result = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.IGNORE_EXCEPTION_DETAIL).run(test)
            failed += result.failed
            run += result.attempted
    assert failed == 0 and run > 20


def test_types():
    """The stubs are sound, and the modules keep to them."""
    result = subprocess.run([sys.executable, "-m", "mypy"], cwd=ROOT / "python", capture_output=True, text=True)
    assert result.returncode == 0, result.stdout
