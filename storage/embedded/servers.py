"""Both servers of a home: start, watch, restart and stop them, or attach to those that run."""

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import structlog

from core.errors import HomeInUse, Unavailable
from storage.embedded.binaries import copied, installed
from storage.embedded.child import ChildProcess, stop_in_turn
from storage.embedded.home import Home
from storage.embedded.orphans import stop_left_over
from storage.embedded.ownership import Ownership, as_guest, live_runtime, without_guests
from storage.embedded.postgres import PostgresServer
from storage.embedded.privileges import server_user
from storage.embedded.runtime import ProcessRecord, Runtime, StoreUrls
from storage.embedded.sockets import discard_socket_folder, socket_folder
from storage.embedded.valkey import ValkeyServer

log = structlog.get_logger()

Server = PostgresServer | ValkeyServer

READY_SECONDS = 600.0  # crash recovery after a large load takes minutes on a slow disk
STOP_SECONDS = 10.0
ATTACH_SECONDS = 60.0
GLANCE_SECONDS = 0.02


class EmbeddedServers:
    """Owns a home's Postgres and Valkey. A URL given for one of them means: that one is somebody else's server.

    Start it from a thread that lives as long as the servers shall (see ChildProcess).
    """

    def __init__(self, home: Home, *, database_url: str | None = None, redis_url: str | None = None) -> None:
        self.home = home
        self._external = (database_url, redis_url)
        self._ownership = Ownership(home)
        self._servers: dict[str, Server] = {}
        self._sockets: Path | None = None
        self._stores: StoreUrls | None = None

    def start(self) -> StoreUrls:
        """Take the home, stop what a dead owner left, start both servers and wait until they answer.

        Raises HomeInUse if another process owns the home, Unavailable if a server does not come up.
        """
        self.home.create()
        self._ownership.take()
        with ExitStack() as undo:
            undo.callback(self.stop)
            self._clear_away_the_dead()
            self._stores = self._make_servers()
            for server in self._servers.values():
                self._bring_up(server)
            self.publish()
            undo.pop_all()
        return self.stores

    def poll(self) -> list[str]:
        """The roles of the servers that have died."""
        return [role for role, server in self._servers.items() if not server.process.running]

    def restart(self, role: str) -> None:
        """Start a dead server again under the same URL, without waiting until it answers."""
        server = self._servers[role]
        server.prepare()
        server.process.spawn()

    def answers(self, role: str) -> bool:
        """Whether the server accepts connections now."""
        return self._servers[role].answers()

    def process(self, role: str) -> ChildProcess:
        """The process behind a role."""
        return self._servers[role].process

    @property
    def stores(self) -> StoreUrls:
        """The URLs; raises Unavailable while the servers are not started."""
        if self._stores is None:
            raise Unavailable(f"The servers of {self.home.path} are not started.")
        return self._stores

    @property
    def roles(self) -> Sequence[str]:
        """The servers that are ours, in the order of starting."""
        return list(self._servers)

    def publish(self, others: Sequence[ProcessRecord] = ()) -> None:
        """Write the runtime file: our servers, then the `others` of the home."""
        if self._stores is not None:
            ours = [record for server in self._servers.values() if (record := server.process.record())]
            Runtime(os.getpid(), self._stores, [*ours, *others]).write(self.home.runtime)

    def stop(self, patience: float = STOP_SECONDS) -> None:
        """Stop both servers, the last started first, within `patience` seconds, and give the home up."""
        stop_in_turn([server.process for server in reversed(self._servers.values())], patience)
        self._servers.clear()
        self._stores = None
        if self._sockets is not None:
            discard_socket_folder(self._sockets, self.home.data)
        if self._ownership.held:
            self.home.runtime.unlink(missing_ok=True)
            self._ownership.release()

    def _clear_away_the_dead(self) -> None:
        """Only the owner comes here, so whatever else runs in this home has lost its own owner."""
        left = Runtime.read(self.home.runtime)
        stop_left_over(left.processes if left else [], self.home.data)
        self.home.runtime.unlink(missing_ok=True)

    def _make_servers(self) -> StoreUrls:
        database_url, redis_url = self._external
        if database_url and redis_url:
            return StoreUrls(database_url, redis_url)
        data = self.home.data
        user = server_user(data)
        programs = copied(data / "programs") if user else installed()
        self._sockets = sockets = socket_folder(data, user)
        wanted = [kind for kind, url in ((PostgresServer, database_url), (ValkeyServer, redis_url)) if not url]
        for kind in wanted:
            self._servers[kind.role] = kind(programs, data, sockets, self.home.logs / f"{kind.role}.log", user)
        return StoreUrls(
            database_url or self._servers[PostgresServer.role].url, redis_url or self._servers[ValkeyServer.role].url
        )

    def _bring_up(self, server: Server) -> None:
        """Spawn and wait; a server that gives up at once gets a second try (Valkey puts unreadable data aside)."""
        started = time.monotonic()
        if not (_comes_up(server) or _comes_up(server)):
            output = server.process.last_output()
            raise Unavailable(f"{server.role} did not start. Its log, {server.process.log}, ends with: {output}")
        log.info(
            "A server is ready.",
            action="server.ready",
            role=server.role,
            pid=server.process.pid,
            seconds=round(time.monotonic() - started, 2),
        )


def _comes_up(server: Server) -> bool:
    server.prepare()
    server.process.spawn()
    deadline = time.monotonic() + READY_SECONDS
    while server.process.running and time.monotonic() < deadline:
        if server.answers():
            return True
        time.sleep(GLANCE_SECONDS)
    return False


@contextmanager
def attach_or_start(
    home: Home, *, database_url: str | None = None, redis_url: str | None = None
) -> Iterator[StoreUrls]:
    """The stores of a home for the length of a with-block: those that run, else servers of our own until its end.

    URLs given are used as they are. Raises HomeInUse if an owner holds the home but never says where its stores are.
    """
    if database_url and redis_url:
        yield StoreUrls(database_url, redis_url)
        return
    home.create()
    servers = EmbeddedServers(home, database_url=database_url, redis_url=redis_url)
    deadline = time.monotonic() + ATTACH_SECONDS
    while not _started(servers, deadline):
        with as_guest(home):
            runtime = live_runtime(home)
            if runtime:
                yield StoreUrls(database_url or runtime.stores.database_url, redis_url or runtime.stores.redis_url)
                return
        time.sleep(GLANCE_SECONDS)
    try:
        yield servers.stores
    finally:
        with without_guests(home):
            servers.stop()


def _started(servers: EmbeddedServers, deadline: float) -> bool:
    """Whether the home was free and its servers now run; an owner that stays silent beyond the deadline is an error."""
    try:
        servers.start()
    except HomeInUse:
        if time.monotonic() > deadline:
            raise
        return False
    return True
