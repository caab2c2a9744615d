"""Where a training step's time goes: `python -m bench.training.profile [--preset NAME] [--steps N] [--device D]`.

Torch's profiler over a few steps of the `tuned` recipe, as `python -m nin train` takes them (on a
GPU without the CUDA graph, whose inside no profiler sees). Prints the share of each kind of
operation in the time of all of them: their own time, without what they call.
"""

from __future__ import annotations

import argparse
from collections import Counter
from dataclasses import replace

from torch.profiler import ProfilerActivity, profile

from nin.data import dataset
from nin.engine.device import choose_engine, use_all_cores
from nin.presets import preset_named, recipe_named
from nin.training.step import Stepper
from nin.training.trainer import Trainer

WARM_UP_STEPS = 3
# The first kind that has a part of the operation's name is the operation's.
KINDS = {
    "convolutions, backward": ("convolution_backward", "mkldnn_convolution_backward", "dgrad", "wgrad"),
    "convolutions, forward": ("convolution", "conv2d", "fprop", "implicit_gemm"),
    "ReLU, forward and backward": ("relu", "threshold", "clamp"),
    "pooling": ("pool",),
    "optimizer": ("_fused_adam", "adam", "sgd", "multi_tensor"),
    "copies and conversions": ("copy_", "_to_copy", "memcpy", "memset"),
    "matrix products: 1x1 convolutions and the fold": ("gemm", "nvjet"),
}
REST = "all else"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--preset", default="classic")
    parser.add_argument("--steps", type=int, default=3)
    parser.add_argument("--device", default="auto")
    options = parser.parse_args()
    use_all_cores()
    preset = preset_named(options.preset)
    engine = replace(choose_engine(options.device), graph=False)
    trainer = Trainer(preset, recipe_named("tuned", preset), dataset.load(), engine=engine)
    stepper = Stepper(trainer)
    take(stepper, WARM_UP_STEPS)
    on_gpu = engine.device.type == "cuda"
    with profile(activities=[ProfilerActivity.CUDA if on_gpu else ProfilerActivity.CPU]) as found:
        take(stepper, options.steps)
    times: Counter[str] = Counter()
    for event in found.key_averages():
        times[kind_of(event.key)] += event.self_device_time_total if on_gpu else event.self_cpu_time_total
    total = times.total()
    print(
        f"{preset.name} on {engine.name}, {options.steps} steps of {trainer.batch_size}: {total / 1e6:.2f} s in operations"
    )
    for kind, time in times.most_common():
        print(f"{kind:<48} {time / total:6.1%}")


def take(stepper: Stepper, steps: int) -> None:
    for _ in range(steps):
        stepper.take()


def kind_of(operation: str) -> str:
    return next((kind for kind, parts in KINDS.items() if any(part in operation.lower() for part in parts)), REST)


if __name__ == "__main__":
    main()
