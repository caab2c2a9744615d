"""Every visible word is looked up, and found."""

from __future__ import annotations

import ast
import re

import pytest

from nin.paths import ROOT
from nin.presets import PRESETS, RECIPES
from nin.storage.run import ACTIVE, FINAL
from ui.base import text

KEY = re.compile(r"[a-z]+\.[a-z0-9_\-]*[a-z0-9]")  # what ends in "_" is the start of a key that is put together


def literal_keys() -> set[str]:
    """The keys that the code looks up by a plain string: t("page.word")."""
    keys = set()
    for path in (ROOT / "app.py", *(ROOT / "ui").rglob("*.py"), *(ROOT / "pages").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "t":
                keys |= {
                    constant.value
                    for constant in ast.walk(node.args[0])
                    if isinstance(constant, ast.Constant) and KEY.fullmatch(str(constant.value))
                }
    return keys


def test_every_word_that_is_asked_for_is_there() -> None:
    keys = literal_keys()
    assert len(keys) > 50
    for language in text.LANGUAGES:
        missing = keys - text._dictionary(language).keys()
        assert not missing, f"{language}: {sorted(missing)}"


@pytest.mark.parametrize("language", text.LANGUAGES)
def test_everything_in_a_table_has_its_words(language: str) -> None:
    dictionary = text._dictionary(language)
    wanted = [f"sidebar.preset_{name}" for name in PRESETS]
    wanted += [f"sidebar.recipe_{name}" for name in RECIPES]
    wanted += [f"{page}.{state}" for state in (*ACTIVE, *FINAL) for page in ("state",)]
    wanted += [f"sidebar.state_{state}" for state in (*ACTIVE, *FINAL)]
    assert not set(wanted) - dictionary.keys()
