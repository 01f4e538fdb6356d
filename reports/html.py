"""Reports as self-contained HTML pages: one file, no script, nothing loaded from anywhere."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from core.story import DailyStory
from reports.formats import FILTERS, change, clock
from reports.svg import HEIGHT, LEFT, RIGHT, TOP, WIDTH, line_of

CHART = {"width": WIDTH, "height": HEIGHT, "left": LEFT, "right": RIGHT, "top": TOP}
#: The sections of a review after its summary, in the order in which people read them.
SECTIONS = ("success_factors", "failure_factors", "missed_opportunities", "tomorrow", "risk_improvements")
DIMENSIONS = ("strategy", "instance", "regime", "exit_reason", "version", "hour")


@dataclass(frozen=True, slots=True)
class HtmlReports:
    """Writes `<folder>/<kind>/<day>.html`. Writing a story again replaces its page in one step."""

    folder: Path

    def daily(self, story: DailyStory) -> Path:
        """Write the day's page and return its path."""
        return self._write(story)

    def weekly(self, story: DailyStory) -> Path:
        """Write the week's page, named by its last day, and return its path."""
        return self._write(story)

    def _write(self, story: DailyStory) -> Path:
        path = self.folder / story.kind / f"{story.review.day.isoformat()}.html"
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_suffix(f".{os.getpid()}.tmp")
        temporary.write_text(render(story), encoding="utf-8")
        temporary.replace(path)
        return path


def render(story: DailyStory) -> str:
    """The page of a story. Everything foreign is escaped by the template engine."""
    zone = ZoneInfo(story.zone)
    words = catalogue(story.language)

    def local(moment: datetime) -> str:
        return clock(moment, zone)

    curve = [(moment.astimezone(zone), value) for moment, value in story.facts.equity]
    return (
        environment()
        .get_template("report.html")
        .render(
            story=story,
            facts=story.facts,
            review=story.review,
            content=story.review.content,
            t=words,
            word=lambda kind, value: words.get(f"{kind}.{value}", value),
            local=local,
            change=change,
            chart=CHART,
            line=line_of(curve),
            curve=_table(curve),
            sections=SECTIONS,
            dimensions=DIMENSIONS,
        )
    )


def _table(curve: list[tuple[datetime, float]]) -> list[tuple[datetime, float]]:
    """At most 25 points of a curve for the table under its chart, the last one always."""
    if len(curve) <= 25:
        return curve
    step = len(curve) / 24
    return [curve[int(place * step)] for place in range(24)] + [curve[-1]]


@cache
def environment() -> Environment:
    """The template engine: autoescape everywhere, unknown names are errors."""
    engine = Environment(
        loader=PackageLoader("reports"),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    engine.filters.update(FILTERS)
    return engine


@cache
def catalogue(language: str) -> Mapping[str, Any]:
    """Key to words of one language."""
    words: dict[str, Any] = json.loads((files("reports") / "locales" / f"{language}.json").read_text("utf-8"))
    return words
