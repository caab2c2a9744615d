"""The sum that makes a logit is shown as it is, and adds up to the printed digit."""

from decimal import Decimal

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from nin.explain.class_maps import find_evidence, printed, shares
from nin.model.architecture import Architecture
from nin.model.network import NiN, initialise
from nin.presets import PRESETS, RECIPES, architecture_for


@pytest.mark.parametrize("preset", ["pocket", "classic-112"])
@pytest.mark.parametrize("recipe", ["tuned", "book-adam"])
def test_the_mean_of_each_map_is_the_logit(preset, recipe):
    architecture: Architecture = architecture_for(PRESETS[preset], RECIPES[recipe])
    network = initialise(NiN(architecture), "he", 1).eval()
    batch = torch.rand(1, 1, architecture.input_size, architecture.input_size)
    evidence = find_evidence(network, batch)
    with torch.inference_mode():
        assert torch.allclose(evidence.logits.float(), network(batch)[0], atol=1e-5)
    assert torch.allclose(evidence.contributions.sum((1, 2)), evidence.logits)


@given(
    st.lists(st.floats(-50, 50), min_size=1, max_size=64),
    st.integers(0, 6),
)
def test_printed_numbers_add_up(values, decimals):
    values = torch.tensor(values, dtype=torch.float64)
    units, total = printed(values, decimals)
    assert int(units.sum()) == total
    assert total == int((values * 10**decimals).sum().round())
    assert (units - values * 10**decimals).abs().max() <= 1
    assert units.shape == values.shape


@given(st.lists(st.floats(-40, 40), min_size=10, max_size=10))
def test_shares_of_an_answer_add_up_to_the_whole(logits):
    probabilities = torch.tensor(logits).softmax(0)
    printed_shares = [Decimal(share.removesuffix("%")) for share in shares(probabilities)]
    assert sum(printed_shares) == 100
    assert all(abs(float(share) / 100 - p) < 0.001 for share, p in zip(printed_shares, probabilities, strict=True))


def test_printed_numbers_that_need_no_help_are_plainly_rounded():
    units, total = printed(torch.tensor([0.25, 0.5, -0.125], dtype=torch.float64), 3)
    assert units.tolist() == [250, 500, -125]
    assert total == 625
