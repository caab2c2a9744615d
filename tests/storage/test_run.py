"""The run directory: settings are checked, states are true, readers tolerate writers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nin.errors import LabError, RunError, SettingsError
from nin.presets import PRESETS, RECIPES
from nin.storage.files import read_json, write_bytes, write_json
from nin.storage.metrics import MetricsTail
from nin.storage.process_id import process_identity, this_process
from nin.storage.run import Run, RunConfig, Wanted, all_runs


@pytest.fixture
def run() -> Run:
    return Run.create(RunConfig(preset="pocket", recipe="book-adam"))


def test_a_new_run_says_what_was_asked_and_what_is_wanted(run: Run) -> None:
    config = read_json(run.path / "config.json")
    assert (config["preset"], config["recipe"], config["lr"], config["epochs"]) == ("pocket", "book-adam", 0.002, 5)
    assert read_json(run.path / "control.json") == {"lr": 0.002, "paused": False, "stop": False, "epochs": 5}
    assert run.config() == RunConfig(preset="pocket", recipe="book-adam").resolved()


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("recipe", RECIPES)
def test_every_recipe_can_be_asked_for_with_every_network(preset: str, recipe: str) -> None:
    config = RunConfig(preset=preset, recipe=recipe, lr=0.5, epochs=3, optimizer="sgd", batch_size=16).resolved()
    _, changed = config.network_recipe()
    assert (changed.lr, changed.epochs, changed.optimizer, changed.batch_size) == (0.5, 3, "sgd", 16)
    assert changed.init == RECIPES[recipe].init


def test_a_runs_own_settings_take_the_place_of_recipe_and_network() -> None:
    own = {"init": "xavier", "dropout": 0.1, "logit_head": False, "weight_decay": 0.3, "schedule": "constant"}
    preset, recipe = RunConfig(preset="pocket", pointwise=0, head="dense", momentum=0.9, **own).network_recipe()
    assert {name: getattr(recipe, name) for name in own} == own
    assert (recipe.momentum, recipe.lr) == (0.9, 0.004)
    assert (preset.architecture.pointwise, preset.architecture.head) == (0, "dense")
    assert RunConfig(preset="pocket").network_recipe()[0] == PRESETS["pocket"]


def test_a_directory_with_a_run_is_not_overwritten(run: Run) -> None:
    with pytest.raises(RunError, match="already holds a run"):
        Run.create(RunConfig(preset="pocket"), run.path)


@pytest.mark.parametrize(
    "settings",
    [
        {"lr": 0.0},
        {"lr": -1.0},
        {"lr": float("nan")},
        {"lr": 11.0},
        {"epochs": 0},
        {"epochs": 1001},
        {"batch_size": 0},
        {"train_size": 3},
        {"pointwise": 4},
        {"head": "deep"},
        {"dropout": 1.0},
        {"schedule": "cosine"},
        {"seed": -1},
        {"preset": "huge"},
        {"recipe": "magic"},
        {"optimizer": "lion"},
    ],
    ids=str,
)
def test_settings_out_of_range_are_refused_by_name(settings: dict) -> None:
    (name, value), *_ = settings.items()
    with pytest.raises(SettingsError, match=str(name)) as error:
        RunConfig(**{"preset": "pocket", **settings})
    assert str(value) in str(error.value)


json_values = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=True) | st.integers() | st.text("ab1.", max_size=5),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=4,
)


@given(st.dictionaries(st.sampled_from(["lr", "epochs", "paused", "stop", "other"]), json_values))
def test_whatever_the_control_file_says_is_understood_or_refused(values: dict) -> None:
    try:
        wanted = Wanted.from_dict(values)
    except SettingsError:
        return
    assert wanted.lr is None or 1e-6 <= wanted.lr <= 10
    assert wanted.epochs is None or 1 <= wanted.epochs <= 1000


def test_an_unusable_control_file_hides_no_stop_and_can_be_put_right(run: Run) -> None:
    write_json(run.path / "control.json", {"lr": 1e9, "stop": True})
    with pytest.raises(SettingsError, match="lr is 1000000000"):
        run.wanted()
    assert run.wants_stop
    run.steer(stop=False)
    assert not run.wants_stop
    run.steer(lr=0.01)
    assert run.wanted() == Wanted(lr=0.01)


def test_a_wrong_wish_leaves_the_control_file_alone(run: Run) -> None:
    with pytest.raises(SettingsError, match="lr is 99"):
        run.steer(lr=99)
    assert run.wanted() == Wanted(lr=0.002, epochs=5)


def test_a_run_whose_process_is_gone_is_interrupted(run: Run) -> None:
    child = subprocess.Popen([sys.executable, "-c", "pass"])
    identity = process_identity(child.pid)
    child.wait()
    for state in ("running", "paused", "queued", "starting"):
        write_json(run.path / "status.json", {"state": state, **identity})
        assert run.state == "interrupted"
    write_json(run.path / "status.json", {"state": "done", **identity})
    assert run.state == "done"


def test_a_process_that_was_given_the_number_of_a_dead_one_is_not_the_run(run: Run) -> None:
    for other in ({"pid_ticks": 1}, {"boot": "another"}):
        write_json(run.path / "status.json", {**this_process(), "state": "running", **other})
        assert run.state == "interrupted"
    write_json(run.path / "status.json", {**without_ticks(), "state": "running", "pid_started": 1.0})
    assert run.state == "interrupted"
    write_json(run.path / "status.json", {**this_process(), "state": "running"})
    assert run.state == "running"


def without_ticks() -> dict:
    """What a system says of this process that tells no start but by the clock, or an older lab."""
    return {name: value for name, value in this_process().items() if name != "pid_ticks"}


def test_a_clock_that_is_set_ends_no_run(run: Run) -> None:
    # The time at which a process started is told by the clock: here it seems to be another hour's.
    seeming = {**this_process(), "state": "running", "pid_started": this_process()["pid_started"] - 3600}
    for heartbeat in (time.time(), time.time() - 3600, time.time() + 3600):
        write_json(run.path / "status.json", {**seeming, "heartbeat": heartbeat})
        assert run.state == "running"
    del seeming["pid_ticks"]
    write_json(run.path / "status.json", {**seeming, "heartbeat": time.time()})
    assert run.state == "running"
    write_json(run.path / "status.json", {**seeming, "heartbeat": time.time() - 3600})
    assert run.state == "interrupted"


def test_a_run_on_another_machine_lives_while_its_heartbeat_moves_whatever_the_clocks_say(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now)

    def state(beat: float) -> str:
        write_json(run.path / "status.json", {"state": "running", "pid": 7, "host": "far away", "heartbeat": beat})
        return run.state

    hour = 3600
    assert state(time.time() - hour) == "interrupted"  # at the first look the clocks have to do
    assert state(time.time() - hour + 1) == "running"  # its clock is wrong, and it speaks
    now += 29
    assert state(time.time() - hour + 2) == "running"
    last = time.time()
    assert state(last) == "running"
    now += 31
    assert state(last) == "interrupted"  # silent, though a clock that was set may make it look recent


def test_a_clock_that_was_set_back_makes_no_old_run_new(run: Run) -> None:
    assert run.state == "starting"
    tomorrow = time.time() + 86400
    os.utime(run.path / "config.json", (tomorrow, tomorrow))
    assert run.state == "interrupted"


def test_a_silent_run_on_another_machine_is_interrupted(run: Run) -> None:
    status = {"state": "running", "pid": os.getpid(), "host": "elsewhere", "heartbeat": 0.0}
    write_json(run.path / "status.json", status)
    assert run.state == "interrupted"


def test_metrics_are_read_as_they_grow_and_a_half_written_line_waits(run: Run) -> None:
    tail = MetricsTail(run.metrics_path)
    one, two, nine = ({"kind": "step", "step": step} for step in (1, 2, 9))
    assert tail.news() == (False, [])
    with run.metrics_path.open("ab", buffering=0) as file:
        file.write(b'{"kind": "step", "step": 1}\n{"kind": "st')
        assert tail.news() == (False, [one])
        file.write(b'ep", "step": 2}\n')
        assert tail.news() == (False, [two])
    run.metrics_path.write_text('{"kind": "step", "step": 9}\n')
    assert tail.news() == (True, [nine])
    run.metrics_path.unlink()
    assert tail.news() == (True, [])
    assert tail.news() == (False, [])


def test_a_metrics_file_that_was_cut_back_and_has_grown_again_is_read_anew(run: Run) -> None:
    lines = [f'{{"kind": "step", "step": {step}}}\n' for step in range(10)]
    write_bytes(run.metrics_path, "".join(lines[:6]).encode())
    tail = MetricsTail(run.metrics_path)
    tail.news()
    write_bytes(run.metrics_path, "".join(lines[:3]).encode())  # what a resumed run does
    with run.metrics_path.open("a") as file:
        file.writelines(lines[3:])
    is_anew, rows = tail.news()
    assert is_anew
    assert [row["step"] for row in rows] == list(range(10))


@given(st.lists(st.binary(max_size=20), max_size=6))
def test_any_bytes_in_the_metrics_file_are_survived(tmp_path_factory, pieces: list[bytes]) -> None:
    run = Run(tmp_path_factory.mktemp("run"))
    row = json.dumps({"kind": "step", "step": 3}).encode()
    run.metrics_path.write_bytes(b"\n".join([*pieces, row, b""]))
    assert run.metrics()[-1] == {"kind": "step", "step": 3}


def test_all_runs_lists_the_newest_first_and_nothing_else(tmp_path: Path) -> None:
    directory = tmp_path / "several"
    for name in ("20260101-000000-pocket-aaaa", "20260202-000000-pocket-bbbb"):
        Run.create(RunConfig(preset="pocket"), directory / name)
    (directory / "not-a-run").mkdir()
    assert [run.id[:8] for run in all_runs(directory)] == ["20260202", "20260101"]


def test_a_damaged_config_is_an_error_in_words(run: Run) -> None:
    (run.path / "config.json").write_text("{")
    with pytest.raises(LabError, match="missing or damaged"):
        run.config()


def test_reading_runs_needs_no_torch() -> None:
    code = "import sys, nin.storage.run, nin.process.launcher, nin.process.speed; sys.exit('torch' in sys.modules or 'streamlit' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
