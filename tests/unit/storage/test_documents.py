"""JSON as it is stored."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from types import MappingProxyType

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import BadData
from storage.documents import dumps, loads

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
DOCUMENTS = st.recursive(SCALARS, lambda d: st.lists(d) | st.dictionaries(st.text(), d), max_leaves=20)


@given(DOCUMENTS)
def test_a_document_comes_back_as_it_went_in(document: object) -> None:
    assert loads(dumps(document)) == document


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), [np.nan], {"a": {"b": float("-inf")}}, object(), {1, 2}])
def test_what_json_cannot_say_is_refused(bad: object) -> None:
    with pytest.raises(BadData):
        dumps(bad)


def test_an_array_with_a_nan_is_refused_too() -> None:
    with pytest.raises(BadData):
        dumps({"curve": np.array([1.0, np.nan])})


def test_our_own_types_become_plain_ones() -> None:
    document = {
        "money": Decimal("1.10"),
        "at": datetime(2026, 11, 2, tzinfo=UTC),
        "day": date(2026, 11, 2),
        "count": np.int64(3),
        "curve": np.array([0.5, 1.0]),
        "frozen": MappingProxyType({"이름": (1, 2)}),
    }
    assert json.loads(dumps(document)) == {
        "money": "1.10",
        "at": "2026-11-02T00:00:00+00:00",
        "day": "2026-11-02",
        "count": 3,
        "curve": [0.5, 1.0],
        "frozen": {"이름": [1, 2]},
    }


def test_what_is_no_json_is_bad_data() -> None:
    with pytest.raises(BadData):
        loads("{")
