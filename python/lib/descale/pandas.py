"""pandas: ``import descale.pandas`` gives series an accessor ``descale``.

>>> import pandas as pd, descale.pandas
>>> pd.Series(["One.\\n\\nAdvertisement\\n\\nTwo.", None]).descale.clean().tolist()
['One.\\n\\nTwo.', None]

Columns that are Arrow's already (``string[pyarrow]``) pass without a Python string for each.
"""

from __future__ import annotations

from typing import Any

import pandas as pd
import pyarrow as pa

import descale

__all__ = ["DescaleAccessor"]


def _arrow(values: pd.Series[Any]) -> pa.ChunkedArray | pa.Array:
    return pa.array(values, type=pa.large_string(), from_pandas=True)


@pd.api.extensions.register_series_accessor("descale")
class DescaleAccessor:
    """``series.descale``."""

    def __init__(self, series: pd.Series[Any]) -> None:
        self._series = series

    def clean(
        self,
        *,
        site: pd.Series[Any] | str | None = None,
        title: pd.Series[Any] | str | None = None,
        lang: pd.Series[Any] | str | None = None,
        cleaner: descale.Cleaner | None = None,
        edits: bool = False,
        threads: int = 1,
    ) -> Any:
        """The series with its texts cleaned, of the same index, name and type; missing values stay missing.

        With ``edits=True`` a frame of the columns ``text``, ``edits`` (lists of dicts) and ``error``.
        """
        about: dict[str, Any] = {"site": site, "title": title, "lang": lang}
        about = {
            name: _arrow(value) if isinstance(value, pd.Series) else value for name, value in about.items()
        }
        work = cleaner.clean_array if cleaner is not None else descale.clean_array
        series = self._series
        result = pa.array(work(_arrow(series), edits=edits, threads=threads, **about))
        if not edits:
            return pd.Series(_plain(result, series.dtype), index=series.index, name=series.name)
        return pd.DataFrame(
            {
                "text": _plain(result.field("text"), series.dtype),
                "edits": result.field("edits").to_pylist(),
                "error": result.field("error").to_pylist(),
            },
            index=series.index,
        )


def _plain(array: pa.Array, dtype: Any) -> Any:
    """The texts as a pandas array of the type that came in."""
    return pd.array(array.to_pylist(), dtype=dtype) if dtype != object else pd.Series(array.to_pylist(), dtype=object).array
