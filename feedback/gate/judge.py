"""Judge a proposal of the loop: evidence from our own engine, admission from the instance's past, then the gate."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

import numpy as np

from core.clock import to_ms
from core.errors import InvalidInput
from core.learning import Proposal, SeenWindow, Verdict
from execution.account import Account
from execution.marketdata import MarketData
from feedback.gate.admission import Admission, AdmissionHistory
from feedback.gate.evidence import Evidence, gather
from feedback.gate.gate import Gate
from feedback.gate.returns import PairedReturns, Window
from feedback.gate.subject import Activity, Agreement, Fidelity, Subject
from strategies.contract import Strategy

#: An author is taken to have seen at least this much before the end of his window, whatever he states.
LEAST_SEEN = timedelta(days=30)

Referee = Callable[[Mapping[str, float]], Agreement]


def judge_proposal(
    proposal: Proposal,
    strategy: Strategy,
    incumbent: Mapping[str, float],
    markets: Sequence[MarketData],
    account: Account,
    history: AdmissionHistory | None,
    now: datetime,
    *,
    gate: Gate,
    day_offset_ms: int = 0,
    referee: Referee | None = None,
    fidelity: Fidelity | None = None,
) -> Verdict:
    """The verdict on `proposal` against the values in force, on the complete days of `markets` before `now`.

    `markets` holds the instance's own symbol first and any others of the same strategy to pool with. Without a
    `history` its rules are not asked. `referee` replays the candidate elsewhere (`second_opinion.referee_for`);
    `fidelity` compares a replay of the incumbent with its journal. Bad values are a verdict, not an error; no market
    at all raises InvalidInput.
    """
    window = window_of(proposal.seen)
    candidate = _legal_values(proposal, strategy, incumbent)
    evidence = (
        _nothing(markets)
        if candidate is None
        else gather(
            strategy,
            markets,
            incumbent,
            candidate,
            account,
            window,
            until_ms=to_ms(now),
            day_offset_ms=day_offset_ms,
        )
    )
    return gate.judge(
        Subject(
            source=proposal.author,
            n_trials=max(proposal.n_trials, (history.ledger_trials if history else None) or 1),
            window=window,
            returns=evidence.returns,
            incumbent=incumbent,
            candidate=candidate or {},
            admission=Admission(proposal, strategy.declaration, incumbent, history, now),
            activity=evidence.activity,
            fidelity=fidelity,
            referee=partial(referee, candidate) if referee and candidate else None,
            candles_only=strategy.kind == "quoting",
        )
    )


def window_of(seen: SeenWindow) -> Window:
    """The stated window, stretched back to the least that an author is taken to have seen."""
    end = to_ms(seen.end)
    return Window(min(to_ms(seen.start), to_ms(seen.end - LEAST_SEEN)), end)


def _legal_values(proposal: Proposal, strategy: Strategy, incumbent: Mapping[str, float]) -> dict[str, float] | None:
    """The candidate's values; None where they could not be run, which the bounds check will say."""
    try:
        return strategy.declaration.complete(proposal.values_on(incumbent))
    except InvalidInput:
        return None


def _nothing(markets: Sequence[MarketData]) -> Evidence:
    symbols = tuple(market.instrument.key for market in markets)
    empty = np.zeros((len(symbols), 0))
    days = np.zeros(0, dtype=np.int64)
    return Evidence(PairedReturns(symbols, days, empty, empty, empty.astype(bool)), Activity(0, 0))
