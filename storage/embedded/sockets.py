"""Where the servers' Unix sockets lie: beside the data, or in a short place if that path is too long for a socket."""

import hashlib
import os
import shutil
import stat
import tempfile
from pathlib import Path

from core.errors import InvalidInput
from storage.embedded.privileges import ServerUser, give

LONGEST_SOCKET_BYTES = 100
LONGEST_NAME = ".s.PGSQL.5432.lock"


def socket_folder(data: Path, user: ServerUser | None) -> Path:
    """Make the folder, which only the servers' account can enter, and return it."""
    places = [data / "run", *(parent / _short_name(data) for parent in (Path(tempfile.gettempdir()), Path("/tmp")))]  # noqa: S108
    folder = next(place for place in places if _suits(place) or place is places[-1])
    if not folder.exists():
        folder.mkdir(mode=0o700)
        give(folder, user)
    _require_private(folder, user)
    return folder


def discard_socket_folder(folder: Path, data: Path) -> None:
    """Remove a folder that lies in a shared temporary place, once the servers have stopped."""
    if not folder.is_relative_to(data):
        shutil.rmtree(folder, ignore_errors=True)


def _suits(folder: Path) -> bool:
    """A socket's path is short, and libpq reads a comma as the end of a host's name."""
    return len(os.fsencode(folder / LONGEST_NAME)) <= LONGEST_SOCKET_BYTES and "," not in str(folder)


def _short_name(data: Path) -> str:
    return f"tradeloop-{hashlib.sha256(os.fsencode(data)).hexdigest()[:10]}"


def _require_private(folder: Path, user: ServerUser | None) -> None:
    """A shared temporary folder may hold a trap of the same name: a link, or a folder of someone else's."""
    found = folder.lstat()
    owner = user.uid if user else os.geteuid()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != owner or found.st_mode & 0o077:
        raise InvalidInput(f"{folder} is not a private folder of this home.", field="home", remedy="Remove it.")
