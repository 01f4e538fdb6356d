"""`tradeloop run` in a process of its own, as a person starts it, with the ways in that people and attackers have."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

import httpx
import psutil

from service.feed_state import has_lived
from storage.embedded.home import Home
from storage.embedded.runtime import ProcessRecord, Runtime
from tests.support.supervised import free_port

REPOSITORY = Path(__file__).parents[2]
ROLES = ("trader", "worker", "api", "postgres", "valkey")
#: The longest start on a busy machine, and the longest way back of one process.
START_SECONDS, BACK_SECONDS, STOP_SECONDS = 600.0, 60.0, 30.0


def eventually(condition: Callable[[], bool], seconds: float, what: str) -> None:
    """Wait until `condition` holds; fail with `what` when it does not in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"{what}: not within {seconds:.0f} s"
        time.sleep(0.2)


class RunningHome:
    """One run of a home; leaving the with-block stops whatever is left of it."""

    def __init__(self, home: Home, environment: Mapping[str, str]) -> None:
        self.home = home
        self.url = f"http://127.0.0.1:{free_port()}"
        self._environment = {**_without_settings(), **environment}
        self._process: subprocess.Popen[bytes] | None = None
        self._output = home.path.with_name(home.path.name + ".log")

    def __enter__(self) -> "RunningHome":
        port = self.url.rpartition(":")[2]
        with self._output.open("ab") as output:
            self._process = subprocess.Popen(
                _argv(self.home, "run", "--port", port),
                cwd=REPOSITORY,
                env=self._environment,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None and self._process.poll() is None:
            self.interrupt()
        self._output.unlink(missing_ok=True)

    @property
    def output(self) -> str:
        return self._output.read_text()

    def wait_until_up(self) -> None:
        """Until every process answers."""
        eventually(lambda: set(ROLES) <= set(self.records()), START_SECONDS, "every process runs")
        eventually(self._healthy, START_SECONDS, "the API answers")

    def wait_until_lived(self) -> None:
        """Until the past was lived through and real time has begun."""
        eventually(lambda: self.has_lived, START_SECONDS, "the past is lived")

    @property
    def has_lived(self) -> bool:
        return has_lived(self.home)

    def records(self) -> dict[str, ProcessRecord]:
        """The processes by role, as the runtime file has them."""
        runtime = Runtime.read(self.home.runtime)
        return {record.role: record for record in runtime.processes} if runtime else {}

    def doctor(self) -> dict[str, Any]:
        """What `tradeloop doctor --json` says."""
        document: dict[str, Any] = json.loads(self.command("doctor", "--json"))
        return document

    def pids(self) -> dict[str, int]:
        """Process ids by role, from the doctor."""
        return {process["role"]: int(process["pid"]) for process in self.doctor()["processes"]}

    def command(self, *words: str) -> str:
        """Run a command on this home; returns its standard output, whatever its exit code."""
        argv = _argv(self.home, *words)
        done = subprocess.run(argv, cwd=REPOSITORY, env=self._environment, capture_output=True, text=True, timeout=120)
        assert done.stdout, done.stderr
        return done.stdout

    def kill(self, role: str) -> None:
        """kill -9 the process of `role`."""
        with suppress(ProcessLookupError):
            os.kill(self.pids()[role], signal.SIGKILL)

    def is_back(self, role: str, before: ProcessRecord) -> bool:
        now = self.records().get(role)
        return now is not None and now.pid != before.pid and self._healthy()

    def client(self, scope: str) -> httpx.Client:
        """A client with a new key of this scope."""
        key = json.loads(self.command("keys", "create", "--scope", scope, "--json"))["key"]
        headers = {"Authorization": f"Bearer {key}"}
        return httpx.Client(base_url=self.url, headers=headers, timeout=10.0, trust_env=False)

    def interrupt(self) -> list[psutil.Process]:
        """Ctrl-C; returns the processes that are still there afterwards."""
        assert self._process is not None
        mine = psutil.Process(self._process.pid)
        everything = [mine, *mine.children(recursive=True)]
        self._process.send_signal(signal.SIGINT)
        self._process.wait(STOP_SECONDS)
        return [process for process in everything if process.is_running()]

    def _healthy(self) -> bool:
        try:
            return httpx.get(f"{self.url}/api/health", timeout=2.0, trust_env=False).is_success
        except httpx.TransportError:
            return False


def _argv(home: Home, *words: str) -> list[str]:
    return [sys.executable, "-m", "service", *words, "--home", str(home.path)]


def _without_settings() -> dict[str, str]:
    """The environment without what would change a run: settings and proxies."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("TRADELOOP_", "DEEPSEEK_")) and not name.lower().endswith("_proxy")
    }
