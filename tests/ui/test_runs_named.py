"""Names, notes and stars of runs, as the table and the files take them; and what is listed in which order."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest

from nin.paths import runs_directory
from nin.storage.files import write_json
from nin.storage.label import Label, write_label
from nin.storage.run import Run, RunConfig
from ui.base import weights
from ui.base.runs import run_name
from ui.charts.export import curves_csv, table_csv
from ui.train import runs_table, session

EVIL = '=HYPERLINK("http://evil")<b>[x](y) :red[z] {0} %{y} $1$'


@pytest.fixture
def state(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    state: dict[str, Any] = {}
    monkeypatch.setattr(runs_table.st, "session_state", state)
    return state


def write_run(second: int, accuracy: float | None = None, recipe: str = "tuned", **label: Any) -> Run:
    config = RunConfig(preset="pocket", recipe=recipe, epochs=5)
    run = Run.create(config, runs_directory() / f"20991231-1200{second:02d}-pocket-test")
    rows = [{"kind": "step", "step": 1, "epoch": 1, "loss": 2.3, "accuracy": 0.1, "lr": 0.1, "seconds": 1.5}]
    rows += [{"kind": "event", "step": 1, "what": "lr", "lr": 0.01}]
    if accuracy is not None:
        rows.append({"kind": "epoch", "step": 2, "epoch": 1, "test_accuracy": accuracy, "test_n": 200, "seconds": 3.0})
    run.metrics_path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    write_json(run.path / "status.json", {"state": "done", "diagnosis": None, "batch_size": 128, "epochs": 5})
    write_label(run, Label(**label))
    return run


def test_a_run_is_called_as_it_was_named_and_a_star_stands_before_it(state: dict[str, Any]) -> None:
    run = write_run(1, name=EVIL, note="two\nlines", star=True)
    assert run_name(run) == EVIL
    row = runs_table._row(run)
    assert (row["name"], row["note"]) == (f"★ {EVIL}", "two lines")
    write_label(run, Label())
    assert runs_table._row(run)["name"] == run_name(run) == "pocket tuned 12:00:01"


def test_starred_runs_stand_on_top_whatever_the_order(state: dict[str, Any]) -> None:
    low, high = write_run(1, 0.5, star=True), write_run(2, 0.9)
    none, middle = write_run(3), write_run(4, 0.7, name="a name")
    runs = [middle, none, high, low]
    assert runs_table._listed(runs) == [low, middle, none, high]
    state[runs_table.ORDER] = "accuracy"
    assert runs_table._listed(runs) == [low, high, middle, none]
    state[runs_table.ORDER] = "name"
    assert runs_table._listed(runs) == [low, middle, high, none]


@pytest.mark.parametrize(
    ("words", "found"), [("GOLDEN pocket", 1), ("book-sgd", 1), ("done", 2), ("12:00", 1), ("no", 0)]
)
def test_runs_are_found_by_name_note_recipe_and_state(state: dict[str, Any], words: str, found: int) -> None:
    runs = [write_run(2, name="Golden run"), write_run(1, recipe="book-sgd", note="x")]
    state[runs_table.FILTER] = words
    assert len(runs_table._listed(runs)) == found


def test_what_is_chosen_stays_chosen_where_it_is_not_listed(state: dict[str, Any]) -> None:
    first, second = write_run(2, name="first"), write_run(1, name="second")
    state[runs_table._key([first, second])] = {"selection": {"rows": [0]}}
    assert runs_table.chosen_runs() == [first]
    state[runs_table.FILTER] = "second"
    assert runs_table.chosen_runs() == [first]
    state[runs_table._key([second])] = {"selection": {"rows": [0]}}
    assert runs_table.chosen_runs() == [first, second]
    state[session.OWN] = first.id  # and a run that was started, though it is not listed
    assert runs_table.chosen_runs() == [first, second]


def test_names_in_files_for_spreadsheets_are_no_formulas(state: dict[str, Any]) -> None:
    run = write_run(1, 0.5, name=EVIL, note="+1")
    lines = list(csv.DictReader(io.StringIO(curves_csv([run]), newline="")))
    assert [line["kind"] for line in lines] == ["step", "event", "epoch"]
    assert {line["name"] for line in lines} == {f"'{EVIL}"}
    step, event, epoch = lines
    assert (step["loss"], step["images"], step["seconds"], step["lr"]) == ("2.3", "128", "1.5", "0.1")
    assert (event["event"], epoch["test_accuracy"]) == ("lr 0.01", "0.5")
    (line,) = csv.DictReader(io.StringIO(table_csv([(run, runs_table._row(run))]), newline=""))
    assert (line["name"], line["note"]) == (f"'{EVIL}", "'+1")


def test_two_runs_of_one_name_can_be_told_apart_where_weights_are_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    for second in (1, 2):
        run = write_run(second, name="same")
        run.checkpoint_path(1).parent.mkdir()
        run.checkpoint_path(1).touch()
    labels = [choice.label for key, choice in weights.choices().items() if key.startswith("run:")]
    assert len(set(labels)) == 2
