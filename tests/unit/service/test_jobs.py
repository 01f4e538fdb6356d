"""When jobs are due: local times of a zone where a day is meant, UTC marks where a pace is."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import InvalidInput, UnknownName
from service.jobs import JOBS, by_id, due_times, find

SEOUL, BERLIN, NEW_YORK = (ZoneInfo(name) for name in ("Asia/Seoul", "Europe/Berlin", "America/New_York"))


def moments(job: str, after: datetime, until: datetime, zone: ZoneInfo = SEOUL) -> list[datetime]:
    return list(due_times(find(job), after, until, zone))


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc, arg-type]


def test_the_daily_review_of_seoul_is_due_at_five_past_three_in_the_afternoon_utc() -> None:
    assert moments("daily_review", utc(2025, 5, 4, 15, 33), utc(2025, 5, 7)) == [
        utc(2025, 5, 5, 15, 5),
        utc(2025, 5, 6, 15, 5),
    ]


def test_thirty_recorded_days_have_29_daily_reviews_four_weeks_and_a_monitor_every_five_minutes() -> None:
    start, end = utc(2025, 5, 4, 15, 33), utc(2025, 6, 3, 15, 0)
    assert len(moments("daily_review", start, end)) == 29
    assert len(moments("weekly_analysis", start, end)) == 4
    assert len(moments("monitor", start, end)) == len(moments("loss_review", start, end)) == 8634


def test_the_weekly_analysis_is_due_on_sundays_of_the_zone() -> None:
    found = moments("weekly_analysis", utc(2025, 5, 1), utc(2025, 6, 1))
    assert [moment.astimezone(SEOUL).strftime("%a %H:%M") for moment in found] == ["Sun 00:30"] * 5
    assert found[0] == utc(2025, 5, 3, 15, 30)


@pytest.mark.parametrize(
    ("zone", "changes"),
    [
        (BERLIN, (utc(2025, 3, 30), utc(2025, 10, 26))),
        (NEW_YORK, (utc(2025, 3, 9), utc(2025, 11, 2))),
    ],
)
def test_a_day_with_a_clock_change_has_one_review_at_its_local_time(
    zone: ZoneInfo, changes: tuple[datetime, ...]
) -> None:
    for change in changes:
        found = moments("daily_review", change - timedelta(days=3), change + timedelta(days=4), zone)
        assert [moment.astimezone(zone).strftime("%H:%M") for moment in found] == ["00:05"] * 7
        assert len({moment.astimezone(zone).date() for moment in found}) == 7


def test_a_time_that_a_clock_change_leaves_out_fires_all_the_same() -> None:
    """In Cairo clocks go from 00:00 to 01:00, so that on this day there is no 00:05."""
    found = moments("daily_review", utc(2025, 4, 23, 12), utc(2025, 4, 26, 12), ZoneInfo("Africa/Cairo"))
    assert [moment.astimezone(ZoneInfo("Africa/Cairo")).strftime("%d %H:%M") for moment in found] == [
        "24 00:05",
        "25 01:05",
        "26 00:05",
    ]


def test_the_scheduler_is_told_of_every_time_that_passed_since_the_last() -> None:
    trigger, passed = find("daily_review").trigger(BERLIN), [utc(2025, 3, 29, 23, 5)]
    for _ in range(3):
        passed.append(trigger.get_next_fire_time(passed[-1], utc(2025, 4, 10)))
    assert passed[1:] == [utc(2025, 3, 30, 22, 5), utc(2025, 3, 31, 22, 5), utc(2025, 4, 1, 22, 5)]


def test_nothing_is_skipped_or_doubled_in_the_hours_of_a_clock_change() -> None:
    for change in (utc(2025, 3, 30), utc(2025, 10, 26)):
        found = moments("monitor", change - timedelta(hours=2), change + timedelta(hours=6), BERLIN)
        assert found == [change - timedelta(hours=2) + timedelta(minutes=5 * n) for n in range(1, 8 * 12 + 1)]


@settings(deadline=None, max_examples=25)
@given(cut=st.integers(1, 10 * 24 * 60), job=st.sampled_from([job.id for job in JOBS]))
def test_a_span_in_two_pieces_has_the_same_times_as_in_one(cut: int, job: str) -> None:
    start = utc(2025, 3, 25, 0, 3)
    end = start + timedelta(days=10)
    middle = start + timedelta(minutes=min(cut, 10 * 24 * 60 - 1))
    if job == "rollout_watch":
        start, end, middle = start, start + timedelta(hours=2), start + timedelta(minutes=cut % 119 + 1)
    whole = moments(job, start, end, BERLIN)
    assert moments(job, start, middle, BERLIN) + moments(job, middle, end, BERLIN) == whole


def test_the_end_of_a_span_belongs_to_it_and_its_start_does_not() -> None:
    at = utc(2025, 5, 5, 15, 5)
    assert moments("daily_review", at - timedelta(minutes=1), at) == [at]
    assert moments("daily_review", at, at + timedelta(minutes=1)) == []


def test_the_job_table_has_the_jobs_of_the_design_and_refuses_a_second_of_one_name() -> None:
    designed = {"daily_review", "weekly_analysis", "monitor", "loss_review", "rollout_watch", "twins", "housekeeping"}
    assert designed <= set(by_id())
    with pytest.raises(InvalidInput, match="Two jobs"):
        by_id((*JOBS, JOBS[0]))


def test_an_unknown_job_is_answered_with_the_nearest_name() -> None:
    with pytest.raises(UnknownName, match="daily_review"):
        find("dayly_review")
