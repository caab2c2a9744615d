"""How many drawings weights recognise: three sets that nothing is trained on.

    python -m drawings.recognised [--weights pocket-sketch] [--set tuning held-out blind] [--write-card]

*tuning* (drawings/evaluation/shapes.py) is looked at when something is changed; of *held-out* the results
by class were seen once; *blind* (drawings/evaluation/blind.py) was drawn by somebody who knew neither the
training drawings nor the answers, and is asked only when weights are shipped. Each drawing counts
once in each of its seven styles. Prints one JSON object.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import partial

from PIL import Image

from drawings.evaluation.blind_styles import blind_pictures
from drawings.evaluation.shapes import HELD_OUT, TUNING
from drawings.evaluation.styles import pictures
from nin.classify.classifier import Classifier
from nin.data.fashion_mnist import CLASS_NAMES
from nin.storage.files import read_json
from nin.storage.weights import find_weights, write_card

SETS: dict[str, Callable[[], Iterator[tuple[int, str, Image.Image]]]] = {
    "tuning": partial(pictures, TUNING),
    "held-out": partial(pictures, HELD_OUT),
    "blind": blind_pictures,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", default="pocket-sketch")
    parser.add_argument("--set", nargs="+", choices=SETS, default=list(SETS))
    parser.add_argument("--write-card", action="store_true", help="add the figures to the weights' card")
    options = parser.parse_args()
    classifier = Classifier.from_weights(options.weights)
    found = {name: measure(classifier, SETS[name]()) for name in options.set}
    print(json.dumps({"weights": options.weights, **found}, indent=1))
    if options.write_card:
        weights = find_weights(options.weights)
        figures = {
            f"drawings_{name.replace('-', '_')}": {key: result[key] for key in ("accuracy", "n", "doubted")}
            for name, result in found.items()
        }
        write_card(weights, {**read_json(weights.with_suffix(".json")), **figures})


def measure(classifier: Classifier, drawn: Iterator[tuple[int, str, Image.Image]]) -> dict[str, object]:
    """Top-1 accuracy, whole and by class and style, and the share that was called none of the ten."""
    right: dict[str, list[bool]] = defaultdict(list)
    doubted = []
    for class_id, style, picture in drawn:
        answer = classifier.classify_picture(picture)
        doubted.append(not answer.known)
        for group in ("all", style, CLASS_NAMES[class_id]):
            right[group].append(answer.class_id == class_id)
    shares = {group: round(sum(answers) / len(answers), 4) for group, answers in right.items()}
    return {
        "accuracy": shares.pop("all"),
        "n": len(doubted),
        "doubted": round(sum(doubted) / len(doubted), 4),
        "by_class": {name: shares.pop(name) for name in CLASS_NAMES},
        "by_style": shares,
    }


if __name__ == "__main__":
    main()
