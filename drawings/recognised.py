"""How many drawings and figures weights recognise: sets that nothing is trained on.

    python -m drawings.recognised [--weights pocket-sketch] [--set tuning held-out blind] [--write-card]
    python -m drawings.recognised --set figures-design figures-held-out figures-blind
    python -m drawings.recognised --set held-out --turned 2      each of them lying on its head
    python -m drawings.recognised --set others                   drawings of other things: how many are refused

*tuning* (drawings/evaluation/shapes.py) is looked at when something is changed; of *held-out* the results
by class were seen once; *blind* (drawings/evaluation/blind.py) was drawn by somebody who knew neither the
training drawings nor the answers, and is asked only when weights are shipped. Each drawing counts
once in each of its seven styles. *Figures* are images of the test set as a notebook saves and shows them
(drawings/evaluation/figures.py), compared with what the bare images are answered with. Prints one JSON object.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
from PIL import Image

from drawings.evaluation.blind_styles import blind_pictures
from drawings.evaluation.figures import LOOKS, figures
from drawings.evaluation.shapes import HELD_OUT, TUNING
from drawings.evaluation.styles import pictures
from drawings.not_clothes import draw_something_else
from nin.classify.classifier import Classifier
from nin.classify.turn import turned
from nin.data.dataset import load
from nin.data.fashion_mnist import CLASS_NAMES
from nin.storage.files import read_json
from nin.storage.weights import find_weights, write_card

Drawn = Iterator[tuple[int, str, Image.Image]]

SETS: dict[str, Callable[[], Drawn]] = {
    "tuning": partial(pictures, TUNING),
    "held-out": partial(pictures, HELD_OUT),
    "blind": blind_pictures,
}

OTHERS, OTHERS_COUNT, OTHERS_SEED = "others", 500, 7

FIGURES = {f"figures-{split}": split for split in LOOKS}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", default="pocket-sketch")
    parser.add_argument("--set", nargs="+", choices=[*SETS, OTHERS, *FIGURES], default=[*SETS, OTHERS, *FIGURES])
    parser.add_argument("--turned", type=int, choices=range(4), default=0, help="quarter turns of every drawing")
    parser.add_argument("--write-card", action="store_true", help="add the figures to the weights' card")
    options = parser.parse_args()
    classifier = Classifier.from_weights(options.weights)
    found = {name: measure(classifier, _turned(SETS[name](), options.turned)) for name in options.set if name in SETS}
    found |= {OTHERS: measure_others(classifier)} if OTHERS in options.set else {}
    found |= {name: measure_figures(classifier, FIGURES[name]) for name in options.set if name in FIGURES}
    print(json.dumps({"weights": options.weights, **found}, indent=1))
    if options.write_card and not options.turned:
        weights = find_weights(options.weights)
        figures = {
            f"drawings_{name.replace('-', '_')}": {key: result[key] for key in ("accuracy", "n", "doubted")}
            for name, result in found.items()
            if name in SETS
        }
        write_card(weights, {**read_json(weights.with_suffix(".json")), **figures})


def _turned(drawn: Drawn, quarters: int) -> Drawn:
    return ((class_id, style, turned(picture, quarters)) for class_id, style, picture in drawn)


def measure(classifier: Classifier, drawn: Drawn) -> dict[str, object]:
    """Top-1 accuracy, whole and by class and style, and the share that was called none of the ten."""
    right: dict[str, list[bool]] = defaultdict(list)
    doubted, as_it_is = [], []
    for class_id, style, picture in drawn:
        answer = classifier.classify_picture(picture)
        doubted.append(not answer.known)
        as_it_is.append(classifier.classify_picture(picture, turn=False).class_id == class_id)
        for group in ("all", style, CLASS_NAMES[class_id]):
            right[group].append(answer.class_id == class_id)
    shares = {group: round(sum(answers) / len(answers), 4) for group, answers in right.items()}
    return {
        "accuracy": shares.pop("all"),
        "accuracy_without_turning": round(sum(as_it_is) / len(as_it_is), 4),
        "n": len(doubted),
        "doubted": round(sum(doubted) / len(doubted), 4),
        "by_class": {name: shares.pop(name) for name in CLASS_NAMES},
        "by_style": shares,
    }


def measure_others(classifier: Classifier) -> dict[str, object]:
    """Of drawings of other things (drawings/not_clothes.py, whose kinds the detector was fitted on): how many are refused."""
    random = np.random.default_rng([10, OTHERS_SEED])
    pictures = [draw_something_else(random) for _ in range(OTHERS_COUNT)]
    refused, as_it_is = (
        sum(not classifier.classify_picture(picture, turn=turn).known for picture in pictures) / len(pictures)
        for turn in (True, False)
    )
    return {"refused": round(refused, 4), "refused_without_turning": round(as_it_is, 4), "n": len(pictures)}


def measure_figures(classifier: Classifier, split: str) -> dict[str, object]:
    """Of figures of test images: how many are answered rightly, as the bare 28x28 is, and wrongly without a doubt."""
    images = load().test
    found: dict[str, list[tuple[bool, bool, bool, bool]]] = defaultdict(list)
    for number, class_id, kind, picture in figures(split, images):
        answer, bare = classifier.classify_picture(picture), classifier.classify(images.images[number])
        is_right = answer.class_id == class_id
        outcome = is_right, bare.class_id == class_id, answer.class_id == bare.class_id, not is_right and answer.known
        for group in ("all", kind):
            found[group].append(outcome)
    names = ("accuracy", "bare_accuracy", "as_bare", "wrong_without_doubt")
    shares = {
        group: dict(zip(names, (round(sum(one) / len(one), 4) for one in zip(*outcomes, strict=True)), strict=True))
        for group, outcomes in found.items()
    }
    return {**shares.pop("all"), "n": len(found["all"]), "by_kind": shares}


if __name__ == "__main__":
    main()
