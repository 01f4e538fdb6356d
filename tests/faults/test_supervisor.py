"""Kills and stops of a running home."""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from itertools import islice

import httpx
import psutil
import psycopg
import pytest

from storage.embedded.home import Home
from storage.embedded.orphans import still_running
from storage.embedded.ownership import owner_pid
from storage.embedded.probe import libpq_url, postgres_answers, redis_answers
from storage.embedded.runtime import ProcessRecord, Runtime
from tests.faults.conftest import Launch

pytestmark = pytest.mark.integration

RESTART_SECONDS = 5.0


def runtime_of(home: Home) -> Runtime:
    runtime = Runtime.read(home.runtime)
    assert runtime is not None
    return runtime


def process(home: Home, role: str) -> ProcessRecord:
    return next(record for record in runtime_of(home).processes if record.role == role)


def eventually(condition: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return condition()


def is_back(home: Home, killed: ProcessRecord) -> bool:
    now = process(home, killed.role)
    answers = {"postgres": postgres_answers, "valkey": redis_answers, "api": http_answers}
    answered = now.url is None or answers[now.role](now.url)
    return now.pid != killed.pid and now.url == killed.url and answered


def reached(home: Home, owner: int, pattern: str) -> bool:
    return owner_pid(home) == owner and any(home.path.glob(pattern))


def http_answers(url: str) -> bool:
    try:
        return httpx.get(url, trust_env=False).is_success
    except httpx.TransportError:
        return False


def remember(home: Home, number: int) -> None:
    with psycopg.connect(libpq_url(runtime_of(home).stores.database_url)) as connection:
        connection.execute("create table if not exists kept (number int)")
        connection.execute("insert into kept values (%s)", [number])


def remembered(home: Home) -> list[int]:
    with psycopg.connect(libpq_url(runtime_of(home).stores.database_url)) as connection:
        return [number for (number,) in connection.execute("select number from kept order by number")]


def test_each_killed_process_is_back_within_five_seconds_under_its_url(home: Home, supervise: Launch) -> None:
    supervise("quiet", "web")
    remember(home, 1)
    for role in ("postgres", "valkey", "trader", "api", "postgres"):
        killed = process(home, role)
        os.kill(killed.pid, signal.SIGKILL)
        assert eventually(partial(is_back, home, killed), RESTART_SECONDS), role
    assert remembered(home) == [1]


def test_sigint_stops_every_process_and_removes_the_runtime_file(home: Home, supervise: Launch) -> None:
    supervisor = supervise("quiet", "web", "stubborn")
    records = runtime_of(home).processes
    assert {record.role for record in records} == {"postgres", "valkey", "trader", "api", "stubborn"}
    started = time.monotonic()
    supervisor.send_signal(signal.SIGINT)
    output, _ = supervisor.communicate(timeout=20)
    assert supervisor.returncode == 0
    assert time.monotonic() - started < 10.5
    assert not any(still_running(record) for record in records)
    assert not home.runtime.exists()
    stopped = [line for line in output.splitlines() if "action=process." in line]
    roles = [next(part for part in line.split() if part.startswith("role=")) for line in stopped]
    assert roles == ["role=stubborn", "role=api", "role=trader", "role=valkey", "role=postgres"]
    assert "process.killed" in stopped[0]


def test_a_killed_supervisor_takes_its_processes_along(home: Home, supervise: Launch) -> None:
    supervisor = supervise("quiet", "web")
    remember(home, 1)
    records = runtime_of(home).processes
    supervisor.kill()
    assert eventually(lambda: not any(still_running(record) for record in records), 5.0)
    supervise("quiet")
    assert remembered(home) == [1]


def test_what_survives_a_killed_supervisor_is_stopped_by_the_next_one(home: Home, supervise: Launch) -> None:
    supervisor = supervise("stubborn")
    stubborn = process(home, "stubborn")
    supervisor.kill()
    supervisor.wait()
    assert still_running(stubborn)
    supervise("quiet")
    assert not still_running(stubborn)


def test_after_a_kill_of_everything_the_next_start_needs_no_hand(home: Home, supervise: Launch) -> None:
    supervisor = supervise("quiet", "web")
    remember(home, 1)
    everything = psutil.Process(supervisor.pid).children(recursive=True)
    supervisor.kill()
    for child in everything:
        with suppress(psutil.NoSuchProcess):
            child.kill()
    supervise("quiet")
    assert remembered(home) == [1]


@pytest.mark.slow
@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL])
def test_an_end_in_the_middle_of_the_first_start_leaves_nothing_in_the_way(
    home: Home, supervise: Launch, end: signal.Signals
) -> None:
    for moment in ("data/postgres.unfinished-*", "data/postgres/PG_VERSION", "data/valkey/*", "logs/trader.log"):
        supervisor = supervise("quiet", wait=False)
        assert eventually(partial(reached, home, supervisor.pid, moment), 30.0), moment
        supervisor.send_signal(end)
        supervisor.communicate(timeout=20)
        assert supervisor.returncode == (-signal.SIGKILL if end == signal.SIGKILL else 0)
    supervise("quiet", "web")
    remember(home, 1)
    assert remembered(home) == [1]
    assert [record.role for record in runtime_of(home).processes] == ["postgres", "valkey", "trader", "api"]


def test_a_second_run_names_the_pid_of_the_first(home: Home, supervise: Launch) -> None:
    first = supervise("quiet")
    second = supervise("quiet", wait=False)
    output, _ = second.communicate(timeout=20)
    assert second.returncode == 1
    assert f"in use by process {first.pid}" in output
    assert first.poll() is None


def test_a_child_that_keeps_dying_is_restarted_after_growing_pauses(home: Home, supervise: Launch) -> None:
    supervisor = supervise("failing", wait=False)
    assert supervisor.stdout is not None
    lines = iter(supervisor.stdout.readline, "")
    loops = list(islice((line for line in lines if "process.crash_loop" in line and "role=failing" in line), 3))
    assert [pause in line for pause, line in zip(("0.2", "0.5", "1.0"), loops, strict=True)] == [True] * 3
    assert all("exit_code=3" in line for line in loops)


def test_a_stale_pid_file_whose_pid_is_somebody_else_does_not_stop_a_start(home: Home, supervise: Launch) -> None:
    supervise("quiet").terminate()
    bystander = subprocess.Popen(["sleep", "60"])
    eventually(lambda: not home.runtime.exists(), 10.0)
    stale = f"{bystander.pid}\n{home.data / 'postgres'}\n1\n5432\n{home.data / 'run'}\n\n1 1\nready\n"
    (home.data / "postgres" / "postmaster.pid").write_text(stale)
    (home.data / "run" / ".s.PGSQL.5432.lock").write_text(stale)
    supervise("quiet")
    assert bystander.poll() is None
    bystander.kill()
    bystander.wait()
