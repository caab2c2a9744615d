"""python -m nin ...: everything the app does, from a terminal.

The commands, their options and their JSON are stable: scripts depend on them. Exit status 0
when all went well, 1 when some input failed, 2 for unusable arguments.
"""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias

import nin
from nin.cli import commands
from nin.cli.answers import cmd_classify, cmd_eval, cmd_features
from nin.cli.commands import FAILED
from nin.cli.export import WHATS, cmd_export, cmd_tensorboard
from nin.cli.study import cmd_results, cmd_study
from nin.cli.train import cmd_train
from nin.errors import LabError, SettingsError
from nin.experiments.exercises import EXERCISES
from nin.model.architecture import HEADS, INITIALISATIONS, POOLINGS
from nin.presets import AUGMENTATIONS, OPTIMIZERS, PRESETS, RECIPES, SCHEDULES

UNUSABLE = 2
Subparsers: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def main(arguments: Sequence[str] | None = None) -> int:
    _print_any_name()
    options = _build_parser().parse_args(arguments)
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
    except OSError as error:  # a full disk, a folder that may not be written
        print(f"nin: {error}", file=sys.stderr)
        return FAILED


def _print_any_name() -> None:
    """Let every text through to a terminal, file or pipe: what its encoding has no sign for is written as an escape.

    Names of files come in any script, and a pipe on Windows takes a few hundred characters.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _whole_number(text: str) -> int:
    value = int(text)
    if value < 1:
        raise ValueError
    return value


_whole_number.__name__ = "positive whole number"  # argparse's message: invalid ... value


def _build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        # As it was called: the installed command, or the module.
        prog="nin" if Path(sys.argv[0]).stem == "nin" else "python -m nin",
        description="Network in Network on Fashion-MNIST: train it, question it, look inside it.",
        epilog="Each command has its own --help. In a browser: the command app.",
    )
    parser.add_argument("--version", action="version", version=f"NiN Lab {nin.__version__}")
    subparsers = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for add in (
        _app,
        _shapes,
        _cost,
        _data,
        _train,
        _study,
        _results,
        _eval,
        _classify,
        _features,
        _export,
        _tensorboard,
    ):
        add(subparsers)
    subparsers.add_parser("standby").set_defaults(command=commands.cmd_standby)  # for the app's own use
    return parser


# --- the commands ------------------------------------------------------------------------------


def _app(subparsers: Subparsers) -> None:
    sub = _command(subparsers, "app", commands.cmd_app, "Serve the app, to be used in a browser.")
    sub.add_argument("--port", type=_whole_number, default=8501, metavar="N", help="default 8501")
    sub.add_argument("--no-browser", action="store_true", help="serve, and open no browser")


def _shapes(subparsers: Subparsers) -> None:
    sub = _command(subparsers, "shapes", commands.cmd_shapes, "Print the output shape of every stage of a network.")
    _add_preset(sub)
    _add_variant(sub)
    sub.add_argument("--input-size", type=_whole_number, metavar="PIXELS", help="default: the preset's own")
    _add_json(sub)


def _cost(subparsers: Subparsers) -> None:
    about = "Count a network's parameters, computation and memory, layer by layer."
    sub = _command(subparsers, "cost", commands.cmd_cost, about)
    _add_preset(sub)
    _add_variant(sub)
    sub.add_argument("--batch-size", type=_whole_number, default=128, metavar="N", help="images at once; default 128")
    _add_json(sub)


def _data(subparsers: Subparsers) -> None:
    sub = _command(subparsers, "data", commands.cmd_data, "Say which data set is used; --fetch downloads the full one.")
    sub.add_argument("--fetch", action="store_true", help="download Fashion-MNIST (31 MB)")
    _add_data(sub)
    _add_json(sub)


def _train(subparsers: Subparsers) -> None:
    sub = _command(subparsers, "train", cmd_train, "Train a network. Ctrl-C stops it; --resume goes on.")
    _add_preset(sub, default=None)  # None, here and below: not named, which matters to --resume
    recipes = "; ".join(f"{recipe.name}: {recipe.about}" for recipe in RECIPES.values())
    sub.add_argument("--recipe", metavar="NAME", help=f"how to train ({recipes}); default tuned")
    sub.add_argument("--epochs", type=int, metavar="N", help="passes over the data; default: the recipe's")
    sub.add_argument("--lr", type=float, metavar="X", help="learning rate; default: the recipe's")
    sub.add_argument("--optimizer", choices=OPTIMIZERS, help="default: the recipe's")
    sub.add_argument("--batch-size", type=int, metavar="N", help="images a step; default: the recipe's")
    _add_variant(sub)
    _add_recipe_settings(sub)
    sub.add_argument("--train-size", type=int, metavar="N", help="use only the first N training images")
    sub.add_argument("--test-size", type=int, metavar="N", help="measure on the first N test images only")
    _add_weights(sub, default=None)
    sub.add_argument("--seed", type=int, metavar="N", help="same seed, same run; default 0")
    _add_device(sub, default=None)
    _add_data(sub)
    sub.add_argument(
        "--fork-of", metavar="RUN",
        help="go on from a checkpoint of this run (its name or directory) as a new run, with another "
        "--lr, --epochs or --optimizer",
    )  # fmt: skip
    sub.add_argument(
        "--fork-step", type=int, metavar="N", help="the checkpoint to fork from, by its step; default: the latest"
    )
    sub.add_argument("--run-dir", type=Path, metavar="DIR", help="default: a new directory where the app finds it")
    sub.add_argument("--resume", action="store_true", help="go on with the run in --run-dir from its last checkpoint")
    sub.add_argument("--steered", action="store_true", help=argparse.SUPPRESS)  # the app has said what it wants
    sub.add_argument(
        "--save-weights", type=Path, metavar="FILE", help="write the final weights, and a card beside them"
    )


def _study(subparsers: Subparsers) -> None:
    about = "Run one of the chapter's exercises, or an experiment of your own. The same command again goes on with it; several at a time share it."
    sub = _command(subparsers, "study", cmd_study, about)
    sub.add_argument("name", nargs="?", metavar="NAME", help=f"one of {', '.join(EXERCISES)}, own")
    sub.add_argument(
        "--vary", action="append", metavar="NAME=A,B,...", help="of your own: what varies, over which values"
    )
    sub.add_argument("--seeds", type=_whole_number, metavar="N", help="how often each setting is run; default 1")
    sub.add_argument("--trials", type=_whole_number, metavar="N", help="settings that a search tries")
    sub.add_argument(
        "--workers", type=_whole_number, default=1, metavar="N", help="processes; each device trains one run at a time"
    )
    for name in ("preset", "recipe"):
        sub.add_argument(f"--{name}", metavar="NAME", help="default: the exercise's")
    for name in ("train-size", "test-size", "epochs"):
        sub.add_argument(f"--{name}", type=int, metavar="N", help="default: the exercise's")
    _add_device(sub)
    _add_data(sub)
    sub.add_argument("--dir", type=Path, metavar="DIR", help="take part in the experiment in this directory")
    sub.add_argument("--out", type=Path, metavar="FILE.json", help="write what was found")
    _add_json(sub)


def _results(subparsers: Subparsers) -> None:
    about = "Write what runs came to, epoch by epoch, with how they were made, to a small file."
    sub = _command(subparsers, "results", cmd_results, about)
    sub.add_argument("runs", nargs="+", type=Path, metavar="RUN", help="run directories")
    sub.add_argument("--out", type=Path, required=True, metavar="FILE.json", help="the file to write")


def _eval(subparsers: Subparsers) -> None:
    sub = _command(subparsers, "eval", cmd_eval, "Measure the accuracy of weights on the test images.")
    _add_weights(sub, default="pocket")
    _add_device(sub)
    _add_data(sub)
    _add_json(sub)


def _classify(subparsers: Subparsers) -> None:
    sub = _command(subparsers, "classify", cmd_classify, "Say what is in pictures.")
    sub.add_argument("files", nargs="+", metavar="FILE", help="pictures: drawings, photos, screenshots, icons")
    _add_weights(sub, default="pocket-sketch")  # has seen drawings, too
    _add_json(sub)


def _features(subparsers: Subparsers) -> None:
    about = "Write what every stage makes of a picture to an .npz file."
    sub = _command(subparsers, "features", cmd_features, about)
    sub.add_argument("file", metavar="FILE", help="a picture")
    _add_weights(sub, default="pocket")
    sub.add_argument("--out", type=Path, required=True, metavar="MAPS.npz", help="the file to write")


def _export(subparsers: Subparsers) -> None:
    about = "Take a run away: its weights in other forms, a script that uses them, a card."
    sub = _command(subparsers, "export", cmd_export, about)
    sub.add_argument(
        "run", metavar="RUN", help="a run by its name or directory, or weights: the name of shipped ones, a file"
    )
    sub.add_argument(
        "--what",
        metavar="A,B,...",
        help=f"from {', '.join(WHATS)}; default: all but onnx, which needs onnx, onnxscript and onnxruntime installed",
    )
    sub.add_argument("--out", type=Path, metavar="DIR", help="default: a new folder here, named after the run")


def _tensorboard(subparsers: Subparsers) -> None:
    about = "Write runs' curves as event files into their directories, for tensorboard --logdir. Again to bring them up to date."
    sub = _command(subparsers, "tensorboard", cmd_tensorboard, about)
    sub.add_argument("runs", nargs="*", metavar="RUN", help="names or directories; default: all that the app shows")


# --- what several have in common ---------------------------------------------------------------


def _command(
    subparsers: Subparsers, name: str, command: Callable[[argparse.Namespace], int], about: str
) -> argparse.ArgumentParser:
    sub = subparsers.add_parser(name, help=about, description=about)
    sub.set_defaults(command=command)
    return sub


def _add_preset(sub: argparse.ArgumentParser, default: str | None = "classic") -> None:
    presets = "; ".join(f"{preset.name}: {preset.about}" for preset in PRESETS.values())
    sub.add_argument("--preset", default=default, metavar="NAME", help=f"the network ({presets}); default classic")


def _add_variant(sub: argparse.ArgumentParser) -> None:
    own = "default: as in the network"
    sub.add_argument(
        "--pointwise", type=int, metavar="0-3", help=f"1×1 convolutions in each block; {own}, the book's 2"
    )
    about = "the last block as it is; ten maps in one step; down to ten in equal ratios; fully connected layers"
    sub.add_argument("--head", metavar="|".join(HEADS), help=f"what makes the logits: {about}")
    sub.add_argument("--pooling", metavar="|".join(POOLINGS), help="of each class's whole map; default average")


def _add_recipe_settings(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("--init", metavar="|".join(INITIALISATIONS), help="of the weights; default: the recipe's")
    sub.add_argument("--schedule", metavar="|".join(SCHEDULES), help="of the learning rate; default: the recipe's")
    sub.add_argument("--dropout", type=float, metavar="P", help="probability; default: the network's own")
    sub.add_argument("--weight-decay", type=float, metavar="X", help="default: the recipe's")
    sub.add_argument("--momentum", type=float, metavar="X", help="of SGD; default: the recipe's")
    sub.add_argument("--label-smoothing", type=float, metavar="X", help="share of the target; default: the recipe's")
    sub.add_argument("--augment", metavar="|".join(AUGMENTATIONS), help="of training images; default: the recipe's")
    about = "leave out the ReLU behind the last convolution, or keep it; default: the recipe's choice"
    sub.add_argument("--logit-head", action=argparse.BooleanOptionalAction, default=None, help=about)


def _add_weights(sub: argparse.ArgumentParser, default: str | None) -> None:
    otherwise = f"default {default}" if default else "to start from, at any input size; default: fresh ones"
    sub.add_argument(
        "--weights",
        default=default,
        metavar="NAME|FILE",
        help=f"shipped weights, a run directory, a file of weights saved here, or the book's network as "
        f"torch.save or safetensors wrote its state_dict; {otherwise}",
    )


def _add_json(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("--json", action="store_true", help="print JSON for programs instead of text for people")


def _add_data(sub: argparse.ArgumentParser) -> None:
    sub.add_argument(
        "--data",
        metavar="DIR",
        help="directory with the four Fashion-MNIST files, or the word sample for the bundled one; "
        "default: a download, Debian's package or the sample",
    )


def _add_device(sub: argparse.ArgumentParser, default: str | None = "auto") -> None:
    sub.add_argument("--device", default=default, metavar="auto|cpu|cuda|mps", help="where to compute; default auto")
