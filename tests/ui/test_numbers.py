"""What pages show is what was computed: answers, evidence, and the curve of a run."""

from __future__ import annotations

import json

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from nin.classify.classifier import Classifier
from nin.explain.activations import capture
from nin.explain.channels import as_maps
from nin.explain.class_maps import shares
from nin.storage.run import Run, RunConfig
from tests.running import TINY, train
from ui.charts.series import series


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return Classifier.from_weights("pocket-sketch")


@settings(max_examples=15)
@given(seed=st.integers(0, 2**31), contrast=st.integers(1, 255))
def test_probabilities_sum_to_one_and_the_mean_of_each_evidence_map_is_the_logit(
    classifier: Classifier, seed: int, contrast: int
) -> None:
    noise = torch.rand(28, 28, generator=torch.Generator().manual_seed(seed))
    pixels = (noise * contrast).to(torch.uint8)
    answer = classifier.classify(pixels)
    assert sum(answer.probabilities) == pytest.approx(1, abs=1e-6)
    assert all(0 <= probability <= 1 for probability in answer.probabilities)
    features = capture(classifier.network, classifier.input(pixels))
    assert as_maps(features.class_maps).mean((1, 2)) == pytest.approx(answer.logits, rel=1e-4, abs=1e-4)
    printed = [float(share.rstrip("%\u00a0 <>")) for share in shares(answer.probabilities)]
    assert sum(printed) == pytest.approx(100, abs=0.05)


@pytest.mark.usefixtures("tiny_preset")
def test_the_curve_is_what_the_run_reported_and_its_epochs_are_the_means_of_their_steps() -> None:
    run = Run.create(RunConfig(**TINY, epochs=3))
    assert train(run) == "done"
    lines = [json.loads(line) for line in run.metrics_path.read_text().splitlines()]
    steps = [row for row in lines if row["kind"] == "step"]
    epochs = [row for row in lines if row["kind"] == "epoch"]
    shown = series(run, "done")
    assert shown.steps.tolist() == [row["step"] for row in steps] == list(range(1, 31))
    assert shown.losses.tolist() == [row["loss"] for row in steps]
    assert list(shown.epochs) == epochs
    for epoch in epochs:
        own = [row for row in steps if row["epoch"] == epoch["epoch"]]
        assert epoch["train_loss"] == pytest.approx(sum(row["loss"] for row in own) / len(own), rel=1e-5)
        assert epoch["train_accuracy"] == pytest.approx(sum(row["accuracy"] for row in own) / len(own), rel=1e-5)
        # A share of so many images is a whole number of them.
        right = epoch["test_accuracy"] * epoch["test_n"]
        assert right == pytest.approx(round(right), abs=1e-6)
