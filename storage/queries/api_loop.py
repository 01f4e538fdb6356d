"""What the API shows of the learning loop and of operations: proposals, reviews, patterns, incidents."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Select, Table, select

from core.errors import NotFound
from storage.queries.api_pages import Key, Page, Row, read_page
from storage.schema import feedback, patterns, proposals, reviews, safety_events, verdicts

PROPOSAL_KEY: tuple[type, ...] = (datetime, str)
FEEDBACK_KEY: tuple[type, ...] = (datetime, str)
NUMBERED_KEY: tuple[type, ...] = (int,)


def proposals_page(connection: Connection, equal: Mapping[str, Any], after: Key | None, limit: int) -> Page:
    """Proposals, each with its latest verdict (None while it was not judged)."""
    latest = (
        select(verdicts.c.document)
        .where(verdicts.c.proposal_id == proposals.c.id)
        .order_by(verdicts.c.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    query = _equal(select(proposals, latest.label("verdict")), proposals, equal)
    return read_page(connection, query, (proposals.c.created_at, proposals.c.id), after, limit)


def proposal(connection: Connection, proposal_id: str) -> Row:
    """One proposal as `proposals_page` shows it; NotFound otherwise."""
    page = proposals_page(connection, {"id": proposal_id}, None, 1)
    if not page.rows:
        raise NotFound(f"There is no proposal {proposal_id}.", field="proposal_id")
    return page.rows[0]


def feedback_page(connection: Connection, after: Key | None, limit: int) -> Page:
    return read_page(connection, select(feedback), (feedback.c.at, feedback.c.id), after, limit)


def reviews_page(connection: Connection, kind: str | None, day: date | None, after: Key | None, limit: int) -> Page:
    query = _equal(select(reviews), reviews, {"kind": kind, "day": day})
    return read_page(connection, query, (reviews.c.id,), after, limit)


def patterns_page(connection: Connection, holds: bool | None, after: Key | None, limit: int) -> Page:
    query = _equal(select(patterns), patterns, {"holds": holds})
    return read_page(connection, query, (patterns.c.id,), after, limit)


def safety_page(connection: Connection, is_open: bool | None, after: Key | None, limit: int) -> Page:
    """Incidents; `is_open` keeps those that last (True) or are over (False)."""
    query = select(safety_events)
    if is_open is not None:
        ended = safety_events.c.ended_at
        query = query.where(ended.is_(None) if is_open else ended.is_not(None))
    return read_page(connection, query, (safety_events.c.id,), after, limit)


def open_incidents(connection: Connection) -> Sequence[Row]:
    return safety_page(connection, True, None, 100).rows


def _equal(query: Select[Any], table: Table, values: Mapping[str, Any]) -> Select[Any]:
    return query.where(*(table.c[name] == value for name, value in values.items() if value is not None))
