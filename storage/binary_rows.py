"""Postgres's binary COPY format for rows of fixed width, built and read by numpy: a million rows take under a second.

Format: https://www.postgresql.org/docs/18/sql-copy.html#SQL-COPY-FILE-FORMATS. Each row is a count of fields (int16)
and per field its length in bytes (int32, -1 for NULL) and its value, big-endian.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from core.errors import BadData
from core.market import Times

HEADER = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
TRAILER = b"\xff\xff"
_EPOCH_2000_MS = 946_684_800_000

#: A field is None (NULL), one value for all rows (text, bool, int of 4 bytes) or a column of 8-byte values.
Field = str | bool | int | npt.NDArray[np.int64] | npt.NDArray[np.float64] | None


def encode(length: int, fields: Sequence[Field]) -> bytes:
    """`length` rows without header and trailer."""
    values = [_value(field) for field in fields]
    layout = [("fields", ">i2")]
    for position, (size, kind, _) in enumerate(values):
        layout.append((f"size{position}", ">i4"))
        layout += [(f"value{position}", kind)] if size > 0 else []
    rows = np.empty(length, dtype=layout)
    rows["fields"] = len(fields)
    for position, (size, _, value) in enumerate(values):
        rows[f"size{position}"] = size
        if size > 0:
            rows[f"value{position}"] = value
    return rows.tobytes()


def decode(data: bytes, kinds: Mapping[str, str]) -> Mapping[str, npt.NDArray[Any]]:
    """Contiguous native columns of a whole COPY of 8-byte fields that are never NULL: name -> 'i8' or 'f8'."""
    layout = [("fields", ">i2")]
    for name, kind in kinds.items():
        layout += [(f"size_{name}", ">i4"), (name, f">{kind}")]
    row = np.dtype(layout)
    body = memoryview(data)[len(HEADER) : len(data) - len(TRAILER)]
    if len(body) % row.itemsize:
        raise BadData("A binary COPY has rows of another width.", field="bars")
    rows = np.frombuffer(body, dtype=row)
    return {name: rows[name].astype(kind) for name, kind in kinds.items()}


def timestamps(milliseconds: Times) -> Times:
    """Milliseconds since 1970 as the microseconds since 2000 of a timestamptz."""
    return (milliseconds - _EPOCH_2000_MS) * 1000


def milliseconds(timestamps: Times) -> Times:
    """Microseconds since 2000 as milliseconds since 1970."""
    return timestamps // 1000 + _EPOCH_2000_MS


def _value(field: Field) -> tuple[int, str, object]:
    match field:
        case None:
            return -1, "", None
        case bool():
            return 1, "i1", field
        case int():
            return 4, ">i4", field
        case str():
            text = field.encode()
            return len(text), f"S{len(text)}", text
    return 8, field.dtype.newbyteorder(">").str, field
