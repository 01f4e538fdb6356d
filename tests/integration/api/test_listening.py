"""Listeners hear what is, then what changes, and nothing twice."""

import json
import threading
import urllib.request
from collections.abc import Iterator

import pytest
from flask import Flask

from api import events
from api.serve import make_server
from core.learning import ProposalStatus
from storage.stores import Stores
from tests.integration.api.conftest import key_of
from tests.support.api import Caller
from tests.support.rows import NOON, proposal

pytestmark = pytest.mark.integration


@pytest.fixture
def url(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A served application whose streams are short and watchful."""
    monkeypatch.setattr(events, "STREAM_SECONDS", 1.5)
    monkeypatch.setattr(events, "LOOK_EVERY_SECONDS", 0.05)
    server = make_server(app, "127.0.0.1", 0, 4)
    threading.Thread(target=server.run, daemon=True).start()
    yield f"http://127.0.0.1:{server.effective_port}/api/events"  # type: ignore[union-attr]
    server.close()


def heard(url: str, key: str, last_id: str = "") -> Iterator[tuple[str, str, object]]:
    """(id, event, data) as they come, until the stream ends."""
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {key}", "Last-Event-ID": last_id})
    event: dict[str, str] = {}
    with urllib.request.urlopen(request, timeout=10) as answered:
        assert answered.headers["Content-Type"].startswith("text/event-stream")
        for raw in answered:
            name, _, value = raw.decode().rstrip("\n").partition(": ")
            if name:
                event[name] = value
            elif "data" in event:
                yield event["id"], event["event"], json.loads(event["data"])
                event = {}


def test_a_listener_hears_what_is_and_then_only_what_changes(url: str, db: Stores) -> None:
    stream = heard(url, key_of(db, "read"))
    first = [next(stream) for _ in range(4)]
    assert [event for _, event, _ in first] == ["positions", "proposals", "warnings", "kill-switch"]
    with db.begin() as tx:
        tx.proposals.add(proposal("p-1"))
        tx.proposals.move("p-1", ProposalStatus.AWAITING_REVIEW, NOON)
    ((last_id, event, data), *rest) = list(stream)
    assert (event, rest) == ("proposals", [])
    assert [(row["id"], row["status"]) for row in data] == [("p-1", "awaiting_review")]  # type: ignore[attr-defined]
    assert list(heard(url, key_of(db, "read"), last_id)) == []


def test_only_a_few_may_listen_at_once(reader: Caller) -> None:
    streams = [reader.get("/api/events", buffered=False) for _ in range(events.MOST_STREAMS)]
    assert reader.get("/api/events").status_code == 503
    assert reader.call("HEAD", "/api/events").status_code == 200
    for stream in streams:
        stream.close()
    with reader.get("/api/events", buffered=False) as answered:
        assert answered.status_code == 200
