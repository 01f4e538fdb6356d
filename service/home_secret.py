"""The key that signs this home's sessions: made once, readable by its owner alone."""

import os
import secrets

from storage.embedded.home import Home


def session_key(home: Home) -> str:
    """The home's key; processes that start at once agree on one."""
    path = home.path / "secret_key"
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text()
    with os.fdopen(handle, "w") as file:
        key = secrets.token_urlsafe(48)
        file.write(key)
    return key
