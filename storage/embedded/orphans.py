"""Processes of a home that outlived their owner: found by what they are, never by a bare pid, and stopped."""

import signal
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

import psutil
import structlog

from storage.embedded.runtime import ProcessRecord

log = structlog.get_logger()

SAME_START_SECONDS = 2.0
PATIENCE_SECONDS = 5.0
SERVER_NAMES = {"postgres", "valkey-server"}


def stop_left_over(records: Iterable[ProcessRecord], data: Path) -> None:
    """Stop the recorded processes that still run, then every server that works inside `data`."""
    _stop([process for record in records if (process := still_running(record))])
    stop_servers(data)


def still_running(record: ProcessRecord) -> psutil.Process | None:
    """The recorded process; None if it has ended or its pid now belongs to another one."""
    with suppress(psutil.NoSuchProcess):
        process = psutil.Process(record.pid)
        same = abs(process.create_time() - record.started_at.timestamp()) < SAME_START_SECONDS
        if same and process.status() != psutil.STATUS_ZOMBIE:
            return process
    return None


def stop_servers(data: Path) -> None:
    """Stop each Postgres and Valkey process whose working folder lies in `data` (both always change into theirs)."""
    _stop([process for process in psutil.process_iter() if _works_in(process, data)])


def _works_in(process: psutil.Process, data: Path) -> bool:
    try:
        return process.name() in SERVER_NAMES and Path(process.cwd()).is_relative_to(data)
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False


def _stop(processes: Sequence[psutil.Process]) -> None:
    for process in processes:
        log.warning("Stopping a process that its owner left behind.", action="orphan.stop", pid=process.pid)
        with suppress(psutil.NoSuchProcess):
            process.send_signal(_polite_signal(process, processes))
    _, stubborn = psutil.wait_procs(processes, timeout=PATIENCE_SECONDS)
    for process in stubborn:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(stubborn, timeout=PATIENCE_SECONDS)


def _polite_signal(process: psutil.Process, group: Sequence[psutil.Process]) -> signal.Signals:
    """SIGINT is the fast shutdown of a postmaster, but to one of its backends only the end of a query."""
    is_postmaster = process.name() == "postgres" and process.ppid() not in {other.pid for other in group}
    return signal.SIGINT if is_postmaster else signal.SIGTERM
