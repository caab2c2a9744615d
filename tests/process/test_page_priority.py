"""Training rests for a moment where somebody waits for a page, and no longer."""

import os
from types import SimpleNamespace

import pytest

from nin.paths import queue_directory
from nin.process import page_priority
from nin.process.page_priority import REQUEST, REST_SECONDS, WORK_FOR_REST, PagePriority, request_priority
from nin.storage.run import Run, RunConfig
from tests.running import TINY, train


@pytest.fixture
def clock(monkeypatch):
    """Stands still but for what is slept; `slept` says how long."""
    clock = SimpleNamespace(now=0.0, slept=0.0)

    def sleep(seconds):
        clock.now += seconds
        clock.slept += seconds

    stand_in = SimpleNamespace(time=lambda: clock.now, monotonic=lambda: clock.now, sleep=sleep)
    monkeypatch.setattr(page_priority, "time", stand_in)
    return clock


def ask(clock):
    """Somebody asks; it is a tenth of a second ago."""
    request_priority()
    clock.now = asked_at() + 0.1


def asked_at():
    return (queue_directory() / REQUEST).stat().st_mtime


def test_nobody_asked(clock):
    PagePriority().give_way()
    assert clock.slept == 0


def test_rests_until_the_page_is_there(clock):
    priority = PagePriority()
    ask(clock)
    priority.give_way()
    assert clock.slept == pytest.approx(REST_SECONDS - 0.1, abs=1e-3)


@pytest.mark.parametrize("passed", [REST_SECONDS + 0.01, 3600, -3600], ids=["over", "long ago", "clock set back"])
def test_what_was_asked_is_over_by_itself(clock, passed):
    priority = PagePriority()
    request_priority()
    clock.now = asked_at() + passed
    priority.give_way()
    assert clock.slept == 0


def test_the_first_loss_does_not_wait(clock):
    ask(clock)
    priority = PagePriority()
    priority.give_way()
    assert clock.slept == 0


def test_many_visitors_do_not_stop_a_training(clock):
    priority = PagePriority()
    ask(clock)
    began = clock.now
    for _ in range(1000):
        os.utime(queue_directory() / REQUEST, (clock.now, clock.now))  # asked at every moment
        priority.give_way()
        clock.now += 0.05  # a step
    assert clock.slept / (clock.now - began) == pytest.approx(1 / (1 + WORK_FOR_REST), rel=0.1)


@pytest.mark.usefixtures("tiny_preset")
def test_training_on_the_cpu_asks_again_and_again(monkeypatch):
    asked = []
    monkeypatch.setattr(PagePriority, "give_way", lambda self: asked.append(1))
    train(Run.create(RunConfig(**TINY, epochs=2, device="cpu")))
    assert len(asked) > 2 * 10  # each step, and the evaluations
