"""The table of runs: what is chosen stays chosen, numbers are numbers, and it says how a run ended."""

from __future__ import annotations

import json
from typing import Any

import pytest

from nin.paths import runs_directory
from nin.storage.files import write_json
from nin.storage.run import Run, RunConfig
from nin.training.diagnosis import Diagnosis
from ui.charts.layout import COLOURS
from ui.train import run_actions, runs_table, session


@pytest.fixture
def state(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The session of a visitor."""
    state: dict[str, Any] = {}
    monkeypatch.setattr(runs_table.st, "session_state", state)
    return state


def write_run(second: int, state: str = "done", **status: object) -> Run:
    run = Run.create(RunConfig(preset="pocket", epochs=5), runs_directory() / f"20991231-1200{second:02d}-pocket-test")
    row = {"kind": "step", "step": 1, "loss": 2.3, "accuracy": 0.1, "lr": 0.1}
    run.metrics_path.write_text(json.dumps(row) + "\n")
    write_json(run.path / "status.json", {"state": state, "diagnosis": None, "seconds": 90.0, "epochs": 5, **status})
    return run


def choose(state: dict[str, Any], runs: list[Run], *rows: int) -> list[Run]:
    """Click rows of the table as it stands, then let the page be drawn."""
    state[runs_table._key(runs)] = {"selection": {"rows": list(rows)}}
    return runs_table.chosen_runs()


def test_start_keeps_what_is_chosen_and_draws_the_new_run_beside_it(state: dict[str, Any]) -> None:
    old, older = write_run(2), write_run(1)
    assert choose(state, [old, older], 1) == [older]
    assert choose(state, [old, older], 0, 1) == [older, old]  # each keeps its colour
    new = write_run(3)
    state[session.OWN] = new.id
    assert runs_table.chosen_runs() == [older, old, new]
    assert choose(state, [new, old, older], 0, 2) == [older, new]  # and can be taken away


def test_the_new_run_is_drawn_even_where_all_colours_are_taken(state: dict[str, Any]) -> None:
    runs = [write_run(number) for number in range(len(COLOURS), 0, -1)]
    assert len(choose(state, runs, *range(len(runs)))) == len(COLOURS)
    new = write_run(9)
    state[session.OWN] = new.id
    assert runs_table.chosen_runs()[-1] == new


def test_time_and_epochs_sort_as_numbers() -> None:
    run = write_run(1)
    row = runs_table._row(run)
    assert (row["epochs"], row["of"], row["minutes"]) == (0, 5, 1.5)
    with run.metrics_path.open("a") as file:
        for epoch in (1, 2):
            file.write(json.dumps({"kind": "epoch", "epoch": epoch, "step": epoch, "test_accuracy": 0.5}) + "\n")
    assert runs_table._row(run)["epochs"] == 2
    assert list(row)[:3] == ["name", "state", "test_accuracy"]
    assert (row["name"], row["batch_size"]) == ("pocket tuned 12:00:01", 128)


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (None, "done"),
        (Diagnosis("exploded", 85, "guessing", 120, 0.04, 0.97, 430.0), "done, guesses"),
        (Diagnosis("exploded", 85, "learning", 120, 0.04, 0.97, 430.0), "done"),
    ],
)
def test_a_ruined_run_does_not_look_like_a_good_one(found: Diagnosis | None, said: str) -> None:
    assert runs_table._row(write_run(1, diagnosis=found and found.to_dict()))["state"] == said


def test_a_run_that_was_stopped_while_it_waited_offers_no_checkpoint() -> None:
    run = write_run(1, "stopped")
    assert run_actions._way_on(run) == "begin"
    run.checkpoint_path(0).parent.mkdir()
    run.checkpoint_path(0).touch()
    assert run_actions._way_on(run) == "go_on"
