"""The fields of an edit, in the order in which columns and dicts have them: one place for all that carry edits outside of ``Cleaned``."""

from __future__ import annotations

from typing import Any

import descale

NUMBERS = ("start", "end", "new_start", "new_end")
"""Offsets, in the cleaner's unit."""

WORDS = ("old", "new", "rule", "version", "category", "safety")
"""Strings."""


def as_dict(edit: descale.Edit) -> dict[str, Any]:
    """An edit as ``descale.undo`` takes it."""
    return {name: getattr(edit, name) for name in (*NUMBERS, *WORDS)}
