"""Arrow columns of every producer and type; the same texts and edits as the calls for single texts."""

from __future__ import annotations

import arro3.core
import duckdb
import polars as pl
import pyarrow as pa
import pytest

import descale

TYPES = [pa.string(), pa.large_string(), pa.string_view()]


@pytest.fixture(scope="module")
def texts(documents):
    return [documents[0]["text"], None, "", *(document["text"] for document in documents[1:])]


@pytest.fixture(scope="module")
def wanted(texts):
    return [None if text is None else descale.clean(text) for text in texts]


@pytest.mark.parametrize("data_type", TYPES, ids=str)
@pytest.mark.parametrize("edits", [False, True])
def test_types_are_kept_and_edits_are_those_of_single_texts(data_type, edits, texts, wanted):
    array = pa.array(texts, type=data_type)
    result = pa.array(descale.clean_array(array, edits=edits))
    column = result.field("text") if edits else result
    column.validate(full=True)
    assert column.type == data_type
    assert column.to_pylist() == [cleaned and cleaned.text for cleaned in wanted]
    if edits:
        result.validate(full=True)
        assert result.field("error").null_count == len(texts)
        for row, cleaned in zip(result.to_pylist(), wanted):
            shown = [{name: getattr(edit, name) for name in row["edits"][0]} for edit in cleaned.edits] if row["edits"] else []
            assert row["edits"] == shown
            if cleaned is not None:
                assert descale.undo(row["text"], row["edits"]) == cleaned.original
                assert len(row["edits"]) == len(cleaned.edits)


@pytest.mark.parametrize("data_type", TYPES, ids=str)
def test_slices_and_chunks(data_type, texts, wanted):
    cleaned = [c and c.text for c in wanted]
    array = pa.array(texts, type=data_type)
    assert pa.array(descale.clean_array(array[2:5])).to_pylist() == cleaned[2:5]
    chunked = pa.chunked_array([array[:3], array[3:3], array[3:]])
    assert pa.array(descale.clean_array(chunked)).to_pylist() == cleaned
    assert len(descale.clean_array(pa.chunked_array([], type=data_type))) == 0


def test_what_needs_no_change_is_not_copied():
    array = pa.array(["One.", None, "Two."])
    out = pa.array(descale.clean_array(array))
    assert out.buffers()[2].address == array.buffers()[2].address


def test_other_producers_and_consumers(texts, wanted):
    cleaned = [c and c.text for c in wanted]
    assert pl.Series(descale.clean_array(pl.Series(texts))).to_list() == cleaned
    assert arro3.core.Array(descale.clean_array(arro3.core.Array(texts, arro3.core.DataType.utf8()))).to_pylist() == cleaned
    source = pa.table({"t": pa.array(texts, type=pa.string())})
    column = duckdb.connect().register("source", source).sql("select t from source").arrow().read_all().column("t")
    assert pa.array(descale.clean_array(column)).to_pylist() == cleaned


def test_what_is_known_of_texts(documents):
    texts = pa.array([d["text"] for d in documents])
    url = pa.array([d["url"] for d in documents])
    title = pa.array([d["title"] for d in documents], type=pa.large_string())
    result = pa.array(descale.clean_array(texts, site=url, title=title)).to_pylist()
    assert result == [descale.clean(d["text"], site=d["url"], title=d["title"]).text for d in documents]
    same = pa.array(descale.clean_array(texts, site="example.com", threads=2)).to_pylist()
    assert same == [descale.clean(d["text"], site="example.com").text for d in documents]
    with pytest.raises(ValueError, match="title has 1 rows"):
        descale.clean_array(texts, title=pa.array(["one"]))


def test_a_row_that_is_not_utf8_costs_no_other():
    broken = pa.array([b"One.\n\nAdvertisement\n\nTwo.", b"caf\xe9", None]).cast(pa.binary()).view(pa.string())
    result = pa.array(descale.clean_array(broken, edits=True))
    assert result.field("text").view(pa.binary()).to_pylist() == [b"One.\n\nTwo.", b"caf\xe9", None]
    assert result.field("error").to_pylist() == [None, "not UTF-8: byte 3 is none; the text is left as it was", None]
    with pytest.raises(ValueError, match="row 1: not UTF-8"):
        descale.clean_array(broken)


def test_mistakes():
    for array, words in ((pa.array([1, 2]), "holds Int64; cast it"), (["a list"], "clean_batch"), (pa.array(["a"]).dictionary_encode(), "cast it")):
        with pytest.raises(TypeError, match=words):
            descale.clean_array(array)
    assert pa.array(descale.clean_array(pa.nulls(3))).to_pylist() == [None] * 3
