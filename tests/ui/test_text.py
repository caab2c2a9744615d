"""Every visible word is looked up, and found."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from string import Formatter

import pytest

from nin.paths import ROOT
from nin.presets import PRESETS, RECIPES
from nin.storage.run import ACTIVE, FINAL
from ui.base import text

KEY = re.compile(r"[a-z]+\.[a-z0-9_\-]*[a-z0-9]")  # what ends in "_" is the start of a key that is put together
WORD = r"[\w.\-]+"
FOREIGN = ("streamlit.", "plotly.")  # what these say by themselves is looked up by what they say


def trees() -> Iterator[ast.AST]:
    for path in (ROOT / "app.py", *(ROOT / "ui").rglob("*.py"), *(ROOT / "pages").glob("*.py")):
        yield ast.parse(path.read_text(encoding="utf-8"))


def calls() -> Iterator[ast.Call]:
    """Each t(...)."""
    for tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "t":
                yield node


def lookups() -> Iterator[ast.expr]:
    """What each of them looks up."""
    return (call.args[0] for call in calls())


def literal_keys() -> set[str]:
    """The keys that are looked up by a plain string: t("page.word")."""
    constants = {node.value for key in lookups() for node in ast.walk(key) if isinstance(node, ast.Constant)}
    return {key for key in constants if KEY.fullmatch(str(key))}


def key_patterns() -> set[str]:
    """Keys that are put together, as regular expressions: t(f"page.step_{name}")."""
    made = [node for key in lookups() for node in ast.walk(key) if isinstance(node, ast.JoinedStr)]
    return {
        "".join(re.escape(part.value) if isinstance(part, ast.Constant) else WORD for part in key.values)
        for key in made
        if isinstance(key.values[0], ast.Constant) and re.match(r"[a-z]+\.", key.values[0].value)
    }


@pytest.mark.parametrize("language", ["en"])
def test_every_word_that_is_asked_for_is_there(language: str) -> None:
    keys, patterns, dictionary = literal_keys(), key_patterns(), text.dictionary(language)
    assert len(keys) > 50
    assert len(patterns) > 10
    assert not keys - dictionary.keys()
    assert not [pattern for pattern in patterns if not any(re.fullmatch(pattern, key) for key in dictionary)]


@pytest.mark.parametrize("language", text.LANGUAGES)
def test_every_word_that_is_there_is_asked_for(language: str) -> None:
    strings = {node.value for tree in trees() for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    patterns = re.compile("|".join(sorted(key_patterns())))
    asked = {key for key in text.dictionary(language) if key in strings or patterns.fullmatch(key)}
    assert not [key for key in text.dictionary(language).keys() - asked if not key.startswith(FOREIGN)]


@pytest.mark.parametrize("language", ["en"])
def test_everything_in_a_table_has_its_words(language: str) -> None:
    dictionary = text.dictionary(language)
    wanted = [f"sidebar.preset_{name}" for name in PRESETS]
    wanted += [f"sidebar.recipe_{name}" for name in RECIPES]
    wanted += [f"{page}.{state}" for state in (*ACTIVE, *FINAL) for page in ("state",)]
    wanted += [f"sidebar.state_{state}" for state in (*ACTIVE, *FINAL)]
    assert not set(wanted) - dictionary.keys()


@pytest.mark.parametrize("language", text.LANGUAGES)
def test_what_the_words_ask_for_is_filled_in(language: str) -> None:
    """A script in the browser may fill in all of it; the server fills in all or nothing."""
    dictionary = text.dictionary(language)
    filled = [(key, {keyword.arg for keyword in call.keywords}) for call in calls() for key in constants(call.args[0])]
    wrong = {
        key: (values, placeholders(dictionary[key]))
        for key, values in filled
        if values and None not in values and not placeholders(dictionary.get(key, "")) <= values
    }
    assert not wrong


def constants(tree: ast.expr) -> list[object]:
    return [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]


def placeholders(words: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(words) if name}


SAYING = {"t", "class_name", "class_names", "together", "listed", "said", "layer_name", "duration", "foreign_words"}


def test_what_is_kept_for_all_visitors_knows_in_which_language_it_is() -> None:
    for tree in trees():
        for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
            if not any("cache" in ast.unparse(decorator) for decorator in function.decorator_list):
                continue
            called = {getattr(node.func, "id", "") for node in ast.walk(function) if isinstance(node, ast.Call)}
            names = {argument.arg.lstrip("_") for argument in (*function.args.args, *function.args.kwonlyargs)}
            assert "language" in names or not called & SAYING, function.name
