"""A network that trains in a moment, and what a test asks of a training."""

from dataclasses import replace

import torch

from nin.engine.device import Engine
from nin.model.architecture import Architecture, Block, Dropout, Pool
from nin.presets import RECIPES, Preset
from nin.training.fit import fit
from nin.training.records import Progress, Step

TINY = Preset(
    "tiny",
    Architecture(28, (Block((8, 8), 5, stride=3), Dropout(0.3), Block((16, 10), 3, padding=1))),
    "a network for tests",
)
ENLARGED = replace(
    TINY, architecture=Architecture(56, (Block((6, 6), 8, stride=4), Pool(), Dropout(0.5), Block((10,), 3)))
)
RECIPE = replace(RECIPES["tuned"], lr=1e-2, epochs=2, batch_size=32, augment="flip-shift")
CPU = Engine(torch.device("cpu"), bfloat16=False)


def run(trainer, *, until=None):
    """The records of a training, as far as step `until`; no Progress among them."""
    records = []
    for record in fit(trainer):
        if not isinstance(record, Progress):
            records.append(record)
        if until is not None and trainer.step >= until:
            break
    return records + list(trainer.unreported())


def losses(records):
    return [record.loss for record in records if isinstance(record, Step)]


def weights(trainer):
    return {name: tensor.clone() for name, tensor in trainer.model.state_dict().items()}


def assert_same_weights(a, b):
    for name, tensor in weights(a).items():
        assert torch.equal(tensor, weights(b)[name]), name
