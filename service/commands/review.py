"""`tradeloop review daily|weekly|loss`: run a job once by hand."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import click

from core.clock import day_bounds, local_day
from service.commands.options import Day, home_option, json_option, print_json
from service.jobs import find
from service.progress import progress_bar
from service.runs import attempt
from service.session import open_home
from service.wiring import build_loop

JOBS = {"daily": "daily_review", "weekly": "weekly_analysis", "loss": "loss_review"}


@click.command()
@click.argument("kind", type=click.Choice(list(JOBS)))
@click.option("--date", "day", type=Day(), default=None, help="The local day to review (default: yesterday).")
@home_option
@json_option
def command(kind: str, day: date | None, home: Path | None, as_json: bool) -> None:
    """Write a review now. A day that was reviewed keeps its review."""
    with open_home(home) as session, progress_bar(kind, quiet=as_json) as progress:
        loop = build_loop(session, progress=progress)
        zone = session.settings.zone
        reviewed = day or local_day(session.clock.now(), zone) - timedelta(days=1)
        moment = day_bounds(reviewed, zone)[1] if kind != "loss" else datetime.now(UTC)
        status, line = attempt(loop, find(JOBS[kind]), moment)
    if as_json:
        print_json({"job": JOBS[kind], "day": reviewed, "status": status, "line": line})
    else:
        click.echo(line)
    if status != "done":
        raise SystemExit(1)
