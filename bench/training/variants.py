"""What each technique is worth: `python -m bench.training.variants [--preset NAME] [--device D] [--out FILE]`.

The engine's own choice against engines with one thing changed (no fold, no graph, no bf16,
the other memory layout, one thread, torch.compile), each in turns with the engine's own: the median of the ratios of five pairs of
neighbouring turns. Time from nothing to the first step is given beside it, since what makes
steps faster may make the first one wait.
"""

from __future__ import annotations

import argparse
import gc
import json
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from nin.data import dataset as data
from nin.engine.device import Engine, choose_engine, use_all_cores
from nin.presets import PRESETS, preset_named, recipe_named
from nin.training.step import Stepper
from nin.training.trainer import Trainer

PAIRS = 5
TURN_SECONDS = 0.5
SETTLED = 8  # steps after which kernels are chosen and the graph is recorded


@dataclass(frozen=True)
class Variant:
    name: str
    engine: Engine
    threads: int | None = None  # None: one per core


def variants(engine: Engine) -> list[Variant]:
    """`engine` with one thing changed at a time."""
    found = [
        Variant("no fold" if engine.fold else "fold", replace(engine, fold=not engine.fold)),
        # The fold puts out channels_last, whatever the engine says: so without it.
        Variant("channels first, no fold", replace(engine, fold=False, channels_last=False)),
    ]
    if engine.device.type == "cpu":
        found.append(Variant("one thread", engine, threads=1))
    if engine.bfloat16:
        found.append(Variant("no bf16", replace(engine, bfloat16=False)))
    if engine.graph:
        found += [
            Variant("no graph", replace(engine, graph=False)),
            Variant("neither graph nor fold", replace(engine, graph=False, fold=False)),
            Variant("torch.compile too", replace(engine, compile=True)),
        ]
    return found


class Contender:
    """A training that takes turns of steps."""

    def __init__(self, preset: str, engine: Engine, dataset: data.Dataset, threads: int | None = None) -> None:
        self._threads = threads or torch.get_num_threads()
        began = time.perf_counter()
        recipe = replace(recipe_named("tuned", PRESETS[preset]), epochs=1000)
        self._trainer = Trainer(PRESETS[preset], recipe, dataset, engine=engine)
        self._stepper = Stepper(self._trainer)
        self.run(1)
        self.first_step_seconds = time.perf_counter() - began
        self.run(SETTLED if engine.graph or engine.compile else 1)
        self._steps = 1
        self._steps = max(1, round(TURN_SECONDS / self.turn()))
        self.failure = self._stepper.graph_failure

    def run(self, steps: int) -> None:
        for _ in range(steps):
            self._stepper.take()
            self._trainer.loss_reader.advance(time.perf_counter, hurry=False)
        self._trainer.loss_reader.settle(time.perf_counter)
        for _ in self._trainer.loss_reader.read():
            pass

    def turn(self) -> float:
        """Seconds a step."""
        before = torch.get_num_threads()
        torch.set_num_threads(self._threads)
        self._trainer.engine.wait()
        began = time.perf_counter()
        self.run(self._steps)
        self._trainer.engine.wait()
        torch.set_num_threads(before)
        return (time.perf_counter() - began) / self._steps


def measure(preset: str, engine: Engine, dataset: data.Dataset) -> Iterator[dict[str, object]]:
    own = Contender(preset, engine, dataset)
    for variant in variants(engine):
        gc.collect()  # the last contender, its graph and its memory
        try:
            contender = Contender(preset, variant.engine, dataset, variant.threads)
        except Exception as error:  # a compiler that is not there, say: the others are measured all the same
            print(f"{preset}, {variant.name}: {type(error).__name__}: {error}", file=sys.stderr, flush=True)
            continue
        ours, theirs = [], []
        turns: list[tuple[list[float], Callable[[], float]]] = [(ours, own.turn), (theirs, contender.turn)]
        for pair in range(PAIRS):
            for seconds, turn in turns if pair % 2 == 0 else reversed(turns):
                seconds.append(turn())
        yield {
            "preset": preset,
            "variant": variant.name,
            "milliseconds_a_step": 1000 * statistics.median(ours),
            "variant_milliseconds_a_step": 1000 * statistics.median(theirs),
            "slower_by": statistics.median(b / a for a, b in zip(ours, theirs, strict=True)),
            "first_step_seconds": own.first_step_seconds,
            "variant_first_step_seconds": contender.first_step_seconds,
            "graph_failure": contender.failure or own.failure,
        }


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m bench.training.variants", description="What each technique is worth."
    )
    parser.add_argument("--preset", action="append", help="may be given several times; default: classic, classic-112")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--out", type=Path, help="a JSON file to write")
    options = parser.parse_args()
    use_all_cores()
    engine, dataset = choose_engine(options.device), data.load()
    rows: list[dict[str, object]] = []
    print(f"{'network':<12} {'variant':<24} {'ms a step':>10} {'variant':>9} {'slower by':>10} {'first step':>11}")
    for name in options.preset or ("classic", "classic-112"):
        for row in measure(preset_named(name).name, engine, dataset):
            rows.append(row)
            print(
                f"{name:<12} {row['variant']:<24} {row['milliseconds_a_step']:>10.2f} "
                f"{row['variant_milliseconds_a_step']:>9.2f} {row['slower_by']:>10.2f} "
                f"{row['variant_first_step_seconds']:>9.1f} s {row['graph_failure'] or ''}",
                flush=True,
            )
            if options.out is not None:  # after each: a measurement that is cut short has not been for nothing
                options.out.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
