"""`tradeloop api`."""

from importlib.metadata import version
from pathlib import Path

import click

from api.app import App, create_app
from api.auth.passwords import hash_password
from api.config import LOOPBACK_HOSTS, ApiConfig
from api.serve import serve
from execution.safety import KillSwitch
from service.approving import build_approvals
from service.commands.options import home_option
from service.feed_state import read_feed
from service.home_secret import session_key
from service.instances import load_plugins
from service.session import Session, open_home


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="Port to bind to.")
@click.option("--host", default=None, help="Address to bind to (default 127.0.0.1, or TRADELOOP_HOST).")
@home_option
def command(port: int, host: str | None, home: Path | None) -> None:
    """Serve the API and the dashboard."""
    with open_home(home, level="INFO") as session:
        address = host or session.settings.host
        serve(build_app(session, address), address, port)


def build_app(session: Session, host: str = "127.0.0.1") -> App:
    """The application of this home."""
    settings, home = session.settings, session.home
    load_plugins(settings.config)
    feed = read_feed(home)
    config = ApiConfig(
        secret_key=session_key(home),
        reports_dir=home.reports,
        logins_dir=home.path / "logins",
        version=version("tradeloop"),
        feed=feed.name if feed else "simulated",
        simulated=feed.simulated if feed else True,
        language=settings.language,
        timezone=settings.zone,
        password_hash=hash_password(settings.dashboard_password) if settings.dashboard_password else None,
        trusted_hosts=LOOPBACK_HOSTS if host in LOOPBACK_HOSTS else (),
    )
    return create_app(
        config=config,
        stores=session.stores,
        clock=session.clock,
        approvals=build_approvals(session),
        kill_switch=KillSwitch(home.kill_switch),
    )
