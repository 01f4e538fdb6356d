"""Where a home keeps what, and what it says when it cannot."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import pytest

from core.errors import HomeInUse, InvalidInput
from storage.embedded.home import Home
from storage.embedded.orphans import still_running
from storage.embedded.ownership import Ownership, live_runtime
from storage.embedded.privileges import ServerUser, can_enter
from storage.embedded.runtime import ProcessRecord, Runtime, StoreUrls
from storage.embedded.sockets import LONGEST_SOCKET_BYTES, socket_folder

STORES = StoreUrls("postgresql+psycopg://x", "unix:///x")


def this_process() -> ProcessRecord:
    started_at = datetime.fromtimestamp(psutil.Process().create_time(), UTC)
    return ProcessRecord("test", os.getpid(), None, started_at)


def test_a_home_is_private_and_absolute(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(home.path.parent)
    made = Home(Path(home.path.name))
    made.create()
    assert made.path == home.path
    assert all(folder.stat().st_mode & 0o707 == 0o700 for folder in (made.path, made.data))
    assert all(folder.stat().st_mode & 0o777 == 0o700 for folder in (made.logs, made.reports, made.cache, made.bars))


def test_a_home_below_a_file_is_refused_with_path_and_remedy(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InvalidInput, match=f"{tmp_path}/file/home.*--home") as refused:
        Home(tmp_path / "file" / "home").create()
    assert refused.value.field == "home"


def test_a_path_that_initdb_would_give_to_a_shell_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="does not work in a path with"):
        Home(tmp_path / "$(touch harm)").create()


def test_a_home_whose_data_are_gone_is_not_begun_anew(home: Home) -> None:
    home.path.mkdir()
    (home.path / "data").symlink_to(home.path / "nowhere")
    with pytest.raises(InvalidInput, match="are gone"):
        home.create()


def test_only_one_process_owns_a_home_and_the_next_may_follow(home: Home) -> None:
    home.create()
    first, second = Ownership(home), Ownership(home)
    first.take()
    with pytest.raises(HomeInUse, match=f"process {os.getpid()}"):
        second.take()
    first.release()
    second.take()
    second.release()


def test_the_runtime_file_comes_back_as_it_was_written_and_is_private(tmp_path: Path) -> None:
    file = tmp_path / "runtime.json"
    written = Runtime(os.getpid(), STORES, [this_process()])
    written.write(file)
    assert Runtime.read(file) == written
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", ["", "{", "[]", '{"owner": 1}', '{"owner": null, "processes": []}'])
def test_a_damaged_runtime_file_counts_as_none(tmp_path: Path, content: str) -> None:
    file = tmp_path / "runtime.json"
    file.write_text(content)
    assert Runtime.read(file) is None


def test_a_runtime_file_of_a_dead_owner_is_not_believed(home: Home) -> None:
    home.create()
    owner = Ownership(home)
    owner.take()
    Runtime(os.getpid(), STORES, []).write(home.runtime)
    assert live_runtime(home) is not None
    Runtime(2**22 + 1, STORES, []).write(home.runtime)
    assert live_runtime(home) is None
    owner.release()


def test_a_record_whose_pid_was_reused_is_not_running() -> None:
    mine = this_process()
    reused = ProcessRecord("trader", mine.pid, None, mine.started_at - timedelta(minutes=5))
    assert still_running(mine) is not None
    assert still_running(reused) is None


def test_an_account_enters_only_where_every_folder_above_lets_it(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    inside = closed / "inside"
    inside.mkdir(parents=True)
    inside.chmod(0o755)
    closed.chmod(0o700)
    stranger = ServerUser(54321, 54321)
    assert can_enter(Path("/"), stranger)
    assert not can_enter(inside, stranger)


def test_sockets_of_a_long_path_lie_in_a_short_private_folder(home: Home) -> None:
    deep = home.path / ("x" * LONGEST_SOCKET_BYTES)
    deep.mkdir(parents=True)
    folder = socket_folder(deep, None)
    assert len(str(folder)) < 60
    assert folder.stat().st_mode & 0o777 == 0o700
    assert socket_folder(deep, None) == folder
    folder.rmdir()


def test_a_trap_in_the_place_of_the_socket_folder_is_refused(home: Home) -> None:
    deep = home.path / ("x" * LONGEST_SOCKET_BYTES)
    deep.mkdir(parents=True)
    folder = socket_folder(deep, None)
    folder.rmdir()
    folder.symlink_to(home.path)
    with pytest.raises(InvalidInput, match="not a private folder"):
        socket_folder(deep, None)
    folder.unlink()
