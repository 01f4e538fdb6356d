"""`tradeloop migrate`."""

from pathlib import Path

import click

from service.commands.options import home_option
from service.session import prepare
from storage import migrate
from storage.embedded.servers import attach_or_start


@click.command()
@home_option
def command(home: Path | None) -> None:
    """Bring the database to the tables of this version (an embedded home does so by itself)."""
    settings, place = prepare(home)
    with attach_or_start(place, database_url=settings.database_url, redis_url=settings.redis_url) as urls:
        before = migrate.revision(urls.database_url)
        after = migrate.upgrade(urls.database_url)
    click.echo(f"{before or 'empty'} -> {after}")
