"""The one JSON document of a replay."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from collectors.series import CandleSeries
from core.clock import to_ms
from core.market import DataQuality
from service.replay import Span
from service.session import Session
from storage.queries.replay import counts, journal_digest, proposals_by_status


def summary(session: Session, series: Sequence[CandleSeries], span: Span, *, feed: str) -> dict[str, Any]:
    """What happened between the start and the end of the span, without the time it took."""
    start_ms, end_ms = to_ms(span.start), to_ms(span.end)
    quality = sum((one.quality_between(start_ms, end_ms) for one in series), DataQuality())
    defects = {name: value for name, value in asdict(quality).items() if name != "bars"}
    with session.stores.begin() as tx:
        totals = dict(counts(tx.connection))
        jobs = {job: dict(runs) for job, runs in sorted(tx.jobs.counts().items())}
        proposals = dict(proposals_by_status(tx.connection))
        digest = journal_digest(tx.connection)
    llm = {"calls": totals.pop("calls"), "cost_usd": totals.pop("cost_usd")}
    funding = totals.pop("funding")
    return {
        "feed": feed,
        "from": span.start.isoformat(),
        "to": span.end.isoformat(),
        "bars": quality.bars,
        "symbols": [one.instrument.symbol for one in series],
        **totals,
        "jobs": jobs,
        "proposals": proposals,
        "llm": llm,
        "data_quality": defects,
        "funding": funding,
        "funding_notes": {one.instrument.key: one.funding_note for one in series},
        "journal_digest": digest,
    }
