"""A supervisor in a process of its own, which tests may kill."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from storage.embedded.home import Home

Launch = Callable[..., "subprocess.Popen[str]"]

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def supervise(home: Home) -> Iterator[Launch]:
    """Start a supervisor of `home` with the named children and return when it has announced itself."""
    started: list[subprocess.Popen[str]] = []

    def launch(*children: str, wait: bool = True) -> "subprocess.Popen[str]":
        command = [sys.executable, "-m", "tests.support.supervised", str(home.path), *children]
        process = subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        started.append(process)
        if wait:
            assert process.stdout is not None
            lines = iter(process.stdout.readline, "")
            seen = list(_until(lines, "ready\n"))
            assert seen[-1:] == ["ready\n"], "".join(seen)
        return process

    yield launch
    for process in started:
        process.terminate()
        process.communicate(timeout=20)


def _until(lines: Iterator[str], last: str) -> Iterator[str]:
    for line in lines:
        yield line
        if line == last:
            return
