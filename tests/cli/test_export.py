"""`python -m nin export`, and what says the version."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

import nin as lab
from nin.storage.checkpoint import load_checkpoint


def test_weights_are_taken_away_in_the_forms_that_were_asked_for(nin, tmp_path: Path) -> None:
    status, out, _ = nin("export", "pocket", "--out", str(tmp_path / "taken"))
    assert status == 0
    names = {path.name for path in (tmp_path / "taken").iterdir()}
    assert names == {"pocket.safetensors", "pocket.params", "predict.py"}
    assert all(name in out for name in names)
    assert load_checkpoint(tmp_path / "taken" / "pocket.params").preset == "pocket"
    status, _, _ = nin("export", "pocket", "--what", "params", "--out", str(tmp_path / "one"))
    assert [path.name for path in (tmp_path / "one").iterdir()] == ["pocket.params"]


def test_what_cannot_be_taken_away_is_said(nin, tmp_path: Path) -> None:
    status, _, err = nin("export", "pocket", "--what", "pdf")
    assert (status, "choose from weights, params, predict" in err) == (2, True)
    status, _, err = nin("export", "pocket", "--what", "card", "--out", str(tmp_path))
    assert (status, "name a run" in err) == (1, True)
    status, _, err = nin("export", "nobody")
    assert (status, "there are no weights 'nobody'" in err) == (1, True)


@pytest.mark.skipif(find_spec("tensorboard") is not None, reason="it is installed here")
def test_without_tensorboard_it_is_said_what_to_install(nin) -> None:
    from nin.storage.run import Run, RunConfig

    run = Run.create(RunConfig(preset="pocket"))
    status, _, err = nin("tensorboard", run.id)
    assert (status, "pip install tensorboard" in err) == (2, True)


def test_the_version_is_told(nin) -> None:
    assert nin("--version")[:2] == (0, f"NiN Lab {lab.__version__}\n")
