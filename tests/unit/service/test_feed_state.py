"""What a home remembers of its market, and how it is written."""

from dataclasses import replace
from pathlib import Path

import pytest

from service.feed_state import FeedState, has_lived, read_feed, write_feed
from storage.embedded.home import Home

STATE = FeedState(
    "simulated", ("BTCUSDT", "ETHUSDT"), 7, "2026-01-01", "2026-11-13T12:00:00+00:00", "2026-11-20T12:00:00+00:00"
)


@pytest.fixture
def resting(tmp_path: Path) -> Home:
    return Home(tmp_path)


def test_a_new_home_has_no_market(resting: Home) -> None:
    assert read_feed(resting) is None
    assert not has_lived(resting)


def test_a_market_is_read_back_as_it_was_written_and_replaced_whole(resting: Home) -> None:
    write_feed(resting, FeedState("replay", (), 0, "", "", ""))
    write_feed(resting, STATE)
    assert read_feed(resting) == STATE
    assert STATE.simulated
    assert not has_lived(resting)
    write_feed(resting, replace(STATE, lived=True))
    assert has_lived(resting)
    assert [path.name for path in resting.path.iterdir()] == ["feed.json"]
