"""Hot parameters: never older, never lost."""

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
import redis

from core.errors import Unavailable
from core.parameters import ParameterSet
from storage import hot_subscription
from storage.cache import connect
from storage.hot import HotParameters, key
from tests.support.rows import NOON

pytestmark = pytest.mark.integration
ID = "momentum_scalping.BTCUSDT"


def version(number: int, stop: float = 0.01, instance_id: str = ID) -> ParameterSet:
    return ParameterSet(instance_id, number, {"stop_loss": stop, "size": 3}, "person", number - 1 or None)


@pytest.fixture
def client(redis_url: str) -> Iterator[redis.Redis]:
    with connect(redis_url) as opened:
        yield opened


@pytest.fixture
def hot(client: redis.Redis) -> HotParameters:
    return HotParameters(client)


def test_what_was_published_is_read_back_with_its_digest(hot: HotParameters) -> None:
    assert hot.read(ID) is None
    assert hot.publish(version(2))
    assert hot.read(ID) == version(2)
    assert hot.read_many(["other", ID]) == [None, version(2)]
    assert hot.read_many([]) == []


def test_an_older_version_is_refused_whoever_publishes_it_last(hot: HotParameters) -> None:
    assert hot.publish(version(3))
    assert not hot.publish(version(2))
    assert hot.read(ID) == version(3)


def test_publishing_again_announces_nothing(hot: HotParameters, client: redis.Redis) -> None:
    with client.pubsub() as channel:
        channel.subscribe("params")
        assert [hot.publish(version(2)), hot.publish(version(2)), hot.publish(version(3))] == [True] * 3
        messages = [channel.get_message(timeout=0.3) for _ in range(4)]
    assert [m["type"] for m in messages if m] == ["subscribe", "message", "message"]


def test_many_publishers_leave_the_newest(hot: HotParameters) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(hot.publish, [version(n) for n in range(1, 200)]))
    assert hot.read(ID) == version(199)


@pytest.mark.parametrize("spoilt", ["", "no json", "[]", '{"version": 9}', '{"version": 1}'])
def test_what_cannot_be_trusted_is_not_read_and_is_published_over(
    hot: HotParameters, client: redis.Redis, spoilt: str
) -> None:
    client.set(key(ID), spoilt)
    assert hot.read(ID) is None
    assert hot.publish(version(9))
    assert hot.read(ID) == version(9)


def test_values_that_do_not_have_their_digest_are_not_read(hot: HotParameters, client: redis.Redis) -> None:
    hot.publish(version(2))
    document = json.loads(client.get(key(ID)) or "")
    document["values"]["stop_loss"] = 0.5
    client.set(key(ID), json.dumps(document))
    assert hot.read(ID) is None


def test_an_acknowledgement_is_read_back(hot: HotParameters) -> None:
    assert hot.ack(ID) is None
    hot.acknowledge(ID, 2, "abc", NOON)
    found = hot.ack(ID)
    assert found is not None
    assert (found.version, found.digest, found.at) == (2, "abc", NOON)


def test_a_redis_that_is_away_is_said() -> None:
    with connect("unix:///nowhere/redis.sock") as client:
        hot = HotParameters(client)
        for call in (lambda: hot.read(ID), lambda: hot.publish(version(1)), lambda: hot.ack(ID)):
            with pytest.raises(Unavailable):
                call()
        subscription = hot.subscription([ID])
        started = time.monotonic()
        assert subscription.poll(0.2) == []
        assert time.monotonic() - started >= 0.2
        started = time.monotonic()
        assert [subscription.poll(0) for _ in range(1000)] == [[]] * 1000
        assert time.monotonic() - started < 1000 * 0.05 / 2, "polling without a timeout waits for pauses"


def test_the_first_poll_tells_all_and_the_next_only_news(hot: HotParameters) -> None:
    hot.publish(version(1))
    hot.publish(version(5, instance_id="b"))
    subscription = hot.subscription([ID, "b"])
    assert subscription.poll(1) == [version(1), version(5, instance_id="b")]
    assert subscription.poll(0) == []
    hot.publish(version(2, stop=0.02))
    assert subscription.poll(1) == [version(2, stop=0.02)]
    subscription.close()


def test_news_arrive_long_before_versions_are_compared(hot: HotParameters, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hot_subscription, "COMPARE_SECONDS", 600.0)
    subscription = hot.subscription([ID])
    subscription.poll(0.05)
    hot.publish(version(1))
    assert subscription.poll(30) == [version(1)]
    subscription.close()


def test_a_wiped_redis_brings_no_news_until_it_is_rebuilt(hot: HotParameters, client: redis.Redis) -> None:
    hot.publish(version(3))
    subscription = hot.subscription([ID])
    subscription.poll(1)
    client.flushall()
    assert subscription.poll(1.2) == []
    hot.rebuild([version(3)])
    assert hot.read(ID) == version(3)
    assert subscription.poll(1.2) == []
    client.flushall()
    hot.rebuild([version(4)])
    assert subscription.poll(1.5) == [version(4)]
    subscription.close()


def test_the_last_version_arrives_though_connections_are_killed_and_data_wiped(
    hot: HotParameters, client: redis.Redis
) -> None:
    last, done = 400, Event()

    def publish() -> None:
        for number in range(1, last + 1):
            hot.publish(version(number))
            if number % 50 == 0:
                client.client_kill_filter(_type="pubsub")
            if number % 120 == 0:
                client.flushall()
            time.sleep(0.001)
        done.set()

    subscription = hot.subscription([ID])
    heard: list[int] = []
    with ThreadPoolExecutor(1) as pool:
        publishing = pool.submit(publish)
        deadline = time.monotonic() + 30
        while (not heard or heard[-1] < last) and time.monotonic() < deadline:
            heard += [parameters.version for parameters in subscription.poll(0.5)]
        publishing.result()
    subscription.close()
    assert done.is_set()
    assert heard[-1] == last
    assert heard == sorted(set(heard))
