"""Only declared, bounded, small and real changes come out of a model's answer."""

import json

import pytest

from core.parameters import Declaration
from feedback.llm.adjustments import parse_adjustments, proposals_schema
from feedback.llm.answers import ProposalsAnswer
from tests.support.llm import CURRENT, DECLARATIONS

BTC, ETH = "momentum_scalping.BTCUSDT", "momentum_scalping.ETHUSDT"


def parsed(adjustments):
    return parse_adjustments(ProposalsAnswer(adjustments=adjustments), DECLARATIONS, CURRENT)


def proposed(**values):
    return {"adjustments_reason": "F7: stops are hit early.", "confidence": 0.6, **values}


def test_a_good_adjustment_comes_through_with_its_reason_and_confidence():
    (adjustment,), refusals = parsed({BTC: proposed(entry_threshold=0.0045, lookback=22)})
    assert adjustment.instance_id == BTC
    assert adjustment.changes == {"entry_threshold": 0.0045, "lookback": 22.0}
    assert adjustment.reason == "F7: stops are hit early."
    assert adjustment.confidence == 0.6
    assert not refusals


def test_no_adjustment_is_a_good_answer():
    assert parsed({}) == ([], [])


def test_values_that_stay_as_they_are_are_no_changes():
    (adjustment,), _ = parsed({BTC: proposed(entry_threshold=0.0045, stop_loss=0.010)})
    assert adjustment.changes == {"entry_threshold": 0.0045}


@pytest.mark.parametrize(
    ("values", "field", "code"),
    [
        ({"entry_threshold": 0.5}, "entry_threshold", "out_of_bounds"),
        ({"entry_threshold": -0.004}, "entry_threshold", "out_of_bounds"),
        ({"entry_threshold": 0.0043}, "entry_threshold", "out_of_bounds"),
        ({"entry_threshold": 0.0060}, "entry_threshold", "max_change"),
        ({"lookback": 21.5}, "lookback", "out_of_bounds"),
        ({"entry_threshold": "0.0045"}, "entry_threshold", "not_a_number"),
        ({"entry_threshold": True}, "entry_threshold", "not_a_number"),
        ({"entry_threshold": None}, "entry_threshold", "not_a_number"),
        ({"entry_threshold": [0.0045]}, "entry_threshold", "not_a_number"),
        ({"entry_threshold": float("nan")}, "entry_threshold", "not_a_number"),
        ({"entry_threshold": float("inf")}, "entry_threshold", "not_a_number"),
        ({"entry_treshold": 0.0045}, "entry_treshold", "unknown_parameter"),
        ({"leverage": 100}, "leverage", "unknown_parameter"),
        ({"entry_threshold": 0.004}, "", "no_change"),
        ({}, "", "no_change"),
        ({"entry_threshold": 0.0045, "adjustments_reason": ""}, "adjustments_reason", "no_reason"),
        ({"entry_threshold": 0.0045, "adjustments_reason": "\u200b"}, "adjustments_reason", "no_reason"),
        ({"entry_threshold": 0.0045, "adjustments_reason": 7}, "adjustments_reason", "no_reason"),
        ({"entry_threshold": 0.0045, "confidence": 1.2}, "confidence", "bad_confidence"),
        ({"entry_threshold": 0.0045, "confidence": "high"}, "confidence", "bad_confidence"),
        (
            {"entry_threshold": 0.0045, "stop_loss": 0.011, "take_profit": 0.021, "lookback": 21, "cooldown": 11},
            "",
            "too_many_changes",
        ),
    ],
)
def test_one_bad_value_drops_its_instance_and_says_why(values, field, code):
    adjustments, (refusal,) = parsed({BTC: proposed(**values)})
    assert not adjustments
    assert (refusal.instance, refusal.field, refusal.code) == (BTC, field, code)
    assert refusal.why


def test_a_bad_value_beside_a_good_one_drops_both_but_no_other_instance():
    adjustments, (refusal,) = parsed(
        {BTC: proposed(entry_threshold=0.0045, stop_loss=9.0), ETH: proposed(entry_threshold=0.0045)}
    )
    assert [a.instance_id for a in adjustments] == [ETH]
    assert refusal.instance == BTC


@pytest.mark.parametrize("value", [None, 5, "x", [], True])
def test_an_adjustment_that_is_no_object_is_refused(value):
    adjustments, (refusal,) = parsed({BTC: value})
    assert not adjustments
    assert refusal.code == "wrong_type"


def test_an_unknown_instance_is_refused_with_the_nearest_name_and_clean_text():
    _, (refusal,) = parsed({"momentum_scalping.BTCUSD\u202e": proposed(entry_threshold=0.0045)})
    assert refusal.code == "unknown_instance"
    assert "Did you mean 'momentum_scalping.BTCUSDT'?" in refusal.why
    assert refusal.instance == "momentum_scalping.BTCUSD"


def test_one_step_is_allowed_where_the_largest_relative_change_is_smaller():
    current = {BTC: {**CURRENT[BTC], "entry_threshold": 0.001}, ETH: CURRENT[ETH]}
    answer = ProposalsAnswer(adjustments={BTC: proposed(entry_threshold=0.0015)})
    (adjustment,), _ = parse_adjustments(answer, DECLARATIONS, current)
    assert adjustment.changes == {"entry_threshold": 0.0015}


def test_the_schema_names_every_instance_and_shares_the_parameters_of_a_strategy():
    schema = proposals_schema(DECLARATIONS)
    assert list(schema["properties"]["adjustments"]["properties"]) == [BTC, ETH]
    (shared,) = schema["$defs"].values()
    assert shared["properties"]["entry_threshold"]["maximum"] == 0.02
    assert shared["required"] == ["adjustments_reason", "confidence"]
    assert json.dumps(schema, sort_keys=True) == json.dumps(
        proposals_schema(dict(reversed(DECLARATIONS.items()))), sort_keys=True
    )


def test_two_strategies_have_two_definitions():
    other = Declaration(DECLARATIONS[BTC].parameters[:2])
    assert len(proposals_schema({**DECLARATIONS, "other.BTCUSDT": other})["$defs"]) == 2


def test_a_deeply_nested_value_is_refused_like_any_other():
    value: list[object] = []
    for _ in range(20_000):
        value = [value]
    _, (refusal,) = parsed({BTC: proposed(entry_threshold=value)})
    assert refusal.code == "not_a_number"
