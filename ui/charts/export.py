"""What runs have reported, as files for a spreadsheet or a program."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from nin.storage.label import label_of
from nin.storage.run import Run
from ui.base.csv_text import csv_text
from ui.base.runs import config_of, run_name
from ui.charts.series import Row

_OF_STEPS = {"loss": "loss", "accuracy": "batch_accuracy", "lr": "lr", "images_per_second": "images_per_second"}
_OF_EPOCHS = ("train_loss", "train_accuracy", "train_eval_accuracy", "train_eval_n", "test_accuracy", "test_n")
_COLUMNS = ("run", "name", "kind", "step", "epoch", "images", "seconds", *_OF_STEPS.values(), *_OF_EPOCHS, "event")


def curves_csv(runs: Iterable[Run]) -> str:
    """All that was reported of `runs`, unsmoothed: a line for each step, each epoch's end and each event."""
    return csv_text(_COLUMNS, (line for run in runs for line in _lines(run)))


def _lines(run: Run) -> Iterator[tuple[Any, ...]]:
    config, status = config_of(run), run.status()
    batch_size = status.get("batch_size") or (config.resolved().batch_size if config else None)
    name = run_name(run)
    for row in run.metrics():
        step = row.get("step")
        images = None if step is None or not batch_size else step * batch_size
        of_step = [row.get(part) if row["kind"] == "step" else None for part in _OF_STEPS]
        of_epoch = [row.get(part) if row["kind"] == "epoch" else None for part in _OF_EPOCHS]
        where = (run.id, name, row["kind"], step, row.get("epoch"), images, row.get("seconds"))
        yield (*where, *of_step, *of_epoch, _event(row))


def _event(row: Row) -> str | None:
    if row["kind"] != "event":
        return None
    value = row.get("lr") if row["what"] == "lr" else row.get("epochs")
    return row["what"] if value is None else f"{row['what']} {value:g}"


def table_csv(rows: Iterable[tuple[Run, dict[str, object]]]) -> str:
    """The table as it is listed, in full."""
    listed = list(rows)
    columns = list(listed[0][1]) if listed else []
    lines = ((run.id, *row.values(), label_of(run).note) for run, row in listed)
    return csv_text(["run", *columns, "note"], lines)
