"""Runs as columns: what was read is kept, what is new is added, and nothing is left out at the end."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from nin.storage.run import Run, RunConfig
from ui.charts.series import Series, series


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run.create(RunConfig(preset="pocket"), tmp_path / "run")


def report(run: Run, *rows: dict) -> None:
    with run.metrics_path.open("a") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)


def step(number: int) -> dict:
    return {"kind": "step", "step": number, "loss": 1 / number, "accuracy": number / 100}


def test_rows_become_columns() -> None:
    event = {"kind": "event", "step": 2, "what": "paused"}
    epoch = {"kind": "epoch", "epoch": 1, "step": 2}
    so_far = Series().extended([step(1), step(2), epoch]).extended([event, step(3)])
    assert so_far.steps.tolist() == [1, 2, 3]
    assert so_far.losses == pytest.approx(1 / np.arange(1, 4))
    assert so_far.accuracies == pytest.approx([0.01, 0.02, 0.03])
    assert (so_far.epochs, so_far.events) == ((epoch,), (event,))


def test_visitors_share_a_series_and_the_last_row_of_a_run_is_in_it(run: Run) -> None:
    assert not series(run, "running")
    report(run, step(1))
    first = series(run, "running")  # the first loss is not kept waiting
    assert first.steps.tolist() == [1]
    report(run, step(2))
    assert series(run, "running") is first
    assert series(run, "done").steps.tolist() == [1, 2]
    assert series(run, "done") is series(run, "done")


def test_a_resumed_run_is_read_anew(run: Run) -> None:
    report(run, step(1), step(2), step(3))
    assert len(series(run, "stopped").steps) == 3
    run.metrics_path.write_text(json.dumps(step(1)) + "\n")
    assert series(run, "stopped").steps.tolist() == [1]


def test_the_curves_of_a_run_that_an_earlier_version_wrote_are_read() -> None:
    earlier = Run(Path(__file__).parent.parent / "compatibility" / "made_by_86ab698" / "run")
    curves = series(earlier, earlier.state)
    assert curves.steps.tolist() == list(range(1, 17))
    assert np.isfinite(curves.losses).all()
    assert [row["test_n"] for row in curves.epochs] == [2000]
    assert [row["what"] for row in curves.events] == ["lr", "paused", "resumed"]
