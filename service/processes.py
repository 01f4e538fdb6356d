"""A process that shall always run: started, watched, restarted with a growing pause while it keeps dying."""

import os
import shutil
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import httpx
import structlog

from core.errors import TradeloopError
from storage.embedded.child import ChildProcess
from storage.embedded.home import Home

log = structlog.get_logger()

QUICK_DEATH_SECONDS = 10.0
PAUSES_SECONDS = (0.0, 0.0, 0.2, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0)
LOG_LIMIT_BYTES = 20_000_000
ANSWER_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class ChildSpec:
    """A process of the home. `ready` is asked until it says yes: a function, or a URL that answers 200.

    `url` is what people and `tradeloop doctor` are told.
    """

    role: str
    argv: Sequence[str]
    ready: Callable[[], bool] | str | None = None
    url: str | None = None


def child_of(home: Home, spec: ChildSpec) -> "Watched":
    """The watched process of a spec; its output goes to the home's logs, its working folder is ours."""
    process = ChildProcess(spec.role, spec.argv, home.logs / f"{spec.role}.log", url=spec.url)
    return Watched(process, start=process.spawn, answers=_readiness(spec))


class Watched:
    """Keeps one process running. `tick` it a few times a second."""

    def __init__(
        self, process: ChildProcess, *, start: Callable[[], None], answers: Callable[[], bool], ready: bool = False
    ) -> None:
        self.process = process
        self.ready = ready
        self._start = start
        self._answers = answers
        self._started = time.monotonic()
        self._quick_deaths = 0
        self._due: float | None = None

    def start(self) -> None:
        """Start it; a start that fails is one more death, to be followed by the next restart."""
        self._started = time.monotonic()
        self._due = None
        self.ready = False
        role = self.process.role
        try:
            self._start()
        except (OSError, TradeloopError) as error:
            log.error("A process could not be started.", action="process.not_started", role=role, error=str(error))  # noqa: TRY400
        else:
            log.info("A process was started.", action="process.start", role=role, pid=self.process.pid)

    def tick(self) -> bool:
        """Notice a death, restart when it is time, notice readiness. True if the process is another one now."""
        if self.process.running:
            self._note_readiness()
            return False
        if self._due is None:
            self._plan_restart()
        if self._due is None or time.monotonic() < self._due:
            return False
        self.start()
        return True

    def _note_readiness(self) -> None:
        if not self.ready and self._answers():
            self.ready = True
            seconds = round(time.monotonic() - self._started, 2)
            log.info("A process is ready.", action="process.ready", role=self.process.role, seconds=seconds)

    def _plan_restart(self) -> None:
        now = time.monotonic()
        lived = now - self._started
        self._quick_deaths = self._quick_deaths + 1 if lived < QUICK_DEATH_SECONDS else 0
        pause = PAUSES_SECONDS[min(self._quick_deaths, len(PAUSES_SECONDS) - 1)]
        self._due = now + pause
        log.error(
            "A process keeps dying; it is restarted after a pause." if pause else "A process died; it is restarted.",
            action="process.crash_loop" if pause else "process.died",
            role=self.process.role,
            exit_code=self.process.exit_code,
            lived_seconds=round(lived, 1),
            pause_seconds=pause,
            log=str(self.process.log),
        )


def trim_log(path: Path, limit: int = LOG_LIMIT_BYTES) -> None:
    """Move a log that has grown beyond `limit` bytes to `<name>.1`; the writers go on in the same, emptied file.

    On a full disk what cannot be moved is dropped.
    """
    if path.exists() and path.stat().st_size > limit:
        with suppress(OSError):
            shutil.copyfile(path, path.with_name(f"{path.name}.1"))
        os.truncate(path, 0)


def _readiness(spec: ChildSpec) -> Callable[[], bool]:
    match spec.ready:
        case None:
            return lambda: True
        case str() as url:
            return partial(_url_answers, httpx.Client(timeout=ANSWER_SECONDS, trust_env=False), url)
        case ask:
            return ask


def _url_answers(client: httpx.Client, url: str) -> bool:
    try:
        return client.get(url).is_success
    except httpx.TransportError:
        return False
