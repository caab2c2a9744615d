"""`train`: a new run, one that goes on, or a fork of another.

Torch is imported inside: bad arguments answer at once.
"""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import fields
from typing import TYPE_CHECKING

from nin.cli.commands import FAILED
from nin.errors import RunError, SettingsError
from nin.storage.files import check_writable
from nin.storage.run import Run, RunConfig, run_named

if TYPE_CHECKING:
    from nin.data.dataset import Dataset

# Options that are fields of the run's configuration.
RUN_OPTIONS = tuple(field.name for field in fields(RunConfig))


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
