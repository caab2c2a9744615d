"""Calibrates weights: a temperature for their probabilities, and a detector for "none of the ten".

    python -m drawings.calibrate weights/pocket-sketch.safetensors

fits both for weights: the temperatures (`nin.classify.calibration`) are written into their card, the
detector into weights/detectors. All are fitted on images that the network was not trained on: photos by
the data set's own, drawings by those of `drawings.evaluation`. `--drawings-only` needs no data set.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from scipy.optimize import minimize_scalar
from torch import Tensor

from drawings.evaluation.blind_styles import blind_pictures
from drawings.evaluation.shapes import HELD_OUT as HELD_OUT_DRAWINGS
from drawings.evaluation.shapes import TUNING
from drawings.evaluation.styles import pictures
from drawings.not_clothes import draw_something_else
from nin.classify.calibration import PAIRS_KEY, Calibration, pair_of
from nin.classify.classifier import Classifier
from nin.classify.clothing_detector import LIMIT, Detector, summary
from nin.classify.preprocess import see
from nin.data import dataset as data
from nin.data.dataset import HELD_OUT, Split
from nin.data.drawings import load_drawings
from nin.data.sketch import sketch
from nin.engine.device import choose_engine, use_all_cores
from nin.engine.evaluate import evaluate
from nin.model.network import NiN
from nin.storage.checkpoint import Checkpoint, load_checkpoint, network_input
from nin.storage.files import read_json
from nin.storage.weights import detector_path, write_card

BINS = 15
TEMPERATURES = (0.2, 5.0)
# Pairs that are mixed up on drawings: with so many of each class, and so large a share taken for the other.
PAIR_LEAST, PAIR_WRONG = 7, 0.1
PAIR_TEMPERATURES = (0.2, 25.0)
# What the detector is fitted on.
PHOTOS, SKETCHES, DRAWINGS, OTHERS = 3000, 4000, 8000, 6000
HIDDEN = 32
_FIT_STEPS, _FIT_DECAY = 400, 4e-3


def fit_temperature(logits: Tensor, labels: Tensor, among: tuple[float, float] = TEMPERATURES) -> float:
    """The temperature, between two, under which `labels` are most likely; it is searched on a logarithmic scale."""

    def loss(log_temperature: float) -> float:
        return F.cross_entropy(logits.double() / math.exp(log_temperature), labels).item()

    found = minimize_scalar(loss, bounds=[math.log(t) for t in among], method="bounded", options={"xatol": 1e-7})
    return math.exp(found.x)


def fit_drawings(classifier: Classifier) -> dict[str, Any]:
    """The temperature for drawings, and that of each pair of classes that is mixed up on them.

    From the drawings of `drawings.evaluation.shapes`, by which no network is trained, all styles;
    the *blind* ones stay unseen, for the error that is reported. For pocket-sketch it rose (0.0559 to
    0.0699, n = 210), so its card has none of this.
    """
    logits, labels = _logits_of_drawings(classifier, [*pictures(TUNING), *pictures(HELD_OUT_DRAWINGS)])
    temperature = fit_temperature(logits, labels)
    leading = [pair_of(*pair) for pair in logits.topk(2).indices.tolist()]
    pairs = {}
    for pair in sorted(set(leading)):
        here = torch.tensor([lead == pair for lead in leading]) & torch.isin(labels, torch.tensor(pair))
        one, other = ((labels[here] == class_id).sum() for class_id in pair)
        wrong = logits[here].argmax(1) != labels[here]
        if min(one, other) >= PAIR_LEAST and wrong.float().mean() >= PAIR_WRONG:
            which = (labels[here] == pair[1]).long()
            pairs["-".join(map(str, pair))] = round(
                fit_temperature(logits[here][:, list(pair)], which, PAIR_TEMPERATURES), 3
            )
    before = Calibration(classifier.calibration.temperature)
    after = Calibration(before.temperature, temperature, {tuple(map(int, k.split("-"))): t for k, t in pairs.items()})
    unseen, truth = _logits_of_drawings(classifier, blind_pictures())
    error = {
        name: expected_calibration_error(
            torch.stack([calibration.probabilities(row, is_drawing=True) for row in unseen]), truth
        )
        for name, calibration in (("before", before), ("after", after))
    }
    return {
        "drawing_temperature": round(temperature, 4),
        PAIRS_KEY: pairs,
        "drawing_temperature_from": f"{len(labels)} drawings the network was not trained on",
        "drawing_calibration_error_before": round(error["before"], 4),
        "drawing_calibration_error": round(error["after"], 4),
        "drawing_calibration_n": len(truth),
    }


def _logits_of_drawings(classifier: Classifier, drawn: Iterable[tuple[int, str, Image.Image]]) -> tuple[Tensor, Tensor]:
    """float64 (N, 10) and the classes (N,) of those in which something is found."""
    answers = [(classifier.classify_picture(picture), label) for label, _, picture in drawn]
    kept = [(answer.logits, label) for answer, label in answers if not answer.is_empty]
    return torch.tensor([z for z, _ in kept], dtype=torch.float64), torch.tensor([label for _, label in kept])


def expected_calibration_error(probabilities: Tensor, labels: Tensor, bins: int = BINS) -> float:
    """How far confidence is from accuracy, averaged over `bins` equal ranges of confidence by their size."""
    confidence, answer = probabilities.max(dim=1)
    right = (answer == labels).double()
    which = (confidence * bins).long().clamp(max=bins - 1)
    gaps = [
        (confidence[which == b].double().mean() - right[which == b].mean()).abs() * (which == b).double().mean()
        for b in which.unique()
    ]
    return float(sum(gaps))


def fit_detector(checkpoint: Checkpoint, network: NiN, photos: Split, seed: int = 0) -> Detector:
    """From photos, bundled drawings and sketches of photos against drawings of other things."""
    generator = torch.Generator().manual_seed(seed)
    some = torch.randperm(len(photos.labels), generator=generator)[: PHOTOS + SKETCHES]
    photos_seen, to_sketch = photos.images[some].split([PHOTOS, SKETCHES])
    sketches = (sketch(to_sketch[:, None].float() / 255, generator)[:, 0] * 255).round().to(torch.uint8)
    drawings = load_drawings().images
    drawings = drawings[torch.randperm(len(drawings), generator=generator)[:DRAWINGS]]
    clothes = _summaries(checkpoint, network, torch.cat([photos_seen, sketches, drawings]))
    others = _summaries(checkpoint, network, not_clothes(OTHERS, seed))
    features = torch.cat([clothes, others])
    mean, spread = features.mean(0), features.std(0) + 1e-4
    inputs = (features - mean) / spread
    target = torch.cat([torch.ones(len(clothes)), torch.zeros(len(others))])
    importance = torch.where(target > 0, 0.5 / len(clothes), 0.5 / len(others))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        hidden, out = torch.nn.Linear(inputs.shape[1], HIDDEN), torch.nn.Linear(HIDDEN, 1)
    optimizer = torch.optim.Adam([*hidden.parameters(), *out.parameters()], lr=3e-3)
    for _ in range(_FIT_STEPS):
        log_odds = out(hidden(inputs).relu())[:, 0]
        fit = (F.binary_cross_entropy_with_logits(log_odds, target, reduction="none") * importance).sum()
        loss = fit + _FIT_DECAY * (hidden.weight.square().sum() + out.weight.square().sum())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        weight = hidden.weight / spread
        return Detector(weight, hidden.bias - weight @ mean, out.weight[0].clone(), out.bias[0].clone())


def not_clothes(count: int, seed: int) -> Tensor:
    """uint8 (about `count`, 28, 28): things other than clothes, as the network would see them."""
    random = np.random.default_rng([10, seed])
    images = torch.stack([see(draw_something_else(random)) for _ in range(count)])
    return images[(images > 0).flatten(1).any(dim=1)]


def _summaries(checkpoint: Checkpoint, network: NiN, images: Tensor) -> Tensor:
    parts = []
    for part in images.split(500):
        batch = network_input(part, checkpoint)
        parts.append(summary(network, batch))
    return torch.cat(parts).clone()


def calibrate(weights: Path, held_out_by: Path | None = None) -> tuple[dict[str, Any], Detector]:
    """What belongs into the card of `weights`, measured, and the detector that goes with them.

    `held_out_by` are weights of the same network and recipe that were trained without the last
    HELD_OUT training images: the temperature is fitted on these. Without them half of the test
    images have to do, and the error is that of the other half.
    """
    engine = choose_engine("cpu", bfloat16=False)
    dataset = data.load()
    checkpoint = load_checkpoint(weights)
    test = evaluate(checkpoint, dataset.test, engine)
    measured_on = slice(None)
    if held_out_by is not None:
        held_out = dataset.train.last(HELD_OUT)
        fitted = evaluate(load_checkpoint(held_out_by), held_out, engine)
        temperature, source = fit_temperature(fitted.logits, fitted.labels), f"{fitted.n:,} held-out training images"
    else:
        half = test.n // 2
        temperature = fit_temperature(test.logits[:half], test.labels[:half])
        measured_on, source = slice(half, None), f"the first {half:,} test images"
    logits, labels = test.logits[measured_on], test.labels[measured_on]
    detector = fit_detector(checkpoint, checkpoint.network(), dataset.train)
    others = detector.log_odds(_summaries(checkpoint, checkpoint.network(), not_clothes(500, seed=1)))
    photos = detector.log_odds(_summaries(checkpoint, checkpoint.network(), dataset.test.images[:2000]))
    return {
        "temperature": round(temperature, 4),
        "temperature_from": source,
        "calibration_error_before": round(expected_calibration_error(logits.softmax(1), labels), 4),
        "calibration_error": round(expected_calibration_error((logits / temperature).softmax(1), labels), 4),
        "calibration_n": len(labels),
        "strangers_recognised": round(float((others < LIMIT).float().mean()), 4),
        "photos_doubted": round(float((photos < LIMIT).float().mean()), 4),
    }, detector


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m drawings.calibrate", description=calibrate.__doc__)
    parser.add_argument("weights", type=Path)
    parser.add_argument("--held-out-by", type=Path, metavar="FILE")
    parser.add_argument("--drawings-only", action="store_true", help="leave the photos' temperature and the detector")
    options = parser.parse_args()
    use_all_cores()
    found: dict[str, Any] = {}
    if not options.drawings_only:
        found, detector = calibrate(options.weights, options.held_out_by)
        detector.save(detector_path(options.weights))
        write_card(options.weights, {**read_json(options.weights.with_suffix(".json")), **found})
    drawings = fit_drawings(Classifier.from_file(options.weights))
    found |= drawings
    if drawings["drawing_calibration_error"] < drawings["drawing_calibration_error_before"]:
        write_card(options.weights, {**read_json(options.weights.with_suffix(".json")), **drawings})
    else:
        print("the temperatures for drawings do not go into the card: the error on unseen drawings rose")
    for name, value in found.items():
        print(f"{name}: {value}")


if __name__ == "__main__":
    main()
