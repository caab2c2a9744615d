"""The accuracy script: what is left out of training, and what it reports."""

import json
import sys
from dataclasses import replace

import pytest
import torch

from bench.training import accuracy
from nin.data import dataset
from nin.data.dataset import Dataset, Split


@pytest.fixture
def full(tmp_path):
    images = torch.zeros(60_000, 28, 28, dtype=torch.uint8)
    few = Split(images[:10], torch.zeros(10, dtype=torch.int64))
    return Dataset(Split(images, torch.arange(60_000)), few, "directory", tmp_path)


def test_the_last_training_images_stand_for_the_test_set(full):
    split = accuracy.held_out(full)
    assert split.train.labels.tolist() == list(range(55_000))
    assert split.test.labels.tolist() == list(range(55_000, 60_000))


def test_the_sample_is_too_small_to_choose_settings_by():
    with pytest.raises(SystemExit, match="full data set"):
        accuracy.held_out(dataset.load("sample"))


@pytest.mark.usefixtures("tiny_preset")
def test_mean_and_spread_of_several_seeds(monkeypatch, capsys):
    few = dataset.load("sample")
    few = replace(few, train=few.train.first(64), test=few.test.first(50))
    monkeypatch.setattr(accuracy.data, "load", lambda: few)
    command = "accuracy --preset tiny --final --epochs 2 --seeds 0 1 --set lr=0.001 augment=none"
    monkeypatch.setattr(accuracy, "use_all_cores", lambda: None)
    monkeypatch.setattr(sys, "argv", command.split())
    accuracy.main()
    *runs, summary = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert [len(run["accuracy"]) for run in runs] == [2, 2]
    last = [run["accuracy"][-1] for run in runs]
    assert summary["mean"] == pytest.approx(sum(last) / 2, abs=1e-4)
    assert summary["spread"] == pytest.approx(abs(last[0] - last[1]) / 2**0.5, abs=1e-4)
    assert summary["changes"] == {"lr": 0.001, "augment": "none", "epochs": 2}


def test_a_field_that_no_recipe_has(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["accuracy", "--set", "learning_rate=1"])
    with pytest.raises(SystemExit, match="no field 'learning_rate'"):
        accuracy.main()
