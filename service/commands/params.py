"""`tradeloop params show|history|diff|set INSTANCE`."""

import getpass
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from core.errors import InvalidInput
from feedback import own_change
from service.approving import build_approvals, declaration_of
from service.commands.options import home_option, json_option, print_json
from service.instances import load_plugins
from service.session import open_home


@click.group()
def command() -> None:
    """The parameters of an instance: which version runs, who made it, and changes by hand."""


@command.command()
@click.argument("instance")
@home_option
@json_option
def show(instance: str, home: Path | None, as_json: bool) -> None:
    """Show the current version with bounds and units."""
    with open_home(home) as session:
        load_plugins(session.settings.config)
        with session.stores.begin() as tx:
            current = tx.parameters.current(instance)
            declaration = declaration_of(tx.instances.get(instance))
    if as_json:
        print_json(
            {"instance": instance, "version": current.version, "digest": current.digest, "values": current.values}
        )
        return
    click.echo(f"{instance} version {current.version} by {current.author}")
    for name, value in current.values.items():
        declared = declaration[name]
        click.echo(f"  {name:<24}{value:>12g}  {declared.low:g} to {declared.high:g} {declared.unit}")


@command.command()
@click.argument("instance")
@home_option
@json_option
def history(instance: str, home: Path | None, as_json: bool) -> None:
    """List every version: who made it, from which proposal, and when the strategy read it back."""
    with open_home(home) as session, session.stores.begin() as tx:
        records = tx.parameters.history(instance)
    rows = [
        {
            "version": record.set.version,
            "parent": record.set.parent,
            "author": record.set.author,
            "proposal_id": record.set.proposal_id,
            "created_at": record.created_at,
            "acknowledged_at": record.acknowledged_at,
            "values": dict(record.set.values),
        }
        for record in records
    ]
    if as_json:
        print_json(rows)
        return
    for row in rows:
        proven = f"read back {row['acknowledged_at']:%Y-%m-%d %H:%M}" if row["acknowledged_at"] else "not read back"
        click.echo(f"{row['version']:>4}  {row['created_at']:%Y-%m-%d %H:%M}  {row['author']:<8} {proven}")


@command.command()
@click.argument("instance")
@click.argument("old", type=int)
@click.argument("new", type=int)
@home_option
@json_option
def diff(instance: str, old: int, new: int, home: Path | None, as_json: bool) -> None:
    """Compare two versions."""
    with open_home(home) as session, session.stores.begin() as tx:
        before, after = (tx.parameters.at(instance, version).values for version in (old, new))
    changed = {name: {"from": before[name], "to": after[name]} for name in after if before.get(name) != after[name]}
    if as_json:
        print_json(changed)
        return
    for name, change in changed.items():
        click.echo(f"  {name}: {change['from']:g} -> {change['to']:g}")


@command.command("set")
@click.argument("instance")
@click.argument("assignments", nargs=-1, required=True, metavar="NAME=VALUE…")
@click.option("--reason", required=True, help="Why; it is recorded with the proposal.")
@home_option
@json_option
def set_values(instance: str, assignments: tuple[str, ...], reason: str, home: Path | None, as_json: bool) -> None:
    """Propose a change of your own: it goes through the same gate and journal as any other."""
    with open_home(home) as session:
        load_plugins(session.settings.config)
        approvals = build_approvals(session)
        proposal = own_change.enter(approvals, instance, _parsed(assignments), getpass.getuser(), reason)
    document = {"id": proposal.id, "digest": proposal.digest, "status": proposal.status}
    if as_json:
        print_json(document)
    else:
        click.echo(
            f"proposal {proposal.id} is entered; the worker judges it, see `tradeloop proposals show {proposal.id}`"
        )


def _parsed(assignments: tuple[str, ...]) -> Mapping[str, Any]:
    values: dict[str, float] = {}
    for assignment in assignments:
        name, _, text = assignment.partition("=")
        try:
            values[name] = float(text)
        except ValueError as error:
            raise InvalidInput(
                f"{assignment!r} is not NAME=VALUE.", field=name, remedy="E.g. stop_loss=0.006"
            ) from error
    return values
