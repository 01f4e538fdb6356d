"""The servers of a home: where they lie, who owns them, and that they come back."""

import os
import shutil
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import psycopg
import pytest
import redis

from core.errors import HomeInUse
from storage.embedded.home import ROOT_DATA, Home
from storage.embedded.probe import libpq_url, postgres_answers, postgres_facts, redis_answers, redis_version
from storage.embedded.runtime import Runtime, StoreUrls
from storage.embedded.servers import EmbeddedServers, attach_or_start

pytestmark = pytest.mark.integration

AS_ROOT = os.geteuid() == 0


def setting(database_url: str, name: str) -> str:
    with psycopg.connect(libpq_url(database_url)) as connection:
        row = connection.execute("select current_setting(%s)", [name]).fetchone()
    assert row is not None
    return str(row[0])


def works(stores: StoreUrls) -> bool:
    return postgres_answers(stores.database_url) and redis_answers(stores.redis_url)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that everybody can enter."""
    made = Path(tempfile.mkdtemp(prefix="tradeloop-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


def test_the_stores_are_postgres_18_in_utc_and_valkey_9(stores: StoreUrls) -> None:
    version, _ = postgres_facts(stores.database_url)
    assert version.startswith("18.")
    assert redis_version(stores.redis_url).startswith("9.")
    assert setting(stores.database_url, "timezone") == "UTC"


def test_commits_are_durable_and_nothing_listens_on_the_network(stores: StoreUrls) -> None:
    assert setting(stores.database_url, "synchronous_commit") == "on"
    assert setting(stores.database_url, "fsync") == "on"
    assert setting(stores.database_url, "data_checksums") == "on"
    assert setting(stores.database_url, "listen_addresses") == ""
    assert redis.Redis.from_url(stores.redis_url).config_get("port") == {"port": "0"}


def test_a_modules_database_is_migrated_and_its_redis_is_empty(database_url: str, redis_url: str) -> None:
    with psycopg.connect(libpq_url(database_url)) as connection:
        assert connection.execute("select count(*) from strategy_instances").fetchone() == (0,)
    assert redis.Redis.from_url(redis_url).dbsize() == 0


@pytest.mark.parametrize("name", ["with space", "쉼표, 한글 100% it's", "x" * 110])
def test_a_home_may_have_any_name(folder: Path, name: str) -> None:
    with attach_or_start(Home(folder / name)) as stores:
        sockets = Path(unquote(stores.redis_url.removeprefix("unix://"))).parent
        assert works(stores)
        assert sockets.is_dir()
    assert sockets.is_relative_to(folder) or not sockets.exists()


def test_dead_servers_are_seen_and_come_back_under_the_same_urls_with_their_data(home: Home) -> None:
    servers = EmbeddedServers(home)
    stores = servers.start()
    redis.Redis.from_url(stores.redis_url).set("kept", "1")
    for role in servers.roles:
        servers.process(role).stop(0.0)
    assert servers.poll() == ["postgres", "valkey"]
    for role in servers.roles:
        servers.restart(role)
    wait_until_ready(servers)
    assert works(stores)
    assert redis.Redis.from_url(stores.redis_url).get("kept") == b"1"
    servers.stop()


def wait_until_ready(servers: EmbeddedServers) -> None:
    pause = threading.Event()
    for _ in range(500):
        if all(servers.answers(role) for role in servers.roles):
            return
        pause.wait(0.02)
    raise AssertionError("The servers did not come back within ten seconds.")


def test_unreadable_redis_data_are_put_aside(home: Home) -> None:
    servers = EmbeddedServers(home)
    redis.Redis.from_url(servers.start().redis_url).set("lost", "1")
    servers.stop()
    for file in (home.data / "valkey" / "appendonlydir").glob("*.incr.aof"):
        file.write_bytes(b"*3\r\n$nonsense\r\n" * 3)
    stores = servers.start()
    assert redis.Redis.from_url(stores.redis_url).dbsize() == 0
    assert (home.data / "valkey.unreadable").is_dir()
    servers.stop()


def test_a_second_owner_is_refused_with_the_pid_of_the_first(home: Home) -> None:
    first = EmbeddedServers(home)
    first.start()
    with pytest.raises(HomeInUse, match=f"in use by process {os.getpid()}"):
        EmbeddedServers(home).start()
    assert not first.poll()
    first.stop()


def test_a_command_attaches_to_running_servers_and_leaves_them_running(home: Home) -> None:
    owner = EmbeddedServers(home)
    stores = owner.start()
    with attach_or_start(home) as attached:
        assert attached == stores
    assert works(stores)
    owner.stop()


def test_a_command_starts_what_does_not_run_and_stops_it_again(home: Home) -> None:
    with attach_or_start(home) as stores:
        assert works(stores)
        assert Runtime.read(home.runtime) is not None
    assert not works(stores)
    assert not home.runtime.exists()


def test_a_command_waits_for_the_commands_that_attached_to_its_servers(home: Home) -> None:
    attached, leave = threading.Event(), threading.Event()
    answered: list[bool] = []

    def guest() -> None:
        with attach_or_start(home) as stores:
            attached.set()
            leave.wait(10)
            answered.append(works(stores))

    with attach_or_start(home):
        thread = threading.Thread(target=guest)
        thread.start()
        assert attached.wait(10)
        threading.Timer(0.5, leave.set).start()
    thread.join()
    assert answered == [True]


def test_urls_of_external_servers_are_used_as_they_are(home: Home, stores: StoreUrls) -> None:
    with attach_or_start(home, database_url=stores.database_url, redis_url=stores.redis_url) as urls:
        assert urls == stores
    assert not home.path.exists()


def test_one_external_server_leaves_the_other_one_embedded(home: Home, stores: StoreUrls) -> None:
    with attach_or_start(home, database_url=stores.database_url) as urls:
        assert urls.database_url == stores.database_url
        assert urls.redis_url != stores.redis_url
        assert works(urls)
        assert not (home.data / "postgres").exists()


@pytest.mark.skipif(not AS_ROOT, reason="only root's servers drop to another user")
def test_root_in_a_closed_folder_keeps_the_data_elsewhere_and_changes_no_modes(folder: Path) -> None:
    folder.chmod(0o700)
    home = Home(folder / "home")
    with attach_or_start(home) as stores:
        assert works(stores)
        assert home.data.parent == ROOT_DATA
    assert folder.stat().st_mode & 0o777 == 0o700
    with attach_or_start(home) as again:
        assert again == stores
    home.remove()
    assert not home.path.exists()


@pytest.mark.skipif(not AS_ROOT, reason="only root's servers drop to another user")
def test_roots_servers_run_as_nobody(home: Home) -> None:
    with attach_or_start(home):
        assert (home.data / "postgres").owner() == "nobody"
        assert home.runtime.stat().st_mode & 0o777 == 0o600
