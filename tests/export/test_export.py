"""What a run is taken away as: the book's own code, a lone script and other programs get the same network out of it."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
import types
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from PIL import Image
from torch import Tensor

import nin as lab
from nin.classify.classifier import Classifier
from nin.data.dataset import load
from nin.errors import RunError, SettingsError
from nin.export import onnx_model
from nin.export.event_files import EVENT_FILES, write_event_files
from nin.export.formats import FORMATS, as_archive
from nin.export.onnx_model import write_onnx
from nin.export.packages import ONNX, TENSORBOARD, are_installed
from nin.export.predictor import write_predictor
from nin.export.run_card import as_markdown, run_card
from nin.export.source import Source
from nin.model.network import NiN, initialise
from nin.presets import architecture_for, preset_named, recipe_named
from nin.storage.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from nin.storage.files import write_json
from nin.storage.label import Label, write_label
from nin.storage.run import Run, RunConfig
from nin.storage.weights import SHELF
from tests.model.book_network import book_network


def made_run(folder: Path, preset: str = "pocket", recipe: str = "tuned", **settings: object) -> Run:
    """A run of two epochs that nobody had to wait for."""
    run = Run.create(RunConfig(preset=preset, recipe=recipe, epochs=2, seed=3, **settings), folder)
    architecture = architecture_for(preset_named(preset), recipe_named(recipe, preset_named(preset)))
    tensors = dict(sorted(initialise(NiN(architecture), "he", 1).state_dict().items(), reverse=True))
    normalise = recipe_named(recipe, preset_named(preset)).normalise
    save_checkpoint(Checkpoint(architecture, tensors, preset, normalise, step=4), run.checkpoint_path(4))
    rows = [{"kind": "step", "step": step, "epoch": 1, "loss": 2.0 - step / 10, "accuracy": 0.2, "lr": 0.01,
             "images_per_second": 100.0, "seconds": step * 1.0} for step in range(1, 5)]  # fmt: skip
    rows += [{"kind": "epoch", "epoch": epoch, "step": 2 * epoch, "train_loss": 2.0, "train_accuracy": 0.3,
              "train_eval_accuracy": 0.35, "train_eval_n": 80, "test_accuracy": (4 + epoch) / 10, "test_n": 2000,
              "seconds": 2.0 * epoch} for epoch in (1, 2)]  # fmt: skip
    rows.append({"kind": "event", "step": 3, "what": "lr", "lr": 0.02})
    run.metrics_path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    write_json(run.path / "status.json", {"state": "done", "step": 4, "device": "cpu", "hardware": "A machine",
               "threads": 2, "bfloat16": False, "seconds": 4.0, "data": "12,000 images", "diagnosis": None})  # fmt: skip
    return run


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return made_run(tmp_path / "20260101-120000-pocket-test")


def written(run: Run, what: str, folder: Path) -> Path:
    source = Source.of_run(run)
    path = folder / FORMATS[what].file_name(source)
    path.write_bytes(FORMATS[what].write(source))
    return path


def test_the_chapters_code_loads_the_state_dict_with_its_own_keys_in_their_order(tmp_path: Path) -> None:
    run = made_run(tmp_path / "book", "classic", "book-sgd")
    path = written(run, "params", tmp_path)
    state, net = torch.load(path, weights_only=True), book_network()
    assert path.name == "book.params"
    assert list(state) == list(net.state_dict())
    assert all(type(tensor) is Tensor and tensor.dtype == torch.float32 for tensor in state.values())
    net.load_state_dict(state)
    images = torch.rand(2, 1, 224, 224)
    with torch.inference_mode():
        assert torch.equal(net(images), Source.of_run(run).checkpoint.network()(images))


@pytest.mark.parametrize("what", ["params", "weights"])
def test_what_was_taken_away_comes_back_as_it_was(run: Run, tmp_path: Path, what: str) -> None:
    """By its shapes alone a state_dict would not say how images were prepared, or of which network it is."""
    source, back = Source.of_run(run), load_checkpoint(written(run, what, tmp_path))
    assert replace(back, tensors={}) == replace(source.checkpoint, tensors={})
    assert back.normalise
    assert all(torch.equal(tensor, source.checkpoint.tensors[name]) for name, tensor in back.tensors.items())


def picture_of_the_data_set(folder: Path) -> tuple[Path, Tensor]:
    pixels = load("sample").test.images[7]
    Image.fromarray(pixels.numpy()).save(folder / "item.png")
    return folder / "item.png", pixels


def test_the_script_alone_gives_the_labs_probabilities(tmp_path: Path) -> None:
    """With all that there is to do: enlarging, normalising, a temperature."""
    weights = SHELF / "classic-112.safetensors"
    (tmp_path / "predict.py").write_text(write_predictor(Source.named("classic-112")))
    (tmp_path / weights.name).write_bytes(weights.read_bytes())
    picture, pixels = picture_of_the_data_set(tmp_path)
    done = subprocess.run(
        [sys.executable, "-I", "predict.py", str(picture), "--json"],
        capture_output=True, text=True, check=False, cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    answer, ours = json.loads(done.stdout), Classifier.from_weights("classic-112").classify(pixels)
    assert list(answer.values()) == pytest.approx(ours.probabilities, abs=1e-6)
    assert max(answer, key=answer.get) == ours.label


def as_module(source: str) -> types.ModuleType:
    module = types.ModuleType("predict")
    exec(source, vars(module))
    return module


def test_the_script_knows_each_network_and_turns_a_drawing_on_white_around(run: Run, tmp_path: Path) -> None:
    source = Source.of_run(run)
    script = as_module(write_predictor(source))
    network = script.build_network().eval()
    network.load_state_dict(source.checkpoint.tensors)
    _, pixels = picture_of_the_data_set(tmp_path)
    ours = Classifier(source.checkpoint, source.checkpoint.network()).classify(pixels)
    assert script.predict(network, pixels.numpy()) == pytest.approx(ours.probabilities, abs=1e-6)
    drawing = Image.new("RGB", (200, 300), "white")
    drawing.paste((20, 20, 160), (60, 40, 140, 260))
    drawing.save(tmp_path / "drawing.png")
    seen = script.as_the_data_set_has_it(tmp_path / "drawing.png")
    assert (seen.shape, seen.dtype.name) == ((28, 28), "uint8")
    assert seen[:, 14].min() > 200  # from top to bottom
    assert seen[:, :4].max() < 20


def test_the_script_is_tidy(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "predict.py"
    for name in ("pocket", "classic"):
        file.write_text(write_predictor(Source.named(name)))
        for arguments in (["check", "--isolated", "--select", "E,F,I"], ["format", "--isolated", "--diff"]):
            command = [sys.executable, "-m", "ruff", *arguments, "--line-length", "120", str(file)]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stdout + done.stderr


def test_the_card_tells_how_a_run_was_made_and_what_it_came_to(run: Run, tmp_path: Path) -> None:
    write_label(run, Label("best | of *all*", "a note"))
    card = json.loads(written(run, "card-json", tmp_path).read_text())
    assert card == run_card(Source.of_run(run))
    assert (card["test_accuracy"], card["test_n"], card["seed"], card["lab"]) == (0.6, 2000, 3, lab.__version__)
    assert [row["test_accuracy"] for row in card["curve"]] == [0.5, 0.6]
    assert card["settings"]["label_smoothing"] == 0.05
    assert card["command"].startswith("python -m nin train --preset pocket --recipe tuned --epochs 2")
    told = as_markdown(card)
    assert "60.00% of 2,000 test images" in told
    assert "| 2 | 2.0000 | 35.00% | 60.00% |" in told
    assert r"# best \| of \*all\*" in told
    assert "A machine, cpu, 2 threads" in told
    assert "- step 3: lr 0.02" in told
    assert "288,490 parameters" in told
    assert "None" not in told


def test_the_card_of_weights_without_a_run_cannot_be() -> None:
    with pytest.raises(RunError, match="no run of these weights is known"):
        run_card(Source.named("pocket"))


def test_a_card_says_nothing_of_where_things_lie(tmp_path: Path) -> None:
    run = made_run(tmp_path / "run", data=str(tmp_path / "secret-folder"), weights=str(tmp_path / "first.params"))
    card = json.dumps(run_card(Source.of_run(run)))
    assert str(tmp_path) not in card
    assert "first.params" in card


def test_where_packages_are_missing_it_is_said_what_to_install(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onnx_model, "ONNX", ("onnx", "no_such_package"))
    with pytest.raises(SettingsError, match="pip install onnx no_such_package"):
        write_onnx(Source.of_run(run))


@pytest.mark.skipif(not are_installed(ONNX), reason="needs onnx, onnxscript, onnxruntime")
def test_onnx_computes_what_torch_does(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    import onnx

    made = write_onnx(Source.of_run(run))
    assert (made.checked_on, made.largest_difference < 1e-4) == (100, True)
    model = onnx.load_from_string(made.content)
    assert json.loads({prop.key: prop.value for prop in model.metadata_props}["classes"])[9] == "Ankle boot"


@pytest.mark.skipif(not are_installed(TENSORBOARD), reason="needs tensorboard")
@pytest.mark.filterwarnings("ignore")
def test_tensorboard_reads_a_run_and_again_what_was_added(run: Run) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    for _ in range(2):
        assert write_event_files(run) == 4 * 4 + 2 * 4
        assert len(list(run.path.glob(EVENT_FILES))) == 1
        read = EventAccumulator(str(run.path)).Reload()
        assert [(one.step, round(one.value, 4)) for one in read.Scalars("accuracy/test")] == [(2, 0.5), (4, 0.6)]
        assert read.Scalars("loss/batch")[0].value == pytest.approx(1.9)
    assert run.state == "done"


def test_all_of_a_run_is_one_archive_as_well(run: Run) -> None:
    source = Source.of_run(run)
    content = as_archive(source, {"card": lambda source: b"in another language"})
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        assert {name.partition("/")[0] for name in archive.namelist()} == {source.stem}
        names = {name.partition("/")[2] for name in archive.namelist()}
        assert names == {f"{run.id}.safetensors", f"{run.id}.params", "predict.py", "card.md", "card.json"}
        assert archive.read(f"{source.stem}/card.md") == b"in another language"


def test_the_version_is_said_in_one_place() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+", lab.__version__)
