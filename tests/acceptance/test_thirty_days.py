"""Thirty recorded days of four perpetuals through the whole loop, by the command that people type."""

import pytest

from tests.support.commandline import Measured, measured
from tests.support.recorded import recorded

pytestmark = [pytest.mark.slow, pytest.mark.recorded, pytest.mark.integration, pytest.mark.timeout(3600)]

SYMBOLS = ("BTCUSDT", "ETHUSDT", "SOLUSDT", "XRPUSDT")
#: What a process holds before it has seen a bar, and what the bars themselves take, may differ by this much.
SAME_MEMORY = 1.25


def replay(*words: str) -> Measured:
    files = [file for symbol in SYMBOLS for file in sorted(recorded("binance_usdm", symbol, "1m").glob("*.parquet"))]
    return measured("replay", *words, "--candles", *files)


@pytest.fixture(scope="module")
def month() -> Measured:
    return replay()


def test_every_job_of_the_month_is_done(month: Measured) -> None:
    document = month.document
    print(f"\n30 days of 4 perpetuals: {month.line}")
    assert document["bars"] == 172_665
    assert document["instances"] == 8
    jobs = document["jobs"]
    assert all(runs["due"] == runs["done"] for runs in jobs.values())
    assert {name: jobs[name]["done"] for name in ("daily_review", "weekly_analysis", "monitor", "loss_review")} == {
        "daily_review": 29,
        "weekly_analysis": 4,
        "monitor": 8634,
        "loss_review": 8634,
    }
    assert document["reviews"] == 29 + 4


def test_a_month_is_too_little_to_judge_anything(month: Measured) -> None:
    """Without a day that the proposer has not seen the gate answers: insufficient data."""
    assert set(month.document["proposals"]) <= {"undecided", "superseded", "expired"}
    assert month.document["proposals"]["undecided"] > 0
    assert month.document["applied"] == 0


def test_a_second_run_leaves_the_same_journal(month: Measured) -> None:
    again = replay()
    print(f"\nthe same once more: {again.line}")
    unlike = {"seconds"}
    assert {name: value for name, value in again.document.items() if name not in unlike} == {
        name: value for name, value in month.document.items() if name not in unlike
    }


def test_memory_does_not_grow_with_the_span(month: Measured) -> None:
    third = replay("--end", "2025-05-14")
    print(f"\n10 of the 30 days: {third.line}")
    assert third.document["jobs"]["daily_review"]["done"] == 9
    assert month.peak_mb < SAME_MEMORY * third.peak_mb
