"""What counts as asking the same question again."""

from datetime import UTC, datetime, timedelta

import pytest

from core.learning import Decided
from core.parameters import Declaration, Parameter
from feedback.gate.admission import PastVerdict
from feedback.gate.checks.retest import asked_before

NOW = datetime(2025, 6, 1, tzinfo=UTC)
DECLARED = Declaration(
    (
        Parameter("threshold", 0.01, 0.001, 0.05, 0.0001, "fraction", "entry", max_change=0.3),
        Parameter("layers", 3, 1, 9, 1, "count", "layers", type="int"),
    )
)
INCUMBENT = {"threshold": 0.01, "layers": 3.0}


def _asked(before: dict[str, float], now: dict[str, float], *, days: float = 5, decision: Decided = "reject") -> bool:
    past = PastVerdict(NOW - timedelta(days=days), decision, before)
    return asked_before([past], now, INCUMBENT, DECLARED, NOW) is not None


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ({"threshold": 0.012}, {"threshold": 0.012}),
        ({"threshold": 0.012}, {"threshold": 0.0121}),
        ({"threshold": 0.012}, {"threshold": 0.0119, "layers": 3.0}),
        ({"layers": 4.0}, {"layers": 5.0}),
        ({"threshold": 0.013, "layers": 4.0}, {"threshold": 0.0129, "layers": 4.0}),
    ],
)
def test_the_same_change_with_its_last_digit_changed_is_the_same(
    before: dict[str, float], now: dict[str, float]
) -> None:
    assert _asked(before, now)


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ({"threshold": 0.012}, {"threshold": 0.008}),
        ({"threshold": 0.011}, {"threshold": 0.013}),
        ({"layers": 4.0}, {"layers": 2.0}),
        ({"threshold": 0.012}, {"layers": 4.0}),
        ({"threshold": 0.012}, {"threshold": 0.012, "layers": 4.0}),
    ],
)
def test_another_direction_size_or_parameter_is_another_question(
    before: dict[str, float], now: dict[str, float]
) -> None:
    assert not _asked(before, now)


def test_after_thirty_days_or_without_a_verdict_it_may_be_asked_again() -> None:
    same = {"threshold": 0.012}
    assert _asked(same, same, days=29)
    assert not _asked(same, same, days=31)
    assert not _asked(same, same, decision="insufficient_data")
