"""Ctrl-C, a polite kill, a closed terminal: the run is stopped and nothing is lost."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from nin.process.stop_signal import StopSignal
from nin.storage.checkpoint import load_checkpoint
from nin.storage.run import Run, RunConfig
from nin.training.records import Record, Step
from nin.training.trainer import Trainer
from tests.running import TINY, rows, train, wait_until

pytestmark = pytest.mark.usefixtures("tiny_preset")


@pytest.mark.skipif(os.name == "nt", reason="no signals that could be caught there")
def test_a_polite_kill_stops_the_run_and_keeps_its_last_step() -> None:
    run = Run.create(RunConfig(**TINY, epochs=500))

    def kill(record: Record, trainer: Trainer) -> None:
        if isinstance(record, Step) and record.step == 15:  # once: a second one ends this process
            os.kill(os.getpid(), signal.SIGTERM)

    assert train(run, on_record=kill) == "stopped"
    assert run.state == "stopped"
    assert 15 <= max(run.checkpoints()) == rows(run, "step")[-1]["step"] < 100


@pytest.mark.skipif(os.name == "nt", reason="no terminals of that kind there")
def test_a_run_whose_terminal_is_closed_is_stopped_and_keeps_its_last_step(tmp_path: Path) -> None:
    """A shell and the system both tell of it, so the signal comes twice; and there is nothing left to print to."""
    weights = tmp_path / "w.safetensors"
    run_directory = tmp_path / "run"
    command = [sys.executable, "-m", "nin", "train", "--preset", "pocket", "--train-size", "160", "--batch-size", "16"]
    command += ["--epochs", "500", "--run-dir", str(run_directory), "--save-weights", str(weights)]
    terminal, slave = os.openpty()
    process = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, start_new_session=True)
    os.close(slave)
    run = Run(run_directory)
    try:
        wait_until(lambda: rows(run, "step"))
        os.close(terminal)
        process.send_signal(signal.SIGHUP)
        process.send_signal(signal.SIGHUP)
        assert process.wait(timeout=120) == 0
    finally:
        process.kill()
        process.wait()
    assert json.loads((run_directory / "status.json").read_text())["state"] == "stopped"
    assert load_checkpoint(weights).step == rows(run, "step")[-1]["step"]


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="no such signal there")
def test_what_the_process_was_told_to_ignore_it_ignores(monkeypatch: pytest.MonkeyPatch) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as nohup does
    try:
        with StopSignal() as stop_signal:
            os.kill(os.getpid(), signal.SIGHUP)
            assert not stop_signal.given
            os.kill(os.getpid(), signal.SIGTERM)
            assert stop_signal.given
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)
