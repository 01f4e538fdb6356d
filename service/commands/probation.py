"""`tradeloop probation`: the sequential rule over a pipe, one line of JSON for one day of one series."""

import json
import sys
from pathlib import Path

import click

from feedback.probation.stream import ProbationStream
from service.commands.options import home_option


@click.command()
@home_option
def command(home: Path | None) -> None:  # noqa: ARG001 - every command takes --home, this one needs none
    """Keep or roll back? Reads days as JSON lines, answers each before it reads the next.

    In: {"series", "sigma", "t", "new": x or [x...], "old": x or [x...], "prior": {"mean", "sd"} if known}. Out:
    {"series", "t", "action": "keep" or "rollback", "prob_worse"}. Lines of many series may come in any order; a line
    that cannot be used is answered with {"error"}.
    """
    stream = ProbationStream()
    with click.open_file("-", encoding="utf-8", errors="replace") as lines:
        while line := lines.readline():
            if line.strip():
                sys.stdout.write(json.dumps(stream.answer(line), ensure_ascii=True, allow_nan=False) + "\n")
                sys.stdout.flush()
