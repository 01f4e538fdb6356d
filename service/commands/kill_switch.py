"""`tradeloop kill-switch on|off|status`: works with every store down."""

import getpass
import sys
from pathlib import Path

import click
import structlog

from core.clock import SystemClock
from core.errors import Unavailable
from execution.safety import KillSwitch
from service.commands.options import home_option, json_option, print_json
from service.running import running_stores
from service.session import prepare
from service.settings import Settings
from storage.embedded.home import Home

log = structlog.get_logger()


@click.command()
@click.argument("action", type=click.Choice(["on", "off", "status"]))
@click.option("--reason", default="", help="Why, for the record.")
@click.option("--flatten", is_flag=True, help="Close open positions as well.")
@click.option("--yes", is_flag=True, help="Do not ask again before entries are allowed.")
@home_option
@json_option
def command(action: str, reason: str, flatten: bool, yes: bool, home: Path | None, as_json: bool) -> None:
    """Stop all entries at once, release the stop (asked again on a terminal), or show it."""
    settings, place = prepare(home)
    place.create()
    switch = KillSwitch(place.kill_switch)
    if action == "on":
        switch.activate(actor=getpass.getuser(), at=SystemClock().now(), reason=reason, flatten=flatten)
        _record(settings, place, "kill_switch.activate", {"reason": reason, "flatten": flatten})
    elif action == "off":
        if sys.stdin.isatty() and not yes:
            click.confirm("Strategies may enter positions again. Go on?", abort=True)
        _record(settings, place, "kill_switch.deactivate", {"was_active": switch.deactivate(), "note": reason})
    state = switch.state()
    if as_json:
        engaged = state is not None
        print_json({"engaged": engaged, "reason": state.reason if state else None, "at": state.at if state else None})
    else:
        click.echo(
            f"engaged since {state.at} by {state.actor}: {state.reason or 'no reason given'}" if state else "off"
        )


def _record(settings: Settings, place: Home, action: str, detail: dict[str, object]) -> None:
    """The audit row, where Postgres answers; the switch never waits for it."""
    with running_stores(settings, place) as stores:
        if stores is None:
            return
        try:
            with stores.begin() as tx:
                tx.audit.append(f"cli:{getpass.getuser()}", action, "kill-switch", detail, SystemClock().now())
        except Unavailable as error:
            log.warning(
                "The kill switch was moved without a record.", action="kill_switch.unrecorded", error=str(error)
            )
