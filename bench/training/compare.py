"""Our training step against the usual loop, measured so that the figure can be believed.

Both train in this process, in turns (ours, usual, usual, ours) of a second and more, data
included; what is reported is the median of the ratios of neighbours, so that what else the
machine does hits both alike. The machine's own ceilings are measured before and after, and a
measurement during which they moved by more than 5 % is called void.
"""

from __future__ import annotations

import gc
import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any

import torch

from bench.training.baseline_loop import UsualLoop
from bench.training.hardware_limits import MOST_DRIFT, Ceiling, measure_ceiling
from bench.training.startup import measure_start
from bench.training.table import as_table
from nin.data import dataset as data
from nin.engine.cuda_graph import WARM_UP_STEPS
from nin.engine.device import Engine, choose_engine, use_all_cores
from nin.engine.evaluate import logits_in_parts
from nin.model.cost import measure_cost
from nin.model.network import NiN
from nin.presets import PRESETS, Preset, recipe_named
from nin.training.step import Stepper
from nin.training.trainer import Trainer

MEASURED = ("classic", "classic-112", "pocket")
ROUNDS = 5
TURN_SECONDS = 1.0
BATCH_SIZE = 128
EVALUATION_SECONDS = 3.0
FULL_TRAIN, FULL_TEST = 60_000, 10_000


@dataclass(frozen=True)
class Comparison:
    """One network, trained in turns by our step and by the usual loop."""

    preset: str
    images_per_second: float  # ours
    usual_images_per_second: float
    ratio: float  # median over pairs of neighbouring turns
    ratio_range: tuple[float, float]
    rounds: int
    gemm_share: float  # of the measured GEMM rate in the precision we train in, counting the book's arithmetic
    fp32_gemm_share: float
    seconds_per_epoch: float  # 468 steps of 128
    evaluation_images_per_second: float
    evaluation_seconds: float  # of all 10,000 test images
    peak_bytes: int | None  # of GPU memory that a step takes beside data, weights and optimizer; None on a CPU
    usual_peak_bytes: int | None
    graph_failure: str | None  # why our step was not replayed from a graph although the engine asks for it


def run_bench(device: str = "auto", *, as_json: bool = False) -> int:
    """Measure and print; returns the exit status: 0, or 1 for a measurement that is void."""
    use_all_cores()
    engine = choose_engine(device)
    dataset = data.load()
    _note("measuring this machine's ceilings")
    before = measure_ceiling(engine)
    comparisons = []
    for name in MEASURED:
        _note(f"{name}: {ROUNDS} rounds of ours, usual, usual, ours")
        gc.collect()  # the last network's graph, and its memory
        comparisons.append(compare(PRESETS[name], engine, dataset, before))
        if as_json:
            _note(json.dumps(asdict(comparisons[-1])))  # should the measurement not come to its end
    _note("starting a training in a new process")
    start = measure_start("classic", device)
    after = measure_ceiling(engine)
    drift = before.drift(after)
    result = {
        "machine": describe_machine(engine),
        "data": dataset.describe(),
        "ceilings": {"before": asdict(before), "after": asdict(after), "drift": drift},
        "void": drift > MOST_DRIFT,
        "batch_size": BATCH_SIZE,
        "networks": [asdict(comparison) for comparison in comparisons],
        "start": asdict(start),
    }
    print(json.dumps(result) if as_json else as_table(result))
    return int(result["void"])


class _OurLoop:
    """The lab's own training, as far as an optimizer step and its loss go."""

    def __init__(self, preset: Preset, engine: Engine, dataset: data.Dataset) -> None:
        recipe = replace(recipe_named("tuned", preset), epochs=1000, batch_size=BATCH_SIZE)
        self.trainer = Trainer(preset, recipe, dataset, engine=engine)
        self.stepper = Stepper(self.trainer)

    def run(self, steps: int) -> None:
        reader, began = self.trainer.loss_reader, time.perf_counter()
        for _ in range(steps):
            self.stepper.take()
            reader.advance(lambda: time.perf_counter() - began, hurry=False)
        # What a training does with its losses, and the wait for the last of them.
        reader.settle(lambda: time.perf_counter() - began)
        for _ in reader.read():
            pass


def compare(preset: Preset, engine: Engine, dataset: data.Dataset, ceiling: Ceiling) -> Comparison:
    ours = _OurLoop(preset, engine, dataset)
    with UsualLoop(preset, dataset.train, engine.device, ours.trainer.batch_size) as usual:
        # The first step chooses kernels; the second, not recorded yet, shows what memory a step takes.
        peaks = {who: _peak_of_second(loop.run, engine) for who, loop in (("ours", ours), ("usual", usual))}
        ours.run(WARM_UP_STEPS if engine.graph else 0)
        speeds = _take_turns(ours, usual, engine)
    ratios = [a / b for a, b in zip(speeds["ours"], speeds["usual"], strict=True)]
    rate = statistics.median(speeds["ours"])
    evaluated = _evaluation_rate(ours.trainer)
    flops = rate * training_flops(preset)
    return Comparison(
        preset.name,
        rate,
        statistics.median(speeds["usual"]),
        statistics.median(ratios),
        (min(ratios), max(ratios)),
        ROUNDS,
        flops / ceiling.gemm(engine),
        flops / ceiling.gemm_fp32,
        FULL_TRAIN // BATCH_SIZE * BATCH_SIZE / rate,
        evaluated,
        FULL_TEST / evaluated,
        peaks["ours"],
        peaks["usual"],
        ours.stepper.graph_failure,
    )


def _take_turns(ours: _OurLoop, usual: UsualLoop, engine: Engine) -> dict[str, list[float]]:
    """Images/s of each turn, by whose it was."""
    loops = {"ours": ours.run, "usual": usual.run}
    steps = {who: _steps_a_turn(run) for who, run in loops.items()}
    speeds: dict[str, list[float]] = {"ours": [], "usual": []}
    for who in ("ours", "usual", "usual", "ours") * ROUNDS:
        if who == "usual" and engine.device.type != "cpu":
            usual.use_up_lead()
        if who == "ours":
            usual.let_workers_finish()
        engine.wait()
        began = time.perf_counter()
        loops[who](steps[who])
        engine.wait()
        speeds[who].append(steps[who] * ours.trainer.batch_size / (time.perf_counter() - began))
    return speeds


def training_flops(preset: Preset) -> int:
    """Of one image there and back, as the book's network is written: the way back costs twice the way there,
    but for the first convolution, whose input needs no gradient.
    """
    layers = measure_cost(NiN(preset.architecture), preset.architecture.input_size).layers
    first = next(layer.macs for layer in layers if layer.macs)
    return 2 * (3 * sum(layer.macs for layer in layers) - first)


def _steps_a_turn(run: Callable[[int], object]) -> int:
    began = time.perf_counter()
    run(1)
    once = time.perf_counter() - began
    if once < TURN_SECONDS / 20:  # too short to tell: a few more
        began = time.perf_counter()
        run(20)
        once = (time.perf_counter() - began) / 20
    return max(1, round(TURN_SECONDS / once))


def _evaluation_rate(trainer: Trainer) -> float:
    """Test images/s, on as many as a few seconds allow."""
    tests = trainer.test.images
    images = tests.repeat(-(-FULL_TEST // len(tests)), 1, 1)[:FULL_TEST]

    def parts() -> Iterator[torch.Tensor]:
        normalise, engine = trainer.recipe.normalise, trainer.engine
        return logits_in_parts(trainer.model, images, trainer.architecture, normalise=normalise, engine=engine)

    next(parts())  # warms up
    trainer.engine.wait()
    seen, began = 0, time.perf_counter()
    for logits in parts():
        seen += len(logits)
        logits.argmax(1).sum().item()
        if time.perf_counter() - began > EVALUATION_SECONDS:
            break
    return seen / (time.perf_counter() - began)


def _peak_of_second(run: Callable[[int], object], engine: Engine) -> int | None:
    """Bytes of GPU memory that the second step takes at most, beside what lies there already (data, weights,
    the optimizer's state: the other training's among them); None on a CPU.
    """
    run(1)
    if engine.device.type != "cuda":
        return None
    engine.wait()
    torch.cuda.reset_peak_memory_stats(engine.device)
    before = torch.cuda.memory_allocated(engine.device)
    run(1)
    engine.wait()
    return torch.cuda.max_memory_allocated(engine.device) - before


def describe_machine(engine: Engine) -> dict[str, Any]:
    return {
        "device": engine.name,
        "name": engine.hardware,
        "threads": torch.get_num_threads(),
        "bfloat16": engine.bfloat16,
        "fold": engine.fold,
        "graph": engine.graph,
        "compile": engine.compile,
        "torch": torch.__version__,
        "python": platform.python_version(),
        "load_average": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
    }


def _note(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
