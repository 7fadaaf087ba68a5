"""Takes boilerplate off article text, mends what tools broke, shows and undoes every cut.

>>> import descale
>>> cleaned = descale.clean("It was late.\\n\\nStory continues below advertisement\\n\\nThey went home.")
>>> cleaned.text
'It was late.\\n\\nThey went home.'
>>> cleaned.edits[0].rule
'en/ads/continues-below'
>>> cleaned.undo() == cleaned.original
True

All judgement is made by the Rust library of the same name; this package hands texts over and results back. Offsets count characters,
as Python indexes strings, unless ``unit="byte"`` or ``unit="utf16"`` asks for others.

For many texts make a :class:`Cleaner` once. Modules for what you already use: ``descale.polars``, ``descale.pandas``,
``descale.huggingface``, ``descale.datatrove``, ``descale.extract`` (trafilatura) and ``descale.spark``.
"""

from __future__ import annotations

from functools import lru_cache

from ._descale import ArrowArray, Cleaned, Cleaner, Edit, Finding, PatternError, __version__
from ._descale import undo as _undo

__all__ = [
    "ArrowArray",
    "Cleaned",
    "Cleaner",
    "Edit",
    "Finding",
    "PatternError",
    "__version__",
    "clean",
    "clean_array",
    "clean_batch",
    "scan",
    "undo",
]


@lru_cache(maxsize=1)
def _default() -> Cleaner:
    """The cleaner of the module's own functions: the built-in rules, the safe tier."""
    return Cleaner()


def clean(text, *, site=None, title=None, lang=None):
    return _default().clean(text, site=site, title=title, lang=lang)


def scan(text, *, site=None, title=None, lang=None):
    return _default().scan(text, site=site, title=title, lang=lang)


def clean_batch(texts, *, site=None, title=None, lang=None, threads=1):
    return _default().clean_batch(texts, site=site, title=title, lang=lang, threads=threads)


def clean_array(array, *, site=None, title=None, lang=None, edits=False, threads=1):
    return _default().clean_array(
        array, site=site, title=title, lang=lang, edits=edits, threads=threads
    )


def undo(text, edits, *, unit="char"):
    def parts(edit):
        if isinstance(edit, Edit):
            return edit.new_start, edit.new_end, edit.old, edit.new
        return edit["new_start"], edit["new_end"], edit["old"], edit["new"]

    return _undo(text, [parts(edit) for edit in edits], unit)


def _restore(data, only, skip, review, fragments, unit, lang):
    """Makes a pickled cleaner anew."""
    return Cleaner.from_bytes(
        data, only=only, skip=skip, review=review, fragments=fragments, unit=unit, lang=lang
    )
