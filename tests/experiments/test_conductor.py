"""An experiment is conducted through ordinary runs: stopped, gone on with, shared, and never done twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from nin.cli.parser import main
from nin.experiments import search
from nin.experiments.conductor import Conductor
from nin.experiments.description import own_experiment
from nin.experiments.exercises import exercise
from nin.experiments.folder import ExperimentFolder, Planned, Result, all_experiments
from nin.experiments.resources import conduct_resources
from nin.experiments.search import conduct_search
from nin.experiments.signal import signal_at_start
from nin.presets import PRESETS, RECIPES
from nin.storage.files import read_json, write_json
from nin.storage.run import Run, RunConfig
from tests.running import few_images

TINY = {"preset": "pocket", "recipe": "tuned", "train_size": 32, "test_size": 50, "batch_size": 16, "epochs": 1}


def test_an_experiment_is_stopped_gone_on_with_and_not_run_again() -> None:
    folder = ExperimentFolder.create(own_experiment({"head": ["block", "dense"]}, TINY))
    conductor = Conductor(folder, device="cpu", on_result=lambda _: folder.stop())
    assert conductor.conduct() == "stopped"
    assert [result["arm"] for result in folder.results()] == ["head-block"]
    folder.want(stop=False)
    trained: list[str] = []
    conductor = Conductor(folder, device="cpu", on_result=lambda result: trained.append(result["arm"]))
    assert (conductor.conduct(), trained) == ("done", ["head-dense"])
    assert conductor.conduct() == "done"
    assert len(trained) == 1
    assert folder.is_complete
    assert not folder.is_active
    block, dense = folder.results()
    assert dense["parameters"] > 5 * block["parameters"]
    assert (block["test_n"], block["train_n"]) == (50, 32)
    assert block["curve"][-1][0] == 2
    assert [path.name for path in folder.runs()[0].checkpoints().values()] == ["step-000002.safetensors"]
    assert [found.id for found in all_experiments()] == [folder.id]


def test_a_search_goes_on_with_the_trials_of_a_worker_that_was_stopped() -> None:
    folder = ExperimentFolder.create(replace(exercise("hyperparameters"), base={**TINY, "momentum": 0.9}, trials=2))
    folder.want(trials=1)
    gone = Conductor(folder, device="cpu")
    gone.train = lambda planned: Run.create(planned.config, planned.run.path) and folder.stop()  # begun, then ended
    conduct_search(gone)
    assert folder.results() == []
    folder.want(trials=2, stop=False)
    assert conduct_search(Conductor(folder, device="cpu")) == "done"
    assert [result["arm"] for result in folder.results()] == ["trial-0000", "trial-0001"]
    assert [trial["number"] for trial in read_json(folder.path / "search.json")["trials"]] == [0, 1]
    assert folder.is_complete


def test_workers_that_begin_at_once_share_a_search_without_doing_anything_twice() -> None:
    folder = ExperimentFolder.create(replace(exercise("hyperparameters"), base={**TINY, "momentum": 0.9}, trials=5))
    begun: list[tuple[str, RunConfig]] = []

    def measured(planned: Planned) -> Result:
        begun.append((planned.arm, planned.config))
        result = {"arm": planned.arm, "seed": 0, "state": "done", "test_accuracy": 0.5}
        write_json(planned.run.path / "result.json", result)
        return result

    conductors = [Conductor(folder, device="cpu") for _ in range(3)]
    for conductor in conductors:
        conductor.train = measured
    with ThreadPoolExecutor() as pool:
        assert list(pool.map(conduct_search, conductors)) == ["done"] * 3
    assert sorted(name for name, _ in begun) == [f"trial-{number:04d}" for number in range(5)]
    assert len({config.lr for _, config in begun}) == 5
    assert sorted(trial["number"] for trial in folder.search()["trials"]) == list(range(5))
    assert folder.is_complete


def test_a_trial_whose_process_was_gone_before_it_began_is_run_by_another(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = ExperimentFolder.create(replace(exercise("hyperparameters"), base={**TINY, "momentum": 0.9}, trials=1))
    gone = Conductor(folder, device="cpu")
    gone.train = lambda planned: folder.stop()
    conduct_search(gone)
    folder.want(stop=False)
    trained: list[str] = []
    conductor = Conductor(folder, device="cpu")
    conductor.train = lambda planned: trained.append(planned.arm) or folder.stop()
    assert conduct_search(conductor) == "done"  # it may be about to begin
    monkeypatch.setattr(search, "LOST_SECONDS", 0.0)
    conduct_search(conductor)
    assert trained == ["trial-0000"]


def test_resources_are_predicted_and_measured() -> None:
    found = exercise("resources", size={"input_sizes": [28], "batch_sizes": [8]})
    folder = ExperimentFolder.create(found)
    assert conduct_resources(Conductor(folder, device="cpu")) == "done"
    (result,) = folder.results()
    assert result["measured_train_bytes"] == pytest.approx(result["predicted_train_bytes"], rel=0.5)
    assert folder.is_complete


def test_the_signal_dies_out_where_runs_stall() -> None:
    """By default what differs between images is lost on the way through the book's network, with He it is not."""
    preset = PRESETS["classic-112"]
    ends = {
        init: signal_at_start(preset, replace(RECIPES["book-adam"], init=init), 0, few_images().train)
        for init in ("default", "he")
    }
    assert ends["default"].spread[-1] < ends["he"].spread[-1] / 100
    assert len(ends["he"].layers) == 12
    assert 0 <= ends["he"].dead_logits <= 1


def test_two_processes_share_an_experiment() -> None:
    size = ["--train-size", "32", "--test-size", "50", "--epochs", "1", "--device", "cpu"]
    assert main(["study", "own", "--vary", "pointwise=0,1", "--workers", "2", *size]) == 0
    (folder,) = all_experiments()
    assert folder.is_complete
    assert not folder.is_active
    assert sorted(result["arm"] for result in folder.results()) == ["pointwise-0", "pointwise-1"]


def test_the_command_line_conducts_and_writes_what_was_found(tmp_path, capsys) -> None:
    size = ["--train-size", "32", "--test-size", "50", "--epochs", "1"]
    file = tmp_path / "found.json"
    assert main(["study", "own", "--vary", "pointwise=0", *size, "--out", str(file)]) == 0
    assert file.is_file()
    assert main(["study", "own", "--vary", "colour=red"]) == 2
    assert "cannot be varied" in capsys.readouterr().err
    assert main(["study", "nothing"]) == 2
    assert main(["study"]) == 2
