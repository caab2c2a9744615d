"""An experiment, described: what it asks, what varies in it, and what stays the same."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from itertools import product
from typing import Any

from nin.errors import SettingsError
from nin.storage.run import RunConfig

KINDS = ("compare", "search", "resources")
# What an experiment of one's own may vary, as fields of a run's configuration.
VARIABLE = (
    "pointwise", "head", "pooling", "init", "logit_head", "dropout", "optimizer", "lr", "schedule", "momentum",
    "weight_decay", "batch_size", "epochs", "train_size", "recipe", "preset",
)  # fmt: skip
# What a search searches through; over which values, nin.experiments.search says.
SEARCHED = ("optimizer", "lr", "batch_size", "dropout")
MOST_ARMS = 24
SEEDS_RANGE = (1, 20)


@dataclass(frozen=True)
class Arm:
    """One of the settings that are compared."""

    name: str  # its code within the experiment, and a part of its runs' directories
    settings: Mapping[str, Any] = field(hash=False)  # fields of RunConfig


@dataclass(frozen=True)
class Experiment:
    """What is to be found out, how; without how often, which may grow."""

    name: str  # one of EXERCISES, or "own"
    arms: tuple[Arm, ...] = ()  # of a comparison
    base: Mapping[str, Any] = field(default_factory=dict, hash=False)  # fields of RunConfig that all runs share
    kind: str = "compare"  # one of KINDS
    seeds: int = 1  # for a first answer
    trials: int = 0  # for a first answer of a search

    def __post_init__(self) -> None:
        if len(self.arms) > MOST_ARMS:
            raise SettingsError(
                "{count} settings are too many to compare: choose at most {most}", count=len(self.arms), most=MOST_ARMS
            )
        if len({arm.name for arm in self.arms}) != len(self.arms):
            raise SettingsError("two of the settings are the same: leave one out")
        for arm in self.arms:
            self.config(arm, seed=0)

    @property
    def id(self) -> str:
        """Names its directory: the same for the same description, however many seeds it is run with."""
        asked = {"arms": [[arm.name, dict(arm.settings)] for arm in self.arms], "base": dict(self.base)}
        digest = hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()
        return f"{self.name}-{digest[:8]}"

    def config(self, arm: Arm, seed: int) -> RunConfig:
        """The ordinary run of one setting and seed; SettingsError where that cannot be."""
        return RunConfig(**{**self.base, **arm.settings, "seed": seed})

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON."""
        plain = {name: getattr(self, name) for name in ("name", "kind", "seeds", "trials")}
        arms = [{"name": arm.name, "settings": dict(arm.settings)} for arm in self.arms]
        return {**plain, "base": dict(self.base), "arms": arms}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Experiment:
        known = {field.name for field in fields(cls)}
        arms = tuple(Arm(arm["name"], arm["settings"]) for arm in values.get("arms", ()))
        return cls(**{**{name: value for name, value in values.items() if name in known}, "arms": arms})


def own_experiment(varied: Mapping[str, list[Any]], base: Mapping[str, Any], seeds: int = 1) -> Experiment:
    """An experiment that a person puts together: every combination of the values; SettingsError where it cannot be."""
    for name, values in varied.items():
        if name not in VARIABLE:
            raise SettingsError(
                "{name!r} cannot be varied: choose one of {choices}", name=name, choices=", ".join(VARIABLE)
            )
        if not values:
            raise SettingsError("there are no values for {name}: choose some", name=name)
    if not varied:
        raise SettingsError("nothing varies: choose what to vary, and over which values")
    combinations = [dict(zip(varied, values, strict=True)) for values in product(*varied.values())]
    arms = tuple(Arm(_code(settings), settings) for settings in combinations)
    return Experiment("own", arms, base, seeds=seeds)


def _code(settings: Mapping[str, Any]) -> str:
    return re.sub(r"[^\w.-]", "", "_".join(f"{name}-{value}" for name, value in settings.items()))[:80]


def parse_value(name: str, text: str) -> Any:
    """What a person writes for a value of `name`; SettingsError where it is no such thing."""
    kind = next(field.type for field in fields(RunConfig) if field.name == name)
    try:
        if "bool" in kind:
            return {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}[text.lower()]
        if "int" in kind:
            return int(text)
        return float(text) if "float" in kind else text
    except (KeyError, ValueError) as error:
        raise SettingsError(
            "{text!r} is no value for {name}: choose {kind}", text=text, name=name, kind=kind.partition(" ")[0]
        ) from error
