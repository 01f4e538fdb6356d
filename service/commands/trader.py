"""`tradeloop trader`."""

from pathlib import Path

import click

from service.commands.options import home_option
from service.logs import open_trade_log
from service.session import open_home
from service.trading import Trading


@click.command()
@click.option("--seed", type=int, default=1, show_default=True, help="Seed of the simulated market of a new home.")
@home_option
def command(seed: int, home: Path | None) -> None:
    """Trade on paper: feed the strategies, journal what they do, take parameters and commands."""
    with open_home(home, level="INFO") as session:
        open_trade_log(session.home.logs / "trades.log", session.settings.secrets)
        Trading(session, seed=seed).run()
