"""`tradeloop run`: everything on this machine."""

import socket
import sys
from pathlib import Path

import click

from api.auth.one_time import OneTimeLogins
from core.clock import SystemClock
from core.errors import Conflict, InvalidInput
from service.commands.options import home_option
from service.processes import ChildSpec
from service.replay_home import claim_for_living
from service.session import prepare
from service.supervisor import Supervisor
from storage import migrate
from storage.embedded.home import Home
from storage.embedded.runtime import StoreUrls


@click.command()
@click.option(
    "--feed",
    type=click.Choice(["simulated", "replay", "live"]),
    default="simulated",
    show_default=True,
    help="Where bars come from.",
)
@click.option("--seed", type=int, default=1, show_default=True, help="Seed of a new home's simulated market.")
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True, help="Port of the API.")
@home_option
def command(feed: str, seed: int, port: int, home: Path | None) -> None:
    """Run the stores, the trader, the worker and the API of a home until Ctrl-C."""
    if feed != "simulated":
        raise InvalidInput(
            f"The {feed} feed cannot be lived in yet.",
            field="feed",
            remedy="Use --feed simulated, or `tradeloop replay --candles …` for recorded candles.",
        )
    settings, place = prepare(home, level="WARNING")
    _require_free(settings.host, port)
    claim_for_living(place)
    url = f"http://{settings.host}:{port}"
    Supervisor(
        place,
        _children(place, settings.host, port, seed),
        database_url=settings.database_url,
        redis_url=settings.redis_url,
        before_children=lambda stores: _prepare_stores(stores, external=settings.database_url is not None),
        announce=lambda: _announce(place, url, has_password=settings.dashboard_password is not None),
    ).run()


def _require_free(host: str, port: int) -> None:
    """Raise Conflict when something listens there already; the API would never come up."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise Conflict(
                f"Port {port} of {host} cannot be used: {error.strerror}.", field="port", remedy="Give another --port."
            ) from error


def _children(home: Home, host: str, port: int, seed: int) -> list[ChildSpec]:
    def argv(*words: str) -> list[str]:
        return [sys.executable, "-m", "service", *words, "--home", str(home.path)]

    health = f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{port}"  # noqa: S104 - compared, not bound
    return [
        ChildSpec("api", argv("api", "--port", str(port), "--host", host), f"{health}/api/health", health),
        ChildSpec("trader", argv("trader", "--seed", str(seed))),
        ChildSpec("worker", argv("worker")),
    ]


def _prepare_stores(stores: StoreUrls, *, external: bool) -> None:
    if not external:
        migrate.upgrade(stores.database_url)


def _announce(home: Home, url: str, *, has_password: bool) -> None:
    click.echo("Tradeloop is running on a SIMULATED market. Nothing here is traded for real.")
    if has_password:
        click.echo(f"  dashboard  {url}/login  (your TRADELOOP_DASHBOARD_PASSWORD)")
    else:
        token = OneTimeLogins(home.path / "logins").issue(SystemClock().now())
        click.echo(f"  dashboard  {url}/login?token={token}  (works once, for 24 hours)")
    click.echo(f"  API key    tradeloop keys create --scope read --home {home.path}")
    click.echo(f"  logs       {home.logs}")
    click.echo("  stop       Ctrl-C; `make run` goes on where it was")
