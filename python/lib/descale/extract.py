"""trafilatura: from a page's HTML to a cleaned article in one call.

>>> from descale.extract import article
>>> cleaned = article(html, url="https://example.com/news/1")  # doctest: +SKIP
>>> cleaned.text, cleaned.edits  # doctest: +SKIP
"""

from __future__ import annotations

from typing import Any

import trafilatura

import descale

__all__ = ["article"]


def article(
    html: str | bytes, *, url: str | None = None, cleaner: descale.Cleaner | None = None, **options: Any
) -> descale.Cleaned | None:
    """Extracts the article of a page with trafilatura and cleans it, with the page's address, title and language.

    ``options`` go to ``trafilatura.bare_extraction``. ``None`` when trafilatura finds no article.
    """
    # The union of its return type is a leftover of an option that is not used here.
    document: Any = trafilatura.bare_extraction(html, url=url, with_metadata=True, **options)
    if document is None or not document.text:
        return None
    clean = cleaner.clean if cleaner is not None else descale.clean
    return clean(document.text, site=url or document.url, title=document.title, lang=document.language)
