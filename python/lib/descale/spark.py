"""Spark: cleans a column of a DataFrame on all workers.

>>> from descale.spark import clean
>>> cleaned = clean(df, "text", site="url", title="title", ledger=True)  # doctest: +SKIP

Rows pass by Arrow (``mapInArrow``), a batch at a time. The compiled rules are sent to each worker once (as a broadcast; by Spark Connect,
which has none, with the function) and made ready once in each Python process. A row that cannot be read is marked, and fails nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

import descale
from descale._edits import NUMBERS, WORDS

__all__ = ["clean"]


def clean(
    df: Any,
    text: str = "text",
    *,
    site: str | None = None,
    title: str | None = None,
    lang: str | None = None,
    ledger: bool = False,
    edits: str = "descale_edits",
    error: str = "descale_error",
    cleaner: descale.Cleaner | None = None,
) -> Any:
    """The DataFrame with the strings of column ``text`` cleaned; all other columns as they were.

    ``site``, ``title`` and ``lang`` name columns with what is known of each text. A column ``error`` is added: null, or why the text could not
    be read (Spark's strings need not be UTF-8); such a text stays as it was. With ``ledger=True`` a column ``edits`` is added, an array of
    structs that ``descale.undo`` takes; offsets count what the cleaner's ``unit`` says (characters by default).

    Raises ``ValueError`` for a column that does not exist, is no string, or would be overwritten.
    """
    from pyspark.sql.types import ArrayType, LongType, StringType, StructField, StructType

    about = {name: column for name, column in (("site", site), ("title", title), ("lang", lang)) if column is not None}
    for column in (text, *about.values()):
        if column not in df.columns:
            raise ValueError(f"there is no column {column!r}; the columns are {', '.join(df.columns)}")
        if not isinstance(df.schema[column].dataType, StringType):
            raise ValueError(f"column {column!r} is {df.schema[column].dataType.simpleString()}; cast it to string")
    added = [edits, error] if ledger else [error]
    for column in added:
        if column in df.columns:
            raise ValueError(f"there is a column {column!r} already; give another name with {'error' if column == error else 'edits'}=")

    edit_type = StructType(
        [StructField(name, LongType(), False) for name in NUMBERS]
        + [StructField(name, StringType(), False) for name in WORDS]
    )
    fields = list(df.schema.fields)
    if ledger:
        fields.append(StructField(edits, ArrayType(edit_type, False), False))
    fields.append(StructField(error, StringType(), True))

    state: Any = (cleaner or descale._default()).__reduce__()[1]
    return df.mapInArrow(_mapper(df.sparkSession, state, text, about, ledger, added), StructType(fields))


def _mapper(
    spark: Any, state: tuple[Any, ...], text: str, about: dict[str, str], ledger: bool, added: list[str]
) -> Callable[[Iterator[Any]], Iterator[Any]]:
    """The function that workers run. It holds names, choices and a handle of the rules, nothing else."""
    data, choices = state[0], state[1:]
    key = hashlib.sha256(data).hexdigest()
    load: Callable[[], bytes]
    try:
        load = _Broadcast(spark.sparkContext.broadcast(data))
    except Exception:  # Spark Connect has no context, and says so with an exception type of its own.
        load = _Carried(data)

    def run(batches: Iterator[Any]) -> Iterator[Any]:
        from descale.spark import _batch, _ready

        cleaner = _ready(key, choices, load)
        for batch in batches:
            yield _batch(cleaner, batch, text, about, ledger, added)

    return run


class _Broadcast:
    """Rules as a broadcast: a file on each worker, fetched once."""

    def __init__(self, handle: Any) -> None:
        self._handle = handle

    def __call__(self) -> bytes:
        data: bytes = self._handle.value
        return data


class _Carried:
    """Rules that travel with the function."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def __call__(self) -> bytes:
        return self._data


_loaders: dict[str, Callable[[], bytes]] = {}


def _ready(key: str, choices: tuple[Any, ...], load: Callable[[], bytes]) -> descale.Cleaner:
    """The cleaner of this process. Python workers live for many tasks, so it is made once for each set of rules and choices."""
    _loaders[key] = load
    return _made(key, tuple(tuple(c) if isinstance(c, list) else c for c in choices))


@lru_cache(maxsize=8)
def _made(key: str, choices: tuple[Any, ...]) -> descale.Cleaner:
    return descale._restore(_loaders[key](), *choices)


def _batch(
    cleaner: descale.Cleaner, batch: Any, text: str, about: dict[str, str], ledger: bool, added: list[str]
) -> Any:
    import pyarrow as pa

    known = {name: batch.column(column) for name, column in about.items()}
    result = pa.array(cleaner.clean_array(batch.column(text), edits=True, **known))
    columns = [
        result.field("text") if name == text else batch.column(name) for name in batch.schema.names
    ]
    if ledger:
        columns.append(result.field("edits"))
    columns.append(result.field("error"))
    return pa.RecordBatch.from_arrays(columns, names=[*batch.schema.names, *added])
