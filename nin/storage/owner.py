"""Whose a run is, or an experiment: a file beside it, named after the visitor who began it.

    <folder>/owner.json      {"visitor": "5f0c..."}

What has none was begun at the machine itself: from a terminal, or in a browser on it. The file holds
a hash of what the visitor's browser knows, so that who reads it cannot pass for them.
"""

from __future__ import annotations

from pathlib import Path

from nin.storage.files import read_json, write_json

_FILE = "owner.json"


def owner_of(folder: Path) -> str | None:
    """The visitor from elsewhere who began it; None where it was begun at the machine."""
    owner = read_json(folder / _FILE).get("visitor")
    return owner if isinstance(owner, str) and owner else None


def write_owner(folder: Path, visitor: str | None) -> None:
    if visitor is None:
        (folder / _FILE).unlink(missing_ok=True)
    else:
        write_json(folder / _FILE, {"visitor": visitor})
