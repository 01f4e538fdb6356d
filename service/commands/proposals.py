"""`tradeloop proposals list|show|approve|decline|rollback`."""

import getpass
from pathlib import Path
from typing import Any

import click

from core.errors import InvalidInput
from core.learning import Proposal, ProposalStatus
from feedback.approval import Approvals
from service.approving import build_approvals
from service.commands.options import home_option, json_option, print_json
from service.instances import load_plugins
from service.session import Session, open_home


@click.group()
def command() -> None:
    """What the loop proposes: read the diff and its evidence, decide, take back."""


@command.command("list")
@click.option("--status", type=click.Choice([str(s) for s in ProposalStatus]), default=None, help="Only these.")
@click.option("--instance", default=None, help="Only of this strategy instance.")
@home_option
@json_option
def list_proposals(status: str | None, instance: str | None, home: Path | None, as_json: bool) -> None:
    """List proposals, newest first."""
    with open_home(home) as session, session.stores.begin() as tx:
        wanted = ProposalStatus(status) if status else None
        found = tx.proposals.list(status=wanted, instance_id=instance)
    if as_json:
        print_json([_document(proposal) for proposal in found])
        return
    for proposal in found:
        click.echo(f"{proposal.id:<44} {proposal.status:<16} {_diff(proposal)}")
    if not found:
        click.echo("none")


@command.command()
@click.argument("proposal_id")
@home_option
@json_option
def show(proposal_id: str, home: Path | None, as_json: bool) -> None:
    """Show one proposal: its diff, who made it, and every check of the gate."""
    with open_home(home) as session, session.stores.begin() as tx:
        proposal = tx.proposals.get(proposal_id)
        verdict = tx.proposals.verdict(proposal_id)
    if as_json:
        print_json({**_document(proposal), "verdict": verdict})
        return
    click.echo(f"{proposal.id}  {proposal.status}")
    click.echo(f"  {proposal.instance_id}, version {proposal.base_version}, by {proposal.author}")
    click.echo(f"  {proposal.reason}")
    for change in proposal.changes:
        click.echo(f"  {change.parameter}: {change.before:g} -> {change.after:g}  {change.reason}")
    if verdict:
        click.echo(f"  {verdict['decision']}: {verdict['line']}")
        for check in verdict["checks"]:
            click.echo(f"    {_mark(check['ok'])} {check['name']:<14} {check['line']}")
    click.echo(f"  digest {proposal.digest}")


@command.command()
@click.argument("proposal_id")
@click.option("--digest", required=True, help="The digest that `show` prints: what you have read is what you approve.")
@click.option("--canary", is_flag=True, help="Start a trial at a quarter of the capital instead.")
@click.option("--note", default="", help="A remark for the record.")
@click.option("--override", default=None, help="Approve against the gate, for this reason.")
@home_option
@json_option
def approve(
    proposal_id: str, digest: str, canary: bool, note: str, override: str | None, home: Path | None, as_json: bool
) -> None:
    """Approve a proposal that passed the gate."""
    if canary:
        raise InvalidInput("Canaries cannot be started yet.", field="canary", remedy="Approve or decline.")
    with open_home(home) as session:
        approvals = _approvals(session)
        if override:
            proposal = approvals.override(proposal_id, digest, getpass.getuser(), override)
        else:
            proposal = approvals.approve(proposal_id, digest, getpass.getuser(), note)
    _answer(proposal, as_json)


@command.command()
@click.argument("proposal_id")
@click.option("--digest", default=None, help="Decline only this diff (default: whatever it says now).")
@click.option("--note", default="", help="A remark for the record.")
@home_option
@json_option
def decline(proposal_id: str, digest: str | None, note: str, home: Path | None, as_json: bool) -> None:
    """Decline a proposal that waits."""
    with open_home(home) as session:
        if digest is None:
            with session.stores.begin() as tx:
                digest = tx.proposals.get(proposal_id).digest
        proposal = _approvals(session).decline(proposal_id, digest, getpass.getuser(), note)
    _answer(proposal, as_json)


@command.command()
@click.argument("proposal_id")
@click.option("--note", default="", help="A remark for the record.")
@home_option
@json_option
def rollback(proposal_id: str, note: str, home: Path | None, as_json: bool) -> None:
    """Go back to the values that were in force before a proposal."""
    with open_home(home) as session:
        with session.stores.begin() as tx:
            proposal = tx.proposals.get(proposal_id)
        following = _approvals(session).rollback(proposal.instance_id, proposal.base_version, getpass.getuser(), note)
    if as_json:
        print_json({"instance": following.instance_id, "version": following.version, "digest": following.digest})
    else:
        click.echo(
            f"{following.instance_id} goes back: version {following.version} has the values of {proposal.base_version}"
        )


def _approvals(session: Session) -> Approvals:
    load_plugins(session.settings.config)
    return build_approvals(session)


def _answer(proposal: Proposal, as_json: bool) -> None:
    print_json(_document(proposal)) if as_json else click.echo(f"{proposal.id} is {proposal.status}")


def _document(proposal: Proposal) -> dict[str, Any]:
    return {
        "id": proposal.id,
        "instance_id": proposal.instance_id,
        "status": proposal.status,
        "author": proposal.author,
        "base_version": proposal.base_version,
        "digest": proposal.digest,
        "changes": [change.as_document() for change in proposal.changes],
        "reason": proposal.reason,
        "confidence": proposal.confidence,
        "n_trials": proposal.n_trials,
        "seen": {"start": proposal.seen.start, "end": proposal.seen.end},
        "created_at": proposal.created_at,
        "expires_at": proposal.expires_at,
        "note": proposal.note,
    }


def _diff(proposal: Proposal) -> str:
    return ", ".join(f"{change.parameter} {change.before:g}->{change.after:g}" for change in proposal.changes)


def _mark(ok: bool | None) -> str:
    return {True: "+", False: "x", None: "-"}[ok]
