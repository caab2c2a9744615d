"""When a step is recorded, replayed or given up; whether CUDA does it, the tests for a GPU ask."""

from __future__ import annotations

import pytest

from nin.engine.cuda_graph import WARM_UP_STEPS, GraphedStep, RecordingFailed, Step, first_cause


class Training:
    """A training that counts its steps, however they are taken."""

    def __init__(self, *, recordable: bool) -> None:
        self.recordable = recordable
        self.steps: list[str] = []
        self.recordings = self.failures = 0
        self.step = GraphedStep(lambda: self.steps.append("eager"), self.fail, recorder=self)

    def warm_up(self, body: Step) -> None:
        body()

    def record(self, body: Step) -> Step:
        self.recordings += 1
        if not self.recordable:
            raise RecordingFailed("operation not permitted")
        return lambda: self.steps.append("replayed")

    def fail(self) -> None:
        self.failures += 1


def test_a_step_is_replayed_once_it_could_be_recorded() -> None:
    training = Training(recordable=True)
    for _ in range(WARM_UP_STEPS + 4):
        training.step()
    assert training.steps == ["eager"] * WARM_UP_STEPS + ["replayed"] * 4
    assert (training.recordings, training.failures) == (1, 0)
    assert training.step.is_recorded
    assert training.step.failure is None


def test_a_step_that_cannot_be_recorded_is_taken_eagerly_and_said_to_be() -> None:
    training = Training(recordable=False)
    for _ in range(WARM_UP_STEPS + 4):
        training.step()
    assert training.steps == ["eager"] * (WARM_UP_STEPS + 4)  # none is lost, none taken twice
    assert (training.recordings, training.failures) == (1, 1)  # nor is it tried again and again
    assert not training.step.is_recorded
    assert training.step.failure == "operation not permitted"


def test_the_reason_is_what_went_wrong_first() -> None:
    def spoil() -> None:
        try:
            raise RuntimeError("operation not permitted\nwhen stream is capturing")
        except RuntimeError:  # as torch does when a spoilt recording ends
            raise RuntimeError("operation failed due to a previous error during capture")  # noqa: B904

    with pytest.raises(RuntimeError) as raised:
        spoil()
    assert first_cause(raised.value) == "operation not permitted"
    assert first_cause(RuntimeError("out of memory")) == "out of memory"
