"""`tradeloop doctor`."""

from pathlib import Path

import click

from core.errors import TradeloopError
from service.commands.options import home_option, json_option, print_json
from service.doctor import Check, examine, processes
from service.running import running_stores
from service.session import prepare
from service.settings import Settings
from storage.embedded.home import Home


@click.command()
@home_option
@json_option
@click.pass_context
def command(context: click.Context, home: Path | None, as_json: bool) -> None:
    """Check a home and show its processes; exit code 1 when a check fails."""
    settings, place = prepare(home, level="WARNING")
    checks = examine(
        place,
        database_url=settings.database_url,
        redis_url=settings.redis_url,
        extra=[lambda: _audit(settings, place)],
    )
    running = processes(place)
    if as_json:
        rows = [{"role": p.role, "pid": p.pid, "url": p.url, "started_at": p.started_at} for p in running]
        print_json({"checks": [check.as_json() for check in checks], "processes": rows})
    else:
        for check in checks:
            click.echo(f"  {_mark(check.ok)}  {check.name:<12} {check.line}")
        for record in running:
            click.echo(f"  pid {record.pid:<8} {record.role:<10} {record.url or ''}")
    if any(check.ok is False for check in checks):
        context.exit(1)


def _audit(settings: Settings, home: Home) -> Check:
    """The hash chain of the audit log, where the stores answer."""
    with running_stores(settings, home) as stores:
        if stores is None:
            return Check("audit", None, "the servers do not run, so the audit log was not read")
        try:
            with stores.begin() as tx:
                verified, first_bad = tx.audit.verify()
        except TradeloopError as error:
            return Check("audit", False, str(error))
    return Check("audit", verified, "the chain is whole" if verified else f"the chain breaks at row {first_bad}")


def _mark(ok: bool | None) -> str:
    return {True: "ok  ", False: "FAIL", None: "-   "}[ok]
