"""Line charts as inline SVG: no script, a title and a description for those who cannot see them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

WIDTH, HEIGHT = 640, 220
LEFT, RIGHT, TOP, BOTTOM = 64, 12, 12, 28
POINTS_LIMIT = 500


@dataclass(frozen=True, slots=True)
class Line:
    """A polyline of a chart in the user space of its SVG, with what its axes say."""

    points: str
    zero: float | None
    y_labels: Sequence[tuple[float, str]]
    x_labels: Sequence[tuple[float, str]]


def line_of(series: Sequence[tuple[datetime, float]]) -> Line | None:
    """Lay out (time, value) points, oldest first; None where there are fewer than two. Times are labelled as given."""
    if len(series) < 2:
        return None
    shown = thinned(series)
    start, end = shown[0][0], shown[-1][0]
    span = max((end - start).total_seconds(), 1.0)
    low = min(0.0, *(value for _, value in shown))
    high = max(0.0, *(value for _, value in shown))
    room = (high - low) or 1.0

    def x(moment: datetime) -> float:
        return LEFT + (moment - start).total_seconds() / span * (WIDTH - LEFT - RIGHT)

    def y(value: float) -> float:
        return TOP + (high - value) / room * (HEIGHT - TOP - BOTTOM)

    return Line(
        points=" ".join(f"{x(moment):.1f},{y(value):.1f}" for moment, value in shown),
        zero=y(0.0),
        y_labels=[(y(value), f"{value:+,.2f}" if value else "0") for value in sorted({low, 0.0, high})],
        x_labels=[
            (x(moment), f"{moment:%H:%M}" if span <= 172_800 else f"{moment:%m-%d}") for moment in _ticks(start, end)
        ],
    )


def thinned(series: Sequence[tuple[datetime, float]]) -> Sequence[tuple[datetime, float]]:
    """At most POINTS_LIMIT points, the first and the last among them."""
    if len(series) <= POINTS_LIMIT:
        return series
    step = (len(series) - 1) / (POINTS_LIMIT - 1)
    return [series[round(place * step)] for place in range(POINTS_LIMIT)]


def _ticks(start: datetime, end: datetime, count: int = 4) -> list[datetime]:
    step: timedelta = (end - start) / count
    return [start + step * place for place in range(count + 1)]
