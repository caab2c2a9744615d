"""metrics.jsonl, read while it grows."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any


class MetricsTail:
    """Follows a metrics file: each call of `news` reads only what was appended since."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None  # its number in the file system
        self._offset = 0

    def news(self) -> tuple[bool, list[dict[str, Any]]]:
        """Whether the file was begun anew since the last call, and the rows that are new."""
        try:
            with self._path.open("rb") as file:
                found = os.fstat(file.fileno())
                # A resumed run has put another file in its place, cut back to its checkpoint. By its size
                # alone that could not be told once it has grown again.
                is_anew = self._file is not None and (found.st_ino != self._file or found.st_size < self._offset)
                self._file = found.st_ino
                if is_anew:
                    self._offset = 0
                file.seek(self._offset)
                content = file.read()
        except FileNotFoundError:
            is_anew, self._file, self._offset = self._offset > 0, None, 0
            return is_anew, []
        whole = content[: content.rfind(b"\n") + 1]
        self._offset += len(whole)
        return is_anew, list(_parse_lines(whole))


def _parse_lines(content: bytes) -> Iterator[dict[str, Any]]:
    for line in content.splitlines():
        try:
            row = json.loads(line)
        except ValueError:
            continue
        if isinstance(row, dict) and "kind" in row:
            yield row
