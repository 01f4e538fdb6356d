"""Server-sent events: what changed since the listener last heard, for as long as one stream may last.

A stream holds one of the server's threads, so there are few at a time and each ends after a while; browsers come back
by themselves and send `Last-Event-ID`, from which only what changed meanwhile is sent.
"""

import hashlib
import time
from collections.abc import Iterator, Mapping
from threading import BoundedSemaphore
from typing import Any

from api.context import ApiContext
from core.errors import Unavailable
from storage.documents import dumps
from storage.queries import api_changes

MOST_STREAMS = 3
STREAM_SECONDS = 25.0
LOOK_EVERY_SECONDS = 1.0
RETRY_MS = 2000

_places = BoundedSemaphore(MOST_STREAMS)


def take_place() -> None:
    """Take one of the few places; raises Unavailable when all are taken."""
    if not _places.acquire(blocking=False):
        raise Unavailable("Too many listen already.", remedy="Try again in a moment.")


def leave_place() -> None:
    _places.release()


def events_after(context: ApiContext, last_id: str) -> Iterator[str]:
    """The events that `last_id` does not know yet, until the stream ends."""
    yield f"retry: {RETRY_MS}\n\n"
    known = dict(part.split("=", 1) for part in last_id.split(",") if "=" in part)
    until = time.monotonic() + STREAM_SECONDS
    while time.monotonic() < until:
        try:
            found = look(context)
        except Unavailable:
            return
        for name, text in found.items():
            digest = hashlib.sha256(text.encode()).hexdigest()[:12]
            if known.get(name) != digest:
                known[name] = digest
                yield f"id: {','.join(f'{k}={v}' for k, v in known.items())}\nevent: {name}\ndata: {text}\n\n"
        yield ": here\n\n"
        time.sleep(LOOK_EVERY_SECONDS)


def look(context: ApiContext) -> Mapping[str, str]:
    """Each kind of event with its present content as one line of JSON."""
    with context.stores.begin() as tx:
        documents: dict[str, Any] = {
            "positions": api_changes.positions(tx.connection),
            "proposals": api_changes.proposals(tx.connection),
            "warnings": api_changes.warnings(tx.connection),
        }
    documents["kill-switch"] = {"active": context.kill_switch.state() is not None}
    return {name: dumps(document) for name, document in documents.items()}
