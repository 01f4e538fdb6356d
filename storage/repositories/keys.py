"""API keys: shown once, kept as a hash (they are random, so that a plain sha256 is enough)."""

import hashlib
import hmac
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, select, update

from core.errors import NotFound
from storage.repositories.base import Repository, built
from storage.schema import api_keys as table

_NOTE_USE_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class ApiKey:
    """What may be known of a key: everything but the key (UTC)."""

    id: str
    name: str
    prefix: str
    scopes: Sequence[str]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None

    def valid(self, at: datetime) -> bool:
        return self.revoked_at is None and (self.expires_at is None or at < self.expires_at)


_COLUMNS = [table.c[f.name] for f in fields(ApiKey)]


class Keys(Repository):
    """Who may use the API."""

    def create(
        self, name: str, scopes: Collection[str], at: datetime, expires_at: datetime | None = None
    ) -> tuple[ApiKey, str]:
        """Make a key; the second value is the key itself, which is never to be seen again."""
        prefix = secrets.token_hex(4)
        plaintext = f"tl_{prefix}_{secrets.token_urlsafe(32)}"
        key = ApiKey(secrets.token_hex(8), name, prefix, sorted(scopes), at, expires_at, None, None)
        values = {f.name: getattr(key, f.name) for f in fields(key)}
        self._connection.execute(insert(table).values(values | {"digest": _digest(plaintext)}))
        return key, plaintext

    def authenticate(self, plaintext: str, at: datetime) -> ApiKey | None:
        """The key that `plaintext` is, if it is neither revoked nor expired; notes its use once a minute."""
        parts = plaintext.split("_", 2)
        prefix = parts[1] if len(parts) == 3 else ""
        row = self._first(select(table.c.digest, *_COLUMNS).where(table.c.prefix == prefix))
        known: dict[str, Any] = dict(row._mapping) if row else {"digest": ""}
        if not hmac.compare_digest(known.pop("digest"), _digest(plaintext)):
            return None
        key = ApiKey(**known)
        if not key.valid(at):
            return None
        if key.last_used_at is None or key.last_used_at <= at - _NOTE_USE_EVERY:
            self._connection.execute(update(table).where(table.c.id == key.id).values(last_used_at=at))
        return key

    def list(self) -> Sequence[ApiKey]:
        """All keys, oldest first."""
        return [built(ApiKey, row) for row in self._all(select(*_COLUMNS).order_by(table.c.created_at, table.c.id))]

    def rotate(self, key_id: str, overlap: timedelta, at: datetime) -> tuple[ApiKey, str]:
        """A new key with the name, scopes and lifetime of one in force, which itself ends after `overlap`.

        Raises NotFound unless the old one is in force.
        """
        row = self._first(select(*_COLUMNS).where(table.c.id == key_id).with_for_update())
        old = built(ApiKey, row) if row else None
        if old is None or not old.valid(at):
            raise NotFound(f"There is no key {key_id!r} in force.", field="id")
        ends = at + overlap if old.expires_at is None else min(old.expires_at, at + overlap)
        self._connection.execute(update(table).where(table.c.id == key_id).values(expires_at=ends))
        lifetime = old.expires_at and old.expires_at - old.created_at
        return self.create(old.name, old.scopes, at, at + lifetime if lifetime else None)

    def revoke(self, key_id: str, at: datetime) -> None:
        """End a key for ever; raises NotFound unless it was in force."""
        in_force = update(table).where(table.c.id == key_id, table.c.revoked_at.is_(None))
        if not self._changes(in_force.values(revoked_at=at)):
            raise NotFound(f"There is no key {key_id!r} in force.", field="id")


def _digest(plaintext: str) -> str:
    return hashlib.sha256(plaintext.encode()).hexdigest()
