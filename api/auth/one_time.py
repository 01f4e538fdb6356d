"""One-time logins: a file per open login, named by its digest, so that every process of a home can redeem it once."""

import hashlib
import secrets
from datetime import datetime, timedelta
from pathlib import Path

LIFETIME = timedelta(hours=24)


class OneTimeLogins:
    """Issues and redeems one-time login tokens. Only digests are written; removing the file is the redemption."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def issue(self, now: datetime, lifetime: timedelta = LIFETIME) -> str:
        """A new token, to be shown once."""
        token = secrets.token_urlsafe(24)
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._path(token)
        path.touch(mode=0o600)
        path.write_text((now + lifetime).isoformat())
        return token

    def redeem(self, token: str, now: datetime) -> bool:
        """True exactly once, and only before the token expires."""
        path = self._path(token)
        try:
            expires_at = datetime.fromisoformat(path.read_text())
            path.unlink()
        except FileNotFoundError:
            return False
        return now < expires_at

    def _path(self, token: str) -> Path:
        return self._folder / hashlib.sha256(token.encode()).hexdigest()
