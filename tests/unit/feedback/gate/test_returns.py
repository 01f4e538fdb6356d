"""Pooling by day and cutting out what the author has seen."""

import numpy as np
import pytest

from core.clock import DAY_MS
from feedback.gate.returns import Window
from feedback.gate.swings import usual_swings
from tests.unit.feedback.gate.subjects import START_MS, of_sides, returns


def test_a_day_is_the_mean_of_the_symbols_that_have_it() -> None:
    paired = of_sides(np.array([[0.01, 0.02], [0.03, 0.04]]), np.array([[0.02, 0.02], [0.05, np.nan]]))
    assert paired.pooled.difference == pytest.approx([0.015, 0.0])
    assert paired.defects == 1


def test_a_day_on_which_no_symbol_is_there_is_left_out() -> None:
    paired = of_sides(np.zeros((1, 3)), np.array([[0.1, np.nan, 0.3]]))
    assert paired.pooled.difference == pytest.approx([0.1, 0.3])


def test_one_day_on_each_side_of_the_seen_window_is_neither_seen_nor_unseen() -> None:
    days = returns(days=10).days
    window = Window(START_MS + 4 * DAY_MS, START_MS + 6 * DAY_MS)
    assert np.flatnonzero(window.seen(days)).tolist() == [4, 5]
    assert np.flatnonzero(window.unseen(days)).tolist() == [0, 1, 2, 7, 8, 9]


def test_a_day_that_is_seen_in_part_is_seen() -> None:
    days = returns(days=4).days
    assert np.flatnonzero(Window(START_MS + DAY_MS + 1, START_MS + 2 * DAY_MS).seen(days)).tolist() == [1]


def test_a_large_day_does_not_raise_its_own_scale() -> None:
    size = np.full(100, 0.01)
    calm = usual_swings(size)
    size[50] = 1.0
    wild = usual_swings(size)
    assert wild[51] > 3 * calm[51]
    assert wild[50] == pytest.approx(calm[50], rel=0.2)
