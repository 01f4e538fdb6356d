"""Recorded days: two of a perpetual, and the day on which a whole exchange stood still."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from collectors.candles import read_candles
from collectors.series import CandleSeries
from core.clock import to_ms
from service.candles import until_moment
from tests.support.recorded import recorded
from tests.support.replaying import Lived, Stage

pytestmark = [pytest.mark.integration, pytest.mark.recorded]

WEEK = (datetime(2023, 3, 20, tzinfo=UTC), datetime(2023, 3, 28, tzinfo=UTC))
OUTAGE = (datetime(2023, 3, 24, 11, 28, tzinfo=UTC), datetime(2023, 3, 24, 14, 0, tzinfo=UTC))


def between(series: CandleSeries, start: datetime, end: datetime) -> CandleSeries:
    """The bars of [start, end)."""
    return replace(series, bars=series.bars.between(to_ms(start), to_ms(end)))


def test_two_days_of_a_perpetual_pay_their_funding_and_miss_no_job(stage: Stage) -> None:
    (series,) = read_candles([recorded("binance_usdm/XRPUSDT/1m")])
    start = datetime(2025, 5, 20, tzinfo=UTC)
    lived = stage.live([until_moment(series, to_ms(start + timedelta(days=2)))], start, values={})

    document = lived.document
    assert document["bars"] == 2 * 1440
    assert {name: (runs["due"], runs["done"]) for name, runs in document["jobs"].items()} == {
        "daily_review": (2, 2),
        "housekeeping": (2, 2),
        "loss_review": (576, 576),
        "monitor": (576, 576),
        "twins": (2, 2),
    }
    assert document["trades"] > 0
    assert document["funding"] != 0
    assert document["llm"] == {"calls": 0, "cost_usd": 0}
    assert document["reviews"] == 2
    assert document["applied"] == 0


@pytest.fixture(scope="module")
def spot() -> CandleSeries:
    """The week around the outage, with two days before it."""
    (series,) = read_candles([recorded("binance_spot/BTCUSDT/1m")])
    return between(series, WEEK[0] - timedelta(days=2), WEEK[1])


def test_the_outage_is_counted_in_missing_and_empty_minutes(spot: CandleSeries) -> None:
    quality = spot.quality_between(*map(to_ms, WEEK))
    assert (quality.missing_minutes, quality.zero_volume_minutes) == (80, 72)


@pytest.fixture(scope="module")
def outage_day(spot: CandleSeries, stage: Stage) -> Lived:
    day = OUTAGE[0].replace(hour=0, minute=0)
    return stage.live([between(spot, day - timedelta(days=2), day + timedelta(days=1))], day, values={})


@pytest.mark.parametrize("table", ["orders", "fills"])
def test_nothing_is_ordered_while_the_exchange_stands_still(outage_day: Lived, table: str) -> None:
    count = f"SELECT count(*) FROM {table} WHERE at BETWEEN :start AND :end"
    assert outage_day.value(count, start=OUTAGE[0], end=OUTAGE[1]) == 0
    assert outage_day.value(f"SELECT count(*) FROM {table} WHERE at < :start", start=OUTAGE[0]) > 0
    assert outage_day.value(f"SELECT count(*) FROM {table} WHERE at > :end", end=OUTAGE[1]) > 0


def test_the_summary_counts_only_what_the_span_lacks(outage_day: Lived) -> None:
    quality = outage_day.document["data_quality"]
    assert (quality["missing_minutes"], quality["zero_volume_minutes"]) == (80, 72)
    assert outage_day.document["bars"] == 1440 - 80
