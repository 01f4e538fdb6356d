"""Who the servers run as: ourselves, or an unprivileged user when we are root (PostgreSQL refuses to be root).

Nothing here creates a user or changes the mode of a folder that was not made by Tradeloop.
"""

import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path

from core.errors import InvalidInput

UNPRIVILEGED = "nobody"


@dataclass(frozen=True, slots=True)
class ServerUser:
    """The account that root's servers drop to."""

    uid: int
    gid: int


def server_user(data: Path) -> ServerUser | None:
    """The account the servers of `data` run as; None means: as ourselves.

    Root keeps the owner of existing data, so that a home which an ordinary user began stays that user's.
    """
    if os.geteuid() != 0:
        return None
    owned = data.stat() if data.exists() else None
    if owned is not None and owned.st_uid != 0:
        return ServerUser(owned.st_uid, owned.st_gid)
    return unprivileged_user()


def unprivileged_user() -> ServerUser:
    """The account `nobody`; a machine without one is refused."""
    try:
        entry = pwd.getpwnam(UNPRIVILEGED)
    except KeyError:
        raise InvalidInput(
            f"PostgreSQL does not run as root and this machine has no user {UNPRIVILEGED!r} to drop to.",
            field="home",
            remedy="Run as an ordinary user, or set TRADELOOP_DATABASE_URL and TRADELOOP_REDIS_URL.",
        ) from None
    return ServerUser(entry.pw_uid, entry.pw_gid)


def require_passwd_entry() -> None:
    """Refuse an account that initdb cannot look up, which is what `docker run --user 12345` makes."""
    uid = os.geteuid()
    try:
        pwd.getpwuid(uid)
    except KeyError:
        raise InvalidInput(
            f"User id {uid} has no entry in /etc/passwd, and initdb of PostgreSQL needs one.",
            field="home",
            remedy="Run as a user that exists, add the entry, or set TRADELOOP_DATABASE_URL.",
        ) from None


def can_enter(folder: Path, user: ServerUser) -> bool:
    """Whether `user` may pass through `folder` and everything above it (mode bits, as for a lone group)."""
    resolved = folder.resolve()
    return all(_may_pass(place.stat(), user) for place in (resolved, *resolved.parents))


def _may_pass(status: os.stat_result, user: ServerUser) -> bool:
    if status.st_uid == user.uid:
        return bool(status.st_mode & stat.S_IXUSR)
    if status.st_gid == user.gid:
        return bool(status.st_mode & stat.S_IXGRP)
    return bool(status.st_mode & stat.S_IXOTH)


def give(folder: Path, user: ServerUser | None) -> None:
    """Make `folder` (one of ours) the property of the servers' account."""
    if user is not None:
        os.chown(folder, user.uid, user.gid)
