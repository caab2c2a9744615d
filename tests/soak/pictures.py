"""The whole corpus of hostile pictures, then mutated files for a while: `make soak` (SOAK_SECONDS, 300 unless it is set)."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

import pytest

from nin.classify.picture_process import PictureProcess
from tests.classify import hostile
from tests.classify.attack import MOST_CPU_SECONDS, MOST_MEGABYTES, Outcome, attack

SECONDS = float(os.environ.get("SOAK_SECONDS", "300"))


@pytest.fixture(scope="module")
def decoder() -> Iterator[PictureProcess]:
    decoder = PictureProcess()
    yield decoder
    decoder.close()


def check(outcome: Outcome) -> None:
    print(outcome)
    assert outcome.errors == []
    assert outcome.longest[0] < MOST_CPU_SECONDS
    assert outcome.largest[0] < MOST_MEGABYTES


def test_the_whole_corpus(decoder: PictureProcess) -> None:
    outcome = attack(decoder, hostile.all_files())
    check(outcome)
    assert outcome.files > 500


def test_mutated_files(decoder: PictureProcess) -> None:
    seed = time.time_ns() % 10**6
    print("seed", seed)
    check(attack(decoder, hostile.mutated(seed), until=time.monotonic() + SECONDS))
