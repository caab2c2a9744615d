"""The app in another language: chosen by the visitor, the address or the browser, for this visitor alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from string import Formatter
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from nin.paths import ROOT
from nin.presets import OPTIMIZERS, PRESETS, RECIPES
from nin.process import speed
from nin.process.launcher import Launcher
from ui.base.language import of_browser
from ui.base.text import LANGUAGES, dictionary, speaking, t

PAGES = ("app.py", "pages/classify.py", "pages/layers.py", "pages/anatomy.py", "pages/experiments.py")
# What stands in Latin letters in a Chinese text: names, formats, formulas, and what is typed.
ALLOWED = {
    "NiN", "GPU", "CPU", "px", "MB", "Fashion", "MNIST", "Adam", "AdamW", "SGD", "adam", "adamw", "sgd", "ReLU", "He", "Lin", "PyTorch", "CUDA",
    "Softmax", "Tab", "Shift", "Esc", "T", "ln", "e", "z", "min", "nn", "Linear", "torch", "Size", "d2l", "csv", "npy", "png", "https",
    "B", "KiB", "MiB", "GiB", "LeNet", "AlexNet", "VGG", "N", "C", "Python", "float32", "bfloat16", "python",
    "Optuna", "Xavier", "py", "study", "hyperparameters", "results", "RUN", "out", "FILE", "m", "nin", "PNG", "JPEG", "GIF", "WebP", "AVIF", "BMP", "TIFF", "CSV", "English", "zh", "CN", "bold",
    "safetensors", "state", "dict", "params", "predict", "Markdown", "JSON", "ONNX", "TensorBoard", "tensorboard", "logdir", "runs",
    "net", "load", "zip", "save", "Dropout", "Dive", "into", "Deep", "Learning",  # the last four are a book's name
    "AMD", "EPYC",  # what the stored results were made on
    *PRESETS, *RECIPES, *OPTIMIZERS, *(part for name in (*PRESETS, *RECIPES) for part in name.split("-")),
}  # fmt: skip
MARKUP = re.compile(r"<[^>]*>|:material/\w+:|%[.\d]*[a-z]|%?\{+[^}]*\}+|\{[^}]*\}|\bimg\b|\]\(https:[^)]*\)|!\[[^)]*\)")
FIELDS = {"label", "body", "help", "options", "placeholder", "text", "content", "value"}


def foreign(text: str) -> set[str]:
    """The words of a text in Latin letters that no Chinese reader was promised."""
    text = re.sub(r"`python [^`]*`", " ", text)  # a command is the same in every language
    words = set(re.findall(r"[A-Za-z][A-Za-z0-9]*", MARKUP.sub(" ", text)))
    return words - ALLOWED


def visible(tab: AppTest) -> Iterator[str]:
    """What Streamlit's own elements say."""
    for element in tab._tree:
        proto = getattr(element, "proto", None)
        if proto is None or element.type in ("iframe", "component_v2", "html", "bidi_component"):
            continue
        for field, value in proto.ListFields():
            parts = value if field.name == "options" else [value]
            if field.name in FIELDS:
                yield from (one if isinstance(one, str) else str(getattr(one, "content", "")) for one in parts)


@pytest.fixture
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that starts no process, on a machine that was measured."""
    monkeypatch.setattr(Launcher, "prepare", lambda self: None)
    speed.record("cpu", "pocket", 2000.0)


def opened(script: str, **address: str) -> AppTest:
    tab = AppTest.from_file(ROOT / "app.py", default_timeout=120)
    for name, part in address.items():
        tab.query_params[name] = part
    return tab.run() if script == "app.py" else tab.switch_page(script).run()


def control(tab: AppTest, kind: str, key: str) -> Any:
    (found,) = (one for one in getattr(tab, kind) if re.fullmatch(key, one.key or ""))
    return found


def switch(tab: AppTest, language: str) -> AppTest:
    with speaking(tab.session_state.language):  # in which the tab was told what its options are called
        return control(tab, "segmented_control", "language_control").set_value(language).run()


@pytest.mark.parametrize(
    ("locale", "language"),
    [("zh-CN", "zh"), ("zh_TW", "zh"), ("zh", "zh"), ("en-GB", "en"), ("fr-FR", "en"), ("", "en"), (None, "en")],
)
def test_the_language_of_the_browser_is_spoken_where_it_is_known(locale: str | None, language: str) -> None:
    assert of_browser(locale) == language


def names_in(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("language", LANGUAGES.keys() - {"en"})
def test_every_language_says_everything_with_the_same_values(language: str) -> None:
    english, other = dictionary("en"), dictionary(language)
    assert sorted(english.keys() - other.keys()) == []
    assert sorted(other.keys() - english.keys()) == []
    assert [key for key in english if names_in(english[key]) != names_in(other[key])] == []


def test_what_is_said_in_chinese_has_no_english_words_in_it() -> None:
    found = {key: left for key, text in dictionary("zh").items() if (left := foreign(text))}
    assert found == {}


@pytest.mark.parametrize("script", PAGES)
def test_a_page_speaks_chinese_throughout(script: str, quiet: None) -> None:
    tab = opened(script, lang="zh")
    assert not tab.exception
    said = list(visible(tab))
    assert sum(len(re.findall(r"[\u4e00-\u9fff]", text)) for text in said) > 100
    found = {text: left for text in said if (left := foreign(text))}
    assert found == {}


def test_switching_keeps_the_settings_and_tells_the_address(quiet: None) -> None:
    tab = opened("app.py")
    assert tab.title[0].value == t("train.title")
    control(tab, "selectbox", r"recipe-\d+").set_value("sketch-aware").run()
    control(tab, "number_input", r"epochs-\d+").set_value(3).run()
    control(tab, "selectbox", "reference").set_value("nin-note-adam").run()
    switch(tab, "zh")
    with speaking("zh"):
        assert tab.title[0].value == t("train.title")
        assert control(tab, "selectbox", r"recipe-\d+").label == t("sidebar.recipe")
    assert (tab.session_state.recipe, tab.session_state.epochs) == ("sketch-aware", 3)
    assert control(tab, "selectbox", r"recipe-\d+").value == "sketch-aware"
    assert control(tab, "number_input", r"epochs-\d+").value == 3
    assert control(tab, "selectbox", "reference").value == "nin-note-adam"
    assert tab.session_state["address_parts"]["language"] == {"lang": "zh"}
    switch(tab, "en")
    assert tab.title[0].value == t("train.title")
    assert control(tab, "selectbox", r"recipe-\d+").value == "sketch-aware"


def test_two_visitors_read_the_same_page_in_two_languages(quiet: None) -> None:
    here, there = opened("pages/layers.py", lang="zh"), opened("pages/layers.py", lang="en")
    assert (here.title[0].value, there.title[0].value) == (
        dictionary("zh")["layers.title"],
        dictionary("en")["layers.title"],
    )
    with speaking("zh"):
        here.run()
    assert here.title[0].value == dictionary("zh")["layers.title"]
