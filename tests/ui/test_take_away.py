"""A run is taken away from the table: as files, with its card in the visitor's language."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from nin.export.packages import ONNX, are_installed
from nin.model.network import NiN, initialise
from nin.paths import runs_directory
from nin.presets import PRESETS
from nin.storage.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from nin.storage.files import write_json
from nin.storage.run import Run, RunConfig
from ui.train import take_away


@pytest.fixture
def run() -> Run:
    run = Run.create(RunConfig(preset="pocket", epochs=1), runs_directory() / "20991231-120000-pocket-test")
    architecture = PRESETS["pocket"].architecture
    network = initialise(NiN(architecture), "he", 0)
    save_checkpoint(Checkpoint(architecture, network.state_dict(), "pocket", True, step=3), run.checkpoint_path(3))
    run.metrics_path.write_text(json.dumps({"kind": "step", "step": 1, "loss": 2.3, "accuracy": 0.1, "lr": 0.1}) + "\n")
    write_json(run.path / "status.json", {"state": "stopped", "diagnosis": None, "seconds": 1.0, "step": 3})
    return run


def offered(path: str, language: str = "en") -> AppTest:
    def script(path: str, language: str) -> None:
        import streamlit as st

        from nin.storage.run import Run
        from ui.train.take_away import take_away

        st.session_state.language = language
        take_away(Run(path))

    return AppTest.from_function(script, kwargs={"path": path, "language": language}, default_timeout=60).run()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_each_file_has_a_button(run: Run, language: str) -> None:
    tab = offered(str(run.path), language)
    assert not tab.exception
    assert len(tab.get("download_button")) == 6
    told = " ".join(caption.value for caption in tab.caption)
    assert f"python -m nin tensorboard {run.id}" in told
    assert ("pip install onnx" in told) is not are_installed(ONNX)


def test_a_run_without_weights_says_so(run: Run) -> None:
    run.checkpoint_path(3).unlink()
    tab = offered(str(run.path))
    assert not tab.get("download_button")
    assert "no weights yet" in tab.caption[0].value


def test_what_is_pressed_is_written_then(run: Run, tmp_path: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(take_away._written(run, "all", "zh"))) as archive:
        archive.extractall(tmp_path)
    folder = tmp_path / run.id
    assert load_checkpoint(folder / f"{run.id}.params").step == 3
    assert "测试准确率" in (folder / "card.md").read_text(encoding="utf-8")
    assert "Test accuracy" in take_away._written(run, "card", "en").decode()
    assert json.loads(take_away._written(run, "card-json", "zh"))["run"] == run.id
