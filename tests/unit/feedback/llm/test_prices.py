"""Prices are dated data, and what is not known costs the worst case."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from feedback.llm.client import Message, Usage
from feedback.llm.prices import estimated_tokens, load_prices
from tests.support.llm import NOON, request

MILLION = Usage(prompt=1_000_000, cached=0, completion=1_000_000)
TABLE = load_prices()


@pytest.mark.parametrize(
    ("moment", "usd"),
    [
        (datetime(2026, 11, 20, 0, 59, tzinfo=UTC), "0.75"),
        (datetime(2026, 11, 20, 1, 0, tzinfo=UTC), "1.50"),
        (datetime(2026, 11, 20, 4, 0, tzinfo=UTC), "0.75"),
        (datetime(2026, 11, 20, 9, 59, tzinfo=UTC), "1.50"),
        (datetime(2026, 11, 21, 9, 0, tzinfo=UTC), "0.75"),
        (datetime(2026, 11, 20, 15, 5, tzinfo=UTC), "0.75"),
    ],
    ids=["before the peak", "peak begins", "peak ended", "second peak", "a Saturday", "the daily review's hour"],
)
def test_deepseek_costs_twice_as_much_in_its_peak_hours(moment, usd):
    assert TABLE.at("deepseek", "deepseek-flash", moment).of(MILLION) == Decimal(usd)


def test_a_reservation_uses_the_peak_price_at_any_hour():
    assert TABLE.highest("deepseek", "deepseek-flash", NOON).of(MILLION) == Decimal("1.50")


def test_cached_prompt_tokens_are_cheaper_and_counted_once():
    price = TABLE.at("deepseek", "deepseek-flash", NOON)
    assert price.of(Usage(prompt=1_000_000, cached=1_000_000)) == Decimal("0.003")


@pytest.mark.parametrize(
    ("provider", "model", "moment"),
    [
        ("deepseek", "deepseek-chat", NOON),
        ("openai", "deepseek-flash", NOON),
        ("deepseek", "deepseek-flash", datetime(2026, 1, 1, tzinfo=UTC)),
    ],
    ids=["a retired model", "another provider", "before its first price"],
)
def test_an_unknown_price_is_the_worst_case_and_says_so(provider, model, moment):
    price = TABLE.at(provider, model, moment)
    assert not price.known
    assert price.of(MILLION) == Decimal(30)
    assert not price.quote(request()).price_known


def test_no_known_model_costs_more_than_the_worst_case():
    for row in TABLE.rows:
        assert row.peak.of(MILLION) <= TABLE.unknown.of(MILLION), row.model


def test_the_newest_price_that_has_begun_holds(tmp_path):
    def row(day: str, usd: str) -> dict[str, object]:
        prices = {"cached": usd, "prompt": usd, "completion": usd}
        return {"provider": "p", "model": "m", "valid_from": f"{day}T00:00:00+00:00", "usd_per_million": prices}

    path = tmp_path / "prices.json"
    unknown = {"cached": "9", "prompt": "9", "completion": "9"}
    rows = [row("2026-01-01", "1"), row("2026-06-01", "2"), row("2027-01-01", "3")]
    path.write_text(json.dumps({"unknown": unknown, "prices": rows}))
    table = load_prices(path)
    june = datetime(2026, 6, 1, tzinfo=UTC)
    assert table.at("p", "m", june).prompt == 2
    assert table.at("p", "m", june - timedelta(seconds=1)).prompt == 1


def test_a_quote_covers_the_whole_conversation_and_the_longest_answer():
    short = request(max_tokens=1000)
    longer = short.followed_by(Message("assistant", "가나다" * 100), Message("user", "again"))
    price = TABLE.highest("deepseek", "deepseek-flash", NOON)
    assert estimated_tokens(longer) - estimated_tokens(short) >= 300
    assert price.quote(longer).usd > price.quote(short).usd >= Decimal("0.0012")
