"""What the core says has its sentence in the other language."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from string import Formatter

import pytest

from nin import errors
from nin.classify.other_files import KINDS
from nin.errors import LabError, Message, PictureError
from nin.paths import ROOT
from nin.storage.status import message_in
from ui.base.text import LANGUAGES, speaking
from ui.base.text import errors as text

SAYING = {
    "Message",
    *(name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, LabError)),
}
ONLY_TYPED = ("nin/cli/",)  # told on the command line, in English


def templates() -> set[str]:
    """The first argument of every error and message that the core and the pages make."""
    files = [*(ROOT / "nin").rglob("*.py"), *(ROOT / "ui").rglob("*.py")]
    found = {kind.name.template for kind in KINDS} | {kind.remedy.template for kind in KINDS}
    for path in files:
        if not str(path.relative_to(ROOT)).startswith(ONLY_TYPED):
            found |= set(_said_in(path))
    return found


def _said_in(path: Path) -> list[str]:
    calls = (node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call))
    made = [call.args[0] for call in calls if getattr(call.func, "id", None) in SAYING and call.args]
    assert not [part for part in made if isinstance(part, ast.JoinedStr)], f"{path}: values go apart from the sentence"
    return [part.value for part in made if isinstance(part, ast.Constant)]


def names_in(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name}


@pytest.mark.parametrize("language", LANGUAGES.keys() - {"en"})
def test_everything_that_the_core_says_has_a_sentence(language: str) -> None:
    sentences, said = text.sentences(language), templates()
    assert len(said) > 50
    assert sorted(said - sentences.keys()) == []
    assert sorted(sentences.keys() - said) == []
    assert [one for one in said if names_in(one) != names_in(sentences[one])] == []


def test_an_error_is_an_english_sentence_with_its_values_apart() -> None:
    error = PictureError("{name} has {n:,} pixels", name=Path("a.png"), n=12345)
    assert str(error) == "a.png has 12,345 pixels"
    assert error.message.values == {"name": "a.png", "n": 12345}


def test_braces_in_what_is_said_as_it_is_are_kept() -> None:
    assert str(LabError("what about {this}")) == "what about {this}"


def test_a_message_survives_the_status_file_with_the_messages_in_it() -> None:
    inner = Message("nothing arrived for {seconds:.0f} s", {"seconds": 30.0})
    told = Message("the download failed ({reason})", {"reason": inner})
    status = json.loads(json.dumps({"error": str(told), "error_said": told.to_dict()}))
    assert message_in(status, "error") == told
    assert str(told) == "the download failed (nothing arrived for 30 s)"


def test_the_status_of_an_older_lab_has_a_plain_sentence() -> None:
    assert str(message_in({"error": "100 {odd} things"}, "error")) == "100 {odd} things"


def test_an_error_is_said_in_the_visitors_language_with_all_that_is_in_it() -> None:
    kind = KINDS[0]
    error = PictureError(
        "{name} is {kind}, which cannot be read here: {remedy}", name="a.heic", kind=kind.name, remedy=kind.remedy
    )
    with speaking("zh"):
        assert text.said(error).startswith("a.heic 是 HEIC 照片，这里读不了：请导出为 JPEG")
        assert text.said("a plain sentence of an older lab") == "a plain sentence of an older lab"
    with speaking("en"):
        assert text.said(error) == str(error)
