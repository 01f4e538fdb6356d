"""The line protocol of `tradeloop probation`."""

import json
from typing import Any

import pytest

from feedback.probation.belief import Prior
from feedback.probation.rule import ProbationRule
from feedback.probation.stream import ProbationStream


def line(series: str | int = "a", **changes: Any) -> str:
    return json.dumps({"series": series, "sigma": 0.01, "t": 1, "new": 0.0, "old": 0.0} | changes)


def test_interleaved_series_do_not_know_each_other() -> None:
    stream, alone = ProbationStream(), ProbationRule(0.01, Prior(0.001, 0.001))
    prior = {"mean": 0.001, "sd": 0.001}
    for day in range(40):
        told = stream.answer(line("a", t=day, new=-0.01, prior=prior))
        assert stream.answer(line("b", t=day, new=0.01))["action"] == "keep"
        step = alone.observe(-0.01, 0.0)
        assert told == {"series": "a", "t": day, "action": step.action, "prob_worse": step.prob_worse}
    assert told["action"] == "rollback"


def test_one_value_per_symbol_is_pooled() -> None:
    told = ProbationStream().answer(line(new=[-0.03, None, 0.01], old=[0.0, 0.5, 0.0]))
    assert told["prob_worse"] == ProbationRule(0.01).observe([-0.03, 0.01], [0.0, 0.0]).prob_worse


def test_a_series_keeps_the_prior_of_its_first_line() -> None:
    stream, expected = ProbationStream(), ProbationRule(0.01, Prior(0.0018, 0.001))
    stream.answer(line(prior={"mean": 0.0018, "sd": 0.001}))
    told = stream.answer(line(prior={"mean": -9, "sd": 1}, sigma=5))
    expected.observe(0.0, 0.0)
    assert told["prob_worse"] == expected.observe(0.0, 0.0).prob_worse


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        ("{", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[1]", "dictionary"),
        ("null", "dictionary"),
        (line(sigma=0), "sigma"),
        (line(sigma=-1), "sigma"),
        (line(sigma=float("nan")), "sigma"),
        (line(new="much"), "new"),
        (line(new=None), "new"),
        (line(new=[1.0, 2.0]), "new has 2"),
        (line(prior={"mean": 1.0, "sd": 0.0}), "sd"),
        (line(prior={"mean": float("inf"), "sd": 1.0}), "mean"),
        (line(prior=3), "prior"),
        ('{"series": "a"}', "sigma"),
        ('{"sigma": 1, "new": 0, "old": 0}', "series"),
    ],
)
def test_a_bad_line_is_answered_and_changes_nothing(bad: str, why: str) -> None:
    stream, clean = ProbationStream(), ProbationStream()
    stream.answer(line(new=-0.01))
    clean.answer(line(new=-0.01))
    answer = stream.answer(bad)
    assert set(answer) <= {"series", "error"}
    assert why in answer["error"]
    assert stream.answer(line(new=-0.01)) == clean.answer(line(new=-0.01))
    assert json.dumps(answer, allow_nan=False)


def test_a_day_without_a_number_is_answered_with_what_is_known() -> None:
    stream = ProbationStream()
    before = stream.answer(line(new=-0.01))
    assert stream.answer(line(new=float("nan"))) == before
