"""What weights answer: `eval` on the test images, `classify` on pictures, `features` of one.

Torch is imported inside: bad arguments answer at once.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nin.cli.commands import FAILED
from nin.errors import LabError

if TYPE_CHECKING:
    from nin.training.diagnosis import Diagnosis


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
