"""Sending messages once: a delivery is claimed by its key before it is sent, and closed after it.

A process that dies in between leaves the delivery open; it is sent again and marked as a repeat. A failed one is tried
again by `retry`, and stays visible until it has arrived.
"""

from dataclasses import replace

import structlog

from core.errors import TradeloopError
from core.ports import Message
from feedback.loop import Loop
from storage.repositories.deliveries import Sent
from storage.stores import Transaction

log = structlog.get_logger(__name__)

MAX_ATTEMPTS = 8


def deliver(loop: Loop, message: Message) -> bool:
    """Send `message` unless it has arrived or somebody is sending it; True if it has arrived now."""
    with loop.stores.begin() as tx:
        claimed = claim(tx, loop, message)
    return send(loop, claimed) if claimed else False


def claim(tx: Transaction, loop: Loop, message: Message) -> Message | None:
    """Take `message` for sending, together with what else `tx` does; None when there is nothing to send.

    Who gets a message back calls `send` after the transaction; if he dies before, `retry` finds it.
    """
    channel = loop.notifier.channel
    if not tx.deliveries.claim(channel, message.key, message.day, message.as_document(), loop.clock.now()):
        return None
    claimed = tx.deliveries.get(channel, message.key)
    return replace(message, repeat=claimed is not None and claimed.attempts > 1)


def retry(loop: Loop) -> int:
    """Send again what has failed or was left open; returns how many have arrived now."""
    with loop.stores.begin() as tx:
        pending = tx.deliveries.pending()
    due = [row for row in pending if row.channel == loop.notifier.channel and row.attempts < MAX_ATTEMPTS]
    return sum(deliver(loop, Message.from_document(row.payload)) for row in due)


def send(loop: Loop, message: Message) -> bool:
    """Send a claimed message and note how it went; True if it has arrived."""
    status: Sent = "delivered"
    detail = ""
    try:
        loop.notifier.send(message)
    except TradeloopError as error:
        status, detail = "refused" if error.permanent else "failed", str(error)
        log.warning("A message was not delivered.", action="delivery.failed", key=message.key, error=detail)
    with loop.stores.begin() as tx:
        tx.deliveries.finish(loop.notifier.channel, message.key, status, detail, loop.clock.now())
    return status == "delivered"
