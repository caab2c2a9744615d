"""The published training tables, run again: a run as a small result file, and what was published beside it."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nin.errors import RunError
from nin.experiments.report import STORED
from nin.paths import ROOT
from nin.storage.files import read_json, write_json
from nin.storage.run import Run
from nin.storage.weights import command_of

PUBLISHED = ROOT / "data" / "published_results.json"


def run_report(run: Run) -> dict[str, Any]:
    """Plain JSON of a run: how it was trained, on what and when, and each epoch; RunError for one without any."""
    config, status, rows = run.config().resolved(), run.status(), run.metrics()
    epochs = [row for row in rows if row["kind"] == "epoch"]
    if not epochs:
        raise RunError("run {run} has no finished epoch yet: let it train on", run=run.id)
    preset, recipe = config.network_recipe()
    before = [0.0, *(row["seconds"] for row in epochs)]
    names = ("train_loss", "train_accuracy", "train_eval_accuracy", "test_accuracy", "test_n")
    return {
        "preset": preset.name,
        "input_size": preset.architecture.input_size,
        "recipe": recipe.name,
        "optimizer": recipe.optimizer,
        "lr": recipe.lr,
        "batch_size": recipe.batch_size,
        "init": recipe.init,
        "logit_head": recipe.logit_head,
        "seed": config.seed,
        "state": status["state"],
        "of_epochs": status.get("epochs", config.epochs),
        "epochs": [
            {"epoch": row["epoch"], **{name: row[name] for name in names if name in row}, "seconds": round(row["seconds"] - start, 1)}
            for row, start in zip(epochs, before, strict=False)
        ],
        "changes": [row for row in rows if row["kind"] == "event" and row["what"] in ("lr", "epochs")],
        "diagnosis": status.get("diagnosis"),
        "data": status.get("data"),
        "hardware": status.get("hardware"),
        "device": status.get("device"),
        "threads": status.get("threads"),
        "bfloat16": status.get("bfloat16"),
        "begun": run.created,
        "command": command_of(config),
    }  # fmt: skip


def write_run_reports(runs: Sequence[Run], file: Path) -> None:
    write_json(file, {"runs": [run_report(run) for run in runs]})


def stored_runs() -> list[dict[str, Any]]:
    """Every run in the result files that come with the lab."""
    found = (read_json(path).get("runs", []) for path in sorted(STORED.glob("book-*.json")))
    return [run for runs in found for run in runs]


@dataclass(frozen=True)
class Comparison:
    """A published table, and the runs made here with its settings."""

    table: dict[str, Any]
    runs: tuple[dict[str, Any], ...]

    @property
    def published(self) -> dict[int, dict[str, Any]]:
        """By epoch; of some only the last was published."""
        if "epochs" in self.table:
            return {row["epoch"]: row for row in self.table["epochs"]}
        return {self.table["recipe"]["epochs"]: self.table["final"]}

    def measured(self, epoch: int, name: str) -> list[float]:
        return [row[name] for run in self.runs for row in run["epochs"] if row["epoch"] == epoch and name in row]

    def verdict(self, epoch: int) -> str | None:
        """Where the published test accuracy lies: "within", "above" or "below" what was seen here; None where nothing was.

        Seen is the range of the runs, widened by what 10,000 test images leave open of an accuracy (95 %).
        """
        seen, told = self.measured(epoch, "test_accuracy"), self.published.get(epoch, {}).get("test_acc")
        if not seen or told is None:
            return None
        open_ = 1.96 * math.sqrt(told * (1 - told) / min(self.measured(epoch, "test_n")))
        return "above" if told > max(seen) + open_ else "below" if told < min(seen) - open_ else "within"


def comparisons(runs: Sequence[dict[str, Any]] | None = None) -> list[Comparison]:
    """Each published table with the runs of the book's network with the same recipe, to its last ReLU."""
    tables = json.loads(PUBLISHED.read_text(encoding="utf-8"))["training_tables"]
    made = stored_runs() if runs is None else runs
    return [Comparison(table, tuple(run for run in made if _fits(run, table["recipe"]))) for table in tables]


_INITIALISATIONS = {"PyTorch default": "default", "Xavier uniform": "xavier"}  # as published, and as it is called here


def _fits(run: dict[str, Any], recipe: dict[str, Any]) -> bool:
    is_faithful = not run["changes"] and not run["logit_head"] and run["init"] == _INITIALISATIONS[recipe["init"]]
    same = ("optimizer", "lr", "batch_size", "input_size")
    return is_faithful and all(run[name] == recipe[name] for name in same)
