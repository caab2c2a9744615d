"""Weights that somebody brings are checked, kept under a safe name, and found again by it; nothing in them is run."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import save

from nin.errors import WeightsError
from nin.model.network import NiN, initialise
from nin.paths import runs_directory
from nin.presets import PRESETS
from nin.storage import brought_weights
from nin.storage.book_weights import book_file
from nin.storage.brought_weights import bring, brought_directory
from nin.storage.checkpoint import Checkpoint, checkpoint_file, describe, load_checkpoint
from nin.storage.run import all_runs
from nin.storage.weights import find_weights, fitting_weights

POCKET = PRESETS["pocket"]


@pytest.fixture(scope="module")
def checkpoint() -> Checkpoint:
    architecture = replace(POCKET.architecture, logit_head=True)
    tensors = initialise(NiN(architecture), "he", 0).state_dict()
    return Checkpoint(architecture, tensors, "pocket", normalise=True, step=9)


def params(net: torch.nn.Module) -> bytes:
    file = io.BytesIO()
    torch.save(net.state_dict(), file)
    return file.getvalue()


@pytest.mark.parametrize(
    "write",
    [checkpoint_file, lambda checkpoint: book_file(checkpoint.tensors, describe(checkpoint))],
    ids=["safetensors", "params"],
)
def test_what_the_lab_gave_away_is_known_again(checkpoint: Checkpoint, write) -> None:
    name = bring("my weights.params", write(checkpoint))
    assert name.startswith("my-weights-")
    back = load_checkpoint(find_weights(name))
    assert (back.preset, back.normalise, back.step) == ("pocket", True, 9)
    assert back.architecture == checkpoint.architecture
    assert fitting_weights(name, POCKET).keys() == checkpoint.tensors.keys()
    card = brought_weights.brought_weights()[name]
    assert (card["file"], card["preset"], card["is_variant"]) == ("my weights.params", "pocket", False)
    assert all_runs() == []


def test_the_books_params_are_the_books_network() -> None:
    name = bring("nin.params", params(NiN(PRESETS["classic"].architecture)))
    back = load_checkpoint(find_weights(name))
    assert (back.preset, back.normalise, back.architecture.logit_head) == ("classic", False, False)


def test_the_same_file_is_kept_once(checkpoint: Checkpoint) -> None:
    assert bring("a.safetensors", checkpoint_file(checkpoint)) == bring("a.safetensors", checkpoint_file(checkpoint))
    assert len(list(brought_directory().glob("*.safetensors"))) == 1


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd.params",
        "..\\..\\a.params",
        "a/b.params",
        "$(rm -rf).pt",
        "-rf.params",
        "\u202etxt.pt",
        ".params",
        "权重.pt",
    ],
)
def test_a_name_leads_nowhere_else(checkpoint: Checkpoint, name: str) -> None:
    kept = bring(name, checkpoint_file(checkpoint))
    path = find_weights(kept)
    assert path.parent == runs_directory() / "weights"
    assert kept.replace("-", "").isalnum()
    assert not kept.startswith("-")
    assert "\u202e" not in json.loads(path.with_suffix(".json").read_text())["file"]


class _Evil:
    def __reduce__(self) -> tuple:
        return Path.touch, (Path("was-run"),)


def evil() -> bytes:
    file = io.BytesIO()
    torch.save({"0.0.weight": _Evil()}, file)
    return file.getvalue()


def bomb() -> bytes:
    """A file that torch.save could have written, packed as it never does."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/data/0", bytes(50_000_000))
    return file.getvalue()


def described(checkpoint: Checkpoint, **changes: object) -> bytes:
    return save(dict(checkpoint.tensors), {"nin": json.dumps({**json.loads(describe(checkpoint)), **changes})})


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda _: b"", "damaged"),
        (lambda _: b"no weights at all", "damaged"),
        (lambda c: checkpoint_file(c)[:1000], "damaged"),
        (lambda _: evil(), "holds more than tensors"),
        (lambda _: bomb(), "unpacks to far more"),
        (lambda _: params(torch.nn.Linear(3, 3)), "not the book's"),
        (lambda _: bytes(21 * 2**20), "larger than 20 MB"),
        (lambda c: described(c, preset="mine"), "network that is not known here"),
        (lambda c: described(c, step="many"), "network that is not known here"),
        (lambda c: described(c, architecture={**c.architecture.to_dict(), "input_size": 40_000}), "not known here"),
        (lambda c: described(c, architecture=3), "damaged"),
        (lambda c: checkpoint_file(replace(c, architecture=PRESETS["paper"].architecture, preset="paper")), "do not fit"),
        (
            lambda c: checkpoint_file(
                replace(c, tensors={name: tensor * float("nan") for name, tensor in c.tensors.items()})
            ),
            "no numbers",
        ),
    ],
)  # fmt: skip
def test_what_is_no_use_is_refused_by_the_name_that_the_visitor_knows(
    checkpoint: Checkpoint, make, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(WeightsError, match=message) as refused:
        bring("mine.params", make(checkpoint))
    assert "/tmp" not in str(refused.value)
    assert not Path("was-run").exists()
    assert not list(brought_directory().glob("*"))


def test_there_is_an_end_to_how_many_are_kept(checkpoint: Checkpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(brought_weights, "MOST", 1)
    bring("a.safetensors", checkpoint_file(checkpoint))
    with pytest.raises(WeightsError, match="delete some of them"):
        bring("b.safetensors", checkpoint_file(replace(checkpoint, step=10)))
