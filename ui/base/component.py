"""Our own pieces of page: of each the style sheet and the script lie beside the Python file of the same name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

_HERE = Path(__file__).parent


def component(name: str, html: str, *, paints: bool = False) -> Any:
    """The component of <name>.css and <name>.js; with `paints` its script has paint.js before it."""
    scripts = ["paint", name] if paints else [name]
    return st.components.v2.component(
        f"nin_{name}",
        html=html,
        css=(_HERE / f"{name}.css").read_text(encoding="utf-8"),
        js="".join((_HERE / f"{script}.js").read_text(encoding="utf-8") for script in scripts),
        isolate_styles=False,  # one look for all of the page
    )


def only_read() -> None:
    """For a state value of a component that is only read: it exists only where it has a callback."""
