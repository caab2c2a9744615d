"""What a checkpoint says of itself, read without its weights and without torch.

A safetensors file begins with the length of its header, 8 bytes, and the header, which is JSON.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from nin.errors import WeightsError

METADATA_KEY = "nin"
_LONGEST_HEADER = 10_000_000  # bytes


def read_description(path: Path) -> dict[str, Any]:
    """Architecture, preset, step and what `nin.storage.checkpoint.save_checkpoint` wrote besides; WeightsError if none."""
    try:
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            header = json.loads(file.read(length) if length < _LONGEST_HEADER else b"")
        return json.loads(header["__metadata__"][METADATA_KEY])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WeightsError(
            "{path} is gone or damaged ({error}): choose another checkpoint", path=path, error=error
        ) from error
