"""`python -m nin study`: an experiment from a terminal, alone or as one of several workers."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nin.errors import SettingsError
from nin.experiments.description import Experiment, own_experiment, parse_value
from nin.experiments.exercises import EXERCISES, exercise
from nin.experiments.folder import ExperimentFolder
from nin.paths import ROOT, environment

if TYPE_CHECKING:
    from nin.experiments.folder import Result

SIZE = ("preset", "recipe", "train_size", "test_size", "epochs", "data")
WAIT_SECONDS = 0.5  # between two looks at what others do
OWN_SIZE = {"preset": "pocket", "recipe": "tuned", "train_size": 6000, "test_size": 2000, "epochs": 4}


def cmd_study(options: argparse.Namespace) -> int:
    folder = _folder(options)
    experiment = folder.experiment()
    changes: dict[str, Any] = {"stop": False}
    for name in ("seeds", "trials"):
        if (value := getattr(options, name)) is not None:
            changes[name] = value
    folder.want(**changes)
    workers = [_worker(folder, number, options) for number in range(1, options.workers)]
    state = _conduct(folder, experiment, options)
    for worker in workers:
        worker.wait()
    _wait_for_others(folder)
    print(f"{state}: {len(folder.results())} results in {folder.path}", file=sys.stderr)
    if options.out is not None:
        from nin.experiments.report import write_report

        write_report(folder, options.out, _command())
        print(f"written to {options.out}", file=sys.stderr)
    if options.json:
        print(json.dumps(folder.results()))
    return 0


def cmd_results(options: argparse.Namespace) -> int:
    from nin.experiments.published import write_run_reports
    from nin.storage.run import Run

    write_run_reports([Run(path) for path in options.runs], options.out)
    print(f"written to {options.out}", file=sys.stderr)
    return 0


def _folder(options: argparse.Namespace) -> ExperimentFolder:
    if options.dir is not None:
        folder = ExperimentFolder(options.dir)
        folder.experiment()
        return folder
    if options.name is None:
        raise SettingsError("name an exercise, or own: choose one of {choices}", choices=", ".join([*EXERCISES, "own"]))
    return ExperimentFolder.create(_experiment(options))


def _experiment(options: argparse.Namespace) -> Experiment:
    size = {name: getattr(options, name) for name in SIZE}
    if options.name != "own":
        if options.vary:
            raise SettingsError("--vary belongs to an experiment of your own: python -m nin study own --vary ...")
        return exercise(options.name, size=size)
    varied = {}
    for text in options.vary or ():
        name, _, values = text.partition("=")
        name = name.replace("-", "_")
        # Names first: a name that cannot be varied has no kind of value.
        own_experiment({name: [None]}, {}) if name not in varied else None
        varied[name] = [parse_value(name, value) for value in values.split(",") if value]
    return own_experiment(varied, {**OWN_SIZE, **{name: value for name, value in size.items() if value is not None}})


def _conduct(folder: ExperimentFolder, experiment: Experiment, options: argparse.Namespace) -> str:
    from nin.experiments.conductor import Conductor

    conductor = Conductor(folder, device=options.device, on_result=_say)
    if experiment.kind == "resources":
        from nin.experiments.resources import conduct_resources

        return conduct_resources(conductor)
    if experiment.kind == "search":
        from nin.experiments.search import conduct_search

        return conduct_search(conductor)
    return conductor.conduct()


def _wait_for_others(folder: ExperimentFolder) -> None:
    """Until the runs that other processes have in hand are done, whoever started them."""
    if not folder.wants_stop and not folder.is_complete and folder.is_active:
        print("waiting for other workers", file=sys.stderr)
    while not folder.wants_stop and not folder.is_complete and folder.is_active:
        time.sleep(WAIT_SECONDS)


def _worker(folder: ExperimentFolder, number: int, options: argparse.Namespace) -> subprocess.Popen[bytes]:
    """One more process on the same experiment; where there are several GPUs, on the next of them."""
    import torch

    device, gpus = options.device, torch.cuda.device_count()
    if device in ("auto", "cuda") and gpus > 1:
        device = f"cuda:{number % gpus}"
    command = [sys.executable, "-m", "nin", "study", "--dir", str(folder.path.absolute()), "--device", device]
    return subprocess.Popen(command, cwd=ROOT, env=environment())


def _say(result: Result) -> None:
    if "measured_train_bytes" in result:
        predicted, measured = result["predicted_train_bytes"], result["measured_train_bytes"]
        told = "did not fit" if measured is None else f"measured {measured / 2**20:.0f} MiB"
        print(f"{result['arm']:<24} training step: predicted {predicted / 2**20:.0f} MiB, {told}", file=sys.stderr)
        return
    accuracy = "no accuracy" if result["test_accuracy"] is None else f"test {result['test_accuracy']:.2%}"
    stalled = "  stalled at ln 10" if result["stalled"] else ""
    print(f"{result['arm']:<24} seed {result['seed']}  {accuracy}  {result['seconds']:.0f} s{stalled}", file=sys.stderr)


def _command() -> str:
    """As it was typed, but for where things lie on this machine."""
    words, shown, skip = sys.argv[1:], ["python -m nin"], False
    for word in words:
        if skip or word in ("--out", "--dir", "--data"):
            skip = not skip
            continue
        shown.append(Path(word).name if "/" in word else word)
    return " ".join(shown)
