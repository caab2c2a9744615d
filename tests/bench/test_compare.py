"""The benchmark compares what it says it compares; how fast anything is, no test asks."""

import json
from dataclasses import asdict, replace

import pytest
import torch

from bench.training import compare as bench
from bench.training import hardware_limits
from bench.training.baseline_loop import Pictures, UsualLoop
from bench.training.compare import Comparison, compare, training_flops
from bench.training.hardware_limits import Ceiling, measure_ceiling
from bench.training.startup import Start, measure_start
from bench.training.table import as_table
from nin.data import dataset as data
from nin.engine.device import Engine
from nin.errors import RunError
from nin.model.architecture import Architecture, Block
from nin.presets import PRESETS, Preset
from nin.storage.checkpoint import prepare

CPU = Engine(torch.device("cpu"), bfloat16=False)
TINY = Preset("tiny", Architecture(56, (Block((4, 10), 8, stride=8),)), "a network for tests")
LEARNS_FAST = Preset("learner", Architecture(28, (Block((16, 10), 8, stride=4),), logit_head=True), "likewise")
CEILING = Ceiling(1e11, 2e11, 1e10)


@pytest.fixture(scope="module")
def sample():
    dataset = data.load("sample")
    return replace(dataset, train=dataset.train.first(512), test=dataset.test.first(200))


def test_usual_loop_sees_the_same_pictures_and_learns(sample):
    architecture = PRESETS["classic-112"].architecture
    pictures, expected = (
        Pictures(sample.train, 112),
        prepare(sample.train.images[:4, None] / 255, architecture, normalise=False),
    )
    for index in range(4):
        image, label = pictures[index]
        assert label == sample.train.labels[index]
        # PIL rounds to whole grey levels.
        torch.testing.assert_close(image, expected[index], atol=1.1 / 255, rtol=0)
    with UsualLoop(LEARNS_FAST, sample.train, CPU.device, 64) as loop:
        assert loop.run(1) > 2.28  # about ln 10: it knows nothing yet
        loop.let_workers_finish()
        loop.use_up_lead()
        assert loop.run(90) < 2.15


def test_comparison_of_both_loops(sample, monkeypatch):
    monkeypatch.setattr(bench, "ROUNDS", 2)
    monkeypatch.setattr(bench, "TURN_SECONDS", 0.02)
    monkeypatch.setattr(bench, "EVALUATION_SECONDS", 0.1)
    found = compare(TINY, CPU, sample, CEILING)
    low, high = found.ratio_range
    assert 0 < low <= found.ratio <= high
    assert found.seconds_per_epoch == pytest.approx(468 * 128 / found.images_per_second)
    assert found.gemm_share == pytest.approx(found.images_per_second * training_flops(TINY) / CEILING.gemm_fp32)
    assert found.evaluation_seconds == pytest.approx(10_000 / found.evaluation_images_per_second)
    assert found.peak_bytes is None


def test_arithmetic_of_the_books_network():
    # 762.3 M MACs forward; backward twice that, but for the first convolution's 33.9 M.
    assert training_flops(PRESETS["classic"]) == pytest.approx(2 * (3 * 762.3e6 - 33.9e6), rel=1e-3)


def test_ceiling_of_this_machine(monkeypatch):
    monkeypatch.setattr(hardware_limits, "SECONDS", 0.05)
    monkeypatch.setattr(hardware_limits, "REPEATS", 2)
    found = measure_ceiling(CPU)
    assert found.gemm_fp32 > 1e8
    assert found.gemm_bf16 is None
    assert found.copy > 1e7
    assert found.gemm(CPU) == found.gemm_fp32
    assert CEILING.gemm(replace(CPU, bfloat16=True)) == CEILING.gemm_bf16


@pytest.mark.parametrize(
    ("after", "drift"), [(CEILING, 0), (replace(CEILING, copy=0.9e10), 0.1), (replace(CEILING, gemm_bf16=2.4e11), 0.2)]
)
def test_drift_is_the_largest_change(after, drift):
    assert CEILING.drift(after) == pytest.approx(drift)


def result(*, void):
    comparison = Comparison(
        preset="classic",
        images_per_second=1234.0,
        usual_images_per_second=100.0,
        ratio=12.3,
        ratio_range=(12.0, 12.5),
        rounds=5,
        gemm_share=0.5,
        fp32_gemm_share=1.5,
        seconds_per_epoch=48.5,
        evaluation_images_per_second=4000.0,
        evaluation_seconds=2.5,
        peak_bytes=2**30,
        usual_peak_bytes=2**31,
        graph_failure=None,
    )
    return {
        "machine": bench.describe_machine(CPU),
        "data": "60,000 training and 10,000 test images (debian)",
        "ceilings": {"before": asdict(CEILING), "after": asdict(CEILING), "drift": 0.2 if void else 0.01},
        "void": void,
        "batch_size": 128,
        "networks": [asdict(comparison)],
        "start": {"seconds_to_first_step": 3.2, "peak_resident_bytes": 900 * 2**20},
    }


def test_table_and_json():
    table = as_table(result(void=False))
    for shown in (
        "classic",
        "1,234",
        "12.30 (12.00-12.50)",
        "50%",
        "150%",
        "48.5",
        "2.50",
        "1,024 MiB",
        "3.2 s",
        "900 MiB",
    ):
        assert shown in table
    assert "VOID" not in table
    assert "VOID" in as_table(result(void=True))
    assert json.loads(json.dumps(result(void=True)))["void"]


@pytest.mark.parametrize(("later", "status"), [(CEILING, 0), (replace(CEILING, copy=1.2e10), 1)])
def test_status_says_whether_the_measurement_counts(monkeypatch, capsys, later, status):
    ceilings = iter([CEILING, later])
    monkeypatch.setattr(bench, "measure_ceiling", lambda engine: next(ceilings))
    monkeypatch.setattr(bench, "compare", lambda *_: Comparison(**result(void=False)["networks"][0]))
    monkeypatch.setattr(bench, "measure_start", lambda *_: Start(3.0, 10**9))
    assert bench.run_bench("cpu", as_json=True) == status
    printed = json.loads(capsys.readouterr().out)
    assert printed["void"] == bool(status)
    assert len(printed["networks"]) == len(bench.MEASURED)


def test_start_that_fails_is_said(monkeypatch):
    monkeypatch.setenv("NIN_DATA", "/nowhere")
    with pytest.raises(RunError, match="did not start"):
        measure_start("pocket", "cpu")
