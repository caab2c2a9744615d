"""What each command of `python -m nin` does; each returns the exit status.

Torch is imported inside the commands: --help and bad arguments answer at once.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nin.errors import LabError, RunError, SettingsError
from nin.model.architecture import Architecture, Variant
from nin.paths import ROOT, environment
from nin.presets import check_range, preset_named
from nin.storage.files import check_writable
from nin.storage.run import VARIANT_SETTINGS, Run, RunConfig, run_named

if TYPE_CHECKING:
    from nin.data.dataset import Dataset
    from nin.training.diagnosis import Diagnosis

FAILED = 1
LARGEST_INPUT = 4096  # pixels a side
# Options of `train` that are fields of the run's configuration.
RUN_OPTIONS = tuple(field.name for field in fields(RunConfig))


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


def cmd_train(options: argparse.Namespace) -> int:
    if int(os.environ.get("RANK", "0")) > 0:  # torchrun started several; the one of rank 0 keeps the run
        from nin.process.follower import follow

        return follow()
    if options.save_weights is not None:
        check_writable(options.save_weights)
    run, dataset = _run_to_train(options)
    from nin.cli.progress import TerminalProgress
    from nin.cli.verdict import verdict
    from nin.process.worker import train_run
    from nin.training.verdict import diagnosis_of_run

    report = TerminalProgress()
    report.say(f"run {run.id} in {run.path}")
    state = train_run(run, resume=dataset is None, dataset=dataset, on_record=report)
    status = run.status()
    if state == "failed":
        print(f"nin: {status['error']}", file=sys.stderr)
        return FAILED
    report.say(f"{state} at step {status.get('step', 0)}")
    if (found := diagnosis_of_run(run)) is not None:
        report.say(f"nin: {verdict(found)}")
    if options.save_weights is not None:
        from nin.storage.weights import publish

        publish(run, options.save_weights)
        report.say(f"weights in {options.save_weights}")
    return 0


def _run_to_train(options: argparse.Namespace) -> tuple[Run, Dataset | None]:
    """The run that is meant, and its data where it begins; one that goes on from a checkpoint knows its own."""
    if options.fork_step is not None and options.fork_of is None:
        raise SettingsError("--fork-step needs --fork-of: name the run whose checkpoint is meant")
    if options.resume:
        return _run_to_resume(options), None
    return _new_run(options) if options.fork_of is None else (_fork(options), None)


def _fork(options: argparse.Namespace) -> Run:
    from nin.engine.device import choose_engine
    from nin.storage.fork import CHANGEABLE, fork
    from nin.storage.weights import newest_step

    parent = run_named(options.fork_of)
    config = parent.config()
    asked = {name: value for name in RUN_OPTIONS if (value := getattr(options, name)) is not None}
    changes = {name: asked[name] for name in CHANGEABLE if name in asked}
    for name in asked.keys() - changes.keys() - {"fork_of", "fork_step"}:
        if asked[name] != getattr(config, name):
            options_of_a_fork = ", ".join(f"--{changeable.replace('_', '-')}" for changeable in CHANGEABLE)
            raise SettingsError(
                "run {run} has {name} {value}, and so has a fork of it: only {options} can be changed",
                run=parent.id,
                name=name.replace("_", "-"),
                value=getattr(config, name),
                options=options_of_a_fork,
            )
    choose_engine(config.device)
    step = newest_step(parent) if options.fork_step is None else options.fork_step
    return fork(parent, step, changes, options.run_dir)


def _new_run(options: argparse.Namespace) -> tuple[Run, Dataset]:
    """A run as it was asked for, and its data. What can be refused is refused before there is a directory."""
    from nin.data import dataset as data
    from nin.engine.device import choose_engine
    from nin.storage.weights import fitting_weights

    config = RunConfig(**{name: value for name in RUN_OPTIONS if (value := getattr(options, name)) is not None})
    choose_engine(config.device)
    dataset = data.load(config.data)
    if config.weights is not None:
        fitting_weights(config.weights, config.network_recipe()[0])
    return Run.create(config, options.run_dir), dataset


def _run_to_resume(options: argparse.Namespace) -> Run:
    if options.run_dir is None:
        raise SettingsError("--resume needs --run-dir: name the run to go on with")
    run = Run(options.run_dir)
    config = run.config()  # says what is wrong with it, before two seconds of imports
    for name in RUN_OPTIONS:
        asked, is_so = getattr(options, name), getattr(config, name)
        if name not in ("lr", "epochs") and asked is not None and asked != is_so:
            raise SettingsError(
                "run {run} has {name} {value}: only --lr and --epochs can change in a run that goes on",
                run=run.id,
                name=name.replace("_", "-"),
                value=is_so,
            )
    if not options.steered:
        if run.is_taken:
            raise RunError("run {run} is already training: stop it first", run=run.id)
        run.steer(paused=False, stop=False)
    changes = {name: value for name in ("lr", "epochs") if (value := getattr(options, name)) is not None}
    if changes:
        run.steer(**changes)
    return run


def cmd_eval(options: argparse.Namespace) -> int:
    from nin.data import dataset as data
    from nin.engine.device import choose_engine, use_all_cores
    from nin.engine.evaluate import evaluate
    from nin.engine.self_check import check_engine
    from nin.storage.checkpoint import load_checkpoint
    from nin.storage.weights import find_weights

    use_all_cores()
    path = find_weights(options.weights)
    ruin = _warn_of(path)
    checkpoint = load_checkpoint(path)
    dataset = data.load(options.data)
    checked = check_engine(choose_engine(options.device), checkpoint.architecture)
    if checked.fault is not None:
        print(f"nin: {checked.fault}", file=sys.stderr)
    evaluation = evaluate(checkpoint, dataset.test, checked.engine)
    answer = {
        "weights": options.weights,
        "preset": checkpoint.preset,
        "accuracy": evaluation.accuracy,
        "n": evaluation.n,
        "data": dataset.source,
        "per_class": evaluation.per_class,
        **({} if ruin is None else {"ruin": ruin.now}),
    }
    if options.json:
        print(json.dumps(answer))
    else:
        print(f"{evaluation.accuracy:.2%} of {evaluation.n:,} test images ({dataset.source})")
        for name, share in evaluation.per_class.items():
            print(f"  {name:<12} {share:.1%}")
    return 0


def cmd_classify(options: argparse.Namespace) -> int:
    from nin.classify.classifier import Classifier
    from nin.classify.picture_process import open_strangers_picture
    from nin.storage.weights import find_weights

    path = find_weights(options.weights)
    ruin = _warn_of(path)
    classifier = Classifier.from_file(path, ruin=ruin and ruin.now)
    status = 0
    for file in options.files:
        try:
            answer: dict[str, Any] = {
                "file": file,
                **classifier.classify_picture(open_strangers_picture(file)).to_dict(),
            }
        except LabError as error:
            answer, status = {"file": file, "error": str(error)}, FAILED
        if options.json:
            print(json.dumps(answer), flush=True)
        elif "error" in answer:
            print(f"nin: {on_one_line(answer['error'])}", file=sys.stderr)
        elif "empty" in answer:
            print(f"{on_one_line(file)}: nothing was found in it")
        elif ruin is not None and not answer["guess"]:
            print(f"{on_one_line(file)}: no answer: these weights are ruined")
        else:
            print(f"{on_one_line(file)}: {_in_words(answer)}")
    return status


def _in_words(answer: dict[str, Any]) -> str:
    if answer["guess"]:
        return "no answer: these weights give all ten classes the same probability"
    doubt = "" if answer["known"] else "  (but it looks like none of the ten)"
    turn = f"  (turned by {answer['turned']}°)" if "turned" in answer else ""
    return f"{answer['label']}, {answer['confidence']:.1%}{doubt}{turn}"


def _warn_of(weights: Path) -> Diagnosis | None:
    """Weights of a run that came to nothing answer like any others: say so, beside the answers, and return what is wrong."""
    from nin.cli.verdict import verdict
    from nin.training.verdict import diagnosis_of_weights

    if (found := diagnosis_of_weights(weights)) is not None:
        print(f"nin: do not trust these weights: {verdict(found)}", file=sys.stderr)
    return found


def on_one_line(text: str) -> str:
    """A file may be called anything: a line break or a terminal's control characters in its name are printed escaped."""
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text)


def cmd_features(options: argparse.Namespace) -> int:
    from nin.classify.picture_process import open_strangers_picture
    from nin.classify.preprocess import see
    from nin.explain.activations import save_features

    shapes = save_features(see(open_strangers_picture(options.file)), options.weights, options.out)
    for name, shape in shapes.items():
        print(f"{name:>5}  {'×'.join(map(str, shape))}")
    return 0


def cmd_standby(_: argparse.Namespace) -> int:
    from nin.process.standby import stand_by

    stand_by()
    return 0
