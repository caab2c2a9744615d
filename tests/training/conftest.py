"""Fixtures of the tests of training."""

from dataclasses import replace

import pytest
import torch

from nin.data import dataset
from nin.training.trainer import Trainer
from tests.training.tiny import CPU, RECIPE, TINY


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def sample():
    return dataset.load("sample")


@pytest.fixture
def make(sample):
    def make(preset=TINY, recipe=RECIPE, *, engine=CPU, train_size=320, seed=0):
        few = replace(sample, test=sample.test.first(200))
        return Trainer(preset, recipe, few, engine=engine, seed=seed, train_size=train_size)

    return make
