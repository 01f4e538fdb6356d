"""Postgres's binary rows."""

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from core.errors import BadData
from storage.binary_rows import HEADER, TRAILER, decode, encode, milliseconds, timestamps

TIMES = arrays(np.int64, st.shared(st.integers(0, 20), key="n"), elements=st.integers(0, 4_000_000_000_000))
PRICES = arrays(np.float64, st.shared(st.integers(0, 20), key="n"), elements=st.floats(width=64))


@given(TIMES, PRICES)
def test_columns_come_back_bit_for_bit(times: np.ndarray, prices: np.ndarray) -> None:
    rows = encode(len(times), [timestamps(times), prices])
    found = decode(HEADER + rows + TRAILER, {"time": "i8", "price": "f8"})
    assert np.array_equal(milliseconds(found["time"]), times)
    assert found["price"].tobytes() == prices.tobytes()


def test_a_row_is_laid_out_as_postgres_documents_it() -> None:
    rows = encode(1, ["spot", 60_000, np.array([7]), np.array([0.5]), None, True])
    assert rows == struct.pack(">hi4siiiqidiib", 6, 4, b"spot", 4, 60_000, 8, 7, 8, 0.5, -1, 1, 1)


def test_no_rows_are_empty_columns() -> None:
    assert len(decode(HEADER + TRAILER, {"time": "i8"})["time"]) == 0


def test_rows_of_another_width_are_refused() -> None:
    rows = encode(1, [np.array([1])])
    with pytest.raises(BadData):
        decode(HEADER + rows + TRAILER, {"time": "i8", "price": "f8"})
