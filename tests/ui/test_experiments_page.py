"""The Experiments page: every question opens, a guess stands beside the result, buttons do what they say."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from nin.experiments import launch
from nin.experiments.exercises import EXERCISES, exercise
from nin.experiments.folder import ExperimentFolder, all_experiments
from nin.experiments.report import STORED
from nin.paths import ROOT
from nin.storage.files import write_json
from ui.experiments.certainty import in_advance
from ui.experiments.question import questions
from ui.experiments.results import to_csv

SIGNAL = {"layers": ["0.0", "1.0"], "spread": [1.0, 0.1], "dead_logits": 0.5, "dead_classes": 5}


def opened(name: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    app.session_state["experiments_chosen"] = name
    app.switch_page("pages/experiments.py")
    return app.run()


def result(arm: str, seed: int, accuracy: float) -> dict[str, Any]:
    epochs = [{"epoch": number, "test_accuracy": accuracy - 0.1 / number, "step": 10 * number} for number in (1, 2)]
    return {
        "arm": arm, "seed": seed, "state": "done", "test_accuracy": accuracy, "test_n": 500, "train_accuracy": accuracy + 0.02,
        "gap": 0.02, "parameters": 1000, "forward_macs": 10**6, "seconds": 3.0, "wall_seconds": 4.0, "stalled": False,
        "settings": {"batch_size": 32, "optimizer": "adam"}, "epochs": epochs, "curve": [[10, 2.0], [20, 1.5]], "signal": SIGNAL,
    }  # fmt: skip


def with_results(name: str, seeds: int = 1) -> ExperimentFolder:
    folder = ExperimentFolder.create(exercise(name))
    folder.want(seeds=seeds)
    for planned in folder.planned():
        accuracy = 0.7 + 0.01 * [arm.name for arm in folder.experiment().arms].index(planned.arm)
        write_json(planned.run.path / "result.json", result(planned.arm, planned.seed, accuracy))
    return folder


@pytest.mark.parametrize("name", [*EXERCISES, "own", "published"])
def test_every_question_opens(name: str) -> None:
    app = opened(name)
    assert not app.exception
    assert not app.error
    assert any(header.value for header in app.header)
    if name in EXERCISES:
        assert [button.label for button in app.button if button.key == "experiment_go"] == ["Go"]
        assert (
            any("What was found here" in found.value for found in app.subheader) == (STORED / f"{name}.json").is_file()
        )


@pytest.mark.parametrize("name", [name for name, found in EXERCISES.items() if found.kind == "compare"])
def test_results_are_told_and_stand_in_a_table(name: str) -> None:
    folder = with_results(name)
    app = opened(name)
    assert not app.exception
    assert not app.error
    own = [frame.value for frame in app.dataframe if len(frame.value) == len(folder.experiment().arms)]
    assert own[0]["test_accuracy"].tolist() == pytest.approx([0.7 + 0.01 * place for place in range(len(own[0]))])
    assert any("came out ahead" in text.value for text in app.markdown)
    assert any("another seed" in text.value for text in app.caption)


def test_a_guess_is_put_down_and_stands_beside_the_result() -> None:
    app = opened("heads")
    folder = ExperimentFolder.of(exercise("heads"))
    app.selectbox(key=f"guess_arm_{folder.id}").select("dense")
    app.number_input(key=f"guess_accuracy_{folder.id}").set_value(70.0)
    next(button for button in app.button if button.label == "Write it down").click()
    app.run()
    assert [(guess["arm"], guess["accuracy"]) for guess in folder.guesses()] == [("dense", 0.7)]
    with_results("heads")
    app.run()
    table = app.table[0].value
    assert table["Guess"].tolist() == ["fully connected", "70.0%"]
    assert table["Result"].tolist() == ["fully connected", "73.0%"]
    assert table["Right, or off by"].tolist() == ["✓", "-3.0"]


SEARCH = {
    "trials": [{"number": n, "accuracy": 0.5 + n / 100, "optimizer": "sgd", "lr": 0.02, "batch_size": 32, "dropout": 0.1} for n in range(16)],
    "importance": {"lr": 0.7, "optimizer": 0.2, "batch_size": 0.1, "dropout": 0.0},
}  # fmt: skip
RESOURCE = {
    "arm": "112px-256", "seed": 0, "input_size": 112, "batch_size": 256, "measured_train_bytes": 900 * 2**20, "parameters": 1,
    "predicted_train_bytes": 900 * 2**20, "measured_predict_bytes": 2**20, "predicted_predict_bytes": 2**20, "forward_macs": 10**6,
    "seconds_per_image": 0.01, "wall_seconds": 1.0,
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "guess", "told"),
    [
        (
            "hyperparameters",
            {"matters": "lr", "optimizer": "adam", "lr": 0.1, "accuracy": 0.6},
            ["✓", "✗", "✗", "-5.0"],
        ),
        ("resources", {"memory": 500.0, "speed": 120.0}, ["-400", "+20"]),
        ("initialisation", {"arm": "default-relu", "accuracy": 0.77, "stalled": 3}, ["✗", "+0.0", "+2"]),
        ("optimizers", {"arm": "adamw-one-cycle", "early": "sgd", "accuracy": 0.8}, ["✓", "✗", "+6.0"]),
    ],
)
def test_every_exercise_has_its_own_guess_and_answers_it(name: str, guess: dict[str, Any], told: list[str]) -> None:
    experiment = exercise(name)
    match experiment.kind:
        case "search":
            results, search = [], SEARCH
        case "resources":
            results, search = [RESOURCE], {}
        case _:
            results, search = [result(arm.name, 0, 0.7 + 0.01 * n) for n, arm in enumerate(experiment.arms)], {}
            results[0]["stalled"] = True
    asked = questions(experiment)
    assert {question.name for question in asked} == guess.keys()
    assert [question.apart(guess[question.name], question.answer(results, search)) for question in asked] == told
    assert all(question.answer([], {}) is None for question in asked if question.name != "stalled")


def test_the_form_of_every_kind_takes_a_guess() -> None:
    for name in ("hyperparameters", "resources"):
        app = opened(name)
        next(button for button in app.button if button.label == "Write it down").click()
        app.run()
        assert not app.exception
        assert len(ExperimentFolder.of(exercise(name)).guesses()) == 1


def test_what_an_answer_takes_and_what_more_seeds_leave_open_is_said_before_it_is_run() -> None:
    arms = [arm.name for arm in exercise("heads").arms]
    rows = [{**result(arm, seed, 0.7 + 0.02 * seed), "cpu_seconds": 45.0} for arm in arms for seed in (0, 1)]
    report = {"experiment": exercise("heads").to_dict(), "machine": {"hardware": "two cores"}, "results": rows}
    told = in_advance(exercise("heads"), report)
    assert "took 3 min of processor time" in told
    assert "about 1 min 30 s on two such cores" in told
    assert "test images have is known: ±2.0 points" in told  # 1.96 sqrt(0.72 0.28 / 2000)
    assert "open by ±2.3 points" in told  # 3.18 x 1.41 / 2
    assert in_advance(exercise("heads", size={"epochs": 9}), report) == ""


def test_go_begins_it_and_more_seeds_go_on_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[tuple[str, dict]] = []
    monkeypatch.setattr("ui.experiments.runs.start", lambda folder, **wanted: begun.append((folder.id, wanted)))
    app = opened("pointwise")
    app.button(key="experiment_go").click().run()
    expected = exercise("pointwise").id
    assert begun == [(expected, {"seeds": 1})]
    assert [folder.id for folder in all_experiments()] == [expected]
    with_results("pointwise")
    app.run()
    assert app.button(key="experiment_go").disabled
    app.number_input(key="size_seeds_pointwise").set_value(2).run()
    assert (app.button(key="experiment_go").label, app.button(key="experiment_go").disabled) == ("Continue", False)


def test_what_runs_can_be_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = ExperimentFolder.create(exercise("pointwise"))
    monkeypatch.setattr(ExperimentFolder, "is_active", property(lambda self: not self.wants_stop))
    app = opened("pointwise")
    assert not app.exception
    app.button(key="experiment_stop").click().run()
    assert folder.wants_stop
    assert app.button(key="experiment_go").label == "Go"


def test_an_own_experiment_says_what_is_wrong_with_its_values() -> None:
    app = opened("own")
    app.text_input(key="own_values_1_lr").set_value("0.001, fast").run()
    assert any("'fast' is no value for lr" in error.value.replace("\\", "") for error in app.error)
    app.text_input(key="own_values_1_lr").set_value("0.001, 0.01").run()
    assert not app.error
    assert app.button(key="experiment_go").label == "Go"


def test_every_run_is_a_line_of_the_csv() -> None:
    lines = to_csv([result("a", 0, 0.5), result("b", 1, 0.6)]).splitlines()
    assert len(lines) == 3
    assert "set_optimizer" in lines[0]


def test_a_process_that_was_started_counts_as_at_work_before_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    started = []

    class Process:
        pid = __import__("os").getpid()

        def __init__(self, command: list[str], **_: object) -> None:
            started.append(command)

    monkeypatch.setattr(launch.subprocess, "Popen", Process)
    folder = ExperimentFolder.create(replace(exercise("heads"), seeds=2))
    launch.start(folder, seeds=3)
    launch.start(folder, seeds=4)
    assert len(started) == 1
    assert (folder.seeds, folder.is_active) == (4, True)
    assert math.isclose(folder.progress().share, 0.0)
