"""`tradeloop worker`."""

from pathlib import Path

import click

from service.commands.options import home_option
from service.session import open_home
from service.worker import Worker


@click.command()
@home_option
def command(home: Path | None) -> None:
    """Run the jobs: reviews, gate, reports, monitor. One worker leads; others wait."""
    with open_home(home, level="INFO") as session:
        Worker(session).run()
