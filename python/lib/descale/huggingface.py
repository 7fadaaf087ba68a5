"""Hugging Face ``datasets``: a function for ``Dataset.map(…, batched=True)``.

>>> from datasets import Dataset
>>> from descale.huggingface import cleaning
>>> dataset = Dataset.from_dict({"text": ["One.\\n\\nAdvertisement\\n\\nTwo."]})
>>> dataset.map(cleaning("text"), batched=True)["text"][:]
['One.\\n\\nTwo.']
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import descale
from descale._edits import as_dict

__all__ = ["cleaning"]


def cleaning(
    text: str = "text",
    *,
    site: str | None = None,
    title: str | None = None,
    lang: str | None = None,
    edits: str | None = None,
    cleaner: descale.Cleaner | None = None,
    threads: int = 1,
) -> Callable[[Mapping[str, list[Any]]], dict[str, list[Any]]]:
    """A function that cleans the column ``text`` of a batch; ``site``, ``title`` and ``lang`` name other columns.

    ``edits`` names a column to add, with the edits of each row as dicts that ``descale.undo`` takes. Missing texts stay missing. The function
    can be pickled, so ``num_proc`` works.
    """
    return _Cleaning(text, {"site": site, "title": title, "lang": lang}, edits, cleaner or descale.Cleaner(), threads)


class _Cleaning:
    """A class, not a closure, so that it can be pickled."""

    def __init__(
        self,
        text: str,
        about: dict[str, str | None],
        edits: str | None,
        cleaner: descale.Cleaner,
        threads: int,
    ) -> None:
        self._text = text
        self._about = {name: column for name, column in about.items() if column is not None}
        self._edits = edits
        self._cleaner = cleaner
        self._threads = threads

    def __call__(self, batch: Mapping[str, list[Any]]) -> dict[str, list[Any]]:
        texts = batch[self._text]
        rows = [row for row, text in enumerate(texts) if text is not None]
        about = {name: [batch[column][row] for row in rows] for name, column in self._about.items()}
        results = self._cleaner.clean_batch([texts[row] for row in rows], threads=self._threads, **about)
        cleaned = list(texts)
        edits: list[list[dict[str, Any]]] = [[] for _ in texts]
        for row, result in zip(rows, results):
            cleaned[row] = result.text
            if self._edits is not None:
                edits[row] = [as_dict(edit) for edit in result.edits]
        out: dict[str, list[Any]] = {self._text: cleaned}
        if self._edits is not None:
            out[self._edits] = edits
        return out
