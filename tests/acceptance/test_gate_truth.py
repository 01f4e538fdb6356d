"""The gate against proposals of known worth, on seeds that no setting was chosen on."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.gate_truth import measure
from benchmarks.truth.classes import CLASSES, NULL_CLASSES
from benchmarks.truth.market import MarketSettings
from benchmarks.truth.score import brier, precision, shares

CASES = 200
#: True effect -> the least share that must be approved.
LEAST_POWER = {"better_11": 0.60, "better_17": 0.85, "better_27": 0.99}
LARGEST_FALSE = 0.05


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_it_approves_what_helps_and_refuses_what_only_looks_good(tmp_path: Path) -> None:
    judged = measure(MarketSettings(), CASES, 1_000_001, tuple(CLASSES), tmp_path)
    approved = shares(judged, "approve")
    for kind, least in LEAST_POWER.items():
        assert approved[kind] >= least - 2 * _error(least), kind
    for kind in NULL_CLASSES:
        assert approved[kind] <= LARGEST_FALSE + 2 * _error(LARGEST_FALSE), kind
    assert precision(judged) >= 0.97
    assert brier(judged) <= 0.025
    assert all(one.verdict["line"] for one in judged)


def _error(share: float) -> float:
    """The standard error of a share of CASES cases."""
    return float(np.sqrt(share * (1 - share) / CASES))
