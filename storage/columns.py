"""Bar columns in files that every process maps into memory: a year of minutes costs its columns once per machine.

A series is a folder `<venue>/<symbol>/<bar_ms>/`. Its `index.json` says how many bars count and in which generation of
files. It is replaced atomically after the columns are on disk: a writer that dies leaves the old length, and the next
one cuts off what is beyond it. Files that somebody has mapped never change below that length: when bars were stored
in the middle, a new generation is written beside the old one.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import numpy.typing as npt

from core.clock import from_ms
from core.errors import NotFound
from core.market import Bars, FundingRates, Times
from storage.stores import Transaction

_PRICES = ("open", "high", "low", "close", "volume")
_FUNDING = np.dtype([("time", "<i8"), ("rate", "<f8")])
_ALWAYS = (datetime(1970, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC))


@dataclass(frozen=True, slots=True)
class _Index:
    generation: int = 0
    bars: int = 0


class Columns:
    """The series of one home."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def sync(self, tx: Transaction, venue: str, symbol: str, bar_ms: int) -> int:
        """Bring a series up to what Postgres has and return its length. One process does it at a time."""
        folder = self._folder(venue, symbol, bar_ms)
        folder.mkdir(parents=True, exist_ok=True)
        with _only_writer(folder):
            index = _read_index(folder)
            last = _last_time(folder, index)
            if last is not None and tx.bars.count(venue, symbol, bar_ms, from_ms(last)) != index.bars:
                index, last = _Index(index.generation + 1), None
            start = _ALWAYS[0] if last is None else from_ms(last + 1)
            fresh = tx.bars.load(venue, symbol, bar_ms, start, _ALWAYS[1])
            _append(folder, index, fresh)
            _write_funding(folder, tx.bars.funding(venue, symbol, *_ALWAYS))
            longer = _Index(index.generation, index.bars + len(fresh))
            _replace(folder / "index.json", json.dumps(asdict(longer)).encode())
            _remove_generations(folder, before=longer.generation - 1)
        return longer.bars

    def open(self, venue: str, symbol: str, bar_ms: int) -> tuple[Bars, FundingRates | None]:
        """Map a series, with its settlements if there are any; raises NotFound when it was never synced.

        The arrays can be written to, which changes neither the files nor what others see.
        """
        folder = self._folder(venue, symbol, bar_ms)
        index = _read_index(folder)
        if not index.bars:
            raise NotFound(f"There are no bars of {venue}/{symbol}.", field="symbol", remedy="Import candles first.")
        opened, high, low, close, volume = (_mapped(folder, index, name, np.float64) for name in _PRICES)
        bars = Bars(_mapped(folder, index, "time", np.int64), opened, high, low, close, volume, bar_ms)
        return bars, _read_funding(folder)

    def _folder(self, venue: str, symbol: str, bar_ms: int) -> Path:
        return self._root / _safe(venue) / _safe(symbol) / str(bar_ms)


def _safe(name: str) -> str:
    """`name` as one component of a path."""
    return quote(name, safe="").replace(".", "%2E")


@contextmanager
def _only_writer(folder: Path) -> Iterator[None]:
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _read_index(folder: Path) -> _Index:
    try:
        return _Index(**json.loads((folder / "index.json").read_text()))
    except FileNotFoundError:
        return _Index()


def _path(folder: Path, index: _Index, name: str) -> Path:
    return folder / f"{name}.{index.generation}"


def _mapped(folder: Path, index: _Index, name: str, kind: type[np.generic]) -> npt.NDArray[Any]:
    """Copy-on-write, since numba compiles anew for arrays that cannot be written."""
    return np.asarray(np.memmap(_path(folder, index, name), dtype=kind, mode="c", shape=(index.bars,)))


def _last_time(folder: Path, index: _Index) -> int | None:
    return int(_mapped(folder, index, "time", np.int64)[-1]) if index.bars else None


def _append(folder: Path, index: _Index, fresh: Bars) -> None:
    """Write `fresh` behind the bars that count, over whatever a writer that died left there."""
    if not len(fresh):
        return
    for name in ("time", *_PRICES):
        column: Times = getattr(fresh, name)
        descriptor = os.open(_path(folder, index, name), os.O_RDWR | os.O_CREAT, 0o644)
        with os.fdopen(descriptor, "r+b") as file:
            file.truncate(index.bars * column.itemsize)
            file.seek(0, os.SEEK_END)
            file.write(column.tobytes())
            file.flush()
            os.fsync(file.fileno())


def _write_funding(folder: Path, funding: FundingRates) -> None:
    rows = np.empty(len(funding.time), dtype=_FUNDING)
    rows["time"], rows["rate"] = funding.time, funding.rate
    _replace(folder / "funding", rows.tobytes())


def _read_funding(folder: Path) -> FundingRates | None:
    rows = np.frombuffer((folder / "funding").read_bytes(), dtype=_FUNDING)
    return FundingRates(rows["time"].copy(), rows["rate"].copy()) if len(rows) else None


def _replace(path: Path, content: bytes) -> None:
    """Replace a file atomically."""
    unfinished = path.with_name(path.name + ".part")
    with unfinished.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)


def _remove_generations(folder: Path, before: int) -> None:
    for name in ("time", *_PRICES):
        for old in folder.glob(f"{name}.*"):
            if int(old.suffix[1:]) < before:
                old.unlink()
