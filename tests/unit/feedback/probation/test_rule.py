"""The sequential rule: what it must catch, what it must leave alone, and what it makes of strange days."""

import math

import numpy as np
import pytest

from benchmarks.probation_truth import NEVER, watch
from benchmarks.truth.live import fat_tails, normal
from core.errors import InvalidInput
from feedback.probation.belief import Prior
from feedback.probation.rule import HARD_STOP, ProbationRule


def test_a_good_change_is_rarely_rolled_back_and_a_bad_one_soon() -> None:
    noise = normal(250, 1, np.random.default_rng(5))
    assert watch(noise, 0.11).rolled_back <= 0.05 + 2 * math.sqrt(0.05 * 0.95 / 250)
    bad, worst = watch(noise, -0.5), watch(noise, -0.9)
    assert bad.median_day <= 21
    assert worst.median_day <= 12
    assert bad.avoided >= 0.80


def test_three_symbols_prove_harm_sooner_than_one() -> None:
    noise = fat_tails(150, 3, np.random.default_rng(6))
    assert watch(noise, -0.5).median_day <= 14
    assert watch(noise, -0.9).median_day <= 7


def test_a_confident_gate_does_not_blind_the_rule() -> None:
    noise = normal(150, 1, np.random.default_rng(8))
    assert watch(noise, -0.5, Prior(0.9, 0.01)).median_day <= 21


@pytest.mark.parametrize("unit", [1.0, 1e-4, 250.0])
def test_the_unit_of_the_returns_does_not_matter(unit: float) -> None:
    days = normal(1, 1, np.random.default_rng(9))[0, 0] - 0.2
    scaled = ProbationRule(unit, Prior(0.17 * unit, 0.1 * unit))
    plain = ProbationRule(1.0, Prior(0.17, 0.1))
    for day in days.tolist():
        assert scaled.observe(day * unit, 0.0).prob_worse == pytest.approx(plain.observe(day, 0.0).prob_worse)


def test_the_belief_is_the_integral_over_both_hypotheses() -> None:
    """After ten days of -0.3 swings each, by quadrature; the swings of such days are smaller than sigma."""
    rule = ProbationRule(1.0)
    for _ in range(10):
        rule.observe(-0.3, 0.0)
    effect = np.linspace(-3, 3, 200_001)
    prior = sum(w / sd * np.exp(-0.5 * ((effect - m) / sd) ** 2) for w, m, sd in ((0.9, 0.17, 0.1), (0.1, -0.4, 0.15)))
    likelihood = np.exp(-0.5 * 10 * (-0.3 - effect) ** 2 / 1.1)
    posterior = prior * likelihood
    assert rule.last.prob_worse == pytest.approx(posterior[effect < 0].sum() / posterior.sum(), abs=1e-4)


def test_a_single_terrible_day_is_little_evidence_until_the_hard_stop() -> None:
    rule = ProbationRule(1.0)
    assert rule.observe(-0.9 * HARD_STOP, 0.0).action == "keep"
    stopped = rule.observe(-0.1 * HARD_STOP, 0.0)
    assert stopped.action == "rollback"


def test_a_rollback_is_not_taken_back() -> None:
    rule = ProbationRule(1.0)
    rule.observe(-HARD_STOP, 0.0)
    assert [rule.observe(5.0, 0.0).action for _ in range(20)] == ["rollback"] * 20


def test_only_symbols_with_both_numbers_count() -> None:
    some, all_ = ProbationRule(1.0), ProbationRule(1.0)
    assert some.observe([-2.0, None, math.nan], [1.0, 2.0, 3.0]) == all_.observe(-2.0, 1.0)
    before = some.last
    assert some.observe([None, 1.0], [1.0, math.inf]) == before
    assert some.days == 1


def test_larger_swings_than_promised_make_it_slower() -> None:
    calm, wild = ProbationRule(1.0), ProbationRule(1.0)
    for day in range(30):
        calm.observe(-0.3, 0.0)
        wild.observe(-0.3 + (3.0 if day % 2 else -3.0), 0.0)
    assert wild.last.prob_worse < calm.last.prob_worse


@pytest.mark.parametrize("sigma", [0.0, -1.0, math.nan, math.inf])
def test_a_sigma_that_is_no_size_is_refused(sigma: float) -> None:
    with pytest.raises(InvalidInput, match="sigma"):
        ProbationRule(sigma)


def test_lists_of_different_lengths_are_refused() -> None:
    with pytest.raises(InvalidInput, match="new has 2"):
        ProbationRule(1.0).observe([1.0, 2.0], [1.0])


def test_a_change_that_wins_every_day_is_never_rolled_back() -> None:
    assert watch(normal(3, 1, np.random.default_rng(1)), 9.0).first.tolist() == [NEVER] * 3
