"""The script of every network and recipe runs on its own, and its losses are the lab's."""

from __future__ import annotations

import gzip
import itertools
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest
import torch

from nin.data.dataset import Dataset, load
from nin.data.drawings import DRAWINGS_DIR
from nin.data.fashion_mnist import IDX_FILES
from nin.engine.device import choose_engine
from nin.model.architecture import Variant
from nin.model.network import NiN, parameter_count
from nin.presets import PRESETS, RECIPES, architecture_for, recipe_named
from nin.script.script import script_name, write_script
from nin.training.fit import fit
from nin.training.records import Step
from nin.training.trainer import Trainer

IMAGES, BATCH, STEPS = 8, 4, 2
# Rounding, after a step of the optimizer: Adam divides by what may be near nothing.
TOLERANCE = 2e-3


@pytest.fixture(scope="module")
def images() -> Dataset:
    data = load("sample")
    return Dataset(data.train.first(IMAGES), data.test.first(2), "few", Path())


@pytest.fixture(scope="module")
def folder(images: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The four files of Fashion-MNIST, of a few images; some gzipped, some not."""
    folder = tmp_path_factory.mktemp("data")
    for (split, what), file in IDX_FILES.items():
        tensor = getattr(getattr(images, split), what).to(torch.uint8)
        sizes = b"".join(size.to_bytes(4, "big") for size in tensor.shape)
        content = bytes([0, 0, 8, tensor.dim()]) + sizes + tensor.numpy().tobytes()
        if what == "images":
            (folder / f"{file.name}.gz").write_bytes(gzip.compress(content))
        else:
            (folder / file.name).write_bytes(content)
    return folder


def as_module(source: str, **settings: object) -> ModuleType:
    """The script imported, with some of its constants set."""
    module = ModuleType("script")
    exec(compile(source, "script.py", "exec"), vars(module))
    vars(module).update(settings)
    return module


def losses_of_the_lab(preset_name: str, recipe_name: str, images: Dataset) -> list[float]:
    preset = PRESETS[preset_name]
    recipe = replace(recipe_named(recipe_name, preset), batch_size=BATCH, epochs=1, dropout=0.0)
    trainer = Trainer(preset, recipe, images, engine=choose_engine("cpu", bfloat16=False), seed=3)
    return losses_of(trainer)


def losses_of(trainer: Trainer) -> list[float]:
    """Of all steps; what is tested behind them is left out."""
    steps = (record.loss for record in fit(trainer) if isinstance(record, Step))
    return list(itertools.islice(steps, trainer.total_steps))


@pytest.mark.parametrize("recipe_name", RECIPES)
@pytest.mark.parametrize("preset_name", PRESETS)
def test_a_scripts_losses_are_the_labs(
    preset_name: str, recipe_name: str, images: Dataset, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    preset = PRESETS[preset_name]
    recipe = recipe_named(recipe_name, preset)
    source = write_script(preset, recipe, seed=3)
    assert "import nin" not in source
    assert "from nin" not in source
    script = as_module(source, BATCH_SIZE=BATCH, DROPOUT=0.0)  # what is dropped is drawn otherwise
    drawings = ["--drawings", str(DRAWINGS_DIR)] if recipe.drawings else []
    losses = script.main(["--data", str(folder), "--epochs", "1", *drawings])
    architecture = architecture_for(preset, recipe)
    assert capsys.readouterr().out.startswith(f"{parameter_count(NiN(architecture)):,} parameters")
    assert losses == pytest.approx(losses_of_the_lab(preset_name, recipe_name, images), rel=TOLERANCE)


VARIANTS = {
    "none": Variant(pointwise=0),
    "three": Variant(pointwise=3),
    "one-step": Variant(head="one-step"),
    "gradual": Variant(head="gradual"),
    "dense": Variant(head="dense"),
    "max": Variant(pooling="max"),
}


@pytest.mark.parametrize("name", VARIANTS)
def test_a_variants_network_is_the_labs(name: str) -> None:
    preset = PRESETS["pocket"]
    preset = replace(preset, architecture=VARIANTS[name].of(preset.architecture))
    for logit_head in (False, True):
        recipe = replace(RECIPES["book-adam"], logit_head=logit_head)
        theirs = as_module(write_script(preset, recipe)).build_network().eval()
        ours = NiN(architecture_for(preset, recipe)).eval()
        theirs.load_state_dict(ours.state_dict())
        x = torch.rand(2, 1, 28, 28)
        assert torch.equal(theirs(x), ours(x))


def test_other_settings_are_written_down(images: Dataset, folder: Path) -> None:
    recipe = replace(
        RECIPES["book-sgd"], momentum=0.9, weight_decay=0.001, schedule="one-cycle", augment="flip-shift", lr=0.05,
        batch_size=BATCH, epochs=1,
    )  # fmt: skip
    preset = replace(
        PRESETS["pocket"], architecture=replace(PRESETS["pocket"].architecture, input_size=32, dropout=0.0)
    )
    losses = as_module(write_script(preset, recipe, seed=5)).main(["--data", str(folder)])
    trainer = Trainer(preset, replace(recipe, dropout=0.0), images, engine=choose_engine("cpu", bfloat16=False), seed=5)
    assert len(losses) == STEPS
    assert losses == pytest.approx(losses_of(trainer), rel=TOLERANCE)


def test_a_script_runs_on_its_own_with_python_alone(folder: Path, tmp_path: Path) -> None:
    preset = PRESETS["pocket"]
    recipe = recipe_named("sketch-aware", preset)
    file = tmp_path / script_name(preset, recipe)
    assert file.name == "nin_pocket_sketch_aware.py"
    file.write_text(write_script(preset, recipe), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-I", str(file), "--data", str(folder), "--epochs", "2", "--images", "6"],
        capture_output=True, text=True, check=False, cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "288,490 parameters, 6 images" in done.stdout
    assert "epoch 2: loss" in done.stdout


@pytest.mark.parametrize("recipe_name", RECIPES)
def test_a_script_is_tidy(recipe_name: str, tmp_path: Path) -> None:
    preset = PRESETS["classic"]
    file = tmp_path / "script.py"
    file.write_text(write_script(preset, recipe_named(recipe_name, preset)), encoding="utf-8")
    for arguments in (["check", "--isolated", "--select", "E,F,I", "--line-length", "120"],
                      ["format", "--isolated", "--diff", "--line-length", "120"]):  # fmt: skip
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *arguments, str(file)], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
