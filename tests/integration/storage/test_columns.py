"""Bar columns: what Postgres has, mapped; whole after a writer died."""

from pathlib import Path

import numpy as np
import pytest

from core.clock import MINUTE_MS
from core.errors import NotFound
from core.market import Bars
from storage.columns import Columns
from storage.stores import Stores
from tests.integration.storage.test_bars import WHERE, append, bars, rates, same

pytestmark = pytest.mark.integration
SERIES = (*WHERE, MINUTE_MS)


def sync(stores: Stores, columns: Columns) -> int:
    with stores.begin() as tx:
        return columns.sync(tx, *SERIES)


def mapped(columns: Columns) -> Bars:
    return columns.open(*SERIES)[0]


def test_columns_follow_what_is_appended(db: Stores, tmp_path: Path) -> None:
    columns = Columns(tmp_path)
    with pytest.raises(NotFound):
        columns.open(*SERIES)
    assert sync(db, columns) == 0
    for first, last in ((0, 100), (100, 101), (101, 300)):
        append(db, bars(first, last))
        assert sync(db, columns) == last
        assert same(mapped(columns), bars(0, last))
    assert sync(db, columns) == 300
    assert columns.open(*SERIES)[1] is None


def test_settlements_come_with_the_bars_also_late_ones(db: Stores, tmp_path: Path) -> None:
    columns = Columns(tmp_path)
    append(db, bars(0, 100), rates(10))
    sync(db, columns)
    append(db, bars(0, 100), rates(50))
    sync(db, columns)
    funding = columns.open(*SERIES)[1]
    assert funding is not None
    assert np.array_equal(funding.time, rates(10, 50).time)
    assert np.array_equal(funding.rate, rates(10, 50).rate)


def test_earlier_bars_make_new_files_and_disturb_no_reader(db: Stores, tmp_path: Path) -> None:
    columns = Columns(tmp_path)
    append(db, bars(100, 300))
    sync(db, columns)
    before = mapped(columns)
    for first, last in ((50, 100), (0, 50)):
        append(db, bars(first, last))
        assert sync(db, columns) == 300 - first
    assert same(before, bars(100, 300))
    assert same(mapped(columns), bars(0, 300))
    assert len(list(tmp_path.rglob("close.*"))) == 2


def test_a_tail_that_a_dead_writer_left_does_not_count(db: Stores, tmp_path: Path) -> None:
    columns = Columns(tmp_path)
    append(db, bars(0, 100))
    sync(db, columns)
    for name in ("time", "open", "close"):
        with next(tmp_path.rglob(f"{name}.0")).open("ab") as file:
            file.write(b"torn!")
    assert same(mapped(columns), bars(0, 100))
    append(db, bars(100, 200))
    sync(db, columns)
    assert same(mapped(columns), bars(0, 200))


def test_what_a_reader_writes_stays_with_it(db: Stores, tmp_path: Path) -> None:
    columns = Columns(tmp_path)
    append(db, bars(0, 10))
    sync(db, columns)
    mapped(columns).close[:] = 0.0
    assert same(mapped(columns), bars(0, 10))


def test_names_stay_inside_the_folder(db: Stores, tmp_path: Path) -> None:
    columns = Columns(tmp_path / "columns")
    with db.begin() as tx:
        tx.bars.append("..", "BTC/USDT:..", bars(0, 3))
        columns.sync(tx, "..", "BTC/USDT:..", MINUTE_MS)
    assert len(columns.open("..", "BTC/USDT:..", MINUTE_MS)[0]) == 3
    assert [path.name for path in tmp_path.iterdir()] == ["columns"]
