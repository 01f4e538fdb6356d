"""From a committed version to the proof that the strategy reads it. Every step can be repeated after a crash.

Postgres is the truth and Redis a copy: publishing again changes nothing, and a wiped Redis is written anew.
"""

from datetime import datetime

import structlog

from core.errors import Unavailable
from core.learning import ProposalStatus
from core.parameters import ParameterSet
from storage.queries.rollout import Transit, transits
from storage.repositories.probations import Probation
from storage.stores import Stores, Transaction

log = structlog.get_logger(__name__)


def publish(stores: Stores, parameters: ParameterSet) -> bool:
    """Publish a committed version; False when Redis is away (watch does it later)."""
    try:
        stores.hot.publish(parameters)
    except Unavailable as error:
        log.warning(
            "A version could not be published; it will be tried again.",
            action="rollout.publish_failed",
            instance=parameters.instance_id,
            version=parameters.version,
            error=str(error),
        )
        return False
    return True


def republish(stores: Stores) -> None:
    """Publish every version in force that Redis lacks, such as after it was wiped."""
    with stores.begin() as tx:
        current = tx.parameters.all_current()
    for parameters in current:
        if not publish(stores, parameters):
            return


def watch(stores: Stores, at: datetime) -> list[str]:
    """Publish what is missing and move what the strategies have proven; returns the ids of the proposals moved.

    approved -> applied needs the read-back of exactly its values; applied -> probation follows at once.
    """
    republish(stores)
    with stores.begin() as tx:
        proven = [transit for transit in transits(tx.connection) if transit.proven_at is not None]
        for transit in proven:
            _begin_probation(tx, transit, at)
    return [transit.proposal_id for transit in proven]


def _begin_probation(tx: Transaction, transit: Transit, at: datetime) -> None:
    if transit.status is ProposalStatus.APPROVED:
        tx.proposals.move(transit.proposal_id, ProposalStatus.APPLIED, at)
    probation = Probation(
        proposal_id=transit.proposal_id,
        instance_id=transit.instance_id,
        old_version=transit.base_version,
        new_version=transit.version,
        started_at=transit.proven_at or at,
    )
    tx.probations.open(probation)
    tx.proposals.move(transit.proposal_id, ProposalStatus.PROBATION, at)
    log.info(
        "A change is in force and on probation.",
        action="rollout.applied",
        proposal=transit.proposal_id,
        instance=transit.instance_id,
        version=transit.version,
    )
