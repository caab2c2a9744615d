"""Amounts of memory in words."""

from __future__ import annotations

from ui.base.text import t


def size(count: float) -> str:
    """Bytes, in the unit that leaves one to four digits: "384 B", "1.2 MiB"."""
    for unit in ("bytes", "kib", "mib"):
        if abs(count) < 1024:
            return _with_unit(count, unit)
        count /= 1024
    return _with_unit(count, "gib")


def _with_unit(count: float, unit: str) -> str:
    number = f"{count:.0f}" if unit == "bytes" or count >= 100 else f"{count:.1f}"
    return t(f"size.{unit}", number=number)
