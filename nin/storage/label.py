"""What people call a run: a name, a note and a star, in a file of their own.

    runs/<id>/label.json      {"name": "...", "note": "...", "star": true}

Anybody who may train here may write anything: a reader takes it for text, never for markup, and of
a length that can be shown.
"""

from __future__ import annotations

import unicodedata
from dataclasses import asdict, dataclass
from functools import lru_cache

from nin.storage.files import read_json, write_json
from nin.storage.run import Run

NAME_LENGTH, NOTE_LENGTH = 60, 1000  # characters
_LARGEST_FILE = 20_000  # bytes: nothing that was written here is larger


@dataclass(frozen=True)
class Label:
    name: str = ""  # empty: none was given
    note: str = ""
    star: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", _one_line(self.name)[:NAME_LENGTH].strip())
        object.__setattr__(self, "note", _printable(self.note, keep="\n")[:NOTE_LENGTH].strip())


def label_of(run: Run) -> Label:
    """As it was written last; an empty one where there is none, or it is damaged."""
    try:
        found = (run.path / "label.json").stat()
    except OSError:
        return Label()
    return _read(run, found.st_mtime_ns, found.st_size, found.st_ino)


def write_label(run: Run, label: Label) -> None:
    write_json(run.path / "label.json", asdict(label))


@lru_cache(maxsize=2000)
def _read(run: Run, _written: int, size: int, _file: int) -> Label:
    values = read_json(run.path / "label.json") if size <= _LARGEST_FILE else {}
    name, note = (value if isinstance(value := values.get(part), str) else "" for part in ("name", "note"))
    return Label(name, note, values.get("star") is True)


def _one_line(text: str) -> str:
    return " ".join(_printable(text, keep="\n\t").split())


def _printable(text: str, keep: str) -> str:
    """Without control characters, and without those that turn the direction of the text around them."""
    text = text.replace("\r\n", "\n")
    return "".join(sign for sign in text if sign in keep or unicodedata.category(sign) not in ("Cc", "Cf", "Cs", "Co"))
