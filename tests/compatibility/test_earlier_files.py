"""Run directories, checkpoints and weights that an earlier version wrote are read as if today's had written them."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from nin.data.dataset import load
from nin.engine.device import choose_engine
from nin.engine.evaluate import evaluate
from nin.model.architecture import Architecture, Block, Dropout, Pool
from nin.presets import PRESETS
from nin.storage.checkpoint import load_checkpoint
from nin.storage.run import Run
from nin.storage.weights import find_weights
from tests.running import rows, train

MADE = Path(__file__).parent / "made_by_86ab698"
ARCHITECTURE = Architecture(56, (Block((8, 8), 8, stride=4), Pool(), Dropout(0.0), Block((16, 10), 3, padding=1)))


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("NIN_BFLOAT16", "0")  # as it was begun
    monkeypatch.setitem(PRESETS, "tiny", replace(PRESETS["pocket"], name="tiny", architecture=ARCHITECTURE))
    shutil.copytree(MADE / "run", tmp_path / "runs" / "20261125-121500-tiny-86ab")
    return Run(tmp_path / "runs" / "20261125-121500-tiny-86ab")


def test_a_run_directory_says_what_it_said(run: Run) -> None:
    status, config = run.status(), run.config()
    assert (status["state"], status["step"], status["steps"]) == ("interrupted", 16, 30)
    assert (status["test_n"], status["data"]) == (2000, "640 of 10,000 training and 2,000 test images (sample)")
    assert (config.preset, config.recipe, config.optimizer, config.batch_size) == ("tiny", "tuned", "adamw", 64)
    assert (run.wanted().lr, run.wanted().epochs, run.wanted().paused) == (0.015, 3, False)
    assert [row["what"] for row in rows(run, "event")] == ["lr", "paused", "resumed"]
    assert list(run.checkpoints()) == [0, 1, 2, 4, 8, 10, 16]


def test_it_goes_on_as_it_would_have_gone_on(run: Run) -> None:
    before, expected = rows(run, "step"), [json.loads(line) for line in (MADE / "rest.jsonl").read_text().splitlines()]
    assert train(run, resume=True) == "done"
    after = rows(run, "step")
    assert after[:16] == before  # nothing of what was done is done again
    for kind, values in (("step", ("step", "epoch", "loss", "accuracy", "lr")), ("epoch", ("step", "train_loss"))):
        found = [row for row in rows(run, kind) if row["step"] > 16]
        told = [row for row in expected if row["kind"] == kind]
        # The same images in the same order at the same rates; sums may be added up in another order elsewhere.
        for name in values:
            assert [row[name] for row in found] == pytest.approx([row[name] for row in told], rel=1e-3), name


def test_its_weights_and_published_ones_answer_as_they_did(run: Run) -> None:
    checkpoint = load_checkpoint(find_weights(run.path))
    assert (checkpoint.step, checkpoint.architecture.input_size) == (16, 56)
    published = load_checkpoint(find_weights(MADE / "tiny.safetensors"))
    assert published.architecture == replace(ARCHITECTURE, logit_head=True)
    assert published.normalise
    evaluation = evaluate(published, load("sample").test.first(3), choose_engine("cpu", bfloat16=False))
    expected = json.loads((MADE / "logits.json").read_text())
    assert evaluation.logits.flatten().tolist() == pytest.approx([value for row in expected for value in row], abs=1e-4)
