"""What visitors may use of a machine, and which runs make room for others."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from nin.errors import RunError, SettingsError
from nin.paths import runs_directory
from nin.storage.deletion import delete_run, make_room
from nin.storage.files import write_json
from nin.storage.label import Label, write_label
from nin.storage.limits import Limits, limits
from nin.storage.owner import owner_of, write_owner
from nin.storage.process_id import this_process
from nin.storage.run import Run, RunConfig, all_runs


def a_run(second: int, *, owner: str | None = "somebody", megabytes: float = 0, **config: object) -> Run:
    run = Run.create(
        RunConfig(preset="pocket", **config), runs_directory() / f"20991231-1200{second:02d}-pocket-{second:04x}"
    )
    write_owner(run.path, owner)
    write_json(run.path / "status.json", {"state": "done", "pid": 1})
    run.checkpoint_path(1).parent.mkdir()
    run.checkpoint_path(1).write_bytes(bytes(int(megabytes * 1e6)))
    return run


def left() -> list[int]:
    return sorted(int(run.id[-4:], 16) for run in all_runs())


def test_who_is_at_the_machine_has_no_limits_and_strangers_have_and_what_was_set_holds_for_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert limits(of_strangers=False) == Limits()
    usual = limits(of_strangers=True)
    assert None not in (usual.waiting, usual.waiting_each, usual.epochs, usual.runs, usual.gigabytes)
    monkeypatch.setenv("NIN_MOST_EPOCHS", "7")
    monkeypatch.setenv("NIN_RUNS_GB", "0.5")
    for strangers in (False, True):
        assert limits(of_strangers=strangers).epochs == 7
        assert limits(of_strangers=strangers).gigabytes == 0.5
    limits(of_strangers=True).check_epochs(7)
    with pytest.raises(SettingsError, match="epochs is 8: choose at most 7"):
        limits(of_strangers=True).check_epochs(8)


@pytest.mark.parametrize("value", ["many", "0", "-1", "nan", "1e99", "2.5"])
def test_a_setting_that_cannot_be_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("NIN_MOST_RUNS", value)
    with pytest.raises(SettingsError, match="NIN_MOST_RUNS is"):
        limits(of_strangers=True)


def test_a_full_queue_has_no_place_for_another() -> None:
    most = Limits(waiting=3, waiting_each=2)
    most.check_queue(2, 1)
    with pytest.raises(RunError, match="3 runs train or wait already"):
        most.check_queue(3, 1)
    with pytest.raises(RunError, match="2 of your runs"):
        most.check_queue(2, 2)


def test_the_oldest_make_room_but_none_that_is_starred_or_trains_or_whose_fork_trains(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    runs = [a_run(second) for second in range(6)]
    write_label(runs[0], Label(star=True))
    write_json(runs[1].path / "status.json", {"state": "running", **this_process()})
    write_json(runs[5].path / "status.json", {"state": "queued", **this_process()})
    write_json(
        runs[5].path / "config.json", {"preset": "pocket", "recipe": "tuned", "fork_of": runs[2].id, "fork_step": 1}
    )
    monkeypatch.setenv("NIN_MOST_RUNS", "5")
    assert make_room() == [runs[3].id, runs[4].id]  # 4 stay, and one is to come
    assert left() == [0, 1, 2, 5]
    monkeypatch.setenv("NIN_MOST_RUNS", "4")
    with pytest.raises(RunError, match=r"4 runs .* none of them can go: each has a star or trains"):
        make_room()
    assert left() == [0, 1, 2, 5]


def test_runs_make_room_by_their_size(monkeypatch: pytest.MonkeyPatch) -> None:
    for second in range(4):
        a_run(second, megabytes=1)
    monkeypatch.setenv("NIN_RUNS_GB", "0.0025")
    make_room()
    assert left() == [2, 3]


def test_what_was_begun_at_the_machine_goes_only_where_that_was_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nin.storage.limits._OF_STRANGERS", Limits(runs=2))
    for second in range(3):
        a_run(second, owner=None)
    for second in range(3, 6):
        a_run(second)
    make_room()
    assert left() == [0, 1, 2, 5]
    monkeypatch.setenv("NIN_MOST_RUNS", "2")
    make_room()
    assert left() == [5]


def test_a_run_is_deleted_whole_and_not_while_it_trains() -> None:
    run = a_run(1)
    write_json(run.path / "status.json", {"state": "paused", **this_process()})
    with pytest.raises(RunError, match="still in training"):
        delete_run(run)
    assert run.exists
    write_json(run.path / "status.json", {"state": "done"})
    delete_run(run)
    assert not run.path.exists()
    delete_run(run)  # by two visitors at once


def test_what_is_left_of_a_run_that_never_was_is_swept_away_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    half, other = runs_directory() / "20991231-120001-pocket-abcd", runs_directory() / "my notes"
    for folder in (half, other):
        folder.mkdir(parents=True)
        (folder / "control.json").write_text("{}")
    make_room()
    assert half.exists()  # it may be a fork that is being made
    monkeypatch.setattr("nin.storage.deletion._ABANDONED_SECONDS", -1.0)
    make_room()
    assert not half.exists()
    assert other.exists()


def test_a_damaged_owner_file_is_nobodys(tmp_path: Path) -> None:
    for content in ("", "[]", '{"visitor": 3}', "\xff"):
        (tmp_path / "owner.json").write_text(content, encoding="latin-1")
        assert owner_of(tmp_path) is None
    write_owner(tmp_path, "somebody")
    assert owner_of(tmp_path) == "somebody"
    write_owner(tmp_path, None)
    assert owner_of(tmp_path) is None
    shutil.rmtree(tmp_path)
    assert owner_of(tmp_path) is None
