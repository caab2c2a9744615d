"""A run card: how a run was made and what it came to, for people (Markdown) and for programs (JSON)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import nin
from nin.data.fashion_mnist import CLASS_NAMES
from nin.errors import Message, RunError
from nin.export.source import Source
from nin.storage.label import label_of
from nin.storage.weights import card_values

_CURVE = ("epoch", "step", "train_loss", "train_accuracy", "train_eval_accuracy", "test_accuracy", "test_n", "seconds")
_PLACES = ("data", "weights", "fork_of", "fork_step")  # told elsewhere on the card, without where things lie here


def run_card(source: Source) -> dict[str, Any]:
    """All of it as JSON; of directories only the last part. RunError for weights that no run is known of."""
    run = source.run
    if run is None:
        raise RunError("a run card tells of a run, and no run of these weights is known here: name a run")
    parameters = sum(tensor.numel() for tensor in source.checkpoint.tensors.values())
    settings = vars(run.config().resolved())
    epochs = [row for row in run.metrics() if row["kind"] == "epoch"]
    return {
        "run": run.id,
        "name": label_of(run).name or None,
        "note": label_of(run).note or None,
        "created": run.created,
        "state": run.state,
        "lab": nin.__version__,
        "parameters": parameters,
        "classes": list(CLASS_NAMES),
        "settings": {name: value for name, value in settings.items() if name not in _PLACES},
        **card_values(run, source.checkpoint),
        "curve": [{name: row.get(name) for name in _CURVE} for row in epochs],
    }


def as_markdown(card: Mapping[str, Any], said: Callable[[Message], str] = str) -> str:
    """The same for people. `said` finds the words of another language for a message."""
    name = card["name"] or card["run"]
    parts = [
        f"# {_plain(name)}",
        said(Message("Network in Network on Fashion-MNIST, trained with NiN Lab {lab}.", {"lab": card["lab"]})),
        *([_plain(card["note"])] if card["note"] else []),
        *([said(Message("**Its training went wrong: do not rely on these weights.**"))] if card["diagnosis"] else []),
        _table([said(Message("What")), ""], _facts(card, said)),
        f"## {said(Message('Settings'))}",
        _table([said(Message("Setting")), ""], _settings(card)),
        f"## {said(Message('Epoch by epoch'))}",
        _curve(card, said),
        f"## {said(Message('The same again'))}",
        f"```sh\n{card['command']}\n```",
    ]
    if card["changes"]:
        parts.append(said(Message("On the way these were changed by hand, which the command alone does not repeat:")))
        parts.append("\n".join(f"- {said(_change(row))}" for row in card["changes"]))
    return "\n\n".join(parts) + "\n"


def _settings(card: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Those that say something: None leaves it to the network, or to the machine."""
    return [(f"`{name}`", f"`{value}`") for name, value in card["settings"].items() if value is not None]


def _facts(card: Mapping[str, Any], said: Callable[[Message], str]) -> list[tuple[str, str]]:
    accuracy = "–"
    if card["test_accuracy"] is not None:
        accuracy = said(
            Message("{accuracy:.2%} of {n:,} test images", {"accuracy": card["test_accuracy"], "n": card["test_n"]})
        )
    parameters = said(Message("{count:,} parameters", {"count": card["parameters"]}))
    hardware = ", ".join(str(card[name]) for name in ("hardware", "device") if card[name]) or "–"
    if card["threads"]:
        hardware += said(Message(", {count} threads", {"count": card["threads"]}))
    return [
        (said(Message("Test accuracy")), accuracy),
        (said(Message("Network")), f"{card['preset']}, {card['input_size']} px, {parameters}"),
        (said(Message("Recipe")), card["recipe"]),
        (said(Message("Seed")), str(card["seed"])),
        (said(Message("Data")), card["data"] or "–"),
        (said(Message("Hardware")), hardware),
        (said(Message("Training time")), f"{card['seconds']:.0f} s"),
        (said(Message("Date")), card["created"]),
        *([(said(Message("Started from")), _plain(card["started_from"]))] if card["started_from"] else []),
        *([(said(Message("Fork of")), _parent(card["forked_from"]))] if card["forked_from"] else []),
    ]


def _curve(card: Mapping[str, Any], said: Callable[[Message], str]) -> str:
    if not card["curve"]:
        return said(Message("No epoch was finished."))
    heads = [Message("Epoch"), Message("Training loss"), Message("Training accuracy"), Message("Test accuracy")]
    rows = []
    for row in card["curve"]:
        training = row["train_eval_accuracy"] if row["train_eval_accuracy"] is not None else row["train_accuracy"]
        rows.append((str(row["epoch"]), f"{row['train_loss']:.4f}", _share(training), _share(row["test_accuracy"])))
    return _table([said(head) for head in heads], rows)


def _table(head: list[str], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', '∣') for cell in line)} |" for line in lines)


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.2%}"


def _parent(forked_from: Mapping[str, Any]) -> str:
    return f"{_plain(forked_from['run'])}, {forked_from['step']:,}"


def _change(row: Mapping[str, Any]) -> Message:
    what = row["what"]
    return Message("step {step:,}: {what} {value}", {"step": row["step"], "what": what, "value": row.get(what, "–")})


def _plain(text: str) -> str:
    """What people have written, to stand in Markdown as it is."""
    return "".join(f"\\{sign}" if sign in "\\`*_{}[]<>#|!~$" else sign for sign in str(text))
