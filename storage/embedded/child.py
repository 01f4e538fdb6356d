"""One foreground child process that dies with us: spawned, watched and stopped by whoever made it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import psutil
import structlog

from storage.embedded import launch
from storage.embedded.privileges import ServerUser
from storage.embedded.runtime import ProcessRecord

log = structlog.get_logger()

KILL_WAIT_SECONDS = 5.0


@dataclass
class ChildProcess:
    """A program in a session of its own, so that Ctrl-C reaches it through its owner only.

    Spawn it from a thread that lives as long as the child shall: on Linux the child gets `stop_signal` when the
    spawning thread ends. Output is appended to `log`.
    """

    role: str
    argv: Sequence[str | os.PathLike[str]]
    log: Path
    url: str | None = None
    user: ServerUser | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    folder: Path | None = None
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False, repr=False)
    _group: int | None = field(default=None, init=False, repr=False)
    _started_at: datetime | None = field(default=None, init=False, repr=False)

    def spawn(self) -> None:
        """Start the program, after an end of what its last run left; readiness is for the caller to find out."""
        self._kill_group()
        account = f"{self.user.uid}:{self.user.gid}" if self.user else "-"
        launcher = [sys.executable, "-I", "-S", launch.__file__]
        terms = [str(os.getpid()), str(int(self.stop_signal)), account]
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(  # noqa: S603 - a list of arguments, no shell
                [*launcher, *terms, *self.argv],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=self.folder,
                start_new_session=True,
            )
        self._group = self._process.pid
        self._started_at = datetime.fromtimestamp(psutil.Process(self._process.pid).create_time(), UTC)

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    @property
    def exit_code(self) -> int | None:
        """The exit code, negative for a signal; None while it runs or before it was started."""
        return self._process.poll() if self._process else None

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def record(self) -> ProcessRecord | None:
        """What the runtime file says about it; None while it does not run."""
        if self._process is None or self._started_at is None or not self.running:
            return None
        return ProcessRecord(self.role, self._process.pid, self.url, self._started_at)

    def stop(self, patience: float) -> bool:
        """Ask it to stop, and kill it after `patience` seconds. True if it stopped by itself."""
        if self._process is None:
            return True
        if self.running:
            self._process.send_signal(self.stop_signal)
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(max(patience, 0.0))
        stopped = not self.running
        self._kill_group()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(KILL_WAIT_SECONDS)
        return stopped

    def _kill_group(self) -> None:
        """Kill the process, if it still runs, and whatever it had started and left behind; once per run."""
        if self._group is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._group, signal.SIGKILL)
            self._group = None

    def last_output(self, characters: int = 1500) -> str:
        """The end of the log, for error messages."""
        return self.log.read_text(errors="replace")[-characters:] if self.log.exists() else ""


def stop_in_turn(children: Sequence[ChildProcess], patience: float) -> None:
    """Stop one after the other within `patience` seconds in all; a stubborn one cannot use up the others' share."""
    deadline = time.monotonic() + patience
    for position, child in enumerate(children):
        ran = child.running
        polite = child.stop((deadline - time.monotonic()) / (len(children) - position))
        if ran:
            event = "A process has stopped." if polite else "A process did not stop and was killed."
            log.info(event, action="process.stopped" if polite else "process.killed", role=child.role, pid=child.pid)
