"""A run's name, note and star: text of visitors, of which anything may be expected."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nin.storage.label import NAME_LENGTH, NOTE_LENGTH, Label, label_of, write_label
from nin.storage.run import Run, RunConfig


@pytest.fixture
def run() -> Run:
    return Run.create(RunConfig(preset="pocket"))


def test_a_run_has_no_name_until_it_is_given_one_and_then_that(run: Run) -> None:
    assert label_of(run) == Label()
    write_label(run, Label("my best", "why: no idea\nsecond line", star=True))
    assert label_of(run) == Label("my best", "why: no idea\nsecond line", star=True)
    write_label(run, Label(note="only a note"))
    assert label_of(run) == Label(note="only a note")


@given(st.text(), st.text())
def test_any_text_is_a_name_of_one_line_and_bounded_length(name: str, note: str) -> None:
    label = Label(name * 50, note * 500)
    assert len(label.name) <= NAME_LENGTH
    assert len(label.note) <= NOTE_LENGTH
    assert len(label.name.splitlines()) <= 1
    assert Label(label.name, label.note) == label


def test_what_would_turn_the_text_around_it_is_left_out() -> None:
    assert Label("a\u202eb\u200bc\x00d").name == "abcd"
    assert Label("模型 · 一 👢").name == "模型 · 一 👢"


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"name": 3, "note": [], "star": "yes"}', "\x00", '{"name": "' + "x" * 30_000 + '"}']
)
def test_a_damaged_file_is_as_none(run: Run, content: str) -> None:
    (run.path / "label.json").write_text(content)
    assert label_of(run) == Label()
