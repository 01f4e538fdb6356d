"""Every night after the twins: what is believed of each running probation, and what follows from it."""

from datetime import datetime

import structlog

from core.errors import Conflict
from core.learning import ProposalStatus
from core.ports import Message
from feedback.delivery import claim, deliver, send
from feedback.loop import Loop
from feedback.policy import is_auto
from feedback.probation.measure import Measured, Outcome, expected, measure
from feedback.texts import Texts
from storage.queries.admission import POLICY_ACTOR
from storage.repositories.probations import Probation
from storage.stores import Transaction

log = structlog.get_logger(__name__)

_ENDS = {"kept": ProposalStatus.KEPT, "inconclusive": ProposalStatus.INCONCLUSIVE}


def settle_probations(loop: Loop) -> list[str]:
    """Look at every running probation; returns one line for each that ended or asks a person. Doing it again on the
    same days changes nothing."""
    with loop.stores.begin() as tx:
        _close_answered(tx, loop.clock.now())
        running = tx.probations.running()
    return [line for probation in running if (line := _look(loop, probation.proposal_id))]


def incident_of(proposal_id: str) -> str:
    """The incident that asks a person to roll a change back."""
    return f"probation:{proposal_id}"


def _look(loop: Loop, proposal_id: str) -> str | None:
    at = loop.clock.now()
    with loop.stores.begin() as tx:
        probation = _in_force(tx, proposal_id, at)
        found = _measured(tx, probation, at) if probation else None
        if probation is None or found is None or found.outcome is None:
            return None
        act = _act(tx, probation, found.outcome)
        line = _say(loop, act, probation, found)
        if act == "ask" and not tx.safety.open(
            incident_of(proposal_id), "warning", line, {}, probation.instance_id, at
        ):
            return None
        if act in _ENDS:
            _end(tx, probation, _ENDS[act], line, at)
        message = Message(f"probation:{proposal_id}:{act}", Texts(loop.language).say("probation.title"), line)
        claimed = claim(tx, loop, message) if act != "rollback" else None
    if act == "rollback":
        if not _rolled_back(loop, probation, line):
            return None
        deliver(loop, message)
    elif claimed:
        send(loop, claimed)
    return line


def _in_force(tx: Transaction, proposal_id: str, at: datetime) -> Probation | None:
    """The probation while it runs; one whose version was replaced otherwise ends here."""
    probation = tx.probations.get(proposal_id)
    if probation is None or probation.ended_at is not None:
        return None
    if tx.parameters.current(probation.instance_id).version != probation.new_version:
        _end(tx, probation, ProposalStatus.SUPERSEDED, "", at)
        return None
    return probation


def _act(tx: Transaction, probation: Probation, outcome: Outcome) -> str:
    """What follows: only a policy that may apply by itself may roll back by itself."""
    if outcome != "rollback":
        return outcome
    return "rollback" if is_auto(tx.instances.get(probation.instance_id)) else "ask"


def _measured(tx: Transaction, probation: Probation, at: datetime) -> Measured | None:
    """What is believed, noted beside the days that it comes from."""
    name = probation.proposal_id
    prior = probation.prior or expected(tx.proposals.verdict(name), tx.proposals.paired(name))
    found = measure(prior, probation.days, probation.started_at, at)
    if found is not None:
        tx.probations.note(name, prior, found.prob_worse)
    return found


def _rolled_back(loop: Loop, probation: Probation, note: str) -> bool:
    """Go back the way every version goes; False when somebody moved the instance meanwhile."""
    try:
        loop.approvals.rollback(probation.instance_id, probation.old_version, POLICY_ACTOR, note)
    except Conflict as error:
        log.info("A rollback came too late.", action="probation.late", proposal=probation.proposal_id, why=str(error))
        return False
    return True


def _end(tx: Transaction, probation: Probation, status: ProposalStatus, note: str, at: datetime) -> None:
    tx.proposals.move(probation.proposal_id, status, at, note)
    tx.probations.close(probation.proposal_id, status, at)
    tx.safety.close(incident_of(probation.proposal_id), at)
    tx.audit.append(POLICY_ACTOR, f"probation.{status}", probation.proposal_id, {"note": note}, at)


def _close_answered(tx: Transaction, at: datetime) -> None:
    """A question is answered once its probation has ended, whoever ended it."""
    running = {incident_of(probation.proposal_id) for probation in tx.probations.running()}
    for event in tx.safety.active():
        if event.incident.startswith(incident_of("")) and event.incident not in running:
            tx.safety.close(event.incident, at)


def _say(loop: Loop, key: str, probation: Probation, found: Measured) -> str:
    return Texts(loop.language).say(
        f"probation.{key}",
        proposal=probation.proposal_id,
        instance=probation.instance_id,
        old=probation.old_version,
        days=found.days,
        gain=found.gain,
        prob=found.prob_worse,
    )
