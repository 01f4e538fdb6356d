"""`tradeloop keys create|list|rotate|revoke`."""

from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path

import click

from service.commands.options import home_option, json_option, print_json
from service.session import open_home
from storage.repositories.keys import ApiKey

SCOPES = ("read", "approve", "control")


@click.group()
def command() -> None:
    """API keys: shown once when made, stored as a hash."""


@command.command()
@click.option("--scope", type=click.Choice(SCOPES), required=True, help="control includes approve includes read.")
@click.option("--name", default="cli", help="What the key is for.")
@click.option("--days", type=click.IntRange(1), default=None, help="Days until it expires (default: never).")
@home_option
@json_option
def create(scope: str, name: str, days: int | None, home: Path | None, as_json: bool) -> None:
    """Make a key and print it, this once."""
    scopes = SCOPES[: SCOPES.index(scope) + 1]
    with open_home(home) as session, session.stores.begin() as tx:
        now = session.clock.now()
        key, secret = tx.keys.create(name, scopes, now, now + timedelta(days=days) if days else None)
        tx.audit.append("cli", "keys.create", key.id, {"name": name, "scopes": list(scopes)}, now)
    if as_json:
        print_json({"id": key.id, "key": secret, "scopes": list(scopes)})
    else:
        click.echo(secret)


@command.command("list")
@home_option
@json_option
def list_keys(home: Path | None, as_json: bool) -> None:
    """Show every key without its secret: what it may do, whether it is in force, when it was last used and ends."""
    with open_home(home) as session, session.stores.begin() as tx:
        keys, now = tx.keys.list(), session.clock.now()
    if as_json:
        print_json([{**asdict(key), "status": _status(key, now)} for key in keys])
        return
    for key in keys:
        used = f"used {key.last_used_at:%F %H:%M}" if key.last_used_at else "never used"
        ends = f"ends {key.expires_at:%F %H:%M}" if key.expires_at else "no end"
        click.echo(f"{key.id}  {key.prefix}…  {_status(key, now):<8}{key.scopes[-1]:<9}{used}  {ends}  {key.name}")


def _status(key: ApiKey, now: datetime) -> str:
    if key.revoked_at is not None:
        return "revoked"
    return "in force" if key.valid(now) else "expired"


@command.command()
@click.argument("key_id")
@click.option(
    "--overlap-hours", type=click.FloatRange(0, 24 * 90), default=24.0, show_default=True, help="How long both work."
)
@home_option
@json_option
def rotate(key_id: str, overlap_hours: float, home: Path | None, as_json: bool) -> None:
    """Make a key like KEY_ID and print it, this once; the old one ends after the overlap."""
    with open_home(home) as session, session.stores.begin() as tx:
        now = session.clock.now()
        key, secret = tx.keys.rotate(key_id, timedelta(hours=overlap_hours), now)
        detail = {"new": key.id, "overlap_hours": overlap_hours}
        tx.audit.append("cli", "keys.rotate", key_id, detail, now)
    if as_json:
        print_json({"id": key.id, "key": secret, "scopes": list(key.scopes), "replaces": key_id})
    else:
        click.echo(secret)


@command.command()
@click.argument("key_id")
@home_option
def revoke(key_id: str, home: Path | None) -> None:
    """Make a key useless from now on."""
    with open_home(home) as session, session.stores.begin() as tx:
        tx.keys.revoke(key_id, session.clock.now())
        tx.audit.append("cli", "keys.revoke", key_id, {}, session.clock.now())
    click.echo(f"revoked {key_id}")
