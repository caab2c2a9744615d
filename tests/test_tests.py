"""Tests stand on their own: what they share lies in modules that hold no tests, and the core's know nothing of the pages."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
CORE = (
    "anatomy",
    "bench",
    "classify",
    "cli",
    "compatibility",
    "data",
    "drawings",
    "engine",
    "explain",
    "export",
    "model",
    "process",
)
CORE += ("script", "storage", "training")


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_no_test_imports_another_or_uses_a_conftest_as_a_library() -> None:
    for path in TESTS.rglob("*.py"):
        for name in imported(path):
            own, _, last = name.rpartition(".")
            assert not own.startswith("tests") or not (last == "conftest" or last.startswith("test_")), (path, name)


@pytest.mark.parametrize("package", CORE)
def test_the_cores_tests_read_no_page(package: str) -> None:
    files = list((TESTS / package).rglob("*.py"))
    assert files
    for path in files:
        roots = {name.partition(".")[0] for name in imported(path)}
        assert not roots & {"ui", "pages", "app", "streamlit", "plotly"}, path
        source = path.read_text(encoding="utf-8")
        assert not [word for word in ('"ui"', "ui/", '"app.py"') if word in source], path
