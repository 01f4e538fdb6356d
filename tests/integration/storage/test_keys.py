"""API keys: shown once, kept as a hash, ended by time or by hand."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from core.errors import NotFound
from storage.stores import Stores
from tests.support.rows import MINUTE, NOON

pytestmark = pytest.mark.integration


def test_a_key_opens_the_door_and_is_nowhere_in_the_database(db: Stores) -> None:
    with db.begin() as tx:
        key, plaintext = tx.keys.create("dashboard", {"read", "approve"}, NOON)
        found = tx.keys.authenticate(plaintext, NOON)
        assert found == key
        assert found.scopes == ["approve", "read"]
        stored = str(tx.connection.execute(text("SELECT * FROM api_keys")).all())
    assert plaintext.rsplit("_", 1)[1] not in stored


@pytest.mark.parametrize("wrong", ["", "tl", "tl__", "tl_0_0", "x" * 500, "tl_%_%"])
def test_what_is_no_key_is_refused(db: Stores, wrong: str) -> None:
    with db.begin() as tx:
        tx.keys.create("one", ["read"], NOON)
        assert tx.keys.authenticate(wrong, NOON) is None


def test_a_changed_revoked_or_expired_key_is_refused(db: Stores) -> None:
    with db.begin() as tx:
        key, plaintext = tx.keys.create("short", ["read"], NOON, NOON + timedelta(hours=1))
        assert tx.keys.authenticate(plaintext + "x", NOON) is None
        assert tx.keys.authenticate(plaintext, NOON + timedelta(hours=1)) is None
        assert tx.keys.authenticate(plaintext, NOON + MINUTE) is not None
        tx.keys.revoke(key.id, NOON + MINUTE)
        assert tx.keys.authenticate(plaintext, NOON + MINUTE) is None
        with pytest.raises(NotFound):
            tx.keys.revoke(key.id, NOON)


def test_use_is_noted_once_a_minute(db: Stores) -> None:
    with db.begin() as tx:
        _, plaintext = tx.keys.create("one", ["read"], NOON)
        used = []
        for seconds in (0, 30, 60):
            tx.keys.authenticate(plaintext, NOON + timedelta(seconds=seconds))
            used.append(tx.keys.list()[0].last_used_at)
    assert used == [NOON, NOON, NOON + MINUTE]


def test_a_rotated_key_works_beside_its_successor_and_then_ends(db: Stores) -> None:
    with db.begin() as tx:
        old, before = tx.keys.create("bot", ["read"], NOON, NOON + timedelta(days=30))
        new, after = tx.keys.rotate(old.id, timedelta(hours=2), NOON + timedelta(days=1))
        assert (new.name, new.scopes, new.expires_at) == ("bot", ["read"], NOON + timedelta(days=31))
        moments = (NOON + timedelta(days=1, hours=1), NOON + timedelta(days=1, hours=2))
        assert [tx.keys.authenticate(before, at) is not None for at in moments] == [True, False]
        assert [tx.keys.authenticate(after, at) is not None for at in moments] == [True, True]


def test_a_key_that_ends_sooner_is_not_prolonged_by_rotating(db: Stores) -> None:
    with db.begin() as tx:
        old, _ = tx.keys.create("bot", ["read"], NOON, NOON + MINUTE)
        tx.keys.rotate(old.id, timedelta(hours=2), NOON)
        assert tx.keys.list()[0].expires_at == NOON + MINUTE


def test_a_key_that_has_ended_is_not_rotated(db: Stores) -> None:
    with db.begin() as tx:
        expired = tx.keys.create("old", ["read"], NOON, NOON + MINUTE)[0].id
        revoked = tx.keys.create("gone", ["read"], NOON)[0].id
        tx.keys.revoke(revoked, NOON)
        for key_id in (expired, revoked, "none"):
            with pytest.raises(NotFound):
                tx.keys.rotate(key_id, timedelta(0), NOON + MINUTE)
