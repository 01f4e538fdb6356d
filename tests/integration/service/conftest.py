"""A stage on which replays are played in this process."""

from collections.abc import Iterator

import pytest

from storage.embedded.runtime import StoreUrls
from tests.support.replaying import Stage


@pytest.fixture(scope="module")
def stage(stores: StoreUrls, database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """An empty home for each replay; what the last one left can be asked for until the next."""
    made = Stage(StoreUrls(database_url, stores.redis_url), tmp_path_factory.mktemp("stage"))
    yield made
    made.close()
