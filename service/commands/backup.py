"""`tradeloop backup FILE`."""

from pathlib import Path

import click

from service.backup import backup
from service.commands.options import home_option
from service.session import prepare


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@home_option
def command(file: Path, home: Path | None) -> None:
    """Write a whole home to FILE, while it runs or rests."""
    settings, place = prepare(home, level="WARNING")
    backup(
        place,
        file,
        config=settings.config_path,
        database_url=settings.database_url,
        redis_url=settings.redis_url,
    )
    click.echo(f"{place.path} -> {file} ({file.stat().st_size / 1e6:.1f} MB)")
