"""Is this home well? Each check answers with one plain line; nothing is changed."""

import os
import platform
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from core.errors import TradeloopError
from storage import migrate
from storage.embedded.binaries import postgres_folder, valkey_server
from storage.embedded.home import Home
from storage.embedded.orphans import still_running
from storage.embedded.ownership import live_runtime
from storage.embedded.probe import postgres_facts, redis_version
from storage.embedded.runtime import ProcessRecord

LEAST_FREE_BYTES = 1_000_000_000
LARGEST_SKEW_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Check:
    """One finding. `ok` is None where there was nothing to look at."""

    name: str
    ok: bool | None
    line: str

    def as_json(self) -> dict[str, str | bool | None]:
        return asdict(self)


def examine(
    home: Home,
    *,
    database_url: str | None = None,
    redis_url: str | None = None,
    extra: Sequence[Callable[[], Check]] = (),
) -> list[Check]:
    """Every check, then the `extra` ones of the caller. Starts nothing: servers that do not run are said not to."""
    if home.path.exists() and not _reachable(home):
        return [_answer("home", lambda: _home(home))]
    runtime = live_runtime(home)
    database_url = database_url or (runtime.stores.database_url if runtime else None)
    redis_url = redis_url or (runtime.stores.redis_url if runtime else None)
    checks: list[tuple[str, Callable[[], Check]]] = [
        ("versions", _versions),
        ("programs", _programs),
        ("home", lambda: _home(home)),
        ("disk", lambda: _disk(home)),
        ("clock", lambda: _clock(home, database_url)),
        ("processes", lambda: _processes(home)),
        ("postgres", lambda: _postgres(database_url)),
        ("tables", lambda: _tables(database_url)),
        ("redis", lambda: _redis(redis_url)),
        *(("extra", check) for check in extra),
    ]
    return [_answer(name, check) for name, check in checks]


def processes(home: Home) -> list[ProcessRecord]:
    """The processes of a running home that are alive now, servers first."""
    runtime = live_runtime(home)
    return [record for record in runtime.processes if still_running(record)] if runtime else []


def _answer(name: str, check: Callable[[], Check]) -> Check:
    try:
        return check()
    except TradeloopError as error:
        return Check(name, False, str(error))


def _versions() -> Check:
    line = f"Tradeloop {version('tradeloop')}, Python {platform.python_version()}, {platform.platform(terse=True)}."
    return Check("versions", True, line)


def _programs() -> Check:
    return Check("programs", True, f"PostgreSQL in {postgres_folder()}, Valkey at {valkey_server()}.")


def _home(home: Home) -> Check:
    if not home.path.exists():
        return Check("home", None, f"{home.path} does not exist yet; `tradeloop run` makes it.")
    if not _reachable(home):
        return Check("home", False, f"{home.path} cannot be written by user id {os.geteuid()}.")
    if home.path.stat().st_mode & 0o002:
        return Check("home", False, f"Every user of this machine may write to {home.path}: chmod o-w it.")
    return Check("home", True, f"{home.path} is writable for us alone; the servers' data are in {home.data}.")


def _reachable(home: Home) -> bool:
    return os.access(home.path, os.R_OK | os.W_OK | os.X_OK)


def _disk(home: Home) -> Check:
    place = next(folder for folder in (home.data, *home.data.parents) if folder.exists())
    free = shutil.disk_usage(place).free
    line = f"{free / 1e9:.1f} GB free on the disk of {place} (at least {LEAST_FREE_BYTES / 1e9:.0f} GB wanted)."
    return Check("disk", free >= LEAST_FREE_BYTES, line)


def _clock(home: Home, database_url: str | None) -> Check:
    now = datetime.now(UTC)
    newest = max((datetime.fromtimestamp(place.stat().st_mtime, UTC) for place in _marks(home)), default=now)
    if (newest - now).total_seconds() > LARGEST_SKEW_SECONDS:
        return Check("clock", False, f"The clock says {now:%F %T} UTC, but this home was written to at {newest:%F %T}.")
    if database_url is None:
        return Check("clock", True, f"{now:%F %T} UTC, not before the last write to this home.")
    skew = abs((postgres_facts(database_url)[1] - now).total_seconds())
    line = f"{now:%F %T} UTC, {skew:.2f} s from Postgres's clock (at most {LARGEST_SKEW_SECONDS:.0f} s)."
    return Check("clock", skew <= LARGEST_SKEW_SECONDS, line)


def _marks(home: Home) -> Iterator[Path]:
    """Files whose age tells when this home was last alive."""
    yield from (place for place in (home.path, home.lock, home.runtime) if place.exists())
    yield from home.logs.glob("*.log")


def _processes(home: Home) -> Check:
    runtime = live_runtime(home)
    if runtime is None:
        return Check("processes", None, "This home does not run.")
    dead = [record.role for record in runtime.processes if not still_running(record)]
    roles = ", ".join(f"{record.role} {record.pid}" for record in processes(home))
    line = f"Process {runtime.owner} owns this home. Running: {roles or 'nothing'}."
    return Check("processes", not dead, f"{line} Not running: {', '.join(dead)}." if dead else line)


def _postgres(database_url: str | None) -> Check:
    if database_url is None:
        return Check("postgres", None, "Not running.")
    return Check("postgres", True, f"PostgreSQL {postgres_facts(database_url)[0]} answers.")


def _tables(database_url: str | None) -> Check:
    if database_url is None:
        return Check("tables", None, "Not looked at: Postgres is not running.")
    found, wanted = migrate.revision(database_url), migrate.head()
    if found == wanted:
        return Check("tables", True, f"The tables are those of revision {found}.")
    return Check(
        "tables", False, f"The tables are of revision {found}, this version needs {wanted}: `tradeloop migrate`."
    )


def _redis(redis_url: str | None) -> Check:
    if redis_url is None:
        return Check("redis", None, "Not running.")
    return Check("redis", True, f"Redis answers, version {redis_version(redis_url)}.")
