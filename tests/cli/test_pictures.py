"""What the command line says to pictures: their classes, and the maps of their features."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from nin.data.fashion_mnist import CLASS_NAMES
from nin.model.network import NiN, initialise
from nin.presets import PRESETS
from nin.storage.checkpoint import Checkpoint, save_checkpoint
from nin.storage.weights import write_card
from nin.training.diagnosis import Diagnosis


@pytest.fixture
def pictures(tmp_path: Path) -> dict[str, Path]:
    """One good picture and several bad files."""
    paths = {
        name: tmp_path / name for name in ("good.png", "text.png", "empty.png", "cut.png", "huge.png", "absent.png")
    }
    pixels = np.full((60, 60), 255, np.uint8)
    pixels[10:50, 20:40] = 40
    Image.fromarray(pixels).save(paths["good.png"])
    paths["text.png"].write_text("not a picture")
    paths["empty.png"].write_bytes(b"")
    paths["cut.png"].write_bytes(paths["good.png"].read_bytes()[:80])
    Image.new("1", (9_000, 9_000)).save(paths["huge.png"])
    return paths


def test_classify_answers_the_good_and_explains_the_bad(nin, pictures: dict[str, Path]) -> None:
    status, out, _ = nin("classify", *map(str, pictures.values()), "--json")
    answers = {Path(answer["file"]).name: answer for answer in map(json.loads, out.splitlines())}
    assert status == 1
    assert set(answers) == set(pictures)
    good = answers.pop("good.png")
    assert set(good) >= {"file", "label", "class_id", "confidence", "known", "probabilities"}
    assert len(good["probabilities"]) == 10
    assert sum(good["probabilities"]) == pytest.approx(1)
    assert good["label"] == CLASS_NAMES[good["class_id"]]
    for name, answer in answers.items():
        assert set(answer) == {"file", "error"}, name
        assert name in answer["error"]


@pytest.mark.parametrize("colour", ["white", "black", (0, 0, 0, 0)], ids=["white", "black", "transparent"])
def test_a_blank_picture_is_empty_and_has_no_class(nin, tmp_path: Path, colour: str | tuple[int, ...]) -> None:
    path = tmp_path / "blank.png"
    Image.new("RGBA", (60, 40), colour).save(path)
    status, out, _ = nin("classify", str(path), "--json")
    assert status == 0
    assert json.loads(out) == {"file": str(path), "empty": True}
    assert nin("classify", str(path))[1] == f"{path}: nothing was found in it\n"


def test_classify_without_trouble_ends_well(nin, pictures: dict[str, Path]) -> None:
    status, out, err = nin("classify", str(pictures["good.png"]))
    assert (status, err) == (0, "")
    assert "good.png: " in out


def test_pictures_with_names_in_any_script_are_answered_where_the_output_has_no_sign_for_them(
    pictures: dict[str, Path],
) -> None:
    names = ["我的靴子 照片.png", "👢.png", "zapatilla ñ.png"]
    files = [pictures["good.png"].with_name(name) for name in names]
    for file in files:
        shutil.copyfile(pictures["good.png"], file)
    missing = files[0].with_name("没有.png")
    done = subprocess.run(
        [sys.executable, "-m", "nin", "classify", *map(str, [*files, missing, pictures["good.png"]])],
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": "cp1252"},
        check=False,
    )
    boots, boot, shoe, good = done.stdout.decode("cp1252").splitlines()
    assert r"\u6211\u7684\u9774\u5b50 \u7167\u7247.png: " in boots
    assert r"\U0001f462.png: " in boot
    assert "zapatilla ñ.png: " in shoe
    assert good.startswith(str(pictures["good.png"]))
    errors = done.stderr.decode("cp1252")
    assert done.returncode == 1
    assert "Traceback" not in errors
    assert "cannot be read" in errors


def test_weights_that_only_guess_give_no_answer_and_are_said_to_be_ruined(
    nin, pictures: dict[str, Path], tmp_path: Path
) -> None:
    architecture = PRESETS["pocket"].architecture
    tensors = {name: torch.zeros_like(tensor) for name, tensor in NiN(architecture).state_dict().items()}
    weights = tmp_path / "ruined.safetensors"
    save_checkpoint(Checkpoint(architecture, tensors, "pocket", normalise=True, step=40), weights)
    found = Diagnosis("exploded", 2, "guessing", 40, 10.0, 2.4, 8e19)
    write_card(weights, {"diagnosis": found.to_dict()})
    good = str(pictures["good.png"])
    status, out, err = nin("classify", good, "--weights", str(weights), "--json")
    answer = json.loads(out)
    assert status == 0
    assert (answer["guess"], answer["known"], answer["confidence"]) == (True, False, pytest.approx(0.1))
    assert "do not trust these weights: the loss exploded at step 2 (up to 8.0e19)" in err
    assert f"{good}: no answer" in nin("classify", good, "--weights", str(weights))[1]
    torch.manual_seed(0)
    save_checkpoint(Checkpoint(architecture, NiN(architecture).state_dict(), "pocket", True, step=40), weights)
    assert f"{good}: no answer" in nin("classify", good, "--weights", str(weights))[1]  # whatever they say


def test_answers_of_ruined_weights_are_marked_where_a_script_reads_them(
    nin, pictures: dict[str, Path], tmp_path: Path
) -> None:
    """Also where the ten probabilities are not equal."""
    architecture = PRESETS["pocket"].architecture
    weights, good = tmp_path / "ruined.safetensors", str(pictures["good.png"])
    tensors = initialise(NiN(architecture), "he", seed=0).state_dict()
    save_checkpoint(Checkpoint(architecture, tensors, "pocket", normalise=True, step=40), weights)
    write_card(weights, {"diagnosis": Diagnosis("exploded", 2, "exploded", 40, 10.0, 2.4, 8e19).to_dict()})
    answer = json.loads(nin("classify", good, "--weights", str(weights), "--json")[1])
    assert not answer["guess"]
    assert not answer["known"]
    assert answer["ruin"] == "exploded"
    assert json.loads(nin("eval", "--weights", str(weights), "--json")[1])["ruin"] == "exploded"
    assert "ruin" not in json.loads(nin("classify", good, "--json")[1])


def test_a_line_break_in_a_name_does_not_look_like_another_answer(nin, pictures: dict[str, Path]) -> None:
    odd = pictures["good.png"].with_name("a\nb\x1b[2J.png")
    shutil.copyfile(pictures["good.png"], odd)
    out = nin("classify", str(odd))[1]
    assert out.count("\n") == 1
    assert r"a\nb\x1b[2J.png: " in out


def test_features_are_written_under_the_stages_numbers(nin, pictures: dict[str, Path], tmp_path: Path) -> None:
    out = tmp_path / "maps.npz"
    assert nin("features", str(pictures["good.png"]), "--out", str(out))[0] == 0
    maps = np.load(out)
    assert maps["input"].shape[:2] == (1, 1)
    stages = [name for name in maps.files if name != "input"]
    assert stages == [str(index) for index in range(len(stages))]
    assert maps[stages[-1]].shape == (1, 10)
