"""`tradeloop feedback add|list|withdraw`."""

import getpass
from pathlib import Path
from uuid import uuid4

import click

from core.learning import Feedback
from feedback.llm.sanitise import sanitise
from service.commands.options import home_option, json_option, print_json
from service.session import open_home


@click.group()
def command() -> None:
    """What people tell the loop: quoted, with its id, in the next review."""


@command.command()
@click.option("--text", required=True, help="What you noticed.")
@click.option("--instance", default=None, help="The strategy instance it is about.")
@click.option("--trade", default=None, help="The trade it is about, e.g. momentum_scalping.BTCUSDT#12.")
@home_option
@json_option
def add(text: str, instance: str | None, trade: str | None, home: Path | None, as_json: bool) -> None:
    """Store a note."""
    with open_home(home) as session, session.stores.begin() as tx:
        if instance is not None:
            tx.instances.get(instance)
        note = Feedback(
            id=uuid4().hex[:12],
            at=session.clock.now(),
            text=sanitise(text, 2000),
            author=getpass.getuser(),
            instance_id=instance,
            trade_id=trade,
        )
        tx.feedback.add(note)
    if as_json:
        print_json({"id": note.id})
    else:
        click.echo(f"stored as {note.id}; the next review will quote it")
