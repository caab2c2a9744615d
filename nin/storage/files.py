"""Files that are never seen half-written.

A writer makes a temporary file beside the target and renames it, which every file system
does in one step. A reader of an appended file ignores a last line without its newline.
"""

from __future__ import annotations

import errno
import json
import os
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

from nin.errors import Message, SettingsError

# Windows refuses to replace a file that a reader has open at that moment; a retry gets through.
_REPLACE_TRIES = 50
_NO_ROOM = (
    errno.ENOSPC,
    errno.EFBIG,
    getattr(errno, "EDQUOT", errno.ENOSPC),
)  # the disk's end, a file's, a user's share


def write_bytes(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{uuid4().hex}.tmp")
    try:
        temporary.write_bytes(content)
        for attempt in range(_REPLACE_TRIES):
            try:
                os.replace(temporary, path)
                break
            except PermissionError:
                if attempt == _REPLACE_TRIES - 1:
                    raise
                time.sleep(0.01)
    finally:
        temporary.unlink(missing_ok=True)


def check_writable(path: Path) -> None:
    """Raise SettingsError unless a file can be written at `path`, before there is anything to write."""
    if path.is_dir():
        raise SettingsError("{path} is a directory: name a file in it", path=path)
    folder = next(parent for parent in path.absolute().parents if parent.exists())
    if not folder.is_dir() or not os.access(folder, os.W_OK):
        raise SettingsError(
            "{path} cannot be written, since {folder} is not a folder one may write to: name another place",
            path=path,
            folder=folder,
        )


def cannot_write(error: OSError) -> Message:
    """What to say where a file could not be written."""
    why = {"error": error.strerror or error}
    if error.errno in _NO_ROOM:
        return Message("the disk is full ({error}): make room, by deleting runs for one, and go on from there", why)
    return Message(
        "a file cannot be written or read ({error}): see to the disk or its permissions, and go on from there", why
    )


def write_json(path: Path, value: Any) -> None:
    write_bytes(path, (json.dumps(value, indent=1) + "\n").encode())


def read_json(path: Path) -> dict[str, Any]:
    """The JSON object in `path`; an empty one where it is missing or not (yet) readable."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}
