"""`tradeloop keys create|list|revoke`."""

from datetime import timedelta
from pathlib import Path

import click

from service.commands.options import home_option, json_option, print_json
from service.session import open_home

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
    """Show every key without its secret."""
    with open_home(home) as session, session.stores.begin() as tx:
        keys = tx.keys.list()
    rows = [
        {
            "id": key.id,
            "name": key.name,
            "prefix": key.prefix,
            "scopes": list(key.scopes),
            "created_at": key.created_at,
            "expires_at": key.expires_at,
            "revoked_at": key.revoked_at,
            "last_used_at": key.last_used_at,
        }
        for key in keys
    ]
    if as_json:
        print_json(rows)
        return
    for row in rows:
        click.echo(f"{row['id']}  {row['prefix']}…  {','.join(row['scopes'])}  {row['name']}")


@command.command()
@click.argument("key_id")
@home_option
def revoke(key_id: str, home: Path | None) -> None:
    """Make a key useless from now on."""
    with open_home(home) as session, session.stores.begin() as tx:
        tx.keys.revoke(key_id, session.clock.now())
        tx.audit.append("cli", "keys.revoke", key_id, {}, session.clock.now())
    click.echo(f"revoked {key_id}")
