"""Polars: ``import descale.polars`` gives expressions and series a namespace ``descale``.

>>> import polars as pl, descale.polars
>>> df = pl.DataFrame({"text": ["One.\\n\\nAdvertisement\\n\\nTwo."], "url": ["https://example.com/a"]})
>>> df.with_columns(pl.col("text").descale.clean(site=pl.col("url")))["text"].to_list()
['One.\\n\\nTwo.']

Texts pass by Arrow, without a Python string for each. It works in lazy frames and with the streaming engine.
"""

from __future__ import annotations

from typing import Any

import polars as pl

import descale
from descale._edits import NUMBERS, WORDS

__all__ = ["DescaleExpr", "DescaleSeries"]

_EDIT = pl.Struct(
    {
        **dict.fromkeys(NUMBERS, pl.Int64),
        **dict.fromkeys(WORDS, pl.String),
    }
)
_CLEANED = pl.Struct({"text": pl.String, "edits": pl.List(_EDIT), "error": pl.String})


def _series(
    texts: pl.Series, about: dict[str, pl.Series], cleaner: descale.Cleaner | None, edits: bool, threads: int
) -> pl.Series:
    work = cleaner.clean_array if cleaner is not None else descale.clean_array
    array = work(texts, edits=edits, threads=threads, **about)
    return pl.Series(texts.name, array, dtype=_CLEANED if edits else pl.String)


@pl.api.register_expr_namespace("descale")
class DescaleExpr:
    """Expressions: ``pl.col("text").descale``."""

    def __init__(self, expr: pl.Expr) -> None:
        self._expr = expr

    def clean(
        self,
        *,
        site: pl.Expr | str | None = None,
        title: pl.Expr | str | None = None,
        lang: pl.Expr | str | None = None,
        cleaner: descale.Cleaner | None = None,
        edits: bool = False,
        threads: int = 1,
    ) -> pl.Expr:
        """Cleans a column of strings. ``site``, ``title`` and ``lang`` are expressions, or one string for all rows.

        With ``edits=True`` the result is a struct of ``text``, ``edits`` and ``error``.
        """
        about = {"site": site, "title": title, "lang": lang}
        named = {
            name: pl.lit(value) if isinstance(value, str) else value
            for name, value in about.items()
            if value is not None
        }

        def work(columns: Any) -> pl.Series:
            texts = columns[0]
            known = {}
            for name, column in zip(named, columns[1:]):
                # A literal comes as one row.
                known[name] = column.new_from_index(0, len(texts)) if len(column) != len(texts) else column
            return _series(texts, known, cleaner, edits, threads)

        return pl.map_batches(
            [self._expr, *named.values()],
            work,
            return_dtype=_CLEANED if edits else pl.String,
            is_elementwise=True,
        )


@pl.api.register_series_namespace("descale")
class DescaleSeries:
    """Series: ``df["text"].descale``."""

    def __init__(self, series: pl.Series) -> None:
        self._series = series

    def clean(
        self,
        *,
        site: pl.Series | str | None = None,
        title: pl.Series | str | None = None,
        lang: pl.Series | str | None = None,
        cleaner: descale.Cleaner | None = None,
        edits: bool = False,
        threads: int = 1,
    ) -> pl.Series:
        """Cleans a series of strings, as the expression of the same name does."""
        about: dict[str, Any] = {"site": site, "title": title, "lang": lang}
        return _series(self._series, about, cleaner, edits, threads)
