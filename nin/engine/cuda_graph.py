"""A training step recorded once as a CUDA graph, then replayed: nothing is launched piece by piece.

What a step reads and writes (the indices of its images, the learning rate, the weights, the
losses) stays where it was when the graph was recorded, and only the contents change. Random
numbers are drawn anew at each replay, from the default generator's present seed.
"""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Callable
from typing import Protocol

import torch

# Eager steps before the recording, as torch asks for: libraries choose their kernels and the
# optimizer makes its state. They are ordinary steps of the training.
WARM_UP_STEPS = 3

Step = Callable[[], None]


class RecordingFailed(Exception):
    """The step does something that cannot be recorded; the message is CUDA's reason."""


class Recorder(Protocol):
    """What makes a recording of a step."""

    def warm_up(self, body: Step) -> None:
        """Take a step as it will be recorded, without recording it."""

    def record(self, body: Step) -> Step:
        """Record `body` without taking a step; returns what takes one. Raises RecordingFailed."""


class GraphedStep:
    """Calls `body` until it can be recorded, then replays it; where that fails, goes on calling it.

    A recording that fails leaves the default generator unusable ("Offset increment outside
    graph capture"): `on_failure` is to see to it that `body` draws from another one.
    """

    def __init__(self, body: Step, on_failure: Callable[[], None], recorder: Recorder | None = None) -> None:
        self._body, self._on_failure = body, on_failure
        self._recorder = CudaRecorder() if recorder is None else recorder
        self._replay: Step | None = None
        self._warm_ups_left = WARM_UP_STEPS
        self.failure: str | None = None  # why there is no recording

    @property
    def is_recorded(self) -> bool:
        return self._replay is not None

    def __call__(self) -> None:
        if self._warm_ups_left > 0:
            self._warm_ups_left -= 1
            self._recorder.warm_up(self._body)
            return
        if self._replay is None and self.failure is None:
            self._record()
        (self._replay or self._body)()

    def _record(self) -> None:
        try:
            self._replay = self._recorder.record(self._body)
        except RecordingFailed as failure:
            self.failure = str(failure)
            self._on_failure()


class CudaRecorder:
    """Records on a stream of its own."""

    def __init__(self) -> None:
        self._stream = torch.cuda.Stream()

    def warm_up(self, body: Step) -> None:
        # On the stream that is going to be recorded: autograd remembers where it accumulated gradients.
        self._stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(self._stream):
            body()
        torch.cuda.current_stream().wait_stream(self._stream)

    def record(self, body: Step) -> Step:
        gc.collect()  # an older graph that is torn down during a recording would spoil it
        graph, memory = torch.cuda.CUDAGraph(), torch.cuda.graph_pool_handle()
        try:
            # The outer context comes back to the present stream after a failure, too, which the inner one does
            # not. "thread_local": other threads (the heartbeat) may do what they like meanwhile.
            with (
                torch.cuda.stream(torch.cuda.current_stream()),
                torch.cuda.graph(graph, memory, self._stream, capture_error_mode="thread_local"),
            ):
                body()
        except RuntimeError as error:
            torch.cuda.synchronize()
            _tidy_up(memory, self._stream)
            raise RecordingFailed(first_cause(error)) from error
        return graph.replay


def first_cause(error: BaseException) -> str:
    """The first line of what went wrong first: the end of a spoilt recording raises, too, and says no more
    than that something went wrong before.
    """
    return str(error.__context__ or error).strip().partition("\n")[0]


def _tidy_up(memory: tuple[int, int], stream: torch.cuda.Stream) -> None:
    """What torch leaves undone after a recording that failed (pytorch#180395).

    By its source up to 2.11 the allocator still takes itself to be recording, so that the next
    search for a convolution's kernel would end in an internal error, and so does the default
    generator, until a recording ends well. None of this was ever run on a GPU: the two private
    calls are there by what the source says. So nothing of it may do harm: a torch that has no
    such function, or that has tidied up itself and refuses, is left alone, and training goes on
    eagerly. `test_step_that_cannot_be_recorded_goes_on_eagerly` tells on a GPU whether it is needed.
    """
    device = torch.cuda.current_device()
    end, release = (getattr(torch._C, name, None) for name in ("_cuda_endAllocateToPool", "_cuda_releasePool"))
    if end is not None and release is not None:
        with contextlib.suppress(RuntimeError, TypeError):  # TypeError: a later torch that asks for other arguments
            end(device, memory)
            release(device, memory)
    with (
        contextlib.suppress(RuntimeError),
        torch.cuda.graph(torch.cuda.CUDAGraph(), stream=stream, capture_error_mode="thread_local"),
    ):
        torch.zeros(1, device=f"cuda:{device}")
