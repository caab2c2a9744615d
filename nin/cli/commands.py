"""What each command of `python -m nin` does; each returns the exit status.

Torch is imported inside the commands: --help and bad arguments answer at once.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from dataclasses import replace

from nin.errors import SettingsError
from nin.model.architecture import Architecture, Variant
from nin.paths import ROOT, environment
from nin.presets import check_range, preset_named
from nin.storage.run import VARIANT_SETTINGS

FAILED = 1
LARGEST_INPUT = 4096  # pixels a side


def cmd_app(options: argparse.Namespace) -> int:
    command = [sys.executable, "-m", "streamlit", "run", str(ROOT / "app.py"), "--server.port", str(options.port)]
    command += ["--server.showEmailPrompt", "false"]
    if options.no_browser:
        command += ["--server.headless", "true"]
    if os.name == "posix":  # the server takes the place of this process, and every signal to it
        os.execve(sys.executable, command, environment())  # noqa: S606
    return subprocess.run(command, env=environment(), check=False).returncode


def cmd_shapes(options: argparse.Namespace) -> int:
    from nin.model.network import NiN, stage_name
    from nin.model.shapes import stage_shapes

    architecture = _architecture(options)
    input_size = options.input_size or architecture.input_size
    check_range("input-size", input_size, (1, LARGEST_INPUT))
    try:
        model = NiN(replace(architecture, input_size=input_size))
        shapes = stage_shapes(model, input_size)
    except ValueError as error:
        raise SettingsError(str(error)) from error
    rows = [
        {"index": index, "name": stage_name(stage), "shape": list(shape)}
        for index, (stage, shape) in enumerate(zip(model, shapes, strict=True))
    ]
    if options.json:
        print(json.dumps(rows))
    else:
        for row in rows:
            print(f"{row['index']:>2}  {row['name']:<32}  {'×'.join(map(str, row['shape']))}")
    return 0


def cmd_cost(options: argparse.Namespace) -> int:
    from nin.model.cost import measure_cost
    from nin.model.memory import prediction_memory, training_memory
    from nin.model.network import NiN

    architecture = _architecture(options)
    cost = measure_cost(NiN(architecture), architecture.input_size)
    totals = {
        "parameters": cost.parameters,
        "forward_macs": cost.forward_macs,
        "training_bytes": training_memory(cost, options.batch_size).peak,
        "inference_bytes": prediction_memory(cost, options.batch_size).peak,
    }
    if options.json:
        print(
            json.dumps(
                {
                    "preset": options.preset,
                    "batch_size": options.batch_size,
                    **totals,
                    "layers": [layer.to_dict() for layer in cost.layers],
                }
            )
        )
        return 0
    print(f"{'layer':<6} {'kind':<18} {'output':<20} {'parameters':>11} {'MACs':>13} {'sees, px':>9}")
    for layer in cost.layers:
        shape = "×".join(map(str, layer.shape))
        print(
            f"{layer.index:<6} {layer.kind:<18} {shape:<20} {layer.parameters:>11,} {layer.macs:>13,} "
            f"{layer.receptive_field.size:>9}"
        )
    print(f"\nparameters {cost.parameters:,}; multiply-accumulates per image {cost.forward_macs:,}")
    print(
        f"memory with batches of {options.batch_size}: {totals['training_bytes'] / 2**20:,.1f} MiB to train with Adam, "
        f"{totals['inference_bytes'] / 2**20:,.1f} MiB to predict (float32, the whole batch at once)"
    )
    return 0


def _architecture(options: argparse.Namespace) -> Architecture:
    """The preset's network with the variation that was asked for."""
    variant = Variant(**{name: getattr(options, name) for name in VARIANT_SETTINGS})
    return variant.of(preset_named(options.preset).architecture)


def cmd_data(options: argparse.Namespace) -> int:
    from nin.data import dataset as data

    if options.fetch:
        from nin.data.download import fetch

        fetch(on_progress=lambda share: print(f"\rdownloading {share:.0%}", end="", file=sys.stderr, flush=True))
        print(file=sys.stderr)
    dataset = data.load(options.data)
    for problem in dataset.problems:
        print(f"nin: {problem}", file=sys.stderr)
    if options.json:
        print(
            json.dumps(
                {
                    "source": dataset.source,
                    "path": str(dataset.path),
                    "train": len(dataset.train.labels),
                    "test": len(dataset.test.labels),
                    "problems": list(dataset.problems),
                }
            )
        )
    else:
        print(f"{dataset.describe()}\n{dataset.path}")
    return FAILED if dataset.problems else 0


def cmd_standby(_: argparse.Namespace) -> int:
    from nin.process.standby import stand_by

    stand_by()
    return 0
