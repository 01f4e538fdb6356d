"""A process that shall always run, and how it is restarted."""

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from structlog.testing import capture_logs

from core.errors import Unavailable
from service import processes
from service.processes import ChildSpec, Watched, child_of, trim_log
from storage.embedded.child import ChildProcess, stop_in_turn
from storage.embedded.home import Home

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]
END = [sys.executable, "-c", "raise SystemExit(3)"]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "child.log"


def watched(process: ChildProcess, start: Callable[[], None] | None = None) -> Watched:
    return Watched(process, start=start or process.spawn, answers=lambda: True)


def wait_for_end(process: ChildProcess) -> None:
    for _ in range(1000):
        if not process.running:
            return
        time.sleep(0.01)
    raise AssertionError("The process did not end within ten seconds.")


def test_a_process_that_lived_long_is_restarted_at_once(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "QUICK_DEATH_SECONDS", 0.0)
    process = ChildProcess("trader", SLEEP, log)
    keeper = watched(process)
    keeper.start()
    first = process.pid
    process.stop(5.0)
    with capture_logs() as lines:
        assert keeper.tick()
    assert process.pid != first
    assert [(line["action"], line["role"]) for line in lines] == [
        ("process.died", "trader"),
        ("process.start", "trader"),
    ]
    process.stop(5.0)


def test_the_pauses_grow_while_a_process_keeps_dying(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "PAUSES_SECONDS", (0.0, 0.01, 0.02, 0.03))
    process = ChildProcess("failing", END, log)
    keeper = watched(process)
    keeper.start()
    with capture_logs() as lines:
        for _ in range(4):
            wait_for_end(process)
            while not keeper.tick():
                time.sleep(0.005)
    wait_for_end(process)
    loops = [line for line in lines if line["action"] == "process.crash_loop"]
    assert [line["pause_seconds"] for line in loops] == [0.01, 0.02, 0.03, 0.03]
    assert {line["exit_code"] for line in loops} == {3}


def test_the_first_six_quick_deaths_are_made_good_within_five_seconds() -> None:
    assert max(processes.PAUSES_SECONDS[:7]) < 5.0
    assert list(processes.PAUSES_SECONDS) == sorted(processes.PAUSES_SECONDS)


def test_a_start_that_fails_is_said_and_tried_again(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "PAUSES_SECONDS", (0.0,))
    process = ChildProcess("postgres", SLEEP, log)
    failures = iter([Unavailable("The disk is full."), OSError("No space left")])

    def start() -> None:
        for failure in failures:
            raise failure
        process.spawn()

    keeper = watched(process, start)
    with capture_logs() as lines:
        keeper.start()
        keeper.tick()
        keeper.tick()
    assert [line["error"] for line in lines if line["action"] == "process.not_started"] == [
        "The disk is full.",
        "No space left",
    ]
    assert process.running
    process.stop(5.0)


def test_readiness_is_asked_after_every_start(log: Path) -> None:
    answers = iter([False, True, True])
    process = ChildProcess("api", SLEEP, log)
    keeper = Watched(process, start=process.spawn, answers=lambda: next(answers))
    keeper.start()
    keeper.tick()
    assert not keeper.ready
    keeper.tick()
    assert keeper.ready
    process.stop(5.0)
    keeper.start()
    assert not keeper.ready
    process.stop(5.0)


def test_a_child_writes_to_its_log_in_the_home(home: Home) -> None:
    home.create()
    child = child_of(home, ChildSpec("worker", [sys.executable, "-c", "print('hello')"]))
    child.start()
    wait_for_end(child.process)
    assert (home.logs / "worker.log").read_text() == "hello\n"


def test_a_program_that_does_not_exist_ends_with_a_line_in_the_log(log: Path) -> None:
    process = ChildProcess("worker", ["/no/such/program"], log)
    process.spawn()
    wait_for_end(process)
    assert process.exit_code == 1
    assert "/no/such/program: No such file or directory" in process.last_output()


def test_a_stubborn_process_is_killed_with_its_group_and_leaves_the_others_their_time(log: Path) -> None:
    deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); "
    stubborn = ChildProcess("stubborn", [sys.executable, "-c", deaf + "time.sleep(60)"], log)
    polite = ChildProcess("polite", SLEEP, log)
    stubborn.spawn()
    polite.spawn()
    while "deaf" not in stubborn.last_output():
        time.sleep(0.01)
    with capture_logs() as lines:
        stop_in_turn([stubborn, polite], 2.0)
    assert [line["action"] for line in lines] == ["process.killed", "process.stopped"]


def test_what_a_killed_process_had_started_is_gone_before_its_next_run(log: Path) -> None:
    parent = "import subprocess, time; p = subprocess.Popen(['sleep', '60']); print(p.pid, flush=True); time.sleep(60)"
    process = ChildProcess("worker", [sys.executable, "-c", parent], log)
    process.spawn()
    while not process.last_output().endswith("\n"):
        time.sleep(0.01)
    grandchild = psutil.Process(int(process.last_output()))
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    wait_for_end(process)
    assert grandchild.is_running()
    process.spawn()
    assert not psutil.wait_procs([grandchild], timeout=5.0)[1]
    process.stop(5.0)


def test_a_long_log_is_moved_while_its_writer_goes_on(log: Path) -> None:
    with log.open("ab", buffering=0) as writer:
        writer.write(b"a" * 100)
        trim_log(log, limit=1000)
        assert log.stat().st_size == 100
        writer.write(b"b" * 1000)
        trim_log(log, limit=1000)
        writer.write(b"c")
    assert log.read_bytes() == b"c"
    assert log.with_name("child.log.1").stat().st_size == 1100


def test_children_do_not_share_the_terminals_process_group(log: Path) -> None:
    process = ChildProcess("trader", SLEEP, log)
    process.spawn()
    assert process.pid is not None
    assert os.getpgid(process.pid) == process.pid
    process.stop(5.0)
