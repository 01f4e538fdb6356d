"""The stores of a home that runs, for commands that must also work while nothing does."""

from collections.abc import Iterator
from contextlib import contextmanager

from service.settings import Settings
from storage.embedded.home import Home
from storage.embedded.ownership import live_runtime
from storage.stores import Stores


@contextmanager
def running_stores(settings: Settings, home: Home) -> Iterator[Stores | None]:
    """Connected stores of a running home or of the settings; None where there are none. Nothing is started."""
    runtime = live_runtime(home)
    database_url = settings.database_url or (runtime.stores.database_url if runtime else None)
    redis_url = settings.redis_url or (runtime.stores.redis_url if runtime else None)
    if database_url is None or redis_url is None:
        yield None
        return
    stores = Stores(database_url, redis_url)
    try:
        yield stores
    finally:
        stores.close()
