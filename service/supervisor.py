"""The one process that owns a home while it runs: its servers, its trader, its worker and its API."""

import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from types import FrameType

import structlog

from service.processes import ChildSpec, Watched, child_of, trim_log
from storage.embedded.child import stop_in_turn
from storage.embedded.home import Home
from storage.embedded.runtime import StoreUrls
from storage.embedded.servers import EmbeddedServers

log = structlog.get_logger()

TICK_SECONDS = 0.2
READY_SECONDS = 60.0
STOP_SECONDS = 10.0
SERVERS_SHARE_SECONDS = 4.0
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class StopRequested(KeyboardInterrupt):
    """Somebody asked the supervisor to stop."""


class Supervisor:
    """Starts the home's servers and children in order, keeps them running, and stops them in reverse order.

    URLs given mean external servers. `before_children` runs when the stores answer (migrations), `announce` when
    every child was ready.
    """

    def __init__(
        self,
        home: Home,
        children: Sequence[ChildSpec],
        *,
        database_url: str | None = None,
        redis_url: str | None = None,
        before_children: Callable[[StoreUrls], object] = lambda _: None,
        announce: Callable[[], object] = lambda: None,
    ) -> None:
        self._home = home
        self._servers = EmbeddedServers(home, database_url=database_url, redis_url=redis_url)
        self._children = [child_of(home, spec) for spec in children]
        self._watched: list[Watched] = []
        self._before_children = before_children
        self._announce = announce
        self._stopping = False

    def run(self) -> None:
        """Block, in the main thread, until SIGINT, SIGTERM or SIGHUP; raises HomeInUse if the home has an owner."""
        with self._stop_signals():
            try:
                self._start()
                self._watch()
            except StopRequested:
                log.info("Stopping.", action="supervisor.stop")
            finally:
                self._stop()

    def _start(self) -> None:
        stores = self._servers.start()
        self._watched = [self._watched_server(role) for role in self._servers.roles]
        self._before_children(stores)
        for child in self._children:
            child.start()
            self._watched.append(child)
            self._publish()
            self._wait_for(child)
        self._announce()

    def _watch(self) -> None:
        while True:
            self._tick()
            time.sleep(TICK_SECONDS)

    def _tick(self) -> None:
        changed = [watched for watched in self._watched if watched.tick()]
        try:
            if changed:
                self._publish()
            for watched in self._watched:
                trim_log(watched.process.log)
        except OSError as error:  # a full disk must not take the trader away from its open positions
            log.error("The home cannot be written.", action="home.unwritable", error=str(error))  # noqa: TRY400

    def _wait_for(self, child: Watched) -> None:
        """Keep everything running until the child is ready; one that takes too long does not hold up the others."""
        deadline = time.monotonic() + READY_SECONDS
        while not child.ready and time.monotonic() < deadline:
            self._tick()
            time.sleep(TICK_SECONDS / 4)
        if not child.ready:
            log.warning("A process is not ready yet.", action="process.slow", role=child.process.role)

    def _watched_server(self, role: str) -> Watched:
        start, answers = partial(self._servers.restart, role), partial(self._servers.answers, role)
        return Watched(self._servers.process(role), start=start, answers=answers, ready=True)

    def _publish(self) -> None:
        self._servers.publish([record for child in self._children if (record := child.process.record())])

    def _stop(self) -> None:
        self._stopping = True
        deadline = time.monotonic() + STOP_SECONDS
        stop_in_turn([child.process for child in reversed(self._children)], STOP_SECONDS - SERVERS_SHARE_SECONDS)
        self._servers.stop(deadline - time.monotonic())

    @contextmanager
    def _stop_signals(self) -> Iterator[None]:
        hangs_up = signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN  # nohup wants us to stay
        numbers = (*STOP_SIGNALS, signal.SIGHUP) if hangs_up else STOP_SIGNALS
        before = {number: signal.signal(number, self._request_stop) for number in numbers}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _request_stop(self, _number: int, _frame: FrameType | None) -> None:
        """The first signal interrupts whatever runs; while stopping, further ones change nothing."""
        if not self._stopping:
            self._stopping = True
            raise StopRequested
