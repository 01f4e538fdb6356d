"""The home's own Valkey (speaks Redis)."""

import shutil
from pathlib import Path
from urllib.parse import quote

import structlog

from storage.embedded.binaries import Programs
from storage.embedded.child import ChildProcess
from storage.embedded.orphans import stop_servers
from storage.embedded.privileges import ServerUser, give
from storage.embedded.probe import redis_answers

log = structlog.get_logger()

GAVE_UP = 1


class ValkeyServer:
    """Valkey on a Unix socket, with an append-only file that is synced every second."""

    role = "valkey"

    def __init__(self, programs: Programs, data: Path, sockets: Path, log: Path, user: ServerUser | None) -> None:
        self._data = data / "valkey"
        self._user = user
        socket = sockets / "valkey.sock"
        self.url = f"unix://{quote(str(socket), safe='/')}"
        settings = {
            "port": "0",
            "unixsocket": str(socket),
            "unixsocketperm": "700",
            "dir": str(self._data),
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": "",
            "maxmemory-policy": "noeviction",
        }
        options = [part for name, value in settings.items() for part in (f"--{name}", value)]
        self.process = ChildProcess(
            self.role, [programs.valkey, *options], log, url=self.url, user=user, folder=Path("/")
        )

    def prepare(self) -> None:
        """Make the data folder on first use; a second server on it would corrupt it unnoticed, so stop any.

        Data that the last run could not read are put aside: everything in Redis is rebuilt from Postgres.
        """
        if self.process.exit_code == GAVE_UP:
            self._put_aside()
        if not self._data.exists():
            self._data.mkdir(mode=0o700)
            give(self._data, self._user)
        stop_servers(self._data)

    def answers(self) -> bool:
        return redis_answers(self.url)

    def _put_aside(self) -> None:
        log.warning("Valkey could not start; its data are put aside.", action="valkey.put_aside")
        aside = self._data.with_name("valkey.unreadable")
        shutil.rmtree(aside, ignore_errors=True)
        self._data.rename(aside)
