"""CSV files that a spreadsheet takes for what they are."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

# The last four are the wide forms of the first, which some spreadsheets take for the same.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def csv_text(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A line of column names, and one for each row; None is an empty cell."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows([harmless(value) if isinstance(value, str) else value for value in row] for row in rows)
    return text.getvalue()


def harmless(text: str) -> str:
    """What people write may look like a formula: with an apostrophe before it no spreadsheet works it out."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text
