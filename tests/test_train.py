"""Training: the same again from the same seed, steerable in the middle, honest about failure."""

import contextlib
import itertools
from dataclasses import replace
from types import SimpleNamespace

import pytest
import torch
from torch._subclasses.fake_tensor import FakeTensorMode

from nin import data, train
from nin import step as step_module
from nin import trainer as trainer_module
from nin.architecture import Architecture, Block, Dropout, Pool
from nin.chance import epoch_order, step_seed
from nin.device import Engine, choose_engine
from nin.errors import Diverged, RunError
from nin.fold import plan_fold
from nin.graph import GraphedStep
from nin.model import NiN
from nin.presets import PRESETS, RECIPES, Preset, architecture_for, recipe_named
from nin.stall import STALL_STEP
from nin.step import Stepper
from nin.train import Epoch, Event, Progress, Step, Trainer, fit

TINY = Preset(
    "tiny",
    Architecture(28, (Block((8, 8), 5, stride=3), Dropout(0.3), Block((16, 10), 3, padding=1))),
    "a network for tests",
    1e-2,
)
ENLARGED = replace(
    TINY, architecture=Architecture(56, (Block((6, 6), 8, stride=4), Pool(), Dropout(0.5), Block((10,), 3)))
)
RECIPE = replace(RECIPES["tuned"], lr=1e-2, epochs=2, batch_size=32, augment="flip-shift")
CPU = Engine(torch.device("cpu"), bfloat16=False)


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def sample():
    return data.load("sample")


@pytest.fixture
def make(sample):
    def make(preset=TINY, recipe=RECIPE, *, engine=CPU, train_size=320, seed=0):
        few = replace(sample, test=data.Split(*(tensor[:200] for tensor in sample.test)))
        return Trainer(preset, recipe, few, engine=engine, seed=seed, train_size=train_size)

    return make


def run(trainer, *, until=None):
    """The records of a training, as far as step `until`; no Progress among them."""
    records = []
    for record in fit(trainer):
        if not isinstance(record, Progress):
            records.append(record)
        if until is not None and trainer.step >= until:
            break
    return records + list(trainer.unreported())


def losses(records):
    return [record.loss for record in records if isinstance(record, Step)]


def weights(trainer):
    return {name: tensor.clone() for name, tensor in trainer.model.state_dict().items()}


def assert_same_weights(a, b):
    for name, tensor in weights(a).items():
        assert torch.equal(tensor, weights(b)[name]), name


def test_same_seed_same_run(make):
    first, second, other = make(seed=3), make(seed=3), make(seed=4)
    assert losses(run(first)) == losses(run(second))
    assert_same_weights(first, second)
    assert losses(run(other)) != losses(run(make(seed=3)))


def test_every_step_is_reported_once_and_in_order(make):
    trainer = make()
    records = run(trainer)
    steps = [record for record in records if isinstance(record, Step)]
    assert [step.step for step in steps] == list(range(1, 21))
    assert [step.epoch for step in steps] == [1] * 10 + [2] * 10
    assert all(earlier.seconds <= later.seconds for earlier, later in itertools.pairwise(steps))
    epochs = [record for record in records if isinstance(record, Epoch)]
    assert [epoch.step for epoch in epochs] == [10, 20]
    for epoch in epochs:
        own = [step for step in steps if step.epoch == epoch.epoch]
        assert epoch.train_loss == pytest.approx(sum(step.loss for step in own) / len(own), rel=1e-5)
        assert epoch.train_accuracy == pytest.approx(sum(step.accuracy for step in own) / len(own), rel=1e-5)
        assert epoch.test_n == 200


def test_it_learns(make):
    records = run(make(recipe=replace(RECIPE, epochs=12), train_size=640))
    *_, last = (record for record in records if isinstance(record, Epoch))
    assert last.test_accuracy > 0.5
    assert not [record for record in records if isinstance(record, Event)]


@pytest.mark.parametrize("optimizer", ["adam", "adamw", "sgd"])
def test_resumed_run_is_bit_exact(make, optimizer):
    recipe = replace(RECIPE, optimizer=optimizer, momentum=0.9)
    whole, first = make(recipe=recipe), make(recipe=recipe)
    expected = losses(run(whole))
    begun = losses(run(first, until=5))
    resumed = make(recipe=recipe, seed=0)
    resumed.restore(first.checkpoint(), first.optimizer_tensors())
    assert resumed.step == len(begun)
    records = run(resumed)
    assert begun + losses(records) == expected
    assert_same_weights(whole, resumed)
    # The epoch's mean counts the steps before the stop, too.
    first_epoch = next(record for record in records if isinstance(record, Epoch))
    assert first_epoch.train_loss == pytest.approx(sum(expected[:10]) / 10, rel=1e-5)


def test_stopped_in_an_evaluation_resumes_with_it(make):
    stopped = make()
    for record in fit(stopped):
        if isinstance(record, Progress) and record.phase == "evaluate":
            break
    resumed = make()
    resumed.restore(stopped.checkpoint(), stopped.optimizer_tensors())
    records = run(resumed)
    assert isinstance(records[0], Epoch)
    assert records[0].epoch == 1
    assert len(losses(records)) == 10


def test_restoring_another_networks_checkpoint_is_refused(make):
    with pytest.raises(RunError, match="another network"):
        make().restore(make(ENLARGED).checkpoint(), {})


def test_batch_in_parts_gives_the_same_step(make, monkeypatch):
    whole, parted = make(ENLARGED), make(ENLARGED)
    stepper = Stepper(whole)
    for _ in range(3):
        list(stepper.take())
    expected = losses(whole.unreported())
    monkeypatch.setattr(Engine, "part_size", lambda self, architecture: 7)
    stepper = Stepper(parted)
    assert list(stepper.take()) == [6, 12, 19, 25]  # the batch of 32 in five parts that differ by one at most
    for _ in range(2):
        list(stepper.take())
    assert [step.loss for step in parted.unreported()] == pytest.approx(expected, rel=1e-5)
    for name, tensor in weights(whole).items():
        torch.testing.assert_close(tensor, weights(parted)[name], rtol=1e-3, atol=1e-5)


def test_stop_in_the_middle_of_a_batch_leaves_the_weights(make, monkeypatch):
    monkeypatch.setattr(Engine, "part_size", lambda self, architecture: 7)
    trainer, before = make(), weights(make())
    parts = Stepper(trainer).take()
    next(parts)
    parts.close()
    assert trainer.step == 0
    for name, tensor in weights(trainer).items():
        assert torch.equal(tensor, before[name])


def test_fold_trains_the_same(make):
    folded, plain = make(ENLARGED), make(ENLARGED, engine=replace(CPU, fold=False))
    assert losses(run(folded)) == pytest.approx(losses(run(plain)), rel=1e-4)


def test_learning_rate_set_in_the_middle(make):
    trainer = make(recipe=replace(RECIPE, schedule="constant"))
    steps = []
    for record in fit(trainer):
        if isinstance(record, Step):
            steps.append(record)
            if trainer.step == 10:
                trainer.lr = 3e-3
    assert {step.lr for step in steps if step.step <= 10} == {1e-2}
    assert {step.lr for step in steps if step.step > 10} == {3e-3}


def test_a_set_rate_is_what_the_optimizer_uses(make):
    trainer = make(recipe=replace(RECIPE, optimizer="sgd", schedule="constant", weight_decay=0))
    trainer.lr = 0.0
    before = weights(trainer)
    run(trainer, until=2)
    for name, tensor in weights(trainer).items():
        assert torch.equal(tensor, before[name])


@pytest.mark.parametrize(("wanted", "done"), [(1, 1), (4, 4)])
def test_epochs_changed_in_the_middle(make, wanted, done):
    trainer = make()
    epochs = []
    for record in fit(trainer):
        if isinstance(record, Step) and record.step == 1:
            trainer.epochs = wanted
        if isinstance(record, Epoch):
            epochs.append(record)
    assert [epoch.epoch for epoch in epochs] == list(range(1, done + 1))
    assert trainer.step == done * 10


def test_landmark_steps_are_reported_before_the_next_begins(make):
    trainer = make()
    trainer.landmarks = frozenset({4, 7})
    seen = {record.step: trainer.step for record in fit(trainer) if isinstance(record, Step)}
    assert seen[4] == 4
    assert seen[7] == 7


def test_evaluation_is_limited_to_a_fixed_part_until_the_end(make, monkeypatch):
    monkeypatch.setattr(train, "EVALUATION_SECONDS", 0.0)
    monkeypatch.setattr(train, "SMALLEST_EVALUATION", 60)
    monkeypatch.setattr(Engine, "part_size", lambda self, architecture: 40)
    trainer = make(recipe=replace(RECIPE, epochs=3))
    assert [record.test_n for record in run(trainer) if isinstance(record, Epoch)] == [80, 80, 200]
    resumed = make()
    resumed.restore(trainer.checkpoint(), trainer.optimizer_tensors())
    assert resumed.evaluation_images == trainer.evaluation_images


def test_dead_network_is_called_stalled(make):
    """The chapter's recipe on weights whose last ReLU lets nothing through, as it happens by chance."""
    trainer = make(
        replace(TINY, architecture=replace(TINY.architecture, dropout=0.0)),
        replace(recipe_named("book-adam", TINY), epochs=12, batch_size=16),
    )
    with torch.no_grad():
        trainer.model[2][-2].bias.fill_(-100.0)
    events = [record for record in run(trainer) if isinstance(record, Event)]
    assert [event.what for event in events] == ["stalled"]
    assert STALL_STEP <= events[0].step < STALL_STEP + 20
    assert events[0].details["dead_classes"] == 10
    assert events[0].details["loss"] == pytest.approx(2.3026, abs=1e-3)
    assert any("He initialisation" in advice for advice in events[0].details["advice"])
    assert any("logit head" in advice for advice in events[0].details["advice"])


def test_run_that_learns_is_not_called_stalled(make):
    records = run(make(recipe=replace(RECIPE, epochs=12, batch_size=16)))
    assert max(record.step for record in records if isinstance(record, Step)) > STALL_STEP
    assert not [record for record in records if isinstance(record, Event)]


def test_absurd_rate_diverges(make):
    trainer = make(recipe=replace(RECIPE, optimizer="sgd", schedule="constant", momentum=0.99, lr=10.0))
    records = []
    with pytest.raises(Diverged, match="learning rate of 10 was too high"):
        records.extend(fit(trainer))
    assert trainer.has_diverged
    assert not list(trainer.unreported())  # nothing that is no number is ever reported


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
    few = replace(sample, train=data.Split(*(tensor[:256] for tensor in sample.train)))
    plan_fold(architecture_for(preset, RECIPE))  # made on the CPU, once
    with FakeTensorMode(allow_non_fake_inputs=True):
        trainer = Trainer(preset, RECIPE, few, engine=Engine(torch.device("cuda:0"), bfloat16=False, graph=True))
        Stepper(trainer)._whole_batch()
        assert trainer.epoch_sums.device == losses[0].device == torch.device("cuda:0")
        assert {group["lr"].device.type for group in trainer.optimizer.param_groups} == {"cuda"}


@pytest.mark.parametrize("recordable", [True, False])
def test_graph_is_recorded_after_ordinary_steps_or_given_up(monkeypatch, recordable):
    """What is called when, with stand-ins for the CUDA calls; whether CUDA does it, the tests for a GPU ask."""
    done = []

    class Graph:
        def replay(self):
            done.append("replay")

    @contextlib.contextmanager
    def recording(graph, *, stream, capture_error_mode):
        done.append("record")
        yield
        if not recordable:
            raise RuntimeError("operation not permitted\nwhen stream is capturing")

    stand_ins = {
        "Stream": lambda: SimpleNamespace(wait_stream=lambda other: None),
        "current_stream": lambda: SimpleNamespace(wait_stream=lambda other: None),
        "stream": contextlib.nullcontext,
        "synchronize": lambda: None,
        "CUDAGraph": Graph,
        "graph": recording,
    }
    for name, stand_in in stand_ins.items():
        monkeypatch.setattr(torch.cuda, name, stand_in)
    step = GraphedStep(lambda: done.append("body"), lambda: done.append("given up"))
    for _ in range(6):
        step()
    recorded = ["record", "body"] + (["replay"] * 3 if recordable else ["given up"] + ["body"] * 3)
    assert done == ["body"] * 3 + recorded
    assert step.failure == (None if recordable else "operation not permitted")


def test_chance_is_a_function_of_seed_and_place():
    assert torch.equal(epoch_order(1, 2, 100), epoch_order(1, 2, 100))
    assert sorted(epoch_order(1, 2, 100).tolist()) == list(range(100))
    orders = [epoch_order(seed, epoch, 100).tolist() for seed in range(3) for epoch in range(3)]
    assert all(a != b for a, b in itertools.combinations(orders, 2))
    seeds = {step_seed(seed, step) for seed in range(50) for step in range(50)}
    assert len(seeds) == 2500


# --- with a GPU -------------------------------------------------------------------------------

needs_gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")


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
def test_graph_trains_as_eager_steps_do(make, optimizer):
    recipe = replace(RECIPE, optimizer=optimizer, momentum=0.9 if optimizer == "sgd" else 0.0, lr=1e-3)
    engine = choose_engine("cuda", bfloat16=False)
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
    graphed = make(ENLARGED, recipe, engine=engine)
    eager = make(ENLARGED, recipe, engine=replace(engine, graph=False))
    expected = gpu_steps(eager)
    assert gpu_steps(graphed) == pytest.approx(expected, rel=1e-3)
    stepper = Stepper(graphed)
    for _ in range(5):
        graphed.step = 0
        list(stepper.take())
    assert stepper.graph_failure is None
    assert stepper._graphed._graph is not None


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
