"""A training step recorded once as a CUDA graph, then replayed: nothing is launched piece by piece.

What a step reads and writes (the indices of its images, the learning rate, the weights, the
losses) stays where it was when the graph was recorded, and only the contents change. Random
numbers are drawn anew at each replay, from the default generator's present seed.
"""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Callable

import torch

# Eager steps before the recording, as torch asks for: libraries choose their kernels and the
# optimizer makes its state. They are ordinary steps of the training.
WARM_UP_STEPS = 3


class GraphedStep:
    """Calls `body` until it can be recorded, then replays it; where that fails, goes on calling it.

    A recording that fails leaves the default generator unusable ("Offset increment outside
    graph capture"): `on_failure` is to see to it that `body` draws from another one.
    """

    def __init__(self, body: Callable[[], None], on_failure: Callable[[], None]) -> None:
        self._body, self._on_failure = body, on_failure
        self._stream = torch.cuda.Stream()
        self._graph: torch.cuda.CUDAGraph | None = None
        self._warm_ups_left = WARM_UP_STEPS
        self.failure: str | None = None  # why there is no graph

    def __call__(self) -> None:
        if self._graph is None and self.failure is None and self._warm_ups_left == 0:
            self._record()
        if self._graph is not None:
            self._graph.replay()
        elif self._warm_ups_left > 0:
            self._warm_ups_left -= 1
            self._warm_up()
        else:
            self._body()

    def _warm_up(self) -> None:
        # On the stream that is going to be recorded: autograd remembers where it accumulated gradients.
        self._stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(self._stream):
            self._body()
        torch.cuda.current_stream().wait_stream(self._stream)

    def _record(self) -> None:
        gc.collect()  # an older graph that is torn down during a recording would spoil it
        graph, memory = torch.cuda.CUDAGraph(), torch.cuda.graph_pool_handle()
        try:
            # The outer context comes back to the present stream after a failure, too, which the inner one does
            # not. "thread_local": other threads (the heartbeat) may do what they like meanwhile.
            with (
                torch.cuda.stream(torch.cuda.current_stream()),
                torch.cuda.graph(graph, memory, self._stream, capture_error_mode="thread_local"),
            ):
                self._body()
        except RuntimeError as error:
            # The end of a spoilt recording raises, too, and says no more than that something went wrong before.
            self.failure = str(error.__context__ or error).strip().partition("\n")[0]
            torch.cuda.synchronize()
            _tidy_up(memory, self._stream)
            self._on_failure()
        else:
            self._graph = graph


def _tidy_up(memory: tuple[int, int], stream: torch.cuda.Stream) -> None:
    """What torch leaves undone after a recording that failed, at least up to 2.11 (pytorch#180395).

    Its allocator still takes itself to be recording, so that the next search for a convolution's
    kernel would end in an internal error, and so does the default generator, until a recording
    ends well. Where a later torch has done it, or has no such function, there is nothing to do.
    """
    device = torch.cuda.current_device()
    with contextlib.suppress(AttributeError, RuntimeError):
        torch._C._cuda_endAllocateToPool(device, memory)
        torch._C._cuda_releasePool(device, memory)
    with (
        contextlib.suppress(RuntimeError),
        torch.cuda.graph(torch.cuda.CUDAGraph(), stream=stream, capture_error_mode="thread_local"),
    ):
        torch.zeros(1, device=f"cuda:{device}")
