"""The page that leads newcomers through the code names files and functions that are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")


def test_every_file_it_names_is_there() -> None:
    named = set(re.findall(r"`((?:nin|ui|bench|drawings|pages|tests)/[\w/]+\.\w+)`", PAGE))
    named |= {path.removeprefix("../") for path in re.findall(r"\]\((\.\./[^)#]+)\)", PAGE)}
    assert len(named) > 15
    assert [name for name in sorted(named) if not (ROOT / name).is_file()] == []


@pytest.mark.parametrize("name", sorted(set(re.findall(r"`(?:[A-Z]\w+)?\.(\w+)`", PAGE)) | {"fit", "set_lr"}))
def test_every_function_it_names_is_there(name: str) -> None:
    sources = [path.read_text(encoding="utf-8") for package in ("nin", "ui") for path in (ROOT / package).rglob("*.py")]
    assert any(re.search(rf"def {name}\(", source) for source in sources)
