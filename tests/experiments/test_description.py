"""What an experiment is: described as plain data, planned into ordinary runs, and refused where it cannot be."""

from __future__ import annotations

import json

import pytest

from nin.errors import SettingsError
from nin.experiments.description import Experiment, own_experiment, parse_value
from nin.experiments.exercises import EXERCISES, exercise
from nin.experiments.folder import ExperimentFolder
from nin.model.network import NiN, initialise
from nin.presets import architecture_for
from nin.storage.run import RunConfig
from nin.training.step import epoch_order

SIZE = {"preset": "pocket", "train_size": 64, "test_size": 50, "epochs": 1}


@pytest.mark.parametrize("name", EXERCISES)
def test_every_exercise_survives_json_and_keeps_its_place(name: str) -> None:
    found = exercise(name)
    again = Experiment.from_dict(json.loads(json.dumps(found.to_dict())))
    assert again.to_dict() == found.to_dict()
    assert again.id == found.id
    assert exercise(name, size={"epochs": 7}).id != found.id or found.kind == "resources"


def test_every_setting_is_run_once_before_any_is_run_twice() -> None:
    folder = ExperimentFolder.create(exercise("pointwise"))
    folder.want(seeds=2)
    assert [(planned.arm, planned.seed) for planned in folder.planned()] == [
        (f"pointwise-{count}", seed) for seed in (0, 1) for count in range(4)
    ]


@pytest.mark.parametrize("name", ["pointwise", "heads"])
def test_runs_of_a_seed_share_weights_where_shapes_agree_and_the_order_of_images(name: str) -> None:
    found = exercise(name)
    states = []
    for arm in found.arms:
        config = found.config(arm, seed=5)
        preset, recipe = config.network_recipe()
        states.append(initialise(NiN(architecture_for(preset, recipe)), recipe.init, config.seed).state_dict())
    first = states[0]
    for other in states[1:]:
        shared = [key for key in other if key in first and other[key].shape == first[key].shape]
        assert "0.0.weight" in shared
        assert all((other[key] == first[key]).all() for key in shared)
    assert len({found.config(arm, seed=5).train_size for arm in found.arms}) == 1
    assert (epoch_order(5, 1, 100) == epoch_order(5, 1, 100)).all()


def test_an_own_experiment_takes_every_combination() -> None:
    found = own_experiment({"lr": [0.001, 0.01], "optimizer": ["adam", "sgd"]}, SIZE, seeds=3)
    assert [dict(arm.settings) for arm in found.arms] == [
        {"lr": lr, "optimizer": optimizer} for lr in (0.001, 0.01) for optimizer in ("adam", "sgd")
    ]
    assert found.config(found.arms[0], seed=2) == RunConfig(**SIZE, lr=0.001, optimizer="adam", seed=2)


@pytest.mark.parametrize(
    ("varied", "words"),
    [
        ({}, "nothing varies"),
        ({"colour": ["red"]}, "cannot be varied: choose one of pointwise"),
        ({"lr": []}, "no values for lr"),
        ({"lr": [100.0]}, "lr is 100"),
        ({"head": ["dense", "dense"]}, "two of the settings are the same"),
        ({"batch_size": list(range(1, 40))}, "too many"),
    ],
)
def test_an_own_experiment_that_cannot_be_is_refused(varied: dict, words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        own_experiment(varied, SIZE)


def test_values_are_read_as_what_they_are_for() -> None:
    assert parse_value("lr", "1e-3") == 0.001
    assert parse_value("pointwise", "2") == 2
    assert parse_value("logit_head", "no") is False
    assert parse_value("head", "dense") == "dense"
    with pytest.raises(SettingsError, match="'two' is no value for pointwise"):
        parse_value("pointwise", "two")
