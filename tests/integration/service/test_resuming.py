"""A past that was being lived when its process was killed is lived to its end by the next one, and nothing twice."""

from datetime import UTC, datetime

import pytest

from collectors.simulated import simulate
from core.ports import Progress
from tests.support.replaying import Lived, Stage

pytestmark = pytest.mark.integration

START = datetime(2025, 1, 2, 14, tzinfo=UTC)
SERIES = simulate(3, 3, ["BTCUSDT"])


class Killed(Exception):
    """The process ends here."""


def killed_at(call: int) -> Progress:
    """Progress is told before each review: the process ends at the `call`-th of them."""
    calls = iter(range(1, 1000))

    def progress(_done: int, _total: int, _what: str) -> None:
        if next(calls) == call:
            raise Killed

    return progress


def test_a_killed_past_ends_as_if_nothing_had_happened(stage: Stage) -> None:
    whole = stage.live(SERIES, START)
    expected, reviews, proposals = whole.document, story(whole, "reviews"), story(whole, "proposals")

    for call, resume in ((1, False), (2, True)):
        with pytest.raises(Killed):
            stage.live(SERIES, START, progress=killed_at(call), resume=resume)
    resumed = stage.live(SERIES, START, resume=True)

    assert resumed.document == expected
    assert story(resumed, "reviews") == reviews
    assert story(resumed, "proposals") == proposals
    assert resumed.value("SELECT count(*) FROM bars") == 3 * 1440
    assert (
        resumed.value("SELECT count(*) FROM (SELECT kind, day FROM reviews GROUP BY 1, 2 HAVING count(*) > 1) d") == 0
    )


def story(lived: Lived, table: str) -> list[tuple[object, ...]]:
    """What a table says, without times of making."""
    columns = {"reviews": "kind, day, origin, content", "proposals": "id, status, changes, created_at"}[table]
    return [tuple(row) for row in lived.rows(f"SELECT {columns} FROM {table} ORDER BY 1, 2")]
