"""The shapes of reviews: strict in keys, generous in form, clean in text."""

import pytest
from pydantic import ValidationError

from feedback.llm.answers import MAX_TEXT, LossReviewAnswer, ReviewAnswer, review_schema
from feedback.llm.loss_review import LosingTrade, losses_validator
from feedback.llm.parse import Rejected

ITEM = {"text": "Fees took the result.", "facts": ["F1", "F12"]}


def test_every_statement_has_its_place():
    answer = ReviewAnswer.model_validate(
        {"summary": [ITEM, ITEM], "failure_factors": [ITEM], "strategy_evaluation": {"a.BTCUSDT": [ITEM]}}
    )
    assert list(answer.items()) == [
        "summary[0]",
        "summary[1]",
        "failure_factors[0]",
        "strategy_evaluation.a.BTCUSDT[0]",
    ]
    assert answer.items()["summary[0]"].facts == ["F1", "F12"]


@pytest.mark.parametrize("summary", [ITEM, [ITEM], "Fees took the result."])
def test_one_item_a_list_and_a_bare_text_are_read_alike(summary):
    answer = ReviewAnswer.model_validate({"summary": summary})
    assert [item.text for item in answer.summary] == ["Fees took the result."]


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"summary": []},
        {"summary": ITEM, "orders": []},
        {"summary": {**ITEM, "url": "https://evil.example"}},
        {"summary": {"facts": ["F1"]}},
        {"summary": {"text": 5}},
        {"summary": {"text": "\u200b"}},
        {"summary": {"text": "x", "facts": ["; DROP"]}},
        {"summary": {"text": "x", "facts": "F1"}},
        {"summary": {"text": "x" * (5 * MAX_TEXT)}},
        {"summary": [ITEM] * 13},
        {"summary": ITEM, "strategy_evaluation": [ITEM]},
        {"summary": ITEM, "strategy_evaluation": {f"s{n}": ITEM for n in range(61)}},
    ],
)
def test_a_review_of_another_shape_is_refused(document):
    with pytest.raises(ValidationError):
        ReviewAnswer.model_validate(document)


def test_text_is_cleaned_and_bounded():
    answer = ReviewAnswer.model_validate({"summary": {"text": "a\u202eb\n" + "x" * 2 * MAX_TEXT}})
    assert answer.summary[0].text.startswith("ab x")
    assert len(answer.summary[0].text) == MAX_TEXT


def test_the_schema_lists_the_instances_in_order():
    schema = review_schema(["b", "a"])
    assert list(schema["properties"]["strategy_evaluation"]["properties"]) == ["a", "b"]
    assert set(schema["required"]) == set(ReviewAnswer.model_fields)


@pytest.mark.parametrize("trades", [["T3"], ["T1", "T1"]])
def test_a_loss_review_names_known_trades_once(trades):
    validate = losses_validator([LosingTrade("T1", ()), LosingTrade("T2", ())])
    losses = [{"trade": trade, "cause": "late", "lesson": "none"} for trade in trades]
    with pytest.raises(Rejected, match="unknown_trade"):
        validate({"losses": losses})
    assert isinstance(validate({"losses": [{**losses[0], "trade": "T2"}]}), LossReviewAnswer)
