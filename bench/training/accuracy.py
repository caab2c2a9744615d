"""How accurate a recipe is: several seeds, their mean and spread.

    python -m bench.training.accuracy --preset pocket --epochs 5 --seeds 0 1 2 [--set augment=flip lr=0.004]
    python -m bench.training.accuracy --preset pocket --final

Without --final nothing of the test set is looked at: the last 5,000 training images are left out
of training and stand for it, so that settings may be compared by them. With --final a frozen
recipe is trained on all 60,000 images and judged by the 10,000 test images. The figure is the
last epoch's, by which nothing was chosen, without test-time augmentation. Prints one line of JSON a seed, then
their summary.
"""

from __future__ import annotations

import argparse
import json
import statistics
from dataclasses import fields, replace
from typing import Any

from nin.data import dataset as data
from nin.data.dataset import HELD_OUT, Dataset
from nin.engine.device import choose_engine, use_all_cores
from nin.presets import Preset, Recipe, preset_named, recipe_named
from nin.training.fit import fit
from nin.training.records import Epoch
from nin.training.trainer import Trainer


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--preset", default="pocket")
    parser.add_argument("--recipe", default="tuned")
    parser.add_argument("--epochs", type=int)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--set", nargs="*", default=[], metavar="NAME=VALUE", help="fields of the recipe to change")
    parser.add_argument("--final", action="store_true", help="all training images, and the test set")
    parser.add_argument("--train-size", type=int, help="train on the first N images only")
    options = parser.parse_args()
    use_all_cores()
    preset = preset_named(options.preset)
    changes = dict(_change(setting) for setting in options.set)
    if options.epochs:
        changes["epochs"] = options.epochs
    recipe = replace(recipe_named(options.recipe, preset), **changes)
    dataset = data.load() if options.final else held_out(data.load())
    runs = []
    for seed in options.seeds:
        runs.append(train(preset, recipe, dataset, seed, options.train_size))
        print(json.dumps(runs[-1]), flush=True)
    last = [run["accuracy"][-1] for run in runs]
    print(
        json.dumps(
            {
                "preset": preset.name,
                "recipe": recipe.name,
                "changes": changes,
                "data": f"{'test set' if options.final else 'held-out training images'} ({dataset.source})",
                "n": len(dataset.test.labels),
                "seeds": options.seeds,
                "mean": round(statistics.mean(last), 4),
                "spread": round(statistics.stdev(last), 4) if len(last) > 1 else None,  # standard deviation
            }
        )
    )


def _change(setting: str) -> tuple[str, Any]:
    name, _, value = setting.partition("=")
    if name not in {field.name for field in fields(Recipe)}:
        raise SystemExit(f"a recipe has no field {name!r}")
    try:
        return name, json.loads(value)
    except json.JSONDecodeError:
        return name, value


def held_out(dataset: Dataset) -> Dataset:
    """The data set with the last training images in place of its test set."""
    if not dataset.is_full:
        raise SystemExit("this needs the full data set: python -m nin data --fetch")
    kept = len(dataset.train.labels) - HELD_OUT
    return replace(dataset, train=dataset.train.first(kept), test=dataset.train.last(HELD_OUT))


def train(preset: Preset, recipe: Recipe, dataset: Dataset, seed: int, train_size: int | None) -> dict[str, Any]:
    """One run's accuracy after each epoch; before the last one on part of the images where they would take long."""
    trainer = Trainer(preset, recipe, dataset, engine=choose_engine(), seed=seed, train_size=train_size)
    epochs = [record for record in fit(trainer) if isinstance(record, Epoch)]
    return {
        "seed": seed,
        "accuracy": [round(epoch.test_accuracy, 4) for epoch in epochs],
        "train_accuracy": [round(epoch.train_accuracy, 4) for epoch in epochs],
        "seconds": [round(epoch.seconds, 1) for epoch in epochs],
    }


if __name__ == "__main__":
    main()
