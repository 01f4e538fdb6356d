"""What the gate says of planted subjects."""

import math
from dataclasses import replace

import numpy as np
import pytest

from core.clock import DAY_MS
from feedback.gate.catalogue import LINES
from feedback.gate.gate import Gate
from feedback.gate.returns import Window
from feedback.gate.subject import Activity, Agreement, Fidelity, Probes
from tests.unit.feedback.gate.subjects import START_MS, answer, of_sides, returns, subject, window


def test_a_true_gain_is_approved_with_its_figures() -> None:
    verdict = Gate().judge(subject(returns(0.3)))
    assert verdict.decision == "approve"
    assert verdict.p_value is not None
    assert verdict.p_value < 0.01
    assert verdict.ci is not None
    assert verdict.effect_per_day is not None
    assert verdict.ci[0] < verdict.effect_per_day < verdict.ci[1]
    assert verdict.prob_better is not None
    assert verdict.prob_better > 0.95
    assert verdict.n_days == 225
    assert verdict.line.startswith("Approve: On 225 days")


def test_a_worthless_change_is_refused_with_a_reason() -> None:
    verdict = Gate().judge(subject(returns(-0.02, seed=6)))
    assert verdict.decision == "reject"
    assert "chance" in verdict.line


def test_every_answer_has_a_line_in_both_languages() -> None:
    for check in Gate().judge(subject()).checks:
        assert check.line
        assert check.line_ko
    for english, korean in LINES.values():
        assert sorted(_fields(english)) == sorted(_fields(korean)) or set(_fields(korean)) <= set(_fields(english))


def _fields(line: str) -> list[str]:
    return [part.split("}")[0].split(":")[0] for part in line.split("{")[1:]]


def test_thirty_days_are_not_enough() -> None:
    paired = returns(1.0, days=30)
    verdict = Gate().judge(subject(paired, window=window(30)))
    assert verdict.decision == "insufficient_data"


def test_a_window_that_covers_everything_leaves_nothing_to_judge() -> None:
    everything = Window(START_MS, START_MS + 256 * DAY_MS)
    verdict = Gate().judge(subject(window=everything))
    assert verdict.decision == "insufficient_data"
    assert "none are left" in verdict.line


def test_a_window_of_hours_is_not_believed() -> None:
    verdict = Gate().judge(subject(window=Window(START_MS, START_MS + DAY_MS // 2)))
    assert verdict.decision == "insufficient_data"
    assert "too short" in verdict.line


def test_a_window_outside_the_data_is_not_believed() -> None:
    elsewhere = Window(START_MS - 90 * DAY_MS, START_MS - 60 * DAY_MS)
    assert Gate().judge(subject(window=elsewhere)).decision == "insufficient_data"


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_returns_that_are_not_numbers_are_not_judged(bad: float) -> None:
    paired = returns(0.3)
    paired.candidate[1, 40] = bad
    verdict = Gate().judge(subject(paired))
    assert verdict.decision == "insufficient_data"
    assert "not numbers" in verdict.line


def test_a_symbol_that_leaves_early_is_noticed() -> None:
    paired = returns(0.3)
    present = paired.present.copy()
    present[2, 100:] = False
    verdict = Gate().judge(subject(replace(paired, present=present)))
    assert verdict.decision == "insufficient_data"
    assert "S2" in verdict.line


def test_one_lucky_day_is_not_a_gain() -> None:
    paired = returns(0.0, seed=3)
    paired.candidate[:] = paired.incumbent + 0.0005 * np.random.default_rng(1).standard_normal(paired.incumbent.shape)
    paired.candidate[:, 100] += 0.2
    verdict = Gate().judge(subject(paired))
    assert verdict.decision in ("reject", "insufficient_data")
    assert answer("outlier_day", subject(paired)).ok is False


def test_ten_trades_are_not_evidence() -> None:
    verdict = Gate().judge(subject(activity=Activity(500, 10)))
    assert verdict.decision == "insufficient_data"
    assert verdict.n_trades == 10
    assert "Too few trades" in verdict.line


def test_a_candidate_that_stands_still_is_not_judged() -> None:
    paired = returns(0.3)
    flat = of_sides(paired.incumbent - 0.01, np.zeros_like(paired.incumbent))
    assert Gate().judge(subject(flat)).decision == "insufficient_data"


def test_a_gain_that_has_turned_is_refused() -> None:
    paired = returns(0.25)
    paired.candidate[:, -30:] = 2 * paired.incumbent[:, -30:] - paired.candidate[:, -30:]
    verdict = Gate().judge(subject(paired))
    assert verdict.decision == "reject"
    assert answer("recency", subject(paired)).ok is False


def test_a_deeper_fall_is_refused() -> None:
    paired = returns(0.3)
    paired.candidate[:, 60:70] -= 0.08
    assert answer("drawdown", subject(paired)).ok is False


def test_a_mined_change_must_prove_more() -> None:
    assert answer("main_test", subject()).limit == 0.10
    assert answer("main_test", subject(source="miner", n_trials=50)).limit == 0.05
    assert answer("main_test", subject(n_trials=5)).limit == 0.05


@pytest.mark.parametrize(
    ("changes", "name", "decision"),
    [
        ({"probes": Probes(foresight=0.9)}, "look_ahead", "reject"),
        ({"probes": Probes(rewritten_days=3)}, "look_ahead", "reject"),
        ({"probes": Probes(foresight=0.0, free_trades=True)}, "fees", "reject"),
        ({"probes": Probes(foresight=0.0, cost_parameters=("fee",))}, "fees", "reject"),
        ({"fidelity": Fidelity(0.002, 0.0003, 30)}, "fidelity", "insufficient_data"),
        ({"activity": Activity(500, 500, 0.1, 0.9)}, "turnover", "reject"),
        ({"referee": lambda: Agreement(100, 60)}, "referee", "reject"),
        ({"candles_only": True}, "candles_only", "canary"),
    ],
)
def test_what_is_planted_is_found_with_its_line(changes: dict[str, object], name: str, decision: str) -> None:
    one = subject(**changes)
    assert answer(name, one).ok is False
    assert answer(name, one).line
    assert Gate().judge(one).decision == decision


def test_the_referee_is_asked_only_about_what_is_promising() -> None:
    asked: list[int] = []

    def ask() -> Agreement:
        asked.append(1)
        return Agreement(100, 0)

    Gate().judge(subject(returns(-0.2), referee=ask))
    assert not asked
    assert Gate().judge(subject(referee=ask)).decision == "approve"
    assert asked


def test_a_verdict_depends_on_its_case_alone() -> None:
    cases = [subject(returns(0.1, seed=k)) for k in range(4)]
    forwards = [Gate().judge(one).as_document() for one in cases]
    backwards = [Gate().judge(subject(one.returns)).as_document() for one in reversed(cases)]
    assert forwards == backwards[::-1]


def test_a_gate_without_rules_passes_everything() -> None:
    assert Gate(rules=()).judge(subject(returns(-1.0))).decision == "approve"


def test_losing_less_by_trading_less_is_not_an_approval() -> None:
    rng = np.random.default_rng(8)
    incumbent = -0.004 + 0.002 * rng.standard_normal((3, 256))
    kept = rng.random((3, 256)) < 0.5
    thinned = of_sides(incumbent, np.where(kept, incumbent, 0.0) + 1e-6 * rng.standard_normal((3, 256)))
    verdict = Gate().judge(subject(thinned, activity=Activity(2000, 1000)))
    assert verdict.decision == "canary"
    assert "merely trading less" in verdict.line


def test_choosing_the_better_half_of_the_trades_is_a_gain() -> None:
    rng = np.random.default_rng(8)
    incumbent = -0.001 + 0.004 * rng.standard_normal((3, 256))
    chosen = of_sides(incumbent, np.where(incumbent > -0.001, incumbent, 0.0))
    assert answer("better_trades", subject(chosen, activity=Activity(2000, 1000))).ok is True
