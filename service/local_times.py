"""A trigger for local times of day that survives clock changes."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from apscheduler.triggers.base import BaseTrigger

from core.clock import local_day

DAY = timedelta(days=1)
MOMENT = timedelta(microseconds=1)
SUNDAY = 6


class LocalTime(BaseTrigger):  # type: ignore[misc] # APScheduler has no types
    """Fires once on every local day, or on one weekday (Monday is 0), at a local time.

    APScheduler's CronTrigger leaves out the day after clocks went forward. A time that a clock change leaves out fires
    by the clock as it was before the change; one that comes twice fires the first time.
    """

    def __init__(self, at: time, zone: ZoneInfo, weekday: int | None = None) -> None:
        self._at = at
        self._zone = zone
        self._weekday = weekday

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        """The first time, in UTC, that is not before `now` and after the previous one, as APScheduler asks for it."""
        earliest = min(now, previous_fire_time + MOMENT) if previous_fire_time else now
        day = local_day(earliest, self._zone) - DAY
        while True:
            moment = datetime.combine(day, self._at, self._zone).astimezone(UTC)
            if moment >= earliest and self._weekday in (None, day.weekday()):
                return moment
            day += DAY
