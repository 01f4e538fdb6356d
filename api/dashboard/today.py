"""What Today shows, gathered in one transaction; the template computes nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from api.context import ApiContext
from core.clock import day_bounds, local_day
from core.learning import ProposalStatus
from execution.safety import KillState
from storage.queries import api_counts, api_loop, api_state
from storage.queries.api_counts import ModelUse, TradeSum
from storage.queries.api_pages import Row
from storage.stores import Transaction

WAITING = (ProposalStatus.AWAITING_REVIEW, ProposalStatus.UNDECIDED)
MOST_PROPOSALS = 10
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """One line of a diff; `percent` is None where the value was zero."""

    parameter: str
    before: float
    after: float
    percent: float | None


@dataclass(frozen=True, slots=True)
class WaitingProposal:
    """A proposal that waits for a person. Only one that the gate passed can be approved here."""

    id: str
    instance_id: str
    author: str
    reason: str
    digest: str
    can_approve: bool
    changes: Sequence[ChangeLine]
    verdict: str
    checks: Sequence[Mapping[str, Any]]
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Today:
    """Everything on the page; money in quote currency, times UTC."""

    now: datetime
    kill_switch: KillState | None
    instances: Sequence[Row]
    today: TradeSum
    week: TradeSum
    models: ModelUse
    waiting: Sequence[WaitingProposal]
    incidents: Sequence[Row]
    review: Row | None
    jobs_failed: Mapping[str, int]


def gather(context: ApiContext) -> Today:
    """Read the page's content."""
    now = context.now()
    since, until = day_bounds(local_day(now, context.config.timezone), context.config.timezone)
    with context.stores.begin() as tx:
        connection = tx.connection
        return Today(
            now=now,
            kill_switch=context.kill_switch.state(),
            instances=api_state.instances(connection),
            today=api_counts.trade_sum(connection, since, until),
            week=api_counts.trade_sum(connection, now - WEEK, now),
            models=api_counts.model_use(connection, since, until),
            waiting=[_waiting(row, context.config.language) for row in _waiting_rows(tx)],
            incidents=api_loop.open_incidents(connection),
            review=next(iter(api_loop.reviews_page(connection, "daily", None, None, 1).rows), None),
            jobs_failed={job: runs["failed"] for job, runs in tx.jobs.counts().items() if runs["failed"]},
        )


def _waiting_rows(tx: Transaction) -> Sequence[Row]:
    pages = (api_loop.proposals_page(tx.connection, {"status": status}, None, MOST_PROPOSALS) for status in WAITING)
    return [row for page in pages for row in page.rows]


def _waiting(row: Row, language: str) -> WaitingProposal:
    verdict = row["verdict"] or {}
    suffix = "_ko" if language == "ko" else ""
    return WaitingProposal(
        id=row["id"],
        instance_id=row["instance_id"],
        author=row["author"],
        reason=row["reason"],
        digest=row["digest"],
        can_approve=row["status"] == ProposalStatus.AWAITING_REVIEW,
        changes=[_line(change) for change in row["changes"]],
        verdict=_line_in(verdict, suffix),
        checks=[{"ok": check["ok"], "line": _line_in(check, suffix)} for check in verdict.get("checks", ())],
        expires_at=row["expires_at"],
    )


def _line_in(found: Mapping[str, Any], suffix: str) -> str:
    return str(found.get(f"line{suffix}") or found.get("line") or "")


def _line(change: Mapping[str, Any]) -> ChangeLine:
    before, after = float(change["from"]), float(change["to"])
    percent = (after - before) / abs(before) * 100 if before else None
    return ChangeLine(change["parameter"], before, after, percent)
