"""What a command works in: settings, a home, and the stores of that home, migrated and connected."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import structlog

from core.clock import Clock, SystemClock
from core.errors import Conflict
from service.logs import configure_logs
from service.settings import Settings, load_settings
from storage import migrate
from storage.embedded.home import Home
from storage.embedded.runtime import StoreUrls
from storage.embedded.servers import attach_or_start
from storage.stores import Stores
from strategies.compiled import use_cache_folder

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Session:
    """Open while its with-block lasts."""

    settings: Settings
    home: Home
    urls: StoreUrls
    stores: Stores
    clock: Clock


def prepare(home: Path | None, *, level: str = "INFO") -> tuple[Settings, Home]:
    """Read the settings, set up logs and the cache of compiled code; touches no store."""
    settings = load_settings(home)
    configure_logs(level=level, secrets=settings.secrets)
    for warning in settings.warnings:
        log.warning(warning, action="settings.warning")
    place = Home(settings.home)
    use_cache_folder(place.cache)
    return settings, place


@contextmanager
def open_home(home: Path | None, *, clock: Clock | None = None, level: str = "WARNING") -> Iterator[Session]:
    """Attach to a running home, else start its servers for as long as the with-block lasts."""
    settings, place = prepare(home, level=level)
    place.create()
    with (
        attach_or_start(place, database_url=settings.database_url, redis_url=settings.redis_url) as urls,
        connected(settings, place, urls, clock or SystemClock()) as session,
    ):
        yield session


@contextmanager
def connected(settings: Settings, place: Home, urls: StoreUrls, clock: Clock) -> Iterator[Session]:
    """Stores at `urls`. An embedded database is migrated here; an external one must have been (Conflict if not)."""
    if settings.database_url is None:
        migrate.upgrade(urls.database_url)
    elif migrate.revision(urls.database_url) != migrate.head():
        raise Conflict("The database has other tables than this version needs.", remedy="Run `tradeloop migrate`.")
    stores = Stores(urls.database_url, urls.redis_url)
    try:
        yield Session(settings, place, urls, stores, clock)
    finally:
        stores.close()
