"""Imports go one way: pages -> ui -> nin, bench and drawings -> nin, and inside each package downwards only."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from nin.paths import ROOT

TOP = ("app", "pages", "ui", "bench", "drawings", "nin", "tests")
MAY_IMPORT = {
    "nin": set(),
    "drawings": {"nin"},
    "bench": {"drawings", "nin"},
    "ui": {"nin"},
    "pages": {"ui", "nin"},
    "app": {"ui", "nin"},
}
GROUND = {"nin.errors", "nin.paths"}  # everybody stands on these; arrows to them would hide the others


def files(package: str) -> list[Path]:
    single = ROOT / f"{package}.py"
    found = [single] if single.exists() else sorted((ROOT / package).rglob("*.py"))
    assert found, package
    return found


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


MODULES = {module_of(path): path for package in MAY_IMPORT for path in files(package)}


@cache
def imported(path: Path) -> frozenset[str]:
    """What a file imports, also in its functions; of this tree the modules themselves."""
    return frozenset(_imported(path))


def _imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                module = f"{node.module}.{alias.name}"
                yield module if module in MODULES else node.module


def room(module: str) -> str:
    """The part of the house that a module belongs to: a package of nin or ui, else its top level."""
    first, _, rest = module.partition(".")
    return (
        f"{first}.{rest.partition('.')[0]}" if first in ("nin", "ui") and rest else {"app": "pages"}.get(first, first)
    )


def arrows() -> dict[str, set[str]]:
    """For each room the rooms that it imports."""
    found: dict[str, set[str]] = {}
    for module, path in MODULES.items():
        here = found.setdefault(room(module), set())
        here |= {room(name) for name in imported(path) if name.partition(".")[0] in TOP}
    return {here: there - {here, "nin", "ui"} - GROUND for here, there in found.items() if here not in GROUND}


def circle(graph: Mapping[str, set[str]]) -> list[str] | None:
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return error.args[1]
    return None


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_no_package_knows_the_one_above(package: str) -> None:
    allowed = MAY_IMPORT[package] | {package}
    for path in files(package):
        tops = {name.partition(".")[0] for name in imported(path)}
        assert tops & set(TOP) <= allowed, path
        if package in ("nin", "drawings"):
            assert not tops & {"streamlit", "plotly"}, path


def test_no_circle_between_files() -> None:
    graph = {module: {name for name in imported(path) if name in MODULES} for module, path in MODULES.items()}
    # A package's own introduction may gather what its files offer.
    graph = {module: {name for name in names if not module.startswith(f"{name}.")} for module, names in graph.items()}
    assert circle(graph) is None


def test_no_circle_between_rooms() -> None:
    assert circle(arrows()) is None


def test_what_the_pages_share_knows_none_of_them() -> None:
    found = arrows()
    assert not {name for name in found["ui.base"] if name.startswith("ui.")}
    for name in ("ui.charts", "ui.train", "ui.classify", "ui.layers", "ui.experiments"):
        assert {other for other in found[name] if other.startswith("ui.")} <= {"ui.base", "ui.charts"}


@pytest.mark.parametrize(
    "package", sorted({str(path.parent.relative_to(ROOT)) for path in MODULES.values()} - {".", "pages"})
)
def test_every_package_says_what_lives_there(package: str) -> None:
    introduction = ast.get_docstring(ast.parse((ROOT / package / "__init__.py").read_text(encoding="utf-8")))
    assert introduction
    assert introduction.endswith(".")


def test_the_diagram_in_the_documents_is_the_code() -> None:
    """docs/architecture.md draws each arrow that is not implied by others."""
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    diagram = re.search(r"```mermaid\n(.*?)```", text, re.DOTALL)
    assert diagram
    drawn = set(re.findall(r"^\s*([\w.]+) --> ([\w.]+)$", diagram[1], re.MULTILINE))
    there = reduced(arrows())
    assert drawn == there, f"draw {sorted(there - drawn)}, take out {sorted(drawn - there)}"


def reduced(graph: Mapping[str, set[str]]) -> set[tuple[str, str]]:
    """The arrows of a graph without circles that no longer way between the same two rooms stands for."""

    def beyond(start: str, seen: set[str]) -> set[str]:
        for there in graph.get(start, ()):
            if there not in seen:
                seen.add(there)
                beyond(there, seen)
        return seen

    return {
        (here, there)
        for here, others in graph.items()
        for there in others
        if not any(there in beyond(other, set()) for other in others - {there})
    }
