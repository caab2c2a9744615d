"""What the settings of an experiment are called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nin.experiments.description import Experiment
from ui.base.colours import CLASS_COLOURS
from ui.base.text import t


def arm_label(experiment: Experiment, name: str) -> str:
    """Of a comparison's setting, by its code."""
    if experiment.name != "own":
        return t(f"experiments.arm_{name}")
    settings = next((arm.settings for arm in experiment.arms if arm.name == name), {})
    return settings_label(settings)


def settings_label(settings: Mapping[str, Any]) -> str:
    return ", ".join(f"{t(f'experiments.setting_{name}')} {value_label(value)}" for name, value in settings.items())


def value_label(value: Any) -> str:
    if isinstance(value, bool):
        return t("experiments.yes" if value else "experiments.no")
    return f"{value:g}" if isinstance(value, float) else str(value)


def colour_of(experiment: Experiment, name: str) -> str:
    """The same in every chart and for as long as the experiment has this setting."""
    names = [arm.name for arm in experiment.arms]
    return CLASS_COLOURS[names.index(name) % len(CLASS_COLOURS)] if name in names else CLASS_COLOURS[0]


def size_label(experiment: Experiment) -> str:
    """What every run of it has in common."""
    base = {"epochs": 1, **experiment.base}
    return t(
        "experiments.size_told",
        preset=base.get("preset", ""),
        recipe=base.get("recipe", ""),
        images=f"{base['train_size']:,}" if base.get("train_size") else t("experiments.all_images"),
        epochs=base["epochs"],
        test=f"{base['test_size']:,}" if base.get("test_size") else t("experiments.all_images"),
    )
