"""Time is aware and in UTC; local days have the length that their zone gives them."""

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.clock import SimulatedClock, aware, day_bounds, from_ms, local_day, to_ms
from core.errors import InvalidInput


def test_a_naive_time_is_refused_with_its_field() -> None:
    with pytest.raises(InvalidInput, match="opened_at has no time zone"):
        aware(datetime(2025, 1, 1), "opened_at")  # noqa: DTZ001 - that is what is tested


@given(st.integers(0, 4_000_000_000_000))
def test_milliseconds_come_back(milliseconds: int) -> None:
    assert to_ms(from_ms(milliseconds)) == milliseconds


def test_a_day_in_seoul_begins_at_fifteen_hundred_utc() -> None:
    start, end = day_bounds(date(2025, 5, 5), ZoneInfo("Asia/Seoul"))
    assert (start, end) == (datetime(2025, 5, 4, 15, tzinfo=UTC), datetime(2025, 5, 5, 15, tzinfo=UTC))


@pytest.mark.parametrize(("day", "hours"), [(date(2025, 3, 30), 23), (date(2025, 10, 26), 25), (date(2025, 7, 1), 24)])
def test_a_day_is_as_long_as_its_zone_says(day: date, hours: int) -> None:
    start, end = day_bounds(day, ZoneInfo("Europe/Berlin"))
    assert end - start == timedelta(hours=hours)
    assert local_day(start, ZoneInfo("Europe/Berlin")) == day
    assert local_day(end - timedelta(seconds=1), ZoneInfo("Europe/Berlin")) == day


def test_a_simulated_clock_never_goes_back() -> None:
    clock = SimulatedClock(datetime(2025, 1, 1, 9, tzinfo=timezone(timedelta(hours=9))))
    assert clock.now() == datetime(2025, 1, 1, tzinfo=UTC)
    clock.move_to(datetime(2025, 1, 2, tzinfo=UTC))
    with pytest.raises(InvalidInput, match="cannot go back"):
        clock.move_to(datetime(2025, 1, 1, tzinfo=UTC))
