"""What experiments found, put together: means, spreads, differences seed by seed, and published tables."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from nin.errors import RunError
from nin.experiments.exercises import EXERCISES, exercise
from nin.experiments.folder import ExperimentFolder
from nin.experiments.published import comparisons, run_report
from nin.experiments.report import (
    STORED,
    by_arm,
    difference,
    first_answer_cpu_seconds,
    stored_report,
    uncertainty,
    write_report,
)
from nin.storage.files import write_json
from nin.storage.run import Run, RunConfig


def result(arm: str, seed: int, accuracy: float, **more: object) -> dict:
    values = {"arm": arm, "seed": seed, "state": "done", "test_accuracy": accuracy, "test_n": 1000, "stalled": False}
    return {**values, "wall_seconds": 10.0, **more}


def test_settings_come_in_their_order_with_mean_and_spread() -> None:
    rows = [result("b", 0, 0.7), result("a", 1, 0.9), result("a", 0, 0.8), result("b", 1, 0.7, stalled=True)]
    first, second = by_arm(rows, ["a", "b"])
    assert (first.arm, first.mean("test_accuracy"), second.stalled) == ("a", pytest.approx(0.85), 1)
    assert first.spread("test_accuracy") == pytest.approx(math.sqrt(0.005))
    assert [row["seed"] for row in first.results] == [0, 1]


def test_one_seed_leaves_open_what_its_test_images_leave_open_and_more_seeds_leave_less() -> None:
    one = by_arm([result("a", 0, 0.8)])[0]
    assert uncertainty(one) == pytest.approx(1.96 * math.sqrt(0.16 / 1000))
    three, six = (by_arm([result("a", seed, 0.8 + 0.01 * (seed % 2)) for seed in range(n)])[0] for n in (3, 6))
    assert uncertainty(six) < uncertainty(three)


def test_a_first_answer_is_one_seed_of_each_setting_or_a_searchs_trials() -> None:
    rows = [result(arm, seed, 0.5, cpu_seconds=30.0) for arm in "ab" for seed in (0, 1)]
    compared = {"experiment": {"kind": "compare", "trials": 0}, "results": rows}
    assert first_answer_cpu_seconds(compared) == 60
    searched = {"experiment": {"kind": "search", "trials": 3}, "results": rows}
    assert first_answer_cpu_seconds(searched) == 90
    assert first_answer_cpu_seconds({**compared, "results": [result("a", 0, 0.5)]}) is None  # an earlier version's


def test_a_difference_is_taken_seed_by_seed() -> None:
    one, other = by_arm(
        [result(arm, seed, 0.5 + 0.1 * seed + gain) for arm, gain in (("a", 0.02), ("b", 0)) for seed in (0, 1, 2)]
    )
    mean, half = difference(one, other)
    assert mean == pytest.approx(0.02)
    assert half == pytest.approx(0.0, abs=1e-6)


def test_progress_is_counted_from_what_is_there() -> None:
    folder = ExperimentFolder.create(exercise("pointwise"))
    assert (folder.progress().done, folder.progress().total, folder.progress().seconds_left) == (0, 4, None)
    write_json(folder.run("pointwise-0-s0").path / "result.json", result("pointwise-0", 0, 0.8))
    progress = folder.progress()
    assert (progress.done, progress.share, progress.seconds_left) == (1, 0.25, pytest.approx(30.0))
    assert not folder.is_active


def test_guesses_are_kept_with_how_much_was_known() -> None:
    folder = ExperimentFolder.of(exercise("heads"))
    folder.guess({"arm": "dense", "accuracy": 0.8}, "Ada")
    folder.guess({"arm": "gradual"})
    assert [(guess["arm"], guess["name"], guess["after"]) for guess in folder.guesses()] == [
        ("dense", "Ada", 0),
        ("gradual", "", 0),
    ]


def test_a_report_says_how_on_what_and_when(tmp_path: Path) -> None:
    folder = ExperimentFolder.create(exercise("heads"))
    write_json(folder.run("dense-s0").path / "result.json", result("dense", 0, 0.8, hardware="AMD EPYC", threads=2))
    write_report(folder, tmp_path / "heads.json", "python -m nin study heads")
    report = json.loads((tmp_path / "heads.json").read_text())
    assert report["command"] == "python -m nin study heads"
    assert report["machine"]["hardware"] == "AMD EPYC"
    assert report["results"][0]["arm"] == "dense"


@pytest.mark.parametrize("name", sorted(path.stem for path in STORED.glob("*.json") if path.stem in EXERCISES))
def test_a_stored_report_belongs_to_its_exercise(name: str) -> None:
    report = stored_report(name)
    assert report["experiment"]["name"] == name
    assert report["when"]
    assert report["machine"]["hardware"]
    arms = {arm.name for arm in EXERCISES[name].arms}
    assert not arms or {row["arm"] for row in report["results"]} == arms


def run_of(accuracies: list[float]) -> dict:
    epochs = [
        {
            "epoch": number,
            "train_loss": 1.0,
            "train_accuracy": 0.5,
            "test_accuracy": accuracy,
            "test_n": 10_000,
            "seconds": 60.0,
        }
        for number, accuracy in enumerate(accuracies, start=1)
    ]
    recipe = {"optimizer": "adam", "lr": 0.002, "batch_size": 128, "input_size": 224, "init": "default"}
    return {**recipe, "logit_head": False, "changes": [], "epochs": epochs}


def test_a_published_figure_lies_within_what_was_seen_or_it_does_not() -> None:
    runs = [run_of([0.70, 0.75, 0.80, 0.81, 0.825]), run_of([0.72, 0.77, 0.82, 0.83, 0.84])]
    d2l, note, sgd, _ = comparisons(runs)
    assert d2l.verdict(5) == "within"
    assert note.verdict(5) == "above"
    assert sgd.verdict(10) is None
    for other in ({"changes": [{"what": "lr"}]}, {"init": "xavier"}, {"logit_head": True}):
        assert comparisons([{**run_of([0.9]), **other}])[0].runs == ()


def test_a_run_directory_becomes_a_result_file() -> None:
    run = Run.create(RunConfig(preset="classic", recipe="book-adam", seed=3))
    with pytest.raises(RunError, match="no finished epoch yet"):
        run_report(run)
    rows = [
        {"kind": "epoch", "epoch": 1, "step": 468, "train_loss": 1.3, "train_accuracy": 0.5, "test_accuracy": 0.7, "test_n": 10_000, "seconds": 100.0},
        {"kind": "epoch", "epoch": 2, "step": 936, "train_loss": 0.6, "train_accuracy": 0.7, "test_accuracy": 0.8, "test_n": 10_000, "seconds": 190.0},
    ]  # fmt: skip
    run.metrics_path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    report = run_report(run)
    assert [row["seconds"] for row in report["epochs"]] == [100.0, 90.0]
    assert report["command"] == "python -m nin train --preset classic --recipe book-adam --epochs 5 --lr 0.002 --seed 3"
    assert comparisons([report])[0].measured(2, "test_accuracy") == [0.8]
