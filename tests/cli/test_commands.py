"""The command line, as a script or a newcomer uses it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from nin.data.fashion_mnist import CLASS_NAMES
from nin.paths import ROOT
from nin.process.worker import train_run
from nin.storage.checkpoint import load_checkpoint
from nin.storage.run import Run, RunConfig
from nin.storage.weights import publish
from nin.training.records import Record, Step
from nin.training.trainer import Trainer

REFERENCE = json.loads((ROOT / "data" / "published_results.json").read_text())["classic_224"]


def test_shapes_are_the_references(nin) -> None:
    status, out, _ = nin("shapes", "--json")
    assert status == 0
    assert [[str(row["index"]), row["shape"]] for row in json.loads(out)] == REFERENCE["shapes"]


def test_shapes_of_another_size(nin) -> None:
    _, out, _ = nin("shapes", "--preset", "classic", "--input-size", "112", "--json")
    assert json.loads(out)[0]["shape"] == [1, 96, 26, 26]
    status, _, err = nin("shapes", "--input-size", "20")
    assert status == 2
    assert "larger input size" in err
    status, _, err = nin("shapes", "--input-size", "1" + "0" * 20)
    assert status == 2
    assert "choose a number from 1 to 4096" in err


def test_cost(nin) -> None:
    status, out, _ = nin("cost", "--json", "--batch-size", "64")
    cost = json.loads(out)
    assert status == 0
    assert cost["parameters"] == REFERENCE["parameters"]
    assert cost["forward_macs"] == REFERENCE["forward_macs_per_image"]
    assert cost["training_bytes"] > cost["inference_bytes"] > 0
    assert sum(layer["macs"] for layer in cost["layers"]) == cost["forward_macs"]


@pytest.mark.usefixtures("tiny_preset")
def test_variations_of_a_network_are_told_and_trained(nin, tmp_path: Path) -> None:
    _, out, _ = nin("shapes", "--preset", "pocket", "--head", "dense", "--json")
    assert [row["shape"] for row in json.loads(out)[-3:]] == [[1, 512], [1, 512], [1, 10]]
    _, out, _ = nin("cost", "--preset", "classic", "--pointwise", "0", "--json")
    assert json.loads(out)["parameters"] < REFERENCE["parameters"]
    status, _, err = nin("shapes", "--head", "tall")
    assert (status, "choose one of block, one-step, gradual, dense" in err) == (2, True)
    options = ["--preset", "tiny", "--train-size", "32", "--batch-size", "16", "--epochs", "1"]
    varied = ["--pointwise", "1", "--pooling", "max", "--no-logit-head", "--init", "he"]
    weights = tmp_path / "varied.safetensors"
    status, _, _ = nin("train", *options, *varied, "--run-dir", str(tmp_path / "run"), "--save-weights", str(weights))
    assert status == 0
    card = json.loads(weights.with_suffix(".json").read_text())
    assert card["command"].endswith(
        "--pointwise 1 --pooling max --init he --no-logit-head --save-weights varied.safetensors"
    )
    assert load_checkpoint(weights).architecture.pooling == "max"


def test_data(nin) -> None:
    status, out, _ = nin("data", "--json")
    said = json.loads(out)
    assert status == 0
    assert (said["source"], said["train"], said["test"]) == ("sample", 10_000, 2_000)


@pytest.mark.usefixtures("tiny_preset")
def test_train_then_ask_the_weights(nin, tmp_path: Path) -> None:
    weights = tmp_path / "mine.safetensors"
    arguments = ("--preset", "tiny", "--train-size", "512", "--epochs", "1", "--run-dir", str(tmp_path / "run"))
    arguments += ("--data", "sample")
    status, out, _ = nin("train", *arguments, "--save-weights", str(weights))
    assert status == 0
    assert "done at step 4" in out
    card = json.loads(weights.with_suffix(".json").read_text())
    assert (card["preset"], card["recipe"], card["epochs"], card["test_n"]) == ("tiny", "tuned", 1, 2000)
    assert card["hardware"]
    assert card["threads"] >= 1
    assert card["seconds"] > 0
    assert card["data"] == "512 of 10,000 training and 2,000 test images (sample)"
    assert "--epochs 1 --lr 0.002 --seed 0 --train-size 512 --data sample --save-weights mine" in card["command"]

    status, out, _ = nin("eval", "--weights", str(weights), "--json")
    said = json.loads(out)
    assert status == 0
    assert said["n"] == 2000
    assert set(said["per_class"]) == set(CLASS_NAMES)
    # Trained in bf16 where the machine multiplies it, so not to the last digit.
    assert said["accuracy"] == pytest.approx(card["test_accuracy"], abs=0.01)
    assert nin("eval", "--weights", str(tmp_path / "run"), "--json")[1] == out.replace(
        json.dumps(str(weights)), json.dumps(str(tmp_path / "run"))
    )

    status, out, _ = nin("train", "--run-dir", str(tmp_path / "run"), "--resume", "--epochs", "2")
    assert status == 0
    assert "done at step 8" in out

    status, _, err = nin("train", *arguments)
    assert status == 1
    assert "already holds a run" in err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("train", "--lr", "-1"), "lr is -1"),
        (("train", "--epochs", "0"), "epochs is 0"),
        (("train", "--preset", "giant"), "no preset 'giant'"),
        (("train", "--recipe", "secret"), "no recipe 'secret'"),
        (("train", "--resume"), "needs --run-dir"),
        (("train", "--optimizer", "lion"), "invalid choice"),
        (("cost", "--batch-size", "0"), "positive whole number"),
        (("shapes", "--preset", "giant"), "no preset"),
        (("dance",), "invalid choice"),
        ((), "required"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_unusable_arguments_end_with_status_2_and_the_reason(nin, arguments: tuple[str, ...], words: str) -> None:
    status, _, err = nin(*arguments)
    assert status == 2
    assert words in err


def test_weights_that_are_missing_or_damaged_are_named(nin, tmp_path: Path) -> None:
    status, _, err = nin("eval", "--weights", "nobody")
    assert status == 1
    assert "'nobody'" in err
    damaged = tmp_path / "damaged.safetensors"
    damaged.write_bytes(b"\xff" * 100)
    status, _, err = nin("eval", "--weights", str(damaged))
    assert status == 1
    assert "damaged.safetensors is damaged" in err


def test_a_device_that_is_not_there_is_named(nin, tmp_path: Path) -> None:
    status, _, err = nin("train", "--preset", "pocket", "--device", "quantum", "--run-dir", str(tmp_path / "run"))
    assert status == 2
    assert "quantum" in err
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("refused", "words"),
    [
        (("--weights", "pocket"), "do not fit the network paper: they are those of pocket"),
        (("--weights", "nobody"), "'nobody'"),
        (("--data", "nowhere"), "nowhere is not a directory"),
        (("--device", "quantum"), "quantum"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_a_run_that_is_refused_leaves_no_directory_behind(
    nin, tmp_path: Path, refused: tuple[str, ...], words: str
) -> None:
    place = tmp_path / "run"
    status, out, err = nin("train", "--preset", "paper", "--train-size", "64", "--run-dir", str(place), *refused)
    assert status in (1, 2)
    assert words in err
    assert out == ""
    assert not place.exists()


@pytest.mark.usefixtures("tiny_preset")
def test_a_run_that_never_began_makes_room_for_the_corrected_command(nin, tmp_path: Path) -> None:
    place = tmp_path / "run"
    run = Run.create(RunConfig(preset="tiny", data=str(tmp_path / "nowhere")), place)
    assert train_run(run) == "failed"
    train = ("train", "--preset", "tiny", "--train-size", "64", "--epochs", "1", "--run-dir", str(place))
    status, out, _ = nin(*train)
    assert status == 0
    assert "done at step 1" in out
    assert "error" not in run.status()
    assert nin(*train)[0] == 1  # it has trained now


def test_a_place_that_cannot_be_written_is_named_before_anything_is_trained(nin, tmp_path: Path) -> None:
    a_file = tmp_path / "file"
    a_file.write_text("not a folder")
    train = ("train", "--preset", "pocket", "--train-size", "64", "--epochs", "1")
    status, _, err = nin(*train, "--run-dir", str(a_file))
    assert status == 1
    assert str(a_file) in err
    for unusable, why in ((tmp_path, "is a directory"), (a_file / "w.safetensors", "cannot be written")):
        status, out, err = nin(*train, "--run-dir", str(tmp_path / "run"), "--save-weights", str(unusable))
        assert status == 2
        assert f"{unusable} {why}" in err
        assert out == ""
    assert not (tmp_path / "run").exists()


@pytest.mark.usefixtures("tiny_preset")
def test_weights_of_a_run_that_was_stopped_claim_no_accuracy(tmp_path: Path) -> None:
    run = Run.create(RunConfig(preset="tiny", train_size=1600, batch_size=16, epochs=3))

    def stop_in_the_second_epoch(record: Record, _: Trainer) -> None:
        if isinstance(record, Step) and record.step > 100:
            run.steer(stop=True)

    assert train_run(run, on_record=stop_in_the_second_epoch) == "stopped"
    publish(run, tmp_path / "w.safetensors")
    card = json.loads((tmp_path / "w.json").read_text())
    assert 100 < card["steps"] < 200
    assert (card["epochs"], card["test_accuracy"], card["test_n"]) == (1, None, None)


@pytest.mark.parametrize("command", ["", "shapes", "cost", "data", "train", "eval", "classify", "features"])
def test_help_is_there_and_comes_without_torch(command: str) -> None:
    arguments = [*command.split(), "--help"]
    code = f"import sys; from nin.cli.parser import main\ntry: main({arguments})\nfinally: assert 'torch' not in sys.modules"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "usage: python -m nin" in done.stdout
    assert "standby" not in done.stdout.replace("{shapes,", "")
