"""The dashboard's password, kept as argon2id."""

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

_HASHER = PasswordHasher()


def hash_password(plaintext: str) -> str:
    """An argon2id hash with its parameters and salt."""
    return _HASHER.hash(plaintext)


class Passwords:
    """Checks the one password of this home. Without a password set, none is right."""

    def __init__(self, stored_hash: str | None) -> None:
        self._hash = stored_hash

    @property
    def configured(self) -> bool:
        return self._hash is not None

    def accepts(self, plaintext: str) -> bool:
        if self._hash is None:
            return False
        try:
            return _HASHER.verify(self._hash, plaintext)
        except VerifyMismatchError:
            return False
