"""What the next day begins with: decisions that wait, changes on probation, and what to watch."""

from collections.abc import Sequence

from core.facts import DayFacts
from core.learning import Proposal, ProposalStatus
from core.story import Incident, Tomorrow
from feedback.loop import Loop
from feedback.texts import Texts
from storage.repositories.probations import Probation
from storage.repositories.safety import SafetyEvent
from storage.stores import Transaction


def tomorrow_of(tx: Transaction, loop: Loop, facts: DayFacts) -> Tomorrow:
    """As it stands now; lines are in the loop's language."""
    texts = Texts(loop.language)
    return Tomorrow(
        waiting=_waiting(tx),
        probation=[_probation_line(texts, probation) for probation in tx.probations.running()],
        watch=[*_losers(texts, facts), *_markets(texts, facts), *_incidents(texts, tx.safety.active())],
    )


def incidents_of(tx: Transaction, loop: Loop, facts: DayFacts) -> list[Incident]:
    """The incidents that were open at any moment of the span, oldest first."""
    events = [
        event
        for event in tx.safety.list()
        if event.started_at < facts.end and (event.ended_at is None or event.ended_at >= facts.start)
    ]
    return [_incident(loop, event) for event in reversed(events)]


def _waiting(tx: Transaction) -> Sequence[Proposal]:
    """What the gate passed first, then what it could not decide."""
    return [
        *tx.proposals.list(status=ProposalStatus.AWAITING_REVIEW),
        *tx.proposals.list(status=ProposalStatus.UNDECIDED),
    ]


def _probation_line(texts: Texts, probation: Probation) -> str:
    words = {
        "proposal": probation.proposal_id,
        "instance": probation.instance_id,
        "new": probation.new_version,
        "old": probation.old_version,
    }
    if probation.prob_worse is None:
        return texts.say("tomorrow.probation", **words)
    return texts.say("tomorrow.probation.measured", days=len(probation.days), prob=probation.prob_worse, **words)


def _losers(texts: Texts, facts: DayFacts) -> list[str]:
    by_instance = facts.groups.get("instance", {})
    return [texts.say("tomorrow.watch_loss", instance=name) for name, total in by_instance.items() if total.net_pnl < 0]


def _markets(texts: Texts, facts: DayFacts) -> list[str]:
    last = {phase.symbol: phase.regime for phase in facts.phases}
    return [
        texts.say("tomorrow.market", symbol=symbol, regime=texts.name("regime", regime))
        for symbol, regime in last.items()
    ]


def _incidents(texts: Texts, events: Sequence[SafetyEvent]) -> list[str]:
    return [texts.say("tomorrow.incident", text=event.text) for event in events]


def _incident(loop: Loop, event: SafetyEvent) -> Incident:
    started, ended = (m.astimezone(loop.zone).isoformat() if m else None for m in (event.started_at, event.ended_at))
    return Incident(event.incident, event.severity, event.text, str(started), ended)
