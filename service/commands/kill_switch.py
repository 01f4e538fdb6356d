"""`tradeloop kill-switch on|off|status`: works with every store down."""

import getpass
from pathlib import Path

import click

from core.clock import SystemClock
from execution.safety import KillSwitch
from service.commands.options import home_option, json_option, print_json
from service.session import prepare


@click.command()
@click.argument("action", type=click.Choice(["on", "off", "status"]))
@click.option("--reason", default="", help="Why, for the record.")
@click.option("--flatten", is_flag=True, help="Close open positions as well.")
@home_option
@json_option
def command(action: str, reason: str, flatten: bool, home: Path | None, as_json: bool) -> None:
    """Stop all entries at once, release the stop, or show it."""
    _, place = prepare(home)
    place.create()
    switch = KillSwitch(place.kill_switch)
    if action == "on":
        switch.activate(actor=getpass.getuser(), at=SystemClock().now(), reason=reason, flatten=flatten)
    elif action == "off":
        switch.deactivate()
    state = switch.state()
    if as_json:
        engaged = state is not None
        print_json({"engaged": engaged, "reason": state.reason if state else None, "at": state.at if state else None})
    else:
        click.echo(
            f"engaged since {state.at} by {state.actor}: {state.reason or 'no reason given'}" if state else "off"
        )
