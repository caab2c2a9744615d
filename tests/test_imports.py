"""Imports go one way: pages -> ui -> nin."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.partition(".")[0]


@pytest.mark.parametrize(
    ("room", "forbidden"),
    [
        ("nin", {"streamlit", "plotly", "ui", "pages", "tests"}),
        ("ui", {"pages", "tests", "app"}),
        ("pages", {"tests", "app"}),
    ],
)
def test_no_room_knows_the_one_above(room: str, forbidden: set[str]) -> None:
    files = list((ROOT / room).rglob("*.py"))
    assert files
    for path in files:
        assert not forbidden & set(imported(path)), path
