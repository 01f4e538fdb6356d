"""Safety events and deliveries: once per incident, once per message."""

from datetime import timedelta

import pytest

from core.errors import NotFound
from storage.stores import Stores
from tests.support.rows import MINUTE, NOON

pytestmark = pytest.mark.integration


def test_an_incident_opens_once_until_it_ends(db: Stores) -> None:
    with db.begin() as tx:
        assert tx.safety.open("stalled:BTCUSDT", "warning", "No bars.", {"minutes": 6}, None, NOON)
        assert not tx.safety.open("stalled:BTCUSDT", "critical", "Still none.", {}, None, NOON + MINUTE)
        assert [(e.incident, e.severity, e.detail) for e in tx.safety.active()] == [
            ("stalled:BTCUSDT", "warning", {"minutes": 6})
        ]
        assert tx.safety.close("stalled:BTCUSDT", NOON + MINUTE)
        assert not tx.safety.close("stalled:BTCUSDT", NOON + MINUTE)
        assert tx.safety.active() == []
        assert tx.safety.open("stalled:BTCUSDT", "warning", "Again.", {}, "a", NOON + 2 * MINUTE)
        assert [(e.text, e.ended_at) for e in tx.safety.list()] == [("Again.", None), ("No bars.", NOON + MINUTE)]
        assert len(tx.safety.list(limit=1)) == 1


def test_a_message_is_claimed_once_and_again_only_after_it_failed(db: Stores) -> None:
    with db.begin() as tx:
        assert tx.deliveries.claim("slack", "daily:1", NOON.date(), {"text": "first"}, NOON)
        assert not tx.deliveries.claim("slack", "daily:1", NOON.date(), {"text": "second"}, NOON)
        assert tx.deliveries.claim("file", "daily:1", None, {}, NOON)
        tx.deliveries.finish("slack", "daily:1", "failed", "503", NOON)
        assert {d.channel for d in tx.deliveries.pending()} == {"slack", "file"}
        assert tx.deliveries.claim("slack", "daily:1", NOON.date(), {"text": "second"}, NOON + MINUTE)
        tx.deliveries.finish("slack", "daily:1", "delivered", "", NOON + MINUTE)
        assert not tx.deliveries.claim("slack", "daily:1", None, {}, NOON + timedelta(days=1))
        sent = tx.deliveries.get("slack", "daily:1")
        assert sent is not None
        assert (sent.attempts, sent.payload, sent.delivered_at) == (2, {"text": "first"}, NOON + MINUTE)
        assert [d.channel for d in tx.deliveries.list()] == ["file", "slack"]


def test_a_sender_that_died_is_replaced_and_a_refusal_is_final(db: Stores) -> None:
    with db.begin() as tx:
        assert tx.deliveries.claim("slack", "k", None, {}, NOON)
        assert not tx.deliveries.claim("slack", "k", None, {}, NOON + 4 * MINUTE)
        assert tx.deliveries.claim("slack", "k", None, {}, NOON + 5 * MINUTE)
        tx.deliveries.finish("slack", "k", "refused", "invalid_payload", NOON)
        assert not tx.deliveries.claim("slack", "k", None, {}, NOON + timedelta(days=1))
        assert tx.deliveries.pending() == []
        assert tx.deliveries.get("slack", "other") is None
        with pytest.raises(NotFound):
            tx.deliveries.finish("slack", "other", "delivered", "", NOON)
