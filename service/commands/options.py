"""The options that commands share, and how a command prints its one JSON document."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


class Day(click.ParamType[date]):
    """A calendar day, YYYY-MM-DD."""

    name = "YYYY-MM-DD"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is not a day; write it as 2023-09-01.", param, ctx)


def home_option(command: F) -> F:
    """--home DIR."""
    return click.option(
        "--home",
        type=click.Path(file_okay=False, path_type=Path),
        default=None,
        help="Folder of servers' data, reports and logs (default .tradeloop here, or TRADELOOP_HOME).",
    )(command)


def json_option(command: F) -> F:
    """--json, as the argument `as_json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print one JSON document on stdout.")(command)


def midnight(day: date | None) -> datetime | None:
    """The start of a UTC day."""
    return None if day is None else datetime(day.year, day.month, day.day, tzinfo=UTC)


def print_json(document: Any) -> None:
    """Print `document` as JSON without NaN; times as ISO strings."""
    click.echo(json.dumps(document, ensure_ascii=False, allow_nan=False, default=_plain, indent=2))


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else str(value)
