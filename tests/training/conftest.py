"""Fixtures of the tests of training."""

from dataclasses import replace

import pytest

from nin.data import dataset
from nin.training.trainer import Trainer
from tests.training.tiny import CPU, RECIPE, TINY


@pytest.fixture(scope="module")
def sample():
    return dataset.load("sample")


@pytest.fixture
def make(sample):
    def make(preset=TINY, recipe=RECIPE, *, engine=CPU, train_size=320, seed=0):
        few = replace(sample, test=sample.test.first(200))
        return Trainer(preset, recipe, few, engine=engine, seed=seed, train_size=train_size)

    return make
