"""Diagnostics against independent implementations and hand-worked figures."""

from math import sqrt

import numpy as np
import pytest
from arch.bootstrap import SPA, StepM
from scipy.stats import norm
from statsmodels.stats.multitest import multipletests

from core.market import Floats
from feedback.gate.diagnostics import diagnose
from feedback.gate.false_discovery import q_values
from feedback.gate.overfitting import probability_of_overfitting
from feedback.gate.sharpe import deflated_sharpe, expected_best_sharpe, probabilistic_sharpe
from feedback.gate.superior import superior_ability, superior_set
from tests.unit.feedback.gate.subjects import returns


def _gains(best: float, seed: int = 1, trials: int = 12, days: int = 1500) -> Floats:
    gains = np.random.default_rng(seed).standard_normal((trials, days))
    gains[0] += best
    return gains


def test_psr_of_a_worked_example() -> None:
    daily = np.array([0.01, -0.01, 0.02, 0.0, 0.03, -0.02, 0.01, 0.02])
    mean, deviation = 0.0075, sqrt(sum((x - 0.0075) ** 2 for x in daily.tolist()) / 7)
    moments = [sum((x - mean) ** k for x in daily.tolist()) / 8 for k in (2, 3, 4)]
    lopsided, tails = moments[1] / moments[0] ** 1.5, moments[2] / moments[0] ** 2
    ratio = mean / deviation
    expected = norm.cdf(ratio * sqrt(7) / sqrt(1 - lopsided * ratio + (tails - 1) / 4 * ratio**2))
    assert probabilistic_sharpe(daily) == pytest.approx(expected)


def test_the_expected_best_of_many_is_what_simulation_shows() -> None:
    drawn = np.random.default_rng(1).standard_normal((20_000, 50)).max(axis=1).mean()
    assert expected_best_sharpe(1.0, 50) == pytest.approx(drawn, abs=0.05)


def test_dsr_is_psr_against_that_best() -> None:
    trials = 0.01 * np.random.default_rng(2).standard_normal((30, 225))
    ratios = trials.mean(axis=1) / trials.std(axis=1, ddof=1)
    benchmark = expected_best_sharpe(float(ratios.std(ddof=1)), 30)
    assert deflated_sharpe(trials[3], trials) == probabilistic_sharpe(trials[3], benchmark)


@pytest.mark.parametrize("best", [0.0, 0.04, 0.07])
def test_spa_is_archs(best: float) -> None:
    gains = _gains(best)
    theirs = SPA(np.zeros(1500), -gains.T, block_size=5, reps=1999, bootstrap="cbb", seed=3)
    theirs.compute()
    assert superior_ability(gains, 5, repetitions=1999) == pytest.approx(theirs.pvalues["consistent"], abs=0.06)


def test_stepm_finds_what_archs_finds() -> None:
    gains = _gains(0.0)
    gains[[2, 5]] += 0.15
    theirs = StepM(np.zeros(1500), -gains.T, size=0.05, block_size=5, reps=999, bootstrap="cbb", seed=3)
    theirs.compute()
    assert superior_set(gains, 5) == sorted(int(k) for k in theirs.superior_models) == [2, 5]


def test_pbo_is_high_where_the_halves_contradict_and_low_where_one_trial_is_best() -> None:
    noise = 0.1 * np.random.default_rng(3).standard_normal((8, 200))
    steady = noise.copy()
    steady[4] += 0.2
    assert probability_of_overfitting(steady) == 0.0
    contrary = noise.copy()
    contrary[:4, :100] += 0.2
    contrary[4:, 100:] += 0.2
    assert (probability_of_overfitting(contrary, 2) or 0.0) == 1.0
    worthless = [probability_of_overfitting(np.random.default_rng(k).standard_normal((8, 200))) for k in range(20)]
    assert 0.3 < np.mean([one for one in worthless if one is not None]) < 0.7


def test_q_values_are_those_of_statsmodels() -> None:
    p = np.random.default_rng(4).random(40) ** 3
    assert q_values(p.tolist()) == pytest.approx(multipletests(p, method="fdr_bh")[1])
    assert q_values([]) == []


def test_without_trials_only_the_candidate_is_described() -> None:
    unseen = returns(0.3).pooled
    assert set(diagnose(unseen, np.zeros((0, 256)), 1)) == {"psr"}
    trials = np.stack([unseen.candidate, unseen.incumbent, unseen.candidate[::-1]])
    assert set(diagnose(unseen, trials, 1)) == {"psr", "dsr", "pbo", "spa_p", "stepm_better"}
