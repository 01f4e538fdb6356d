"""Living through a span of series in one go: seed the instances, wire the parts, replay, close the books."""

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from typing import Any

from collectors.series import CandleSeries
from core.clock import SimulatedClock
from core.ports import Progress
from feedback.gate.gate import Gate
from service.approving import build_approvals
from service.instances import seed, wanted_instances
from service.pulse import pulse_of
from service.replay import Approve, Replay, Span
from service.session import Session
from service.wiring import build_loop, build_trader
from storage.journal_writer import JournalWriter

#: Rows that may wait for Postgres before a replay waits for them.
QUEUE_ROWS = 20_000


def live_through(
    session: Session,
    clock: SimulatedClock,
    series: Sequence[CandleSeries],
    span: Span,
    *,
    values: Mapping[str, Any],
    approve: Approve,
    progress: Progress,
    gate: Gate | None = None,
) -> None:
    """Run the whole loop over `series` by `clock`; `values` are the starting parameters (see service.candles).

    `gate` is another than the standard one in tests only.
    """
    markets = [one.instrument for one in series]
    seed(session.stores, wanted_instances(session.settings.config, markets, values), span.start)
    loop = build_loop(session, clock=clock, markets={market.key: market for market in markets}, gate=gate)
    simulated = any(one.simulated for one in series)
    with closing(JournalWriter(session.stores, durable=False, limit=QUEUE_ROWS)) as writer:
        trader = build_trader(session, loop, writer, clock, simulated=simulated)
        Replay(
            replace(loop, pulse=pulse_of(trader)),
            trader,
            writer,
            clock,
            series,
            span,
            approvals=build_approvals(session, clock),
            approve=approve,
            progress=progress,
        ).run()
