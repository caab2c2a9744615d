"""Training: the same again from the same seed, steerable in the middle, honest about failure."""

import itertools
from dataclasses import replace

import pytest
import torch

from nin.engine.device import Engine
from nin.errors import Diverged, RunError
from nin.training import fit as train
from nin.training.fit import fit
from nin.training.records import Epoch, Event, Progress, Step
from nin.training.step import Stepper, epoch_order, step_seed
from tests.training.tiny import CPU, ENLARGED, RECIPE, assert_same_weights, losses, run, weights


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


@pytest.mark.parametrize("written", ["today", "before it was said"])
def test_stopped_in_an_evaluation_resumes_with_it(make, written):
    stopped = make()
    for record in fit(stopped):
        if isinstance(record, Progress) and record.phase == "evaluate":
            break
    checkpoint = stopped.checkpoint()
    assert checkpoint.extra["evaluation_pending"]
    if written != "today":
        del checkpoint.extra["evaluation_pending"]
    resumed = make()
    resumed.restore(checkpoint, stopped.optimizer_tensors())
    records = run(resumed)
    assert isinstance(records[0], Epoch)
    assert records[0].epoch == 1
    assert len(losses(records)) == 10


@pytest.mark.parametrize("written", ["today", "before it was said"])
def test_stopped_after_an_evaluation_does_not_repeat_it(make, written):
    stopped = make()
    for record in fit(stopped):
        if isinstance(record, Epoch):
            break
    checkpoint = stopped.checkpoint()
    assert not checkpoint.extra["evaluation_pending"]
    if written != "today":
        del checkpoint.extra["evaluation_pending"]
    resumed = make()
    resumed.restore(checkpoint, stopped.optimizer_tensors())
    assert [record.epoch for record in run(resumed) if isinstance(record, Epoch)] == [2]


def test_restoring_another_networks_checkpoint_is_refused(make):
    with pytest.raises(RunError, match="another network"):
        make().restore(make(ENLARGED).checkpoint(), {})


def test_batch_in_parts_gives_the_same_step(make, monkeypatch):
    whole, parted = make(ENLARGED), make(ENLARGED)
    stepper = Stepper(whole)
    for _ in range(3):
        stepper.take()
    expected = losses(whole.unreported())
    monkeypatch.setattr(Engine, "part_size", lambda self, architecture: 7)
    stepper = Stepper(parted)
    assert list(stepper.take_in_parts()) == [6, 12, 19, 25]  # the batch of 32 in five parts that differ by one at most
    for _ in range(2):
        stepper.take()
    assert [step.loss for step in parted.unreported()] == pytest.approx(expected, rel=1e-5)
    for name, tensor in weights(whole).items():
        torch.testing.assert_close(tensor, weights(parted)[name], rtol=1e-3, atol=1e-5)


def test_stop_in_the_middle_of_a_batch_leaves_the_weights(make, monkeypatch):
    monkeypatch.setattr(Engine, "part_size", lambda self, architecture: 7)
    trainer, before = make(), weights(make())
    parts = Stepper(trainer).take_in_parts()
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


def test_absurd_rate_diverges(make):
    trainer = make(recipe=replace(RECIPE, optimizer="sgd", schedule="constant", momentum=0.99, lr=10.0))
    records = []
    with pytest.raises(Diverged, match="learning rate of 10 was too high"):
        records.extend(fit(trainer))
    assert trainer.has_diverged
    assert not list(trainer.unreported())  # a loss that is not finite is never reported


def test_chance_is_a_function_of_seed_and_place():
    assert torch.equal(epoch_order(1, 2, 100), epoch_order(1, 2, 100))
    assert sorted(epoch_order(1, 2, 100).tolist()) == list(range(100))
    orders = [epoch_order(seed, epoch, 100).tolist() for seed in range(3) for epoch in range(3)]
    assert all(a != b for a, b in itertools.combinations(orders, 2))
    seeds = {step_seed(seed, step) for seed in range(50) for step in range(50)}
    assert len(seeds) == 2500
