"""The probability of being better."""

from itertools import pairwise

import numpy as np
import pytest
from scipy.stats import norm

from feedback.gate.belief import BETTER, NOT_BETTER, SEEN_NOISE, UNSEEN_NOISE, prob_better


def test_more_evidence_is_never_less_probable() -> None:
    stated = [prob_better(t, 225, (0.5, 30), 1) for t in np.arange(-6, 16, 0.25)]
    assert all(b >= a - 0.004 for a, b in pairwise(stated))
    assert stated[0] < 0.01
    assert stated[-1] > 0.99


def test_a_winner_among_many_is_less_probable() -> None:
    assert prob_better(2.5, 225, None, 200) < prob_better(2.5, 225, None, 1) - 0.1


def test_a_good_seen_window_counts_for_a_single_idea() -> None:
    assert prob_better(2.0, 225, (1.5, 30), 1) > prob_better(2.0, 225, (-1.5, 30), 1) + 0.2


def test_it_is_bayes_rule_integrated_over_the_prior() -> None:
    effects = np.linspace(-3, 3, 240_001)
    likelihood = norm.pdf(2.2, effects * 15, UNSEEN_NOISE) * norm.pdf(0.4, effects * 30**0.5, SEEN_NOISE)
    good, bad = (
        sum(w * float(np.sum(norm.pdf(effects, m, s) * likelihood)) for w, m, s in prior)
        for prior in (BETTER, NOT_BETTER)
    )
    assert prob_better(2.2, 225, (0.4, 30), 1) == pytest.approx(good / (good + bad), rel=1e-4)
