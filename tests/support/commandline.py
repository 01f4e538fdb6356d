"""Commands as processes of their own, measured: what they print, how long they take and the most memory they held."""

import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).parents[2]
MEGABYTE = 1024


@dataclass(frozen=True)
class Measured:
    """The JSON document of a command with its wall seconds and peak resident memory in MB."""

    document: dict[str, Any]
    seconds: float
    peak_mb: float

    @property
    def line(self) -> str:
        return f"{self.seconds:.1f} s, {self.peak_mb:.0f} MB at most"


def measured(*words: str | Path) -> Measured:
    """Run `tradeloop WORDS --json`; a failure shows what it said."""
    began = time.monotonic()
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        argv = [sys.executable, "-m", "service", *map(str, words), "--json"]
        process = subprocess.Popen(argv, cwd=REPOSITORY, stdout=out, stderr=err)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.monotonic() - began
        out.seek(0)
        err.seek(0)
        assert process.returncode == 0, err.read().decode()
        return Measured(json.loads(out.read()), seconds, usage.ru_maxrss / MEGABYTE)
