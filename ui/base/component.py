"""Our own pieces of page: the style sheet and the script of each lie beside the Python file that uses it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import streamlit as st

_PAINT, _KEPT = (Path(__file__).with_name(name) for name in ("paint.js", "kept.js"))


def component(name: str, html: str, *, paints: bool = False, keeps: bool = False) -> Any:
    """The component of <name>.css and <name>.js beside the calling file.

    With `paints` paint.js comes before its script, with `keeps` kept.js.
    """
    beside = Path(sys._getframe(1).f_globals["__file__"]).parent
    scripts = [*([_PAINT] if paints else []), *([_KEPT] if keeps else []), beside / f"{name}.js"]
    return st.components.v2.component(
        f"nin_{name}",
        html=html,
        css=(beside / f"{name}.css").read_text(encoding="utf-8"),
        js="".join(script.read_text(encoding="utf-8") for script in scripts),
        isolate_styles=False,  # one look for all of the page
    )


def only_read() -> None:
    """For a state value of a component that is only read: it exists only where it has a callback."""
