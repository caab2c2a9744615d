"""Which batch size fits into so much memory: worked out, then confirmed by a real step in a process of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from nin.anatomy.measurement import MeasuredMemory, MemoryQuestion, measured_memory, memory_at_hand
from nin.model.cost import NetworkCost
from nin.model.memory import prediction_memory, training_memory
from nin.presets import BATCH_SIZE_RANGE

TRIES = 6
SMALLER = 0.88  # of a batch that did not fit


@dataclass(frozen=True)
class LargestBatch:
    """A batch size that was tried and found to fit; 0 where none did."""

    batch_size: int
    memory: MeasuredMemory | None  # of that batch
    did_not_fit: tuple[int, ...] = ()  # larger ones that were tried before


def predicted_bytes(cost: NetworkCost, question: MemoryQuestion) -> int:
    """The peak of the step that is asked about."""
    if question.what == "predict":
        return prediction_memory(cost, question.batch_size).peak
    return training_memory(cost, question.batch_size, question.optimizer, momentum=question.momentum).peak


def predicted_largest_batch(cost: NetworkCost, question: MemoryQuestion, memory_bytes: int) -> int:
    """The largest batch of those that can be trained with whose peak is within `memory_bytes`; 0 where one image is too much."""

    def fits(batch_size: int) -> bool:
        return predicted_bytes(cost, replace(question, batch_size=batch_size)) <= memory_bytes

    return _last(fits, *BATCH_SIZE_RANGE)


def confirmed_largest_batch(
    cost: NetworkCost, question: MemoryQuestion, memory_bytes: int
) -> Iterator[tuple[float, LargestBatch | None]]:
    """Try the predicted one, then smaller ones until one fits, never with more than this machine has at hand.

    Yields (share done, None) on the way; a step that does not fit dies, and what asked for it lives on.
    """
    memory_bytes = min(memory_bytes, memory_at_hand())
    batch_size, failed = predicted_largest_batch(cost, question, memory_bytes), []
    while batch_size >= 1 and len(failed) < TRIES:
        found: MeasuredMemory | None = None
        for share, measured in measured_memory(replace(question, batch_size=batch_size), memory_bytes):
            found = measured
            yield min(share, 0.99), None
        if found is not None and found.fits:
            yield 1.0, LargestBatch(batch_size, found, tuple(failed))
            return
        failed.append(batch_size)
        batch_size = min(batch_size - 1, int(SMALLER * batch_size))
    yield 1.0, LargestBatch(0, None, tuple(failed))


def _last(holds: Callable[[int], bool], first: int, last: int) -> int:
    """The last number from `first` to `last` for which `holds`, where it holds up to some number; else first - 1."""
    low, high = first - 1, last
    while low < high:
        middle = (low + high + 1) // 2
        if holds(middle):
            low = middle
        else:
            high = middle - 1
    return low
