"""Every format that a user may bring gives the same bars."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collectors.candles import read_candles
from core.errors import BadData, InvalidInput, TradeloopError, UnknownName
from tests.unit.collectors.frames import START, good_frame, laid_out, parquet

EPOCH_MS = good_frame()["timestamp"].astype("datetime64[ms, UTC]").astype("int64")
KLINE_REST: dict[str, Any] = {
    "close_time": EPOCH_MS + 59_999,
    "quote": 1.0,
    "count": 3,
    "taker": 0.5,
    "taker_quote": 0.5,
    "ignore": 0,
}


def csv(column: str, times: Any, **options: Any) -> Callable[[Path], None]:
    frame = good_frame().drop(columns="timestamp")
    frame.insert(0, column, times)
    return lambda path: frame.to_csv(path, index=False, **options)


def klines(scale: int, header: bool) -> Callable[[Path], None]:
    frame = good_frame().drop(columns="timestamp").assign(**KLINE_REST)
    frame.insert(0, "open_time", EPOCH_MS * scale)
    return lambda path: frame.to_csv(path, index=False, header=header)


def feather(path: Path) -> None:
    good_frame().rename(columns={"timestamp": "date"}).to_feather(path)


FORMATS: dict[str, tuple[str, Callable[[Path], None]]] = {
    "parquet": ("a.parquet", lambda path: good_frame().to_parquet(path)),
    "parquet without a zone": (
        "a.parquet",
        lambda path: good_frame().assign(timestamp=lambda f: f.timestamp.dt.tz_localize(None)).to_parquet(path),
    ),
    "parquet in Korean time": (
        "a.parquet",
        lambda path: good_frame().assign(timestamp=lambda f: f.timestamp.dt.tz_convert("Asia/Seoul")).to_parquet(path),
    ),
    "freqtrade feather": ("XYZ_USDT-1m.feather", feather),
    "csv with ISO times": ("a.csv", csv("timestamp", good_frame()["timestamp"])),
    "csv with ISO times and Z": ("a.csv", csv("ts", good_frame()["timestamp"].dt.strftime("%Y-%m-%dT%H:%M:%SZ"))),
    "csv with ISO times without zone": ("a.csv", csv("ts", good_frame()["timestamp"].dt.strftime("%Y-%m-%d %H:%M"))),
    "csv with a Seoul offset": (
        "a.csv",
        csv("ts", good_frame()["timestamp"].dt.tz_convert("Asia/Seoul").map(lambda moment: moment.isoformat())),
    ),
    "csv with epoch seconds": ("a.csv", csv("ts", EPOCH_MS // 1000)),
    "csv with epoch seconds as floats": ("a.csv", csv("ts", EPOCH_MS / 1000)),
    "csv with epoch milliseconds": ("a.csv", csv("Timestamp", EPOCH_MS)),
    "csv with a byte-order mark": ("a.csv", csv("timestamp", EPOCH_MS, encoding="utf-8-sig")),
    "gzipped csv": ("a.csv.gz", csv("timestamp", EPOCH_MS)),
    "klines with header": ("a.csv", klines(1, header=True)),
    "klines without header": ("a.csv", klines(1, header=False)),
    "klines in microseconds": ("a.csv", klines(1000, header=False)),
}


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_gives_the_same_bars(name: str, tmp_path: Path) -> None:
    file_name, write = FORMATS[name]
    path = laid_out(tmp_path, file_name)
    write(path)

    [series] = read_candles([path])

    expected = good_frame()
    assert series.instrument.key == "binance_spot/XYZUSDT"
    assert series.timeframe == "1m"
    np.testing.assert_array_equal(series.bars.time, EPOCH_MS)
    for column in ("open", "high", "low", "close", "volume"):
        np.testing.assert_array_equal(getattr(series.bars, column), expected[column])
    assert series.quality.bars == len(expected)
    assert not series.simulated


def test_several_files_of_one_symbol_are_joined_in_time_order(tmp_path: Path) -> None:
    frame = good_frame(30)
    late = parquet(tmp_path, frame[20:], "a.parquet")
    early = parquet(tmp_path, frame[:10], "b.parquet")

    [series] = read_candles([late, early])

    assert len(series.bars) == 20
    assert series.quality.disordered == 0
    assert series.quality.missing_minutes == 10


def test_a_folder_stands_for_its_files(tmp_path: Path) -> None:
    parquet(tmp_path, good_frame(30)[:15], "a.parquet")
    path = parquet(tmp_path, good_frame(30)[15:], "b.parquet")

    [series] = read_candles([path.parent])

    assert len(series.bars) == 30


def test_a_file_outside_the_layout_needs_its_symbol_and_venue(tmp_path: Path) -> None:
    path = tmp_path / "prices.csv"
    good_frame(20, minutes=15).to_csv(path, index=False)

    with pytest.raises(InvalidInput, match=r"venue .* is unknown"):
        read_candles([path], symbols=["XYZUSDT"])
    [series] = read_candles([path], symbols=["XYZUSDT"], venues=["upbit"])

    assert (series.instrument.key, series.timeframe) == ("upbit/XYZUSDT", "15m")


def test_a_name_that_is_no_name_is_refused(tmp_path: Path) -> None:
    path = parquet(tmp_path, good_frame())
    with pytest.raises(InvalidInput, match="is not a symbol"):
        read_candles([path], symbols=["../../etc"])


def test_two_symbols_for_three_paths_are_refused(tmp_path: Path) -> None:
    path = parquet(tmp_path, good_frame())
    with pytest.raises(InvalidInput, match="2 --symbol values for 3 paths"):
        read_candles([path] * 3, symbols=["A", "B"])


def test_two_timeframes_of_one_symbol_are_refused(tmp_path: Path) -> None:
    paths = [
        parquet(tmp_path, good_frame(), timeframe="1m"),
        parquet(tmp_path, good_frame(minutes=5), timeframe="5m"),
    ]
    with pytest.raises(InvalidInput, match="several timeframes: 1m, 5m"):
        read_candles(paths)


def test_a_file_in_the_folder_of_another_timeframe_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadData, match="folder '1m', but its rows are 300000 ms apart"):
        read_candles([parquet(tmp_path, good_frame(minutes=5), timeframe="1m")])


BROKEN: dict[str, tuple[str, bytes, str]] = {
    "no time column": ("a.csv", b"when,open,high,low,close,volume\n1,1,1,1,1,1\n", "no column 'timestamp'"),
    "no volume column": ("a.csv", b"ts,open,high,low,close\n1709251200,1,1,1,1\n", "no column 'volume'"),
    "a word among prices": (
        "a.csv",
        b"ts,open,high,low,close,volume\n1709251200,1,1,1,1,1\n1709251260,1,cheap,1,1,1\n",
        "column 'high'",
    ),
    "a word among times": ("a.csv", b"ts,open,high,low,close,volume\nyesterday,1,1,1,1,1\n", "column 'ts'"),
    "a column twice": ("a.csv", b"ts,open,high,low,close,close,volume\n1709251200,1,1,1,1,1,1\n", "no column 'close'"),
    "only NaN": ("a.csv", b"ts,open,high,low,close,volume\n1709251200,,,,,\n", "no usable bar"),
    "an empty file": ("a.csv", b"", "cannot be read"),
    "a header and no rows": ("a.csv", b"ts,open,high,low,close,volume\n", "no usable bar"),
    "not parquet": ("a.parquet", b"hello", "cannot be read"),
    "not feather": ("a.feather", b"hello", "cannot be read"),
    "not text": ("a.csv", b"\xff\xfe\x00\x01" * 9, "cannot be read"),
    "not gzip": ("a.csv.gz", b"ts,open", "cannot be read"),
    "thirteen columns without names": ("a.csv", b"1709251200" + b",1" * 12, "no header line"),
    "another format": ("a.xlsx", b"PK", "no known format"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_refused_by_name_with_a_remedy(name: str, tmp_path: Path) -> None:
    file_name, content, message = BROKEN[name]
    path = laid_out(tmp_path, file_name)
    path.write_bytes(content)

    with pytest.raises(TradeloopError, match=message) as caught:
        read_candles([path])

    assert isinstance(caught.value, BadData | InvalidInput)
    assert str(path) in str(caught.value)
    assert caught.value.remedy


lines = st.lists(
    st.lists(st.sampled_from(["1709251200", "1", "nan", "", "x", "-1", "1e999", '"', "2024-03-01"]), max_size=7)
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines, st.booleans())
def test_any_text_is_read_or_refused_in_our_own_words(tmp_path: Path, rows: list[list[str]], header: bool) -> None:
    path = laid_out(tmp_path, "fuzz.csv")
    head = ["ts,open,high,low,close,volume"] if header else []
    path.write_text("\n".join(head + [",".join(row) for row in rows]))

    with suppress(TradeloopError):
        [series] = read_candles([path])
        assert np.isfinite(series.bars.high).all()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(["parquet", "freqtrade feather", "gzipped csv"]),
    st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 255))),
)
def test_a_damaged_binary_file_is_read_or_refused_in_our_own_words(
    tmp_path: Path, name: str, changes: list[tuple[int, int]]
) -> None:
    file_name, write = FORMATS[name]
    path = laid_out(tmp_path, file_name)
    write(path)
    content = bytearray(path.read_bytes())
    for place, byte in changes:
        content[place % len(content)] = byte
    path.write_bytes(bytes(content))

    with suppress(TradeloopError):
        [series] = read_candles([path])
        assert (series.bars.high >= series.bars.low).all()


def test_a_path_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="not a candle file"):
        read_candles([laid_out(tmp_path, "nothing.parquet")])


def test_a_perpetual_reads_the_funding_beside_it(tmp_path: Path) -> None:
    path = parquet(tmp_path, good_frame(), venue="binance_usdm")
    jittered = pd.DataFrame(
        {"timestamp": [START + pd.Timedelta(hours=8, milliseconds=7), START], "funding_rate": [0.0002, 0.0001]}
    )
    funding = path.parent.parent / "funding" / "all.parquet"
    funding.parent.mkdir()
    jittered.to_parquet(funding)

    [series] = read_candles([path])

    assert series.funding is not None
    start = int(EPOCH_MS[0])
    assert series.funding.time.tolist() == [start, start + 8 * 3_600_000]
    assert series.funding.rate.tolist() == [0.0001, 0.0002]
    assert series.funding_note == "recorded: 2 settlements"


def test_missing_funding_is_said(tmp_path: Path) -> None:
    [perpetual] = read_candles([parquet(tmp_path, good_frame(), venue="binance_usdm")])
    [spot] = read_candles([parquet(tmp_path, good_frame())])

    assert perpetual.funding is None
    assert perpetual.funding_note.startswith("absent")
    assert spot.funding_note == "spot: no funding"


def test_the_caller_overrides_trading_rules(tmp_path: Path) -> None:
    path = parquet(tmp_path, good_frame())

    [series] = read_candles([path], rules={"binance_spot/XYZUSDT": {"taker_fee": "0.0007", "price_step": 0.25}})

    assert str(series.instrument.taker_fee) == "0.0007"
    assert str(series.instrument.price_step) == "0.25"
    with pytest.raises(UnknownName, match="taker_fee"):
        read_candles([path], rules={"binance_spot": {"taker_fees": "0.0007"}})
    with pytest.raises(InvalidInput, match="not a number"):
        read_candles([path], rules={"binance_spot": {"taker_fee": "free"}})
