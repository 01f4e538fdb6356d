"""The home's own PostgreSQL."""

import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from urllib.parse import quote

from core.errors import InvalidInput, Unavailable
from storage.embedded.binaries import POSTGRES_MAJOR, Programs
from storage.embedded.child import ChildProcess
from storage.embedded.orphans import stop_servers
from storage.embedded.privileges import ServerUser, give, require_passwd_entry
from storage.embedded.probe import postgres_answers

DATABASE = "tradeloop"
UNFINISHED = "postgres.unfinished-"
PORT = 5432  # names the socket; nothing listens on the network
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "60",
    "shared_buffers": "128MB",
    "max_wal_size": "512MB",  # keeps crash recovery within seconds
    "synchronous_commit": "on",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "jit": "off",  # the wheel ships no LLVM
    "max_parallel_workers_per_gather": "0",  # parallel plans need shared memory that containers do not have
}


class PostgresServer:
    """PostgreSQL on a Unix socket, with one superuser and one database, both called tradeloop."""

    role = "postgres"

    def __init__(self, programs: Programs, data: Path, sockets: Path, log: Path, user: ServerUser | None) -> None:
        self._programs = programs.postgres
        self._data = data / "postgres"
        self._sockets = sockets
        self._user = user
        self.url = f"postgresql+psycopg://{DATABASE}@/{DATABASE}?host={quote(str(sockets), safe='/')}&port={PORT}"
        settings = [part for name, value in SETTINGS.items() for part in ("-c", f"{name}={value}")]
        # A quoted entry, because unix_socket_directories is a list.
        place = ["-D", str(self._data), "-k", f'"{sockets}"', "-p", str(PORT)]
        self.process = ChildProcess(
            self.role,
            [self._programs / "postgres", *place, *settings],
            log,
            url=self.url,
            user=user,
            stop_signal=signal.SIGINT,  # the fast shutdown
            folder=Path("/"),
        )

    def prepare(self) -> None:
        """Make the data folder on first use, and clear what a killed server left behind."""
        if not (self._data / "PG_VERSION").exists():
            self._initialise()
        self._require_usable()
        stop_servers(self._data)
        (self._data / "postmaster.pid").unlink(missing_ok=True)
        for stale in self._sockets.glob(".s.PGSQL.*"):
            stale.unlink(missing_ok=True)

    def answers(self) -> bool:
        return postgres_answers(self.url)

    def _initialise(self) -> None:
        """Build the data folder under a name of its own and rename it: a killed initdb leaves nothing half-made."""
        if self._user is None:
            require_passwd_entry()
        for abandoned in self._data.parent.glob(f"{UNFINISHED}*"):
            shutil.rmtree(abandoned, ignore_errors=True)
        unfinished = Path(tempfile.mkdtemp(prefix=UNFINISHED, dir=self._data.parent))
        give(unfinished, self._user)
        self._run("initdb", "-D", unfinished, "-U", DATABASE, "--auth=trust", "--encoding=UTF8", "--locale=C",
                  "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-instructions")  # fmt: skip
        self._run("postgres", "--single", "-D", unfinished, "postgres", script=f"create database {DATABASE};\n")
        unfinished.rename(self._data)

    def _run(self, program: str, *arguments: str | Path, script: str = "") -> None:
        try:
            finished = subprocess.run(  # noqa: S603 - a list of arguments, no shell
                [self._programs / program, *arguments],
                input=script.encode(),
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                check=False,
                cwd="/",
                user=self._user.uid if self._user else None,
                group=self._user.gid if self._user else None,
                extra_groups=[] if self._user else None,
            )
        except OSError as error:
            raise Unavailable(f"{self._programs / program} cannot be run: {error.strerror}.") from error
        if finished.returncode:
            raise Unavailable(f"{program} of PostgreSQL failed: {finished.stdout.decode(errors='replace')[-1500:]}")

    def _require_usable(self) -> None:
        made_by = (self._data / "PG_VERSION").read_text().strip()
        if made_by != str(POSTGRES_MAJOR):
            raise InvalidInput(
                f"The data in {self._data} are of PostgreSQL {made_by}, this Tradeloop has {POSTGRES_MAJOR}.",
                field="home",
                remedy="Back the home up with the Tradeloop that made it, and restore the file with this one.",
            )
        owner = self._data.stat().st_uid
        account = self._user.uid if self._user else os.geteuid()
        if owner != account:
            raise InvalidInput(
                f"The data in {self._data} belong to user id {owner}, not to {account}.",
                field="home",
                remedy="Run as the user who made this home, or as root.",
            )
