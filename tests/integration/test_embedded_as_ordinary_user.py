"""A home of an ordinary user, made by a process that root has dropped to that user."""

import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from storage.embedded.home import Home
from storage.embedded.privileges import ServerUser, can_enter, unprivileged_user

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(os.geteuid() != 0, reason="as an ordinary user every other test shows this"),
]

REPOSITORY = Path(__file__).parents[2]
SITE_PACKAGES = Path(psycopg.__file__).parents[1]
UNKNOWN_UID = 54321
USE = """
import sys
from pathlib import Path
from core.errors import TradeloopError
from storage.embedded.home import Home
from storage.embedded.probe import postgres_facts, redis_version
from storage.embedded.servers import attach_or_start
home = Home(Path(sys.argv[1]))
try:
    with attach_or_start(home) as stores:
        print("facts", postgres_facts(stores.database_url)[0], redis_version(stores.redis_url), home.data)
except TradeloopError as error:
    sys.exit(str(error))
"""


@pytest.fixture(scope="module")
def python() -> Iterator[Path]:
    """This Python where everybody can run it: a copy, as it may lie in root's own folders."""
    folder = Path(tempfile.mkdtemp(prefix="tradeloop-python-"))
    folder.chmod(0o755)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    unneeded = shutil.ignore_patterns("site-packages", "test", "__pycache__")
    library = Path(sysconfig.get_path("stdlib"))
    shutil.copytree(library, folder / "lib" / version, ignore=unneeded)
    for shared in Path(sysconfig.get_config_var("LIBDIR")).glob(f"lib{version}.so*"):
        shutil.copy(shared, folder / "lib" / shared.name)
    (folder / "bin").mkdir()
    shutil.copy(Path(sys.executable).resolve(), folder / "bin" / version)
    yield folder / "bin" / version
    shutil.rmtree(folder)


def run_as(uid: int, python: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run Python with our packages as `uid`; skips where that user cannot reach our packages."""
    if not all(can_enter(place, ServerUser(uid, uid)) for place in (REPOSITORY, SITE_PACKAGES)):
        pytest.skip("an ordinary user cannot reach this checkout or its packages")
    environment = {
        "PYTHONPATH": f"{REPOSITORY}:{SITE_PACKAGES}",
        "PYTHONDONTWRITEBYTECODE": "1",
        "LD_LIBRARY_PATH": str(python.parents[1] / "lib"),
    }
    return subprocess.run(
        [python, *arguments],
        user=uid,
        group=uid,
        extra_groups=[],
        env=environment,
        cwd="/",
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.fixture
def owned(home: Home, request: pytest.FixtureRequest) -> Home:
    """An existing, empty home folder that belongs to the user id in the test's parameter."""
    home.path.mkdir(mode=0o700)
    os.chown(home.path, request.param, request.param)
    return home


@pytest.mark.parametrize("owned", [unprivileged_user().uid], indirect=True)
def test_an_ordinary_user_has_a_home_with_its_data_inside(owned: Home, python: Path) -> None:
    finished = run_as(unprivileged_user().uid, python, "-c", USE, str(owned.path))
    assert finished.returncode == 0, finished.stderr
    facts = next(line for line in finished.stdout.splitlines() if line.startswith("facts"))
    _, version, valkey, data = facts.split()
    assert version.startswith("18.")
    assert valkey.startswith("9.")
    assert data == str(owned.path / "data")
    assert not (owned.path / "data" / "programs").exists()


@pytest.mark.parametrize("owned", [unprivileged_user().uid], indirect=True)
def test_root_goes_on_with_an_ordinary_users_home_under_that_users_account(owned: Home, python: Path) -> None:
    assert run_as(unprivileged_user().uid, python, "-c", USE, str(owned.path)).returncode == 0
    finished = subprocess.run(
        [sys.executable, "-c", USE, str(owned.path)], cwd=REPOSITORY, capture_output=True, text=True
    )
    assert finished.returncode == 0, finished.stderr
    assert (owned.data / "postgres").stat().st_uid == unprivileged_user().uid


@pytest.mark.parametrize("owned", [UNKNOWN_UID], indirect=True)
def test_a_user_without_a_passwd_entry_is_told_what_to_do(owned: Home, python: Path) -> None:
    finished = run_as(UNKNOWN_UID, python, "-c", USE, str(owned.path))
    assert finished.returncode == 1
    assert f"User id {UNKNOWN_UID} has no entry in /etc/passwd" in finished.stderr
    assert "TRADELOOP_DATABASE_URL" in finished.stderr


@pytest.mark.parametrize("owned", [0], indirect=True)
def test_a_home_of_somebody_else_is_refused_by_its_path(owned: Home, python: Path) -> None:
    finished = run_as(unprivileged_user().uid, python, "-c", USE, str(owned.path))
    assert finished.returncode == 1
    assert str(owned.path) in finished.stderr
    assert "--home" in finished.stderr
