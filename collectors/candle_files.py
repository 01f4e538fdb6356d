"""Candle files as raw columns: Parquet, CSV, freqtrade feather and the exchange's kline CSV.

A reader only decodes. What is wrong inside (NaN, disorder, duplicates, bad bars) is judged by `candle_quality`.
"""

import gzip
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.feather
import pyarrow.parquet

from collectors.timestamps import epoch_ms, floor_to_minute
from core.errors import BadData, InvalidInput
from core.market import Floats, Times

TIME_NAMES = ("timestamp", "ts", "date", "open_time")
PRICE_NAMES = ("open", "high", "low", "close", "volume")
KLINE_NAMES = (
    "open_time",
    *PRICE_NAMES,
    "close_time",
    "quote_volume",
    "count",
    "taker_buy_volume",
    "taker_buy_quote_volume",
    "ignore",
)
#: What decoders raise on files that are damaged or are not what their name says.
UNREADABLE = (pa.ArrowException, OSError, EOFError, zlib.error, UnicodeDecodeError)
SUFFIXES = (".parquet", ".pq", ".csv", ".csv.gz", ".feather")


@dataclass(frozen=True, slots=True)
class RawCandles:
    """The rows of one file in the file's order. An unreadable time is NO_TIME, an unreadable number NaN."""

    path: Path
    time: Times
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats


def read_candle_file(path: Path) -> RawCandles:
    """Decode one file; raises InvalidInput or BadData naming the file, the column and what to do."""
    table = read_table(path, headerless_names=KLINE_NAMES)
    time = read_times(table, path, TIME_NAMES)
    return RawCandles(path, time, *(read_numbers(table, path, (name,)) for name in PRICE_NAMES))


def data_files(path: Path) -> list[Path]:
    """The file itself, or the readable files of a folder in name order; raises InvalidInput when there are none."""
    if path.is_file():
        return [path]
    files = sorted(f for f in path.iterdir() if f.name.endswith(SUFFIXES)) if path.is_dir() else []
    if not files:
        raise InvalidInput(
            f"{path} is not a candle file.",
            field="candles",
            remedy=f"Give a file, or a folder of files, ending in {', '.join(SUFFIXES)}.",
        )
    return files


def read_table(path: Path, *, headerless_names: tuple[str, ...] = ()) -> pa.Table:
    """The file as an Arrow table with lower-case column names.

    A CSV whose first field is a number has no header: its columns are then `headerless_names`.
    """
    try:
        table = _decode(path, headerless_names)
        return table.rename_columns([name.strip().lower() for name in table.column_names])
    except UNREADABLE as error:
        raise BadData(
            f"{path} cannot be read: {error}.", field=str(path), remedy="Check the file or leave it out."
        ) from error


def read_times(table: pa.Table, path: Path, names: tuple[str, ...]) -> Times:
    """The first of the columns `names` as UTC milliseconds floored to the minute, NO_TIME where there is none."""
    name, column = _column(table, path, names)
    try:
        return floor_to_minute(epoch_ms(column))
    except pa.ArrowException as error:
        raise _bad_column(path, name, error, "ISO times, or seconds or milliseconds since 1970") from error


def read_numbers(table: pa.Table, path: Path, names: tuple[str, ...]) -> Floats:
    """The first of the columns `names` as float64, NaN where a value is missing."""
    name, column = _column(table, path, names)
    try:
        numbers = pc.cast(column, pa.float64(), safe=False)
    except pa.ArrowException as error:
        raise _bad_column(path, name, error, "plain numbers") from error
    return np.asarray(numbers.to_numpy(), dtype=np.float64)


def _decode(path: Path, headerless_names: tuple[str, ...]) -> pa.Table:
    if path.name.endswith((".parquet", ".pq")):
        return pyarrow.parquet.ParquetFile(path).read()
    if path.name.endswith(".feather"):
        return pyarrow.feather.read_table(path)
    if path.name.endswith((".csv", ".csv.gz")):
        return _read_csv(path, headerless_names)
    raise InvalidInput(f"{path} has no known format.", field="candles", remedy=f"Known: {', '.join(SUFFIXES)}.")


def _read_csv(path: Path, headerless_names: tuple[str, ...]) -> pa.Table:
    width = _headerless_width(path)
    if width > len(headerless_names):
        raise InvalidInput(f"{path} has no header line.", field="candles", remedy="Add one: timestamp,open,high,…")
    reading = pyarrow.csv.ReadOptions(column_names=list(headerless_names[:width]) or None)
    converting = pyarrow.csv.ConvertOptions(strings_can_be_null=True)
    return pyarrow.csv.read_csv(path, read_options=reading, convert_options=converting)


def _headerless_width(path: Path) -> int:
    """The number of columns of a CSV that starts with data at once, else 0."""
    opener = gzip.open if path.name.endswith(".gz") else open
    with opener(path, "rt", encoding="utf-8-sig") as lines:
        fields = lines.readline().strip().split(",")
    try:
        float(fields[0])
    except ValueError:
        return 0
    return len(fields)


def _column(table: pa.Table, path: Path, names: tuple[str, ...]) -> tuple[str, pa.ChunkedArray]:
    for name in names:
        if table.column_names.count(name) == 1:
            return name, table[name]
    raise BadData(
        f"{path} has no column {names[0]!r} (it has {', '.join(table.column_names)}).",
        field=names[0],
        remedy=f"Name it {' or '.join(names)}, once.",
    )


def _bad_column(path: Path, name: str, error: Exception, wanted: str) -> BadData:
    return BadData(f"{path}, column {name!r}: {error}.", field=name, remedy=f"The column must hold {wanted}.")
