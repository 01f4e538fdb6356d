"""A home goes into one file and comes out of it somewhere else."""

import tarfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from core.errors import BadData, Conflict, InvalidInput
from service import archive
from service.backup import backup, restore
from storage.embedded.dump import dump
from storage.embedded.home import Home
from storage.embedded.probe import libpq_url
from storage.embedded.servers import EmbeddedServers, attach_or_start
from storage.migrate import head, revision, upgrade

pytestmark = pytest.mark.integration


@pytest.fixture
def elsewhere(home: Home) -> Iterator[Home]:
    """A second home that does not exist yet."""
    other = Home(home.path.with_name(f"{home.path.name} other"))
    yield other
    other.remove()


def rows(database_url: str) -> list[tuple[object, ...]]:
    with psycopg.connect(libpq_url(database_url)) as connection:
        return connection.execute("select number, at, word from kept order by number").fetchall()


def fill(database_url: str) -> None:
    with psycopg.connect(libpq_url(database_url)) as connection:
        connection.execute("create table kept (number numeric primary key, at timestamptz, word text)")
        connection.execute("insert into kept select n / 3.0, now(), '말 ' || n from generate_series(1, 500) n")


def test_a_running_home_moves_with_its_database_files_and_config(home: Home, elsewhere: Home, tmp_path: Path) -> None:
    config = tmp_path / "tradeloop.toml"
    config.write_text("[instances]\n")
    file = tmp_path / "home.tar"
    servers = EmbeddedServers(home)
    stores = servers.start()
    upgrade(stores.database_url)
    fill(stores.database_url)
    redis.Redis.from_url(stores.redis_url).set("params:x", "1")
    (home.reports / "daily").mkdir()
    (home.reports / "daily" / "2024-03-01.html").write_text("보고서")
    home.kill_switch.write_text("on")
    (home.cache / "kernel.nbc").write_text("machine code")
    expected = rows(stores.database_url)
    backup(home, file, config=config)
    servers.stop()

    restore(file, elsewhere)
    with attach_or_start(elsewhere) as moved:
        assert rows(moved.database_url) == expected
        assert revision(moved.database_url) == head()
        assert upgrade(moved.database_url) == head()
        assert redis.Redis.from_url(moved.redis_url).dbsize() == 0
    assert (elsewhere.reports / "daily" / "2024-03-01.html").read_text() == "보고서"
    assert elsewhere.kill_switch.read_text() == "on"
    assert (elsewhere.path / "tradeloop.toml").read_text() == "[instances]\n"
    assert not (elsewhere.cache / "kernel.nbc").exists()
    assert elsewhere.path.stat().st_mode & 0o707 == 0o700


def test_a_resting_home_is_backed_up_into_itself_and_stays_at_rest(home: Home) -> None:
    with attach_or_start(home) as stores:
        fill(stores.database_url)
    file = home.path / "first.tar"
    backup(home, file)
    backup(home, file)
    with tarfile.open(file) as tar:
        assert tar.getnames() == ["database.dump", archive.MANIFEST]
    assert not home.runtime.exists()


def test_a_home_that_holds_anything_is_not_overwritten(home: Home, elsewhere: Home, tmp_path: Path) -> None:
    file = tmp_path / "home.tar"
    home.create()
    backup(home, file)
    elsewhere.path.mkdir()
    (elsewhere.path / "kept").touch()
    with pytest.raises(Conflict, match="is not empty"):
        restore(file, elsewhere)
    assert [place.name for place in elsewhere.path.iterdir()] == ["kept"]


def test_a_failed_restore_leaves_no_home(home: Home, elsewhere: Home, tmp_path: Path) -> None:
    file = tmp_path / "home.tar"
    broken = tmp_path / "database.dump"
    broken.write_bytes(b"not a dump")
    archive.write(file, [("database.dump", broken)], {"format": 1, "revision": None})
    with pytest.raises(Exception, match="pg_restore failed"):
        restore(file, elsewhere)
    assert not elsewhere.path.exists()


@pytest.mark.parametrize(
    ("facts", "complaint"),
    [({"format": 2}, "has format 2"), ({"format": 1, "revision": "9999", "tradeloop": "9.0"}, "Tradeloop 9.0")],
)
def test_a_backup_of_a_newer_tradeloop_is_refused(
    elsewhere: Home, tmp_path: Path, facts: dict[str, object], complaint: str
) -> None:
    file = tmp_path / "home.tar"
    archive.write(file, [], facts)
    with pytest.raises(InvalidInput, match=complaint):
        restore(file, elsewhere)
    assert not elsewhere.path.exists()


def test_an_archive_that_would_replace_a_machines_own_files_is_refused(elsewhere: Home, tmp_path: Path) -> None:
    good, hostile = tmp_path / "good.tar", tmp_path / "runtime.json"
    hostile.write_text("{}")
    with attach_or_start(elsewhere) as stores:
        dump(stores.database_url, tmp_path / "database.dump")
    elsewhere.remove()
    members = [("database.dump", tmp_path / "database.dump"), ("home/runtime.json", hostile)]
    archive.write(good, members, {"format": 1, "revision": None})
    with pytest.raises(BadData, match=r"runtime\.json"):
        restore(good, elsewhere)
    assert not elsewhere.path.exists()
