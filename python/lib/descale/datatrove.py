"""datatrove: a pipeline step that cleans documents, with its statistics.

>>> from datatrove.executor import LocalPipelineExecutor
>>> from datatrove.pipeline.readers import JsonlReader
>>> from datatrove.pipeline.writers import JsonlWriter
>>> from descale.datatrove import Descale
>>> executor = LocalPipelineExecutor(
...     pipeline=[JsonlReader("in"), Descale(site="url", title="title"), JsonlWriter("out")], tasks=2
... )
"""

from __future__ import annotations

from itertools import islice
from typing import Any

from datatrove.data import Document, DocumentsPipeline
from datatrove.pipeline.base import PipelineStep

import descale
from descale._edits import as_dict

__all__ = ["Descale"]


class Descale(PipelineStep):
    """Cleans the text of every document.

    ``site``, ``title`` and ``lang`` name entries of ``document.metadata``. ``edits`` names an entry to add there, with the edits as dicts
    that ``descale.undo`` takes; ``None`` adds none. Documents are taken ``batch_size`` at a time.

    Statistics: ``documents``, ``changed``, ``edits`` and ``removed_characters``, and ``rule/NAME`` for each rule that acted.
    """

    name = "🧽 descale"
    type = "✂️ - FORMAT"

    def __init__(
        self,
        *,
        site: str | None = None,
        title: str | None = None,
        lang: str | None = None,
        edits: str | None = "descale_edits",
        cleaner: descale.Cleaner | None = None,
        batch_size: int = 256,
    ) -> None:
        super().__init__()
        self.about = {
            name: key for name, key in (("site", site), ("title", title), ("lang", lang)) if key is not None
        }
        self.edits = edits
        self.cleaner = cleaner or descale.Cleaner()
        self.batch_size = batch_size

    def run(self, data: DocumentsPipeline, rank: int = 0, world_size: int = 1) -> DocumentsPipeline:
        """Hands on every document, in order."""
        documents = iter(data or ())
        while batch := list(islice(documents, self.batch_size)):
            with self.track_time("batch"):
                self.clean(batch)
            yield from batch

    def clean(self, batch: list[Document]) -> None:
        """Cleans documents where they are."""
        about: dict[str, Any] = {
            name: [_string(document.metadata.get(key)) for document in batch] for name, key in self.about.items()
        }
        results = self.cleaner.clean_batch([document.text for document in batch], **about)
        for document, result in zip(batch, results):
            self.stat_update("documents")
            if not result.changed:
                continue
            edits = result.edits
            self.stat_update("changed")
            self.stat_update("edits", value=len(edits))
            self.stat_update("removed_characters", value=len(document.text) - len(result.text))
            for edit in edits:
                self.stat_update(f"rule/{edit.rule}")
            document.text = result.text
            if self.edits is not None:
                document.metadata[self.edits] = [as_dict(edit) for edit in edits]


def _string(value: Any) -> str | None:
    return value if isinstance(value, str) else None
