"""The step as a GPU takes it: recorded as a CUDA graph, asking the device for nothing."""

from dataclasses import replace

import pytest
import torch
from torch._subclasses.fake_tensor import FakeTensorMode

from nin.data.augment import AUGMENTATIONS
from nin.engine.device import Engine, choose_engine
from nin.engine.fold import plan_fold
from nin.model.network import NiN
from nin.presets import PRESETS, architecture_for
from nin.training import step as step_module
from nin.training import trainer as trainer_module
from nin.training.fit import fit
from nin.training.records import Event, Step
from nin.training.step import Stepper
from nin.training.trainer import Trainer
from tests.training.tiny import ENLARGED, RECIPE

needs_gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")


@pytest.mark.parametrize("preset", [ENLARGED, PRESETS["classic"]], ids=["enlarged", "classic"])
def test_gpu_step_stays_on_the_gpu(sample, monkeypatch, preset):
    """Fake tensors know shape, type and device without a GPU: a forward pass that mixes devices, or asks for a
    number (which cannot be recorded as a CUDA graph), fails here as it would there.
    """
    monkeypatch.setattr(Engine, "generator", lambda self: torch.Generator())
    monkeypatch.setattr(step_module, "GraphedStep", lambda body, on_failure: body)
    monkeypatch.setattr(Engine, "place", lambda self, model: model)  # fake parameters cannot be moved,

    def made_in_place(model, how, seed):  # so they are made where they belong
        with torch.device("cuda:0"):
            return NiN(model.architecture)

    monkeypatch.setattr(trainer_module, "initialise", made_in_place)
    losses = []
    # Autograd and the fused optimizer want a real GPU.
    monkeypatch.setattr(torch.Tensor, "backward", lambda loss: losses.append(loss))  # noqa: PLW0108 (a method)
    monkeypatch.setattr(torch.optim.AdamW, "step", lambda self: None)
    few = replace(sample, train=sample.train.first(256))
    plan_fold(architecture_for(preset, RECIPE))  # made on the CPU, once
    with FakeTensorMode(allow_non_fake_inputs=True):
        trainer = Trainer(preset, RECIPE, few, engine=Engine(torch.device("cuda:0"), bfloat16=False, graph=True))
        Stepper(trainer).take()
        assert trainer.epoch_sums.device == losses[0].device == torch.device("cuda:0")
        assert {group["lr"].device.type for group in trainer.optimizer.param_groups} == {"cuda"}


def gpu_steps(trainer, *, lr_from=None):
    """The losses of a training; from step `lr_from` on at a rate of 0."""
    losses = []
    for record in fit(trainer):
        if isinstance(record, Step):
            losses.append(record.loss)
        if lr_from is not None and trainer.step >= lr_from and trainer.schedule.wanted:
            trainer.lr = 0.0
    return losses


@pytest.mark.gpu
@needs_gpu
@pytest.mark.parametrize("optimizer", ["adam", "adamw", "sgd"])
def test_graph_trains_as_eager_steps_do(make, optimizer, monkeypatch):
    recipe = replace(RECIPE, optimizer=optimizer, momentum=0.9 if optimizer == "sgd" else 0.0, lr=1e-3)
    engine = choose_engine("cuda", bfloat16=False)
    monkeypatch.setattr(
        torch.backends.cudnn.conv, "fp32_precision", "ieee"
    )  # no TF32, which torch uses in convolutions
    graphed = make(ENLARGED, recipe, engine=engine)
    eager = make(ENLARGED, recipe, engine=replace(engine, graph=False))
    expected = gpu_steps(eager)
    assert gpu_steps(graphed) == pytest.approx(expected, rel=1e-3)
    stepper = Stepper(graphed)
    for _ in range(5):
        graphed.step = 0
        stepper.take()
    assert stepper.is_recorded


@pytest.mark.gpu
@needs_gpu
@pytest.mark.parametrize("augment", sorted(AUGMENTATIONS))
def test_every_augmentation_is_recorded_and_so_is_a_batch_in_parts(make, augment, monkeypatch):
    monkeypatch.setattr(Engine, "part_size", lambda *_: 5)
    stepper = Stepper(make(ENLARGED, replace(RECIPE, augment=augment), engine=choose_engine("cuda")))
    for _ in range(5):
        stepper.take()
    assert stepper.is_recorded


@pytest.mark.gpu
@needs_gpu
def test_rate_changed_in_the_middle_reaches_the_graph(make):
    trainer = make(ENLARGED, replace(RECIPE, weight_decay=0.0), engine=choose_engine("cuda"))
    seen = {}
    for record in fit(trainer):
        if isinstance(record, Step) and trainer.step == 10:
            trainer.lr = 0.0
            seen = {name: tensor.clone() for name, tensor in trainer.model.state_dict().items()}
    assert seen
    for name, tensor in trainer.model.state_dict().items():
        assert torch.equal(tensor, seen[name]), name


@pytest.mark.gpu
@needs_gpu
def test_step_that_cannot_be_recorded_goes_on_eagerly(make, monkeypatch):
    trainer = make(ENLARGED, engine=choose_engine("cuda"))
    accumulate = Stepper._accumulate

    def asking(self, *arguments):
        accumulate(self, *arguments)
        self._measured.sum().item()  # waits for the device, which a graph cannot do

    monkeypatch.setattr(Stepper, "_accumulate", asking)
    records = list(fit(trainer))
    assert [record.what for record in records if isinstance(record, Event)] == ["eager"]
    assert len([record for record in records if isinstance(record, Step)]) == trainer.total_steps
    # Nothing is left of it for whatever trains next in this process.
    monkeypatch.undo()
    next_one = Stepper(make(ENLARGED, engine=choose_engine("cuda")))
    for _ in range(5):
        next_one.take()
    assert next_one.graph_failure is None
    torch.rand(1, device="cuda")


@pytest.mark.gpu
@needs_gpu
def test_resumed_on_the_gpu(make):
    first = make(ENLARGED, engine=choose_engine("cuda"))
    for record in fit(first):
        if isinstance(record, Step) and record.step == 10:
            break
    list(first.unreported())
    resumed = make(ENLARGED, engine=choose_engine("cuda"))
    resumed.restore(first.checkpoint(), first.optimizer_tensors())
    before = resumed.step
    losses = gpu_steps(resumed)
    assert len(losses) == resumed.total_steps - before
