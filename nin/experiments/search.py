"""A search for good hyperparameters, by Optuna: each trial is an ordinary run.

The study lies in the experiment's directory (Optuna's journal), so any number of processes that see it
share it: each asks for settings, trains them, and tells what came of them. Trials of a process that
was stopped are gone on with. Optuna is needed here alone, and imported when a search begins.
"""

from __future__ import annotations

import warnings
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any

from nin.errors import SettingsError
from nin.experiments.conductor import Conductor
from nin.experiments.folder import ExperimentFolder, Planned
from nin.presets import OPTIMIZERS
from nin.storage.files import write_json

if TYPE_CHECKING:
    from optuna import Study
    from optuna.samplers import BaseSampler
    from optuna.trial import FrozenTrial

SEED = 0
RANDOM_TRIALS = 6  # before the search learns from what it has seen
LOST_SECONDS = 60.0  # after which a trial that has settings and no run belongs to a process that is gone
GOOD_SHARE = 0.5  # of the trials: what sets them apart from all is what matters
GUESSED = 0.1  # the accuracy of a run whose loss exploded
# What is searched through. One range of rates for all optimizers: what suits which is for the search to find.
LR_RANGE = (1e-4, 0.3)
BATCH_SIZES = (32, 64, 128, 256)
DROPOUT_RANGE = (0.0, 0.6)


def conduct_search(conductor: Conductor) -> str:
    """Take part in the search until it has as many trials as are wanted; "done" or "stopped"."""
    study, folder = open_study(conductor.folder), conductor.folder
    with conductor.at_work():
        while not folder.wants_stop:
            planned = _left_behind(study, folder) or _asked(study, folder)
            if planned is None:
                write_json(folder.path / "search.json", summary(study))  # of two that wrote at once, one was older
                return "done"
            result = conductor.train(planned)
            if result is None and planned.run.state == "stopped":
                return "stopped"
            if result is not None:
                _tell(study, planned, result)
                write_json(folder.path / "search.json", summary(study))
    return "stopped"


def open_study(folder: ExperimentFolder) -> Study:
    """The study in the experiment's directory, begun if need be; SettingsError where Optuna is not installed."""
    try:
        import optuna
        from optuna.storages import JournalStorage
        from optuna.storages.journal import JournalFileBackend
    except ImportError as error:
        raise SettingsError('a search needs Optuna: pip install "optuna>=4.9,<5"') from error
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    folder.path.mkdir(parents=True, exist_ok=True)
    storage = JournalStorage(JournalFileBackend(str(folder.path / "optuna.journal")))
    return optuna.create_study(storage=storage, study_name=folder.id, direction="maximize", load_if_exists=True)


def _sampler(number: int) -> BaseSampler:
    """What draws the settings of that trial: workers that begin at the same moment draw different ones."""
    from optuna.exceptions import ExperimentalWarning
    from optuna.samplers import TPESampler

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExperimentalWarning)
        # Several workers: a setting that is being tried counts as a bad one, so that none is tried twice at a time.
        return TPESampler(seed=SEED + number, n_startup_trials=RANDOM_TRIALS, constant_liar=True)


def _asked(study: Study, folder: ExperimentFolder) -> Planned | None:
    """The run of a new trial; None where there are enough."""
    from optuna.trial import TrialState

    counted = (TrialState.RUNNING, TrialState.COMPLETE)
    if len(study.get_trials(deepcopy=False, states=counted)) >= folder.trials:
        return None
    trial = study.ask()
    numbers = [one.number for one in study.get_trials(deepcopy=False, states=counted)]
    if numbers.index(trial.number) >= folder.trials:  # others asked at the same moment
        study.tell(trial, state=TrialState.FAIL)
        return None
    study.sampler = _sampler(trial.number)
    settings = {
        "optimizer": trial.suggest_categorical("optimizer", OPTIMIZERS),
        "lr": float(f"{trial.suggest_float('lr', *LR_RANGE, log=True):.3g}"),
        "batch_size": trial.suggest_categorical("batch_size", BATCH_SIZES),
        "dropout": round(trial.suggest_float("dropout", *DROPOUT_RANGE), 2),
    }
    trial.set_user_attr("settings", settings)
    return folder.trial(trial.number, settings)


def _left_behind(study: Study, folder: ExperimentFolder) -> Planned | None:
    """The run of a trial that its process did not bring to an end."""
    from optuna.trial import TrialState

    for trial in study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
        settings = trial.user_attrs.get("settings")
        if settings is None:  # stopped while it was being asked for
            continue
        planned = folder.trial(trial.number, settings)
        if planned.result:  # done, but not told
            _tell(study, planned, planned.result)
        elif (planned.run.exists and not planned.run.is_taken) or (
            not planned.run.exists and _age(trial) > LOST_SECONDS
        ):
            return planned
    return None


def _age(trial: FrozenTrial) -> float:
    """Seconds since it was asked for."""
    return (datetime.now() - (trial.datetime_start or datetime.now())).total_seconds()


def _tell(study: Study, planned: Planned, result: dict[str, Any]) -> None:
    from optuna.exceptions import UpdateFinishedTrialError

    accuracy = result["test_accuracy"] if result["state"] == "done" else None
    number = int(planned.arm.removeprefix("trial-"))
    # Another worker may have told it, also in this very moment.
    with suppress(UpdateFinishedTrialError):
        study.tell(number, GUESSED if accuracy is None else accuracy, skip_if_finished=True)


def summary(study: Study) -> dict[str, Any]:
    """Plain JSON: the trials so far, and how much of the difference between good and bad ones each setting explains."""
    from optuna.trial import TrialState

    trials = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
    return {
        "trials": [_row(trial) for trial in trials],
        "importance": _importance(study, len(trials)),
        "importance_by": "PED-ANOVA of Optuna: the better half of the trials against all",
    }


def _row(trial: FrozenTrial) -> dict[str, Any]:
    return {"number": trial.number, "accuracy": trial.value, **trial.user_attrs.get("settings", trial.params)}


def _importance(study: Study, trials: int) -> dict[str, float]:
    """By setting, together 1; empty while there is too little to tell from."""
    if trials < 6:
        return {}
    from optuna.exceptions import ExperimentalWarning
    from optuna.importance import PedAnovaImportanceEvaluator, get_param_importances

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExperimentalWarning)
        evaluator = PedAnovaImportanceEvaluator(target_quantile=GOOD_SHARE)
        found: dict[str, float] = get_param_importances(study, evaluator=evaluator)
    return {name: round(share, 4) for name, share in found.items()}
