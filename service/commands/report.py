"""`tradeloop report daily|weekly`: where a report is, or a copy of it."""

import shutil
from datetime import date, timedelta
from pathlib import Path

import click

from core.clock import SystemClock, local_day
from core.errors import NotFound
from service.commands.options import Day, home_option
from service.session import prepare


@click.command()
@click.argument("kind", type=click.Choice(["daily", "weekly"]))
@click.option("--date", "day", type=Day(), default=None, help="The local day (default: yesterday).")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default=None, help="Copy it to this folder.")
@home_option
def command(kind: str, day: date | None, out: Path | None, home: Path | None) -> None:
    """Print the path of a report, or copy it."""
    settings, place = prepare(home, level="WARNING")
    wanted = day or local_day(SystemClock().now(), settings.zone) - timedelta(days=1)
    page = place.reports / kind / f"{wanted.isoformat()}.html"
    if not page.is_file():
        raise NotFound(
            f"There is no {kind} report of {wanted}.",
            field="date",
            remedy=f"Run `tradeloop review {kind} --date {wanted}`.",
        )
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        page = Path(shutil.copy(page, out / page.name))
    click.echo(page)
