"""The whole loop in compressed time, in this very process, over the stores of a test."""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from collectors.series import CandleSeries
from collectors.simulated import STARTING_VALUES
from core.clock import SimulatedClock
from core.ports import Progress, silent
from feedback.gate.gate import Gate
from service.living import live_through
from service.replay import Approve, Span
from service.replay_summary import summary
from service.session import Session, connected
from service.settings import load_settings
from storage.embedded.home import Home
from storage.embedded.runtime import StoreUrls
from storage.wipe import wipe

PASSING = Gate(())
"""A gate that passes everything: no setting reaches it."""


@dataclass(frozen=True)
class Lived:
    """What is left after a replay: its summary, and a session to ask for more."""

    session: Session
    clock: SimulatedClock
    document: Mapping[str, Any]

    @property
    def digest(self) -> str:
        return str(self.document["journal_digest"])

    def rows(self, statement: str, **bound: Any) -> list[sa.Row[Any]]:
        """What Postgres answers to a question that the repositories do not ask."""
        with self.session.stores.begin() as tx:
            return list(tx.connection.execute(sa.text(statement), bound))

    def value(self, statement: str, **bound: Any) -> Any:
        """The one value of an answer."""
        ((value,),) = self.rows(statement, **bound)
        return value


class Stage:
    """Replays one after the other on the same stores, each in an empty home; close it when done."""

    def __init__(self, urls: StoreUrls, folder: Path) -> None:
        self._urls = urls
        self._folder = folder
        self._open = ExitStack()

    def live(
        self,
        series: Sequence[CandleSeries],
        start: datetime,
        *,
        values: Mapping[str, Any] = STARTING_VALUES,
        approve: Approve = "none",
        gate: Gate | None = None,
        environment: Mapping[str, str] | None = None,
        progress: Progress = silent,
        resume: bool = False,
    ) -> Lived:
        """Live through `series` from `start` on; what an earlier replay left is gone unless it is resumed."""
        self.close()
        span = Span.of(series, start)
        clock = SimulatedClock(span.start)
        session = self._open.enter_context(self.session(clock, environment or {}, resume=resume))
        live_through(session, clock, series, span, values=values, approve=approve, progress=progress, gate=gate)
        return Lived(session, clock, summary(session, series, span, feed="simulated"))

    def close(self) -> None:
        self._open.close()

    @contextmanager
    def session(
        self, clock: SimulatedClock, environment: Mapping[str, str], *, resume: bool = False
    ) -> Iterator[Session]:
        """A session in an empty home, or in the one of the last replay."""
        home = Home(self._folder / "home")
        if not resume:
            shutil.rmtree(home.path, ignore_errors=True)
        for folder in (home.bars, home.reports):
            folder.mkdir(parents=True, exist_ok=True)
        settings = load_settings(home.path, {"TRADELOOP_LANG": "en", **environment})
        with connected(settings, home, self._urls, clock) as session:
            if not resume:
                _empty(session)
            yield session


def _empty(session: Session) -> None:
    with session.stores.begin(durable=False) as tx:
        session.stores.hot.withdraw([instance.id for instance in tx.instances.list()])
        wipe(tx.connection)
