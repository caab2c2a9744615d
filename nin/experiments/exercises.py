"""The exercises of the chapter, and the questions that its readers bring, as experiments.

Sized so that with `pocket` on two quiet cores each gives its first answer within three minutes; more
seeds, images and epochs make it more certain. Every setting of a comparison begins with the same
weights, as far as their shapes agree, and sees the same images in the same order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from nin.errors import SettingsError
from nin.experiments.description import Arm, Experiment

# Small batches: few images then still make many steps.
_SIZE = {"preset": "pocket", "recipe": "tuned", "batch_size": 32, "train_size": 3000, "test_size": 2000, "epochs": 3}
# The chapter's way: Adam at a constant rate, its last block, a ReLU behind the last convolution.
_BOOK = {
    "preset": "pocket", "recipe": "book-adam", "head": "one-step", "batch_size": 32,
    "train_size": 2500, "test_size": 1000, "epochs": 2,
}  # fmt: skip


def _arms(**settings: Mapping[str, Any]) -> tuple[Arm, ...]:
    return tuple(Arm(name.replace("_", "-"), values) for name, values in settings.items())


EXERCISES: dict[str, Experiment] = {
    experiment.name: experiment
    for experiment in (
        Experiment(
            "hyperparameters",
            kind="search",
            base={**_SIZE, "train_size": 1500, "test_size": 1000, "epochs": 2, "momentum": 0.9},
            trials=16,
        ),
        Experiment(
            "pointwise",
            tuple(Arm(f"pointwise-{count}", {"pointwise": count}) for count in range(4)),
            base=_SIZE,
        ),
        Experiment(
            "resources",
            kind="resources",
            base={"preset": "pocket", "input_sizes": [28, 56, 112], "batch_sizes": [16, 64, 256]},
        ),
        Experiment(
            "heads",
            _arms(
                one_step={"head": "one-step"},
                gradual={"head": "gradual"},
                max_pooling={"head": "one-step", "pooling": "max"},
                dense={"head": "dense"},
            ),
            base=_SIZE,
        ),
        Experiment(
            "initialisation",
            tuple(
                Arm(f"{init}-{'logits' if logit_head else 'relu'}", {"init": init, "logit_head": logit_head})
                for logit_head in (False, True)
                for init in ("default", "xavier", "he", "he-identity")
            ),
            base=_BOOK,
        ),
        Experiment(
            "optimizers",
            _arms(
                sgd={"optimizer": "sgd", "lr": 0.1, "schedule": "constant"},
                sgd_momentum={"optimizer": "sgd", "lr": 0.02, "momentum": 0.9, "schedule": "constant"},
                sgd_one_cycle={"optimizer": "sgd", "lr": 0.04, "momentum": 0.9, "schedule": "one-cycle"},
                adam={"optimizer": "adam", "lr": 2e-3, "weight_decay": 0.0, "schedule": "constant"},
                adamw_one_cycle={"optimizer": "adamw", "lr": 4e-3, "schedule": "one-cycle"},
            ),
            base=_SIZE,
        ),
    )
}


def exercise(name: str, *, size: Mapping[str, Any] | None = None) -> Experiment:
    """The exercise called `name`; `size` replaces fields of its base: preset, train_size, epochs, data."""
    if name not in EXERCISES:
        raise SettingsError(
            "there is no exercise {name!r}: choose one of {choices}", name=name, choices=", ".join(EXERCISES)
        )
    found = EXERCISES[name]
    changes = {key: value for key, value in (size or {}).items() if value is not None}
    return replace(found, base={**found.base, **changes}) if changes else found
