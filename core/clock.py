"""Time: aware UTC everywhere, local calendar days only at the edges of a day.

Bar arrays carry int64 milliseconds since the epoch (UTC); everything else carries aware datetimes.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from core.errors import InvalidInput

MINUTE_MS = 60_000
DAY_MS = 86_400_000
SECOND = timedelta(seconds=1)


class Clock(Protocol):
    """Tells the time, aware and in UTC."""

    def now(self) -> datetime: ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass(slots=True)
class SimulatedClock:
    """A clock that stands still until it is moved; it never goes backwards."""

    current: datetime

    def __post_init__(self) -> None:
        self.current = aware(self.current, "clock")

    def now(self) -> datetime:
        return self.current

    def move_to(self, moment: datetime) -> None:
        """Move forward to `moment`; an earlier moment raises InvalidInput."""
        target = aware(moment, "clock")
        if target < self.current:
            raise InvalidInput(f"The clock stands at {self.current} and cannot go back to {target}.")
        self.current = target


def aware(moment: datetime, field: str) -> datetime:
    """Return `moment` in UTC; a naive datetime raises InvalidInput."""
    if moment.tzinfo is None:
        raise InvalidInput(f"{field} has no time zone.", field=field, remedy="Give an aware datetime.")
    return moment.astimezone(UTC)


def from_ms(milliseconds: int) -> datetime:
    """The aware UTC datetime of `milliseconds` since the epoch, exact to the millisecond."""
    return datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=int(milliseconds))


def to_ms(moment: datetime) -> int:
    """Milliseconds since the epoch, rounded down."""
    return (aware(moment, "moment") - datetime.fromtimestamp(0, UTC)) // timedelta(milliseconds=1)


def day_bounds(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The half-open UTC span [start, end) of a local calendar day (23 to 25 hours long)."""
    start = datetime.combine(day, time(), zone)
    end = datetime.combine(day + timedelta(days=1), time(), zone)
    return start.astimezone(UTC), end.astimezone(UTC)


def local_day(moment: datetime, zone: ZoneInfo) -> date:
    """The calendar day of `moment` in `zone`."""
    return aware(moment, "moment").astimezone(zone).date()
