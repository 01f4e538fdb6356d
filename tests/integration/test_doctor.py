"""What the doctor sees in a home."""

import os
import shutil
import time
from types import SimpleNamespace

import pytest

from core.errors import Unavailable
from service.doctor import Check, examine, processes
from storage.embedded.home import Home
from storage.embedded.servers import EmbeddedServers
from storage.migrate import upgrade

pytestmark = pytest.mark.integration


def findings(home: Home) -> dict[str, Check]:
    return {check.name: check for check in examine(home)}


def test_a_home_that_does_not_exist_is_no_failure(home: Home) -> None:
    found = findings(home)
    assert all(check.ok is not False for check in found.values())
    assert [found[name].ok for name in ("home", "processes", "postgres", "tables", "redis")] == [None] * 5
    assert processes(home) == []
    assert not home.path.exists()


def test_a_running_home_is_well_and_its_processes_are_named(home: Home) -> None:
    servers = EmbeddedServers(home)
    stores = servers.start()
    assert findings(home)["tables"].ok is False
    upgrade(stores.database_url)
    found = findings(home)
    assert all(check.ok for check in found.values()), found
    assert "PostgreSQL 18." in found["postgres"].line
    assert f"Process {os.getpid()} owns" in found["processes"].line
    assert [(record.role, record.pid) for record in processes(home)] == [
        (role, servers.process(role).pid) for role in ("postgres", "valkey")
    ]
    servers.process("valkey").stop(0.0)
    found = findings(home)
    assert found["processes"].line.endswith("Not running: valkey.")
    assert [found[name].ok for name in ("processes", "redis", "postgres")] == [False, False, True]
    servers.stop()


def test_a_full_disk_a_turned_back_clock_and_an_open_home_are_found(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.create()
    home.path.chmod(0o777)
    home.lock.touch()
    os.utime(home.lock, (time.time() + 3600,) * 2)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=10_000_000))
    found = findings(home)
    assert [found[name].ok for name in ("home", "disk", "clock")] == [False, False, False]
    assert "0.0 GB free" in found["disk"].line


def test_checks_of_the_caller_are_asked_too_and_their_errors_are_findings(home: Home) -> None:
    def broken() -> Check:
        raise Unavailable("The audit log cannot be read.")

    checks = examine(home, extra=[lambda: Check("audit", True, "Unbroken."), broken])
    assert checks[-2:] == [Check("audit", True, "Unbroken."), Check("extra", False, "The audit log cannot be read.")]
