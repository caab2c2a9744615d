"""Answers to several files, as a file of their own."""

import csv
import io
from types import SimpleNamespace

import pytest
import torch

from nin.classify.classifier import Answer
from nin.data.fashion_mnist import CLASS_NAMES
from nin.errors import WeightsError
from ui.base.answers import Loaded
from ui.base.item import Item
from ui.classify import batch
from ui.classify.batch import Row, answers_csv
from ui.classify.picture_input import BroughtFile

ANSWER = Answer(tuple(torch.linspace(0.0, 0.2, 10).tolist()), (0.0,) * 10)


def file(name: str) -> BroughtFile:
    return BroughtFile("1", Item(bytes(784), "upload", name))


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_a_name_that_looks_like_a_formula_is_harmless(start):
    name = f"{start}HYPERLINK(A1).png"
    rows = [Row(file(name), ANSWER), Row(file("shoe.png"), None, f"{name} is damaged")]
    read = list(csv.DictReader(io.StringIO(answers_csv(rows), newline="")))
    assert [row["file"] for row in read] == [f"'{name}", "shoe.png"]
    assert read[1]["error"] == f"'{name} is damaged"
    assert not any(value.startswith(start) for row in read for value in row.values())


def test_the_file_has_all_ten_probabilities_as_the_network_gave_them():
    (row,) = csv.DictReader(io.StringIO(answers_csv([Row(file("shoe.png"), ANSWER)])))
    assert (row["label"], row["known"], row["error"]) == ("Ankle boot", "True", "")
    assert [float(row[name]) for name in CLASS_NAMES] == list(ANSWER.probabilities)


def test_a_file_that_cannot_be_answered_has_a_row_like_the_others(monkeypatch):
    def answer(*of):
        raise WeightsError("the weights are gone")

    monkeypatch.setattr(batch, "_answer", answer)
    row = batch._row(file("dress.png"), Loaded("run:1", ("weights", 1), SimpleNamespace(ruin=None)))
    assert (row.file.item.name, row.answer, str(row.error)) == ("dress.png", None, "the weights are gone")
