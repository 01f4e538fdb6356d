"""Exclusive ownership of a home: one lock, held for as long as the owner lives."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

import psutil
import structlog

from core.errors import HomeInUse
from storage.embedded.home import Home
from storage.embedded.runtime import Runtime

log = structlog.get_logger()


class Ownership:
    """The hold of this process on a home. The kernel gives it up when the process ends, however it ends."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._file: IO[str] | None = None

    @property
    def held(self) -> bool:
        return self._file is not None

    def take(self) -> None:
        """Take the home; raises HomeInUse, naming the owner's pid, if another process has it."""
        file = self._home.lock.open("a+")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            raise self._in_use() from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        self._file = file

    def release(self) -> None:
        """Give the home up; does nothing if it is not held."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _in_use(self) -> HomeInUse:
        pid = owner_pid(self._home)
        return HomeInUse(
            f"The home {self._home.path} is in use by process {pid if pid else '(unknown)'}.",
            field="home",
            remedy="Stop that process, or choose another home with --home.",
        )


def owner_pid(home: Home) -> int | None:
    """The pid in the lock file: the owner's while the lock is held, else the last owner's."""
    text = home.lock.read_text().strip() if home.lock.exists() else ""
    return int(text) if text.isdigit() else None


def live_runtime(home: Home) -> Runtime | None:
    """The runtime file of an owner that is alive; None while there is none, it is still starting, or is not ours."""
    runtime = Runtime.read(home.runtime) if os.access(home.path, os.R_OK | os.X_OK) else None
    if runtime is None or runtime.owner != owner_pid(home) or not psutil.pid_exists(runtime.owner):
        return None
    return runtime


@contextmanager
def as_guest(home: Home) -> Iterator[None]:
    """Use servers that another command started: it waits for its guests before it stops them."""
    with home.guests.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_SH)
        yield


@contextmanager
def without_guests(home: Home) -> Iterator[None]:
    """Wait until no other command uses our servers, and let none begin to meanwhile."""
    with home.guests.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            log.warning("Other commands use these servers; waiting for them to end.", action="servers.wait")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
