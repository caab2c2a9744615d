"""python -m nin ...: everything the app does, from a terminal.

The commands, their options and their JSON are stable: scripts depend on them. Exit status 0
when all went well, 1 when some input failed, 2 for unusable arguments.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from nin.errors import LabError, SettingsError
from nin.presets import OPTIMIZERS, PRESETS, RECIPES, preset_named
from nin.runs import Run, RunConfig

# Torch is imported inside the commands: --help and bad arguments answer at once.

FAILED, UNUSABLE = 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    parser = _build_parser()
    options = parser.parse_args(arguments)
    try:
        return options.command(options)
    except SettingsError as error:
        print(f"nin: {error}", file=sys.stderr)
        return UNUSABLE
    except LabError as error:
        print(f"nin: {error}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        sys.stderr.close()  # the reader has seen enough, e.g. `| head`
        return FAILED


def _shapes(options: argparse.Namespace) -> int:
    from nin.model import NiN, stage_name, stage_shapes

    preset = preset_named(options.preset)
    model = NiN(preset.architecture)
    try:
        shapes = stage_shapes(model, options.input_size or preset.architecture.input_size)
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
            print(f"{row['index']:>2}  {row['name']:<32}  {' x '.join(map(str, row['shape']))}")
    return 0


def _cost(options: argparse.Namespace) -> int:
    from dataclasses import asdict

    from nin.cost import measure_cost
    from nin.model import NiN

    preset = preset_named(options.preset)
    cost = measure_cost(NiN(preset.architecture), preset.architecture.input_size, options.batch_size)
    totals = {
        "parameters": cost.parameters,
        "forward_macs": cost.forward_macs,
        "training_bytes": cost.training_bytes,
        "inference_bytes": cost.inference_bytes,
    }
    if options.json:
        print(
            json.dumps(
                {
                    "preset": preset.name,
                    "batch_size": options.batch_size,
                    **totals,
                    "layers": [asdict(layer) for layer in cost.layers],
                }
            )
        )
        return 0
    print(f"{'layer':<6} {'kind':<18} {'output':<20} {'parameters':>11} {'MACs':>13} {'sees, px':>9}")
    for layer in cost.layers:
        shape = " x ".join(map(str, layer.shape))
        print(
            f"{layer.index:<6} {layer.kind:<18} {shape:<20} {layer.parameters:>11,} {layer.macs:>13,} "
            f"{layer.receptive_field:>9}"
        )
    print(f"\nparameters {cost.parameters:,}; multiply-accumulates per image {cost.forward_macs:,}")
    print(
        f"memory with batches of {cost.batch_size}: {cost.training_bytes / 2**20:,.1f} MiB to train with Adam, "
        f"{cost.inference_bytes / 2**20:,.1f} MiB to predict (float32)"
    )
    return 0


def _data(options: argparse.Namespace) -> int:
    from nin import data

    if options.fetch:
        from nin.download import fetch

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


def _train(options: argparse.Namespace) -> int:
    if int(os.environ.get("RANK", "0")) > 0:  # torchrun started several; the one of rank 0 keeps the run
        from nin.distributed import follow

        return follow()
    if options.resume and options.run_dir is None:
        raise SettingsError("--resume needs --run-dir: name the run to go on with")
    if options.resume:
        run = Run(options.run_dir)
        run.config()  # says what is wrong with it, before two seconds of imports
        if options.epochs is not None:
            run.steer(epochs=options.epochs)
    else:
        names = (
            "preset",
            "recipe",
            "optimizer",
            "lr",
            "epochs",
            "batch_size",
            "train_size",
            "seed",
            "device",
            "data",
            "weights",
        )
        run = Run.create(RunConfig(**{name: getattr(options, name) for name in names}), options.run_dir)
    from nin.report import TerminalReport
    from nin.worker import train_run

    print(f"run {run.id} in {run.path}")
    state = train_run(run, resume=options.resume, on_record=TerminalReport())
    status = run.status()
    if state == "failed":
        print(f"nin: {status['error']}", file=sys.stderr)
        return FAILED
    print(f"{state} at step {status['step']}")
    if options.save_weights is not None:
        from nin.weights import publish

        publish(run, options.save_weights)
        print(f"weights in {options.save_weights}")
    return 0


def _eval(options: argparse.Namespace) -> int:
    from nin import data
    from nin.checkpoint import load_checkpoint
    from nin.device import choose_engine, use_all_cores
    from nin.evaluate import evaluate
    from nin.weights import find_weights

    use_all_cores()
    checkpoint = load_checkpoint(find_weights(options.weights))
    dataset = data.load(options.data)
    evaluation = evaluate(checkpoint, dataset.test, choose_engine(options.device))
    answer = {
        "weights": options.weights,
        "preset": checkpoint.preset,
        "accuracy": evaluation.accuracy,
        "n": evaluation.n,
        "data": dataset.source,
        "per_class": evaluation.per_class,
    }
    if options.json:
        print(json.dumps(answer))
    else:
        print(f"{evaluation.accuracy:.2%} of {evaluation.n:,} test images ({dataset.source})")
        for name, share in evaluation.per_class.items():
            print(f"  {name:<12} {share:.1%}")
    return 0


def _classify(options: argparse.Namespace) -> int:
    from nin.inference import Classifier
    from nin.picture import open_picture

    classifier = Classifier.from_weights(options.weights)
    status = 0
    for file in options.files:
        try:
            answer: dict[str, Any] = {"file": file, **classifier.classify_picture(open_picture(file)).to_dict()}
        except LabError as error:
            answer, status = {"file": file, "error": str(error)}, FAILED
        if options.json:
            print(json.dumps(answer), flush=True)
        elif "error" in answer:
            print(f"nin: {answer['error']}", file=sys.stderr)
        else:
            doubt = "" if answer["known"] else "  (but it looks like none of the ten)"
            print(f"{file}: {answer['label']}, {answer['confidence']:.1%}{doubt}")
    return status


def _features(options: argparse.Namespace) -> int:
    from nin.features import save_features
    from nin.picture import open_picture

    shapes = save_features(open_picture(options.file), options.weights, options.out)
    for name, shape in shapes.items():
        print(f"{name:>5}  {' x '.join(map(str, shape))}")
    return 0


def _bench(options: argparse.Namespace) -> int:
    from nin.bench import run_bench

    return run_bench(device=options.device, as_json=options.json)


def _standby(_: argparse.Namespace) -> int:
    from nin.standby import stand_by

    stand_by()
    return 0


def _whole_number(text: str) -> int:
    value = int(text)
    if value < 1:
        raise ValueError
    return value


_whole_number.__name__ = "positive whole number"  # argparse's message: invalid ... value


def _build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m nin",
        description="Network in Network on Fashion-MNIST: train it, question it, look inside it.",
        epilog="Each command has its own --help. The app itself: streamlit run app.py",
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    def add(name: str, command: Callable[[argparse.Namespace], int], about: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=about, description=about)
        sub.set_defaults(command=command)
        return sub

    def add_preset(sub: argparse.ArgumentParser) -> None:
        listed = "; ".join(f"{preset.name}: {preset.about}" for preset in PRESETS.values())
        sub.add_argument("--preset", default="classic", metavar="NAME", help=f"the network ({listed}); default classic")

    def add_weights(sub: argparse.ArgumentParser, default: str = "pocket") -> None:
        sub.add_argument(
            "--weights",
            default=default,
            metavar="NAME|FILE",
            help=f"shipped weights, a safetensors file or a run directory; default {default}",
        )

    def add_json(sub: argparse.ArgumentParser) -> None:
        sub.add_argument("--json", action="store_true", help="print JSON for programs instead of text for people")

    def add_data(sub: argparse.ArgumentParser) -> None:
        sub.add_argument(
            "--data",
            metavar="DIR",
            help="directory with the four Fashion-MNIST files, or the word "
            "sample for the bundled one; default: a download, Debian's package or the sample",
        )

    def add_device(sub: argparse.ArgumentParser) -> None:
        sub.add_argument("--device", default="auto", metavar="auto|cpu|cuda|mps", help="where to compute; default auto")

    sub = add("shapes", _shapes, "Print the output shape of every stage of a network.")
    add_preset(sub)
    sub.add_argument("--input-size", type=_whole_number, metavar="PIXELS", help="default: the preset's own")
    add_json(sub)

    sub = add("cost", _cost, "Count a network's parameters, computation and memory, layer by layer.")
    add_preset(sub)
    sub.add_argument("--batch-size", type=_whole_number, default=128, metavar="N", help="images at once; default 128")
    add_json(sub)

    sub = add("data", _data, "Say which data set is used; --fetch downloads the full one.")
    sub.add_argument("--fetch", action="store_true", help="download Fashion-MNIST (31 MB) into data/download")
    add_data(sub)
    add_json(sub)

    sub = add("train", _train, "Train a network. Ctrl-C stops it; --resume goes on.")
    add_preset(sub)
    listed = "; ".join(f"{recipe.name}: {recipe.about}" for recipe in RECIPES.values())
    sub.add_argument("--recipe", default="tuned", metavar="NAME", help=f"how to train ({listed}); default tuned")
    sub.add_argument("--epochs", type=int, metavar="N", help="passes over the data; default: the recipe's")
    sub.add_argument("--lr", type=float, metavar="X", help="learning rate; default: the recipe's")
    sub.add_argument("--optimizer", choices=OPTIMIZERS, help="default: the recipe's")
    sub.add_argument("--batch-size", type=int, metavar="N", help="images a step; default: the recipe's")
    sub.add_argument("--train-size", type=int, metavar="N", help="use only the first N training images")
    sub.add_argument(
        "--weights", metavar="NAME|FILE", help="start from these weights instead of fresh ones; any input size fits"
    )
    sub.add_argument("--seed", type=int, default=0, metavar="N", help="same seed, same run; default 0")
    add_device(sub)
    add_data(sub)
    sub.add_argument("--run-dir", type=Path, metavar="DIR", help="default: a new directory in runs/")
    sub.add_argument("--resume", action="store_true", help="go on with the run in --run-dir from its last checkpoint")
    sub.add_argument(
        "--save-weights", type=Path, metavar="FILE", help="write the final weights, and a card beside them"
    )

    sub = add("eval", _eval, "Measure the accuracy of weights on the test images.")
    add_weights(sub)
    add_device(sub)
    add_data(sub)
    add_json(sub)

    sub = add("classify", _classify, "Say what is in pictures.")
    sub.add_argument("files", nargs="+", metavar="FILE", help="pictures: drawings, photos, screenshots, icons")
    add_weights(sub, default="pocket-sketch")  # has seen drawings, too
    add_json(sub)

    sub = add("features", _features, "Write what every stage makes of a picture to an .npz file.")
    sub.add_argument("file", metavar="FILE", help="a picture")
    add_weights(sub)
    sub.add_argument("--out", type=Path, required=True, metavar="MAPS.npz", help="the file to write")

    sub = add("bench", _bench, "Measure the training step against the usual loop, on this machine.")
    add_device(sub)
    add_json(sub)

    commands.add_parser("standby").set_defaults(command=_standby)  # for the app's own use
    return parser
