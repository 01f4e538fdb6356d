"""Latest values: readable while Redis is there, harmless while it is not."""

import math
import time
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from core.errors import BadData
from storage.cache import connect
from storage.latest import Latest

pytestmark = pytest.mark.integration


def test_a_document_is_read_back_until_it_expires(redis_url: str) -> None:
    with connect(redis_url) as client:
        latest = Latest(client)
        assert latest.put("market:btcusdt:price", {"price": 64000.5}, timedelta(milliseconds=50))
        assert latest.get("market:btcusdt:price") == {"price": 64000.5}
        time.sleep(0.06)
        assert latest.get("market:btcusdt:price") is None
        client.set("ai:risks", "no json")
        assert latest.get("ai:risks") is None
        with pytest.raises(BadData):
            latest.put("macro:dxy", math.nan)


def test_a_redis_that_is_away_holds_nobody_up_and_is_noted_once() -> None:
    with connect("unix:///nowhere/redis.sock") as client, capture_logs() as logs:
        latest = Latest(client)
        started = time.monotonic()
        assert [latest.put("a", 1), latest.put("a", 2), latest.get("a")] == [False, False, None]
        assert time.monotonic() - started < 1
    assert [log["action"] for log in logs] == ["redis.away"]
