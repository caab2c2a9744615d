"""What this machine can do at most: the yardstick that makes speeds comparable, and a measurement believable."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass

import torch

from nin.engine.device import Engine

REPEATS = 7
SECONDS = 1.5  # longer than what a neighbour on the same machine takes now and then
MOST_DRIFT = 0.05


@dataclass(frozen=True)
class Ceiling:
    gemm_fp32: float  # FLOP/s of a large matrix product, without TF32 as is torch's default
    gemm_bf16: float | None  # None where the hardware does not multiply bf16
    copy: float  # bytes/s, those read and those written

    def drift(self, later: Ceiling) -> float:
        """The largest relative change of any of the figures."""
        pairs = zip(asdict(self).values(), asdict(later).values(), strict=True)
        return max(abs(after / before - 1) for before, after in pairs if before is not None)

    def gemm(self, engine: Engine) -> float:
        """FLOP/s in the precision in which `engine` trains."""
        return self.gemm_bf16 if engine.bfloat16 and self.gemm_bf16 else self.gemm_fp32


def measure_ceiling(engine: Engine) -> Ceiling:
    on_cpu = engine.device.type == "cpu"
    side = 2048 if on_cpu else 8192
    floats = 64 * 2**20 if on_cpu else 2**30
    if engine.device.type == "cuda":  # two of them have to fit
        free, _ = torch.cuda.mem_get_info(engine.device)
        floats = min(floats, free // 16)

    def gemm(dtype: torch.dtype) -> float:
        # Random numbers: a chip multiplies zeros faster.
        a = torch.randn(side, side, device=engine.device).to(dtype)
        b = torch.randn(side, side, device=engine.device).to(dtype)
        return 2 * side**3 / _seconds(lambda: a @ b, engine)

    source = torch.randn(floats, device=engine.device)
    target = torch.empty_like(source)
    return Ceiling(
        gemm(torch.float32),
        gemm(torch.bfloat16) if engine.bfloat16 else None,
        2 * source.nbytes / _seconds(lambda: target.copy_(source), engine),
    )


def _seconds(work: Callable[[], object], engine: Engine) -> float:
    """The shortest of many: a ceiling is what the machine does when nothing else is in its way."""
    work()
    seconds = []
    until = time.perf_counter() + SECONDS
    while len(seconds) < REPEATS or time.perf_counter() < until:
        engine.wait()
        began = time.perf_counter()
        work()
        engine.wait()
        seconds.append(time.perf_counter() - began)
    return min(seconds)
