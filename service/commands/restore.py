"""`tradeloop restore FILE`."""

from pathlib import Path

import click

from service.backup import restore
from service.commands.options import home_option
from service.session import prepare


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@home_option
def command(file: Path, home: Path | None) -> None:
    """Make an empty home from a backup FILE."""
    settings, place = prepare(home, level="WARNING")
    restore(file, place, database_url=settings.database_url, redis_url=settings.redis_url)
    click.echo(f"{file} -> {place.path}; `tradeloop run --home {place.path}` goes on from there")
